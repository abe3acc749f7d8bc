"""From when on something of a city counts as changed: a small form that opens over its button."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from twin.errors import TwinError
from twin.settings import Settings, declared
from ui.desk import Desk
from ui.panels.parts import label, numeric
from ui.setting_changes import set_setting

NAMES = ("change_height", "change_overlap", "change_replaced", "change_area")
"""The settings, in the order of the form."""
STEPS = {"change_height": 0.1, "change_area": 5.0}
DIGITS = {"change_height": 2, "change_overlap": 3, "change_area": 1}
WIDE = 96


class ThresholdForm(QFrame):
    """The four thresholds; the comparison is judged again when it closes or Enter is pressed."""

    def __init__(self, desk: Desk, over: QWidget) -> None:
        super().__init__(over, Qt.WindowType.Popup)
        self.desk = desk
        self.setObjectName("panel")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName(desk.say("differences.thresholds"))
        self.fields: dict[str, QDoubleSpinBox] = {}
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        entries = {entry.name: entry for entry in declared()}
        for name in NAMES:
            made, meta = QDoubleSpinBox(), entries[name].metadata
            made.setRange(float(meta["low"]), float(meta["high"]))
            made.setDecimals(DIGITS.get(name, 2))
            made.setSingleStep(STEPS.get(name, 0.01))
            made.setFixedWidth(WIDE)
            made.setAlignment(Qt.AlignmentFlag.AlignRight)
            numeric(desk, made)
            title = desk.say(f"setting_name.{name}")
            made.setAccessibleName(title)
            made.setToolTip(desk.say(f"setting_help.{name}"))
            form.addRow(label(title), made)
            self.fields[name] = made
        self._show(desk.session.settings)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(10)
        column.addWidget(label(desk.say("differences.thresholds"), "t1", 12, bold=True))
        column.addLayout(form)
        foot = QPushButton(desk.say("differences.usual"))
        foot.clicked.connect(lambda: self._show(Settings()))
        again = QPushButton(desk.say("differences.again"))
        again.setProperty("primary", True)
        again.clicked.connect(self.apply)
        column.addWidget(foot)
        column.addWidget(again)

    def open_at(self, button: QWidget) -> None:
        """Show the form above or below a button, within the screen."""
        self.adjustSize()
        at = button.mapToGlobal(QPoint(button.width() - self.width(), -self.height() - 4))
        if at.y() < button.screen().availableGeometry().top():
            at = button.mapToGlobal(QPoint(button.width() - self.width(), button.height() + 4))
        self.move(at)
        self.show()
        self.fields[NAMES[0]].setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Judge with Enter, leave with Escape."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.apply()
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _show(self, settings: Settings) -> None:
        for name, field in self.fields.items():
            field.setValue(float(getattr(settings, name)))

    def apply(self) -> None:
        """Keep the thresholds and judge the comparison by them."""
        self.close()
        for field in self.fields.values():
            field.interpretText()
        changed = [
            set_setting(self.desk, name, field.value()) for name, field in self.fields.items()
        ]
        if any(changed):
            try:
                self.desk.session.judge_changes()
            except TwinError as error:
                self.desk.tell(self.desk.error_text(error), "error")
