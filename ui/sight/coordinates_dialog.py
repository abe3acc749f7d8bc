"""Coordinates of a place: in the project's system, on WGS 84, in any EPSG; typed or pasted ones are flown to."""

import numpy as np
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from twin.errors import TwinError
from twin.geometry import F64
from twin.georeference import vertical_title
from twin.georeference.coordinates import notations, placed, read_coordinates
from ui.city_view import CityView
from ui.desk import Desk
from ui.panels.parts import copy_text, icon_button, label, line
from ui.panels.system_search import SystemSearch

ROWS = ("project", "degrees", "dms", "utm", "other", "geo", "wkt")
ROOM = 60.0
"""Metres round a place that one flies to."""


class CoordinatesDialog(QDialog):
    """A field to type or paste, a system of one's own, and the place in every notation to copy."""

    def __init__(self, desk: Desk, view: CityView, parent: QWidget, place: F64) -> None:
        super().__init__(parent)
        self.desk, self.view, self.place = desk, view, place
        self.setWindowTitle(desk.say("coordinates.title"))
        self.typed = self._field("coordinates.typed", "52.0116, 4.3571")
        self.system = self._field("coordinates.system", "EPSG:4547")
        self.search = SystemSearch(desk, self.system)
        self.wrong = label("", "stale", 11, wrap=True)
        go = QPushButton(desk.say("coordinates.go"))
        go.setProperty("primary", True)
        go.clicked.connect(self.go)
        top = QHBoxLayout()
        top.addWidget(self.typed, 1)
        top.addWidget(go)
        self.grid = QGridLayout()
        self.values: dict[str, QLabel] = {}
        for number, code in enumerate(ROWS):
            self._row(number, code)
        self.system.editingFinished.connect(self.show_place)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        for part in (label(desk.say("coordinates.typed"), bold=True), top, self.wrong, line()):
            column.addLayout(part) if isinstance(part, QHBoxLayout) else column.addWidget(part)
        column.addLayout(self.grid)
        column.addWidget(label(self._datum(), "t3", 11, wrap=True))
        self.setMinimumWidth(540)
        self.show_place()

    def _field(self, words: str, example: str) -> QLineEdit:
        made = QLineEdit()
        made.setPlaceholderText(example)
        made.setAccessibleName(self.desk.say(words))
        return made

    def _row(self, number: int, code: str) -> None:
        value = label("", "t1", 12)
        title = self.desk.say(f"coordinates.row.{code}")
        self.grid.addWidget(label(title, "t2", 12), number, 0)
        if code == "other":
            self.system.setFixedWidth(110)
            self.grid.addWidget(self.system, number, 1)
        self.grid.addWidget(value, number, 2)
        copy = icon_button(self.desk, "copy", self.desk.say("coordinates.copy", name=title))
        copy.clicked.connect(lambda _=False, label=value: self._copy(label.text()))
        self.grid.addWidget(copy, number, 3)
        self.grid.setColumnStretch(2, 1)
        self.values[code] = value

    def _datum(self) -> str:
        twin = self.desk.session.twin
        datum = vertical_title(twin.vertical) or self.desk.say("profile.no_datum")
        return self.desk.say("coordinates.datum", crs=twin.crs, datum=datum)

    def _copy(self, text: str) -> None:
        if text:
            copy_text(text)
            self.desk.tell(self.desk.say("coordinates.copied", text=text), "info")

    def show_place(self) -> None:
        """Write the place in every notation; a system that is none is said."""
        project, code = self.desk.session.project, self.system.text().strip()
        self.wrong.setText("")
        if project is None:
            self.wrong.setText(self.desk.say("coordinates.no_crs"))
            return
        try:
            told = notations(self.place, project, f"EPSG:{code}" if code.isdigit() else code)
        except TwinError as error:
            self.wrong.setText(self.desk.error_text(error))
            told = notations(self.place, project)
        for name, value in self.values.items():
            value.setText(told.get(name, ""))

    def go(self) -> None:
        """Fly to what was typed; what is no place is said."""
        project = self.desk.session.project
        if project is None:
            return
        try:
            place = placed(read_coordinates(self.typed.text()), project)
        except TwinError as error:
            self.wrong.setText(self.desk.error_text(error))
            return
        if np.isnan(place[2]):
            place[2] = self.place[2]
        self.place = place
        self.show_place()
        self.view.fit(np.concatenate([place - ROOM, place + ROOM]))
