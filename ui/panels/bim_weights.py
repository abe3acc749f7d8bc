"""The dialog of weights and costs: six weights, what a model costs, or a whole file."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from twin.errors import TwinError
from twin.maintenance.bim.method import PARTS
from twin.maintenance.bim.method_files import method_of, preset_text, read_method
from twin.maintenance.bim.method_text import changed, percents
from ui.bim_question import method_of_text
from ui.desk import Desk
from ui.panels.bim_rows import PART_COLORS
from ui.panels.parts import label, line, numeric

COSTS = ("base_k", "per_m2", "least_k")
FILTER = "TOML (*.toml)"


class BimWeightsDialog(QDialog):
    """Weights as sliders in hundredths; they need not add up: what counts is one against another."""

    def __init__(self, desk: Desk, parent: QWidget, text: str) -> None:
        super().__init__(parent)
        self.desk, self._text = desk, text
        self.setWindowTitle(desk.say("bim.weights_title"))
        self.resize(520, 0)
        self.sliders: dict[str, QSlider] = {}
        self.shares = {part: label("", "t1") for part in PARTS}
        self.costs: dict[str, QDoubleSpinBox] = {}
        self.currency = QLineEdit()
        self.currency.setMaxLength(8)
        self.currency.setFixedWidth(90)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        body = QVBoxLayout()
        body.setContentsMargins(20, 16, 20, 14)
        body.setSpacing(10)
        body.addWidget(label(desk.say("bim.weights_said"), "t2", wrap=True))
        body.addLayout(self._weights())
        body.addWidget(line())
        body.addWidget(label(desk.say("bim.costs"), bold=True))
        body.addLayout(self._costs())
        body.addWidget(label(desk.say("bim.costs_said"), "t3", 11, wrap=True))
        column.addLayout(body)
        column.addWidget(line())
        column.addLayout(self._foot())
        self.show_text(text)

    def _weights(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        words = self.desk.words.catalogue
        for row, (part, color) in enumerate(zip(PARTS, PART_COLORS, strict=True)):
            slider = QSlider(Qt.Orientation.Horizontal)
            slider.setRange(0, 100)
            slider.setPageStep(10)
            slider.setAccessibleName(words.text(f"bim.part.{part}"))
            slider.valueChanged.connect(self._share)
            self.sliders[part] = slider
            swatch = QWidget()
            swatch.setFixedSize(10, 10)
            swatch.setStyleSheet(f"background: {color};")
            share = self.shares[part]
            share.setFixedWidth(52)
            share.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for place, widget in enumerate(
                (swatch, label(words.text(f"bim.part.{part}")), slider, share)
            ):
                grid.addWidget(widget, row, place)
        grid.setColumnStretch(2, 1)
        return grid

    def _costs(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.addWidget(label(self.desk.say("bim.currency"), "t2"), 0, 0)
        grid.addWidget(self.currency, 0, 1)
        for row, name in enumerate(COSTS, 1):
            field = QDoubleSpinBox()
            field.setRange(0.0, 1e6)
            field.setDecimals(1)
            field.setFixedWidth(120)
            field.setAccessibleName(self.desk.say(f"bim.cost_{name}"))
            numeric(self.desk, field)
            self.costs[name] = field
            grid.addWidget(label(self.desk.say(f"bim.cost_{name}"), "t2"), row, 0)
            grid.addWidget(field, row, 1)
        grid.setColumnStretch(2, 1)
        return grid

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        foot.setSpacing(8)
        keep = QPushButton(self.desk.say("bim.use"))
        keep.setProperty("primary", True)
        keep.setDefault(True)
        keep.clicked.connect(self._accept)
        foot.addWidget(keep)
        for name, do in (("load", self.load), ("save", self.save), ("usual", self.usual)):
            button = QPushButton(self.desk.say(f"bim.{name}"))
            button.setAutoDefault(False)
            button.clicked.connect(do)
            foot.addWidget(button)
        foot.addStretch(1)
        cancel = QPushButton(self.desk.say("cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        foot.addWidget(cancel)
        return foot

    def show_text(self, text: str) -> None:
        """Show the weights of a text; one that cannot be read is told and not shown."""
        try:
            method = method_of_text(text)
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            method, text = read_method(), ""
        self._text = text
        for part, value in percents(method).items():
            self.sliders[part].setValue(round(value))
        for name in COSTS:
            self.costs[name].setValue(getattr(method.cost, name))
        self.currency.setText(method.currency)
        self._share()

    def _share(self) -> None:
        total = sum(slider.value() for slider in self.sliders.values())
        for part, slider in self.sliders.items():
            share = 100 * slider.value() / total if total else 0.0
            self.shares[part].setText(f"{share:.0f} %")

    def text(self) -> str:
        """Return what is shown as the text of a file; '' where it is what comes with the program."""
        method = method_of_text(self._text)
        weights = {part: float(slider.value()) for part, slider in self.sliders.items()}
        same = all(round(value) == weights[part] for part, value in percents(method).items())
        costs = {name: self.costs[name].value() for name in COSTS}
        same &= all(
            abs(getattr(method.cost, name) - value) < 0.05 for name, value in costs.items()
        )
        currency = self.currency.text().strip() or method.currency
        if same and currency == method.currency:
            return self._text
        return changed(self._text, weights, costs, currency)

    def _accept(self) -> None:
        if any(slider.value() for slider in self.sliders.values()):
            self.accept()
        else:
            self.desk.tell(self.desk.say("bim.all_zero"), "error")

    def usual(self) -> None:
        """Show what comes with the program."""
        self.show_text("")

    def load(self) -> None:
        """Ask for a file and show it."""
        path, _ = QFileDialog.getOpenFileName(self, self.desk.say("bim.load"), "", FILTER)
        if path:
            self.read(Path(path))

    def read(self, path: Path) -> None:
        """Show a file; what is wrong with it is told."""
        try:
            text = path.read_text("utf-8-sig")
            method_of(text, str(path))
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return
        except (OSError, UnicodeDecodeError) as error:
            self.desk.tell(f"{path}: {error}", "error")
            return
        self.show_text(text)

    def save(self) -> None:
        """Ask where and write a file to edit: the explained one of the program, or what is shown."""
        path, _ = QFileDialog.getSaveFileName(self, self.desk.say("bim.save"), "bim.toml", FILTER)
        if not path:
            return
        try:
            Path(path).write_text(self.text() or preset_text("bim.toml"), "utf-8")
        except OSError as error:
            reason = error.strerror or str(error)
            self.desk.tell(self.desk.say("save_failed", path=path, reason=reason), "error")
            return
        self.desk.tell(self.desk.say("saved_to", path=path), "info")
