"""Say which property of a layer is id, class, date, custodian; suggestions are shown, never taken by themselves."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFocusEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from twin.errors import TwinError
from twin.maintenance.mapping_files import mapping_text, read_mapping
from twin.maintenance.proposing import (
    TAKEN,
    Proposal,
    looked_at,
    proposal_text,
    proposals,
    samples,
)
from twin.observations import KINDS, SPANS
from twin.records import DateField, FieldMapping
from twin.scene import Layer
from ui.desk import Desk
from ui.panels.parts import label, line, mark

ROLE = 186
"""Width of the column of choices, pixels."""
ROW, ROOM = 36, 190
"""Height of a line, and of head and foot together."""
COLUMNS = ("property", "values", "role", "read", "suggested")
WIDTHS = (170, 230, ROLE, 190, 170)
ONCE = {"id": "id", "class": "kind", "name": "name", "custodian": "custodian", "height": "height"}
"""Role -> field of FieldMapping: one property each."""
CHOICES = ("", *ONCE, *(f"date.{kind}" for kind in (*KINDS, *SPANS)))


class Choice(QComboBox):
    """A choice in a table: the wheel scrolls the table, and the keyboard brings it into view."""

    def __init__(self, focused: Callable[[], None]) -> None:
        super().__init__()
        self.focused = focused
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the table."""
        event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Scroll to the line."""
        super().focusInEvent(event)
        self.focused()


class MappingDialog(QDialog):
    """A line for each property: its first values, its role, how it is read, what it could be."""

    def __init__(self, desk: Desk, parent: QWidget, layer: Layer) -> None:
        super().__init__(parent)
        self.desk, self.layer = desk, layer
        self.setWindowTitle(desk.say("mapping.title"))
        self.names = layer.features.names
        self.rows = looked_at(layer.features)
        self.guessed: dict[str, Proposal] = {}
        for item in proposals(layer.features):
            self.guessed.setdefault(item.property, item)
        self.before = self._before()
        self.roles: list[QComboBox] = []
        self.table = self._table()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head())
        column.addWidget(line())
        column.addWidget(self._body(), 1)
        column.addWidget(line())
        column.addLayout(self._foot())
        self.show_mapping(self.before)
        room = parent.window().size()
        self.resize(
            min(1080, room.width() - 120),
            min(max(ROOM + ROW * len(self.names), 320), room.height() - 100),
        )

    def _before(self) -> FieldMapping:
        """Return the mapping in use; one whose file is gone counts as none and is told."""
        try:
            found = self.layer.source.fields or read_mapping(self.layer.source.mapping)
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            found = None
        return found or FieldMapping()

    def _head(self) -> QVBoxLayout:
        head = QVBoxLayout()
        head.setContentsMargins(20, 16, 20, 12)
        head.setSpacing(4)
        head.addWidget(label(self.layer.title, bold=True))
        head.addWidget(label(self.desk.say("mapping.help"), "t2", 11, wrap=True))
        return head

    def _body(self) -> QWidget:
        """Return the table, or the sentence that says why there is nothing to choose."""
        made = QWidget()
        made.setObjectName("panel")
        made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(made)
        column.setContentsMargins(12, 0, 12, 0)
        column.addWidget(self.table)
        if not self.names:
            self.table.hide()
            words = "mapping.none" if len(self.layer.features) else "mapping.empty"
            said = label(self.desk.say(words), "t2", wrap=True)
            said.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(said)
        return made

    def _foot(self) -> QHBoxLayout:
        say = self.desk.say
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        foot.setSpacing(8)
        self.apply = QPushButton(say("mapping.apply"))
        self.apply.setProperty("primary", True)
        self.apply.setDefault(True)
        self.apply.clicked.connect(self._apply)
        cancel = QPushButton(say("cancel"))
        cancel.clicked.connect(self.reject)
        self.suggest = QPushButton(say("mapping.suggest"))
        self.suggest.clicked.connect(self.take_suggestions)
        self.suggest.setEnabled(any(x.confidence >= TAKEN for x in self.guessed.values()))
        if not self.suggest.isEnabled():
            self.suggest.setToolTip(say("mapping.unsure"))
        load, save = QPushButton(say("mapping.load")), QPushButton(say("mapping.save"))
        load.clicked.connect(self._load)
        save.clicked.connect(self._save)
        for button in (self.apply, cancel):
            foot.addWidget(button)
        foot.addStretch(1)
        for button in (self.suggest, load, save):
            foot.addWidget(button)
        for button in (self.apply, load, save):
            button.setEnabled(bool(self.names))
        return foot

    def _table(self) -> QTableWidget:
        table = QTableWidget(len(self.names), len(COLUMNS))
        table.setObjectName("mapping")
        table.setAccessibleName(self.desk.say("mapping.title"))
        table.setHorizontalHeaderLabels([self.desk.say(f"mapping.{name}") for name in COLUMNS])
        table.verticalHeader().setVisible(False)
        table.verticalHeader().setDefaultSectionSize(ROW)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Tab goes from choice to choice
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setTabKeyNavigation(False)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for number, width in enumerate(WIDTHS):
            table.setColumnWidth(number, width)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Fixed)
        header.setHighlightSections(False)
        for row, name in enumerate(self.names):
            self._fill(table, row, name)
        return table

    def _fill(self, table: QTableWidget, row: int, name: str) -> None:
        raw, spans = samples(self.layer.features.columns[name][self.rows])
        guess = self.guessed.get(name)
        said = ""
        if guess is not None:
            role = self._role_words(_choice(guess))
            share = self.desk.words.percent(guess.confidence, 1, 0)
            said = self.desk.say("mapping.could_be", role=role, share=share)
        shown = (name, " · ".join(raw), "", "", said)
        for number, text in enumerate(shown):
            item = QTableWidgetItem(text)
            item.setForeground(QColor(self.desk.theme.t2 if number else self.desk.theme.t1))
            item.setToolTip("\n".join(raw) if number == 1 else text)
            if number == COLUMNS.index("suggested") and guess is not None:
                item.setToolTip(proposal_text(guess, self.desk.words.language))
            table.setItem(row, number, item)
        box = Choice(lambda: table.scrollTo(table.model().index(row, 0)))
        box.setAccessibleName(self.desk.say("mapping.role_of", name=name))
        for choice in CHOICES:
            box.addItem(self._role_words(choice), choice)
        read = " · ".join(span for span in spans if span)
        box.currentIndexChanged.connect(lambda _=0: self._chosen(row, read))
        self.roles.append(box)
        table.setCellWidget(row, 2, self._cell(box))

    def _cell(self, box: QComboBox) -> QWidget:
        """Return a choice in its place of the table, with the line under it."""
        made = QWidget()
        inner = QHBoxLayout(made)
        inner.setContentsMargins(3, 3, 3, 3)
        inner.addWidget(box)
        box.setFixedWidth(ROLE - 16)
        mark(self.desk, "chevron_down", box)
        return made

    def _role_words(self, choice: str) -> str:
        role, _, kind = choice.partition(".")
        if kind:
            return self.desk.say("mapping.date", kind=self.desk.say(f"mapping.kind_{kind}"))
        return self.desk.say(f"mapping.as_{role or 'nothing'}")

    def _chosen(self, row: int, read: str) -> None:
        """Show how a date is read; take a role that stands once from the property that had it."""
        choice = str(self.roles[row].currentData())
        shown = QTableWidgetItem(read if choice.startswith("date.") else "")
        shown.setToolTip(shown.text())
        shown.setForeground(QColor(self.desk.theme.t2))
        self.table.setItem(row, COLUMNS.index("read"), shown)
        if choice in ONCE:
            for other, box in enumerate(self.roles):
                if other != row and box.currentData() == choice:
                    box.setCurrentIndex(0)

    # -- what is chosen -----------------------------------------------------------------------

    def mapping(self) -> FieldMapping:
        """Return what the lines say; aspects and the set of feature numbers stay as they were."""
        named: dict[str, str] = {}
        dates: list[DateField] = []
        aspects = {item.field: item.aspect for item in self.before.dates}
        for name, box in zip(self.names, self.roles, strict=True):
            role, _, kind = str(box.currentData()).partition(".")
            if kind:
                dates.append(DateField(name, kind, aspects.get(name, "")))
            elif role:
                named[ONCE[role]] = name
        return FieldMapping(**named, dates=tuple(dates), feature_ids=self.before.feature_ids)

    def show_mapping(self, mapping: FieldMapping) -> None:
        """Choose the roles that a mapping gives."""
        self.before = mapping
        wanted = {getattr(mapping, into): role for role, into in ONCE.items()}
        wanted |= {item.field: f"date.{item.kind}" for item in mapping.dates}
        for name, box in zip(self.names, self.roles, strict=True):
            box.setCurrentIndex(CHOICES.index(wanted.get(name, "")))

    def take_suggestions(self) -> None:
        """Choose what the sure suggestions say, where nothing is chosen yet."""
        held = {str(box.currentData()) for box in self.roles}
        for guess in sorted(self.guessed.values(), key=lambda item: -item.confidence):
            box = self.roles[self.names.index(guess.property)]
            choice = _choice(guess)
            free = choice not in held or guess.role == "date"
            if guess.confidence >= TAKEN and free and not box.currentData():
                box.setCurrentIndex(CHOICES.index(choice))
                held.add(choice)

    def _apply(self) -> None:
        if self.mapping() != self._before():
            self.desk.run("layers.map", layer=self.layer.id, text=mapping_text(self.mapping()))
        self.accept()

    def _load(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, self.desk.say("mapping.load"), "", "TOML (*.toml)"
        )
        if not path:
            return
        try:
            self.show_mapping(read_mapping(path) or FieldMapping())
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")

    def _save(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, self.desk.say("mapping.save"), "mapping.toml", "TOML (*.toml)"
        )
        if not path:
            return
        try:
            Path(path).write_text(mapping_text(self.mapping()), "utf-8")
        except OSError as error:
            self.desk.tell(self.desk.say("save_failed", path=path, reason=str(error)), "error")
            return
        self.desk.tell(self.desk.say("saved_to", path=path), "info")


def _choice(guess: Proposal) -> str:
    return f"date.{guess.kind}" if guess.role == "date" else guess.role
