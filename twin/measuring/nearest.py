"""The least distance between triangles, exact, and between two bodies of triangles, by boxes first.

Formulas: C. Ericson, "Real-Time Collision Detection", 2005, 5.1.5 (point and triangle) and 5.1.9 (two
segments); two triangles that do not meet are nearest at a corner of one or between two of their sides.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F64, cross

SIDES = ((0, 1), (1, 2), (2, 0))
LEAF = 16
MOST_GROUPS = 2000
BATCH = 4096
_TINY = 1e-30


@dataclass(frozen=True, slots=True)
class Gap:
    """The least distance between two bodies, metres, and the points f64(3) of both where it is."""

    distance: float
    first: F64
    second: F64


def _dot(a: F64, b: F64) -> F64:
    return np.asarray(np.einsum("...i,...i->...", a, b), np.float64)


def nearest_on(points: F64, triangles: F64) -> F64:
    """Return the point f64(n, 3) of each triangle f64(n, 3, 3) that is nearest to each point f64(n, 3)."""
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    normal = cross(b - a, c - a)
    size = _dot(normal, normal)
    safe = np.maximum(size, _TINY)
    # barycentric coordinates of the foot on the plane: inside when none is negative
    u = _dot(cross(c - b, points - b), normal) / safe
    v = _dot(cross(a - c, points - c), normal) / safe
    w = 1.0 - u - v
    inside = (u >= 0) & (v >= 0) & (w >= 0) & (size > _TINY)
    best = points - normal * (_dot(points - a, normal) / safe)[:, None]
    least = np.where(inside, -1.0, np.inf)
    for i, j in SIDES:
        start, way = triangles[:, i], triangles[:, j] - triangles[:, i]
        share = np.clip(_dot(points - start, way) / np.maximum(_dot(way, way), _TINY), 0.0, 1.0)
        foot = start + way * share[:, None]
        far = _dot(foot - points, foot - points)
        better = far < least
        best = np.where(better[:, None], foot, best)
        least = np.minimum(far, least)
    return np.asarray(best, np.float64)


def nearest_of_segments(p: F64, u: F64, q: F64, v: F64) -> tuple[F64, F64]:
    """Return the nearest points f64(n, 3) of segments p..p+u and q..q+v, each f64(n, 3)."""
    r = p - q
    a, e, f = _dot(u, u), _dot(v, v), _dot(v, r)
    b, c = _dot(u, v), _dot(u, r)
    span = a * e - b * b
    parallel = span <= 1e-14 * a * e
    s = np.where(parallel, 0.0, np.clip((b * f - c * e) / np.where(parallel, 1.0, span), 0, 1))
    t = np.clip((b * s + f) / np.maximum(e, _TINY), 0.0, 1.0)
    s = np.clip((b * t - c) / np.maximum(a, _TINY), 0.0, 1.0)
    return p + u * s[:, None], q + v * t[:, None]


def gaps(first: F64, second: F64) -> tuple[F64, F64, F64]:
    """Return distance f64(n) and both nearest points f64(n, 3) of triangles f64(n, 3, 3), pair by pair."""
    ends = [*_corner_ends(first, second), *_side_ends(first, second)]
    here, there = (np.stack([pair[side] for pair in ends]) for side in (0, 1))
    far = _dot(here - there, here - there)
    best = far.argmin(axis=0)
    each = np.arange(len(first))
    distance = np.sqrt(far[best, each])
    here, there = here[best, each], there[best, each]
    for tips, faces in ((first, second), (second, first)):
        meet, place = _pierced(tips, faces)
        distance = np.where(meet, 0.0, distance)
        here = np.where(meet[:, None], place, here)
        there = np.where(meet[:, None], place, there)
    return distance, here, there


def _corner_ends(first: F64, second: F64) -> list[tuple[F64, F64]]:
    ends = [(first[:, i], nearest_on(first[:, i], second)) for i in range(3)]
    return ends + [(nearest_on(second[:, i], first), second[:, i]) for i in range(3)]


def _side_ends(first: F64, second: F64) -> list[tuple[F64, F64]]:
    return [
        nearest_of_segments(
            first[:, i], first[:, j] - first[:, i], second[:, k], second[:, m] - second[:, k]
        )
        for i, j in SIDES
        for k, m in SIDES
    ]


def _pierced(lines: F64, faces: F64) -> tuple[NDArray[np.bool_], F64]:
    """Return whether a side of each first triangle goes through the second, and where f64(n, 3)."""
    a, first, second = faces[:, 0], faces[:, 1] - faces[:, 0], faces[:, 2] - faces[:, 0]
    met = np.zeros(len(lines), np.bool_)
    place = np.zeros((len(lines), 3))
    for i, j in SIDES:
        start, way = lines[:, i], lines[:, j] - lines[:, i]
        across = cross(way, second)
        scale = _dot(first, across)
        shift = start - a
        turned = cross(shift, first)
        with np.errstate(divide="ignore", invalid="ignore"):
            u, v = _dot(shift, across) / scale, _dot(way, turned) / scale
            along = _dot(second, turned) / scale
            now = (u >= 0) & (v >= 0) & (u + v <= 1) & (along >= 0) & (along <= 1)
        now &= ~met
        place[now] = (start + way * np.where(now, along, 0.0)[:, None])[now]
        met |= now
    return met, place


# ---------------------------------------------------------------------- bodies


def clearance(first: F64, second: F64) -> Gap | None:
    """Return the least distance between two bodies f64(n, 3, 3), f64(m, 3, 3); None when one is empty.

    Exact: pairs are left out only where their boxes are farther apart than a pair already met.
    Bodies that touch or pass through each other have the distance 0.
    """
    if not len(first) or not len(second):
        return None
    origin = first[0, 0].copy()
    a, b = first - origin, second - origin
    best = _guess(a, b)
    a, b = _near(a, b, best.distance), _near(b, a, best.distance)
    best = _search(_Groups.of(a), _Groups.of(b), best)
    return Gap(best.distance, best.first + origin, best.second + origin)


def _guess(a: F64, b: F64) -> Gap:
    """Return a distance between two corners that is not far from the least: going to and fro."""
    here = a.reshape(-1, 3)
    there = b.reshape(-1, 3)
    p = here[0]
    q = there[0]
    for _ in range(4):
        q = there[np.argmin(_dot(there - p, there - p))]
        p = here[np.argmin(_dot(here - q, here - q))]
    return Gap(float(np.linalg.norm(p - q)), p, q)


def _near(some: F64, others: F64, reach: float) -> F64:
    """Return the triangles whose box is within reach of the box of the others."""
    low, high = some.min(axis=1), some.max(axis=1)
    whole = others.reshape(-1, 3)
    apart = _box_gaps(low, high, whole.min(axis=0), whole.max(axis=0))
    return np.asarray(some[apart <= reach * (1 + 1e-9) + 1e-12], np.float64)


def _box_gaps(low: F64, high: F64, other_low: F64, other_high: F64) -> F64:
    """Return the least distances between boxes, broadcast over the leading axes."""
    apart = np.maximum(np.maximum(low - other_high, other_low - high), 0.0)
    return np.sqrt(_dot(apart, apart))


@dataclass(frozen=True, slots=True)
class _Groups:
    """Triangles in an order that keeps neighbours together, and the boxes of runs of them."""

    triangles: F64
    size: int
    low: F64
    high: F64

    @staticmethod
    def of(triangles: F64) -> "_Groups":
        ordered = triangles[in_z_order(triangles.mean(axis=1))]
        size = max(LEAF, -(-len(ordered) // MOST_GROUPS))
        starts = np.arange(0, len(ordered), size)
        low = np.minimum.reduceat(ordered.min(axis=1), starts)
        high = np.maximum.reduceat(ordered.max(axis=1), starts)
        return _Groups(ordered, size, low, high)

    def members(self, group: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the triangles i(k, size) of groups; the last group's are repeated to fill it."""
        found = group[:, None] * self.size + np.arange(self.size)
        return np.asarray(np.minimum(found, len(self.triangles) - 1), np.intp)


def in_z_order(places: F64) -> NDArray[np.intp]:
    """Return the order i(n) of places f64(n, 3) along a Z curve (Morton 1966), 1024 steps a side."""
    low = places.min(axis=0)
    wide = np.maximum(places.max(axis=0) - low, 1e-12)
    cells = np.minimum((places - low) / wide * 1024, 1023).astype(np.int64)
    code = np.zeros(len(places), np.int64)
    for bit in range(10):
        for axis in range(3):
            code |= ((cells[:, axis] >> bit) & 1) << (3 * bit + axis)
    order: NDArray[np.intp] = np.argsort(code, kind="stable")
    return order


def _search(a: _Groups, b: _Groups, best: Gap) -> Gap:
    apart = _box_gaps(a.low[:, None], a.high[:, None], b.low[None], b.high[None])
    order = np.argsort(apart, axis=None)
    bound = apart.ravel()[order]
    step = max(BATCH // (a.size * b.size), 1)
    for start in range(0, len(order), step):
        if bound[start] >= best.distance or best.distance == 0.0:
            break
        i, j = np.unravel_index(order[start : start + step], apart.shape)
        best = _met(a, b, (a.members(i), b.members(j)), best)
    return best


def _met(
    a: _Groups, b: _Groups, members: tuple[NDArray[np.intp], NDArray[np.intp]], best: Gap
) -> Gap:
    """Return the better of what is known and the least distance between the members of two groups."""
    here = np.broadcast_to(members[0][:, :, None], (*members[0].shape, b.size)).ravel()
    there = np.broadcast_to(members[1][:, None, :], (len(members[1]), a.size, b.size)).ravel()
    first, second = a.triangles[here], b.triangles[there]
    apart = _box_gaps(first.min(axis=1), first.max(axis=1), second.min(axis=1), second.max(axis=1))
    close = np.flatnonzero(apart < best.distance)
    if not len(close):
        return best
    distance, p, q = gaps(first[close], second[close])
    least = int(distance.argmin())
    if distance[least] >= best.distance:
        return best
    return Gap(float(distance[least]), p[least], q[least])
