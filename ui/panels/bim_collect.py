"""What must be known first: buildings whose interval holds the lowest score, with what they lack."""

from collections.abc import Callable

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from twin.maintenance.bim.answers import Answer
from ui.bim_question import BimQuestion
from ui.panels.glyphs import paint_status
from ui.theme import font
from ui.wording import DASH

MOST = 2
ROW = 44


class CollectRows(QWidget):
    """The first of them: glyph, name, what is missing, the interval and where the lowest score cuts it."""

    def __init__(self, question: BimQuestion) -> None:
        super().__init__()
        self.question, self.desk = question, question.desk
        self.found: Answer | None = None
        self.rows: list[int] = []
        self.on_choose: Callable[[int], None] = lambda row: None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_answer(self, found: Answer | None = None) -> None:
        """Show another answer."""
        self.found = found
        aside = [] if found is None else found.choice.collect
        self.rows = (
            [] if found is None else sorted(aside, key=lambda row: -found.scores.high[row])[:MOST]
        )
        self.setFixedHeight(ROW * len(self.rows))
        self.setVisible(bool(self.rows))
        self.update()

    def lacks(self, row: int) -> str:
        """Return the words for what a building lacks."""
        if self.found is None:
            return ""
        words = self.desk.words.catalogue
        names = [words.text(f"bim.column.{name}") for name in self.found.found.missing(row)]
        mark = "、" if words.language == "zh" else ", "
        return words.text("bim.missing", columns=mark.join(names))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows."""
        painter = QPainter(self)
        for place, row in enumerate(self.rows):
            self._row(painter, QRect(0, place * ROW, self.width(), ROW), row)
        painter.end()

    def _row(self, painter: QPainter, box: QRect, row: int) -> None:
        found, theme = self.found, self.desk.theme
        assert found is not None
        line = QRect(box.left(), box.top(), box.width(), 22)
        paint_status(painter, QRectF(0.5, line.top() + 5, 12, 12).topLeft(), "unknown", theme)
        low, high = float(found.scores.low[row]), float(found.scores.high[row])
        span = f"{low:.1f}{DASH}{high:.1f}"
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font())
        painter.setPen(QColor(theme.t1))
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, span)
        room = line.adjusted(20, 0, -painter.fontMetrics().horizontalAdvance(span) - 10, 0)
        painter.setFont(font(bold=True))
        metrics = painter.fontMetrics()
        name = metrics.elidedText(
            self.question.title(row), Qt.TextElideMode.ElideRight, room.width() * 55 // 100
        )
        painter.drawText(room, middle, name)
        rest = room.adjusted(metrics.horizontalAdvance(name) + 10, 0, 0, 0)
        painter.setFont(font())
        painter.setPen(QColor(theme.t2))
        lacks = painter.fontMetrics().elidedText(
            self.lacks(row), Qt.TextElideMode.ElideRight, max(rest.width(), 8)
        )
        painter.drawText(rest, middle, lacks)
        self._interval(painter, box, (low, high))

    def _interval(self, painter: QPainter, box: QRect, span: tuple[float, float]) -> None:
        theme, found = self.desk.theme, self.found
        assert found is not None
        scale, middle = box.width() / 100.0, box.top() + 31.5
        painter.setPen(QPen(QColor(theme.line2), 1))
        painter.drawLine(0, int(middle), box.width(), int(middle))
        painter.setBrush(QColor(theme.raised))
        painter.drawRect(QRectF(span[0] * scale, middle - 4, (span[1] - span[0]) * scale, 8))
        dashed = QPen(QColor(theme.t1), 1, Qt.PenStyle.CustomDashLine)
        dashed.setDashPattern([2, 2])
        painter.setPen(dashed)
        at = int(found.question.min_score * scale)
        painter.drawLine(at, int(middle) - 7, at, int(middle) + 7)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a building."""
        place = int(event.position().y()) // ROW
        if 0 <= place < len(self.rows):
            self.on_choose(self.rows[place])
