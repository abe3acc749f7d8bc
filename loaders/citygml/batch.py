"""Rings as texts -> numbers -> triangles, many surfaces at a time; a broken ring costs its surface alone."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from loaders._city.city import City
from loaders._city.problems import problem
from loaders._city.soup import Faces, Flat, Kinds, Soup, assembled, corners_per_face, painted
from loaders._polygons import triangulate
from loaders._rings import starts
from loaders.citygml.faces import Face, Ring
from loaders.citygml.systems import System
from twin.geometry import F64, I32

FARTHEST = 1e12
"""A coordinate beyond this many metres is no place, and no float32 offset."""
PLAIN_LOOK = 0


@dataclass(slots=True)
class Batch:
    """Surfaces that wait to become triangles: texts of rings, and per surface what it belongs to.

    ``texts`` and ``size`` (numbers) a ring; ``rings``, ``row``, ``kind``, ``look``, ``line`` and
    ``matrix`` (number of a transformation, -1 none) a surface.
    """

    texts: list[str] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    rings: list[int] = field(default_factory=list)
    row: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    matrix: list[int] = field(default_factory=list)
    matrices: list[F64] = field(default_factory=list)

    def __len__(self) -> int:
        """Return the number of surfaces."""
        return len(self.row)

    def add(self, face: Face, row: int, kind: int, matrix: int = -1) -> str:
        """Add a surface; return what is wrong with it instead, '' for nothing."""
        texts = []
        for ring in face.rings:
            text, reason = spelled(ring)
            if reason:
                return reason
            texts.append(_backwards(text) if face.flipped else text)
        if not texts:
            return "it has no outer ring"
        self.texts += texts
        self.size += [len(text.split()) // 3 for text in texts]
        self.rings.append(len(texts))
        self.row.append(row)
        self.kind.append(kind)
        self.line.append(face.line)
        self.matrix.append(matrix)
        return ""


def spelled(ring: Ring) -> tuple[str, str]:
    """Return a ring's coordinates as a text of triples, and what is wrong with them ('' nothing)."""
    tokens = ring.text.split()
    count = len(tokens)
    flat = ring.dimension == 2 or (not ring.dimension and count % 3 and not count % 2)
    if count % (2 if flat else 3) or not count:
        return "", f"{count} numbers are not a multiple of {2 if flat else 3}"
    if flat:
        return " ".join(f"{x} {y} 0" for x, y in zip(tokens[::2], tokens[1::2], strict=True)), ""
    return ring.text, ""


def _backwards(text: str) -> str:
    tokens = text.split()
    return " ".join(" ".join(tokens[at : at + 3]) for at in range(len(tokens) - 3, -1, -3))


def numbers(texts: Sequence[str], count: int) -> F64 | None:
    """Return the numbers of texts f64(count), None when one of them is none."""
    try:
        with warnings.catch_warnings(action="error"):
            found = np.fromstring(" ".join(texts), np.float64, sep=" ")
    except (ValueError, DeprecationWarning):
        return None
    return found if len(found) == count else None


def coordinates(texts: Sequence[str], size: I32) -> F64:
    """Return points f64(n, 3) of texts of triples (``size`` points each); what is no number is NaN."""
    total = int(size.sum())
    found = numbers(texts, 3 * total)
    if found is None:
        parts = [_each(text, 3 * int(count)) for text, count in zip(texts, size, strict=True)]
        found = np.concatenate([np.zeros(0), *parts])
    points = found.reshape(-1, 3)
    points[~(np.abs(points) <= FARTHEST).all(axis=1)] = np.nan
    return points


def _each(text: str, count: int) -> F64:
    found = numbers([text], count)
    if found is not None:
        return found
    return np.array([_float(token) for token in text.split()], np.float64)


def _float(token: str) -> float:
    try:
        return float(token)
    except ValueError:
        return float("nan")


def made(batch: Batch, city: City, system: System, paint: bool) -> Soup:
    """Return the soup of a batch; broken surfaces become problems of their objects."""
    size = np.array(batch.size, np.int32)
    rings = np.array(batch.rings, np.int32)
    points = _moved(system.ordered(coordinates(batch.texts, size)), batch, size, rings)
    row, kind = np.array(batch.row, np.int32), np.array(batch.kind, np.int32)
    flat = Flat(np.zeros(0, np.int32), size, rings, np.zeros(0, np.int32))
    broken = _broken(points, flat)
    _tell(city, batch, "citygml.ring", broken)
    open_ = _open(points, flat) & ~broken
    _tell(city, batch, "citygml.open", open_)
    points, flat = _without(points, flat, broken)
    middle = system.metric(points)
    found = triangulate(middle, flat.size, flat.rings)
    _tell(city, batch, "citygml.degenerate", found.degenerate & ~broken)
    _tell(city, batch, "citygml.torn", found.torn & ~found.degenerate)
    look = np.zeros(len(row), np.int32)
    if paint:
        look = painted(city.looks, kind, city.kinds, look)
    faces = Faces(points, _places(points), flat, found, row, look, kind, None)
    return assembled(faces, city.looks.pictured)


def _moved(points: F64, batch: Batch, size: I32, rings: I32) -> F64:
    """Return the points with those of implicit geometries put in their places."""
    if not batch.matrices:
        return points
    per_face = corners_per_face(Flat(np.zeros(0, np.int32), size, rings, size))
    of_corner = np.repeat(np.array(batch.matrix, np.int32), per_face)
    for number, matrix in enumerate(batch.matrices):
        mine = of_corner == number
        points[mine] = points[mine] @ matrix[:3, :3].T + matrix[:3, 3]
    return points


def _face_of_corner(flat: Flat) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(flat.rings)), corners_per_face(flat))


def _broken(points: F64, flat: Flat) -> NDArray[np.bool_]:
    """Return which surfaces have a coordinate that is no number."""
    broken = np.zeros(len(flat.rings), np.bool_)
    bad = ~np.isfinite(points).all(axis=1)
    if bad.any():
        broken[_face_of_corner(flat)[bad]] = True
    return broken


def _open(points: F64, flat: Flat) -> NDArray[np.bool_]:
    """Return which surfaces have a ring that does not end where it begins."""
    begin = starts(flat.size)
    end = begin + flat.size - 1
    apart = (points[begin] != points[end]).any(axis=1) | (flat.size < 4)
    found = np.zeros(len(flat.rings), np.bool_)
    found[np.repeat(np.arange(len(flat.rings)), flat.rings)[apart]] = True
    return found


def _without(points: F64, flat: Flat, broken: NDArray[np.bool_]) -> tuple[F64, Flat]:
    if not broken.any():
        return points, flat
    keep = ~broken[_face_of_corner(flat)]
    of_ring = np.repeat(np.arange(len(flat.rings)), flat.rings)
    size = np.where(broken[of_ring], 0, flat.size).astype(np.int32)
    return points[keep], Flat(flat.vertex, size, flat.rings, flat.surfaces)


def _places(points: F64) -> I32:
    """Return a number for each distinct point, i32(n) from 0."""
    words = (points + 0.0).view(np.int64).reshape(-1, 3)
    with np.errstate(over="ignore"):
        mixed = (words[:, 0] * -7046029254386353131) ^ (words[:, 1] * -4417276706812531889)
        mixed = (mixed ^ (mixed >> 29)) * 1609587929392839161 ^ words[:, 2]
    _, first, number = np.unique(mixed, return_index=True, return_inverse=True)
    if (points[first][number] != points).any():  # two points of one mixture
        _, number = np.unique(words, axis=0, return_inverse=True)
    return np.asarray(number.reshape(-1), np.int32)


def _tell(city: City, batch: Batch, code: str, mask: NDArray[np.bool_]) -> None:
    """Add a problem for each object with such surfaces: how many, and the line of the first."""
    if not mask.any():
        return
    at = np.flatnonzero(mask)
    rows, first, counts = np.unique(np.array(batch.row)[at], return_index=True, return_counts=True)
    for row, place, count in zip(rows, first, counts, strict=True):
        line = batch.line[at[place]] or "-"
        key = city.objects.ids[row]
        city.objects.problems.append(problem(code, key, count=int(count), line=line))


__all__ = ["Batch", "Kinds", "coordinates", "made", "spelled"]
