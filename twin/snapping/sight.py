"""What an eye sees of the triangles near a pixel: the first one met, past what sections cut away."""

from dataclasses import dataclass, field

import numpy as np

from twin.features import Bool
from twin.geometry import F64
from twin.measuring.surfaces import vectors_of
from twin.picking import meet_triangles
from twin.sections import NO_PLANES
from twin.snapping.gathering import Near


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

    def entry(self, eye: F64, direction: F64) -> tuple[float, int]:
        """Return how far along a ray the kept space begins and at which plane; (0, -1) when at once."""
        if not len(self):
            return 0.0, -1
        height, fall = self.heights(eye), self.planes[:, :3] @ direction
        with np.errstate(divide="ignore", invalid="ignore"):
            enter = np.where(fall < 0, -height / fall, -np.inf)
        best = int(np.argmax(enter))
        return (float(enter[best]), best) if enter[best] > 0 else (0.0, -1)


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
    """An eye f64(3) and the triangles that rays of the pyramid may meet."""

    near: Near
    eye: F64
    cuts: Cuts
    vectors: F64

    @staticmethod
    def of(near: Near, eye: F64, cuts: Cuts) -> "Sight":
        """Return the sight of an eye."""
        return Sight(near, eye, cuts, vectors_of(near.parts))

    def first(self, direction: F64) -> Met | None:
        """Return what a ray of unit direction meets first of what is drawn and not cut away."""
        parts = self.near.parts
        if not len(parts):
            return None
        every = meet_triangles(parts, self.eye, direction)
        drawn = ~self.near.one_sided | (self.vectors @ direction < 0)
        seen = np.where(drawn, every, np.inf)
        begin, plane = self.cuts.entry(self.eye, direction)
        if len(self.cuts):
            met = np.flatnonzero(np.isfinite(seen))
            kept = self.cuts.keep(self.eye + seen[met, None] * direction)
            seen[met[~kept]] = np.inf
        best = int(np.argmin(seen))
        if plane >= 0:
            owner = self._within(every, begin)
            if owner is not None and begin < seen[best]:
                if not self.cuts.keep(self.eye + begin * direction):
                    return None
                return Met(begin, -1, owner, self.cuts.planes[plane, :3])
        if not np.isfinite(seen[best]):
            return None
        vector = self.vectors[best]
        normal = vector / max(float(np.linalg.norm(vector)), 1e-30)
        normal = -normal if normal @ direction > 0 else normal
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
        found = np.zeros(len(places), np.bool_)
        for i, place in enumerate(places):
            way = place - self.eye
            far = float(np.linalg.norm(way))
            met = self.first(way / max(far, 1e-12))
            found[i] = met is None or met.distance >= far - (2e-3 + 1e-5 * far)
        return found
