"""City objects -> rows: ids, kinds, names, the part-of hierarchy with parents before their children."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from loaders._city.columns import Columns
from loaders._city.hierarchy import ordered, without_cycles
from loaders._city.problems import problem
from loaders.cityjson.cutting import Cut
from loaders.cityjson.reading import Json
from twin.geometry import I32
from twin.records import Problem

GROUP = "CityObjectGroup"
"""A group lists members; that is not part-of, so it is nobody's parent."""
NAMES = ("name", "Name", "gml_name", "gml:name", "naam", "bezeichnung", "名称", "label", "title")
_NAMES = frozenset(NAMES)
ADDRESS = (
    ("thoroughfareName", "ThoroughfareName", "street"),
    ("thoroughfareNumber", "ThoroughfareNumber", "number"),
    ("locality", "LocalityName", "city"),
)
KEPT = ("address", "members", "children_roles", "geographicalExtent")
"""Members of an object, besides its attributes, worth keeping in the text of rare attributes."""


_KEPT = frozenset(KEPT)


@dataclass(slots=True)
class Objects:
    """Collects rows in file order while a source is read."""

    cuts: Cut
    ids: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    parents: list[str | None] = field(default_factory=list)
    declared: dict[str, str] = field(default_factory=dict)
    row_of: dict[str, int] = field(default_factory=dict)
    columns: Columns = field(default_factory=Columns)
    problems: list[Problem] = field(default_factory=list)

    def add(self, key: str, said: Any) -> int:
        """Add an object and return its row, or -1 (with a problem) when it is none."""
        if not isinstance(said, dict) or not isinstance(said.get("type"), str):
            self.problems.append(problem("cityjson.object", key))
            return -1
        row = len(self.ids)
        if key in self.row_of:
            self.problems.append(problem("cityjson.duplicate", key))
            key = self._another(key)
        self.row_of[key] = row
        self.ids.append(key)
        self.kinds.append(said["type"])
        attributes = said.get("attributes")
        attributes = attributes if isinstance(attributes, dict) else {}
        self.names.append(_name(said, attributes))
        self.parents.append(self._parent(key, said))
        if "boundaries" in attributes:
            attributes["boundaries"] = self.cuts.restored(attributes["boundaries"])
        self.columns.add(row, attributes)
        kept = {name: said[name] for name in _KEPT.intersection(said) if said[name]}
        if said["type"] == GROUP and said.get("children"):
            kept["members"] = said["children"]
        if kept:
            self.columns.add_rare(row, kept)
        return row

    def _another(self, key: str) -> str:
        number = 2
        while f"{key}#{number}" in self.row_of:
            number += 1
        return f"{key}#{number}"

    def _parent(self, key: str, said: Json) -> str | None:
        children = said.get("children")
        if isinstance(children, list) and said["type"] != GROUP:
            for child in children:
                if isinstance(child, str):
                    self.declared.setdefault(child, key)
        parents = said.get("parents")
        if isinstance(parents, list):
            for parent in parents:
                if isinstance(parent, str):
                    return parent
        return None

    def hierarchy(self) -> tuple[I32, I32]:
        """Return ``(order, parent)``: file rows in their final order (parents first, families
        together), and the parent i32(n) in final rows."""
        parent = np.full(len(self.ids), -1, np.int32)
        for row, key in enumerate(self.ids):
            named = self.parents[row]
            if named is not None and named not in self.row_of:
                self.problems.append(problem("cityjson.dangling", key, other=named))
            above = self.row_of.get(named or "", -1)
            if above < 0 or self.kinds[above] == GROUP:
                above = self.row_of.get(self.declared.get(key, ""), -1)
            if above >= 0 and self.kinds[above] != GROUP:
                parent[row] = above
        for key, by in self.declared.items():
            if key not in self.row_of:
                self.problems.append(problem("cityjson.dangling", by, other=key))
        parent, circular = without_cycles(parent)
        self.problems += [problem("cityjson.cycle", self.ids[row]) for row in circular]
        return ordered(parent)


def _name(said: Json, attributes: Json) -> str | None:
    for source in (attributes, said):
        if _NAMES.isdisjoint(source):
            continue
        for key in NAMES:
            value = source.get(key)
            if isinstance(value, str) and value.strip():
                return value.strip()
    return _address(said["address"]) if "address" in said else None


def _address(said: Any) -> str | None:
    """Return one line of an address object (1.0) or of the first of a list (1.1 and later)."""
    if isinstance(said, list):
        said = said[0] if said else None
    if not isinstance(said, dict):
        return None
    street, number, place = (_first(said, keys) for keys in ADDRESS)
    line = " ".join(part for part in (street, number) if part)
    if not line:
        return None
    return f"{line}, {place}" if place else line


def _first(said: Json, keys: Sequence[str]) -> str:
    for key in keys:
        value = said.get(key)
        if isinstance(value, str | int) and str(value).strip():
            return str(value).strip()
    return ""
