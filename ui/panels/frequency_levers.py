"""A lever: a slider over several decades with its exact field; and a field of money as people write it."""

import math
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QLabel, QSlider, QWidget

from ui.desk import Desk
from ui.panels.parts import label, numeric

STEPS = 1000
"""Positions of a slider; a decade has as many as any other."""
FIELD = 132
SPACES = str.maketrans(dict.fromkeys("\u2009\u202f\u00a0 ,", ""))


class NumberField(QDoubleSpinBox):
    """A number with groups of three digits and its unit; spaces and commas may be typed or left out."""

    def __init__(self, desk: Desk, name: str, high: float, decimals: int) -> None:
        self.words = desk.words
        super().__init__()
        self.setDecimals(decimals)
        self.setRange(0.0, high)
        self.setKeyboardTracking(False)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setAccessibleName(name)
        self.setFixedWidth(FIELD)
        numeric(desk, self)

    def textFromValue(self, value: float) -> str:
        """Return the digits: whole numbers without a point, small ones with what they need."""
        if value == round(value):
            return self.words.count(value)
        digits = self.decimals() if value < 100 else min(self.decimals(), 2)
        return self.words.metres(value, digits).rstrip("0").rstrip(".")

    def valueFromText(self, text: str) -> float:
        """Return the number of a text; what is none leaves the value as it was."""
        plain = text.removesuffix(self.suffix()).translate(SPACES)
        try:
            return float(plain)
        except ValueError:
            return self.value()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Accept what reads as a number."""
        plain = text.removesuffix(self.suffix()).translate(SPACES)
        state = QValidator.State.Intermediate
        try:
            number = float(plain or "x")
            if math.isfinite(number) and self.minimum() <= number <= self.maximum():
                state = QValidator.State.Acceptable
        except ValueError:
            if any(letter not in "0123456789.eE-+" for letter in plain):
                state = QValidator.State.Invalid
        return state, text, position


class Lever(QWidget):
    """A title, an exact field, and a slider below them over ``low`` to ``high`` by decades.

    ``on_move(value)`` follows the hand, ``on_settle(value)`` comes once it lets go: then the value is kept.
    """

    def __init__(self, desk: Desk, title: str, tip: str, reach: tuple[float, float, int]) -> None:
        super().__init__()
        self.low, self.high, decimals = reach
        self.on_move: Callable[[float], None] = lambda value: None
        self.on_settle: Callable[[float], None] = lambda value: None
        self.field = NumberField(desk, title, self.high * 1000, decimals)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.slider.setSingleStep(5)
        self.slider.setPageStep(50)
        self.slider.setAccessibleName(title)
        self.title: QLabel = label(title, "t2", wrap=True)
        self.title.setMinimumWidth(48)
        for part in (self.title, self.field, self.slider):
            part.setToolTip(tip)
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderReleased.connect(self._settled)
        self.field.valueChanged.connect(self._typed)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.addWidget(self.title, 0, 0)
        grid.addWidget(self.field, 0, 1)
        grid.addWidget(self.slider, 1, 0, 1, 2)
        grid.setColumnStretch(0, 1)

    @property
    def value(self) -> float:
        """Return the exact value."""
        return self.field.value()

    def show_value(self, value: float) -> None:
        """Show a value without telling anybody."""
        for part in (self.field, self.slider):
            part.blockSignals(True)
        self.field.setValue(value)
        self.slider.setValue(self._position(value))
        for part in (self.field, self.slider):
            part.blockSignals(False)

    def _position(self, value: float) -> int:
        inside = min(max(value, self.low), self.high)
        return round(STEPS * math.log(inside / self.low) / math.log(self.high / self.low))

    def _slid(self, position: int) -> None:
        raw = self.low * (self.high / self.low) ** (position / STEPS)
        self.field.blockSignals(True)
        self.field.setValue(two_digits(raw))
        self.field.blockSignals(False)
        self.on_move(self.value)
        if not self.slider.isSliderDown():
            self._settled()

    def _typed(self, value: float) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(self._position(value))
        self.slider.blockSignals(False)
        self.on_move(value)
        self._settled()

    def _settled(self) -> None:
        self.on_settle(self.value)


def two_digits(value: float) -> float:
    """Return a number with two significant digits, three where it begins with 1: what a slider can mean."""
    if value <= 0:
        return 0.0
    power = math.floor(math.log10(value))
    digits = 2 if value / 10**power < 2 else 1
    return round(value, digits - power)
