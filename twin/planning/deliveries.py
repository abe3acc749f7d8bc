"""What a plan needs from the city: when deliveries were made, what changed between them, who holds how many."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twin.judging import origin_of
from twin.maintenance.frequency.cycle import YEAR_DAYS
from twin.maintenance.frequency.rate import Interval, Rate, from_deliveries
from twin.maintenance.revisions import Revision
from twin.observations import KINDS
from twin.records import Instant
from twin.scene import Layer

CHANGED = frozenset(
    {"split", "merged", "removed", "replaced", "footprint_modified", "roof_changed", "shape_changed"}
)  # fmt: skip
"""Buckets that say the object itself changed: other attributes or another terrain do not."""
UNIFORM = 0.90
"""Share of the dated objects that one value must have to be the delivery's (MAINTENANCE.md 1.3, U1)."""
DELIVERED = ("delivered", "published", "registered", "modelled", "captured", "file")
"""Kinds of dates from which a delivery's own is taken, best first."""
ALL = "*"
"""The class of everything."""


@dataclass(frozen=True, slots=True)
class Step:
    """What changed between two deliveries ``years`` apart: class -> (changed, objects) of the older one."""

    years: float
    counts: dict[str, tuple[int, int]]


def delivery_date(layer: Layer) -> Instant | None:
    """Return the date of a delivery: what the file says of itself, else a date that its objects share.

    A date of registration that nine objects in ten share is the delivery's. None where there is none.
    """
    said = origin_of(layer).references
    if said:
        return said[0]
    observations = layer.observations
    for name in DELIVERED:
        times = observations.t_lo[observations.kind == KINDS.index(name)]
        times = times[~np.isnat(times)]
        if len(times):
            values, counts = np.unique(times, return_counts=True)
            if counts.max() >= UNIFORM * len(times):
                found: Instant = values[np.argmax(counts)]
                return found
    return None


def years_between(first: Instant, second: Instant) -> float:
    """Return the years of 365.25 days from one instant to another."""
    return float((second - first) / np.timedelta64(1, "D")) / YEAR_DAYS


def changed_by_class(revision: Revision, old: Layer) -> dict[str, tuple[int, int]]:
    """Return class -> (changed, objects) among the compared objects of the older delivery; ``ALL`` is all."""
    found: dict[str, tuple[int, int]] = {}
    for pair in revision.pairs:
        hit = int(pair.bucket in CHANGED)
        for row in pair.old:
            for name in (ALL, old.features.kinds[int(old.features.kind[row])]):
                changed, objects = found.get(name, (0, 0))
                found[name] = (changed + hit, objects + 1)
    return found


def rates(steps: Sequence[Step]) -> dict[str, Rate]:
    """Return class -> rate over all steps in which the class occurs; ``ALL`` first, then by name."""
    names = sorted({name for step in steps for name in step.counts}, key=lambda x: (x != ALL, x))
    found = {}
    for name in names:
        intervals = [
            Interval(*step.counts[name], step.years) for step in steps if name in step.counts
        ]
        found[name] = from_deliveries(intervals)
    return found


def unit_counts(layer: Layer) -> dict[str, int]:
    """Return class -> number of maintained units; ``ALL`` is all."""
    rows = layer.assessment.unit_rows()
    kinds = np.bincount(layer.features.kind[rows], minlength=len(layer.features.kinds))
    found = {
        name: int(n) for name, n in zip(layer.features.kinds, kinds.tolist(), strict=True) if n
    }
    return {ALL: len(rows), **dict(sorted(found.items()))}


def usual_rule(layer: Layer, kind: str) -> str:
    """Return the id of the policy by which most units of a class are judged ('' = none)."""
    rows = layer.assessment.unit_rows()
    if kind != ALL:
        rows = rows[layer.features.kind[rows] == layer.features.kinds.index(kind)]
    codes = layer.assessment.rule[rows]
    codes = codes[codes >= 0]
    if not len(codes):
        return ""
    return layer.assessment.rules[int(np.argmax(np.bincount(codes)))]
