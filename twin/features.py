"""City objects as columns: FeatureTable and Query (masks)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from twin.errors import UsageError
from twin.geometry import F64, I32, Rows, empty_box

Bool = NDArray[np.bool_]
Times = NDArray[np.datetime64]
Column = NDArray[Any]
"""A source's own attribute, one value a row. Missing: NaN, NaT, None or '' (StringDType(na_object=None))."""

TEXT = np.dtypes.StringDType(na_object=None)
"""The dtype of every text column; a missing text is ``None``."""
EXTRA = "_extra"
"""Column of JSON texts with the rare and nested attributes, parsed only for the object being read."""
INHERITED = "(type)"
"""Key within ``_extra``: the names of the attributes that an object has from its type."""
ID_FIELD = "_id_field"
"""Text column: which property a row's id was read from; missing where the id is weak (a place in a file).
A table without it has ids of its format."""


def texts(values: Sequence[str | None]) -> NDArray[Any]:
    """Return a text column from Python strings (``None`` = missing)."""
    return np.array(values, dtype=TEXT)


def encode(values: Sequence[str]) -> tuple[NDArray[np.uint16], tuple[str, ...]]:
    """Return ``(codes u16(n), names)`` in order of first appearance."""
    names: dict[str, int] = {}
    codes = np.fromiter((names.setdefault(v, len(names)) for v in values), np.uint16, len(values))
    return codes, tuple(names)


@dataclass(frozen=True)
class FeatureTable:
    """One row per city object; frozen, shares its arrays when it changes.

    ``id`` text(n); ``kind`` u16(n) codes into ``kinds``; ``parent`` i32(n), -1 for none, a parent
    stands before its children where the source allows it; ``bounds`` f64(n, 6) min xyz, max xyz in
    the layer's frame ((+inf.., -inf..) without geometry); ``lod`` u16(n) codes into ``lods``;
    lifespans datetime64[ms](n) or None when the source has none (NaT = unbounded):
    ``valid_from``/``valid_to`` real world, ``created``/``terminated`` in the model.
    """

    id: NDArray[Any]
    kind: NDArray[np.uint16]
    kinds: tuple[str, ...]
    parent: I32
    bounds: F64
    name: NDArray[Any] | None = None
    lod: NDArray[np.uint16] | None = None
    lods: tuple[str, ...] = ()
    valid_from: Times | None = None
    valid_to: Times | None = None
    created: Times | None = None
    terminated: Times | None = None
    columns: Mapping[str, Column] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    """Attribute (a column's name, or one within ``_extra``) -> its unit as people write it: m², W/(m²·K)."""

    def __len__(self) -> int:
        """Return the number of objects."""
        return len(self.kind)

    def __getitem__(self, name: str) -> Column:
        """Return a column by name; ``id``, ``kind``, ``name`` and ``lod`` are columns too."""
        found = self.get(name)
        if found is None:
            raise UsageError(reason=f"there is no column {name!r}")
        return found

    def get(self, name: str) -> Column | None:
        """Return a column, or None where there is none of that name."""
        if name == "id":
            return self.id
        if name == "kind":
            return np.array(self.kinds, dtype=TEXT)[self.kind] if len(self) else texts([])
        if name == "name":
            return self.name
        if name == "lod":
            if self.lod is None or not len(self):
                return None
            return np.array(self.lods, dtype=TEXT)[self.lod]
        if name in ("valid_from", "valid_to", "created", "terminated"):
            times: Times | None = getattr(self, name)
            return times
        return self.columns.get(name)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the names of the source's own attributes that are worth a list."""
        return tuple(name for name in self.columns if not name.startswith("_"))

    @cached_property
    def box(self) -> F64:
        """Return the box f64(6) of all objects with geometry; empty where none has any."""
        if not len(self):
            return empty_box()
        # objects without geometry (inf, -inf) are neutral: only a broken box needs a closer look
        low = [self.bounds[:, k].min() for k in range(3)]
        found = np.array([*low, *(self.bounds[:, k].max() for k in range(3, 6))])
        if np.isfinite(found).all():
            return found
        boxes = self.bounds[np.isfinite(self.bounds).all(axis=1)]
        if not len(boxes):
            return empty_box()
        return np.concatenate([boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0)])

    @cached_property
    def by_parent(self) -> tuple[I32, I32]:
        """Return the rows in the order of their parents i32(n), and those parents."""
        order = np.argsort(self.parent, kind="stable").astype(np.int32)
        return order, self.parent[order]

    def children(self, row: int) -> Rows:
        """Return the rows whose parent is ``row``; -1 gives the roots."""
        order, parents = self.by_parent
        low = int(np.searchsorted(parents, row, "left"))
        high = int(np.searchsorted(parents, row, "right"))
        return order[low:high]

    @cached_property
    def top(self) -> Rows:
        """Return i32(n): the topmost ancestor of each row (itself for a root). Cycles end at 32 steps."""
        top = np.where(self.parent < 0, np.arange(len(self), dtype=np.int32), self.parent)
        for _ in range(32):
            above = self.parent[top]
            if (above < 0).all():
                break
            top = np.where(above < 0, top, above)
        return top.astype(np.int32)

    @cached_property
    def rows_by_id(self) -> Mapping[str, int]:
        """Return id -> row. For people, overrides and orders; not for bulk work."""
        return {str(key): row for row, key in enumerate(self.id)}

    def row_of(self, key: str) -> int:
        """Return the row of an id. Raises UsageError when there is none."""
        found = self.rows_by_id.get(key)
        if found is None:
            raise UsageError(reason=f"there is no object {key!r}")
        return found

    def with_column(self, name: str, values: Column) -> "FeatureTable":
        """Return a table with one more (or replaced) column; the others are shared."""
        return replace(self, columns={**self.columns, name: values})

    def with_cells(self, name: str, rows: Rows, values: Column) -> "FeatureTable":
        """Return a table in which ``columns[name][rows]`` are ``values``."""
        changed = self[name].copy()
        changed[rows] = values
        return self.with_column(name, changed)

    def where(self, query: "Query") -> Rows:
        """Return the rows a query selects."""
        return np.flatnonzero(query.mask(self)).astype(np.int32)

    @staticmethod
    def empty() -> "FeatureTable":
        """Return a table without objects."""
        return FeatureTable(
            texts([]), np.zeros(0, np.uint16), (), np.zeros(0, np.int32), np.zeros((0, 6))
        )

    @staticmethod
    def single(key: str, kind: str, box: F64 | None = None) -> "FeatureTable":
        """Return a table of one object."""
        bounds = (empty_box() if box is None else box)[None, :]
        return FeatureTable(
            texts([key]), np.zeros(1, np.uint16), (kind,), np.full(1, -1, np.int32), bounds
        )


class Query(Protocol):
    """A condition over a table."""

    def mask(self, table: FeatureTable) -> Bool:
        """Return bool(n), true where the row is wanted."""
        ...


def taken(table: FeatureTable, rows: Rows | Bool) -> FeatureTable:
    """Return some rows of a table, their parents still counted in the whole one."""
    names = ("id", "kind", "parent", "bounds", "name", "lod",
             "valid_from", "valid_to", "created", "terminated")  # fmt: skip
    held = {name: getattr(table, name) for name in names}
    changes = {name: value[rows] for name, value in held.items() if value is not None}
    columns = {name: values[rows] for name, values in table.columns.items()}
    return replace(table, **changes, columns=columns)


def weak(table: FeatureTable) -> Bool:
    """Return bool(n): rows whose id is a place in a file, so that another delivery names them anew."""
    found = table.columns.get(ID_FIELD)
    if found is None:
        return np.zeros(len(table), np.bool_)
    return np.array([key is None for key in found.tolist()], np.bool_)


def extend(table: FeatureTable, more: FeatureTable) -> FeatureTable:
    """Return ``table`` with ``more`` appended; ``more.parent`` already counts in the joined table.

    Rows never move: growth is append-only. Columns missing on one side are filled as missing.
    """
    kinds = list(table.kinds) + [k for k in more.kinds if k not in table.kinds]
    recode = np.array([kinds.index(k) for k in more.kinds] or [0], np.uint16)
    lods = list(table.lods) + [x for x in more.lods if x not in table.lods]
    names = list(table.columns) + [c for c in more.columns if c not in table.columns]
    n, m = len(table), len(more)
    columns = {c: appended(table.columns.get(c), n, more.columns.get(c), m) for c in names}
    lod: NDArray[np.uint16] | None = None
    if table.lod is not None and more.lod is not None:
        shift = np.array([lods.index(x) for x in more.lods] or [0], np.uint16)
        lod = np.concatenate([table.lod, shift[more.lod]])
    times = {
        key: appended(getattr(table, key), n, getattr(more, key), m)
        if getattr(table, key) is not None or getattr(more, key) is not None
        else None
        for key in ("valid_from", "valid_to", "created", "terminated")
    }
    return FeatureTable(
        id=np.concatenate([table.id, more.id]),
        kind=np.concatenate([table.kind, recode[more.kind]]),
        kinds=tuple(kinds),
        parent=np.concatenate([table.parent, more.parent]).astype(np.int32),
        bounds=np.concatenate([table.bounds, more.bounds]),
        name=appended(table.name, n, more.name, m)
        if table.name is not None or more.name is not None
        else None,
        lod=lod,
        lods=tuple(lods) if lod is not None else (),
        columns=columns,
        valid_from=times["valid_from"], valid_to=times["valid_to"],
        created=times["created"], terminated=times["terminated"],
        units={**more.units, **table.units},
    )  # fmt: skip


def extended(table: FeatureTable, news: list[FeatureTable]) -> FeatureTable:
    """Return the table with all the others appended: by pairs first, so that few rows are copied often."""
    while len(news) > 1:
        halves = [news[k : k + 2] for k in range(0, len(news), 2)]
        news = [extend(*pair) if len(pair) > 1 else pair[0] for pair in halves]
    return extend(table, news[0]) if news else table


def absent(values: Column) -> Bool:
    """Return bool(n): where a column has no value."""
    if values.dtype.kind == "T":
        return np.array([value is None for value in values.tolist()], np.bool_)
    if values.dtype.kind == "M":
        return np.isnat(values)
    return np.isnan(values) if values.dtype.kind in "fc" else np.zeros(len(values), np.bool_)


def _missing(like: Column, n: int) -> Column:
    if like.dtype.kind == "M":
        return np.full(n, np.datetime64("NaT"), like.dtype)
    if like.dtype.kind == "T":
        return np.array([None] * n, dtype=TEXT)
    return np.full(n, np.nan, np.float64)


def appended(a: Column | None, n: int, b: Column | None, m: int) -> Column:
    """Return a column of n and one of m values as one; None is a column that is missing throughout."""
    if a is None and b is not None:
        if not n:  # nothing was there to miss it: whole numbers stay whole
            return b
        a = _missing(b, n)
    if b is None and a is not None:
        b = _missing(a, m)
    assert a is not None
    assert b is not None
    if a.dtype.kind != b.dtype.kind and "T" in (a.dtype.kind, b.dtype.kind):
        a, b = _as_text(a), _as_text(b)
    joined: Column = np.concatenate([a, b])
    return joined


def _as_text(values: Column) -> Column:
    if values.dtype.kind == "T":
        return values
    return texts(
        [None if gone else str(v) for v, gone in zip(values, absent(values), strict=True)]
    )


def iterate(table: FeatureTable, row: int) -> Iterator[tuple[str, Any]]:
    """Yield (attribute, value) of one object, missing values left out, rare attributes not parsed."""
    for name in table.names:
        value = table.columns[name][row]
        if value is None or (isinstance(value, float | np.floating) and np.isnan(value)):
            continue
        if isinstance(value, np.datetime64) and np.isnat(value):
            continue
        yield name, value
