"""Tables of text (CSV, TSV) to columns: code page and separator are found out, and said where guessed."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from loaders.footprints import spelling
from loaders.footprints.shapes import sound
from twin.errors import BrokenFile, NotFound, NotReadable, TooLarge
from twin.features import TEXT
from twin.maintenance.telling import Told
from twin.ports import Feedback, VectorTable

SEPARATORS = (",", ";", "\t", "|")
MOST_BYTES = 1 << 30
MOST_ROWS = 5_000_000
MOST_COLUMNS = 2_000
LONGEST = 1 << 20
"""Characters of one cell."""
LOOKED_AT = 50
"""Lines that decide which separator it is."""
WKT = ("wkt", "geometry", "geom", "the_geom", "wkt_geom", "polygon", "footprint", "shape")
LONGITUDE = ("lon", "lng", "long", "longitude", "经度")
LATITUDE = ("lat", "latitude", "纬度")
EAST, NORTH = ("x", "easting", "east", "ostwert", "e"), ("y", "northing", "north", "nordwert", "n")
_WKT_HEADS = ("POINT", "LINESTRING", "POLYGON", "MULTI", "GEOMETRYCOLLECTION", "SRID=")
Columns = dict[str, NDArray[Any]]


def read(location: str, feedback: Feedback) -> VectorTable:
    """Return the rows of a table of text; keys are lines' numbers, the head being row 1.

    Every column is text. A column of WKT, or of coordinates, gives the geometry. Raises OpenError, Cancelled.
    """
    told = Told()
    text = _text(location, told)
    separator = _separator(text)
    if separator != ",":
        told.file("vector.separator", separator={"\t": "TAB"}.get(separator, separator))
    rows = _rows(location, text, separator)
    head = next(rows, None)
    if head is None:
        raise BrokenFile(location=location, format="CSV", reason="the file is empty")
    names = _names(location, head, told)
    cells: list[list[str | None]] = [[] for _ in names]
    keys: list[int] = []
    for number, row in rows:
        if not len(keys) % 10_000:
            feedback.check()
        _add(row, number, cells, told)
        keys.append(number)
        if len(keys) > MOST_ROWS:
            raise TooLarge(location=location, what="the table", size=len(keys), limit=MOST_ROWS)
    if not keys:
        told.file("vector.no_rows")
    columns: Columns = {
        name: np.array(values, dtype=TEXT) for name, values in zip(names, cells, strict=True)
    }
    numbers = np.array(keys, np.int64)
    geometry, crs = _places(columns, numbers, told)
    return VectorTable(columns, geometry, crs, numbers, Path(location).stem, (), told.problems())


def _text(location: str, told: Told) -> str:
    path = Path(location)
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise TooLarge(location=location, what="the file", size=size, limit=MOST_BYTES)
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(location=location) from error
    except (OSError, ValueError) as error:
        raise NotReadable(location=location, reason=str(error)) from error
    found = spelling.decoded(data)
    if found.guessed:
        told.file("vector.encoding_guessed", encoding=found.encoding)
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        reason = "it is a workbook; save the sheet as CSV"
        raise BrokenFile(location=location, format="CSV", reason=reason)
    if found.text.count("\x00"):
        told.file("vector.zeros", count=found.text.count("\x00"))
    return found.text.replace("\x00", "").lstrip("\ufeff")


def _separator(text: str) -> str:
    """Return what parts the cells: the sign that gives most lines the same number of cells above one."""
    lines = text[: 1 << 18].splitlines()[:LOOKED_AT]
    if lines and lines[0].lower().startswith("sep=") and len(lines[0]) == 5:
        return lines[0][4]
    best, chosen = (0.0, 0), ","
    for sign in SEPARATORS:
        try:
            sizes = [len(row) for row in csv.reader(lines, delimiter=sign) if row]
        except csv.Error:
            continue
        size, often = Counter(sizes).most_common(1)[0] if sizes else (0, 0)
        score = (often / len(sizes) if size > 1 else 0.0, size)
        if score > best:
            best, chosen = score, sign
    return chosen


def _rows(location: str, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, cells), the head first; empty lines and ``sep=`` are passed over."""
    csv.field_size_limit(LONGEST)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in lines:
            marker = lines.line_num == 1 and text[:4].lower() == "sep=" and len(row) <= 2
            if any(cell.strip() for cell in row) and not marker:
                yield lines.line_num, row
    except csv.Error as error:
        reason = f"line {lines.line_num}: {error}"
        raise BrokenFile(location=location, format="CSV", reason=reason) from error


def _names(location: str, head: tuple[int, list[str]], told: Told) -> list[str]:
    """Return the columns' names; a missing one is numbered, a repeated one gets a number and is told."""
    _, cells = head
    if len(cells) > MOST_COLUMNS:
        raise TooLarge(location=location, what="the head", size=len(cells), limit=MOST_COLUMNS)
    names: list[str] = []
    for at, cell in enumerate(cells, 1):
        name = cell.strip() or f"column {at}"
        free, number = name, 2
        while free in names:
            free, number = f"{name}#{number}", number + 1
        if free != name:
            told.file("vector.column_twice", name=name, as_name=free)
        names.append(free)
    return names


def _add(row: list[str], number: int, cells: list[list[str | None]], told: Told) -> None:
    for column, cell in zip(cells, row, strict=False):
        said = cell.strip()
        column.append(said or None)
    for column in cells[len(row) :]:
        column.append(None)
    if len(row) < len(cells):
        told.row("vector.short", number, count=len(cells) - len(row))
    elif len(row) > len(cells) and any(cell.strip() for cell in row[len(cells) :]):
        told.row("vector.long", number, count=len(row) - len(cells))


def _places(columns: Columns, keys: NDArray[Any], told: Told) -> tuple[NDArray[Any] | None, str]:
    """Return the geometry that a table's columns say, and its system; None where they say none."""
    by_name = {name.strip().lower(): name for name in columns}
    for candidate in WKT:
        name = by_name.get(candidate)
        if name is not None and _is_wkt(columns[name]):
            return _from_wkt(columns[name], keys, told)
    for easts, norths, crs in ((LONGITUDE, LATITUDE, "EPSG:4326"), (EAST, NORTH, "")):
        pair = _first(by_name, easts), _first(by_name, norths)
        if pair[0] and pair[1]:
            points = _points(columns[pair[0]], columns[pair[1]], keys, told)
            if crs:
                told.file("vector.degrees_assumed", east=pair[0], north=pair[1])
            else:
                told.file("vector.no_crs", name=f"{pair[0]}, {pair[1]}")
            return points, crs
    return None, ""


def _first(by_name: Mapping[str, str], wanted: Sequence[str]) -> str:
    return next((by_name[name] for name in wanted if name in by_name), "")


def _is_wkt(values: NDArray[Any]) -> bool:
    said = [value.strip().upper() for value in values[:LOOKED_AT].tolist() if value]
    return bool(said) and sum(value.startswith(_WKT_HEADS) for value in said) * 2 > len(said)


def _from_wkt(values: NDArray[Any], keys: NDArray[Any], told: Told) -> tuple[NDArray[Any], str]:
    shapes = np.full(len(values), None, object)
    numbers: Counter[str] = Counter()
    for row, value in enumerate(values.tolist()):
        if value is None:
            told.row("vector.no_place", int(keys[row]))
            continue
        mark, _, rest = value.rpartition(";")
        if mark.strip().upper().startswith("SRID="):
            numbers[mark.strip()[5:]] += 1
        shapes[row] = shapely.from_wkt(rest, on_invalid="ignore")
        if shapes[row] is None:
            told.row("vector.unreadable", int(keys[row]), reason="WKT")
    crs = f"EPSG:{numbers.most_common(1)[0][0]}" if numbers else ""
    if not crs:
        told.file("vector.no_crs", name="WKT")
    return sound(shapes, keys, told), crs


def _points(
    easts: NDArray[Any], norths: NDArray[Any], keys: NDArray[Any], told: Told
) -> NDArray[Any]:
    shapes = np.full(len(keys), None, object)
    for row, pair in enumerate(zip(easts.tolist(), norths.tolist(), strict=True)):
        if pair == (None, None):
            told.row("vector.no_place", int(keys[row]))
            continue
        try:
            east, north = (float((value or "").replace(",", ".")) for value in pair)
        except ValueError:
            told.row("vector.unreadable", int(keys[row]), reason=f"{pair[0]}, {pair[1]}")
            continue
        shapes[row] = shapely.Point(east, north)
    return sound(shapes, keys, told)
