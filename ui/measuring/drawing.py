"""How a measurement looks over the picture, kept or still being made."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from twin.geometry import F64
from twin.measuring.wording import headline, part_texts, with_datum
from twin.messages import Catalogue
from twin.records import Measurement
from ui.viewport.measure_marks import (
    Sheet,
    paint_arc,
    paint_area,
    paint_line,
    paint_lines,
    paint_words,
)

MOST_PLATES = 40


def draw(sheet: Sheet, kind: str, points: F64, *, strong: bool = True) -> None:
    """Draw the points f64(n, 3) of a measurement."""
    if kind == "area" and len(points) > 2:
        paint_area(sheet, points)
        paint_lines(sheet, points, closed=True, strong=strong)
        return
    if kind == "height" and len(points) == 2:
        above = np.array([points[0, 0], points[0, 1], points[1, 2]])
        paint_line(sheet, points[0], above, strong=strong)
        paint_line(sheet, above, points[1], dashed=True, strong=False)
        paint_lines(sheet, points[:1])
        paint_lines(sheet, points[1:])
        return
    paint_lines(sheet, points, strong=strong)
    if kind == "angle" and len(points) == 3:
        paint_arc(sheet, points[0], points[1], points[2])


def plate_at(kind: str, points: F64) -> F64:
    """Return where the plate of a measurement stands, f64(3)."""
    if kind in ("distance", "clearance", "faces", "height") and len(points) == 2:
        return np.asarray(points.mean(axis=0), np.float64)
    if kind == "angle" and len(points) == 3:
        return np.asarray(points[1], np.float64)
    if kind == "area":
        return np.asarray(points.mean(axis=0), np.float64)
    return np.asarray(points[-1], np.float64)


def words_of(measured: Measurement, unit: str, words: Catalogue, *, full: bool) -> list[str]:
    """Return the lines of a plate: the value, with ``full`` what stands beside it."""
    found = [headline(measured, unit, words)]
    if not full:
        return found
    parts = list(part_texts(measured, unit, words))
    if measured.kind == "height":
        parts = [with_datum(", ".join(parts[:2]), measured.vertical, words), *parts[2:]]
    return [*found, *(" · ".join(parts[i : i + 3]) for i in range(0, len(parts), 3))]


def draw_kept(sheet: Sheet, kept: Sequence[Measurement]) -> None:
    """Draw what was measured and kept."""
    for one in kept:
        draw(sheet, one.kind, np.asarray(one.points, np.float64), strong=False)


def write_kept(
    sheet: Sheet,
    kept: Sequence[Measurement],
    unit: str,
    words: Catalogue,
    taken: Sequence[QRectF],
) -> None:
    """Write the values of what was kept; where there is no room the nearest ones keep their plates."""
    found = list(kept)
    points = [np.asarray(one.points, np.float64) for one in found]
    places = [plate_at(one.kind, some) for one, some in zip(found, points, strict=True)]
    order = sorted(range(len(found)), key=lambda i: _far(sheet, places[i]))
    full = [*taken]
    for i in order[:MOST_PLATES]:
        at: QPointF | None = sheet.at(places[i])
        if at is not None and sheet.area.contains(at):
            lines = words_of(found[i], unit, words, full=False)
            plate = paint_words(sheet, at, lines, full, must=False)
            full += [] if plate is None else [plate]


def _far(sheet: Sheet, place: F64) -> float:
    return float(np.linalg.norm(place - sheet.view.eye))
