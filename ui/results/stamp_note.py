"""The trust stamp as a note: grey when sound, caution when it needs a look; who is overdue, and orders for them."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from twin.analyses.results import Result, Stamp
from twin.analyses.wording import sentences
from twin.geometry import Rows
from ui.desk import Desk
from ui.panels.parts import label
from ui.theme import glyph_pixmap


class StampNote(QFrame):
    """Shows the stamp of a result; ``show_stamp`` takes another one."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.stamp = Stamp()
        self.setObjectName("note")
        self.sign = QLabel()
        self.head = label("", "t1", bold=True, wrap=True)
        self.body = label("", "t2", wrap=True)
        self.late = self._link(self._show)
        self.orders = self._link(self._raise)
        self.orders.setText(desk.say("results.raise"))
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.sign)
        top.addWidget(self.head, 1)
        links = QHBoxLayout()
        links.setSpacing(12)
        links.addWidget(self.late)
        links.addWidget(self.orders)
        links.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 8)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self.body)
        column.addLayout(links)

    def _link(self, do: object) -> QToolButton:
        made = QToolButton()
        made.setProperty("kind", "link")
        made.clicked.connect(do)
        return made

    def show_result(self, result: Result) -> None:
        """Show the stamp of a result."""
        self.show_stamp(result.stamp)

    def show_stamp(self, stamp: Stamp) -> None:
        """Show a stamp."""
        self.stamp = stamp
        words = self.desk.words.catalogue
        doubtful = stamp.overdue + stamp.undated
        count = self.desk.words.count(doubtful)
        key = "stamp.sound" if stamp.sound else "stamp.check" if doubtful else "stamp.check_tiles"
        self.head.setText(words.text(key, count=count, used=self.desk.words.count(stamp.used)))
        self.body.setText(" ".join(sentences(stamp, words)))
        kind = "" if stamp.sound else "caution"
        if self.property("kind") != kind:
            self.setProperty("kind", kind)
            self.style().unpolish(self)
            self.style().polish(self)
        theme = self.desk.theme
        icon, ink = ("check", theme.t2) if stamp.sound else ("evidence", theme.t1)
        self.sign.setPixmap(glyph_pixmap(icon, ink, 16))
        self.late.setText(self.desk.say("results.show_late", count=count))
        self.late.setVisible(bool(stamp.late or stamp.bare))
        self.orders.setVisible(bool(stamp.late or stamp.bare))
        self.setAccessibleName(f"{self.head.text()} {self.body.text()}")

    def _show(self) -> None:
        rows = rows_named(self.desk, (*self.stamp.late, *self.stamp.bare))
        if rows:
            self.desk.choose(rows)
            self.desk.act("view.fit")

    def _raise(self) -> None:
        rows = rows_named(self.desk, (*self.stamp.late, *self.stamp.bare))
        if rows:
            self.desk.choose(rows)
            self.desk.act("orders.raise")


def rows_named(desk: Desk, objects: Sequence[tuple[str, str]]) -> dict[str, Rows]:
    """Return the rows of objects named as (layer id, object id); those that are gone are left out."""
    found: dict[str, list[int]] = {}
    layers = desk.session.twin.layers
    for layer, key in objects:
        row = layers[layer].features.rows_by_id.get(key) if layer in layers else None
        if row is not None:
            found.setdefault(layer, []).append(row)
    return {layer: np.array(rows, np.int32) for layer, rows in found.items()}
