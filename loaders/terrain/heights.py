"""Samples of a grid to heights: holes, scale and offset, units; read by windows at any step."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from loaders.terrain.pyramid import Span
from twin.errors import BrokenFile
from twin.files.asking import check
from twin.geometry import F32, F64

UNITS = {
    "m": 1.0, "metre": 1.0, "meter": 1.0, "metres": 1.0, "meters": 1.0, "ft": 0.3048, "foot": 0.3048, "feet": 0.3048,
    "us-ft": 1200 / 3937, "us survey foot": 1200 / 3937, "us survey feet": 1200 / 3937, "ussurveyfoot": 1200 / 3937,
    "ftus": 1200 / 3937, "foot_us": 1200 / 3937, "us foot": 1200 / 3937, "cm": 0.01, "dm": 0.1, "mm": 0.001, "km": 1000.0,
    "centimetre": 0.01, "centimeter": 0.01, "decimetre": 0.1, "decimeter": 0.1, "millimetre": 0.001,
}  # fmt: skip
"""Unit of a band, lower case -> metres."""
STRIP = 8 << 20
"""Cells of a strip that is read at once."""
LOWEST, HIGHEST = -12_000.0, 9_500.0
"""Metres between which the Earth's surface lies, with room: what is beyond is a mark for no data."""
MARKS = (-9999.0, -32767.0, -32768.0, -99999.0)
"""Values that stand for no data even where nothing says so."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How a band's values become heights: value * ``factor`` + ``offset``, in units of ``metres``."""

    factor: float = 1.0
    offset: float = 0.0
    metres: float = 1.0


@dataclass(slots=True)
class Counted:
    """How many cells were left out, and why."""

    marks: int = 0
    beyond: int = 0


def scale_of(grid: Any, band: int, unit: str, rise: float) -> Scale:
    """Return how a band's values become heights in units of ``rise`` metres (those of the grid's system).

    ``unit`` is what a person said ('auto' = as the band says; one that says nothing counts in the
    system's own). Raises BrokenFile for a scale that is no number.
    """
    factor, offset = float(grid.scales[band - 1]), float(grid.offsets[band - 1])
    if not (math.isfinite(factor) and math.isfinite(offset)) or not factor:
        reason = f"scale {factor} and offset {offset} of band {band} make no heights"
        raise BrokenFile(location=grid.name, format="grid", reason=reason)
    said = unit if unit != "auto" else str(grid.units[band - 1] or "")
    metres = UNITS.get(said.strip().lower())
    convert = 1.0 if metres is None else metres / abs(rise)
    return Scale(factor * convert, offset * convert, abs(rise))


def read(grid: Any, band: int, spans: tuple[Span, Span], scale: Scale, counted: Counted) -> F32:
    """Return the heights f32(rows, columns) of a window of a grid; NaN = a hole.

    ``spans`` are columns and rows. With a step above 1 a height is the mean of the (up to four) blocks of
    step x step cells that meet at the vertex: averages, as overviews hold them. Raises what rasterio does.
    """
    columns, rows = spans
    if columns.step == 1:
        box = (rows.first, rows.last + 1), (columns.first, columns.last + 1)
        return _heights(grid, band, box, None, (scale, counted))
    across = _blocks(columns, grid.width)
    down = _blocks(rows, grid.height)
    step = columns.step
    window = (
        (down[0] * step, min(down[1] * step, grid.height)),
        (across[0] * step, min(across[1] * step, grid.width)),
    )
    shape = (down[1] - down[0], across[1] - across[0])
    if any(factor <= step for factor in grid.overviews(band)):
        blocks = _heights(grid, band, window, shape, (scale, counted))
    else:
        blocks = _averaged(grid, band, window, step, (scale, counted))
    return _met(_met(blocks, columns, across).T, rows, down).T


def _blocks(span: Span, count: int) -> tuple[int, int]:
    """Return the first block that a span needs, and the one behind the last."""
    whole = max(count // span.step, 1)
    first = min(max(span.first // span.step - 1, 0), whole - 1)
    return first, min(span.last // span.step + 1, whole)


def _met(blocks: F32, span: Span, held: tuple[int, int]) -> F32:
    """Return the mean of the two blocks that meet at each vertex f32(r, vertices); one alone counts."""
    right = np.clip(span.cells() // span.step, held[0], held[1] - 1) - held[0]
    left = np.clip(span.cells() // span.step - 1, held[0], held[1] - 1) - held[0]
    one, other = blocks[:, left], blocks[:, right]
    mean = (one + other) / 2
    return np.where(np.isfinite(mean), mean, np.where(np.isfinite(one), one, other)).astype(
        np.float32
    )


def _heights(
    grid: Any, band: int, window: Any, shape: tuple[int, int] | None, how: tuple[Scale, Counted]
) -> F32:
    from rasterio.enums import Resampling

    scale, counted = how
    sure = grid.nodatavals[band - 1] is not None or _masked(grid, band)
    way = Resampling.average if sure and shape is not None else Resampling.nearest
    found = grid.read(band, window=window, out_shape=shape, masked=True, resampling=way)
    return cleaned(found, scale, counted)


def _averaged(grid: Any, band: int, window: Any, step: int, how: tuple[Scale, Counted]) -> F32:
    """Return the means of step x step cells, read in strips: where there are no overviews.

    The library would unpack the same blocks again and again.
    """
    (top, bottom), (left, right) = window
    high = max(1, STRIP // max(right - left, 1) // step) * step
    strips = []
    for row in range(top, bottom, high):
        check()
        strip = _heights(grid, band, ((row, min(row + high, bottom)), (left, right)), None, how)
        strips.append(_means(strip, step))
    return np.concatenate(strips)


def _means(cells: F32, step: int) -> F32:
    """Return the mean of each step x step cells that hold heights; the last ones may be fewer."""
    rows, columns = -(-cells.shape[0] // step), -(-cells.shape[1] // step)
    full = np.full((rows * step, columns * step), np.nan, np.float32)
    full[: cells.shape[0], : cells.shape[1]] = cells
    parts = full.reshape(rows, step, columns, step)
    there = np.isfinite(parts)
    count = there.sum(axis=(1, 3))
    total = np.where(there, parts, np.float32(0)).sum(axis=(1, 3), dtype=np.float64)
    with np.errstate(invalid="ignore"):
        return np.where(count, total / np.maximum(count, 1), np.nan).astype(np.float32)


def _masked(grid: Any, band: int) -> bool:
    """Return whether a mask beside the values says where there is no data."""
    flags = [flag.name for flag in grid.mask_flag_enums[band - 1]]
    return "per_dataset" in flags or "alpha" in flags


def cleaned(found: Any, scale: Scale, counted: Counted) -> F32:
    """Return values as heights f32(n, m): masked ones, marks for no data and what no place has are NaN."""
    values: F64 = np.asarray(np.ma.getdata(found), np.float64)
    hole = np.array(np.ma.getmaskarray(found)) | ~np.isfinite(values)
    marks = np.isin(values, MARKS) & ~hole
    with np.errstate(over="ignore", invalid="ignore"):
        heights = values * scale.factor + scale.offset
        metres = heights * scale.metres
        beyond = ~hole & ~marks & ((metres < LOWEST) | (metres > HIGHEST))
    counted.marks += int(marks.sum())
    counted.beyond += int(beyond.sum())
    heights[hole | marks | beyond] = np.nan
    return heights.astype(np.float32)
