"""Parts to drawables in the final frame: one mesh per material, float64 origin, float32 offsets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders._gltf.model import Model
from loaders._gltf.primitives import Part
from twin.features import Bool
from twin.geometry import F32, F64, I32, U8, Drawable, Instances, Lines, Material, Mesh, Points

Numbering = Callable[[Part], I32 | None]
"""Gives the tile-local feature number of each vertex, None where the part has no features."""
Y_UP = np.array([[1.0, 0, 0, 0], [0, 0, -1.0, 0], [0, 1.0, 0, 0], [0, 0, 0, 1.0]])
X_UP = np.array([[0, 0, -1.0, 0], [0, 1.0, 0, 0], [1.0, 0, 0, 0], [0, 0, 0, 1.0]])
Z_UP = np.eye(4)
BLOCK = 8192
"""Vertices that are moved at a time: they stay in the cache, and are too few for the threads that
BLAS would start beside ours (measured: eight times slower with them)."""
ZERO = np.zeros(3, np.float32)
UP = {"X": X_UP, "Y": Y_UP, "Z": Z_UP}


@dataclass(slots=True)
class _Piece:
    """One part in the final frame: offsets from ``center``."""

    part: Part
    center: F64
    offsets: F32
    indices: I32
    normals: F32 | None
    uv: F32 | None
    feature: I32


def assemble(model: Model, world: F64, numbering: Numbering, alone: int) -> list[Drawable]:
    """Return what a model draws. ``world`` f64(4, 4) moves its own frame into the final one.

    ``alone`` is the feature number of parts for which ``numbering`` gives None. What the model
    repeats by instancing is left to ``instances``.
    """
    groups: dict[tuple[Any, ...], list[_Piece]] = {}
    for part, matrix in model.parts:
        piece = _piece(model, part, world @ matrix, numbering, alone)
        if piece is None:
            continue
        key = (
            part.material,
            part.indices.shape[1],
            piece.normals is None,
            piece.uv is None,
            part.colors is None,
        )
        groups.setdefault(key, []).append(piece)
    return [_joined(pieces, model.painter.material(key[0])) for key, pieces in groups.items()]


def instances(
    model: Model, parts: list[tuple[Part, F64]], matrices: F64, feature: I32
) -> list[Drawable]:
    """Return parts drawn many times by f64(k, 4, 4) matrices into the final frame.

    Instances of points and lines are left out with a problem: there is no such drawable.
    """
    found: list[Drawable] = []
    for part, matrix in parts:
        if part.indices.shape[1] != 3:
            model.document.report("gltf.instances", "instances of points or lines are left out")
            continue
        piece = _piece(model, part, matrix, lambda _: None, 0)
        if piece is None:
            continue
        mesh = _joined([piece], model.painter.material(part.material))
        assert isinstance(mesh, Mesh)
        found.append(Instances(mesh, np.ascontiguousarray(matrices), feature))
    return found


def _piece(
    model: Model, part: Part, matrix: F64, numbering: Numbering, alone: int
) -> _Piece | None:
    """Return a part moved by a matrix; vertices that are not finite lose their triangles."""
    positions, indices = part.positions, part.indices
    if not len(positions) or not len(indices) or not np.isfinite(matrix).all():
        return None
    low, high = extent(positions)
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        sound: Bool = np.asarray(np.isfinite(positions).all(axis=1))
        text = f"{int((~sound).sum())} vertices are not finite; what they carry is left out"
        model.document.report("gltf.not_finite", text, count=int((~sound).sum()))
        indices = indices[sound[indices].all(axis=1)]
        if not len(indices):
            return None
        positions = np.where(sound[:, None], positions, positions[int(indices[0, 0])])
        low, high = extent(positions)
    local = ((low.astype(np.float64) + high) / 2).astype(np.float32)
    linear = matrix[:3, :3]
    center = linear @ local.astype(np.float64) + matrix[:3, 3]
    normals = part.normals
    if np.array_equal(linear, np.eye(3)):
        normals = None if normals is None else normals.copy()  # a view would keep the whole file
        offsets = positions - local
    else:
        offsets = _moved(positions, local, linear.T.astype(np.float32))
        normals = None if normals is None else _turned(normals, linear)
        if indices.shape[1] == 3 and np.linalg.det(linear) < 0:
            indices = indices[:, ::-1]
    numbers = numbering(part)
    feature = np.full(len(positions), alone, np.int32) if numbers is None else numbers
    uv = model.painter.uv(part.material, part.uvs)
    return _Piece(part, center, offsets, indices, normals, uv, feature)


def _moved(positions: F32, local: F32, linear: F32) -> F32:
    """Return (positions - local) @ linear, a block at a time: no second array of the whole size."""
    found = np.empty(positions.shape, np.float32)
    for start in range(0, len(positions), BLOCK):
        stop = start + BLOCK
        part = positions[start:stop]
        np.matmul(part if local is ZERO else part - local, linear, out=found[start:stop])
    return found


def extent(points: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the least and the most of (n, 3) points; NaN if any is NaN.

    Rows of 64 points at a time: numpy's reduction over three columns is five times slower.
    """
    whole = len(points) // 64 * 64
    rest = points[whole:]
    if not whole:
        return rest.min(axis=0), rest.max(axis=0)
    blocks = points[:whole].reshape(-1, 192)
    ends = [rest] if len(rest) else []
    least = np.concatenate([blocks.min(axis=0).reshape(64, 3), *ends]).min(axis=0)
    most = np.concatenate([blocks.max(axis=0).reshape(64, 3), *ends]).max(axis=0)
    return least, most


def _turned(normals: F32, linear: F64) -> F32 | None:
    """Return normals moved by the inverse transpose and made unit length again."""
    if abs(np.linalg.det(linear)) < 1e-30:
        return None
    square = linear @ linear.T
    if np.allclose(square, np.eye(3) * square[0, 0], rtol=0, atol=1e-6 * square[0, 0]):
        return _moved(normals, ZERO, (linear.T / np.sqrt(square[0, 0])).astype(np.float32))
    moved = _moved(normals, ZERO, np.linalg.inv(linear).astype(np.float32))
    length = np.sqrt(np.einsum("ij,ij->i", moved, moved))[:, None]
    unit: F32 = np.divide(moved, length, out=np.zeros_like(moved), where=length > 0)
    return unit


def _joined(pieces: list[_Piece], material: Material) -> Drawable:
    """Return the pieces of one material as one drawable about one origin."""
    origin = pieces[0].center
    offsets, indices, at = [], [], 0
    for piece in pieces:
        shift = (piece.center - origin).astype(np.float32)
        offsets.append(piece.offsets + shift if shift.any() else piece.offsets)
        indices.append(piece.indices + np.int32(at) if at else piece.indices)
        at += len(piece.offsets)
    positions = _concatenated(offsets)
    elements = np.ascontiguousarray(_concatenated(indices))
    feature = _concatenated([piece.feature for piece in pieces])
    colors = _optional([piece.part.colors for piece in pieces])
    normals = _optional([piece.normals for piece in pieces])
    if elements.shape[1] == 2:
        return Lines(origin, positions, elements, feature, material, colors)
    if elements.shape[1] == 1:
        return _points(
            Points(origin, positions, feature, material, colors, normals), elements[:, 0]
        )
    uv = _optional([piece.uv for piece in pieces])
    edges = _outlines(pieces)
    return Mesh(origin, positions, elements, feature, material, uv, normals, colors, edges)


def _points(points: Points, used: I32) -> Points:
    """Return the points that the indices name."""
    if len(used) == len(points.positions) and np.array_equal(used, np.arange(len(used))):
        return points
    return Points(
        points.origin,
        points.positions[used],
        points.feature[used],
        points.material,
        None if points.colors is None else points.colors[used],
        None if points.normals is None else points.normals[used],
    )


def _outlines(pieces: list[_Piece]) -> I32 | None:
    """Return the outline edges i32(e, 2) that the parts declare, None without any."""
    found, at = [], 0
    for piece in pieces:
        outline = piece.part.outline
        if outline is not None and len(outline):
            found.append(outline + np.int32(at))
        at += len(piece.offsets)
    return _concatenated(found) if found else None


def _concatenated(arrays: list[Any]) -> Any:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _optional(arrays: list[F32 | None] | list[U8 | None]) -> Any:
    found = [array for array in arrays if array is not None]
    return _concatenated(found) if len(found) == len(arrays) else None
