"""Pieces of geometry -> triangles, outlines, and what each surface is; one batch of objects at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders._polygons import Triangulated, triangulate
from loaders._rings import starts, successors, sums
from loaders.cityjson.boundaries import WRONG, Flat, Piece, flatten, per_surface
from loaders.cityjson.looks import ring_uv
from loaders.cityjson.reading import problem
from twin.geometry import F32, F64, I32
from twin.records import Problem

CREASE = 0.98
"""An edge between two surfaces is drawn when the cosine between their normals is below this."""
Kinds = dict[str, int]


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


def made(
    pieces: Sequence[Piece], points: F64, kinds: Kinds, paint: bool, problems: list[Problem]
) -> Soup:
    """Return the soup of pieces whose vertices are ``points``; broken surfaces become problems."""
    pieces, flat = flatten(pieces, problems)
    of_face = np.repeat(np.arange(len(pieces), dtype=np.int32), flat.surfaces)
    row = np.fromiter((piece.row for piece in pieces), np.int32, len(pieces))[of_face]
    kind = _semantics(pieces, flat.surfaces, kinds, problems)
    vertex, flat = _in_range(pieces, flat, of_face, points, problems)
    corners = points.take(vertex, axis=0) if len(points) else np.zeros((len(vertex), 3))
    found = triangulate(corners, flat.size, flat.rings)
    _tell_broken(pieces, of_face, found, flat, problems)
    look, uv = _looks(pieces, flat, problems)
    if paint:
        look = _painted(pieces, kind, kinds, look)
    per_face = _corners_per_face(flat)
    corner_row = np.repeat(row, per_face)
    low = vertex.min(initial=len(points))
    place = _speakers(vertex - low, corner_row, int(vertex.max(initial=low) - low) + 1)
    corner_look = np.repeat(look, per_face) if look.any() else None
    speaker = place
    if corner_look is not None:
        speaker = _speakers(place, corner_look, len(place))
        textured = pieces[0].looks.looks.pictured[corner_look]
        speaker = np.where(textured, np.arange(len(place)), speaker)
    stands = speaker == np.arange(len(speaker))
    number = (np.cumsum(stands) - 1)[speaker].astype(np.int32)
    edges, edge_face = _edges(number, place, flat, found, per_face)
    return Soup(
        corners[stands], corner_row[stands],
        None if corner_look is None else corner_look[stands], None if uv is None else uv[stands],
        number[found.triangles], found.polygon, edges, edge_face,
        row, look, kind, found.area,
    )  # fmt: skip


def _corners_per_face(flat: Flat) -> I32:
    return sums(flat.size, flat.rings)


def _in_range(
    pieces: Sequence[Piece], flat: Flat, of_face: I32, points: F64, problems: list[Problem]
) -> tuple[I32, Flat]:
    """Return vertex numbers among ``points``; a surface with a bad one loses all its corners."""
    limits = {(piece.base, piece.limit) for piece in pieces}
    base: Any
    limit: Any
    if len(limits) == 1:
        ((base, limit),) = limits
    else:
        piece = np.repeat(of_face, _corners_per_face(flat))
        base = np.fromiter((p.base for p in pieces), np.int32, len(pieces)).take(piece)
        limit = np.fromiter((p.limit for p in pieces), np.int32, len(pieces)).take(piece)
    bad = (flat.vertex < 0) | (flat.vertex >= limit)
    finite = np.isfinite(points).all()
    if not bad.any() and finite:
        return np.asarray(flat.vertex + base, np.int32), flat
    vertex = np.asarray(np.where(bad, 0, flat.vertex) + base, np.int32)
    if len(points) and not finite:
        bad |= ~np.isfinite(points.take(vertex, axis=0, mode="clip")).all(axis=1)
    return _without(bad, vertex, pieces, flat, of_face, problems)


def _without(
    bad: NDArray[np.bool_],
    vertex: I32,
    pieces: Sequence[Piece],
    flat: Flat,
    of_face: I32,
    problems: list[Problem],
) -> tuple[I32, Flat]:
    face = np.repeat(np.arange(len(of_face)), _corners_per_face(flat))
    broken = np.zeros(len(of_face), np.bool_)
    broken[face[bad]] = True
    for at, count in zip(*np.unique(of_face[broken], return_counts=True), strict=True):
        problems.append(problem("cityjson.vertex", pieces[at].key, count=int(count)))
    keep = ~broken[face]
    ring_face = np.repeat(np.arange(len(of_face)), flat.rings)
    size = np.where(broken[ring_face], 0, flat.size).astype(np.int32)
    return vertex[keep], Flat(flat.vertex[keep], size, flat.rings, flat.surfaces)


def _tell_broken(
    pieces: Sequence[Piece], of_face: I32, found: Triangulated, flat: Flat, problems: list[Problem]
) -> None:
    told = (_corners_per_face(flat) == 0) & (flat.rings > 0)
    flatness = found.degenerate & ~told
    for code, mask in (("cityjson.degenerate", flatness), ("cityjson.torn", found.torn)):
        for at, count in zip(*np.unique(of_face[mask], return_counts=True), strict=True):
            problems.append(problem(code, pieces[at].key, count=int(count)))


def _semantics(pieces: Sequence[Piece], counts: I32, kinds: Kinds, problems: list[Problem]) -> I32:
    """Return the code of each surface's semantic type, -1 where it has none."""
    found: list[int] = []
    for piece, count in zip(pieces, counts.tolist(), strict=True):
        said = piece.geometry.get("semantics")
        if said:
            try:
                types: dict[Any, int] = dict(enumerate(_types(said["surfaces"], kinds)))
                types[None] = -1
                found += [types[v] for v in per_surface(said.get("values"), piece, count)]
            except WRONG as error:
                problems.append(problem("cityjson.semantics", piece.key, reason=_why(error)))
            else:
                continue
        found += [-1] * count
    return np.array(found, np.int32)


def _why(error: Exception) -> str:
    """Return what is wrong; a key that was not found is the number of an entry that is none."""
    return f"there is no entry {error}" if isinstance(error, KeyError) else str(error)


def _types(surfaces: Any, kinds: Kinds) -> list[int]:
    try:
        return [kinds[item["type"]] for item in surfaces]
    except KeyError:
        return [kinds.setdefault(str(item["type"]), len(kinds)) for item in surfaces]


def _looks(pieces: Sequence[Piece], flat: Flat, problems: list[Problem]) -> tuple[I32, F32 | None]:
    """Return the look of each surface and, if any has a picture, coordinates f32(n, 2) per corner."""
    found: list[int] = []
    uv: F32 | None = None
    textured: list[tuple[int, int]] = []
    for at, (piece, count) in enumerate(zip(pieces, flat.surfaces.tolist(), strict=True)):
        geometry = piece.geometry
        if "texture" in geometry:
            textured.append((at, len(found)))
        looks: list[int] | None = None
        if "material" in geometry:
            try:
                looks = _materials(piece, count)
            except WRONG as error:
                problems.append(problem("cityjson.material", piece.key, reason=_why(error)))
        found += [0] * count if looks is None else looks
    look = np.array(found, np.int32)
    if not textured:
        return look, None
    per_face = _corners_per_face(flat)
    corner, ring = starts(per_face), starts(flat.rings)
    for at, begin in textured:
        faces = slice(begin, begin + int(flat.surfaces[at]))
        try:
            pictures = _pictures(pieces[at], flat, faces, ring)
        except WRONG as error:
            problems.append(problem("cityjson.texture.values", pieces[at].key, reason=str(error)))
            continue
        for face, number, coordinates in pictures:
            if uv is None:
                uv = np.zeros((len(flat.vertex), 2), np.float32)
            look[face] = number
            uv[corner[face] : corner[face] + per_face[face]] = coordinates
    return look, uv


def _materials(piece: Piece, count: int) -> list[int] | None:
    """Return the look of each surface by its material, or None where nothing is said."""
    entry = piece.looks.theme(piece.geometry["material"], "default-theme-material")
    said = entry.get("value")
    if said is not None:
        return [piece.looks.material(said)] * count
    if entry.get("values") is None:
        return None
    values = per_surface(entry["values"], piece, count)
    known = piece.looks.known
    try:
        return [known[value] for value in values]
    except KeyError:
        for value in set(values).difference(known):
            known[value] = piece.looks.material(value)
        return [known[value] for value in values]


def _pictures(
    piece: Piece, flat: Flat, faces: slice, ring: NDArray[np.int64]
) -> list[tuple[int, int, F32]]:
    """Return (surface, look, coordinates) for every textured surface of one piece."""
    entry = piece.looks.theme(piece.geometry.get("texture"), "default-theme-texture")
    if entry.get("values") is None:
        return []
    found = []
    values_of = per_surface(entry["values"], piece, faces.stop - faces.start)
    for face, values in enumerate(values_of, start=faces.start):
        sizes = flat.size[ring[face] : ring[face] + flat.rings[face]]
        if values is None or not sizes.sum():
            continue
        said = ring_uv(values, sizes, piece.looks)
        if said is not None and said[0]:
            found.append((face, *said))
    return found


def _painted(pieces: Sequence[Piece], kind: I32, kinds: Kinds, look: I32) -> I32:
    if not pieces:
        return look
    looks = pieces[0].looks.looks
    colors = np.array([*(looks.surface(name) for name in kinds), 0], np.int32)
    return np.where(look == 0, colors[kind], look).astype(np.int32)


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
