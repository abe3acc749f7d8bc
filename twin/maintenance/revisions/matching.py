"""Which object of the new delivery is which of the old: by key, else by tag, else by class and place.

MAINTENANCE.md 7.2 and 7.6. A key that stands on both sides decides. Where more than half of the objects
find no partner by key, the keys were made anew (programs do that on export), and what is alike in class,
tag or place counts as the same object; else it is a replacement that a person should look at.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from shapely import STRtree
from shapely import box as rectangles

from twin.features import FeatureTable, absent
from twin.geometry import F64, Rows
from twin.identity import known_scheme

LEAST_OVERLAP = 0.30
"""Overlap of two boxes (intersection over union) from which they may be one object."""
ANEW = 0.5
"""Share of objects without a partner by key above which the keys were made anew."""
TAG = "Tag"


@dataclass(frozen=True)
class Matches:
    """``old`` and ``new`` i32(k), row by row the same object; ``method`` key, identifier (the tag) or iou; ``anew``: the keys
    recur so rarely that they must have been made anew."""

    old: Rows
    new: Rows
    method: tuple[str, ...]
    anew: bool


def match(old: FeatureTable, new: FeatureTable, rows: tuple[Rows, Rows], key: str = "") -> Matches:
    """Return the pairs among ``rows`` (of the old and of the new table).

    ``key`` names the attribute that identifies objects ('' = the id itself).
    """
    a, b = rows
    pairs = _by_value(_keys(old, a, key), _keys(new, b, key))
    fewer = min(len(a), len(b))
    anew = fewer > 0 and len(pairs) < (1 - ANEW) * fewer
    methods = ["key"] * len(pairs)
    for method, more in (("identifier", _by_tag), ("iou", _by_place)):
        left = _left(len(a), pairs, 0), _left(len(b), pairs, 1)
        if method == "identifier" and not anew:
            continue
        found = more(old, new, (a[left[0]], b[left[1]]))
        pairs += [(int(left[0][i]), int(left[1][j])) for i, j in found]
        methods += [method] * len(found)
    both = np.array(pairs, np.int32).reshape(-1, 2)
    return Matches(a[both[:, 0]], b[both[:, 1]], tuple(methods), anew)


def _left(n: int, pairs: Sequence[tuple[int, int]], side: int) -> Rows:
    free = np.ones(n, np.bool_)
    free[[pair[side] for pair in pairs]] = False
    return np.flatnonzero(free).astype(np.int32)


def _keys(table: FeatureTable, rows: Rows, key: str) -> list[Any]:
    column = table.get(key) if key else None
    if column is None:
        return [known_scheme(str(x)) for x in table.id[rows]]
    missing = absent(column)
    return [None if missing[row] else str(column[row]) for row in rows]


def _by_value(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[int, int]]:
    """Return the pairs whose value stands exactly once on either side."""
    places = [
        {value: i for i, value in enumerate(side) if value is not None and count[value] == 1}
        for side, count in ((old, Counter(old)), (new, Counter(new)))
    ]
    return [(i, places[1][value]) for value, i in places[0].items() if value in places[1]]


def _by_tag(
    old: FeatureTable, new: FeatureTable, rows: tuple[Rows, Rows]
) -> list[tuple[int, int]]:
    """Return the pairs of equal class and tag."""
    sides = []
    for table, some in ((old, rows[0]), (new, rows[1])):
        column = table.get(TAG)
        if column is None:
            return []
        kinds, missing = table["kind"], absent(column)
        tagged = [
            None if missing[row] or column[row] == "" else (str(kinds[row]), str(column[row]))
            for row in some
        ]
        sides.append(tagged)
    return _by_value(*sides)


def _by_place(
    old: FeatureTable, new: FeatureTable, rows: tuple[Rows, Rows]
) -> list[tuple[int, int]]:
    """Return pairs of one class whose boxes overlap, the best first (greedy); equal names win a tie."""
    a, b = (table.bounds[some] for table, some in ((old, rows[0]), (new, rows[1])))
    there = [np.isfinite(side).all(axis=1) for side in (a, b)]
    at = [np.flatnonzero(x) for x in there]
    if not len(at[0]) or not len(at[1]):
        return []
    flat = [_outlines(side[i]) for side, i in ((a, at[0]), (b, at[1]))]
    i, j = STRtree(flat[1]).query(flat[0], predicate="intersects")
    i, j = at[0][i], at[1][j]
    kinds = [table["kind"][some] for table, some in ((old, rows[0]), (new, rows[1]))]
    same = kinds[0][i] == kinds[1][j]
    i, j = i[same], j[same]
    shared = overlap(a[i], b[j])
    named = _names(old, rows[0])[i] == _names(new, rows[1])[j]
    good = shared >= LEAST_OVERLAP
    order = np.lexsort((~named[good], -shared[good]))
    return _greedy(i[good][order], j[good][order])


def _outlines(boxes: F64) -> Any:
    """Return the plan rectangles of boxes f64(n, 6)."""
    return rectangles(boxes[:, 0], boxes[:, 1], boxes[:, 3], boxes[:, 4])


def _names(table: FeatureTable, rows: Rows) -> Any:
    if table.name is None:
        return np.full(len(rows), "", object)
    return np.array([str(table.name[row] or "") for row in rows], object)


def _greedy(first: Any, second: Any) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    taken: tuple[set[int], set[int]] = set(), set()
    for i, j in zip(first.tolist(), second.tolist(), strict=True):
        if i not in taken[0] and j not in taken[1]:
            found.append((i, j))
            taken[0].add(i)
            taken[1].add(j)
    return found


def overlap(a: F64, b: F64) -> F64:
    """Return the intersection over union f64(n) of boxes f64(n, 6), thin ones taken 1 mm thick."""
    thin = np.array([-1.0, -1, -1, 1, 1, 1]) * 0.0005
    a, b = a + thin, b + thin
    inner = np.minimum(a[:, 3:], b[:, 3:]) - np.maximum(a[:, :3], b[:, :3])
    shared = np.prod(np.maximum(inner, 0.0), axis=1)
    whole = np.prod(a[:, 3:] - a[:, :3], axis=1) + np.prod(b[:, 3:] - b[:, :3], axis=1) - shared
    return np.asarray(shared / whole, np.float64)
