"""The dock of differences: counts at the left, every object that changed beside them, linked with the view."""

from functools import partial

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.maintenance.revisions import BUCKETS
from twin.maintenance.revisions.reports import Compared, blind_spots, noted
from twin.scene import Aspect
from twin.style import RESULTS
from ui.desk import Desk, Panel
from ui.panels.difference_rows import RIGHT, DifferenceModel, Index
from ui.panels.glyphs import paint_swatch
from ui.panels.parts import SearchField, copy_text, invitation, label, line
from ui.panels.threshold_form import ThresholdForm
from ui.saving import save_table
from ui.theme import font

WIDTHS = {
    "change": 150, "class": 110, "shape": 110, "moved": 84, "match": 84, "iou": 66, "roof": 84, "base": 84,
    "area": 150,
}  # fmt: skip
"""Of the columns that do not share what is left."""
GIVES_WAY = {"match": 1080, "class": 980, "attributes": 860, "area": 620, "moved": 560}
"""Table widths below which a column is left out; exports have them all."""
SIDE, NARROW_SIDE = 286, 210


class DifferencesPanel(Panel):
    """Counts with swatches (a click shows one kind), the table, and what was not compared."""

    watches = frozenset({Aspect.RESULTS, Aspect.LAYERS})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.model = DifferenceModel(desk)
        self.shown: Compared | None = None
        self.buttons: list[QPushButton] = []
        self.limits: QPushButton | None = None
        self.search: SearchField | None = None
        self.table = self._make_table()
        self.empty = invitation(desk, desk.say("differences.empty"), "tool.compare")
        inner = QWidget()
        inner.setObjectName("panel")
        self.side = QScrollArea()
        self.side.setObjectName("panel")
        self.side.setFrameShape(QFrame.Shape.NoFrame)
        self.side.setWidgetResizable(True)
        self.side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.side.setFixedWidth(SIDE)
        self.side.setWidget(inner)
        self.sums = QVBoxLayout(inner)
        self.sums.setContentsMargins(12, 8, 8, 8)
        self.sums.setSpacing(2)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.empty, 1)
        row.addWidget(self.side)
        self.divider = line(vertical=True)
        row.addWidget(self.divider)
        row.addWidget(self.table, 1)
        self.refresh(self.watches)

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.model)
        table.setItemDelegate(Cells(self.desk, self.model))
        table.setShowGrid(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setAccessibleName(self.desk.say("tab.differences"))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(26)
        head = table.horizontalHeader()
        head.setFixedHeight(27)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setSectionsClickable(True)
        head.setSortIndicatorShown(True)
        head.setSortIndicatorClearable(True)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.sortIndicatorChanged.connect(self.model.sort)
        table.clicked.connect(lambda index: self._choose(index.row(), fly=False))
        table.activated.connect(lambda index: self._choose(index.row(), fly=True))
        table.doubleClicked.connect(lambda index: self._choose(index.row(), fly=True))
        return table

    def _lay_out(self) -> None:
        """Give each column of what is compared its width; those without one share what is left."""
        head = self.table.horizontalHeader()
        room = self.width() - self.side.width()
        for number, name in enumerate(self.model.columns):
            fixed = name in WIDTHS
            mode = QHeaderView.ResizeMode.Interactive if fixed else QHeaderView.ResizeMode.Stretch
            head.setSectionResizeMode(number, mode)
            if fixed:
                self.table.setColumnWidth(number, WIDTHS[name])
            self.table.setColumnHidden(number, room < GIVES_WAY.get(name, 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out columns and give the counts less room where there is little."""
        self.side.setFixedWidth(SIDE if self.width() > 1000 else NARROW_SIDE)
        self._lay_out()
        super().resizeEvent(event)

    def tools(self) -> list[QWidget]:
        """Return the controls for the dock's head."""
        copy = QPushButton(self.desk.say("differences.copy"))
        copy.clicked.connect(self.copy_all)
        export = QPushButton(self.desk.say("differences.export"))
        export.clicked.connect(self.export)
        self.limits = QPushButton(self.desk.say("differences.limits"))
        self.limits.clicked.connect(self.edit_limits)
        self.search = SearchField(self.desk, self.desk.say("differences.find"))
        self.search.setFixedWidth(170)
        self.search.textChanged.connect(self.model.look_for)
        self.buttons = [copy, export]
        self._enable()
        return [self.search, self.limits, copy, export]

    def edit_limits(self) -> None:
        """Open the form of the thresholds over its button."""
        if self.limits is not None:
            ThresholdForm(self.desk, self).open_at(self.limits)

    def _enable(self) -> None:
        """Offer to copy and to write what is there; else say why not."""
        for button in self.buttons:
            button.setEnabled(self.shown is not None)
            button.setToolTip("" if self.shown is not None else self.desk.say("differences.none"))
        cities = self.shown is not None and self.shown.revision.cities
        if self.limits is not None and self.search is not None:
            self.search.setVisible(self.shown is not None)
            self.limits.setVisible(cities)

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Show the session's comparison, or what would be here."""
        work = self.desk.session.comparison
        self.shown = work.compared() if work is not None and work.result is not None else None
        self.model.show(self.shown)
        there = self.shown is not None
        self.empty.setVisible(not there)
        for part in (self.side, self.divider, self.table):
            part.setVisible(there)
        self._lay_out()
        self._enable()
        self._sum_up()

    def _sum_up(self) -> None:
        while (item := self.sums.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        if self.shown is None:
            return
        found = self.shown.revision
        self.sums.addWidget(label(" → ".join(self.shown.titles), "t2", 11, wrap=True))
        for bucket in BUCKETS:
            counts = [found.counts[side][bucket] for side in ("old", "new")]
            if any(counts):
                shown = Sum(self.desk, bucket, (counts[0], counts[1]), partial(self.only, bucket))
                self.sums.addWidget(shown)
        for words in noted(found, self.desk.words.language):
            self.sums.addWidget(label(words, "t2", 11, wrap=True))
        spots = blind_spots(self.shown, self.desk.words.language)
        blind = label(self.desk.say("differences.blind"), "t3", 11, wrap=True)
        blind.setToolTip("\n".join(f"{what}: {why}" for what, why, _ in spots))
        self.sums.addWidget(blind)
        self.sums.addStretch(1)

    def only(self, bucket: str) -> None:
        """Show the objects of one bucket; the same again shows all that changed."""
        self.model.show(self.shown, "" if self.model.bucket == bucket else bucket)

    def _choose(self, position: int, *, fly: bool) -> None:
        """Select the object of a line, on both sides; with ``fly`` go there."""
        work = self.desk.session.comparison
        if work is None or not 0 <= position < len(self.model.pairs):
            return
        pair = self.model.pairs[position]
        rows = work.placed(pair)
        self.desk.session.select(rows)
        if fly:
            self.desk.act("view.fit")

    def copy_all(self) -> None:
        """Copy every shown line."""
        if self.shown is not None:
            copy_text("\n".join("\t".join(cells) for cells in self.model.texts()))
            count = self.desk.words.count(len(self.model.pairs))
            self.desk.tell(self.desk.say("log.copied", count=count), "info")

    def export(self) -> None:
        """Ask where and write what is shown as XLSX or CSV."""
        if self.shown is not None:
            save_table(self.desk, self, self.desk.say("tab.differences"), self.model.texts())


class Sum(QToolButton):
    """One bucket: swatch, word, number."""

    def __init__(self, desk: Desk, bucket: str, counts: tuple[int, int], choose: object) -> None:
        super().__init__()
        self.desk, self.bucket = desk, bucket
        few, many = sorted(counts)
        one = few == many or not few
        old, new = (desk.words.count(n) for n in counts)
        self.count = desk.words.count(many) if one else f"{old} → {new}"
        self.setFixedHeight(24)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(f"{desk.say(f'legend.{bucket}')} {self.count}")
        self.clicked.connect(choose)

    def paintEvent(self, event: object) -> None:
        """Paint the line."""
        painter, theme = QPainter(self), self.desk.theme
        if self.underMouse() or self.hasFocus():
            painter.fillRect(self.rect(), QColor(theme.hover))
        color, pattern = RESULTS["_change"][self.bucket]
        paint_swatch(painter, QRectF(4.5, 6.5, 11, 11), color, pattern, theme)
        painter.setFont(font())
        painter.setPen(QColor(theme.t1))
        room = self.rect().adjusted(24, 0, -6, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, middle, self.desk.say(f"legend.{self.bucket}"))
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, self.count)
        painter.end()


class Cells(QStyledItemDelegate):
    """Paints a cell: the change with its swatch, a line below."""

    def __init__(self, desk: Desk, model: DifferenceModel) -> None:
        super().__init__()
        self.desk, self.model = desk, model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        box: QRect = option.rect
        theme, name = self.desk.theme, self.model.columns[index.column()]
        state = option.state
        if state & type(state).State_Selected:
            painter.fillRect(box, QColor(theme.selection))
        painter.setPen(QColor(theme.line))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        room = box.adjusted(8, 0, -8, 0)
        if name == "change":
            look = RESULTS["_change"][self.model.pairs[index.row()].bucket]
            corner = QPointF(room.left() + 0.5, box.top() + 7.5)
            paint_swatch(painter, QRectF(corner.x(), corner.y(), 11, 11), *look, theme)
            room.adjust(20, 0, 0, 0)
        painter.setFont(font())
        painter.setPen(QColor(theme.t1 if name in ("change", "object") else theme.t2))
        side = Qt.AlignmentFlag.AlignRight if name in RIGHT else Qt.AlignmentFlag.AlignLeft
        words = self.model.cell(index.row(), name)
        middle = name == "object" and "→" not in words  # keys of registers differ at their end
        way = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
        text = painter.fontMetrics().elidedText(words, way, max(room.width(), 8))
        painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, text)
