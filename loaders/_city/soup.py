"""Surfaces of many objects -> triangles and outlines with their objects, looks and kinds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders._city.looks import Looks
from loaders._polygons import Triangulated
from loaders._rings import successors, sums
from twin.geometry import F32, F64, I32

CREASE = 0.98
"""An edge between two surfaces is drawn when the cosine between their normals is below this."""
Kinds = dict[str, int]


@dataclass(frozen=True, slots=True)
class Flat:
    """Boundaries flat: ``vertex`` i32(n) per corner, ``size`` i32(r) corners a ring, ``rings``
    i32(f) rings a surface, ``surfaces`` i32(p) surfaces a piece."""

    vertex: I32
    size: I32
    rings: I32
    surfaces: I32


@dataclass(frozen=True, slots=True)
class Soup:
    """Triangles of many objects: ``vertex`` f64(v, 3) with its ``row`` i32(v) and, if any surface
    is not plain, its ``look`` i32(v), if any is textured, ``uv`` f32(v, 2); ``triangles`` i32(t, 3) with their ``face`` i32(t); ``edges``
    i32(e, 2) with ``edge_face`` i32(e); per face its row, look, semantic kind (-1 none) and area."""

    vertex: F64
    row: I32
    look: I32 | None
    uv: F32 | None
    triangles: I32
    face: I32
    edges: I32
    edge_face: I32
    face_row: I32
    face_look: I32
    face_kind: I32
    face_area: F64


@dataclass(frozen=True, slots=True)
class Faces:
    """Triangulated surfaces on their way into a soup: ``corners`` f64(n, 3), ``place`` i32(n) which
    names the point of each corner (from 0), their ``flat`` sizes, what ``found`` made of them; per
    face its row, look and kind; ``uv`` f32(n, 2) or None."""

    corners: F64
    place: I32
    flat: Flat
    found: Triangulated
    row: I32
    look: I32
    kind: I32
    uv: F32 | None


def corners_per_face(flat: Flat) -> I32:
    """Return the number of corners of each surface, i32(f)."""
    return sums(flat.size, flat.rings)


def painted(looks: Looks, kind: I32, kinds: Kinds, look: I32) -> I32:
    """Return the look of each face: its own, else the colour of its kind."""
    colors = np.array([*(looks.surface(name) for name in kinds), 0], np.int32)
    return np.where(look == 0, colors[kind], look).astype(np.int32)


def assembled(faces: Faces, pictured: NDArray[np.bool_]) -> Soup:
    """Return the soup of surfaces. ``pictured`` bool(looks): which looks are pictures."""
    flat, found, look = faces.flat, faces.found, faces.look
    per_face = corners_per_face(flat)
    corner_row = np.repeat(faces.row, per_face)
    place = _speakers(faces.place, corner_row, int(faces.place.max(initial=0)) + 1)
    corner_look = np.repeat(look, per_face) if look.any() else None
    speaker = place
    if corner_look is not None:
        speaker = _speakers(place, corner_look, len(place))
        speaker = np.where(pictured[corner_look], np.arange(len(place)), speaker)
    stands = speaker == np.arange(len(speaker))
    number = (np.cumsum(stands) - 1)[speaker].astype(np.int32)
    edges, edge_face = _edges(number, place, flat, found, per_face)
    uv = faces.uv
    return Soup(
        faces.corners[stands], corner_row[stands],
        None if corner_look is None else corner_look[stands], None if uv is None else uv[stands],
        number[found.triangles], found.polygon, edges, edge_face,
        faces.row, look, faces.kind, found.area,
    )  # fmt: skip


def _speakers(place: NDArray[Any], label: I32, limit: int) -> NDArray[np.int64]:
    """Return, for each corner, the corner that speaks for all with the same place and label.

    Most places carry one label only, so only the rest is sorted.
    """
    corner = np.arange(len(place))
    owner = np.empty(limit, np.int32)
    owner[place] = label
    own = owner.take(place) == label
    slot = np.empty(limit, np.int64)
    if own.all():
        slot[place] = corner
        return slot.take(place)
    speaker = corner.copy()
    slot[place[own]] = corner[own]
    speaker[own] = slot[place[own]]
    rest = np.flatnonzero(~own)
    key = label[rest].astype(np.int64) * max(limit, 1) + place[rest]
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    speaker[rest] = rest[first][inverse]
    return speaker


def _edges(
    number: I32, place: NDArray[np.int64], flat: Flat, found: Triangulated, per_face: I32
) -> tuple[I32, I32]:
    """Return the outlines i32(e, 2) and their faces: every border once, creases but no seams in a plane.

    ``place`` names each corner's vertex within its object, whatever the surface looks like.
    """
    following = successors(flat.size)
    face = np.repeat(np.arange(len(per_face), dtype=np.int32), per_face)
    after = place.take(following)
    at = np.flatnonzero((place != after) & ~found.degenerate.take(face))
    a, b = place.take(at), after.take(at)
    speaker = _matched(np.minimum(a, b) * len(place) + np.maximum(a, b))
    alone = np.ones(len(at), np.bool_)
    crease = np.zeros(len(at), np.bool_)
    second = np.flatnonzero(speaker != np.arange(len(at)))
    first = speaker.take(second)
    alone[first] = alone[second] = False
    x, y, z = found.normal.take(face.take(at.take(first)), axis=0).T
    u, v, w = found.normal.take(face.take(at.take(second)), axis=0).T
    crease[first[np.abs(x * u + y * v + z * w) < CREASE]] = True
    chosen = at[alone | crease]
    edges = np.stack([number.take(chosen), number.take(following.take(chosen))], axis=1)
    return edges, face.take(chosen)


def _matched(key: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return, for each entry, the one entry that speaks for all with its key.

    By hashing into a table four times as long; the few that collide are sorted.
    """
    entry = np.arange(len(key))
    bits = max(len(key).bit_length() + 2, 4)
    mixed = (key * -7046029254386353131) >> (64 - bits)
    bucket = mixed & ((1 << bits) - 1)
    table = np.empty(1 << bits, np.int64)
    table[bucket] = entry
    speaker = table.take(bucket)
    lost = np.flatnonzero(key.take(speaker) != key)
    if len(lost):
        _, first, inverse = np.unique(key[lost], return_index=True, return_inverse=True)
        speaker[lost] = lost[first][inverse]
    return speaker


def joined(soups: Sequence[Soup]) -> Soup:
    """Return all batches as one soup."""
    vertices = np.cumsum([0, *(len(s.vertex) for s in soups)])
    faces = np.cumsum([0, *(len(s.face_row) for s in soups)])
    textured = any(s.uv is not None for s in soups)

    def put(parts: Sequence[NDArray[Any]], empty: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([empty, *parts])

    no, none = np.zeros(0, np.int32), np.zeros((0, 3))
    return Soup(
        put([s.vertex for s in soups], none),
        put([s.row for s in soups], no),
        put([s.look if s.look is not None else np.zeros(len(s.row), np.int32) for s in soups], no)
        if any(s.look is not None for s in soups)
        else None,
        put(
            [s.uv if s.uv is not None else np.zeros((len(s.row), 2), np.float32) for s in soups],
            np.zeros((0, 2), np.float32),
        )
        if textured
        else None,
        put(
            [s.triangles + np.int32(v) for s, v in zip(soups, vertices, strict=False)],
            no.reshape(0, 3),
        ),
        put([s.face + np.int32(f) for s, f in zip(soups, faces, strict=False)], no),
        put(
            [s.edges + np.int32(v) for s, v in zip(soups, vertices, strict=False)],
            no.reshape(0, 2),
        ),
        put([s.edge_face + np.int32(f) for s, f in zip(soups, faces, strict=False)], no),
        put([s.face_row for s in soups], no),
        put([s.face_look for s in soups], no),
        put([s.face_kind for s in soups], no),
        put([s.face_area for s in soups], np.zeros(0)),
    )
