"""The form of one rule: fields that say in words what they do, checked with every keystroke."""

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLineEdit,
    QScrollArea,
    QWidget,
)

from twin.errors import TwinError
from twin.features import FeatureTable
from twin.maintenance.intervals import EU_ONLY, FREQUENCIES, eu_code, read_frequency
from twin.maintenance.policy import warn_and_grace
from twin.maintenance.rule_edits import policy_with
from twin.maintenance.rule_tables import CRITICALITIES
from twin.observations import ASPECTS
from twin.records import Policy
from ui.desk import Desk
from ui.panels.parts import label, mark
from ui.wording import DASH

TEXTS = ("title", "kind", "zone", "source", "lod", "loa", "criticality")
NUMBERS = ("warn_days", "grace_days", "c_min", "rate")
FIELD = 64
LOOKED_AT, OFFERED = 20_000, 60
"""Rows whose values are looked at for what a field offers, and values up to which it offers any."""


class PolicyForm(QScrollArea):
    """Edits a copy of a policy; ``on_change(policy, error)`` after every change, None = nothing to apply."""

    def __init__(self, desk: Desk, on_change: Callable[[Policy | None, str], None]) -> None:
        super().__init__()
        self.desk, self.on_change = desk, on_change
        self.before: Policy | None = None
        self.fields: dict[str, QWidget] = {}
        self.aspects: dict[str, QCheckBox] = {}
        self._filling = False
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setObjectName("panel")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(desk.say("policies.form"))
        page = QWidget()
        page.setObjectName("panel")
        grid = QGridLayout(page)
        grid.setContentsMargins(12, 8, 12, 8)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        self._lay(grid)
        self.setWidget(page)
        self.setEnabled(False)

    # -- fields -------------------------------------------------------------------------------

    def _lay(self, grid: QGridLayout) -> None:
        say = self.desk.say
        self.eu = label("", "t3", 11)
        pairs = (
            ("title", self._text("title"), "frequency", self._frequency()),
            ("kind", self._choice("kind"), "duration", self._text("duration")),
            ("zone", self._choice("zone"), "", self.eu),
            ("source", self._choice("source"), "warn_days", self._text("warn_days")),
            ("lod", self._choice("lod"), "grace_days", self._text("grace_days")),
            ("loa", self._choice("loa"), "c_min", self._text("c_min")),
            ("criticality", self._fixed("criticality", ("*", *CRITICALITIES)),
             "severity", self._fixed("severity", CRITICALITIES)),
            ("rate", self._text("rate"), "unit", self._fixed("unit", ("", "yes", "no"))),
            ("", label(say("policies.pattern_hint"), "t3", 11, wrap=True), "", label("")),
        )  # fmt: skip
        for row, (name, field, other, second) in enumerate(pairs):
            for column, (key, widget) in enumerate(((name, field), (other, second))):
                if key:
                    grid.addWidget(label(say(f"policies.{key}"), "t2"), row, 2 * column)
                grid.addWidget(widget, row, 2 * column + 1)
        aspects = QGridLayout()
        aspects.setHorizontalSpacing(12)
        aspects.setVerticalSpacing(0)
        aspects.setColumnStretch(3, 1)
        for number, name in enumerate(ASPECTS):
            box = QCheckBox(say(f"aspect.{name}"))
            box.toggled.connect(lambda _on: self._changed())
            self.aspects[name] = box
            aspects.addWidget(box, number // 3, number % 3)
        grid.addWidget(label(say("policies.required_aspects"), "t2"), len(pairs), 0)
        grid.addLayout(aspects, len(pairs), 1, 1, 3)
        grid.setRowStretch(len(pairs) + 1, 1)

    def _kept(self, name: str, made: QWidget) -> QWidget:
        made.setAccessibleName(self.desk.say(f"policies.{name}"))
        made.setMinimumWidth(FIELD)
        self.fields[name] = made
        return made

    def _text(self, name: str) -> QWidget:
        made = QLineEdit()
        made.textEdited.connect(lambda _text: self._changed())
        return self._kept(name, made)

    def _choice(self, name: str) -> QWidget:
        made = QComboBox()
        made.setEditable(True)
        made.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        made.currentTextChanged.connect(lambda _text: self._changed())
        mark(self.desk, "chevron_down", made)
        return self._kept(name, made)

    def _fixed(self, name: str, choices: Iterable[str]) -> QWidget:
        made = QComboBox()
        for choice in choices:
            key = {"*": "any", "": "as_is"}.get(choice, choice.lower())
            made.addItem(self.desk.say(f"policies.choice.{key}"), choice)
        made.currentIndexChanged.connect(lambda _number: self._changed())
        mark(self.desk, "chevron_down", made)
        return self._kept(name, made)

    def _frequency(self) -> QWidget:
        made = QComboBox()
        made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for entry in FREQUENCIES:
            words = self.desk.say(f"frequency.{entry.code}")
            text = self.desk.say("policies.code", words=words, code=entry.code)
            made.addItem(text, entry.code)
        made.currentIndexChanged.connect(lambda _number: self._changed())
        mark(self.desk, "chevron_down", made)
        return self._kept("frequency", made)

    # -- a policy in and out ------------------------------------------------------------------

    def show_policy(self, policy: Policy | None, offers: dict[str, list[str]]) -> None:
        """Fill the form with a policy (None: nothing to edit); ``offers`` are values the city has."""
        self.before, self._filling = policy, True
        self.setEnabled(policy is not None)
        for name in ("kind", "zone", "source", "lod", "loa"):
            box = self._combo(name)
            box.clear()
            box.addItems(["*", *offers.get(name, [])])
        shown = policy or Policy("")
        for name in ("title", "duration", *NUMBERS):
            value = getattr(shown, name)
            self._line(name).setText("" if value is None else str(value))
            self._line(name).setCursorPosition(0)
        for name in ("kind", "zone", "source", "lod", "loa"):
            self._combo(name).setCurrentText(getattr(shown, name))
        for name in ("criticality", "severity"):
            self._pick(name, getattr(shown, name))
        self._pick("unit", {None: "", True: "yes", False: "no"}[shown.unit])
        self._pick("frequency", self._code(shown))
        if shown.frequency not in {x.code for x in FREQUENCIES} and not shown.duration:
            self._line("duration").setText(self._own_duration(shown))
        for name, tick in self.aspects.items():
            tick.setChecked(name in shown.required_aspects)
        self._filling = False
        self._hints(shown)

    def _code(self, policy: Policy) -> str:
        """Return the ISO code of a policy in whatever spelling."""
        try:
            return read_frequency(policy.frequency, policy.duration)[0].code
        except TwinError:
            return "unknown"

    def _own_duration(self, policy: Policy) -> str:
        """Return the duration that an EU code or a bare duration stands for."""
        try:
            frequency, duration = read_frequency(policy.frequency, policy.duration)
        except TwinError:
            return ""
        plain = str(duration) if duration is not None and frequency.code == "periodic" else ""
        return EU_ONLY.get(policy.frequency.upper(), plain)

    def said(self) -> dict[str, Any]:
        """Return what the form says, as the arguments of ``policy.set``."""
        found: dict[str, Any] = {
            n: self._line(n).text().strip() for n in ("title", "duration", *NUMBERS)
        }
        for name in ("kind", "zone", "source", "lod", "loa"):
            found[name] = self._combo(name).currentText().strip() or "*"
        for name in ("criticality", "severity", "frequency", "unit"):
            found[name] = self._combo(name).currentData()
        found["required_aspects"] = "|".join(
            n for n, box in self.aspects.items() if box.isChecked()
        )
        return found

    def _changed(self) -> None:
        if self._filling or self.before is None:
            return
        try:
            policy = policy_with(self.before, self.before.id, self.said())
        except TwinError as error:
            self.on_change(None, str(error.params.get("reason", error)))
            return
        self._hints(policy)
        self.on_change(policy, "")

    def _hints(self, policy: Policy) -> None:
        """Say beside the fields what holds where they are empty."""
        try:
            frequency, duration = read_frequency(policy.frequency, policy.duration)
        except TwinError:
            return
        days = duration.nominal_days if duration is not None else 0.0
        shown = str(duration) if duration is not None and frequency.by_age else DASH
        self.eu.setText(
            self.desk.say(
                "policies.codes", eu=eu_code(frequency, duration), duration=shown,
                days=f"{days:g}" if days else DASH,
            )
        )  # fmt: skip
        self._line("duration").setPlaceholderText(frequency.duration or "P5Y")
        warn, grace = warn_and_grace(Policy(""), days) if days else (0, 0)
        for name, share, usual in (("warn_days", "fifth", warn), ("grace_days", "tenth", grace)):
            words = self.desk.say(f"policies.{share}", days=usual) if usual else DASH
            self._line(name).setPlaceholderText(words)

    def _line(self, name: str) -> QLineEdit:
        found = self.fields[name]
        assert isinstance(found, QLineEdit)
        return found

    def _combo(self, name: str) -> QComboBox:
        found = self.fields[name]
        assert isinstance(found, QComboBox)
        return found

    def _pick(self, name: str, value: str) -> None:
        self._combo(name).setCurrentIndex(max(self._combo(name).findData(value), 0))


def values_of(tables: Iterable[FeatureTable], column: str) -> list[str]:
    """Return the first distinct texts of a column, as far as they are few enough to choose from."""
    found: set[str] = set()
    for table in tables:
        values = table.get(column)
        if values is not None:
            found |= {str(x) for x in values[:LOOKED_AT].tolist() if x not in (None, "")}
    return sorted(found)[:OFFERED] if len(found) <= OFFERED else []
