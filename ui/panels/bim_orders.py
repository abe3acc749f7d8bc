"""The dialog before orders are raised for the chosen buildings: which, for how much, until when."""

from PySide6.QtCore import QDate
from PySide6.QtWidgets import (
    QCheckBox,
    QDateEdit,
    QDialog,
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from twin.maintenance.bim.answers import Answer, headline
from ui.bim_question import BimQuestion
from ui.panels.parts import label, line, mark

MOST = 500
"""Names that are listed; the rest are counted."""


class BimOrdersDialog(QDialog):
    """Says what would be raised: one order a building, to its custodian."""

    def __init__(self, question: BimQuestion, parent: QWidget, found: Answer) -> None:
        super().__init__(parent)
        desk = self.desk = question.desk
        rows = found.choice.chosen.rows
        self.setWindowTitle(desk.say("bim.orders_title"))
        self.resize(460, 420)
        self.dated = QCheckBox(desk.say("bim.due"))
        self.date = QDateEdit(QDate.currentDate().addMonths(6))
        self.date.setCalendarPopup(True)
        self.date.setDisplayFormat("yyyy-MM-dd")
        self.date.setEnabled(False)
        self.date.setFixedWidth(130)
        mark(desk, "chevron_down", self.date)
        self.dated.toggled.connect(self.date.setEnabled)
        body = QVBoxLayout()
        body.setContentsMargins(20, 16, 20, 14)
        body.setSpacing(10)
        words = headline(found, desk.words.catalogue)
        body.addWidget(label(words, pixels=15, bold=True, wrap=True))
        body.addWidget(label(desk.say("bim.orders_said"), "t2", wrap=True))
        body.addWidget(self._names(question, found), 1)
        body.addLayout(_row(self.dated, self.date))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body, 1)
        column.addWidget(line())
        column.addLayout(self._foot(len(rows)))

    def _names(self, question: BimQuestion, found: Answer) -> QListWidget:
        rows = found.choice.chosen.rows
        names = QListWidget()
        names.setObjectName("choices")
        names.setAccessibleName(self.desk.say("bim.orders_title"))
        ranked = sorted(rows, key=lambda row: -found.scores.low[row])
        names.addItems([question.title(row) for row in ranked[:MOST]])
        if len(rows) > MOST:
            count = self.desk.words.count(len(rows) - MOST)
            names.addItem(self.desk.say("bim.and_more", count=count))
        return names

    def _foot(self, count: int) -> QHBoxLayout:
        keep = QPushButton(self.desk.say("bim.raise", count=self.desk.words.count(count)))
        keep.setProperty("primary", True)
        keep.setDefault(True)
        keep.clicked.connect(self.accept)
        cancel = QPushButton(self.desk.say("cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        foot = _row(keep, None, cancel)
        foot.setContentsMargins(14, 10, 14, 10)
        return foot

    def due(self) -> str:
        """Return the date until when, ISO; '' = by the policy."""
        return self.date.date().toString("yyyy-MM-dd") if self.dated.isChecked() else ""


def _row(*widgets: QWidget | None) -> QHBoxLayout:
    """Return widgets side by side; None, or the end, takes what room is left."""
    row = QHBoxLayout()
    for widget in widgets:
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget)
    if None not in widgets:
        row.addStretch(1)
    return row
