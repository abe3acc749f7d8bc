"""The dock of work orders: board or list, searched, of one party or of all; raising and export at hand."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.maintenance.orders.records import WorkOrder
from twin.maintenance.orders.states import is_open
from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.orders.board import Board
from ui.orders.cards import Proposed
from ui.orders.facts import Facts, facts_of, party_names
from ui.orders.listing import COLUMNS, OrderTable
from ui.orders.proposing import Watch
from ui.orders.writing import FORMS, ask_and_write
from ui.panels.parts import SearchField, copy_text, label, segments, word_button
from ui.saving import save_table

VIEWS = ("board", "list")


class OrdersPanel(Panel):
    """All orders of the project."""

    watches = frozenset(
        {Aspect.RECORDS, Aspect.ORDERS, Aspect.LAYERS, Aspect.INSTANTS, Aspect.PROJECT}
    )

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.on_count: Callable[[int], None] = lambda count: None
        self.wanted, self.party, self.shown = "", "", VIEWS[0]
        self.chosen: list[str] = []
        self.proposed: Mapping[str, Proposed] = {}
        self.watch = Watch(desk, self._proposals)
        self.facts: dict[str, Facts] = {}
        self.found: list[Facts] = []
        self._known: tuple[object, ...] = ()
        self.board, self.table = Board(desk), OrderTable(desk)
        for view in (self.board, self.table):
            view.on_choose = self.choose
            view.on_open = lambda order: self.desk.act("orders.open", order)
        self.board.on_move = lambda orders, state: self.desk.act("orders.move", orders, state)
        self.board.on_step = lambda order: self.desk.act("orders.accept", order)
        self.board.on_compare = lambda order: self.desk.act("orders.compare", order)
        self.pages = QStackedWidget()
        self.pages.setObjectName("panel")
        for page in (self._empty(), self.board, self.table):
            self.pages.addWidget(page)
        self.foot = label("", "t3")
        row = QHBoxLayout()
        row.setContentsMargins(12, 4, 12, 6)
        row.addWidget(self.foot)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        column.addLayout(row)

    def _empty(self) -> QWidget:
        page = QWidget()
        words = label(self.desk.say("orders_panel.empty"), "t2", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        raise_ = QPushButton(self.desk.say("orders_panel.raise"))
        raise_.setProperty("primary", True)
        raise_.clicked.connect(lambda: self.desk.act("orders.raise"))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(raise_)
        row.addStretch(1)
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 12, 24, 12)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(words)
        column.addLayout(row)
        column.addStretch(1)
        return page

    def tools(self) -> list[QWidget]:
        """Return the controls for the dock's head."""
        say = self.desk.say
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 6, 0)
        row.setSpacing(0)
        texts = [(name, say(f"orders_panel.{name}")) for name in VIEWS]
        self.views = segments(texts, self.shown, self.show_view)
        for button in self.views:
            row.addWidget(button)
        self.search = SearchField(self.desk, say("orders_panel.search"))
        self.search.setMinimumWidth(60)
        self.search.setMaximumWidth(150)
        self.search.textChanged.connect(self._look)
        self.whose = word_button(self.desk, "filter", say("orders_panel.all"))
        self.whose.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        export = word_button(self.desk, "export", say("orders_panel.export"))
        export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        export.setMenu(self._export_menu(export))
        raise_ = QPushButton(say("orders_panel.raise"))
        raise_.setProperty("primary", True)
        raise_.clicked.connect(lambda: self.desk.act("orders.raise"))
        self.fill_parties()
        return [both, self.search, self.whose, export, raise_]

    def _export_menu(self, parent: QWidget) -> QMenu:
        menu = QMenu(parent)
        for form in FORMS:
            entry = menu.addAction(self.desk.say(f"orders_panel.as_{form}"))
            entry.triggered.connect(lambda _=False, f=form: self.export(f))
        menu.addSeparator()
        table = menu.addAction(self.desk.say("orders_panel.as_table"))
        table.triggered.connect(self.save)
        copy = menu.addAction(self.desk.say("orders_panel.copy"))
        copy.triggered.connect(self.copy)
        menu.addSeparator()
        merge = menu.addAction(self.desk.say("action.orders.merge"))
        merge.triggered.connect(lambda: self.desk.act("orders.merge"))
        return menu

    def fill_parties(self) -> None:
        """Offer the parties that have orders, most first."""
        if not hasattr(self, "whose"):
            return
        counts: dict[str, int] = {}
        for one in self.facts.values():
            if is_open(one.order):
                counts[one.order.accountable] = counts.get(one.order.accountable, 0) + 1
        names = party_names(self.desk.session.twin)
        menu = QMenu(self.whose)
        options = [("*", self.desk.say("orders_panel.all"))]
        options += [
            (key or "", f"{names.get(key, key) or self.desk.say('nobody')}  {count}")
            for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        ]
        for key, text in options:
            entry = menu.addAction(text)
            entry.setCheckable(True)
            entry.setChecked(key == (self.party or "*"))
            entry.triggered.connect(lambda _=False, k=key: self.want_party("" if k == "*" else k))
        old = self.whose.menu()
        self.whose.setMenu(menu)
        if old is not None:
            old.deleteLater()

    def want_party(self, party: str) -> None:
        """Show the orders of one party; '' = of all."""
        self.party = party
        names = party_names(self.desk.session.twin)
        shown = names.get(party, party)[:24] if party else self.desk.say("orders_panel.all")
        self.whose.setText(shown)
        self.rebuild()

    def _look(self, words: str) -> None:
        self.wanted = words.strip().casefold()
        self.rebuild()

    def show_view(self, name: str) -> None:
        """Show the board or the list."""
        self.shown = name
        for button, key in zip(getattr(self, "views", ()), VIEWS, strict=False):
            button.setChecked(key == name)
        self.rebuild()

    def showEvent(self, event: QShowEvent) -> None:
        """Read what happened meanwhile."""
        super().showEvent(event)
        self._read()

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the orders again where they are seen; else count them, and read them when they will be."""
        self.watch.look()
        if self.isVisible():
            self._read()
        else:
            self._count()

    def _count(self) -> None:
        orders = self.desk.session.twin.records["orders"].values()
        self.on_count(sum(is_open(order) for order in orders))

    def _read(self) -> None:
        """Read the orders, where they or the words around them changed."""
        twin, words = self.desk.session.twin, self.desk.words
        orders: Mapping[str, WorkOrder] = twin.records["orders"]
        now = self.desk.session.at
        names = party_names(twin)
        known = (tuple(orders.values()), tuple(names.items()), now, words.language)
        if known == self._known:
            return
        self._known = known
        self.facts = {key: facts_of(order, names, words, now) for key, order in orders.items()}
        self.chosen = [key for key in self.chosen if key in self.facts]
        self.fill_parties()
        self.rebuild()

    def pass_time(self, now: float) -> None:
        """Go on comparing newer deliveries."""
        before = self.watch.progress
        self.watch.step()
        after = self.watch.progress
        if after is not None and (before is None or int(after * 50) != int(before * 50)):
            self._say(self.found)

    def _proposals(self) -> None:
        """Show what newer deliveries propose, and say why others propose nothing."""
        self.propose(self.watch.words())
        if self.watch.found:
            count = self.desk.words.count(len(self.watch.found))
            self.desk.tell(self.desk.say("orders_panel.proposed", count=count), "info")

    def propose(self, proposed: Mapping[str, Proposed]) -> None:
        """Hang what newer deliveries propose under the cards."""
        self.proposed = proposed
        self.rebuild()

    def rebuild(self) -> None:
        """Filter, sort and show again."""
        wanted = self.wanted.split()
        self.found = found = [
            one
            for one in self.facts.values()
            if (not self.party or one.order.accountable == self.party)
            and all(word in one.text for word in wanted)
        ]
        self.pages.setCurrentIndex(0 if not self.facts else 1 + VIEWS.index(self.shown))
        if self.shown == "board":
            self.board.show_orders(found, self.proposed)
        else:
            self.table.show_orders(found)
        self._mark()
        self._say(found)

    def _say(self, found: list[Facts]) -> None:
        count, left = self.desk.words.count, [one for one in found if is_open(one.order)]
        late = sum(one.late > 0 for one in left)
        facts = {"shown": count(len(found)), "open": count(len(left)), "late": count(late)}
        text = self.desk.say("orders_panel.foot", **facts) if self.facts else ""
        progress = self.watch.progress
        if progress is not None:
            share = self.desk.words.percent(progress, 1.0, 0)
            text = f"{text}   {self.desk.say('orders_panel.comparing', share=share)}"
        elif self.watch.notes and self.facts:
            text = f"{text}   {self._note()}"
        self.foot.setText(text)
        self._count()

    def _note(self) -> str:
        """Return why a delivery leads to no proposal."""
        note = self.watch.notes[0]
        facts = {"base": note.base, "delivery": note.delivery, "reason": note.reason}
        return self.desk.words.catalogue.text(f"orders.proposal.{note.code}", **facts)

    def _mark(self) -> None:
        self.board.mark(self.chosen)
        self.table.mark(self.chosen)

    def choose(self, orders: list[str]) -> None:
        """Choose orders: their objects are selected, the first is told on its page."""
        self.chosen = [key for key in orders if key in self.facts]
        self._mark()
        self.desk.act("orders.chosen", self.chosen)

    def reveal(self, order: str) -> None:
        """Choose an order and bring it into sight; filters that hide it are lifted."""
        one = self.facts.get(order)
        if one is None:
            return
        if (self.party and one.order.accountable != self.party) or self.wanted:
            self.party, self.wanted = "", ""
            if hasattr(self, "search"):
                self.search.clear()
                self.want_party("")
            self.rebuild()
        self.choose([order])
        (self.board if self.shown == "board" else self.table).reveal(order)

    def lines(self) -> list[list[str]]:
        """Return the list as it is shown: head and rows."""
        model = self.table.orders
        head = [self.desk.say(f"orders_column.{name}") for name in COLUMNS]
        shown = self.table.orders.shown if self.shown == "list" else list(self.facts.values())
        return [head, *([model.cell(one, name) for name in COLUMNS] for one in shown)]

    def export(self, form: str) -> None:
        """Write the chosen orders in a format; without a choice all that are shown."""
        found = [self.facts[key] for key in self.chosen] or self.found
        ask_and_write(self.desk, self, form, tuple(one.order for one in found))

    def save(self) -> None:
        """Save the list as XLSX or CSV."""
        save_table(self.desk, self, self.desk.say("tab.orders"), self.lines())

    def copy(self) -> None:
        """Copy the list as lines with tabs."""
        lines = self.lines()
        copy_text("\n".join("\t".join(line) for line in lines))
        count = self.desk.words.count(len(lines) - 1)
        self.desk.tell(self.desk.say("freshness.copied", count=count), "info")
