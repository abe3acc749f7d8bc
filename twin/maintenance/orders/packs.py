"""The exchange pack for a custodian without the program: tables out, and three-way differences back.

A pack is a zip archive: ``objects.gpkg`` (layers ``objects`` and ``orders``, to be edited in any GIS),
``base.json`` (what they said when they were handed out), and orders as CSV, iCalendar and BCF. Pure here:
values in, values out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from twin.features import FeatureTable, absent
from twin.geometry import Rows
from twin.journal_words import plain

VERSION = 1
TABLES, BASE = "objects.gpkg", "base.json"
OBJECTS, ORDERS = "objects", "orders"
OWN = ("uid", "layer", "id", "name", "class", "order", "custodian", "status", "observed", "due")
"""Columns of the objects' table that are ours: changes in them are not taken."""
EDITABLE = ("state", "delivery", "note")
"""Columns of the orders' table that a custodian fills in."""
MOST_COLUMNS = 80
Values = Mapping[str, Mapping[str, Any]]
"""Object uid (or order id) -> column -> plain value."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that came back changed. ``mine`` is what the project says now; a ``conflict``: it changed here
    too, to something else."""

    table: str
    key: str
    column: str
    base: Any
    mine: Any
    theirs: Any

    @property
    def conflict(self) -> bool:
        """Return whether both sides changed the value, each to another."""
        return not alike(self.mine, self.base) and not alike(self.mine, self.theirs)


def columns_of(table: FeatureTable) -> tuple[str, ...]:
    """Return the attributes that a pack holds: texts and numbers, the first MOST_COLUMNS by name."""
    fit = [name for name in table.names if table.columns[name].dtype.kind in "Tbiuf"]
    return tuple(sorted(name for name in fit if name not in OWN)[:MOST_COLUMNS])


def values_of(table: FeatureTable, rows: Rows, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return plain values of some rows, None where there is none."""
    found: list[dict[str, Any]] = [{} for _ in rows]
    for name in names:
        column = table.get(name)
        if column is None:
            continue
        missing = absent(column)
        for said, row in zip(found, rows.tolist(), strict=True):
            said[name] = None if missing[row] else plain(column[row])
    return found


def alike(first: Any, second: Any) -> bool:
    """Return whether two values are one: '' and None, 1 and 1.0, '5' and 5 are what tables make of each other."""
    a, b = (None if _nothing(x) else x for x in (first, second))
    if a is None or b is None or (isinstance(a, str) and isinstance(b, str)):
        return bool(a == b)
    try:
        return float(a) == float(b)
    except (TypeError, ValueError):
        return str(a) == str(b)


def _nothing(value: Any) -> bool:
    if value is None or (isinstance(value, str) and not value.strip()):
        return True
    if isinstance(value, np.datetime64):
        return bool(np.isnat(value))
    return isinstance(value, float) and value != value


def differences(table: str, base: Values, mine: Values, theirs: Values) -> list[Difference]:
    """Return what came back otherwise than it went out, in order; keys that we do not know are left out."""
    found = []
    for key in sorted(base):
        if key not in theirs or key not in mine:
            continue
        for column in sorted(base[key]):
            if column not in theirs[key]:
                continue  # they took the column away: no opinion
            was, now, came = base[key][column], mine[key].get(column), theirs[key][column]
            if not alike(came, was) and not alike(came, now):
                found.append(Difference(table, key, column, was, now, came))
    return found
