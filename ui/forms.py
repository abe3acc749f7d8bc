"""Any declared dataclass -> a form. The fields are the form: nothing about one setting is written twice."""

from collections.abc import Callable, Iterable
from dataclasses import Field
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from twin.settings import Settings, declared
from ui.desk import Desk
from ui.panels.parts import label, line, mark, numeric

Changed = Callable[[str, Any], None]
WIDE, HELP = 260, 310
"""Logical pixels of a control, of the sentence under it."""


def editor(desk: Desk, entry: Field[Any], value: Any, changed: Changed) -> QWidget:
    """Return the control for one declared field; it calls ``changed(name, value)``."""
    meta, name = entry.metadata, entry.name
    if meta["choices"]:
        return _choice(desk, name, meta["choices"], value, changed)
    if isinstance(entry.default, bool):
        box = QCheckBox(desk.say("on"))
        box.setChecked(value)
        box.toggled.connect(lambda on: changed(name, on))
        return box
    if isinstance(entry.default, int):
        whole = QSpinBox()
        whole.setRange(int(meta["low"] or 0), int(meta["high"] or 1_000_000_000))
        whole.setValue(value)
        whole.valueChanged.connect(lambda number: changed(name, number))
        return whole
    if isinstance(entry.default, float):
        real = QDoubleSpinBox()
        real.setRange(float(meta["low"] or 0.0), float(meta["high"] or 1e9))
        share = (meta["high"] or 2) <= 1
        real.setDecimals(2 if share else 1)
        real.setSingleStep(0.01 if share else 1.0)
        real.setValue(value)
        real.valueChanged.connect(lambda number: changed(name, number))
        return real
    text = QLineEdit(str(value))
    text.editingFinished.connect(lambda: changed(name, text.text()))
    return text


def _choice(
    desk: Desk, name: str, choices: Iterable[str], value: str, changed: Changed
) -> QComboBox:
    box = QComboBox()
    for choice in choices:
        box.addItem(desk.say(f"setting_choice.{choice}"), choice)
    box.setCurrentIndex(box.findData(value))
    mark(desk, "chevron_down", box)
    box.currentIndexChanged.connect(lambda _: changed(name, box.currentData()))
    return box


def _help(text: str) -> QLabel:
    """Return the sentence under a control, on as many lines as it takes."""
    made = label(text, "t3", 11, wrap=True)
    made.setFixedWidth(HELP)
    made.setFixedHeight(made.heightForWidth(HELP))
    return made


class SettingsDialog(QDialog):
    """Every setting by group; a change holds at once and is kept."""

    def __init__(self, desk: Desk, parent: QWidget, changed: Changed) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setWindowTitle(desk.say("settings.title"))
        self.resize(720, 500)
        self._changed = changed
        self.editors: dict[str, QWidget] = {}
        self.groups = QListWidget()
        self.groups.setFixedWidth(160)
        self.groups.setObjectName("groups")
        self.groups.setAccessibleName(desk.say("settings.title"))
        self.pages = QStackedWidget()
        self.pages.setObjectName("panel")
        self._names = list(dict.fromkeys(x.metadata["group"] for x in declared()))
        for name in self._names:
            entry = QListWidgetItem(desk.say(f"settings.group_{name}"))
            entry.setSizeHint(QSize(0, 32))
            self.groups.addItem(entry)
            self.pages.addWidget(self._page(name))
        self.groups.currentRowChanged.connect(self.pages.setCurrentIndex)
        self.groups.setCurrentRow(0)
        halves = QHBoxLayout()
        halves.setSpacing(0)
        halves.addWidget(self.groups)
        halves.addWidget(line(vertical=True))
        halves.addWidget(self.pages, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(halves, 1)
        column.addWidget(line())
        column.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        close = QPushButton(self.desk.say("close"))
        close.setProperty("primary", True)
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        foot.addWidget(close)
        foot.addSpacing(10)
        foot.addWidget(label(self.desk.say("settings.kept"), "t3", 11))
        foot.addStretch(1)
        return foot

    def show_setting(self, name: str) -> None:
        """Show the page of a setting and put the keyboard there."""
        for entry in declared():
            if entry.name == name:
                self.groups.setCurrentRow(self._names.index(entry.metadata["group"]))
                self.editors[name].setFocus()

    def _page(self, group: str) -> QWidget:
        page = QWidget()
        page.setObjectName("panel")
        form = QFormLayout(page)
        form.setContentsMargins(20, 16, 20, 16)
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(4)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        values: Settings = self.desk.session.settings
        for entry in declared():
            if entry.metadata["group"] != group:
                continue
            title = self.desk.say(f"setting_name.{entry.name}")
            made = editor(self.desk, entry, getattr(values, entry.name), self._changed)
            made.setFixedWidth(WIDE)
            if isinstance(made, QSpinBox | QDoubleSpinBox):
                numeric(self.desk, made)
            made.setAccessibleName(title)
            self.editors[entry.name] = made
            form.addRow(label(title), made)
            form.addRow("", _help(self.desk.say(f"setting_help.{entry.name}")))
        scroll = QScrollArea()
        scroll.setObjectName("panel")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        return scroll
