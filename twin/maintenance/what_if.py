"""What another set of rules would change: counts before and after, in all and by class, and which objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from twin.features import FeatureTable
from twin.geometry import Rows
from twin.observations import STATUSES, Assessment

SHOWN = (*STATUSES, "suspect")
"""What an object shows: its status by age, or suspect before it."""
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Difference:
    """Maintained units before and after, i64 counts in the order of SHOWN; ``changed`` rows show another status.

    ``governed`` counts by policy id how many units it governs then.
    """

    before: Counts
    after: Counts
    by_kind: Mapping[str, tuple[Counts, Counts]] = field(default_factory=dict)
    changed: Rows = field(default_factory=lambda: np.zeros(0, np.int32))
    governed: Mapping[str, int] = field(default_factory=dict)


def shown_codes(assessment: Assessment) -> NDArray[np.uint8]:
    """Return u8(n) codes into SHOWN."""
    codes = assessment.status.copy()
    retired = codes == STATUSES.index("retired")
    codes[assessment.suspect & ~retired] = len(STATUSES)
    return codes


def difference(
    features: FeatureTable,
    before: Assessment,
    after: Assessment,
    elsewhere: NDArray[np.bool_] | None,
) -> Difference:
    """Return what changes from one verdict on a table to another; rows counted ``elsewhere`` are left out."""
    sides = []
    marks = np.zeros((2, len(features)), np.uint8)
    kinds: dict[str, list[Counts]] = {}
    for number, verdict in enumerate((before, after)):
        units = verdict.unit_rows()
        units = units if elsewhere is None else units[~elsewhere[units]]
        shown = shown_codes(verdict)[units]
        marks[number, units] = shown + 1
        sides.append(np.bincount(shown, minlength=len(SHOWN)).astype(np.int64))
        table = np.zeros((len(features.kinds), len(SHOWN)), np.int64)
        np.add.at(table, (features.kind[units], shown), 1)
        for kind, counts in zip(features.kinds, table, strict=True):
            kinds.setdefault(kind, []).append(counts)
    both = {k: (a, b) for k, (a, b) in kinds.items() if a.any() or b.any()}
    changed = np.flatnonzero(marks[0] != marks[1]).astype(np.int32)
    return Difference(sides[0], sides[1], both, changed, _governed(after, marks[1] > 0))


def _governed(verdict: Assessment, units: NDArray[np.bool_]) -> dict[str, int]:
    rule = verdict.rule[units]
    tally = np.bincount(rule[rule >= 0], minlength=len(verdict.rules))
    found = {key: int(n) for key, n in zip(verdict.rules, tally, strict=True)}
    found[""] = int((rule < 0).sum())
    return found


def together(parts: list[Difference]) -> Difference:
    """Return the differences of several tables as one; ``changed`` stays with each."""
    zero = np.zeros(len(SHOWN), np.int64)
    kinds: dict[str, tuple[Counts, Counts]] = {}
    governed: dict[str, int] = {}
    for part in parts:
        for kind, (a, b) in part.by_kind.items():
            x, y = kinds.get(kind, (zero, zero))
            kinds[kind] = (x + a, y + b)
        for key, n in part.governed.items():
            governed[key] = governed.get(key, 0) + n
    before = sum((part.before for part in parts), zero)
    after = sum((part.after for part in parts), zero)
    return Difference(before, after, kinds, np.zeros(0, np.int32), governed)
