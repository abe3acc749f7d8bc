"""Footprints of two deliveries over each other: the same one greedily, and groups that were split or merged.

MAINTENANCE.md 7.2 (b) and (c). Objects of one class alone are compared, where both sides know the class.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree
from shapely.geometry import Polygon

from twin.features import Bool
from twin.geometry import F64, I32
from twin.maintenance.revisions.footprints import fingerprints
from twin.measuring.plan import Shapes2D, areal

LEAST_OVERLAP = 0.30
"""Intersection over union from which two footprints may be one object."""
LEAST_CONTAINED = 0.30
"""Share of the smaller footprint that must lie in another for both to be of one group."""
Edges = tuple[I32, I32, F64]
"""Places among the old and the new objects, and what both cover together in m2."""


@dataclass(frozen=True)
class Ground:
    """The footprints object(k) of one side, m, and the class of each object as text."""

    footprint: Shapes2D
    kind: NDArray[Any]

    @cached_property
    def area(self) -> F64:
        """Return the square metres covered by each."""
        return np.asarray(shapely.area(self.footprint), np.float64)

    @cached_property
    def marks(self) -> NDArray[np.object_]:
        """Return the fingerprint of each."""
        return np.array(fingerprints(self.footprint), object)


def ground(footprint: Shapes2D, kind: NDArray[Any], shift: F64 | None = None) -> Ground:
    """Return footprints that can be laid over each other; ``shift`` f64(2) metres is taken out of them."""
    shapes = footprint.copy()
    shapes[shapely.is_missing(shapes)] = Polygon()
    broken = ~shapely.is_valid(shapes)
    if broken.any():
        shapes[broken] = [areal(x) for x in shapely.make_valid(shapes[broken])]
    if shift is not None and shift.any():
        shapes = np.asarray(shapely.transform(shapes, lambda at: at - shift), object)
    return Ground(shapes, np.array(kind.tolist(), np.str_))


def overlaps(old: Ground, new: Ground, i: I32, j: I32) -> F64:
    """Return the intersection over union of object i[k] and j[k]; NaN where either covers nothing.

    Equal fingerprints and areas count as the same footprint without a look (MAINTENANCE.md 7.5).
    """
    a, b = old.area[i], new.area[j]
    found = np.full(len(i), np.nan)
    same = (old.marks[i] == new.marks[j]) & (np.abs(a - b) <= 1e-4 * np.maximum(a, b)) & (a > 0)
    found[same] = 1.0
    look = np.flatnonzero((a > 0) & (b > 0) & ~same)
    shared = shapely.area(shapely.intersection(old.footprint[i[look]], new.footprint[j[look]]))
    found[look] = shared / (a[look] + b[look] - shared)
    return found


def meeting(old: Ground, new: Ground, i: I32, j: I32) -> Edges:
    """Return which of the objects ``i`` of the old and ``j`` of the new side cover something together."""
    i, j = i[old.area[i] > 0], j[new.area[j] > 0]
    if not len(i) or not len(j):
        return np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0)
    few, many = (i, j) if len(i) <= len(j) else (j, i)
    sides = (old, new) if len(i) <= len(j) else (new, old)
    tree = STRtree(sides[1].footprint[many])
    one, other = tree.query(sides[0].footprint[few], predicate="intersects")
    first, second = few[one].astype(np.int32), many[other].astype(np.int32)
    a, b = (first, second) if len(i) <= len(j) else (second, first)
    allowed = _comparable(old, new, a, b)
    a, b = a[allowed], b[allowed]
    shared = shapely.area(shapely.intersection(old.footprint[a], new.footprint[b]))
    return a[shared > 0], b[shared > 0], shared[shared > 0]


def _comparable(old: Ground, new: Ground, i: I32, j: I32) -> Bool:
    """Return bool(k): one class, or two classes that the other side does not know."""
    known = set(old.kind.tolist()) & set(new.kind.tolist())
    a, b = old.kind[i], new.kind[j]
    if not known:
        return np.ones(len(i), np.bool_)
    strange = ~np.isin(a, list(known)) & ~np.isin(b, list(known))
    return np.asarray((a == b) | strange, np.bool_)


def greedy(
    old: Ground, new: Ground, free: tuple[I32, I32], least: float = LEAST_OVERLAP
) -> tuple[I32, I32]:
    """Return pairs (i, j) among the ``free`` objects, the largest intersection over union first."""
    i, j, shared = meeting(old, new, *free)
    iou = shared / (old.area[i] + new.area[j] - shared)
    good = np.flatnonzero(iou >= least)
    order = good[np.lexsort((j[good], i[good], -iou[good]))]
    taken = np.zeros(len(old.area), np.bool_), np.zeros(len(new.area), np.bool_)
    kept = []
    for edge, a, b in zip(order.tolist(), i[order].tolist(), j[order].tolist(), strict=True):
        if not taken[0][a] and not taken[1][b]:
            taken[0][a] = taken[1][b] = True
            kept.append(edge)
    rows = np.array(kept, np.int32)
    return i[rows], j[rows]


@dataclass(frozen=True, slots=True)
class Group:
    """Objects of both sides that lie in each other; ``contained`` per object of the side that has more
    (the new one where both have as many) the largest share of it within one object of the other."""

    old: tuple[int, ...]
    new: tuple[int, ...]
    contained: tuple[float, ...]


def groups(
    old: Ground, new: Ground, pairs: tuple[I32, I32], free: tuple[I32, I32]
) -> tuple[Group, ...]:
    """Return the groups that what is ``free`` makes with anything of the other side.

    ``pairs`` are matched already: a group takes in both of a pair. An edge is what covers
    ``LEAST_CONTAINED`` of the smaller footprint.
    """
    everything = np.arange(len(old.area), dtype=np.int32), np.arange(len(new.area), dtype=np.int32)
    from_old = meeting(old, new, free[0], everything[1])
    from_new = meeting(old, new, everything[0], free[1])
    i, j = (np.concatenate([from_old[k], from_new[k]]) for k in (0, 1))
    shared = np.concatenate([from_old[2], from_new[2]])
    strong = shared >= LEAST_CONTAINED * np.minimum(old.area[i], new.area[j])
    i, j, shared = i[strong], j[strong], shared[strong]
    if not len(i):
        return ()
    n = len(old.area)
    edges = np.concatenate(
        [np.stack([i, j + n], axis=1), np.stack([pairs[0], pairs[1] + n], axis=1)]
    )
    touched = set(i.tolist()) | set((j + n).tolist())
    share = {(a, b): s for a, b, s in zip(i.tolist(), j.tolist(), shared.tolist(), strict=True)}
    return tuple(
        _group(old, new, members, share)
        for members in _components(edges, n + len(new.area))
        if touched & set(members)
    )


def _components(edges: NDArray[np.integer[Any]], n: int) -> list[list[int]]:
    """Return the sets of joined nodes that have more than one, in order."""
    root = list(range(n))

    def top(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for a, b in edges.tolist():
        low, high = sorted((top(a), top(b)))
        root[high] = low
    found: dict[int, list[int]] = {}
    for node in np.unique(edges).tolist():
        found.setdefault(top(node), []).append(node)
    return [members for members in found.values() if len(members) > 1]


def _group(
    old: Ground, new: Ground, members: Sequence[int], share: dict[tuple[int, int], float]
) -> Group:
    n = len(old.area)
    a = tuple(node for node in members if node < n)
    b = tuple(node - n for node in members if node >= n)
    if len(b) >= len(a):
        parts, areas = b, new.area
    else:
        parts, areas = a, old.area
    best = dict.fromkeys(parts, 0.0)
    for i in a:
        for j in b:
            part = j if parts is b else i
            common = share.get((i, j))
            if common is None:
                common = float(
                    shapely.area(shapely.intersection(old.footprint[i], new.footprint[j]))
                )
            best[part] = max(best[part], common)
    within = (best[part] / areas[part] if areas[part] else 0.0 for part in parts)
    return Group(a, b, tuple(float(min(share, 1.0)) for share in within))
