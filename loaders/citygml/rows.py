"""Objects -> rows: unique ids, kinds, names and parents in the order of the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from loaders._city.columns import Columns
from loaders._city.hierarchy import ordered
from loaders._city.problems import problem
from loaders.citygml.attributes import Said
from twin.geometry import I32
from twin.records import Problem


@dataclass(slots=True)
class Objects:
    """Collects rows while a file is read; a parent is added before its parts."""

    ids: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    columns: Columns = field(default_factory=Columns)
    problems: list[Problem] = field(default_factory=list)
    units: dict[str, str] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)

    def add(self, key: str, kind: str, parent: int) -> int:
        """Add an object and return its row. One without an id is named by its kind and its place."""
        row = len(self.ids)
        if not key:
            key = f"{self.ids[parent]}/{kind}" if parent >= 0 else f"{kind} {row + 1}"
            key = self._another(key) if key in self._known else key
        elif key in self._known:
            self.problems.append(problem("citygml.duplicate", key))
            key = self._another(key)
        self._known.add(key)
        self.ids.append(key)
        self.kinds.append(kind)
        self.names.append(None)
        self.parents.append(parent)
        return row

    def describe(self, row: int, said: Said) -> None:
        """Add what was said of an object."""
        self.names[row] = said.name
        self.columns.add(row, said.values)
        for name, unit in said.units.items():
            if self.units.setdefault(name, unit) != unit:
                said.rare[f"{name} uom"] = unit
        if said.rare:
            self.columns.add_rare(row, said.rare)

    def amend(self, said: Mapping[str, Mapping[str, str]]) -> None:
        """Add attributes that the file tells elsewhere, by the objects' ids."""
        rows = {key: row for row, key in enumerate(self.ids)} if said else {}
        for key, values in said.items():
            if key in rows:
                self.columns.add(rows[key], dict(values))

    def hierarchy(self) -> tuple[I32, I32]:
        """Return the rows in their final order and the parents i32(n) in final rows."""
        return ordered(np.array(self.parents, np.int32))

    def _another(self, key: str) -> str:
        number = 2
        while f"{key}#{number}" in self._known:
            number += 1
        return f"{key}#{number}"
