import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.analyses.scenes import ORIGIN, at, box, flat, study
from tests.twin.analyses.test_rays import brute
from twin.analyses.cutting import cut_along
from twin.analyses.rays import Caster
from twin.analyses.sight import Line, LineOfSight, Point, over_line
from twin.analyses.sighting import EARTH, Air, met, sampled, sky_directions
from twin.analyses.sky import SkyView
from twin.errors import UsageError
from twin.jobs import SILENT


def test_a_box_in_the_way_is_told_with_how_much_too_high_it_is() -> None:
    city = study([box(40, -5, 0, 60, 5, 10), box(40, 50, 0, 60, 60, 99)], flat(-200, 200))
    found = LineOfSight(at(0, 0, 0), at(100, 0, 0), 1.6, 1.6).run(city, SILENT)
    told = {name: round(value, 3) for name, value in found.figures.items()}
    assert told == {
        "seen": 0, "length": 100, "obstacles": 1, "first_at": 40, "too_high": 8.4,
        "raise_eye": 21, "raise_target": 21,
    }  # fmt: skip
    assert [row[0] for row in found.sheets[0].rows] == ["b0"]
    assert found.sheets[0].objects == [("city", "b0")]
    assert found.used["city"].tolist() == [0]


def test_a_clear_line_tells_its_room_over_what_it_passes() -> None:
    city = study([box(40, -5, 0, 60, 5, 10)], flat(-200, 200))
    found = LineOfSight(at(0, 0, 0), at(100, 0, 40), 1.6).run(city, SILENT)
    line_at_40 = 1.6 + (40 - 1.6) * 0.4
    assert found.figures["seen"] == 1
    assert found.figures["clearance"] == pytest.approx(line_at_40 - 10, abs=1e-4)
    assert found.figures["clearance_at"] == pytest.approx(40)


def test_the_curve_of_the_earth_hides_a_low_wall() -> None:
    city = study([box(4999, -50, 0, 5001, 50, 1.0)])
    ends = at(0, 0, 0), at(10_000, 0, 0)
    assert LineOfSight(*ends, 2, 2).run(city, SILENT).figures["seen"] == 1
    bent = LineOfSight(*ends, 2, 2, curvature=True).run(city, SILENT)
    sag = 0.87 * 5000 * 5000 / (2 * EARTH)
    assert bent.figures["seen"] == 0
    assert bent.figures["too_high"] == pytest.approx(1 - (2 - sag), abs=1e-3)
    assert "curvature" in bent.notes


def test_an_eye_inside_a_building_is_said() -> None:
    city = study([box(-5, -5, 0, 5, 5, 10)])
    found = LineOfSight(at(0, 0, 0), at(100, 0, 0)).run(city, SILENT)
    assert "eye_inside" in found.notes
    assert found.figures["first_at"] == pytest.approx(5)
    assert (
        "raise_eye" in found.figures
    )  # a wall right before an end is not seen over by rising at the other one
    wall = LineOfSight(at(-100, 0, 1), at(0, 0, 1)).run(city, SILENT).figures
    assert wall["seen"] == 0
    assert {"raise_eye", "raise_target"} - set(wall)


@pytest.mark.parametrize(
    ("eye", "target"),
    [((0, 0, 0), (0, 0, 1.6)), ((np.nan, 0, 0), (9, 9, 9)), ((np.inf, 0, 0), (9, 9, 9))],
)
def test_places_that_are_none_are_refused(eye: Point, target: Point) -> None:
    with pytest.raises(UsageError):
        LineOfSight(eye, target).run(study([]), SILENT)


def test_an_upright_line_meets_a_roof() -> None:
    city = study([box(-5, -5, 3, 5, 5, 4)])
    found = LineOfSight(at(0, 0, 0), at(0, 0, 50)).run(city, SILENT)
    assert found.figures["seen"] == 0


@pytest.mark.parametrize("curved", [False, True])
def test_cuts_and_rays_tell_the_same(curved: bool) -> None:
    rng = np.random.default_rng(7)
    things = [
        box(x, y, 0, x + 300, y + 300, h)
        for x, y, h in rng.uniform([-9000, -9000, 1], [9000, 9000, 12], (120, 3))
    ]
    city = study(things)
    air = Air(curved)
    eyes = ORIGIN + rng.uniform([-9000, -9000, 3], [9000, 9000, 9], (150, 3))
    places = ORIGIN + rng.uniform([-9000, -9000, 3], [9000, 9000, 9], (150, 3))
    share, _ = met(Caster(city.bodies), (eyes, places), air)
    for n in range(150):
        length = float(np.hypot(*(places[n] - eyes[n])[:2]))
        cut = cut_along(city.bodies, np.stack([eyes[n], places[n]]))
        over = over_line(cut, Line(length, eyes[n, 2], places[n, 2], air.bend))
        first = float(over.first.min(initial=np.inf)) / length
        assert np.isinf(first) == np.isinf(share[n])
        if np.isfinite(first):
            # 2 mm of height are metres on a flat roof under a flat ray
            assert abs(first - share[n]) * length < (80 if curved else 2)


def test_rays_to_samples_are_those_of_a_brute_force() -> None:
    rng = np.random.default_rng(3)
    city = study([box(x, y, 0, x + 9, y + 7, h) for x, y, h in rng.uniform(5, 90, (25, 3))])
    samples = sampled(city.bodies, city.bodies.row >= 0, 3.0)
    eye = np.array(at(2.0, 2.0, 12.0))
    eyes = np.tile(eye, (len(samples), 1))
    share, _ = met(Caster(city.bodies), (eyes, samples.places))
    way = samples.places - eyes
    length = np.linalg.norm(way, axis=1)
    wanted = brute(city.bodies.corners(), eyes, way / length[:, None]) < length - 0.02
    assert len(samples) > 3000
    assert (np.isfinite(share) == wanted).mean() > 0.9995  # edges may go either way
    assert 0.05 < (~wanted).mean() < 0.95


@given(st.integers(0, 1000), st.floats(0.5, 20))
def test_samples_stand_for_the_whole_area(seed: int, spacing: float) -> None:
    rng = np.random.default_rng(seed)
    city = study([box(0, 0, 0, *size) for size in rng.uniform(1, 30, (3, 3))])
    samples = sampled(city.bodies, city.bodies.row >= 0, spacing)
    corners = city.bodies.corners()
    area = (
        np.linalg.norm(
            np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
        )
        / 2
    )
    for row in range(3):
        mine = city.bodies.row[samples.triangle] == row
        assert mine.any()
        assert samples.area[mine].sum() == pytest.approx(area[city.bodies.row == row].sum())


def test_samples_are_the_same_every_time_and_lie_in_their_triangles() -> None:
    city = study([box(0, 0, 0, 10, 20, 30)])
    one, two = (sampled(city.bodies, city.bodies.row >= 0, 1.0) for _ in range(2))
    assert (one.places == two.places).all()
    assert len(one) == 2 * (200 + 300 + 600)
    corners = city.bodies.corners()[one.triangle]
    low, high = corners.min(axis=1), corners.max(axis=1)
    assert ((one.places >= low - 1e-9) & (one.places <= high + 1e-9)).all()


def test_directions_of_the_sky_are_even() -> None:
    even, weighed = sky_directions(4000, False), sky_directions(4000, True)
    assert np.linalg.norm(even, axis=1) == pytest.approx(1)
    assert even[:, 2].mean() == pytest.approx(0.5, abs=1e-3)
    assert weighed[:, 2].mean() == pytest.approx(2 / 3, abs=1e-3)
    assert np.abs(even[:, :2].mean(axis=0)).max() < 2e-3


@pytest.mark.parametrize(("height", "away"), [(10.0, 10.0), (30.0, 5.0), (2.0, 20.0)])
def test_sky_before_an_endless_wall(height: float, away: float) -> None:
    far = 50_000
    wall = study([box(away, -far, 0, away + 1, far, height)])
    angle = np.arctan2(height, away)
    for cosine, wanted in ((True, (1 + np.cos(angle)) / 2), (False, 1 - angle / np.pi)):
        asked = SkyView((at(0, 0, 0),), 0.0, 20_000, cosine, 1e5)
        assert asked.run(wall, SILENT).figures["sky"] == pytest.approx(wanted, abs=2e-3)


def test_open_ground_sees_all_the_sky() -> None:
    found = SkyView((at(0, 0, 0), at(5, 5, 0))).run(study([], flat(-99, 99)), SILENT)
    assert found.figures["sky"] == 1
