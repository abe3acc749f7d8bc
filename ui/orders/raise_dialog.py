"""Raising orders: for what is selected or for statuses, grouped; how many would come is counted beside the window."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from twin.commands import Context
from twin.commands.orders import instant_of, raised_by
from twin.errors import TwinError
from twin.geometry import Rows
from twin.jobs import Feedback, Job, Outcome
from twin.maintenance.orders.choosing import Asked
from twin.maintenance.orders.raising import GROUPS, Raised, Wish
from twin.observations import ASPECTS, STATUSES
from twin.scene import LayerId, Twin
from ui.desk import Desk
from ui.orders.facts import party_names
from ui.panels.glyphs import status_icon
from ui.panels.parts import label, line, mark

OFFERED = ("stale", "suspect", "in_grace", "unknown", "due_soon")
"""Statuses for which orders are raised in bulk, the most pressing first."""
USUAL = frozenset({"stale", "suspect"})
PAUSE = 150
"""Milliseconds after the last change of the form before it is counted anew."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What the form asks for; ``statuses`` empty = what is selected."""

    asked: Asked
    statuses: tuple[str, ...]
    wish: Wish


class RaiseDialog(QDialog):
    """The form, the count of what would come, and the button that raises it."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.desk = desk
        self.raised: Raised | None = None
        self.asking: Asking | None = None
        self._job: Job | None = None
        say = desk.say
        self.setWindowTitle(say("orders_panel.raise"))
        self.selected = QRadioButton()
        self.bulk = QRadioButton(say("orders_panel.for_statuses"))
        self.statuses = {name: QCheckBox() for name in OFFERED}
        self.groups = {name: QCheckBox(say(f"orders_panel.group_{name}")) for name in GROUPS}
        self.aspect = QComboBox()
        self.title, self.due, self.why = QLineEdit(), QLineEdit(), QLineEdit()
        self.by = QComboBox()
        self.found = label("", "t2", wrap=True)
        self.wrong = label("", "stale", 11, wrap=True)
        self.ok = QPushButton("")
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(PAUSE)
        self.timer.timeout.connect(self._count)
        self._fill()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._form())
        column.addWidget(line())
        column.addLayout(self._foot())
        self.setMinimumWidth(520)
        self._follow()

    def _fill(self) -> None:
        desk, say = self.desk, self.desk.say
        chosen = sum(len(rows) for _, rows in desk.counted_selected())
        count = desk.words.count(chosen)
        self.selected.setText(say("orders_panel.for_selected", count=count))
        self.selected.setEnabled(chosen > 0)
        (self.selected if chosen else self.bulk).setChecked(True)
        units = self._units()
        for name, box in self.statuses.items():
            box.setText(f"{desk.words.status(name)}  {desk.words.count(units[name])}")
            box.setIcon(status_icon(name, desk.theme))
            box.setChecked(name in USUAL)
            box.toggled.connect(self._follow)
        for box in self.groups.values():
            box.setChecked(True)
            box.toggled.connect(self._follow)
        self.aspect.addItem(say("orders_panel.all_aspects"), "")
        for name in ASPECTS:
            self.aspect.addItem(desk.words.catalogue.text(f"orders.aspect.{name}"), name)
        self.by.addItem("", "")
        for key, name in party_names(desk.session.twin).items():
            self.by.addItem(name, key)
        self.by.setCurrentIndex(max(self.by.findData(desk.acting), 0))
        for field in (self.aspect, self.by):
            mark(desk, "chevron_down", field)
            field.currentIndexChanged.connect(self._follow)
        self.due.setPlaceholderText(say("orders_panel.due_hint"))
        self.title.setPlaceholderText(say("orders_panel.title_hint"))
        for text in (self.title, self.due, self.why):
            text.textChanged.connect(self._follow)
        for button in (self.selected, self.bulk):
            button.toggled.connect(self._follow)
        self.ok.setProperty("primary", True)
        self.ok.clicked.connect(self.accept)
        self.found.setMinimumHeight(34)

    def _units(self) -> dict[str, int]:
        """Return how many maintained units have each status."""
        totals = dict.fromkeys(OFFERED, 0)
        for layer in self.desk.session.twin.layers.values():
            verdict = layer.assessment
            units = verdict.unit_rows()
            if layer.counted_elsewhere is not None:
                units = units[~layer.counted_elsewhere[units]]
            for name in OFFERED:
                if name == "suspect":
                    totals[name] += int(verdict.suspect[units].sum())
                else:
                    totals[name] += int((verdict.status[units] == STATUSES.index(name)).sum())
        return totals

    def _form(self) -> QFormLayout:
        say = self.desk.say
        form = QFormLayout()
        form.setContentsMargins(20, 16, 20, 12)
        form.setVerticalSpacing(8)
        form.addRow(self.selected)
        form.addRow(self.bulk)
        form.addRow("", self._grid(*self.statuses.values()))
        form.addRow(label(say("orders_panel.group")), self._row(*self.groups.values()))
        form.addRow(label(say("orders_column.aspect")), self.aspect)
        form.addRow(label(say("orders_column.title")), self.title)
        form.addRow(label(say("orders_column.due")), self.due)
        form.addRow(label(say("orders_panel.by")), self.by)
        form.addRow(label(say("orders_panel.why")), self.why)
        form.addRow("", self.found)
        form.addRow("", self.wrong)
        for name, field in (("title", self.title), ("due", self.due), ("aspect", self.aspect)):
            field.setAccessibleName(say(f"orders_column.{name}"))
        self.by.setAccessibleName(say("orders_panel.by"))
        self.why.setAccessibleName(say("orders_panel.why"))
        return form

    def _row(self, *parts: QWidget) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        for part in parts:
            row.addWidget(part)
        row.addStretch(1)
        return holder

    def _grid(self, *parts: QWidget) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        for number, part in enumerate(parts):
            grid.addWidget(part, number // 3, number % 3)
        return holder

    def _foot(self) -> QHBoxLayout:
        cancel = QPushButton(self.desk.say("cancel"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        foot.addWidget(self.ok)
        foot.addWidget(cancel)
        foot.addStretch(1)
        return foot

    # -- counting -----------------------------------------------------------------------------

    def _follow(self, *_: object) -> None:
        """Wait until the form rests, then count what it asks for."""
        for box in (*self.statuses.values(), *self.groups.values()):
            box.setEnabled(self.bulk.isChecked() or box in self.groups.values())
        self.raised = None
        self._show()
        self.timer.start()

    def _ask(self) -> Asking:
        """Return what the form asks for. Raises UsageError for a date that is none."""
        names = [name for name, box in self.statuses.items() if box.isChecked()]
        statuses = tuple(names) if self.bulk.isChecked() else ()
        due = self.due.text().strip()
        wish = Wish(
            np.datetime64("now", "ms"),
            str(self.by.currentData() or ""),
            self.title.text().strip(),
            instant_of(due) if due else None,
            note=self.why.text().strip(),
            group=tuple(name for name, box in self.groups.items() if box.isChecked()),
        )
        return Asking(Asked("", str(self.aspect.currentData() or "")), statuses, wish)

    def _count(self) -> None:
        jobs = self.desk.session.jobs
        if self._job is not None:
            jobs.cancel(self._job.id)
            self._job = None
        self.wrong.setText("")
        try:
            asking = self._ask()
        except TwinError as error:
            self._refuse(error)
            return
        if self.bulk.isChecked() and not asking.statuses:
            self.found.setText(self.desk.say("orders_panel.no_status"))
            return
        self.asking = asking
        session = self.desk.session
        work = partial(_raised, frozen(session.twin), dict(session.selected), asking)
        title = self.desk.say("orders_panel.counting")
        self._job = jobs.submit(work, partial(self._came, asking), title=title)

    def _came(self, asking: Asking, outcome: Outcome) -> None:
        if asking is not self.asking:
            return
        self._job = None
        if outcome.error is not None:
            self._refuse(outcome.error)
        else:
            self.raised = outcome.value
            self._show()

    def _refuse(self, error: TwinError) -> None:
        self.found.setText("")
        self.wrong.setText(self.desk.error_text(error))

    def _show(self) -> None:
        """Say what would come; the button says how many."""
        found, say, count = self.raised, self.desk.say, self.desk.words.count
        new = len(found.new) if found is not None else 0
        self.ok.setEnabled(found is not None and bool(found.new or found.grown))
        self.ok.setText(say("orders_panel.raise_n", count=count(new)) if new else say("orders_panel.raise_button"))  # fmt: skip
        if found is None:
            self.found.setText(say("orders_panel.counting"))
            return
        things = sum(len(order.objects) for order in found.new)
        names = {order.accountable for order in found.new}
        facts = {"orders": count(new), "objects": count(things), "parties": count(len(names))}
        lines = [say("orders_panel.would", **facts)]
        nobody = sum(not order.accountable for order in found.new)
        if nobody:
            lines.append(say("orders_panel.nobody", count=count(nobody)))
        if found.covered:
            lines.append(say("orders_panel.covered", count=count(found.covered)))
        self.found.setText(" ".join(lines))


def frozen(twin: Twin) -> Twin:
    """Return a twin of the same layers and records as they are now, for a thread: nobody edits it."""
    records = {kind: dict(kept) for kind, kept in twin.records.items()}
    return Twin(layers=dict(twin.layers), records=records, crs=twin.crs, vertical=twin.vertical)


def _raised(
    twin: Twin, selected: Mapping[LayerId, Rows], asking: Asking, feedback: Feedback
) -> Raised:
    feedback.check()
    return raised_by(Context(twin, selected), asking.asked, asking.statuses, asking.wish)
