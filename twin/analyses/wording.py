"""A result in words: titles of figures and columns, the lines of the stamp. Everything through the catalogue."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from twin.analyses.results import Result, Stamp
from twin.messages import Catalogue
from twin.records import Instant

ENDINGS = ("before", "change")
"""What a comparison puts behind the code of a figure or a column, after a colon."""

MOST_CLASSES = 3
"""Classes that are named in a count."""


def titled(kind: str, code: str, words: Catalogue, unit: str = "") -> str:
    """Return the title of a code: kind figure, column, sheet, value or note; the unit in brackets.

    A code that nobody has words for is shown as it is.
    """
    name, _, ending = code.partition(":")
    key = f"result.{kind}.{name}"
    title = words.text(key) if words.has(key) or words.text(key) != key else name
    if ending in ENDINGS:
        title = words.text(f"result.{ending}", name=title)
    return f"{title} ({unit})" if unit else title


def analysis_title(name: str, words: Catalogue) -> str:
    """Return the title of an analysis."""
    title = words.text(f"analysis.{name}")
    return name if title == f"analysis.{name}" else title


def years(stamp: Stamp, words: Catalogue) -> str:
    """Return the sentence on the dates of the data."""
    first, last = _year(stamp.first), _year(stamp.last)
    if not first:
        return words.text("stamp.no_dates") if stamp.used else ""
    if first == last:
        return words.text("stamp.one_date", first=first)
    return words.text("stamp.dates", first=first, last=last)


def _year(at: Instant | None) -> str:
    return "" if at is None or np.isnat(at) else str(at)[:4]


def counted(
    kinds: Sequence[tuple[str, int]], words: Catalogue, number: Callable[[int], str] = str
) -> str:
    """Return so many of some classes: "3 buildings, 1 bridge"; of more than three classes the rest are objects.

    ``number`` writes a number as the reader's language does.
    """
    found: dict[str, int] = {}
    for kind, count in kinds:
        known = kind if words.text(f"counted.{kind}") != f"counted.{kind}" else "object"
        found[known] = found.get(known, 0) + count
    named = [*found.items()]
    if len(named) > MOST_CLASSES:
        rest = sum(n for _, n in named[MOST_CLASSES - 1 :])
        named = [*named[: MOST_CLASSES - 1], ("object", rest)]
    told = [
        words.text(f"counted.{kind}_one" if n == 1 else f"counted.{kind}", count=number(n))
        for kind, n in named
    ]
    return words.text("stamp.comma").join(told)


def sentences(stamp: Stamp, words: Catalogue) -> list[str]:
    """Return what the stamp says: currency of the objects, dates, tiles."""
    if not stamp.used:
        found = [words.text("stamp.no_objects")]
    elif stamp.overdue or stamp.undated:
        counts = {"overdue": stamp.overdue, "used": stamp.used, "undated": stamp.undated}
        found = [words.text("stamp.of_units", **counts)]
    else:
        found = [words.text("stamp.all_current", used=stamp.used)]
    found.append(years(stamp, words))
    lost = {"failed": stamp.failed, "tiles": stamp.tiles + stamp.failed}
    key = "stamp.tiles_lost" if stamp.failed else "stamp.tiles_all"
    found.append(words.text(key, **lost))
    return [text for text in found if text]


def stamp_rows(result: Result, words: Catalogue) -> list[tuple[str, Any]]:
    """Return the stamp as lines of (name, value) for files: nothing of it is left out."""
    stamp = result.stamp
    named = words.text("stamp.unknown")
    rows: list[tuple[str, Any]] = [
        (words.text("stamp.result"), result.title),
        (words.text("stamp.analysis"), analysis_title(result.analysis, words)),
        (words.text("stamp.settings"), "; ".join(f"{k}={v}" for k, v in result.settings.items())),
        (words.text("stamp.scenario"), result.scenario or words.text("result.as_it_stands")),
        (words.text("stamp.title"), " ".join(sentences(stamp, words))),
        (words.text("stamp.crs"), stamp.crs or named),
        (words.text("stamp.vertical"), stamp.vertical or named),
        *_instants(stamp, words),
        (words.text("stamp.program"), stamp.program),
        (words.text("stamp.fingerprint"), stamp.fingerprint),
    ]
    rows += [(words.text("stamp.note"), titled("note", x, words)) for x in _notes(result)]
    for one in stamp.inputs:
        told = (
            f"{one.title}; {words.text('stamp.path')}: {one.path}; SHA-256: {one.sha256 or named}; "
            f"{words.text('stamp.objects')}: {one.objects}; {words.text('stamp.tiles')}: {one.tiles}; "
            f"{words.text('stamp.failed')}: {one.failed}"
        )
        rows.append((words.text("stamp.input"), told))
    return rows


def _notes(result: Result) -> Sequence[str]:
    return [str(code) for code in result.findings.get("notes", ())]


def _instants(stamp: Stamp, words: Catalogue) -> list[tuple[str, Any]]:
    told = {"made": stamp.made, "at": stamp.at, "as_of": stamp.as_of, "known_at": stamp.known_at}
    return [
        (words.text(f"stamp.{name}"), f"{np.datetime_as_string(at, 's')}Z")
        for name, at in told.items()
        if at is not None and not np.isnat(at)
    ]
