"""How a line of sight looks over the picture: seen in the accent, hidden in dashed amber, signs at obstacles."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen

from twin.analyses.findings import Findings
from twin.geometry import F64
from ui.viewport.measure_marks import Sheet, halo, paint_knot, paint_line

HANDLE = 6.5
"""Half of the square of an end that can be dragged, logical pixels."""


def paint_sight(sheet: Sheet, findings: Findings) -> None:
    """Paint what a line of sight found."""
    for one in findings.marks:
        if one.kind == "lines":
            for start, end in one.places:
                paint_stretch(sheet, start, end, one.role)
    for one in findings.marks:
        if one.kind == "points" and one.role == "bad":
            for place in one.places[:, 0]:
                paint_obstacle(sheet, place)


def paint_stretch(sheet: Sheet, start: F64, end: F64, role: str) -> None:
    """Paint a stretch of a line: whole where it is free, dashed where it is hidden."""
    seen = sheet.line(start, end)
    if seen is None:
        return
    hidden = role == "bad"
    color = QColor(sheet.theme.caution_edge if hidden else sheet.theme.accent)
    for ink, wide in ((halo(sheet.theme), 5.2), (color, 2.6)):
        pen = QPen(ink, wide)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap if hidden else Qt.PenCapStyle.RoundCap)
        if hidden:  # of one length whatever the width of the pen
            pen.setDashPattern([9.0 / wide, 6.0 / wide])
        sheet.painter.setPen(pen)
        sheet.painter.drawLine(*seen)


def paint_obstacle(sheet: Sheet, place: F64) -> None:
    """Paint the sign of an obstacle: a diamond with a stroke, amber on a halo."""
    at = sheet.at(place)
    if at is None:
        return
    r = 8.0
    path = QPainterPath()
    path.moveTo(at + QPointF(0, -r))
    for corner in (QPointF(r, 0), QPointF(0, r), QPointF(-r, 0)):
        path.lineTo(at + corner)
    path.closeSubpath()
    sheet.painter.setBrush(QColor(sheet.theme.caution_edge))
    sheet.painter.setPen(QPen(halo(sheet.theme), 2.4))
    sheet.painter.drawPath(path)
    sheet.painter.setPen(QPen(QColor("#1B1405"), 2.0))
    sheet.painter.drawLine(at + QPointF(-3.4, 0), at + QPointF(3.4, 0))


def paint_ends(sheet: Sheet, places: Sequence[F64], hot: int) -> None:
    """Paint the ends that can be dragged as squares; the one under the cursor is filled."""
    for number, place in enumerate(places):
        at = sheet.at(place)
        if at is None:
            continue
        filled = number == hot
        sheet.painter.setPen(QPen(QColor(sheet.theme.accent), 2.0))
        sheet.painter.setBrush(QColor(sheet.theme.accent if filled else "#FFFFFF"))
        sheet.painter.drawRect(
            int(at.x() - HANDLE), int(at.y() - HANDLE), int(2 * HANDLE), int(2 * HANDLE)
        )


def paint_waiting(sheet: Sheet, places: Sequence[F64]) -> None:
    """Paint the line that is being set, or that is being answered."""
    for start, end in pairwise(places):
        paint_line(sheet, np.asarray(start), np.asarray(end), dashed=True, strong=False)
    for place in places:
        paint_knot(sheet, np.asarray(place))
