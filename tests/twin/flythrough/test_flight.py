"""The camera between keyframes: through every one, C2, never beyond the heights of a leg."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.flythrough.routes import key, route, routes
from twin.flythrough.flight import Flight, flight
from twin.flythrough.records import Route
from twin.geometry import F64

few = settings(max_examples=15)


def times(flown: Flight) -> F64:
    return np.array([x.t for x in flown.keyframes])


@given(routes(), st.booleans())
@few
def test_it_passes_through_every_keyframe(made: Route, constant: bool) -> None:
    flown = flight(replace(made, constant_speed=constant))
    keys = flown.keyframes[:-1] if made.loop else flown.keyframes
    camera = flown.camera(np.array([x.t for x in keys]))
    eyes, targets = np.array([x.eye for x in keys]), np.array([x.target for x in keys])
    assert np.allclose(camera.eye, eyes, atol=2e-3 if constant else 1e-6)
    look = (targets - eyes) / np.linalg.norm(targets - eyes, axis=1, keepdims=True)
    assert np.allclose(camera.forward, look, atol=1e-6)
    assert np.allclose(camera.fov, [x.fov for x in keys])
    assert np.allclose(camera.focus, np.linalg.norm(targets - eyes, axis=1))


@given(routes())
@few
def test_eye_and_direction_are_c2_over_every_keyframe(made: Route) -> None:
    """One-sided second differences of both sides of each keyframe meet, as the step goes to 0."""
    flown = flight(made)
    for at in times(flown)[1:-1]:
        for name in ("eye", "forward", "up"):
            gaps = []
            for h in (2e-3, 1e-3):
                way = np.array([-3, -2, -1, 0, 1, 2, 3]) * h + at
                p = getattr(flown.camera(way), name)
                left = (2 * p[3] - 5 * p[2] + 4 * p[1] - p[0]) / h**2
                right = (2 * p[3] - 5 * p[4] + 4 * p[5] - p[6]) / h**2
                gaps.append(float(np.abs(left - right).max()))
                scale = 1.0 + float(np.abs(np.concatenate([left, right])).max())
            assert gaps[1] < 0.75 * gaps[0] + 1e-2 * scale


@given(routes())
@few
def test_speed_is_continuous_at_the_joint_of_a_loop(made: Route) -> None:
    flown = flight(replace(made, loop=True))
    h = 1e-6
    ends = flown.end - np.array([2, 1]) * h
    begins = flown.start + np.array([0, 1]) * h
    one, other = (np.diff(flown.camera(x).eye, axis=0)[0] / h for x in (ends, begins))
    fastest = np.linalg.norm(np.diff([x.eye for x in flown.keyframes], axis=0), axis=1).max() / 0.2
    assert np.allclose(one, other, atol=1e-4 * (1 + fastest))


@given(routes(), st.booleans())
@few
def test_heights_stay_between_those_of_the_ends_of_a_leg(made: Route, constant: bool) -> None:
    flown = flight(replace(made, constant_speed=constant))
    knots = times(flown)
    for n, (a, b) in enumerate(pairwise(knots)):
        z = flown.camera(np.linspace(a, b, 60)[:-1]).eye[:, 2]
        low, high = sorted(flown.keyframes[k].eye[2] for k in (n, n + 1))
        assert z.min() >= low - 1e-6
        assert z.max() <= high + 1e-6


@given(routes())
@few
def test_the_horizon_keeps_the_roll_where_the_view_is_not_steep(made: Route) -> None:
    level = replace(made, keyframes=tuple(replace(x, roll=0.0) for x in made.keyframes))
    flown = flight(level)
    camera = flown.camera(np.linspace(flown.start, flown.end, 200))
    right = np.cross(camera.forward, camera.up)
    free = np.hypot(camera.forward[:, 0], camera.forward[:, 1]) > 0.16
    assert np.abs(right[free, 2]).max(initial=0.0) < 1e-9
    assert np.allclose(np.linalg.norm(camera.up, axis=1), 1)
    assert np.abs(np.einsum("ij,ij->i", camera.up, camera.forward)).max() < 1e-9


@given(routes(least=3))
@few
def test_constant_speed_is_constant_but_for_rests(made: Route) -> None:
    keys = tuple(replace(x, hold=0.0) for x in made.keyframes)
    flown = flight(replace(made, keyframes=keys, loop=False, constant_speed=True))
    assert flown.duration == pytest.approx(made.keyframes[-1].t - made.start)
    t = np.linspace(flown.start, flown.end, 4001)
    speed = np.linalg.norm(np.diff(flown.camera(t).eye, axis=0), axis=1) / np.diff(t)
    assert np.median(speed) == pytest.approx(speed.mean(), rel=0.01)
    assert np.quantile(np.abs(speed / speed.mean() - 1), 0.97) < 0.02


def test_a_straight_route_is_straight_and_begins_and_ends_at_rest() -> None:
    flown = flight(route(key(0, (0.0, 0.0, 50.0)), key(4, (100.0, 0.0, 50.0))))
    t = np.linspace(0, 4, 41)
    eye = flown.camera(t).eye
    assert np.allclose(eye[:, 1:], [0.0, 50.0])
    assert np.allclose(eye[20], [50.0, 0.0, 50.0])  # the middle at half time
    assert (np.diff(eye[:, 0]) > 0).all()
    assert eye[1, 0] < 0.2  # quintic smooth step: 10 u^3


def test_an_orbit_of_keyframes_is_round() -> None:
    angle = np.radians(np.arange(0, 361, 30))
    keys = [
        key(n * 2.0, (100 * np.cos(a), 100 * np.sin(a), 40.0), target=(0.0, 0.0, 0.0))
        for n, a in enumerate(angle)
    ]
    flown = flight(route(*keys, loop=True))
    camera = flown.camera(np.linspace(0, 24, 500))
    assert np.abs(np.hypot(camera.eye[:, 0], camera.eye[:, 1]) - 100).max() < 0.3
    aim = camera.eye + camera.forward * camera.focus[:, None]
    assert np.linalg.norm(aim, axis=1).max() < 1.0
    speed = np.linalg.norm(np.diff(camera.eye, axis=0), axis=1)
    assert speed.max() / speed.min() < 1.03


def test_a_linear_leg_is_straight_and_even_and_a_held_one_cuts() -> None:
    flown = flight(
        route(
            key(0, (0.0, 0.0, 10.0), ease="linear"),
            key(2, (20.0, 0.0, 10.0), ease="hold"),
            key(4, (20.0, 90.0, 60.0)),
        )
    )
    eye = flown.camera(np.array([0.5, 1.0, 1.9999, 2.0, 3.0, 3.999, 4.0, 9.0])).eye
    assert np.allclose(eye[:3], np.array([[5.0, 0, 10], [10, 0, 10], [19.999, 0, 10]]))
    assert np.allclose(eye[3:6], [20, 0, 10])
    assert np.allclose(eye[6:], [20, 90, 60])


def test_a_rest_is_a_rest_and_uneven_times_make_no_loops() -> None:
    flown = flight(
        route(
            key(0, (0.0, 0.0, 10.0)),
            key(1, (10.0, 0.0, 10.0), hold=2.0),
            key(60, (20.0, 0.0, 10.0)),
            key(61, (500.0, 0.0, 10.0)),
        )
    )
    x = flown.camera(np.linspace(0, 61, 2000)).eye[:, 0]
    assert (np.diff(x) >= -1e-9).all()
    assert np.allclose(flown.camera(np.linspace(1, 3, 20)).eye[:, 0], 10)


def test_a_corner_between_a_long_and_a_short_leg_hardly_bulges() -> None:
    flown = flight(
        route(key(0, (0.0, 0.0, 9.0)), key(9, (1000.0, 0.0, 9.0)), key(10, (1000.0, 10.0, 9.0)))
    )
    eye = flown.camera(np.linspace(0, 10, 1000)).eye
    assert eye[:, 1].min() > -3
    assert eye[:, 0].max() < 1003


def test_looking_round_in_place_moves_nothing_but_the_view() -> None:
    turns = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (-1.0, 0.1, 0.0)]
    flown = flight(
        route(
            *(
                key(n, (5.0, 5.0, 5.0), target=(5 + x, 5 + y, 5 + z))
                for n, (x, y, z) in enumerate(turns)
            )
        )
    )
    camera = flown.camera(np.linspace(0, 2, 50))
    assert np.allclose(camera.eye, 5)
    assert np.allclose(camera.forward[-1] * np.hypot(1.0, 0.1), np.array([-1.0, 0.1, 0.0]))


def test_one_keyframe_is_a_still_picture_for_as_long_as_it_rests() -> None:
    flown = flight(route(key(3, (1.0, 2.0, 3.0), hold=2.5)))
    assert (flown.start, flown.end, flown.duration) == (3, 5.5, 2.5)
    assert np.allclose(flown.camera(np.array([0.0, 4.0, 99.0])).eye, [1, 2, 3])


def test_looking_straight_down_keeps_the_heading_before_it() -> None:
    flown = flight(
        route(
            key(0, (0.0, 0.0, 90.0), target=(50.0, 0.0, 40.0)),
            key(4, (50.0, 0.0, 90.0), target=(50.0, 0.0, 0.0)),
        )
    )
    camera = flown.camera(np.array([0.0, 2.0, 4.0]))
    assert np.allclose(camera.forward[-1], [0, 0, -1], atol=1e-6)
    assert np.allclose(camera.up[-1], [1, 0, 0], atol=1e-6)


def test_a_loop_flies_home_and_begins_again() -> None:
    flown = flight(
        route(
            key(0, (0.0, 0.0, 10.0)),
            key(5, (50.0, 0.0, 10.0)),
            key(10, (50.0, 50.0, 10.0)),
            loop=True,
        )
    )
    assert flown.end == pytest.approx(10 + np.hypot(50, 50) / 10)
    again = flown.camera(np.array([0.0, flown.end, 2 * flown.end])).eye
    assert np.allclose(again, [0, 0, 10], atol=1e-6)
