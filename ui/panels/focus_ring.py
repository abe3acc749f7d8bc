"""The ring round what has the keyboard, for widgets that paint themselves: seen on keyboard focus only."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QScrollArea, QTableView, QWidget

BY_KEYS = frozenset(
    {
        Qt.FocusReason.TabFocusReason,
        Qt.FocusReason.BacktabFocusReason,
        Qt.FocusReason.ShortcutFocusReason,
    }
)
"""Reasons that a click does not have: a person who points sees where it went."""
WIDE, ROUND = 2.0, 5.0


class FocusRing(QWidget):
    """Lies over a widget, lets every click through, and is seen while the widget has the keyboard."""

    def __init__(self, around: QWidget, color: str) -> None:
        super().__init__(around)
        self.around, self.color = around, color
        self.setObjectName("focusring")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        around.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the keyboard, and the size of what lies below."""
        kind = event.type()
        if kind == QEvent.Type.FocusIn and isinstance(event, QFocusEvent):
            self.setGeometry(self.around.rect())
            self.setVisible(event.reason() in BY_KEYS)
            self.raise_()
        elif kind == QEvent.Type.FocusOut:
            self.hide()
        elif kind == QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self.around.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ring inside of the edge."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.color), WIDE))
        inner = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(inner, ROUND, ROUND)
        painter.end()


def walkable(page: QWidget, title: str, color: str) -> None:
    """Let the Tab key go through a page: tables keep it not (arrows go from cell to cell), scrolled parts show it."""
    tables, areas = page.findChildren(QTableView), page.findChildren(QScrollArea)
    for table in [*tables, *([page] if isinstance(page, QTableView) else [])]:
        table.setTabKeyNavigation(False)
    for area in [*areas, *([page] if isinstance(page, QScrollArea) else [])]:
        if not area.accessibleName():
            area.setAccessibleName(title)
        FocusRing(area, color)
