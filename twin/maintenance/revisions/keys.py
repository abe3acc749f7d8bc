"""By which keys objects of two deliveries may be one: registers' numbers first, the file's own ids last.

MAINTENANCE.md 7.2: national key, then ``gml:identifier``, then the id of the format.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from twin.features import ID_FIELD, Column, FeatureTable, absent
from twin.geometry import I32, Rows
from twin.identity import known_scheme

NATIONAL = re.compile(
    r"^(external_?references?|external_?object(_?name|_?uri)?|alkis.*|oid_?alkis|inspire_?id.*|"
    r"identificatie|identificatiebagpn?d|bag_?(pand)?_?id(entificatie)?|uprn|toid|egid|egrid|uuid_?egid|"
    r"building_?id|uro:building_?id|building_?code|national_?id|cadastr\w*_?(id|ref\w*)|id_?bdtopo|cleabs|"
    r"不动产单元号|建筑编码|楼栋编码|房屋编码)$",
    re.IGNORECASE,
)
"""Names of attributes that hold a register's number of a building, whole and without their prefix."""
IDENTIFIER = re.compile(r"^(gml_?)?(:?identifier|:?local_?id|lokaal_?id)$", re.IGNORECASE)
LAST = re.compile(r"^(?:.*[.:/])?([^.:/]+(?::building_?id)?)$", re.IGNORECASE)
"""The last part of an attribute's name."""
BAG = re.compile(r"bag|^identificatie$", re.IGNORECASE)
"""Names of attributes with the sixteen digits of the Dutch register of buildings."""
CROSSED = 0.5
"""Share of the smaller side that must recur for two keys of different names to be one."""
Found = tuple[I32, I32]
"""Places i32(k) among the old and among the new rows."""


@dataclass(frozen=True)
class Key:
    """Values of a possible key on one side, in the order of its rows; None where there is none."""

    name: str
    rank: int
    values: list[Any]


def keys_of(table: FeatureTable, rows: Rows, forced: str = "") -> list[Key]:
    """Return what could identify objects, the best first: rank 0 registers, 1 identifiers, 2 the ids."""
    if forced:
        column = table.get(forced)
        return [] if column is None else [Key(forced, 0, _values(column, rows, forced))]
    found = [
        Key(name, rank, _values(table.columns[name], rows, name))
        for name in table.columns
        if (rank := _rank(name)) is not None
    ]
    ids = table.columns.get(ID_FIELD)
    fields = set() if ids is None else set(_values(ids, rows))
    own = _values(table.id, rows)
    if ids is not None:  # an id that is a place in a file identifies nothing
        own = [x if field else None for x, field in zip(own, _values(ids, rows), strict=True)]
    named = fields.pop() if len(fields) == 1 else ""
    registered = _rank(str(named)) == 0 or _all_registered(own)
    found.append(Key("id", 0 if registered else 2, own))
    return sorted(found, key=lambda key: (key.rank, key.name == "id"))


def _rank(name: str) -> int | None:
    last = LAST.match(name)
    for text in (name, last[1] if last else name):
        if NATIONAL.match(text):
            return 0
        if IDENTIFIER.match(text):
            return 1
    return None


def _values(column: Column, rows: Rows, name: str = "") -> list[Any]:
    """Return plain keys as texts: one spelling for each identifier (``known_scheme``)."""
    some = column[rows]
    missing = absent(some)
    digits = 16 if BAG.search(name) else 0
    return [
        None if gone or value == "" else known_scheme(_text(value, digits))
        for value, gone in zip(some.tolist(), missing.tolist(), strict=True)
    ]


def _text(value: Any, digits: int) -> str:
    """Return a key as text; a number of which a table ate the leading zeros gets them back."""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return text.zfill(digits) if len(text) == digits - 1 and text.isdigit() else text


def _all_registered(values: Sequence[Any]) -> bool:
    """Return whether ids are a register's numbers as they stand."""
    there = [value for value in values if value is not None]
    return bool(there) and all(value[0] == "bag.pand" for value in there)


def candidates(old: Sequence[Key], new: Sequence[Key]) -> Iterator[tuple[Key, Key]]:
    """Yield keys of both sides that could be one: equal names by rank, then unequal ones that recur."""
    equal = [(a, b) for a in old for b in new if a.name == b.name]
    yield from sorted(equal, key=lambda pair: pair[0].rank)
    for a in old:
        for b in new:
            if a.name != b.name:
                fewer = min(_there(a.values), _there(b.values))
                if fewer and len(recurring(a.values, b.values)[0]) >= CROSSED * fewer:
                    yield a, b


def _there(values: Sequence[Any]) -> int:
    return sum(value is not None for value in values)


def recurring(old: Sequence[Any], new: Sequence[Any]) -> Found:
    """Return the places whose value stands exactly once on either side."""
    first, second = (
        {value: i for i, value in enumerate(side) if value is not None and count[value] == 1}
        for side, count in ((old, Counter(old)), (new, Counter(new)))
    )
    pairs = [(i, second[value]) for value, i in first.items() if value in second]
    both = np.array(pairs, np.int32).reshape(-1, 2)
    return both[:, 0], both[:, 1]
