"""Any table as CSV (RFC 4180) or XLSX: equal tables give equal bytes, and no cell is run as a formula."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

FORMATS = ("csv", "xlsx")
NARROW, WIDE = 8, 60
"""Characters between which a column's width stays."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Characters that a workbook cannot hold."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-][\d.,  ]*\d%?")
_CORE, _MODIFIED = "docProps/core.xml", re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_STAMP = (1980, 1, 1, 0, 0, 0)
LONGEST_TITLE = 31
"""Characters that the name of a sheet may have."""


@dataclass(frozen=True)
class Table:
    """One sheet: its title, the words of its head, and its rows of plain cells."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class PackageLayer:
    """One table of a GeoPackage: columns of equal length, and a shape for every row or none at all.

    ``columns`` are numpy arrays or lists of plain values (None, NaN and NaT are missing); ``geometry``
    holds shapely shapes or None, easting or longitude first, in ``crs`` ('EPSG:n', WKT, '' = unknown).
    """

    name: str
    crs: str
    columns: Mapping[str, Sequence[Any] | NDArray[Any]]
    geometry: NDArray[np.object_] | None = None


@dataclass(frozen=True)
class PackageNote:
    """A document about rows of a layer of a GeoPackage; ``rows`` count from 0, () = about the whole layer.

    ``standard`` is the address of the document's standard.
    """

    layer: str
    text: str
    rows: Sequence[int] = ()
    standard: str = ""
    mime: str = "text/xml"


def as_csv(table: Table, *, bom: bool = False) -> bytes:
    """Return UTF-8 CSV with CRLF line ends; ``bom``: with the mark that spreadsheets need for Chinese."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([defused(word) for word in table.head])
    writer.writerows([defused(cell) for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig" if bom else "utf-8", "replace")


def as_xlsx(tables: Iterable[Table], at: np.datetime64) -> bytes:
    """Return a workbook with a sheet a table: head in bold and fixed, a filter on it. ``at`` is its time, UTC."""
    library: Any = import_module("openpyxl")  # half a second that the window need not wait for
    book = library.Workbook(
        write_only=True
    )  # rows go out as they come: long tables need no memory
    plain = datetime.fromisoformat(str(np.datetime_as_string(at, "s")))
    book.properties.creator = "CityTwin"
    book.properties.created = book.properties.modified = plain
    for table in tables:
        _fill(book.create_sheet(_sheet_title(table.title)), table)
    stream = io.BytesIO()
    book.save(stream)
    return _same_times(stream.getvalue(), plain)


def _fill(sheet: Any, table: Table) -> None:
    letter: Any = import_module("openpyxl.utils").get_column_letter
    cell: Any = import_module("openpyxl.cell").WriteOnlyCell
    bold = import_module("openpyxl.styles").Font(bold=True)
    head = [cell(sheet, value=_clean(word)) for word in table.head]
    for number, one in enumerate(head):
        one.font = bold
        shown = (row[number] for row in table.rows[:200] if number < len(row))
        longest = max(
            (len(str(x)) for x in (table.head[number], *shown) if x is not None), default=0
        )
        sheet.column_dimensions[letter(number + 1)].width = min(max(longest + 2, NARROW), WIDE)
    sheet.freeze_panes = "A2"
    if head:
        sheet.auto_filter.ref = f"A1:{letter(len(head))}{len(table.rows) + 1}"
    sheet.append(head)
    for row in table.rows:
        sheet.append([_clean(value) for value in row])


def _sheet_title(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:LONGEST_TITLE] or "1"


def defused(value: Any) -> Any:
    """Return a cell that no spreadsheet runs: a text that looks like a formula gets an apostrophe."""
    if isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return defused(_CONTROLS.sub("", value))
    return value if value is None or isinstance(value, int | float) else str(value)


def _same_times(content: bytes, at: datetime) -> bytes:
    """Return a workbook whose members have one time: the library stamps them with the clock."""
    modified = rb"\g<1>" + at.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            member = zipfile.ZipInfo(name, _STAMP)
            member.compress_type = zipfile.ZIP_DEFLATED
            data = before.read(name)
            after.writestr(member, _MODIFIED.sub(modified, data) if name == _CORE else data)
    return out.getvalue()
