"""Three small pictures kept beside the code: a change of look is a change somebody meant.

Written anew by ``WRITE_SNAPSHOTS=1``; drivers round differently, so a few pixels may differ a little.
"""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.ui.viewport.frames import city, over_the_roofs
from twin.geometry import U8
from twin.streaming import GHOST, HOVERED, OUTLINE, SELECTED, VISIBLE, Frame
from ui.viewport.canvas import picture_of
from ui.viewport.look import Look

pytestmark = [pytest.mark.snapshot, pytest.mark.render]
FOLDER = Path(__file__).resolve().parents[2] / "snapshots"
SIZE = (320, 240)


def marked_city() -> Frame:
    frame = city(3, 40)
    state = frame.layers["a"].state.copy()
    state[3, 3] |= SELECTED
    state[16, 3] |= HOVERED
    state[40:60, 3] |= GHOST
    state[20:30, 3] = VISIBLE | OUTLINE
    return Frame({"a": replace(frame.layers["a"], state=state)})


@pytest.mark.parametrize(
    ("name", "look"),
    [
        ("light_sky", Look()),
        ("dark_sky", Look(dark=True)),
        ("paper_grid", Look(background="light", grid=True, edges=False)),
    ],
)
def test_the_picture_is_the_one_that_was_kept(name: str, look: Look) -> None:
    picture: U8 = picture_of(marked_city(), over_the_roofs().view(SIZE), look)[..., :3]
    path = FOLDER / f"view_{name}.png"
    if os.environ.get("WRITE_SNAPSHOTS"):
        Image.fromarray(np.ascontiguousarray(picture)).save(path, optimize=True)
    kept = np.asarray(Image.open(path).convert("RGB")).astype(int)
    difference = np.abs(picture.astype(int) - kept).max(axis=2)
    assert (difference > 24).mean() < 0.01
    assert difference.mean() < 1.5
