"""The four presets are the table of the conventions, and gestures do what they say."""

import numpy as np
import pytest

from ui.viewport.camera import Pose
from ui.viewport.navigation import PRESETS, Gesture, Navigator

EYE = np.array([0.0, 0.0, 100.0])
PIVOT = np.array([0.0, 100.0, 0.0])


def navigator(preset: str = "gis", tool: str = "explore") -> Navigator:
    return Navigator(Pose(EYE, 0.0, -45.0), preset=preset, tool=tool, ground=0.0)


@pytest.mark.parametrize(
    ("preset", "button", "held", "gesture"),
    [
        ("gis", "left", "", Gesture.PAN),
        ("gis", "middle", "", Gesture.ORBIT),
        ("gis", "left", "shift", Gesture.ORBIT),
        ("gis", "left", "ctrl", Gesture.LOOK),
        ("gis", "right", "", Gesture.ZOOM),
        ("gis", "right", "ctrl", Gesture.ZOOM),
        ("earth", "left", "", Gesture.PAN),
        ("earth", "middle", "", Gesture.ORBIT),
        ("earth", "left", "ctrl", Gesture.ORBIT),
        ("earth", "left", "shift", Gesture.LOOK),
        ("earth", "right", "", Gesture.ZOOM),
        ("blender", "middle", "shift", Gesture.PAN),
        ("blender", "middle", "", Gesture.ORBIT),
        ("blender", "middle", "ctrl", Gesture.ZOOM),
        ("cad", "middle", "", Gesture.PAN),
        ("cad", "middle", "shift", Gesture.ORBIT),
        ("gis", "left", "alt", Gesture.BAND),
        ("blender", "left", "", Gesture.BAND),
        ("gis", "middle", "alt", None),
    ],
)
def test_a_preset_means_what_its_users_are_used_to(
    preset: str, button: str, held: str, gesture: Gesture | None
) -> None:
    assert navigator(preset).gesture(button, frozenset(held.split())) == gesture


@pytest.mark.parametrize("preset", PRESETS)
def test_tools_take_over_the_plain_left_drag(preset: str) -> None:
    assert navigator(preset, "walk").gesture("left", frozenset()) is Gesture.LOOK
    assert navigator(preset, "band").gesture("left", frozenset()) is Gesture.BAND


def test_a_press_and_release_on_the_spot_is_a_click() -> None:
    nav = navigator()
    nav.press(Gesture.PAN, PIVOT, 100, 100)
    assert not nav.move(101, 101, nav.pose.view((320, 240)))
    done = nav.release()
    assert done is not None
    assert not done.moved
    assert nav.pose.eye is EYE


@pytest.mark.parametrize("gesture", [Gesture.PAN, Gesture.ORBIT, Gesture.ZOOM, Gesture.LOOK])
def test_a_drag_moves_the_camera_and_a_band_does_not(gesture: Gesture) -> None:
    nav = navigator()
    nav.press(gesture, PIVOT, 100, 100)
    assert nav.move(130, 120, nav.pose.view((320, 240)))
    assert nav.pose != Pose(EYE, 0.0, -45.0)
    nav = navigator()
    nav.press(Gesture.BAND, PIVOT, 100, 100)
    assert not nav.move(130, 120, nav.pose.view((320, 240)))
    assert nav.drag is not None
    assert nav.drag.moved


def test_a_flight_takes_its_time_and_reduced_motion_cuts() -> None:
    goal = Pose(EYE + 50.0, 90.0, -10.0)
    nav = navigator()
    nav.fly(goal)
    nav.advance(10.0)
    nav.advance(10.1)
    assert nav.busy
    assert nav.pose != goal
    for now in (10.2, 10.3, 10.4, 10.5):
        nav.advance(now)
    assert (nav.pose, nav.busy) == (goal, False)
    nav = navigator()
    nav.reduced_motion = True
    nav.fly(goal)
    assert nav.pose == goal
    nav.fly_round(PIVOT)
    assert not nav.flying_round


def test_the_last_view_is_the_one_before_the_jump() -> None:
    nav = navigator()
    nav.reduced_motion = True
    start = nav.pose
    nav.fly(Pose(EYE + 50.0, 90.0, -10.0))
    nav.fly_back()
    assert nav.pose == start


def test_letters_walk_only_while_walking_and_arrows_always() -> None:
    nav = navigator()
    assert not nav.press_key("w")
    assert nav.press_key("up")
    nav = navigator(tool="walk")
    assert nav.press_key("w")
    nav.advance(1.0)
    assert nav.advance(1.05)
    assert nav.pose.eye[1] > 0
    assert nav.pose.eye[2] == EYE[2]
    nav.release_key("w")
    assert not nav.advance(1.1)


def test_nothing_brings_the_eye_below_the_ground() -> None:
    nav = navigator(tool="walk")
    nav.press_key("q")
    for tick in range(400):
        nav.advance(tick * 0.09)
    assert nav.pose.eye[2] == pytest.approx(1.6)


def test_the_wheel_comes_nearer_and_goes_back() -> None:
    nav = navigator()
    nav.wheel(PIVOT, 1.0)
    near = np.linalg.norm(nav.pose.eye - PIVOT)
    assert near < np.linalg.norm(EYE - PIVOT)
    nav.wheel(PIVOT, -2.0)
    assert np.linalg.norm(nav.pose.eye - PIVOT) > near


def test_a_lap_goes_on_until_it_is_stopped() -> None:
    nav = navigator()
    nav.fly_round(PIVOT)
    nav.advance(0.0)
    nav.advance(0.1)
    assert nav.flying_round
    assert nav.pose.yaw != 0.0
    nav.fly_round(None)
    assert not nav.busy
