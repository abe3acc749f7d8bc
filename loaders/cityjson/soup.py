"""Pieces of geometry -> triangles, outlines, and what each surface is; one batch of objects at a time."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders._city.problems import problem
from loaders._city.soup import Faces, Flat, Kinds, Soup, assembled, corners_per_face, painted
from loaders._polygons import Triangulated, triangulate
from loaders._rings import starts
from loaders.cityjson.boundaries import WRONG, Piece, flatten, per_surface
from loaders.cityjson.looks import ring_uv
from twin.geometry import F32, F64, I32
from twin.records import Problem


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
        look = painted(pieces[0].looks.looks, kind, kinds, look) if pieces else look
    pictured = pieces[0].looks.looks.pictured if pieces else np.zeros(1, np.bool_)
    low = int(vertex.min(initial=len(points)))
    return assembled(Faces(corners, vertex - low, flat, found, row, look, kind, uv), pictured)


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
        piece = np.repeat(of_face, corners_per_face(flat))
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
    face = np.repeat(np.arange(len(of_face)), corners_per_face(flat))
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
    told = (corners_per_face(flat) == 0) & (flat.rings > 0)
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
    per_face = corners_per_face(flat)
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
