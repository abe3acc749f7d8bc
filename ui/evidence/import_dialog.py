"""Say which column of a file of evidence is what; the first hints show at once how it would be read."""

from dataclasses import fields, replace

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from twin.maintenance.dates import as_texts
from twin.maintenance.evidence import EVIDENCE_P
from twin.maintenance.evidence_files import (
    Columns,
    EvidenceRead,
    Usual,
    columns_of,
    evidence_of,
    kind_of,
    missing,
)
from twin.ports import VectorTable
from ui.desk import Desk
from ui.evidence.model import event_text
from ui.panels.parts import label, line, mark

ROLES = tuple(item.name for item in fields(Columns))
SAMPLE = 200
"""Rows that are read for the preview."""
SHOWN = 8
HEAD = ("row", "kind", "where", "raw", "event", "p", "marks")


class ImportDialog(QDialog):
    """A choice a role at the left, the first hints as they would be read at the right."""

    def __init__(
        self, desk: Desk, parent: QWidget, path: str, table: VectorTable, known: frozenset[str]
    ) -> None:
        super().__init__(parent)
        self.desk, self.path, self.known = desk, path, known
        self.whole = table
        self.sample = _first(table, SAMPLE)
        self.setWindowTitle(desk.say("evidence_panel.dialog"))
        guess = columns_of(self.sample, known)
        self.columns = {name: self._choice(name, getattr(guess, name)) for name in ROLES}
        self.kind = QComboBox()
        for name in ("", *EVIDENCE_P):
            key = f"evidence.{name}" if name else "window.evidence_panel.as_read"
            self.kind.addItem(desk.words.catalogue.text(key), name)
        mark(desk, "chevron_down", self.kind)
        by_name = kind_of(path.replace("\\", "/").rpartition("/")[2])
        if not guess.kind and by_name:
            self.kind.setCurrentIndex(self.kind.findData(by_name))
        self.when = QLineEdit()
        self.when.setPlaceholderText("2024-05")
        self.preview = self._preview()
        self.said = label("", "t2", 11, wrap=True)
        self._lay_out()
        for field in (*self.columns.values(), self.kind):
            field.currentIndexChanged.connect(lambda _: self.show_sample())
        self.when.textChanged.connect(lambda _: self.show_sample())
        room = parent.window().size()
        self.resize(min(1120, room.width() - 80), min(560, room.height() - 80))
        self.show_sample()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head())
        column.addWidget(line())
        body = QHBoxLayout()
        body.setContentsMargins(20, 12, 12, 12)
        body.setSpacing(16)
        body.addLayout(self._form())
        body.addWidget(self.preview, 1)
        column.addLayout(body, 1)
        column.addWidget(line())
        column.addLayout(self._foot())

    def _choice(self, role: str, chosen: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(self.desk.say(f"evidence_panel.role_{role}"))
        box.addItem(self.desk.say("evidence_panel.no_column"), "")
        for name in self.sample.columns:
            box.addItem(name, name)
        box.setCurrentIndex(max(box.findData(chosen), 0))
        box.setFixedWidth(190)
        mark(self.desk, "chevron_down", box)
        return box

    def _head(self) -> QVBoxLayout:
        head = QVBoxLayout()
        head.setContentsMargins(20, 16, 20, 12)
        head.setSpacing(4)
        name = self.path.replace("\\", "/").rpartition("/")[2]
        count = self.desk.words.count(len(self.whole))
        head.addWidget(
            label(self.desk.say("evidence_panel.of", file=name, count=count), bold=True)
        )
        head.addWidget(label(self.desk.say("evidence_panel.help"), "t2", 11, wrap=True))
        return head

    def _form(self) -> QGridLayout:
        form = QGridLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(6)
        say = self.desk.say
        for row, (role, box) in enumerate(self.columns.items()):
            form.addWidget(label(say(f"evidence_panel.role_{role}"), "t2"), row, 0)
            form.addWidget(box, row, 1)
        row = len(self.columns)
        extra: tuple[tuple[str, QWidget], ...] = (
            ("usual_kind", self.kind),
            ("usual_event", self.when),
        )
        for words, field in extra:
            field.setAccessibleName(say(f"evidence_panel.{words}"))
            field.setFixedWidth(190)
            form.addWidget(label(say(f"evidence_panel.{words}"), "t2"), row, 0)
            form.addWidget(field, row, 1)
            row += 1
        form.setRowStretch(row, 1)
        return form

    def _preview(self) -> QTableWidget:
        table = QTableWidget(0, len(HEAD))
        table.setTabKeyNavigation(False)
        table.setAccessibleName(self.desk.say("evidence_panel.preview"))
        table.setHorizontalHeaderLabels([self.desk.say(f"evidence_panel.pre_{x}") for x in HEAD])
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        head = table.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        for number, width in enumerate((52, 130, 150, 110, 110, 54, 150)):
            table.setColumnWidth(number, width)
        head.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        return table

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        foot.setSpacing(8)
        take = QPushButton(self.desk.say("evidence_panel.take"))
        take.setProperty("primary", True)
        take.setDefault(True)
        take.clicked.connect(self.accept)
        cancel = QPushButton(self.desk.say("cancel"))
        cancel.clicked.connect(self.reject)
        foot.addWidget(take)
        foot.addWidget(cancel)
        foot.addWidget(self.said, 1)
        return foot

    def chosen(self) -> Columns:
        """Return which column is what."""
        return Columns(**{name: str(box.currentData()) for name, box in self.columns.items()})

    def usual(self) -> Usual:
        """Return what holds for rows that say nothing."""
        crs = self.desk.session.twin.crs
        return Usual(str(self.kind.currentData()), self.when.text().strip(), "", crs)

    def show_sample(self) -> None:
        """Read the first rows as is chosen, and show them."""
        read = evidence_of(self.sample, self.path, self.chosen(), self.usual(), self.known)
        raw = self.sample.columns.get(self.chosen().date)
        texts = [] if raw is None else as_texts(raw).tolist()
        self.preview.setRowCount(min(SHOWN, len(read.records)))
        for row, item in enumerate(read.records[:SHOWN]):
            say, words = self.desk.say, self.desk.words.catalogue
            gone = missing(item, self.known)
            key = f"evidence.{item.kind}"
            cells = (
                str(self.sample.keys[row]), words.text(key) if words.has(key) else item.kind,
                item.object_id or say("evidence_panel.area" if item.polygon else "evidence_panel.nowhere"),
                (texts[row] or "") if row < len(texts) else "", event_text(item) or say("evidence_panel.undated"),
                f"{item.p_change:.2f}", "; ".join(say(f"evidence_panel.short_{x}") for x in gone) or say("evidence_panel.marks_it"),
            )  # fmt: skip
            for number, text in enumerate(cells):
                cell = QTableWidgetItem(text)
                cell.setToolTip(text)
                cell.setForeground(QColor(self.desk.theme.t2 if gone else self.desk.theme.t1))
                self.preview.setItem(row, number, cell)
        self.said.setText(self._told(read))

    def _told(self, read: EvidenceRead) -> str:
        """Return what is wrong with the sample, a sentence a kind."""
        lang = self.desk.words.language
        listed = ("evidence.no_place", "evidence.unknown_object", "evidence.no_date")
        said = [p.said(lang) for p in read.problems if not p.feature][:3]
        count = sum(p.code in listed for p in read.problems)
        if count:
            said.insert(
                0, self.desk.say("evidence_panel.idle", count=self.desk.words.count(count))
            )
        return " ".join(said)


def _first(table: VectorTable, count: int) -> VectorTable:
    """Return the first rows of a table; what was wrong with others is left out."""
    some = slice(0, count)
    return replace(
        table,
        columns={name: values[some] for name, values in table.columns.items()},
        geometry=None if table.geometry is None else table.geometry[some],
        keys=np.asarray(table.keys)[some],
        problems=tuple(p for p in table.problems if not p.feature),
    )
