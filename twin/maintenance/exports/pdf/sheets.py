"""A custodian's sheet: figures, the bar of statuses, ages, map, the most pressing objects."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.maintenance.audit import Audit, object_columns
from twin.maintenance.breakdowns import AGES, Group
from twin.maintenance.exports.pdf.charts import Map, columns, draw_map
from twin.maintenance.exports.pdf.pens import (
    ACCENT,
    FAINT,
    INK,
    INNER,
    LINE,
    MARGIN,
    ORDER,
    PALE,
    SOFT,
    TEXT,
    WIDTH,
    Pen,
)
from twin.maintenance.exports.summary import figure
from twin.messages import Catalogue
from twin.observations import STATUSES

LISTED = 17
"""Objects that a sheet lists."""
CARDS = ("units", "fresh_share", "stale_share", "unknown_share", "suspect", "expected_stale", "median_age_days")  # fmt: skip
TABLE = (("id", 132.0), ("kind", 62.0), ("status", 62.0), ("observed", 54.0), ("age_days", 38.0), ("due", 54.0),
         ("p_out_of_date", 36.0), ("priority", 36.0), ("order", 37.0))  # fmt: skip
"""Columns of the objects' table and their widths in points."""
_NUMBERS = ("age_days", "p_out_of_date", "priority")


@dataclass(frozen=True)
class Shown:
    """What every unit of the audit shows, as codes of ORDER (suspect before its age), and its box."""

    code: NDArray[np.intp]
    boxes: NDArray[np.float64]

    @staticmethod
    def of(audit: Audit) -> "Shown":
        """Return what the units of an audit show."""
        units = audit.units
        recode = np.array([ORDER.index(name) for name in STATUSES])
        code = np.where(units.suspect, ORDER.index("suspect"), recode[units.status])
        boxes = np.full((len(code), 4), np.nan)
        for number, layer in enumerate(audit.layers):
            mine = np.flatnonzero(units.layer == number)
            boxes[mine] = layer.footings.boxes[units.row[mine]]
        return Shown(code, boxes)


def counts_of(code: NDArray[np.intp]) -> dict[str, int]:
    """Return the units by what they show."""
    return dict(zip(ORDER, np.bincount(code, minlength=len(ORDER)).tolist(), strict=True))


def figures_of(group: Group) -> dict[str, Any]:
    """Return the figures of a group's cards."""
    n = group.counts["objects"] - group.counts["retired"]
    share = {f"{key}_share": group.counts[key] / n if n else None for key in ("fresh", "stale", "unknown")}  # fmt: skip
    rest = {"suspect": group.counts["suspect"], "expected_stale": group.expected}
    return {
        "units": n,
        **share,
        **rest,
        "median_age_days": None if group.median_age is None else round(group.median_age),
    }


def cards(pen: Pen, top: float, group: Group, words: Catalogue) -> None:
    """Draw the figures in a row."""
    values = figures_of(group)
    step = (INNER + 5) / len(CARDS)
    for number, name in enumerate(CARDS):
        left = MARGIN + number * step
        pen.box((left, top, step - 5, 38), PALE)
        said = figure(name, values[name]) or "–"
        ink = {"stale_share": TEXT["stale"], "suspect": TEXT["suspect"]}.get(name, INK)
        pen.strong((left + 6, top + 17), said, 12, ink if values[name] else INK)
        pen.text((left + 6, top + 30), words.text(f"sheet.{name}"), 6.5, SOFT, room=step - 14)


def legend(pen: Pen, top: float, counts: dict[str, int], words: Catalogue) -> None:
    """Draw the bar of statuses and below it mark, word, count and share of each that occurs."""
    pen.bar((MARGIN, top, INNER, 12), counts)
    total = max(sum(counts.values()), 1)
    x, y = MARGIN, top + 26
    for key in (key for key in ORDER if counts[key]):
        said = f"{words.text(f'status.{key}')}  {counts[key]}  ({100 * counts[key] / total:.1f} %)"
        wide = pen.letters.width(said, 7.5) + 22
        if x + wide > WIDTH - MARGIN:
            x, y = MARGIN, y + 12
        pen.mark((x, y - 6), key)
        pen.text((x + 10, y), said, 7.5, TEXT[key])
        x += wide


def ages(units: Any, rows: NDArray[np.intp], shown: Shown) -> NDArray[np.int64]:
    """Return i64(age classes, ORDER): the units of some rows by age and what they show."""
    key = units.bucket[rows] * len(ORDER) + shown.code[rows]
    return np.bincount(key, minlength=len(AGES) * len(ORDER)).reshape(len(AGES), len(ORDER))


def sheet(
    pen: Pen, audit: Audit, group: Group, place: tuple[NDArray[np.intp], Shown], words: Catalogue
) -> None:
    """Draw the body of a sheet; ``place`` are the rows of its units and what all units show."""
    rows, shown = place
    cards(pen, 86, group, words)
    legend(pen, 140, counts_of(shown.code[rows]), words)
    half = (INNER - 14) / 2
    right = MARGIN + half + 14
    pen.strong((MARGIN, 200), words.text("sheet.ages"), 9)
    columns(
        pen,
        (MARGIN, 208, half, 210),
        ages(audit.units, rows, shown),
        words.text("sheet.age_names").split("|"),
    )
    pen.strong((right, 200), words.text("sheet.map"), 9)
    said = Map(shown.boxes[rows], shown.code[rows], audit.beside.crs)
    draw_map(pen, (right, 208, half, 210), said, words)
    chosen = worst(audit, rows)
    title = words.text("sheet.worst", shown=len(chosen), count=len(rows))
    pen.strong((MARGIN, 446), title, 9)
    objects(pen, 456, audit, chosen, words)
    if group.few:
        pen.text((MARGIN, 800), words.text("report.few"), 7, FAINT)


def worst(audit: Audit, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the most pressing of some units: by priority, then age, then their order."""
    units = audit.units
    left = rows[units.counted[rows]]
    pressing = np.nan_to_num(units.priority[left], nan=-1.0)
    order = np.lexsort((left, -units.age[left], -pressing))
    return left[order][:LISTED]


def objects(
    pen: Pen, top: float, audit: Audit, chosen: Sequence[int] | Any, words: Catalogue
) -> None:
    """Draw the table of objects."""
    x = MARGIN
    for name, wide in TABLE:
        right = name in _NUMBERS
        pen.text((x + wide - 6 if right else x, top + 12), words.text(f"sheet.column_{name}"), 7, SOFT,
                 right=right, room=wide - 4)  # fmt: skip
        x += wide
    pen.line((MARGIN, top + 17), (WIDTH - MARGIN, top + 17), SOFT)
    for number, unit in enumerate(chosen):
        y = top + 30 + number * 18
        _line(pen, y, audit, int(unit), words)
        pen.line((MARGIN, y + 5.5), (WIDTH - MARGIN, y + 5.5), LINE)


def _line(pen: Pen, y: float, audit: Audit, unit: int, words: Catalogue) -> None:
    units = audit.units
    layer = audit.layers[int(units.layer[unit])]
    values = object_columns(layer, np.array([units.row[unit]], np.int32))
    item = {name: found[0] for name, found in values.items()}
    status = "suspect" if item["suspect"] else item["status"]
    item |= {"observed": (item["observed"] or "–")[:10], "due": (item["due"] or "–")[:10]}
    x = MARGIN
    for name, wide in TABLE:
        value, right = item[name], name in _NUMBERS
        said = "–" if value is None else f"{value:.2f}" if name == "p_out_of_date" else str(value)
        ink = INK
        if name == "status":
            pen.mark((x, y - 6), status)
            said, ink = words.text(f"status.{status}"), TEXT[status]
        elif name == "kind":
            key = f"kind.{value}"
            said = words.text(key) if words.has(key) else said
        elif name == "order":
            said = "" if value is None else said
        start = x + wide - 6 if right else x + (10 if name == "status" else 0)
        room = wide - (16 if name == "status" else 6)
        pen.text((start, y), said, 7.5, ink, right=right, room=room)
        x += wide


def head(pen: Pen, title: str, said: str, page: str) -> None:
    """Draw the head of a page: what it is about, of when, and its number."""
    pen.text((MARGIN, 36), said, 7.5, FAINT, room=INNER - 60)
    pen.text((WIDTH - MARGIN, 36), page, 7.5, FAINT, right=True)
    pen.strong((MARGIN, 66), title, 18, room=INNER)
    pen.line((MARGIN, 76), (WIDTH - MARGIN, 76), ACCENT, 1.2)
