"""Records to rows and back: one column a field; what is nested is JSON text."""

import json
from collections.abc import Callable, Mapping
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
    return kind(**{name: read(row[name]) for name, read in _readers(kind)})


@lru_cache(maxsize=64)
def _hints(kind: type) -> dict[str, Any]:
    known = get_type_hints(kind)
    return {item.name: known[item.name] for item in fields(kind)}


Read = Callable[[Any], Any]
"""From a cell, or from a JSON value, to what a field holds."""


@lru_cache(maxsize=64)
def _readers(kind: type) -> tuple[tuple[str, Read], ...]:
    """Return how each column of a record is read: found out once, a project has a hundred thousand rows."""
    return tuple((name, _reader(hint)) for name, hint in _hints(kind).items())


def _reader(hint: Any) -> Read:
    plain = _without_none(hint)
    if plain is np.datetime64:
        return lambda cell: None if cell is None else _instant(cell)
    if plain in (bool, int, float, str, bytes):
        return lambda cell: None if cell is None else plain(cell)
    within = _nester(plain)
    parsed = _parsed if get_origin(plain) is tuple else from_json

    def nested(cell: Any) -> Any:
        return within(parsed(cell) if isinstance(cell, str) else cell)

    return nested


def _parsed(text: str) -> Any:
    """Return the plain value of JSON text whose numbers a field's type reads anyway. Raises ValueError."""
    if text == "[]":
        return ()
    try:
        return orjson.loads(text)
    except ValueError:  # half of a surrogate pair
        return from_json(text)


@lru_cache(maxsize=256)
def _nester(hint: Any) -> Read:
    """Return how a JSON value becomes what a type asks: tuples, mappings, records within records."""
    plain = _without_none(hint)
    if plain is np.datetime64:
        return lambda value: None if value is None else _instant(value)
    if isinstance(plain, type) and is_dataclass(plain):
        return _record_of(plain)
    if get_origin(plain) is tuple:
        return _tuple_of(get_args(plain))
    if plain in (int, float, str, bool):
        return lambda value: None if value is None else plain(value)
    return lambda value: value


def _record_of(kind: Any) -> Read:
    reads: dict[str, Read] = {}  # a record may hold records of its own kind

    def record(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise TypeError(f"{kind.__name__} is kept as {type(value).__name__}")
        quick = _quickly(kind, value)
        if quick is not None:
            return quick
        if not reads:
            reads.update({name: _nester(hint) for name, hint in _hints(kind).items()})
        return kind(**{name: reads[name](item) for name, item in value.items()})

    return record


@lru_cache(maxsize=64)
def _usual(kind: Any) -> tuple[tuple[str, ...], tuple[type, ...], tuple[int, ...]]:
    """Return a record's fields in order, the types that JSON has for them, and which of them are instants.

    ``NoneType`` stands for what is not plain: such a record is not read quickly.
    """
    hints = [_without_none(hint) for hint in _hints(kind).values()]
    instants = tuple(place for place, hint in enumerate(hints) if hint is np.datetime64)
    plain = (str, int, float, bool)
    types = [
        str if hint is np.datetime64 else hint if hint in plain else NoneType for hint in hints
    ]
    return tuple(_hints(kind)), tuple(types), instants


def _quickly(kind: Any, value: Mapping[str, Any]) -> Any | None:
    """Return a record whose fields are plain and stand in order, as we write them; None for any other."""
    names, types, instants = _usual(kind)
    cells = [*value.values()]
    if tuple(map(type, cells)) != types or tuple(value) != names or NoneType in types:
        return None
    for place in instants:
        cells[place] = _instant(cells[place])
    return kind(*cells)


def _tuple_of(parts: tuple[Any, ...]) -> Read:
    if len(parts) == 2 and parts[1] is Ellipsis:
        each = _nester(parts[0])
        return lambda value: None if value is None else tuple(map(each, value))
    reads = [_nester(part) for part in parts]

    def fixed(value: Any) -> Any:
        if value is None:
            return None
        return tuple(read(item) for read, item in zip(reads, value, strict=True))

    return fixed


@lru_cache(maxsize=256)
def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        kept = [part for part in get_args(hint) if part is not NoneType]
        return kept[0] if len(kept) == 1 else Any
    return hint


@lru_cache(maxsize=4096)
def _instant(text: str) -> np.datetime64:
    return np.datetime64(text.removesuffix("Z"), "ms")
