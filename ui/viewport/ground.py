"""The ground under a city that brings none: where its objects stand. Pure numpy.

Shadows need something to fall on. Heights are the lowest ones of the objects in squares of ``CELL`` metres; between
and beyond them the nearest ones hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F32, F64, I32, Instances, Mesh
from twin.streaming import Resident

CELL = 25.0
MOST_CELLS = 96
"""Cells on a side of the ground; a larger city has larger ones."""
SUNK = 0.06
"""Metres that the ground lies beneath the feet of the objects: streets that are there stay seen."""
NEAR_GROUND = 1.5
OWN_SHARE = 0.3
"""A city whose lowest surfaces that face up cover more than this share of its cells has a ground of its own."""
MOST_CORNERS = 200_000
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Feet:
    """The cells i64(k, 2) that a tile's vertices lie in, the lowest height f64(k) in each, the area of surfaces that
    face up near it, m2."""

    cells: np.ndarray[tuple[int, int], np.dtype[np.int64]]
    low: F64
    area: float


NOWHERE = Feet(np.zeros((0, 2), np.int64), np.zeros(0), 0.0)


def feet(resident: Resident) -> Feet:
    """Return where a tile stands. Of many triangles a sample is looked at."""
    parts = [_corners(item) for item in resident.drawables if isinstance(item, Mesh | Instances)]
    corner = np.concatenate([np.zeros((0, 3, 3)), *parts])
    if not len(corner):
        return NOWHERE
    cells, inverse = np.unique(
        np.floor(corner[:, :, :2].reshape(-1, 2) / CELL).astype(np.int64),
        axis=0,
        return_inverse=True,
    )
    inverse = inverse.reshape(-1)
    low = np.full(len(cells), np.inf)
    np.minimum.at(low, inverse, corner[:, :, 2].reshape(-1))
    a, b = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    up = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / 2
    level = corner[:, :, 2].max(axis=1) < low[inverse.reshape(-1, 3)[:, 0]] + NEAR_GROUND
    return Feet(cells, low, float(up[level & (up > 0)].sum()))


def _corners(item: Mesh | Instances) -> F64:
    """Return the corners f64(t, 3, 3) of triangles; of instances the places they stand at."""
    if isinstance(item, Instances):
        low = item.mesh.positions.min(axis=0) + item.mesh.origin if len(item.mesh.positions) else 0
        at = item.transforms[:, :3, 3] + low
        return np.asarray(np.repeat(at[:, None, :], 3, axis=1), np.float64)
    step = max(1, len(item.triangles) // MOST_CORNERS)
    points = item.positions[item.triangles[::step]].astype(np.float64)
    return np.asarray(points + item.origin, np.float64)


@dataclass(frozen=True, slots=True)
class Ground:
    """A grid of places f32(across, along, 3) round an origin f64(3), ``size`` metres apart: corners of square cells."""

    origin: F64
    places: F32
    size: float

    def triangles(self, kept: Mask | None = None) -> I32:
        """Return the triangles i32(t, 3) of all cells, or of those ``kept`` bool(across - 1, along - 1)."""
        across, along = self.places.shape[:2]
        number = np.arange(across * along).reshape(across, along)
        a, b, c, d = number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:]
        found = np.stack([a, b, c, a, c, d], axis=-1).astype(np.int32)
        return (found if kept is None else found[kept]).reshape(-1, 3)

    def heights_of(self, boxes: F64) -> F64:
        """Return for each cell f64(across - 1, along - 1) how far boxes f64(n, 6) rise above the lowest ground."""
        first = self.origin + self.places[0, 0]
        low = self.origin[2] + float(self.places[..., 2].min())
        found = np.zeros((self.places.shape[0] - 1, self.places.shape[1] - 1))
        start = np.floor((boxes[:, 0:2] - first[:2]) / self.size).astype(int).clip(0)
        stop = np.floor((boxes[:, 3:5] - first[:2]) / self.size).astype(int).clip(-1) + 1
        for (i, j), (k, m), top in zip(start, stop, boxes[:, 5] - low, strict=True):
            part = found[i:k, j:m]
            np.maximum(part, top, out=part)
        return found


def reached(heights: F64, size: float, sun: tuple[float, float, float]) -> Mask:
    """Return the cells bool(h, w) of ``size`` metres that shadows of what rises ``heights`` f64(h, w) may reach.

    Never a false no: a shadow goes from cell to cell away from the sun as long as its maker is high enough.
    """
    level = float(np.hypot(sun[0], sun[1]))
    found = heights > 0
    if level > 1e-6:
        fall = size * sun[2] / level
        most = min(int(heights.max(initial=0.0) / fall) + 2, int(np.hypot(*heights.shape)) + 1)
        for step in range(1, most):
            x, y = (round(-step * side / level) for side in sun[:2])
            found |= _moved(heights > (step - 1) * fall, x, y)
    # a step to a cell was rounded to a whole one, and begins anywhere in its own
    wide = [_moved(found, x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)]
    return np.asarray(np.logical_or.reduce(wide), np.bool_)


def _moved(mask: Mask, x: int, y: int) -> Mask:
    found = np.zeros_like(mask)
    height, width = mask.shape
    if abs(x) < height and abs(y) < width:
        found[max(x, 0) : height + min(x, 0), max(y, 0) : width + min(y, 0)] = mask[
            max(-x, 0) : height - max(x, 0), max(-y, 0) : width - max(y, 0)
        ]
    return found


def ground(tiles: Sequence[Feet], room: float) -> Ground | None:
    """Return the ground, ``room`` metres wider than the city.

    None when there is nothing, or when the city has a ground of its own.
    """
    cells = np.concatenate([np.zeros((0, 2), np.int64), *(tile.cells for tile in tiles)])
    heights = np.concatenate([np.zeros(0), *(tile.low for tile in tiles)])
    sound = np.isfinite(heights)
    cells, heights = cells[sound], heights[sound]
    if not len(cells):
        return None
    held = len(np.unique(cells, axis=0)) * CELL * CELL
    if sum(tile.area for tile in tiles) > OWN_SHARE * held:
        return None
    first, last = cells.min(axis=0), cells.max(axis=0)
    coarse = max(1, int(np.ceil((last - first + 1).max() / MOST_CELLS)))
    at = (cells - first) // coarse
    table = np.full(tuple(at.max(axis=0) + 1), np.inf)
    np.minimum.at(table, (at[:, 0], at[:, 1]), heights)
    size = CELL * coarse
    around = max(1, int(np.ceil(room / size)))
    table = np.pad(_filled(table), around, mode="edge")
    corner = (first * CELL) - around * size
    return _grid(table - SUNK, corner, size)


def _filled(table: F64) -> F64:
    """Return the table with the mean of known neighbours where nothing (inf) is known, outwards."""
    while not np.isfinite(table).all():
        wide = np.pad(table, 1, constant_values=np.inf)
        parts = np.stack(
            [
                wide[1 + dx : wide.shape[0] - 1 + dx, 1 + dy : wide.shape[1] - 1 + dy]
                for dx in (-1, 0, 1)
                for dy in (-1, 0, 1)
            ]
        )
        known = np.isfinite(parts)
        count = known.sum(axis=0)
        total = np.where(known, parts, 0.0).sum(axis=0)
        mean = np.where(count > 0, total / np.maximum(count, 1), np.inf)
        table = np.where(np.isfinite(table), table, mean)
    return table


def _grid(table: F64, corner: F64, size: float) -> Ground:
    x, y = np.meshgrid(*((np.arange(side) + 0.5) * size for side in table.shape), indexing="ij")
    origin = np.array([*corner, np.round(table.mean())], np.float64)
    return Ground(origin, np.stack([x, y, table - origin[2]], axis=2).astype(np.float32), size)
