"""What a page is to be like: its size, dots per inch, title, and what stands beneath."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ui.desk import Desk
from ui.panels.parts import label, line, mark, numeric
from ui.poster.facts import Beneath
from ui.poster.files import LARGEST
from ui.poster.making import DPI

PAPERS = {
    "screen": (1920, 1080, 96.0),
    "uhd": (3840, 2160, 96.0),
    "a4": (3508, 2480, 300.0),
    "a3": (4961, 3508, 300.0),
    "a1": (9933, 7016, 300.0),
    "most": (16384, 9216, 300.0),
}
"""Sizes to choose from: pixels wide and high, dots per inch."""
PARTS = ("legend", "scale", "north", "dates", "freshness")


class PageDialog(QDialog):
    """Asks for a page; nothing is drawn yet."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setWindowTitle(desk.say("poster.title"))
        self.paper = QComboBox()
        for name in PAPERS:
            self.paper.addItem(desk.say(f"poster.paper_{name}"), name)
        mark(desk, "chevron_down", self.paper)
        self.wide, self.high = QSpinBox(), QSpinBox()
        self.dpi = QDoubleSpinBox()
        self.dpi.setRange(*DPI)
        self.dpi.setDecimals(0)
        for field in (self.wide, self.high):
            field.setRange(320, LARGEST)
        for number in (self.wide, self.high, self.dpi):
            numeric(desk, number)
        self.headline = QLineEdit()
        self.parts = {name: QCheckBox(desk.say(f"poster.part_{name}")) for name in PARTS}
        for box in self.parts.values():
            box.setChecked(True)
        self._lay_out()
        self.paper.currentIndexChanged.connect(lambda _: self._choose())
        self._choose()

    def _lay_out(self) -> None:
        say = self.desk.say
        form = QFormLayout()
        form.setContentsMargins(20, 16, 20, 12)
        rows = (
            ("paper", self.paper), ("wide", self.wide), ("high", self.high), ("dpi", self.dpi),
            ("headline", self.headline),
        )  # fmt: skip
        for name, field in rows:
            field.setAccessibleName(say(f"poster.{name}"))
            form.addRow(label(say(f"poster.{name}")), field)
        form.addRow(label(say("poster.beneath"), bold=True))
        for box in self.parts.values():
            form.addRow(box)
        form.addRow(label(say("poster.always"), "t3", 11, wrap=True))
        keep = QPushButton(say("poster.export"))
        keep.setProperty("primary", True)
        keep.setDefault(True)
        keep.clicked.connect(self.accept)
        cancel = QPushButton(say("cancel"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        foot.addWidget(keep, 0, Qt.AlignmentFlag.AlignLeft)
        foot.addWidget(cancel)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        column.addWidget(line())
        column.addLayout(foot)
        self.setMinimumWidth(420)

    def _choose(self) -> None:
        wide, high, dpi = PAPERS[self.paper.currentData()]
        self.wide.setValue(wide)
        self.high.setValue(high)
        self.dpi.setValue(dpi)

    @property
    def page(self) -> tuple[int, int]:
        """Return the pixels of the page."""
        return self.wide.value(), self.high.value()

    @property
    def beneath(self) -> Beneath:
        """Return what is to stand beneath."""
        wanted = {name: box.isChecked() for name, box in self.parts.items()}
        return Beneath(self.headline.text().strip(), **wanted)
