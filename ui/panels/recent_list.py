"""What was open before, on the start page: unsaved work first, then locations, gone ones too."""

import datetime
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from twin.settings import autosave_folder
from twin.store import left_behind
from ui.desk import Desk
from ui.panels.glyphs import freshness_parts, paint_shares
from ui.panels.parts import label, line
from ui.recent import Recent, load_recent
from ui.theme import glyph_pixmap

SHOWN = 4
HEAD = 24
"""Logical pixels of the title's row, so that titles beside it stand on the same line."""


class Shares(QWidget):
    """A small freshness bar of its own."""

    def __init__(self, desk: Desk, counts: dict[str, int]) -> None:
        super().__init__()
        self.desk, self.counts = desk, counts
        self.setFixedSize(56, 7)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        box = QRectF(0, 0, self.width(), self.height())
        paint_shares(painter, box, freshness_parts(self.counts), self.desk.theme)
        painter.end()


class RecentList(QWidget):
    """Rows to open, to find again, to restore or to discard. ``refill`` reads the list anew."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        head = QHBoxLayout()
        title = label(desk.say("start.recent"), pixels=13, bold=True)
        title.setFixedHeight(HEAD)
        head.addWidget(title)
        head.addStretch(1)
        self.clear = _link(desk.say("start.clear"), self._forget)
        head.addWidget(self.clear)
        self.column.addLayout(head)
        self.column.addSpacing(8)
        self.column.addWidget(line())
        self.rows = QWidget()
        self.column.addWidget(self.rows)
        self.column.addStretch(1)
        self.refill()

    def refill(self) -> None:
        """Show what is there now."""
        fresh = QWidget()
        column = QVBoxLayout(fresh)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        unsaved = left_behind(autosave_folder(self.desk.session.settings))[:1]
        for path in unsaved:
            self._unsaved(column, path)
        found = load_recent()[: SHOWN - len(unsaved)]
        for recent in found:
            self._row(column, recent)
        if not found:
            column.addSpacing(10)
            column.addWidget(label(self.desk.say("start.no_recent"), "t2"))
        self.clear.setVisible(bool(found))
        self.column.replaceWidget(self.rows, fresh)
        self.rows.hide()
        self.rows.deleteLater()
        self.rows = fresh
        fresh.show()

    def _do(self, name: str, *arguments: object) -> None:
        """Do something that changes the list, then show it."""
        self.desk.act(name, *arguments)
        self.refill()

    def _forget(self) -> None:
        self._do("file.forget")

    def _row(self, column: QVBoxLayout, recent: Recent) -> None:
        """Offer one location that was open before, with how fresh it was."""
        there = recent.path.startswith(("http://", "https://")) or Path(recent.path).exists()
        ink = self.desk.theme.t2 if there else self.desk.theme.status_text["stale"]
        row = _begin(glyph_pixmap("file" if there else "evidence", ink, 16))
        name = _link(
            recent.title or Path(recent.path).name,
            lambda: self.desk.act("file.path", recent.path),
        )
        name.setToolTip(recent.path)
        name.setEnabled(there)
        row.addWidget(name)
        row.addStretch(1)
        counts = dict(recent.counts)
        if there:
            row.addWidget(label(_when(self.desk, recent.opened_at), "t2", 11))
            row.addWidget(Shares(self.desk, counts))
            share = self.desk.words.percent(counts.get("stale", 0), sum(counts.values()))
            row.addWidget(label(self.desk.say("status_bar.stale", share=share), "t2", 11))
        else:
            row.addWidget(label(self.desk.say("start.moved"), "t2", 11))
            again = _link(
                self.desk.say("start.relocate"), lambda: self._do("file.relocate", recent.path)
            )
            row.addWidget(again)
        column.addLayout(row)
        column.addWidget(line())

    def _unsaved(self, column: QVBoxLayout, path: Path) -> None:
        """Offer work that was never saved as a project."""
        row = _begin(glyph_pixmap("as_of", self.desk.theme.t2, 16))
        when = datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC).isoformat()
        row.addWidget(label(self.desk.say("start.unsaved", when=_when(self.desk, when))))
        row.addStretch(1)
        restore = _link(
            self.desk.say("start.restore"), lambda: self.desk.act("file.restore", path)
        )
        row.addWidget(restore)
        discard = _link(self.desk.say("start.discard"), lambda: self._do("file.discard", path))
        discard.setToolTip(self.desk.say("start.discard_tip"))
        row.addWidget(discard)
        column.addLayout(row)
        column.addWidget(line())


def _begin(picture: QPixmap) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 8, 0, 8)
    row.setSpacing(10)
    icon = QLabel()
    icon.setPixmap(picture)
    row.addWidget(icon)
    return row


def _link(text: str, done: Callable[[], None]) -> QToolButton:
    made = QToolButton()
    made.setProperty("kind", "link")
    made.setText(text)
    made.clicked.connect(lambda _=False: done())
    return made


def _when(desk: Desk, instant: object) -> str:
    """Return yesterday 16:20, or a date."""
    try:
        moment = datetime.datetime.fromisoformat(str(instant).replace("Z", "+00:00"))
    except ValueError:
        return str(instant)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    local = moment.astimezone()
    days = (datetime.datetime.now().astimezone().date() - local.date()).days
    clock = f"{local:%H:%M}"
    if days == 0:
        return desk.say("start.today", clock=clock)
    if days == 1:
        return desk.say("start.yesterday", clock=clock)
    return desk.words.date(np.datetime64(local.date()))
