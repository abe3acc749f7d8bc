"""What an eye sees of the triangles near a pixel: the first one met, past what sections cut away."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool
from twin.geometry import F64, cross
from twin.sections import NO_PLANES
from twin.snapping.gathering import Near

EDGE = 1e-9
CUT = 1e-6
"""Metres by which what a plane cuts may lie beyond it."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """Planes f64(k, 4) that cut: a point p is gone where n @ p > offset (``twin.sections.equations``)."""

    planes: F64 = field(default_factory=lambda: NO_PLANES)

    def __len__(self) -> int:
        """Return the number of planes."""
        return len(self.planes)

    def heights(self, places: F64) -> F64:
        """Return the height f64(..., k) of places f64(..., 3) over each plane; above is cut away."""
        return np.asarray(places @ self.planes[:, :3].T - self.planes[:, 3], np.float64)

    def keep(self, places: F64, slack: float = 1e-6) -> Bool:
        """Return which of places f64(..., 3) are not cut away."""
        return np.asarray((self.heights(places) <= slack).all(axis=-1), np.bool_)

    def stretches(self, eye: F64, ways: F64) -> tuple[F64, F64, NDArray[np.intp]]:
        """Return where rays of unit ways f64(m, 3) enter and leave what is kept, metres f64(m) each, and by
        which plane they enter, i(m), -1 where they begin inside."""
        count = len(ways)
        if not len(self):
            return np.zeros(count), np.full(count, np.inf), np.full(count, -1)
        height, fall = self.heights(eye), ways @ self.planes[:, :3].T
        with np.errstate(divide="ignore", invalid="ignore"):
            at = -height / fall
        enter = np.where(fall < 0, at, -np.inf)
        leave = np.where(fall > 0, at, np.inf).min(axis=1)
        outside = ((fall == 0) & (height > 0)).any(axis=1)
        by, begin = enter.argmax(axis=1), enter.max(axis=1)
        return (
            np.maximum(begin, 0.0),
            np.where(outside, -np.inf, leave),
            np.where(begin > 0, by, -1),
        )


@dataclass(frozen=True, slots=True)
class Met:
    """What a ray meets first: how far, the triangle (-1: the cut face of a solid), the object's number
    and the normal f64(3) there."""

    distance: float
    triangle: int
    owner: int
    normal: F64


@dataclass(frozen=True, slots=True)
class Sight:
    """An eye f64(3) and the triangles that rays of the pyramid may meet.

    ``sums`` f64(3, n, 3): what Moeller and Trumbore's formula (1997) needs of each triangle for all rays
    from one eye; a ray's part is a product with its direction.
    """

    near: Near
    eye: F64
    cuts: Cuts
    sums: F64
    depth: F64

    @staticmethod
    def of(near: Near, eye: F64, cuts: Cuts) -> "Sight":
        """Return the sight of an eye."""
        parts = near.parts
        first, second = parts[:, 1] - parts[:, 0], parts[:, 2] - parts[:, 0]
        start = eye - parts[:, 0]
        turned = cross(start, first)
        sums = np.stack([cross(second, first), cross(second, start), turned])
        return Sight(near, eye, cuts, sums, np.einsum("ij,ij->i", second, turned))

    def _distances(self, ways: F64) -> F64:
        """Return how far rays of unit ways f64(m, 3) go to the triangles f64(m, n); inf = past them."""
        scale, u, v = (ways @ some.T for some in self.sums)
        with np.errstate(divide="ignore", invalid="ignore"):
            u, v, far = u / scale, v / scale, self.depth / scale
            met = (u >= -EDGE) & (v >= -EDGE) & (u + v <= 1 + EDGE) & (far > EDGE)
        return np.where(met, far, np.inf)

    def _drawn(self, ways: F64, every: F64, stretch: tuple[F64, F64]) -> F64:
        """Return the distances without backs of one-sided triangles and without what is cut away."""
        hidden = self.near.one_sided & (ways @ self.sums[0].T < 0)
        begin, end = stretch[0][:, None] - CUT, stretch[1][:, None] + CUT
        return np.where(hidden | (every < begin) | (every > end), np.inf, every)

    def first(self, way: F64) -> Met | None:
        """Return what a ray of a unit way f64(3) meets first of what is drawn and not cut away."""
        if not len(self.near.parts):
            return None
        ways = way[None]
        every = self._distances(ways)
        begin, end, by = self.cuts.stretches(self.eye, ways)
        seen = self._drawn(ways, every, (begin, end))[0]
        best = int(np.argmin(seen))
        if by[0] >= 0 and begin[0] <= min(seen[best], end[0]):
            owner = self._within(every[0], float(begin[0]))
            if owner is not None:
                return Met(float(begin[0]), -1, owner, self.cuts.planes[by[0], :3])
        if not np.isfinite(seen[best]):
            return None
        normal = -self.sums[0][best]
        normal = normal / max(float(np.linalg.norm(normal)), 1e-30)
        normal = -normal if normal @ way > 0 else normal
        return Met(float(seen[best]), best, int(self.near.owner[best]), normal)

    def _within(self, every: F64, begin: float) -> int | None:
        """Return the solid in which a ray is at a distance: met an odd number of times before and after."""
        met = np.flatnonzero(np.isfinite(every))
        # a ray through the common edge of two triangles meets the surface once
        order = met[np.lexsort((every[met], self.near.owner[met]))]
        owner, far = self.near.owner[order], every[order]
        again = (owner[1:] == owner[:-1]) & (np.diff(far) < 1e-6 * far[1:] + 1e-6)
        once = np.concatenate([np.ones(min(len(order), 1), np.bool_), ~again])
        owner, far = owner[once], far[once]
        for one in np.unique(owner[far > begin]):
            mine = far[owner == one]
            before = int((mine <= begin).sum())
            if before % 2 and (len(mine) - before) % 2:
                return int(one)
        return None

    def sees(self, places: F64) -> Bool:
        """Return which of places f64(n, 3) near the pixel nothing hides, bool(n)."""
        ways = places - self.eye
        far = np.linalg.norm(ways, axis=1)
        ways = ways / np.maximum(far, 1e-12)[:, None]
        before = far - (2e-3 + 1e-5 * far)
        every = self._distances(ways)
        begin, end, by = self.cuts.stretches(self.eye, ways)
        seen = self._drawn(ways, every, (begin, end))
        free = seen.min(axis=1, initial=np.inf) >= before
        for i in np.flatnonzero(free & (by >= 0) & (begin < before)):
            free[i] = self._within(every[i], float(begin[i])) is None
        return np.asarray(free, np.bool_)
