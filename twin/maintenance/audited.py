"""One judged layer, and its objects as rows for a report: plain values, codes untranslated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool, FeatureTable, Times
from twin.geometry import I32, Rows
from twin.maintenance.currency import DQ_NAMES
from twin.maintenance.districts import districts
from twin.maintenance.footings import Footings
from twin.maintenance.orders.attaching import Keyed, registered_in, uids_by
from twin.maintenance.risk import Risk, risk_of
from twin.maintenance.rules import Rules
from twin.observations import KINDS, LEVELS, STATUSES, Assessment, Observations
from twin.records import Problem

OBJECT_COLUMNS = (
    "id", "kind", "source", "unit", "observed", "observed_until", "observed_kind", "level", "field_path",
    "confidence", "age_days", "due", "ratio", "overdue_days", "status", "suspect", "dq", "custodian",
    "rung", "conflict", "contact_only", "policy", "district", "p_out_of_date", "priority", "order",
    "uid",
)  # fmt: skip
NO_RULES = Rules()
RETIRED = STATUSES.index("retired")


@dataclass(frozen=True)
class Audited:
    """One judged layer. ``elsewhere`` marks rows whose uid an earlier layer counts already.

    ``present`` marks the rows that exist as of the audited instants (None = all);
    ``provisional``: not all objects of the source are known yet. ``rules`` are those it was judged by,
    areas in the project's plane; ``orders`` names the open work orders of a row; ``key`` is the layer's id.
    """

    source: str
    features: FeatureTable
    observations: Observations
    assessment: Assessment
    problems: tuple[Problem, ...] = ()
    provisional: bool = False
    elsewhere: Bool | None = None
    present: Bool | None = None
    rules: Rules = NO_RULES
    orders: Mapping[int, str] = field(default_factory=dict)
    key: str = ""
    dataset: str = ""
    format: str = ""

    def counted(self) -> Bool:
        """Return bool(n): the rows that this layer contributes."""
        mask = np.ones(len(self.features), np.bool_)
        if self.elsewhere is not None:
            mask &= ~self.elsewhere
        if self.present is not None:
            mask &= self.present
        return mask

    @cached_property
    def footings(self) -> Footings:
        """Return what the units cover on the ground."""
        return Footings(self.features, self.assessment.unit)

    @cached_property
    def registered(self) -> Keyed:
        """Return the keys of registers by row, where ids do not last."""
        return registered_in(self.features, self.assessment.unit_rows(), self.format)

    @cached_property
    def risk(self) -> Risk:
        """Return how probably each row is out of date, and how pressing it is."""
        return risk_of(self.features, self.assessment, self.rules)

    @cached_property
    def district(self) -> tuple[I32, tuple[str, ...]]:
        """Return the district of each row: codes (-1 = none) and names."""
        return districts(self.features, self.rules, self.footings)


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
        *_pressing(layer, rows),
    )
    return dict(zip(OBJECT_COLUMNS, values, strict=True))


def _pressing(layer: Audited, rows: Rows) -> tuple[list[Any], ...]:
    """Return district, probability, priority, open orders and stable ids of some rows."""
    zone, names = layer.district
    zones = (*names, None)
    return (
        [zones[code] for code in zone[rows].tolist()],
        rounded(layer.risk.p[rows], 4),
        rounded(layer.risk.priority[rows], 2),
        [layer.orders.get(row) for row in rows.tolist()],
        list(uids_by(layer.dataset, layer.features, rows, layer.registered))
        if layer.dataset
        else [None] * len(rows),
    )


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
