"""Storeys drawn apart: each tile's geometry lifted by how many storeys its objects stand above the lowest.

The lifted tiles are real geometry, so what is drawn, picked, measured and cut is one thing; nothing is
written anywhere, and the source's tiles stay as they are.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from twin.features import FeatureTable, absent
from twin.geometry import F32, I32, Drawable, Instances
from twin.scene import Layer
from twin.streaming import Resident

COLUMN = "Storey"


def levels(table: FeatureTable) -> I32:
    """Return i32(n): how many storeys lie below each row's own; 0 for what is on none.

    Storeys stand in the order of their lowest objects.
    """
    column = table.columns.get(COLUMN)
    if column is None or column.dtype.kind != "T":
        return np.zeros(len(table), np.int32)
    names = np.where(absent(column), "", column).astype("T")
    unique, inverse = np.unique(names, return_inverse=True)
    low = np.full(len(unique), np.inf)
    heights = np.where(np.isfinite(table.bounds[:, 2]), table.bounds[:, 2], np.inf)
    np.minimum.at(low, inverse, heights)
    low[unique == ""] = -np.inf
    rank = np.empty(len(unique), np.int32)
    rank[np.argsort(low, kind="stable")] = np.arange(len(unique))
    return np.maximum(rank - int((unique == "").any()), 0)[inverse].astype(np.int32)


@dataclass
class Exploding:
    """One layer drawn apart by ``gap`` metres a storey; tiles are lifted once and kept."""

    gap: float
    lifts: F32
    table: FeatureTable
    _tiles: dict[int, tuple[Resident, Resident]] = field(default_factory=dict)

    @staticmethod
    def of(layer: Layer, gap: float) -> "Exploding":
        """Return the layer's storeys drawn apart."""
        lifts = (levels(layer.features) * gap).astype(np.float32)
        return Exploding(gap, lifts, layer.features)

    def shown(self, tiles: dict[int, Resident]) -> dict[int, Resident]:
        """Return the tiles as they are drawn; the same tiles give the same answer, by identity."""
        self._tiles = {n: pair for n, pair in self._tiles.items() if n in tiles}
        for number, tile in tiles.items():
            known = self._tiles.get(number)
            if known is None or known[0] is not tile:
                self._tiles[number] = (tile, lifted_tile(tile, self.lifts))
        return {number: self._tiles[number][1] for number in tiles}


def lifted_tile(tile: Resident, lifts: F32) -> Resident:
    """Return a tile whose objects stand ``lifts`` f32(n) metres higher, by row."""
    own = np.append(lifts[tile.rows], np.float32(0.0))  # -1, the background, stays
    if not own.any():
        return tile
    box = tile.box.copy()
    box[2] += min(float(own[:-1].min(initial=0.0)), 0.0)
    box[5] += max(float(own[:-1].max(initial=0.0)), 0.0)
    return replace(tile, drawables=tuple(_lifted(item, own) for item in tile.drawables), box=box)


def _lifted(item: Drawable, own: F32) -> Drawable:
    if isinstance(item, Instances):
        transforms = item.transforms.copy()
        transforms[:, 2, 3] += own[item.feature]
        return replace(item, transforms=transforms)
    positions = item.positions.copy()
    positions[:, 2] += own[item.feature]
    return replace(item, positions=positions)
