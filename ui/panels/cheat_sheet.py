"""F1: every key and the mouse habits on one sheet, made from the declared actions."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.actions import ACTIONS
from ui.desk import Desk
from ui.panels.parts import label, line
from ui.panels.start import HABITS
from ui.presenting.keys import SHEET

IN_HAND = {
    "end": ("Enter",),
    "back": ("Backspace",),
    "lock": ("X", "Y", "Z", "H"),
    "remove": ("Delete",),
    "swipe": ("[", "]"),
    "leave": ("Esc",),
}
"""What keys do while Measure, Section, Compare or Place is in hand."""


class CheatSheet(QDialog):
    """Keys by menu in three columns, and the mouse."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(desk.say("action.help.keys"))
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 14)
        column.setSpacing(10)
        columns = QHBoxLayout()
        columns.setSpacing(36)
        for menus in (
            ("file", "edit", "window", "help"),
            ("view", "debug"),
            ("from", "select", "maintain", "analyse", "present"),
        ):
            side = QVBoxLayout()
            side.setSpacing(2)
            for menu in menus:
                self._group(desk, side, menu)
            if menus[0] == "view":
                rows = [(desk.say(f"present_keys.{name}"), keys) for name, keys in SHEET.items()]
                _lines(desk.say("present_keys.title"), rows, side)
            elif menus[0] == "file":
                _lines(desk.say("keys.title"), in_hand(desk), side)
            side.addStretch(1)
            columns.addLayout(side)
        column.addLayout(columns)
        column.addWidget(line())
        column.addLayout(_mouse(desk))
        foot = QHBoxLayout()
        close = QPushButton(desk.say("close"))
        close.setProperty("primary", True)
        close.clicked.connect(self.accept)
        foot.addWidget(close)
        foot.addStretch(1)
        column.addLayout(foot)

    def _group(self, desk: Desk, side: QVBoxLayout, menu: str) -> None:
        shown = [action for action in ACTIONS if action.menu == menu and action.keys]
        if not shown:
            return
        rows = [(desk.say(f"action.{action.name}"), action.keys) for action in shown]
        _lines(desk.say(f"menu.{menu}"), rows, side)


def in_hand(desk: Desk) -> list[tuple[str, tuple[str, ...]]]:
    """Return what the keys do while a tool is in hand: words and keys."""
    return [(desk.say(f"keys.{name}"), keys) for name, keys in IN_HAND.items()]


def _lines(title: str, rows: Sequence[tuple[str, tuple[str, ...]]], side: QVBoxLayout) -> None:
    side.addSpacing(6)
    side.addWidget(label(title, bold=True))
    for words, keys in rows:
        row = QHBoxLayout()
        row.addWidget(label(words, "t2"))
        row.addStretch(1)
        row.addSpacing(24)
        for key in keys:
            cap = label(key, "t2", 11)
            cap.setObjectName("key")
            row.addWidget(cap)
        side.addLayout(row)


def _mouse(desk: Desk) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    chosen = desk.session.settings.navigation
    for number, name in enumerate(HABITS):
        mark = "● " if name == chosen else ""
        row, column = divmod(number, 2)
        head = label(mark + desk.say(f"habit.{name}"), bold=name == chosen)
        grid.addWidget(head, row, 2 * column)
        words = label(desk.say(f"habit.{name}_words"), "t2")
        grid.addWidget(words, row, 2 * column + 1, Qt.AlignmentFlag.AlignLeft)
    grid.setColumnStretch(3, 1)
    return grid
