"""Triangles and a plane -> segments in the plane, each with its object, its part and its colour.

A corner exactly on the plane counts as kept: so every triangle is either cut in two or not at all, and the
segments of a closed surface close. Points of an edge are computed from its kept to its cut corner, so two
triangles that share the edge give the very same numbers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F64, I32, U8, Drawable, Instances, Material, Mesh, box_of
from twin.sections.planes import crossing
from twin.style import BARE, srgb

Index = NDArray[np.intp]
CHUNK = 2_000_000
"""Vertices of instances that are multiplied out at a time."""


@dataclass(frozen=True, slots=True)
class Flat:
    """A plane with axes of its own: ``point`` f64(3) on it, unit ``first`` x ``second`` = ``normal``."""

    point: F64
    first: F64
    second: F64
    normal: F64

    @staticmethod
    def of(plane: F64, near: F64) -> "Flat":
        """Return the axes of a plane f64(4), its point the one nearest to ``near`` f64(3)."""
        normal = plane[:3]
        point = near - normal * (normal @ near - plane[3])
        level = np.array([0.0, 0, 1]) if abs(normal[2]) < 0.9 else np.array([0.0, 1, 0])
        first = np.cross(level, normal)
        first /= np.linalg.norm(first)
        return Flat(point, first, np.cross(normal, first), normal)

    def placed(self, flat: F64) -> F64:
        """Return points f64(n, 2) of the plane as offsets f64(n, 3) from ``point``."""
        return np.asarray(flat[:, :1] * self.first + flat[:, 1:] * self.second, np.float64)


@dataclass(frozen=True, slots=True)
class Segments:
    """Directed segments f64(s, 2, 2) in a plane's axes: what is solid lies at their left, where
    triangles wind counter-clockwise seen from outside. ``part`` numbers the drawable."""

    ends: F64
    feature: I32
    part: I32
    color: U8

    def take(self, chosen: NDArray[np.generic]) -> "Segments":
        """Return some of them."""
        return Segments(
            self.ends[chosen], self.feature[chosen], self.part[chosen], self.color[chosen]
        )


def joined(found: Sequence[Segments]) -> Segments:
    """Return all segments as one."""
    if not found:
        none = np.zeros(0, np.int32)
        return Segments(np.zeros((0, 2, 2)), none, none, np.zeros((0, 4), np.uint8))
    return Segments(
        np.concatenate([f.ends for f in found]),
        np.concatenate([f.feature for f in found]),
        np.concatenate([f.part for f in found]),
        np.concatenate([f.color for f in found]),
    )


def slice_all(drawables: Sequence[Drawable], plane: F64, others: F64, flat: Flat) -> Segments:
    """Return where a plane f64(4) meets the triangles of a tile's drawables.

    Objects that one of ``others`` f64(k, 4) cuts away altogether are left out.
    """
    found: list[Segments] = []
    for part, item in enumerate(drawables):
        if not isinstance(item, Mesh | Instances):
            continue
        box = box_of(item)[None]
        if not np.isfinite(box).all() or not crossing(box, plane[None])[0, 0]:
            continue
        pieces = [_Piece.of(item)] if isinstance(item, Mesh) else _placed(item, plane)
        found += [_slice(piece, part, plane, others, flat) for piece in pieces]
    return joined(found)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Triangles in one frame: ``positions`` f64 or f32(v, 3) round ``origin``."""

    origin: F64
    positions: NDArray[np.floating]
    triangles: I32
    feature: I32
    material: Material
    colors: U8 | None

    @staticmethod
    def of(mesh: Mesh) -> "_Piece":
        return _Piece(
            mesh.origin, mesh.positions, mesh.triangles, mesh.feature, mesh.material, mesh.colors
        )


def _placed(item: Instances, plane: F64) -> Iterator[_Piece]:
    """Return the instances that a plane meets, multiplied out."""
    mesh, size = item.mesh, max(len(item.mesh.positions), 1)
    box = box_of(mesh)
    middle, reach = (box[:3] + box[3:]) / 2, (box[3:] - box[:3]) / 2
    turned = plane[:3] @ item.transforms[:, :3, :3]
    at = turned @ middle + item.transforms[:, :3, 3] @ plane[:3] - plane[3]
    met = np.flatnonzero(np.abs(at) <= np.abs(turned) @ reach)
    step = max(1, CHUNK // size)
    points = mesh.positions.astype(np.float64) + mesh.origin
    for start in range(0, len(met), step):
        moves = item.transforms[met[start : start + step]]
        origin = moves[0, :3, 3].copy()
        placed = np.einsum("kij,vj->kvi", moves[:, :3, :3], points)
        placed += (moves[:, :3, 3] - origin)[:, None, :]
        cells = mesh.triangles[None] + np.arange(len(moves), dtype=np.int32)[:, None, None] * size
        mirrored = np.linalg.det(moves[:, :3, :3]) < 0
        cells[mirrored] = cells[mirrored][:, :, ::-1]
        yield _Piece(
            origin,
            placed.reshape(-1, 3),
            cells.reshape(-1, 3).astype(np.int32),
            np.repeat(item.feature[met[start : start + step]], size).astype(np.int32),
            mesh.material,
            None if mesh.colors is None else np.tile(mesh.colors, (len(moves), 1)),
        )


def _distance(piece: _Piece, plane: F64) -> F64:
    """Return the signed distances f64(v); term by term, so that equal corners get equal numbers."""
    nx, ny, nz, offset = plane.tolist()
    shift = float(piece.origin @ plane[:3]) - offset
    x, y, z = (piece.positions[:, axis].astype(np.float64) for axis in range(3))
    return np.asarray(x * nx + y * ny + z * nz + shift, np.float64)


def _slice(piece: _Piece, part: int, plane: F64, others: F64, flat: Flat) -> Segments:
    away = _distance(piece, plane)
    beyond = away > 0
    sides = beyond[piece.triangles]
    count = sides.sum(axis=1, dtype=np.int8)
    met = np.flatnonzero((count == 1) | (count == 2))
    if len(met) and len(others):
        met = met[_there(piece, met, others)]
    cells, sides = piece.triangles[met], sides[met]
    # the corner that is alone on its side, then its neighbours in the winding's order
    alone = np.argmax(sides == (count[met] == 1)[:, None], axis=1)
    turn = (alone[:, None] + np.arange(3)) % 3
    corner = np.take_along_axis(cells, turn, axis=1)
    up = beyond[corner[:, 0]]
    near = _between(piece, away, corner[:, 0], corner[:, 1], up, flat)
    far = _between(piece, away, corner[:, 0], corner[:, 2], up, flat)
    ends = np.where(up[:, None, None], np.stack([near, far], 1), np.stack([far, near], 1))
    number = np.full(len(met), part, np.int32)
    return Segments(ends, piece.feature[corner[:, 0]], number, _color(piece, corner[:, 0]))


def _there(piece: _Piece, met: Index, others: F64) -> NDArray[np.bool_]:
    """Return which triangles belong to objects that no other plane cuts away altogether."""
    feature = piece.feature + 1  # 0 = background
    kept = np.ones(int(feature.max(initial=0)) + 1, np.bool_)
    for plane in others:
        least = np.full(len(kept), np.inf)
        np.minimum.at(least, feature, _distance(piece, plane))
        kept &= least <= 0
    kept[0] = True
    return np.asarray(kept[feature[piece.triangles[met, 0]]], np.bool_)


def _between(
    piece: _Piece, away: F64, alone: I32, other: I32, up: NDArray[np.bool_], flat: Flat
) -> F64:
    """Return the points f64(n, 2) at which edges pass the plane, always from the kept corner."""
    low, high = np.where(up, other, alone), np.where(up, alone, other)
    start, end = away[low], away[high]
    share = (start / (start - end))[:, None]
    first = piece.positions[low].astype(np.float64)
    place = first + share * (piece.positions[high] - first) + (piece.origin - flat.point)
    return np.stack([place @ flat.first, place @ flat.second], axis=1)


def _color(piece: _Piece, vertex: I32) -> U8:
    """Return the colours u8(n, 4) of a cut through the material; pictures are of surfaces only."""
    material = piece.material
    base = srgb(material.color).astype(np.uint16)
    bare = material.image is not None or (piece.colors is None and material == Material())
    if bare:
        base = BARE.astype(np.uint16)
    found = np.tile(base, (len(vertex), 1))
    if piece.colors is not None and not bare:
        found = (piece.colors[vertex] * found + 127) // 255
    found[:, 3] = 255
    return found.astype(np.uint8)
