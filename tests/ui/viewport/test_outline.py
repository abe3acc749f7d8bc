"""Outlines in numpy: the disc is a disc, the fill stays, the mean is the mean."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ui.viewport.look import DARK
from ui.viewport.outline import dilated_by, eroded, extent, outlined, shrunk
from ui.viewport.shaders import HOVERED_ALPHA, SELECTED_ALPHA

masks = hnp.arrays(np.bool_, st.tuples(st.integers(1, 24), st.integers(1, 24)))


@settings(deadline=None)
@given(masks, st.floats(0, 6))
def test_dilation_reaches_exactly_the_pixels_within_the_radius(
    mask: np.ndarray, radius: float
) -> None:
    rows, columns = np.indices(mask.shape)
    wanted = np.zeros_like(mask)
    for y, x in np.argwhere(mask):
        wanted |= (rows - y) ** 2 + (columns - x) ** 2 <= radius * radius
    assert (dilated_by(mask, radius) == wanted).all()


@given(masks)
def test_erosion_keeps_what_is_surrounded(mask: np.ndarray) -> None:
    assert (eroded(mask) <= mask).all()


@given(masks)
def test_the_extent_holds_every_set_pixel(mask: np.ndarray) -> None:
    box = extent(mask, 0)
    assert (box is None) == (not mask.any())
    if box is not None:
        assert mask[box].sum() == mask.sum()


def grey(mark: int) -> np.ndarray:
    picture = np.full((60, 80, 4), 120, np.uint8)
    picture[..., 3] = 255
    picture[20:40, 30:50, 3] = mark
    return picture


def test_the_outline_goes_round_the_selection_and_leaves_its_fill() -> None:
    done = outlined(grey(SELECTED_ALPHA), DARK, 1.0, selected=True, hovered=False)
    assert (done[..., 3] == 255).all()
    assert (done[20:40, 30:50, :3] == 120).all()
    assert (done[17:20, 35:45, :3] == 255).all(), "three white pixels outside"
    assert (done[16, 35:45, :3] < 60).all(), "a dark halo round them"
    assert (done[10, 35:45, :3] == 120).all()


def test_hover_is_thinner_and_without_marks_nothing_changes() -> None:
    done = outlined(grey(HOVERED_ALPHA), DARK, 1.0, selected=False, hovered=True)
    assert (done[20:40, 30:50, :3] == 120).all()
    assert (done[19, 35:45, 0] > 200).all()
    assert (done[17, 35:45, :3] == 120).all()
    assert (outlined(grey(255), DARK, 1.0, selected=True, hovered=True)[..., :3] == 120).all()


@given(hnp.arrays(np.uint8, (8, 10, 4)))
def test_shrinking_is_the_mean_of_four_within_two_steps(picture: np.ndarray) -> None:
    mean = picture.reshape(4, 2, 5, 2, 4).astype(float).mean(axis=(1, 3))
    assert np.abs(shrunk(picture).astype(float) - mean).max() <= 1.5
