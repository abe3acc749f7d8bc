"""What comes from the nearest ancestor, and which row is the maintained unit (MAINTENANCE.md 1.3).

All by whole columns: one step up the tree per turn, 32 turns at most, so cycles end.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool, FeatureTable
from twin.geometry import I32, Rows

DEPTH = 32
"""Ancestors looked at. Deeper trees and cycles stop here."""


def nearest_with(parent: I32, has: Bool) -> Rows:
    """Return i32(n): the row itself where ``has``, else its nearest ancestor that has, else -1."""
    found = np.where(has, np.arange(len(parent), dtype=np.int32), np.int32(-1))
    if has.all() or not has.any():
        return found
    open_rows = np.flatnonzero(~has & (parent >= 0))
    above = parent[open_rows]
    for _ in range(DEPTH):
        if not len(open_rows):
            break
        hit = has[above]
        found[open_rows[hit]] = above[hit]
        open_rows, above = open_rows[~hit], parent[above[~hit]]
        climbing = above >= 0
        open_rows, above = open_rows[climbing], above[climbing]
    return found


def ancestors_marked(parent: I32, marked: Bool) -> Bool:
    """Return bool(n): rows above a marked row (not the marked rows themselves)."""
    above = np.zeros(len(parent), np.bool_)
    step = parent[marked]
    for _ in range(DEPTH):
        step = np.unique(step[step >= 0])
        step = step[~above[step]]
        if not len(step):
            break
        above[step] = True
        step = parent[step]
    return above


def descendants_marked(parent: I32, marked: Bool) -> Bool:
    """Return bool(n): marked rows and everything below them."""
    return nearest_with(parent, marked) >= 0


def strongest_above(parent: I32, strength: NDArray[np.int32]) -> Rows:
    """Return i32(n): the row itself, or its nearest stronger ancestor, up the whole chain.

    A row keeps its own unless what reaches its parent is strictly stronger.
    """
    holder = np.arange(len(parent), dtype=np.int32)
    rows = np.flatnonzero(parent >= 0)
    above = parent[rows]
    for _ in range(DEPTH):
        inherited = holder[above]
        stronger = strength[inherited] > strength[holder[rows]]
        if not stronger.any():
            break
        holder[rows[stronger]] = inherited[stronger]
    return holder


def maintained_units(
    features: FeatureTable, unit_kinds: Sequence[str] = (), never: Sequence[str] = ()
) -> Rows:
    """Return i32(n): the row of the maintained unit of each row.

    Without ``unit_kinds`` the topmost ancestor whose kind is not in ``never``; with them the nearest
    ancestor-or-self of such a kind. Rows outside every unit form units by themselves, topmost first;
    a container of units (IfcSite, a group) belongs to the first unit below it and is none itself.
    """
    parent = features.parent
    kinds = np.array(features.kinds, dtype=object)
    barred = (
        np.isin(kinds, list(never))[features.kind]
        if len(kinds)
        else np.zeros(len(parent), np.bool_)
    )
    if unit_kinds and len(kinds):
        marked = np.isin(kinds, list(unit_kinds))[features.kind] & ~barred
    else:
        marked = np.zeros(len(parent), np.bool_)
    if not barred.any() and not marked.any():
        return features.top
    unit: I32 = nearest_with(parent, marked)
    container = (ancestors_marked(parent, marked) | barred) & ~marked
    free = (unit < 0) & ~container
    if free.any():
        cut = np.where(container[np.maximum(parent, 0)] | (parent < 0), np.int32(-1), parent)
        heads = free & (cut < 0)
        below: I32 = nearest_with(np.where(free, cut, np.int32(-1)), heads)
        unit = np.where(free, below, unit)
        own = np.arange(len(parent), dtype=np.int32)
        unit = np.where(free & (unit < 0), own, unit)
    return _contained(parent, unit, container & (unit < 0))


def _contained(parent: I32, unit: Rows, container: Bool) -> Rows:
    """Give containers the first unit below them; an empty container is its own unit."""
    if not container.any():
        return unit
    n = len(parent)
    first = np.full(n, n, np.int64)
    step: NDArray[np.integer[Any]] = np.arange(n)
    carried = np.where(unit >= 0, unit, n).astype(np.int64)
    for _ in range(DEPTH):
        above = parent[step]
        keep = (above >= 0) & (carried < n)
        step, carried = above[keep], carried[keep]
        if not len(step):
            break
        np.minimum.at(first, step, carried)
    fallback = np.where(first < n, first, np.arange(n))
    return np.where(container, fallback, unit).astype(np.int32)
