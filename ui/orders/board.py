"""The board: a column a state, cards that are carried from one to the next."""

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QItemSelection, QModelIndex, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.desk import Desk
from ui.orders.cards import MIME, CardDelegate, LaneModel, Proposed
from ui.orders.facts import LANES, Facts, urgency
from ui.panels.parts import label

NARROWEST = 164
"""Logical pixels of a column below which the board scrolls sideways."""


class LaneView(QListView):
    """The cards of one column: Return opens, arrows to the sides go to the next column."""

    on_enter: Callable[[], None] = staticmethod(lambda: None)
    on_side: Callable[[int], None] = staticmethod(lambda step: None)
    on_drop: Callable[[list[str]], None] = staticmethod(lambda orders: None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open a card, or go to another column."""
        sides = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.on_enter()
        elif event.key() in sides:
            self.on_side(sides[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome cards of other columns."""
        self._welcome(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Welcome cards of other columns."""
        self._welcome(event)

    def _welcome(self, event: QDropEvent) -> None:
        if event.mimeData().hasFormat(MIME) and event.source() is not self:
            event.acceptProposedAction()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask for the move; the cards stay where they are until it is done."""
        said = bytes(event.mimeData().data(MIME).data()).decode()
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        self.on_drop([key for key in said.split(",") if key])


class Lane(QWidget):
    """One column: its name, its count, its cards."""

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__()
        self.desk, self.name = desk, name
        self.setObjectName("lane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(NARROWEST)
        self.model = LaneModel()
        self.cards = CardDelegate(desk, self.model)
        self.count = label("", "t3")
        title = desk.words.catalogue.text(f"orders.state.{name}")
        head = QHBoxLayout()
        head.setContentsMargins(10, 8, 10, 6)
        head.addWidget(label(title, bold=True))
        head.addStretch(1)
        head.addWidget(self.count)
        self.view = self._make_view(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.view, 1)

    def _make_view(self, title: str) -> LaneView:
        view = LaneView()
        view.setModel(self.model)
        view.setItemDelegate(self.cards)
        view.setObjectName("lane")
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setAccessibleName(title)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setDragEnabled(True)
        view.setAcceptDrops(True)
        view.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        view.setResizeMode(QListView.ResizeMode.Adjust)
        view.setMouseTracking(True)
        return view

    def show_cards(self, cards: list[Facts]) -> None:
        """Show these."""
        self.model.show(cards)
        self.count.setText(self.desk.words.count(len(cards)))

    def chosen(self) -> list[str]:
        """Return the ids of the chosen cards."""
        found = sorted(self.view.selectionModel().selectedIndexes(), key=QModelIndex.row)
        return [self.model.cards[index.row()].order.id for index in found]


class Board(QScrollArea):
    """All columns side by side."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.on_choose: Callable[[list[str]], None] = lambda orders: None
        self.on_open: Callable[[str], None] = lambda order: None
        self.on_move: Callable[[list[str], str], None] = lambda orders, state: None
        self.on_step: Callable[[str], None] = lambda order: None
        self.on_compare: Callable[[str], None] = lambda order: None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setObjectName("board")
        inner = QWidget()
        inner.setObjectName("board")
        row = QHBoxLayout(inner)
        row.setContentsMargins(10, 8, 10, 8)
        row.setSpacing(6)
        self.lanes = {name: self._lane(name) for name in LANES}
        for lane in self.lanes.values():
            row.addWidget(lane, 1)
        self.setWidget(inner)
        self._quiet = False

    def _lane(self, name: str) -> Lane:
        lane = Lane(self.desk, name)
        view = lane.view
        view.selectionModel().selectionChanged.connect(lambda now, _: self._chosen(lane, now))
        view.doubleClicked.connect(lambda _: self._open(lane))
        view.on_enter = lambda: self._open(lane)
        view.on_side = lambda step: self._go(name, step)
        view.on_drop = lambda orders: self.on_move(orders, name)
        lane.cards.on_step = lambda order: self.on_step(order)
        lane.cards.on_compare = lambda order: self.on_compare(order)
        return lane

    def show_orders(self, orders: Iterable[Facts], proposed: Mapping[str, Proposed]) -> None:
        """Show orders in their columns, the most urgent first."""
        sorted_ones = sorted(orders, key=urgency)
        self._quiet = True
        for name, lane in self.lanes.items():
            lane.cards.proposed = proposed
            lane.show_cards([one for one in sorted_ones if one.lane == name])
        self._quiet = False

    def mark(self, orders: Iterable[str]) -> None:
        """Mark these cards as chosen."""
        chosen = frozenset(orders)
        for lane in self.lanes.values():
            lane.cards.chosen = chosen
            lane.view.viewport().update()

    def reveal(self, order: str) -> None:
        """Bring a card into sight."""
        for lane in self.lanes.values():
            for row, one in enumerate(lane.model.cards):
                if one.order.id == order:
                    lane.view.scrollTo(lane.model.index(row))
                    self.ensureWidgetVisible(lane, 0, 0)

    def _chosen(self, lane: Lane, now: QItemSelection) -> None:
        if self._quiet or not now.indexes():
            return
        self._quiet = True
        for other in self.lanes.values():
            if other is not lane:
                other.view.clearSelection()
        self._quiet = False
        self.on_choose(lane.chosen())

    def _open(self, lane: Lane) -> None:
        for order in lane.chosen()[:1]:
            self.on_open(order)

    def _go(self, name: str, step: int) -> None:
        names = list(self.lanes)
        places = range(names.index(name) + step, len(names) if step > 0 else -1, step)
        for place in places:
            lane = self.lanes[names[place]]
            if lane.model.cards:
                lane.view.setFocus(Qt.FocusReason.OtherFocusReason)
                lane.view.setCurrentIndex(lane.model.index(0))
                self.ensureWidgetVisible(lane, 0, 0)
                return
