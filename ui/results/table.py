"""A sheet of a result as a table: sorted by a click on a head, copied, its objects found in the view."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from twin.analyses.findings import Sheet
from twin.analyses.wording import titled
from ui.desk import Desk
from ui.panels.parts import copy_text
from ui.results.words import number
from ui.theme import font

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
ROW, HEAD, MOST = 26, 27, 12
LEAST, WIDEST, PAD = 56, 168, 22
LAST = ("kind", "layer", "x", "y", "z")
"""Columns that stand at the right of the numbers that answer: class, layer and where."""
NAMES = 92
"""Logical pixels at most of columns of words beside columns of numbers: the numbers are the answer."""


class SheetModel(QAbstractTableModel):
    """The rows of a sheet in an order."""

    def __init__(self, desk: Desk, sheet: Sheet) -> None:
        super().__init__()
        self.desk, self.sheet = desk, sheet
        self.order = list(range(len(sheet.rows)))
        words = desk.words.catalogue
        pairs = zip(sheet.columns, sheet.units, strict=True)
        self.heads = [titled("column", code, words, unit) for code, unit in pairs]
        self.numeric = [
            any(isinstance(row[k], int | float) for row in sheet.rows[:200])
            for k in range(len(sheet.columns))
        ]

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.heads)

    def cell(self, row: int, column: int) -> Any:
        """Return a plain value."""
        return self.sheet.rows[self.order[row]][column]

    def text(self, row: int, column: int) -> str:
        """Return a cell as read, without its unit: the head has it."""
        cell = self.cell(row, column)
        if self.sheet.columns[column] == "kind":
            return self.desk.kind(str(cell))
        return number(self.desk, cell, measured=bool(self.sheet.units[column]))

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the title of a column."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.heads[section]
        return self._side(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._side(index.column())
        return None

    def _side(self, column: int) -> Qt.AlignmentFlag:
        right = self.numeric[column]
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def says_nothing(self, column: int) -> bool:
        """Return whether all rows have the same word there: the view leaves such a column out, copies have it."""
        cells = {row[column] for row in self.sheet.rows}
        return not self.numeric[column] and len(self.sheet.rows) > 1 and len(cells) == 1

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; missing values come last either way. -1 = as answered."""
        self.layoutAboutToBeChanged.emit()
        rows = range(len(self.sheet.rows))
        if column < 0:
            self.order = list(rows)
        else:
            cells = [self.sheet.rows[k][column] for k in rows]
            known = [k for k in rows if cells[k] is not None]
            numbers = self.numeric[column]
            known.sort(
                key=lambda k: (
                    (0.0 if isinstance(cells[k], str) else cells[k]) if numbers else str(cells[k])
                ),
                reverse=order == Qt.SortOrder.DescendingOrder,
            )
            self.order = [*known, *(k for k in rows if cells[k] is None)]
        self.layoutChanged.emit()

    def objects(self, rows: Sequence[int]) -> list[tuple[str, str]]:
        """Return the objects behind rows as (layer id, object id)."""
        named = self.sheet.objects
        return [named[self.order[row]] for row in rows] if named else []


class SheetTable(QTableView):
    """The table; ``on_choose`` is told the objects of the chosen rows, ``on_fly`` when one is to be seen."""

    def __init__(self, desk: Desk, sheet: Sheet) -> None:
        super().__init__()
        self.desk = desk
        self.rows = SheetModel(desk, sheet)
        self.on_choose: Callable[[list[tuple[str, str]]], None] = lambda objects: None
        self.on_fly: Callable[[], None] = lambda: None
        self.setModel(self.rows)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setStyleSheet("QTableView::item { padding: 0 6px; }")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setAccessibleName(titled("sheet", sheet.name, desk.words.catalogue))
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        self._dress(self.horizontalHeader())
        self.setFixedHeight(HEAD + 2 + ROW * max(1, min(MOST, len(sheet.rows))) + 14)
        self.selectionModel().selectionChanged.connect(lambda *_: self._chosen())
        self.doubleClicked.connect(lambda _: self.on_fly())

    def _dress(self, head: QHeaderView) -> None:
        head.setFixedHeight(HEAD)
        head.setHighlightSections(False)
        head.setSectionsClickable(True)
        head.setSortIndicatorShown(True)
        head.setSortIndicatorClearable(True)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.sortIndicatorChanged.connect(self.rows.sort)
        for code in LAST:  # the numbers are the answer
            if code in self.rows.sheet.columns and any(self.rows.numeric):
                head.moveSection(
                    head.visualIndex(self.rows.sheet.columns.index(code)), head.count() - 1
                )
        metrics = QFontMetrics(font(12, bold=True))
        shown = range(min(40, self.rows.rowCount()))
        most = NAMES if any(self.rows.numeric) else WIDEST
        for column, title in enumerate(self.rows.heads):
            texts = [title, *(self.rows.text(row, column) for row in shown)]
            wide = max(metrics.horizontalAdvance(text) for text in texts) + PAD
            widest = WIDEST if self.rows.numeric[column] else most
            head.resizeSection(column, max(LEAST, min(widest, wide)))
            self.setColumnHidden(column, column > 0 and self.rows.says_nothing(column))

    def chosen_rows(self) -> list[int]:
        """Return the selected rows, as they stand."""
        return sorted({index.row() for index in self.selectionModel().selectedRows()})

    def _chosen(self) -> None:
        self.on_choose(self.rows.objects(self.chosen_rows()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy what is selected (all without a selection), or fly there."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.on_fly()
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """Copy rows with their head, as a spreadsheet takes them."""
        rows = self.chosen_rows() or list(range(self.rows.rowCount()))
        lines = ["\t".join(self.rows.heads)]
        for row in rows:
            cells = (self.rows.cell(row, k) for k in range(len(self.rows.heads)))
            lines.append("\t".join("" if cell is None else str(cell) for cell in cells))
        copy_text("\n".join(lines))
        self.desk.tell(
            self.desk.say("results.copied", count=self.desk.words.count(len(rows))), "info"
        )
