"""What an upright plane along a line cuts of triangles: stretches of distance and height."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from twin.analyses.study import Bodies
from twin.features import Bool
from twin.geometry import F64, I32


@dataclass(frozen=True, slots=True)
class Cut:
    """Stretches cut by a line: ``along`` f64(n, 2) metres from its start in plan, ``height`` f64(n, 2)
    and the triangle i32(n) of each. Lower distances come first within a stretch."""

    along: F64
    height: F64
    triangle: I32

    def __len__(self) -> int:
        """Return the number of stretches."""
        return len(self.triangle)

    def only(self, kept: Bool) -> "Cut":
        """Return the stretches of a mask bool(n)."""
        return Cut(self.along[kept], self.height[kept], self.triangle[kept])


NO_CUT = Cut(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0, np.int32))


def cut_along(bodies: Bodies, path: F64) -> Cut:
    """Return what upright planes along a polyline f64(k, 2 or 3) cut, leg after leg.

    Triangles that lie in such a plane themselves are left out: those beside them are cut at their edges.
    """
    plan = path[:, :2]
    legs, done = [], 0.0
    for start, end in pairwise(plan):
        length = float(np.hypot(*(end - start)))
        if length > 0:
            legs.append(_leg(bodies, start, (end - start) / length, (done, length)))
        done += length
    if not legs:
        return NO_CUT
    return Cut(
        np.concatenate([leg.along for leg in legs]),
        np.concatenate([leg.height for leg in legs]),
        np.concatenate([leg.triangle for leg in legs]),
    )


def _leg(bodies: Bodies, start: F64, way: F64, span: tuple[float, float]) -> Cut:
    done, length = span
    flat = bodies.positions[:, :2].astype(np.float64) + (bodies.origin[:2] - start)
    along, side = flat @ way, flat @ np.array([-way[1], way[0]])
    left = (side >= 0)[bodies.triangles]
    across = left.any(axis=1) & ~left.all(axis=1)
    far = along[bodies.triangles]
    across &= (far.max(axis=1) >= 0) & (far.min(axis=1) <= length)
    chosen = np.flatnonzero(across).astype(np.int32)
    corner = bodies.triangles[chosen]
    s, d = along[corner], side[corner]
    z = bodies.positions[corner, 2].astype(np.float64) + bodies.origin[2]
    ends_s, ends_z = _crossings(s, d, z, left[chosen])
    turn = np.argsort(ends_s, axis=1, kind="stable")
    ends_s = np.take_along_axis(ends_s, turn, axis=1)
    ends_z = np.take_along_axis(ends_z, turn, axis=1)
    ends_s, ends_z, kept = _within(ends_s, ends_z, length)
    return Cut(ends_s[kept] + done, ends_z[kept], chosen[kept])


def _crossings(s: F64, d: F64, z: F64, left: Bool) -> tuple[F64, F64]:
    """Return distance and height f64(n, 2) where the two cut edges of triangles meet the plane."""
    lone = np.where(left.sum(axis=1) == 1, left.argmax(axis=1), (~left).argmax(axis=1))
    rows = np.arange(len(lone))
    found_s, found_z = [], []
    for step in (1, 2):
        other = (lone + step) % 3
        a, b = d[rows, lone], d[rows, other]
        share = a / np.where(a == b, 1.0, a - b)
        found_s.append(s[rows, lone] + share * (s[rows, other] - s[rows, lone]))
        found_z.append(z[rows, lone] + share * (z[rows, other] - z[rows, lone]))
    return np.stack(found_s, axis=1), np.stack(found_z, axis=1)


def _within(s: F64, z: F64, length: float) -> tuple[F64, F64, Bool]:
    """Cut stretches off at the ends of the leg; the mask says which have a part within it."""
    kept = (s[:, 1] >= 0) & (s[:, 0] <= length)
    wide = s[:, 1] - s[:, 0]
    steep = np.divide(z[:, 1] - z[:, 0], wide, out=np.zeros(len(s)), where=wide > 1e-12)
    clipped = np.clip(s, 0, length)
    moved = z + steep[:, None] * (clipped - s)
    return clipped, np.asarray(moved), np.asarray(kept, np.bool_)


def pieces_of(line: F64) -> list[F64]:
    """Return the pieces of a line f64(n, 2) that NaN rows part."""
    if not len(line):
        return []
    gaps = np.flatnonzero(np.isnan(line[:, 0]))
    return [part[~np.isnan(part[:, 0])] for part in np.split(line, gaps) if len(part) > 1]
