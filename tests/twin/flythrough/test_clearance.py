"""No dips under terrain or through buildings, unless a keyframe stands there; keyframes never move."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.flythrough.routes import key, route, routes
from twin.analyses.passage import Passage
from twin.analyses.study import Bodies, Study
from twin.flythrough.clearance import cleared, places
from twin.flythrough.flight import flight
from twin.flythrough.records import Route
from twin.geometry import F64
from twin.jobs import SILENT


def hills(plan: F64, height: float) -> F64:
    return np.asarray(height * (np.sin(plan[:, 0] / 40) + np.cos(plan[:, 1] / 60)) - 600.0)


@given(routes(), st.floats(20, 900))
@settings(max_examples=15)
def test_the_way_stays_above_the_ground_between_keyframes_above_it(
    made: Route, height: float
) -> None:
    flown = flight(made)
    at, plan = places(flown)
    ground = hills(plan, height)
    lifted, told = cleared(flown, at, ground, 3.0)
    knots = np.array([x.t for x in flown.keyframes])
    assert np.allclose(lifted.camera(knots).eye, flown.camera(knots).eye, atol=1e-6)
    beneath = {x.params["keyframe"] for x in told if x.code == "route.beneath"}
    dense = lifted.height(at)[:, 0]
    if not beneath:
        assert (dense >= ground - 1e-6).all()


def test_a_wall_between_two_keyframes_is_flown_over_and_the_curve_stays_c2() -> None:
    flown = flight(route(key(0, (0.0, 0.0, 10.0)), key(10, (100.0, 0.0, 10.0))))
    at, plan = places(flown)
    wall = np.where(np.abs(plan[:, 0] - 50) < 5, 25.0, 0.0)
    lifted, told = cleared(flown, at, wall)
    assert [x.code for x in told] == ["route.lifted"]
    over = lifted.height(at)[:, 0]
    assert (over >= wall + 2 - 1e-6).all()
    assert over.max() < 40
    h = 1e-4
    for x, _ in lifted.vias:
        left = (lifted.height(np.array([x - h]), 2), lifted.height(np.array([x + h]), 2))
        assert np.allclose(*left, atol=0.5)


def test_a_leg_from_within_a_building_is_flown_as_drawn_and_said() -> None:
    flown = flight(route(key(0, (0.0, 0.0, 2.0)), key(10, (100.0, 0.0, 2.0))))
    at, plan = places(flown)
    lifted, told = cleared(flown, at, np.where(plan[:, 0] < 30, 9.0, 0.0))
    assert lifted.vias == ()
    assert [(x.code, x.params["keyframe"]) for x in told] == [("route.beneath", 1)]


def test_the_surface_along_a_way_is_that_of_the_highest_triangle() -> None:
    low, high = 1.0, 7.0
    corners = np.array(
        [[0, 0, low], [9, 0, low], [0, 9, low], [0, 0, high], [4, 0, high], [0, 4, high]]
    )
    bodies = Bodies(
        np.zeros(3), corners.astype(np.float32), np.array([[0, 1, 2], [3, 4, 5]], np.int32),
        np.zeros(2, np.int16), np.full(2, -1, np.int32),
    )  # fmt: skip
    study = Study((), bodies, "", "", np.datetime64("2026-01-01", "ms"))
    found = Passage(((1.0, 1.0), (4.0, 4.0), (50.0, 50.0))).run(study, SILENT)
    assert found.marks[0].places[:, 0, 2].tolist() == [high, low, -np.inf]
