"""The dock of evidence: every hint that the city changed, found in the view, dismissed or used."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QMenu,
    QPushButton,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.commands.evidence import known_ids
from twin.records import Evidence
from twin.scene import Aspect, CityObject
from ui.desk import Desk, Panel
from ui.evidence.model import COLUMNS, EvidenceModel
from ui.panels.parts import SearchField, copy_text, icon_button, invitation, mark, offer
from ui.saving import save_table

WIDTHS = {"kind": 168, "event": 128, "p": 66, "aspect": 104, "status": 96, "source": 168}
GIVES_WAY = {"aspect": 980, "source": 860, "note": 700}
"""Widths of the table below which a column is left out; the tooltip and exports have it."""
STATES = ("open", "consumed", "dismissed", "")


class EvidenceTable(QTableView):
    """A table that flies to a hint with Enter and dismisses it with Delete."""

    def __init__(self, panel: "EvidencePanel") -> None:
        super().__init__()
        self.panel = panel

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Dismiss what is selected, or fly there."""
        if event.key() == Qt.Key.Key_Delete:
            self.panel.do("dismiss")
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.panel.do("fly")
        else:
            super().keyPressEvent(event)


class EvidencePanel(Panel):
    """The table of hints and what can be done with them."""

    watches = frozenset({Aspect.RECORDS, Aspect.LAYERS, Aspect.FEATURES, Aspect.PROJECT})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.on_count: Callable[[int], None] = lambda count: None
        self.model = EvidenceModel(desk)
        self.table = self._make_table()
        self.empty = invitation(desk, desk.say("evidence_panel.empty"), "evidence.import")
        self.buttons: dict[str, QToolButton | QPushButton] = {}
        self.marks: QToolButton | None = None
        self._known: tuple[object, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.empty)
        column.addWidget(self.table)
        self.refresh(self.watches)

    def _make_table(self) -> QTableView:
        table = EvidenceTable(self)
        table.setModel(self.model)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setStyleSheet("QTableView::item { padding: 0 6px; }")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setAccessibleName(self.desk.say("tab.evidence"))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(26)
        head = table.horizontalHeader()
        head.setFixedHeight(27)
        head.setHighlightSections(False)
        head.setSectionsClickable(True)
        head.setSortIndicatorShown(True)
        head.setSortIndicatorClearable(True)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.sortIndicatorChanged.connect(self.model.sort)
        for number, name in enumerate(COLUMNS):
            if name in WIDTHS:
                table.setColumnWidth(number, WIDTHS[name])
            else:
                head.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
        table.doubleClicked.connect(lambda _: self.do("fly"))
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._menu)
        table.selectionModel().selectionChanged.connect(lambda *_: self._turned())
        return table

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave columns out where there is little room."""
        for number, name in enumerate(COLUMNS):
            self.table.setColumnHidden(number, self.width() < GIVES_WAY.get(name, 0))
        super().resizeEvent(event)

    def tools(self) -> list[QWidget]:
        """Return the controls for the dock's head."""
        say = self.desk.say
        search = SearchField(self.desk, say("evidence_panel.find"))
        search.setFixedWidth(150)
        search.textChanged.connect(self._look)
        state = QComboBox()
        state.setAccessibleName(say("evidence_panel.col_status"))
        for name in STATES:
            state.addItem(say(f"evidence_panel.{name or 'every'}"), name)
        state.setFixedWidth(124)
        mark(self.desk, "chevron_down", state)
        state.currentIndexChanged.connect(lambda _: self._turn_state(str(state.currentData())))
        marks = icon_button(self.desk, "shown", say("evidence_panel.marks"))
        marks.setCheckable(True)
        marks.toggled.connect(lambda on: self.desk.act("evidence.marks", on))
        self.marks = marks
        self.buttons = {"fly": icon_button(self.desk, "fit", say("evidence_panel.fly"))}
        for name in ("consume", "dismiss", "reopen"):
            self.buttons[name] = QPushButton(say(f"evidence_panel.{name}"))
        for name in ("copy", "export"):
            self.buttons[name] = icon_button(self.desk, name, say(f"evidence_panel.{name}"))
        for name, button in self.buttons.items():
            button.clicked.connect(lambda _=False, what=name: self.do(what))
            button.setAccessibleName(say(f"evidence_panel.{name}"))
        bring = QPushButton(say("evidence_panel.import"))
        bring.setProperty("primary", True)
        bring.clicked.connect(lambda: self.desk.act("evidence.import"))
        self._enable()
        return [search, state, marks, *self.buttons.values(), bring]

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Show what is kept; what was selected stays selected."""
        twin = self.desk.session.twin
        records = list(twin.records["evidence"].values())
        layers = tuple((key, len(layer.features)) for key, layer in twin.layers.items())
        known = (tuple(map(id, records)), layers)
        if known != self._known:
            self._known = known
            kept = {item.id for item in self.selected()}
            self.model.show_records(records, known_ids(twin), self._names(records))
            self._select(kept)
        self.empty.setVisible(not records)
        self.table.setVisible(bool(records))
        self.on_count(sum(item.status == "open" for item in records))
        self._enable()

    def _names(self, records: list[Evidence]) -> dict[str, str]:
        """Return readable titles of the objects that hints name."""
        wanted = {item.object_id for item in records if item.object_id}
        found: dict[str, str] = {}
        for layer in self.desk.session.twin.layers.values():
            rows = layer.features.rows_by_id
            for key in wanted - found.keys():
                if key in rows:
                    found[key] = self.desk.title(CityObject(layer, rows[key]))
        return found

    def _look(self, text: str) -> None:
        self.model.wanted = text.strip().casefold()
        self.model.choose()

    def _turn_state(self, state: str) -> None:
        self.model.status = state
        self.model.choose()
        self._enable()

    def _select(self, ids: set[str]) -> None:
        flags = QItemSelectionModel.SelectionFlag
        for number, item in enumerate(self.model.rows):
            if item.id in ids:
                index = self.model.index(number, 0)
                self.table.selectionModel().select(index, flags.Select | flags.Rows)

    def _turned(self) -> None:
        self._enable()
        chosen = [item.id for item in self.selected()]
        self.desk.act("evidence.chosen", chosen)
        if chosen and self.marks is not None:
            self.marks.setChecked(True)

    def _enable(self) -> None:
        chosen, there = self.selected(), bool(self.model.rows)
        for name, button in self.buttons.items():
            if name in ("copy", "export"):
                button.setEnabled(there)
            elif name == "reopen":
                button.setEnabled(any(item.status != "open" for item in chosen))
            elif name in ("consume", "dismiss"):
                button.setEnabled(any(item.status == "open" for item in chosen))
            else:
                button.setEnabled(bool(chosen))
            need = "" if button.isEnabled() else self.desk.say("evidence_panel.choose")
            button.setToolTip(need or button.accessibleName())

    def selected(self) -> list[Evidence]:
        """Return the hints of the selected lines."""
        model = self.table.selectionModel()
        rows = sorted({index.row() for index in model.selectedRows()}) if model else []
        return [self.model.rows[row] for row in rows if row < len(self.model.rows)]

    def do(self, what: str) -> None:
        """Do something with the selected lines, or with the table."""
        if what == "copy":
            copy_text("\n".join("\t".join(line) for line in self.model.lines()))
            count = self.desk.words.count(len(self.model.rows))
            self.desk.tell(self.desk.say("evidence_panel.copied", count=count), "info")
        elif what == "export":
            save_table(self.desk, self, "evidence", self.model.lines())
        elif self.selected():
            self.desk.act(f"evidence.{what}", [item.id for item in self.selected()])

    def menu_of(self) -> QMenu:
        """Return what can be done with the selected lines."""
        menu = QMenu(self)
        for name in ("fly", "consume", "dismiss", "reopen", "copy"):
            entry = offer(menu, self.desk.say(f"evidence_panel.{name}"), partial(self.do, name))
            button = self.buttons.get(name)
            entry.setEnabled(button is None or button.isEnabled())
        return menu

    def _menu(self, point: QPoint) -> None:
        if self.table.rowAt(point.y()) >= 0:
            self.menu_of().exec(self.table.viewport().mapToGlobal(point))
