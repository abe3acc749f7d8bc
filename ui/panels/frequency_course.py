"""Five years ahead, painted: the share up to date above, the money spent below, one line a scenario."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from twin.geometry import F64
from twin.maintenance.frequency.report import unit_of
from twin.maintenance.frequency.simulation import MONTHS, Course
from ui.desk import Desk
from ui.panels.frequency_curve import short
from ui.theme import font

UPPER, LOWER, GAP, TOP = 120, 84, 36, 26
LABELS = 96
"""Logical pixels right of the lines for their names."""


@dataclass(frozen=True, slots=True)
class Line:
    """A scenario as it is painted: its words, colour and whether it is dashed."""

    words: str
    color: str
    dashed: bool = False


class CourseChart(QWidget):
    """Lines over five years; the band holds ninety draws in a hundred."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.courses: Mapping[str, Course] = {}
        self.lines: Mapping[str, Line] = {}
        self.currency = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.sizeHint().height())
        self.setAccessibleName(self._say("course"))

    def _say(self, key: str, **params: object) -> str:
        return self.desk.words.catalogue.text(f"plan.panel.{key}", **params)

    def sizeHint(self) -> QSize:
        """Return the size wanted."""
        return QSize(320, TOP + UPPER + GAP + LOWER + 24)

    def show_courses(
        self, courses: Mapping[str, Course], lines: Mapping[str, Line], currency: str
    ) -> None:
        """Show other courses; ``lines`` by the same names, in the order in which they are painted."""
        self.courses, self.lines, self.currency = courses, lines, currency
        self.setAccessibleDescription(
            "; ".join(
                f"{lines[name].words}: {100 * course.fresh[-1]:.1f} %, {course.spent[-1]:.0f} {currency}"
                for name, course in courses.items()
                if name in lines
            )
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint both panes."""
        if not self.courses:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(11))
        width = max(self.width() - 44 - LABELS, 60)
        upper = QRectF(44, TOP, width, UPPER)
        lower = QRectF(44, TOP + UPPER + GAP, width, LOWER)
        fresh = {name: course.fresh for name, course in self.courses.items()}
        low = min(float(values.min()) for values in fresh.values())
        floor = max(float(np.floor(low * 10)) / 10, 0.0) if low < 0.995 else 0.9
        self._frame(painter, upper, self._say("axis_fresh"), self._shares(floor))
        self._band(painter, upper, floor)
        self._paint(painter, upper, fresh, floor, 1.0)
        spent = {name: course.spent for name, course in self.courses.items()}
        top = max(float(values.max()) for values in spent.values()) or 1.0
        language = self.desk.words.language
        unit = unit_of(self.currency, self.desk.words.language)
        amounts = [(share, short(share * top, language)) for share in (0.0, 0.5, 1.0)]
        self._frame(painter, lower, self._say("axis_money") + unit, amounts)
        self._paint(painter, lower, spent, 0.0, top)
        self._years(painter, lower)
        painter.end()

    def _shares(self, floor: float) -> list[tuple[float, str]]:
        return [
            (share, f"{100 * (floor + share * (1 - floor)):.0f} %") for share in (0.0, 0.5, 1.0)
        ]

    def _frame(
        self, painter: QPainter, area: QRectF, title: str, ticks: Sequence[tuple[float, str]]
    ) -> None:
        theme = self.desk.theme
        painter.setPen(QColor(theme.t3))
        painter.drawText(QRectF(0, area.top() - 26, self.width(), 14), title)
        for share, words in ticks:
            y = area.bottom() - share * area.height()
            painter.setPen(QColor(theme.line))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(theme.t3))
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 8, 38, 16), flags, words)

    def _years(self, painter: QPainter, area: QRectF) -> None:
        painter.setPen(QColor(self.desk.theme.t3))
        for year in range(6):
            x = area.left() + area.width() * year / 5
            words = self._say("now") if year == 0 else self._say("tick_y", n=str(year))
            spot = QRectF(x - 30, area.bottom() + 4, 60, 14)
            painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, words)

    def _points(self, area: QRectF, values: F64, floor: float, top: float) -> list[QPointF]:
        return [
            QPointF(
                area.left() + area.width() * month / MONTHS,
                area.bottom() - area.height() * (float(value) - floor) / (top - floor),
            )
            for month, value in enumerate(values)
        ]

    def _band(self, painter: QPainter, area: QRectF, floor: float) -> None:
        for name, course in self.courses.items():
            if course.low is None or course.high is None or name not in self.lines:
                continue
            edge = self._points(area, np.maximum(course.low, floor), floor, 1.0)
            edge += self._points(area, np.maximum(course.high, floor), floor, 1.0)[::-1]
            tone = QColor(self.lines[name].color)
            tone.setAlpha(56)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tone)
            painter.drawPolygon(QPolygonF(edge))
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint(
        self, painter: QPainter, area: QRectF, values: Mapping[str, F64], floor: float, top: float
    ) -> None:
        ends: list[tuple[float, str]] = []
        for name, line in self.lines.items():
            if name not in values:
                continue
            points = self._points(area, values[name], floor, top)
            style = Qt.PenStyle.DashLine if line.dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(QColor(line.color), 2, style))
            painter.drawPolyline(QPolygonF(points))
            ends.append((points[-1].y(), name))
        metrics = QFontMetrics(font(11))
        places = apart([y for y, _ in ends], 13.0, area.top() - 4, area.bottom() + 4)
        for (y, name), place in zip(ends, places, strict=True):
            painter.setPen(QPen(QColor(self.lines[name].color), 1))
            painter.drawLine(QPointF(area.right() + 2, y), QPointF(area.right() + 8, place))
            painter.setPen(QColor(self.desk.theme.t2))
            words = metrics.elidedText(
                self.lines[name].words, Qt.TextElideMode.ElideRight, LABELS - 12
            )
            spot = QRectF(area.right() + 11, place - 8, LABELS - 10, 16)
            painter.drawText(spot, Qt.AlignmentFlag.AlignVCenter, words)


def apart(places: Sequence[float], step: float, low: float, high: float) -> list[float]:
    """Return places moved so that they stand at least ``step`` apart, in their order, between two edges."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    found = list(places)
    below = low - step
    for i in order:
        found[i] = max(found[i], below + step)
        below = found[i]
    above = high + step
    for i in reversed(order):
        found[i] = min(found[i], above - step)
        above = found[i]
    return found
