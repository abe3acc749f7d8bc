"""A new topic: its words, and whether the view comes with it."""

import re

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from twin.topics.changes import allowed
from ui.desk import Desk, count_selected
from ui.panels.parts import label, line, mark

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class TopicDialog(QDialog):
    """Title, type, priority, whom, when, description; by default with a viewpoint of what is seen."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setWindowTitle(desk.say("topics.new_title"))
        self.title = QLineEdit()
        self.title.setAccessibleName(desk.say("topics.column.title"))
        self.fields = {name: self._combo(name) for name in ("type", "priority", "assigned")}
        self.fields["assigned"].setEditable(True)
        self.due = QLineEdit()
        self.due.setPlaceholderText("2026-12-31")
        self.due.setAccessibleName(desk.say("topics.column.due"))
        self.words = QPlainTextEdit()
        self.words.setFixedHeight(84)
        self.words.setAccessibleName(desk.say("topics.description"))
        self.with_view = QCheckBox(desk.say("topics.with_view"))
        self.with_view.setChecked(True)
        self.with_view.setEnabled(bool(desk.session.twin.layers))
        self.wrong = label("", "stale", 11)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._form())
        column.addWidget(line())
        column.addLayout(self._foot())
        self.setMinimumWidth(460)
        self.title.setFocus()

    def _form(self) -> QFormLayout:
        say = self.desk.say
        form = QFormLayout()
        form.setContentsMargins(20, 16, 20, 12)
        form.setVerticalSpacing(8)
        form.addRow(label(say("topics.column.title")), self.title)
        for name, field in self.fields.items():
            form.addRow(label(say(f"topics.column.{name}")), field)
        form.addRow(label(say("topics.column.due")), self.due)
        form.addRow(label(say("topics.description")), self.words)
        form.addRow("", self.with_view)
        count = self.desk.words.count(count_selected(self.desk))
        form.addRow("", label(say("topics.view_holds", count=count), "t3", 11, wrap=True))
        form.addRow("", self.wrong)
        return form

    def _combo(self, name: str) -> QComboBox:
        made = QComboBox()
        made.addItem("", "")
        for value in allowed(self.desk.session.twin, name):
            made.addItem(value, value)
        made.setAccessibleName(self.desk.say(f"topics.column.{name}"))
        mark(self.desk, "chevron_down", made)
        return made

    def _foot(self) -> QHBoxLayout:
        add = QPushButton(self.desk.say("topics.add"))
        add.setProperty("primary", True)
        add.clicked.connect(self._accept)
        cancel = QPushButton(self.desk.say("cancel"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        foot.addWidget(add)
        foot.addWidget(cancel)
        foot.addStretch(1)
        author = self.desk.session.settings.author
        key = "topics.signed" if author else "topics.unsigned"
        foot.addWidget(label(self.desk.say(key, author=author), "t3", 11))
        return foot

    def _accept(self) -> None:
        due = self.due.text().strip()
        if not self.title.text().strip():
            self.wrong.setText(self.desk.say("topics.no_title"))
        elif due and not _DAY.fullmatch(due):
            self.wrong.setText(self.desk.say("topics.no_date", text=due))
        else:
            self.accept()

    def arguments(self) -> dict[str, str]:
        """Return the arguments of ``topics.add``."""
        return {
            "title": self.title.text().strip(),
            "due": self.due.text().strip(),
            "description": self.words.toPlainText().strip(),
            **{name: field.currentText().strip() for name, field in self.fields.items()},
        }
