"""Points on the surfaces of a study at which something is asked: on facades, roofs and the ground.

Every surface is sampled on a lattice of its own, so that equal surfaces get equal points whatever their
triangles; a point is kept where a triangle lies under it. Whole arrays throughout: a city has a million.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.analyses.rays import Caster
from twin.analyses.study import Bodies, Study
from twin.errors import SunRule
from twin.features import Bool
from twin.geometry import F64, I32
from twin.jobs import Feedback

I64 = NDArray[np.int64]
WALL = 0.5
"""A face is a wall up to this height of its normal: 30 degrees from upright."""
ROOF = 0.3
"""A face is a roof from this height of its normal on."""
OFFSET = 0.03
"""Metres by which a sample stands off its surface: more than single precision is wrong by in a city."""
PARTY = 0.3
"""Metres before a wall within which another body makes it an inner or party wall: nobody looks out there."""
PLANE = 0.25
"""Metres between planes that count as different facades."""
LEAST_AREA = 1e-3
MOST = 4_000_000
"""Samples that fit into memory with their rays."""


@dataclass(frozen=True)
class Samples:
    """Points f64(n, 3) that stand off their surfaces along ``normals`` f64(n, 3).

    ``layer`` i32(n) and ``row`` i32(n) are the object behind a point (-1 = none); ``face`` i32(n) numbers
    the facades; ``bearing`` f64(n) is where it looks, degrees clockwise from +y (NaN = up).
    """

    points: F64
    normals: F64
    layer: I32
    row: I32
    face: I32
    bearing: F64

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.points)

    def only(self, kept: Bool) -> "Samples":
        """Return the points of a mask bool(n)."""
        return Samples(
            self.points[kept], self.normals[kept], self.layer[kept], self.row[kept],
            self.face[kept], self.bearing[kept],
        )  # fmt: skip

    @staticmethod
    def of_points(points: F64) -> "Samples":
        """Return bare points that look everywhere: their normals are zero."""
        n = len(points)
        none = np.full(n, -1, np.int32)
        return Samples(
            np.asarray(points, np.float64).reshape(n, 3), np.zeros((n, 3)), none, none, none,
            np.full(n, np.nan),
        )  # fmt: skip

    @staticmethod
    def together(parts: "list[Samples]") -> "Samples":
        """Return several samples as one; facades are numbered on."""
        if not parts:
            return Samples.of_points(np.zeros((0, 3)))
        ahead, faces = 0, []
        for part in parts:
            faces.append(np.where(part.face >= 0, part.face + ahead, -1).astype(np.int32))
            ahead += int(part.face.max()) + 1 if len(part) else 0
        return Samples(
            np.concatenate([x.points for x in parts]),
            np.concatenate([x.normals for x in parts]),
            np.concatenate([x.layer for x in parts]),
            np.concatenate([x.row for x in parts]),
            np.concatenate(faces),
            np.concatenate([x.bearing for x in parts]),
        )


@dataclass(frozen=True)
class Faces:
    """Triangles that are sampled: ``corners`` f64(t, 3, 3), unit ``normals`` f64(t, 3) outwards, the object
    ``layer`` and ``row`` i32(t) behind each, and ``group`` i64(t): which of them share a lattice."""

    corners: F64
    normals: F64
    layer: I32
    row: I32
    group: I64


def outward(bodies: Bodies, unit: I32) -> F64:
    """Return unit normals f64(t, 3) that point out of bodies; zero for triangles without an area.

    Winding says what is outside; objects (``unit`` i32(t), -1 = none) whose signed volume is negative are
    turned over.
    """
    corners = bodies.corners()
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    size = np.linalg.norm(cross, axis=1)
    normals = cross / np.where(size > 2 * LEAST_AREA, size, np.inf)[:, None]
    owner = _owners(bodies, unit)
    inside = (_signed_volumes(corners, owner) < 0)[owner] & (unit >= 0)
    return np.where(inside[:, None], -normals, normals)


def _owners(bodies: Bodies, unit: I32) -> I64:
    key = bodies.layer.astype(np.int64) * (1 << 32) + unit
    codes: I64 = np.unique(key, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return codes


def faces_of(study: Study, kept: Bool, unit: I32, normals: F64) -> Faces:
    """Return the triangles of a mask bool(t) that have an area; ``unit`` i32(t) is the object of each,
    ``normals`` f64(t, 3) as ``outward`` says them."""
    kept = kept & normals.any(axis=1)
    bodies = study.bodies.only(kept)
    layer, row = bodies.layer.astype(np.int32), unit[kept]
    return Faces(bodies.corners(), normals[kept], layer, row, _owners(bodies, row))


def _signed_volumes(corners: F64, group: I64) -> F64:
    """Return the volume f64(g) of each group, by the divergence theorem from the group's first corner."""
    count = int(group.max()) + 1 if len(group) else 0
    first = np.zeros((count, 3))
    first[group[::-1]] = corners[::-1, 0]
    local = corners - first[group, None, :]
    volume = np.einsum("ij,ij->i", local[:, 0], np.cross(local[:, 1], local[:, 2])) / 6.0
    return np.asarray(np.bincount(group, volume, count), np.float64)


def facade_samples(
    faces: Faces, spacing: float, sill: float, storey: float | None, ground: F64 | None = None
) -> Samples:
    """Return points on walls: every ``spacing`` metres along a facade, ``sill`` metres over its foot, and
    again every ``storey`` metres (None = that row alone, on facades that stand on the ground floor).

    ``ground`` f64(t) is the level of the terrain before each triangle: no point lies lower than it.
    """
    wall = np.abs(faces.normals[:, 2]) <= WALL
    level = np.where(wall, -np.inf, 0.0) if ground is None else ground
    foot = np.maximum(faces.corners[:, :, 2].min(axis=1), level)[wall]
    corners, normals = faces.corners[wall], faces.normals[wall]
    bearing = np.degrees(np.arctan2(normals[:, 0], normals[:, 1])) % 360.0
    owner = faces.group[wall]
    face = _planes(corners, bearing, owner)
    if not len(face):
        return Samples.of_points(np.zeros((0, 3)))
    count = int(face.max()) + 1
    across = np.radians(_first(bearing, face, count))[face]
    along = np.stack([np.cos(across), -np.sin(across)], axis=1)
    u = np.einsum("tij,tj->ti", corners[:, :, :2], along)
    low, high = _extent(u, face, count)
    number = np.maximum(np.round((high - low) / spacing), 1.0)
    width = np.maximum((high - low) / number, 1e-6)
    base = _least(foot, face, count)
    rows = _levels(base, foot, face, owner, (sill, storey))
    spread = (low + width / 2)[face], width[face], (base + sill)[face], rows
    tri, at_u, at_z = _candidates(u, corners[:, :, 2], spread)
    points, tri, cell = _inside(u, corners, tri, np.stack([at_u[1], at_z[1]], axis=1))
    keys = np.stack([face[tri], at_u[0][cell], at_z[0][cell]], axis=1)
    return _samples(faces, np.flatnonzero(wall)[tri], points, keys, face[tri])


def roof_samples(faces: Faces, spacing: float) -> Samples:
    """Return points on roofs: a lattice of ``spacing`` metres in plan over each object."""
    roof = faces.normals[:, 2] >= ROOF
    corners, group = faces.corners[roof], faces.group[roof]
    if not len(group):
        return Samples.of_points(np.zeros((0, 3)))
    count = int(group.max()) + 1
    low, high = _extent(corners[:, :, 0], group, count)
    south, north = _extent(corners[:, :, 1], group, count)
    wide = np.maximum((high - low) / np.maximum(np.round((high - low) / spacing), 1.0), 1e-6)
    deep = np.maximum((north - south) / np.maximum(np.round((north - south) / spacing), 1.0), 1e-6)
    spread = (low + wide / 2)[group], wide[group], (south + deep / 2)[group], deep[group]
    tri, at_x, at_y = _candidates(corners[:, :, 0], corners[:, :, 1], spread)
    flat = corners[:, :, [2, 0, 1]]  # the second plane coordinate is the third column: see _inside
    points, tri, cell = _inside(corners[:, :, 0], flat, tri, np.stack([at_x[1], at_y[1]], axis=1))
    points = points[:, [1, 2, 0]]
    height = np.round(points[:, 2] / PLANE).astype(np.int64)
    keys = np.stack([group[tri], at_x[0][cell], at_y[0][cell], height], axis=1)
    return _samples(faces, np.flatnonzero(roof)[tri], points, keys, np.full(len(tri), -1))


def _samples(faces: Faces, tri: I64, points: F64, keys: I64, face: I64) -> Samples:
    """Return one sample for each key; of triangles that share an edge the first has the point."""
    _, once = np.unique(keys, axis=0, return_index=True)
    once = np.sort(once)
    if len(once) > MOST:
        raise SunRule(name="spacing", value=len(once), reason=f"more than {MOST} samples")
    tri, normals = tri[once], faces.normals[tri[once]]
    level = np.hypot(normals[:, 0], normals[:, 1])
    bearing = np.degrees(np.arctan2(normals[:, 0], normals[:, 1])) % 360.0
    return Samples(
        points[once] + OFFSET * normals, normals, faces.layer[tri], faces.row[tri],
        face[once].astype(np.int32), np.where(level > 0.5, bearing, np.nan),
    )  # fmt: skip


def _planes(corners: F64, bearing: F64, owner: I64) -> I64:
    """Return the number i64(t) of the facade of each wall: same object, direction to 10 degrees, plane."""
    turn = np.round(bearing / 10.0).astype(np.int64) % 36
    way = np.radians(turn * 10.0)
    far = corners[:, :, 0].mean(axis=1) * np.sin(way) + corners[:, :, 1].mean(axis=1) * np.cos(way)
    far = far - _least(far, owner, int(owner.max()) + 1 if len(owner) else 0)[owner]
    key = np.stack([owner, turn, np.round(far / PLANE).astype(np.int64)], axis=1)
    return np.unique(key, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _levels(
    base: F64, foot: F64, face: I64, owner: I64, heights: tuple[float, float | None]
) -> F64:
    """Return the distance f64(t) between the rows of points on each triangle's facade.

    One row alone is a distance beyond every building; a facade that begins above the ground floor then
    has none: NaN.
    """
    sill, storey = heights
    if storey is not None:
        return np.full(len(face), max(storey, 0.1))
    lowest = _least(foot, owner, int(owner.max()) + 1)[owner]
    return np.where(base[face] > lowest + 3.0 + sill, np.nan, 1e9)


def _first(values: F64, group: I64, count: int) -> F64:
    found = np.zeros(count)
    found[group[::-1]] = values[::-1]
    return found


def _least(values: F64, group: I64, count: int) -> F64:
    found = np.full(count, np.inf)
    np.minimum.at(found, group, values)
    return found


def _extent(values: F64, group: I64, count: int) -> tuple[F64, F64]:
    """Return lowest and highest f64(g) of values f64(t, 3) of each group."""
    return _least(values.min(axis=1), group, count), -_least(-values.max(axis=1), group, count)


def _candidates(
    u: F64, v: F64, spread: tuple[F64, F64, F64, F64]
) -> tuple[I64, tuple[I64, F64], tuple[I64, F64]]:
    """Return the lattice points in the box of each triangle: triangle, (column, u) and (row, v).

    ``spread`` holds first point and distance along u and along v, f64(t) each; a distance of NaN = none.
    """
    none = ~np.isfinite(spread[3])
    counts = []
    for values, first, step in ((u, spread[0], spread[1]), (v, spread[2], spread[3])):
        apart = np.where(np.isfinite(step), step, 1.0)
        low = np.maximum(np.ceil((values.min(axis=1) - first) / apart - 1e-9), 0.0)
        high = np.floor((values.max(axis=1) - first) / apart + 1e-9)
        counts.append((low.astype(np.int64), np.maximum(high - low + 1, 0).astype(np.int64)))
    (low_u, many_u), (low_v, many_v) = counts
    many = np.where(none, 0, many_u * many_v)
    if int(many.sum()) > 10 * MOST:
        raise SunRule(name="spacing", value=int(many.sum()), reason="too many samples: widen it")
    tri = np.repeat(np.arange(len(u)), many)
    place = np.arange(len(tri)) - np.repeat(np.cumsum(many) - many, many)
    column = low_u[tri] + place // np.maximum(many_v[tri], 1)
    row = low_v[tri] + place % np.maximum(many_v[tri], 1)
    at_u = spread[0][tri] + column * spread[1][tri]
    at_v = spread[2][tri] + row * spread[3][tri]
    return tri, (column, at_u), (row, at_v)


def _inside(u: F64, corners: F64, tri: I64, at: F64) -> tuple[F64, I64, I64]:
    """Return points in space, their triangles and which candidates they are, where ``at`` f64(c, 2) lies in
    the triangle drawn in the plane of ``u`` f64(t, 3) and the third coordinate of its corners."""
    a = np.stack([u[tri, 0], corners[tri, 0, 2]], axis=1)
    b = np.stack([u[tri, 1], corners[tri, 1, 2]], axis=1) - a
    c = np.stack([u[tri, 2], corners[tri, 2, 2]], axis=1) - a
    p = at - a
    det = b[:, 0] * c[:, 1] - b[:, 1] * c[:, 0]
    flat = np.abs(det) < 1e-12
    det = np.where(flat, 1.0, det)
    s = (p[:, 0] * c[:, 1] - p[:, 1] * c[:, 0]) / det
    t = (b[:, 0] * p[:, 1] - b[:, 1] * p[:, 0]) / det
    kept = np.flatnonzero(~flat & (s >= -1e-9) & (t >= -1e-9) & (s + t <= 1.0 + 1e-9))
    first = corners[tri[kept], 0]
    across, up = corners[tri[kept], 1] - first, corners[tri[kept], 2] - first
    return first + s[kept, None] * across + t[kept, None] * up, tri[kept], kept


def free_of_walls(samples: Samples, caster: Caster, normals: F64, feedback: Feedback) -> Bool:
    """Return bool(n): points that look into the open. Inner and party walls are left out: something stands
    close before them, or they lie inside of a body: above, and ahead or below, one meets its faces from
    behind. (Above alone would take the eaves of a roof for one; ahead alone fails where two walls are one.)

    ``normals`` f64(t, 3) of the caster's triangles as ``outward`` says them.
    """
    far, ahead = caster.first(samples.points, samples.normals, None, feedback)
    up = np.tile([0.0, 0.0, 1.0], (len(samples), 1))
    behind = [_from_behind(normals, ahead, samples.normals)]
    for way in (up, -up):
        met = caster.first(samples.points, way, None, feedback)[1]
        behind.append(_from_behind(normals, met, way))
    inside = behind[1] & (behind[0] | behind[2])
    return np.asarray((far > PARTY) & ~inside, np.bool_)


def _from_behind(normals: F64, met: I32, ways: F64) -> Bool:
    """Return bool(n): rays that met a triangle (-1 = none) from the inside of its body."""
    if not len(normals):
        return np.zeros(len(met), np.bool_)
    return np.asarray((met >= 0) & (np.einsum("ij,ij->i", normals[met], ways) > 0), np.bool_)


def level_below(bodies: Bodies, at: F64, feedback: Feedback) -> F64:
    """Return the height f64(n) of the first surface under points f64(n, 2) seen from above, NaN = none."""
    if not len(bodies) or not len(at):
        return np.full(len(at), np.nan)
    top = float(bodies.positions[:, 2].max() + bodies.origin[2]) + 10.0
    eyes = np.column_stack([at, np.full(len(at), top)])
    down = np.tile([0.0, 0.0, -1.0], (len(at), 1))
    far, _ = Caster(bodies).first(eyes, down, None, feedback)
    return np.where(np.isfinite(far), top - far, np.nan)
