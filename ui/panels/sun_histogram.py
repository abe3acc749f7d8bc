"""The painted histogram of sun hours: how many objects get how many hours, before and after."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui.desk import Desk
from ui.panels.charts import marks
from ui.theme import font

HEIGHT, TOP, FOOT, LEFT = 148, 18, 40, 34
Counts = Sequence[int]
AMBER = (224, 160, 48)
"""Objects below the rule, here and in the view."""


class SunHistogram(QWidget):
    """Classes of an hour; those below the rule are amber, the rule is a dashed line with its words."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.after: Counts = ()
        self.before: Counts = ()
        self.required = 0.0
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName(desk.say("sun.histogram"))

    def show_counts(self, after: Counts, before: Counts, required: float) -> None:
        """Show the objects of each hour; ``before`` () = there is one state alone."""
        last = max((n for n, x in enumerate((*after,)) if x), default=0)
        last = max(last, max((n for n, x in enumerate((*before,)) if x), default=0), int(required))
        self.after, self.before, self.required = after[: last + 2], before[: last + 2], required
        told = [
            self.desk.say("sun.bin", low=n, high=n + 1, count=x) for n, x in enumerate(self.after)
        ]
        self.setAccessibleDescription(", ".join(told))
        self.setToolTip("\n".join(told))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint axis, columns, the rule and the legend."""
        if not self.after:
            return
        painter = QPainter(self)
        painter.setFont(font(11))
        area = QRectF(LEFT, TOP, self.width() - LEFT - 8, self.height() - TOP - FOOT)
        top = max(*self.after, *(self.before or (0,)), 1)
        self._axis(painter, area, top)
        wide = area.width() / len(self.after)
        for number in range(len(self.after)):
            self._columns(
                painter,
                QRectF(area.left() + number * wide, area.top(), wide, area.height()),
                number,
                top,
            )
        self._rule(painter, area, wide)
        self._legend(painter, area)
        painter.end()

    def _axis(self, painter: QPainter, area: QRectF, top: int) -> None:
        theme = self.desk.theme
        for count in sorted({0, *(round(share * top) for share in marks(top))}):
            y = area.bottom() - area.height() * count / top
            painter.setPen(QColor(theme.line))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(theme.t3))
            box = QRectF(0, y - 8, LEFT - 6, 16)
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, flags, self.desk.words.count(count))

    def _columns(self, painter: QPainter, box: QRectF, number: int, top: int) -> None:
        theme = self.desk.theme
        low = number + 1 <= self.required + 1e-9
        amber, teal = QColor(*AMBER), QColor(theme.accent)
        shown = [(self.after[number], amber if low else teal)]
        if self.before:
            shown.insert(0, (self.before[number], QColor(theme.line2)))
        width = min(box.width() * 0.36, 22.0)
        left = box.center().x() - width * len(shown) / 2
        for place, (count, color) in enumerate(shown):
            high = box.height() * count / top
            painter.fillRect(
                QRectF(left + place * width, box.bottom() - high, width - 1, high), color
            )
        painter.setPen(QColor(theme.t3))
        text = f"{number}–{number + 1}"
        metrics = QFontMetrics(font(11))
        if metrics.horizontalAdvance(text) + 4 > box.width():
            text = str(number)
        painter.drawText(
            QRectF(box.left(), box.bottom() + 3, box.width(), 15),
            Qt.AlignmentFlag.AlignCenter,
            text,
        )

    def _rule(self, painter: QPainter, area: QRectF, wide: float) -> None:
        if not 0 < self.required <= len(self.after):
            return
        theme, x = self.desk.theme, area.left() + self.required * wide
        pen = QPen(QColor(theme.t1), 1)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(QPointF(x, TOP - 14), QPointF(x, area.bottom()))
        text = self.desk.say("sun.required_mark", hours=f"{self.required:g}")
        room = QFontMetrics(font(11)).horizontalAdvance(text)
        left = x + 4 if x + 4 + room < self.width() else x - 4 - room
        painter.drawText(QRectF(left, TOP - 16, room + 2, 15), Qt.AlignmentFlag.AlignLeft, text)

    def _legend(self, painter: QPainter, area: QRectF) -> None:
        theme, say = self.desk.theme, self.desk.say
        metrics, x, y = QFontMetrics(font(11)), float(LEFT), self.height() - 14.0
        told = [("sun.now_state" if self.before else "sun.objects_count", QColor(theme.accent))]
        if self.before:
            told.insert(0, ("sun.before_state", QColor(theme.line2)))
        for key, color in told:
            painter.fillRect(QRectF(x, y, 9, 9), color)
            painter.setPen(QColor(theme.t2))
            text = say(key)
            painter.drawText(QRectF(x + 14, y - 4, 200, 16), Qt.AlignmentFlag.AlignLeft, text)
            x += 14 + metrics.horizontalAdvance(text) + 14
        painter.setPen(QColor(theme.t2))
        flags = Qt.AlignmentFlag.AlignRight
        painter.drawText(
            QRectF(x, y - 4, max(area.right() - x, 0), 16), flags, say("sun.hours_axis")
        )
