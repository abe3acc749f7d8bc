"""A new analysis: which one, its settings, of which scenario and against which. The fields are the form."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, fields
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from twin.analyses.registry import PLACES, class_of, default_of, names
from twin.analyses.wording import analysis_title
from twin.errors import TwinError
from twin.geometry import F64
from twin.outlines import polygon_of, ring_of
from ui.desk import Desk
from ui.forms import editor
from ui.panels.parts import icon_button, label, line, mark, numeric, offer
from ui.results.areas import Named, offered, selected_objects, title_of
from ui.results.words import scenario_title

WIDE = 220
MOST = 420
"""Logical pixels that settings take; more of them are scrolled to, for the dialog fits a screen of 720."""
NONE = "-"
DECIMALS = 2
MOST_OFFERED = 20
"""Areas or objects that a menu lists."""
TAKEN = ("area", "plan", "zones", "object")
"""Settings that take over what there is."""
Pick = Callable[[str, Callable[[list[Any]], None]], None]
"""Lets places of a kind be picked in the view and tells them; none = given up."""


class AskDialog(QDialog):
    """The form; ``asked`` is (analysis, settings, scenario, against or None) once it is accepted."""

    def __init__(
        self, desk: Desk, parent: QWidget, name: str = "", pick: Pick | None = None
    ) -> None:
        super().__init__(parent)
        self.desk, self.pick = desk, pick
        self.values: dict[str, Any] = {}
        self.fields: dict[str, QWidget] = {}
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
        foot.addSpacing(8)
        self.missing = label("", "stale", wrap=True)
        self.missing.hide()
        foot.addWidget(self.missing, 1)
        foot.addStretch(0)
        return foot

    def _turn(self) -> None:
        """Show the settings of the chosen analysis."""
        name, words = str(self.which.currentData()), self.desk.words.catalogue
        about = f"analysis.{name}.about"
        self.about.setText(words.text(about) if words.has(about) else "")
        self.values = {}
        self.fields.clear()
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
        self.fields[entry.name] = made
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
        line_ = QLineEdit(self._told(entry, usual))
        if meta.get("pick") == "zones":  # names stand there: what is typed would be no polygon
            line_.setReadOnly(True)
            line_.setPlaceholderText(self.desk.say("analyse.no_zones"))
        elif meta.get("pick") in PLACES:
            area = meta["pick"] in ("area", "plan")
            line_.setPlaceholderText(
                self.desk.say("analyse.everywhere" if area else "analyse.not_picked")
            )
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
        """Put the buttons beside a field whose value can be picked in the view or taken over from the project."""
        kind, say = entry.metadata["pick"], self.desk.say
        words = "choose" if kind == "file" else "pick"
        button = QPushButton(say(f"analyse.{words}"))
        button.setAutoDefault(False)
        button.setToolTip(say(f"analyse.{words}_tip"))
        button.setAccessibleName(f"{button.text()}: {field.accessibleName()}")
        button.clicked.connect(
            lambda: self._open(entry, field) if kind == "file" else self._pick(entry, field)
        )
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(field)
        row.addWidget(button)
        if kind in TAKEN:
            more = icon_button(self.desk, "chevron_down", say("analyse.take_over"))
            more.clicked.connect(
                lambda: self.menu_of(entry, field).exec(more.mapToGlobal(more.rect().bottomLeft()))
            )
            row.addWidget(more)
        return holder

    def _open(self, entry: Field[Any], field: QWidget) -> None:
        """Ask for a file."""
        path, _ = QFileDialog.getOpenFileName(self, self.desk.say("analyse.choose"))
        if path:
            self._put(entry, field, path)

    def menu_of(self, entry: Field[Any], field: QWidget) -> QMenu:
        """Return what a setting can take over: areas of the project, outlines or objects of the selection."""
        menu, say = QMenu(self), self.desk.say
        if entry.metadata["pick"] == "object":
            for layer, key in selected_objects(self.desk)[:MOST_OFFERED]:
                offer(menu, title_of(self.desk, layer, key), partial(self._object, layer, key))
        else:
            take = partial(self._take, entry, field)
            for origin, some in offered(self.desk).items():
                below = menu.addMenu(say(f"analyse.from_{origin}"))
                if len(some) > 1 and entry.metadata["pick"] == "zones":
                    offer(
                        below,
                        say("analyse.all", count=self.desk.words.count(len(some))),
                        partial(take, some),
                    )
                for one in some[:MOST_OFFERED]:
                    offer(below, one.name, partial(take, [one]))
        if menu.isEmpty():
            menu.addAction(say("analyse.nothing_to_take")).setEnabled(False)
        if self.values.get(entry.name):
            menu.addSeparator()
            offer(menu, say("analyse.take_back"), partial(self._put, entry, field, []))
        return menu

    def _take(self, entry: Field[Any], field: QWidget, areas: Sequence[Named]) -> None:
        """Take areas over: as zones beside those there are, else the corners of one of them."""
        if entry.metadata["pick"] == "zones":
            known = list(self.values.get(entry.name) or ())
            more = [[one.name, one.polygon] for one in areas]
            self._put(entry, field, known + [one for one in more if one not in known])
            return
        try:
            ring = np.array(ring_of(areas[0].polygon))
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return
        level = np.nan_to_num(self.desk.session.ground(ring))
        self._places(entry, field, [*np.column_stack([ring, level])])

    def _object(self, layer: str, key: str) -> None:
        """Take an object over, and its layer."""
        choice = self.fields.get("layer")
        if isinstance(choice, QComboBox):
            choice.setCurrentIndex(choice.findData(layer))
        self.values["layer"] = layer
        self.values["object"] = key
        field = self.fields.get("object")
        if isinstance(field, QLineEdit):
            field.setText(key)

    def _pick(self, entry: Field[Any], field: QWidget) -> None:
        """Give way to the view until something is picked there, or the user left."""
        kind = entry.metadata["pick"]

        def came(found: list[Any]) -> None:
            if found and kind == "object":
                self._object(*found[0])
            elif found and kind == "zones":
                self._drawn(entry, field, found)
            elif found:
                self._places(entry, field, found)
            self.show()

        if self.pick is not None:
            self.hide()
            self.pick(kind, came)

    def _drawn(self, entry: Field[Any], field: QWidget, places: list[F64]) -> None:
        """Take a drawn area as one more zone."""
        number = len(self.values.get(entry.name) or ()) + 1
        name = self.desk.say("analyse.drawn", number=number)
        try:
            self._take(entry, field, [Named(name, polygon_of([*map(list, places)]))])
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")

    def _places(self, entry: Field[Any], field: QWidget, places: list[F64]) -> None:
        size = 2 if entry.metadata["pick"] == "plan" else 3
        rows = [[round(float(x), 3) for x in place[:size]] for place in places]
        self._put(entry, field, rows[0] if entry.metadata["pick"] == "point" else rows)

    def _put(self, entry: Field[Any], field: QWidget, value: Any) -> None:
        """Set a setting and show it."""
        self._said(entry.name, value)
        if isinstance(field, QLineEdit):
            field.setText(self._told(entry, value))
            field.setCursorPosition(0)

    def _told(self, entry: Field[Any], value: Any) -> str:
        """Return a setting as its field shows it: zones by their names."""
        if entry.metadata.get("pick") == "zones":
            names = ", ".join(str(name) for name, _ in value)
            count = self.desk.words.count(len(value))
            return self.desk.say("analyse.zones", count=count, names=names) if value else ""
        if entry.metadata.get("pick") in PLACES:
            places = [value] if entry.metadata["pick"] == "point" else value
            plain = "; ".join(", ".join(f"{x:.12g}" for x in place) for place in places)
            return "" if value == default_of(entry) and entry.name not in self.values else plain
        return value if isinstance(value, str) else json.dumps(value)

    def accept(self) -> None:
        """Begin, once every place that is needed is there."""
        for entry in fields(class_of(str(self.which.currentData()))):
            if entry.metadata.get("pick") == "point" and not self.values.get(entry.name):
                field = self.fields[entry.name]
                self.missing.setText(self.desk.say("analyse.missing", name=field.accessibleName()))
                self.missing.show()
                field.setFocus()
                return
        super().accept()

    def _said(self, name: str, value: Any) -> None:
        self.values[name] = value
        self.missing.hide()

    @property
    def asked(self) -> tuple[str, Mapping[str, Any], str, str | None]:
        """Return the analysis, its settings, the scenario, and what it is compared with (None = nothing)."""
        against = str(self.against.currentData())
        return (
            str(self.which.currentData()), self.values, str(self.scenario.currentData()),
            None if against == NONE else against,
        )  # fmt: skip
