"""A field for a coordinate system that is found by its name: systems of the place first, with area and unit."""

import numpy as np
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView
from shiboken6 import isValid

from twin.georeference.registry import Registered, registry, search
from twin.jobs import Feedback, Outcome
from ui.desk import Desk

LEAST = 2
"""Letters from which it is searched."""
ROWS = 7
WIDE = 440


class SystemSearch(QObject):
    """Lists systems under a field while a name is typed; arrow keys and Enter, or the mouse, take one.

    The field then holds its code. The registry is read in the background once somebody types.
    """

    def __init__(self, desk: Desk, field: QLineEdit) -> None:
        super().__init__(field)
        self.desk, self.field = desk, field
        self.ready = self.asked = False
        self.model = QStandardItemModel(self)
        self.popup = QListView()
        self.popup.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list = QCompleter(self.model, field)
        self.list.setPopup(self.popup)
        self.list.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.list.setCompletionRole(Qt.ItemDataRole.UserRole)
        self.list.setMaxVisibleItems(ROWS)
        self.popup.setObjectName("systems")
        self.popup.setMinimumWidth(WIDE)
        self.popup.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.popup.setAccessibleName(desk.say("crs.search"))
        field.setToolTip(desk.say("crs.search"))
        field.textEdited.connect(self.look)
        field.setCompleter(self.list)
        self.list.activated.connect(self._take)  # a field takes it only while it has the focus

    def _take(self, code: object) -> None:
        if isinstance(code, str):
            self.field.setText(code)

    def _came(self, outcome: Outcome) -> None:
        self.ready = outcome.error is None
        if self.ready and isValid(self.field) and self.field.hasFocus():
            self.look(self.field.text())

    def look(self, text: str) -> None:
        """List what a text may mean; a bare code lists nothing else than itself."""
        if not self.asked:
            self.asked = True
            self.desk.session.jobs.submit(_read, self._came, title="EPSG", quiet=True)
        typed = text.strip()
        enough = self.ready and len(typed) >= LEAST
        found = search(typed.removeprefix("EPSG:"), self.place()) if enough else []
        self.model.clear()
        for item in found:
            row = QStandardItem(f"{item.name}\n{self.told(item)}")
            row.setData(item.code, Qt.ItemDataRole.UserRole)
            row.setToolTip(f"{item.name}\n{self.told(item)}")
            self.model.appendRow(row)
        if found:
            self.list.complete()
        else:
            self.popup.hide()

    def place(self) -> tuple[float, float] | None:
        """Return longitude and latitude of the middle of what is open."""
        session = self.desk.session
        box = session.twin.bounds
        if not np.isfinite(box).all():
            return None
        degrees = session.lonlat(((box[:3] + box[3:]) / 2)[None, :])
        if degrees is None or not abs(degrees[0, :2]).max() <= 360:
            return None
        return float(degrees[0, 0]), float(degrees[0, 1])

    def told(self, item: Registered) -> str:
        """Return code, unit and area of use of a system in a line."""
        here = [self.desk.say("crs.here")] if item.covers(self.place()) else []
        return " · ".join([item.code, unit_words(self.desk, item.unit), *here, item.area_name])


def unit_words(desk: Desk, unit: str) -> str:
    """Return the registry's name of a unit in the language of the window, where it has one."""
    key = f"crs.unit_{unit.replace(' ', '_')}"
    return desk.say(key) if unit and desk.words.has(key) else unit


def _read(feedback: Feedback) -> int:
    return len(registry())
