"""The freshness report as a value: totals that reconcile, custodians, objects, problems. No clock, no files.

The same inputs give the same audit, and every exporter the same bytes from it. Totals are kept in
rows and in maintained units: over the statuses, and over the custodians plus the orphans, both
add up to ``objects``. What is broken down further counts units, and is made when it is asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool
from twin.maintenance.audited import (
    NO_RULES,
    OBJECT_COLUMNS,
    RETIRED,
    Audited,
    instants,
    object_columns,
    quality,
    rounded,
)
from twin.maintenance.breakdowns import (
    COUNTS,
    DIMENSIONS,
    FLAGS,
    Group,
    Units,
    grouped,
    units_of,
    whole,
)
from twin.maintenance.kpis import OrderTimes, order_kpis, persons_of, unit_kpis
from twin.maintenance.rules import Rules
from twin.observations import STATUSES, Assessment
from twin.records import Instant, Problem

__all__ = [
    "COUNTS", "DIMENSIONS", "FLAGS", "OBJECT_COLUMNS", "RETIRED", "Audit", "Audited", "Beside", "instants",
    "object_columns", "quality", "report", "rounded",
]  # fmt: skip


@dataclass(frozen=True)
class Beside:
    """What a report is made from beside the layers: rules (areas in the project's plane), orders, the
    stored snapshots by their day, the project's plane and its name."""

    rules: Rules = NO_RULES
    orders: OrderTimes = field(default_factory=OrderTimes.none)
    snapshots: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    crs: str = ""
    title: str = ""


NOTHING = Beside()


@dataclass(frozen=True)
class Audit:
    """The report. ``totals``/``totals_units`` have the keys of COUNTS; the two tables have one entry per
    custodian that answers for anything, most objects first, with ``custodian`` and the same counts.
    """

    at: Instant
    totals: Mapping[str, int]
    totals_units: Mapping[str, int]
    by_custodian: tuple[Mapping[str, Any], ...]
    by_custodian_units: tuple[Mapping[str, Any], ...]
    layers: tuple[Audited, ...]
    problems: tuple[tuple[str, Problem], ...]
    provisional: tuple[str, ...]
    beside: Beside = NOTHING

    @cached_property
    def units(self) -> Units:
        """Return the maintained units that are counted, as columns."""
        return units_of(self.layers)

    @cached_property
    def whole(self) -> Group:
        """Return all units as one group."""
        return whole(self.units)

    @cached_property
    def groups(self) -> Mapping[str, tuple[Group, ...]]:
        """Return the units by each of DIMENSIONS, most units first, those without a name last."""
        return {name: grouped(self.units, name) for name in DIMENSIONS}

    @cached_property
    def kpis(self) -> dict[str, Any]:
        """Return the key figures: of the units as they stand, and of the orders."""
        persons = persons_of(self.beside.rules.parties)
        return {
            **unit_kpis(self.units, self.whole, persons),
            "orders": order_kpis(self.beside.orders),
        }

    def objects(self) -> Iterator[dict[str, Any]]:
        """Yield one dict per counted row, in the order of layers and rows; keys are OBJECT_COLUMNS."""
        for layer in self.layers:
            rows = np.flatnonzero(layer.counted()).astype(np.int32)
            for start in range(0, len(rows), 65536):
                columns = object_columns(layer, rows[start : start + 65536])
                for values in zip(*columns.values(), strict=True):
                    yield dict(zip(columns, values, strict=True))


def report(
    layers: Sequence[Audited],
    at: Instant,
    problems: Sequence[Problem] = (),
    beside: Beside = NOTHING,
) -> Audit:
    """Return the audit of judged layers at the instant they were judged for.

    ``problems`` are those of the whole project; each layer brings its own.
    """
    tally: dict[bool, dict[str, NDArray[np.int64]]] = {False: {}, True: {}}
    totals = {units: np.zeros(len(COUNTS), np.int64) for units in (False, True)}
    for layer in layers:
        counted = layer.counted()
        at_unit = counted & (layer.assessment.unit == np.arange(len(counted)))
        for units, rows in ((False, counted), (True, at_unit)):
            totals[units] += _count(layer.assessment, rows, tally[units])
    found = [("", problem) for problem in problems]
    found += [(layer.source, problem) for layer in layers for problem in layer.problems]
    return Audit(
        at=at,
        totals=_named(totals[False]),
        totals_units=_named(totals[True]),
        by_custodian=_table(tally[False]),
        by_custodian_units=_table(tally[True]),
        layers=tuple(layers),
        problems=tuple(found),
        provisional=tuple(layer.source for layer in layers if layer.provisional),
        beside=beside,
    )


def _count(
    assessment: Assessment, rows: Bool, tally: dict[str, NDArray[np.int64]]
) -> NDArray[np.int64]:
    """Return the counts of the rows and add them to the custodians' tally, by one histogram."""
    whole = bool(rows.all())
    status, custodian, suspect, conflict = (
        values if whole else values[rows]
        for values in (
            assessment.status,
            assessment.custodian,
            assessment.suspect,
            assessment.conflict,
        )
    )
    people, states = len(assessment.custodians) + 1, len(STATUSES)
    code = (custodian + 1) * states + status
    grid = np.bincount(code, minlength=people * states).reshape(people, states)
    doubted = np.bincount(custodian[suspect & (status != RETIRED)] + 1, minlength=people)
    disputed = np.bincount(custodian[conflict] + 1, minlength=people)
    counts = np.zeros((people, len(COUNTS)), np.int64)
    counts[:, 0] = grid.sum(axis=1)
    counts[:, 1 : 1 + states] = grid
    counts[:, COUNTS.index("suspect")] = doubted
    counts[:, COUNTS.index("conflicts")] = disputed
    counts[0, COUNTS.index("orphans")] = counts[0, 0]
    for number, name in enumerate(assessment.custodians, 1):
        if counts[number, 0]:
            tally[name] = tally.get(name, 0) + counts[number]
    total: NDArray[np.int64] = counts.sum(axis=0)
    return total


def _named(counts: NDArray[np.int64]) -> dict[str, int]:
    return dict(zip(COUNTS, counts.tolist(), strict=True))


def _table(tally: Mapping[str, NDArray[np.int64]]) -> tuple[dict[str, Any], ...]:
    order = sorted(tally, key=lambda name: (-int(tally[name][0]), name))
    return tuple({"custodian": name, **_named(tally[name])} for name in order)
