"""What stands in the tool bar while Sight is in hand: what to ask, eye height, how far, the Earth's curve."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QToolButton

from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.panels.parts import icon_button, mark, numeric

MODES = ("line_of_sight", "viewshed", "sky_view", "profile")


class Asker(Protocol):
    """What the options ask of the tool."""

    mode: str
    eye_height: float
    radius: float
    curvature: bool

    def choose(self, mode: str) -> None:
        """Ask something else."""

    def change(self, name: str, value: float | bool) -> None:
        """Ask again with another setting."""

    def clear(self) -> None:
        """Take the answer off the picture."""

    def took(self) -> None:
        """Look whether an answer has come."""


class SightOptions(Panel):
    """The row of options."""

    watches = frozenset({Aspect.RESULTS, Aspect.JOBS, Aspect.LAYERS})

    def __init__(self, tool: Asker, desk: Desk) -> None:
        super().__init__(desk)
        self.tool = tool
        self.setObjectName("options")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.modes = QComboBox()
        self.modes.setAccessibleName(desk.say("sight.modes"))
        self.modes.setToolTip(desk.say("sight.modes"))
        for mode in MODES:
            self.modes.addItem(desk.say(f"sight.mode.{mode}"), mode)
        mark(desk, "chevron_down", self.modes)
        self.modes.activated.connect(lambda _: tool.choose(str(self.modes.currentData())))
        self.eye = self._number("eye_height", 0.0, 500.0, tool.eye_height, 0.1)
        self.radius = self._number("radius", 10.0, 20_000.0, tool.radius, 50.0)
        self.curve = icon_button(desk, "curvature", desk.say("sight.curvature_tip"))
        self.curve.setCheckable(True)
        self.curve.clicked.connect(lambda on: tool.change("curvature", on))
        self.clear = self._button("clear", tool.clear)
        for widget in (self.modes, self.eye, self.radius, self.curve, self.clear):
            row.addWidget(widget)
        self.show_mode()

    def _number(
        self, name: str, low: float, high: float, value: float, step: float
    ) -> QDoubleSpinBox:
        made = QDoubleSpinBox()
        made.setRange(low, high)
        made.setDecimals(1 if step < 1 else 0)
        made.setSingleStep(step)
        made.setPrefix(self.desk.say(f"sight.{name}_prefix"))
        made.setSuffix(" m")
        made.setKeyboardTracking(False)
        made.setFixedWidth(112 if step < 1 else 128)
        made.setAccessibleName(self.desk.say(f"sight.{name}"))
        made.setToolTip(self.desk.say(f"sight.{name}_tip"))
        numeric(self.desk, made)
        made.setValue(value)
        made.valueChanged.connect(lambda now: self.tool.change(name, now))
        return made

    def _button(self, name: str, do: Callable[[], None]) -> QToolButton:
        made = QToolButton()
        made.setText(self.desk.say(f"sight.{name}"))
        made.setToolTip(self.desk.say(f"sight.{name}_tip"))
        made.clicked.connect(lambda: do())
        return made

    def show_mode(self) -> None:
        """Show what the question in hand needs."""
        mode = self.tool.mode
        self.modes.setCurrentIndex(self.modes.findData(mode))
        self.eye.setVisible(mode != "profile")
        self.radius.setVisible(mode in ("viewshed", "sky_view"))
        self.curve.setVisible(mode in ("line_of_sight", "viewshed"))
        self.curve.setChecked(self.tool.curvature)

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Look whether an answer has come."""
        self.tool.took()

    def pass_time(self, now: float) -> None:
        """Look whether what is asked came to an end."""
        self.tool.took()
