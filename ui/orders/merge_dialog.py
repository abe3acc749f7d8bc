"""A pack that came back from a custodian: what it changes, what changed here too, and who takes it in."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from twin.edits import Together
from twin.errors import TwinError
from twin.handing import Merge, merged
from twin.jobs import Feedback, Outcome
from twin.maintenance.orders.packs import Difference
from twin.scene import Twin
from ui.desk import Desk
from ui.orders.facts import party_names
from ui.orders.raise_dialog import frozen
from ui.panels.parts import label, line, mark

COLUMNS = ("what", "table", "id", "column", "base", "mine", "theirs")


class MergeDialog(QDialog):
    """Every value that came back changed; those changed here too are listed and stay as they are here."""

    def __init__(self, desk: Desk, path: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.desk, self.path = desk, path
        self.found: Merge | None = None
        self._asked = 0
        say = desk.say
        self.setWindowTitle(say("orders_panel.merge"))
        self.by = QComboBox()
        for key, name in party_names(desk.session.twin).items():
            self.by.addItem(name, key)
        self.by.setCurrentIndex(max(self.by.findData(desk.acting), 0))
        self.by.setAccessibleName(say("orders_panel.by"))
        mark(desk, "chevron_down", self.by)
        self.by.currentIndexChanged.connect(lambda _: self._read())
        self.words = label(say("orders_panel.reading"), "t2", wrap=True)
        self.table = self._make_table()
        self.ok = QPushButton(say("orders_panel.take_in"))
        self.ok.setProperty("primary", True)
        self.ok.setEnabled(False)
        self.ok.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._head())
        column.addWidget(self.table, 1)
        column.addWidget(line())
        column.addLayout(self._foot())
        self.resize(820, 420)
        self._read()

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, len(COLUMNS))
        table.setTabKeyNavigation(False)
        table.setHorizontalHeaderLabels(
            [self.desk.say(f"orders_panel.merge_{name}") for name in COLUMNS]
        )
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.setAccessibleName(self.desk.say("orders_panel.merge"))
        return table

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setContentsMargins(16, 14, 16, 10)
        head.addWidget(self.words, 1)
        head.addWidget(label(self.desk.say("orders_panel.by")))
        head.addWidget(self.by)
        return head

    def _foot(self) -> QHBoxLayout:
        cancel = QPushButton(self.desk.say("cancel"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        foot.addWidget(self.ok)
        foot.addWidget(cancel)
        foot.addStretch(1)
        return foot

    def _read(self) -> None:
        """Compare the pack with the project, on a worker."""
        self._asked += 1
        session = self.desk.session
        by = str(self.by.currentData() or "")
        work = partial(_merged, frozen(session.twin), self.path, by, str(session.at))
        done = partial(self._came, self._asked)
        session.jobs.submit(work, done, title=self.desk.say("orders_panel.merge"))

    def _came(self, asked: int, outcome: Outcome) -> None:
        if asked != self._asked:
            return
        if outcome.error is not None:
            self.words.setText(self.desk.error_text(outcome.error))
            self.ok.setEnabled(False)
            return
        self.found = found = outcome.value
        rows = [("taken", x) for x in found.taken]
        rows += [("wish", x) for x, _, _ in found.wishes]
        rows += [("conflict", x) for x in found.conflicts]
        self.table.setRowCount(len(rows))
        for number, (what, one) in enumerate(rows):
            self._row(number, what, one)
        count = self.desk.words.count
        changes = len(found.taken) + len(found.wishes)
        facts = {"taken": count(changes), "conflicts": count(len(found.conflicts))}
        self.words.setText(self.desk.say("orders_panel.merge_found", **facts))
        self.ok.setEnabled(bool(changes))

    def _row(self, number: int, what: str, one: Difference) -> None:
        cells = (self.desk.say(f"orders_panel.merge_{what}"), one.table, one.key, one.column,
                 one.base, one.mine, one.theirs)  # fmt: skip
        for column, cell in enumerate(cells):
            item = QTableWidgetItem("" if cell is None else str(cell))
            item.setToolTip(item.text())
            if what == "conflict":
                item.setForeground(QColor(self.desk.theme.status_text["stale"]))
            elif column == 0:
                item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            self.table.setItem(number, column, item)

    def perform(self) -> None:
        """Take in what changed there alone; what is refused is told."""
        found, session = self.found, self.desk.session
        if found is None:
            return
        self.desk.acting = str(self.by.currentData() or "")
        if found.edits:
            session.do("attributes.set", Together(tuple(found.edits)))
        refused = 0
        for _, name, words in found.wishes:
            try:
                session.run(name, **words)
            except TwinError as error:
                refused += 1
                self.desk.tell(self.desk.error_text(error), "error")
        if not refused:
            count = self.desk.words.count(len(found.taken) + len(found.wishes))
            self.desk.tell(self.desk.say("orders_panel.merged", count=count), "undo")


def _merged(twin: Twin, path: str, by: str, at: str, feedback: Feedback) -> Merge:
    feedback.check()
    return merged(twin, path, by, at)
