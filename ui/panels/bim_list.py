"""The table of ranked buildings with its keys and clicks: Space ticks, Return flies there, F2 enters data."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QSignalBlocker, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from ui.panels.bim_rows import COLLECT, COLUMNS, BimCells, BimModel

ROW = 26
TICK, SCORE, INTERVAL, COST = 36, 50, 76, 58
NARROW = 360
"""Logical pixels of width below which there is no room for everything."""
LEAST = 170
KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2)
OnRow = Callable[[int], None]


class BimList(QTableView):
    """Tells by candidate: ``on_tick``, ``on_choose``, ``on_fly``, ``on_enter``, and ``on_menu`` with a place on the screen."""

    def __init__(self, model: BimModel) -> None:
        super().__init__()
        self.buildings = model
        self.on_tick: OnRow = lambda row: None
        self.on_choose: OnRow = lambda row: None
        self.on_fly: OnRow = lambda row: None
        self.on_enter: OnRow = lambda row: None
        self.on_menu: Callable[[int, QPoint], None] = lambda row, at: None
        self.setModel(model)
        self.setItemDelegate(BimCells(model.desk, model))
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAccessibleName(model.desk.say("tab.bim"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setMinimumHeight(LEAST)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        head = self.horizontalHeader()
        head.setFixedHeight(27)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setMinimumSectionSize(24)
        head.setSectionsClickable(False)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.clicked.connect(lambda index: self._clicked(index.row(), index.column()))
        self.doubleClicked.connect(lambda index: self._twice(index.row(), index.column()))

    def row_at(self, position: int) -> int:
        """Return the candidate of a line, -1 for none."""
        rows = self.buildings.rows
        return rows[position] if 0 <= position < len(rows) else -1

    @property
    def marked(self) -> int:
        """Return the candidate of the selected line, -1 for none."""
        found = self.selectionModel().selectedRows()
        return self.row_at(found[0].row()) if found else -1

    def mark(self, row: int) -> None:
        """Select the line of a candidate without telling; -1 or one that is not listed selects none."""
        with QSignalBlocker(self.selectionModel()):
            self.clearSelection()
        if row >= 0 and row in self.buildings.rows:
            position = self.buildings.rows.index(row)
            self.selectRow(position)
            self.scrollTo(self.buildings.index(position, 1))
        self.viewport().update()

    def fit(self) -> None:
        """Give the names what the others leave; an interval is wider than a score, and then no cost counts."""
        narrow = self.width() < NARROW
        wide = self.buildings.intervals or self.buildings.mode == COLLECT
        self.setColumnWidth(0, TICK - 4 if narrow else TICK)
        share = 28 if narrow else 34
        self.setColumnWidth(COLUMNS.index("parts"), max(self.width() * share // 100, 90))
        self.setColumnWidth(COLUMNS.index("score"), INTERVAL if wide else SCORE)
        self.setColumnWidth(COLUMNS.index("cost"), COST)
        self.setColumnHidden(COLUMNS.index("cost"), wide and narrow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the columns."""
        self.fit()
        super().resizeEvent(event)

    def _clicked(self, position: int, column: int) -> None:
        row = self.row_at(position)
        if row >= 0:
            (self.on_tick if COLUMNS[column] == "tick" else self.on_choose)(row)

    def _twice(self, position: int, column: int) -> None:
        row = self.row_at(position)
        if row >= 0 and COLUMNS[column] != "tick":
            self.on_fly(row)

    def _menu(self, point: QPoint) -> None:
        row = self.row_at(self.indexAt(point).row())
        if row >= 0:
            self.on_menu(row, self.viewport().mapToGlobal(point))

    def event(self, event: QEvent) -> bool:
        """Keep the keys of the table from the window's own shortcuts."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in KEYS
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what a key is for."""
        row = self.row_at(self.currentIndex().row())
        if row < 0 or event.key() not in KEYS:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Space:
            self.on_tick(row)
        elif event.key() == Qt.Key.Key_F2:
            self.on_enter(row)
        else:
            self.on_fly(row)
