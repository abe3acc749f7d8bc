"""Keys of a table found among objects: by id or another attribute, exactly, else loosely, and that said."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.features import FeatureTable
from twin.geometry import I32
from twin.maintenance.dates import as_texts

ID = "id"
_PART = re.compile(r"[./:#|\\]")
MOST_COLUMNS = 200


@dataclass(frozen=True, slots=True)
class Joined:
    """Rows of objects for rows of a table: ``row`` i32(n), -1 = none; ``key`` the objects' attribute;
    ``loose`` how many fit only without case or namespace; ``repeated`` keys that several objects share."""

    row: I32
    key: str
    loose: int = 0
    repeated: int = 0

    @property
    def hits(self) -> int:
        """Return how many rows found an object."""
        return int((self.row >= 0).sum())


def keys_of(values: NDArray[Any] | Sequence[Any]) -> list[str | None]:
    """Return a column's values as keys: whole numbers without a point, trimmed, empty as None."""
    return [(text or "").strip() or None for text in as_texts(values).tolist()]


def _loosely(key: str) -> str:
    """Return a key without case and namespace (``NL.IMBAG.Pand.0503`` and ``0503`` are one)."""
    return _PART.split(key.casefold())[-1] or key.casefold()


def joined(wanted: Sequence[str | None], features: FeatureTable, key: str = "") -> Joined:
    """Return which object each key names. ``key`` '' = the id, or the attribute in which most are found."""
    said = {item for item in wanted if item}
    if not said or not len(features):
        return Joined(np.full(len(wanted), -1, np.int32), key or ID)
    if key:
        return _by(wanted, features, key)
    best = _by(wanted, features, ID)
    if best.hits == sum(item is not None for item in wanted):
        return best
    for name in likely(features):
        found = _by(wanted, features, name)
        if found.hits > best.hits:
            best = found
    return best


def likely(features: FeatureTable) -> list[str]:
    """Return the attributes whose values may be keys: texts and whole numbers that mostly differ."""
    found = []
    for name in features.names[:MOST_COLUMNS]:
        values = features.columns[name]
        if values.dtype.kind not in "Tiuf":
            continue
        part = [item for item in keys_of(values[:2000]) if item]
        if len(part) > 1 and len(set(part)) > 0.5 * len(part):
            found.append(name)
    return found


def _by(wanted: Sequence[str | None], features: FeatureTable, key: str) -> Joined:
    """Return the objects whose attribute is each key: exactly, else loosely. The first of several counts."""
    column = features.id if key == ID else features.get(key)
    if column is None:
        return Joined(np.full(len(wanted), -1, np.int32), key)
    there = keys_of(column)
    known = _first(there)
    rows = np.array([known.get(item, -1) if item else -1 for item in wanted], np.int32)
    missing = [n for n, item in enumerate(wanted) if item and rows[n] < 0]
    loose = 0
    if missing:
        loosely = _first([_loosely(item) if item else None for item in there])
        for n in missing:
            rows[n] = loosely.get(_loosely(str(wanted[n])), -1)
            loose += int(rows[n] >= 0)
    return Joined(rows, key, loose, _repeated(there, {item for item in wanted if item}))


def _first(keys: Sequence[str | None]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for row, item in enumerate(keys):
        if item:
            found.setdefault(item, row)
    return found


def _repeated(there: Sequence[str | None], wanted: set[str]) -> int:
    """Return how many of the wanted keys several objects have."""
    counts = Counter(item for item in there if item in wanted)
    return sum(1 for count in counts.values() if count > 1)
