"""Several classes and one budget: read from a CSV table, told as JSON and as lines."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.errors import BrokenFile, NotFound, NotReadable, PlanInput, TooLarge
from twin.maintenance.frequency.advice import step_above
from twin.maintenance.frequency.budget import Budgeted, Fund
from twin.maintenance.frequency.optimum import Case
from twin.maintenance.frequency.report import aligned, money, number, span, step_words
from twin.messages import catalogue

MOST_BYTES = 16 << 20
COLUMNS = ("rate", "objects", "stale_cost", "survey_cost")
"""Columns that every row fills in, beside ``class``."""


@dataclass(frozen=True, slots=True)
class Named:
    """One row: what the class is called, and its figures."""

    name: str
    case: Case


def read_classes(location: str | Path) -> tuple[Named, ...]:
    """Return the classes of a CSV table: ``class``, ``rate``, ``objects``, ``stale_cost``, ``survey_cost``.

    UTF-8 or GB 18030; commas, semicolons or tabs. A wrong cell is told with its line: a budget over half of
    the classes would be no answer. Raises NotFound, NotReadable, TooLarge, BrokenFile.
    """
    rows = list(_rows(Path(location)))
    head = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    missing = [name for name in ("class", *COLUMNS) if name not in head]
    if missing:
        raise _broken(location, 1, f"there is no column {missing[0]!r}")
    found = []
    for line, cells in rows[1:]:
        if any(cell.strip() for cell in cells):
            found.append(_named(location, line, dict(zip(head, cells, strict=False))))
    if not found:
        raise _broken(location, 1, "no row names a class")
    return tuple(found)


def _rows(path: Path) -> Sequence[tuple[int, list[str]]]:
    if not path.is_file():
        raise NotFound(location=str(path))
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise TooLarge(location=str(path), what="the table", size=f"{size} bytes", limit=f"{MOST_BYTES} bytes")  # fmt: skip
        raw = path.read_bytes()
    except OSError as error:
        raise NotReadable(location=str(path), reason=error.strerror or str(error)) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", "replace")
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        return [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise _broken(path, reader.line_num, str(error)) from error


def _broken(location: str | Path, line: int, reason: str) -> BrokenFile:
    return BrokenFile(location=str(location), format="table", reason=f"line {line}: {reason}")


def _named(location: str | Path, line: int, cells: dict[str, str]) -> Named:
    numbers = {}
    for name in COLUMNS:
        text = cells.get(name, "").strip()
        try:
            numbers[name] = float(text)
        except ValueError:
            raise _broken(location, line, f"{name} {text!r} is no number") from None
    whole = numbers["objects"]
    if not math.isfinite(whole) or whole != round(whole):
        raise _broken(location, line, f"objects {cells.get('objects', '')!r} is no whole number")
    try:
        case = Case(numbers["rate"], int(whole), numbers["stale_cost"], numbers["survey_cost"])
    except PlanInput as error:
        raise _broken(location, line, str(error).rstrip(".")) from error
    return Named(cells.get("class", "").strip() or str(line), case)


def budget_document(rows: Sequence[Named], shared: Budgeted, budget: float) -> dict[str, Any]:
    """Return a budget shared out as plain values; money a year, intervals in years (None = no survey)."""
    return {
        "budget": number(budget),
        "mu": number(shared.mu),
        "spend": number(shared.spend),
        "stale_cost": number(sum(fund.stale_cost for fund in shared.funds)),
        "classes": [
            {
                "class": row.name,
                "interval_years": number(fund.interval),
                "free_years": number(fund.free),
                "spend": number(fund.spend),
                "stale_cost": number(fund.stale_cost),
                "needs_feed": fund.needs_feed,
                "code": step_above(fund.interval).code,
                "duration": step_above(fund.interval).duration or None,
            }
            for row, fund in zip(rows, shared.funds, strict=True)
        ],
    }


def calendar_words(fund: Fund, language: str = "en") -> str:
    """Return the step of the calendar that a class gets, or what it gets instead."""
    step = step_above(fund.interval)
    if step.duration:
        return step_words(step.duration, language)
    key = "needs_feed" if fund.needs_feed else "on_evidence"
    return catalogue(language).text(f"plan.budget.{key}")


def budget_text(
    rows: Sequence[Named], shared: Budgeted, language: str = "en", currency: str = ""
) -> str:
    """Return a budget shared out in words and lines."""
    say = catalogue(language).text
    missed = sum(fund.stale_cost for fund in shared.funds)
    key = "enough" if shared.mu <= 1 else "scarce"
    lines = [
        say(f"plan.budget.{key}", spend=money(shared.spend, language, currency)) + say("plan.stop")
    ]
    free = sum(fund.case.survey_cost / fund.free for fund in shared.funds if fund.free > 0)
    lines.append(
        say(
            "plan.budget.detail", missed=money(missed, language, currency), mu=f"{shared.mu:.4g}",
            free=money(free, language, currency),
        )
    )  # fmt: skip
    fast = [row.name for row, fund in zip(rows, shared.funds, strict=True) if fund.needs_feed]
    if fast:
        lines.append(say("plan.budget.feed", names=", ".join(fast)))
    cells = [
        [say(f"plan.budget.{x}") for x in ("class", "free", "interval", "step", "spend", "missed")]
    ]
    for row, fund in zip(rows, shared.funds, strict=True):
        step = calendar_words(fund, language)
        cells.append(
            [
                row.name, span(fund.free, language), span(fund.interval, language), step,
                money(fund.spend, language), money(fund.stale_cost, language),
            ]
        )  # fmt: skip
    return "\n".join([*lines, "", *aligned(cells, left=1, note=False)]) + "\n"
