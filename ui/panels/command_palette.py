"""Ctrl+K: commands, objects and settings in one list; what is typed narrows it, Return does it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from twin.settings import declared
from ui.desk import Desk
from ui.panels.searching import SearchText

MOST_OBJECTS = 12
MOST_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the palette."""

    icon: str
    text: str
    note: str
    do: Callable[[], None]


class CommandPalette(QDialog):
    """A list under a field, at the top of the window."""

    def __init__(self, desk: Desk, parent: QWidget, commands: list[Choice]) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.desk = desk
        self.setObjectName("panel")
        self.commands = commands
        self.shown: list[Choice] = []
        self._texts = SearchText(desk.lowered)
        self._texts.warm(desk.session.twin.layers.values(), desk.session.jobs)
        self.field = QLineEdit()
        self.field.setPlaceholderText(desk.say("palette.search"))
        self.field.setAccessibleName(desk.say("palette.search"))
        self.list = QListWidget()
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setObjectName("choices")
        self.list.setAccessibleName(desk.say("palette.title"))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.field.textChanged.connect(self.narrow)
        self.list.itemClicked.connect(lambda _: self.take())
        self.resize(520, 420)
        top = parent.mapToGlobal(QPoint(max((parent.width() - 520) // 2, 0), 64))
        self.move(top)
        self.narrow("")

    def narrow(self, text: str) -> None:
        """Show what contains the text."""
        wanted = text.strip().lower()
        parts = wanted.split()
        found = [c for c in self.commands if all(p in c.text.lower() for p in parts)]
        if wanted:
            found += [*self._columns(wanted), *self._settings(wanted), *self._objects(wanted)]
        self.shown = found[:60]
        self.list.clear()
        for choice in self.shown:
            note = f"    {choice.note}" if choice.note else ""
            self.list.addItem(QListWidgetItem(self.desk.icon(choice.icon), choice.text + note))
        if self.shown:
            self.list.setCurrentRow(0)

    def _columns(self, wanted: str) -> list[Choice]:
        names: dict[str, None] = {}
        for layer in self.desk.session.twin.layers.values():
            names.update(dict.fromkeys(x for x in layer.features.names if wanted in x.lower()))
        return [
            Choice("palette", self.desk.say("color_by.plate", what=name), "",
                   partial(self._color, name))
            for name in list(names)[:MOST_COLUMNS]
        ]  # fmt: skip

    def _color(self, column: str) -> None:
        self.desk.run("view.color_by", column=column)

    def _settings(self, wanted: str) -> list[Choice]:
        found = []
        for entry in declared():
            title = self.desk.say(f"setting_name.{entry.name}")
            if wanted in title.lower() or wanted in entry.name:
                do = partial(self.desk.act, "edit.settings", entry.name)
                found.append(Choice("settings", title, self.desk.say("palette.setting"), do))
        return found[:6]

    def _objects(self, wanted: str) -> list[Choice]:
        found: list[Choice] = []
        layers, jobs = self.desk.session.twin.layers, self.desk.session.jobs
        if not self._texts.ready(layers.values(), wanted, jobs, self._again):
            return []
        for key, layer in self.desk.session.twin.layers.items():
            hits = np.flatnonzero(self._texts.matches(layer, wanted))
            for row in hits[: MOST_OBJECTS - len(found)]:
                thing = self.desk.session.twin.object(key, int(row))

                def go(k: str = key, r: int = int(row)) -> None:
                    self.desk.select(k, r)
                    self.desk.act("view.fit")

                said = self._texts.match(layer, int(row)) or thing.kind
                note = f"{said} · {layer.title}"
                found.append(Choice("building", self.desk.title(thing), note, go))
        return found

    def _again(self) -> None:
        """Show what a search in the background has found."""
        if isValid(self) and self.isVisible():
            self.narrow(self.field.text())

    def take(self) -> None:
        """Do the chosen line."""
        number = self.list.currentRow()
        self.close()
        if 0 <= number < len(self.shown):
            self.shown[number].do()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, Return does, Esc closes."""
        key = event.key()
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(key), 0)
        if step:
            last = self.list.count() - 1
            self.list.setCurrentRow(min(max(self.list.currentRow() + step, 0), last))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take()
        else:
            super().keyPressEvent(event)
