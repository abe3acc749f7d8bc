"""Failures as a table, one line an object and requirement: CSV (RFC 4180) and XLSX.

A text cell that a spreadsheet would run as a formula is quoted by an apostrophe.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib import import_module
from typing import Any

from twin.checks.exports.json import failures
from twin.checks.exports.options import Options
from twin.checks.report import CheckReport, Demand, Phrase, Rule
from twin.messages import Catalogue, catalogue

COLUMNS = ("model", "rules", "specification", "requirement", "cardinality", "id", "kind", "name",
           "code", "reason")  # fmt: skip
WIDTHS = (24, 24, 32, 48, 12, 26, 22, 32, 20, 48)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Characters that a workbook cannot hold."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "−")
_CORE, _MODIFIED = "docProps/core.xml", re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_STAMP = (1980, 1, 1, 0, 0, 0)


def write_csv(reports: Sequence[CheckReport], options: Options) -> bytes:
    """Return UTF-8 CSV with CRLF line ends and a byte order mark (spreadsheets need it for Chinese)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in lines(reports, catalogue(options.language)):
        writer.writerow([_defused(cell) for cell in line])
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(reports: Sequence[CheckReport], options: Options) -> bytes:
    """Return a workbook: a sheet of the rules, and one of the failures with a filter on its head."""
    words = catalogue(options.language)
    library: Any = import_module("openpyxl")  # half a second that the window need not wait for
    book = library.Workbook()
    book.properties.creator = "CityTwin"
    book.properties.created = book.properties.modified = _instant(options.at)
    first = book.active
    first.title = words.text("check.sheet.rules")
    heads = (
        "model",
        "rules",
        "specification",
        "usage",
        "status",
        "applicable",
        "passed",
        "failed",
    )
    _fill(first, heads, (24, 24, 40, 24, 16, 12, 12, 12), _rules(reports, words), words)
    second = book.create_sheet(words.text("check.sheet.failures"))
    _fill(second, COLUMNS, WIDTHS, lines(reports, words), words)
    stream = io.BytesIO()
    book.save(stream)
    return _same_times(stream.getvalue(), options.at)


def _fill(
    sheet: Any, heads: Sequence[str], widths: Sequence[int], rows: Iterator[list[Any]], words: Catalogue
) -> None:  # fmt: skip
    sheet.append([words.text(f"check.column.{name}") for name in heads])
    bold = import_module("openpyxl.styles").Font(bold=True)
    for cell, width in zip(sheet[1], widths, strict=True):
        cell.font = bold
        sheet.column_dimensions[cell.column_letter].width = width
    for row in rows:
        sheet.append([_clean(cell) for cell in row])
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _rules(reports: Sequence[CheckReport], words: Catalogue) -> Iterator[list[Any]]:
    for one in reports:
        for rule in one.results:
            yield [
                one.model, one.said(words.language), rule.said(words.language), words.text(f"check.usage.{rule.usage}"),
                words.text(f"check.status.{rule.status}"),
                rule.passing + len(rule.failed), rule.passing, len(rule.failed),
            ]  # fmt: skip


def lines(reports: Sequence[CheckReport], words: Catalogue) -> Iterator[list[Any]]:
    """Yield the cells of every failure; a rule that no object can be blamed for has a line of its own."""
    for one in reports:
        for rule in one.results:
            head = [one.model, one.said(words.language), rule.said(words.language)]
            for demand in rule.demands:
                yield from ([*head, *cells] for cells in _of_demand(demand, one, words))
            if rule.status == "failed" and rule.why is not None:
                yield from ([*head, *cells] for cells in _of_rule(rule, rule.why, one, words))


def _of_demand(demand: Demand, one: CheckReport, words: Catalogue) -> Iterator[list[Any]]:
    said = demand.words.said(words.language)
    how = words.text(f"check.cardinality.{demand.cardinality}")
    for thing, why in failures(demand, one):
        text = why.said(words.language)
        yield [said, how, thing.id, thing.kind, thing.name, why.code, text]


def _of_rule(rule: Rule, why: Phrase, one: CheckReport, words: Catalogue) -> Iterator[list[Any]]:
    how, text = words.text(f"check.usage.{rule.usage}"), why.said(words.language)
    for number in rule.failed:
        thing = one.objects[number]
        yield ["", how, thing.id, thing.kind, thing.name, why.code, text]
    if not len(rule.failed):
        yield ["", how, "", "", "", why.code, text]


def _defused(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _clean(value: Any) -> Any:
    """Return a cell that a workbook may hold: no control characters, no formulas."""
    return _defused(_CONTROLS.sub("", value)) if isinstance(value, str) else value


def _instant(at: str) -> datetime:
    return datetime.fromisoformat(at.replace("Z", "+00:00")).replace(tzinfo=None)


def _same_times(content: bytes, at: str) -> bytes:
    """Return a workbook whose members have one time: the library stamps them with the clock."""
    modified = rb"\g<1>" + _instant(at).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
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
