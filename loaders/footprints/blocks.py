"""Polygons to closed blocks or flat outlines, lines and points to what is drawn; all of a tile at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from loaders._polygons import triangulate
from loaders._rings import Bool, Ints, successors
from loaders.footprints.shapes import AREAS, LINES, POINT
from twin.geometry import F64, I32, Drawable, Lines, Mesh, Points

CREASE = 0.98
"""A corner between two walls is drawn when the cosine between them is below this."""
Shapes = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Parts:
    """Single polygons, lines or points with the row each belongs to."""

    shape: Shapes
    row: I32

    def of(self, dimension: int) -> "Parts":
        """Return those of a dimension."""
        mine = shapely.get_dimensions(self.shape) == dimension
        return Parts(self.shape[mine], self.row[mine])

    def at(self, rows: Bool) -> "Parts":
        """Return those whose rows are marked in bool(n)."""
        mine = rows[self.row]
        return Parts(self.shape[mine], self.row[mine])


def parts_of(shapes: Shapes) -> Parts:
    """Return the single geometries of all rows, collections taken apart."""
    shape, row = shapely.get_parts(shapes, return_index=True)
    while (shapely.get_type_id(shape) > 3).any():
        shape, inner = shapely.get_parts(shape, return_index=True)
        row = row[inner]
    return Parts(shape, row.astype(np.int32))


def drawn(parts: Parts, base: F64, height: F64) -> tuple[Drawable, ...]:
    """Return what is drawn of parts: blocks where ``height`` f64(n) is finite, else outlines.

    ``base`` f64(n) is the foot of each row (NaN: its own heights, else 0), in the file's units.
    """
    found = (
        _areas(parts.of(AREAS), base, height),
        _lines(parts.of(LINES), base),
        _points(parts.of(POINT), base),
    )
    return tuple(item for item in found if item is not None)


@dataclass(frozen=True, slots=True)
class _Corners:
    """Corners of rings, the closing one left out: ``at`` f64(c, 3), ``size`` i32(r) of each ring,
    ``rings`` i32(p) of each polygon, ``owner`` i64(c) the polygon of each corner."""

    at: F64
    size: I32
    rings: I32
    owner: Ints


def _corners(polygons: Shapes) -> _Corners:
    rings, of_polygon = shapely.get_rings(shapely.orient_polygons(polygons), return_index=True)
    at, of_ring = shapely.get_coordinates(rings, include_z=True, return_index=True)
    size = np.bincount(of_ring, minlength=len(rings))
    kept = np.ones(len(at), np.bool_)
    kept[np.cumsum(size) - 1] = False
    owner = of_polygon[of_ring[kept]]
    counts = np.bincount(of_polygon, minlength=len(polygons))
    return _Corners(at[kept], (size - 1).astype(np.int32), counts.astype(np.int32), owner)


def _footed(z: F64, base: F64) -> F64:
    """Return heights of corners: the base where it is said, else their own, else 0."""
    return np.where(np.isfinite(base), base, np.where(np.isfinite(z), z, 0.0))


def _areas(parts: Parts, base: F64, height: F64) -> Mesh | None:
    """Return one mesh: floor, roof and walls of blocks; the faces of flat outlines."""
    if not len(parts.shape):
        return None
    corners = _corners(parts.shape)
    count = len(corners.at)
    row = parts.row[corners.owner]
    raised = np.isfinite(height[row])
    foot = _feet(corners, base[parts.row], np.isfinite(height[parts.row]))
    origin = _middle(corners.at)
    flat = np.column_stack([corners.at[:, :2] - origin[:2], np.zeros(count)])
    found = triangulate(flat, corners.size, corners.rings)
    above = np.cumsum(raised) - 1 + count
    up = raised[found.triangles[:, 0]]
    roof, floor = found.triangles[up], found.triangles[~up]
    following = successors(corners.size)
    wall = np.flatnonzero(raised)
    after = following[wall]
    walls = np.concatenate(
        [
            np.column_stack([wall, after, above[after]]),
            np.column_stack([wall, above[after], above[wall]]),
        ]
    )
    lift = (height[row] + foot)[raised] - origin[2]
    low = np.column_stack([flat[:, :2], foot - origin[2]])
    high = np.column_stack([flat[raised, :2], lift])
    triangles = np.concatenate([floor, roof[:, ::-1], above[roof], walls])
    edges = _edges(flat, corners, raised, above)
    return Mesh(
        origin=origin,
        positions=np.concatenate([low, high]).astype(np.float32),
        triangles=triangles.astype(np.int32),
        feature=np.concatenate([row, row[raised]]),
        edges=edges.astype(np.int32),
    )


def _feet(corners: _Corners, base: F64, raised: Bool) -> F64:
    """Return the height f64(c) of each corner below: a block stands on one level, its lowest."""
    z = corners.at[:, 2]
    lowest = np.full(len(base), np.inf)
    np.minimum.at(lowest, corners.owner, np.where(np.isfinite(z), z, np.inf))
    level = np.where(np.isfinite(base), base, np.where(np.isfinite(lowest), lowest, 0.0))
    own = _footed(z, base[corners.owner])
    return np.where(raised[corners.owner], level[corners.owner], own)


def _edges(flat: F64, corners: _Corners, raised: Bool, above: Ints) -> NDArray[Any]:
    """Return the outlines below and above, and the upright ones where walls meet at an angle."""
    corner = np.arange(len(flat))
    following = successors(corners.size)
    before = np.empty_like(following)
    before[following] = corner
    way = flat[following, :2] - flat[:, :2]
    length = np.maximum(np.linalg.norm(way, axis=1), 1e-300)[:, None]
    unit = way / length
    turned = (unit * unit[before]).sum(axis=1) < CREASE
    sharp = np.flatnonzero(raised & turned)
    wall = np.flatnonzero(raised)
    return np.concatenate(
        [
            np.column_stack([corner, following]),
            np.column_stack([above[wall], above[following[wall]]]),
            np.column_stack([sharp, above[sharp]]),
        ]
    )


def _middle(at: F64) -> F64:
    z = at[:, 2][np.isfinite(at[:, 2])]
    low, high = at[:, :2].min(axis=0), at[:, :2].max(axis=0)
    return np.array([*((low + high) / 2), float(z.min()) if len(z) else 0.0])


def _lines(parts: Parts, base: F64) -> Lines | None:
    if not len(parts.shape):
        return None
    at, owner = shapely.get_coordinates(parts.shape, include_z=True, return_index=True)
    row = parts.row[owner]
    last = np.append(owner[1:] != owner[:-1], True)
    begin = np.flatnonzero(~last)
    origin = _middle(at)
    placed = np.column_stack([at[:, :2], _footed(at[:, 2], base[row])])
    return Lines(
        origin,
        (placed - origin).astype(np.float32),
        np.column_stack([begin, begin + 1]).astype(np.int32),
        row,
    )


def _points(parts: Parts, base: F64) -> Points | None:
    if not len(parts.shape):
        return None
    at = shapely.get_coordinates(parts.shape, include_z=True)
    origin = _middle(at)
    placed = np.column_stack([at[:, :2], _footed(at[:, 2], base[parts.row])])
    return Points(origin, (placed - origin).astype(np.float32), parts.row)


def bounds_of(parts: Parts, count: int, base: F64, height: F64) -> F64:
    """Return the box f64(count, 6) of what each row draws; (+inf.., -inf..) where it is nothing."""
    bounds = np.full((count, 6), np.inf)
    bounds[:, 3:] = -np.inf
    at, owner = shapely.get_coordinates(parts.shape, include_z=True, return_index=True)
    row = parts.row[owner]
    order = np.argsort(row, kind="stable")
    at, row = at[order], row[order]
    if not len(row):
        return bounds
    first = np.flatnonzero(np.append(True, row[1:] != row[:-1]))
    rows = row[first]
    z = _footed(at[:, 2], base[row])
    placed = np.column_stack([at[:, :2], z])
    bounds[rows, :3] = np.minimum.reduceat(placed, first)
    bounds[rows, 3:] = np.maximum.reduceat(placed, first)
    blocks = rows[np.isfinite(height[rows])]
    bounds[blocks, 5] = bounds[blocks, 2] + height[blocks]
    return bounds


def weight_of(parts: Parts, count: int) -> Ints:
    """Return i64(count): about how many triangles each row draws."""
    corners = shapely.get_num_coordinates(parts.shape)
    return np.bincount(parts.row, weights=4 * corners, minlength=count).astype(np.int64)
