import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.analyses.scenes import at, box, flat, study
from twin.analyses.corridors import ViewCorridor
from twin.analyses.findings import Findings
from twin.analyses.limits import (
    ApproachLimit,
    ConeLimit,
    HeightLimit,
    InclinedLimit,
    StepBackLimit,
)
from twin.analyses.surfaces import Cone, Front, LimitSurface, Plane, circle, excess_over
from twin.errors import UsageError
from twin.jobs import SILENT

TOWER = box(90, -10, 0, 110, 10, 50)
HOUSE = box(40, -10, 0, 50, 10, 8)


def excess(found: Findings) -> dict[str, float]:
    """What rises over, by name, and by how much."""
    return {row[0]: round(row[3], 3) for row in found.sheets[0].rows}


def test_a_level_above_the_datum() -> None:
    city = study([TOWER, HOUSE])
    found = HeightLimit(35, "datum").run(city, SILENT)
    assert excess(found) == {"b0": 15}
    assert found.figures == {
        "objects": 2, "breaking": 1, "buildings": 2, "buildings_breaking": 1, "excess": 15,
    }  # fmt: skip
    assert found.sheets[0].rows[0][4:6] == (50, 35)
    assert HeightLimit(60, "datum").run(city, SILENT).figures["room"] == pytest.approx(10)


def test_a_height_above_the_ground_follows_the_ground() -> None:
    slope = np.array([[[-200, -200, -20], [200, -200, 20], [0, 600, 0]]], np.float64)  # z = x / 10
    city = study([box(90, -10, 8, 110, 10, 40), box(-110, -10, -12, -90, 10, 25)], slope)
    found = HeightLimit(30, "ground").run(city, SILENT)
    # lowest ground 9 and -11: 31 and 36 m high
    assert excess(found) == {"b1": 6, "b0": 1}


def test_a_plane_that_rises_is_broken_at_the_nearer_edge() -> None:
    found = InclinedLimit(at(0, 0, 0), 90, 40).run(study([TOWER, HOUSE]), SILENT)
    assert excess(found) == {"b0": 14}  # 50 over 0.4 * 90; the house of 8 m stands under 16 m
    assert found.sheets[0].rows[0][6] == pytest.approx(at(90, 0, 0)[0])


def test_a_polygon_limits_where_the_plane_holds() -> None:
    area = (at(100, -50, 0), at(300, -50, 0), at(300, 50, 0), at(100, 50, 0))
    found = InclinedLimit(at(0, 0, 0), 90, 40, area).run(study([TOWER, HOUSE]), SILENT)
    assert excess(found) == {"b0": 10}  # it begins at 100: 50 over 40
    assert found.figures["objects"] == 1


def test_a_cone_round_a_mast() -> None:
    found = ConeLimit(at(0, 0, 10), 20, 50, 500).run(study([TOWER, HOUSE]), SILENT)
    assert excess(found) == {"b0": 5}  # nearest at 90 m: 10 + 0.5 * 70 = 45
    inside = ConeLimit(at(100, 0, 10), 0, 50, 500).run(study([TOWER]), SILENT)
    assert excess(inside) == {"b0": 40}  # the tip stands in the tower


def test_an_approach_rises_in_sections() -> None:
    way = ApproachLimit(at(0, 0, 4), 90, 60, 280, 15, 2, 3000, 2.5, 3600, 8400)
    high = [
        box(1000, 0, 0, 1010, 9, 30),
        box(4060, 0, 0, 4070, 9, 100),
        box(1000, 300, 0, 1010, 309, 99),
    ]
    found = way.run(study(high), SILENT)
    # 4 + 0.02 * 940 = 22.8; 64 + 0.025 * 1000 = 89; the third stands aside: half width 140 + 0.15 * 950
    assert excess(found) == {"b1": 11, "b0": 7.2}


def test_a_step_back_behind_the_eaves() -> None:
    front = (at(-50, 0, 0), at(50, 0, 0))
    city = study([box(0, 2, 0, 10, 12, 18), box(20, 8, 0, 30, 20, 18), box(0, -20, 0, 10, -2, 99)])
    found = StepBackLimit(front, 12, 45, 30).run(city, SILENT)
    assert excess(found) == {"b0": 4}  # 2 m behind the front 14 m; 8 m behind it 20 m


def test_a_protected_view_is_broken_by_what_rises_into_it() -> None:
    city = study(
        [box(90, -5, 0, 100, 5, 30), box(400, -20, 0, 410, 20, 80), box(90, 40, 0, 99, 50, 90)]
    )
    asked = ViewCorridor((at(0, 0, 0),), at(400, 0, 40), 40, 0, layer="city", object="b1")
    assert excess(asked.run(city, SILENT)) == {"b0": 21}  # 30 over 40 * 90 / 400
    wider = ViewCorridor((at(0, 0, 0),), at(400, 0, 40), 40, 0, 5, layer="city", object="b1")
    assert excess(wider.run(city, SILENT)) == {"b0": 26}


def surfaces(seed: int) -> list[LimitSurface]:
    """One of each kind, over the same region."""
    rng = np.random.default_rng(seed)
    region = shapely.Polygon(rng.uniform(-30, 30, (3, 2))).convex_hull
    tip = rng.uniform([-20, -20, 0], [20, 20, 9])
    return [
        Plane(tip, rng.uniform(-1, 1, 2), region), Cone(tip, 0.0, 0.7, region),
        Cone(tip, 8.0, 0.4, region), Front(rng.uniform(-20, 20, (2, 2)), 3.0, 0.8, region),
    ]  # fmt: skip


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_no_place_of_a_triangle_rises_higher_than_is_told(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corners = rng.uniform([-25, -25, 0], [25, 25, 20], (4, 3, 3))
    weights = rng.dirichlet((1, 1, 1), 2000)
    places = np.einsum("nk,tkc->tnc", weights, corners)
    for surface in surfaces(seed):
        told = excess_over(corners, surface)
        for n, mine in enumerate(places):
            inside = shapely.contains_xy(surface.region, mine[:, 0], mine[:, 1])
            over = (mine[:, 2] - surface.heights(mine[:, :2]))[inside]
            tried = float(over.max(initial=-np.inf))
            assert told.height[n] >= tried - 1e-2  # a circle stands for 720 corners
            if len(over) > 200:
                assert told.height[n] <= tried + 6
        at_place = np.isfinite(told.height)
        over = told.place[at_place, 2] - surface.heights(told.place[at_place, :2])
        assert over == pytest.approx(told.height[at_place], abs=1e-6)


def test_a_circle_is_one() -> None:
    ring = circle(np.array([3.0, 4.0]), 10.0)
    assert np.hypot(*(ring - [3, 4]).T) == pytest.approx(10)
    assert shapely.Polygon(ring).is_valid


@pytest.mark.parametrize(
    "asked",
    [
        HeightLimit(float("nan")), HeightLimit(9, "sea"), ConeLimit(at(0, 0, 0), 9, 5, 5),
        ConeLimit((float("nan"), 0, 0)), StepBackLimit((at(0, 0, 0),)), StepBackLimit((at(0, 0, 0),) * 2),
        StepBackLimit((at(0, 0, 0), at(9, 0, 0)), angle=90), ApproachLimit(at(0, 0, 0), length=-1),
        HeightLimit(9, "datum", (at(0, 0, 0), at(1, 1, 0), at(2, 2, 0))),
        ViewCorridor((at(0, 0, 0),), at(0, 0, 40)), ViewCorridor((), at(9, 0, 40)),
        ViewCorridor((at(0, 0, 0),), at(99, 0, 40), layer="gone", object="b0"),
    ],
)  # fmt: skip
def test_what_makes_no_surface_is_refused(asked: HeightLimit) -> None:
    with pytest.raises(UsageError):
        asked.run(study([TOWER], flat(-99, 99)), SILENT)


def test_a_city_without_buildings_is_said() -> None:
    found = HeightLimit(35, "datum").run(study([], flat(-99, 99)), SILENT)
    assert "no_bodies" in found.notes
    assert found.figures["objects"] == 0
