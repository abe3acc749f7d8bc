"""The painted axis of the sun: its course over a day or a year, the counted hours, a handle on an instant."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from twin.analyses.sun_course import DAY, Course
from ui.desk import Desk
from ui.theme import font

EDGE = 14
BAND = QRectF(0, 23, 0, 13)
"""Top and height of the band of day and night."""
CURVE = 21.0
"""Logical pixels over the band's foot that the highest sun of the axis takes."""
TICKS, BAR = 39.0, 62.0
LEAST_ALTITUDE = 25.0
"""Degrees that the curve's room stands for at least: winter stays low."""
ROOM = 46

KEYS = {
    Qt.Key.Key_Left: (-1, "step"), Qt.Key.Key_Right: (1, "step"), Qt.Key.Key_PageDown: (-1, "page"),
    Qt.Key.Key_PageUp: (1, "page"), Qt.Key.Key_Down: (-1, "day"), Qt.Key.Key_Up: (1, "day"),
    Qt.Key.Key_Home: (0, "rise"), Qt.Key.Key_End: (0, "set"),
}  # fmt: skip
"""What keys do: how many, of what."""
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
FINER = {CTRL: "minute", SHIFT: "hour"}
"""What left and right do with a key held."""
PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


def step_of(event: QKeyEvent) -> tuple[int, str] | None:
    """Return what a key does to the sun: how many, of what; None = nothing."""
    found = KEYS.get(Qt.Key(event.key()))
    if event.modifiers() in PLAIN or found is None:
        return found if event.modifiers() in PLAIN else None
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return (found[0], FINER[held]) if found[1] == "step" and held in FINER else None


class SunAxis(QWidget):
    """``on_move(instant)`` while the handle moves, ``on_step(count, page)`` for keys."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.course: Course | None = None
        self.at: np.datetime64 | None = None
        self.counted: tuple[np.datetime64, np.datetime64] | None = None
        self.words: dict[str, str] = {}
        self.on_move: Callable[[np.datetime64], None] = lambda at: None
        self.on_step: Callable[[int, str], None] = lambda count, what: None
        self.setFixedHeight(72)
        self.setMinimumWidth(180)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(desk.say("sun.axis"))
        self.setToolTip(desk.say("sun.axis_tip"))

    def show_course(
        self, course: Course | None, at: np.datetime64 | None,
        counted: tuple[np.datetime64, np.datetime64] | None, words: dict[str, str],
    ) -> None:  # fmt: skip
        """Show a course with the handle at an instant; ``words`` are rise, set, counted and whole."""
        self.course, self.at, self.counted, self.words = course, at, counted, words
        self.setAccessibleDescription(words.get("whole", ""))
        self.update()

    def _x(self, share: float) -> float:
        return EDGE + share * (self.width() - 2 * EDGE)

    def x_of(self, at: np.datetime64) -> float:
        """Return where an instant lies, logical pixels from the left."""
        return self._x(0.0 if self.course is None else self.course.share(at))

    # -- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint band, curve, ticks, counted hours and handle."""
        if self.course is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(11))
        self._band(painter, self.course)
        self._ticks(painter, self.course)
        if self.course.mode == DAY:
            self._ends(painter, self.course)
            self._counted(painter)
        self._handle(painter)
        painter.end()

    def _band(self, painter: QPainter, course: Course) -> None:
        theme = self.desk.theme
        left, right = self._x(0.0), self._x(1.0)
        painter.fillRect(QRectF(left, BAND.y(), right - left, BAND.height()), QColor(theme.line))
        sun = QColor(theme.caution_edge)
        hue = max(sun.hsvHueF(), 0.0)
        glow = QColor.fromHsvF(hue, 0.55, 0.45) if theme.dark else QColor.fromHsvF(hue, 0.45, 0.97)
        xs = self._x(0.0) + (right - left) * np.linspace(0.0, 1.0, len(course.altitude))
        up = course.altitude > 0
        turns = np.flatnonzero(np.diff(np.concatenate([[False], up, [False]]).astype(np.int8)))
        foot = BAND.y() + BAND.height()
        scale = CURVE / max(float(course.altitude.max()), LEAST_ALTITUDE)
        for first, last in turns.reshape(-1, 2).tolist():
            begin, end = float(xs[max(first - 1, 0)]), float(xs[min(last, len(xs) - 1)])
            painter.fillRect(QRectF(begin, BAND.y(), end - begin, BAND.height()), glow)
            part = slice(first, last)
            heights = foot - course.altitude[part] * scale * 1.45
            line = [
                QPointF(x, y) for x, y in zip(xs[part].tolist(), heights.tolist(), strict=True)
            ]
            painter.setPen(QPen(sun, 1.6))
            painter.drawPolyline(QPolygonF([QPointF(begin, foot), *line, QPointF(end, foot)]))

    def _ticks(self, painter: QPainter, course: Course) -> None:
        theme, metrics = self.desk.theme, QFontMetrics(font(11))
        room = (self.width() - 2 * EDGE) / max(len(course.ticks) - 1, 1)
        every = max(int(np.ceil(ROOM / max(room, 1.0))), 1)
        for number, (share, value) in enumerate(course.ticks):
            x = self._x(share)
            painter.setPen(QColor(theme.t3))
            painter.drawLine(QPointF(x, BAND.bottom()), QPointF(x, BAND.bottom() + 3))
            if number % every:
                continue
            day = course.mode == DAY
            text = f"{value:02d}:00" if day else self.desk.words.month(value)
            wide = metrics.horizontalAdvance(text)
            left = min(max(x - wide / 2, 0.0), self.width() - wide) if day else x + 3
            painter.drawText(QRectF(left, TICKS, wide + 1, 15), Qt.AlignmentFlag.AlignLeft, text)

    def _ends(self, painter: QPainter, course: Course) -> None:
        """Say when the sun rises and sets, left and right of the day."""
        metrics = QFontMetrics(font(11))
        painter.setPen(QColor(self.desk.theme.t2))
        for at, key, left in ((course.day.rise, "rise", True), (course.day.set, "set", False)):
            text = self.words.get(key, "")
            if at is None or not text:
                continue
            wide, x = metrics.horizontalAdvance(text), self.x_of(at)
            begin = x - wide - 5 if left else x + 5
            begin = min(max(begin, 0.0), self.width() - wide - 1)
            painter.drawText(QRectF(begin, 6, wide + 1, 15), Qt.AlignmentFlag.AlignLeft, text)
        if course.day.state != "rises" and self.words.get("state"):
            area = QRectF(EDGE, 4, self.width() - 2 * EDGE, 15)
            painter.drawText(area, Qt.AlignmentFlag.AlignHCenter, self.words["state"])

    def _counted(self, painter: QPainter) -> None:
        """Paint the hours that the rule counts, under the ticks."""
        if self.counted is None or self.course is None:
            return
        theme, metrics = self.desk.theme, QFontMetrics(font(11))
        begin, end = (self.x_of(at) for at in self.counted)
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.drawLine(QPointF(begin, BAR), QPointF(end, BAR))
        for x in (begin, end):
            painter.drawLine(QPointF(x, BAR - 4), QPointF(x, BAR + 4))
        text = self.words.get("counted", "")
        wide = metrics.horizontalAdvance(text)
        painter.setPen(QColor(theme.t2))
        spots = (end + 8, begin - wide - 8)
        fits = [x for x in spots if 0 <= x <= self.width() - wide]
        if fits:
            painter.drawText(
                QRectF(fits[0], BAR - 8, wide + 1, 15), Qt.AlignmentFlag.AlignLeft, text
            )

    def _handle(self, painter: QPainter) -> None:
        if self.at is None:
            return
        theme, x = self.desk.theme, self.x_of(self.at)
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.drawLine(QPointF(x, 4), QPointF(x, BAND.y()))
        painter.setBrush(QColor(theme.panel))
        painter.drawEllipse(QPointF(x, BAND.center().y()), 7, 7)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent_text), 2))
            painter.drawEllipse(QPointF(x, BAND.center().y()), 10.5, 10.5)

    # -- moving -------------------------------------------------------------------------------

    def _to(self, x: float) -> None:
        if self.course is not None:
            self.on_move(self.course.at((x - EDGE) / max(self.width() - 2 * EDGE, 1)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put the handle where the mouse is."""
        self._to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the handle."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._to(event.position().x())

    def event(self, event: QEvent) -> bool:
        """Have the keys of the axis before they are shortcuts of the window (Home flies to the city)."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and step_of(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right step, finer with Ctrl, by hours with Shift; up and down change the day, Home and End rise and set."""
        found = step_of(event)
        if found is None:
            super().keyPressEvent(event)
        else:
            self.on_step(*found)
