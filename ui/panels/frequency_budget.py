"""One budget over the classes: what each gets, what it still costs to be out of date, who needs a feed."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QPushButton,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from twin.maintenance.frequency import Assumption, Budgeted, Step, share_out, starting, step_above
from twin.maintenance.frequency.class_table import calendar_words
from twin.maintenance.frequency.report import money, span, unit_of
from twin.planning.classes import Held
from ui.desk import Desk
from ui.panels.frequency_levers import SPACES, Lever
from ui.panels.frequency_tables import SmallTable
from ui.panels.frequency_words import class_name, say
from ui.panels.parts import label, line
from ui.saving import save_table

COLUMNS = (
    "class", "units", "rate", "survey_cost", "stale_cost", "free", "interval", "step", "spend", "missed",
)  # fmt: skip
EDITED = {"rate": 100.0, "survey_cost": 1.0, "stale_cost": 1.0}
"""Columns that a person may change: shown value = record's value * factor."""


@dataclass(frozen=True, slots=True)
class Row:
    """One class of the budget with what is assumed of it."""

    held: Held
    assumed: Assumption
    said: bool


def rows_of(held: Sequence[Held], records: Mapping[str, Assumption]) -> list[Row]:
    """Return the classes that policies make, where there are any, else the kinds."""
    policies = [one for one in held if not one.kind]
    return [
        Row(one, records.get(one.key, starting(one.key, one.units)), one.key in records)
        for one in policies or held
    ]


class BudgetDialog(QDialog):
    """A lever for the sum, a table of the classes, and a button that lets the policies take the intervals.

    ``on_assume(assumption)`` keeps a changed figure; ``on_use(steps by policy)`` asks for the change.
    """

    def __init__(self, desk: Desk, parent: QWidget, rows: Sequence[Row], currency: str) -> None:
        super().__init__(parent)
        self.desk, self.rows, self.currency = desk, list(rows), currency
        self.shared: Budgeted | None = None
        self.on_assume: Callable[[Assumption], None] = lambda assumption: None
        self.on_use: Callable[[Mapping[str, Step]], None] = lambda steps: None
        self.setWindowTitle(say(desk, "budget.title"))
        self.resize(1060, 560)
        free = self._free()
        unit = unit_of(currency, desk.words.language)
        reach = (max(free / 50, 1e-3), max(free * 2, 1e-2), 0)
        self.lever = Lever(
            desk, say(desk, "budget.sum") + unit, say(desk, "budget.sum_tip"), reach
        )
        self.lever.show_value(math.ceil(free))
        self.lever.on_move = lambda value: self._share()
        self.answer = label("", "t1", 15, bold=True, wrap=True)
        self.detail = label("", "t2", wrap=True)
        head = [say(desk, f"budget.{name}") for name in COLUMNS]
        self.table = SmallTable(desk, say(desk, "budget.title"), head, 12, 1, (5, 9))
        self.table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.table.itemChanged.connect(self._edited)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(8)
        for part in (self.answer, self.detail, self.lever, self.table):
            column.addWidget(part)
        column.addWidget(label(say(desk, "budget.edit"), "t3", 11, wrap=True))
        column.addStretch(1)
        column.addWidget(line())
        column.addLayout(self._foot())
        self._share()

    def _foot(self) -> QHBoxLayout:
        desk = self.desk
        self.use = QPushButton(say(desk, "budget.use"))
        self.use.setProperty("primary", True)
        self.use.clicked.connect(lambda: self.on_use(self.steps()))
        export = QPushButton(say(desk, "panel.save"))
        export.clicked.connect(
            lambda: save_table(desk, self, say(desk, "budget.title"), self.lines())
        )
        close = QPushButton(desk.say("close"))
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        for part in (self.use, export):
            foot.addWidget(part)
        foot.addStretch(1)
        foot.addWidget(close)
        return foot

    def _free(self) -> float:
        cases = [row.assumed.case(row.held.units) for row in self.rows]
        return share_out(cases, 1e300).spend if cases else 1.0

    def _share(self) -> None:
        """Share the sum out and show what comes of it."""
        language = self.desk.words.language
        budget = max(self.lever.value, 1e-6)
        self.shared = share_out([row.assumed.case(row.held.units) for row in self.rows], budget)
        spend = money(self.shared.spend, language, self.currency)
        missed = sum(fund.stale_cost for fund in self.shared.funds)
        key = "enough" if self.shared.mu <= 1 else "scarce"
        self.answer.setText(say(self.desk, f"budget.{key}", spend=spend))
        words = [
            say(
                self.desk, "budget.detail", missed=money(missed, language, self.currency),
                mu=f"{self.shared.mu:.3g}", free=money(self._free(), language, self.currency),
            )
        ]  # fmt: skip
        fast = [
            class_name(self.desk, row.held)
            for row, fund in zip(self.rows, self.shared.funds, strict=True)
            if fund.needs_feed
        ]
        if fast:
            words.append(say(self.desk, "budget.feed", names=", ".join(fast)))
        if not all(row.said for row in self.rows):
            words.append(say(self.desk, "budget.unsaid"))
        self.detail.setText(" ".join(words))
        self.use.setEnabled(bool(self.steps()))
        self._fill()

    def _fill(self) -> None:
        assert self.shared is not None
        language = self.desk.words.language
        lines = []
        for row, fund in zip(self.rows, self.shared.funds, strict=True):
            shown = {name: getattr(row.assumed, name) * by for name, by in EDITED.items()}
            lines.append(
                [
                    class_name(self.desk, row.held), self.desk.words.count(row.held.units), f"{shown['rate']:.4g}",
                    money(shown["survey_cost"], language), money(shown["stale_cost"], language),
                    span(fund.free, language), span(fund.interval, language),
                    calendar_words(fund, language),
                    money(fund.spend, language), money(fund.stale_cost, language),
                ]
            )  # fmt: skip
        self.table.show_lines(lines)
        self.table.blockSignals(True)
        for number in range(len(lines)):
            for place, name in enumerate(COLUMNS):
                item = self.table.cell(number, place)
                if name not in EDITED:
                    item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
        self.table.blockSignals(False)

    def _edited(self, item: QTableWidgetItem) -> None:
        """Take a typed figure; what is no number leaves the old one."""
        name, number = COLUMNS[item.column()], item.row()
        if name not in EDITED:
            return
        try:
            value = float(item.text().translate(SPACES)) / EDITED[name]
        except ValueError:
            value = math.nan
        if math.isfinite(value) and value >= 0:
            row = self.rows[number]
            values = {x: getattr(row.assumed, x) for x in row.assumed.__dataclass_fields__}
            assumed = Assumption(**{**values, name: value})
            self.rows[number] = Row(row.held, assumed, True)
            self.on_assume(assumed)
        self._share()

    def steps(self) -> dict[str, Step]:
        """Return policy -> the shortest step that the budget pays for; other classes have no policy of theirs."""
        if self.shared is None:
            return {}
        found = {}
        for row, fund in zip(self.rows, self.shared.funds, strict=True):
            if not row.held.kind:
                found[row.held.key] = step_above(fund.interval)
        return found

    def lines(self) -> list[list[str]]:
        """Return the table, head first."""
        rows = range(self.table.rowCount())
        found = [[say(self.desk, f"budget.{name}") for name in COLUMNS]]
        found += [[self.table.cell(r, c).text() for c in range(len(COLUMNS))] for r in rows]
        return found
