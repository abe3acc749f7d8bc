"""The freshness report as a value: totals that reconcile, custodians, objects, problems. No clock, no files.

The same inputs give the same audit, and every exporter the same bytes from it. Totals are kept in
rows and in maintained units: over the statuses, and over the custodians plus the orphans, both
add up to ``objects``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool, FeatureTable, Times
from twin.geometry import Rows
from twin.maintenance.currency import DQ_NAMES
from twin.observations import KINDS, LEVELS, STATUSES, Assessment, Observations
from twin.records import Instant, Problem

FLAGS = ("suspect", "orphans", "conflicts")
"""Counted beside the statuses, which alone add up. Retired objects are never suspect."""
COUNTS = ("objects", *STATUSES, *FLAGS)
OBJECT_COLUMNS = (
    "id", "kind", "source", "unit", "observed", "observed_until", "observed_kind", "level", "field_path",
    "confidence", "age_days", "due", "ratio", "overdue_days", "status", "suspect", "dq", "custodian",
    "rung", "conflict", "contact_only", "policy",
)  # fmt: skip
RETIRED = STATUSES.index("retired")


@dataclass(frozen=True)
class Audited:
    """One judged layer. ``elsewhere`` marks rows whose uid an earlier layer counts already.

    ``present`` marks the rows that exist as of the audited instants (None = all);
    ``provisional``: not all objects of the source are known yet.
    """

    source: str
    features: FeatureTable
    observations: Observations
    assessment: Assessment
    problems: tuple[Problem, ...] = ()
    provisional: bool = False
    elsewhere: Bool | None = None
    present: Bool | None = None

    def counted(self) -> Bool:
        """Return bool(n): the rows that this layer contributes."""
        mask = np.ones(len(self.features), np.bool_)
        if self.elsewhere is not None:
            mask &= ~self.elsewhere
        if self.present is not None:
            mask &= self.present
        return mask


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

    def objects(self) -> Iterator[dict[str, Any]]:
        """Yield one dict per counted row, in the order of layers and rows; keys are OBJECT_COLUMNS."""
        for layer in self.layers:
            rows = np.flatnonzero(layer.counted()).astype(np.int32)
            for start in range(0, len(rows), 65536):
                columns = object_columns(layer, rows[start : start + 65536])
                for values in zip(*columns.values(), strict=True):
                    yield dict(zip(columns, values, strict=True))


def report(layers: Sequence[Audited], at: Instant, problems: Sequence[Problem] = ()) -> Audit:
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


def object_columns(layer: Audited, rows: Rows) -> dict[str, list[Any]]:
    """Return OBJECT_COLUMNS of some rows as Python lists; missing values are None."""
    a, f = layer.assessment, layer.features
    kinds = [*KINDS, None]
    kind_names, rungs = (*f.kinds, None), (None, "R1", "R2", "R3", "R4")
    observation = a.observation[rows]
    known = observation >= 0
    paths = np.where(known, a.path[rows], -1).tolist()
    until = _chosen_until(layer, observation)
    age = a.age_days[rows]
    values: tuple[list[Any], ...] = (
        f.id[rows].tolist(),
        [kind_names[code] for code in f.kind[rows].tolist()],
        [layer.source] * len(rows),
        f.id[a.unit[rows]].tolist(),
        instants(a.t_eff[rows]),
        instants(until),
        [kinds[code if code < len(KINDS) else -1] for code in a.t_kind[rows].tolist()],
        [
            LEVELS[level] if said else None
            for level, said in zip(a.t_level[rows].tolist(), known, strict=True)
        ],
        [a.paths[code] if code >= 0 else None for code in paths],
        np.round(a.confidence[rows].astype(np.float64), 3).tolist(),
        [days if said else None for days, said in zip(age.tolist(), known, strict=True)],
        instants(a.due[rows]),
        rounded(a.ratio[rows], 4),
        a.overdue[rows].tolist(),
        [STATUSES[code] for code in a.status[rows].tolist()],
        a.suspect[rows].tolist(),
        [quality(bits) for bits in a.dq[rows].tolist()],
        [a.custodians[code] if code >= 0 else None for code in a.custodian[rows].tolist()],
        [rungs[code] for code in a.rung[rows].tolist()],
        a.conflict[rows].tolist(),
        a.contact_only[rows].tolist(),
        [a.rules[code] if code >= 0 else None for code in a.rule[rows].tolist()],
    )
    return dict(zip(OBJECT_COLUMNS, values, strict=True))


def _chosen_until(layer: Audited, observation: NDArray[np.int32]) -> Times:
    if not len(layer.observations):
        return np.full(len(observation), np.datetime64("NaT"), "datetime64[ms]")
    found = layer.observations.t_hi[observation]
    return np.where(observation >= 0, found, np.datetime64("NaT", "ms"))


def instants(times: Times) -> list[str | None]:
    """Return ISO 8601 UTC texts to the second; None for NaT."""
    texts = np.datetime_as_string(times, unit="s").tolist()
    return [None if text == "NaT" else f"{text}Z" for text in texts]


def rounded(values: NDArray[np.float32], digits: int) -> list[float | None]:
    """Return floats with so many digits; None for NaN."""
    found = np.round(values.astype(np.float64), digits).tolist()
    return [None if value != value else value for value in found]


def quality(bits: int) -> list[str]:
    """Return the names of the data-quality bits of ``Assessment.dq``."""
    return [name for bit, name in DQ_NAMES.items() if bits & bit] if bits else []
