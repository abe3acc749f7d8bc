"""A new analysis: which one, its settings, of which scenario and against which. The fields are the form."""

import json
from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from twin.analyses.registry import class_of, default_of, names
from twin.analyses.wording import analysis_title
from ui.desk import Desk
from ui.forms import editor
from ui.panels.parts import label, line, mark, numeric
from ui.results.words import scenario_title

WIDE = 220
NONE = "-"


class AskDialog(QDialog):
    """The form; ``asked`` is (analysis, settings, scenario, against or None) once it is accepted."""

    def __init__(self, desk: Desk, parent: QWidget, name: str = "") -> None:
        super().__init__(parent)
        self.desk = desk
        self.values: dict[str, Any] = {}
        self.setWindowTitle(desk.say("analyse.title"))
        self.setMinimumWidth(460)
        self.which = self._choice(
            [(key, analysis_title(key, desk.words.catalogue)) for key in names()], name
        )
        self.which.currentIndexChanged.connect(lambda _: self._turn())
        self.about = label("", "t2", wrap=True)
        self.holder = QVBoxLayout()
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
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        column.addLayout(self.holder)
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
        self.holder.removeWidget(self.rows)
        self.rows.deleteLater()
        self.rows = QWidget()
        form = QFormLayout(self.rows)
        form.setContentsMargins(20, 4, 20, 12)
        form.setHorizontalSpacing(18)
        for entry in fields(class_of(name)):
            if entry.init:
                self._row(form, name, entry)
        self.holder.addWidget(self.rows)

    def _row(self, form: QFormLayout, name: str, entry: Field[Any]) -> None:
        key, words = f"analysis.{name}.{entry.name}", self.desk.words.catalogue
        title = words.text(key) if words.has(key) else entry.name.replace("_", " ")
        unit = entry.metadata.get("unit", "")
        made = self._field(name, entry)
        made.setFixedWidth(WIDE)
        made.setAccessibleName(title)
        form.addRow(label(f"{title} ({unit})" if unit else title), made)

    def _field(self, name: str, entry: Field[Any]) -> QWidget:
        usual = default_of(entry)
        choices = entry.metadata.get("choices", ())
        if choices:
            words = self.desk.words.catalogue
            keys = [(x, f"analysis.{name}.{entry.name}.{x}") for x in choices]
            entries = [(x, words.text(key) if words.has(key) else x) for x, key in keys]
            made = self._choice(entries, str(usual))
            made.currentIndexChanged.connect(lambda _: self._said(entry.name, made.currentData()))
            return made
        simple = isinstance(usual, bool | int | float) and "low" in entry.metadata
        if simple:
            field = editor(self.desk, entry, usual, self._said)
            if hasattr(field, "lineEdit"):
                numeric(self.desk, field)  # type: ignore[arg-type]
            return field
        text = usual if isinstance(usual, str) else json.dumps(usual)
        line_ = QLineEdit(text)
        line_.textEdited.connect(lambda said: self._said(entry.name, said))
        return line_

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
