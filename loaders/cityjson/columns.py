"""Attributes of objects -> typed columns; the nested and the rare go into one JSON text a row."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from twin.features import EXTRA, TEXT, Column
from twin.geometry import I32

MOST = 160
"""So many columns at most: the fullest; the rest are rare."""
RESERVED = frozenset(
    ("id", "kind", "name", "lod", "valid_from", "valid_to", "created", "terminated")
)
"""The table's own names: an attribute of that name is called ``attributes.<name>``."""
EXACT = 2**53


@dataclass(slots=True)
class Columns:
    """Collects the cells of all objects."""

    cells: dict[str, tuple[list[int], list[Any]]] = field(default_factory=dict)
    rare: dict[int, dict[str, Any]] = field(default_factory=dict)

    def add(self, row: int, attributes: dict[str, Any]) -> None:
        """Add the attributes of one object."""
        cells = self.cells
        for name, value in attributes.items():
            if value is None:
                continue
            if type(value) in (dict, list):
                self.rare.setdefault(row, {})[name] = value
                continue
            found = cells.get(name)
            if found is None:
                found = cells[name] = ([], [])
            found[0].append(row)
            found[1].append(value)

    def add_rare(self, row: int, values: dict[str, Any]) -> None:
        """Add what is only worth keeping in the text of rare attributes."""
        self.rare.setdefault(row, {}).update(values)

    def finished(self, order: I32) -> dict[str, Column]:
        """Return the columns with rows in their final order (``order[final] = row``)."""
        n = len(order)
        rank = np.empty(n, np.int32)
        rank[order] = np.arange(n, dtype=np.int32)
        fullest = sorted(self.cells, key=lambda name: -len(self.cells[name][0]))
        kept = set(fullest[:MOST])
        found: dict[str, Column] = {}
        for name, (rows, values) in self.cells.items():
            if name in kept:
                own = name in RESERVED or name.startswith("_")
                at = rank[np.array(rows, np.int32)]
                found[f"attributes.{name}" if own else name] = column(at, values, n)
                continue
            for row, value in zip(rows, values, strict=True):
                self.rare.setdefault(row, {})[name] = value
        if self.rare:
            texts = np.full(n, None, TEXT)
            for row, values_of in self.rare.items():
                texts[rank[row]] = orjson.dumps(values_of).decode()
            found[EXTRA] = texts
        return found


def column(rows: I32, values: list[Any], n: int) -> Column:
    """Return a column of n rows: whole numbers int64, numbers float64 (missing NaN), truth bool, else text."""
    types = set(map(type, values))
    full = len(values) == n
    if types == {bool} and full:
        return _filled(rows, values, np.empty(n, np.bool_))
    if types <= {int, float} and types:
        whole = types == {int}
        if whole and full and all(-(2**63) <= v < 2**63 for v in values):
            return _filled(rows, values, np.empty(n, np.int64))
        if not whole or all(-EXACT <= v <= EXACT for v in values):
            return _filled(rows, values, np.full(n, np.nan, np.float64))
    texts = values if types == {str} else [_spelled(value) for value in values]
    return _filled(rows, texts, np.full(n, None, TEXT))


def _filled(rows: I32, values: list[Any], into: Column) -> Column:
    into[rows] = np.array(values, dtype=into.dtype)
    return into


def _spelled(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
