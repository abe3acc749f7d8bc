"""What a mapping makes of a table: ids, kinds, names, dates and custodians from the named properties.

One place for every format: a source with a mapping is wrapped in ``Mapped``. Objects that share the
mapped id in one tile become one row there; over tiles ``twin.growing`` keeps one row an id.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.features import ID_FIELD, TEXT, Bool, Column, FeatureTable, encode, taken, texts
from twin.geometry import I32, Rows
from twin.maintenance.date_shapes import read_dates
from twin.maintenance.dates import as_texts
from twin.observations import (
    FLAG_SENTINEL,
    FLAG_UNPARSED,
    SPANS,
    ObservationList,
    Observations,
    joined,
    picked,
)
from twin.ports import Content, Feedback, Growth, Lane, Opened, Source
from twin.records import FieldMapping, Problem

HEIGHT = "height"
DAY = np.timedelta64(86_400_000, "ms")


@dataclass(frozen=True, slots=True)
class Mapped:
    """A source whose properties were named: the same port, tables and observations derived anew."""

    source: Source
    mapping: FieldMapping

    @property
    def lane(self) -> Lane:
        """Return where the source's work must run."""
        return self.source.lane

    def open(self, feedback: Feedback) -> Opened:
        """Open the source and apply the mapping. Raises OpenError."""
        return mapped_opened(self.source.open(feedback), self.mapping)

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | Growth | None:
        """Fetch a tile and apply the mapping. Raises OpenError."""
        found = self.source.fetch(tile, token, feedback)
        return mapped_content(found, self.mapping) if isinstance(found, Content) else found


def mapped_opened(opened: Opened, mapping: FieldMapping) -> Opened:
    """Return what opening brought with the mapping applied.

    The rows of an opened table stay: of objects that share a mapped id the first gets it, the others
    keep their own and are counted in a problem.
    """
    ready = {tile: mapped_content(content, mapping) for tile, content in opened.ready.items()}
    table = opened.features
    if not len(table):
        return replace(opened, ready=ready)
    ids, first, repeated = _ids(table, mapping)
    said = mapped_observations(opened.observations, table, mapping)
    problems = [*opened.problems, *_missing(table, mapping, opened.title)]
    if repeated:
        text = f"{repeated} objects share their {mapping.id} with an earlier one"
        params = {"count": repeated, "name": mapping.id}
        problems.append(Problem("mapping.id_repeated", text, opened.title, params))
    named = _named(table, mapping, np.where(first, ids, table.id).astype(TEXT), first)
    return replace(
        opened, features=named, observations=said, ready=ready, problems=tuple(problems)
    )


def mapped_content(content: Content, mapping: FieldMapping) -> Content:
    """Return a tile with the mapping applied; objects that share an id are one row in it."""
    table = content.features
    if table is None or not len(table):
        return content
    ids, first, repeated = _ids(table, mapping)
    before = content.observations or Observations.empty()
    said = mapped_observations(before, table, mapping)
    named = _named(table, mapping, ids, first | _repeats(table, mapping))
    drawables = content.drawables
    if repeated:
        into = _merged_rows(ids)
        kept = np.flatnonzero(into == np.arange(len(ids))).astype(np.int32)
        new = np.full(len(ids), -1, np.int32)
        new[kept] = np.arange(len(kept), dtype=np.int32)
        into = new[into]
        named = _folded(named, kept, into)
        said = _taken_observations(said, kept, new)
        drawables = tuple(
            replace(x, feature=np.where(x.feature < 0, np.int32(-1), into[x.feature]))
            for x in drawables
        )
    where = str(table.id[0]).rpartition("#")[0]
    problems = (*content.problems, *_missing(table, mapping, where))
    return replace(
        content, drawables=drawables, features=named, observations=said, problems=problems
    )


def keys_of(values: Column) -> list[str | None]:
    """Return a column's values as ids: whole numbers without a point, missing and empty as None."""
    if values.dtype.kind == "b":
        return [None] * len(values)
    return [text.strip() or None if text else None for text in as_texts(values).tolist()]


def _ids(table: FeatureTable, mapping: FieldMapping) -> tuple[NDArray[Any], Bool, int]:
    """Return each row's id, where it is the first with a mapped one, and how many repeat one."""
    values = table.columns.get(mapping.id) if mapping.id else None
    own: list[str] = [str(key) for key in table.id.tolist()]
    if values is None:
        return table.id, np.zeros(len(own), np.bool_), 0
    keys = keys_of(values)
    seen: set[str] = set()
    first = np.zeros(len(own), np.bool_)
    repeated = 0
    for row, key in enumerate(keys):
        if key is None:
            continue
        first[row] = key not in seen
        repeated += key in seen
        seen.add(key)
    taken_ = [key if key is not None else mine for key, mine in zip(keys, own, strict=True)]
    return texts(taken_), first, repeated


def _repeats(table: FeatureTable, mapping: FieldMapping) -> Bool:
    values = table.columns.get(mapping.id) if mapping.id else None
    if values is None:
        return np.zeros(len(table), np.bool_)
    return np.array([key is not None for key in keys_of(values)], np.bool_)


def _named(
    table: FeatureTable, mapping: FieldMapping, ids: NDArray[Any], mapped: Bool
) -> FeatureTable:
    """Return the table with ids, kinds, names and the height as mapped."""
    columns = dict(table.columns)
    if mapping.id and mapped.any():
        before = columns.get(ID_FIELD)
        known = texts([None] * len(table)) if before is None else before.copy()
        known[mapped] = mapping.id
        columns[ID_FIELD] = known
    height = table.columns.get(mapping.height) if mapping.height else None
    if height is not None and mapping.height != HEIGHT:
        columns[HEIGHT] = _numbers(height)
    kind, kinds = table.kind, table.kinds
    given = table.columns.get(mapping.kind) if mapping.kind else None
    if given is not None:
        own = [table.kinds[code] for code in table.kind.tolist()]
        said = as_texts(given).tolist()
        kind, kinds = encode([text or mine for text, mine in zip(said, own, strict=True)])
    name = table.columns.get(mapping.name) if mapping.name else None
    shown = table.name if name is None else as_texts(name)
    spans = _spans(table, mapping)
    return replace(table, id=ids, kind=kind, kinds=kinds, name=shown, columns=columns, **spans)


def _spans(table: FeatureTable, mapping: FieldMapping) -> dict[str, Any]:
    """Return the lifespans as mapped. A year or month begins with its first day and ends after its last."""
    found: dict[str, Any] = {}
    for item in mapping.dates:
        values = table.columns.get(item.field)
        if item.kind not in SPANS or values is None:
            continue
        parsed = read_dates(values).parsed
        if item.kind in ("valid_to", "terminated"):
            partial = parsed.t_hi - parsed.t_lo > DAY
            found[item.kind] = np.where(partial, parsed.t_hi, parsed.t_lo)
        else:
            found[item.kind] = parsed.t_lo
    return found


def _numbers(values: Column) -> NDArray[np.float64]:
    if values.dtype.kind in "iuf":
        return values.astype(np.float64)
    found = np.full(len(values), np.nan)
    for row, text in enumerate(as_texts(values).tolist()):
        try:
            found[row] = float(text or "nan")
        except ValueError:
            found[row] = np.nan
    return found


def _merged_rows(ids: NDArray[Any]) -> I32:
    """Return i32(n): the first row with each row's id."""
    first: dict[str, int] = {}
    keys = ids.tolist()
    return np.fromiter(
        (first.setdefault(key, row) for row, key in enumerate(keys)), np.int32, len(keys)
    )


def _folded(table: FeatureTable, kept: Rows, into: I32) -> FeatureTable:
    """Return the kept rows with the bounds of all that fell to them; parents follow."""
    low = np.full((len(kept), 3), np.inf)
    high = np.full((len(kept), 3), -np.inf)
    np.minimum.at(low, into, table.bounds[:, :3])
    np.maximum.at(high, into, table.bounds[:, 3:])
    parent = np.where(table.parent < 0, np.int32(-1), into[table.parent])[kept]
    parent = np.where(parent == np.arange(len(kept)), -1, parent).astype(np.int32)
    return replace(taken(table, kept), parent=parent, bounds=np.concatenate([low, high], axis=1))


def _taken_observations(said: Observations, kept: Rows, new: I32) -> Observations:
    """Return the observations of kept rows, counted among them (one object, one passport)."""
    dated = (said.row < 0) | (new[said.row] >= 0)
    claims = (said.party_row < 0) | (new[said.party_row] >= 0)
    found = picked(said, dated, claims)
    row, party = found.row, found.party_row
    return replace(
        found,
        row=np.where(row < 0, np.int32(-1), new[row]),
        party_row=np.where(party < 0, np.int32(-1), new[party]),
    )


def mapped_observations(
    said: Observations, table: FeatureTable, mapping: FieldMapping
) -> Observations:
    """Return what is observed with the mapped properties said anew: the mapping beats well-known names."""
    fields = [item.field for item in mapping.dates if table.columns.get(item.field) is not None]
    holder = mapping.custodian if table.columns.get(mapping.custodian) is not None else ""
    if not fields and not holder:
        return said
    objects = said.row >= 0
    again = np.array([_last(path) in fields for path in said.paths] or [False], np.bool_)
    owned = np.array([_last(path) == holder for path in said.paths] or [False], np.bool_)
    kept = picked(said, ~(objects & again[said.path]), ~owned[said.party_path])
    known = {_last(path): path for path in said.paths}
    found = ObservationList()
    for item in mapping.dates:
        values = table.columns.get(item.field)
        if values is None or item.kind in SPANS:
            continue
        dates = read_dates(values)  # somebody said so: numbers are dates too
        parsed, raw = dates.parsed, dates.raw
        written = ~np.isnat(parsed.t_lo) | ((parsed.flags & (FLAG_SENTINEL | FLAG_UNPARSED)) != 0)
        at = np.flatnonzero(written)
        labels = (item.kind, item.aspect, "object", known.get(item.field, item.field))
        intervals = (parsed.t_lo[at], parsed.t_hi[at])
        found.add_column(at.astype(np.int32), intervals, raw[at], labels, parsed.flags[at])
    values = table.columns.get(holder) if holder else None
    if values is not None:
        keys = keys_of(values)
        at = np.flatnonzero([key is not None for key in keys])
        names: Sequence[str] = [str(keys[row]) for row in at.tolist()]
        path = known.get(holder, holder)
        found.add_parties(at.astype(np.int32), names, "custodian", "object", path)
    return joined([kept, found.frozen()])


def _last(path: str) -> str:
    """Return the property behind a field path (``batch.surveyed``)."""
    return path.removeprefix("batch.").removeprefix("attributes.")


def _missing(table: FeatureTable, mapping: FieldMapping, where: str) -> list[Problem]:
    """Return a problem for what the mapping names and a table with properties does not have."""
    if not table.names:
        return []
    named = [mapping.id, mapping.kind, mapping.name, mapping.custodian, mapping.height]
    named += [item.field for item in mapping.dates]
    gone = [name for name in dict.fromkeys(named) if name and table.columns.get(name) is None]
    if not gone:
        return []
    shown = ", ".join(gone)
    text = f"the mapping names properties that are not there: {shown}"
    return [Problem("mapping.no_property", text, where, {"names": shown})]
