"""How often: the answer in words, the levers, the curve, the alternatives, and five years ahead."""

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.errors import TwinError
from twin.maintenance.frequency import Advice, Assumption, Step, advise, starting
from twin.maintenance.frequency.advice import CAP_YEARS, alternative
from twin.maintenance.frequency.report import money, percent, sentences, span, step_words, table
from twin.planning.classes import Held, classes
from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.panels.frequency_ahead import Ahead
from ui.panels.frequency_curve import CostCurve
from ui.panels.frequency_form import FrequencyForm
from ui.panels.frequency_tables import SmallTable
from ui.panels.frequency_words import class_name, rate_words, say
from ui.panels.parts import copy_text, icon_button, invitation, label, line, offer
from ui.saving import save_table

MORE = {"rate_from": "rate", "currency_of": "currency", "practice": "practice"}
"""What the menu offers: words -> action."""
HEAD = ("duration", "cost", "stale", "worst")
LEAST, WIDE = 130, 492
"""Logical pixels: the least width, and the one taken when the panel is first looked at."""


class FrequencyPanel(Panel):
    """One class at a time; what is assumed of it is kept with the project, each change one step back."""

    watches = frozenset(
        {Aspect.LAYERS, Aspect.ASSESSMENT, Aspect.RECORDS, Aspect.PLANS, Aspect.INSTANTS}
    )

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.held: tuple[Held, ...] = ()
        self.key = ""
        self.assumed: Assumption | None = None
        self.advice: Advice | None = None
        self.step: Step | None = None
        self._due, self._widened = True, False
        self.empty = invitation(desk, say(desk, "panel.empty"), "file.open")
        self.title = label("", pixels=17, bold=True, wrap=True)
        self.words = label("", "t2", wrap=True)
        self.form = FrequencyForm(desk)
        self.form.on_class = self._turned
        self.form.on_move = self._moved
        self.form.on_keep = self._keep
        self.curve = CostCurve(desk)
        self.table = SmallTable(
            desk,
            say(desk, "panel.alternatives"),
            [say(desk, f"panel.head_{x}") for x in HEAD],
            10,
            1,
            (3, 2),
        )
        self.table.on_choose = self._chosen
        self.ahead = Ahead(desk)
        self.trust = label("", "t1", wrap=True)
        self.page, self.footer = self._page(), self._footer()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.empty, self.page, self.footer):
            column.addWidget(part)
        column.setStretch(1, 1)
        self.setMinimumWidth(LEAST)
        self.refresh(self.watches)

    # -- making -------------------------------------------------------------------------------

    def _page(self) -> QScrollArea:
        holder = QWidget()
        holder.setObjectName("panel")
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(14, 12, 14, 14)
        inner.setSpacing(6)
        inner.addWidget(self.title)
        inner.addWidget(self.words)
        inner.addWidget(self.form)
        inner.addWidget(self._note())
        inner.addWidget(line())
        inner.addWidget(self.curve)
        inner.addWidget(line())
        inner.addLayout(self._heading())
        inner.addWidget(self.table)
        inner.addWidget(line())
        inner.addWidget(self.ahead)
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setObjectName("panel")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(holder)
        return scroll

    def _heading(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(label(say(self.desk, "panel.alternatives"), "t2", bold=True))
        row.addStretch(1)
        for icon, key, do in (("copy", "copy", self.copy), ("export", "save", self.save)):
            button = icon_button(self.desk, icon, say(self.desk, f"panel.{key}"))
            button.clicked.connect(do)
            row.addWidget(button)
        return row

    def _note(self) -> QFrame:
        self.note = QFrame()
        self.note.setObjectName("note")
        row = QHBoxLayout(self.note)
        row.setContentsMargins(10, 6, 10, 6)
        row.addWidget(self.trust)
        return self.note

    def _footer(self) -> QWidget:
        made = QWidget()
        made.setObjectName("footer")
        row = QHBoxLayout(made)
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(8)
        self.use = QPushButton(say(self.desk, "panel.use"))
        self.use.setProperty("primary", True)
        self.use.clicked.connect(lambda: self.desk.act("frequency.use"))
        budget = QPushButton(say(self.desk, "panel.budget"))
        budget.setToolTip(say(self.desk, "panel.budget_tip"))
        budget.clicked.connect(lambda: self.desk.act("frequency.budget"))
        row.addWidget(self.use)
        row.addWidget(budget)
        row.addStretch(1)
        more = icon_button(self.desk, "more", self.desk.say("more"))
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(more)
        for key, action in MORE.items():
            offer(
                menu, say(self.desk, f"panel.{key}"), partial(self.desk.act, f"frequency.{action}")
            )
        more.setMenu(menu)
        row.addWidget(more)
        return made

    # -- reading ------------------------------------------------------------------------------

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the city again, at once when the panel is seen."""
        self._due = True
        if self.isVisible():
            self._fill()

    def showEvent(self, event: QShowEvent) -> None:
        """Read the city when something changed meanwhile."""
        super().showEvent(event)
        self._widen()
        if self._due:
            self._fill()

    def _widen(self) -> None:
        """Take the width that tables and charts need, once; a person may take it back."""
        window, dock = self.window(), self.parent()
        while dock is not None and not isinstance(dock, QDockWidget):
            dock = dock.parent()
        if self._widened or dock is None or not isinstance(window, QMainWindow):
            return
        self._widened = True
        wanted = min(WIDE, window.width() * 26 // 100)
        if dock.width() < wanted and not dock.isFloating():
            window.resizeDocks([dock], [wanted], Qt.Orientation.Horizontal)

    def pass_time(self, now: float) -> None:
        """Let the look ahead begin once hands are still."""
        if self.isVisible():
            self.ahead.go_on()

    def _fill(self) -> None:
        self._due = False
        twin = self.desk.session.twin
        self.held = classes(tuple(twin.layers.values()), twin.records["policies"])
        there = bool(self.held)
        self.empty.setVisible(not there)
        self.page.setVisible(there)
        self.footer.setVisible(there)
        if not there:
            self.assumed = self.advice = None
            return
        keys = [one.key for one in self.held]
        self.key = self.key if self.key in keys else keys[0]
        self._list()
        self._read()

    def _list(self) -> None:
        entries = [
            (f"{class_name(self.desk, one)}  ({self.desk.words.count(one.units)})", one.key)
            for one in self.held
        ]
        self.form.show_classes(entries, self.key)

    def _turned(self, key: str) -> None:
        """Show another class."""
        self.key, self.step = key, None
        self._read()

    def chosen(self) -> Held:
        """Return the class that is shown."""
        return next(one for one in self.held if one.key == self.key)

    @property
    def currency(self) -> str:
        """Return what the money is called: as for any class of the project."""
        kept = self.desk.session.twin.records["assumptions"].values()
        return next((one.currency for one in kept if one.currency), "")

    def _read(self) -> None:
        """Show what is assumed of the class."""
        kept = self.desk.session.twin.records["assumptions"].get(self.key)
        assumed = kept or starting(self.key, self.chosen().units, self.currency)
        if assumed != self.assumed:  # another class, or figures that came from elsewhere
            self.assumed, self.step = assumed, None
        self.form.show_assumed(assumed, self.currency)
        self._reckon()

    # -- reckoning ----------------------------------------------------------------------------

    def _moved(self, assumed: Assumption) -> None:
        """Follow a hand on a lever; nothing is kept yet."""
        self.assumed, self.step = assumed, None
        self._reckon()

    def _keep(self, assumed: Assumption) -> None:
        """Keep what is assumed with the project: one step that can be undone."""
        if assumed != self.desk.session.twin.records["assumptions"].get(self.key):
            self.desk.act("frequency.keep", assumed)

    def _reckon(self) -> None:
        assert self.assumed is not None
        held = self.chosen()
        try:
            case = self.assumed.case(held.units)
            also = () if held.present is None else (held.present,)
            self.advice = advise(case, self.assumed.worst, also)
        except TwinError as error:
            self.advice = None
            self.words.setText(self.desk.error_text(error))
            return
        if self.step is None:
            self.step = self.advice.chosen
        self._say()
        self.curve.show_advice(self.advice, self.step, held.present, self.currency)
        self._list_alternatives()
        self._look_ahead()

    def _say(self) -> None:
        """Tell the answer, and how far to trust it."""
        assert self.advice is not None
        assert self.assumed is not None
        language, held = self.desk.words.language, self.chosen()
        advice = self.advice
        words = step_words(advice.chosen.duration, language)
        cap = span(float(CAP_YEARS), language)
        title = say(self.desk, "panel.answer", step=words)
        if advice.event_driven:
            key = "answer_cap" if advice.chosen.duration else "answer_event"
            title = say(self.desk, f"panel.{key}", cap=cap)
        self.title.setText(title)
        told = sentences(advice, language, self.currency)[:2]
        if held.present is not None:
            cost = alternative(advice.case, held.present).cost
            told.append(
                say(
                    self.desk, "panel.answer_present", step=step_words(held.present.duration, language),
                    cost=money(cost, language, self.currency),
                )
            )  # fmt: skip
        self.words.setText(" ".join(told))
        self._trust()

    def _trust(self) -> None:
        assert self.advice is not None
        assert self.assumed is not None
        said = self.key in self.desk.session.twin.records["assumptions"]
        feed = self.advice.kappa >= 1
        lines = []
        if feed:
            lines.append(say(self.desk, "panel.feed"))
        if not said:
            lines.append(say(self.desk, "panel.unsaid"))
        if self.assumed.source:
            rate = rate_words(self.desk, self.assumed)
            lines.append(say(self.desk, "panel.sourced", source=self.assumed.source, rate=rate))
        lines += self._spread()
        lines.append(say(self.desk, "panel.even"))
        self.trust.setText("\n".join(lines))
        self.note.setProperty("kind", "caution" if feed or not said else "")
        self.note.style().unpolish(self.note)
        self.note.style().polish(self.note)

    def _spread(self) -> list[str]:
        """Return between which intervals the answer lies as the rate does, where its bounds are known."""
        assert self.assumed is not None
        if not self.assumed.rate_high:
            return []
        language = self.desk.words.language
        found = [
            span(advise(replace(self.assumed, rate=rate).case(self.chosen().units)).optimum, language)
            for rate in (self.assumed.rate_high, self.assumed.rate_low)
        ]  # fmt: skip
        return [say(self.desk, "panel.spread", short=found[0], long=found[1])]

    def _list_alternatives(self) -> None:
        assert self.advice is not None
        assert self.step is not None
        language, lines, chosen = self.desk.words.language, [], -1
        faint, bold = [], []
        for number, one in enumerate(self.advice.alternatives):
            cost = money(one.cost, language)
            words = step_words(one.step.duration, language)
            if one.step.duration == self.advice.chosen.duration:
                words += f"  · {say(self.desk, 'note.chosen')}"
                bold.append(number)
            present = self.chosen().present
            if present is not None and one.step.duration == present.duration:
                words += f"  · {say(self.desk, 'note.present')}"
            if one.step.duration == self.step.duration:
                chosen = number
            if not one.within:
                faint.append(number)
            lines.append((words, cost, percent(one.stale), percent(one.worst)))
        self.table.show_lines(lines, chosen, faint, bold)

    def _chosen(self, number: int) -> None:
        """Take another alternative: the curve marks it, and the look ahead follows it."""
        if self.advice is not None:
            self.step = self.advice.alternatives[number].step
            self.curve.show_advice(self.advice, self.step, self.chosen().present, self.currency)
            self._look_ahead()

    def _look_ahead(self) -> None:
        assert self.assumed is not None
        assert self.step is not None
        self.ahead.ask(self.key, self.assumed, self.step, self.currency)

    # -- handing on ---------------------------------------------------------------------------

    def lines(self) -> list[list[object]]:
        """Return the alternatives with all columns, head first."""
        assert self.advice is not None
        present = self.chosen().present
        notes = {} if present is None else {present.duration: say(self.desk, "note.present")}
        found = table(self.advice, self.desk.words.language, self.currency, notes)
        return [list(found.head), *(list(row) for row in found.rows)]

    def copy(self) -> None:
        """Copy the alternatives."""
        if self.advice is not None:
            copy_text("\n".join("\t".join(map(str, row)) for row in self.lines()))
            self.desk.tell(
                say(self.desk, "panel.copied", count=len(self.advice.alternatives)), "info"
            )

    def save(self) -> None:
        """Write the alternatives as CSV or XLSX."""
        if self.advice is not None:
            save_table(self.desk, self, say(self.desk, "sheet"), self.lines())
