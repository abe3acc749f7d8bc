"""Pieces of geometry -> triangles, outlines, and what each surface is; one batch of objects at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders._polygons import Triangulated, starts, successors, triangulate
from loaders.cityjson.boundaries import DEPTH, WRONG, Flat, Piece, flatten, per_surface
from loaders.cityjson.looks import ring_uv
from loaders.cityjson.reading import Json, problem
from twin.geometry import F32, F64, I32
from twin.records import Problem

CREASE = 0.98
"""An edge between two surfaces is drawn when the cosine between their normals is below this."""
Kinds = dict[str, int]


@dataclass(frozen=True, slots=True)
class Soup:
    """Triangles of many objects: ``vertex`` f64(v, 3) with its ``row`` i32(v) and, if any surface is
    textured, ``uv`` f32(v, 2); ``triangles`` i32(t, 3) with their ``face`` i32(t); ``edges``
    i32(e, 2) with ``edge_face`` i32(e); per face its row, look, semantic kind (-1 none) and area."""

    vertex: F64
    row: I32
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
    corners = points[vertex] if len(points) else np.zeros((len(vertex), 3))
    found = triangulate(corners, flat.size, flat.rings)
    _tell_broken(pieces, of_face, found, flat, problems)
    look, uv = _looks(pieces, flat, problems)
    if paint:
        look = _painted(pieces, kind, kinds, look)
    per_face = _corners_per_face(flat)
    number, first = _shared(vertex, np.repeat(row, per_face), len(points), uv, look, per_face)
    edges, edge_face = _edges(number, vertex, row, flat, found, per_face)
    return Soup(
        corners[first], np.repeat(row, per_face)[first], None if uv is None else uv[first],
        number[found.triangles], found.polygon, edges, edge_face,
        row, look, kind, _areas(corners, found, len(row)),
    )  # fmt: skip


def _corners_per_face(flat: Flat) -> I32:
    total = np.concatenate([[0], np.cumsum(flat.size, dtype=np.int64)])
    ends = np.cumsum(flat.rings, dtype=np.int64)
    return np.asarray(total[ends] - total[ends - flat.rings], np.int32)


def _in_range(
    pieces: Sequence[Piece], flat: Flat, of_face: I32, points: F64, problems: list[Problem]
) -> tuple[I32, Flat]:
    """Return vertex numbers among ``points``; a surface with a bad one loses all its corners."""
    per_face = _corners_per_face(flat)
    piece = np.repeat(of_face, per_face)
    base = np.fromiter((p.base for p in pieces), np.int32, len(pieces))[piece]
    limit = np.fromiter((p.limit for p in pieces), np.int32, len(pieces))[piece]
    bad = (flat.vertex < 0) | (flat.vertex >= limit)
    vertex = np.where(bad, 0, flat.vertex) + base
    if len(points):
        bad |= ~np.isfinite(points[np.minimum(vertex, len(points) - 1)]).all(axis=1)
    if not bad.any():
        return vertex.astype(np.int32), flat
    face = np.repeat(np.arange(len(of_face)), per_face)
    broken = np.zeros(len(of_face), np.bool_)
    broken[face[bad]] = True
    for at, count in zip(*np.unique(of_face[broken], return_counts=True), strict=True):
        problems.append(problem("cityjson.vertex", pieces[at].key, count=int(count)))
    keep = ~broken[face]
    ring_face = np.repeat(np.arange(len(of_face)), flat.rings)
    size = np.where(broken[ring_face], 0, flat.size).astype(np.int32)
    return vertex[keep].astype(np.int32), Flat(flat.vertex[keep], size, flat.rings, flat.surfaces)


def _tell_broken(
    pieces: Sequence[Piece], of_face: I32, found: Triangulated, flat: Flat, problems: list[Problem]
) -> None:
    told = (_corners_per_face(flat) == 0) & (flat.rings > 0)
    flatness = found.degenerate & ~told
    for code, mask in (("cityjson.degenerate", flatness), ("cityjson.torn", found.torn)):
        for at, count in zip(*np.unique(of_face[mask], return_counts=True), strict=True):
            problems.append(problem(code, pieces[at].key, count=int(count)))


def _areas(corners: F64, found: Triangulated, faces: int) -> F64:
    a, b, c = (corners[found.triangles[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    total: F64 = np.bincount(found.polygon, weights=area, minlength=faces).astype(np.float64)
    return total


def _semantics(pieces: Sequence[Piece], counts: I32, kinds: Kinds, problems: list[Problem]) -> I32:
    """Return the code of each surface's semantic type, -1 where it has none."""
    found = np.full(int(counts.sum()), -1, np.int32)
    begin = starts(counts)
    for at, piece in enumerate(pieces):
        said = piece.geometry.get("semantics")
        if not said:
            continue
        try:
            codes = _codes(said, piece.geometry, kinds)
            if len(codes) != counts[at]:
                raise ValueError(f"{len(codes)} values for {counts[at]} surfaces")
            found[begin[at] : begin[at] + len(codes)] = codes
        except WRONG as error:
            problems.append(problem("cityjson.semantics", piece.key, reason=str(error)))
    return found


def _codes(said: Json, geometry: Json, kinds: Kinds) -> list[int]:
    types = [kinds.setdefault(str(item["type"]), len(kinds)) for item in said["surfaces"]]
    values = per_surface(said.get("values"), geometry["boundaries"], DEPTH[geometry["type"]])
    types.append(-1)
    last = len(types) - 1
    if any(v is not None and not 0 <= v < last for v in values):
        raise IndexError("a value points to no semantic surface")
    return [types[last if v is None else v] for v in values]


def _looks(pieces: Sequence[Piece], flat: Flat, problems: list[Problem]) -> tuple[I32, F32 | None]:
    """Return the look of each surface and, if any has a picture, coordinates f32(n, 2) per corner."""
    look = np.zeros(len(flat.rings), np.int32)
    uv: F32 | None = None
    begin = starts(flat.surfaces)
    per_face = _corners_per_face(flat)
    corner, ring = starts(per_face), starts(flat.rings)
    for at, piece in enumerate(pieces):
        geometry = piece.geometry
        if "material" not in geometry and "texture" not in geometry:
            continue
        faces = slice(int(begin[at]), int(begin[at] + flat.surfaces[at]))
        try:
            _put_materials(piece, look[faces])
        except WRONG as error:
            problems.append(problem("cityjson.material", piece.key, reason=str(error)))
        try:
            pictures = _pictures(piece, flat, faces, ring)
        except WRONG as error:
            problems.append(problem("cityjson.texture.values", piece.key, reason=str(error)))
            continue
        for face, number, coordinates in pictures:
            if uv is None:
                uv = np.zeros((len(flat.vertex), 2), np.float32)
            look[face] = number
            uv[corner[face] : corner[face] + per_face[face]] = coordinates
    return look, uv


def _put_materials(piece: Piece, look: NDArray[np.int32]) -> None:
    entry = piece.looks.theme(piece.geometry.get("material"), "default-theme-material")
    if "value" in entry:
        if entry["value"] is not None:
            look[:] = piece.looks.material(entry["value"])
        return
    if entry.get("values") is None:
        return
    boundaries, depth = piece.geometry["boundaries"], DEPTH[piece.geometry["type"]]
    for face, value in enumerate(per_surface(entry["values"], boundaries, depth)):
        if value is not None:
            look[face] = piece.looks.material(value)


def _pictures(
    piece: Piece, flat: Flat, faces: slice, ring: NDArray[np.int64]
) -> list[tuple[int, int, F32]]:
    """Return (surface, look, coordinates) for every textured surface of one piece."""
    entry = piece.looks.theme(piece.geometry.get("texture"), "default-theme-texture")
    if entry.get("values") is None:
        return []
    boundaries, depth = piece.geometry["boundaries"], DEPTH[piece.geometry["type"]]
    found = []
    for face, values in enumerate(
        per_surface(entry["values"], boundaries, depth), start=faces.start
    ):
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


def _shared(
    vertex: I32, row: I32, limit: int, uv: F32 | None, look: I32, per_face: I32
) -> tuple[I32, NDArray[np.int64]]:
    """Return each corner's new vertex number and the corner that stands for each new vertex.

    Corners of one object at one vertex share it; corners of textured surfaces share nothing. Most
    vertices belong to one object alone, so only the rest is sorted.
    """
    n = len(vertex)
    corner = np.arange(n)
    speaker = corner.copy()
    owner = np.full(limit, -1, np.int32)
    owner[vertex] = row
    own = owner[vertex] == row
    slot = np.empty(limit, np.int64)
    slot[vertex[own]] = corner[own]
    speaker[own] = slot[vertex[own]]
    rest = np.flatnonzero(~own)
    if len(rest):
        key = row[rest].astype(np.int64) * max(limit, 1) + vertex[rest]
        _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
        speaker[rest] = rest[first][inverse]
    if uv is not None:
        textured = np.repeat(look != 0, per_face)
        speaker = np.where(textured | textured[speaker], corner, speaker)
    stands = speaker == corner
    number = np.cumsum(stands) - 1
    return number[speaker].astype(np.int32), np.flatnonzero(stands)


def _edges(
    number: I32, vertex: I32, row: I32, flat: Flat, found: Triangulated, per_face: I32
) -> tuple[I32, I32]:
    """Return the outlines i32(e, 2) and their faces: every border once, creases but no seams in a plane."""
    following = successors(flat.size)
    face = np.repeat(np.arange(len(row), dtype=np.int32), per_face)
    usable = (vertex != vertex[following]) & ~found.degenerate[face]
    at = np.flatnonzero(usable)
    a, b = vertex[at].astype(np.int64), vertex[following[at]].astype(np.int64)
    span = int(vertex.max(initial=0)) + 1
    key = np.minimum(a, b) * span + np.maximum(a, b)
    order = np.lexsort((key, row[face[at]])) if len(at) else at
    at, key = at[order], key[order]
    owner = row[face[at]]
    new = np.ones(len(at), np.bool_)
    new[1:] = (key[1:] != key[:-1]) | (owner[1:] != owner[:-1])
    head = np.flatnonzero(new)
    count = np.diff(np.append(head, len(at)))
    second = head + np.where(count > 1, 1, 0)
    cosine = (found.normal[face[at[head]]] * found.normal[face[at[second]]]).sum(axis=1)
    chosen = at[head[(count == 1) | (np.abs(cosine) < CREASE)]]
    edges = np.stack([number[chosen], number[following[chosen]]], axis=1)
    return edges.astype(np.int32), face[chosen]


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
