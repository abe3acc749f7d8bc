"""Every object of two deliveries in exactly one bucket, with what differs and what was not compared.

MAINTENANCE.md 7. Shapes are compared by numbers that do not depend on their triangles (see ``shapes``).
A shift that all objects share is taken out first, and said.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twin.features import Bool
from twin.geometry import F64, Rows
from twin.jobs import SILENT, Feedback
from twin.maintenance.revisions.attributes import differing
from twin.maintenance.revisions.cities import compare_cities
from twin.maintenance.revisions.matching import Matches, match, overlap
from twin.maintenance.revisions.records import Pair, Revision, Side, Tolerance, in_order, tallied

SHARED = 0.8
"""Share of the objects that must have moved alike for a shift of the whole delivery."""


@dataclass(frozen=True)
class _Differences:
    """Per pair: metres moved f64(k), overlap f64(k), tops and bottoms f64(k), what differs about the shape."""

    moved: F64
    iou: F64
    roof: F64
    base: F64
    shape: Sequence[tuple[str, ...]]


def compare(
    old: Side,
    new: Side,
    tolerance: Tolerance | None = None,
    key: str = "",
    feedback: Feedback = SILENT,
) -> Revision:
    """Return what differs between two deliveries. ``key`` names the identifying attribute ('' = the id).

    Cities (both sides have footprints) by plan and height, models by bodies. Raises Cancelled.
    """
    limits = tolerance or Tolerance()
    shapes = old.shapes, new.shapes
    if all(one is not None and one.footprint is not None for one in shapes):
        return compare_cities(old, new, limits, key, feedback)
    matches = match(old.features, new.features, (old.rows, new.rows), key)
    shift = _shared_shift(old, new, matches, limits)
    found = _differences(old, new, matches, shift, limits)
    changed = differing(
        old.features, new.features, (matches.old, matches.new), (key,) if key else ()
    )
    lines = [_pair(matches, i, changed[i], found) for i in range(len(matches.old))]
    lines += [Pair((int(row),), (), "removed") for row in np.setdiff1d(old.rows, matches.old)]
    lines += [Pair((), (int(row),), "new") for row in np.setdiff1d(new.rows, matches.new)]
    pairs = in_order(lines)
    rise = [
        float(np.nanmedian(x)) if np.isfinite(x).any() else 0.0 for x in (found.roof, found.base)
    ]
    return Revision(
        pairs,
        {"old": len(old.rows), "new": len(new.rows)},
        tallied(pairs),
        (float(shift[0]), float(shift[1]), float(shift[2])),
        (rise[0], rise[1]),
        matches.anew,
        _not_compared(old, new, matches),
        datums=(old.datum, new.datum),
        shapes=shapes,
    )


def _pair(matches: Matches, i: int, changed: Sequence[str], found: _Differences) -> Pair:
    method, shape = matches.method[i], found.shape[i]
    fits = []
    if method == "iou" and not matches.anew:
        fits.append("replaced")
    if shape:
        fits.append("shape_changed")
    if changed:
        fits.append("attr_changed")
    return Pair(
        (int(matches.old[i]),), (int(matches.new[i]),), fits[0] if fits else "unchanged", tuple(fits[1:]),
        method, tuple(changed), shape, float(found.moved[i]), float(found.iou[i]),
        float(found.roof[i]), float(found.base[i]),
    )  # fmt: skip


def _middles(side: Side, rows: Rows) -> F64:
    """Return where objects are f64(k, 3): the middle of the surface (without shapes of the box), else NaN."""
    if side.shapes is not None:
        return side.shapes.middle[rows]
    boxes = _boxes(side, rows)
    return np.asarray((boxes[:, :3] + boxes[:, 3:]) / 2, np.float64)


def _boxes(side: Side, rows: Rows) -> F64:
    """Return boxes f64(k, 6) of own surfaces, NaN without. A whole's box in the table grows with its parts."""
    if side.shapes is not None:
        return side.shapes.box[rows]
    rough = side.features.bounds[rows]
    return np.where(_sound(rough)[:, None], rough, np.nan)


def _sound(boxes: F64) -> Bool:
    """Return bool(n): boxes f64(n, 6) that are whole."""
    return np.asarray(np.isfinite(boxes).all(axis=1), np.bool_)


def _shared_shift(old: Side, new: Side, matches: Matches, limits: Tolerance) -> F64:
    """Return f64(3) by which the whole delivery moved: what most objects share, else zero."""
    steps = _middles(new, matches.new) - _middles(old, matches.old)
    steps = steps[np.isfinite(steps).all(axis=1)]
    if len(steps) < 3:
        return np.zeros(3)
    middle = np.median(steps, axis=0)
    alike = (np.linalg.norm(steps - middle, axis=1) <= limits.metres).mean()
    return middle if alike >= SHARED and np.linalg.norm(middle) > limits.metres else np.zeros(3)


def _differences(
    old: Side, new: Side, matches: Matches, shift: F64, limits: Tolerance
) -> _Differences:
    a, b = _boxes(old, matches.old), _boxes(new, matches.new)
    steps = _middles(new, matches.new) - _middles(old, matches.old) - shift
    moved = np.linalg.norm(steps, axis=1)
    there = _sound(a), _sound(b)
    both = there[0] & there[1]
    iou = np.full(len(a), np.nan)
    shifted = b - np.tile(shift, 2)
    iou[both] = overlap(a[both], shifted[both])
    size = np.abs((b[:, 3:] - b[:, :3]) - (a[:, 3:] - a[:, :3])).max(axis=1, initial=0.0)
    said: dict[str, Bool] = {
        "appeared": ~there[0] & there[1],
        "vanished": there[0] & ~there[1],
        "moved": both & (moved > limits.metres),
        "size": both & (size > limits.metres),
        **_forms(old, new, matches, limits),
    }
    shape = [tuple(name for name, flags in said.items() if flags[i]) for i in range(len(a))]
    return _Differences(moved, iou, shifted[:, 5] - a[:, 5], shifted[:, 2] - a[:, 2], shape)


def _forms(old: Side, new: Side, matches: Matches, limits: Tolerance) -> dict[str, Bool]:
    """Return where areas, volumes and forms differ; nothing where one side has boxes only."""
    if old.shapes is None or new.shapes is None:
        return {}
    found = {}
    for name, floor in (("area", limits.metres), ("volume", limits.metres)):
        x, y = getattr(old.shapes, name)[matches.old], getattr(new.shapes, name)[matches.new]
        allowed = limits.share * np.maximum(np.abs(x), np.abs(y)) + floor**2
        with np.errstate(invalid="ignore"):
            found[name] = np.abs(x - y) > allowed
    x, y = old.shapes.spread[matches.old], new.shapes.spread[matches.new]
    with np.errstate(invalid="ignore"):
        found["form"] = np.abs(x - y) > limits.metres
    return found


def _not_compared(old: Side, new: Side, matches: Matches) -> dict[str, int]:
    """Return what the comparison says nothing about, by code, with the number of objects."""
    found = {"owner_history": 0, "relations": 0, "appearance": 0}
    if old.shapes is None or new.shapes is None:
        found["shapes"] = 0
    boxes = _boxes(old, matches.old), _boxes(new, matches.new)
    bare = ~_sound(boxes[0]) & ~_sound(boxes[1])
    if bare.any():
        found["no_geometry"] = int(bare.sum())
    crowded = sum(len(side.features) - len(side.rows) for side in (old, new))
    if crowded:
        found["parts"] = crowded
    return found
