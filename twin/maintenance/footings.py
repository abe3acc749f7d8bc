"""What maintained units cover on the ground, and how much of that areas cover: all polygons at once."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.features import FeatureTable
from twin.geometry import F64, I32, Rows

FEW = 32
"""Areas up to which each is first compared with all rectangles by numbers alone."""

CORNERS, HALVINGS = 64, 12
"""Corners up to which an area is not cut into pieces, and how often one is halved at most."""

Shapes = NDArray[np.object_]
"""Shapely geometries."""


@dataclass(frozen=True)
class Shares:
    """Which areas cover which things, only where they do: area i32(k), thing i32(k), share f64(k) in (0, 1]."""

    area: I32
    thing: I32
    share: F64


class Footings:
    """The plan rectangles of a table's maintained units. ``unit`` i32(n) is the row of each row's unit."""

    def __init__(self, features: FeatureTable, unit: Rows) -> None:
        self.features, self.unit = features, unit

    @cached_property
    def boxes(self) -> F64:
        """Return f64(n, 4): min xy, max xy of each row's unit with all its parts; NaN = none."""
        return plan_boxes(self.features, self.unit)

    @cached_property
    def units(self) -> Rows:
        """Return i32(u): the rows that are units, ascending."""
        marked = np.zeros(len(self.unit), np.bool_)
        marked[self.unit] = True
        return np.flatnonzero(marked).astype(np.int32)

    @cached_property
    def place(self) -> I32:
        """Return i32(n): the place of each row's unit in ``units``."""
        number = np.zeros(len(self.unit), np.int32)
        number[self.units] = np.arange(len(self.units), dtype=np.int32)
        return number[self.unit]

    @cached_property
    def shapes(self) -> Shapes:
        """Return the rectangles of ``units``."""
        return footprints(self.boxes[self.units])

    def forget_shapes(self) -> None:
        """Let go of the rectangles as shapes: hundreds of bytes a unit, made anew when areas ask again."""
        self.__dict__.pop("shapes", None)

    def shares(self, areas: Shapes) -> Shares:
        """Return how much of each unit's rectangle the areas cover; ``thing`` counts in ``units``."""
        if len(areas) > FEW or "shapes" in self.__dict__:
            return covered(self.shapes, areas)
        near = self.near(areas)
        found = covered(footprints(self.boxes[self.units[near]]), areas)
        return Shares(found.area, near[found.thing], found.share)

    def near(self, areas: Shapes) -> I32:
        """Return the units whose rectangles meet the rectangle of any area; of many areas, of them all."""
        boxes = self.boxes[self.units]
        meets = np.zeros(len(boxes), np.bool_)
        reach = (
            shapely.bounds(areas) if len(areas) <= FEW else shapely.total_bounds(areas)[None, :]
        )
        for low_x, low_y, high_x, high_y in reach.tolist():
            meets |= (
                (boxes[:, 0] <= high_x)
                & (boxes[:, 2] >= low_x)
                & (boxes[:, 1] <= high_y)
                & (boxes[:, 3] >= low_y)
            )
        return np.flatnonzero(meets).astype(np.int32)


def covered(things: Shapes, areas: Shapes) -> Shares:
    """Return area(thing within area) / area(thing) wherever both meet; things wholly inside are not cut."""
    thing, area = shapely.STRtree(areas).query(things)
    shapely.prepare(areas)
    share = shapely.contains_properly(areas[area], things[thing]).astype(np.float64)
    cut = np.flatnonzero(share == 0)
    whole = shapely.area(things[thing[cut]])
    parts = _shared(things, areas, thing[cut], area[cut])
    share[cut] = np.where(whole > 0, parts / np.where(whole > 0, whole, 1), 0.0)
    kept = share > 0
    return Shares(area[kept].astype(np.int32), thing[kept].astype(np.int32), share[kept])


def _shared(
    things: Shapes, areas: Shapes, thing: NDArray[np.int64], area: NDArray[np.int64]
) -> F64:
    """Return f64(k): the area that thing ``thing[k]`` and area ``area[k]`` share.

    What has many corners is cut into small pieces first: each pair then meets few corners only.
    """
    if (
        len(thing) < len(areas)
        or int(shapely.get_num_coordinates(areas).max(initial=0)) <= CORNERS
    ):
        return shapely.area(shapely.intersection(things[thing], areas[area]))
    pieces, owner = _pieces(areas)
    cut = np.unique(thing)
    found, piece = shapely.STRtree(pieces).query(things[cut])
    keys = thing * len(areas) + area
    order = np.argsort(keys)
    wanted = cut[found] * len(areas) + owner[piece]
    at = np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)
    there = keys[order[at]] == wanted
    parts = shapely.intersection(things[cut[found[there]]], pieces[piece[there]])
    sums: F64 = np.bincount(order[at[there]], shapely.area(parts), len(thing)).astype(np.float64)
    return sums


def _pieces(areas: Shapes) -> tuple[Shapes, NDArray[np.int64]]:
    """Return areas halved until no piece has more than CORNERS, and whose each piece is."""
    small: list[Any] = []
    owner: list[int] = []
    left = [(shape, number, 0) for number, shape in enumerate(areas.tolist())]
    while left:
        shape, number, depth = left.pop()
        if depth >= HALVINGS or shapely.get_num_coordinates(shape) <= CORNERS:
            small.append(shape)
            owner.append(number)
        else:
            left += [(half, number, depth + 1) for half in _halves(shape) if not half.is_empty]
    return np.array(small, object), np.array(owner, np.int64)


def _halves(shape: Any) -> tuple[Any, Any]:
    """Return both halves of an area, cut across its longer side."""
    low_x, low_y, high_x, high_y = shape.bounds
    if high_x - low_x >= high_y - low_y:
        middle = (low_x + high_x) / 2
        boxes = (low_x, low_y, middle, high_y), (middle, low_y, high_x, high_y)
    else:
        middle = (low_y + high_y) / 2
        boxes = (low_x, low_y, high_x, middle), (low_x, middle, high_x, high_y)
    first, second = (shapely.clip_by_rect(shape, *box) for box in boxes)
    return first, second


def plan_boxes(features: FeatureTable, unit: Rows) -> F64:
    """Return f64(n, 4) min xy, max xy of each row's unit, taken together with all its parts; NaN = none."""
    boxes = np.asarray(features.bounds, np.float64)[:, [0, 1, 3, 4]]
    known = np.isfinite(boxes).all(axis=1)
    boxes[~known] = (np.inf, np.inf, -np.inf, -np.inf)
    rest = np.flatnonzero(known & (unit != np.arange(len(unit))))
    if len(rest):
        own = boxes.copy()
        for axis, better in ((0, np.minimum), (1, np.minimum), (2, np.maximum), (3, np.maximum)):
            better.at(own[:, axis], unit[rest], boxes[rest, axis])
        boxes = own[unit]
    boxes[~np.isfinite(boxes).all(axis=1)] = np.nan
    return boxes


def footprints(boxes: F64) -> Shapes:
    """Return rectangles; where there is no box an empty area, a point-like one gets a millimetre."""
    known = np.asarray(np.isfinite(boxes).all(axis=1))
    low = np.where(known[:, None], boxes[:, :2], 0)
    high = np.maximum(np.where(known[:, None], boxes[:, 2:], 0), low + 0.001)
    shapes: Shapes = np.asarray(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]), object)
    shapes[~known] = shapely.Polygon()
    return shapes
