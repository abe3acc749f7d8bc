"""What a file holds: its parts in order, and the tree in which they and further files refine each other.

A PagedLOD or LOD shows its children by range. Sorted from the coarsest they are levels; a level is a
tile whose geometry the next level replaces. Several PagedLODs in one file stand side by side under a
tile without geometry, so each refines by itself. What lies under no LOD is a leaf.

The error of a tile follows from the range at which OpenSceneGraph leaves it. PIXEL_SIZE_ON_SCREEN p:
the bounding sphere of radius r is p pixels wide, so a pixel there is 2 r / p metres; this many
metres of error seem 1 pixel wide. DISTANCE_FROM_EYE_POINT d: a pixel there is 2 d tan(fov / 2) / h.
Both are multiplied by ``SWITCH``, the default screen error: with it tiles change where their author
meant them to.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders.osgb.objects import Thing
from twin.features import Bool
from twin.geometry import F64, empty_box

SWITCH = 16.0
"""The screen error, in pixels, at which tiles change exactly where their ranges say."""
PIXEL = 2 * math.tan(math.radians(45.0) / 2) / 1080
"""Size of a pixel at one metre: 45 degrees over 1080 lines, for ranges that are distances."""
MOST_VISITS = 50_000
"""The most nodes and drawables of one file; shared ones count as often as they are met."""
FAR = 1e9
"""Metres beyond which nothing of a city lies: such numbers are damage, as those that are not finite."""
PIXEL_SIZE = 1
LODS = ("osg::LOD", "osg::PagedLOD")
SHAPES = ("osg::Geometry",)


@dataclass(frozen=True, slots=True)
class Part:
    """A geometry where it stands: ``matrix`` f64(4, 4) for column vectors, states from the root down."""

    shape: Thing
    matrix: F64
    states: tuple[Thing, ...]
    box: F64


@dataclass(slots=True)
class Knot:
    """A tile to be: numbers of its parts, or the name of a file that holds the rest of it.

    ``kept`` are the parts that stand in when the file cannot be used.
    """

    box: F64
    error: float = 0.0
    parts: tuple[int, ...] = ()
    file: str = ""
    children: list["Knot"] = field(default_factory=list)
    kept: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands: matrix and states of all that is above it."""

    matrix: F64
    states: tuple[Thing, ...] = ()

    def under(self, node: Thing) -> "Place":
        """Return the place of a node's children."""
        found = self
        matrix = node.get("Matrix")
        if matrix is not None:
            found = replace(found, matrix=found.matrix @ matrix.T)
        state = node.get("StateSet")
        if state is not None:
            found = replace(found, states=(*found.states, state))
        return found


@dataclass(slots=True)
class Outline:
    """Collects the parts and the tiles of one file.

    ``exists`` tells whether a file of that name was delivered; ``absent`` counts those that were not.
    """

    exists: Callable[[str], bool] = bool
    parts: list[Part] = field(default_factory=list)
    absent: int = 0
    visits: int = 0

    def of(self, root: Thing | None) -> Knot:
        """Return the tile of a whole file."""
        if root is None:
            return Knot(empty_box())
        own, knots = self._inside(root, Place(np.eye(4)))
        return self._group(own, knots)

    def _group(self, own: tuple[int, ...], knots: list[Knot]) -> Knot:
        """Return one tile for loose geometry and tiles side by side."""
        if own:
            knots = [Knot(self._box(own), parts=own), *knots]
        if len(knots) == 1:
            return knots[0]
        return Knot(joined([knot.box for knot in knots]), math.inf, children=knots)

    def _inside(self, node: Thing, place: Place) -> tuple[tuple[int, ...], list[Knot]]:
        """Return the parts under a node that stand under no LOD, and the tiles of its LODs."""
        self.visits += 1
        if self.visits > MOST_VISITS:
            return (), []
        if node.kind in SHAPES:
            return self._part(node, place), []
        below = place.under(node)
        if node.kind in LODS:
            return (), self._levels(node, below)
        own: tuple[int, ...] = ()
        knots: list[Knot] = []
        for child in node.things("Children"):
            more, tiles = self._inside(child, below)
            own += more
            knots += tiles
        return own, knots

    def _part(self, shape: Thing, place: Place) -> tuple[int, ...]:
        below = place.under(shape)
        box = moved_box(shape.get("Vertex"), below.matrix)
        self.parts.append(Part(shape, below.matrix, below.states, box))
        return (len(self.parts) - 1,)

    def _levels(self, lod: Thing, place: Place) -> list[Knot]:
        """Return the tiles of a LOD: its levels in each other, the coarsest outermost."""
        bound = _sphere(lod, place)
        found: list[tuple[float, tuple[int, ...], list[Knot], list[str]]] = []
        for start, nodes, files in _by_range(lod):
            own: tuple[int, ...] = ()
            knots: list[Knot] = []
            for node in nodes:
                more, tiles = self._inside(node, place)
                own += more
                knots += tiles
            there = [name for name in files if self.exists(name)]
            self.absent += len(files) - len(there)
            if own or knots or there:
                found.append((start, own, knots, there))
        return self._nested(lod, found, bound)

    def _nested(
        self,
        lod: Thing,
        levels: list[tuple[float, tuple[int, ...], list[Knot], list[str]]],
        bound: tuple[F64, float],
    ) -> list[Knot]:
        """Return the tiles of levels, built from the finest up."""
        below: list[Knot] = []
        for number in range(len(levels) - 1, -1, -1):
            _, own, knots, files = levels[number]
            box = self._box(own)
            if not np.isfinite(box).all():
                center, radius = bound
                box = np.concatenate([center - radius, center + radius])
            if number == len(levels) - 1:
                kept = levels[number - 1][1] if number else ()
                below = [Knot(box, parts=own)] if own else []
                below += knots
                below += [Knot(box, file=name, kept=kept) for name in files]
                continue
            if not own and not knots:
                continue  # files that a finer level would replace: it is here, they are left out
            error = error_of(lod, levels[number + 1][0], bound[1], box)
            parts = own + tuple(part for knot in knots for part in knot.parts)
            box = joined([box, *(knot.box for knot in knots)])
            box = joined([_grown(box), *(knot.box for knot in below if not knot.file)])
            for knot in below:
                if knot.file:
                    knot.box, knot.error = box, error / 2
            below = [Knot(box, error, parts, children=below)]
        return below

    def _box(self, parts: tuple[int, ...]) -> F64:
        return joined([self.parts[part].box for part in parts])


def _by_range(lod: Thing) -> list[tuple[float, list[Thing], list[str]]]:
    """Return (where it starts, nodes, files) of a LOD's levels, from the coarsest to the finest.

    A file's name stands at the place of its child; children that are nodes take the empty places.
    """
    ranges = lod.get("Ranges") or []
    files = lod.get("Files") or []
    nodes = lod.things("Children")
    pixels = lod.get("RangeMode") == PIXEL_SIZE
    levels: dict[float, tuple[list[Thing], list[str]]] = {}
    waiting = iter(nodes)
    for place in range(max(len(ranges), len(files), len(nodes))):
        low, high = ranges[place] if place < len(ranges) else (0.0, 0.0)
        start = low if pixels else -high
        holder = levels.setdefault(start if math.isfinite(start) else 0.0, ([], []))
        if place < len(files) and files[place]:
            holder[1].append(f"{lod.get('Folder') or ''}{files[place]}")
        elif (node := next(waiting, None)) is not None:
            holder[0].append(node)
    for node in waiting:
        levels.setdefault(0.0, ([], []))[0].append(node)
    return [(start, *levels[start]) for start in sorted(levels)]


def error_of(lod: Thing, start: float, radius: float, box: F64) -> float:
    """Return the geometric error in metres of the level that ends where the next one starts."""
    if lod.get("RangeMode") != PIXEL_SIZE:
        return float(np.clip(-start, 0.0, FAR)) * PIXEL * SWITCH
    if not radius > 0:
        radius = float(np.linalg.norm(box[3:] - box[:3]) / 2) if np.isfinite(box).all() else 0.0
    return min(2 * radius / start * SWITCH, FAR) if start > 0 else 0.0


def _sphere(lod: Thing, place: Place) -> tuple[F64, float]:
    """Return centre f64(3) and radius of a LOD's bounding sphere as its file gives it, else (0, 0)."""
    given = lod.get("Center") or lod.get("Bound")
    if given is None or not (np.abs(given) < FAR).all() or not given[3] > 0:
        return np.zeros(3), 0.0
    linear = place.matrix[:3, :3]
    center = linear @ np.array(given[:3]) + place.matrix[:3, 3]
    radius = float(given[3]) * float(np.linalg.norm(linear, axis=0).max())
    return (center, radius) if near(center[None, :]).all() and radius < FAR else (np.zeros(3), 0.0)


def moved_box(vertices: Thing | None, matrix: F64) -> F64:
    """Return the box f64(6) of a vertex array where it stands; empty without finite vertices."""
    values: Any = None if vertices is None else vertices.get("Values")
    if values is None or values.ndim != 2 or values.shape[1] < 3 or not len(values):
        return empty_box()
    points = values[:, :3]
    ends = np.stack([points.min(axis=0), points.max(axis=0)]).astype(np.float64)
    if not near(ends).all():
        points = points[near(points)]
        if not len(points):
            return empty_box()
        ends = np.stack([points.min(axis=0), points.max(axis=0)]).astype(np.float64)
    corners = ends[[[(i >> k) & 1 for k in range(3)] for i in range(8)], [0, 1, 2]]
    moved = corners @ matrix[:3, :3].T + matrix[:3, 3]
    return (
        np.concatenate([moved.min(axis=0), moved.max(axis=0)])
        if near(moved).all()
        else empty_box()
    )


def near(points: NDArray[Any]) -> Bool:
    """Return bool(n): points (n, 3) are numbers, and somewhere near the Earth."""
    return np.asarray((np.abs(points) < FAR).all(axis=1), np.bool_)


def joined(boxes: list[F64]) -> F64:
    """Return the box f64(6) around boxes, empty ones left out."""
    held = [box for box in boxes if np.isfinite(box).all()]
    if not held:
        return empty_box()
    stack = np.stack(held)
    return np.concatenate([stack[:, :3].min(axis=0), stack[:, 3:].max(axis=0)])


def _grown(box: F64) -> F64:
    """Return a box a little larger: finer levels reach out of coarser ones."""
    if not np.isfinite(box).all():
        return box
    margin = 0.02 * float(np.linalg.norm(box[3:] - box[:3]))
    return np.concatenate([box[:3] - margin, box[3:] + margin])
