"""Finding objects by id, name, class and any value: one lower-cased text a table, searched as bytes.

A search looks through the whole text at memory speed and counts the hits back to rows, so that twenty
models answer while a person types. The text is made in portions, off the main thread where it is large.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from twin.details import DETAILS, SEVERAL, details, flattened, properties, written
from twin.features import EXTRA, INHERITED, Bool, Column, FeatureTable

PORTION = 16_384
MOST_CELLS = 5_000_000
"""Tables with more values than this are searched by id, name and class only."""
MANY = 2_000
"""Hits in a portion from which they are counted all at once instead of one by one."""
NAMED = ("type", "materials", "classifications", "groups", "documents")
"""The details whose words are searched; relations are other objects' words."""
BETWEEN, AFTER = "\x1f", "\x1e"


@dataclass(frozen=True)
class Part:
    """Some rows' texts one after another: row k begins at ``starts[k]``."""

    text: bytes
    starts: tuple[int, ...]


@dataclass(frozen=True)
class Index:
    """The searchable text of a table; ``whole``: values are in it, not ids and names alone."""

    parts: tuple[Part, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class Match:
    """Where a text was found: the full name of an attribute ('' for id, name and class), its value."""

    key: str
    value: str
    unit: str = ""


def cells(table: FeatureTable) -> int:
    """Return how many values an index of a table has to read."""
    return len(table) * (len(table.columns) + 2)


def index(table: FeatureTable, check: Callable[[], None] = lambda: None) -> Index:
    """Return the index of a table; ``check`` is called between portions and may stop the work."""
    whole = cells(table) <= MOST_CELLS
    parts = []
    for low in range(0, len(table), PORTION):
        check()
        parts.append(_part(table, slice(low, low + PORTION), whole))
    return Index(tuple(parts), whole)


def _part(table: FeatureTable, rows: slice, whole: bool) -> Part:
    columns = [_words(table.id[rows])]
    if table.name is not None:
        columns.append(_words(table.name[rows]))
    if whole:
        columns += [_words(table.columns[name][rows]) for name in table.names]
        columns += [
            [words(text) for text in table.columns[name][rows].tolist()]
            for name, words in ((EXTRA, _rare_words), (DETAILS, _detail_words))
            if name in table.columns
        ]
    texts = [
        BETWEEN.join(filter(None, said)).lower().encode() for said in zip(*columns, strict=True)
    ]
    starts, at = [], 0
    for text in texts:
        starts.append(at)
        at += len(text) + 1
    return Part(AFTER.encode().join(texts), tuple(starts))


def _words(column: Column) -> list[str]:
    """Return a column as texts; what is missing is empty."""
    if column.dtype.kind == "T":
        return [text or "" for text in column.tolist()]
    if column.dtype.kind == "M":
        return ["" if x == "NaT" else x[:10] for x in np.datetime_as_string(column).tolist()]
    return ["" if x != x else written(x) for x in column.tolist()]


def _rare_words(text: str | None) -> str:
    found = _read(text)
    found.pop(INHERITED, None)
    return BETWEEN.join(written(value) for _, value in flattened(found))


def _detail_words(text: str | None) -> str:
    return BETWEEN.join(value for _, value in _named(_read(text)))


def _read(text: str | None) -> dict[str, Any]:
    try:
        found = orjson.loads(text) if text else {}
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def searched(
    table: FeatureTable, known: Index, wanted: str, check: Callable[[], None] = lambda: None
) -> Bool:
    """Return bool(n): rows whose id, name, class or values contain a text, upper and lower case alike."""
    needle = wanted.lower()
    masks = [np.zeros(0, np.bool_)]
    for part in known.parts:
        check()
        masks.append(_hits(part, needle.encode()))
    mask = np.concatenate(masks)
    kinds = np.array([needle in kind.lower() for kind in table.kinds], np.bool_)
    if kinds.any():
        mask |= kinds[table.kind]
    return mask


def _hits(part: Part, needle: bytes) -> Bool:
    mask = np.zeros(len(part.starts), np.bool_)
    if not needle:
        return ~mask
    text, starts = part.text, part.starts
    at, hits = text.find(needle), 0
    while at >= 0:
        row = bisect_right(starts, at) - 1
        mask[row] = True
        hits += 1
        if hits > MANY:
            mask[np.searchsorted(starts, _places(text, needle), "right") - 1] = True
            break
        at = text.find(needle, starts[row + 1]) if row + 1 < len(starts) else -1
    return mask


def _places(text: bytes, needle: bytes) -> Any:
    """Return where a text of few bytes stands, all places at once."""
    letters = np.frombuffer(text, np.uint8)
    n = len(letters) - len(needle) + 1
    same = letters[:n] == needle[0]
    for place in range(1, len(needle)):
        same &= letters[place : place + n] == needle[place]
    return np.flatnonzero(same)


def matched(table: FeatureTable, row: int, wanted: str) -> Match | None:
    """Return where in an object a text stands first: id, name and class, then attributes, then details."""
    needle = wanted.lower()
    name = table.name[row] if table.name is not None else None
    for text in (name, table.id[row], table.kinds[int(table.kind[row])]):
        if text and needle in str(text).lower():
            return Match("", str(text))
    known = details(table, row)
    for said in properties(table, row, known):
        text = written(said.value)
        if needle in text.lower():
            parts = [x for x in text.split(SEVERAL) if needle in x.lower()]
            return Match(said.key, parts[0] if parts else text, said.unit)
    for key, text in _named(known.said):
        if needle in text.lower():
            return Match(key, text)
    return None


def _named(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in NAMED:
        entries = said.get(key)
        for entry in entries if isinstance(entries, list) else (entries,):
            for name, value in _inner(entry):
                if isinstance(value, str):
                    yield f"{key}.{name}", value


def _inner(entry: Any) -> Iterator[tuple[str, Any]]:
    """Yield what an entry says; the parts of a material one by one."""
    if isinstance(entry, dict):
        for name, value in entry.items():
            if isinstance(value, list):
                for item in value:
                    yield from _inner(item) if isinstance(item, dict) else [(name, item)]
            else:
                yield name, value
