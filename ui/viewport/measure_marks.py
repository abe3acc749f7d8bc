"""What measuring paints over the picture: lines, corners, arcs, what the cursor snaps to, plates with values.

QPainter only, logical pixels. A value never stands straight on the picture: it gets a plate.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from twin.geometry import F64
from twin.tiles import View
from ui.theme import Theme, font
from ui.viewport.overlays import clear_of, paint_plate, projected

AHEAD = 0.05
"""Depth, metres, before which a line is cut off."""
GAP = 14.0
STEPS = 20


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where marks are painted: the painter, the camera, the colours, device pixels per logical one."""

    painter: QPainter
    view: View
    theme: Theme
    ratio: float

    @property
    def area(self) -> QRectF:
        """Return the whole picture, logical pixels."""
        width, height = self.view.size
        return QRectF(0, 0, width / self.ratio, height / self.ratio)

    def at(self, place: F64) -> QPointF | None:
        """Return where a place f64(3) is seen, None behind the eye."""
        x, y, depth = projected(self.view, place)[0]
        return QPointF(x / self.ratio, y / self.ratio) if depth > AHEAD else None

    def line(self, start: F64, end: F64) -> tuple[QPointF, QPointF] | None:
        """Return the part of a line in space that lies before the eye."""
        depth = (np.stack([start, end]) - self.view.eye) @ self.view.forward
        if depth.max() <= AHEAD:
            return None
        if depth.min() <= AHEAD:
            share = (2 * AHEAD - depth[0]) / (depth[1] - depth[0])
            cut = start + (end - start) * share
            start, end = (cut, end) if depth[0] <= AHEAD else (start, cut)
        a, b = self.at(start), self.at(end)
        return None if a is None or b is None else (a, b)


def halo(theme: Theme) -> QColor:
    """Return the colour that sets a line off the picture."""
    return QColor(0, 0, 0, 150) if theme.dark else QColor(255, 255, 255, 210)


def paint_line(
    sheet: Sheet, start: F64, end: F64, *, dashed: bool = False, strong: bool = True
) -> None:
    """Paint a line in space."""
    seen = sheet.line(start, end)
    if seen is None:
        return
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    width = 2.0 if strong else 1.4
    sheet.painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, wide in ((halo(sheet.theme), width + 2.4), (QColor(sheet.theme.accent), width)):
        pen = QPen(color, wide, Qt.PenStyle.SolidLine if color.alpha() < 255 else style)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        sheet.painter.setPen(pen)
        sheet.painter.drawLine(*seen)


def paint_lines(sheet: Sheet, points: F64, *, closed: bool = False, strong: bool = True) -> None:
    """Paint a polyline through points f64(n, 3), with a knot at each."""
    after = np.roll(points, -1, axis=0) if closed else points[1:]
    for start, end in zip(points, after, strict=False):
        paint_line(sheet, start, end, strong=strong)
    for point in points:
        paint_knot(sheet, point)


def paint_area(sheet: Sheet, points: F64) -> None:
    """Fill a polygon f64(n, 3) that lies before the eye."""
    seen = [sheet.at(point) for point in points]
    corners = [point for point in seen if point is not None]
    if len(corners) < max(len(seen), 3):
        return
    fill = QColor(sheet.theme.accent)
    fill.setAlphaF(0.18)
    sheet.painter.setPen(Qt.PenStyle.NoPen)
    sheet.painter.setBrush(fill)
    sheet.painter.drawPolygon(QPolygonF(corners))


def paint_arc(sheet: Sheet, first: F64, corner: F64, second: F64) -> None:
    """Paint the arc of an angle, a third of its shorter side away from the corner."""
    ways = [first - corner, second - corner]
    sizes = [float(np.linalg.norm(way)) for way in ways]
    if min(sizes) < 1e-9:
        return
    a, b = ways[0] / sizes[0], ways[1] / sizes[1]
    across = b - a * (a @ b)
    size = float(np.linalg.norm(across))
    if size < 1e-9:
        return
    turn = np.linspace(0.0, np.arctan2(size, float(a @ b)), STEPS)[:, None]
    arc = corner + (a * np.cos(turn) + across / size * np.sin(turn)) * min(sizes) / 3
    for start, end in itertools.pairwise(arc):
        paint_line(sheet, start, end, strong=False)


def paint_knot(sheet: Sheet, place: F64) -> None:
    """Paint a measured point."""
    at = sheet.at(place)
    if at is None:
        return
    sheet.painter.setPen(QPen(halo(sheet.theme), 2))
    sheet.painter.setBrush(QColor(sheet.theme.accent))
    sheet.painter.drawEllipse(at, 3.6, 3.6)


def paint_snap(sheet: Sheet, place: F64, kind: str) -> None:
    """Paint what the cursor snaps to: corner square, middle triangle, edge cross, face circle, cut diamond."""
    at = sheet.at(place)
    if at is None:
        return
    path = _glyph(kind, at)
    sheet.painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width in ((halo(sheet.theme), 4.2), (QColor(sheet.theme.accent_text), 2.0)):
        sheet.painter.setPen(QPen(color, width))
        sheet.painter.drawPath(path)


def _glyph(kind: str, at: QPointF) -> QPainterPath:
    path, r = QPainterPath(), 6.0
    if kind == "vertex":
        path.addRect(QRectF(at.x() - r, at.y() - r, 2 * r, 2 * r))
    elif kind == "edge":
        path.moveTo(at + QPointF(-r, -r))
        path.lineTo(at + QPointF(r, r))
        path.moveTo(at + QPointF(-r, r))
        path.lineTo(at + QPointF(r, -r))
    elif kind in ("midpoint", "section"):
        low = 0.8 * r if kind == "midpoint" else 0.0
        corners = [QPointF(0, -r * 1.15), QPointF(r * 1.1, low)]
        corners += [QPointF(0, r * 1.15)] if kind == "section" else []
        corners += [QPointF(-r * 1.1, low)]
        path.addPolygon(QPolygonF([at + corner for corner in corners]))
        path.closeSubpath()
    else:
        path.addEllipse(at, r, r)
    return path


def paint_words(
    sheet: Sheet, at: QPointF, words: Sequence[str], taken: Sequence[QRectF] = (), *,
    must: bool = True,
) -> QRectF | None:  # fmt: skip
    """Paint a plate beside a point: its first line is the value, the others stand below in t2.

    Without ``must`` a plate that finds no room near its point is left out, and None comes back.
    """
    bold, plain = QFontMetricsF(font(12, bold=True)), QFontMetricsF(font(11))
    widths = [
        (bold if number == 0 else plain).horizontalAdvance(line)
        for number, line in enumerate(words)
    ]
    wide, tall = max(widths) + 20, 26.0 + 17.0 * (len(words) - 1)
    plate = _beside(sheet.area, at, (wide, tall), taken)
    if plate is None and not must:
        return None
    if plate is None:
        plate = clear_of(QRectF(at.x() + GAP, at.y() + GAP, wide, tall), sheet.area, taken)
    paint_plate(sheet.painter, plate, sheet.theme)
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    for number, line in enumerate(words):
        sheet.painter.setFont(font(12, bold=True) if number == 0 else font(11))
        sheet.painter.setPen(QColor(sheet.theme.t1 if number == 0 else sheet.theme.t2))
        row = QRectF(plate.left() + 10, plate.top() + (4 if number == 0 else 6), wide, 18)
        sheet.painter.drawText(row.translated(0, 17.0 * number), flags, line)
    return plate


def _beside(
    area: QRectF, at: QPointF, size: tuple[float, float], taken: Sequence[QRectF]
) -> QRectF | None:
    """Return the first free place of a plate round a point: right below, left below, then above."""
    wide, tall = size
    inside = area.adjusted(4, 4, -4, -4)
    for down in (GAP, -GAP - tall):
        for across in (GAP, -GAP - wide):
            plate = QRectF(at.x() + across, at.y() + down, wide, tall)
            if inside.contains(plate) and not any(plate.intersects(other) for other in taken):
                return plate
    return None


def paint_hint(sheet: Sheet, text: str, taken: Sequence[QRectF]) -> QRectF:
    """Paint a sentence on a plate at the bottom centre of the picture."""
    metrics, area = QFontMetricsF(font(12)), sheet.area
    room = area.width() - 24
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room - 24)
    wide = metrics.horizontalAdvance(shown) + 24
    box = QRectF((area.width() - wide) / 2, area.bottom() - 14 - 28, wide, 28)
    plate = clear_of(box, area, taken)
    paint_plate(sheet.painter, plate, sheet.theme)
    sheet.painter.setFont(font(12))
    sheet.painter.setPen(QColor(sheet.theme.t2))
    sheet.painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, shown)
    return plate
