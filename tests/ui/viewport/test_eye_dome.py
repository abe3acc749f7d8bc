"""Eye-dome lighting as plain arithmetic."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ui.viewport.eye_dome import DARKEST, shaded

NEAR, FAR = 1.0, 1000.0


def depth_of(distance: np.ndarray) -> np.ndarray:
    return (FAR * (distance - NEAR) / (distance * (FAR - NEAR))).astype(np.float32)


@given(st.floats(2.0, 500.0), st.floats(1.01, 2.0))
def test_what_lies_behind_its_neighbours_is_darker_and_nothing_else(
    near: float, ratio: float
) -> None:
    distance = np.full((20, 20), near)
    distance[:, 10:] = min(near * ratio, FAR * 0.9)
    picture = np.full((20, 20, 4), 200, np.uint8)
    found = shaded(picture, depth_of(distance), NEAR, FAR)
    assert (found[:, :8] == 200).all()
    assert (found[:, 13:] == 200).all()
    assert (found[:, 10, :3] < 200).all()
    assert (found[..., :3] >= int(200 * DARKEST)).all()
    assert (found[..., 3] == 200).all()


def test_the_background_keeps_its_colour() -> None:
    depth = np.ones((10, 10), np.float32)
    depth[4:6, 4:6] = 0.5
    picture = np.full((10, 10, 4), 90, np.uint8)
    assert (shaded(picture, depth, NEAR, FAR)[0:4] == 90).all()
