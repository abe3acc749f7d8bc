"""Rings with holes -> triangles: many polygons at a time, ear clipping only where nothing simpler serves.

Polygons arrive flat: corners in ring order, the size of every ring, the number of rings of every
polygon (first ring outside, the others holes). Triangles are numbered by corner, so whatever hangs
on a corner (a vertex number, a texture coordinate) follows without a search.
"""

import itertools
from dataclasses import dataclass

import mapbox_earcut as earcut
import numpy as np
from numpy.typing import NDArray

from loaders._rings import Bool, Ints, distinct, newell, starts, sums
from twin.geometry import F64, I32

FLAT = 1e-12
"""A ring whose Newell vector is shorter than this part of its squared extent encloses nothing."""
THIN = 1e-9
"""A fan with a triangle below this part of the polygon's area is left to ear clipping."""
FANNED = 16
"""Rings of up to so many corners are tried as a fan about each of their corners."""
FEW = 12
"""Fewer polygons than this are not worth trying another fan."""
TORN = 1e-6
"""Relative error in area above which ear clipping did not cover the polygon."""


BLOCK = 1 << 18
"""So many corners are worked on at a time."""


@dataclass(frozen=True, slots=True)
class Triangulated:
    """``triangles`` i32(t, 3) corner numbers in the polygon's own direction of turning,
    ``polygon`` i32(t) of each, ascending; per polygon the unit ``normal`` f64(p, 3) (0 where
    degenerate), its ``area`` f64(p) less its holes, ``degenerate`` (encloses nothing: no triangles) and ``torn`` (the triangles miss its
    area: it crosses itself, its holes leave it, or a hole has fewer than three corners)."""

    triangles: I32
    polygon: I32
    normal: F64
    area: F64
    degenerate: Bool
    torn: Bool


@dataclass(frozen=True, slots=True)
class _Plane:
    """All polygons in their planes: ``uv`` f64(n, 2) turns left inside; ``start`` i64(p), ``count``
    i32(p) corners of each polygon; ``outline`` i32(p) corners of its first ring; ``size`` of each
    ring, ``first`` ring and number of ``rings`` of each polygon."""

    uv: F64
    start: Ints
    count: I32
    outline: I32
    size: I32
    first: Ints
    rings: I32


def triangulate(points: F64, size: I32, rings: I32) -> Triangulated:
    """Return triangles for polygons given by corners f64(n, 3), ring sizes and rings per polygon.

    A corner that repeats its successor (a closed ring) is left out. Done in blocks: what is needed
    in between stays small, whatever the number of polygons.
    """
    ring_end = np.concatenate([[0], np.cumsum(size, dtype=np.int64)])
    polygon_end = np.concatenate([[0], np.cumsum(rings, dtype=np.int64)])
    corner_end = ring_end[polygon_end]
    cuts = [0]
    while cuts[-1] < len(rings):
        full = np.searchsorted(corner_end, corner_end[cuts[-1]] + BLOCK, "right") - 1
        cuts.append(max(int(full), cuts[-1] + 1))
    parts = []
    for low, high in itertools.pairwise(cuts):
        corner = int(corner_end[low])
        own = slice(int(polygon_end[low]), int(polygon_end[high]))
        with np.errstate(invalid="ignore", over="ignore"):  # what is not finite encloses nothing
            part = _block(points[corner : corner_end[high]], size[own], rings[low:high])
        part.triangles[:] += corner
        part.polygon[:] += low
        parts.append(part)
    return _joined(parts)


def _joined(parts: list[Triangulated]) -> Triangulated:
    if len(parts) == 1:
        return parts[0]
    no = np.zeros(0, np.bool_)
    return Triangulated(
        np.concatenate([np.zeros((0, 3), np.int32), *(p.triangles for p in parts)]),
        np.concatenate([np.zeros(0, np.int32), *(p.polygon for p in parts)]),
        np.concatenate([np.zeros((0, 3)), *(p.normal for p in parts)]),
        np.concatenate([np.zeros(0), *(p.area for p in parts)]),
        np.concatenate([no, *(p.degenerate for p in parts)]),
        np.concatenate([no, *(p.torn for p in parts)]),
    )


def _block(points: F64, size: I32, rings: I32) -> Triangulated:
    """Triangulate one block: rings of three and four corners all at once, the rest with more care."""
    found = _Found.empty(len(rings))
    single = rings == 1
    first = starts(rings)
    outline = np.zeros(len(rings), np.int32)
    some = rings > 0
    outline[some] = size.take(first[some])
    begin = starts(sums(size, rings))
    left = _threes(found, points, begin, np.flatnonzero(single & (outline == 3)))
    left += _fours(found, points, begin, np.flatnonzero(single & (outline == 4)))
    left.append(np.flatnonzero(~(single & ((outline == 3) | (outline == 4)))))
    rest = np.sort(np.concatenate(left))
    if len(rest):
        _general(found, points, size, rings, rest)
    return found.frozen()


@dataclass(slots=True)
class _Found:
    """What has been found so far of one block."""

    triangles: list[I32]
    polygon: list[I32]
    normal: F64
    area: F64
    torn: Bool

    @staticmethod
    def empty(count: int) -> "_Found":
        none = np.zeros((0, 3), np.int32), np.zeros(0, np.int32)
        return _Found(
            [none[0]], [none[1]], np.zeros((count, 3)), np.zeros(count), np.zeros(count, np.bool_)
        )

    def frozen(self) -> Triangulated:
        """Return the triangles in the order of their polygons."""
        triangles, polygon = np.concatenate(self.triangles), np.concatenate(self.polygon)
        if len(self.polygon) > 2:
            order = np.argsort(polygon, kind="stable")
            triangles, polygon = triangles.take(order, axis=0), polygon.take(order)
        return Triangulated(triangles, polygon, self.normal, self.area, self.area == 0, self.torn)


def _threes(found: _Found, points: F64, begin: Ints, todo: Ints) -> list[Ints]:
    """Add rings of three corners."""
    if not len(todo):
        return []
    at = begin.take(todo)
    a, b, c = (points.take(at + k, axis=0).T for k in range(3))
    u, v = b - a, c - a
    reach = np.maximum(_square(u), _square(v))
    _keep(found, todo, _cross(u, v), reach, [at[:, None] + np.arange(3)])
    return []


def _fours(found: _Found, points: F64, begin: Ints, todo: Ints) -> list[Ints]:
    """Add rings of four corners that a diagonal divides; return the others."""
    if not len(todo):
        return []
    at = begin.take(todo)
    a, b, c, d = (points.take(at + k, axis=0).T for k in range(4))
    across, other = c - a, d - b
    vector = _cross(across, other)
    reach = np.maximum(_square(across), _square(other))
    left = []
    thin = THIN * _dot(vector, vector)
    open_ = np.ones(len(todo), np.bool_)
    for turn, (one, two) in enumerate(
        (((b - a, across), (across, d - a)), ((c - b, other), (other, a - b)))
    ):
        split = (_dot(_cross(*one), vector) > thin) & (_dot(_cross(*two), vector) > thin) & open_
        corner = at[split, None]
        around = np.arange(turn, turn + 4) % 4
        fans = [corner + around[[0, 1, 2]], corner + around[[0, 2, 3]]]
        _keep(found, todo[split], vector[:, split], reach[split], fans)
        open_ &= ~split
    left.append(todo[open_])
    return left


def _keep(found: _Found, todo: Ints, vector: F64, reach: F64, fans: list[Ints]) -> None:
    """Add the triangles of the polygons that enclose something (``reach`` = squared extent)."""
    length = np.sqrt(_square(vector))
    sound = (length > FLAT * reach) & np.isfinite(length)
    if not sound.all():
        todo, vector, length = todo[sound], vector[:, sound], length[sound]
        fans = [fan[sound] for fan in fans]
    found.normal[todo] = (vector / length).T
    found.area[todo] = length / 2
    found.triangles.append(np.stack(fans, axis=1).reshape(-1, 3).astype(np.int32))
    found.polygon.append(np.repeat(todo, len(fans)).astype(np.int32))


def _cross(u: F64, v: F64) -> F64:
    """Return the cross products of vectors (3, n)."""
    return np.stack(
        [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]
    )


def _dot(u: F64, v: F64) -> F64:
    product: F64 = u[0] * v[0] + u[1] * v[1] + u[2] * v[2]
    return product


def _square(u: F64) -> F64:
    return _dot(u, u)


def _general(found: _Found, points: F64, size: I32, rings: I32, rest: Ints) -> None:
    """Add any polygons: a repeated corner is left out, fans where they serve, else ear clipping."""
    of_polygon = np.zeros(len(rings), np.bool_)
    of_polygon[rest] = True
    ring_in = np.repeat(of_polygon, rings)
    corner_in = np.flatnonzero(np.repeat(ring_in, size))
    mine, own_size, own_rings = points.take(corner_in, axis=0), size[ring_in], rings[rest]
    keep = distinct(mine, own_size)
    if not keep.all():
        ring = np.repeat(np.arange(len(own_size)), own_size)
        own_size = np.bincount(ring[keep], minlength=len(own_size)).astype(np.int32)
        mine, corner_in = mine[keep], corner_in[keep]
    triangles, polygon = _careful(found, mine, own_size, own_rings, rest)
    found.triangles.append(corner_in[triangles].astype(np.int32))
    found.polygon.append(rest[polygon].astype(np.int32))


def _careful(found: _Found, points: F64, size: I32, rings: I32, rest: Ints) -> tuple[I32, I32]:
    """Return triangles and owners, both numbered among the given polygons; fill normal, area, torn."""
    count = len(rings)
    first = starts(rings)
    padded = np.concatenate([size, [0]]).astype(np.int32)
    outline = np.where(rings > 0, padded[np.minimum(first, len(size))], 0).astype(np.int32)
    corners = sums(size, rings)
    per_ring = np.concatenate([newell(points, size), np.zeros((1, 3))])
    vector = np.where(rings[:, None] > 0, per_ring[np.minimum(first, len(size))], 0.0)
    length = np.sqrt(_square(vector.T))
    start = starts(corners)
    reach = _reach(points, start, corners)
    sound = (outline >= 3) & (length > FLAT * reach * reach) & np.isfinite(length)
    normal = np.zeros((count, 3))
    normal[sound] = vector[sound] / length[sound, None]
    plane = _Plane(
        _projected(points, normal, start, corners), start, corners, outline, size, first, rings
    )
    triangles, owner, left = _fanned(plane, sound & (rings == 1))
    more, more_owner, torn = _clipped(plane, np.flatnonzero(left | (sound & (rings > 1))))
    all_rings = np.concatenate([[0.0], np.cumsum(np.sqrt(_square(per_ring[:-1].T)))])
    holes = all_rings[first + rings] - all_rings[first] - length
    found.normal[rest] = normal
    found.area[rest] = np.where(sound, np.maximum((length - holes) / 2, np.finfo(float).tiny), 0.0)
    found.torn[rest] = torn
    return np.concatenate([triangles, more]), np.concatenate([owner, more_owner])


def _reach(points: F64, start: Ints, corners: I32) -> F64:
    """Return the largest extent of each polygon along an axis, f64(p)."""
    reach = np.zeros(len(start))
    filled = corners > 0
    at = start[filled]
    if len(at):
        high, low = np.maximum.reduceat(points, at), np.minimum.reduceat(points, at)
        reach[filled] = (high - low).max(axis=1)
    return reach


def _projected(points: F64, normal: F64, start: Ints, corners: I32) -> F64:
    """Return corners f64(n, 2) seen along the axis nearest to the normal, turning left.

    Leaving one coordinate out is an affine map of the plane: it keeps what triangulates what.
    """
    axis = np.abs(normal).argmax(axis=1)
    flip = np.where(np.take_along_axis(normal, axis[:, None], axis=1)[:, 0] < 0, -1.0, 1.0)
    filled = corners > 0
    anchor = np.zeros((len(start), 3))
    anchor[filled] = points[start[filled]]
    uv = np.empty((len(points), 2))
    each = np.repeat(axis, corners)
    turned = np.repeat(flip, corners)
    local = points - np.repeat(anchor, corners, axis=0)
    row = np.arange(len(points))
    uv[:, 0] = local[row, (each + 1) % 3] * turned
    uv[:, 1] = local[row, (each + 2) % 3]
    return uv


def _fanned(plane: _Plane, wanted: Bool) -> tuple[I32, I32, Bool]:
    """Return triangles and owners of the wanted polygons that are fans, and which are left over."""
    left = wanted.copy()
    triangles: list[I32] = [np.zeros((0, 3), np.int32)]
    owner: list[I32] = [np.zeros(0, np.int32)]
    for n in range(3, FANNED + 1):
        todo = np.flatnonzero(wanted & (plane.outline == n))
        for turn in range(n if n > 3 else 1):
            if len(todo) < FEW:
                break
            fan, good = _fan(plane, todo, n, turn)
            triangles.append(fan[good].reshape(-1, 3))
            owner.append(np.repeat(todo[good], n - 2).astype(np.int32))
            left[todo[good]] = False
            todo = todo[~good]
    return np.concatenate(triangles), np.concatenate(owner), left


def _fan(plane: _Plane, polygons: Ints, n: int, turn: int) -> tuple[I32, Bool]:
    """Return the fans i32(m, n-2, 3) about corner ``turn``, and which cover their polygon.

    A fan whose triangles all turn left covers a simple polygon, convex or not.
    """
    around = (np.arange(n) + turn) % n
    corner = plane.start[polygons, None] + around
    fan = np.empty((len(polygons), n - 2, 3), np.int32)
    fan[:, :, 0] = corner[:, :1]
    fan[:, :, 1] = corner[:, 1:-1]
    fan[:, :, 2] = corner[:, 2:]
    if n == 3:
        return fan, np.ones(len(polygons), np.bool_)
    spoke = plane.uv[corner[:, 1:]] - plane.uv[corner[:, :1]]
    area = spoke[:, :-1, 0] * spoke[:, 1:, 1] - spoke[:, :-1, 1] * spoke[:, 1:, 0]
    return fan, (area > THIN * area.sum(axis=1, keepdims=True)).all(axis=1)


def _clipped(plane: _Plane, polygons: Ints) -> tuple[I32, I32, Bool]:
    """Return triangles and owners by ear clipping, one polygon at a time, and which are torn."""
    found: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    amount = np.zeros(len(polygons), np.int64)
    for at, polygon in enumerate(polygons):
        ring, begin = plane.first[polygon], plane.start[polygon]
        sizes = plane.size[ring : ring + plane.rings[polygon]]
        ends = np.cumsum(sizes[sizes > 0]).astype(np.uint32)
        local = earcut.triangulate_float64(plane.uv[begin : begin + ends[-1]], ends)
        found.append(local.astype(np.int64) + begin)
        amount[at] = len(local) // 3
    triangles = np.concatenate(found).astype(np.int32).reshape(-1, 3)
    owner = np.repeat(polygons, amount).astype(np.int32)
    a, b, c = (plane.uv[triangles[:, k]] for k in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    triangles[area < 0] = triangles[area < 0][:, ::-1]
    return triangles, owner, _torn(plane, polygons, owner, np.abs(area))


def _torn(plane: _Plane, polygons: Ints, owner: I32, area: F64) -> Bool:
    """Return bool(p): clipped area and area of the rings disagree, or a hole is no ring."""
    torn = np.zeros(len(plane.rings), np.bool_)
    if not len(polygons):
        return torn
    covered = np.bincount(owner, weights=area, minlength=len(torn))
    flat = np.concatenate([plane.uv, np.zeros((len(plane.uv), 1))], axis=1)
    rings = np.abs(newell(flat, plane.size)[:, 2])
    for polygon in polygons:
        first = plane.first[polygon]
        own = rings[first : first + plane.rings[polygon]]
        expected = own[0] - own[1:].sum()
        short = plane.size[first : first + plane.rings[polygon]].min() < 3
        torn[polygon] = short or abs(expected - covered[polygon]) > TORN * own[0]
    return torn
