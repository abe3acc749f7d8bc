"""Nested boundaries -> flat arrays, all objects of a batch at once; a broken geometry is left out alone."""

from array import array
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from loaders._city.problems import problem
from loaders._city.soup import Flat
from loaders.cityjson.cutting import Cut, read
from loaders.cityjson.looks import FeatureLooks
from loaders.cityjson.reading import Json, numbers_of
from twin.geometry import F64, I32
from twin.records import Problem

DEPTH = {
    "MultiSurface": 0,
    "CompositeSurface": 0,
    "Solid": 1,
    "MultiSolid": 2,
    "CompositeSolid": 2,
}
"""Levels between a geometry's boundaries and its list of surfaces."""
FARTHEST = 1e12
"""A coordinate beyond this many metres is no place, and no float32 offset."""
WRONG = (TypeError, ValueError, OverflowError, KeyError, AttributeError, IndexError)
"""What wrong types anywhere in a geometry raise."""


class Piece(NamedTuple):
    """One geometry of one object: its row, id, and where its feature's vertices begin and end."""

    row: int
    key: str
    base: int
    limit: int
    geometry: Json
    looks: FeatureLooks
    cuts: Cut

    def boundaries(self) -> Any:
        """Return the nested lists, read from the text if they were taken out of it."""
        return self.cuts.restored(self.geometry["boundaries"])


def flatten(pieces: Sequence[Piece], problems: list[Problem]) -> tuple[Sequence[Piece], Flat]:
    """Return the sound pieces in some order and their boundaries, vertex numbers counted from 0."""
    listed: list[Piece] = []
    families: dict[int, list[Piece]] = {}
    for piece in pieces:
        said = piece.geometry.get("boundaries")
        if piece.cuts.holds(said):
            families.setdefault(DEPTH[piece.geometry["type"]], []).append(piece)
        else:
            listed.append(piece)
    done: list[Piece] = []
    flats: list[Flat] = []
    for depth, family in families.items():
        for group in (family, *([piece] for piece in family)):
            found = read(group[0].cuts, [p.geometry["boundaries"] for p in group], depth + 3)
            if found is not None:
                done += group
                flats.append(Flat(*found))
                if len(group) == len(family):
                    break
            elif len(group) == 1:
                listed += _put_back(group[0], problems)
    sound, flat = _flattened(listed, problems)
    return [*done, *sound], _joined([*flats, flat])


def _put_back(piece: Piece, problems: list[Problem]) -> list[Piece]:
    try:
        return [piece._replace(geometry={**piece.geometry, "boundaries": piece.boundaries()})]
    except ValueError as error:
        problems.append(problem("cityjson.geometry", piece.key, reason=str(error)))
        return []


def _joined(flats: list[Flat]) -> Flat:
    if len(flats) == 1:
        return flats[0]
    return Flat(
        np.concatenate([flat.vertex for flat in flats]),
        np.concatenate([flat.size for flat in flats]),
        np.concatenate([flat.rings for flat in flats]),
        np.concatenate([flat.surfaces for flat in flats]),
    )


def _flattened(pieces: Sequence[Piece], problems: list[Problem]) -> tuple[Sequence[Piece], Flat]:
    try:
        return pieces, _flat(pieces)
    except WRONG:
        sound = [piece for piece in pieces if _is_sound(piece, problems)]
        return sound, _flat(sound)


def _is_sound(piece: Piece, problems: list[Problem]) -> bool:
    try:
        _flat([piece])
    except WRONG as error:
        problems.append(problem("cityjson.geometry", piece.key, reason=str(error)))
        return False
    return True


def _flat(pieces: Sequence[Piece]) -> Flat:
    lists = [surfaces_of(piece.geometry) for piece in pieces]
    surfaces = list(chain.from_iterable(lists))
    per_piece = lengths(lists)
    rings = list(chain.from_iterable(surfaces))
    per_surface = lengths(surfaces)
    per_ring = lengths(rings)
    vertex = whole(chain.from_iterable(rings))
    return Flat(vertex, per_ring, per_surface, per_piece)


def surfaces_of(geometry: Json) -> Sequence[Any]:
    """Return the surfaces (each a list of rings) of any geometry made of surfaces."""
    parts: Any = geometry["boundaries"]
    for _ in range(DEPTH[geometry["type"]]):
        parts = list(chain.from_iterable(parts))
    return list(parts)


def lengths(lists: Sequence[Any]) -> I32:
    """Return the length of each list, i32(n)."""
    return np.fromiter(map(len, lists), np.int32, len(lists))


def whole(numbers: Iterable[Any]) -> I32:
    """Return i32(n) of whole numbers. ``array`` refuses what numpy would cut or parse: 1.5, '1', None."""
    return np.frombuffer(array("i", numbers), np.int32)


def per_surface(values: Any, piece: Piece, count: int) -> list[Any]:
    """Return one value a surface from values nested like the boundaries; null fills its whole branch.

    Raises ValueError when the nesting does not fit.
    """
    depth = DEPTH[piece.geometry["type"]]
    if values is None:
        return [None] * count
    found = values
    for _ in range(depth):
        if None in found:
            return _spread(values, piece.boundaries(), depth)
        found = found[0] if len(found) == 1 else list(chain.from_iterable(found))
    if not isinstance(found, list) or len(found) != count:
        raise ValueError(f"{len(found)} values for {count} surfaces")
    return found


def _spread(values: Any, boundaries: Any, depth: int) -> list[Any]:
    if depth == 0:
        found = [None] * len(boundaries) if values is None else list(values)
        if len(found) != len(boundaries):
            raise ValueError(f"{len(found)} values for {len(boundaries)} surfaces")
        return found
    if values is None:
        values = [None] * len(boundaries)
    spread: list[Any] = []
    for inner, part in zip(values, boundaries, strict=True):
        spread += _spread(inner, part, depth - 1)
    return spread


def positions(raw: Any, scale: F64, translate: F64) -> F64:
    """Return vertices f64(n, 3) in the file's coordinates; a vertex that is none becomes NaN."""
    numbers: NDArray[Any]
    if isinstance(raw, np.ndarray):
        numbers = raw
    elif isinstance(raw, list):
        try:
            numbers = numbers_of(raw)
        except WRONG:
            numbers = np.array([_vertex(item) for item in raw], np.float64).reshape(-1, 3)
    else:
        return np.zeros((0, 3))
    with np.errstate(over="ignore", invalid="ignore"):
        moved = np.asarray(numbers * scale + translate, np.float64)
        moved[~(np.abs(moved) <= FARTHEST)] = np.nan
    return moved


def _vertex(item: Any) -> tuple[float, float, float]:
    if isinstance(item, list) and len(item) == 3:
        x, y, z = item
        if all(isinstance(v, int | float) and not isinstance(v, bool) for v in item):
            return float(x), float(y), float(z)
    return (np.nan, np.nan, np.nan)
