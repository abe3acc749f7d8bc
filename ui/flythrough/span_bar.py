"""The bar below a timeline: the whole route, and the part of it that is seen. Dragged to scroll, its ends to zoom."""

from dataclasses import replace

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.desk import Desk
from ui.flythrough.axis import LEAST_SPAN, ROOM
from ui.flythrough.timeline import Timeline

END = 7.0
"""Logical pixels at which the ends of the bar are taken."""


class SpanBar(QWidget):
    """Shows and changes which time the timeline shows."""

    def __init__(self, desk: Desk, timeline: Timeline) -> None:
        super().__init__()
        self.desk, self.timeline = desk, timeline
        self.setFixedHeight(16)
        self.setMinimumWidth(80)
        self.setAccessibleName(desk.say("flythrough.seen"))
        self.setToolTip(desk.say("flythrough.seen_tip"))
        self._part, self._at = "", 0.0

    @property
    def whole(self) -> float:
        """Return the seconds that the bar stands for."""
        return max(self.timeline.now.score.duration * ROOM, self.timeline.axis_.end, 1.0)

    def box(self) -> QRectF:
        """Return where the bar lies."""
        axis, wide = self.timeline.axis_, float(self.width())
        left, right = axis.start / self.whole * wide, axis.end / self.whole * wide
        return QRectF(left, 3, max(min(right, wide) - left, 12.0), self.height() - 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter, theme = QPainter(self), self.desk.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(QRectF(0, 3, self.width(), self.height() - 6), 3, 3)
        painter.setBrush(QColor(theme.line2))
        painter.drawRoundedRect(self.box(), 3, 3)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the bar or one of its ends; beside it, it jumps there."""
        x, box = event.position().x(), self.box()
        self._at = x
        if abs(x - box.right()) <= END:
            self._part = "end"
        elif abs(x - box.left()) <= END and box.left() > END:
            self._part = "start"
        else:
            self._part = "bar"
            if not box.contains(event.position()):
                self._move(x - box.center().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scroll or zoom."""
        if not self._part:
            return
        far, self._at = event.position().x() - self._at, event.position().x()
        axis, seconds = self.timeline.axis, far / max(self.width(), 1) * self.whole
        if self._part == "bar":
            self._move(far)
        elif self._part == "end":
            span = max(axis.span + seconds, LEAST_SPAN)
            self.timeline.set_axis(replace(axis, span=span))
        else:
            start = min(max(axis.start + seconds, 0.0), axis.end - LEAST_SPAN)
            self.timeline.set_axis(replace(axis, start=start, span=axis.end - start))

    def _move(self, pixels: float) -> None:
        seconds = pixels / max(self.width(), 1) * self.whole
        duration = self.timeline.now.score.duration
        self.timeline.set_axis(self.timeline.axis.scrolled(seconds, duration))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._part = ""
