"""The view of the freshness table: Return zooms, and the columns follow the width."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QTableView

from ui.panels.freshness_rows import COLUMNS

WIDTHS = {
    "status": 104, "object": 170, "class": 110, "custodian": 170, "layer": 120, "updated": 96,
    "due": 96, "overdue": 104, "policy": 80,
}  # fmt: skip
TIGHT = {**WIDTHS, "status": 94, "class": 84, "custodian": 134, "layer": 92, "updated": 92, "due": 92,
         "overdue": 98, "policy": 60}  # fmt: skip
ROOMY = 1040
"""Logical pixels from which the columns have their full widths."""
GIVES_WAY = {"policy": 900, "layer": 820, "class": 720}
"""Columns that narrower tables leave out: when something is due matters more. Exports have them."""


class KeyTable(QTableView):
    """A table in which Return zooms to the line and the columns follow the width."""

    on_enter: Callable[[], None] = staticmethod(lambda: None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share out the width anew."""
        width = self.viewport().width()
        widths = WIDTHS if width >= ROOMY else TIGHT
        for number, name in enumerate(COLUMNS):
            self.setColumnHidden(number, width < GIVES_WAY.get(name, 0))
            if name != "object":
                self.setColumnWidth(number, widths[name])
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom on Return; everything else as usual."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.on_enter()
        else:
            super().keyPressEvent(event)
