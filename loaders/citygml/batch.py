"""Rings as texts -> triangles, many surfaces at a time; a broken ring costs its surface alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from loaders._city.city import City
from loaders._city.problems import problem
from loaders._city.soup import Faces, Flat, Soup, assembled, corners_per_face, painted
from loaders._polygons import triangulate
from loaders._rings import starts
from loaders.citygml.faces import Face
from loaders.citygml.numbers import backwards, coordinates, numbers, spelled
from loaders.citygml.systems import System
from twin.geometry import F32, F64, I32

MOST_REPEATS = 1e6
"""A place on a picture farther out than this is none."""


@dataclass(slots=True)
class Batch:
    """Surfaces that wait to become triangles: texts of rings, and per surface what it belongs to.

    ``texts`` and ``size`` (numbers) a ring; ``rings``, ``row``, ``kind``, ``look``, ``line`` and
    ``matrix`` (number of a transformation, -1 none) a surface. ``pictures``: surfaces with a picture
    and the texts of their rings' places on it.
    """

    texts: list[str] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    rings: list[int] = field(default_factory=list)
    row: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    look: list[int] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    pictures: list[tuple[int, list[str]]] = field(default_factory=list)
    matrix: list[int] = field(default_factory=list)
    matrices: list[F64] = field(default_factory=list)

    def __len__(self) -> int:
        """Return the number of surfaces."""
        return len(self.row)

    def add(self, face: Face, row: int, kind: int, matrix: int = -1) -> str:
        """Add a surface; return what is wrong with it instead, '' for nothing."""
        texts, sizes = [], []
        for ring in face.rings:
            text, size, reason = spelled(ring)
            if reason:
                return reason
            texts.append(backwards(text) if face.flipped else text)
            sizes.append(size)
        if not texts:
            return "it has no outer ring"
        self.texts += texts
        self.size += sizes
        self.rings.append(len(texts))
        self.look.append(face.look)
        self.row.append(row)
        self.kind.append(kind)
        self.line.append(face.line)
        self.matrix.append(matrix)
        return ""

    def wear(self, face: Face, uv: Mapping[str, str]) -> bool:
        """Lay a picture on the surface added last; False when its coordinates do not fit the rings."""
        texts = [uv.get(ring.key, "") for ring in face.rings]
        sizes = self.size[len(self.size) - len(texts) :]
        if any(len(text.split()) != 2 * size for text, size in zip(texts, sizes, strict=True)):
            self.look[-1] = 0
            return False
        turned = [backwards(text, 2) for text in texts] if face.flipped else texts
        self.pictures.append((len(self) - 1, turned))
        return True


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
    uv = _uv(batch, flat)
    points, flat, uv = _without(points, flat, uv, broken)
    middle = system.metric(points)
    found = triangulate(middle, flat.size, flat.rings)
    _tell(city, batch, "citygml.degenerate", found.degenerate & ~broken)
    _tell(city, batch, "citygml.torn", found.torn & ~found.degenerate)
    look = np.array(batch.look, np.int32)
    if paint:
        look = painted(city.looks, kind, city.kinds, look)
    faces = Faces(points, _places(points), flat, found, row, look, kind, uv)
    return assembled(faces, city.looks.pictured)


def _moved(points: F64, batch: Batch, size: I32, rings: I32) -> F64:
    """Return the points with those of implicit geometries put in their places."""
    if not batch.matrices:
        return points
    per_face = corners_per_face(Flat(np.zeros(0, np.int32), size, rings, size))
    of_corner = np.repeat(np.array(batch.matrix, np.int32), per_face)
    mine = np.flatnonzero(of_corner >= 0)
    matrices = np.array(batch.matrices)[of_corner[mine]]
    points[mine] = np.einsum("nij,nj->ni", matrices[:, :3, :3], points[mine]) + matrices[:, :3, 3]
    return points


def _uv(batch: Batch, flat: Flat) -> F32 | None:
    """Return the places of all corners on their pictures f32(n, 2), None where there is no picture."""
    if not batch.pictures:
        return None
    per_face = corners_per_face(flat)
    first = starts(per_face)
    found = np.zeros((int(per_face.sum()), 2), np.float32)
    for face, texts in batch.pictures:
        said = numbers(texts, 2 * int(per_face[face]))
        if said is not None and (np.abs(said) < MOST_REPEATS).all():
            found[first[face] : first[face] + per_face[face]] = said.reshape(-1, 2)
    return found


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


def _without(
    points: F64, flat: Flat, uv: F32 | None, broken: NDArray[np.bool_]
) -> tuple[F64, Flat, F32 | None]:
    """Return everything without the corners of broken surfaces."""
    if not broken.any():
        return points, flat, uv
    keep = ~broken[_face_of_corner(flat)]
    of_ring = np.repeat(np.arange(len(flat.rings)), flat.rings)
    size = np.where(broken[of_ring], 0, flat.size).astype(np.int32)
    left = Flat(flat.vertex, size, flat.rings, flat.surfaces)
    return points[keep], left, None if uv is None else uv[keep]


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
