"""The numbers of a placement, typed: system, easting, northing, height, rotation, scale."""

from collections.abc import Callable

from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QLineEdit, QPushButton, QWidget

from twin.records import Placement
from ui.desk import Desk
from ui.panels.parts import label, numeric
from ui.panels.system_search import SystemSearch

NUMBERS = {
    "easting": (1e9, 3, 0.1), "northing": (1e9, 3, 0.1), "height": (1e5, 3, 0.1),
    "rotation": (360.0, 4, 0.5), "scale": (1000.0, 6, 0.001),
}  # fmt: skip
"""Field -> largest value, decimals, step."""


class PlacementForm(QWidget):
    """Six fields and a button; nothing moves before it is pressed (``on_place``)."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.anchor = (0.0, 0.0, 0.0)
        self.on_place: Callable[[Placement], None] = lambda placement: None
        self.crs = QLineEdit()
        self.crs.setPlaceholderText("EPSG:28992")
        self.crs.setAccessibleName(desk.say("placement.crs"))
        self.search = SystemSearch(desk, self.crs)
        self.fields = {name: self._number(name) for name in NUMBERS}
        self.fields["rotation"].setToolTip(desk.say("placement.rotation_tip"))
        self.button = QPushButton(desk.say("placement.place"))
        self.button.clicked.connect(lambda: self.on_place(self.placement()))
        grid = QGridLayout(self)
        grid.setContentsMargins(14, 2, 14, 10)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        order = [("crs", self.crs), *self.fields.items()]
        for number, (name, field) in enumerate(order):
            row, column = number // 2 * 2, number % 2
            grid.addWidget(label(desk.say(f"placement.{name}"), "t2", 11), row, column)
            grid.addWidget(field, row + 1, column)
        grid.addWidget(self.button, 6, 1)
        grid.setRowMinimumHeight(6, 34)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)

    def _number(self, name: str) -> QDoubleSpinBox:
        most, decimals, step = NUMBERS[name]
        made = QDoubleSpinBox()
        made.setDecimals(decimals)
        made.setRange(1e-6 if name == "scale" else -most, most)
        made.setSingleStep(step)
        made.setKeyboardTracking(False)
        made.setAccessibleName(self.desk.say(f"placement.{name}"))
        made.setMinimumWidth(96)
        numeric(self.desk, made)
        return made

    def show_placement(self, placement: Placement | None, crs: str) -> None:
        """Show the numbers a layer stands by; without any those of nothing in the system ``crs``."""
        shown = placement or Placement("", crs, 0.0, 0.0, 0.0)
        self.anchor = shown.anchor
        self.crs.setText(shown.crs or crs)
        self.crs.setCursorPosition(0)
        for name, field in self.fields.items():
            field.setValue(getattr(shown, name))
            field.lineEdit().setCursorPosition(0)

    def placement(self) -> Placement:
        """Return what was typed."""
        text = self.crs.text().strip()
        crs = f"EPSG:{text}" if text.isdigit() else text
        values = {name: field.value() for name, field in self.fields.items()}
        return Placement(self.desk.say("placement.typed"), crs, anchor=self.anchor, **values)
