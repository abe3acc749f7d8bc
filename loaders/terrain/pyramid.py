"""A grid of heights as a pyramid of tiles: which vertices a tile has, and how far it is from the truth.

Vertices lie at the cells' centres. A tile of level k has ``SIDE`` intervals of 2^k cells each way, less at
the far ends; the tiles of level k - 1 divide it in four. So the edges of all levels lie on each other.
A *block* is the piece of the pyramid below one tile that is judged at once, from one window of samples.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F32, F64

SIDE = 64
"""Intervals of a tile each way."""
DEEP = 4
"""Levels that a block adds below its tile: a window of at most SIDE * 2^DEEP + 1 samples each way."""
WHOLE = 5
"""A grid of no more levels than this above the cells is one block."""
ROUGH = 0.55
"""What halving the spacing leaves of the error, for relief as it is found (fractal dimension 2.1 to 2.2)."""


class Tile(NamedTuple):
    """A tile of a pyramid: its level, column and row, and the level and tile of its block."""

    level: int
    column: int
    row: int

    def text(self) -> str:
        """Return it as a part of a token."""
        return f"{self.level}.{self.column}.{self.row}"

    @staticmethod
    def of(text: str) -> "Tile":
        """Return the tile of such a text. Raises ValueError."""
        level, column, row = map(int, text.split("."))
        return Tile(level, column, row)


class Span(NamedTuple):
    """Cells first..last (both belong to it), every ``step`` of them a vertex, and the last one too."""

    first: int
    last: int
    step: int

    def cells(self) -> NDArray[np.int64]:
        """Return the cells that are vertices i64(n)."""
        found = np.arange(self.first, self.last + 1, self.step, dtype=np.int64)
        return found if found[-1] == self.last else np.append(found, self.last)


@dataclass(frozen=True, slots=True)
class Pyramid:
    """The tiles of a grid of ``width`` x ``height`` cells (at least two each way)."""

    width: int
    height: int

    @property
    def top(self) -> int:
        """Return the level of the only tile that holds all."""
        level = 0
        while max(self.counts(level)) > 1:
            level += 1
        return level

    def counts(self, level: int) -> tuple[int, int]:
        """Return how many tiles a level has across and down."""
        reach = SIDE << level
        return -(-(self.width - 1) // reach), -(-(self.height - 1) // reach)

    def spans(self, tile: Tile, step: int) -> tuple[Span, Span]:
        """Return the columns and rows of cells of a tile, sampled every ``step`` cells."""
        reach = SIDE << tile.level
        columns, rows = tile.column * reach, tile.row * reach
        return (
            Span(columns, min(columns + reach, self.width - 1), step),
            Span(rows, min(rows + reach, self.height - 1), step),
        )

    def below(self, tile: Tile) -> tuple[Tile, ...]:
        """Return the tiles that divide a tile, row by row."""
        if not tile.level:
            return ()
        across, down = self.counts(tile.level - 1)
        return tuple(
            Tile(tile.level - 1, column, row)
            for row in range(2 * tile.row, min(2 * tile.row + 2, down))
            for column in range(2 * tile.column, min(2 * tile.column + 2, across))
        )

    def finest(self, block: Tile) -> int:
        """Return the finest level of the block below a tile: a small grid is one block."""
        if block.level == self.top and block.level <= WHOLE:
            return 0
        return max(block.level - DEEP, 0)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a block knows of its tiles: error in the heights' unit, least and most height (NaN = a hole)."""

    error: dict[Tile, float]
    low: dict[Tile, float]
    high: dict[Tile, float]


def picked(samples: F32, stride: int) -> F32:
    """Return every ``stride``-th sample each way, and the last ones too."""
    return samples[np.ix_(_ends(samples.shape[0], stride), _ends(samples.shape[1], stride))]


def _ends(count: int, stride: int) -> NDArray[np.int64]:
    found = np.arange(0, count, stride)
    return found if found[-1] == count - 1 else np.append(found, count - 1)


def judged(pyramid: Pyramid, block: Tile, finest: int, samples: F32) -> Judged:
    """Return errors and heights of all tiles of a block, from its samples at the finest level.

    The error of a tile is the largest difference between its own surface and the samples; where the
    samples are not the cells themselves, what may hide below them is added (``ROUGH``).
    """
    answer = Judged({}, {}, {})
    below: dict[Tile, float] = {}
    beyond = 0.0
    for level in range(finest, block.level + 1):
        stride = 1 << (level - finest)
        off = _differences(samples, stride)
        if level == finest + 1 and finest:
            beyond = ROUGH / (1 - ROUGH) * _quantile(off)
        own: dict[Tile, float] = {}
        for tile, part in _parts(pyramid, block, level, finest):
            most = float(np.max(off[part], initial=0.0))
            under = max((below.get(one, 0.0) for one in pyramid.below(tile)), default=0.0)
            own[tile] = max(most, under)
            heights = samples[part]
            there = heights[np.isfinite(heights)]
            answer.low[tile] = float(there.min()) if len(there) else np.nan
            answer.high[tile] = float(there.max()) if len(there) else np.nan
        answer.error.update(own)
        below = own
    if finest and block.level == finest:
        beyond = 0.0
    for tile in answer.error:
        answer.error[tile] += beyond
    return answer


def _quantile(off: F32) -> float:
    """Return a large but not the largest difference: a single spike says little of what is not seen."""
    return float(np.quantile(off, 0.99)) if off.size else 0.0


def _parts(
    pyramid: Pyramid, block: Tile, level: int, finest: int
) -> list[tuple[Tile, tuple[slice, slice]]]:
    """Return the tiles of a level of a block and their pieces of the block's samples."""
    found = []
    columns, rows = pyramid.spans(block, 1)
    across, down = pyramid.counts(level)
    shift = block.level - level
    for row in range(block.row << shift, min((block.row + 1) << shift, down)):
        for column in range(block.column << shift, min((block.column + 1) << shift, across)):
            tile = Tile(level, column, row)
            own_columns, own_rows = pyramid.spans(tile, 1)
            found.append(
                (tile, (_piece(own_rows, rows, finest), _piece(own_columns, columns, finest)))
            )
    return found


def _piece(own: Span, whole: Span, finest: int) -> slice:
    first = (own.first - whole.first) >> finest
    last = -(-(own.last - whole.first) // (1 << finest))
    return slice(first, last + 1)


def piece(pyramid: Pyramid, block: Tile, tile: Tile, finest: int) -> tuple[slice, slice]:
    """Return where the samples of a tile stand in those of its block (rows, columns)."""
    columns, rows = pyramid.spans(block, 1)
    own_columns, own_rows = pyramid.spans(tile, 1)
    return _piece(own_rows, rows, finest), _piece(own_columns, columns, finest)


def _differences(samples: F32, stride: int) -> F32:
    """Return |sample - surface through every stride-th one| f32(n, m); 0 in and beside holes."""
    if stride == 1:
        return np.zeros_like(samples)
    coarse = picked(samples, stride)
    across = _stretched(coarse, samples.shape[1], stride)
    surface = _stretched(across.T, samples.shape[0], stride).T
    off = np.abs(samples - surface)
    return np.where(np.isfinite(off), off, np.float32(0.0)).astype(np.float32)


def _stretched(coarse: F32, count: int, stride: int) -> F32:
    """Return rows f32(r, k) put back to ``count`` samples by straight lines."""
    at = np.arange(count)
    ends = _ends(count, stride)
    left = np.minimum(at // stride, len(ends) - 2)
    share = ((at - ends[left]) / (ends[left + 1] - ends[left])).astype(np.float32)
    low, high = coarse[:, left], coarse[:, left + 1]
    mixed = low * (1 - share) + high * share
    mixed[:, share == 0] = low[:, share == 0]  # a hole on the other side says nothing here
    mixed[:, share == 1] = high[:, share == 1]
    return np.asarray(mixed, np.float32)


def boxes_of(
    found: Judged, tiles: list[Tile], corners: dict[Tile, F64], skirt: dict[Tile, float]
) -> F64:
    """Return boxes f64(n, 6) of tiles: their corners f64(4, 2) in the plane, their heights, their skirts."""
    rows = []
    for tile in tiles:
        plan = corners[tile]
        low, high = found.low[tile], found.high[tile]
        low, high = (0.0, 0.0) if np.isnan(low) else (low - skirt[tile], high)
        more = found.error[tile]
        rows.append([*plan.min(axis=0), low - more, *plan.max(axis=0), high + more])
    return np.array(rows, np.float64).reshape(-1, 6)
