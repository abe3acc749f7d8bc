"""Geometry elements -> rings as texts: what is written where, links followed, nothing computed yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lxml import etree

from loaders.citygml.elements import Element, id_of, line_of
from loaders.citygml.names import CURVES, GML, POLYGONS, XLINK, local

_WITH_ID: Any = etree.XPath(
    "descendant-or-self::*[@a:id or @b:id]", namespaces={"a": GML, "b": f"{GML}/3.2"}
)
DEEPEST = 200
"""Geometry that is nested, or linked, deeper than this is not read."""


class Face(NamedTuple):
    """A polygon: its element, its rings (the first outside), its look, and whether it is seen from behind."""

    element: Element
    rings: tuple["Ring", ...]
    flipped: bool
    look: int = 0

    @property
    def line(self) -> int:
        """Return the line of the file on which it begins, 0 where it is not known."""
        return line_of(self.element)


class Ring(NamedTuple):
    """The coordinates of a ring or a line as written, their dimension (0 = not said) and the ring's id."""

    text: str
    dimension: int
    key: str = ""


class Link(NamedTuple):
    """A reference to geometry that is not in the same member."""

    target: str
    flipped: bool
    look: int = 0


@dataclass(slots=True)
class Shapes:
    """What geometry elements hold."""

    faces: list[Face] = field(default_factory=list)
    lines: list[Ring] = field(default_factory=list)
    points: list[Ring] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Return whether there is anything."""
        return bool(self.faces or self.lines or self.points or self.links)


class State(NamedTuple):
    """What holds for the geometry below an element: its dimension (0 = not said), whether it is
    seen from behind, its look, and how deep it lies."""

    dimension: int = 0
    flipped: bool = False
    look: int = 0
    depth: int = 0


@dataclass(slots=True)
class Walk:
    """Collects the geometry of one member. ``seen``: polygons that the object has already;
    ``looks``: the look of a surface by its id; ``systems``: the names of reference systems found."""

    member: Element
    dimension: int = 0
    looks: Mapping[str, int] = field(default_factory=dict)
    systems: set[str] = field(default_factory=set)
    seen: set[Element] = field(default_factory=set)
    _ids: dict[str, Element] | None = None

    def named(self, key: str) -> Element | None:
        """Return the member's element of an id."""
        if self._ids is None:
            self._ids = {}
            for element in _WITH_ID(self.member):
                self._ids.setdefault(id_of(element), element)
        return self._ids.get(key)

    def collect(
        self, element: Element, into: Shapes, flipped: bool = False, look: int = 0
    ) -> None:
        """Add everything that an element of geometry holds."""
        self._collect(element, into, State(self.dimension, flipped, look))

    def _collect(self, element: Element, into: Shapes, state: State) -> None:
        name = local(element.tag)
        if state.depth > DEEPEST or not name:
            return
        state = self._below(element, name, state)
        if name in POLYGONS:
            if element not in self.seen:
                self.seen.add(element)
                rings = tuple(_rings(element, state.dimension))
                into.faces.append(Face(element, rings, state.flipped, state.look))
        elif name in CURVES:
            into.lines.append(_ring(element, state.dimension))
        elif name == "Point":
            into.points.append(_ring(element, state.dimension))
        elif not len(element) and element.get(XLINK) is not None:
            self._follow(element.get(XLINK) or "", into, state)
        else:
            for child in element:
                self._collect(child, into, state)

    def _below(self, element: Element, name: str, state: State) -> State:
        """Return what holds within an element."""
        said = element.get("srsDimension")
        dimension = int(said) if said in ("2", "3") else state.dimension
        named = element.get("srsName")
        if named:
            self.systems.add(named.strip())
        turned = name == "OrientableSurface" and element.get("orientation") == "-"
        look = self.looks.get(id_of(element), state.look) if self.looks else state.look
        return State(dimension, state.flipped != turned, look, state.depth + 1)

    def _follow(self, href: str, into: Shapes, state: State) -> None:
        target = self.named(href[1:]) if href.startswith("#") else None
        if target is None:
            into.links.append(Link(href, state.flipped, state.look))
        else:
            self._collect(target, into, state)


def _rings(polygon: Element, dimension: int) -> Iterator[Ring]:
    """Yield the rings of a polygon, the outer one first."""
    inner: list[Ring] = []
    for side in polygon:
        name = local(side.tag)
        if name in ("exterior", "outerBoundaryIs", "interior", "innerBoundaryIs"):
            for ring in side:
                if name in ("exterior", "outerBoundaryIs"):
                    yield _ring(ring, dimension)
                else:
                    inner.append(_ring(ring, dimension))
    yield from inner


def _ring(element: Element, dimension: int) -> Ring:
    """Return the coordinates below an element in the order in which they are written."""
    if len(element) == 1 and local(element[0].tag) == "posList":  # nearly all
        inner = element[0]
        said = inner.get("srsDimension")
        dimension = int(said) if said in ("2", "3") else dimension
        return Ring(inner.text or "", dimension, id_of(element))
    parts: list[str] = []
    for inner in element.iter():
        name = local(inner.tag)
        if name in ("posList", "pos", "coordinates"):
            said = inner.get("srsDimension") or inner.get("dimension")
            dimension = int(said) if said in ("2", "3") else dimension
            text = inner.text or ""
            if name == "coordinates":
                dimension = text.split(None, 1)[0].count(",") + 1 if text.strip() else dimension
                text = text.replace(",", " ")
            parts.append(text)
        elif inner is not element and inner.get("srsDimension") in ("2", "3"):
            dimension = int(inner.get("srsDimension") or 0)
    return Ring(" ".join(parts) if len(parts) != 1 else parts[0], dimension, id_of(element))


def implicit(element: Element, walk: Walk, into: Shapes) -> tuple[Any, str]:
    """Collect the shape of an implicit geometry; return its transformation's text and reference point's."""
    matrix, point = "", ""
    for child in element:
        name = local(child.tag)
        if name == "transformationMatrix":
            matrix = child.text or ""
        elif name == "referencePoint":
            shapes = Shapes()
            walk.collect(child, shapes)
            point = shapes.points[0].text if shapes.points else ""
        elif name in ("relativeGMLGeometry", "relativeGeometry"):
            walk.collect(child, into)
    return matrix, point
