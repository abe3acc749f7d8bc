"""Tessellated shapes from ifcopenshell's geometry iterator, shared geometry kept shared.

Measured (2 cores): one iterator over the whole file costs what the raw iterator costs, one a tile
up to 1.4x. So the worker that opened the file runs ONE iterator, started before the table is built
(its native threads work on meanwhile), and each tile takes its elements out of that stream. A
worker that did not open the file runs an iterator over the tile's own elements.
World coordinates stay off: they cost 2.2x and lose the instances. The kernel ``manifold`` crashes.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np

from loaders.ifc.structure import by_type
from loaders.ifc.styles import linear
from twin.geometry import F64, I32, Material
from twin.ports import Feedback

KERNEL = "hybrid-cgal-simple-opencascade"
SECOND = "opencascade"
"""The kernel asked again for what the first did not deliver."""
THREADS = max(1, min(4, os.cpu_count() or 1))


@dataclass(frozen=True, slots=True)
class Geometry:
    """Triangles of one shared geometry: f64(v, 3) metres, i32(t, 3), material number i32(t)."""

    positions: F64
    triangles: I32
    material: I32
    materials: tuple[Material, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """One element's placement of a geometry; ``matrix`` f64(4, 4)."""

    step: int
    geometry: str
    matrix: F64


@dataclass
class Stream:
    """A running iterator and what came out of it and was not asked for yet."""

    iterator: Any
    file: Any = None
    more: bool = False
    shapes: dict[int, list[Shape]] = field(default_factory=dict)
    geometries: dict[str, Geometry] = field(default_factory=dict)

    def take(self, steps: Iterable[int], feedback: Feedback, *, keep: bool = False) -> list[Shape]:
        """Return the shapes of some elements, reading on until they are there or the end is.

        With ``keep`` they can be taken once more.
        """
        wanted = list(steps)
        missing = {step for step in wanted if step not in self.shapes}
        while missing and self.more:
            missing.discard(self._one())
            feedback.check()
        if keep:
            return [shape for step in wanted for shape in self.shapes.get(step, ())]
        return [shape for step in wanted for shape in self.shapes.pop(step, ())]

    def finish(self) -> None:
        """Let the iterator end its work, whatever comes of it.

        Taken apart while its threads work, it ends the process once in some thousand times (0.9.0.post1).
        """
        while self.more:
            self.more = bool(self.iterator.next())

    def _one(self) -> int:
        element = self.iterator.get()
        shared = element.geometry
        if shared.id not in self.geometries:
            self.geometries[shared.id] = _geometry(shared)
        matrix = np.array(element.transformation.matrix).reshape(4, 4).T
        step = int(element.id)
        self.shapes.setdefault(step, []).append(Shape(step, shared.id, matrix))
        self.more = bool(self.iterator.next())
        return step


def bare(
    steps: Iterable[int], shapes: Iterable[Shape], geometries: Mapping[str, Geometry]
) -> list[int]:
    """Return the elements that came without triangles, or not at all.

    The hybrid kernel delivers some broken breps as empty shapes without a word.
    """
    full = {s.step for s in shapes if len(geometries[s.geometry].triangles)}
    return [step for step in steps if step not in full]


@contextmanager
def quiet(file: Any) -> Iterator[None]:
    """Drop what ifcopenshell prints on standard output meanwhile.

    It traces every IfcLinearPlacement there (0.9.0.post1), in the middle of a report as JSON.
    """
    if not by_type(file, "IfcLinearPlacement"):
        yield
        return
    sys.stdout.flush()
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(nowhere)
        os.close(kept)


def start(file: Any, steps: Sequence[int], kernel: str = KERNEL, *, cuts: bool = True) -> Stream:
    """Return a running stream over some elements. The native threads work while Python goes on.

    Without ``cuts`` openings are not subtracted.
    """
    if not steps:
        return Stream(None)
    settings: Any = import_module("ifcopenshell.geom").settings()
    settings.set("no-normals", True)
    settings.set("disable-opening-subtractions", not cuts)
    library: Any = import_module("ifcopenshell.ifcopenshell_wrapper")
    make = library.construct_iterator_with_include_exclude_id
    iterator = make(kernel, settings, file, list(steps), True, THREADS)
    return Stream(iterator, file, bool(iterator.initialize()))


def order(stream: Stream, steps: Sequence[int]) -> list[list[int]]:
    """Return the elements in the order of work, those that share a geometry together."""
    groups: list[list[int]] = []
    seen: set[int] = set()
    if stream.iterator is not None:
        tasks = [[item.id() for item in task] for task in stream.iterator.get_task_products()]
        largest: dict[int, int] = {}
        for number, task in enumerate(tasks):
            for step in task:
                best = largest.get(step)
                if best is None or len(task) > len(tasks[best]):
                    largest[step] = number
        for number, task in enumerate(tasks):
            group = [step for step in task if largest[step] == number and step not in seen]
            seen.update(group)
            if group:
                groups.append(group)
    rest = [step for step in steps if step not in seen]
    return [*groups, rest] if rest else groups


def _geometry(shared: Any) -> Geometry:
    positions = np.frombuffer(shared.verts_buffer, np.float64).reshape(-1, 3).copy()
    triangles = np.frombuffer(shared.faces_buffer, np.int32).reshape(-1, 3).copy()
    material = np.frombuffer(shared.material_ids_buffer, np.int32).copy()
    if len(material) != len(triangles):
        material = np.full(len(triangles), -1, np.int32)
    return Geometry(positions, triangles, material, tuple(map(_material, shared.materials)))


def _material(style: Any) -> Material:
    through = float(style.transparency) if style.has_transparency() else 0.0
    return linear(style.diffuse.components, through, style.name)
