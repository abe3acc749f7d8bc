"""What later tiles add to an object that is known: one object, one passport, whichever tile came first.

A coarse level often says less of an object than a fine one. A value counts where there was none; what
was said first stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool, Column, FeatureTable, absent, appended, extended
from twin.geometry import Rows
from twin.observations import Observations, joined, picked

TIMES = ("valid_from", "valid_to", "created", "terminated")


@dataclass(frozen=True, slots=True)
class Again:
    """What a tile says of known objects: their part of its table, their rows i32(k) in the layer's
    table, and the observations about them, counted in the layer's table."""

    features: FeatureTable
    rows: Rows
    observations: Observations | None


def completed(
    table: FeatureTable, observations: Observations, again: Sequence[Again]
) -> tuple[FeatureTable, Observations]:
    """Return the table and the observations with what was not said before; the same where nothing is."""
    if again:
        first, *rest = [item.features for item in again]
        rows = np.concatenate([item.rows for item in again])
        table = _filled(table, extended(first, rest), rows)
    said = [item for item in again if item.observations is not None]
    return table, _told(observations, said) if said else observations


def _filled(table: FeatureTable, more: FeatureTable, rows: Rows) -> FeatureTable:
    """Return the table with the values of ``more``, which are about ``rows``, where it has none."""
    columns: dict[str, Column] = {}
    for name, values in more.columns.items():
        found = _column(table.columns.get(name), len(table), values, rows)
        if found is not None:
            columns[name] = found
    changes: dict[str, Any] = {}
    for name in ("name", *TIMES):
        values = getattr(more, name)
        if values is not None:
            found = _column(getattr(table, name), len(table), values, rows)
            changes |= {} if found is None else {name: found}
    if not columns and not changes:
        return table
    return replace(table, columns={**table.columns, **columns}, **changes)


def _column(held: Column | None, n: int, values: Column, rows: Rows) -> Column | None:
    """Return a column of n rows with what is missing at ``rows`` filled in, None where nothing is."""
    there = ~absent(values)
    if held is not None:
        there &= absent(held[rows])
    if not there.any():
        return None
    at = np.flatnonzero(there)[::-1]  # of two that say it the first counts
    both = appended(held, n, values[at], len(at))
    found = both[:n].copy()
    found[rows[at]] = both[n:]
    return found


def _told(observations: Observations, again: Sequence[Again]) -> Observations:
    """Return the observations with those of a kind and field that an object did not have."""
    rows = np.unique(np.concatenate([item.rows for item in again]))
    about = np.isin(observations.row, rows), np.isin(observations.party_row, rows)
    before = picked(observations, *about)
    dates, claims = set(_dates(before)), set(_claims(before))
    parts = [observations]
    for item in again:
        assert item.observations is not None
        own, theirs = _dates(item.observations), _claims(item.observations)
        fresh, holders = _fresh(own, dates), _fresh(theirs, claims)
        if fresh.any() or holders.any():
            parts.append(picked(item.observations, fresh, holders))
        dates.update(own)
        claims.update(theirs)
    return joined(parts)


def _fresh(keys: list[tuple[object, ...]], known: set[tuple[object, ...]]) -> Bool:
    found: NDArray[np.bool_] = np.array([key not in known for key in keys], np.bool_)
    return found


def _dates(said: Observations) -> list[tuple[object, ...]]:
    paths = [said.paths[code] for code in said.path.tolist()]
    arrays = (said.row, said.kind, said.aspect, said.level)
    return list(zip(*(x.tolist() for x in arrays), paths, strict=True))


def _claims(said: Observations) -> list[tuple[object, ...]]:
    paths = [said.paths[code] for code in said.party_path.tolist()]
    arrays = (said.party_row, said.party_role, said.party_level)
    return list(zip(*(x.tolist() for x in arrays), paths, strict=True))
