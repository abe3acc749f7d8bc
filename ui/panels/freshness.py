"""The freshness dock: the table at two thirds, age and custodians at one third; linked both ways with the view."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    Qt,
)
from PySide6.QtGui import QColor, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from twin.scene import Aspect, Layer
from ui.audit_saving import OFFERED, save_audit, take_snapshot
from ui.desk import Desk, Panel
from ui.panels.chart_column import ChartColumn
from ui.panels.charts import of_age, of_custodian
from ui.panels.freshness_rows import (
    COLUMNS,
    GROUPS,
    RIGHT,
    SEVERITY,
    Chosen,
    FreshnessModel,
)
from ui.panels.freshness_table import KeyTable
from ui.panels.glyphs import paint_status, status_icon
from ui.panels.object_rows import listed, own_units
from ui.panels.parts import SearchField, copy_text, label, line, offer, word_button
from ui.saving import save_table
from ui.theme import Theme, font

ROW = 26
ROOMY = 840
"""Logical pixels from which there is room for charts beside the table."""
_ELIDE = {False: Qt.TextElideMode.ElideMiddle, True: Qt.TextElideMode.ElideRight}


class CellDelegate(QStyledItemDelegate):
    """Paints a cell: status with glyph and word, late and missing in their tones, a line below."""

    def __init__(self, theme: Theme, model: FreshnessModel) -> None:
        super().__init__()
        self.theme, self.model = theme, model
        self.chosen = Chosen.of(())

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one cell."""
        box: QRect = option.rect
        position, name = index.row(), COLUMNS[index.column()]
        if self.model.at(position) in self.chosen:
            painter.fillRect(box, QColor(self.theme.selection))
        painter.setPen(QColor(self.theme.line))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        status, text = self.model.status(position), self.model.cell(position, name)
        ink = self.theme.t1
        room = box.adjusted(8, 0, -8, 0)
        if name == "status":
            paint_status(painter, QPointF(room.left() + 2, box.top() + 7), status, self.theme)
            room.adjust(22, 0, 0, 0)
            ink = self.theme.status_text[status]
        elif name == "custodian" and text == self.model.desk.say("nobody"):
            ink = self.theme.status_text["stale"]
        elif name in ("class", "layer", "policy"):
            ink = self.theme.t2
        elif name == "updated" and text == self.model.desk.say("not_stated"):
            ink = self.theme.t3
        painter.setFont(font())
        painter.setPen(QColor(ink))
        side = Qt.AlignmentFlag.AlignRight if name in RIGHT else Qt.AlignmentFlag.AlignLeft
        shown = painter.fontMetrics().elidedText(
            text, _ELIDE[name == "object"], max(room.width(), 8)
        )
        painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, shown)


class FreshnessPanel(Panel):
    """Table, filter row, charts."""

    watches = frozenset(
        {Aspect.LAYERS, Aspect.FEATURES, Aspect.ASSESSMENT, Aspect.VISIBILITY, Aspect.FILTER,
         Aspect.SELECTION, Aspect.INSTANTS, Aspect.SNAPSHOTS}
    )  # fmt: skip

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.model = FreshnessModel(desk)
        self.table = self._make_table()
        self.side = ChartColumn(desk, self._choose_age, self._filter_custodian)
        self.age, self.custodians = self.side.age, self.side.custodians
        self.foot = label("", "t3")
        self.hint = label(desk.say("freshness.keys"), "t3")
        self.chips = QHBoxLayout()
        self.chips.setSpacing(6)
        self.on_count: Callable[[int], None] = lambda count: None
        self._own_choice = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._left(), 2)
        row.addWidget(line(vertical=True))
        row.addWidget(self.side, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the charts where they would take the room of the table."""
        roomy = event.size().width() >= ROOMY
        self.side.setVisible(roomy)
        self.hint.setVisible(roomy)
        super().resizeEvent(event)

    def _make_table(self) -> QTableView:
        table = KeyTable()
        table.setModel(self.model)
        self.cells = CellDelegate(self.desk.theme, self.model)
        table.setItemDelegate(self.cells)
        table.setShowGrid(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setAccessibleName(self.desk.say("freshness.title"))
        table.setWordWrap(False)
        heads = table.horizontalHeader()
        heads.setFixedHeight(27)
        heads.setHighlightSections(False)
        heads.setSectionsClickable(True)
        heads.setFont(font())
        heads.setMinimumSectionSize(56)
        heads.setSectionResizeMode(COLUMNS.index("object"), QHeaderView.ResizeMode.Stretch)
        heads.sectionClicked.connect(self._sort)
        rows = table.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(ROW)
        rows.setDefaultSectionSize(ROW)
        table.selectionModel().selectionChanged.connect(lambda *_: self._chosen())
        table.doubleClicked.connect(lambda _: self.desk.act("view.fit"))
        table.on_enter = lambda: self.desk.act("view.fit")
        return table

    def _left(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.table, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 6, 12, 6)
        foot.addWidget(self.foot)
        foot.addStretch(1)
        foot.addWidget(self.hint)
        column.addLayout(foot)
        return side

    def tools(self) -> list[QWidget]:
        """Return the controls for the dock's head: chips, filter field, group, export."""
        holder = QWidget()
        holder.setLayout(self.chips)
        self.chips.setContentsMargins(0, 0, 0, 0)
        self.search = SearchField(self.desk, self.desk.say("freshness.filter"))
        self.search.setMinimumWidth(80)
        self.search.setMaximumWidth(190)
        self.search.textChanged.connect(lambda text: self.want(text=text.strip()))
        status = word_button(self.desk, "filter", self.desk.say("column.status"))
        status.setMenu(self._status_menu(status))
        group = word_button(self.desk, "group", self.desk.say("freshness.group"))
        group.setMenu(self._group_menu(group))
        export = word_button(self.desk, "export", self.desk.say("freshness.export"))
        export.setMenu(self._export_menu(export))
        for button in (status, group, export):
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return [holder, self.search, status, group, export]

    def _status_menu(self, parent: QWidget) -> QMenu:
        menu = QMenu(parent)
        for key in SEVERITY:
            entry = menu.addAction(status_icon(key, self.desk.theme), self.desk.words.status(key))
            entry.triggered.connect(lambda _=False, k=key: self._toggle_status(k))
        menu.addSeparator()
        rows = menu.addAction(self.desk.say("freshness.rows"))
        rows.setCheckable(True)
        rows.toggled.connect(lambda on: self.want(units=not on))
        return menu

    def _group_menu(self, parent: QWidget) -> QMenu:
        menu = QMenu(parent)
        for name in GROUPS:
            text = self.desk.say(f"column.{name}" if name else "freshness.no_group")
            offer(menu, text, partial(self.want, group=name))
        return menu

    def _export_menu(self, parent: QWidget) -> QMenu:
        menu = QMenu(parent)
        offer(menu, self.desk.say("freshness.save"), self._save)
        offer(menu, self.desk.say("freshness.clipboard"), self._copy_all)
        menu.addSection(self.desk.say("audit.title"))
        for form in OFFERED:
            offer(menu, self.desk.say(f"audit.{form}"), partial(save_audit, self.desk, self, form))
        menu.addSeparator()
        offer(menu, self.desk.say("audit.snapshot"), partial(take_snapshot, self.desk))
        return menu

    def want(self, **changes: object) -> None:
        """Change what the table shows (fields of ``Wanted``) and show it."""
        self.model.wanted = replace(self.model.wanted, **changes)  # type: ignore[arg-type]
        self.rebuild()

    def _toggle_status(self, key: str) -> None:
        self.want(statuses=self.model.wanted.statuses ^ {key})

    def _filter_custodian(self, name: str) -> None:
        same = self.model.wanted.custodian == name
        self.want(custodian=None if same else name)
        layers = (x for x in self.desk.session.twin.layers.values() if x.visible)
        rows = {} if same else {layer.id: of_custodian(layer, name) for layer in layers}
        self.desk.choose({key: found for key, found in rows.items() if len(found)})

    def _choose_age(self, bucket: int) -> None:
        layers = (x for x in self.desk.session.twin.layers.values() if x.visible)
        rows = {layer.id: of_age(layer, bucket) for layer in layers}
        self.desk.choose({key: found for key, found in rows.items() if len(found)})

    def _sort(self, section: int) -> None:
        name = COLUMNS[section]
        wanted = self.model.wanted
        self.want(sort=name, descending=not wanted.descending if wanted.sort == name else True)

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the twin again where objects changed; follow a selection made elsewhere."""
        if aspects - {Aspect.SELECTION}:
            self.rebuild()
            layers = [x for x in self.desk.session.twin.layers.values() if x.visible]
            self.side.show_layers(layers)
        elif Aspect.SELECTION in aspects:
            self._follow()

    def rebuild(self) -> None:
        """Filter and sort again; a search in a large city first runs in the background."""
        if not isValid(self) or not self.model.ready(self.rebuild):
            return
        session = self.desk.session
        passing = {key: listed(session, layer) for key, layer in session.twin.layers.items()}
        self._own_choice = True
        self.model.rebuild(passing)
        self._own_choice = False
        lines, words = self.model.lines, self.desk.words
        late = int((_overdue(lines.layers) > 0).sum()) if lines.layers else 0
        self.foot.setText(
            self.desk.say(
                "freshness.foot",
                shown=words.count(len(lines)),
                total=words.count(lines.total),
                overdue=words.count(late),
            )
        )
        self.on_count(len(lines))
        self._fill_chips()
        self._follow()

    def _fill_chips(self) -> None:
        while (item := self.chips.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        wanted, words = self.model.wanted, self.desk.words
        for key in sorted(wanted.statuses):
            self._chip(words.status(key), partial(self._toggle_status, key))
        if wanted.custodian is not None:
            name = wanted.custodian or self.desk.say("nobody")
            self._chip(name, lambda: self.want(custodian=None))
        if self.desk.session.filter.keys:
            self._chip(self.desk.say("freshness.legend"), lambda: self.desk.act("filter.clear"))

    def _chip(self, text: str, clear: Callable[[], None]) -> None:
        chip = QPushButton(f"{text}  ×")
        chip.setObjectName("chip")
        chip.setToolTip(self.desk.say("freshness.unfilter"))
        chip.clicked.connect(lambda _=False: clear())
        self.chips.addWidget(chip)

    def _follow(self) -> None:
        chosen = Chosen.of(self.desk.counted_selected())
        self.cells.chosen = chosen
        self.table.viewport().update()
        if self._own_choice or len(chosen) != 1:
            return
        position = self.model.position_of(*chosen.first())
        if position < 0:
            return
        index = self.model.index(position, 0)
        self._own_choice = True
        flags = QItemSelectionModel.SelectionFlag
        self.table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.table.scrollTo(index)
        self._own_choice = False

    def _chosen(self) -> None:
        """Select in the session what a person selected in the table."""
        if self._own_choice:
            return
        lines = self.model.lines
        picked = np.zeros(len(lines), np.bool_)
        for span in self.table.selectionModel().selection().toList():
            picked[span.top() : span.bottom() + 1] = True
        rows = {
            layer.id: np.unique(lines.row[picked & (lines.layer == number)])
            for number, layer in enumerate(lines.layers)
        }
        rows = {key: found for key, found in rows.items() if len(found)}
        self._own_choice = True
        self.desk.choose(rows)
        self._own_choice = False
        self.cells.chosen = Chosen.of(rows.items())
        self.table.viewport().update()

    def _save(self) -> None:
        save_table(self.desk, self, self.desk.say("freshness.title"), self.model.texts())

    def _copy_all(self) -> None:
        copy_text("\n".join("\t".join(cells) for cells in self.model.texts()))
        count = self.desk.words.count(len(self.model.lines))
        self.desk.tell(self.desk.say("freshness.copied", count=count), "info")


def _overdue(layers: tuple[Layer, ...]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    found = [x.assessment.overdue[own_units(x)] for x in layers]
    return np.concatenate(found) if found else np.zeros(0, np.int32)
