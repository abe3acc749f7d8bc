"""Rings with holes -> triangles: many polygons at a time, ear clipping only where nothing simpler serves.

Polygons arrive flat: corners in ring order, the size of every ring, the number of rings of every
polygon (first ring outside, the others holes). Triangles are numbered by corner, so whatever hangs
on a corner (a vertex number, a texture coordinate) follows without a search.
"""

from dataclasses import dataclass

import mapbox_earcut as earcut
import numpy as np
from numpy.typing import NDArray

from twin.geometry import F64, I32

Bool = NDArray[np.bool_]
Ints = NDArray[np.int64]
FLAT = 1e-12
"""A ring whose Newell vector is shorter than this part of its squared extent encloses nothing."""
THIN = 1e-9
"""A fan with a triangle below this part of the polygon's area is left to ear clipping."""
FANNED = 16
"""Rings of up to so many corners are tried as a fan about each of their corners."""
TORN = 1e-6
"""Relative error in area above which ear clipping did not cover the polygon."""


@dataclass(frozen=True, slots=True)
class Triangulated:
    """``triangles`` i32(t, 3) corner numbers in the polygon's own direction of turning,
    ``polygon`` i32(t) of each, ascending; per polygon the unit ``normal`` f64(p, 3) (0 where
    degenerate), ``degenerate`` (encloses nothing: no triangles) and ``torn`` (the triangles miss its
    area: it crosses itself, its holes leave it, or a hole has fewer than three corners)."""

    triangles: I32
    polygon: I32
    normal: F64
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

    A corner that repeats its successor (a closed ring) is left out.
    """
    keep = distinct(points, size)
    if keep.all():
        return _triangulate(points, size, rings)
    ring = np.repeat(np.arange(len(size)), size)
    fewer = np.bincount(ring[keep], minlength=len(size)).astype(np.int32)
    found = _triangulate(points[keep], fewer, rings)
    kept = np.flatnonzero(keep).astype(np.int32)
    return Triangulated(
        kept[found.triangles], found.polygon, found.normal, found.degenerate, found.torn
    )


def starts(size: I32) -> Ints:
    """Return where each run begins when runs of these sizes follow each other."""
    at = np.zeros(len(size), np.int64)
    np.cumsum(size[:-1], out=at[1:])
    return at


def successors(size: I32) -> Ints:
    """Return the corner that follows each corner in its ring, i64(n)."""
    following = np.arange(1, int(size.sum()) + 1, dtype=np.int64)
    filled = size > 0
    at = starts(size)[filled]
    following[at + size[filled] - 1] = at
    return following


def distinct(points: F64, size: I32) -> Bool:
    """Return bool(n): the corner differs from the next one of its ring (a lone corner counts)."""
    differs: Bool = (points != points[successors(size)]).any(axis=1)
    alone: Bool = np.repeat(size == 1, size)
    return np.logical_or(differs, alone)


def newell(points: F64, size: I32) -> F64:
    """Return Newell's vector f64(r, 3) of each ring: its direction is the normal, its length twice the area.

    Taken about each ring's first corner, so that large coordinates cost no digits.
    """
    vectors = np.zeros((len(size), 3))
    filled = size > 0
    at = starts(size)[filled]
    if not len(at):
        return vectors
    local = points - np.repeat(points[at], size[filled], axis=0)
    x, y, z = np.ascontiguousarray(local.T)
    u, v, w = np.ascontiguousarray(local[successors(size)].T)
    vectors[filled, 0] = np.add.reduceat(y * w - z * v, at)
    vectors[filled, 1] = np.add.reduceat(z * u - x * w, at)
    vectors[filled, 2] = np.add.reduceat(x * v - y * u, at)
    return vectors


def _triangulate(points: F64, size: I32, rings: I32) -> Triangulated:
    count = len(rings)
    first = starts(rings)
    padded = np.concatenate([size, [0]]).astype(np.int32)
    outline = np.where(rings > 0, padded[np.minimum(first, len(size))], 0).astype(np.int32)
    corners = _sums(size, rings)
    vector = np.concatenate([newell(points, size), np.zeros((1, 3))])
    vector = np.where(rings[:, None] > 0, vector[np.minimum(first, len(size))], 0.0)
    length = np.linalg.norm(vector, axis=1)
    start = starts(corners)
    reach = _reach(points, start, corners)
    with np.errstate(invalid="ignore"):
        sound = (outline >= 3) & (length > FLAT * reach * reach) & np.isfinite(length)
    normal = np.zeros((count, 3))
    normal[sound] = vector[sound] / length[sound, None]
    uv = _projected(points, normal, start, corners)
    plane = _Plane(uv, start, corners, outline, size, first, rings)
    triangles, owner, left = _fanned(plane, sound & (rings == 1))
    rest = np.flatnonzero(left | (sound & (rings > 1)))
    more, more_owner, torn = _clipped(plane, rest)
    all_owner = np.concatenate([owner, more_owner])
    order = np.argsort(all_owner, kind="stable")
    return Triangulated(
        np.concatenate([triangles, more])[order], all_owner[order], normal, ~sound, torn
    )


def _sums(values: I32, runs: I32) -> I32:
    """Return the sum of each run of values, i32; an empty run gives 0."""
    total = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
    ends = np.cumsum(runs, dtype=np.int64)
    return np.asarray(total[ends] - total[ends - runs], np.int32)


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
            if not len(todo):
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
