"""A list of records and the form of one: what is typed becomes one command when it is applied."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.desk import Desk
from ui.panels.parts import label, line, mark

LIST = 250


@dataclass(frozen=True, slots=True)
class Entry:
    """A field of the form. ``choices``: (value, word) each, () = free text; ``hint`` stands in an empty field.

    ``fixed``: may be said once, when the record is added.
    """

    name: str
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    fixed: bool = False


@dataclass(frozen=True)
class Subject:
    """What a page edits: records by key, how they are listed, their fields, the commands that change them."""

    kind: str
    command: str
    listed: Callable[[str, Any], tuple[str, str]]
    """(key, record) -> title of the line, and the name of its icon."""
    entries: Callable[[], Sequence[Entry]]
    said: Callable[[str, Any], Mapping[str, str]]
    """(key, record) -> what the fields show."""


class RecordPage(QWidget):
    """One subject. ``on_done`` is called after every command that went well."""

    def __init__(self, desk: Desk, subject: Subject, on_done: Callable[[], None]) -> None:
        super().__init__()
        self.desk, self.subject, self.on_done = desk, subject, on_done
        self.setObjectName("panel")
        self.key = ""
        self.fields: dict[str, QLineEdit | QComboBox] = {}
        self.list = QListWidget()
        self.list.setObjectName("groups")
        self.list.setFixedWidth(LIST)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setAccessibleName(desk.say(f"who.{subject.kind}"))
        self.list.currentItemChanged.connect(lambda now, _old: self._chose(now))
        self.sheet = QScrollArea()
        self.sheet.setObjectName("panel")
        self.sheet.setFrameShape(QScrollArea.Shape.NoFrame)
        self.sheet.setWidgetResizable(True)
        self.apply, self.add, self.remove = (
            QPushButton(desk.say(f"who.{name}")) for name in ("apply", "add", "remove")
        )
        self.apply.setProperty("primary", True)
        self.apply.clicked.connect(self._apply)
        self.add.clicked.connect(self._begin)
        self.remove.clicked.connect(self._remove)
        self._lay()
        self.fill()

    def _lay(self) -> None:
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 8, 16, 8)
        foot.setSpacing(8)
        for button in (self.apply, self.add, self.remove):
            foot.addWidget(button)
        foot.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.sheet, 1)
        right.addWidget(line())
        right.addLayout(foot)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.list)
        row.addWidget(line(vertical=True))
        row.addLayout(right, 1)

    @property
    def records(self) -> Mapping[str, Any]:
        """Return the records of the subject."""
        return self.desk.session.twin.records[self.subject.kind]

    def fill(self) -> None:
        """Read the records again; what was chosen stays chosen."""
        key = self.key
        self.list.blockSignals(True)
        self.list.clear()
        for name, record in self.records.items():
            title, icon = self.subject.listed(name, record)
            item = QListWidgetItem(self.desk.icon(icon), title)
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setToolTip(name)
            self.list.addItem(item)
        self.list.blockSignals(False)
        keys = list(self.records)
        if keys:
            self.list.setCurrentRow(keys.index(key) if key in keys else 0)
        else:
            self._begin()

    def choose(self, key: str) -> None:
        """Show a record."""
        if key in self.records:
            self.list.setCurrentRow(list(self.records).index(key))

    def _chose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.key = str(item.data(Qt.ItemDataRole.UserRole))
            self._form(self.subject.said(self.key, self.records[self.key]))

    def _begin(self) -> None:
        """Begin a new record: empty fields."""
        self.key = ""
        self.list.blockSignals(True)
        self.list.setCurrentRow(-1)
        self.list.blockSignals(False)
        self._form({})
        first = next(iter(self.fields.values()), None)
        if first is not None:
            first.setFocus()

    def _form(self, said: Mapping[str, str]) -> None:
        page = QWidget()
        page.setObjectName("panel")
        form = QFormLayout(page)
        form.setContentsMargins(16, 12, 16, 12)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self.fields = {}
        for entry in self.subject.entries():
            made = self._field(entry, said.get(entry.name, ""))
            made.setAccessibleName(self.desk.say(f"who.field.{entry.name}"))
            made.setEnabled(not (entry.fixed and self.key))
            self.fields[entry.name] = made
            form.addRow(label(self.desk.say(f"who.field.{entry.name}"), "t2"), made)
        form.addRow("", label(self.desk.say(f"who.{self.subject.kind}_hint"), "t3", 11, wrap=True))
        self.sheet.setWidget(page)
        self.remove.setEnabled(bool(self.key))

    def _field(self, entry: Entry, value: str) -> QLineEdit | QComboBox:
        if not entry.choices:
            text = QLineEdit(value)
            text.setCursorPosition(0)
            text.setPlaceholderText(entry.hint)
            return text
        box = QComboBox()
        for choice, word in entry.choices:
            box.addItem(word, choice)
        if value and box.findData(value) < 0:
            box.addItem(value, value)
        box.setCurrentIndex(max(box.findData(value), 0))
        mark(self.desk, "chevron_down", box)
        return box

    def arguments(self) -> dict[str, str]:
        """Return the arguments of the command that sets the record."""
        found = {} if not self.key else {"id": self.key}
        for name, field in self.fields.items():
            if name == "id" and self.key:
                continue
            found[name] = (
                str(field.currentData()) if isinstance(field, QComboBox) else field.text().strip()
            )
        return found

    def _apply(self) -> None:
        before = set(self.records)
        said = self.arguments()
        if self.desk.run(f"{self.subject.command}.set", **said):
            self.key = next(iter(set(self.records) - before), self.key or said.get("id", ""))
            self.fill()
            self.on_done()

    def _remove(self) -> None:
        if self.key and self.desk.run(f"{self.subject.command}.remove", id=self.key):
            self.key = ""
            self.fill()
            self.on_done()
