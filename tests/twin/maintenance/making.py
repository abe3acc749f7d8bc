"""Small tables and observations for the tests, in one line each."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from twin.features import FeatureTable, encode, texts
from twin.maintenance.dates import parse_column
from twin.maintenance.rules import Choices, Rules
from twin.observations import ObservationList, Observations
from twin.records import Policy

NOW = np.datetime64("2025-10-27T00:00:00", "ms")


def table(
    kinds: Sequence[str],
    parents: Sequence[int] | None = None,
    boxes: Sequence[Sequence[float]] | None = None,
    columns: Mapping[str, Any] | None = None,
    **lifespans: Any,
) -> FeatureTable:
    n = len(kinds)
    codes, names = encode(list(kinds))
    bounds = (
        np.tile([0.0, 0, 0, 10, 10, 10], (n, 1)) if boxes is None else np.array(boxes, np.float64)
    )
    parent = np.full(n, -1, np.int32) if parents is None else np.array(parents, np.int32)
    ids = texts([f"o{i}" for i in range(n)])
    return FeatureTable(ids, codes, names, parent, bounds, columns=columns or {}, **lifespans)


Said = tuple[int, str, str, str, str]
"""(row, date text, kind, aspect, level)"""


def observed(
    *said: Said, path: str = "", parties: Sequence[tuple[int, str, str, str]] = ()
) -> Observations:
    """Return observations; ``parties`` are (row, name, role, level)."""
    found = ObservationList()
    for row, date, kind, aspect, level in said:
        parsed = parse_column([date])
        labels = (kind, aspect, level, path or f"{kind}.{aspect}")
        found.add_column(
            np.array([row], np.int32),
            (parsed.t_lo, parsed.t_hi),
            texts([date]),
            labels,
            parsed.flags,
        )
    for row, name, role, level in parties:
        found.add_parties(np.array([row], np.int32), [name], role, level, f"party.{role}")
    return found.frozen()


def rules(*policies: Policy, **more: Any) -> Rules:
    return Rules(policies=policies, choices=more.pop("choices", Choices()), **more)


ANNUAL = Policy("P-1", frequency="annually")
