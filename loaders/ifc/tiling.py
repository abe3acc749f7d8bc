"""Which elements come together: a small first tile, parts of equal size, and nobody with a far neighbour."""

from collections.abc import Mapping, Sequence

import numpy as np

from twin.geometry import F64, empty_box
from twin.tiles import TileTree

FIRST_SHARE = 0.1
"""The part of the objects in the first tile: the first picture."""
FEWEST_FIRST = 8
MOST_IN_TILE = 2000
FEWEST_TILES = 4
WIDEST = 20_000.0
"""Metres a tile may reach: float32 offsets from its middle are good to a millimetre then. An element
that a program put thousands of kilometres away must not make its neighbours tremble."""


def tiles_of(groups: list[list[int]], thin: Sequence[int]) -> list[list[int]]:
    """Return the elements of each tile: a small first one, parts of equal size, then what is thin."""
    total = sum(map(len, groups))
    first = max(FEWEST_FIRST, int(total * FIRST_SHARE))
    size = min(MOST_IN_TILE, max(1, -(-(total - first) // (FEWEST_TILES - 1))))
    tiles: list[list[int]] = []
    limit = first
    for group in groups:
        if not tiles or len(tiles[-1]) >= limit:
            limit = first if not tiles else size
            tiles.append([])
        tiles[-1].extend(group)
    parts = range(0, len(thin), MOST_IN_TILE)
    return [*tiles, *(list(thin[at : at + MOST_IN_TILE]) for at in parts)]


def apart(
    tiles: Sequence[Sequence[int]], bounds: F64, row_of: Mapping[int, int]
) -> list[list[int]]:
    """Return tiles of which none reaches too far, unless a single element does.

    ``bounds`` f64(rows, 6) metres; what has none stays with the first of its tile.
    """
    found: list[list[int]] = []
    for tile in tiles:
        rows = np.array([row_of[step] for step in tile])
        if _width(around(bounds[rows])) <= WIDEST:
            found.append(list(tile))
            continue
        groups: dict[tuple[int, ...], list[int]] = {}
        for step, box in zip(tile, bounds[rows], strict=True):
            groups.setdefault(_cell(step, box), []).append(step)
        found.extend(groups.values())
    return found


def _cell(step: int, box: F64) -> tuple[int, ...]:
    """Return what elements of one tile have in common: a square, or nothing where one is too wide."""
    if not np.isfinite(box).all():
        return ()
    if _width(box) > WIDEST:
        return (step,)
    return tuple(np.floor((box[:3] + box[3:]) / (2 * WIDEST)).astype(np.int64).tolist())


def _width(box: F64) -> float:
    return float((box[3:] - box[:3]).max()) if np.isfinite(box).all() else 0.0


def tree_of(tiles: Sequence[Sequence[int]], bounds: F64, row_of: Mapping[int, int]) -> TileTree:
    """Return the flat tree over tiles."""
    boxes = [around(bounds[[row_of[step] for step in tile]]) for tile in tiles]
    if not boxes:
        return TileTree.single(np.zeros(6))
    return TileTree.flat(np.stack(boxes))


def around(bounds: F64) -> F64:
    """Return the box f64(6) around those of some bounds that are known."""
    known = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(known):
        return empty_box()
    return np.concatenate([known[:, :3].min(axis=0), known[:, 3:].max(axis=0)])
