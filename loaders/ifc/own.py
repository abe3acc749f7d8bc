"""Elements that are made into triangles here, without a geometry kernel: sweeps and plain faces.

A kernel takes 20 to 100 times longer for them than numpy. An element is taken over only where all of
its body is of these kinds and its look is certain; any other, and any whose faces turn out not to be
sound, is the kernel's.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from loaders.ifc.extents import SKIPPED, Sizes, axes, operator
from loaders.ifc.faces import FaceSet, faceted
from loaders.ifc.forms import Form, Mesh, meshed, read_form
from loaders.ifc.shapes import Geometry, Shape
from loaders.ifc.statements import Statements
from loaders.ifc.structure import by_type
from loaders.ifc.styles import UNSURE, Look, Styles
from loaders.ifc.sweeps import Raw, Sweep, swept
from twin.geometry import F64, Material

log = logging.getLogger(__name__)

CURVES = ("Curve", "Curve2D", "Curve3D", "Annotation2D", "Point", "PointCloud", "Text")
"""Types of representation that no kernel makes a surface of."""
RIGID = 1e-9


@dataclass(frozen=True, slots=True)
class Part:
    """One item of a body, moved by ``matrix`` f64(4, 4) in file units (None: where it is)."""

    item: int
    matrix: F64 | None
    look: Look


@dataclass(frozen=True, slots=True)
class Body:
    """What an element shows: parts under a key that equal bodies share, and its place f64(4, 4)."""

    key: str
    parts: tuple[Part, ...]
    matrix: F64


@dataclass
class Own:
    """The elements of a file that need no kernel. Everything is looked at once."""

    file: Any
    text: Statements
    scale: float
    sizes: Sizes
    styles: Styles
    bodies: dict[int, Body] = field(default_factory=dict)
    forms: dict[int, Form | None] = field(default_factory=dict)
    made: dict[int, Raw | None] = field(default_factory=dict)
    parts: dict[int, tuple[Part, ...] | None] = field(default_factory=dict)

    def survey(self, steps: Sequence[int]) -> None:
        """Find which of some elements are made here: ``bodies`` holds them afterwards."""
        cut = self._cut()
        for step in steps:
            if step in cut or step in self.bodies:
                continue
            body = self._safely(self.file.by_id(step))
            if body is not None:
                self.bodies[step] = body

    def take(self, steps: Iterable[int]) -> tuple[list[Shape], dict[str, Geometry], list[int]]:
        """Return shapes and geometries of elements in ``bodies``, and those that proved unsound."""
        wanted = list(steps)
        items = {part.item for step in wanted for part in self.bodies[step].parts}
        self._make(sorted(items - self.made.keys()))
        shapes: list[Shape] = []
        found: dict[str, Geometry] = {}
        refused: list[int] = []
        for step in wanted:
            body = self.bodies[step]
            if body.key not in found:
                geometry = self._geometry(body.parts)
                if geometry is None:
                    refused.append(step)
                    continue
                found[body.key] = geometry
            shapes.append(Shape(step, body.key, body.matrix))
        return shapes, found, refused

    def boxes(self) -> None:
        """Tell ``sizes`` the exact box of every item that is made here."""
        items = {part.item for body in self.bodies.values() for part in body.parts}
        self._make(sorted(items - self.made.keys()))
        for item in items:
            raw = self.made[item]
            if raw is not None:
                self.sizes.items[item] = raw[0].min(axis=0), raw[0].max(axis=0)

    def _cut(self) -> set[int]:
        """Return the elements that openings are cut from: their own and those of their wholes."""
        below: dict[int, list[int]] = {}
        for relation in by_type(self.file, "IfcRelAggregates"):
            if relation[4] is not None:
                parts = below.setdefault(relation[4].id(), [])
                parts.extend(item.id() for item in relation[5] or ())
        relations = by_type(self.file, "IfcRelVoidsElement")
        stack = [relation[4].id() for relation in relations if relation[4] is not None]
        found: set[int] = set()
        while stack:
            step = stack.pop()
            if step not in found:
                found.add(step)
                stack.extend(below.get(step, ()))
        return found

    def _safely(self, product: Any) -> Body | None:
        """Return the body of a product; an ill-typed one is left to the kernel, which says why."""
        try:
            return self._body(product)
        except (TypeError, ValueError, IndexError, AttributeError, RuntimeError) as error:
            log.debug("#%s is left to the kernel: %s", product.id(), error)
            return None

    def _body(self, product: Any) -> Body | None:
        """Return the body of a product; None where a kernel must make it."""
        bodies = []
        for part in product[6][2] or ():
            if part[1] == "Body":
                bodies.append(part)
            elif part[1] not in SKIPPED and part[2] not in CURVES and _seen(part):
                return None
        if len(bodies) != 1 or not _seen(bodies[0]) or self.sizes.linear(product[5]):
            return None
        parts = self._parts(bodies[0])
        if not parts:
            return None
        key = bodies[0].id()
        matrix = self.sizes.placement(product[5]).copy()
        items = bodies[0][3]
        if len(items) == 1 and items[0].is_a("IfcMappedItem"):
            move = _mapping(items[0])
            inner = self._parts(items[0][0][1])
            if move is not None and inner and _rigid(move):
                parts, matrix, key = inner, matrix @ move, items[0][0][1].id()
        if any(part.look is None for part in parts):
            look = self.styles.of_product(product)
            if look is UNSURE:
                return None
            parts = tuple(Part(p.item, p.matrix, p.look or look) for p in parts)
        looks = "-".join(_name(part.look) for part in parts)
        matrix[:3, 3] *= self.scale
        return Body(f"own-{key}-{looks}", parts, matrix)

    def _parts(self, representation: Any) -> tuple[Part, ...] | None:
        """Return the parts of a representation; None where one of them is not made here."""
        key = representation.id()
        if key not in self.parts:
            self.parts[key] = None  # what maps itself is nothing
            self.parts[key] = self._gathered(representation[3] or ())
        return self.parts[key]

    def _gathered(self, items: Sequence[Any]) -> tuple[Part, ...] | None:
        found: list[Part] = []
        for item in items:
            look = self.styles.of_item(item.id())
            if item.is_a("IfcMappedItem"):
                move = _mapping(item)
                inner = self._parts(item[0][1]) if move is not None and look is None else None
                if inner is None or move is None:
                    return None
                found.extend(
                    Part(p.item, move if p.matrix is None else move @ p.matrix, p.look)
                    for p in inner
                )
            elif look is UNSURE or self._form(item) is None:
                return None
            else:
                found.append(Part(item.id(), None, look))
        return tuple(found)

    def _form(self, item: Any) -> Form | None:
        key = item.id()
        if key not in self.forms:
            self.forms[key] = read_form(item, self.text, self.scale)
        return self.forms[key]

    def _make(self, items: Sequence[int]) -> None:
        """Make the triangles of items, each kind at once."""
        for kind, maker in ((Sweep, swept), (FaceSet, self._faceted), (Mesh, meshed)):
            own = [item for item in items if isinstance(self.forms[item], kind)]
            forms: list[Any] = [self.forms[item] for item in own]
            self.made.update(zip(own, maker(forms), strict=True))

    def _faceted(self, sets: Sequence[FaceSet]) -> list[Raw | None]:
        return faceted(sets, self.text)

    def _geometry(self, parts: Sequence[Part]) -> Geometry | None:
        """Return parts as one geometry in metres; None where one of them is unsound."""
        points, triangles, material = [], [], []
        table: dict[Material, int] = {}
        base = 0
        for part in parts:
            raw = self.made[part.item]
            if raw is None:
                return None
            own, corners = raw
            if part.matrix is not None:
                own = own @ part.matrix[:3, :3].T + part.matrix[:3, 3]
                if np.linalg.det(part.matrix[:3, :3]) < 0:
                    corners = corners[:, ::-1]
            number = -1
            if isinstance(part.look, Material):
                number = table.setdefault(part.look, len(table))
            points.append(own)
            triangles.append(corners + base)
            material.append(np.full(len(corners), number, np.int32))
            base += len(own)
        return Geometry(
            np.concatenate(points) * self.scale,
            np.concatenate(triangles).astype(np.int32),
            np.concatenate(material),
            tuple(table),
        )


def _seen(part: Any) -> bool:
    """Return whether a representation is one of the model, not of a plan."""
    kind = part[0].ContextType if part[0] is not None else None
    return (kind or "Model").lower() in ("model", "design")


def _name(look: Look) -> str:
    return look.name if isinstance(look, Material) else ""


def _mapping(item: Any) -> F64 | None:
    """Return f64(4, 4) of a mapped item; None for what is not usual."""
    source, target = item[0], item[1]
    if not target.is_a("IfcCartesianTransformationOperator3D"):
        return None
    if not source[0].is_a("IfcAxis2Placement3D"):
        return None
    return operator(target) @ axes(source[0])


def _rigid(matrix: F64) -> bool:
    """Return whether a matrix turns and scales evenly and mirrors nothing."""
    turn = matrix[:3, :3]
    square = turn @ turn.T
    even = bool(np.abs(square - square[0, 0] * np.eye(3)).max() <= RIGID * abs(square[0, 0]))
    return even and float(np.linalg.det(turn)) > 0
