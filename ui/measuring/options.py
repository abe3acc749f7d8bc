"""What stands in the tool bar while Measure is in hand: what to measure, snapping, the unit."""

from collections.abc import Callable

from PySide6.QtWidgets import QComboBox, QHBoxLayout

from twin.measuring.results import KINDS, UNITS
from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.panels.parts import icon_button, mark


class MeasureOptions(Panel):
    """Kind, snapping and unit. ``chosen`` is told the kind; the others are settings."""

    watches = frozenset({Aspect.SETTINGS, Aspect.RECORDS})

    def __init__(self, desk: Desk, chosen: Callable[[str], None], changed: Callable[[], None]):
        super().__init__(desk)
        self.changed = changed
        self.setObjectName("options")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.kinds = QComboBox()
        self.kinds.setAccessibleName(desk.say("measure.kinds"))
        self.kinds.setToolTip(desk.say("measure.kinds"))
        self.kinds.setMinimumWidth(124)
        for kind in KINDS:
            self.kinds.addItem(desk.say(f"measure.kind.{kind}"), kind)
        mark(desk, "chevron_down", self.kinds)
        self.kinds.activated.connect(lambda _: chosen(str(self.kinds.currentData())))
        self.snap = icon_button(desk, "snap", desk.say("measure.snap"))
        self.snap.setCheckable(True)
        self.snap.clicked.connect(lambda on: desk.act("setting", "snapping", on))
        self.units = QComboBox()
        self.units.setAccessibleName(desk.say("measure.unit"))
        self.units.setToolTip(desk.say("measure.unit"))
        self.units.setFixedWidth(66)
        for unit in UNITS:
            self.units.addItem(unit, unit)
        mark(desk, "chevron_down", self.units)
        self.units.activated.connect(
            lambda _: desk.act("setting", "length_unit", str(self.units.currentData()))
        )
        for widget in (self.kinds, self.snap, self.units):
            row.addWidget(widget)
        self.refresh(self.watches)

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Show the settings that hold; what is kept may have changed in the picture."""
        settings = self.desk.session.settings
        self.snap.setChecked(settings.snapping)
        tip = self.desk.say("measure.snap" if settings.snapping else "measure.snap_off")
        self.snap.setToolTip(tip)
        self.units.setCurrentIndex(self.units.findData(settings.length_unit))
        self.changed()
