"""Faces and solids of triangles f64(n, 3, 3): the face round a point, whether a body is closed, its volume."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool
from twin.geometry import F64, cross
from twin.measuring.nearest import nearest_on
from twin.measuring.welding import Labels, weld

SAME = 2e-4
"""Corners nearer than half of this, metres, are one: float32 offsets of a tile are that good."""
FLAT_DEGREES = 0.5
"""Triangles whose normals differ by less lie in one face."""
FLAT = 1e-3
"""How far from the plane of a face its corners may lie, metres."""


@dataclass(frozen=True, slots=True)
class Face:
    """A flat part of an object: area, area in plan (square metres), length of its whole rim (metres).

    ``normal`` f64(3) is unit; ``triangles`` f64(k, 3, 3) are its own.
    """

    area: float
    plan: float
    perimeter: float
    normal: F64
    triangles: F64


@dataclass(frozen=True, slots=True)
class Solid:
    """What triangles enclose. ``closed``: every edge is gone along as often as back; then ``volume``,
    cubic metres, is right. ``open_edges`` counts those that are not; ``surface`` square metres."""

    closed: bool
    volume: float
    surface: float
    open_edges: int


def vectors_of(triangles: F64) -> F64:
    """Return the area vectors f64(n, 3) of triangles: along the normal, as long as the area."""
    first = triangles[:, 1] - triangles[:, 0]
    second = triangles[:, 2] - triangles[:, 0]
    return np.asarray(cross(first, second) / 2, np.float64)


def face_at(triangles: F64, point: F64) -> Face | None:
    """Return the face of an object that holds a point: the triangles that lie in one plane with the
    nearest one and hang together with it by edges. None without triangles of any area."""
    vectors = vectors_of(triangles)
    sizes = np.linalg.norm(vectors, axis=1)
    sound = sizes > 1e-12
    if not sound.any():
        return None
    triangles, vectors, sizes = triangles[sound], vectors[sound], sizes[sound]
    apart = nearest_on(np.broadcast_to(point, (len(triangles), 3)), triangles) - point
    start = int(np.argmin(np.einsum("ij,ij->i", apart, apart)))
    near = np.flatnonzero(_level(triangles, vectors, sizes, start))
    corners = weld(triangles[near].reshape(-1, 3), SAME).reshape(-1, 3)
    once = _each_once(corners, first=int(np.flatnonzero(near == start)[0]))
    near, corners = near[once], corners[once]
    inside = _hanging(corners, int(np.flatnonzero(near == start)[0]))
    chosen, corners = near[inside], corners[inside]
    vector = vectors[chosen].sum(axis=0)
    return Face(
        area=float(sizes[chosen].sum()),
        plan=float(np.abs(vectors[chosen, 2]).sum()),
        perimeter=_rim(triangles[chosen], corners),
        normal=vector / np.linalg.norm(vector),
        triangles=triangles[chosen],
    )


def _level(triangles: F64, vectors: F64, sizes: F64, start: int) -> Bool:
    """Return which triangles lie in the plane of one and look the same way."""
    normal = vectors[start] / sizes[start]
    flat = vectors @ normal >= np.cos(np.radians(FLAT_DEGREES)) * sizes
    flat &= np.abs((triangles - triangles[start, 0]) @ normal).max(axis=1) <= FLAT
    flat[start] = True
    return np.asarray(flat, np.bool_)


def _each_once(corners: Labels, first: int = 0) -> NDArray[np.intp]:
    """Return triangles i(k) without repeats and without those whose corners are welded together.

    ``first`` is kept, of triangles that stand there twice it is the one.
    """
    ordered = np.sort(corners, axis=1)
    real = (ordered[:, 0] != ordered[:, 1]) & (ordered[:, 1] != ordered[:, 2])
    real[first] = True
    kept = np.flatnonzero(real)
    kept = np.concatenate([[first], kept[kept != first]])
    _, once = np.unique(ordered[kept], axis=0, return_index=True)
    return np.sort(kept[once])


def _hanging(corners: Labels, start: int) -> NDArray[np.intp]:
    """Return the triangles i(k) that hang together with one by common edges."""
    edges = np.sort(corners[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    _, edge = np.unique(edges, axis=0, return_inverse=True)
    edge = edge.reshape(-1, 3)
    reached = np.zeros(len(corners), np.bool_)
    touched = np.zeros(int(edge.max()) + 1, np.bool_)
    reached[start] = True
    touched[edge[start]] = True
    while True:
        more = touched[edge].any(axis=1) & ~reached
        if not more.any():
            return np.flatnonzero(reached)
        reached |= more
        touched[edge[more]] = True


def _rim(triangles: F64, corners: Labels) -> float:
    """Return the length of the edges that only one triangle has."""
    edges = np.sort(corners[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    _, edge, count = np.unique(edges, axis=0, return_inverse=True, return_counts=True)
    alone = (count[edge.ravel()] == 1).reshape(-1, 3)
    lengths = np.linalg.norm(np.roll(triangles, -1, axis=1) - triangles, axis=2)
    return float(lengths[alone].sum())


def solid_of(triangles: F64) -> Solid:
    """Return what the triangles of an object enclose.

    Volume by the divergence theorem (sum of the signed tetrahedra from one point). A body is closed
    when each edge of its welded triangles is gone along in both directions equally often.
    """
    surface = float(np.linalg.norm(vectors_of(triangles), axis=1).sum()) if len(triangles) else 0.0
    if not len(triangles):
        return Solid(False, 0.0, surface, 0)
    corners = weld(triangles.reshape(-1, 3), SAME).reshape(-1, 3)
    real = (corners != np.roll(corners, 1, axis=1)).all(axis=1)
    corners, body = corners[real], triangles[real]
    left = _unpaired(corners)
    if left or not len(body):
        return Solid(False, 0.0, surface, left)
    shifted = body - body.reshape(-1, 3).mean(axis=0)
    volume = np.einsum("ij,ij->", shifted[:, 0], np.cross(shifted[:, 1], shifted[:, 2])) / 6
    return Solid(True, abs(float(volume)), surface, 0)


def _unpaired(corners: Labels) -> int:
    """Return how many edges are not gone along as often as back."""
    way = corners[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    edges, edge = np.unique(np.sort(way, axis=1), axis=0, return_inverse=True)
    sums = np.zeros(len(edges), np.int64)
    np.add.at(sums, edge.ravel(), np.where(way[:, 0] < way[:, 1], 1, -1))
    return int((sums != 0).sum())
