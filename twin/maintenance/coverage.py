"""What a building covers on the ground and how high it is, from its triangles: the same for a model and a city object."""

import math
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from twin.features import Bool
from twin.geometry import F64, Drawable, Instances, Mesh, Rows
from twin.measuring.plan import areas, joined

FLAT = 1e-4
"""Square metres that a triangle must cover in plan: walls are lines there."""
MOST = 400_000
"""Triangles in plan that are joined exactly; of more only the largest are taken, and that is said."""


@dataclass(frozen=True)
class Extent:
    """``outline`` in plan, ``base`` and ``top`` heights in metres (NaN without a surface), ``storeys``
    where somebody says, ``partly``: not every triangle was joined."""

    outline: BaseGeometry
    base: float
    top: float
    storeys: int | None = None
    partly: bool = False

    @property
    def area(self) -> float:
        """Return the square metres covered in plan."""
        return float(self.outline.area)

    @property
    def height(self) -> float:
        """Return the metres from the lowest to the highest point."""
        return self.top - self.base


@dataclass
class Outlines:
    """Gathers the triangles of some rows, tile by tile (see ``Survey``)."""

    wanted: Bool
    low: float = math.inf
    high: float = -math.inf
    _plan: list[F64] = field(default_factory=list)

    def add(self, drawables: tuple[Drawable, ...], rows: Rows) -> None:
        """Take what belongs to a wanted row; local feature numbers stand for ``rows`` i32(k)."""
        for item in drawables:
            if isinstance(item, Mesh):
                self._mesh(item, rows)
            elif isinstance(item, Instances):
                self._instances(item, rows)

    def _mesh(self, mesh: Mesh, rows: Rows) -> None:
        number = mesh.feature[mesh.triangles[:, 0]]
        own = number >= 0
        own[own] = self.wanted[rows[number[own]]]
        if own.any():
            points = mesh.positions.astype(np.float64) + mesh.origin
            self._take(points[mesh.triangles[own]])

    def _instances(self, item: Instances, rows: Rows) -> None:
        corners = (item.mesh.positions.astype(np.float64) + item.mesh.origin)[item.mesh.triangles]
        for transform, number in zip(item.transforms, item.feature.tolist(), strict=True):
            if number >= 0 and self.wanted[rows[number]]:
                self._take(corners @ transform[:3, :3].T + transform[:3, 3])

    def _take(self, corners: F64) -> None:
        if not len(corners):
            return
        self.low = min(self.low, float(corners[:, :, 2].min()))
        self.high = max(self.high, float(corners[:, :, 2].max()))
        plan = corners[:, :, :2]
        self._plan.append(plan[np.abs(areas(plan)) > FLAT])

    def extent(self, storeys: int | None = None) -> Extent:
        """Return what was gathered; some 5 000 triangles a second are joined."""
        none = np.zeros((0, 3, 2))
        plan = np.concatenate([none, *self._plan])
        partly = len(plan) > MOST
        if partly:
            plan = plan[np.argsort(-np.abs(areas(plan)))[:MOST]]
        if not math.isfinite(self.low):
            return Extent(Polygon(), math.nan, math.nan, storeys)
        return Extent(joined(plan), self.low, self.high, storeys, partly)


def shared(first: BaseGeometry, second: BaseGeometry) -> float:
    """Return intersection over union of two outlines, 0..1."""
    union = shapely.union(first, second).area
    return float(shapely.intersection(first, second).area / union) if union else 0.0
