"""Square cells over an area: how much of each lies in it, the ground at their middles, water that finds its way."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from twin.errors import UsageError
from twin.features import Bool
from twin.geometry import F64

MANY = 4_000_000
"""Cells of a grid at most."""


@dataclass(frozen=True)
class Grid:
    """Cells of ``size`` metres, ``rows`` by ``columns``, at whole multiples of the size.

    ``middles`` f64(r*c, 2), row by row from the south-west; ``area`` f64(r*c) m² of each within the area.
    """

    size: float
    rows: int
    columns: int
    middles: F64
    area: F64

    def triangles(self, chosen: Bool, height: F64) -> F64:
        """Return two triangles f64(2n, 3, 3) for each of some cells at heights f64(n)."""
        half = self.size / 2
        steps = np.array([[-half, -half], [half, -half], [half, half], [-half, half]])
        corners = self.middles[chosen][:, None] + steps
        raised = np.concatenate([corners, np.repeat(height[:, None, None], 4, axis=1)], axis=2)
        return np.asarray(raised[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3, 3))


def grid_over(area: BaseGeometry, size: float) -> Grid:
    """Return the cells that an area touches. Raises UsageError for more than ``MANY``."""
    low_x, low_y, high_x, high_y = area.bounds
    first_x, first_y = np.floor(low_x / size), np.floor(low_y / size)
    columns, rows = int(np.ceil(high_x / size) - first_x), int(np.ceil(high_y / size) - first_y)
    if columns * rows > MANY:
        raise UsageError(reason=f"the grid would have more than {MANY} cells: take wider cells")
    x = (first_x + np.arange(columns) + 0.5) * size
    y = (first_y + np.arange(rows) + 0.5) * size
    middles = np.stack([part.ravel() for part in np.meshgrid(x, y)], axis=1)
    return Grid(size, rows, columns, middles, _shares(area, middles, size))


def _shares(area: BaseGeometry, middles: F64, size: float) -> F64:
    half = size / 2
    low, high = middles - half, middles + half
    shapely.prepare(area)
    cells = np.asarray(shapely.box(*low.T, *high.T), object)
    found = np.where(shapely.contains(area, cells), size**2, 0.0)
    edge = np.flatnonzero((found == 0) & shapely.intersects(area, cells))
    found[edge] = shapely.area(shapely.intersection(cells[edge], area))
    return np.asarray(found, np.float64)


def reached(wet: Bool, sources: F64, grid: Grid) -> Bool:
    """Return bool(r*c): wet cells joined by wet cells (also over corners) to the cell of a source f64(s, 2)."""
    ndimage: Any = import_module("scipy.ndimage")  # no start need wait for it
    shape = wet.reshape(grid.rows, grid.columns)
    labels: NDArray[Any] = ndimage.label(shape, np.ones((3, 3)))[0]
    origin = grid.middles[0]
    cell = np.round((sources - origin) / grid.size).astype(np.int64)
    inside = (cell >= 0).all(axis=1) & (cell[:, 0] < grid.columns) & (cell[:, 1] < grid.rows)
    if not inside.any():
        raise UsageError(reason="no source of water lies in the area")
    names = np.unique(labels[cell[inside, 1], cell[inside, 0]])
    return np.asarray(np.isin(labels, names[names > 0]).ravel(), np.bool_)
