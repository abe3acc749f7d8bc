"""Small tables of the panel "How often": alternatives, and custodians or districts five years ahead."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from ui.desk import Desk
from ui.theme import font

ROW, HEAD = 25, 27
PADDING = 20
FIRST = 118
"""Logical pixels that the first column has at least: others give way to it."""


class SmallTable(QTableWidget):
    """A few lines: the first column takes what room is left, those after the first ``left`` stand right.

    ``yields`` are columns that are left out, one after the other, where there is little room; exports
    have them all. ``on_choose(line)`` comes when another line is chosen, by mouse or keyboard.
    """

    def __init__(
        self, desk: Desk, name: str, head: Sequence[str], most: int = 9, left: int = 1,
        yields: Sequence[int] = (),
    ) -> None:  # fmt: skip
        super().__init__(0, len(head))
        self.desk, self.most, self.left, self.yields = desk, most, left, tuple(yields)
        self.head = list(head)
        self.widths = [0] * len(head)
        self.on_choose: Callable[[int], None] = lambda line: None
        self.setObjectName("mapping")  # lines between rows, as in the dialog of mappings
        self.setAccessibleName(name)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(ROW)
        self.verticalHeader().setDefaultSectionSize(ROW)
        top = self.horizontalHeader()
        top.setFixedHeight(HEAD)
        top.setHighlightSections(False)
        top.setMinimumSectionSize(36)
        for column, words in enumerate(head):
            item = QTableWidgetItem(words)
            item.setTextAlignment(self._side(column))
            item.setToolTip(words)
            self.setHorizontalHeaderItem(column, item)
        top.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.currentCellChanged.connect(self._chosen)

    def _side(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignLeft if column < self.left else Qt.AlignmentFlag.AlignRight
        return side | Qt.AlignmentFlag.AlignVCenter

    def _chosen(self, line: int, _column: int, before: int, _before: int) -> None:
        if line >= 0 and line != before:
            self.on_choose(line)

    def show_lines(
        self, lines: Sequence[Sequence[str]], chosen: int = -1, faint: Sequence[int] = (),
        bold: Sequence[int] = (),
    ) -> None:  # fmt: skip
        """Show other lines; ``chosen`` is the line that is down, ``faint`` ones are beside the point."""
        self.blockSignals(True)
        self.setRowCount(len(lines))
        for row, cells in enumerate(lines):
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setTextAlignment(self._side(column))
                item.setToolTip(text)
                if row in faint:
                    item.setForeground(QColor(self.desk.theme.t3))
                if row in bold:
                    item.setFont(font(bold=True))
                self.setItem(row, column, item)
        self._measure(lines)
        if 0 <= chosen < len(lines):
            self.setCurrentCell(chosen, 0)
        self.blockSignals(False)

    def cell(self, line: int, column: int) -> QTableWidgetItem:
        """Return a cell that is there."""
        found = self.item(line, column)
        assert found is not None
        return found

    def _measure(self, lines: Sequence[Sequence[str]]) -> None:
        """Make columns as wide as their words, and the table as high as its lines, up to ``most``."""
        metrics = QFontMetrics(font(bold=True))
        for column in range(self.columnCount()):
            texts = [self.head[column], *(row[column] for row in lines)]
            self.widths[column] = max(metrics.horizontalAdvance(x) for x in texts) + PADDING
            if column:
                self.setColumnWidth(column, self.widths[column])
        self.setFixedHeight(HEAD + 2 + ROW * max(min(len(lines), self.most), 1))
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave columns out, or take them in again."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        room = self.viewport().width() - min(FIRST, self.widths[0])
        needed = sum(self.widths[1:])
        gone = set()
        for column in self.yields:
            if needed <= room:
                break
            gone.add(column)
            needed -= self.widths[column]
        for column in self.yields:
            self.setColumnHidden(column, column in gone)
