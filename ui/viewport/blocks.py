"""A picture of any size, drawn in blocks with one window of theirs: memory stays that of a block.

Each block is drawn with an apron that is cut off again, so that points, outlines and whatever looks at neighbours
are whole at its edges.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from twin.geometry import U8
from twin.streaming import Frame
from twin.tiles import View
from ui.viewport.canvas import Canvas
from ui.viewport.lens import line_ratio

SIDE = 1024
"""Pixels of a block's side, before it is drawn twice as fine."""


@dataclass(frozen=True, slots=True)
class Block:
    """Pixels u8(h, w, 3) of a part of a picture, first row on top, and where its corner lies."""

    left: int
    top: int
    pixels: U8


def block_count(size: tuple[int, int], side: int = SIDE) -> int:
    """Return how many blocks a picture of a size has."""
    return -(-size[0] // side) * -(-size[1] // side)


def blocks(canvas: Canvas, frame: Frame, view: View, side: int = SIDE) -> Iterator[Block]:
    """Yield the blocks of what is on the canvas's stage as seen by ``view``, row by row from the top.

    The stage must have been shown the same frame and view.
    """
    width, height = view.size
    ratio = line_ratio(view.size)
    try:
        for top in range(0, height, side):
            for left in range(0, width, side):
                size = (min(side, width - left), min(side, height - top))
                yield Block(left, top, canvas.draw_part(frame, view, (left, top), size, ratio))
    finally:
        canvas.stage.aim_at_whole(view)
