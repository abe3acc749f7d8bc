"""The log dock: errors in words, problems per source, and the program's own notes; every line copies."""

import logging
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QMenu,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from twin.records import Problem
from twin.scene import Aspect, LayerId
from ui.desk import Desk, Panel
from ui.panels.parts import copy_text, label, mark, offer
from ui.theme import font, glyph_pixmap

MOST_A_SOURCE = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: ``kind`` is error, problem or note; ``code`` is stable."""

    kind: str
    source: str
    code: str
    text: str
    about: str = ""
    layer: LayerId = ""


class Ring(logging.Handler):
    """Keeps the last log records for the panel; composition roots attach it."""

    def __init__(self, size: int = 500) -> None:
        super().__init__(logging.INFO)
        self.records: deque[logging.LogRecord] = deque(maxlen=size)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self.records.append(record)
        self.count += 1


RING = Ring()


def problem_text(desk: Desk, problem: Problem) -> str:
    """Return a problem in the language of the window."""
    return problem.said(desk.words.catalogue.language)


class LogModel(QAbstractTableModel):
    """Entries as a flat table painted by a delegate."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.kind = ""
        self.layer: LayerId = ""
        self.entries: list[Entry] = []

    def rebuild(self) -> None:
        """Collect errors, problems and notes again."""
        self.beginResetModel()
        self.entries = [
            entry for entry in [*self._errors(), *self._problems(), *self._notes()]
            if self.kind in ("", entry.kind) and self.layer in ("", entry.layer)
        ]  # fmt: skip
        self.endResetModel()

    def _errors(self) -> list[Entry]:
        return [
            Entry("error", location, error.full_code, self.desk.error_text(error), location)
            for location, error in reversed(self.desk.session.errors)
        ]

    def _problems(self) -> list[Entry]:
        return [
            Entry("problem", layer.title, p.code, problem_text(self.desk, p), p.feature, layer.id)
            for layer in self.desk.session.twin.layers.values()
            for p in layer.problems[:MOST_A_SOURCE]
        ] + [
            Entry("problem", Path(location).name, p.code, problem_text(self.desk, p), p.feature)
            for location, read in self.desk.session.topics_read
            for p in read.problems[:MOST_A_SOURCE]
        ]

    def _notes(self) -> list[Entry]:
        return [
            Entry("note", record.name, record.levelname.lower(), record.getMessage())
            for record in reversed(RING.records)
        ]

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of entries."""
        return 0 if parent is not None and parent.isValid() else len(self.entries)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return one: the delegate paints all."""
        return 1

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> object:
        """Return the text of a line."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.entries[index.row()].text
        return None


class LogDelegate(QStyledItemDelegate):
    """Paints kind, source, text and code."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one line."""
        box: QRect = option.rect
        state = option.state
        theme = self.desk.theme
        model = index.model()
        assert isinstance(model, LogModel)
        entry = model.entries[index.row()]
        if state & type(state).State_Selected:
            painter.fillRect(box, QColor(theme.selection))
        painter.setPen(QColor(theme.line))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        stale = theme.status_text["stale"]
        ink = {"error": stale, "problem": theme.status_text["in_grace"]}.get(entry.kind, theme.t3)
        icon = "help" if entry.kind == "note" else "evidence"
        painter.drawPixmap(box.left() + 12, box.top() + 5, glyph_pixmap(icon, ink, 16))
        third = max(box.width() // 6, 120)
        _cell(painter, QRect(box.left() + 38, box.top(), third - 12, 26), entry.source, theme.t2)
        room = QRect(box.left() + 38 + third, box.top(), box.width() - 2 * third - 50, 26)
        named = entry.kind == "problem" and entry.about and entry.about not in entry.text
        about = f"{entry.about}: " if named else ""
        _cell(painter, room, about + entry.text, theme.t1)
        code = QRect(box.right() - third + 4, box.top(), third - 14, 26)
        _cell(painter, code, entry.code, theme.t3, right=True)


def _cell(painter: QPainter, room: QRect, text: str, ink: str, *, right: bool = False) -> None:
    painter.setFont(font())
    painter.setPen(QColor(ink))
    shown = painter.fontMetrics().elidedText(
        text, Qt.TextElideMode.ElideRight, max(room.width(), 8)
    )
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, shown)


class LogPanel(Panel):
    """The list with a choice of kind; empty it says what would be here."""

    watches = frozenset({Aspect.PROBLEMS, Aspect.LAYERS, Aspect.JOBS})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.model = LogModel(desk)
        self._seen: tuple[int, ...] = ()
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setItemDelegate(LogDelegate(desk))
        self.table.setShowGrid(False)
        self.table.horizontalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(26)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setAccessibleName(desk.say("log.title"))
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._menu)
        self.table.doubleClicked.connect(lambda index: self._go(index.row()))
        self.empty = label(desk.say("log.empty"), "t2")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.empty)
        column.addWidget(self.table)
        self.refresh(self.watches)

    def tools(self) -> list[QWidget]:
        """Return the controls for the dock's head."""
        kinds = QComboBox()
        kinds.setAccessibleName(self.desk.say("log.kind"))
        kinds.setFixedWidth(130)
        mark(self.desk, "chevron_down", kinds)
        for kind in ("", "error", "problem", "note"):
            kinds.addItem(self.desk.say(f"log.{kind or 'all'}"), kind)
        kinds.currentIndexChanged.connect(lambda _: self.show_kind(str(kinds.currentData())))
        copy = QPushButton(self.desk.say("log.copy"))
        copy.clicked.connect(self.copy_all)
        return [kinds, copy]

    def show_kind(self, kind: str, layer: LayerId = "") -> None:
        """Show errors, problems or notes only ('' = all); of one layer when it is named."""
        self.model.kind, self.model.layer = kind, layer
        self._seen = ()
        self.refresh(self.watches)

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read again when something was added."""
        session = self.desk.session
        seen = (
            len(session.errors),
            RING.count,
            *[len(x.problems) for x in session.twin.layers.values()],
        )
        if seen == self._seen:
            return
        self._seen = seen
        self.model.rebuild()
        self.empty.setVisible(not self.model.entries)
        self.table.setVisible(bool(self.model.entries))

    def copy_all(self) -> None:
        """Copy every shown line."""
        lines = [
            f"{x.kind}\t{x.source}\t{x.code}\t{x.about}\t{x.text}" for x in self.model.entries
        ]
        copy_text("\n".join(lines))
        self.desk.tell(
            self.desk.say("log.copied", count=self.desk.words.count(len(lines))), "info"
        )

    def _menu(self, point: QPoint) -> None:
        position = self.table.rowAt(point.y())
        if position < 0:
            return
        entry = self.model.entries[position]
        self.menu_of(entry, position).exec(self.table.viewport().mapToGlobal(point))

    def menu_of(self, entry: Entry, position: int) -> QMenu:
        """Return what can be done with a line."""
        menu = QMenu(self)
        menu.addAction(
            self.desk.say("log.copy_line"), lambda: copy_text(f"{entry.code}: {entry.text}")
        )
        if entry.code == "tile.failed":
            offer(
                menu,
                self.desk.say("layer_page.retry"),
                lambda: self.desk.act("layers.retry", entry.layer),
            )
        if entry.layer and entry.about:
            menu.addAction(self.desk.say("log.go"), lambda: self._go(position))
        return menu

    def _go(self, position: int) -> None:
        entry = self.model.entries[position]
        layer = self.desk.session.twin.layers.get(entry.layer)
        row = layer.features.rows_by_id.get(entry.about) if layer else None
        if row is not None:
            self.desk.select(entry.layer, row)
            self.desk.act("view.fit")
