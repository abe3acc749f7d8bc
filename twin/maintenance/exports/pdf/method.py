"""First and last pages: all units and all custodians at a glance; how everything was reckoned."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from twin.maintenance.audit import Audit
from twin.maintenance.breakdowns import Group
from twin.maintenance.exports.pdf.charts import Map, columns, draw_map
from twin.maintenance.exports.pdf.pens import (
    FAINT,
    INK,
    INNER,
    LINE,
    MARGIN,
    SOFT,
    WIDTH,
    Pen,
)
from twin.maintenance.exports.pdf.sheets import Shown, ages, cards, counts_of, legend
from twin.maintenance.exports.summary import figure
from twin.maintenance.policy import CRITICALITY
from twin.maintenance.risk import DEFAULT_RATE
from twin.maintenance.trend import fingerprint, months
from twin.messages import Catalogue
from twin.records import Policy

PEOPLE = 22
"""Custodians that the first page lists."""
POLICIES = 24
"""Policies that the page of the method lists."""
_COUNTS = ("objects", "fresh", "stale", "unknown", "suspect")


def overview(pen: Pen, audit: Audit, shown: Shown, words: Catalogue) -> None:
    """Draw the first page: figures of all units, ages, trend, custodians."""
    cards(pen, 86, audit.whole, words)
    legend(pen, 140, counts_of(shown.code), words)
    third = (INNER - 28) / 3
    pen.strong((MARGIN, 200), words.text("sheet.ages"))
    rows = np.arange(len(shown.code))
    names = words.text("sheet.age_names").split("|")
    columns(pen, (MARGIN, 208, third, 150), ages(audit.units, rows, shown), names)
    pen.strong((MARGIN + third + 14, 200), words.text("sheet.map"))
    said = Map(shown.boxes, shown.code, audit.beside.crs)
    draw_map(pen, (MARGIN + third + 14, 208, third, 150), said, words)
    _trend(pen, (MARGIN + 2 * third + 28, 200, third, 158), audit, words)
    _people(pen, 384, audit.groups["custodian"], words)


def _trend(pen: Pen, box: Sequence[float], audit: Audit, words: Catalogue) -> None:
    left, top, wide, high = box
    pen.strong((left, top), words.text("sheet.trend"), 9)
    kept = months(audit.beside.snapshots)[-12:]
    if not kept:
        for number, line in enumerate(pen.letters.lines(words.text("sheet.no_trend"), 7.5, wide)):
            pen.text((left, top + 18 + 11 * number), line, 7.5, FAINT)
        return
    step = min((high - 14) / len(kept), 14.0)
    for number, item in enumerate(kept):
        y = top + 16 + number * step
        pen.text((left, y + 5), str(item["at"])[:7], 7, SOFT)
        pen.bar((left + 40, y - 1, wide - 76, min(step - 3, 8)), item["totals_units"] | {"suspect": 0})  # fmt: skip
        share = item.get("kpis", {}).get("fresh_share")
        pen.text((left + wide, y + 5), figure("share", share) or "–", 7, SOFT, right=True)


def _people(pen: Pen, top: float, groups: Sequence[Group], words: Catalogue) -> None:
    pen.strong((MARGIN, top), words.text("sheet.custodians", count=len(groups)), 9)
    widths = (190.0, 110.0, 40.0, 42.0, 42.0, 42.0, 45.0)
    heads = ["", "", *(words.text("report.units" if k == "objects" else f"status.{k}") for k in _COUNTS)]  # fmt: skip
    _row(pen, top + 16, heads, widths, SOFT)
    pen.line((MARGIN, top + 20), (WIDTH - MARGIN, top + 20), SOFT)
    for number, group in enumerate(groups[:PEOPLE]):
        y = top + 32 + number * 16
        name = group.key or words.text("report.nobody")
        _row(pen, y, [name, "", *(str(group.counts[k]) for k in _COUNTS)], widths, INK)
        pen.bar((MARGIN + widths[0], y - 6, widths[1] - 10, 7), _bar(group))
        pen.line((MARGIN, y + 4.5), (WIDTH - MARGIN, y + 4.5), LINE)
    if len(groups) > PEOPLE:
        text = words.text("report.more", count=len(groups) - PEOPLE)
        pen.text((MARGIN, top + 34 + PEOPLE * 16), text, 7.5, FAINT)


def _bar(group: Group) -> dict[str, int]:
    return {key: n for key, n in group.counts.items() if key != "suspect"}


def _row(pen: Pen, y: float, cells: Sequence[str], widths: Sequence[float], ink: str) -> None:
    x = MARGIN
    for number, (cell, wide) in enumerate(zip(cells, widths, strict=True)):
        right = number > 1
        pen.text((x + wide if right else x, y), cell, 7.5, ink, right=right, room=wide - 6)
        x += wide


def method(pen: Pen, audit: Audit, notes: Sequence[str], words: Catalogue) -> None:
    """Draw the last page: formulas, weights, the share that is unknown, the policies that applied."""
    y = 94.0
    params: dict[str, Any] = {
        "rate": DEFAULT_RATE,
        "weights": ", ".join(f"{name} {n}" for name, n in CRITICALITY.items()),
        "unknown": figure("share", audit.kpis["unknown_share"]) or "–",
        "sha": fingerprint(audit.beside.rules.policies)[:16],
    }
    for number in range(1, 9):
        for line in pen.letters.lines(words.text(f"sheet.method_{number}", **params), 8, INNER):
            pen.text((MARGIN, y), line, 8)
            y += 12
        y += 3
    for note in notes:
        for line in pen.letters.lines(note, 8, INNER):
            pen.text((MARGIN, y), line, 8, SOFT)
            y += 12
    _policies(pen, y + 12, audit.beside.rules.policies, words)


def _policies(pen: Pen, top: float, policies: Sequence[Policy], words: Catalogue) -> None:
    pen.strong((MARGIN, top), words.text("sheet.policies"), 9)
    widths = (54.0, 176.0, 110.0, 58.0, 44.0, 69.0)
    names = ("policy", "title", "matches", "frequency", "interval", "rate")
    x = MARGIN
    for name, wide in zip(names, widths, strict=True):
        pen.text((x, top + 16), words.text(f"sheet.policy_{name}"), 7.5, SOFT, room=wide - 6)
        x += wide
    pen.line((MARGIN, top + 20), (WIDTH - MARGIN, top + 20), SOFT)
    for number, policy in enumerate(policies[:POLICIES]):
        x, y = MARGIN, top + 32 + number * 15
        for cell, wide in zip(_cells(policy), widths, strict=True):
            pen.text((x, y), cell, 7.5, room=wide - 6)
            x += wide
        pen.line((MARGIN, y + 4.5), (WIDTH - MARGIN, y + 4.5), LINE)
    if len(policies) > POLICIES:
        text = words.text("report.more", count=len(policies) - POLICIES)
        pen.text((MARGIN, top + 34 + POLICIES * 15), text, 7.5, FAINT)


def _cells(policy: Policy) -> tuple[str, ...]:
    fields = (policy.kind, policy.zone, policy.source, policy.lod, policy.loa, policy.criticality)
    matches = " · ".join(value for value in fields if value != "*") or "*"
    rate = f"{DEFAULT_RATE:g} *" if policy.rate is None else f"{policy.rate:g}"
    return policy.id, policy.title, matches, policy.frequency, policy.duration or "–", rate
