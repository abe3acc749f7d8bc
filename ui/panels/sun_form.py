"""The form of a rule of sun hours: a preset, and what of it is otherwise."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLineEdit,
    QToolButton,
    QWidget,
)

from twin.analyses.sun_rules import (
    CLOCKS,
    JUDGED,
    LEVELS,
    MEASURES,
    TERMS,
    WHERE,
    Rule,
    bundled,
    presets,
    rule_of,
)
from twin.errors import SunRule, TwinError
from twin.settings import settings_file
from ui.desk import Desk
from ui.panels.parts import label, mark, numeric

OWN = ""
"""The preset of a rule that somebody changed."""
PLACES = tuple(name for name in WHERE if name != "points")


class SunForm(QWidget):
    """``rule()`` and ``settings()`` say what is asked; ``on_change()`` comes when a person changed something."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.on_change: Callable[[], None] = lambda: None
        self.presets = self._presets()
        self._quiet = False
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(12)
        self.grid.setVerticalSpacing(5)
        self.grid.setColumnStretch(1, 1)
        self.rare: list[QWidget] = []
        self.preset = self._box("preset", [(x, self._title(x)) for x in (*self.presets, OWN)])
        self.day = self._box("day", [(x, desk.say(f"sun.term_{x}")) for x in TERMS])
        self.day.setEditable(True)
        self.day.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.required = self._number("required", (0.0, 24.0, 0.25), " h")
        self.counted = self._line("counted", "08:00–16:00")
        self.where = self._box("where", [(x, desk.say(f"sun.where_{x}")) for x in PLACES])
        self.spacing = self._number("spacing", (0.1, 1000.0, 0.5), " m")
        self.step = self._number("step", (0.5, 240.0, 5.0), " min")
        self._make_rare()
        self.more = QToolButton()
        self.more.setCheckable(True)
        self.more.setText(desk.say("sun.more"))
        self.more.toggled.connect(self._show_rare)
        self.grid.addWidget(self.more, self.grid.rowCount(), 0, 1, 2, Qt.AlignmentFlag.AlignLeft)
        self.source = label("", "t3", 11, wrap=True)
        self.grid.addWidget(self.source, self.grid.rowCount(), 0, 1, 2)
        self._show_rare(False)
        self.preset.activated.connect(lambda _: self._take())
        self._connect()
        self.step.setValue(10.0)
        self.spacing.setValue(3.0)
        self._take()

    def _make_rare(self) -> None:
        """Make the fields that are shown on request."""
        desk = self.desk
        self.clock = self._box(
            "clock", [(x, desk.say(f"sun.clock_{x}")) for x in CLOCKS], rare=True
        )
        self.measure = self._box(
            "measure", [(x, desk.say(f"sun.measure_{x}")) for x in MEASURES], rare=True
        )
        self.judged = self._box(
            "judged", [(x, desk.say(f"sun.judged_{x}")) for x in JUDGED], rare=True
        )
        self.levels = self._box(
            "levels", [(x, desk.say(f"sun.levels_{x}")) for x in LEVELS], rare=True
        )
        self.sill = self._number("sill", (0.0, 100.0, 0.1), " m", rare=True)
        self.least = self._number("least_altitude", (0.0, 90.0, 1.0), "°", rare=True)
        self.zone = self._line("zone", "Europe/Amsterdam", rare=True)

    def _presets(self) -> Mapping[str, Rule]:
        """Return the bundled rules and the person's own; a broken file of theirs is told."""
        try:
            return presets(settings_file().parent)
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return bundled()

    def _title(self, name: str) -> str:
        key = f"sun.rule_{name}" if name else "sun.rule_own"
        return self.desk.say(key) if self.desk.words.has(key) else name

    # -- making -------------------------------------------------------------------------------

    def _row(self, name: str, field: QWidget, rare: bool) -> None:
        row, words = self.grid.rowCount(), label(self.desk.say(f"sun.field_{name}"), "t2")
        field.setAccessibleName(words.text())
        self.grid.addWidget(words, row, 0)
        self.grid.addWidget(field, row, 1)
        if rare:
            self.rare += [words, field]

    def _box(self, name: str, items: list[tuple[str, str]], *, rare: bool = False) -> QComboBox:
        made = QComboBox()
        for key, words in items:
            made.addItem(words, key)
        made.setMinimumWidth(60)
        made.setMinimumContentsLength(6)
        mark(self.desk, "chevron_down", made)
        self._row(name, made, rare)
        return made

    def _number(
        self, name: str, limits: tuple[float, float, float], unit: str, *, rare: bool = False
    ) -> QDoubleSpinBox:
        made = QDoubleSpinBox()
        made.setRange(limits[0], limits[1])
        made.setSingleStep(limits[2])
        made.setDecimals(2 if unit == " h" else 1)
        made.setSuffix(unit)
        made.setKeyboardTracking(False)
        numeric(self.desk, made)
        self._row(name, made, rare)
        return made

    def _line(self, name: str, hint: str, *, rare: bool = False) -> QLineEdit:
        made = QLineEdit()
        made.setPlaceholderText(hint)
        self._row(name, made, rare)
        return made

    def _connect(self) -> None:
        for box in (self.day, self.where, self.clock, self.measure, self.judged, self.levels):
            box.activated.connect(lambda _: self._changed())
        edit = self.day.lineEdit()
        if edit is not None:
            edit.editingFinished.connect(self._changed)
        for number in (self.required, self.spacing, self.step, self.sill, self.least):
            number.valueChanged.connect(lambda _: self._changed())
        for field in (self.counted, self.zone):
            field.editingFinished.connect(self._changed)

    def _show_rare(self, shown: bool) -> None:
        for part in self.rare:
            part.setVisible(shown)
        self.more.setText(self.desk.say("sun.fewer" if shown else "sun.more"))

    # -- values -------------------------------------------------------------------------------

    def _take(self) -> None:
        """Fill the form with the preset that was chosen."""
        rule = self.presets.get(str(self.preset.currentData()))
        if rule is not None:
            self.show_rule(rule)
            key = f"sun.source_{self.preset.currentData()}"
            self.source.setText(self.desk.say(key) if self.desk.words.has(key) else rule.source)
            self.source.setVisible(bool(self.source.text()))
        self.on_change()

    def show_rule(self, rule: Rule) -> None:
        """Fill the form with a rule."""
        self._quiet = True
        place = self.day.findData(rule.day)
        self.day.setCurrentIndex(place)
        if place < 0:
            self.day.setEditText(rule.day)
        self.required.setValue(rule.required)
        self.counted.setText(f"{rule.start}–{rule.end}")
        for box, value in (
            (self.clock, rule.clock),
            (self.measure, rule.measure),
            (self.judged, rule.judged),
            (self.levels, rule.levels),
        ):
            box.setCurrentIndex(max(box.findData(value), 0))
        self.sill.setValue(rule.sill)
        self.least.setValue(rule.least_altitude)
        self._quiet = False

    def _changed(self) -> None:
        """Say that the rule is a person's own once it differs from its preset."""
        if self._quiet:
            return
        known = self.presets.get(str(self.preset.currentData()))
        try:
            if known is not None and replace(self.rule(), source=known.source) != known:
                self.preset.setCurrentIndex(self.preset.findData(OWN))
                self.source.hide()
        except TwinError:
            pass  # told when it is asked for
        self.on_change()

    def rule(self) -> Rule:
        """Return the rule as the form has it. Raises SunRule."""
        text = self.counted.text().replace("—", "–").replace("-", "–")
        start, _, end = text.partition("–")
        if not end:
            raise SunRule(name="counted", value=text, reason="write a time such as 08:00")
        return rule_of(
            Rule(),
            {
                "day": self._day(), "required": self.required.value(), "measure": self.measure.currentData(),
                "start": start.strip(), "end": end.strip(), "clock": self.clock.currentData(),
                "least_altitude": self.least.value(), "levels": self.levels.currentData(),
                "sill": self.sill.value(), "judged": self.judged.currentData(),
            },
        )  # fmt: skip

    def _day(self) -> str:
        text, place = self.day.currentText().strip(), self.day.currentIndex()
        chosen = place >= 0 and text == self.day.itemText(place)
        return str(self.day.itemData(place)) if chosen else text

    def settings(self) -> dict[str, Any]:
        """Return the settings of the analysis. Raises SunRule."""
        rule = self.rule()
        said = {name: getattr(rule, name) for name in Rule.__slots__ if name != "source"}
        name = str(self.preset.currentData())
        return {
            **said, "rule": name if name in bundled() else "", "where": str(self.where.currentData()),
            "spacing": self.spacing.value(), "step": self.step.value(), "zone": self.zone.text().strip(),
        }  # fmt: skip
