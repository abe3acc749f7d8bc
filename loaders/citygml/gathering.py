"""One pass over the members of a model: rows and attributes at once, geometry in batches."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from loaders._city.beside import Beside
from loaders._city.city import City
from loaders._city.levels import nearest, rank
from loaders._city.looks import Looks
from loaders._city.problems import problem
from loaders.citygml import attributes
from loaders.citygml.appearances import Appearances, appearances
from loaders.citygml.batch import Batch, made
from loaders.citygml.elements import Element, id_of
from loaders.citygml.faces import Face, Link, Ring, Shapes, Walk, implicit
from loaders.citygml.names import NESTED, RELIEF, is_surface, level_of, local
from loaders.citygml.numbers import coordinates, spelled
from loaders.citygml.reading import Document
from loaders.citygml.rows import Objects
from loaders.citygml.systems import System, system_of
from twin.geometry import F64
from twin.ports import Feedback

BATCH = 80_000
"""About so many surfaces are made into triangles at a time: their texts are dropped before the next."""
DEEPEST = 40
"""Objects nested deeper than this are not read."""


class Part(NamedTuple):
    """A property with geometry: its level, the kind of surface that it is of ('' = the object's own)."""

    level: str
    kind: str
    element: Element


class Pending(NamedTuple):
    """A link to geometry in another member: the object and the kind of surface that want it."""

    row: int
    kind: int
    link: Link
    matrix: F64 | None


@dataclass(slots=True)
class Gathering:
    """Reads one document into a ``City``."""

    document: Document
    lod: str
    paint: bool
    feedback: Feedback
    objects: Objects = field(default_factory=Objects)
    system: System | None = None
    batch: Batch = field(default_factory=Batch)
    pending: list[Pending] = field(default_factory=list)
    appearances: Appearances | None = None
    named: set[str] = field(default_factory=set)
    city: City = field(init=False)

    def __post_init__(self) -> None:
        """Begin an empty city."""
        looks = Looks(Beside(self.document.location, "CityGML"), "citygml")
        self.city = City(self.objects, looks)

    def run(self) -> City:
        """Read all members. Raises OpenError, Cancelled."""
        self.appearances = appearances(self.document, self.city.looks)
        for member in self.document.members():
            if self.system is None or not self.system.said:
                self.system = _system(self.document, member)
            self._object(member, -1, self._walk(member), 0)
            if len(self.batch) >= BATCH:
                self._flush()
        if self.pending:
            self._linked()
        self._flush()
        self._other_systems()
        self.objects.amend(self.document.versions.said)
        return self.city

    def _object(self, element: Element, parent: int, walk: Walk, depth: int) -> str:
        """Read an object and those within it; return the level of detail in which it is drawn."""
        row = self.objects.add(id_of(element), local(element.tag), parent)
        said = attributes.Said()
        parts: list[Part] = []
        nested: list[Element] = []
        for child in element:
            if isinstance(child.tag, str):
                self._property(child, said, parts, nested)
        self.objects.describe(row, said)
        self.city.lods.append("")
        self.city.all_lods.update(part.level for part in parts)
        finer = []
        for inner in nested if depth < DEEPEST else ():
            level = self._object(inner, row, walk, depth + 1)
            if level and local(inner.tag).endswith("Part"):
                finer.append(level)
        if finer and not self.lod:  # a coarse shape of the whole would stand in its finer parts
            least = min(map(rank, finer))
            parts = [part for part in parts if rank(part.level) >= least]
        walk.seen = set()
        self.city.lods[row] = self._drawn(row, parts, walk)
        return self.city.lods[row]

    def _property(
        self, child: Element, said: attributes.Said, parts: list[Part], nested: list[Element]
    ) -> None:
        name = local(child.tag)
        level = level_of(name)
        if level:
            parts.append(Part(level, "", child))
            return
        if name in RELIEF:
            parts.append(Part(_relief_level(child), "", child))
            return
        objects = False
        for inner in child:
            tag = local(inner.tag)
            if tag in NESTED:
                nested.append(inner)
                objects = True
            elif is_surface(tag) and name not in ("extent",):
                parts.extend(_surface(inner, tag))
                objects = True
        if not objects:
            attributes.read(child, said)

    def _drawn(self, row: int, parts: list[Part], walk: Walk) -> str:
        """Draw an object in the level wished for, else its finest that holds anything; return the level."""
        levels = list(dict.fromkeys(part.level for part in parts))
        while levels:
            level = nearest(levels, self.lod) if self.lod else max(levels, key=rank)
            levels.remove(level)
            mine = [part for part in parts if part.level == level]
            if self._shapes(row, sorted(mine, key=lambda part: part.kind == ""), walk):
                return level
        return ""

    def _shapes(self, row: int, parts: list[Part], walk: Walk) -> bool:
        """Take the geometry of some properties, thematic surfaces first: a solid repeats them by links."""
        found = False
        loose: list[Shapes] = []
        for part in parts:
            kind = self.city.kinds.setdefault(part.kind, len(self.city.kinds)) if part.kind else -1
            for shapes, matrix in self._walked(row, part.element, walk):
                self._faces(shapes, row, kind, matrix)
                self.pending += [Pending(row, kind, link, matrix) for link in shapes.links]
                found = found or bool(shapes.faces or shapes.links)
                loose.append(shapes)
        if not found:
            for shapes in loose:
                found = self._loose(row, shapes) or found
        return found

    def _faces(self, shapes: Shapes, row: int, kind: int, matrix: F64 | None) -> None:
        number = -1 if matrix is None else len(self.batch.matrices)
        if matrix is not None:
            self.batch.matrices.append(matrix)
        for face in shapes.faces:
            reason = self.batch.add(face, row, kind, number)
            if reason:
                self._tell("citygml.ring.text", row, line=face.line or "-", reason=reason)
            elif not self._worn(face):
                self._tell("citygml.texture.values", row, line=face.line or "-")

    def _worn(self, face: Face) -> bool:
        """Lay the picture of the surface added last on it; False when it does not fit."""
        if self.appearances is None or not self.city.looks.is_picture(face.look):
            return True
        return self.batch.wear(face, self.appearances.uv)

    def _walk(self, member: Element) -> Walk:
        looks = self.appearances.look if self.appearances is not None else {}
        return Walk(member, self.document.dimension, looks, self.named)

    def _walked(
        self, row: int, element: Element, walk: Walk
    ) -> Iterator[tuple[Shapes, F64 | None]]:
        for inner in element:
            if local(inner.tag) == "ImplicitGeometry":
                shapes = Shapes()
                own = self._walk(walk.member)
                matrix = _placed(*implicit(inner, own, shapes), self.system or System())
                if matrix is None or not shapes:
                    self._tell("citygml.implicit", row)
                else:
                    yield shapes, matrix
                return
        shapes = Shapes()
        walk.collect(element, shapes)
        yield shapes, None

    def _loose(self, row: int, shapes: Shapes) -> bool:
        """Add points and lines: they are drawn where an object has no surfaces."""
        lines = [points for ring in shapes.lines if len(points := self._points(row, ring)) > 1]
        for points in lines:
            self.city.lines.add(points, row, [len(points)])
        spots = [points for ring in shapes.points if len(points := self._points(row, ring))]
        for points in spots:
            self.city.points.add(points, row)
        return bool(lines or spots)

    def _points(self, row: int, ring: Ring) -> F64:
        text, count, reason = spelled(ring)
        found = coordinates([text], np.array([count], np.int32))
        if reason or not np.isfinite(found).all():
            self._tell("citygml.ring.text", row, line="-", reason=reason or "no number")
            return np.zeros((0, 3))
        return (self.system or System()).ordered(found)

    def _linked(self) -> None:
        """Read the file once more for geometry that other members link to."""
        wanted: dict[str, list[Pending]] = {}
        for item in self.pending:
            wanted.setdefault(item.link.target.removeprefix("#"), []).append(item)
        again = Document(self.document.location, self.feedback)
        for member in again.members():
            walk = self._walk(member)
            for element in member.iter():
                for item in wanted.pop(id_of(element), ()):
                    walk.seen = set()
                    shapes = Shapes()
                    walk.collect(element, shapes, item.link.flipped, item.link.look)
                    self._faces(shapes, item.row, item.kind, item.matrix)
            if len(self.batch) >= BATCH:
                self._flush()
        for target, items in wanted.items():
            for row in dict.fromkeys(item.row for item in items):
                self._tell("citygml.link", row, target=target)

    def _tell(self, code: str, row: int, **params: object) -> None:
        self.objects.problems.append(problem(code, self.objects.ids[row], **params))

    def _other_systems(self) -> None:
        """Tell of geometry that names another system than the file's: it is read as if it did not."""
        usual = self.system or System()
        for name in sorted(self.named - {usual.said}):
            if system_of(name).crs != usual.crs:
                self.objects.problems.append(
                    problem("citygml.crs.mixed", "", crs=name, usual=usual.said)
                )

    def _flush(self) -> None:
        self.feedback.check()
        if len(self.batch):
            system = self.system or System()
            self.city.soups.append(made(self.batch, self.city, system, self.paint))
        self.batch = Batch()


def _surface(element: Element, kind: str) -> Iterator[Part]:
    """Yield the geometry of a thematic surface and of the windows and doors in it."""
    for child in element:
        level = level_of(local(child.tag))
        if level:
            yield Part(level, kind, child)
            continue
        for inner in child:
            tag = local(inner.tag)
            if is_surface(tag):
                yield from _surface(inner, tag)


def _relief_level(element: Element) -> str:
    above = element.getparent()
    for beside in above if above is not None else ():
        if local(beside.tag) == "lod":
            return (beside.text or "").strip()[:8]
    return ""


def _system(document: Document, member: Element) -> System:
    """Return the system that the file names first: in its envelope, else in its first member."""
    said = document.srs
    sample: F64 | None = None
    for element in member.iter():
        said = said or (element.get("srsName") or "").strip()
        if sample is None and local(element.tag) in ("posList", "pos", "lowerCorner"):
            words = (element.text or "").split()[:3]
            found = (
                coordinates([" ".join(words)], np.array([1], np.int32))
                if len(words) == 3
                else None
            )
            sample = None if found is None or len(found) != 1 else found[0]
    return system_of(said, sample)


def _placed(matrix: str, point: str, system: System) -> F64 | None:
    """Return the transformation f64(4, 4) of an implicit geometry into ordered coordinates."""
    values = [*matrix.split(), *point.split()]
    try:
        numbers = np.array(values, np.float64)
    except ValueError:
        return None
    if len(numbers) != 19 or not np.isfinite(numbers).all():
        return None
    found = numbers[:16].reshape(4, 4).copy()
    at = system.ordered(numbers[None, 16:].copy())
    found[:3, :] /= system.stretch(at)[:, None]
    found[:3, 3] += at[0]
    return found
