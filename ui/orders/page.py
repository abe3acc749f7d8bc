"""The page of one order: what it is about, whose it is, until when, what happened; its next steps below."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.maintenance.orders.due import LEVELS, escalation, level
from twin.maintenance.orders.records import Transition, WorkOrder
from twin.maintenance.orders.states import MOVES, is_open
from twin.maintenance.orders.wording import reason_word, state_word
from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.orders.facts import Facts, facts_of, party_names
from ui.panels.parts import Elided, copy_text, icon_button, label
from ui.panels.sheet import Sheet
from ui.panels.sheet_items import Field, Heading, Item, Link, Note

MOST_OBJECTS = 200
"""Objects that the page lists; exports have all."""
FIRST = {
    "raised": "assigned", "assigned": "in_progress", "in_progress": "delivered", "delivered": "verified",
    "rejected": "in_progress", "verified": "closed", "reopened": "assigned",
}  # fmt: skip
"""State -> the step that is offered first."""


class OrderPage(Panel):
    """Shows the order with the id ``order``; without one it says how to get there."""

    watches = frozenset({Aspect.RECORDS, Aspect.ORDERS, Aspect.LAYERS, Aspect.INSTANTS})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.order = ""
        self.title = Elided(pixels=15, bold=True)
        self.under = label("", "t2", wrap=True)
        self.sheet = Sheet(desk.theme)
        self.sheet.wraps = True
        self.sheet.on_copy = self._copied
        self.next = QPushButton("")
        self.next.hide()  # until an order is shown, and says what comes next
        self.next.setProperty("primary", True)
        self.next.clicked.connect(lambda: self._move(self._first()))
        self.others = QToolButton()
        self.others.setText(desk.say("orders_panel.more"))
        self.others.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.others)
        self.others.setMenu(self.menu)
        self.note = QPushButton(desk.say("orders_panel.note"))
        self.note.clicked.connect(lambda: self.desk.act("orders.note", self.order))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head())
        column.addWidget(self._pane(), 1)
        column.addWidget(self._foot())
        self.refresh(self.watches)

    def _head(self) -> QVBoxLayout:
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        fly = icon_button(self.desk, "fit", self.desk.say("orders_panel.fly"))
        fly.clicked.connect(lambda: self.desk.act("orders.fly", self.order))
        copy = icon_button(self.desk, "copy", self.desk.say("orders_panel.copy_order"))
        copy.clicked.connect(self.copy)
        for button in (fly, copy):
            top.addWidget(button)
        head = QVBoxLayout()
        head.setContentsMargins(14, 10, 10, 8)
        head.setSpacing(3)
        head.addLayout(top)
        head.addWidget(self.under)
        return head

    def _pane(self) -> QScrollArea:
        pane = QScrollArea()
        pane.setObjectName("panel")
        pane.setWidgetResizable(True)
        pane.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        holder = QWidget()
        holder.setObjectName("panel")
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.sheet)
        inner.addStretch(1)
        pane.setWidget(holder)
        self.sheet.on_reach = lambda y: pane.ensureVisible(0, y, 0, 40)
        return pane

    def _foot(self) -> QWidget:
        foot = QWidget()
        foot.setObjectName("footer")
        row = QHBoxLayout(foot)
        row.setContentsMargins(14, 8, 10, 8)
        row.setSpacing(8)
        for part in (self.next, self.note):
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self.others)
        self.foot = foot
        return foot

    # -- showing ------------------------------------------------------------------------------

    def found(self) -> WorkOrder | None:
        """Return the order that is shown."""
        order: WorkOrder | None = self.desk.session.twin.records["orders"].get(self.order)
        return order

    def show_order(self, order: str) -> None:
        """Show another order."""
        self.order = order
        self.refresh(self.watches)

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the order again."""
        order = self.found()
        self.foot.setVisible(order is not None)
        if order is None:
            self.title.show_text(self.desk.say("orders_panel.none"))
            self.under.setText(self.desk.say("orders_panel.none_words"))
            self.sheet.show_items([])
            return
        twin = self.desk.session.twin
        facts = facts_of(order, party_names(twin), self.desk.words, self.desk.session.at)
        self.title.show_text(f"{facts.number}  {facts.title}")
        self.under.setText(f"{facts.state}  ·  {facts.when}")
        self.sheet.show_items(self._items(order, facts))
        self._steps(order)

    def _items(self, order: WorkOrder, facts: Facts) -> list[Item]:
        say, words = self.desk.say, self.desk.words
        fields = [
            ("reason", reason_word(order.reason, words.language), order.policy),
            ("custodian", facts.party, ""),
            ("assignee", facts.assignee, ""),
            ("district", order.district, ""),
            ("due", words.date(order.due) if order.due is not None else "", ""),
            ("priority", f"{order.priority:.1f}" if order.priority else "", ""),
            ("delivery", order.delivery, ""),
            ("result", order.result, ""),
            ("evidence", ", ".join(order.evidence), ""),
        ]
        items: list[Item] = [
            Field(
                say(f"orders_column.{name}"),
                value,
                source,
                tone="stale" if name == "custodian" and not order.accountable else "t1",
            )
            for name, value, source in fields
            if value
        ]
        items += self._escalation(order)
        items.append(Heading(say("orders_panel.objects_head"), words.count(len(order.objects))))
        items += [
            Field(item.name or item.id, item.id if item.name else "", "")
            for item in order.objects[:MOST_OBJECTS]
        ]
        if len(order.objects) > MOST_OBJECTS:
            left = words.count(len(order.objects) - MOST_OBJECTS)
            items.append(Note(say("orders_panel.more_objects", count=left)))
        items.append(Heading(say("orders_panel.history")))
        names = party_names(self.desk.session.twin)
        items += [self._line(line, names) for line in reversed(order.transitions)]
        items.append(Note(say("orders_panel.claimed")))
        return items

    def _escalation(self, order: WorkOrder) -> list[Item]:
        """Return who hears of an open order, and when the next one will."""
        if not is_open(order) or order.due is None or np.isnat(order.due):
            return []
        words, now = self.desk.words, self.desk.session.at
        at = level(order, now)
        times = escalation(order.due, order.warn_days, order.grace_days)
        items: list[Item] = [Heading(self.desk.say("orders_panel.escalation"))]
        for number, (name, begins) in enumerate(zip(LEVELS, times, strict=True)):
            tone = "stale" if number == at and at > 0 else "t1" if number <= at else "t3"
            text = self.desk.say(f"orders_panel.level_{name}")
            items.append(Field(f"L{number}  {text}", words.date(begins), tone=tone))
        return items

    def _line(self, line: Transition, names: dict[str, str]) -> Field:
        """Return one line of the history: when, what, and by whom with what reason."""
        what = state_word(line.state, self.desk.words.language)
        if line.what:
            what = self.desk.say(f"orders_panel.did_{line.what}")
        about = names.get(line.about, line.about)
        parts = [part for part in (what, about, line.note) if part]
        when = "" if np.isnat(line.at) else self.desk.words.date(line.at)
        return Field(when, ": ".join(parts), names.get(line.by, line.by))

    # -- doing --------------------------------------------------------------------------------

    def _first(self) -> str:
        order = self.found()
        return "" if order is None else FIRST.get(order.state, "")

    def _steps(self, order: WorkOrder) -> None:
        """Offer what may follow: the usual step as a button, the others in a menu."""
        say = self.desk.say
        first = self._first()
        self.next.setVisible(bool(first))
        if first:
            self.next.setText(say(f"orders_panel.to_{first}"))
        menu = self.menu
        menu.clear()
        for state in MOVES.get(order.state, ()):
            if state != first:
                entry = menu.addAction(say(f"orders_panel.to_{state}"))
                entry.triggered.connect(lambda _=False, s=state: self._move(s))
        if order.state == "assigned":
            entry = menu.addAction(say("orders_panel.hand_on"))
            entry.triggered.connect(lambda: self._move("assigned"))
        self.others.setVisible(not menu.isEmpty())

    def _move(self, state: str) -> None:
        if state and self.order:
            self.desk.act("orders.move", [self.order], state)

    def _copied(self, item: Field | Link) -> None:
        copy_text(item.whole)
        self.desk.tell(self.desk.say("copied", text=item.whole[:80]), "info")

    def copy(self) -> None:
        """Copy the order as text."""
        order = self.found()
        if order is None:
            return
        twin = self.desk.session.twin
        facts = facts_of(order, party_names(twin), self.desk.words, self.desk.session.at)
        lines = [f"{facts.number}  {facts.title}", f"{facts.state}  {facts.when}"]
        for item in self._items(order, facts):
            if isinstance(item, Heading):
                lines += ["", item.text]
            elif isinstance(item, Field):
                lines.append("  ".join(x for x in (item.label, item.value, item.source) if x))
        copy_text("\n".join(lines))
        self.desk.tell(self.desk.say("orders_panel.copied", order=facts.number), "info")
