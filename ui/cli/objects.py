"""The verb ``objects``: the object table, by condition, as JSON, CSV or GeoJSON."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any

import numpy as np
import orjson
import typer

from twin.commands import Where
from twin.details import rare_column
from twin.errors import UsageError
from twin.features import Bool, FeatureTable
from twin.observations import STATUSES
from twin.scene import CityObject, Layer
from twin.searching import index, matched, searched
from twin.session import Session
from twin.tables import Table, as_csv, as_xlsx
from ui.cli.audit import Out, put
from ui.cli.loading import opened
from ui.cli.opening import RULES, SOURCE, TIME, Opening, Paths, opening_options

SIGNS = {
    "=": "eq",
    "==": "eq",
    "!=": "ne",
    "<": "lt",
    "<=": "le",
    ">": "gt",
    ">=": "ge",
    "~": "contains",
}
AND = re.compile(r'\s+and\s+(?=(?:[^"]*"[^"]*")*[^"]*$)', re.IGNORECASE)
CONDITION = re.compile(r"^\s*(\"[^\"]+\"|[^\s<>=!~]+)\s*(==|!=|<=|>=|=|<|>|~)\s*(.*?)\s*$")
BASIC = ("id", "kind", "parent", "source", "bounds", "observed", "status", "custodian")
FORMATS = ("json", "csv", "xlsx", "geojson")
TOLD = ("id", "name", "kind", "lod", "created", "status", "custodian")
"""What every object can be asked for, beside the attributes of its source."""
Condition = Annotated[
    str,
    typer.Option(
        "--where", help='"height > 20 and kind = Building"; names with blanks in double quotes.'
    ),
]
Find = Annotated[
    str, typer.Option("--find", help="A text in name, ID, class or any value, as in the window.")
]
Columns = Annotated[
    str, typer.Option("--columns", help="Attributes to show, a,b,c (default all).")
]
Format = Annotated[str, typer.Option("--format", help="json, csv, xlsx or geojson.")]


@opening_options(*RULES, *TIME, *SOURCE, "run")
def objects_(  # noqa: PLR0913  the options of a verb
    paths: Paths,
    opening: Opening,
    where: Condition = "",
    find: Find = "",
    columns: Columns = "",
    form: Format = "json",
    out: Out = None,
) -> None:
    """List the objects of all sources."""
    if form not in FORMATS:
        advice = " GeoPackage output comes with a later version." if form == "gpkg" else ""
        raise UsageError(reason=f"--format {form!r} is none of {', '.join(FORMATS)}.{advice}")
    conditions = parse_where(where)
    session = opened(paths, opening)
    try:
        wanted = [name for name in columns.split(",") if name]
        put(content(session, conditions, wanted, form, find), out)
    finally:
        session.close()


def parse_where(text: str) -> list[Where]:
    """Return the conditions of ``column op value and ...`` (= != < <= > >= ~). Raises UsageError.

    A column with blanks or signs in its name stands in double quotes.
    """
    found = []
    for part in AND.split(text.strip()) if text.strip() else []:
        match = CONDITION.match(part)
        if match is None or not match.group(3):
            raise UsageError(reason=f"--where {part!r}: write column = value (or != < <= > >= ~)")
        name, sign, value = match.groups()
        found.append(Where(name.strip('"'), SIGNS[sign], value.strip("\"'")))
    return found


def content(
    session: Session, conditions: list[Where], columns: list[str], form: str, find: str = ""
) -> bytes:
    """Return the table of the objects that fulfil every condition and contain a text, in a format."""
    rows = _rows(session, conditions, columns, find)
    if form == "json":
        return orjson.dumps({"objects": list(rows)}, option=orjson.OPT_APPEND_NEWLINE)
    if form == "geojson":
        return _geojson(session, list(rows))
    table = _table(list(rows))
    if form == "xlsx":
        return as_xlsx([table], session.at)
    return as_csv(table)


def _rows(
    session: Session, conditions: list[Where], columns: list[str], find: str
) -> Iterator[dict[str, Any]]:
    asked = [*columns, *(c.column for c in conditions if c.column not in TOLD)]
    layers = [with_rare(layer, asked) for layer in session.twin.layers.values()]
    known = {name for layer in layers for name in layer.features.names}
    missing = [name for name in asked if name not in known]
    if missing:
        raise UsageError(reason=f"no source has the attribute {missing[0]!r}")
    for layer in layers:
        for row in np.flatnonzero(matching(layer, conditions, find)).tolist():
            told = document(CityObject(layer, row), columns)
            yield {**told, "found": _found(layer.features, row, find)} if find else told


def with_rare(layer: Layer, asked: list[str]) -> Layer:
    """Return the layer with the rare attributes that are asked for as columns."""
    table = layer.features
    for name in asked:
        rare = None if name in table.columns else rare_column(table, name)
        if rare is not None:
            table = table.with_column(name, rare)
    return replace(layer, features=table)


def _found(table: FeatureTable, row: int, find: str) -> str:
    """Return ``attribute = value`` where the text stands; the name, id or class by itself."""
    match = matched(table, row, find)
    if match is None:
        return ""
    return f"{match.key} = {match.value} {match.unit}".rstrip() if match.key else match.value


def matching(layer: Layer, conditions: list[Where], find: str = "") -> Bool:
    """Return bool(n): the rows that fulfil every condition."""
    mask = np.ones(len(layer.features), np.bool_)
    if layer.counted_elsewhere is not None:
        mask &= ~layer.counted_elsewhere
    if find:
        mask &= searched(layer.features, index(layer.features), find)
    for condition in conditions:
        mask &= _one(layer, condition)
    return mask


def _one(layer: Layer, condition: Where) -> Bool:
    if condition.column in ("status", "custodian"):
        verdict = layer.assessment
        names = np.array(
            [STATUSES[s] for s in verdict.status]
            if condition.column == "status"
            else [verdict.custodians[c] if c >= 0 else "" for c in verdict.custodian],
            dtype=np.dtypes.StringDType(na_object=None),
        )
        return Where("_", condition.op, condition.value).mask(
            layer.features.with_column("_", names)
        )
    if layer.features.get(condition.column) is None:
        return np.zeros(len(layer.features), np.bool_)
    return condition.mask(layer.features)


def document(thing: CityObject, columns: list[str]) -> dict[str, Any]:
    """Return one object as ``objects --format json`` shows it."""
    verdict, row = thing.layer.assessment, thing.row
    custodian, box = int(verdict.custodian[row]), thing.bounds
    table = thing.layer.features
    names = columns or list(table.names)
    values = {name: plain(table.columns[name][row]) for name in names if name in table.columns}
    return {
        "id": thing.id,
        "kind": thing.kind,
        "parent": thing.parent.id if thing.parent is not None else None,
        "source": thing.layer.source.path,
        "bounds": [round(float(v), 3) for v in box] if np.isfinite(box).all() else None,
        "observed": plain(verdict.t_eff[row]),
        "status": STATUSES[int(verdict.status[row])],
        "custodian": verdict.custodians[custodian] if custodian >= 0 else None,
        "attributes": {name: value for name, value in values.items() if value is not None},
    }


def plain(value: Any) -> Any:
    """Return a cell as JSON has it; missing is None, an instant is ISO 8601 in UTC."""
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else f"{np.datetime_as_string(value, 's')}Z"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def _table(rows: list[dict[str, Any]]) -> Table:
    names = list(dict.fromkeys(name for row in rows for name in row["attributes"]))
    lines = []
    for row in rows:
        box = " ".join(str(v) for v in row["bounds"]) if row["bounds"] else ""
        basic = [box if key == "bounds" else row[key] for key in BASIC]
        lines.append([*basic, *(row["attributes"].get(n) for n in names)])
    return Table("objects", [*BASIC, *names], lines)


def _geojson(session: Session, rows: list[dict[str, Any]]) -> bytes:
    """Return boxes seen from above as polygons in WGS 84. Raises UsageError without a CRS."""
    if session.project is None:
        raise UsageError(reason="GeoJSON needs a coordinate system: name one with --crs EPSG:n")
    features = []
    for row in rows:
        polygon = None
        if row["bounds"]:
            a, b, low, c, d, _ = row["bounds"]
            ring = np.array([[a, b, low], [c, b, low], [c, d, low], [a, d, low], [a, b, low]])
            spots = session.lonlat(ring)
            if spots is not None:
                polygon = {"type": "Polygon", "coordinates": [np.round(spots[:, :2], 8).tolist()]}
        values = {**{k: v for k, v in row.items() if k not in ("bounds", "attributes")}}
        properties = {**row["attributes"], **values}
        features.append(
            {"type": "Feature", "id": row["id"], "geometry": polygon, "properties": properties}
        )
    whole = {"type": "FeatureCollection", "features": features}
    return orjson.dumps(whole, option=orjson.OPT_APPEND_NEWLINE)
