"""What the journal says of values and records: plain values, persons by id, no bytes, no repetitions."""

from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import numpy as np

BRIEF = frozenset({"topics", "exchanges", "files", "routes"})
"""Kinds whose records are long: the journal says what of them is new or gone, not all that stays."""

PERSONS = uuid5(NAMESPACE_URL, "https://citytwin.example/persons")
"""Namespace of the ids that stand for persons: the chain of the journal never holds a name."""
PERSONAL = frozenset({"author", "modified_by", "assigned", "users"})
"""Fields of such records that name persons."""


def plain(value: Any) -> Any:
    """Return a value as JSON has it; what JSON lacks as text."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return str(value)


def plainly(value: Any) -> Any:
    """Return a member of a source as plain values, records as mappings."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return plain(value)


def said(kind: str, before: Any | None, after: Any | None) -> tuple[Any, Any]:
    """Return the words for a record before and after a change (None: there is none)."""
    if kind in BRIEF:
        return _brief(before, after), _brief(after, before)
    return _words(kind, before), _words(kind, after)


def _words(kind: str, record: Any | None) -> Any:
    """Return a record as plain values; of a person only the id stands in the chain."""
    if record is None:
        return None
    if not is_dataclass(record):
        return plain(record)
    if kind == "parties" and not getattr(record, "organisation", True):
        return {"id": getattr(record, "id", "")}
    names = [item.name for item in fields(record) if item.name != "settings"]
    return {name: plain(getattr(record, name)) for name in names}


def _brief(record: Any | None, other: Any | None) -> Mapping[str, Any] | None:
    """Return the fields of a record that differ from another's; of lists, the items the other lacks."""
    if record is None:
        return None
    found = {}
    for item in fields(record):
        value = getattr(record, item.name)
        old: Any = () if other is None else getattr(other, item.name)
        if value == old or (other is None and value in ("", None)):
            continue
        if isinstance(value, tuple):
            value = [x for x in value if x not in old]
        found[item.name] = _item(item.name, value)
    return found


def _item(name: str, value: Any) -> Any:
    """Return a value of a field as JSON has it, whatever it holds; persons as ids."""
    if is_dataclass(value) and not isinstance(value, type):
        return {x.name: _item(x.name, getattr(value, x.name)) for x in fields(value)}
    if isinstance(value, tuple | list):
        return [_item(name, x) for x in value]
    if name in PERSONAL and isinstance(value, str):
        return str(uuid5(PERSONS, value)) if value else ""
    return plain(value)
