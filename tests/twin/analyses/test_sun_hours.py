"""Hours of sun: against every ray with every triangle, against shadows worked out by hand, by the rules."""

import datetime
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.twin.analyses.boxes import ORIGIN, bodies_of, ground, joined, layer_of, study_of
from tests.twin.analyses.test_rays import brute
from twin.analyses.exposure import exposure, sunlit
from twin.analyses.findings import Findings, Sheet
from twin.analyses.rays import Caster
from twin.analyses.sampling import facade_samples, faces_of, outward
from twin.analyses.sun_hours import SunHours
from twin.analyses.sun_position import directions, sun_angles
from twin.analyses.sun_rules import (
    Rule,
    bundled,
    counted,
    days_of,
    presets,
    read_rules,
    rule_of,
)
from twin.analyses.sun_time import zone_of
from twin.errors import NoPlace, NotReadable, SunRule, TwinError
from twin.jobs import SILENT

BOX = (0.0, 0.0, 0.0, 10.0, 10.0, 6.0)
DELFT = (4.3571, 52.0116)


def _run(asked: SunHours, **study: object) -> Findings:
    return asked.run(study_of(**study), SILENT)  # type: ignore[arg-type]


def _sheet(found: Findings, name: str) -> Sheet:
    return next(sheet for sheet in found.sheets if sheet.name == name)


def _points(*spots: tuple[float, float, float], **asked: object) -> SunHours:
    moved = tuple(tuple((np.array(spot) + ORIGIN).tolist()) for spot in spots)
    return SunHours(where="points", points=moved, **asked)  # type: ignore[arg-type]


# -- exactness --------------------------------------------------------------------------------


def test_every_ray_of_a_small_city_against_every_triangle() -> None:
    rng = np.random.default_rng(3)
    boxes = []
    for n in range(9):
        x, y = 40.0 * (n % 3), 40.0 * (n // 3)
        wide, deep, high = rng.uniform(8, 25, 3)
        boxes.append((x, y, 0.0, x + wide, y + deep, 2 * high))
    study = study_of(boxes)
    unit = study.bodies.row
    faces = faces_of(study, unit >= 0, unit, outward(study.bodies, unit))
    samples = facade_samples(faces, 6.0, 1.0, 6.0)
    day = counted(bundled()["solstice_2h"], 2026, 20.0, DELFT, "UTC+1")[0]
    seen = sun_angles(day.instants, *DELFT)
    up = seen.apparent > 0
    ways = directions(seen.azimuth[up], seen.apparent[up])
    lit = sunlit(Caster(study.bodies), samples.points, samples.normals, ways, SILENT)
    towards = samples.normals @ ways.T > 1e-6
    row, step = np.nonzero(towards)
    wanted = np.zeros_like(lit)
    far = brute(study.bodies.corners(), samples.points[row], ways[step])
    wanted[row, step] = ~np.isfinite(far)
    assert len(samples) > 200
    assert 0.2 < lit.mean() < 0.6
    assert (lit != wanted).sum() == 0


def test_a_tower_in_the_south_takes_the_hours_that_its_edges_say() -> None:
    # a wall 40 m wide and 30 m high, 20 m south of a point: it shades while the sun stands within 45 degrees
    # of south and lower than atan(30 / (20 / cos(azimuth - 180)))
    asked = _points(
        (20.0, 20.0, 0.0), day="2026-03-20", step=1.0, start="06:00", end="18:00", zone="UTC+1"
    )
    found = _run(asked, boxes=[(0.0, -1.0, 0.0, 40.0, 0.0, 30.0)])
    steps = counted(asked.ruled(), 2026, 1.0, DELFT, "UTC+1")[0]
    seen = sun_angles(steps.instants, *DELFT)
    off = np.radians(seen.azimuth - 180.0)
    behind = (np.abs(np.tan(off)) < 1.0) & (np.cos(off) > 0)
    top = np.degrees(np.arctan(30.0 * np.cos(off) / 20.0))
    shaded = behind & (seen.apparent < top)
    total = float((~shaded & (seen.apparent > 0)).sum()) / 60.0
    assert 2.0 < total < 11.0
    assert _sheet(found, "sun_points").rows[0][3] == pytest.approx(total, abs=1 / 60)


@pytest.mark.parametrize("date", ["2026-03-20", "2026-06-21", "2026-09-23", "2026-12-21"])
def test_a_rods_shadow_lies_where_hand_and_ray_say(date: str) -> None:
    # a mast of 10 m, 0.4 m thick: a spot at its computed shadow's middle lies in shade, one beside it in sun
    at = np.array([np.datetime64(f"{date}T11:00", "ms")])
    seen = sun_angles(at, *DELFT)
    azimuth, altitude = float(seen.azimuth[0]), float(seen.apparent[0])
    length = 10.0 / np.tan(np.radians(altitude))
    way = np.radians(azimuth + 180.0)
    middle = np.array([np.sin(way), np.cos(way)]) * length * 0.8
    study = study_of([(-0.2, -0.2, 0.0, 0.2, 0.2, 10.0)])
    beyond = middle / 0.8 * 1.05
    beside = middle + np.array([np.cos(way), -np.sin(way)]) * 1.5
    spots = np.array([[*spot, 0.0] for spot in (middle, beyond, beside)]) + ORIGIN
    towards = directions(seen.azimuth, seen.apparent)
    lit = sunlit(Caster(study.bodies), spots, np.zeros((3, 3)), towards, SILENT)
    assert lit[:, 0].tolist() == [False, True, True]


def test_a_lone_roof_has_all_the_counted_hours() -> None:
    found = _run(SunHours(where="roofs", day="2026-06-21", zone="UTC+1"), boxes=[BOX])
    assert found.figures["sun_hours_least"] == pytest.approx(8.0)
    assert found.figures["sun_below"] == 0.0
    assert found.figures["sun_samples"] == 9.0


def test_facades_look_where_they_look() -> None:
    found = _run(SunHours(zone="UTC+1"), boxes=[BOX])
    looks = {row[1]: row[2] for row in _sheet(found, "sun_facades").rows}
    assert sorted(looks) == [0.0, 90.0, 180.0, 270.0]
    assert looks[0.0] == 0.0  # no winter sun from the north
    assert looks[180.0] > 6.0
    assert looks[90.0] + looks[270.0] == pytest.approx(looks[180.0], abs=0.5)


def test_true_north_turns_the_facades() -> None:
    found = _run(SunHours(zone="UTC+1"), boxes=[BOX], north=-90.0)
    looks = {row[1]: row[2] for row in _sheet(found, "sun_facades").rows}
    assert sorted(looks) == [0.0, 90.0, 180.0, 270.0]
    assert looks[180.0] > 6.0


def test_walls_of_neighbours_and_bodies_turned_inside_out() -> None:
    row = [(10.0 * n, 0.0, 0.0, 10.0 * n + 10, 10.0, 6.0) for n in range(3)]
    plain, turned = (
        _run(SunHours(zone="UTC+1"), boxes=row),
        _run(SunHours(zone="UTC+1"), boxes=row, inside_out=True),
    )
    assert plain.figures == turned.figures
    assert len(_sheet(plain, "sun_facades").rows) == 8  # no samples between neighbours


def test_equal_studies_give_equal_findings() -> None:
    boxes = [BOX, (30.0, -20.0, 0.0, 40.0, -10.0, 40.0)]
    first, second = _run(SunHours(), boxes=boxes), _run(SunHours(), boxes=boxes)
    assert first.figures == second.figures
    assert _sheet(first, "sun_objects").rows == _sheet(second, "sun_objects").rows


def test_a_new_tower_takes_sun_from_its_neighbour() -> None:
    before = _run(SunHours(zone="UTC+1"), boxes=[BOX])
    after = _run(SunHours(zone="UTC+1"), boxes=[BOX, (-20.0, -30.0, 0.0, 30.0, -15.0, 60.0)])
    rows = {
        key: row
        for sheet in [_sheet(after, "sun_objects")]
        for key, row in zip(sheet.objects, sheet.rows, strict=True)
    }
    old = _sheet(before, "sun_objects").rows[0]
    assert rows["city", "city0"][2] < old[2] - 1.0
    assert after.values[0].layer == "city"
    assert set(after.used["city"].tolist()) == {0, 1}


def test_one_stretch_or_all_together() -> None:
    lit = np.array([[1, 1, 0, 1, 1, 1, 0, 1], [0, 0, 0, 0, 0, 0, 0, 0]], np.bool_)
    hours = exposure(lit, np.full(8, 0.5), [slice(0, 8)])
    assert hours.total.tolist() == [3.0, 0.0]
    assert hours.longest.tolist() == [1.5, 0.0]
    days = exposure(lit, np.full(8, 0.5), [slice(0, 4), slice(4, 8)])
    assert days.total.tolist() == [1.5, 0.0]
    assert days.longest.tolist() == [1.0, 0.0]
    assert days.mean.tolist() == [1.5, 0.0]


# -- ground -----------------------------------------------------------------------------------


def test_the_shadow_map_leaves_out_what_is_built_over() -> None:
    asked = SunHours(where="ground", spacing=5.0, day="2026-12-21", zone="UTC+1")
    found = _run(asked, boxes=[BOX], terrain=ground(-50.0, 60.0, 1.5))
    marks = found.marks[0]
    assert marks.kind == "areas"
    assert marks.values is not None
    middles = marks.places.reshape(-1, 6, 3).mean(axis=1) - ORIGIN
    assert not ((np.abs(middles[:, :2] - 5.0) < 4.9).all(axis=1)).any()
    assert middles[:, 2] == pytest.approx(1.53, abs=0.01)
    north = (np.abs(middles[:, 0] - 5) < 5) & (middles[:, 1] > 10) & (middles[:, 1] < 15)
    assert marks.values[::2][north].max() < marks.values.max()


def test_without_terrain_the_ground_is_at_the_feet_of_the_buildings() -> None:
    ring = ((0.0, 20.0), (20.0, 20.0), (20.0, 30.0), (0.0, 30.0))
    area = tuple((x + ORIGIN[0], y + ORIGIN[1]) for x, y in ring)
    found = _run(SunHours(where="ground", spacing=5.0, area=area), boxes=[(0, 0, 3.0, 10, 10, 9)])
    assert "sun_no_terrain" in found.notes
    assert found.figures["sun_samples"] == 8.0
    assert np.array(_sheet(found, "sun_points").rows)[:, 2] == pytest.approx(3.03)


# -- far away ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lat", "day", "hours"), [(90.0, "2026-06-21", 8.0), (-90.0, "2026-06-21", 0.0)]
)
def test_at_the_poles(lat: float, day: str, hours: float) -> None:
    found = _run(SunHours(where="roofs", day=day), boxes=[BOX], lonlat=(0.0, lat))
    assert found.figures["sun_hours_most"] == pytest.approx(hours)
    assert ("sun_never_counts" in found.notes) == (hours == 0.0)


def test_both_sides_of_the_date_line_get_the_same_hours() -> None:
    east, west = (
        _run(SunHours(clock="solar"), boxes=[BOX], lonlat=(lon, -17.0))
        for lon in (179.999, -179.999)
    )
    assert east.figures["sun_hours_most"] == pytest.approx(
        west.figures["sun_hours_most"], abs=0.17
    )


def test_no_system_no_place() -> None:
    with pytest.raises(NoPlace):
        _run(SunHours(), boxes=[BOX], lonlat=(float("nan"), float("nan")))
    named = _run(SunHours(place=DELFT), boxes=[BOX], lonlat=(float("nan"), float("nan")))
    assert named.figures["sun_examined"] == 1.0


def test_a_study_of_nothing_says_so() -> None:
    with pytest.raises(SunRule, match="no such surface"):
        _run(SunHours(), boxes=[])


# -- rules ------------------------------------------------------------------------------------


def test_bundled_rules_name_their_days() -> None:
    china, delft = zone_of("Asia/Shanghai", 0.0), zone_of("UTC+1", 0.0)
    assert days_of(bundled()["gb50180_dahan_2h"], 2026, 40.0, china) == [
        datetime.date(2026, 1, 20)
    ]
    assert days_of(bundled()["solstice_2h"], 2026, 52.0, delft) == [datetime.date(2026, 12, 21)]
    assert days_of(bundled()["solstice_2h"], 2026, -34.0, delft) == [datetime.date(2026, 6, 21)]
    assert days_of(bundled()["en17037_high"], 2027, 52.0, delft) == [datetime.date(2027, 3, 21)]
    for rule in bundled().values():
        assert rule.source


def test_dahan_counts_by_the_sundial() -> None:
    steps = counted(bundled()["gb50180_dahan_2h"], 2026, 10.0, (87.6, 43.8), "Asia/Shanghai")[0]
    hour = sun_angles(steps.instants, 87.6, 43.8).hour_angle
    assert hour[0] == pytest.approx(-60.0 + 1.25, abs=0.02)
    assert hour[-1] == pytest.approx(60.0 - 1.25, abs=0.02)


def test_what_is_said_beside_a_preset_wins() -> None:
    asked = SunHours(rule="gb50180_dahan_3h", required=2.5, end="15:00")
    assert asked.ruled() == replace(bundled()["gb50180_dahan_3h"], required=2.5, end="15:00")


@pytest.mark.parametrize(
    "said",
    [{"start": "16:00", "end": "08:00"}, {"start": "25:00"}, {"end": "noon"}, {"measure": "most"}, {"sill": 1e9},
     {"required": float("nan")}, {"clock": "moon"}, {"judged": 3}, {"unknown": 1}, {"required": True}],
)  # fmt: skip
def test_rules_that_cannot_be_followed(said: dict[str, object]) -> None:
    with pytest.raises(SunRule):
        rule_of(Rule(), said)


@pytest.mark.parametrize(
    "asked",
    [SunHours(step=0.0), SunHours(spacing=float("nan")), SunHours(rule="none"), SunHours(where="sea"),
     SunHours(where="points"), SunHours(day="2026-02-30"), SunHours(day="13-01"), SunHours(area=((0.0, 0.0),)),
     SunHours(where="ground", spacing=0.1, area=((0.0, 0.0), (9e5, 0.0), (9e5, 9e5)))],
)  # fmt: skip
def test_settings_that_cannot_be_reckoned(asked: SunHours) -> None:
    with pytest.raises(TwinError):
        _run(asked, boxes=[BOX])


def test_own_rules_stand_beside_the_bundled_ones(tmp_path: Path) -> None:
    (tmp_path / "sun_rules.toml").write_text(
        '[our_town]\nday = "02-15"\nrequired = 1.75\n', "utf-8"
    )
    found = presets(tmp_path)
    assert found["our_town"].required == 1.75
    assert set(bundled()) < set(found)
    with pytest.raises(NotReadable):
        read_rules("[broken", "x")
    with pytest.raises(SunRule):
        read_rules("day = 3", "x")


def test_layers_of_other_lengths_stand_side_by_side() -> None:
    study = study_of([BOX, (30.0, 0.0, 0.0, 40.0, 10.0, 6.0), (60.0, 0.0, 0.0, 70.0, 10.0, 6.0)])
    second = layer_of("more", [(90.0, 0.0, 0.0, 99.0, 9.0, 9.0)])
    bodies = joined(study.bodies, bodies_of([(90.0, 0.0, 0.0, 99.0, 9.0, 9.0)], 1))
    both = replace(study, layers=(*study.layers, second), bodies=bodies)
    assert SunHours().run(both, SILENT).figures["sun_examined"] == 4.0
    named = SunHours(only=(("more", "more0"),)).run(both, SILENT)
    assert _sheet(named, "sun_objects").objects == [("more", "more0")]
