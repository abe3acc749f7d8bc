"""Which attributes of matched objects differ: columns at once, rare and nested ones where texts differ."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from twin.features import EXTRA, Bool, Column, FeatureTable, absent
from twin.geometry import Rows

EXACT = 1e-9
"""Relative difference of two numbers that are one: what printing and reading them again may do."""
MANY, NEARLY_ALL = 20, 0.9
"""Pairs, and the share of them, from which an attribute differs throughout."""
Names = list[list[str]]
"""The names of the attributes that differ, a list a pair."""


def differing(
    old: FeatureTable, new: FeatureTable, pairs: tuple[Rows, Rows], ignored: Iterable[str] = ()
) -> Names:
    """Return what differs between row ``pairs[0][i]`` of the old and ``pairs[1][i]`` of the new table.

    Names and classes count; what a table hides (columns with ``_``) does not, its nested attributes do.
    An attribute that is a column on one side and nested on the other is one attribute.
    """
    left = set(ignored)
    found: Names = [[] for _ in pairs[0]]
    for name in ("name", "kind", "lod"):
        if name not in left:
            _mark(found, name, _columns_differ(old.get(name), new.get(name), pairs))
    both = [name for name in old.names if name in new.columns and name not in left]
    for name in both:
        _mark(found, name, _columns_differ(old.columns[name], new.columns[name], pairs))
    alone = (
        [n for n in old.names if n not in new.columns and n not in left],
        [n for n in new.names if n not in old.columns and n not in left],
    )
    _rest(found, (old, new), pairs, alone, left)
    return [sorted(set(names)) for names in found]


def changed_throughout(names: Names) -> dict[str, int]:
    """Return the attributes that differ in nearly all of many pairs, with the number of pairs.

    What the whole delivery shares is a fact of the delivery (a date of export, a longer key), as a date
    shared by all is one (MAINTENANCE.md 0.3): it is said once, and makes no object a changed one.
    """
    if len(names) < MANY:
        return {}
    counted = Counter(name for some in names for name in some)
    return {name: n for name, n in sorted(counted.items()) if n >= NEARLY_ALL * len(names)}


def one_sided(old: FeatureTable, new: FeatureTable, names: Names) -> tuple[str, ...]:
    """Return the attributes that one side has none of at all, where so many pairs differ by them that it is
    another format or another list of attributes, and no change of each object."""
    counted = Counter(name for some in names for name in some)
    alone = [name for name in sorted(counted) if _has(old, name) != _has(new, name)]
    return tuple(alone) if any(counted[name] >= MANY for name in alone) else ()


def _has(table: FeatureTable, name: str) -> bool:
    column = table.columns.get(name)
    if column is not None:
        return bool((~absent(column)).any())
    quoted = json.dumps(name, ensure_ascii=False)
    rare = table.columns.get(EXTRA)
    return rare is not None and any(text and quoted in text for text in rare.tolist())


def _mark(found: Names, name: str, differs: Bool) -> None:
    for i in np.flatnonzero(differs).tolist():
        found[i].append(name)


def _columns_differ(old: Column | None, new: Column | None, pairs: tuple[Rows, Rows]) -> Bool:
    """Return bool(k): where two columns differ; a missing value equals only a missing one, '' is missing."""
    if old is None and new is None:
        return np.zeros(len(pairs[0]), np.bool_)
    if old is None or new is None or old.dtype.kind != new.dtype.kind or old.dtype.kind == "T":
        a, b = (_cells(side, rows) for side, rows in zip((old, new), pairs, strict=True))
        return np.array([not same(x, y) for x, y in zip(a, b, strict=True)], np.bool_)
    x, y = old[pairs[0]], new[pairs[1]]
    missing = absent(x), absent(y)
    if x.dtype.kind in "fc":
        equal = np.isclose(x, y, rtol=EXACT, atol=1e-12)
    else:
        equal = np.asarray(x == y)
    return np.asarray(~np.where(missing[0] | missing[1], missing[0] & missing[1], equal), np.bool_)


def _cells(column: Column | None, rows: Rows) -> list[Any]:
    return [None] * len(rows) if column is None else column[rows].tolist()


def _rest(
    found: Names,
    tables: tuple[FeatureTable, FeatureTable],
    pairs: tuple[Rows, Rows],
    alone: tuple[list[str], list[str]],
    ignored: set[str],
) -> None:
    """Compare what is nested on either side; columns of one side are looked for in the other's."""
    texts = [
        _cells(table.columns.get(EXTRA), rows) for table, rows in zip(tables, pairs, strict=True)
    ]
    cells = [
        {name: _cells(table.columns[name], rows) for name in names}
        for table, rows, names in zip(tables, pairs, alone, strict=True)
    ]
    for i, (left, right) in enumerate(zip(*texts, strict=True)):
        if left == right and not alone[0] and not alone[1]:
            continue
        a, b = (
            {**_parsed(text), **{name: values[i] for name, values in side.items()}}
            for text, side in zip((left, right), cells, strict=True)
        )
        for name in a.keys() | b.keys():
            hidden = name in ignored or name.startswith("(")
            if (
                not hidden
                and not same(a.get(name), b.get(name))
                and not _column(tables, name, alone)
            ):
                found[i].append(name)


def _column(
    tables: tuple[FeatureTable, FeatureTable], name: str, alone: tuple[list[str], list[str]]
) -> bool:
    """Return whether an attribute was compared as a column of both sides already."""
    return (
        name in tables[0].columns
        and name in tables[1].columns
        and name not in (*alone[0], *alone[1])
    )


def _parsed(text: str | None) -> Mapping[str, Any]:
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        return {"": text}
    return found if isinstance(found, dict) else {"": found}


def same(a: Any, b: Any) -> bool:
    """Return whether two cells say the same: numbers to 1e-9, truth values as texts, '' as nothing."""
    a, b = _plain(a), _plain(b)
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=EXACT, abs_tol=1e-12)
    return bool(a == b)


def _plain(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return None if math.isnan(value) else float(value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return value
