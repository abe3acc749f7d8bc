"""The audit as sheets for print, one a custodian: equal audits give equal bytes."""

import io
from datetime import datetime
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.maintenance.audit import Audit, instants
from twin.maintenance.breakdowns import Group
from twin.maintenance.exports.options import Options
from twin.maintenance.exports.pdf.fonts import Letters
from twin.maintenance.exports.pdf.method import method, overview
from twin.maintenance.exports.pdf.pens import HEIGHT, WIDTH, Pen
from twin.maintenance.exports.pdf.sheets import Shown, head, sheet
from twin.maintenance.trend import day_of
from twin.messages import Catalogue, catalogue

__all__ = ["write"]


def write(audit: Audit, options: Options) -> bytes:
    """Return the document, A4: an overview, a sheet a custodian (then: nobody's units), the method.

    Its times are the audit's. Where no Chinese font can be embedded, ``options.told`` hears of it.
    """
    words = catalogue(options.language)
    stream = io.BytesIO()
    canvas = _canvas(stream, audit, words)
    letters = Letters(_texts(audit, options.language))
    pen, shown = Pen(canvas, letters), Shown.of(audit)
    groups = audit.groups["custodian"]
    rows = _rows(audit, groups)
    pages = len(groups) + 2
    said = words.text("sheet.head", title=audit.beside.title, at=instants(_one(audit))[0]).strip()
    head(pen, words.text("sheet.title"), said, f"1 / {pages}")
    overview(pen, audit, shown, words)
    canvas.showPage()
    for number, group in enumerate(groups, 2):
        name = group.key or words.text("sheet.nobody")
        head(pen, name, said, f"{number} / {pages}")
        canvas.bookmarkPage(f"p{number}")
        canvas.addOutlineEntry(name, f"p{number}")
        sheet(pen, audit, group, (rows[group.key], shown), words)
        canvas.showPage()
    head(pen, words.text("sheet.method"), said, f"{pages} / {pages}")
    notes = []
    if letters.problem is not None:
        options.told(letters.problem)
        notes.append(letters.problem.said(options.language))
    method(pen, audit, notes, words)
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _one(audit: Audit) -> Any:
    return np.array([audit.at], "datetime64[ms]")


def _canvas(stream: io.BytesIO, audit: Audit, words: Catalogue) -> Any:
    """Return a canvas whose document knows no clock: no random ids, the audit's own time."""
    library: Any = import_module("reportlab.pdfgen.canvas")  # nobody waits for it at the start
    canvas = library.Canvas(stream, pagesize=(WIDTH, HEIGHT), pageCompression=1, invariant=1)
    canvas.setTitle(words.text("report.title", at=day_of(audit.at)))
    canvas.setAuthor("CityTwin")
    canvas.setCreator("CityTwin")
    at = datetime.fromisoformat(str(np.datetime_as_string(audit.at.astype("datetime64[s]"))))
    stamp = canvas._doc._timeStamp
    stamp.YMDhms = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    return canvas


def _texts(audit: Audit, language: str) -> list[str]:
    """Return texts that tell whether a Chinese font is wanted."""
    found = [catalogue(language).text("sheet.title"), audit.beside.title]
    found += [group.key for group in audit.groups["custodian"]]
    for layer in audit.layers:
        found += [layer.source, *layer.features.kinds, *layer.features.id[:5000].tolist()]
    found += [policy.title for policy in audit.beside.rules.policies]
    return [text for text in found if text]


def _rows(audit: Audit, groups: tuple[Group, ...]) -> dict[str, NDArray[np.intp]]:
    """Return the units of each custodian, '' = nobody's."""
    codes, names = audit.units.groups["custodian"]
    order = np.argsort(codes, kind="stable")
    ends = np.searchsorted(codes[order], np.arange(-1, len(names) + 1))
    parts = {name: order[ends[k] : ends[k + 1]] for k, name in enumerate(("", *names))}
    return {group.key: parts[group.key] for group in groups}
