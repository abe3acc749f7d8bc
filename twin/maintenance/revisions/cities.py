"""Cities compared: footprints and heights, every unit of either side in exactly one line (MAINTENANCE.md 7).

Heights: the median difference of roofs, and of bases, is what a change of the datum or of the terrain does
to all; it is taken out where the datum differs or is not named, and said.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.features import Bool
from twin.geometry import F64
from twin.jobs import SILENT, Feedback
from twin.maintenance.revisions.attributes import changed_throughout, differing, one_sided
from twin.maintenance.revisions.keys import Key, keys_of
from twin.maintenance.revisions.partners import (
    FEWEST,
    Matched,
    believed,
    by_keys,
    made_anew,
    shift_in_plan,
)
from twin.maintenance.revisions.places import Ground, Group, greedy, ground, groups, overlaps
from twin.maintenance.revisions.records import (
    NAN,
    Pair,
    Revision,
    Side,
    Tolerance,
    in_order,
    tallied,
)

MEASURED = re.compile(r"^[A-Z]\w* (area|count)$")
"""Names of columns that a loader measured of surfaces: shapes are compared as shapes."""
SEEN = 0.001
"""Metres from which a shift of all heights is one."""
FLAT = 0.01
"""Metres of height below which an object is flat."""


def compare_cities(
    old: Side, new: Side, limits: Tolerance, key: str = "", feedback: Feedback = SILENT
) -> Revision:
    """Return what differs between two deliveries with footprints. ``key`` forces an attribute.

    Raises Cancelled.
    """
    sides = (old, new)
    keys = [keys_of(side.features, side.rows, key) for side in sides]
    grounds = [_ground(side) for side in sides]
    first = by_keys(keys, grounds)
    shift = shift_in_plan(grounds, first)
    if shift.any():
        grounds[1] = _ground(new, shift)
    matched = believed(keys, grounds, lasting=old.lasting and new.lasting)
    feedback.check()
    feedback.progress(0.3)
    free = matched.free(len(old.rows), 0), matched.free(len(new.rows), 1)
    matched.add(*greedy(grounds[0], grounds[1], free), "iou", "iou")
    feedback.check()
    feedback.progress(0.5)
    free = matched.free(len(old.rows), 0), matched.free(len(new.rows), 1)
    found = groups(grounds[0], grounds[1], (matched.i, matched.j), free)
    feedback.check()
    feedback.progress(0.7)
    return _Judge(sides, grounds, limits, matched, found).revision(shift, keys, key)


def _ground(side: Side, shift: F64 | None = None) -> Ground:
    assert side.shapes is not None
    assert side.shapes.footprint is not None
    return ground(side.shapes.footprint[side.rows], side.features["kind"][side.rows], shift)


# -- judging ------------------------------------------------------------------------------------


@dataclass
class _Judge:
    """Makes lines of pairs and groups."""

    sides: Sequence[Side]
    grounds: Sequence[Ground]
    limits: Tolerance
    matched: Matched
    groups: Sequence[Group]

    def __post_init__(self) -> None:
        """Measure all pairs."""
        i, j = self.matched.i, self.matched.j
        self.iou = overlaps(self.grounds[0], self.grounds[1], i, j)
        self.heights = not _unlike([self._roof(0) - self._base(0), self._roof(1) - self._base(1)])
        self.roof = self._roof(1)[j] - self._roof(0)[i]
        self.base = self._base(1)[j] - self._base(0)[i]
        if not self.heights:
            self.roof, self.base = np.full(len(i), NAN), np.full(len(i), NAN)
        self.datums = (self.sides[0].datum, self.sides[1].datum)
        unlike = "" in self.datums or self.datums[0] != self.datums[1]
        # a change of datum is measured at the objects: between levellings a transformation is a guess to
        # centimetres, and what it did is undone first
        lifts = [np.zeros(len(x.rows)) if x.lift is None else x.lift for x in self.sides]
        lift = lifts[1][j] - lifts[0][i]
        written = self.roof - lift, self.base - lift
        self.rise = [_median(x) for x in written]
        self.levelled = [
            unlike and abs(rise) > SEEN and _common(x, self.limits.tau)
            for x, rise in zip(written, self.rise, strict=True)
        ]
        self.taken = [0.0, 0.0]
        if any(self.levelled):
            self.taken = [rise + _median(lift) for rise in self.rise]
            self.roof, self.base = (x - y for x, y in zip(written, self.rise, strict=True))

    def _roof(self, side: int) -> F64:
        shapes = self.sides[side].shapes
        assert shapes is not None
        return shapes.roof[self.sides[side].rows]

    def _base(self, side: int) -> F64:
        shapes = self.sides[side].shapes
        assert shapes is not None
        return shapes.base[self.sides[side].rows]

    def revision(self, shift: F64, keys: Sequence[Sequence[Key]], key: str) -> Revision:
        """Return the whole comparison."""
        rows = [side.rows for side in self.sides]
        within = [set[int](), set[int]()]
        for group in self.groups:
            within[0].update(group.old)
            within[1].update(group.new)
        lines = self._lines(within)
        lines += [self._grouped(group) for group in self.groups]
        for side, bucket in ((0, "removed"), (1, "new")):
            free = self.matched.free(len(rows[side]), side).tolist()
            lines += [self._alone(side, bucket, at) for at in free if at not in within[side]]
        pairs = in_order(lines)
        return Revision(
            pairs,
            {"old": len(rows[0]), "new": len(rows[1])},
            tallied(pairs),
            (float(shift[0]), float(shift[1]), 0.0),
            (self.rise[0], self.rise[1]),
            not key and made_anew(keys),
            self._not_compared(),
            cities=True,
            levelled=any(self.levelled),
            datums=self.datums,
            matched=dict(sorted(Counter(self.matched.name).items())),
            keys=(self._labels(0, keys), self._labels(1, keys)),
            shapes=(self.sides[0].shapes, self.sides[1].shapes),
            alone=self.alone,
            throughout=self.throughout,
        )  # fmt: skip

    def _labels(self, side: int, keys: Sequence[Sequence[Key]]) -> NDArray[np.object_] | None:
        """Return of each row of a table the best key that matched anything, None without one."""
        used = {name.split(" = ")[-1 if side else 0] for name in self.matched.name}
        used -= {"iou", "id"}
        labels = np.full(len(self.sides[side].features), None, object)
        rows = self.sides[side].rows
        for key in keys[side]:
            if key.name in used:
                plain = [None if value is None else value[1] for value in key.values]
                fresh = np.array([x is None for x in labels[rows].tolist()], np.bool_)
                labels[rows[fresh]] = np.array(plain, object)[fresh]
        return labels if used else None

    # -- what fits --------------------------------------------------------------------------------

    def _flags(self) -> dict[str, Bool]:
        """Return per pair which buckets about the shape fit."""
        limits, (i, j) = self.limits, (self.matched.i, self.matched.j)
        a, b = self.grounds[0].area[i], self.grounds[1].area[j]
        judged = np.maximum(a, b) >= limits.least_area
        with np.errstate(invalid="ignore"):
            return {
                "replaced": judged & (self.iou < limits.replaced),
                "footprint_modified": judged
                & (self.iou >= limits.replaced)
                & (self.iou < limits.iou),
                "roof_changed": judged & (np.abs(self.roof) > limits.tau),
                "base_changed": judged & (np.abs(self.base) > limits.tau),
                "shape_changed": judged & ((a > 0) != (b > 0)),
            }

    def _lines(self, within: Sequence[set[int]]) -> list[Pair]:
        """Return the lines of the pairs that are in no group; remember what fits for the others."""
        i, j, rows = self.matched.i, self.matched.j, [side.rows for side in self.sides]
        tables = [side.features for side in self.sides]
        measured = {x for table in tables for x in table.names if MEASURED.match(x)}
        classes = [set(one.kind.tolist()) for one in self.grounds]
        if not classes[0] & classes[1]:  # two formats with words of their own
            measured.add("kind")
        names = differing(tables[0], tables[1], (rows[0][i], rows[1][j]), measured)
        self.alone = one_sided(tables[0], tables[1], names)
        if self.alone:
            names = [[name for name in some if name not in self.alone] for some in names]
        self.throughout = changed_throughout(names)
        flags = self._flags()
        fits: list[list[str]] = [[] for _ in names]
        for bucket, where in flags.items():
            for at in np.flatnonzero(where).tolist():
                fits[at].append(bucket)
        for at, changed in enumerate(names):
            if any(name not in self.throughout for name in changed):
                fits[at].append("attr_changed")
        self.fits, self.names = fits, names
        self.at = {pair: k for k, pair in enumerate(zip(i.tolist(), j.tolist(), strict=True))}
        return [
            self._pair(k, a, b)
            for (a, b), k in self.at.items()
            if a not in within[0] and b not in within[1]
        ]

    def _pair(self, k: int, a: int, b: int) -> Pair:
        fits = self.fits[k]
        areas = float(self.grounds[0].area[a]), float(self.grounds[1].area[b])
        shape = (
            ()
            if (areas[0] > 0) == (areas[1] > 0)
            else ("vanished",)
            if areas[0] > 0
            else ("appeared",)
        )
        return Pair(
            (int(self.sides[0].rows[a]),), (int(self.sides[1].rows[b]),),
            fits[0] if fits else "unchanged", tuple(fits[1:]), self.matched.method[k],
            tuple(self.names[k]), shape, NAN,
            float(self.iou[k]), float(self.roof[k]), float(self.base[k]), areas,
        )  # fmt: skip

    def _alone(self, side: int, bucket: str, at: int) -> Pair:
        row = (int(self.sides[side].rows[at]),)
        area = float(self.grounds[side].area[at])
        if side == 0:
            return Pair(row, (), bucket, area=(area, NAN))
        return Pair((), row, bucket, area=(NAN, area))

    def _grouped(self, group: Group) -> Pair:
        """Return the line of a group; of one old and one new object it is a pair by containment."""
        rows = [
            tuple(int(side.rows[at]) for at in places)
            for side, places in zip(self.sides, (group.old, group.new), strict=True)
        ]
        inner = [self.at[a, b] for a in group.old for b in group.new if (a, b) in self.at]
        if len(inner) == 1:
            k = inner[0]
            found = self.iou[k], self.roof[k], self.base[k]
            also, names = self.fits[k], tuple(self.names[k])
        else:
            found = self._together(group)
            also, names = self._alike(*found), ()
        fits = [
            bucket
            for bucket, parts in (("split", group.new), ("merged", group.old))
            if len(parts) > 1
        ]
        fits += also
        sums = [
            float(one.area[list(places)].sum())
            for one, places in zip(self.grounds, (group.old, group.new), strict=True)
        ]
        return Pair(
            rows[0], rows[1], fits[0] if fits else "unchanged", tuple(fits[1:]), "containment", names,
            (), NAN, float(found[0]), float(found[1]), float(found[2]), (sums[0], sums[1]), group.contained,
        )  # fmt: skip

    def _alike(self, iou: float, roof: float, base: float) -> list[str]:
        """Return which buckets fit two footprints that lie in each other."""
        limits = self.limits
        fits = ["replaced"] if iou < limits.replaced else []
        fits += ["footprint_modified"] if limits.replaced <= iou < limits.iou else []
        fits += ["roof_changed"] if abs(roof) > limits.tau else []
        return fits + (["base_changed"] if abs(base) > limits.tau else [])

    def _together(self, group: Group) -> tuple[float, float, float]:
        """Return overlap and the rise of top and bottom of all of a group taken as one."""
        a, b = (
            shapely.union_all(one.footprint[list(places)])
            for one, places in zip(self.grounds, (group.old, group.new), strict=True)
        )
        shared = shapely.area(shapely.intersection(a, b))
        union = shapely.area(a) + shapely.area(b) - shared
        roofs, bases = (
            [edge(read(side)[list(places)]) for side, places in ((0, group.old), (1, group.new))]
            for read, edge in ((self._roof, np.nanmax), (self._base, np.nanmin))
        )
        heights = [
            float(high - low) - less if self.heights else NAN
            for (low, high), less in zip((roofs, bases), self.taken, strict=True)
        ]
        return float(shared / union) if union else NAN, heights[0], heights[1]

    def _not_compared(self) -> dict[str, int]:
        """Return what the comparison says nothing about, by code, with the number of objects."""
        i, j = self.matched.i, self.matched.j
        a, b = self.grounds[0].area[i], self.grounds[1].area[j]
        found = {"appearance": 0, "facades": 0}
        if not self.heights:
            found["heights"] = 0
        counted = {
            "no_footprint": int(((a == 0) & (b == 0)).sum()),
            "attributes": len(self.alone),
            "small": int((np.maximum(a, b)[(a > 0) | (b > 0)] < self.limits.least_area).sum()),
            "parts": sum(len(side.features) - len(side.rows) for side in self.sides),
        }
        if self.heights and _levels(self.sides[0]) != _levels(self.sides[1]):
            found["levels"] = 0
        return found | {code: n for code, n in counted.items() if n}


def _median(values: F64) -> float:
    there = values[np.isfinite(values)]
    return float(np.median(there)) if len(there) else 0.0


def _common(values: F64, tau: float) -> bool:
    """Return whether a median is what all share: of enough pairs, most of which are near it."""
    there = values[np.isfinite(values)]
    return len(there) >= FEWEST and bool((np.abs(there - np.median(there)) <= tau).mean() > 0.5)


def _unlike(heights: Sequence[F64]) -> bool:
    """Return whether one side alone is flat: drawn footprints against bodies."""
    flat = []
    for values in heights:
        there = values[np.isfinite(values)]
        flat.append(len(there) > 0 and float((there < FLAT).mean()) >= 0.9)
    return flat[0] != flat[1]


def _levels(side: Side) -> tuple[Any, ...]:
    return tuple(sorted(set(side.features.lods))) if side.features.lod is not None else ()
