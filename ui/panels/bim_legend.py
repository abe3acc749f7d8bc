"""What the colours of the bars mean: a line, or two where there is little room."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from twin.maintenance.bim.method import PARTS
from ui.desk import Desk
from ui.panels.bim_rows import PART_COLORS
from ui.theme import font

SWATCH, GAP, LINE = 8, 12, 18


class PartLegend(QWidget):
    """The parts of a score with their colours."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        words = desk.words.catalogue
        self.texts = [words.text(f"bim.part.{part}") for part in PARTS]
        self.setAccessibleName(", ".join(self.texts))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the room of one line at least."""
        return QSize(120, LINE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many lines as it needs."""
        self.setFixedHeight(LINE * (1 + max(row for _, row in self._places())))
        super().resizeEvent(event)

    def _places(self) -> list[tuple[float, int]]:
        metrics = QFontMetrics(font(11))
        found, x, row = [], 0.0, 0
        for text in self.texts:
            wide = SWATCH + 5 + metrics.horizontalAdvance(text)
            if x and x + wide > self.width():
                x, row = 0.0, row + 1
            found.append((x, row))
            x += wide + GAP
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint swatches and words."""
        painter, theme = QPainter(self), self.desk.theme
        painter.setFont(font(11))
        for text, color, (x, row) in zip(self.texts, PART_COLORS, self._places(), strict=True):
            top = row * LINE
            painter.fillRect(QRectF(x, top + (LINE - SWATCH) / 2, SWATCH, SWATCH), QColor(color))
            painter.setPen(QColor(theme.t2))
            room = QRectF(x + SWATCH + 5, top, 300, LINE)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()
