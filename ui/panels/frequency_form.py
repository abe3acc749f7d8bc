"""The class and the levers of "How often": what changes, what a survey costs, what being out of date costs."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.maintenance.frequency import Assumption
from twin.maintenance.frequency.report import unit_of
from ui.desk import Desk
from ui.panels.frequency_levers import Lever
from ui.panels.frequency_words import say
from ui.panels.parts import ElidedBox, label

LEVERS = {
    "rate": (0.01, 200.0, 4), "survey_cost": (10.0, 1e8, 2), "stale_cost": (0.01, 1e5, 2), "most_out": (1.0, 60.0, 2),
}  # fmt: skip
"""Lever -> (lowest, highest of the slider, decimals of the field). Shares are shown as per cent."""
PERCENT = {"rate", "most_out"}
USUAL_LIMIT = 10.0
"""Per cent at which the lever of the limit stands before anybody moved it."""


class FrequencyForm(QWidget):
    """``on_class(key)``; ``on_move(assumption)`` follows a hand; ``on_keep(assumption)`` once it lets go."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.assumed: Assumption | None = None
        self.on_class: Callable[[str], None] = lambda key: None
        self.on_move: Callable[[Assumption], None] = lambda assumed: None
        self.on_keep: Callable[[Assumption], None] = lambda assumed: None
        self.choice = ElidedBox(desk, say(desk, "panel.class"), 200)
        self.choice.setMinimumWidth(90)
        self.choice.setMaximumWidth(16_777_215)
        self.choice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.choice.currentIndexChanged.connect(
            lambda _: self.on_class(str(self.choice.currentData()))
        )
        self.levers = {name: self._lever(name) for name in LEVERS}
        self.limited = QCheckBox(say(desk, "panel.limit"))
        self.limited.setToolTip(say(desk, "panel.limit_tip"))
        self.limited.toggled.connect(self._limit)
        self.source = QToolButton()
        self.source.setProperty("kind", "link")
        self.source.setText(say(desk, "panel.rate_from"))
        self.source.clicked.connect(lambda: desk.act("frequency.rate"))
        row = QHBoxLayout()
        row.addWidget(label(say(desk, "panel.class"), "t2"))
        row.addWidget(self.choice, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self.levers["rate"])
        column.addWidget(self.source, 0, Qt.AlignmentFlag.AlignLeft)
        for part in (self.levers["survey_cost"], self.levers["stale_cost"], self.limited):
            column.addWidget(part)
        column.addWidget(self.levers["most_out"])

    def _lever(self, name: str) -> Lever:
        title, tip = (say(self.desk, f"panel.{name}{x}") for x in ("", "_tip"))
        made = Lever(self.desk, title, tip, LEVERS[name])
        if name in PERCENT:
            made.field.setSuffix(say(self.desk, f"panel.{name}_unit"))
        made.on_move = lambda value: self._moved(name, value)
        made.on_settle = lambda value: self._keep()
        return made

    def show_classes(self, entries: Sequence[tuple[str, str]], key: str) -> None:
        """Show the classes to choose from: (words, key) each."""
        self.choice.blockSignals(True)
        self.choice.clear()
        for words, name in entries:
            self.choice.addItem(words, name)
        self.choice.setCurrentIndex(self.choice.findData(key))
        self.choice.blockSignals(False)

    def show_assumed(self, assumed: Assumption, currency: str) -> None:
        """Show what is assumed of the class."""
        self.assumed = assumed
        unit = unit_of(currency, self.desk.words.language)
        for name, lever in self.levers.items():
            value = float(getattr(assumed, name)) * (100.0 if name in PERCENT else 1.0)
            lever.show_value(USUAL_LIMIT if name == "most_out" and not value else value)
            if name not in PERCENT:
                lever.title.setText(say(self.desk, f"panel.{name}") + unit)
        self.limited.blockSignals(True)
        self.limited.setChecked(bool(assumed.most_out))
        self.limited.blockSignals(False)
        self.levers["most_out"].setVisible(self.limited.isChecked())

    def _moved(self, name: str, value: float) -> None:
        """Follow a hand on a lever; nothing is kept yet. A rate moved by hand has no source any more."""
        if self.assumed is None or (name == "most_out" and not self.limited.isChecked()):
            return
        if name == "rate":
            self.assumed = replace(
                self.assumed, rate=value / 100, rate_low=0.0, rate_high=0.0, source=""
            )
        elif name == "most_out":
            self.assumed = replace(self.assumed, most_out=min(max(value / 100, 1e-6), 0.999))
        elif name == "survey_cost":
            self.assumed = replace(self.assumed, survey_cost=value)
        else:
            self.assumed = replace(self.assumed, stale_cost=value)
        self.on_move(self.assumed)

    def _limit(self, on: bool) -> None:
        self.levers["most_out"].setVisible(on)
        if self.assumed is not None:
            share = self.levers["most_out"].value / 100 if on else 0.0
            self.assumed = replace(self.assumed, most_out=share)
            self.on_move(self.assumed)
            self._keep()

    def _keep(self) -> None:
        if self.assumed is not None:
            self.on_keep(self.assumed)
