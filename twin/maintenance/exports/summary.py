"""The short tables of the text report: key figures, ages, districts, classes and the trend; aligned columns."""

from collections.abc import Sequence
from typing import Any
from unicodedata import east_asian_width

from twin.maintenance.audit import Audit
from twin.maintenance.breakdowns import AGES, Group
from twin.maintenance.risk import DEFAULT_RATE
from twin.maintenance.trend import months
from twin.messages import Catalogue

SHOWN = ("fresh_share", "stale_share", "unknown_share", "suspect", "median_age_days", "p90_age_days",
         "expected_stale", "orphan_rate", "conflict_rate", "contact_only_rate", "single_person")  # fmt: skip
OF_ORDERS = ("backlog", "closed", "on_time_rate", "mttu_days", "evidence_lag_days", "evidence_lag_share", "reopen_rate")  # fmt: skip
SHARES = ("share", "rate", "single_person")
"""How the names of figures end that are shares of a whole."""
LISTED = ("district", "class", "source")
MOST = 12
"""Groups and months that a short table lists."""


def broken_down(audit: Audit, words: Catalogue) -> list[str]:
    """Return the lines that follow the custodians: figures, ages, groups that tell something, trend."""
    lines = ["", words.text("report.kpis"), *aligned(_figures(audit, words))]
    lines += ["  " + words.text("report.rate_note", rate=DEFAULT_RATE)]
    if audit.kpis["few"]:
        lines += ["  " + words.text("report.few")]
    lines += ["", words.text("report.ageing"), *aligned(_ages(audit, words))]
    for name in LISTED:
        groups = audit.groups[name]
        if len(groups) > 1:
            lines += ["", words.text(f"report.by_{name}"), *aligned(_groups(groups, name, words))]
            if len(groups) > MOST:
                lines += ["  " + words.text("report.more", count=len(groups) - MOST)]
    kept = months(audit.beside.snapshots)[-MOST:]
    if kept:
        lines += ["", words.text("report.trend"), *aligned(_trend(kept, words))]
    return lines


def figure(name: str, value: Any) -> str:
    """Return a figure as people read it; '' for one that cannot be told."""
    if value is None:
        return ""
    if name.endswith(SHARES):
        return f"{100 * value:.1f} %"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def figures(audit: Audit, words: Catalogue) -> list[tuple[str, str, str]]:
    """Return (name, words, value) of the key figures; those of orders only where there are any."""
    orders = audit.kpis["orders"]
    shown = [(name, audit.kpis[name]) for name in SHOWN]
    if orders["backlog"] or orders["closed"]:
        shown += [(name, orders[name]) for name in OF_ORDERS]
    return [(name, words.text(f"kpi.{name}"), figure(name, value)) for name, value in shown]


def _figures(audit: Audit, words: Catalogue) -> list[list[str]]:
    head = [words.text("report.figure"), words.text("report.value")]
    return [head, *([text, value] for _, text, value in figures(audit, words))]


def age_words(words: Catalogue) -> list[str]:
    """Return the names of the age classes, in the order of AGES."""
    return words.text("report.ages").split("|")


def _ages(audit: Audit, words: Catalogue) -> list[list[str]]:
    counts = audit.whole.ageing
    total = max(audit.whole.counts["objects"], 1)
    head = [words.text("report.age_class"), words.text("report.units"), words.text("report.share")]
    lines = [
        [text, str(counts[key]), f"{100 * counts[key] / total:.1f} %"]
        for key, text in zip(AGES, age_words(words), strict=True)
    ]
    return [head, *lines]


def _groups(groups: Sequence[Group], name: str, words: Catalogue) -> list[list[str]]:
    head = [words.text(f"report.{name}"), words.text("report.units")]
    head += [words.text(f"status.{key}") for key in ("fresh", "stale", "unknown", "suspect")]
    head += [words.text("kpi.median_age_days"), words.text("kpi.expected_stale"), "ohsome"]
    lines = []
    for group in groups[:MOST]:
        counts = [
            str(group.counts[key]) for key in ("objects", "fresh", "stale", "unknown", "suspect")
        ]
        ages = [figure("median", group.median_age), figure("expected", group.expected)]
        mark = "" if group.ohsome is None else f"{group.ohsome}{'*' if group.few else ''}"
        lines.append([group.key or words.text("report.none"), *counts, *ages, mark])
    return [head, *lines]


def _trend(kept: Sequence[Any], words: Catalogue) -> list[list[str]]:
    keys = ("objects", "fresh", "stale", "unknown", "suspect")
    head = [words.text("report.month"), words.text("report.units")]
    head += [words.text(f"status.{key}") for key in keys[1:]]
    lines = [
        [str(x["at"])[:7], *(str(x["totals_units"].get(key, 0)) for key in keys)] for x in kept
    ]
    return [head, *lines]


def aligned(table: Sequence[Sequence[str]]) -> list[str]:
    """Return lines with aligned columns; numbers to the right; a wide (CJK) character counts two."""
    widths = [max(_width(row[i]) for row in table) for i in range(len(table[0]))]
    numeric = [all(_is_number(row[i]) for row in table[1:]) for i in range(len(table[0]))]
    return [
        "  " + "  ".join(_padded(c, w, r) for c, w, r in zip(row, widths, numeric, strict=True))
        for row in table
    ]


def _is_number(cell: str) -> bool:
    return cell.replace(".", "").replace("%", "").strip().isdigit() or not cell


def _width(cell: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in cell)


def _padded(cell: str, width: int, right: bool) -> str:
    space = " " * (width - _width(cell))
    return space + cell if right else cell + space
