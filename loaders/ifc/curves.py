"""Products without a body, as lines and points: alignments, referents, survey points, grids, axes.

ifcopenshell evaluates each curve (clothoids and gradients included, half a metre a step). It makes
nothing of points and of sets that hold a point, so these are read here.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

import numpy as np

from loaders.ifc.careful import Journal
from loaders.ifc.choosing import is_marker, outline
from loaders.ifc.extents import Sizes
from loaders.ifc.units import metres
from twin.geometry import F64, I32, Drawable, Lines, Material, Points
from twin.ports import Feedback

log = logging.getLogger(__name__)

KERNEL = "opencascade"
LINE = Material("line", (0.78, 0.18, 0.05, 1.0), unlit=True)
POINT = Material("point", (0.05, 0.25, 0.72, 1.0), unlit=True)
AXIS = Material("axis", (0.35, 0.38, 0.42, 1.0), unlit=True)


@dataclass(frozen=True)
class Sketch:
    """The curves and points of one product: f64(v, 3) metres in the model's frame, i32(s, 2).

    Points without a segment are drawn as points.
    """

    points: F64
    segments: I32
    material: Material | None = None


@dataclass
class Curves:
    """Sketches of one file's products, each made once."""

    file: Any
    kept: dict[int, tuple[Sketch, ...]] = field(default_factory=dict)
    journal: Journal | None = None

    def __post_init__(self) -> None:
        library: Any = import_module("ifcopenshell.geom")
        wrapper: Any = import_module("ifcopenshell.ifcopenshell_wrapper")
        self._geom = library
        self._settings = library.settings()
        self._settings.set("dimensionality", wrapper.CURVES_SURFACES_AND_SOLIDS)
        self._sizes = Sizes(self.file)
        self._scale = metres(self.file)

    def take(self, steps: Iterable[int], feedback: Feedback) -> dict[int, tuple[Sketch, ...]]:
        """Return the sketches of some products; of one that has none nothing comes."""
        found = {}
        for step in steps if self.journal is None else self.journal.safe(steps):
            feedback.check()
            if step not in self.kept:
                self.kept[step] = self._safely(step)
            if self.kept[step]:
                found[step] = self.kept[step]
        return found

    def _safely(self, step: int) -> tuple[Sketch, ...]:
        """Return the sketches of a product; none where its representation or placement is broken."""
        try:
            return tuple(self._sketches(self.file.by_id(step)))
        except (RuntimeError, TypeError, ValueError, AttributeError, IndexError) as error:
            log.debug("#%d has no curves: %s", step, error)
            return ()

    def _sketches(self, product: Any) -> Iterator[Sketch]:
        if is_marker(product):
            yield _dots(self._frame(product[5])[None, :3, 3])
            return
        part = outline(product)
        if part is None:
            yield from self._grid(product)
            return
        try:
            made = self._geom.create_shape(self._settings, product, part, geometry_library=KERNEL)
        except RuntimeError:
            yield from self._pieces(product, part[3])
            return
        matrix = np.array(made.transformation.matrix).reshape(4, 4).T
        yield from _moved(_of_shape(made.geometry, _look(part[3])), matrix)

    def _pieces(self, product: Any, items: Sequence[Any]) -> Iterator[Sketch]:
        """Yield what can be read of single items, where all of them together failed."""
        matrix = self._frame(product[5])
        for item in _flat(items):
            points = _points(item)
            if points is not None:
                yield from _moved([_dots(points * self._scale, _look([item]))], matrix)
            else:
                yield from _moved(self._curve(item), matrix)

    def _grid(self, grid: Any) -> Iterator[Sketch]:
        """Yield the axes of a grid that has no representation of its own."""
        matrix = self._frame(grid[5])
        for axis in (axis for group in (grid[7], grid[8], grid[9]) for axis in group or ()):
            if axis[1] is not None:
                yield from _moved(self._curve(axis[1], AXIS), matrix)

    def _curve(self, item: Any, look: Material | None = None) -> list[Sketch]:
        try:
            made = self._geom.create_shape(self._settings, item, geometry_library=KERNEL)
        except RuntimeError:
            return []
        return _of_shape(made, look or _look([item]))

    def _frame(self, placement: Any) -> F64:
        """Return f64(4, 4) of a placement, metres; one along a curve is evaluated by ifcopenshell."""
        if self._sizes.linear(placement):
            library: Any = import_module("ifcopenshell.util.placement")
            matrix = np.array(library.get_local_placement(placement), np.float64)
        else:
            matrix = self._sizes.placement(placement).copy()
        matrix[:3, 3] *= self._scale
        return matrix


Sketches = Mapping[int, Sequence[Sketch]]


def boxes(sketches: Sketches) -> dict[int, F64]:
    """Return step -> bounds f64(6) of sketches."""
    found = {}
    for step, items in sketches.items():
        points = np.concatenate([item.points for item in items])
        found[step] = np.concatenate([points.min(axis=0), points.max(axis=0)])
    return found


def drawables(sketches: Sketches, row_of: Mapping[int, int]) -> tuple[Drawable, ...]:
    """Return one set of lines and one of points a material; feature numbers are rows."""
    groups: dict[tuple[Material, bool], list[tuple[int, Sketch]]] = {}
    for step, items in sketches.items():
        for item in items:
            drawn = bool(len(item.segments))
            look = item.material or (LINE if drawn else POINT)
            groups.setdefault((look, drawn), []).append((row_of[step], item))
    return tuple(_drawable(look, drawn, group) for (look, drawn), group in groups.items())


def _drawable(look: Material, drawn: bool, group: Sequence[tuple[int, Sketch]]) -> Drawable:
    points = np.concatenate([item.points for _, item in group])
    origin = (points.min(axis=0) + points.max(axis=0)) / 2
    offsets = (points - origin).astype(np.float32)
    counts = [len(item.points) for _, item in group]
    feature = np.repeat(np.array([row for row, _ in group], np.int32), counts)
    if not drawn:
        return Points(origin, offsets, feature, look)
    starts = np.cumsum([0, *counts[:-1]])
    parts = [item.segments + start for (_, item), start in zip(group, starts, strict=True)]
    return Lines(origin, offsets, np.concatenate(parts).astype(np.int32), feature, look)


def _of_shape(shape: Any, look: Material | None) -> list[Sketch]:
    points = np.array(shape.verts, np.float64).reshape(-1, 3)
    segments = np.array(shape.edges, np.int32).reshape(-1, 2)
    if not len(segments) or not np.isfinite(points).all():
        return []
    return [Sketch(points, segments, look)]


def _dots(points: F64, look: Material | None = None) -> Sketch:
    return Sketch(points, np.zeros((0, 2), np.int32), look)


def _moved(sketches: Iterable[Sketch], matrix: F64) -> Iterator[Sketch]:
    for item in sketches:
        yield replace(item, points=item.points @ matrix[:3, :3].T + matrix[:3, 3])


def _flat(items: Sequence[Any]) -> Iterator[Any]:
    """Yield items, those in sets one by one."""
    for item in items:
        if item.is_a("IfcGeometricSet"):
            yield from _flat(item[0])
        else:
            yield item


def _points(item: Any) -> F64 | None:
    """Return f64(n, 3) of an item that is points, in project units; None for any other."""
    if item.is_a("IfcCartesianPoint"):
        rows = [item[0]]
    elif item.is_a("IfcCartesianPointList"):
        rows = item[0]
    else:
        return None
    points = np.array([(*row, 0.0, 0.0)[:3] for row in rows], np.float64)
    return points if len(points) and np.isfinite(points).all() else None


def _look(items: Sequence[Any]) -> Material | None:
    """Return the material of the first item whose curve style names a colour."""
    for item in items:
        for styled in getattr(item, "StyledByItem", ()):
            for style in _flat_styles(styled[1]):
                color = style[3] if style.is_a("IfcCurveStyle") else None
                if color is not None and color.is_a("IfcColourRgb"):
                    red, green, blue = (round(linear(float(part)), 6) for part in color[1:4])
                    return Material(style[0] or "line", (red, green, blue, 1.0), unlit=True)
    return None


def _flat_styles(styles: Sequence[Any]) -> Iterator[Any]:
    for style in styles or ():
        if style.is_a("IfcPresentationStyleAssignment"):
            yield from style[0] or ()
        else:
            yield style


def linear(shown: float) -> float:
    """Return a channel 0..1 as a screen shows it (sRGB) in linear light."""
    shown = min(max(shown, 0.0), 1.0)
    return shown / 12.92 if shown <= 0.04045 else float(((shown + 0.055) / 1.055) ** 2.4)
