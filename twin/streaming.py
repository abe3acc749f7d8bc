"""What is on the screen as data: Resident tiles, LayerFrame, Frame. Stream keeps the tiles of one layer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from twin.geometry import F64, I32, U8, Drawable
from twin.scene import LayerId

VISIBLE = 1
HATCH = 2
SELECTED = 4
HOVERED = 8
OUTLINE = 16
OWN_COLOR = 32
GHOST = 64
"""Flags in the fourth byte of an object's state: drawn at all; 45 degree hatch; selected; hovered;
outline only; keep the material's own colour and texture; ghosted (ordered-dither)."""


@dataclass(frozen=True, slots=True)
class Resident:
    """A tile in memory, ready to draw. The drawables' ``feature`` numbers are tile-local 0..k-1
    (-1 = background, belongs to no object); ``rows`` i32(k) gives each one's row in the layer."""

    drawables: tuple[Drawable, ...]
    rows: I32
    box: F64
    nbytes: int


@dataclass(frozen=True, slots=True)
class LayerFrame:
    """What one layer shows now. ``state`` u8(n, 4): r, g, b and flags per row of the layer;
    ``version`` changes whenever ``state`` does. Tiles keep their identity between frames."""

    tiles: Mapping[int, Resident]
    state: U8
    version: int


@dataclass(frozen=True, slots=True)
class Frame:
    """The whole truth for the screen, every time. ``wanted`` tiles are selected by the view,
    ``drawn`` of them are in memory; ``failed`` tiles were told and are empty; ``complete`` = no
    tile is being fetched for this view."""

    layers: Mapping[LayerId, LayerFrame] = field(default_factory=dict)
    wanted: int = 0
    drawn: int = 0
    failed: int = 0
    resident_bytes: int = 0
    sse_used: float = 16.0
    complete: bool = True


def state_of(n: int) -> U8:
    """Return the state of n visible objects in their own colours."""
    state = np.full((n, 4), 255, np.uint8)
    state[:, 3] = VISIBLE | OWN_COLOR
    return state
