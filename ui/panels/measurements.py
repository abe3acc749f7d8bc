"""The dock of measurements: what was measured and kept, with its parts, objects, grid and datum."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
)
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QPushButton,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.errors import CrsError
from twin.georeference import parse_crs
from twin.measuring.results import COLUMNS as CSV_COLUMNS
from twin.measuring.results import table_of
from twin.measuring.wording import (
    MINUS,
    THIN,
    headline,
    notes_of,
    parts_text,
    place_text,
    row_text,
)
from twin.records import Measurement
from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.panels.parts import copy_text, icon_button, invitation, offer

COLUMNS = ("title", "kind", "value", "parts", "objects", "place", "note")
WIDTHS = {"title": 124, "kind": 104, "value": 156}
GIVES_WAY = {"note": 900, "place": 760, "objects": 620, "kind": 480}
"""Widths of the table below which a column is left out; the tooltip has it all."""
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class MeasurementModel(QAbstractTableModel):
    """The measurements of the project, in the order in which they were made."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.rows: list[Measurement] = []
        self.cells: list[dict[str, str]] = []

    def show_rows(self, rows: Sequence[Measurement]) -> None:
        """Show these."""
        self.beginResetModel()
        self.rows = list(rows)
        self.cells = [self._cells(one) for one in self.rows]
        self.endResetModel()

    @property
    def unit(self) -> str:
        """Return the unit of lengths."""
        return self.desk.session.settings.length_unit

    def _cells(self, one: Measurement) -> dict[str, str]:
        words = self.desk.words.catalogue
        return {
            "title": one.title,
            "kind": self.desk.say(f"measure.kind.{one.kind}"),
            "value": headline(one, self.unit, words),
            "parts": parts_text(one, self.unit, words),
            "objects": ", ".join(item.name or item.id for item in one.objects),
            "place": place_text(one, system_title(one.crs), words, short=True),
            "note": " ".join(notes_of(one, self.unit, words)),
        }

    def text(self, row: int) -> str:
        """Return all of a measurement as lines."""
        one = self.rows[row]
        return row_text(one, self.unit, system_title(one.crs), self.desk.words.catalogue)

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return the number of measurements."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the title of a column."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.desk.say(f"measure.col_{COLUMNS[section]}")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(COLUMNS[section])
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell; the tooltip says everything."""
        name = COLUMNS[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self.cells[index.row()][name]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.text(index.row())
        return _side(name) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let titles be edited."""
        found = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return found | Qt.ItemFlag.ItemIsEditable if index.column() == 0 else found

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Give a measurement another title: a step that can be undone."""
        one, title = self.rows[index.row()], str(value).strip()
        if role != Qt.ItemDataRole.EditRole or not title or title == one.title:
            return False
        return self.desk.run("measurements.rename", id=one.id, title=title)


def _side(name: str) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if name == "value" else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def system_title(crs: str) -> str:
    """Return the readable name of a system; one that is not known here keeps its code."""
    try:
        return parse_crs(crs).title if crs else ""
    except CrsError:
        return crs[:40]


class MeasurementTable(QTableView):
    """A table whose Delete key removes."""

    def __init__(self, panel: "MeasurementsPanel") -> None:
        super().__init__()
        self.panel = panel

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Remove what is selected, or fly there."""
        if event.key() == Qt.Key.Key_Delete:
            self.panel.remove()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self._editing():
            self.panel.fly()
        else:
            super().keyPressEvent(event)

    def _editing(self) -> bool:
        return self.state() == QAbstractItemView.State.EditingState


class MeasurementsPanel(Panel):
    """The table and what can be done with its lines."""

    watches = frozenset({Aspect.RECORDS, Aspect.SETTINGS, Aspect.PROJECT})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.model = MeasurementModel(desk)
        self.table = self._make_table()
        self.empty = invitation(desk, desk.say("measure.empty"), "tool.measure")
        self.buttons: dict[str, QToolButton | QPushButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.empty)
        column.addWidget(self.table)
        self._shown: tuple[object, ...] = ()
        self.refresh(self.watches)

    def _make_table(self) -> QTableView:
        table = MeasurementTable(self)
        table.setModel(self.model)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setStyleSheet("QTableView::item { padding: 0 6px; }")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        table.setAccessibleName(self.desk.say("measure.title"))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(26)
        head = table.horizontalHeader()
        head.setFixedHeight(27)
        head.setHighlightSections(False)
        for number, name in enumerate(COLUMNS):
            if name in WIDTHS:
                table.setColumnWidth(number, WIDTHS[name])
            else:
                head.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
        table.doubleClicked.connect(lambda _: self.fly())
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._menu)
        table.selectionModel().selectionChanged.connect(lambda *_: self._enable())
        return table

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave columns out where there is little room."""
        for number, name in enumerate(COLUMNS):
            self.table.setColumnHidden(number, self.width() < GIVES_WAY.get(name, 0))
        super().resizeEvent(event)

    def tools(self) -> list[QWidget]:
        """Return the controls for the dock's head."""
        say = self.desk.say
        made = {
            "fly": icon_button(self.desk, "fit", say("measure.do_fly")),
            "copy": icon_button(self.desk, "copy", say("measure.do_copy_row")),
            "remove": icon_button(self.desk, "remove", say("measure.do_remove")),
            "shown": icon_button(self.desk, "shown", say("measure.do_hide")),
        }
        made["fly"].clicked.connect(self.fly)
        made["copy"].clicked.connect(self.copy)
        made["remove"].clicked.connect(self.remove)
        made["shown"].setCheckable(True)
        made["shown"].clicked.connect(lambda on: self.desk.act("setting", "show_measurements", on))
        every = QPushButton(say("measure.do_copy_all"))
        every.clicked.connect(self.copy_all)
        export = QPushButton(say("measure.do_export"))
        export.clicked.connect(lambda: self.desk.act("measure.export"))
        self.buttons = {**made, "every": every, "export": export}
        for button in (every, export):
            button.setAccessibleName(button.text())
        self._enable()
        return list(self.buttons.values())

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Show what is kept; what was selected stays selected."""
        settings = self.desk.session.settings
        rows = list(self.desk.session.twin.records["measurements"].values())
        shown = (tuple(rows), settings.length_unit, settings.language)
        if shown != self._shown:
            self._shown = shown
            kept = {one.id for one in self.selected()}
            self.model.show_rows(rows)
            self._select(kept)
        self.empty.setVisible(not rows)
        self.table.setVisible(bool(rows))
        self._enable()

    def _select(self, ids: set[str]) -> None:
        flags = QItemSelectionModel.SelectionFlag
        for number, one in enumerate(self.model.rows):
            if one.id in ids:
                index = self.model.index(number, 0)
                self.table.selectionModel().select(index, flags.Select | flags.Rows)

    def _enable(self) -> None:
        chosen, there = bool(self.selected()), bool(self.model.rows)
        for name, button in self.buttons.items():
            if name == "shown":
                button.setChecked(self.desk.session.settings.show_measurements)
            else:
                every = name in ("every", "export")
                possible = there if every else chosen
                button.setEnabled(possible)
                need = (
                    ""
                    if possible
                    else self.desk.say("measure.none" if every else "measure.choose")
                )
                button.setToolTip(need or button.accessibleName())

    def selected(self) -> list[Measurement]:
        """Return the measurements of the selected lines."""
        model = self.table.selectionModel()
        rows = sorted({index.row() for index in model.selectedRows()}) if model else []
        return [self.model.rows[row] for row in rows]

    # -- what is done with them ---------------------------------------------------------------

    def fly(self) -> None:
        """Fly to the first selected measurement."""
        for one in self.selected()[:1]:
            self.desk.act("measure.fly", one)

    def remove(self) -> None:
        """Remove what is selected, as one step that can be undone."""
        chosen = self.selected()
        if chosen and self.desk.run("measurements.remove", id=",".join(x.id for x in chosen)):
            title = chosen[0].title if len(chosen) == 1 else self.desk.words.count(len(chosen))
            self.desk.tell(self.desk.say("measure.removed", title=title), "undo")

    def copy_value(self) -> None:
        """Copy the value with its unit, as programs read numbers."""
        for one in self.selected()[:1]:
            text = headline(one, self.model.unit, self.desk.words.catalogue)
            text = text.replace(THIN, "").replace(MINUS, "-")
            copy_text(text)
            self.desk.tell(self.desk.say("measure.copied_one", text=text), "info")

    def copy(self) -> None:
        """Copy all of what is selected as text."""
        chosen = {one.id for one in self.selected()}
        rows = [n for n, one in enumerate(self.model.rows) if one.id in chosen]
        if rows:
            copy_text("\n".join(self.model.text(row) for row in rows))
            self._told(len(rows))

    def copy_all(self) -> None:
        """Copy everything as a table that a spreadsheet takes."""
        rows = table_of(self.model.rows)
        lines = [CSV_COLUMNS, *([row[name] for name in CSV_COLUMNS] for row in rows)]
        copy_text("\n".join("\t".join(line) for line in lines))
        self._told(len(rows))

    def _told(self, count: int) -> None:
        words = self.desk.words.count(count)
        self.desk.tell(self.desk.say("measure.copied", count=words), "info")

    def rename(self) -> None:
        """Edit the title of the first selected line."""
        for index in self.table.selectionModel().selectedRows()[:1]:
            self.table.edit(self.model.index(index.row(), 0))

    def menu_of(self) -> QMenu:
        """Return what can be done with the selected lines."""
        menu, say = QMenu(self), self.desk.say
        offer(menu, say("measure.do_fly"), self.fly)
        offer(menu, say("measure.do_copy"), self.copy_value)
        offer(menu, say("measure.do_copy_row"), self.copy)
        offer(menu, say("measure.do_rename"), self.rename)
        offer(menu, say("measure.do_remove"), self.remove)
        return menu

    def _menu(self, point: QPoint) -> None:
        if self.table.rowAt(point.y()) >= 0:
            self.menu_of().exec(self.table.viewport().mapToGlobal(point))
