"""Records to rows and back: one column a field; what is nested is JSON text."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np
import orjson

from twin.store.chain import canonical, instant, sound

Row = dict[str, Any]


def encode(record: Any) -> Row:
    """Return a record's columns: text, numbers, bytes, 0/1, ISO instants, JSON for what is nested."""
    kind: type = type(record)
    return {name: _cell(getattr(record, name)) for name in _names(kind)}


@lru_cache(maxsize=64)
def _names(kind: type) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind))


def _cell(value: Any) -> Any:
    if type(value) is tuple:  # the most frequent of what is nested
        return to_json(value) if value else "[]"
    if isinstance(value, np.datetime64):
        return instant(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        return sound(value)
    if value is None or isinstance(value, int | float | bytes):
        return value
    return to_json(value)


def to_json(value: Any) -> str:
    """Return JSON text of a nested value."""
    try:
        return orjson.dumps(value, default=_special).decode()
    except TypeError:  # half of a surrogate pair, a number too large: rare, and slower
        return canonical({"v": value})[5:-1]


def _special(value: Any) -> Any:
    """Return what the fast writer does not know as plain JSON. Raises TypeError."""
    if isinstance(value, np.datetime64):
        return instant(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError


def from_json(text: str) -> Any:
    """Return the plain value of JSON text. Raises ValueError."""
    return json.loads(text)


def decode(kind: type, row: Mapping[str, Any]) -> Any:
    """Return the record of a row. Raises ValueError, TypeError or KeyError for a damaged one."""
    hints = _hints(kind)
    values = {name: _value(hint, row[name]) for name, hint in hints.items()}
    return kind(**values)


@lru_cache(maxsize=64)
def _hints(kind: type) -> dict[str, Any]:
    known = get_type_hints(kind)
    return {item.name: known[item.name] for item in fields(kind)}


def _value(hint: Any, cell: Any) -> Any:
    hint = _without_none(hint)
    if cell is None:
        return None
    if hint is np.datetime64:
        return _instant(cell)
    if hint is bool:
        return bool(cell)
    if hint in (int, float, str, bytes):
        return hint(cell)
    return _nested(hint, from_json(cell) if isinstance(cell, str) else cell)


def _nested(hint: Any, value: Any) -> Any:
    """Return a JSON value as the type asks: tuples, mappings, records within records."""
    hint = _without_none(hint)
    if value is None:
        return None
    if hint is np.datetime64:
        return _instant(value)
    if isinstance(hint, type) and is_dataclass(hint):
        hints = _hints(hint)
        return hint(**{name: _nested(hints[name], item) for name, item in value.items()})
    if get_origin(hint) is tuple:
        parts = get_args(hint)
        each = [parts[0]] * len(value) if len(parts) == 2 and parts[1] is Ellipsis else parts
        return tuple(_nested(part, item) for part, item in zip(each, value, strict=True))
    if hint in (int, float, str, bool):
        return hint(value)
    return value


@lru_cache(maxsize=256)
def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        kept = [part for part in get_args(hint) if part is not NoneType]
        return kept[0] if len(kept) == 1 else Any
    return hint


def _instant(text: str) -> np.datetime64:
    return np.datetime64(text.removesuffix("Z"), "ms")
