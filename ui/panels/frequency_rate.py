"""Where a rate of change comes from: permits in object-years, or two deliveries; with its interval."""

import math
from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from twin.jobs import Feedback, Outcome
from twin.maintenance.frequency import Rate, from_deliveries, from_events
from twin.maintenance.frequency.rate import Interval
from twin.maintenance.frequency.report import percent
from twin.planning import ALL, changed_by_class, delivery_date, years_between
from ui.desk import Desk
from ui.panels.frequency_levers import NumberField
from ui.panels.frequency_words import say
from ui.panels.parts import label, line, segments

WAYS = ("permits", "deliveries")
FIELDS = {
    "permits": {"events": (1e9, 0), "object_years": (1e12, 1)},
    "deliveries": {"changed": (1e9, 0), "objects": (1e9, 0), "years": (1e3, 4)},
}
"""Way -> field -> (largest value, decimals)."""


class RateDialog(QDialog):
    """Fields for either way; the rate follows on a job, as its interval needs special functions.

    ``on_use(rate, words)`` gets the rate and where it is from.
    """

    def __init__(self, desk: Desk, parent: QWidget, kind: str = "") -> None:
        super().__init__(parent)
        self.desk, self.kind = desk, kind
        self.rate: Rate | None = None
        self.on_use: Callable[[Rate, str], None] = lambda rate, words: None
        self.setWindowTitle(say(desk, "rate.title"))
        self.setMinimumWidth(420)
        self.way = WAYS[0]
        self.fields: dict[str, NumberField] = {}
        self.pages = QStackedWidget()
        for way in WAYS:
            self.pages.addWidget(self._page(way))
        self.told = label("", "t1", wrap=True)
        self.told.setMinimumHeight(52)
        self.use = QPushButton(say(desk, "rate.use"))
        self.use.setProperty("primary", True)
        self.use.clicked.connect(self._used)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(10)
        row = QHBoxLayout()
        row.setSpacing(0)
        self.ways = segments([(x, say(desk, f"rate.{x}")) for x in WAYS], self.way, self.turn)
        for button in self.ways:
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.pages)
        column.addWidget(self.told)
        column.addWidget(line())
        column.addLayout(self._foot())
        self._from_comparison()
        self._ask()

    def _page(self, way: str) -> QWidget:
        made = QWidget()
        form = QFormLayout(made)
        form.setContentsMargins(0, 0, 0, 0)
        hint = label(say(self.desk, f"rate.{way}_hint"), "t2", 11, wrap=True)
        form.addRow(hint)
        for name, (most, decimals) in FIELDS[way].items():
            title = say(self.desk, f"rate.{name}")
            field = NumberField(self.desk, title, most, decimals)
            field.valueChanged.connect(lambda _: self._ask())
            self.fields[name] = field
            form.addRow(label(title), field)
        return made

    def _foot(self) -> QHBoxLayout:
        close = QPushButton(self.desk.say("cancel"))
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addWidget(self.use)
        foot.addWidget(close)
        foot.addStretch(1)
        return foot

    def _from_comparison(self) -> None:
        """Fill in what the last comparison of two deliveries found, where there is one."""
        session = self.desk.session
        work = session.comparison
        if work is None or work.result is None or work.old not in session.twin.layers:
            return
        old, new = (session.twin.layers[key] for key in (work.old, work.new))
        counts = changed_by_class(work.result, old)
        changed, objects = counts.get(self.kind, counts.get(ALL, (0, 0)))
        dates = delivery_date(old), delivery_date(new)
        if dates[0] is not None and dates[1] is not None and objects:
            self.fields["years"].setValue(max(years_between(dates[0], dates[1]), 0.0))
        self.fields["changed"].setValue(changed)
        self.fields["objects"].setValue(objects)
        self.ways[1].setChecked(True)
        self.turn(WAYS[1])

    def turn(self, way: str) -> None:
        """Show the other way."""
        self.way = way
        self.pages.setCurrentIndex(WAYS.index(way))
        self._ask()

    def _ask(self) -> None:
        """Reckon on a job; what is missing is said instead."""
        values = {name: field.value() for name, field in self.fields.items()}
        self.desk.session.jobs.submit(
            partial(_reckoned, self.way, values),
            partial(self._came, (self.way, values)),
            quiet=True,
        )

    def _came(self, asked: tuple[str, dict[str, float]], outcome: Outcome) -> None:
        if not isValid(self) or asked[0] != self.way:
            return
        self.rate = None if outcome.error is not None else outcome.value
        there = self.rate is not None and math.isfinite(self.rate.value) and self.rate.value > 0
        self.use.setEnabled(there)
        if not any(asked[1][name] for name in FIELDS[self.way]):
            self.told.setText(say(self.desk, "rate.fill"))
        elif outcome.error is not None:
            self.told.setText(self.desk.error_text(outcome.error))
        elif self.rate is not None:
            self.told.setText(self._words(self.rate))

    def _words(self, rate: Rate) -> str:
        if not math.isfinite(rate.value):
            return say(self.desk, "rate.all", low=percent(rate.low))
        parts = [
            say(
                self.desk, "panel.rate_between", rate=percent(rate.value), low=percent(rate.low),
                high=percent(rate.high) if math.isfinite(rate.high) else "∞",
            )
        ]  # fmt: skip
        if math.isfinite(rate.reduced):
            parts.append(say(self.desk, "rate.reduced", rate=percent(rate.reduced)))
        if rate.few:
            parts.append(say(self.desk, "history.few"))
        return " ".join(parts)

    def _used(self) -> None:
        if self.rate is not None:
            values = {name: self.fields[name].text() for name in FIELDS[self.way]}
            self.on_use(self.rate, say(self.desk, f"rate.source_{self.way}", **values))
        self.accept()


def _reckoned(way: str, values: dict[str, float], feedback: Feedback) -> Rate:
    """Return the rate of a way. Raises PlanInput."""
    if way == WAYS[0]:
        return from_events(int(values["events"]), values["object_years"])
    interval = Interval(int(values["changed"]), int(values["objects"]), values["years"])
    return from_deliveries([interval])
