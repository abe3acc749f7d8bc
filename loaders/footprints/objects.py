"""Rows of a vector layer to city objects: ids, classes, names, dates, typed columns."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders.footprints.gdal import BUILDINGS
from loaders.footprints.heights import Heights
from twin.features import ID_FIELD, FeatureTable, encode, texts
from twin.geometry import F64
from twin.maintenance.date_shapes import READ, read_dates, tell
from twin.maintenance.dates import as_texts, parse_column
from twin.maintenance.fields import Where, lifespans, meaning, observe
from twin.maintenance.telling import Told
from twin.maintenance.vector_files import typed
from twin.observations import ObservationList, Observations
from twin.ports import VectorTable

IDS = (
    "gml_id", "identificatie", "globalid", "global_id", "guid", "uuid", "inspireid", "localid", "building_id",
    "buildingid", "bldg_id", "bag_id", "pand_id", "egid", "osm_id", "@id", "osmid", "toid", "id", "uid", "objectid",
    "object_id", "oid", "gid", "编号", "建筑编号", "房屋编号", "标识码", "要素代码",
)  # fmt: skip
"""Columns whose name says an id, those that last over deliveries first."""
NAMES = (
    "name",
    "naam",
    "bezeichnung",
    "nom",
    "nombre",
    "title",
    "label",
    "名称",
    "mc",
    "建筑名称",
    "addr:housename",
)
_BUILT = ("building", "bldg_type", "building_type", "建筑类型", "roof_type", "rooftype")
Columns = Mapping[str, NDArray[Any]]


def table_of(
    read: VectorTable, heights: Heights, bounds: F64, raised: NDArray[np.bool_], told: Told
) -> FeatureTable:
    """Return one object a row. ``raised`` bool(n): it is drawn as a block (LoD 1)."""
    ids, field = _ids(read, told)
    kind, kinds = _kinds(read, heights)
    lod, lods = encode(["1" if block else "0" for block in raised.tolist()])
    columns = {name: _typed(name, values, field) for name, values in read.columns.items()}
    columns.update(_height_column(columns, heights))
    columns[ID_FIELD] = texts([field or None] * len(read)) if not field else _sources(read, field)
    times = lifespans(columns)
    return FeatureTable(
        id=ids,
        kind=kind,
        kinds=kinds,
        parent=np.full(len(read), -1, np.int32),
        bounds=bounds,
        name=_names(read.columns),
        lod=lod,
        lods=lods,
        columns=columns,
        valid_from=times.get("valid_from"),
        valid_to=times.get("valid_to"),
        created=times.get("created"),
        terminated=times.get("terminated"),
    )


def _typed(name: str, values: NDArray[Any], id_field: str) -> NDArray[Any]:
    """Return a column of text as numbers where it is that; dates, ids and parties stay as written."""
    if name == id_field or meaning(name) is not None or name.strip().lower() in IDS:
        return values
    return typed(values)


def _height_column(columns: Columns, heights: Heights) -> dict[str, NDArray[Any]]:
    """Return the heights in metres where their own column is a text or counts storeys."""
    own = columns.get(heights.field)
    if own is None or (own.dtype.kind in "iuf" and not heights.by_storeys):
        return {}
    free = next(name for name in ("height", "height m", "extruded height") if name not in columns)
    return {free: heights.height}


def _ids(read: VectorTable, told: Told) -> tuple[NDArray[Any], str]:
    """Return ids and the column they come from ('' = places in the file: layer and number).

    The first known column whose values differ is taken; a row without one gets its place.
    """
    own = [f"{read.layer}.{key}" for key in read.keys.tolist()]
    known = {name.strip().lower(): name for name in read.columns}
    repeated: dict[str, int] = {}
    for candidate in IDS:
        name = known.get(candidate)
        if name is None:
            continue
        values = [(text or "").strip() for text in as_texts(read.columns[name]).tolist()]
        said = [value for value in values if value]
        if len(said) < 0.5 * len(values) or not said:
            continue
        twice = len(said) - len(set(said))
        if twice:
            repeated[name] = twice
            continue
        for name_twice, count in repeated.items():
            told.file("vector.id_twice", name=name_twice, count=count)
        taken = set(said)
        found = [value or _free(mine, taken) for value, mine in zip(values, own, strict=True)]
        return texts(found), name
    for name_twice, count in repeated.items():
        told.file("vector.id_twice", name=name_twice, count=count)
    return texts(own), ""


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "'"
    return name


def _sources(read: VectorTable, field: str) -> NDArray[Any]:
    said = as_texts(read.columns[field]).tolist()
    return texts([field if (text or "").strip() else None for text in said])


def _kinds(read: VectorTable, heights: Heights) -> tuple[NDArray[np.uint16], tuple[str, ...]]:
    """Return the class of each row: Building where the layer or a column says so, else the layer's name."""
    layer = re.sub(r"[\x00-\x1f]", " ", read.layer)[:80] or "Feature"
    built = BUILDINGS.search(read.layer) is not None or bool(heights.field)
    known = {name.strip().lower(): name for name in read.columns}
    marks = [known[name] for name in _BUILT if name in known]
    if not marks or built:
        return encode(["Building" if built else layer] * len(read))
    said = as_texts(read.columns[marks[0]]).tolist()
    return encode(["Building" if text and text.lower() != "no" else layer for text in said])


def _names(columns: Columns) -> NDArray[Any] | None:
    known = {name.strip().lower(): name for name in columns}
    for candidate in NAMES:
        name = known.get(candidate)
        if name is not None:
            said = [(text or "").strip() or None for text in as_texts(columns[name]).tolist()]
            return texts(said)
    return None


def observed(columns: Columns, location: str, changed: str, told: Told) -> Observations:
    """Return what columns say of dates and parties; the layer's last change and the file's own time."""
    found = ObservationList()
    plain = {name: values for name, values in columns.items() if not name.startswith("_")}
    odd = {name for name, values in plain.items() if _observe_odd(found, name, values, told)}
    rest = {name: values for name, values in plain.items() if name not in odd}
    observe(found, rest, None, Where("object", ""))
    whole = np.full(1, -1, np.int32)
    if changed:
        parsed = parse_column([changed])
        labels = ("file", "", "file", "gpkg_contents.last_change")
        found.add_column(whole, (parsed.t_lo, parsed.t_hi), texts([changed]), labels, parsed.flags)
    try:
        day = np.datetime64(int(Path(location).stat().st_mtime * 1000), "ms")
    except OSError:
        return found.frozen()
    times = (np.array([day]), np.array([day + np.timedelta64(1, "s")]))
    found.add_column(whole, times, texts([f"{day}Z"]), ("file", "", "file", "mtime"))
    return found.frozen()


def _observe_odd(found: ObservationList, name: str, values: NDArray[Any], told: Told) -> bool:
    """Add the dates of a known column in which numbers of workbooks or programs stand (Esri writes
    milliseconds since 1970); return whether it was one."""
    said = meaning(name)
    if said is None or not said.kind or said.unit or not said.sure:
        return False
    dates = read_dates(values)
    if not READ & dates.shapes.keys():
        return False
    tell(told, name, dates)
    at = np.flatnonzero(dates.written).astype(np.int32)
    low, high, flags = dates.parsed
    labels = (said.kind, said.aspect, "object", name)
    found.add_column(at, (low[at], high[at]), dates.raw[at], labels, flags[at])
    return True
