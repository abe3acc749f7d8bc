"""What a shape is, in a few numbers that do not depend on how it was cut into triangles.

Area, volume, middle and radius of gyration of a surface are the same for every triangulation of it, so
that two deliveries can be compared without comparing vertices. Volumes by the divergence theorem
(Zhang and Chen 2001, Efficient feature extraction for 2D/3D objects in mesh representation).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twin.geometry import F64, I32, Drawable, Instances, Mesh, Rows
from twin.jobs import SILENT, Feedback
from twin.maintenance.revisions.footprints import Plans
from twin.measuring.plan import Shapes2D

AT_ONCE = 500_000
"""Triangles of instances that are multiplied out at once."""


@dataclass(frozen=True)
class Shapes:
    """One row an object; NaN without a surface. ``area`` f64(n) m2, ``volume`` f64(n) m3 (of what its
    faces enclose; 0 for flat things), ``middle`` f64(n, 3) area-weighted, ``spread`` f64(n) the radius of
    gyration about it, metres, ``box`` f64(n, 6). ``footprint`` polygons object(n), where they were asked
    for: what an object covers in plan, m, holes kept, empty without a surface."""

    area: F64
    volume: F64
    middle: F64
    spread: F64
    box: F64
    footprint: Shapes2D | None = None

    @property
    def base(self) -> F64:
        """Return the lowest height f64(n) of each object, metres (MAINTENANCE.md 7, golden pair)."""
        return self.box[:, 2]

    @property
    def roof(self) -> F64:
        """Return the greatest height f64(n) of each object, metres."""
        return self.box[:, 5]


def joined_shapes(parts: Sequence[Shapes]) -> Shapes:
    """Return the rows of several tables of shapes one below the other; footprints where all have them."""
    if len(parts) == 1:
        return parts[0]
    plans = [part.footprint for part in parts if part.footprint is not None]
    area, volume, middle, spread, box = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("area", "volume", "middle", "spread", "box")
    )
    whole = np.concatenate(plans) if len(plans) == len(parts) else None
    return Shapes(area, volume, middle, spread, box, whole)


class Sums:
    """Adds up surfaces tile by tile; ``shapes`` tells what they make."""

    def __init__(self, boxes: F64, *, plans: bool = False) -> None:
        """Start with the objects' boxes f64(n, 6): sums are taken about their middles, where float64 is exact.

        ``plans``: footprints are wanted too.
        """
        with np.errstate(invalid="ignore"):  # what has no geometry stands at (inf, -inf)
            middle = (boxes[:, :3] + boxes[:, 3:]) / 2
        self._about = np.where(np.isfinite(middle), middle, 0.0)
        n = len(boxes)
        self._area, self._volume, self._second = np.zeros(n), np.zeros(n), np.zeros(n)
        self._first = np.zeros((n, 3))
        self._low, self._high = np.full((n, 3), np.inf), np.full((n, 3), -np.inf)
        self._plans = Plans(self._about) if plans else None

    def add(self, drawables: tuple[Drawable, ...], rows: Rows) -> None:
        """Add the surfaces of a tile whose local feature numbers stand for ``rows`` i32(k)."""
        for item in drawables:
            if isinstance(item, Mesh):
                self._mesh(item, item.feature, rows)
            elif isinstance(item, Instances):
                self._instances(item, rows)

    def _mesh(self, mesh: Mesh, feature: I32, rows: Rows) -> None:
        if not len(mesh.triangles):
            return
        number = feature[mesh.triangles[:, 0]]
        own = number >= 0
        points = mesh.positions.astype(np.float64) + mesh.origin
        self._triangles(points[mesh.triangles[own]], rows[number[own]])

    def _instances(self, item: Instances, rows: Rows) -> None:
        mesh = item.mesh
        points = mesh.positions.astype(np.float64) + mesh.origin
        corners = points[mesh.triangles]
        step = max(1, AT_ONCE // max(len(corners), 1))
        for start in range(0, len(item.transforms), step):
            part = slice(start, start + step)
            turned = np.einsum("kij,tcj->ktci", item.transforms[part, :3, :3], corners)
            turned += item.transforms[part, None, None, :3, 3]
            number = np.repeat(item.feature[part], len(corners))
            own = number >= 0
            self._triangles(turned.reshape(-1, 3, 3)[own], rows[number[own]])

    def _triangles(self, corners: F64, rows: Rows) -> None:
        """Add triangles f64(t, 3, 3), each of the row beside it."""
        # a tile holds few of a layer's objects: sums over its own alone, else many tiles of many cost all by all
        some, at = np.unique(rows, return_inverse=True)
        n = len(some)
        np.minimum.at(self._low, rows, corners.min(axis=1))
        np.maximum.at(self._high, rows, corners.max(axis=1))
        corners = corners - self._about[rows][:, None, :]
        a, b, c = np.moveaxis(corners, 1, 0)
        normal = np.cross(b - a, c - a)
        area = np.linalg.norm(normal, axis=1) / 2
        middle = (a + b + c) / 3
        squares = (a * a + b * b + c * c + 9 * middle * middle).sum(axis=1) / 12
        self._area[some] += np.bincount(at, area, n)
        self._volume[some] += np.bincount(at, (a * normal).sum(axis=1) / 6, n)
        self._second[some] += np.bincount(at, area * squares, n)
        for axis in range(3):
            self._first[some, axis] += np.bincount(at, area * middle[:, axis], n)
        if self._plans is not None:
            self._plans.add(corners, area, some, at)

    def shapes(self, feedback: Feedback = SILENT) -> Shapes:
        """Return what was added up so far; with footprints that takes a while (see ``joined_each``)."""
        there = self._area > 0
        with np.errstate(invalid="ignore", divide="ignore"):
            middle = self._first / self._area[:, None]
            spread = np.sqrt(np.maximum(self._second / self._area - (middle**2).sum(axis=1), 0.0))
        box = np.concatenate([self._low, self._high], axis=1)
        return Shapes(
            np.where(there, self._area, np.nan),
            np.where(there, np.abs(self._volume), np.nan),
            np.where(there[:, None], middle + self._about, np.nan),
            np.where(there, spread, np.nan),
            np.where(np.isfinite(box), box, np.nan),
            None if self._plans is None else self._plans.footprints(feedback),
        )
