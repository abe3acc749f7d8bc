"""How a layer is shown, as a form: every change is one command that can be undone."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QColorDialog,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from twin.commands import DISPLAY_LIMITS
from twin.records import PLAIN
from twin.scene import Layer
from ui.desk import Desk
from ui.panels.parts import label, mark, numeric

NARROW, WIDE = 96, 150
"""Logical pixels of a field: at least, at most."""
COLORS = ("", "own", "one")
FIRST_COLOR = "#0B7A70"


class DisplayForm(QWidget):
    """Screen-space error, memory, opacity, height offset and colour of one layer."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.layer = ""
        self._showing = False
        self.error = _real("max_error", " px", 1)
        self.budget = QSpinBox()
        self.budget.setSuffix(" MB")
        self.budget.setRange(0, int(DISPLAY_LIMITS["budget_mb"][1]))
        self.budget.setSingleStep(64)
        self.opacity = QSpinBox()
        self.opacity.setRange(5, 100)
        self.opacity.setSingleStep(5)
        self.opacity.setSuffix(" %")
        self.offset = _real("height_offset", " m", 2)
        self.color = QComboBox()
        for name in COLORS:
            self.color.addItem(desk.say(f"display.color_{name or 'city'}"), name)
        mark(desk, "chevron_down", self.color)
        self.swatch = QPushButton()
        self.swatch.setFixedWidth(36)
        self.swatch.setIconSize(QSize(20, 12))
        self.swatch.setToolTip(desk.say("display.pick"))
        self.swatch.setAccessibleName(desk.say("display.pick"))
        self._lay_out()
        self.error.valueChanged.connect(lambda x: self._change(max_error=_auto(x)))
        self.budget.valueChanged.connect(lambda x: self._change(budget_mb=_auto(x)))
        self.opacity.valueChanged.connect(lambda x: self._change(opacity=str(x / 100)))
        self.offset.valueChanged.connect(lambda x: self._change(height_offset=str(x)))
        self.color.currentIndexChanged.connect(lambda _: self._choose_color())
        self.swatch.clicked.connect(self._pick_color)
        self.reset.clicked.connect(self._reset)

    def _lay_out(self) -> None:
        say = self.desk.say
        form = QFormLayout()
        form.setContentsMargins(14, 4, 14, 8)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(4)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        with_swatch = QHBoxLayout()
        with_swatch.setSpacing(6)
        with_swatch.addWidget(self.color, 1)
        with_swatch.addWidget(self.swatch)
        with_swatch.addStretch(0)
        for name, field, row in (
            ("max_error", self.error, self.error), ("budget_mb", self.budget, self.budget),
            ("opacity", self.opacity, self.opacity), ("height_offset", self.offset, self.offset),
            ("color", self.color, with_swatch),
        ):  # fmt: skip
            form.addRow(self._caption(name, field), row)
        self.datum = label("", "t3", 11, wrap=True)
        self.reset = QPushButton(say("display.reset"))
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 0, 14, 6)
        foot.setSpacing(12)
        foot.addWidget(self.datum, 1)
        foot.addWidget(self.reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(form)
        column.addLayout(foot)

    def _caption(self, name: str, field: QWidget) -> QLabel:
        """Give a field its size, its words and its caption."""
        say = self.desk.say
        field.setMinimumWidth(NARROW)
        field.setMaximumWidth(WIDE)
        field.setAccessibleName(say(f"display.{name}"))
        field.setToolTip(say(f"display.{name}_tip"))
        if isinstance(field, QSpinBox | QDoubleSpinBox):
            field.setKeyboardTracking(False)
            numeric(self.desk, field)
        caption = label(say(f"display.{name}"), "t2")
        caption.setFixedHeight(28)
        return caption

    def show_layer(self, layer: Layer) -> None:
        """Show how a layer is shown."""
        self.layer, display = layer.id, layer.display
        settings, say = self.desk.session.settings, self.desk.say
        self._showing = True
        self.error.setSpecialValueText(say("display.auto", value=f"{settings.max_error:g} px"))
        self.budget.setSpecialValueText(say("display.auto", value=f"{settings.memory_mb} MB"))
        self.error.setValue(display.max_error)
        self.budget.setValue(display.budget_mb)
        self.opacity.setValue(round(display.opacity * 100))
        self.offset.setValue(display.height_offset)
        one = display.color.startswith("#")
        self.color.setCurrentIndex(COLORS.index("one" if one else display.color))
        self.swatch.setVisible(one)
        if one:
            square = QPixmap(20, 12)
            square.fill(QColor(display.color))
            self.swatch.setIcon(QIcon(square))
        project = self.desk.session.project
        named = project is not None and bool(project.vertical)
        title = project.title if project is not None else ""
        self.datum.setText(say("display.datum", title=title) if named else say("display.no_datum"))
        self.reset.setEnabled(display != PLAIN)
        for field in (self.error, self.budget, self.opacity, self.offset):
            if not field.hasFocus():
                field.lineEdit().home(False)  # the beginning of a long value tells more
        self._showing = False

    def _change(self, **changes: str) -> None:
        if not self._showing and self.layer in self.desk.session.twin.layers:
            self.desk.run("layers.display", layer=self.layer, **changes)

    def _choose_color(self) -> None:
        chosen = str(self.color.currentData())
        self._change(color=FIRST_COLOR if chosen == "one" else chosen)

    def _pick_color(self) -> None:
        now = QColor(self.desk.session.twin.layer(self.layer).display.color)
        found = QColorDialog.getColor(now, self, self.desk.say("display.pick"))
        if found.isValid():
            self._change(color=found.name().upper())

    def _reset(self) -> None:
        self._change(max_error="auto", budget_mb="auto", opacity="1", height_offset="0", color="")


def _real(name: str, unit: str, decimals: int) -> QDoubleSpinBox:
    made = QDoubleSpinBox()
    low, high = DISPLAY_LIMITS[name]
    made.setRange(0.0 if name == "max_error" else low, high)
    made.setDecimals(decimals)
    made.setSuffix(unit)
    return made


def _auto(value: float) -> str:
    """Return the text of a number for the command; the lowest stands for the setting."""
    return str(value) if value else "auto"
