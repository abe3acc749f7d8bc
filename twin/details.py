"""What an object has beside plain attributes: materials, classifications, documents, relations.

A source that knows such things keeps them as one JSON text an object in the hidden column
``_details``; it is parsed only for the object being read. Every key may be missing:

* ``type``: ``{name, class, id, description}`` of the object's type;
* ``materials``: list of ``{kind, name, parts, type}``; kind is material, layers, profiles,
  constituents or list; a part is ``{material, name, category, thickness, fraction, profile,
  ventilated}`` with the thickness in metres; ``type`` is true where it comes from the type;
* ``classifications``: list of ``{system, edition, code, title, uri, type}``;
* ``documents``: list of ``{name, id, location, revision, status, purpose, owner, created, revised,
  valid_from, valid_to, state, type}`` with dates as the source spells them;
* ``groups``: list of ``{name, class, id, kind, description, serves, within}``, kind is system, zone
  or group; ``serves`` and ``within`` are lists of names;
* ``relations``: kind -> rows of this table (at most ``MOST_LISTED``), kinds in ``RELATION_KINDS``;
* ``totals``: kind -> number of related objects where not all are listed;
* ``named``: kind -> names of what is no object of the table (a task, an organisation);
* ``quantities``: the names of the sets that hold quantities;
* ``units``: attribute -> unit where this object's differs from ``FeatureTable.units``.

For grouping and colouring the same facts stand in plain text columns (``GROUPINGS``); where an
object has several values they are joined by ``SEVERAL``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import orjson

from twin.features import EXTRA, INHERITED, Column, FeatureTable, iterate, texts

DETAILS = "_details"
SEVERAL = " | "
GROUPINGS = (
    "Type", "System", "Group", "Material", "Classification", "Layer", "Discipline", "Storey",
)  # fmt: skip
MOST_LISTED = 100
MOST_SHOWN = 40
"""Entries of a list of plain values that are shown as one value."""
RELATION_KINDS = (
    "voids", "voided_by", "fills", "filled_by", "projects", "projected_by", "adheres_to",
    "adhered_by", "connected", "covers", "covered_by", "bounds", "bounded_by", "references",
    "referenced_in", "ports", "port_of", "controls", "controlled_by", "positions", "positioned_by",
    "interferes", "assigned_to", "assigned", "acted_on_by",
)  # fmt: skip
"""Both ways of every relation; the two of a symmetric one are the same."""
BSDD = ("identifier.buildingsmart.org", "search.bsdd.buildingsmart.org")
"""Hosts of the buildingSMART Data Dictionary."""

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Details:
    """The parsed details of one object; reads as empty where there are none."""

    said: Json = field(default_factory=dict)

    def entries(self, key: str) -> tuple[Json, ...]:
        """Return the entries of a list: materials, classifications, documents, groups."""
        found = self.said.get(key)
        return tuple(x for x in found if isinstance(x, dict)) if isinstance(found, list) else ()

    def mapping(self, key: str) -> Json:
        """Return an inner mapping: type, relations, totals, named, units."""
        found = self.said.get(key)
        return found if isinstance(found, dict) else {}

    @cached_property
    def quantities(self) -> frozenset[str]:
        """Return the names of the sets that hold quantities."""
        found = self.said.get("quantities")
        return frozenset(map(str, found)) if isinstance(found, list) else frozenset()


def details(table: FeatureTable, row: int) -> Details:
    """Return the details of one object; a text that is no JSON object reads as none."""
    column = table.columns.get(DETAILS)
    text = None if column is None else column[row]
    if not text:
        return Details()
    try:
        found = orjson.loads(str(text))
    except orjson.JSONDecodeError:
        return Details()
    return Details(found if isinstance(found, dict) else {})


def is_bsdd(uri: str) -> bool:
    """Return whether an address names an entry of the buildingSMART Data Dictionary."""
    try:
        return urlsplit(uri).hostname in BSDD
    except ValueError:
        return False


def is_web(uri: str) -> bool:
    """Return whether an address may be handed to a browser: http and https only."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


@dataclass(frozen=True, slots=True)
class Property:
    """One attribute as it is shown: ``key`` is its full name, ``group`` the set it stands in.

    ``mark``: own, type (inherited) or quantity.
    """

    key: str
    group: str
    name: str
    value: Any
    unit: str = ""
    mark: str = "own"


_PARTS = re.compile(r"(.+?)\.(?=\S)(.+)", re.DOTALL)
"""Set and property: at the first dot that no blank follows ("No. of risers" is one name)."""


def parted(key: str) -> tuple[str, str]:
    """Return set and name of an attribute's full name; the set is '' for a plain one."""
    found = _PARTS.fullmatch(key)
    return (found.group(1), found.group(2)) if found is not None else ("", key)


def properties(table: FeatureTable, row: int, known: Details | None = None) -> Iterator[Property]:
    """Yield every attribute of an object that has a value: the table's columns, then the rare ones."""
    known = details(table, row) if known is None else known
    rare, inherited = _rare(table, row)
    odd, quantities = known.mapping("units"), known.quantities
    for key, value in chain(iterate(table, row), flattened(rare)):
        group, name = parted(key)
        mark = "quantity" if group in quantities else "type" if key in inherited else "own"
        yield Property(key, group, name, value, str(odd.get(key, table.units.get(key, ""))), mark)


def _rare(table: FeatureTable, row: int) -> tuple[Json, frozenset[str]]:
    """Return the rare attributes, and the names of those that come from the type."""
    column = table.columns.get(EXTRA)
    text = None if column is None else column[row]
    return _rare_of(str(text)) if text else ({}, frozenset())


def _rare_of(text: str) -> tuple[Json, frozenset[str]]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {EXTRA: text}, frozenset()
    if not isinstance(found, dict):
        return {EXTRA: found}, frozenset()
    inherited = found.pop(INHERITED, ())
    return found, frozenset(map(str, inherited)) if isinstance(inherited, list) else frozenset()


def flattened(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (full name, value) of nested attributes; a list of plain values is one value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flattened(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        plain = all(isinstance(x, str | int | float | None) for x in value)
        shown = len(value) <= MOST_SHOWN and plain
        yield name, ", ".join(map(str, value)) if shown else f"[{len(value)}]"
    elif value is not None:
        yield name, value


def rare_column(table: FeatureTable, key: str) -> Column | None:
    """Return a rare attribute as a column, made from every object's ``_extra``; None where none has it.

    Numbers are float64 where all are, else texts.
    """
    column = table.columns.get(EXTRA)
    if column is None:
        return None
    values: list[Any] = [
        dict(flattened(_rare_of(text)[0])).get(key) if text else None for text in column.tolist()
    ]
    if all(value is None for value in values):
        return None
    if all(x is None or (isinstance(x, int | float) and not isinstance(x, bool)) for x in values):
        return np.array([np.nan if x is None else float(x) for x in values], np.float64)
    return texts([None if value is None else written(value) for value in values])


def written(value: Any) -> str:
    """Return a plain value as it is searched and compared."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.7g}" if isinstance(value, float) else str(value)
