"""Which unit of a new delivery is which of the old, by keys: registers first, a file's own ids where they prove so.

MAINTENANCE.md 7.2 (a). What a whole delivery moved in plan is seen by the same keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from twin.geometry import F64, I32
from twin.maintenance.revisions.keys import Key, candidates, recurring
from twin.maintenance.revisions.places import Ground, overlaps

RECUR, OVERLAP = 0.80, 0.95
"""Shares from which ids that are made anew on export are believed: that recur, and of those that overlap."""
LASTING = 0.50
"""Share of pairs with lasting ids that must overlap: numbers given by place are not lasting."""
ALIKE = 0.05
"""Metres within which middles moved alike, for a shift of the whole delivery in plan."""
KEPT = 0.02
"""Share by which the area of what only moved may differ."""
SHARED = 0.8
"""Share of the objects that must have moved alike for it."""
RECURRING = 0.2
"""Share of the fingerprints that recur from which a delivery stands where it stood."""
FEWEST = 3
"""Pairs from which a median says something about all."""


@dataclass
class Matched:
    """Pairs so far: places ``i`` and ``j``, how each was ``method`` and by what ``name``."""

    i: I32
    j: I32
    method: list[str]
    name: list[str]

    def free(self, n: int, side: int) -> I32:
        """Return the places of a side that have no partner yet."""
        left = np.ones(n, np.bool_)
        left[(self.i, self.j)[side]] = False
        return np.flatnonzero(left).astype(np.int32)

    def add(self, i: I32, j: I32, method: str, name: str) -> None:
        """Add pairs."""
        self.i = np.concatenate([self.i, i]).astype(np.int32)
        self.j = np.concatenate([self.j, j]).astype(np.int32)
        self.method += [method] * len(i)
        self.name += [name] * len(i)


def by_keys(keys: Sequence[Sequence[Key]], grounds: Sequence[Ground]) -> Matched:
    """Return all pairs that keys make, believed or not: what moved as a whole is seen by them."""
    found = Matched(np.zeros(0, np.int32), np.zeros(0, np.int32), [], [])
    for a, b in candidates(*keys):
        _extend(found, a, b, grounds)
    return found


def believed(
    keys: Sequence[Sequence[Key]], grounds: Sequence[Ground], *, lasting: bool
) -> Matched:
    """Return the pairs by keys, registers first; ids of a format only where they prove themselves."""
    found = Matched(np.zeros(0, np.int32), np.zeros(0, np.int32), [], [])
    for a, b in candidates(*keys):
        if max(a.rank, b.rank) < 2 or _proven(a, b, grounds, lasting=lasting):
            _extend(found, a, b, grounds)
    return found


def _extend(found: Matched, a: Key, b: Key, grounds: Sequence[Ground]) -> None:
    i, j = recurring(a.values, b.values)
    sizes = [len(one.area) for one in grounds]
    new = np.isin(i, found.free(sizes[0], 0)) & np.isin(j, found.free(sizes[1], 1))
    name = a.name if a.name == b.name else f"{a.name} = {b.name}"
    found.add(i[new], j[new], "identifier" if max(a.rank, b.rank) == 1 else "key", name)


def _proven(a: Key, b: Key, grounds: Sequence[Ground], *, lasting: bool) -> bool:
    """Return whether ids of a format identify: where pairs have a place, enough of them overlap."""
    i, j = recurring(a.values, b.values)
    iou = overlaps(grounds[0], grounds[1], i, j)
    placed = np.isfinite(iou)
    overlap = float((iou[placed] > 0).mean()) if placed.any() else 1.0
    if lasting:
        return overlap >= LASTING
    fewer = min(len(a.values), len(b.values))
    return len(i) >= RECUR * fewer and overlap >= OVERLAP


def shift_in_plan(grounds: Sequence[Ground], matched: Matched) -> F64:
    """Return metres f64(2) by which the whole delivery moved in plan: what most pairs share, else 0.

    Where footprints recur as they are nothing moved: then it is the keys that were dealt out anew.
    """
    marks = [set(one.marks[one.area > 0].tolist()) for one in grounds]
    if len(marks[0] & marks[1]) > RECURRING * min(len(some) for some in marks):
        return np.zeros(2)
    both = (grounds[0].area[matched.i] > 0) & (grounds[1].area[matched.j] > 0)
    i, j = matched.i[both], matched.j[both]
    if len(i) < FEWEST:
        return np.zeros(2)
    middles = [
        shapely.get_coordinates(shapely.centroid(one.footprint[rows]))
        for one, rows in zip(grounds, (i, j), strict=True)
    ]
    steps = middles[1] - middles[0]
    middle = np.median(steps, axis=0)
    a, b = grounds[0].area[i], grounds[1].area[j]
    kept = np.abs(a - b) <= KEPT * np.maximum(
        a, b
    )  # what moves keeps its size, what grows does not
    alike = float(((np.linalg.norm(steps - middle, axis=1) <= ALIKE) & kept).mean())
    moved = alike >= SHARED and np.linalg.norm(middle) > ALIKE
    return np.asarray(middle if moved else np.zeros(2), np.float64)


def made_anew(keys: Sequence[Sequence[Key]]) -> bool:
    """Return whether the formats' own ids recur in fewer than half of the objects."""
    own = [next((key for key in side if key.name == "id"), None) for side in keys]
    if own[0] is None or own[1] is None:
        return False
    there = [
        [value for value in key.values if value is not None] for key in own if key is not None
    ]
    fewer = min(len(values) for values in there)
    return fewer > 0 and len(recurring(own[0].values, own[1].values)[0]) < 0.5 * fewer
