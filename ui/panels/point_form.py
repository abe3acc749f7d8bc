"""How points are drawn, as a form under that of a layer with points; the settings dialog says the same."""

from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QGridLayout, QWidget

from twin.settings import declared
from ui.desk import Desk
from ui.panels.display_form import NARROW, WIDE
from ui.panels.parts import label, numeric

SWITCHES = ("point_attenuation", "eye_dome")


class PointForm(QWidget):
    """Size, growth and eye-dome lighting of the points of all layers; every change is a setting."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        say = desk.say
        self.size_ = QDoubleSpinBox()
        limits = next(x.metadata for x in declared() if x.name == "point_size")
        self.size_.setRange(float(limits["low"]), float(limits["high"]))
        self.size_.setSingleStep(0.05)
        self.size_.setDecimals(2)
        self.size_.setSuffix(" m")
        self.size_.setSpecialValueText(say("display.points_auto"))
        self.size_.setKeyboardTracking(False)
        self.size_.setMinimumWidth(NARROW)
        self.size_.setMaximumWidth(WIDE)
        numeric(desk, self.size_)
        self.switches = {name: QCheckBox(say(f"setting_name.{name}")) for name in SWITCHES}
        grid = QGridLayout(self)
        grid.setContentsMargins(14, 0, 14, 8)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        caption = label(say("display.point_size"), "t2")
        grid.addWidget(caption, 0, 0)
        grid.addWidget(self.size_, 0, 1)
        grid.setColumnStretch(1, 1)
        for row, (name, box) in enumerate(self.switches.items(), 1):
            grid.addWidget(box, row, 0, 1, 2)
            box.setToolTip(say(f"setting_help.{name}"))
            box.toggled.connect(lambda on, name=name: desk.act("setting", name, on))
        grid.addWidget(label(say("display.points_all"), "t3", 11, wrap=True), 3, 0, 1, 2)
        self.size_.setAccessibleName(say("display.point_size"))
        self.size_.setToolTip(say("setting_help.point_size"))
        self.size_.valueChanged.connect(lambda x: desk.act("setting", "point_size", x))

    def show_settings(self) -> None:
        """Show what holds now."""
        settings = self.desk.session.settings
        for field in (self.size_, *self.switches.values()):
            field.blockSignals(True)
        self.size_.setValue(settings.point_size)
        for name, box in self.switches.items():
            box.setChecked(getattr(settings, name))
        for field in (self.size_, *self.switches.values()):
            field.blockSignals(False)
        if not self.size_.hasFocus():
            self.size_.lineEdit().home(False)
