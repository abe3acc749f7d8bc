"""Assign a coordinate system and a vertical datum to a source that names none."""

import re

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

from twin.errors import CrsError
from twin.georeference import Crs, parse_crs
from twin.scene import Layer
from ui.desk import Desk
from ui.panels.parts import label, line, mark
from ui.panels.system_search import SystemSearch, unit_words

VERTICAL = ("", "EPSG:5709", "EPSG:7837", "EPSG:5783", "EPSG:5773", "EPSG:5737", "EPSG:4979")
_CODE = re.compile(r"^EPSG:\d{3,6}$", re.IGNORECASE)


class CrsDialog(QDialog):
    """Two fields; the source's file is never written."""

    def __init__(self, desk: Desk, parent: QWidget, layer: Layer) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setWindowTitle(desk.say("layers.crs"))
        self.field = QLineEdit(layer.source.crs or layer.about.crs)
        self.field.setPlaceholderText(desk.say("crs.example"))
        self.field.setAccessibleName(desk.say("crs.horizontal"))
        self.search = SystemSearch(desk, self.field)
        self.datum = QComboBox()
        self.datum.setAccessibleName(desk.say("crs.vertical"))
        for code in VERTICAL:
            self.datum.addItem(desk.say(f"crs.datum_{code.rpartition(':')[2] or 'keep'}"), code)
        self.datum.setCurrentIndex(max(self.datum.findData(layer.source.vertical), 0))
        self.datum.setFixedWidth(260)
        mark(desk, "chevron_down", self.datum)
        self.wrong = label("", "stale", 11)
        self.told = label("", "t2", 11, wrap=True)
        self.field.textChanged.connect(self._tell)
        self._tell()
        form = QFormLayout()
        form.setContentsMargins(20, 16, 20, 12)
        form.addRow(label(layer.title, bold=True))
        form.addRow(label(desk.say("crs.horizontal")), self.field)
        form.addRow("", self.told)
        form.addRow(label(desk.say("crs.vertical")), self.datum)
        form.addRow(label(desk.say("crs.kept"), "t3", 11, wrap=True))
        form.addRow(self.wrong)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        column.addWidget(line())
        column.addLayout(self._foot())
        self.setMinimumWidth(420)

    def _foot(self) -> QHBoxLayout:
        desk = self.desk
        keep = QPushButton(desk.say("crs.assign"))
        keep.setProperty("primary", True)
        keep.clicked.connect(self._accept)
        cancel = QPushButton(desk.say("cancel"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        foot.addWidget(keep)
        foot.addWidget(cancel)
        foot.addStretch(1)
        return foot

    def _tell(self) -> None:
        """Say what the typed code is: name, unit, area of use."""
        self.wrong.setText("")
        try:
            found = parse_crs(self.crs()) if _CODE.match(self.crs()) else Crs()
        except CrsError as error:
            found = Crs()
            self.wrong.setText(self.desk.error_text(error))
        unit = unit_words(self.desk, found.unit)
        self.told.setText(" · ".join(x for x in (found.title, unit, found.area_name) if x))

    def _accept(self) -> None:
        if self.crs() and not _CODE.match(self.crs()):
            self.wrong.setText(self.desk.say("crs.wrong", code=self.crs()))
            return
        self.accept()

    def crs(self) -> str:
        """Return the typed code."""
        text = self.field.text().strip()
        return f"EPSG:{text}" if text.isdigit() else text

    def vertical(self) -> str:
        """Return the chosen vertical datum ('' = as the file says)."""
        return str(self.datum.currentData())
