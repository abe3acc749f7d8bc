"""What buildings cover in plan and how high they are, added up tile by tile; nothing else is kept."""

from dataclasses import dataclass

import numpy as np

from twin.geometry import F64, Drawable, Instances, Mesh, Rows

AT_ONCE = 500_000
"""Triangles of instances that are multiplied out at once."""


@dataclass(frozen=True)
class Plans:
    """One row an object, NaN without a surface: ``area`` f64(n) m2 covered in plan, ``height`` f64(n) metres from
    the lowest to the highest point."""

    area: F64
    height: F64


class PlanSums:
    """Adds up what surfaces cover in plan.

    What looks up and what looks down is added apart, and the larger sum counts: of a closed body both are its
    plan, of a roof without a floor only one is. It is never more than the box covers.
    """

    def __init__(self, n: int) -> None:
        """Start with nothing of ``n`` objects."""
        self._up, self._down = np.zeros(n), np.zeros(n)
        self._low, self._high = np.full((n, 3), np.inf), np.full((n, 3), -np.inf)

    def add(self, drawables: tuple[Drawable, ...], rows: Rows) -> None:
        """Add the surfaces of a tile whose local feature numbers stand for ``rows`` i32(k)."""
        for item in drawables:
            if isinstance(item, Mesh) and len(item.triangles):
                number = item.feature[item.triangles[:, 0]]
                own = number >= 0
                points = item.positions.astype(np.float64) + item.origin
                self._triangles(points[item.triangles[own]], rows[number[own]])
            elif isinstance(item, Instances):
                self._instances(item, rows)

    def _instances(self, item: Instances, rows: Rows) -> None:
        corners = (item.mesh.positions.astype(np.float64) + item.mesh.origin)[item.mesh.triangles]
        step = max(1, AT_ONCE // max(len(corners), 1))
        for start in range(0, len(item.transforms), step):
            part = slice(start, start + step)
            turned = np.einsum("kij,tcj->ktci", item.transforms[part, :3, :3], corners)
            turned += item.transforms[part, None, None, :3, 3]
            number = np.repeat(item.feature[part], len(corners))
            own = number >= 0
            self._triangles(turned.reshape(-1, 3, 3)[own], rows[number[own]])

    def _triangles(self, corners: F64, rows: Rows) -> None:
        if not len(corners):
            return
        n = len(self._up)
        np.minimum.at(self._low, rows, corners.min(axis=1))
        np.maximum.at(self._high, rows, corners.max(axis=1))
        a, b = corners[:, 1, :2] - corners[:, 0, :2], corners[:, 2, :2] - corners[:, 0, :2]
        plan = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / 2
        self._up += np.bincount(rows, np.maximum(plan, 0.0), n)
        self._down += np.bincount(rows, np.maximum(-plan, 0.0), n)

    def plans(self) -> Plans:
        """Return what was added up so far."""
        with np.errstate(invalid="ignore"):
            size = self._high - self._low
        there = np.isfinite(size).all(axis=1)
        box = np.where(there, size[:, 0] * size[:, 1], np.nan)
        area = np.minimum(np.maximum(self._up, self._down), box)
        return Plans(
            np.where(there & (area > 0), area, np.nan),
            np.where(there & (size[:, 2] > 0), size[:, 2], np.nan),
        )
