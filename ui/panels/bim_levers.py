"""What is asked: the budget as a slider with its exact field, the rules that count, the lowest score."""

import math
from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from twin.maintenance.bim.method_files import pack_names
from twin.maintenance.bim.records import BimSettings
from ui.desk import Desk
from ui.panels.parts import label, mark, numeric
from ui.theme import font

WAIT = 350
"""Milliseconds after the last key or step when a change is kept."""
NO_LIMIT = -1
ROOMY = 330
"""Logical pixels of width from which rules and lowest score stand side by side."""


def rounded_up(value: float) -> int:
    """Return the next of 1, 1.5, 2, 3, 4, 6, 8 times a power of ten: an end that is easily halved."""
    if value <= 10:
        return 10
    power = 10 ** math.floor(math.log10(value))
    return int(next(s * power for s in (1, 1.5, 2, 3, 4, 6, 8, 10) if s * power >= value))


class Scale(QWidget):
    """The figures under the slider: nothing, the half, the whole."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk, self.top = desk, 10
        self.setFixedHeight(15)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint them."""
        painter = QPainter(self)
        painter.setFont(font(11))
        painter.setPen(QColor(self.desk.theme.t3))
        sides = (
            Qt.AlignmentFlag.AlignLeft,
            Qt.AlignmentFlag.AlignHCenter,
            Qt.AlignmentFlag.AlignRight,
        )
        room = QRectF(self.rect()).adjusted(2, 0, -2, 0)
        for share, side in zip((0.0, 0.5, 1.0), sides, strict=True):
            painter.drawText(room, side, self.desk.words.count(round(self.top * share)))
        painter.end()


class BimLevers(QWidget):
    """The controls of the question. ``on_try`` while the slider is drawn; ``on_keep`` with arguments of ``bim.set``."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.on_try: Callable[[int], None] = lambda budget: None
        self.on_keep: Callable[[dict[str, str]], None] = lambda arguments: None
        self._quiet = False
        self._due: dict[str, str] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT)
        self._timer.timeout.connect(self._keep)
        self.budget = QSpinBox()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.scale = Scale(desk)
        self.packs = QPushButton()
        self.least = QDoubleSpinBox()
        self.projects = QCheckBox(desk.say("bim.projects"))
        self._dress()
        self._lay_out()

    def _dress(self) -> None:
        say = self.desk.say
        self.budget.setRange(NO_LIMIT, 1_000_000_000)
        self.budget.setSpecialValueText(say("bim.no_limit"))
        self.budget.setFixedWidth(132)
        self.budget.setAccessibleName(say("bim.budget"))
        self.budget.valueChanged.connect(self._typed)
        numeric(self.desk, self.budget)
        self.slider.setAccessibleName(say("bim.budget"))
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderReleased.connect(lambda: self._later("budget", str(self.slider.value())))
        self.packs.setAccessibleName(say("bim.pack"))
        menu = QMenu(self.packs)
        for name in pack_names():
            entry = menu.addAction(say(f"bim.pack_{name}"))
            entry.setCheckable(True)
            entry.setData(name)
            entry.toggled.connect(lambda _=False: self._packed())
        menu.setToolTipsVisible(True)
        self.packs.setMenu(menu)
        self.packs.setStyleSheet("text-align: left;")
        self.packs.setMinimumWidth(48)
        self.packs.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        mark(self.desk, "chevron_down", self.packs)
        self.least.setRange(0.0, 100.0)
        self.least.setDecimals(0)
        self.least.setFixedWidth(64)
        self.least.setAccessibleName(say("bim.least"))
        self.least.valueChanged.connect(lambda value: self._later("min_score", f"{value:g}"))
        numeric(self.desk, self.least)
        self.projects.setToolTip(say("bim.projects_tip"))
        self.projects.toggled.connect(lambda on: self._later("projects", "yes" if on else "no"))

    def _lay_out(self) -> None:
        say = self.desk.say
        money = QHBoxLayout()
        money.addWidget(label(say("bim.budget"), "t2"))
        money.addStretch(1)
        money.addWidget(self.budget)
        self._rules = rules = QGridLayout()
        rules.setHorizontalSpacing(8)
        rules.addWidget(label(say("bim.pack"), "t2"), 0, 0)
        rules.addWidget(self.packs, 0, 1)
        self._least_words = label(say("bim.least"), "t2")
        rules.setColumnStretch(1, 1)
        self._place_least(roomy=False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(money)
        column.addWidget(self.slider)
        column.addWidget(self.scale)
        column.addSpacing(2)
        column.addLayout(rules)
        column.addWidget(self.projects)

    def _place_least(self, *, roomy: bool) -> None:
        """Stand the lowest score beside the rules, or below them where there is little room."""
        if roomy:
            self._rules.addWidget(self._least_words, 0, 2)
            self._rules.addWidget(self.least, 0, 3)
        else:
            self._rules.addWidget(self._least_words, 1, 0)
            self._rules.addWidget(self.least, 1, 1, Qt.AlignmentFlag.AlignRight)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the width."""
        self._place_least(roomy=event.size().width() >= ROOMY)
        super().resizeEvent(event)

    def show_settings(self, settings: BimSettings, top: float, unit: str) -> None:
        """Show what is asked; ``top`` thousands is where the slider ends, ``unit`` follows the figure."""
        self._quiet = True
        try:
            self.budget.setSuffix(f" {unit}")
            if not self.slider.isSliderDown():
                end = max(rounded_up(max(top, settings.budget)), 10)
                self.scale.top = end
                self.scale.update()
                self.slider.setRange(0, end)
                step = max(end // 100, 1)
                self.slider.setSingleStep(step)
                self.slider.setPageStep(step * 10)
                self.budget.setSingleStep(step)
                at = end if settings.budget == NO_LIMIT else settings.budget
                self.slider.setValue(at)
                if "budget" not in self._due:
                    self.budget.setValue(settings.budget)
            if "min_score" not in self._due:
                self.least.setValue(settings.min_score)
            for entry in self.packs.menu().actions():
                entry.setChecked(entry.data() in settings.packs)
            self.projects.setChecked(settings.projects)
            self.projects.setVisible(bool(settings.packs))
            self._name_packs(settings.packs)
        finally:
            self._quiet = False

    def _name_packs(self, packs: tuple[str, ...]) -> None:
        names = [self.desk.say(f"bim.pack_{name}") for name in packs]
        mark = "、" if self.desk.words.language == "zh" else ", "
        self.packs.setText(mark.join(names) or self.desk.say("bim.no_pack"))
        self.packs.setToolTip(mark.join(names))

    def _packed(self) -> None:
        if not self._quiet:
            wanted = [x.data() for x in self.packs.menu().actions() if x.isChecked()]
            self._later("packs", ",".join(wanted))

    def _slid(self, value: int) -> None:
        if self._quiet:
            return
        self._quiet = True
        self.budget.setValue(value)
        self._quiet = False
        if self.slider.isSliderDown():
            self.on_try(value)
        else:
            self._later("budget", str(value))

    def _typed(self, value: int) -> None:
        if self._quiet:
            return
        self._quiet = True
        self.slider.setValue(self.slider.maximum() if value == NO_LIMIT else value)
        self._quiet = False
        self._later("budget", str(value))

    def _later(self, name: str, value: str) -> None:
        if not self._quiet:
            self._due[name] = value
            self._timer.start()

    def _keep(self) -> None:
        due, self._due = self._due, {}
        self.on_keep(due)
