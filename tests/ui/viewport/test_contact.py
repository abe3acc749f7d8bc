"""Contact shading: planes stay, corners darken, and parts of a picture have no seams."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from twin.geometry import F32, F64
from ui.viewport.contact import DARKEST, ROOM, darkened, shade

NEAR, FAR, PIXEL = 1.0, 2000.0, 0.002
SIZE = (48, 64)


def depth_of(distance: F64) -> F32:
    """Return the depth buffer of distances along the view."""
    return np.asarray(FAR / (FAR - NEAR) * (1 - NEAR / distance), np.float32)


def plane(distance: float, down: float, right: float) -> F64:
    """Return the distances f64(h, w) of a plane that leans by shares of its distance over the picture."""
    y, x = np.mgrid[0:1:48j, 0:1:64j]
    return np.asarray(1.0 / ((1.0 + down * y + right * x) / distance))


@given(distance=st.floats(5, 200), down=st.floats(-0.6, 0.6), right=st.floats(-0.3, 0.3))
def test_a_plane_does_not_shade_itself(distance: float, down: float, right: float) -> None:
    tone = shade(depth_of(plane(distance, down, right)), NEAR, FAR, PIXEL)
    inner = tone[ROOM:-ROOM, ROOM:-ROOM]
    assert (inner > 0.99).all()


def test_the_foot_of_a_wall_gets_darker_and_the_sky_does_not() -> None:
    y = np.arange(48)[:, None] + np.zeros(64)
    floor = 50.0 + (47 - y) * 0.3  # rises away from the eye up to the wall
    wall = np.full(SIZE, 50.0 + 23 * 0.3)
    depth = depth_of(np.asarray(np.where(y < 24, wall, floor), np.float64))
    depth[:8] = 1.0
    tone = shade(depth, NEAR, FAR, PIXEL)
    assert tone[24, 32] < 0.92
    assert tone[24, 32] < tone[32, 32]
    assert (tone[:8] == 1.0).all()
    assert tone.min() >= DARKEST


def test_an_outline_shades_nothing() -> None:
    distance = plane(80.0, 0.2, 0.0)
    distance[:, 30:32] *= 0.998
    tone = shade(depth_of(distance), NEAR, FAR, PIXEL)
    assert (tone[ROOM:-ROOM, ROOM:-ROOM] > 0.99).all()


@given(seed=st.integers(0, 99), left=st.integers(0, 20), top=st.integers(0, 10))
def test_a_part_with_room_round_it_is_shaded_like_the_whole(
    seed: int, left: int, top: int
) -> None:
    chance = np.random.default_rng(seed)
    blocks = np.kron(chance.uniform(40, 44, (6, 8)), np.ones((8, 8)))
    depth = depth_of(np.asarray(blocks, np.float64))
    whole = shade(depth, NEAR, FAR, PIXEL)
    part = shade(depth[top : top + 36, left : left + 40], NEAR, FAR, PIXEL)
    inner = whole[top : top + 36, left : left + 40][ROOM:-ROOM, ROOM:-ROOM]
    assert (part[ROOM:-ROOM, ROOM:-ROOM] == inner).all()


def test_alpha_stays_and_a_fine_picture_gets_a_tone_for_each_four_pixels() -> None:
    picture = np.full((4, 4, 4), 200, np.uint8)
    found = darkened(picture, np.array([[1.0, 0.5], [0.5, 1.0]], np.float32))
    assert (found[..., 3] == 200).all()
    assert (found[:2, :2, 0] == 200).all()
    assert (found[:2, 2:, 0] == 100).all()
