"""Rows of a side-car joined to objects, by key or by place: observations, custodians, attributes.

What does not fit is counted and listed: keys that name no object, keys that stand twice, rows without a
place (the issue's list of bad input: a side-car with 10 % unmatched keys). Pure: same inputs, same answer.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.errors import CrsError
from twin.features import TEXT, Column, FeatureTable, texts
from twin.geometry import I32
from twin.maintenance.date_shapes import read_dates, tell
from twin.maintenance.dates import as_texts
from twin.maintenance.fields import meaning
from twin.maintenance.footings import Footings
from twin.maintenance.joining import Joined, joined, keys_of, likely
from twin.maintenance.placing import moved_shapes
from twin.maintenance.sidecar_records import Sidecar
from twin.maintenance.telling import Told
from twin.maintenance.vector_files import typed
from twin.observations import ObservationList, Observations, picked
from twin.observations import joined as put_together
from twin.ports import VectorTable
from twin.records import DateField, Problem

COVERED = 0.3
"""Share of an object's footprint that a row's area must cover, as when deliveries are matched (section 7)."""
MARK = "sidecar:"
"""Field paths of what a side-car says begin so, its id following."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What one side-car says of a table's rows. ``row`` i32(n): the side-car's row of each object, -1 = none."""

    row: I32
    columns: Mapping[str, Column]
    observations: Observations
    problems: tuple[Problem, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


def guessed(table: VectorTable, sidecar: Sidecar, features: FeatureTable) -> Sidecar:
    """Return a side-car with key, dates and custodian found out where nobody said them."""
    dates, custodian = sidecar.dates, sidecar.custodian
    if not dates:
        found = [(name, meaning(name)) for name in table.columns]
        dates = tuple(DateField(name, m.kind, m.aspect) for name, m in found if m and m.kind)
    if not custodian:
        holders = [
            name for name in table.columns if (m := meaning(name)) and m.role == "custodian"
        ]
        custodian = holders[0] if holders else ""
    key = sidecar.key
    if sidecar.by == "key" and not key:
        key = best_key(table, features, sidecar.object_key)
    return replace(sidecar, dates=dates, custodian=custodian, key=key)


def best_key(table: VectorTable, features: FeatureTable, object_key: str = "") -> str:
    """Return the column of a table of which most values name an object ('' = none does)."""
    there = {key for name in ("id", *likely(features)) if name == object_key or not object_key
             for key in keys_of(features.id if name == "id" else features.columns[name]) if key}  # fmt: skip
    best, chosen = 0, ""
    for name, values in table.columns.items():
        if values.dtype.kind in "Tiu" or (values.dtype.kind == "f" and _whole(values)):
            hits = len({key for key in keys_of(values) if key} & there)
            if hits > best:
                best, chosen = hits, name
    return chosen


def _whole(values: Column) -> bool:
    known = values[np.isfinite(values)]
    return bool(len(known)) and bool((known == np.round(known)).all())


def beside(table: VectorTable, sidecar: Sidecar, features: FeatureTable, crs: str) -> Beside:
    """Return what a side-car says of the objects. ``crs`` is the project's horizontal system."""
    told = Told()
    for item in table.problems:
        if item.code not in ("vector.no_place", "vector.more", "vector.no_crs"):
            told.whole.append(item)
    sidecar = guessed(table, sidecar, features)
    title = sidecar.title or sidecar.path.replace("\\", "/").rpartition("/")[2]
    if sidecar.by == "place":
        row, counts = _by_place(table, sidecar, features, crs, told)
    else:
        row, counts = _by_key(table, sidecar, features, told)
    found = ObservationList()
    _dates(table, sidecar, row, found, told)
    if sidecar.custodian in table.columns:
        at, names = _said(table.columns[sidecar.custodian], row)
        path = f"{MARK}{sidecar.id}:{sidecar.custodian}"
        found.add_parties(at, names, "custodian", "object", path)
    columns = _attributes(table, sidecar, row)
    problems = tuple(_named(item, title) for item in told.problems())
    return Beside(row, columns, found.frozen(), problems, counts)


def _named(item: Problem, title: str) -> Problem:
    """Return a problem with the side-car's title before it, so that layers tell whose it is."""
    where = f"{title}#{item.feature}" if item.feature else title
    return replace(item, feature=where)


def _by_key(
    table: VectorTable, sidecar: Sidecar, features: FeatureTable, told: Told
) -> tuple[I32, dict[str, int]]:
    """Return the side-car's row of each object, by key; what fits nothing is told."""
    values = table.columns.get(sidecar.key)
    none = np.full(len(features), -1, np.int32)
    if values is None:
        told.file("sidecar.no_key", columns=", ".join(table.columns) or "-")
        return none, {"rows": len(table), "matched": 0, "unmatched": len(table)}
    keys = keys_of(values)
    first = _first_rows(keys, table, sidecar, told)
    wanted = list(first)
    hits: Joined = joined(wanted, features, sidecar.object_key)
    row = _of_all(wanted, hits, features)
    found = np.array([first[key] for key in wanted] or [0], np.int32)
    none = np.where(row >= 0, found[np.maximum(row, 0)], -1).astype(np.int32)
    missing = [key for key, at in zip(wanted, hits.row.tolist(), strict=True) if at < 0]
    _tell_keys(
        sidecar, hits, (wanted, missing), [int(table.keys[first[k]]) for k in missing], told
    )
    silent = sum(key is None for key in keys)
    if silent:
        told.file("sidecar.silent", count=silent, key=sidecar.key)
    counts = {
        "rows": len(table),
        "keys": len(wanted),
        "matched": hits.hits,
        "unmatched": len(missing),
    }
    return none, {
        **counts,
        "objects": int((none >= 0).sum()),
        "repeated": len(keys) - silent - len(wanted),
    }


def _tell_keys(
    sidecar: Sidecar,
    hits: Joined,
    keys: tuple[list[str], list[str]],
    rows: list[int],
    told: Told,
) -> None:
    """Say which of the wanted keys are missing, and how the others were found."""
    wanted, missing = keys
    if missing:
        told.file(
            "sidecar.unmatched", count=len(missing), total=len(wanted), key=sidecar.key,
            percent=f"{100 * len(missing) / len(wanted):.3g}", like=", ".join(missing[:5]),
        )  # fmt: skip
        for row, key in zip(rows, missing, strict=True):
            told.row("sidecar.unmatched_row", row, key=key)
    if hits.loose:
        told.file("sidecar.loose", count=hits.loose, key=sidecar.key)
    if hits.repeated:
        told.file("sidecar.shared", count=hits.repeated, key=hits.key)


def _first_rows(
    keys: Sequence[str | None], table: VectorTable, sidecar: Sidecar, told: Told
) -> dict[str, int]:
    """Return key -> row. Of a key that stands in several rows the one with the latest date counts; told."""
    newest = _newest(table, sidecar)
    first: dict[str, int] = {}
    twice: Counter[str] = Counter()
    for row, key in enumerate(keys):
        if key is None:
            continue
        if key not in first:
            first[key] = row
            continue
        twice[key] += 1
        if newest[row] > newest[first[key]]:
            first[key] = row
    if twice:
        told.file(
            "sidecar.repeated", count=len(twice), key=sidecar.key,
            like=", ".join(list(twice)[:5]),
        )  # fmt: skip
    return first


def _newest(table: VectorTable, sidecar: Sidecar) -> NDArray[Any]:
    """Return the latest date of each row as a number, the least where it has none."""
    newest = np.full(len(table), np.iinfo(np.int64).min)
    for item in sidecar.dates:
        values = table.columns.get(item.field)
        if values is not None:
            low = read_dates(values).parsed.t_lo
            newest = np.maximum(newest, np.where(np.isnat(low), newest, low.astype(np.int64)))
    return newest


def _of_all(wanted: Sequence[str], hits: Joined, features: FeatureTable) -> I32:
    """Return per object the place of its key among ``wanted`` (-1 = none): objects may share a key."""
    place = np.full(len(features), -1, np.int32)
    at = np.flatnonzero(hits.row >= 0)
    place[hits.row[at]] = at
    if hits.repeated:
        column = features.id if hits.key == "id" else features.columns[hits.key]
        number = {key: n for n, key in enumerate(wanted)}
        for row, key in enumerate(keys_of(column)):
            if place[row] < 0 and key in number:
                place[row] = number[key]
    return place


def _by_place(
    table: VectorTable, sidecar: Sidecar, features: FeatureTable, crs: str, told: Told
) -> tuple[I32, dict[str, int]]:
    """Return the side-car's row of each object, by place: the area that covers most, the point within."""
    none = np.full(len(features), -1, np.int32)
    lost = {"rows": len(table), "matched": 0, "unmatched": len(table), "objects": 0}
    if table.geometry is None:
        told.file("sidecar.no_place", columns=", ".join(table.columns) or "-")
        return none, lost
    try:
        shapes = moved_shapes(table.geometry, sidecar.crs or table.crs, crs)
    except CrsError as error:
        told.file("sidecar.not_moved", reason=str(error))
        return none, lost
    best, share = _best(features, shapes)
    row = np.where(share >= COVERED - 1e-9, best, -1).astype(np.int32)
    hit = np.zeros(len(table), np.bool_)
    hit[row[row >= 0]] = True
    for number in np.flatnonzero(~hit):
        told.row("sidecar.nothing_there", int(table.keys[number]))
    missing = int((~hit).sum())
    if missing:
        percent = f"{100 * missing / max(len(table), 1):.3g}"
        told.file("sidecar.unplaced", count=missing, total=len(table), percent=percent)
    counts = {"rows": len(table), "matched": int(hit.sum()), "unmatched": missing}
    return row, {**counts, "objects": int((row >= 0).sum())}


def _best(features: FeatureTable, shapes: NDArray[Any]) -> tuple[I32, NDArray[np.float64]]:
    """Return per object the shape that covers most of its whole's footprint, and the share it covers."""
    top = features.top
    footings = Footings(features, top)
    empty = shapely.from_wkt("POLYGON EMPTY")
    areas = np.array([empty if shape is None else shape for shape in shapes], object)
    found = footings.shares(areas)
    thing, area, share = found.thing, found.area, found.share
    plain = np.flatnonzero((shapely.get_dimensions(areas) < 2) & ~shapely.is_empty(areas))
    if len(plain):
        met, item = shapely.STRtree(areas[plain]).query(footings.shapes, predicate="intersects")
        thing = np.concatenate([thing, met.astype(np.int32)])
        area = np.concatenate([area, plain[item].astype(np.int32)])
        share = np.concatenate([share, np.ones(len(met))])
    order = np.lexsort((-area, share, thing))
    best = np.full(len(footings.units), -1, np.int32)
    most = np.zeros(len(footings.units))
    best[thing[order]], most[thing[order]] = area[order], share[order]
    is_top = np.zeros(len(features), np.bool_)
    is_top[top] = True
    rows = np.where(is_top, best[footings.place], -1).astype(np.int32)
    return rows, np.where(is_top, most[footings.place], 0.0)


def _dates(
    table: VectorTable, sidecar: Sidecar, row: I32, found: ObservationList, told: Told
) -> None:
    objects = np.flatnonzero(row >= 0).astype(np.int32)
    for item in sidecar.dates:
        values = table.columns.get(item.field)
        if values is None:
            told.file("sidecar.no_column", name=item.field)
            continue
        dates = read_dates(values)
        tell(told, item.field, dates)
        at = objects[dates.written[row[objects]]]
        source = row[at]
        parsed = dates.parsed
        found.add_column(
            at, (parsed.t_lo[source], parsed.t_hi[source]), dates.raw[source],
            (item.kind, item.aspect, "object", f"{MARK}{sidecar.id}:{item.field}"),
            parsed.flags[source],
        )  # fmt: skip


def _said(values: Column, row: I32) -> tuple[I32, list[str]]:
    """Return the objects of which a column says something, and what."""
    keys = keys_of(values)
    at = np.array(
        [n for n, source in enumerate(row.tolist()) if source >= 0 and keys[source]], np.int32
    )
    return at, [str(keys[source]) for source in row[at].tolist()]


def _attributes(table: VectorTable, sidecar: Sidecar, row: I32) -> dict[str, Column]:
    """Return the further columns, one value an object; texts that are numbers as such."""
    used = {sidecar.key, sidecar.custodian, *(item.field for item in sidecar.dates)}
    wanted = (
        [name for name in table.columns if name not in used] if "*" in sidecar.attributes else []
    )
    wanted += [name for name in sidecar.attributes if name in table.columns]
    found: dict[str, Column] = {}
    there = row >= 0
    source = np.maximum(row, 0)
    for name in dict.fromkeys(wanted):
        values = table.columns[name] if meaning(name) is not None else typed(table.columns[name])
        found[name] = _spread(values, source, there) if len(table) else texts([None] * len(row))
    return found


def _spread(values: Column, source: I32, there: NDArray[np.bool_]) -> Column:
    if values.dtype.kind == "T":
        taken = values[source].astype(TEXT)
        taken[~there] = None
        return taken
    if values.dtype.kind == "M":
        return np.where(there, values[source], np.datetime64("NaT"))
    if values.dtype.kind in "iufb":
        return np.where(there, values[source].astype(np.float64), np.nan)
    return _spread(as_texts(values), source, there)


def with_sidecars(
    features: FeatureTable, observations: Observations, said: Sequence[tuple[Sidecar, Beside]]
) -> tuple[FeatureTable, Observations, dict[str, tuple[str, ...]]]:
    """Return a table and its observations with what side-cars say, and the columns each one added.

    A column that the source has keeps its name; the side-car's stands beside it as ``name (title)``.
    """
    columns = dict(features.columns)
    added: dict[str, tuple[str, ...]] = {}
    parts: list[
        Observations
    ] = []  # theirs come first: of two custodians of an object the first counts
    for sidecar, one in said:
        names = []
        for name, values in one.columns.items():
            title = sidecar.title or sidecar.id
            free = (
                name
                if name not in columns and name not in ("id", "kind", "name", "lod")
                else f"{name} ({title})"
            )
            columns[free] = values
            names.append(free)
        added[sidecar.id] = tuple(names)
        parts.append(one.observations)
    return replace(features, columns=columns), put_together([*parts, observations]), added


def without_sidecars(
    features: FeatureTable, observations: Observations, added: Mapping[str, tuple[str, ...]]
) -> tuple[FeatureTable, Observations]:
    """Return a table and its observations as the source alone says them."""
    gone = {name for names in added.values() for name in names}
    columns = {name: values for name, values in features.columns.items() if name not in gone}
    theirs = np.array([path.startswith(MARK) for path in observations.paths] or [False], np.bool_)
    if theirs.any():
        observations = picked(
            observations, ~theirs[observations.path], ~theirs[observations.party_path]
        )
    return replace(features, columns=columns), observations
