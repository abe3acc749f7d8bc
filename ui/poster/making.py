"""A printed picture of what stands on a canvas: block after block, strip after strip, then what stands beneath."""

from collections.abc import Generator
from pathlib import Path

import numpy as np

from twin.errors import UsageError
from twin.streaming import Frame
from twin.tiles import View
from ui.poster.files import LARGEST, PictureFile
from ui.poster.sheet import Sheet, strip, strip_height
from ui.viewport.blocks import SIDE, block_count, blocks
from ui.viewport.canvas import Canvas

DPI = (30.0, 1200.0)
LEAST_SHARE = 0.4
"""The share of a page's height that is left to the picture at least."""


def picture_size(size: tuple[int, int], sheet: Sheet) -> tuple[int, int]:
    """Return the pixels of the picture on a page of a size. Raises UsageError when too little is left."""
    width, height = size
    if not (1 <= width <= LARGEST and 1 <= height <= LARGEST):
        raise UsageError(reason=f"a picture has 1 to {LARGEST} pixels a side")
    left = height - strip_height(sheet, width)
    if left < LEAST_SHARE * height:
        raise UsageError(reason=f"{width} x {height} pixels leave no room for what stands beneath")
    return width, left


def poster(
    canvas: Canvas,
    frame: Frame,
    view: View,
    sheet: Sheet,
    out: Path,
    dpi: float = 96.0,
) -> Generator[float]:
    """Draw and write a page; yield the share that is done, after each block. Closing it early leaves no file.

    ``view`` has the size of the picture alone (``picture_size``), and the stage shows it. Raises UsageError, NotReadable.
    """
    if not DPI[0] <= dpi <= DPI[1]:
        raise UsageError(reason=f"dots per inch must lie between {DPI[0]:.0f} and {DPI[1]:.0f}")
    width, height = view.size
    whole = (width, height + strip_height(sheet, width))
    count = block_count(view.size) + 1
    with PictureFile(out, whole, dpi, sheet.title) as file:
        band = np.empty((0, width, 3), np.uint8)
        for number, block in enumerate(blocks(canvas, frame, view)):
            high, wide = block.pixels.shape[:2]
            if block.left == 0:
                band = np.empty((high, width, 3), np.uint8)
            band[:, block.left : block.left + wide] = block.pixels
            if block.left + SIDE >= width:
                file.add(band)
            yield (number + 1) / count
        if not sheet.empty:
            file.add(strip(sheet, width))
    yield 1.0
