"""Attributes of objects -> typed columns; the nested and the rare go into one JSON text a row."""

from collections.abc import Callable
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
_NOT_PLAIN = frozenset((dict, list, type(None)))


@dataclass(slots=True)
class Columns:
    """Collects the attributes of all objects, grouped by their names: most objects of a kind agree."""

    schemas: dict[tuple[str, ...], tuple[list[int], list[dict[str, Any]]]] = field(
        default_factory=dict
    )
    rare: dict[int, dict[str, Any]] = field(default_factory=dict)

    def add(self, row: int, attributes: dict[str, Any]) -> None:
        """Add the attributes of one object."""
        names = tuple(attributes)
        found = self.schemas.get(names)
        if found is None:
            found = self.schemas[names] = ([], [])
        found[0].append(row)
        found[1].append(attributes)

    def add_rare(self, row: int, values: dict[str, Any]) -> None:
        """Add what is only worth keeping in the text of rare attributes."""
        self.rare.setdefault(row, {}).update(values)

    def _cells(self) -> dict[str, tuple[list[int], list[Any]]]:
        """Return the rows and plain values of each attribute; the nested ones become rare."""
        cells: dict[str, tuple[list[int], list[Any]]] = {}
        for names, (rows, objects) in self.schemas.items():
            for name, values in zip(
                names, zip(*map(dict.values, objects), strict=True), strict=True
            ):
                into = cells.setdefault(name, ([], []))
                if _NOT_PLAIN.isdisjoint(map(type, values)):
                    into[0].extend(rows)
                    into[1].extend(values)
                    continue
                for row, value in zip(rows, values, strict=True):
                    if type(value) in (dict, list):
                        self.add_rare(row, {name: value})
                    elif value is not None:
                        into[0].append(row)
                        into[1].append(value)
        self.schemas.clear()
        return {name: cell for name, cell in cells.items() if cell[0]}

    def finished(
        self, order: I32, restored: Callable[[Any], Any] = lambda value: value
    ) -> dict[str, Column]:
        """Return the columns with rows in their final order (``order[final] = row``).

        ``restored`` puts back what was taken out of nested values.
        """
        n = len(order)
        rank = np.empty(n, np.int32)
        rank[order] = np.arange(n, dtype=np.int32)
        cells = self._cells()
        fullest = sorted(cells, key=lambda name: -len(cells[name][0]))
        kept = set(fullest[:MOST])
        found: dict[str, Column] = {}
        for name, (rows, values) in cells.items():
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
                texts[rank[row]] = orjson.dumps(restored(values_of)).decode()
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
