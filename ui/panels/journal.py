"""The journal of the project: who did what, from what, to what, newest first; searched, copied, saved."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from twin.records import Party
from twin.scene import Aspect
from twin.store.journal_table import COLUMNS, journal_table
from twin.tables import Table
from ui.desk import Desk, Panel
from ui.panels.parts import SearchField, copy_text, invitation, label
from ui.saving import save_table

SHOWN = ("at", "who", "action", "object", "from", "to", "why")
WIDTHS = {"at": 152, "who": 140, "action": 180}
GIVES_WAY = {"why": 1000, "from": 760, "who": 620}
"""Widths of the panel below which a column is left out; exports have all."""
LATEST = 20_000
"""Changes that are shown; exports have all of them."""
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
NOTHING = Table("", [""] * len(COLUMNS), [])


class JournalModel(QAbstractTableModel):
    """Changes, newest first, as far as they hold the words that are looked for."""

    def __init__(self) -> None:
        super().__init__()
        self.table = NOTHING
        self.lines: list[Sequence[object]] = []
        self._lowered: list[str] = []
        self._wanted = ""

    def show_table(self, table: Table) -> None:
        """Show another journal."""
        self.table = table
        newest = list(reversed(table.rows))[:LATEST]
        self._lowered = [" ".join(str(cell) for cell in row[:-1]).casefold() for row in newest]
        self._newest = newest
        self.look_for(self._wanted)

    def look_for(self, words: str) -> None:
        """Show the changes that hold all the words."""
        self._wanted = words
        wanted = words.casefold().split()
        self.beginResetModel()
        self.lines = [
            row
            for row, text in zip(self._newest, self._lowered, strict=True)
            if all(word in text for word in wanted)
        ]
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return the number of changes shown."""
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(SHOWN)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the title of a column."""
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self.table.head[COLUMNS.index(SHOWN[section])]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell; its tooltip is whole."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        name = SHOWN[index.column()]
        cell = str(self.lines[index.row()][COLUMNS.index(name)])
        if name == "at" and role == Qt.ItemDataRole.DisplayRole:
            return cell[:19].replace("T", " ")
        return cell


class JournalPanel(Panel):
    """The table, a field to search it, and what can be done with it."""

    watches = frozenset(Aspect)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.on_count: Callable[[int], None] = lambda count: None
        self.model = JournalModel()
        self.model.show_table(NOTHING)
        self.table = self._make_table()
        self.search = SearchField(desk, desk.say("journal_panel.search"))
        self.search.textChanged.connect(self._look)
        self.foot = label("", "t3")
        self.empty = invitation(desk, desk.say("journal_panel.empty"), "file.save_as")
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 12, 6)
        row.addWidget(self.foot, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for part in (self.empty, self.table):
            column.addWidget(part)
        column.addLayout(row)
        self._entries = -1
        self._late = True

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.model)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setStyleSheet("QTableView::item { padding: 0 6px; }")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setAccessibleName(self.desk.say("tab.journal"))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(26)
        head = table.horizontalHeader()
        head.setFixedHeight(27)
        head.setHighlightSections(False)
        for number, name in enumerate(SHOWN):
            if name in WIDTHS:
                table.setColumnWidth(number, WIDTHS[name])
            else:
                head.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
        keys = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), table)
        keys.setContext(Qt.ShortcutContext.WidgetShortcut)
        keys.activated.connect(self.copy)
        return table

    def tools(self) -> list[QWidget]:
        """Return the controls for the dock's head."""
        copy = QPushButton(self.desk.say("journal_panel.copy"))
        copy.clicked.connect(self.copy)
        export = QPushButton(self.desk.say("journal_panel.export"))
        export.clicked.connect(self.export)
        self.search.setFixedWidth(220)
        return [self.search, copy, export]

    def showEvent(self, event: QShowEvent) -> None:
        """Read what happened meanwhile."""
        super().showEvent(event)
        if self._late:
            self._read()

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the journal again where it is seen; else when it will be."""
        self._late = True
        if self.isVisible():
            self._read()

    def _read(self) -> None:
        self._late = False
        entries = self.desk.session.keeper.journal()
        if len(entries) != self._entries:
            self._entries = len(entries)
            keeper = self.desk.session.keeper
            me = Party(keeper.actor, keeper.author, organisation=False)
            parties = {me.id: me, **self.desk.session.twin.records["parties"]}
            language = self.desk.words.catalogue.language
            self.model.show_table(journal_table(entries, parties, language))
        self.empty.setVisible(not entries)
        self.table.setVisible(bool(entries))
        self._say()

    def _look(self, words: str) -> None:
        self.model.look_for(words)
        self._say()

    def _say(self) -> None:
        count = self.desk.words.count
        shown, whole = len(self.model.lines), len(self.model.table.rows)
        facts = {"shown": count(shown), "total": count(whole)}
        self.foot.setText(self.desk.say("journal_panel.foot", **facts) if whole else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave columns out where there is little room."""
        for number, name in enumerate(SHOWN):
            self.table.setColumnHidden(number, self.width() < GIVES_WAY.get(name, 0))
        super().resizeEvent(event)

    def copy(self) -> None:
        """Copy the chosen changes (all that are shown, where none is) as lines with tabs."""
        chosen = sorted({x.row() for x in self.table.selectionModel().selectedRows()})
        lines = [self.model.lines[k] for k in chosen] or self.model.lines
        rows = [self.model.table.head, *lines]
        copy_text("\n".join("\t".join(str(cell) for cell in row) for row in rows))
        facts = {"count": self.desk.words.count(len(lines))}
        self.desk.tell(self.desk.say("freshness.copied", **facts), "info")

    def export(self) -> None:
        """Save the whole journal as XLSX or CSV."""
        table = self.model.table
        save_table(self.desk, self, table.title, [table.head, *table.rows])
