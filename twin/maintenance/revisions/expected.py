"""Whether a newer delivery shows the change that a work order waits for (MAINTENANCE.md 5).

It says what is there; what follows from it (a proposal, never an act) is the table of section 5. A changed
geometry hash is no material change: on the Hamburg pair it would close 46 orders where 6 are right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from twin.features import Bool, FeatureTable
from twin.maintenance.revisions.records import MATERIAL, NAN, Pair, Revision
from twin.records import Instant

EXPECTED, OTHER, NONE, ABSENT, UNSEEN = "expected", "other", "none", "absent", "unseen"
"""Answers: the change that was waited for; another material one; none; the object is gone although the
delivery covers its place; it is not there and the delivery does not cover its place (no conclusion)."""
LEAST_PLACE = 0.5
"""Intersection over union of a new building with the polygon of its permit (MAINTENANCE.md 5)."""
MARGIN = 0.1
"""Metres that an object may stand out of the area that a delivery covers."""
UNIFORM, RE_EXPORT = 0.90, 0.01
"""Shares of the re-export guard: of objects with one date, of objects with a material change."""
GONE = frozenset({"demolished", "abgebrochen", "gesloopt", "已拆除", "拆除"})
"""Conditions of construction of what no longer stands."""
CONDITIONS = ("conditionOfConstruction", "con:conditionOfConstruction", "condition")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an order waits for. ``reason``: demolition, extension, height, new_building, attributes, or
    anything else for *any* change; ``row`` the object's in the old delivery's table (-1: there is none
    yet); ``place`` the permit's polygon, in the twin's frame, for a new building."""

    reason: str
    row: int = -1
    place: BaseGeometry | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """``change``: one of the answers above; ``line`` of ``Revision.pairs`` (-1: none)."""

    change: str
    line: int = -1


def answers(
    revision: Revision,
    asked: Sequence[Asked],
    coverage: BaseGeometry | None = None,
    ended: Bool | None = None,
) -> list[Answer]:
    """Return what a comparison says to each question, in order.

    ``coverage``: the area that the new delivery covers, in the twin's frame (None: not known, nothing is
    concluded from absence). ``ended`` bool(n) by row of the new table: see ``ended``.
    """
    lines = {row: i for i, pair in enumerate(revision.pairs) for row in pair.old}
    wide = None if coverage is None else shapely.buffer(coverage, MARGIN)
    if wide is not None:
        shapely.prepare(wide)
    return [
        _built(revision, one) if one.row < 0
        else _answer(revision, one, lines.get(one.row, -1), wide, ended)
        for one in asked
    ]  # fmt: skip


def _answer(
    revision: Revision, one: Asked, line: int, coverage: BaseGeometry | None, ended: Bool | None
) -> Answer:
    pair = revision.pairs[line] if line >= 0 else None
    if pair is None or not pair.new:
        there = _footprint(revision, one.row)
        seen = coverage is not None and there is not None and coverage.covers(there)
        return Answer(ABSENT if seen else UNSEEN, line)
    gone = ended is not None and bool(ended[list(pair.new)].all())
    if one.reason == "demolition":
        return Answer(EXPECTED if gone else OTHER if _material(pair) else NONE, line)
    if _fits(pair, one.reason):
        return Answer(EXPECTED, line)
    return Answer(OTHER if gone or _material(pair) else NONE, line)


def _material(pair: Pair) -> bool:
    return bool(MATERIAL & {pair.bucket, *pair.also})


def _fits(pair: Pair, reason: str) -> bool:
    """Return whether a line shows the change of a reason's type."""
    fits = {pair.bucket, *pair.also}
    if reason == "extension":
        grown = pair.area[1] > pair.area[0]
        reshaped = fits & {"footprint_modified", "replaced", "merged", "split", "shape_changed"}
        return "roof_changed" in fits or bool(reshaped and grown)
    if reason == "height":
        return "roof_changed" in fits
    if reason == "attributes":
        return "attr_changed" in fits
    if reason == "new_building":
        return bool(fits & {"replaced", "split"})
    return bool(MATERIAL & fits)


def _built(revision: Revision, one: Asked) -> Answer:
    """Look for an object that no old one is, at the place of a permit."""
    shapes = revision.shapes[1]
    if one.place is None or shapes is None or shapes.footprint is None:
        return Answer(UNSEEN)
    best, found = LEAST_PLACE, -1
    for line, pair in enumerate(revision.pairs):
        if pair.bucket not in ("new", "split", "replaced"):
            continue
        for row in pair.new:
            share = _overlap(one.place, shapes.footprint[row])
            if share >= best:
                best, found = share, line
    return Answer(EXPECTED, found) if found >= 0 else Answer(NONE)


def _overlap(first: BaseGeometry, second: BaseGeometry) -> float:
    shared = float(shapely.area(shapely.intersection(first, second)))
    union = float(shapely.area(first) + shapely.area(second)) - shared
    return shared / union if union > 0 else 0.0


def _footprint(revision: Revision, row: int) -> BaseGeometry | None:
    shapes = revision.shapes[0]
    if shapes is None:
        return None
    if shapes.footprint is not None:
        found: BaseGeometry = shapes.footprint[row]
        return None if found.is_empty else found
    box = shapes.box[row]
    return shapely.box(*box[[0, 1, 3, 4]]) if np.isfinite(box).all() else None


def ended(table: FeatureTable, at: Instant) -> Bool:
    """Return bool(n): objects that their own delivery says are no more at an instant.

    By ``terminationDate`` or ``validTo``, or by a condition of construction that says so.
    """
    found = np.zeros(len(table), np.bool_)
    for times in (table.terminated, table.valid_to):
        if times is not None:
            found |= times <= at
    for name in CONDITIONS:
        column: NDArray[Any] | None = table.columns.get(name)
        if column is not None:
            found |= np.array([str(x).strip().lower() in GONE for x in column.tolist()], np.bool_)
    return found


def changed_share(revision: Revision) -> float:
    """Return the share 0..1 of the objects of both sides that changed materially, came or went."""
    whole = sum(revision.compared.values())
    some = sum(
        n for side in revision.counts.values() for name, n in side.items() if name in MATERIAL
    )
    return some / whole if whole else NAN


def re_export(revision: Revision, uniform: float) -> bool:
    """Return whether a delivery is an old one written again: no proposals come from it.

    ``uniform``: the share 0..1 of its objects that bear one and the same date (MAINTENANCE.md 5: >= 90 %
    uniform and < 1 % material change).
    """
    return uniform >= UNIFORM and changed_share(revision) < RE_EXPORT
