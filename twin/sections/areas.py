"""Rings and loose segments -> areas with holes, and areas -> triangles.

Rings that turn left enclose what is solid, those that turn right are holes of the ring round them; where a
whole object is wound inside out, its outermost rings count as solid all the same.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.geometry import F64
from twin.sections.joining import (
    LEAST,
    TOLERANCE,
    Rings,
    convex,
    groups,
    straightened,
)
from twin.sections.slicing import Index, Segments

Polygons = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Areas:
    """Solid areas: triangles f64(t, 3, 2), each with the segment its object and colour come from,
    and ``size`` f64(t), m²."""

    triangles: F64
    source: Index

    @property
    def size(self) -> F64:
        """Return the area of each triangle, m²."""
        first = self.triangles[:, 1] - self.triangles[:, 0]
        second = self.triangles[:, 2] - self.triangles[:, 0]
        return np.asarray(np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / 2)


def filled(segments: Segments, rings: Rings, left: Index) -> tuple[Areas, Index]:
    """Return what is solid, and the segments that enclose nothing: open outlines."""
    rings = straightened(rings)
    area, feature = rings.area, segments.feature[rings.source]
    holes, owners, inverted = _holes(rings, area, feature)
    single = np.ones(len(rings), np.bool_)
    single[holes] = False
    single[owners] = False
    single &= (area > 0) | inverted
    fanned = single & _is_convex(rings)
    found = [_fans(rings.take(fanned))]
    outer = np.flatnonzero(((area > 0) | inverted) & ~fanned)
    polygons = _polygons(rings, outer, holes, owners)
    faces, sources, open_ = _untangled(segments, left)
    polygons = np.concatenate([polygons, faces])
    found.append(_triangulated(polygons, np.concatenate([rings.source[outer], sources])))
    return (
        Areas(
            np.concatenate([f.triangles for f in found]), np.concatenate([f.source for f in found])
        ),
        open_,
    )


def _is_convex(rings: Rings) -> NDArray[np.bool_]:
    return convex(rings) if len(rings) else np.zeros(0, np.bool_)


def _holes(
    rings: Rings, area: F64, feature: NDArray[np.int32]
) -> tuple[Index, Index, NDArray[np.bool_]]:
    """Return the right-turning rings that lie in a left-turning one of their object, those, and which
    right-turning rings lie in none: surfaces that were wound inside out."""
    right = np.flatnonzero(area < 0)
    inverted = area < 0
    none = np.zeros(0, np.intp)
    # a ring on its own has nothing to lie in
    several = np.bincount(feature + 1, minlength=1)[feature[right] + 1] > 1
    right, left = right[several], np.flatnonzero(area > 0)
    if not len(right) or not len(left):
        return none, none, inverted
    around = _shells(rings)
    tree = shapely.STRtree(around[left])
    at = shapely.points(rings.points[rings.start[right]])
    inner, outer = tree.query(at, predicate="intersects")
    own = feature[right[inner]] == feature[left[outer]]
    own &= area[left[outer]] > -area[right[inner]]
    inner, outer = right[inner[own]], left[outer[own]]
    order = np.lexsort((area[outer], inner))  # the smallest that is round it
    inner, outer = inner[order], outer[order]
    first = np.flatnonzero(np.diff(inner, prepend=-1))
    inverted[inner[first]] = False
    return inner[first], outer[first], inverted


def _shells(rings: Rings) -> Polygons:
    return np.asarray(shapely.polygons(_linear(rings)), np.object_)


def _linear(rings: Rings) -> Polygons:
    return np.asarray(shapely.linearrings(rings.points, indices=rings.number), np.object_)


def _polygons(rings: Rings, outer: Index, holes: Index, owners: Index) -> Polygons:
    """Return the outer rings as polygons with their holes."""
    if not len(outer):
        return np.zeros(0, np.object_)
    lines = _linear(rings)
    place = np.full(len(rings), -1)
    place[outer] = np.arange(len(outer))
    every = np.concatenate([outer, holes])
    whose = place[np.concatenate([outer, owners])]
    order = np.argsort(whose, kind="stable")  # each polygon's shell before its holes
    return np.asarray(shapely.polygons(lines[every][order], indices=whose[order]), np.object_)


def _fans(rings: Rings) -> Areas:
    """Return the triangles of convex rings, all from their first points."""
    sizes = np.diff(rings.start) - 2
    ring = np.repeat(np.arange(len(rings)), sizes)
    step = np.arange(len(ring)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + 1
    base = rings.start[:-1][ring]
    corner = np.stack([base, base + step, base + step + 1], axis=1)
    return Areas(rings.points[corner].reshape(-1, 3, 2), rings.source[ring])


def _triangulated(polygons: Polygons, source: Index) -> Areas:
    """Return the triangles of polygons with holes (constrained Delaunay, GEOS)."""
    invalid = ~shapely.is_valid(polygons)
    if invalid.any():
        parts, whose = shapely.get_parts(shapely.make_valid(polygons[invalid]), return_index=True)
        areal = shapely.get_dimensions(parts) == 2
        source = np.concatenate([source[~invalid], source[invalid][whose[areal]]])
        polygons = np.concatenate([polygons[~invalid], parts[areal]])
    pieces, whose = shapely.get_parts(
        shapely.constrained_delaunay_triangles(polygons), return_index=True
    )
    corners = shapely.get_coordinates(pieces).reshape(-1, 4, 2)[:, :3]
    return Areas(corners, source[whose])


def _untangled(segments: Segments, left: Index) -> tuple[Polygons, Index, Index]:
    """Return the areas among segments that did not close by themselves, a segment of each, and the
    segments of what stays open."""
    faces: list[Polygons] = [np.zeros(0, np.object_)]
    sources, open_ = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
    if len(left):
        number = groups(segments, left)
        order = np.argsort(number, kind="stable")
        for part in np.split(left[order], np.flatnonzero(np.diff(number[order])) + 1):
            found, whole = _faces(segments.ends[part])
            faces.append(found)
            sources.append(np.full(len(found), part[0]))
            if not whole:
                open_.append(part)
    return np.concatenate(faces), np.concatenate(sources), np.concatenate(open_)


def _faces(ends: F64) -> tuple[Polygons, bool]:
    """Return the solid faces between segments f64(s, 2, 2), and whether they use every segment."""
    if len(ends) < 3:
        return np.zeros(0, np.object_), False
    grid = np.round(ends / (TOLERANCE / 4)) * (TOLERANCE / 4)
    single = np.asarray(shapely.linestrings(grid), np.object_)
    lines = shapely.node(shapely.multilinestrings(single))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    faces = faces[shapely.area(faces) > LEAST]
    if not len(faces):
        return faces, False
    inside = shapely.get_coordinates(shapely.point_on_surface(faces))
    solid = _winding(grid, inside) != 0
    if not solid.any():  # surfaces given twice, once each way round
        once = np.unique(np.sort(_keys(grid), axis=1), axis=0, return_index=True)[1]
        solid = _crossings(grid[once], inside) % 2 == 1
    used = float(shapely.length(shapely.unary_union(shapely.boundary(faces))))
    return faces[solid], bool(used >= float(shapely.length(lines)) * (1 - 1e-6))


def _keys(grid: F64) -> NDArray[np.int64]:
    """Return one number for each end i64(s, 2): its place."""
    steps = np.round(grid / (TOLERANCE / 4)).astype(np.int64)
    return steps[..., 0] * (1 << 32) + steps[..., 1]


def _crossed(ends: F64, points: F64) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return bool(p, s), twice: which segments a ray along the first axis crosses upwards, downwards."""
    (x0, y0), (x1, y1) = ends[:, 0].T, ends[:, 1].T
    x, y = points[:, :1], points[:, 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        right = x0 + (y - y0) / (y1 - y0) * (x1 - x0) > x
    return (y0 <= y) & (y1 > y) & right, (y1 <= y) & (y0 > y) & right


def _winding(ends: F64, points: F64) -> Index:
    up, down = _crossed(ends, points)
    return np.asarray(up.sum(axis=1) - down.sum(axis=1), np.intp)


def _crossings(ends: F64, points: F64) -> Index:
    up, down = _crossed(ends, points)
    return np.asarray(up.sum(axis=1) + down.sum(axis=1), np.intp)
