"""What is done with work orders: raised, moved on, remarked on, found in the city."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol, TypeVar

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QFileDialog, QInputDialog, QMainWindow, QWidget

from twin.commands.orders import issued
from twin.errors import TwinError
from twin.judging import rules_of
from twin.maintenance.deliveries import layers_of, sources_of
from twin.maintenance.orders.parties import party_id
from twin.maintenance.orders.records import WorkOrder
from twin.proposals import AS_OLD
from ui.city_view import CityView
from ui.desk import Desk
from ui.orders.facts import facts_of, party_names
from ui.orders.merge_dialog import MergeDialog
from ui.orders.move_dialog import MoveDialog
from ui.orders.page import OrderPage
from ui.orders.panel import OrdersPanel
from ui.orders.pins import OrderPins
from ui.orders.proposing import AcceptDialog
from ui.orders.raise_dialog import RaiseDialog

W = TypeVar("W", bound=QWidget)
SHARE = 0.42
"""Share of the window's height that the board gets when it is first shown."""


class Shows(Protocol):
    """What the handlers need of the window."""

    def show_panel(self, name: str) -> None:
        """Show a tab of a dock."""


class OrderHandlers:
    """The functions behind the actions of orders, by name."""

    def __init__(self, desk: Desk, shell: Shows, view: CityView) -> None:
        self.desk, self.shell, self.view = desk, shell, view
        self.pins = OrderPins(desk, view)
        self._raised = False

    def table(self) -> Mapping[str, Callable[..., None]]:
        """Return name -> function."""
        return {
            "panel.orders": self.show,
            "orders.raise": self.raise_,
            "orders.chosen": self.chosen,
            "orders.choose": self.choose,
            "orders.open": self.open,
            "orders.move": self.move,
            "orders.note": self.note,
            "orders.accept": self.accept,
            "orders.merge": self.merge,
            "orders.compare": self.compare,
            "orders.fly": self.fly,
            "orders.pins": self.pins.show,
        }

    def panel(self, kind: type[W]) -> W | None:
        """Return the panel of a kind, as it stands now."""
        return next((x for x in reversed(self.desk.panels) if isinstance(x, kind)), None)

    @property
    def window(self) -> QWidget:
        """Return what dialogs belong to."""
        return self.view.widget().window()

    def show(self) -> None:
        """Show the board, and the pins over the city; the first time it gets nearly half of the window."""
        self.shell.show_panel("orders")
        self.pins.show(True)
        window, board = self.window, self.panel(OrdersPanel)
        if self._raised or not isinstance(window, QMainWindow) or board is None:
            return
        self._raised = True
        dock = next((x for x in window.findChildren(QDockWidget) if x.isAncestorOf(board)), None)
        tall = round(window.height() * SHARE)
        if dock is not None and not dock.isFloating() and dock.height() < tall:
            window.resizeDocks([dock], [tall], Qt.Orientation.Vertical)

    def found(self, orders: list[str]) -> list[WorkOrder]:
        """Return the orders that are still there."""
        kept = self.desk.session.twin.records["orders"]
        return [kept[key] for key in orders if key in kept]

    def _me(self) -> str:
        """Return the party as which a person acts: the last one said, else the one of the settings."""
        if not self.desk.acting and self.desk.session.settings.author:
            try:
                rules = rules_of(self.desk.session.twin)
                self.desk.acting = party_id(rules, self.desk.session.settings.author)
            except TwinError:  # the author of the journal need not be a party
                return ""
        return self.desk.acting

    # -- doing --------------------------------------------------------------------------------

    def raise_(self) -> None:
        """Ask for what, and raise orders as one step."""
        self._me()
        dialog = RaiseDialog(self.desk, self.window)
        if not dialog.exec() or dialog.raised is None or dialog.asking is None:
            return
        wish = dialog.asking.wish
        self.desk.acting = wish.by or self.desk.acting
        edit = issued(dialog.raised, wish.by, wish.note)
        try:
            self.desk.session.do("orders.issue", edit)
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return
        count = self.desk.words.count(len(dialog.raised.new))
        self.desk.tell(self.desk.say("orders_panel.raised", count=count), "undo")
        self.show()

    def move(self, orders: list[str], state: str) -> None:
        """Ask for what a step needs, and make it."""
        found = [
            order for order in self.found(orders) if order.state != state or state == "assigned"
        ]
        if not found:
            return
        self._me()
        dialog = MoveDialog(self.desk, found, state, self.window)
        if dialog.exec():
            said = dialog.arguments()
            self.desk.acting = said["by"]
            self._run("orders.move", said, found)

    def _run(self, name: str, said: Mapping[str, str], orders: list[WorkOrder]) -> None:
        if not self.desk.run(name, **said):
            return
        first = self.desk.session.twin.records["orders"].get(orders[0].id)
        if first is None:
            return
        names = party_names(self.desk.session.twin)
        facts = facts_of(first, names, self.desk.words, self.desk.session.at)
        text = self.desk.say("orders_panel.moved", order=facts.number, state=facts.state)
        self.desk.tell(text, "undo")

    def note(self, order: str) -> None:
        """Ask for a remark and keep it in the order's history."""
        found = self.found([order])
        if not found:
            return
        title = self.desk.say("orders_panel.note")
        words, well = QInputDialog.getText(
            self.window, title, self.desk.say("orders_panel.note_words")
        )
        if well and words.strip():
            self.desk.run("orders.note", order=order, note=words.strip(), by=self._me())

    def accept(self, order: str) -> None:
        """Ask who accepts what a delivery proposes, and do it: one step that can be undone."""
        board, found = self.panel(OrdersPanel), self.found([order])
        proposal = None if board is None else board.watch.found.get(order)
        if board is None or proposal is None or not found:
            return
        self._me()
        dialog = AcceptDialog(self.desk, found[0], proposal, board.watch, self.window)
        if dialog.exec():
            said = dialog.arguments()
            self.desk.acting = said["by"]
            self._run("orders.accept", said, found)

    def merge(self, path: str = "") -> None:
        """Ask for a pack that came back, show what it changes, and take it in."""
        if not path:
            title = self.desk.say("action.orders.merge")
            path, _ = QFileDialog.getOpenFileName(self.window, title, "", "ZIP (*.zip)")
        if path:
            self._me()
            dialog = MergeDialog(self.desk, path, self.window)
            if dialog.exec():
                dialog.perform()

    def compare(self, order: str) -> None:
        """Open the delivery that an order was raised on beside the current one, to be compared."""
        board = self.panel(OrdersPanel)
        proposal = None if board is None else board.watch.found.get(order)
        if proposal is None:
            return
        twin = self.desk.session.twin
        for key, dataset in twin.records["datasets"].items():
            old = next((x for x in dataset.deliveries if x.id == proposal.base), None)
            shown = layers_of(twin, key)
            if old is None or not shown:
                continue
            for path in sources_of(old):
                title = self.desk.say("orders_panel.before", title=shown[0].title)
                ref = replace(
                    shown[0].source,
                    path=path,
                    sha256="",
                    uid="",
                    title=title,
                    dataset=f"{key}{AS_OLD}",
                )
                self.desk.session.open(path, ref)
        self.fly(order)
        self.shell.show_panel("differences")

    # -- finding ------------------------------------------------------------------------------

    def chosen(self, orders: list[str]) -> None:
        """Select the objects of chosen orders in the city, and tell the first on its page."""
        rows: dict[str, list[np.ndarray]] = {}
        for order in self.found(orders):
            for key, some in self.pins.places.rows_of(order).items():
                rows.setdefault(key, []).append(some)
        self.desk.choose(
            {key: np.unique(np.concatenate(some)).astype(np.int32) for key, some in rows.items()}
        )
        page = self.panel(OrderPage)
        if page is not None and orders:
            page.show_order(orders[0])
        self.pins.mark(orders)
        self.pins.show(True)

    def choose(self, orders: list[str]) -> None:
        """Choose orders on the board, as if they were clicked."""
        board = self.panel(OrdersPanel)
        if board is not None:
            board.reveal(orders[0])
            board.choose(orders)

    def open(self, order: str) -> None:
        """Show the page of an order, and fly to its objects."""
        page = self.panel(OrderPage)
        if page is None or not self.found([order]):
            return
        page.show_order(order)
        self.shell.show_panel("order")
        board = self.panel(OrdersPanel)
        if board is not None and order not in board.chosen:
            board.reveal(order)

    def fly(self, order: str) -> None:
        """Select the objects of an order and fly to them."""
        self.chosen([order])
        if self.desk.session.selected:
            self.desk.act("view.fit")
        else:
            self.desk.tell(self.desk.say("orders_panel.nowhere"), "info")


def order_table(desk: Desk, shell: Shows, view: CityView) -> Mapping[str, Callable[..., None]]:
    """Return the functions of orders by action name."""
    return OrderHandlers(desk, shell, view).table()
