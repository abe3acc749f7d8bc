"""The custodian board: who answers for what, how much of it is late, and where nobody does."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from twin.features import Bool
from twin.jobs import Job, Outcome
from twin.maintenance.board import FLAGS, rungs_of
from twin.maintenance.what_if import SHOWN
from twin.previewing import board_work, reasons
from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.panels.board_rows import BoardModel, Index
from ui.panels.board_why import WhyPage
from ui.panels.glyphs import freshness_parts, paint_shares
from ui.panels.parts import copy_text, invitation, line, offer, segments, word_button
from ui.saving import save_table
from ui.theme import font

ROW = 34
SIDE, NARROW_SIDE, WHY, NARROW_WHY, ROOMY = 196, 156, 340, 236, 1060
NAME = 190
AXES = ("kind", "custodian")


class CustodianBoard(Panel):
    """Filters at the left, the matrix, and why at the right; counted by a worker while the tab is shown."""

    watches = frozenset(
        {Aspect.ASSESSMENT, Aspect.RECORDS, Aspect.LAYERS, Aspect.VISIBILITY, Aspect.SELECTION,
         Aspect.FEATURES}
    )  # fmt: skip

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.model = BoardModel(desk)
        self.job: Job | None = None
        self.stale = True
        self._own = False
        self.table = self._make_table()
        self.why = WhyPage(desk)
        self.why.hint(desk.say("board.hint"))
        self.filters = {
            flag: Filter(desk, flag, partial(self.only, flag)) for flag in ("", *FLAGS)
        }
        self.side = QWidget()
        column = QVBoxLayout(self.side)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(2)
        for button in self.filters.values():
            column.addWidget(button)
        column.addStretch(1)
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.side)
        row.addWidget(line(vertical=True))
        row.addWidget(self.table, 1)
        row.addWidget(line(vertical=True))
        row.addWidget(self.why)
        self.stack = QStackedWidget()
        self.stack.addWidget(invitation(desk, desk.say("board.empty"), "file.demo"))
        self.stack.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.stack)

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.model)
        table.setItemDelegate(Cells(self.desk, self.model))
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setAccessibleName(self.desk.say("tab.custodians"))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        head = table.horizontalHeader()
        head.setFixedHeight(27)
        head.setHighlightSections(False)
        head.setFont(font())
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        table.clicked.connect(lambda index: self._choose(index, fly=False))
        table.activated.connect(lambda index: self._choose(index, fly=True))
        table.doubleClicked.connect(lambda index: self._choose(index, fly=True))
        return table

    def tools(self) -> list[QWidget]:
        """Return the controls for the dock's head."""
        axes = QWidget()
        row = QHBoxLayout(axes)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        texts = [(axis, self.desk.say(f"board.by.{axis}")) for axis in AXES]
        for button in segments(texts, self.model.axis, self.turn):
            row.addWidget(button)
        who = word_button(self.desk, "custodian", self.desk.say("board.who"))
        who.clicked.connect(lambda: self.desk.act("custodians.edit"))
        export = word_button(self.desk, "export", self.desk.say("board.export"))
        menu = QMenu(export)
        offer(menu, self.desk.say("board.save"), self._export)
        offer(menu, self.desk.say("board.copy"), self._copy)
        offer(
            menu, self.desk.say("action.custodians.save"), lambda: self.desk.act("custodians.save")
        )
        export.setMenu(menu)
        export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return [axes, who, export]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give filters and reasons less room where there is little."""
        roomy = self.width() >= ROOMY
        self.side.setFixedWidth(SIDE if roomy else NARROW_SIDE)
        self.why.setFixedWidth(WHY if roomy else NARROW_WHY)
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Count when the tab is turned to."""
        super().showEvent(event)
        if self.stale:
            self._count()

    # -- following ----------------------------------------------------------------------------

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Count again where verdicts or rules changed and the tab is shown; say why for the selected object."""
        self.stack.setCurrentIndex(1 if self.desk.session.twin.layers else 0)
        if aspects - {Aspect.SELECTION}:
            self.stale = True
            if self.isVisible():
                self._count()
        if not self._own and self.isVisible():
            self._explain()

    def _count(self) -> None:
        session = self.desk.session
        if self.job is not None:
            session.jobs.cancel(self.job.id)
        self.stale = False
        work = board_work(session.intake, session.rules)
        title = self.desk.say("tab.custodians")
        self.job = session.jobs.submit(work, self._counted, title=title, quiet=True)

    def _counted(self, outcome: Outcome) -> None:
        if not isValid(self):
            return
        self.job = None
        if outcome.error is not None:
            self.why.hint(self.desk.error_text(outcome.error))
            return
        self.model.show(outcome.value)
        self._widths()
        board = self.model.board
        for flag, button in self.filters.items():
            button.show_count(int(board.where(flag).sum()), flag == self.model.flag)

    def _widths(self) -> None:
        for number, key in enumerate(self.model.columns):
            self.table.setColumnWidth(number, NAME if key == "name" else 104)

    def turn(self, axis: str) -> None:
        """Let classes or custodians go down."""
        self.model.show(axis=axis)
        self._widths()

    def only(self, flag: str) -> None:
        """Count the units with one kind of trouble, and select them; the same again shows all."""
        flag = "" if self.model.flag == flag else flag
        self.model.show(flag=flag)
        self._widths()
        for key, button in self.filters.items():
            button.show_count(button.count, key == flag)
        if flag:
            self._pick(self.model.chosen(), self.desk.say(f"board.flag.{flag}"))
        else:
            self.desk.session.select({}, "replace")

    def _choose(self, index: Index, *, fly: bool) -> None:
        """Select the units of a cell and say how their decisions fell; with ``fly`` go there."""
        column = self.model.columns[index.column()]
        wanted = self.model.wanted(index.row(), column)
        where = self.model.headerData(index.column(), Qt.Orientation.Horizontal)
        title = self.model.name(index.row())
        if column.startswith("district:"):
            title = f"{title} · {where}"
        self._pick(wanted, title)
        if fly and wanted.any():
            self.desk.act("view.fit")

    def _pick(self, wanted: Bool, title: str) -> None:
        self._own = True
        self.desk.choose(self.model.board.rows(wanted))
        self._own = False
        if int(wanted.sum()) == 1:
            self._explain()
            return
        count = self.desk.words.count(int(wanted.sum()))
        words = self.desk.say("board.cell", title=title, count=count)
        self.why.show_cell(words, rungs_of(self.model.board, wanted))

    def _explain(self) -> None:
        """Say why the one selected object has its custodian."""
        one = self.desk.only_selected()
        if one is None:
            return
        session = self.desk.session
        found = reasons(
            session.twin, session.twin.layer(one[0]), one[1], session.rules, session.at
        )
        self.why.show_object(self.desk.title(session.twin.object(*one)), found.rungs)

    def _copy(self) -> None:
        copy_text("\n".join("\t".join(cells) for cells in self.model.texts()))
        count = self.desk.words.count(self.model.rowCount())
        self.desk.tell(self.desk.say("log.copied", count=count), "info")

    def _export(self) -> None:
        save_table(self.desk, self, self.desk.say("tab.custodians"), self.model.texts())


class Filter(QToolButton):
    """One kind of trouble: its word and how many units have it."""

    def __init__(self, desk: Desk, flag: str, choose: Callable[[], None]) -> None:
        super().__init__()
        self.desk, self.flag, self.count = desk, flag, 0
        self.setCheckable(True)
        self.setFixedHeight(26)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(desk.say(f"board.flag_tip.{flag or 'all'}"))
        self.clicked.connect(lambda _=False: choose())
        self.show_count(0, False)

    @property
    def word(self) -> str:
        """Return the word of the filter."""
        return self.desk.say(f"board.flag.{self.flag or 'all'}")

    def show_count(self, count: int, on: bool) -> None:
        """Show another count; ``on``: this filter is in use."""
        self.count = count
        self.setChecked(on)
        self.setEnabled(bool(count) or on)
        self.setAccessibleName(f"{self.word} {count}")
        self.update()

    def paintEvent(self, event: object) -> None:
        """Paint ground, word and count."""
        painter, theme = QPainter(self), self.desk.theme
        if self.isChecked():
            painter.fillRect(self.rect(), QColor(theme.selection))
        elif self.underMouse() or self.hasFocus():
            painter.fillRect(self.rect(), QColor(theme.hover))
        painter.setFont(font(12, bold=self.isChecked()))
        trouble = bool(self.flag) and self.count > 0
        painter.setPen(QColor(theme.t1 if self.isEnabled() else theme.t3))
        room = self.rect().adjusted(8, 0, -8, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, middle, self.word)
        painter.setPen(QColor(theme.status_text["stale"] if trouble else theme.t2))
        painter.drawText(
            room, middle | Qt.AlignmentFlag.AlignRight, self.desk.words.count(self.count)
        )
        painter.end()


class Cells(QStyledItemDelegate):
    """Paints a cell: its count, and below it how the units stand."""

    def __init__(self, desk: Desk, model: BoardModel) -> None:
        super().__init__()
        self.desk, self.model = desk, model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        box: QRect = option.rect
        theme, column = self.desk.theme, self.model.columns[index.column()]
        state = option.state
        if state & type(state).State_Selected:
            painter.fillRect(box, QColor(theme.selection))
        painter.setPen(QColor(theme.line))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        total = self.model.key(index.row()) is None
        painter.setFont(font(12, bold=total))
        text = self.model.text(index.row(), column)
        counts = self.model.counts(index.row(), column)
        room = box.adjusted(10, 0, -8, 0 if counts is None else -12)
        ink = theme.t1
        if (
            column == "name"
            and self.model.axis == "custodian"
            and self.model.key(index.row()) == ""
        ):
            ink = theme.status_text["stale"]
        elif counts is not None and not counts.any():
            ink = theme.t3
        painter.setPen(QColor(ink))
        side = Qt.AlignmentFlag.AlignLeft if column == "name" else Qt.AlignmentFlag.AlignRight
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, shown)
        if counts is not None and counts.any():
            bar = QRectF(box.left() + 10, box.bottom() - 9, box.width() - 18, 5)
            parts = freshness_parts(dict(zip(SHOWN, counts.tolist(), strict=True)))
            paint_shares(painter, bar, parts, theme)
