"""What buildings cover in plan and how high they are, gathered tile by tile.

Areas are added up first. Where surfaces lie over one another (a solid and its surfaces in one file, parts on
top of parts) the sum is too large: then a grid of points over the box says how much of it is covered.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F64, Drawable, Instances, Mesh, Rows
from twin.jobs import Feedback
from twin.jobs.work import SILENT

AT_ONCE = 500_000
"""Triangles of instances that are multiplied out at once."""

GRID = 16
"""Points along each side of a box that are looked at."""
SLACK = 1.10
"""A sum of areas up to so many times what the grid says is believed: it is exact where nothing overlaps."""
SMALL = 20.0
"""Square metres in plan below which a sum is believed: such a building hardly counts."""
FLAT = 1e-4
"""Square metres in plan below which a triangle covers nothing."""
MOST = 6_000_000
"""Triangles that are kept for the grid; of a larger layer the sums are believed."""
CHUNK = 4096


@dataclass(frozen=True)
class Plans:
    """One row an object, NaN without a surface: ``area`` f64(n) m2 covered in plan, ``height`` f64(n) metres from
    the lowest to the highest point."""

    area: F64
    height: F64


NOT_YET = Plans(np.zeros(0), np.zeros(0))
"""Nothing measured so far."""


class PlanSums:
    """Adds up what surfaces cover in plan.

    What looks up and what looks down is added apart, and the larger sum counts: of a closed body both are its
    plan, of a roof without a floor only one is. It is never more than the box covers.
    """

    def __init__(self, n: int) -> None:
        """Start with nothing of ``n`` objects."""
        self._up, self._down = np.zeros(n), np.zeros(n)
        self._low, self._high = np.full((n, 3), np.inf), np.full((n, 3), -np.inf)
        self._kept: list[tuple[F64, Rows]] = []
        self._count = 0

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
        flat = np.abs(plan) > FLAT
        self._count += int(flat.sum())
        if self._count <= MOST:
            self._kept.append((corners[flat][:, :, :2], rows[flat]))

    def plans(self, feedback: Feedback = SILENT) -> Plans:
        """Return what was gathered so far; for a worker thread. Raises Cancelled."""
        with np.errstate(invalid="ignore"):
            size = self._high - self._low
        there = np.isfinite(size).all(axis=1)
        box = np.where(there, size[:, 0] * size[:, 1], np.nan)
        area = np.minimum(np.maximum(self._up, self._down), box)
        large = np.flatnonzero(there & (area >= SMALL)).astype(np.int32)
        if self._count <= MOST and len(large):
            seen = self._covered(large, feedback) * box[large]
            area[large] = np.where(area[large] <= seen * SLACK, area[large], seen)
        return Plans(
            np.where(there & (area > 0), area, np.nan),
            np.where(there & (size[:, 2] > 0), size[:, 2], np.nan),
        )

    def _covered(self, wanted: Rows, feedback: Feedback) -> F64:
        """Return f64(k): which share of the boxes of some objects has a surface over it."""
        place = np.full(len(self._up), -1, np.int64)
        place[wanted] = np.arange(len(wanted))
        corners = np.concatenate([np.zeros((0, 3, 2)), *(x for x, _ in self._kept)])
        which = place[np.concatenate([np.zeros(0, np.int32), *(rows for _, rows in self._kept)])]
        order = np.argsort(which, kind="stable")
        order = order[which[order] >= 0]
        corners, which = corners[order], which[order]
        low, size = self._low[wanted, :2], (self._high - self._low)[wanted, :2]
        corners = (corners - low[which][:, None]) / np.maximum(size[which][:, None], 1e-9)
        mask = np.zeros((len(wanted), GRID * GRID), np.bool_)
        for start in range(0, len(corners), CHUNK):
            feedback.check()
            part = slice(start, start + CHUNK)
            rows, first = np.unique(which[part], return_index=True)
            inside = _inside(corners[part].astype(np.float32))
            mask[rows] |= np.logical_or.reduceat(inside, first, axis=0)
        return np.asarray(mask.mean(axis=1), np.float64)


def _inside(triangles: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return bool(t, GRID^2): which points of the unit square lie in triangles f32(t, 3, 2), wound either way."""
    at = (np.arange(GRID, dtype=np.float32) + 0.5) / GRID
    x, y = (axis.ravel() for axis in np.meshgrid(at, at))
    sides = []
    for i in range(3):
        a, b = triangles[:, i], triangles[:, (i + 1) % 3]
        step = b - a
        sides.append(step[:, :1] * (y - a[:, 1:]) - step[:, 1:] * (x - a[:, :1]))
    left = (sides[0] >= 0) & (sides[1] >= 0) & (sides[2] >= 0)
    right = (sides[0] <= 0) & (sides[1] <= 0) & (sides[2] <= 0)
    return np.asarray(left | right, np.bool_)
