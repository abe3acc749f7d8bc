"""Collects what the contents of one tile bring: drawables, and blocks of features with columns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from twin.errors import TwinError
from twin.features import TEXT, Column
from twin.geometry import F64, I32, Drawable
from twin.records import Problem

Fetch = Callable[[str], bytes]


@dataclass(slots=True)
class Block:
    """Features that came together: ``count`` rows from row ``start``, with their columns."""

    start: int
    count: int
    columns: Mapping[str, Column]
    kinds: tuple[str, ...] | None
    address: str


@dataclass(slots=True)
class Gathering:
    """What one fetch has found so far. ``matrix`` f64(4, 4) moves tile coordinates to the tileset's;
    ``feature_ids`` names the set of feature numbers that a mapping chose."""

    matrix: F64
    up: str
    location: str
    address: str = ""
    feature_ids: str = ""
    drawables: list[Drawable] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    credits: dict[str, None] = field(default_factory=dict)
    rows: int = 0
    _alone: dict[str, int] = field(default_factory=dict)

    def block(
        self, count: int, columns: Mapping[str, Column], kinds: tuple[str, ...] | None = None
    ) -> int:
        """Add features and return the number of the first."""
        start = self.rows
        self.blocks.append(Block(start, count, columns, kinds, self.address))
        self.rows += count
        return start

    def alone(self) -> int:
        """Return the row that stands for all of this content that has no features."""
        if self.address not in self._alone:
            self._alone[self.address] = self.block(1, {}, ("Tile",))
        return self._alone[self.address]

    def report(self, code: str, text: str, **params: object) -> None:
        """List a problem of this tile."""
        self.problems.append(Problem(code, text, self.address, params))

    def failed(self, error: TwinError) -> None:
        """List an error of one content; its neighbours stay."""
        self.problems.append(Problem(error.full_code, str(error), self.address, error.params))


def numbered(numbers: NDArray[np.integer], start: int, count: int) -> tuple[I32, int]:
    """Return tile-local feature numbers (-1 = none) and how many were out of range."""
    inside = (numbers >= 0) & (numbers < count)
    found = np.where(inside, numbers + start, -1).astype(np.int32)
    return found, int((~inside & (numbers != -1)).sum())


def joined(blocks: list[Block], rows: int) -> dict[str, Column]:
    """Return the columns of all blocks over all rows; where a block lacks one, its rows miss it."""
    names: dict[str, None] = {}
    for block in blocks:
        names.update(dict.fromkeys(block.columns))
    if len(blocks) == 1:
        return dict(blocks[0].columns)
    return {name: _one(name, blocks, rows) for name in names}


def _one(name: str, blocks: list[Block], rows: int) -> Column:
    held = [block.columns[name] for block in blocks if name in block.columns]
    if len(held) == len(blocks) and len({column.dtype for column in held}) == 1:
        return np.concatenate(held)
    if all(column.dtype.kind in "iufb" for column in held) and not any(map(_beyond, held)):
        found: Column = np.full(rows, np.nan)
    else:
        found = np.array([None] * rows, dtype=TEXT)
    for block in blocks:
        column = block.columns.get(name)
        if column is None:
            continue
        if found.dtype.kind == "T" and column.dtype.kind != "T":
            column = np.array([str(v) for v in column.tolist()], dtype=TEXT)
        found[block.start : block.start + block.count] = column
    return found


def _beyond(column: Column) -> bool:
    """Return whether whole numbers stand in a column that a double would change."""
    whole = column.dtype.kind in "iu"
    return whole and bool((np.abs(column.astype(np.float64)) > 2.0**53).any())
