"""The curve of costs by interval, with what is cheapest, the rule of thumb, the step to take and the present one."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from twin.geometry import F64
from twin.maintenance.frequency import Advice, Step, cost_per_year, interval_for_worst, stale_share
from twin.maintenance.frequency.advice import cost_at
from twin.maintenance.frequency.report import money, percent, span, step_words, unit_of
from ui.desk import Desk
from ui.theme import font

SURVEYS, MISSED, OTHER = "#4C97C6", "#C9A227", "#8A949E"
"""Colours of the two parts and of what is beside the point: of the set for categories, never of statuses."""
TICKS = (
    (1 / 365.25, "1d"), (7 / 365.25, "7d"), (1 / 12, "1m"), (0.25, "3m"), (0.5, "6m"), (1, "1y"), (2, "2y"), (5, "5y"),
    (10, "10y"), (20, "20y"), (50, "50y"), (100, "100y"),
)  # fmt: skip
LINE = 18
POINTS = 160


@dataclass(frozen=True, slots=True)
class Mark:
    """One marked interval: its sign (disc, diamond, square, triangle), years, words."""

    sign: str
    years: float
    words: str


class CostCurve(QWidget):
    """Money a year over the interval (by decades); below it what the signs mean."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.advice: Advice | None = None
        self.marks: tuple[Mark, ...] = ()
        self.currency = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self._say("curve"))

    def _say(self, key: str, **params: object) -> str:
        return self.desk.words.catalogue.text(f"plan.panel.{key}", **params)

    def sizeHint(self) -> QSize:
        """Return the size wanted."""
        return QSize(320, 204 + LINE * len(self._lines()))

    def show_advice(self, advice: Advice, step: Step, present: Step | None, currency: str) -> None:
        """Show another case; ``step`` is the interval that is chosen now."""
        self.advice, self.currency = advice, currency
        language = self.desk.words.language
        found = []
        if math.isfinite(advice.optimum):
            found.append(
                Mark(
                    "disc", advice.optimum, self._say("optimum", t=span(advice.optimum, language))
                )
            )
        if math.isfinite(advice.quick):
            found.append(
                Mark("diamond", advice.quick, self._say("quick", t=span(advice.quick, language)))
            )
        if math.isfinite(step.years):
            words = self._say("chosen", t=step_words(step.duration, language))
            found.append(Mark("square", step.years, words))
        if present is not None:
            words = self._say("present", t=step_words(present.duration, language))
            found.append(Mark("triangle", present.years, words))
        self.marks = tuple(found)
        self.setAccessibleDescription("; ".join(mark.words for mark in found))
        self.updateGeometry()
        self.update()

    # -- scales -------------------------------------------------------------------------------

    def reach(self) -> tuple[float, float]:
        """Return the shortest and the longest interval shown, years: all marks and something beside them."""
        years = [min(mark.years, 100.0) for mark in self.marks] or [1.0]
        return max(min(years) / 3, 1 / 400), min(max(max(years) * 3, 12.0), 200.0)

    def area(self) -> QRectF:
        """Return where the curve is painted."""
        return QRectF(48, 26, max(self.width() - 58, 40), 140)

    def place(self, years: float) -> float:
        """Return the place of an interval."""
        low, high = self.reach()
        share = math.log(years / low) / math.log(high / low)
        return self.area().left() + self.area().width() * share

    def years(self, x: float) -> float:
        """Return the interval at a place."""
        low, high = self.reach()
        return float(low * (high / low) ** ((x - self.area().left()) / self.area().width()))

    def top(self) -> float:
        """Return the money at the upper edge: what is marked is seen, what is far dearer runs out of it."""
        assert self.advice is not None
        costs = [cost_at(self.advice.case, mark.years) for mark in self.marks]
        least = min(costs, default=self.advice.case.neglected) or 1.0
        seen = [cost for cost in costs if cost < 6 * least]
        return 1.25 * max([*seen, 1.6 * least])

    # -- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint axes, the parts, the sum, the marks and their words."""
        if self.advice is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area, top = self.area(), self.top()
        self._axes(painter, area, top)
        self._limit(painter, area)
        low, high = self.reach()
        years = np.geomspace(low, high, POINTS)
        case = self.advice.case
        missed = case.stale_cost * case.objects * stale_share(case.rate, years)
        painter.save()
        painter.setClipRect(area.adjusted(0, -2, 0, 2))
        parts = ((case.survey_cost / years, SURVEYS), (missed, MISSED))
        for values, color in parts:
            self._draw(painter, values, years, top, QPen(QColor(color), 1.5, Qt.PenStyle.DashLine))
        total = cost_per_year(case, years)
        self._draw(painter, total, years, top, QPen(QColor(self.desk.theme.accent), 2))
        painter.restore()
        for mark in self.marks:
            self._mark(painter, mark, top)
        self._words(painter, area)
        painter.end()

    def _axes(self, painter: QPainter, area: QRectF, top: float) -> None:
        theme, language = self.desk.theme, self.desk.words.language
        painter.setFont(font(11))
        unit = unit_of(self.currency, self.desk.words.language)
        painter.setPen(QColor(theme.t3))
        painter.drawText(QRectF(0, 0, self.width(), 14), self._say("axis_cost") + unit)
        for share in (0.0, 0.5, 1.0):
            y = area.bottom() - share * area.height()
            painter.setPen(QColor(theme.line))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(theme.t3))
            spot = QRectF(0, y - 8, 42, 16)
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(spot, flags, short(share * top, language))
        beyond = -1e9
        for years, words in self._ticks():
            x = self.place(years)
            if x - beyond < 38:
                continue
            beyond = x
            painter.setPen(QColor(theme.line2))
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 3))
            painter.setPen(QColor(theme.t3))
            spot = QRectF(x - 30, area.bottom() + 4, 60, 14)
            painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, words)

    def _ticks(self) -> Iterator[tuple[float, str]]:
        low, high = self.reach()
        for years, name in TICKS:
            if low * 1.05 <= years <= high * 0.97:
                yield years, self._say(f"tick_{name[-1]}", n=name[:-1])

    def _limit(self, painter: QPainter, area: QRectF) -> None:
        """Shade the intervals that a limit leaves out."""
        assert self.advice is not None
        if self.advice.worst is None or self.advice.case.rate <= 0:
            return
        low, high = self.reach()
        longest = interval_for_worst(self.advice.case.rate, self.advice.worst)
        if longest >= high:
            return
        x = self.place(max(longest, low))
        beyond = QRectF(x, area.top(), area.right() - x, area.height())
        painter.fillRect(beyond, QColor(self.desk.theme.hover))
        painter.setPen(QPen(QColor(self.desk.theme.t3), 1, Qt.PenStyle.DashLine))
        painter.drawLine(beyond.topLeft(), beyond.bottomLeft())

    def _draw(self, painter: QPainter, values: F64, years: F64, top: float, pen: QPen) -> None:
        area = self.area()
        points = [
            QPointF(self.place(float(t)), area.bottom() - min(float(v) / top, 3.0) * area.height())
            for t, v in zip(years, values, strict=True)
        ]
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))

    def _mark(self, painter: QPainter, mark: Mark, top: float) -> None:
        assert self.advice is not None
        area = self.area()
        low, high = self.reach()
        x = self.place(min(max(mark.years, low), high))
        share = min(cost_at(self.advice.case, mark.years) / top, 1.0)
        self._sign(painter, mark.sign, QPointF(x, area.bottom() - share * area.height()))

    def _sign(self, painter: QPainter, sign: str, at: QPointF) -> None:
        theme = self.desk.theme
        painter.setPen(QPen(QColor(theme.t1), 1.4))
        painter.setBrush(QColor(theme.accent if sign in ("square", "disc") else theme.panel))
        r = 5.0
        if sign == "disc":
            painter.drawEllipse(at, r - 1, r - 1)
        elif sign == "square":
            painter.drawRect(QRectF(at.x() - r, at.y() - r, 2 * r, 2 * r))
        else:
            corners = [(0, -r), (r, 0), (0, r), (-r, 0)] if sign == "diamond" else [(0, -r), (r, r - 1), (-r, r - 1)]  # fmt: skip
            painter.drawPolygon(QPolygonF([at + QPointF(*c) for c in corners]))

    def _words(self, painter: QPainter, area: QRectF) -> None:
        """Paint what signs and lines mean, two beside each other where there is room."""
        metrics = QFontMetrics(font(11))
        painter.setFont(font(11))
        y = area.bottom() + 26
        for row in self._lines():
            x = 4.0
            for sign, words in row:
                middle = QPointF(x + 6, y + LINE / 2)
                if sign.startswith("#"):
                    style = (
                        Qt.PenStyle.SolidLine
                        if sign == self.desk.theme.accent
                        else Qt.PenStyle.DashLine
                    )
                    painter.setPen(QPen(QColor(sign), 2, style))
                    painter.drawLine(middle - QPointF(7, 0), middle + QPointF(7, 0))
                else:
                    self._sign(painter, sign, middle)
                painter.setPen(QColor(self.desk.theme.t2))
                spot = QRectF(x + 18, y, self.width() - x - 18, LINE)
                painter.drawText(spot, Qt.AlignmentFlag.AlignVCenter, words)
                x += 18 + metrics.horizontalAdvance(words) + 14
            y += LINE

    def _lines(self) -> list[list[tuple[str, str]]]:
        items = [(mark.sign, mark.words) for mark in self.marks]
        items += [
            (self.desk.theme.accent, self._say("sum")), (SURVEYS, self._say("surveys")),
            (MISSED, self._say("missed")),
        ]  # fmt: skip
        return flowed(items, QFontMetrics(font(11)), max(self.width(), 240) - 8)

    def resizeEvent(self, event: object) -> None:
        """Let the words take the lines they need."""
        self.setFixedHeight(self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Tell what an interval costs where the pointer rests."""
        if isinstance(event, QHelpEvent) and self.advice is not None:
            area, at = self.area(), event.pos()
            if area.contains(QPointF(at)):
                years, language = self.years(at.x()), self.desk.words.language
                words = self._say(
                    "hover", t=span(years, language),
                    cost=money(cost_at(self.advice.case, years), language, self.currency),
                    stale=percent(float(stale_share(self.advice.case.rate, years))),
                )  # fmt: skip
                QToolTip.showText(event.globalPos(), words, self)
                return True
        return super().event(event)


def flowed(
    items: Sequence[tuple[str, str]], metrics: QFontMetrics, room: int
) -> list[list[tuple[str, str]]]:
    """Return (sign, words) on as many lines as they need."""
    lines: list[list[tuple[str, str]]] = [[]]
    used = 0
    for sign, words in items:
        wide = 32 + metrics.horizontalAdvance(words)
        if lines[-1] and used + wide > room:
            lines.append([])
            used = 0
        lines[-1].append((sign, words))
        used += wide
    return lines


def short(value: float, language: str) -> str:
    """Return an amount for an axis: 45k, 1.2M; in Chinese 4.5万."""
    steps = (
        ((1e8, "亿"), (1e4, "万")) if language == "zh" else ((1e9, "G"), (1e6, "M"), (1e3, "k"))
    )
    for size, name in steps:
        if value >= size:
            return f"{value / size:.3g}{name}"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
