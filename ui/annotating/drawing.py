"""How marks look over the picture: anchors, leaders, arrows and plates that do not cover one another.

QPainter only. Sizes are logical pixels times ``scale``; a mark behind the city is drawn faintly.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap, QPolygonF

from twin.geometry import F64
from twin.presenting.records import Annotation
from ui.theme import font
from ui.viewport.measure_marks import Sheet, halo
from ui.viewport.overlays import clear_of, paint_plate

FAINT, FAINT_PLATE = 0.38, 0.74
"""Opacity of what lies behind the city, softly there and never gone; its words stay legible."""
MOST_PLATES = 60
WIDEST = 260.0
PICTURE = 168.0
LIFT = 30.0


@dataclass(frozen=True, slots=True)
class Shown:
    """A mark with what is said of it, whether the city hides it, and its picture (a null one without)."""

    mark: Annotation
    words: tuple[str, ...]
    faint: bool
    picture: QPixmap


def anchor_of(mark: Annotation) -> F64:
    """Return the point, f64(3), at which the words of a mark stand."""
    points = np.asarray(mark.points, np.float64)
    if mark.kind == "line":
        middle = len(points) // 2
        return np.asarray((points[middle - 1] + points[middle]) / 2, np.float64)
    return np.asarray(points[0], np.float64)


def draw(
    sheet: Sheet, shown: Sequence[Shown], taken: Sequence[QRectF], scale: float = 1.0
) -> None:
    """Draw marks, far ones first; where there is no room, the nearest ones keep their plates."""
    far = [float(np.linalg.norm(anchor_of(x.mark) - sheet.view.eye)) for x in shown]
    order = np.argsort(far, kind="stable").tolist()
    full, plates = [*taken], {}
    for i in order[:MOST_PLATES]:
        at = sheet.at(anchor_of(shown[i].mark))
        plate = None if at is None else _plate(sheet.area, shown[i], at, full, scale)
        if plate is not None:
            plates[i] = plate
            full.append(plate)
    for i in reversed(order):
        sheet.painter.setOpacity(FAINT if shown[i].faint else 1.0)
        _paint(sheet, shown[i], plates.get(i), scale)
    sheet.painter.setOpacity(1.0)


def size_of(shown: Shown, scale: float) -> QSizeF:
    """Return the size of the plate of a mark; nothing said and no picture = none."""
    wide = tall = 0.0
    for number, line in enumerate(shown.words):
        face = font(round((13 if number == 0 else 11) * scale), bold=number == 0)
        box = QFontMetricsF(face).boundingRect(
            QRectF(0, 0, WIDEST * scale, 4000), int(Qt.TextFlag.TextWordWrap), line
        )
        wide, tall = max(wide, box.width()), tall + box.height() + 2 * scale
    if not shown.picture.isNull():
        high = PICTURE * scale * shown.picture.height() / max(shown.picture.width(), 1)
        wide, tall = max(wide, PICTURE * scale), tall + min(high, PICTURE * scale) + 4 * scale
    return QSizeF(wide + 20 * scale, tall + 10 * scale) if tall else QSizeF()


def _plate(
    area: QRectF, shown: Shown, at: QPointF, full: Sequence[QRectF], scale: float
) -> QRectF | None:
    """Return where the plate of a mark stands: above its anchor, moved a little; None without room."""
    size = size_of(shown, scale)
    if size.isEmpty() or not area.contains(at):
        return None
    lift = 0.0 if shown.mark.kind == "line" else LIFT * scale
    top = at.y() - lift - size.height()
    wished = QRectF(at.x() - size.width() / 2, top, size.width(), size.height())
    inside = area.adjusted(6, 6, -6, -6)
    wished.moveLeft(min(max(wished.left(), inside.left()), inside.right() - size.width()))
    wished.moveTop(min(max(wished.top(), inside.top()), inside.bottom() - size.height()))
    found = clear_of(wished, area, full)
    moved = abs(found.left() - wished.left()) + abs(found.top() - wished.top())
    crowded = any(found.intersects(x) for x in full)
    return None if crowded or moved > 3 * max(size.height(), 40 * scale) else found


def _paint(sheet: Sheet, shown: Shown, plate: QRectF | None, scale: float) -> None:
    mark, theme = shown.mark, sheet.theme
    ink = QColor(mark.color or theme.accent)
    points = np.asarray(mark.points, np.float64)
    for start, end in itertools.pairwise(points):
        _stroke(sheet, start, end, ink, scale)
    if mark.kind == "arrow":
        _head(sheet, points[-2], points[-1], ink, scale)
    at = sheet.at(anchor_of(mark))
    if at is None or not sheet.area.contains(at):
        return
    if plate is not None and mark.kind != "line":
        foot = QPointF(min(max(at.x(), plate.left() + 8), plate.right() - 8), plate.bottom())
        for color, wide in ((halo(theme), 3.6), (ink, 1.4)):
            sheet.painter.setPen(QPen(color, wide * scale))
            sheet.painter.drawLine(foot, at)
    if mark.kind in ("label", "picture"):
        _dot(sheet.painter, at, ink, scale)
    for point in points if mark.kind == "line" else ():
        knot = sheet.at(point)
        if knot is not None:
            _dot(sheet.painter, knot, ink, 0.8 * scale)
    if plate is not None:
        sheet.painter.setOpacity(FAINT_PLATE if shown.faint else 1.0)
        _write(sheet, shown, plate, scale)


def _stroke(sheet: Sheet, start: F64, end: F64, ink: QColor, scale: float) -> None:
    seen = sheet.line(start, end)
    if seen is None:
        return
    for color, wide in ((halo(sheet.theme), 5.2), (ink, 2.6)):
        pen = QPen(color, wide * scale)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        sheet.painter.setPen(pen)
        sheet.painter.drawLine(*seen)


def _head(sheet: Sheet, start: F64, end: F64, ink: QColor, scale: float) -> None:
    seen = sheet.line(start, end)
    tip = sheet.at(end)
    if seen is None or tip is None:
        return
    way = tip - seen[0]
    long = max((way.x() ** 2 + way.y() ** 2) ** 0.5, 1e-6)
    along = way / long * 15 * scale
    across = QPointF(-along.y(), along.x()) * 0.45
    sheet.painter.setPen(QPen(halo(sheet.theme), 2 * scale))
    sheet.painter.setBrush(ink)
    sheet.painter.drawPolygon(QPolygonF([tip, tip - along + across, tip - along - across]))


def _dot(painter: QPainter, at: QPointF, ink: QColor, scale: float) -> None:
    painter.setPen(QPen(QColor("#FFFFFF"), 1.6 * scale))
    painter.setBrush(ink)
    painter.drawEllipse(at, 4.5 * scale, 4.5 * scale)


def _write(sheet: Sheet, shown: Shown, plate: QRectF, scale: float) -> None:
    painter, theme = sheet.painter, sheet.theme
    paint_plate(painter, plate, theme)
    left, top = plate.left() + 10 * scale, plate.top() + 6 * scale
    if not shown.picture.isNull():
        high = min(PICTURE * shown.picture.height() / max(shown.picture.width(), 1), PICTURE)
        box = QRectF(left, top, plate.width() - 20 * scale, high * scale)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(
            _inside(box, shown.picture), shown.picture, QRectF(shown.picture.rect())
        )
        top += box.height() + 4 * scale
    for number, line in enumerate(shown.words):
        face = font(round((13 if number == 0 else 11) * scale), bold=number == 0)
        room = QRectF(left, top, plate.width() - 18 * scale, plate.bottom() - top)
        painter.setFont(face)
        painter.setPen(QColor(theme.t1 if number == 0 else theme.t2))
        flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft)
        painter.drawText(room, flags, line)
        limits = QRectF(0, 0, WIDEST * scale, 4000)
        top += QFontMetricsF(face).boundingRect(limits, flags, line).height() + 2 * scale


def _inside(box: QRectF, picture: QPixmap) -> QRectF:
    share = picture.width() / max(picture.height(), 1)
    wide = min(box.width(), box.height() * share)
    return QRectF(box.center().x() - wide / 2, box.top(), wide, wide / share)
