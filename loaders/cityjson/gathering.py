"""One pass over all objects: rows and attributes at once, geometry in batches that are let go of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders._city.beside import Beside
from loaders._city.city import City
from loaders._city.looks import Looks
from loaders._city.problems import problem
from loaders.cityjson.boundaries import DEPTH, FARTHEST, WRONG, Piece, positions, whole
from loaders.cityjson.cutting import Cut
from loaders.cityjson.levels import chosen, level_of, templated
from loaders.cityjson.looks import FeatureLooks
from loaders.cityjson.reading import Document, Feature, Json
from loaders.cityjson.rows import Objects
from loaders.cityjson.soup import made
from twin.errors import BrokenFile
from twin.geometry import F64
from twin.ports import Feedback

BATCH = 80_000
"""About so many surfaces are flattened at a time: their parsed boundaries are dropped before the next."""

VERTICES = 300_000
"""Nor do more vertices of a sequence wait to be used."""


@dataclass(slots=True)
class Gathering:
    """Reads the features of one document into a ``City``."""

    document: Document
    lod: str
    paint: bool
    feedback: Feedback
    objects: Objects = field(init=False)
    city: City = field(init=False)
    transform: tuple[F64, F64] = field(init=False)
    templates: Sequence[Any] = ()
    template_points: F64 = field(init=False)
    vertices: list[F64] = field(default_factory=list)
    base: int = 0
    pieces: list[Piece] = field(default_factory=list)
    batched: list[Json] = field(default_factory=list)
    surfaces: int = 0

    def __post_init__(self) -> None:
        """Read what all features share."""
        header = self.document.header
        looks = Looks(Beside(self.document.location, "CityJSON"), "cityjson")
        self.objects = Objects(self.document.cuts)
        self.city = City(self.objects, looks)
        self.transform = _transform(self.document)
        said = header.get("geometry-templates")
        said = said if isinstance(said, dict) else {}
        listed = said.get("templates")
        self.templates = listed if isinstance(listed, list) else []
        raw = said.get("vertices-templates")
        self.template_points = positions(raw, np.ones(3), np.zeros(3))

    def run(self) -> City:
        """Read all features. Raises Cancelled."""
        for feature in self.document.features():
            self._feature(feature)
        self._flush()
        return self.city

    def _feature(self, feature: Feature) -> None:
        points = positions(feature.vertices, *self.transform)
        if isinstance(feature.vertices, list):
            feature.vertices.clear()
        header_looks = self.document.header.get("appearance")
        appearance = feature.appearance or (header_looks if isinstance(header_looks, dict) else {})
        looks = FeatureLooks(self.city.looks, appearance)
        self.vertices.append(points)
        total = len(feature.objects)
        for done, (key, said) in enumerate(feature.objects.items()):
            self._object(key, said, looks, len(points))
            if self.surfaces >= BATCH:
                self._flush(points)
                self.feedback.progress(0.3 + 0.5 * done / total, "geometry")
        self.base += len(points)
        if self.surfaces >= BATCH or self.base > VERTICES:
            self._flush()

    def _object(self, key: str, said: Any, looks: FeatureLooks, limit: int) -> None:
        row = self.objects.add(key, said)
        if row < 0:
            return
        listed = said.get("geometry")
        geometries = self._usable(key, listed) if listed else []
        level, wanted = chosen(geometries, self.lod)
        self.city.lods.append(level)
        if len(geometries) == len(wanted):
            self.city.all_lods.add(level)
        else:
            self.city.all_lods.update(map(level_of, geometries))
        cuts = self.document.cuts
        for geometry in wanted:
            piece = Piece(row, self.city.objects.ids[row], self.base, limit, geometry, looks, cuts)
            if geometry["type"] in DEPTH:
                self.pieces.append(piece)
                self.surfaces += _size(geometry, cuts)
            else:
                self._other(piece)
        if listed:
            self.batched.append(said)

    def _usable(self, key: str, listed: Any) -> list[Json]:
        found = []
        for geometry in listed if isinstance(listed, list) else [listed]:
            if isinstance(geometry, dict) and isinstance(geometry.get("type"), str):
                found.append(templated(geometry, self.templates))
            else:
                self._tell("cityjson.geometry", key, reason="it is not a geometry object")
        return found

    def _tell(self, code: str, key: str, **params: Any) -> None:
        self.city.objects.problems.append(problem(code, key, **params))

    def _flush(self, current: F64 | None = None) -> None:
        """Make triangles of what is pending. ``current``: the feature that is still being read."""
        self.feedback.check()
        points = np.concatenate(self.vertices) if self.vertices else np.zeros((0, 3))
        if self.pieces:
            problems = self.city.objects.problems
            self.city.soups.append(
                made(self.pieces, points, self.city.kinds, self.paint, problems)
            )
        self.pieces.clear()
        for said in self.batched:
            said.clear()
        self.batched.clear()
        self.surfaces = 0
        self.vertices[:] = [] if current is None else [current]
        self.base = 0

    def _other(self, piece: Piece) -> None:
        """Read points, lines or an instance. What is wrong with them is a problem of the object."""
        kind = piece.geometry["type"]
        try:
            if kind == "MultiPoint":
                self.city.points.add(self._at(piece, piece.boundaries()), piece.row)
            elif kind == "MultiLineString":
                lines = piece.boundaries()
                flat = [index for line in lines for index in line]
                self.city.lines.add(self._at(piece, flat), piece.row, [len(x) for x in lines])
            elif kind == "GeometryInstance":
                self._instance(piece)
            else:
                raise ValueError(f"its type {kind!r} is none of CityJSON")
        except WRONG as error:
            self._tell("cityjson.geometry", piece.key, reason=str(error))

    def _at(self, piece: Piece, indices: Sequence[Any]) -> F64:
        at = whole(indices)
        if len(at) and not (at.min() >= 0 and at.max() < piece.limit):
            raise IndexError("a vertex number is out of range")
        found = self.vertices[-1][at]
        if not np.isfinite(found).all():
            raise ValueError("a vertex is not a number")
        return found

    def _instance(self, piece: Piece) -> None:
        geometry = piece.geometry
        number = geometry["template"]
        template = self.templates[number] if 0 <= number < len(self.templates) else None
        if not isinstance(template, dict):
            raise IndexError(f"there is no template {number}")
        matrix = np.array(geometry["transformationMatrix"], np.float64).reshape(4, 4)
        matrix[:3, 3] += self._at(piece, piece.boundaries())[0]
        if not (np.abs(matrix) <= FARTHEST).all():
            raise ValueError("the transformation is not finite")
        kind = template.get("type")
        if kind in DEPTH:
            self._template(number, template, piece)
            self.city.placed.setdefault(number, []).append((piece.row, matrix))
            return
        boundaries = piece.cuts.restored(template["boundaries"])
        lines = boundaries if kind == "MultiLineString" else [boundaries]
        at = whole([index for line in lines for index in line])
        if len(at) and not (at.min() >= 0 and at.max() < len(self.template_points)):
            raise IndexError("a template's vertex number is out of range")
        moved = self.template_points[at] @ matrix[:3, :3].T + matrix[:3, 3]
        if kind == "MultiLineString":
            self.city.lines.add(moved, piece.row, [len(line) for line in lines])
        elif kind == "MultiPoint":
            self.city.points.add(moved, piece.row)
        else:
            raise ValueError(f"a template of type {kind!r}")

    def _template(self, number: int, template: Json, piece: Piece) -> None:
        if number in self.city.templates:
            return
        key = f"geometry-templates/templates/{number}"
        own = Piece(0, key, 0, len(self.template_points), template, piece.looks, piece.cuts)
        problems = self.city.objects.problems
        self.city.templates[number] = made(
            [own], self.template_points, self.city.kinds, self.paint, problems
        )


def _size(geometry: Json, cuts: Cut) -> int:
    """Return about how many surfaces a geometry has, at little cost."""
    parts: Any = geometry.get("boundaries")
    if cuts.holds(parts):
        return cuts.length(parts) // 16
    depth = DEPTH[geometry["type"]]
    while isinstance(parts, list) and parts and depth:
        parts, depth = max(parts, key=lambda p: len(p) if isinstance(p, list) else 0), depth - 1
    return len(parts) if isinstance(parts, list) else 0


def _transform(document: Document) -> tuple[F64, F64]:
    """Return (scale, translate) f64(3) each. Raises BrokenFile for a transform that is none."""
    said = document.header.get("transform")
    if said is None:
        if document.version != "1.0":
            document.problems.append(problem("cityjson.transform", ""))
        return np.ones(3), np.zeros(3)
    try:
        pair: list[NDArray[np.float64]] = []
        for name in ("scale", "translate"):
            if not all(isinstance(v, int | float) for v in said[name]):
                raise TypeError(f"transform.{name} holds something that is no number")
            pair.append(np.array(said[name], np.float64).reshape(3))
        if not np.isfinite(pair).all():
            raise ValueError("transform is not finite")
    except WRONG as error:
        raise BrokenFile(
            location=document.location, format="CityJSON", reason=f"its transform: {error}"
        ) from error
    return pair[0], pair[1]
