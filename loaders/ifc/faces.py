"""Faces to triangles: many face sets at a time, from the statements read in bulk."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from loaders._polygons import triangulate
from loaders._rings import starts, sums
from loaders.ifc.sides import edges_of, turned_faces
from loaders.ifc.statements import Bool, Ints, Statements, places, spans
from loaders.ifc.sweeps import Raw
from twin.geometry import F64, I32

BENT = 5e-3
"""Part of a polygon's extent by which its corners may lie off its plane."""


@dataclass(frozen=True, slots=True)
class FaceSet:
    """Step numbers of faces i64(n); ``closed``: they should enclose a solid."""

    faces: Ints
    closed: bool


@dataclass(frozen=True, slots=True)
class Polygons:
    """Rings of corners: ``corner`` i64(n) numbers of points, ``size`` of each ring, ``rings`` of each
    polygon, the outline first, and the ``owner`` of each polygon, ascending."""

    corner: Ints
    size: I32
    rings: I32
    owner: Ints


def faceted(sets: Sequence[FaceSet], text: Statements) -> list[Raw | None]:
    """Return the triangles of each face set in file units; None where a face is not a plain one, a
    ring crosses itself, or what should be closed is not."""
    if not sets:
        return []
    faces = np.concatenate([item.faces for item in sets])
    owner = np.repeat(np.arange(len(sets)), [len(item.faces) for item in sets])
    polygons, bad = _looked_up(faces, owner, text, len(sets))
    closed = np.array([item.closed for item in sets])
    return triangles_of(polygons, text.points, closed, bad)


def triangles_of(polygons: Polygons, points: F64, closed: Bool, bad: Bool) -> list[Raw | None]:
    """Return the triangles of each owner's polygons; None for the ``bad`` ones.

    Faces that meet at an edge look to the same side afterwards, those of a solid outwards.
    """
    corner = _merged(points)[polygons.corner]
    found = triangulate(points[corner], polygons.size, polygons.rings)
    bad = bad.copy()
    unsure = found.torn | found.degenerate
    unsure |= _bent(points[corner], polygons, found.normal)
    bad[polygons.owner[unsure]] = True
    face = np.repeat(np.arange(len(polygons.rings)), polygons.rings)
    of_corner = np.repeat(face, polygons.size)
    used, vertex = np.unique(polygons.owner[of_corner] * len(points) + corner, return_inverse=True)
    positions = points[used % max(len(points), 1)]
    edges = edges_of(vertex, polygons.size, of_corner)
    open_ = np.zeros(len(bad), np.bool_)
    open_[polygons.owner[edges.alone]] = True
    bad |= closed & open_
    triangles = vertex[found.triangles]
    turned = turned_faces(edges, len(polygons.rings))[found.polygon]
    triangles[turned] = triangles[turned][:, ::-1]
    at = np.searchsorted(used, np.arange(len(bad) + 1) * len(points))
    cut = np.searchsorted(polygons.owner[found.polygon], np.arange(len(bad) + 1))
    inside = ~open_ & (_volumes(positions, triangles, cut) < 0)
    made: list[Raw | None] = []
    for i in range(len(bad)):
        own = (triangles[cut[i] : cut[i + 1]] - at[i]).astype(np.int32)
        if bad[i] or not len(own):
            made.append(None)
            continue
        made.append((positions[at[i] : at[i + 1]], own[:, ::-1] if inside[i] else own))
    return made


def _volumes(points: F64, triangles: Ints, cut: Ints) -> F64:
    """Return the signed volume of each run of triangles, about its first corner."""
    found = np.zeros(len(cut) - 1)
    filled = np.flatnonzero(np.diff(cut))
    if len(filled):
        first = points[triangles[cut[filled], 0]]
        about = np.repeat(first, np.diff(cut)[filled], axis=0)
        a, b, c = (points[triangles[:, k]] - about for k in range(3))
        parts = np.einsum("ij,ij->i", a, np.cross(b, c)) / 6.0
        found[filled] = np.add.reduceat(parts, cut[filled])
    return found


def _bent(points: F64, polygons: Polygons, normal: F64) -> Bool:
    """Return bool(p): some corner of the polygon lies too far off its plane."""
    count = sums(polygons.size, polygons.rings)
    first = starts(count)
    bent = np.zeros(len(count), np.bool_)
    many = np.flatnonzero(count > 3)
    if not len(many):
        return bent
    size = count[many].astype(np.int64)
    at = spans(first[many], size)
    local = points[at] - np.repeat(points[first[many]], size, axis=0)
    off = np.abs(np.einsum("ij,ij->i", local, np.repeat(normal[many], size, axis=0)))
    begin = starts(count[many])
    reach = np.sqrt(np.maximum.reduceat(np.einsum("ij,ij->i", local, local), begin))
    bent[many] = np.maximum.reduceat(off, begin) > BENT * reach
    return bent


def volume(points: F64, triangles: I32) -> float:
    """Return the signed volume enclosed by triangles, about their own middle."""
    local = points - (points.min(axis=0) + points.max(axis=0)) / 2
    a, b, c = (local[triangles[:, k]] for k in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


def _merged(points: F64) -> Ints:
    """Return for each point the number of the first with the same coordinates."""
    if not len(points):
        return np.zeros(0, np.int64)
    same = np.ascontiguousarray(points + 0.0).view("V24").reshape(-1)
    _, first, number = np.unique(same, return_index=True, return_inverse=True)
    return first[number]


def _looked_up(faces: Ints, owner: Ints, text: Statements, count: int) -> tuple[Polygons, Bool]:
    """Return the polygons of faces, and whose cannot be told from the text."""
    bad = np.zeros(count, np.bool_)
    listed, loops = text.lists[b"FACE("], text.lists[b"POLYLOOP("]
    at, owner = _known(listed.ids, faces, owner, bad)
    bound_ids, rings = listed.taken(at)
    bound, of_bound = _known(text.bounds.ids, bound_ids, np.repeat(owner, rings), bad)
    if len(bound) != len(bound_ids):
        return _without(faces, owner, text, bad, at)
    outer = text.bounds.outer[bound]
    face = np.repeat(np.arange(len(rings)), rings)
    several = np.bincount(face, outer, len(rings)) != 1
    bad[owner[several & (rings != 1)]] = True
    bound = bound[np.lexsort((~outer, face))]
    loop, of_loop = _known(loops.ids, text.bounds.loop[bound], of_bound, bad)
    if len(loop) != len(bound):
        return _without(faces, owner, text, bad, at)
    point_ids, size = loops.taken(loop)
    point_ids = _turned(point_ids, size, ~text.bounds.sense[bound])
    corner = places(text.point_ids, point_ids)
    bad[np.repeat(of_loop, size)[corner < 0]] = True
    polygons = Polygons(
        np.maximum(corner, 0), size.astype(np.int32), rings.astype(np.int32), owner
    )
    return polygons, bad


def _known(known: Ints, wanted: Ints, owner: Ints, bad: Bool) -> tuple[Ints, Ints]:
    """Return the places of what is known, and its owners; the owners of the rest become bad."""
    at = places(known, wanted)
    bad[owner[at < 0]] = True
    return at[at >= 0], owner[at >= 0]


def _without(
    faces: Ints, owner: Ints, text: Statements, bad: Bool, at: Ints
) -> tuple[Polygons, Bool]:
    """Return the polygons of the owners that are sound, the others still bad."""
    good = ~bad[owner]
    ids = text.lists[b"FACE("].ids[at[good]]
    polygons, more = _looked_up(ids, owner[good], text, len(bad))
    return polygons, bad | more


def _turned(values: Ints, size: Ints, back: Bool) -> Ints:
    """Return the runs of values with those that are ``back`` the other way round."""
    if not back.any():
        return values
    begin = starts(size.astype(np.int32))
    at = spans(begin, size)
    each = np.repeat(back, size)
    mirrored = np.repeat(2 * begin + size - 1, size) - at
    found: Ints = values[np.where(each, mirrored, at)]
    return found
