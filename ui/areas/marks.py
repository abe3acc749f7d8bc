"""How areas look over the city: translucent ground, an outline in the party's colour, names on plates."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainterPath, QPen, QPolygonF

from twin.geometry import F64
from twin.style import CATEGORIES
from ui.areas.shapes import Shape
from ui.viewport.measure_marks import AHEAD, Sheet, halo, paint_words
from ui.viewport.overlays import projected

MOST_PLATES = 30


def raised(ring: F64, ground: float) -> F64:
    """Return a ring f64(n, 2) on the ground plane, f64(n, 3)."""
    return np.column_stack([ring, np.full(len(ring), ground)])


def path_of(sheet: Sheet, rings: Sequence[F64], ground: float) -> QPainterPath:
    """Return the picture of rings: what lies behind the eye is cut off along the way."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    for ring in rings:
        points = _before(sheet, raised(ring, ground))
        if len(points) > 2:
            seen = projected(sheet.view, points)[:, :2] / sheet.ratio
            path.addPolygon(QPolygonF([QPointF(x, y) for x, y in seen.tolist()]))
            path.closeSubpath()
    return path


def _before(sheet: Sheet, points: F64) -> F64:
    """Return a closed ring cut by the plane just before the eye (Sutherland and Hodgman)."""
    depth = (points - sheet.view.eye) @ sheet.view.forward - 2 * AHEAD
    if (depth >= 0).all():
        return points
    if (depth < 0).all():
        return points[:0]
    kept: list[F64] = []
    for k in range(len(points)):
        a, b = points[k - 1], points[k]
        if (depth[k - 1] >= 0) != (depth[k] >= 0):
            kept.append(a + (b - a) * (depth[k - 1] / (depth[k - 1] - depth[k])))
        if depth[k] >= 0:
            kept.append(b)
    return np.array(kept)


def color_of(shape: Shape, parties: Sequence[str]) -> QColor:
    """Return the colour of a party: its place among all that have areas."""
    number = parties.index(shape.party) if shape.party in parties else len(CATEGORIES) - 1
    return QColor(CATEGORIES[min(number, len(CATEGORIES) - 1)])


def paint_shape(
    sheet: Sheet, shape: Shape, ground: float, color: QColor, *, strong: bool = False
) -> None:
    """Paint one area: filled thinly, its outline set off from the picture; zones are dashed and not filled."""
    path = path_of(sheet, shape.rings, ground)
    if path.isEmpty() or not path.boundingRect().intersects(sheet.area):
        return
    painter = sheet.painter
    if shape.kind != "zones":
        fill = QColor(color)
        fill.setAlphaF(0.34 if strong else 0.20)
        painter.fillPath(path, fill)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    width = 2.6 if strong else 1.6
    painter.setPen(QPen(halo(sheet.theme), width + 2.0))
    painter.drawPath(path)
    pen = QPen(QColor(sheet.theme.t2) if shape.kind == "zones" else color, width)
    if shape.kind == "zones":
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.drawPath(path)


def paint_overlap(sheet: Sheet, shape: Shape, ground: float) -> None:
    """Paint ground that two parties claim: hatched in the tone of caution."""
    path = path_of(sheet, shape.rings, ground)
    if path.isEmpty() or not path.boundingRect().intersects(sheet.area):
        return
    tone = QColor(sheet.theme.caution_edge)
    sheet.painter.fillPath(path, QBrush(tone, Qt.BrushStyle.BDiagPattern))
    sheet.painter.setBrush(Qt.BrushStyle.NoBrush)
    sheet.painter.setPen(QPen(tone, 1.4))
    sheet.painter.drawPath(path)


def paint_grip(sheet: Sheet, place: F64) -> None:
    """Paint the middle of a side, where another corner can be pulled out."""
    at = sheet.at(place)
    if at is not None:
        sheet.painter.setPen(QPen(QColor(sheet.theme.accent), 1.4))
        sheet.painter.setBrush(QColor(sheet.theme.panel))
        sheet.painter.drawEllipse(at, 3.0, 3.0)


def paint_orphans(sheet: Sheet, places: F64) -> None:
    """Paint a ring above every place f64(n, 3) that nobody answers for."""
    if not len(places):
        return
    seen = projected(sheet.view, places)
    area = sheet.area
    x, y = seen[:, 0] / sheet.ratio, seen[:, 1] / sheet.ratio
    shown = (seen[:, 2] > AHEAD) & (x > 0) & (y > 0) & (x < area.width()) & (y < area.height())
    sheet.painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width in ((halo(sheet.theme), 4.0), (QColor(sheet.theme.caution_edge), 2.0)):
        sheet.painter.setPen(QPen(color, width))
        for px, py in zip(x[shown].tolist(), y[shown].tolist(), strict=True):
            sheet.painter.drawEllipse(QPointF(px, py), 5.0, 5.0)


def paint_names(
    sheet: Sheet, named: Sequence[tuple[F64, Sequence[str]]], taken: Sequence[QRectF]
) -> None:
    """Write words on plates beside points f64(3), the nearest first, where there is room."""
    full = list(taken)
    order = sorted(named, key=lambda item: float(np.linalg.norm(item[0] - sheet.view.eye)))
    for place, words in order[:MOST_PLATES]:
        at = sheet.at(place)
        if at is not None and sheet.area.contains(at):
            plate = paint_words(sheet, at, words, full, must=False)
            full += [] if plate is None else [plate]
