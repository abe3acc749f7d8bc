"""The drawing of a profile: heights over the distance along the line, ground and what is cut, in metres."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from twin.analyses.drawings import Drawing, ticks
from twin.geometry import F64
from ui.desk import Desk
from ui.theme import Theme, font

LEFT, RIGHT, TOP, BOTTOM = 52.0, 16.0, 24.0, 26.0
ROOM = 0.08
"""Share of the height of the drawing that is kept free above and below."""
LEAST_RISE = 4.0
"""Metres of height that are shown at least."""


class ProfileChart(QWidget):
    """Paints a drawing; the cursor reads distance and height off it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.drawing: Drawing | None = None
        self.at: QPointF | None = None
        self.setMinimumHeight(96)
        self.setMouseTracking(True)
        self.setAccessibleName(desk.say("profile.title"))

    def show_drawing(self, drawing: Drawing | None, sentence: str) -> None:
        """Show a drawing, or none."""
        self.drawing, self.at = drawing, None
        self.setAccessibleDescription(sentence)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read off what is under the cursor."""
        self.at = event.position()
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Stop reading off."""
        self.at = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint axes, ground and shapes."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint(painter, QRectF(self.rect()), self.desk.theme)
        painter.end()

    def image(self, width: int, height: int, theme: Theme) -> QImage:
        """Return the drawing as a picture."""
        made = QImage(width, height, QImage.Format.Format_RGB32)
        made.fill(QColor(theme.panel))
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint(painter, QRectF(0, 0, width, height), theme)
        painter.end()
        return made

    def write_png(self, path: Path, size: tuple[int, int], theme: Theme) -> None:
        """Write the drawing as a picture. Raises OSError."""
        if not self.image(*size, theme).save(str(path)):
            raise OSError(str(path.parent))

    def _paint(self, painter: QPainter, whole: QRectF, theme: Theme) -> None:
        if self.drawing is None:
            return
        area = whole.adjusted(LEFT, TOP, -RIGHT, -BOTTOM)
        paper = Paper(painter, area, theme, self.drawing)
        paper.axes(self.desk.say("profile.above", datum=self._datum()), self.desk.words.metres)
        paper.points()
        paper.shapes()
        paper.ground()
        if self.at is not None and area.contains(self.at):
            self._read(paper, self.at)

    def _datum(self) -> str:
        assert self.drawing is not None
        return self.drawing.datum or self.desk.say("profile.no_datum")

    def _read(self, paper: "Paper", at: QPointF) -> None:
        along, height = paper.along(at.x()), paper.height(at.y())
        painter, theme = paper.painter, paper.theme
        painter.setPen(QPen(QColor(theme.line2), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(at.x(), paper.area.top()), QPointF(at.x(), paper.area.bottom()))
        words = self.desk.words
        text = self.desk.say("profile.at", along=words.metres(along), height=words.metres(height))
        wide = QFontMetricsF(font(11)).horizontalAdvance(text) + 12
        left = min(at.x() + 8, paper.area.right() - wide)
        box = QRectF(left, paper.area.top(), wide, 20)
        painter.fillRect(box, QColor(theme.raised))
        painter.setPen(QColor(theme.t1))
        painter.setFont(font(11))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


class Paper:
    """A drawing on an area of a painter: metres to pixels and back."""

    def __init__(self, painter: QPainter, area: QRectF, theme: Theme, drawing: Drawing) -> None:
        self.painter, self.area, self.theme, self.drawing = painter, area, theme, drawing
        low, high = drawing.heights
        spare = max((high - low) * ROOM, (LEAST_RISE - (high - low)) / 2, 0.2)
        self.low, self.high = low - spare, high + spare

    def x(self, along: float) -> float:
        """Return the pixel of a distance."""
        return self.area.left() + self.area.width() * along / max(self.drawing.length, 1e-9)

    def y(self, height: float) -> float:
        """Return the pixel of a height."""
        return self.area.bottom() - self.area.height() * (height - self.low) / (
            self.high - self.low
        )

    def along(self, x: float) -> float:
        """Return the distance at a pixel."""
        return (x - self.area.left()) / self.area.width() * self.drawing.length

    def height(self, y: float) -> float:
        """Return the height at a pixel."""
        return self.low + (self.area.bottom() - y) / self.area.height() * (self.high - self.low)

    def polygon(self, points: F64) -> QPolygonF:
        """Return points f64(n, 2) in pixels."""
        return QPolygonF([QPointF(self.x(s), self.y(z)) for s, z in points.tolist()])

    def axes(self, heights: str, said: object) -> None:
        """Paint lines of heights and the figures of both axes."""
        painter, theme, area = self.painter, self.theme, self.area
        painter.setFont(font(11))
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for at in ticks(self.low, self.high, max(2, int(area.height() / 28))):
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(QPointF(area.left(), self.y(at)), QPointF(area.right(), self.y(at)))
            painter.setPen(QColor(theme.t3))
            painter.drawText(QRectF(0, self.y(at) - 9, LEFT - 8, 18), flags, _figure(at))
        for at in ticks(0, self.drawing.length, max(2, int(area.width() / 72))):
            box = QRectF(self.x(at) - 40, area.bottom() + 5, 80, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, _figure(at))
        painter.drawText(
            QRectF(area.left(), area.top() - 20, 400, 16), Qt.AlignmentFlag.AlignLeft, heights
        )

    def points(self) -> None:
        """Paint the points of clouds."""
        self.painter.setPen(QPen(QColor(self.theme.accent), 1.6))
        found = self.drawing.points
        if len(found):
            self.painter.drawPoints(self.polygon(found))

    def shapes(self) -> None:
        """Paint what is cut of objects."""
        self.painter.setPen(QPen(QColor(self.theme.t2), 1.2))
        self.painter.setBrush(QColor(self.theme.hover))
        for _, shape in self.drawing.shapes:
            self.painter.drawPolygon(self.polygon(shape))

    def ground(self) -> None:
        """Paint the ground as a band below its line."""
        for piece in self.drawing.ground:
            points = [QPointF(self.x(s), self.y(z)) for s, z in piece.tolist()]
            line = QPolygonF(points)
            band = QPolygonF([*points, *(point + QPointF(0, 7) for point in reversed(points))])
            fill = QColor(self.theme.t3)
            fill.setAlphaF(0.35)
            self.painter.setPen(Qt.PenStyle.NoPen)
            self.painter.setBrush(fill)
            self.painter.drawPolygon(band)
            self.painter.setPen(QPen(QColor(self.theme.t1), 1.6))
            self.painter.setBrush(Qt.BrushStyle.NoBrush)
            self.painter.drawPolyline(line)


def _figure(value: float) -> str:
    text = f"{value:g}"
    return text.replace("-", "\N{MINUS SIGN}")


def summary(desk: Desk, figures: Sequence[tuple[str, float]]) -> str:
    """Return the sentence over the drawing: azimuth, length, how many are cut."""
    told = dict(figures)
    words = desk.words
    return desk.say(
        "profile.summary", azimuth=words.metres(told.get("azimuth", np.nan)),
        length=words.metres(told.get("length", 0.0)), count=words.count(told.get("objects", 0)),
    )  # fmt: skip
