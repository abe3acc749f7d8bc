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

from loaders.ifc.cuts import DIFFERENCE, PAPER, Boolean, HalfSpace, apart, available, combined
from loaders.ifc.extents import SKIPPED, Sizes
from loaders.ifc.faces import FaceSet, faceted
from loaders.ifc.forms import Form, Mesh, meshed, read_form
from loaders.ifc.outlines import Units
from loaders.ifc.representations import (
    carrier,
    is_rigid,
    is_seen,
    is_surface,
    mapping,
    openings_of,
)
from loaders.ifc.shapes import Geometry, Shape
from loaders.ifc.statements import Statements
from loaders.ifc.styles import UNSURE, Look, Styles
from loaders.ifc.sweeps import Raw, Sweep, swept
from twin.geometry import F64, Material
from twin.ports import Feedback

log = logging.getLogger(__name__)

BATCH = 4096
"""So many elements or items are made between two looks at whether anybody still waits."""


@dataclass(frozen=True, slots=True)
class Part:
    """One item of a body, moved by ``matrix`` f64(4, 4) in file units (None: where it is)."""

    item: int
    matrix: F64 | None
    look: Look


@dataclass(frozen=True, slots=True)
class Body:
    """What an element shows: parts under a key that equal bodies share, its place f64(4, 4), and the
    parts of openings cut from it, in its own frame."""

    key: str
    parts: tuple[Part, ...]
    matrix: F64
    cuts: tuple[Part, ...] = ()

    def every(self) -> tuple[Part, ...]:
        """Return the parts and what is cut from them."""
        return (*self.parts, *self.cuts)


@dataclass
class Own:
    """The elements of a file that need no kernel. Everything is looked at once."""

    file: Any
    text: Statements
    units: Units
    sizes: Sizes
    styles: Styles
    bodies: dict[int, Body] = field(default_factory=dict)
    forms: dict[int, Form | None] = field(default_factory=dict)
    made: dict[int, Raw | None] = field(default_factory=dict)
    parts: dict[int, tuple[Part, ...] | None] = field(default_factory=dict)
    moves: dict[int, F64 | None] = field(default_factory=dict)

    def survey(self, steps: Sequence[int], feedback: Feedback) -> None:
        """Find which of some elements are made here: ``bodies`` holds them afterwards."""
        openings = openings_of(self.file)
        for number, step in enumerate(steps):
            if number % BATCH == 0:
                feedback.check()
            cutters = openings.get(step, ())
            if step in self.bodies or (cutters and not available()):
                continue
            body = self._safely(self.file.by_id(step), cutters)
            if body is not None:
                self.bodies[step] = body

    def take(self, steps: Iterable[int]) -> tuple[list[Shape], dict[str, Geometry], list[int]]:
        """Return shapes and geometries of elements in ``bodies``, and those that proved unsound."""
        wanted = list(steps)
        self._make(part.item for step in wanted for part in self.bodies[step].every())
        shapes: list[Shape] = []
        found: dict[str, Geometry] = {}
        refused: list[int] = []
        for step in wanted:
            body = self.bodies[step]
            if body.key not in found:
                geometry = self._geometry(body)
                if geometry is None:
                    refused.append(step)
                    continue
                found[body.key] = geometry
            shapes.append(Shape(step, body.key, body.matrix))
        return shapes, found, refused

    def boxes(self, feedback: Feedback) -> None:
        """Tell ``sizes`` the exact box of every item that is made here."""
        items = sorted({part.item for body in self.bodies.values() for part in body.every()})
        for start in range(0, len(items), BATCH):
            feedback.check()
            self._make(items[start : start + BATCH])
        for item in items:
            raw = self.made[item]
            if raw is not None and len(raw[0]):
                self.sizes.items[item] = raw[0].min(axis=0), raw[0].max(axis=0)

    def _safely(self, product: Any, cutters: Sequence[Any]) -> Body | None:
        """Return the body of a product; an ill-typed one is left to the kernel, which says why."""
        try:
            body = self._body(product)
            return self._cut(body, product, cutters) if body is not None and cutters else body
        except (TypeError, ValueError, IndexError, AttributeError, RuntimeError) as error:
            log.debug("#%s is left to the kernel: %s", product.id(), error)
            return None

    def _body(self, product: Any) -> Body | None:
        """Return the body of a product; None where a kernel must make it."""
        shown = self._shown(product)
        parts = self._parts(shown) if shown is not None else None
        if shown is None or not parts:
            return None
        key = shown.id()
        matrix = self.sizes.placement(product[5]).copy()
        items = shown[3]
        if len(items) == 1 and items[0].is_a("IfcMappedItem"):
            move = self._move(items[0])
            inner = self._parts(items[0][0][1])
            if move is not None and inner and is_rigid(move):
                parts, matrix, key = inner, matrix @ move, items[0][0][1].id()
        if any(part.look is None for part in parts):
            look = self.styles.of_product(product)
            if look is UNSURE:
                return None
            parts = tuple(Part(p.item, p.matrix, p.look or look) for p in parts)
        looks = "-".join(_name(part.look) for part in parts)
        matrix[:3, 3] *= self.units.length
        return Body(f"own-{key}-{looks}", parts, matrix)

    def _shown(self, product: Any) -> Any:
        """Return the one representation of a product that shows it; None where there are others."""
        bodies = []
        for part in product[6][2] or ():
            if part[1] == "Body":
                bodies.append(part)
            elif part[1] not in SKIPPED and is_surface(part) and is_seen(part):
                return None
        alone = len(bodies) == 1 and is_seen(bodies[0])
        return bodies[0] if alone and not self.sizes.linear(product[5]) else None

    def _cut(self, body: Body, product: Any, openings: Sequence[Any]) -> Body | None:
        """Return a body with what its openings cut from it; None where one cannot be made here."""
        place = body.matrix.copy()
        place[:3, 3] /= self.units.length
        back = np.linalg.inv(place)
        cuts: list[Part] = []
        for opening in openings:
            if opening[6] is None:
                continue
            shown = self._shown(opening)
            parts = self._parts(shown) if shown is not None else None
            if not parts:
                return None
            move = back @ self.sizes.placement(opening[5])
            cuts += [
                Part(p.item, move if p.matrix is None else move @ p.matrix, None) for p in parts
            ]
        return Body(f"{body.key}-{product.id()}", body.parts, body.matrix, tuple(cuts))

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
            look = self.styles.of_item(carrier(item, self.styles))
            if item.is_a("IfcMappedItem"):
                move = self._move(item)
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

    def _move(self, item: Any) -> F64 | None:
        """Return how a mapped item is moved; None for what is not usual."""
        key = item.id()
        if key not in self.moves:
            self.moves[key] = mapping(item)
        return self.moves[key]

    def _form(self, item: Any) -> Form | None:
        key = item.id()
        if key not in self.forms:
            self.forms[key] = None
            form = read_form(item, self.text, self.units)
            if isinstance(form, Boolean):
                operands = [item[1]] if isinstance(form.second, HalfSpace) else [item[1], item[2]]
                form = form if all(self._form(operand) for operand in operands) else None
            self.forms[key] = form
        return self.forms[key]

    def _make(self, items: Iterable[int]) -> None:
        """Make the triangles of items, each kind at once, the results of booleans last."""
        asked = sorted(set(items) - self.made.keys())
        wanted = self._needed(asked)
        for kind, maker in ((Sweep, swept), (FaceSet, self._faceted), (Mesh, meshed)):
            own = [item for item in wanted if isinstance(self.forms[item], kind)]
            forms: list[Any] = [self.forms[item] for item in own]
            self.made.update(zip(own, maker(forms), strict=True))
        for item in asked:
            self._ready(item)

    def _needed(self, items: Sequence[int]) -> list[int]:
        """Return the items that are not made yet and all that they are made of."""
        stack = list(items)
        found: set[int] = set()
        while stack:
            item = stack.pop()
            if item in self.made or item in found:
                continue
            found.add(item)
            form = self.forms[item]
            if isinstance(form, Boolean):
                stack.append(form.first)
                if not isinstance(form.second, HalfSpace):
                    stack.append(form.second)
        return sorted(found)

    def _combined(self, form: Boolean) -> Raw | None:
        """Return the result of a boolean; differences of differences are made in one go."""
        seconds = [form.second]
        first = self.forms[form.first]
        at = form.first
        while form.operator == DIFFERENCE and isinstance(first, Boolean):
            if first.operator != DIFFERENCE or at in self.made:
                break
            seconds.append(first.second)
            at = first.first
            first = self.forms[at]
        others = [s if isinstance(s, HalfSpace) else self._ready(s) for s in seconds]
        host = self._ready(at)
        known = [other for other in others if other is not None]
        if host is None or len(known) < len(others):
            return None
        if form.operator == DIFFERENCE:
            slack = PAPER / self.units.length
            known = [o for o in known if isinstance(o, HalfSpace) or not apart(host, o, slack)]
        return combined(form.operator, host, known, self.units.length) if known else host

    def _ready(self, item: int) -> Raw | None:
        """Return what is made of an item, made now if it is a boolean's result."""
        if item not in self.made:
            form = self.forms[item]
            self.made[item] = self._combined(form) if isinstance(form, Boolean) else None
        return self.made[item]

    def _faceted(self, sets: Sequence[FaceSet]) -> list[Raw | None]:
        return faceted(sets, self.text)

    def _moved(self, part: Part) -> Raw | None:
        """Return the triangles of a part where it stands, in file units."""
        raw = self.made[part.item]
        if raw is None or part.matrix is None:
            return raw
        turned = np.linalg.det(part.matrix[:3, :3]) < 0
        points = raw[0] @ part.matrix[:3, :3].T + part.matrix[:3, 3]
        return points, raw[1][:, ::-1] if turned else raw[1]

    def _opened(self, raw: Raw, cuts: Sequence[Raw | None]) -> Raw | None:
        """Return a part with the openings subtracted that do not only lie beside it."""
        if any(cut is None for cut in cuts):
            return None
        slack = PAPER / self.units.length
        near = [cut for cut in cuts if cut is not None and not apart(raw, cut, slack)]
        return combined(DIFFERENCE, raw, near, self.units.length) if near else raw

    def _geometry(self, body: Body) -> Geometry | None:
        """Return a body as one geometry in metres; None where a part is unsound."""
        points, triangles, material = [], [], []
        table: dict[Material, int] = {}
        base = 0
        cuts = [self._moved(cut) for cut in body.cuts]
        for part in body.parts:
            raw = self._moved(part)
            raw = self._opened(raw, cuts) if raw is not None and cuts else raw
            if raw is None:
                return None
            own, corners = raw
            number = -1
            if isinstance(part.look, Material):
                number = table.setdefault(part.look, len(table))
            points.append(own)
            triangles.append(corners + base)
            material.append(np.full(len(corners), number, np.int32))
            base += len(own)
        return Geometry(
            np.concatenate(points) * self.units.length,
            np.concatenate(triangles).astype(np.int32),
            np.concatenate(material),
            tuple(table),
        )


def _name(look: Look) -> str:
    return look.name if isinstance(look, Material) else ""
