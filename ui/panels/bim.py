"""The page of BIM priority: the answer in words, the levers, the ranked buildings, what to collect, how far to trust it."""

from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.maintenance.bim.answers import headline, trust_line
from twin.maintenance.bim.records import LETS, MUST, NEVER
from twin.scene import Aspect
from ui.bim_question import BimQuestion
from ui.desk import Desk, Panel
from ui.panels.bim_collect import CollectRows
from ui.panels.bim_legend import PartLegend
from ui.panels.bim_levers import BimLevers
from ui.panels.bim_list import BimList
from ui.panels.bim_rows import COLLECT, RANKED, BimModel
from ui.panels.parts import icon_button, invitation, label, line, offer

PAD = 14
LEAST = 130
"""Logical pixels that the page needs at least: it must not widen its dock."""


class BimPanel(Panel):
    """Answer, levers, list, data to collect, trust; it asks when it is seen, and never blocks."""

    watches = frozenset(
        {Aspect.BIM, Aspect.LAYERS, Aspect.ASSESSMENT, Aspect.RECORDS, Aspect.SELECTION,
         Aspect.STYLE, Aspect.VISIBILITY}
    )  # fmt: skip

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.question = BimQuestion(desk)
        self.model = BimModel(self.question)
        self._shown: object = None
        self._words = ""
        self.answer = label("", pixels=15, bold=True, wrap=True)
        self.second = label("", "t2", wrap=True)
        self.levers = BimLevers(desk)
        self.levers.on_try = self._try
        self.levers.on_keep = self._keep
        self.legend = PartLegend(desk)
        self.table = self._make_table()
        self.hint = label("", "t3", 11, wrap=True)
        self.collect = CollectRows(self.question)
        self.collect.on_choose = self._choose_row
        self.collect_said = label("", "t2", 11, wrap=True)
        self.whole, self.enter = self._links()
        self.trust = label("", "t2", 11, wrap=True)
        self.empty = invitation(desk, desk.say("bim.empty"), "file.demo")
        self.page, self.footer = self._page(), self._footer()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.empty, self.page, self.footer):
            column.addWidget(part, 0 if part is self.footer else 1)
        self.setMinimumWidth(LEAST)
        self._fill()

    # -- how it is made -------------------------------------------------------------------------

    def _make_table(self) -> BimList:
        table = BimList(self.model)
        table.on_tick = self.toggle
        table.on_choose = self._choose_row
        table.on_fly = self._fly
        table.on_enter = lambda row: self.desk.act("bim.enter", row)
        table.on_menu = self._menu
        return table

    def _links(self) -> tuple[QToolButton, QToolButton]:
        made = []
        for text in ("", self.desk.say("bim.enter")):
            button = QToolButton()
            button.setText(text)
            button.setProperty("kind", "link")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            made.append(button)
        made[0].clicked.connect(self._turn_list)
        made[1].clicked.connect(self._enter_first)
        return made[0], made[1]

    def _page(self) -> QScrollArea:
        holder = QWidget()
        holder.setObjectName("panel")
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        for part, margins in (
            (self.answer, (PAD, 10, PAD, 0)), (self.second, (PAD, 2, PAD, 6)), (self.levers, (PAD, 0, PAD, 8)),
        ):  # fmt: skip
            inner.addWidget(_inset(part, margins))
        inner.addWidget(line())
        inner.addWidget(_inset(self.legend, (PAD, 6, PAD, 0)))
        inner.addWidget(self.table, 1)
        inner.addWidget(_inset(self.hint, (PAD, 4, PAD, 6)))
        inner.addWidget(line())
        inner.addWidget(self._collect_part())
        inner.addWidget(_inset(self._trust_note(), (PAD, 8, PAD, 10)))
        scroll = QScrollArea()
        scroll.setObjectName("panel")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(holder)
        return scroll

    def _collect_part(self) -> QWidget:
        self.collect_part = made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(PAD, 6, PAD, 2)
        column.setSpacing(2)
        head = QHBoxLayout()
        head.addWidget(label(self.desk.say("bim.collect"), bold=True))
        head.addStretch(1)
        head.addWidget(self.whole)
        column.addLayout(head)
        column.addWidget(self.collect)
        foot = QHBoxLayout()
        foot.setSpacing(6)
        foot.addWidget(self.collect_said, 1)
        foot.addWidget(self.enter, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(foot)
        return made

    def _trust_note(self) -> QFrame:
        self.note = note = QFrame()
        note.setObjectName("note")
        column = QVBoxLayout(note)
        column.setContentsMargins(10, 7, 10, 8)
        column.setSpacing(2)
        column.addWidget(label(self.desk.say("bim.trust_title"), bold=True))
        column.addWidget(self.trust)
        return note

    def _footer(self) -> QWidget:
        desk = self.desk
        made = QWidget()
        made.setObjectName("footer")
        row = QHBoxLayout(made)
        row.setContentsMargins(PAD, 10, PAD, 10)
        row.setSpacing(8)
        self.orders = QPushButton()
        self.orders.setAccessibleName(desk.say("bim.orders_title"))
        self.orders.setProperty("primary", True)
        self.orders.clicked.connect(lambda: desk.act("bim.orders"))
        self.export = QPushButton(desk.say("bim.export"))
        self.export.clicked.connect(lambda: desk.act("bim.export"))
        self.colour = icon_button(desk, "palette", desk.say("action.bim.show"))
        self.colour.clicked.connect(lambda: desk.act("bim.show"))
        weights = QPushButton(desk.say("bim.weights"))
        weights.clicked.connect(lambda: desk.act("bim.weights"))
        for button in (self.orders, self.export, self.colour):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(weights)
        return made

    # -- what it shows --------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Ask once it is seen."""
        super().showEvent(event)
        self._ask()
        self._fill()

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Ask again where something changed that counts; show the last answer."""
        if not self.isVisible():
            return
        if aspects - {Aspect.SELECTION, Aspect.STYLE}:
            self._ask()
        if aspects == frozenset({Aspect.SELECTION}):
            self._follow_selection()
            return
        self._fill()

    def pass_time(self, now: float) -> None:
        """Say how far it is, and begin once every object is known."""
        if self.isVisible():
            if self.question.waiting:
                self._ask()
            words = self.question.under_way()
            if words != self._words:
                self._words = words
                self._say()

    def _ask(self) -> None:
        self.question.ask()

    def _try(self, budget: int) -> None:
        self.question.ask(budget=budget)

    def _keep(self, arguments: dict[str, str]) -> None:
        self.desk.run("bim.set", **arguments)
        self._ask()

    def _fill(self) -> None:
        found = self.question.found
        there = bool(self.desk.session.twin.layers)
        self.empty.setVisible(not there)
        self.page.setVisible(there)
        self.footer.setVisible(there)
        unit = f"k{self.question.method.currency}"
        self.levers.show_settings(self.question.settings, self.question.worth(), unit)
        if found is not self._shown or self.model.stands != self.question.stands():
            self._shown = found
            at = self.table.verticalScrollBar().value()
            self.model.show(found, self.question.stands())
            self.table.verticalScrollBar().setValue(at)
            self._follow_selection()
        self.table.fit()
        self.collect.show_answer(found)
        self._say()

    def _say(self) -> None:
        found, words = self.question.found, self.desk.words.catalogue
        say, count = self.desk.say, self.desk.words.count
        self._words = self.question.under_way()
        chosen = 0 if found is None else len(found.choice.chosen.rows)
        if found is None:
            self.answer.setText(self._words or say("bim.nothing"))
            self.second.setText("")
        else:
            self.answer.setText(headline(found, words))
            self.second.setText(self._words or self.question.told())
        self.answer.setProperty(
            "tone", "stale" if found is not None and found.choice.infeasible else "t1"
        )
        self.answer.style().polish(self.answer)
        least = f"{self.question.settings.min_score:.0f}"
        change = f"{self.question.method.change * 100:.0f}"
        self.hint.setText(say("bim.hint", least=least, change=change))
        aside = 0 if found is None else len(found.choice.collect)
        self.collect_part.setVisible(aside > 0)
        self.whole.setText(
            say("bim.show_ranked")
            if self.model.mode == COLLECT
            else say("bim.show_all", count=count(aside))
        )
        self.collect_said.setText(say("bim.crosses", least=least))
        self.note.setVisible(
            found is not None and found.trust is not None and len(found.scores) > 0
        )
        if found is not None and found.trust is not None:
            self.trust.setText(trust_line(found, words))
        self.orders.setText(
            say("bim.orders_one" if chosen == 1 else "bim.orders", count=count(chosen))
        )
        self.orders.setEnabled(chosen > 0)
        self.export.setEnabled(found is not None and len(found.scores) > 0)
        self.colour.setVisible(not self.question.coloured())

    # -- what a person does ---------------------------------------------------------------------

    def _turn_list(self) -> None:
        mode = RANKED if self.model.mode == COLLECT else COLLECT
        self.model.show(self.question.found, self.question.stands(), mode)
        self.table.fit()
        self._say()

    def _enter_first(self) -> None:
        marked = self.table.marked
        row = marked if marked >= 0 else next(iter(self.collect.rows), -1)
        if row >= 0:
            self.desk.act("bim.enter", row)

    def _choose_row(self, row: int) -> None:
        place = self.question.place(row)
        if place is not None:
            self.desk.select(*place)

    def _fly(self, row: int) -> None:
        self._choose_row(row)
        self.desk.act("view.fit")

    def toggle(self, row: int) -> None:
        """Tick: a chosen building is left out, another one must be chosen; what a person said is taken back first."""
        stand = self.model.stands.get(row, LETS)
        chosen = row in self.model.chosen
        self.stand(row, LETS if stand else NEVER if chosen else MUST)

    def stand(self, row: int, how: str) -> None:
        """Let a building be chosen, left out, or let its score decide."""
        found = self.question.found
        if found is not None and found.rules.must[row] and how == NEVER:
            self.desk.tell(self.desk.say("bim.by_rule"), "info")
            return
        self.desk.run("bim.stand", uid=self.question.uid(row), how=how)

    def _menu(self, row: int, at: QPoint) -> None:
        menu, say = QMenu(self.table), self.desk.say
        offer(menu, say("action.view.fit"), lambda: self._fly(row))
        offer(menu, say("bim.enter"), lambda: self.desk.act("bim.enter", row))
        menu.addSeparator()
        for how in (MUST, NEVER, LETS):
            entry = offer(menu, say(f"bim.menu_{how or 'lets'}"), partial(self.stand, row, how))
            entry.setCheckable(True)
            entry.setChecked(self.model.stands.get(row, LETS) == how)
        menu.exec(at)

    def _follow_selection(self) -> None:
        """Show in the list what is selected in the view."""
        self.table.mark(self.question.row_of(self.desk.only_selected()))


def _inset(part: QWidget, margins: tuple[int, int, int, int]) -> QWidget:
    """Return a part with room round it."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(*margins)
    row.addWidget(part)
    return made
