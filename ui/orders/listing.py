"""The orders as a table: sorted by any column, the same words as on the board."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    Qt,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from ui.desk import Desk
from ui.orders.facts import LANES, NEVER, Facts, urgency
from ui.panels.glyphs import paint_status
from ui.theme import font

COLUMNS = (
    "number", "state", "title", "objects", "custodian", "assignee", "district", "due", "late", "priority",
)  # fmt: skip
RIGHT = {"number", "objects", "due", "late", "priority"}
WIDTHS = {
    "number": 76, "state": 104, "objects": 76, "custodian": 170, "assignee": 150, "district": 120,
    "due": 104, "late": 76, "priority": 76,
}  # fmt: skip
GIVES_WAY = {"district": 1010, "assignee": 890, "priority": 740, "objects": 640, "custodian": 520}
"""Widths of the table below which a column is left out; exports have all."""
ROW = 26
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class OrderModel(QAbstractTableModel):
    """Orders as rows."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.shown: list[Facts] = []
        self.sort_by, self.descending = "due", False

    def show(self, orders: Iterable[Facts]) -> None:
        """Show these, sorted."""
        found = sorted(orders, key=urgency)
        if self.sort_by != "due" or self.descending:
            found.sort(key=lambda one: sort_key(one, self.sort_by), reverse=self.descending)
        self.beginResetModel()
        self.shown = found
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return the number of orders."""
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the title of a column."""
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                arrow = (" ↓" if self.descending else " ↑") if self._sorted(section) else ""
                return self.desk.say(f"orders_column.{COLUMNS[section]}") + arrow
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _side(COLUMNS[section])
        return None

    def _sorted(self, section: int) -> bool:
        return COLUMNS[section] == self.sort_by

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell as text."""
        one, name = self.shown[index.row()], COLUMNS[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.cell(one, name)
        return _side(name) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def cell(self, one: Facts, name: str) -> str:
        """Return the text of a cell."""
        words, order = self.desk.words, one.order
        cells: dict[str, Callable[[], str]] = {
            "number": lambda: one.number,
            "state": lambda: one.state,
            "title": lambda: one.title,
            "objects": lambda: words.count(len(order.objects)),
            "custodian": lambda: one.party,
            "assignee": lambda: one.assignee,
            "district": lambda: order.district,
            "due": lambda: words.table_date(order.due),
            "late": lambda: words.days(one.late) if one.late else "",
            "priority": lambda: f"{order.priority:.1f}" if order.priority else "",
        }
        return cells[name]()


def sort_key(one: Facts, name: str) -> Any:
    """Return what an order is sorted by in a column."""
    order = one.order
    if name in ("number", "priority"):
        return getattr(order, name)
    if name == "objects":
        return len(order.objects)
    if name == "late":
        return one.late
    if name == "state":
        return list(LANES).index(one.lane)
    if name == "due":
        due = order.due
        return NEVER if due is None or np.isnat(due) else due.astype("datetime64[ms]")
    texts = {"custodian": one.party, "assignee": one.assignee, "title": one.title}
    return texts.get(name, order.district).casefold()


def _side(name: str) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if name in RIGHT else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class OrderDelegate(QStyledItemDelegate):
    """Paints a cell: the number behind its glyph, what is late in the tone of stale, a line below."""

    def __init__(self, desk: Desk, model: OrderModel) -> None:
        super().__init__()
        self.desk, self.model = desk, model
        self.chosen: frozenset[str] = frozenset()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        box: QRect = option.rect
        theme = self.desk.theme
        one, name = self.model.shown[index.row()], COLUMNS[index.column()]
        if one.order.id in self.chosen:
            painter.fillRect(box, QColor(theme.selection))
        painter.setPen(QColor(theme.line))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        late = bool(one.late) and name in ("due", "late")
        nobody = name == "custodian" and not one.order.accountable
        ink = theme.t1 if name == "title" else theme.t2
        if late or nobody:
            ink = theme.status_text["stale"]
        if name == "number":
            paint_status(painter, QPointF(box.left() + 8, box.top() + 7), one.glyph, theme)
        painter.setFont(font(bold=name == "title"))
        painter.setPen(QColor(ink))
        room = box.adjusted(8, 0, -8, 0)
        text = painter.fontMetrics().elidedText(
            self.model.cell(one, name), Qt.TextElideMode.ElideRight, max(room.width(), 8)
        )
        painter.drawText(room, _side(name), text)


class OrderTable(QTableView):
    """The table; Return opens an order, columns follow the width."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.on_choose: Callable[[list[str]], None] = lambda orders: None
        self.on_open: Callable[[str], None] = lambda order: None
        self.orders = OrderModel(desk)
        self.cells = OrderDelegate(desk, self.orders)
        self._all: list[Facts] = []
        self._quiet = False
        self._build()

    def _build(self) -> None:
        self.setModel(self.orders)
        self.setItemDelegate(self.cells)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.desk.say("tab.orders"))
        heads = self.horizontalHeader()
        heads.setFixedHeight(27)
        heads.setHighlightSections(False)
        heads.setSectionsClickable(True)
        heads.setFont(font())
        heads.setSectionResizeMode(COLUMNS.index("title"), QHeaderView.ResizeMode.Stretch)
        heads.sectionClicked.connect(self._sort)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(ROW)
        rows.setDefaultSectionSize(ROW)
        self.selectionModel().selectionChanged.connect(lambda *_: self._chosen())
        self.doubleClicked.connect(lambda index: self._open(index.row()))

    def show_orders(self, orders: Iterable[Facts]) -> None:
        """Show these."""
        self._quiet = True
        self._all = list(orders)
        self.orders.show(self._all)
        self._quiet = False

    def mark(self, orders: Iterable[str]) -> None:
        """Mark these rows as chosen, and take the keyboard's place to the first."""
        self.cells.chosen = frozenset(orders)
        self._quiet = True
        for row, one in enumerate(self.orders.shown):
            if one.order.id in self.cells.chosen:
                flags = QItemSelectionModel.SelectionFlag
                index = self.orders.index(row, 0)
                self.selectionModel().setCurrentIndex(index, flags.NoUpdate)
                break
        self._quiet = False
        self.viewport().update()

    def reveal(self, order: str) -> None:
        """Bring a row into sight."""
        for row, one in enumerate(self.orders.shown):
            if one.order.id == order:
                self.scrollTo(self.orders.index(row, 0))

    def _sort(self, section: int) -> None:
        model, name = self.orders, COLUMNS[section]
        model.descending = not model.descending if model.sort_by == name else False
        model.sort_by = name
        model.show(self._all)

    def _chosen(self) -> None:
        if self._quiet:
            return
        rows = sorted({index.row() for index in self.selectionModel().selectedRows()})
        if rows:
            self.on_choose([self.orders.shown[row].order.id for row in rows])

    def _open(self, row: int) -> None:
        if 0 <= row < len(self.orders.shown):
            self.on_open(self.orders.shown[row].order.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open on Return; everything else as usual."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share out the width anew."""
        width = self.viewport().width()
        for number, name in enumerate(COLUMNS):
            self.setColumnHidden(number, width < GIVES_WAY.get(name, 0))
            if name in WIDTHS:
                self.setColumnWidth(number, WIDTHS[name])
        super().resizeEvent(event)
