"""Keys that a presentation, or the presenter's workspace, takes from the window and gives back."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

KEYS = {
    "Right": "next", "PgDown": "next", "Left": "previous", "PgUp": "previous", "B": "black",
    ".": "black", "F": "freeze", "L": "laser", "S": "spotlight", "Esc": "leave", "+": "larger",
    "-": "smaller", "Space": "pause", "D": "swap",
}  # fmt: skip
"""Keys of a presentation; a clicker sends Page up and down."""
DIGITS = {str(n): f"bookmark_{n}" for n in range(1, 10)}
"""Keys that go to the bookmarks: in the presenter's workspace and while one presents."""

SHEET = {
    "on": ("→", "PgDn"), "back": ("←", "PgUp"), "black": ("B", "."), "freeze": ("F",), "laser": ("L",),
    "spotlight": ("S", "+", "-"), "pause": ("Space",), "swap": ("D",), "number": ("1–9",),
    "leave": ("Esc",),
}  # fmt: skip
"""The same as told on the sheet of keys; words stand under ``present_keys``."""


class TakenKeys:
    """Lets keys do other things for a while; actions of the window that have them are silent meanwhile."""

    def __init__(self, do: Callable[[str], None]) -> None:
        self.do = do
        self.table: Mapping[str, str] = {}
        self._made: list[QShortcut] = []
        self._silenced: dict[QAction, list[QKeySequence]] = {}

    def take(self, parent: QWidget, table: Mapping[str, str]) -> None:
        """Let keys do what a table says, instead of what they did by the last one; an empty table gives back."""
        if table == self.table:
            return
        self.give_back()
        self.table = table
        taken = {QKeySequence(key) for key in table}
        for action in parent.actions():
            kept = action.shortcuts()
            if any(key in taken for key in kept):
                self._silenced[action] = kept
                action.setShortcuts([key for key in kept if key not in taken])
        for key, name in table.items():
            made = QShortcut(QKeySequence(key), parent)
            made.setContext(Qt.ShortcutContext.ApplicationShortcut)
            made.activated.connect(lambda n=name: self.do(n))
            self._made.append(made)

    def give_back(self) -> None:
        """Let the keys do again what they did before."""
        for made in self._made:
            made.setEnabled(False)
            made.deleteLater()
        for action, kept in self._silenced.items():
            action.setShortcuts(kept)
        self.table = {}
        self._made.clear()
        self._silenced.clear()
