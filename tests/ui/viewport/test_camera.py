"""Laws of the turntable."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.geometry import F64
from ui.viewport.camera import (
    LOWEST,
    STANDARD,
    Pose,
    above,
    between,
    clip_range,
    corners,
    fit,
    ground_point,
    look,
    orbit,
    orbiting,
    pan,
    pan_ground,
    pose_of,
    standard,
    walk,
    zoom,
)
from ui.viewport.overlays import projected

SIZE = (320, 240)
BASE = np.array([84_500.0, 447_600.0, 0.0])
numbers = st.floats(-500, 500)
points = st.tuples(numbers, numbers, st.floats(-50, 300)).map(lambda p: BASE + np.array(p))
poses = st.builds(
    Pose, points, st.floats(0, 359.9), st.floats(-89, 60), st.floats(20, 90), st.floats(5, 2000)
)


def seen(pose: Pose, point: F64) -> F64:
    """Return a point in the camera's own axes."""
    return np.array([pose.right, pose.up, pose.forward]) @ (point - pose.eye)


@given(poses)
def test_the_axes_are_orthonormal_and_the_horizon_is_level(pose: Pose) -> None:
    axes = np.array([pose.right, pose.up, pose.forward])
    assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-12)
    assert pose.right[2] == 0
    assert np.cross(pose.forward, pose.up) == pytest.approx(pose.right, abs=1e-12)


@given(poses, points, st.floats(-180, 180), st.floats(-40, 40))
def test_orbit_keeps_the_pivot_where_it_is_in_the_picture(
    pose: Pose, pivot: F64, yaw: float, pitch: float
) -> None:
    turned = orbit(pose, pivot, yaw, pitch)
    assert seen(turned, pivot) == pytest.approx(seen(pose, pivot), abs=1e-6)


@given(poses, points, st.floats(0.1, 4.0))
def test_zoom_keeps_the_point_under_the_cursor_and_never_goes_through_it(
    pose: Pose, pivot: F64, factor: float
) -> None:
    before = seen(pose, pivot)
    after = seen(zoom(pose, pivot, factor), pivot)
    distance = float(np.linalg.norm(before))
    if distance > 1:
        assert after / np.linalg.norm(after) == pytest.approx(before / distance, abs=1e-6)
        assert np.linalg.norm(after) >= min(distance, 2.0) - 1e-6


@given(poses, st.floats(10, 900), st.floats(-80, 80), st.floats(-60, 60))
def test_pan_moves_what_is_under_the_cursor_by_the_drag(
    pose: Pose, depth: float, dx: float, dy: float
) -> None:
    pivot = pose.eye + pose.forward * depth
    place = seen(pan(pose, pivot, dx, dy, SIZE[1]), pivot)
    pixel = 2 * np.tan(np.radians(pose.fov_y) / 2) * depth / SIZE[1]
    assert place == pytest.approx([dx * pixel, -dy * pixel, depth], abs=1e-6)


@given(
    st.floats(0, 359),
    st.floats(-80, -25),
    st.floats(20, 300),
    st.floats(20, 220),
    st.floats(60, 220),
)
def test_ground_pan_keeps_the_ground_under_the_cursor(
    yaw: float, pitch: float, x0: float, x: float, y: float
) -> None:
    pose = Pose(BASE + np.array([0, 0, 120.0]), yaw, pitch)
    view = pose.view(SIZE)
    before, after = view.ray(x0, 200.0), view.ray(x, y)
    if min(-before[2], -after[2]) < 0.05:
        return
    pivot = view.eye + before * (-120.0 / before[2])
    moved = pan_ground(pose, pivot, before, after).view(SIZE)
    met = moved.eye + moved.ray(x, y) * (-120.0 / moved.ray(x, y)[2])
    assert met == pytest.approx(pivot, abs=1e-5)
    assert moved.eye[2] == view.eye[2]


@given(poses, points, st.tuples(st.floats(1, 300), st.floats(1, 300), st.floats(1, 90)))
def test_fit_shows_the_whole_box_and_touches_two_opposite_sides(
    pose: Pose, low: F64, size: tuple[float, float, float]
) -> None:
    box = np.concatenate([low, low + np.array(size)])
    fitted = fit(pose, box, SIZE, margin=1.0)
    x, y, z = np.array([seen(fitted, corner) for corner in corners(box)]).T
    half = np.tan(np.radians(pose.fov_y) / 2)
    across, upward = x / z / (half * SIZE[0] / SIZE[1]), y / z / half
    assert z.min() > 0
    assert max(np.abs(across).max(), np.abs(upward).max()) <= 1 + 1e-6
    assert across.max() == pytest.approx(-across.min(), abs=1e-6)
    assert upward.max() == pytest.approx(-upward.min(), abs=1e-6)
    if z.min() > 1.0 + 1e-6:
        assert max(across.max(), upward.max()) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("name", STANDARD)
def test_standard_views_look_from_where_they_are_named(name: str) -> None:
    box = np.concatenate([BASE, BASE + np.array([200.0, 100.0, 30.0])])
    pose = standard(name, box, SIZE)
    middle = (box[:3] + box[3:]) / 2
    side = pose.eye - middle
    wanted = {"north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0)}.get(name)
    if wanted is not None:
        assert side[:2] @ wanted > 50
        assert abs(side[0] * wanted[1] - side[1] * wanted[0]) < 1
    elif name == "top":
        assert np.abs(side[:2]).max() < 1
        assert pose.up == pytest.approx([0, 1, 0])
    assert side[2] > 0


@given(poses, poses, st.floats(0, 1))
def test_a_flight_starts_and_arrives_exactly_and_turns_the_short_way(
    start: Pose, end: Pose, t: float
) -> None:
    assert between(start, end, 0.0).eye == pytest.approx(start.eye, abs=1e-6)
    assert between(start, end, 1.0) == end
    halfway = between(start, end, t)
    turn = abs((halfway.yaw - start.yaw + 180) % 360 - 180)
    assert turn <= 180.0 + 1e-9
    assert (
        min(start.pitch, end.pitch) - 1e-9 <= halfway.pitch <= max(start.pitch, end.pitch) + 1e-9
    )


@given(poses)
def test_a_pose_is_found_again_from_its_eye_and_target(pose: Pose) -> None:
    again = pose_of(pose.eye, pose.target, pose.fov_y)
    assert again.forward == pytest.approx(pose.forward, abs=1e-6)
    assert again.focus == pytest.approx(pose.focus, rel=1e-6)


def test_straight_down_keeps_the_yaw_it_is_given() -> None:
    pose = pose_of(BASE + np.array([0, 0, 100.0]), BASE, yaw=90.0)
    assert pose.pitch == pytest.approx(-90)
    assert pose.up == pytest.approx([1, 0, 0])


@given(poses, st.floats(-300, 300))
def test_the_eye_never_goes_below_the_ground(pose: Pose, ground: float) -> None:
    assert above(pose, ground).eye[2] >= ground + LOWEST - 1e-9 or pose.eye[2] >= ground + LOWEST
    assert above(pose, None) is pose


@given(poses, st.floats(-20, 20), st.floats(-20, 20), st.floats(-20, 20))
def test_walking_is_level_whatever_the_pitch(
    pose: Pose, right: float, ahead: float, up: float
) -> None:
    step = walk(pose, right, ahead, up).eye - pose.eye
    assert step[2] == pytest.approx(up)
    assert np.hypot(step[0], step[1]) == pytest.approx(np.hypot(right, ahead), abs=1e-6)


@given(poses, st.floats(-90, 90), st.floats(-90, 90))
def test_looking_round_stays_in_place_and_never_turns_over(
    pose: Pose, yaw: float, pitch: float
) -> None:
    turned = look(pose, yaw, pitch)
    assert turned.eye is pose.eye
    assert -90 <= turned.pitch <= 90
    assert turned.up[2] >= -1e-12


@given(poses, points, st.floats(0, 200))
def test_a_lap_ends_where_it_began(pose: Pose, pivot: F64, seconds: float) -> None:
    once = orbiting(pose, pivot, seconds)
    again = orbiting(pose, pivot, seconds + 60.0)
    assert again.eye == pytest.approx(once.eye, abs=1e-5)


@given(poses, st.lists(points, min_size=1, max_size=5))
def test_the_clipping_planes_hold_everything_in_view(pose: Pose, lows: list[F64]) -> None:
    boxes = np.array([np.concatenate([low, low + np.array([40.0, 30.0, 20.0])]) for low in lows])
    view = pose.view(SIZE)
    near, far = clip_range(view, boxes)
    assert 0 < near < far
    half = np.tan(np.radians(pose.fov_y) / 2)
    for box in boxes:
        chance = np.random.default_rng(1).uniform(box[:3], box[3:], (50, 3))
        x, y, z = np.array([seen(pose, point) for point in chance]).T
        inside = (z > 0) & (np.abs(y) <= z * half) & (np.abs(x) <= z * half * SIZE[0] / SIZE[1])
        assert (z[inside] <= far).all()
        assert (z[inside] >= min(near, 0.1 + far / 20_000)).all()


def test_the_ground_point_is_on_the_ground_or_at_reach() -> None:
    view = Pose(BASE + np.array([0, 0, 50.0]), 0.0, -45.0).view(SIZE)
    assert ground_point(view, 160, 120, 0.0, 1e4)[2] == pytest.approx(0.0)
    sky = ground_point(
        Pose(BASE + np.array([0, 0, 50.0]), 0.0, 30.0).view(SIZE), 160, 120, 0.0, 700.0
    )
    assert np.linalg.norm(sky - view.eye) == pytest.approx(700.0)


@pytest.mark.parametrize("covered", [0.0, 60.0, 150.0])
def test_a_fitted_city_stands_in_the_middle_of_what_is_not_covered(covered: float) -> None:
    size, box = (640, 240), np.array([0.0, 0, 0, 300, 120, 40])
    pose = fit(Pose(np.zeros(3), 30.0, -35.0), box, size, margin=1.0, covered=covered)
    x = projected(pose.view(size), corners(box))[:, 0]
    y = projected(pose.view(size), corners(box))[:, 1]
    assert x.min() >= -0.5
    assert x.max() <= size[0] - covered + 0.5
    assert x.min() + x.max() == pytest.approx(size[0] - covered, abs=1.0)
    assert y.min() == pytest.approx(0, abs=1) or x.min() == pytest.approx(0, abs=1)
