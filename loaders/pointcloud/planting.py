"""From the parts that were dealt along the curve to a tree of tiles."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders.pointcloud.header import Header
from loaders.pointcloud.ordering import U64, Cube
from twin.geometry import F64
from twin.tiles import ADD, TileTree

MOST_TILE = 200_000
"""Points of a tile; what is more (points in one place) stands in tiles beside it."""
REFINE = 8.0
"""A tile counts as this many times as coarse as its points stand apart: 16 pixels of error put them 2 apart."""

I64 = NDArray[np.int64]
_LEVEL, _ABOVE = np.uint64(60), np.uint64(16)
_CELL = np.uint64((1 << 44) - 1)
_MINOR = np.uint64((1 << 16) - 1)
_OWN = np.uint64(7)


@dataclass(frozen=True)
class Parts:
    """Runs of stored points of one tile: ``level`` u8(k), ``cell`` u64(k) along the curve at that level, the
    place ``start`` in the store, ``count``; ``low`` and ``high`` i32(k, 3) are their bounds in integers."""

    level: NDArray[np.uint8]
    cell: U64
    start: I64
    count: I64
    low: NDArray[np.int32]
    high: NDArray[np.int32]

    def columns(self) -> tuple[NDArray[Any], ...]:
        """Return the columns in the order in which they are declared."""
        return self.level, self.cell, self.start, self.count, self.low, self.high

    def parted(self) -> "Parts":
        """Return the same in parts of no more points than a tile holds."""
        many = -(-self.count // MOST_TILE)
        if (many == 1).all():
            return self
        which = np.repeat(np.arange(len(many)), many)
        step = (np.arange(len(which)) - np.repeat(np.cumsum(many) - many, many)) * MOST_TILE
        count = np.minimum(self.count[which] - step, MOST_TILE)
        return Parts(
            self.level[which], self.cell[which], self.start[which] + step, count, self.low[which],
            self.high[which],
        )  # fmt: skip


def planted(header: Header, cube: Cube, parts: Parts) -> tuple[TileTree, I64, I64, I64]:
    """Return the tree, and of each part its tile, its place in the store and its number, by tile."""
    parts = parts.parted()
    names = _named(parts)
    order = np.argsort(names, kind="stable")
    names = names[order]
    every = _with_parents(np.unique(names))
    tile = np.searchsorted(every, names).astype(np.int64)
    low, high = parts.low[order].astype(np.int64), parts.high[order].astype(np.int64)
    tree = _tree(header, cube, every, (tile, low, high))
    return tree, tile, parts.start[order].astype(np.int64), parts.count[order].astype(np.int64)


def _named(parts: Parts) -> U64:
    """Return the names u64(k) of the parts' tiles: level, cell above, which of its children.

    Sorted names have the children of a tile together. What is too much for a tile stands in more
    children of it, counted from 8.
    """
    level, cell = parts.level.astype(np.uint64), parts.cell
    own = (level << _LEVEL) | ((cell >> np.uint64(3)) << _ABOVE) | (cell & _OWN)
    order = np.argsort(own, kind="stable")
    counts, sorted_ = parts.count[order], own[order]
    new = np.ones(len(own), np.bool_)
    new[1:] = sorted_[1:] != sorted_[:-1]
    before = np.cumsum(counts) - counts
    within = before - np.maximum.accumulate(np.where(new, before, 0))
    more = np.empty(len(own), np.uint64)
    more[order] = within // MOST_TILE
    beside = ((level + np.uint64(1)) << _LEVEL) | (cell << _ABOVE) | (more + _OWN)
    return np.asarray(np.where(more > 0, beside, own), np.uint64)


def _above(names: U64) -> U64:
    """Return the names of the tiles above; the root's is its own."""
    level = names >> _LEVEL
    cell = (names >> _ABOVE) & _CELL
    up = np.maximum(level, np.uint64(1)) - np.uint64(1)
    found: U64 = (up << _LEVEL) | ((cell >> np.uint64(3)) << _ABOVE) | (cell & _OWN)
    return found


def _with_parents(names: U64) -> U64:
    """Return the names with those of all tiles above them, sorted."""
    while True:
        more = np.union1d(names, _above(names))
        if len(more) == len(names):
            return more
        names = more


def _tree(header: Header, cube: Cube, names: U64, parts: tuple[I64, I64, I64]) -> TileTree:
    """Return the tree of sorted names; every tile's box holds its points and its children."""
    n = len(names)
    level = (names >> _LEVEL).astype(np.int64)
    parent = np.searchsorted(names, _above(names)).astype(np.int32)
    parent[0] = -1
    tile, least, most = parts
    low = np.full((n, 3), np.iinfo(np.int64).max)
    high = np.full((n, 3), np.iinfo(np.int64).min)
    np.minimum.at(low, tile, least)
    np.maximum.at(high, tile, most)
    for step in range(int(level.max()), 0, -1):
        rows = np.flatnonzero(level == step)
        np.minimum.at(low, parent[rows], low[rows])
        np.maximum.at(high, parent[rows], high[rows])
    count = np.bincount(parent[1:], minlength=n).astype(np.int32)
    first = np.zeros(n, np.int32)
    first[parent[:0:-1]] = np.arange(n - 1, 0, -1, dtype=np.int32)
    content = np.zeros(n, np.bool_)
    content[tile] = True
    center, axes = boxed(low * header.scale + header.offset, high * header.scale + header.offset,
                         header.scale)  # fmt: skip
    error = np.array([REFINE * cube.spacing(step) for step in range(17)], np.float32)[level]
    refine = np.full(n, ADD, np.uint8)
    return TileTree(center, axes, error, parent, first, count, refine, content)


def depths(parent: NDArray[np.int32]) -> I64:
    """Return how many levels of tiles stand below each i64(n); parents stand before their children."""
    found = np.zeros(len(parent), np.int64)
    while True:
        before = found.copy()
        np.maximum.at(found, parent[1:], found[1:] + 1)
        if np.array_equal(found, before):
            return found


def boxed(low: F64, high: F64, least: F64) -> tuple[F64, NDArray[np.float32]]:
    """Return centres f64(n, 3) and half axes f32(n, 3, 3) of boxes, at least ``least`` f64(3) wide."""
    half = np.maximum((high - low) / 2 * (1 + 1e-6), least)
    axes = np.zeros((len(low), 3, 3), np.float32)
    axes[:, [0, 1, 2], [0, 1, 2]] = half
    return (low + high) / 2, axes
