"""A result as a file, the stamp in it: CSV, XLSX, JSON, GeoJSON, GeoPackage. Equal results give equal bytes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from twin.analyses.documents import Tables
from twin.analyses.findings import Findings, Marks, Sheet, Values
from twin.analyses.results import Input, Result, Stamp
from twin.analyses.wording import sentences, stamp_rows, titled
from twin.errors import UsageError
from twin.features import FeatureTable
from twin.geometry import F64
from twin.georeference import ProjectFrame
from twin.messages import Catalogue, catalogue
from twin.records import Instant
from twin.store.packages import packaged
from twin.tables import PackageLayer, PackageNote, Table, as_csv, as_xlsx

FORMATS = ("csv", "xlsx", "json", "geojson", "gpkg")
NEVER = np.datetime64("1980-01-01", "ms")
"""The time of a file whose result says none."""


@dataclass(frozen=True)
class Around:
    """What a file needs beside the result: tables of layers by id, the language, whether CSV has a mark."""

    tables: Tables
    language: str = "en"
    bom: bool = False

    @property
    def words(self) -> Catalogue:
        """Return the texts."""
        return catalogue(self.language)


def format_of(path: Path) -> str:
    """Return the format that a file's name asks for. Raises UsageError."""
    found = path.suffix.lower().lstrip(".")
    if found not in FORMATS:
        raise UsageError(reason=f"{path.name}: the name must end with .{', .'.join(FORMATS)}")
    return found


def written(result: Result, form: str, around: Around) -> bytes:
    """Return a result as a file. Raises UsageError, CrsError, ValueError for a damaged result."""
    if form not in FORMATS:
        raise UsageError(reason=f"there is no format {form!r}; known: {', '.join(FORMATS)}")
    findings = result.answer(around.tables)
    if form == "json":
        return _text(document(result, around))
    if form == "geojson":
        return _text(geojson(result, findings, around))
    if form == "gpkg":
        layers, notes = package(result, findings, around)
        return packaged(layers, _time(result.stamp), notes)
    if form == "xlsx":
        return as_xlsx(
            [*_sheets(findings, around), _stamp_table(result, around)], _time(result.stamp)
        )
    return _csv(result, findings, around)


def _time(stamp: Stamp) -> Instant:
    return NEVER if stamp.made is None else stamp.made


def _text(document: Mapping[str, Any]) -> bytes:
    text = json.dumps(document, ensure_ascii=False, indent=1, default=_plain)
    return (text + "\n").encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else f"{np.datetime_as_string(value, 'ms')}Z"
    return value.item() if isinstance(value, np.generic) else str(value)


# -- documents ------------------------------------------------------------------------------------


def document(result: Result, around: Around) -> dict[str, Any]:
    """Return a result as plain values that people and programs read (``--json``)."""
    findings = result.answer(around.tables)
    return {
        "id": result.id,
        "title": result.title,
        "analysis": result.analysis,
        "settings": dict(result.settings),
        "scenario": result.scenario,
        "against": None if result.against == "-" else result.against,
        "figures": dict(findings.figures),
        "units": dict(findings.units),
        "sheets": [
            {
                "name": one.name,
                "columns": list(one.columns),
                "units": list(one.units),
                "rows": [list(row) for row in one.rows],
                "objects": [list(pair) for pair in one.objects],
            }
            for one in findings.sheets
        ],
        "values": [_value(one, around.tables.get(one.layer)) for one in findings.values],
        "marks": [_mark(one) for one in findings.marks],
        "notes": [
            {"code": code, "text": titled("note", code, around.words)} for code in findings.notes
        ],
        "stamp": stamp_document(result, around.words),
    }


def stamp_document(result: Result, words: Catalogue) -> dict[str, Any]:
    """Return the stamp as plain values: counts, inputs, instants, and the sentences that people read."""
    stamp = result.stamp
    told = asdict(stamp)
    told["inputs"] = [_input(one) for one in stamp.inputs]
    told["tiles"], told["failed"], told["sound"] = stamp.tiles, stamp.failed, stamp.sound
    told["text"] = " ".join(sentences(stamp, words))
    return {key: _plain(x) if isinstance(x, np.datetime64) else x for key, x in told.items()}


def _input(one: Input) -> dict[str, Any]:
    told = asdict(one)
    for packed in ("ids", "marks", "columns"):
        del told[packed]
    prints = {name: told.pop(name) for name in ("source", "hidden", "cells")}
    return {**told, "prints": prints}


def _value(one: Values, table: FeatureTable | None) -> dict[str, Any]:
    ids = [] if table is None else [str(key) for key in table.id[one.rows].tolist()]
    numbers = [None if x != x else x for x in one.numbers.tolist()]
    return {"layer": one.layer, "name": one.name, "unit": one.unit, "ids": ids, "numbers": numbers}


def _mark(one: Marks) -> dict[str, Any]:
    values = None if one.values is None else [None if x != x else x for x in one.values.tolist()]
    return {
        "name": one.name, "kind": one.kind, "unit": one.unit, "role": one.role,
        "places": np.round(one.places, 4).tolist(), "values": values,
        "scale": None if one.scale is None else list(one.scale),
    }  # fmt: skip


# -- tables ----------------------------------------------------------------------------------------


def _head(sheet: Sheet, words: Catalogue) -> list[str]:
    pairs = zip(sheet.columns, sheet.units, strict=True)
    return [titled("column", code, words, unit) for code, unit in pairs]


def _sheets(findings: Findings, around: Around) -> list[Table]:
    words = around.words
    figures = [
        (titled("figure", code, words), value, findings.units.get(code, ""))
        for code, value in findings.figures.items()
    ]
    head = [words.text(f"stamp.figure_{name}") for name in ("name", "value", "unit")]
    found = [Table(words.text("stamp.figures"), head, figures)] if figures else []
    found += [
        Table(titled("sheet", one.name, words), _head(one, words), one.rows)
        for one in findings.sheets
    ]
    return found


def _stamp_table(result: Result, around: Around) -> Table:
    words = around.words
    head = [words.text("stamp.figure_name"), words.text("stamp.figure_value")]
    return Table(words.text("stamp.sheet"), head, stamp_rows(result, words))


def _csv(result: Result, findings: Findings, around: Around) -> bytes:
    """Return the largest sheet (else the figures), the stamp above it as lines that begin with '#'."""
    tables = _sheets(findings, around)
    if not tables:
        return as_csv(_stamp_table(result, around), bom=around.bom)
    largest = max(tables, key=lambda one: len(one.rows)) if findings.sheets else tables[0]
    lines = [f"# {name}: {_line(value)}" for name, value in stamp_rows(result, around.words)]
    if findings.sheets:
        lines += [f"# {name}: {value} {unit}".rstrip() for name, value, unit in tables[0].rows]
    above = "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace")
    mark = b"\xef\xbb\xbf" if around.bom else b""
    return mark + above + as_csv(largest)


def _line(value: Any) -> str:
    return " ".join(str(value).split())


# -- places ----------------------------------------------------------------------------------------


def shapes_of(one: Marks) -> list[Any]:
    """Return the shapely shapes of marks: points, lines, or areas as triangles. Raises ValueError."""
    places = np.asarray(one.places, np.float64)
    if one.kind == "points":
        return [shapely.Point(x) for x in places[:, 0]]
    if one.kind == "lines":
        return [shapely.LineString(x) for x in places]
    if one.kind == "areas":
        return [shapely.Polygon(x) for x in places]
    raise ValueError(f"there are no marks of kind {one.kind!r}")


def geojson(result: Result, findings: Findings, around: Around) -> dict[str, Any]:
    """Return the marks in WGS 84 (RFC 7946), the stamp as a foreign member. Raises UsageError without a CRS."""
    stamp = result.stamp
    if not stamp.crs:
        raise UsageError(reason="GeoJSON needs a coordinate system; none is named here")
    frame = ProjectFrame(stamp.crs, stamp.vertical)
    features = [
        {
            "type": "Feature",
            "properties": {
                "name": one.name,
                "role": one.role,
                "unit": one.unit,
                **_number(one, k),
            },
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for one in findings.marks
        for k, shape in enumerate(shapes_of(_in_degrees(one, frame)))
    ]
    stamped = {"title": result.title, "stamp": stamp_document(result, around.words)}
    return {"type": "FeatureCollection", "features": features, **stamped}


def _number(one: Marks, k: int) -> dict[str, Any]:
    if one.values is None:
        return {}
    value = float(one.values[k])
    return {"value": None if value != value else value}


def _in_degrees(one: Marks, frame: ProjectFrame) -> Marks:
    flat: F64 = np.asarray(one.places, np.float64)
    degrees = frame.lonlat(flat.reshape(-1, 3)).reshape(flat.shape)
    return Marks(
        one.name, one.kind, np.round(degrees, 9), one.values, one.scale, one.unit, one.role
    )


def package(
    result: Result, findings: Findings, around: Around
) -> tuple[list[PackageLayer], list[PackageNote]]:
    """Return tables and marks as layers of a GeoPackage, the stamp as a document about each of them."""
    crs = result.stamp.crs
    layers = [_sheet_layer(one, crs, around) for one in findings.sheets]
    for one in findings.marks:
        shapes = np.empty(len(one.places), object)
        shapes[:] = shapes_of(one)
        values = np.full(len(shapes), np.nan) if one.values is None else one.values
        columns = {
            "name": [one.name] * len(shapes),
            "role": [one.role] * len(shapes),
            "value": values,
        }
        layers.append(PackageLayer(one.name, crs, columns, shapes))
    rows = stamp_rows(result, around.words)
    told = {"name": [name for name, _ in rows], "value": [_line(value) for _, value in rows]}
    layers.append(PackageLayer("trust_stamp", "", told))
    text = _text(stamp_document(result, around.words)).decode()
    notes = [PackageNote(one.name, text, mime="application/json") for one in layers]
    return layers, notes


def _sheet_layer(sheet: Sheet, crs: str, around: Around) -> PackageLayer:
    """Return a table; of objects with the rectangle each covers in plan."""
    names = [code.replace(":", "_") for code in sheet.columns]
    columns: dict[str, Any] = {
        name: [row[place] for row in sheet.rows] for place, name in enumerate(names)
    }
    if not sheet.objects:
        return PackageLayer(sheet.name, "", columns)
    columns |= {"layer": [x for x, _ in sheet.objects], "object_id": [x for _, x in sheet.objects]}
    return PackageLayer(sheet.name, crs, columns, _plans(sheet.objects, around.tables))


def _plans(objects: Sequence[tuple[str, str]], tables: Tables) -> Any:
    found = np.full(len(objects), None, object)
    for place, (layer, key) in enumerate(objects):
        table = tables.get(layer)
        row = -1 if table is None else table.rows_by_id.get(key, -1)
        if table is not None and row >= 0 and np.isfinite(table.bounds[row]).all():
            found[place] = shapely.box(*table.bounds[row][[0, 1, 3, 4]])
    return found
