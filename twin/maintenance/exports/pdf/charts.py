"""The pictures of a sheet: columns of ages by status, and the map of a custodian's units."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F64
from twin.maintenance.exports.pdf.pens import FAINT, HEIGHT, LINE, ORDER, PALE, SOFT, Pen, color
from twin.style import FRESHNESS

DRAWN = 3000
"""Units up to which each is drawn; more are shown as cells, by the most pressing status in each."""
CELL = 3.0
"""Points that such a cell is wide."""
_PRESSING = ("retired", "event_driven", "fresh", "due_soon", "in_grace", "unknown", "stale", "suspect")  # fmt: skip
"""Least pressing first: what lies on top of the map."""
_NICE = (1, 2, 5)
SIZES = (3.0, 6.0, 12.0, 25.0, 50.0)
"""Points by which boxes on the map are told large from small."""


def columns(
    pen: Pen, box: Sequence[float], table: NDArray[np.int64], names: Sequence[str]
) -> None:
    """Draw stacked columns: ``table`` i64(age classes, ORDER), each with its total above."""
    left, top, wide, high = box
    base, step = top + high - 14, wide / len(names)
    most = max(int(table.sum(axis=1).max(initial=0)), 1)
    pen.line((left, base), (left + wide, base), SOFT)
    for number, name in enumerate(names):
        middle, y = left + (number + 0.5) * step, base
        for place, status in enumerate(ORDER):
            part = (high - 28) * int(table[number, place]) / most
            if part <= 0:
                continue
            y -= part
            piece = (middle - step * 0.32, y, step * 0.64, part)
            pen.box(piece, FRESHNESS[status])
            if status == "unknown":
                pen.hatched(piece)
        total = int(table[number].sum())
        said = f"{total:,}".replace(",", " ")
        width = pen.letters.width(said, 7)
        pen.text((middle - width / 2, y - 3), said, 7, SOFT if total else FAINT)
        size = min(6.5, 6.5 * (step - 3) / max(pen.letters.width(name, 6.5), 1.0))
        pen.text((middle - pen.letters.width(name, size) / 2, base + 9), name, size, FAINT)


@dataclass(frozen=True)
class Map:
    """Boxes f64(n, 4) of units in the project's plane (NaN = no place), codes of ORDER, the plane's name."""

    boxes: F64
    status: NDArray[np.intp]
    crs: str


def draw_map(pen: Pen, box: Sequence[float], said: Map, words: Any) -> None:
    """Draw the units in plan, north up, with a scale bar, an arrow and the name of the plane."""
    left, top, wide, high = box
    pen.box(box, PALE, LINE)
    known = np.isfinite(said.boxes).all(axis=1)
    if not known.any():
        pen.text((left + 10, top + 16), words.text("sheet.no_map"), 8, FAINT)
        return
    boxes, status = said.boxes[known], said.status[known]
    low, span = _window(boxes)
    scale = min((wide - 20) / span[0], (high - 34) / span[1])
    shift = np.array([left + (wide - span[0] * scale) / 2, HEIGHT - top - high + 24])
    drawn = (boxes.reshape(-1, 2, 2) - low) * scale + shift
    path = pen.canvas.beginPath()
    path.rect(left, HEIGHT - top - high, wide, high)
    pen.clipped(path)
    flat = drawn.reshape(-1, 4)
    (_draw_each if len(flat) <= DRAWN else _draw_cells)(pen, flat, status)
    pen.canvas.restoreState()
    _furniture(pen, box, scale, said.crs, words)


def _window(boxes: F64) -> tuple[F64, F64]:
    """Return the lower corner and the size (metres) of what is shown; a few far strays are cut off."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    if len(boxes) > 50:
        inner = np.quantile(middle, [0.01, 0.99], axis=0)
        reach = np.maximum(inner[1] - inner[0], 1.0) * 1.5
        low, high = np.maximum(low, inner[0] - reach), np.minimum(high, inner[1] + reach)
    return low, np.maximum(high - low, 10.0)


def _draw_each(pen: Pen, flat: F64, status: NDArray[np.intp]) -> None:
    """Draw boxes, large ones below small ones, in each size the most pressing on top."""
    size = np.sqrt(np.prod(flat[:, 2:] - flat[:, :2], axis=1))
    group = np.searchsorted(SIZES, size)
    for largest in range(len(SIZES), -1, -1):
        for name in _PRESSING:
            rows = np.flatnonzero((status == ORDER.index(name)) & (group == largest))
            if len(rows):
                _draw_boxes(pen, name, flat[rows], edged=largest > 0)


def _draw_cells(pen: Pen, flat: F64, status: NDArray[np.intp]) -> None:
    cell = np.floor((flat[:, :2] + flat[:, 2:]) / 2 / CELL).astype(np.int64)
    rank = np.array([_PRESSING.index(name) for name in ORDER])[status]
    order = np.lexsort((rank, cell[:, 1], cell[:, 0]))
    cell, status = cell[order], status[order]
    last = np.append((cell[1:] != cell[:-1]).any(axis=1), True)
    low = cell[last] * CELL
    _draw_each(pen, np.hstack([low, low + CELL - 0.3]), status[last])


def _draw_boxes(pen: Pen, name: str, flat: F64, *, edged: bool) -> None:
    canvas = pen.canvas
    path = canvas.beginPath()
    for x0, y0, x1, y1 in np.round(flat, 2).tolist():
        path.rect(x0, y0, max(x1 - x0, 0.8), max(y1 - y0, 0.8))
    canvas.setFillColor(color(FRESHNESS[name]))
    canvas.setStrokeColor(color("#5A6470"))
    canvas.setLineWidth(0.25)
    outline = name == "retired"
    canvas.drawPath(path, stroke=int(edged or outline), fill=int(not outline))
    if name == "unknown":
        pen.clipped(path)
        x0, y0 = flat[:, :2].min(axis=0).tolist()
        x1, y1 = flat[:, 2:].max(axis=0).tolist()
        pen.hatched((x0, HEIGHT - y1, x1 - x0, y1 - y0))
        canvas.restoreState()


def _furniture(pen: Pen, box: Sequence[float], scale: float, crs: str, words: Any) -> None:
    left, top, wide, high = box
    metres = _round_length(90 / scale)
    y = top + high - 9
    start, end = left + 10, left + 10 + metres * scale
    pen.line((start, y), (end, y), SOFT, 1.2)
    for x in (start, end):
        pen.line((x, y - 3), (x, y + 0.6), SOFT, 1.2)
    said = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    pen.text((end + 5, y + 1), said, 7, SOFT)
    pen.text((left + wide - 8, y + 1), crs or words.text("sheet.no_system"), 7, FAINT, right=True)
    x, top = left + wide - 14, top + 8
    canvas = pen.canvas
    canvas.setFillColor(color(SOFT))
    path = canvas.beginPath()
    path.moveTo(x, HEIGHT - top)
    path.lineTo(x + 4, HEIGHT - top - 12)
    path.lineTo(x, HEIGHT - top - 9)
    path.lineTo(x - 4, HEIGHT - top - 12)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)
    pen.strong((x - 2.6, top + 20), "N", 7, SOFT)


def _round_length(metres: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that is not longer."""
    power = 10.0 ** np.floor(np.log10(max(metres, 1e-3)))
    return float(max(nice * power for nice in _NICE if nice * power <= metres * (1 + 1e-9)))
