"""A new analysis: which one, its settings, of which scenario and against which. The fields are the form."""

import json
from collections.abc import Callable, Mapping
from dataclasses import Field, fields
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from twin.analyses.registry import class_of, default_of, names
from twin.analyses.wording import analysis_title
from twin.geometry import F64
from ui.desk import Desk
from ui.forms import editor
from ui.panels.parts import label, line, mark, numeric
from ui.results.words import scenario_title

WIDE = 220
MOST = 420
"""Logical pixels that settings take; more of them are scrolled to, for the dialog fits a screen of 720."""
NONE = "-"
DECIMALS = 2
Pick = Callable[[str, Callable[[list[F64]], None]], None]
"""Lets places of a kind be picked in the view and tells them; none = given up."""


class AskDialog(QDialog):
    """The form; ``asked`` is (analysis, settings, scenario, against or None) once it is accepted."""

    def __init__(
        self, desk: Desk, parent: QWidget, name: str = "", pick: Pick | None = None
    ) -> None:
        super().__init__(parent)
        self.desk, self.pick = desk, pick
        self.values: dict[str, Any] = {}
        self.setWindowTitle(desk.say("analyse.title"))
        self.setMinimumWidth(460)
        self.which = self._choice(
            [(key, analysis_title(key, desk.words.catalogue)) for key in names()], name
        )
        self.which.currentIndexChanged.connect(lambda _: self._turn())
        self.about = label("", "t2", wrap=True)
        scenarios = [("", scenario_title(desk, ""))]
        scenarios += [(x.id, x.title) for x in desk.session.twin.records["scenarios"].values()]
        self.scenario = self._choice(scenarios, desk.session.twin.scenario)
        self.against = self._choice([(NONE, desk.say("analyse.alone")), *scenarios], NONE)
        form = QFormLayout()
        form.setContentsMargins(20, 16, 20, 4)
        form.setHorizontalSpacing(18)
        form.addRow(label(desk.say("analyse.which")), self.which)
        form.addRow("", self.about)
        form.addRow(label(desk.say("analyse.scenario")), self.scenario)
        form.addRow(label(desk.say("analyse.against")), self.against)
        self.rows = QWidget()
        self.sheet = QScrollArea()
        self.sheet.setObjectName("panel")
        self.sheet.setFrameShape(QFrame.Shape.NoFrame)
        self.sheet.setWidgetResizable(True)
        self.sheet.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        column.addWidget(self.sheet, 1)
        column.addWidget(line())
        column.addLayout(self._foot())
        self._turn()

    def _choice(self, entries: list[tuple[str, str]], chosen: str) -> QComboBox:
        made = QComboBox()
        made.setFixedWidth(WIDE)
        for key, title in entries:
            made.addItem(title, key)
        made.setCurrentIndex(max(0, made.findData(chosen)))
        mark(self.desk, "chevron_down", made)
        return made

    def _foot(self) -> QHBoxLayout:
        run = QPushButton(self.desk.say("analyse.run"))
        run.setProperty("primary", True)
        run.setDefault(True)
        run.clicked.connect(self.accept)
        close = QPushButton(self.desk.say("cancel"))
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setContentsMargins(20, 8, 20, 14)
        foot.addWidget(run)
        foot.addWidget(close)
        foot.addStretch(1)
        return foot

    def _turn(self) -> None:
        """Show the settings of the chosen analysis."""
        name, words = str(self.which.currentData()), self.desk.words.catalogue
        about = f"analysis.{name}.about"
        self.about.setText(words.text(about) if words.has(about) else "")
        self.values = {}
        self.rows = QWidget()
        form = QFormLayout(self.rows)
        form.setContentsMargins(20, 4, 20, 12)
        form.setHorizontalSpacing(18)
        for entry in fields(class_of(name)):
            if entry.init:
                self._row(form, name, entry)
        self.sheet.setWidget(self.rows)  # the rows before are deleted
        self.sheet.setMinimumHeight(min(self.rows.sizeHint().height(), MOST))

    def _row(self, form: QFormLayout, name: str, entry: Field[Any]) -> None:
        key, words = f"analysis.{name}.{entry.name}", self.desk.words.catalogue
        title = words.text(key) if words.has(key) else entry.name.replace("_", " ")
        unit = entry.metadata.get("unit", "")
        made = self._field(entry)
        made.setFixedWidth(WIDE)
        made.setAccessibleName(title)
        kind = entry.metadata.get("pick", "")
        beside = made if kind in ("", "layer") or self.pick is None else self._picking(made, entry)
        form.addRow(label(f"{title} ({unit})" if unit else title), beside)

    def _field(self, entry: Field[Any]) -> QWidget:
        usual, meta = default_of(entry), entry.metadata
        entries = self._entries(entry)
        if entries:
            made = self._choice(entries, str(usual))
            made.currentIndexChanged.connect(lambda _: self._said(entry.name, made.currentData()))
            return made
        if isinstance(usual, bool | int | float) and "low" in meta:
            field = editor(self.desk, entry, usual, self._said)
            self._dress(field, entry)
            return field
        text = usual if isinstance(usual, str) else json.dumps(usual)
        line_ = QLineEdit(text)
        line_.textEdited.connect(lambda said: self._said(entry.name, said))
        return line_

    def _dress(self, field: QWidget, entry: Field[Any]) -> None:
        """Give a number its decimals, its steppers and the word for what nobody said."""
        if isinstance(field, QDoubleSpinBox):
            field.setDecimals(DECIMALS)
            field.setValue(float(default_of(entry)))
        if isinstance(field, QSpinBox | QDoubleSpinBox):
            absent = entry.metadata.get("absent", "")
            if absent:
                field.setSpecialValueText(self.desk.say(f"setting_choice.{absent}"))
            numeric(self.desk, field)

    def _entries(self, entry: Field[Any]) -> list[tuple[str, str]]:
        """Return what can be chosen for a setting with its words; nothing where it is no choice."""
        meta, say = entry.metadata, self.desk.say
        if meta.get("pick") == "layer":
            layers = self.desk.session.twin.layers
            return [
                ("", say("setting_choice.none")),
                *((key, x.title) for key, x in layers.items()),
            ]
        absent, words = meta.get("absent", ""), self.desk.words.catalogue
        found = []
        for choice in meta.get("choices", ()):
            key = f"setting_choice.{choice or absent}"
            found.append((choice, say(key) if words.has(f"window.{key}") else choice))
        return found

    def _picking(self, field: QWidget, entry: Field[Any]) -> QWidget:
        """Put the button beside a field whose value can be picked in the view."""
        button = QPushButton(self.desk.say("analyse.pick"))
        button.setAutoDefault(False)
        button.setToolTip(self.desk.say("analyse.pick_tip"))
        button.setAccessibleName(f"{self.desk.say('analyse.pick')}: {field.accessibleName()}")
        button.clicked.connect(lambda: self._pick(entry, field))
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(field)
        row.addWidget(button)
        return holder

    def _pick(self, entry: Field[Any], field: QWidget) -> None:
        """Give way to the view until something is picked there, or the user left."""
        kind = entry.metadata["pick"]

        def came(places: list[F64]) -> None:
            if places:
                size = 2 if kind == "plan" else 3
                rows = [[round(float(x), 3) for x in place[:size]] for place in places]
                value = rows[0] if kind == "point" else rows
                self._said(entry.name, value)
                if isinstance(field, QLineEdit):
                    field.setText(json.dumps(value))
            self.show()

        if self.pick is not None:
            self.hide()
            self.pick(kind, came)

    def _said(self, name: str, value: Any) -> None:
        self.values[name] = value

    @property
    def asked(self) -> tuple[str, Mapping[str, Any], str, str | None]:
        """Return the analysis, its settings, the scenario, and what it is compared with (None = nothing)."""
        against = str(self.against.currentData())
        return (
            str(self.which.currentData()), self.values, str(self.scenario.currentData()),
            None if against == NONE else against,
        )  # fmt: skip
