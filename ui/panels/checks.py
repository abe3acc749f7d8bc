"""The dock of checks: rules and their outcome at the left, the objects that fail and why beside them."""

from functools import partial

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.checking import ALL, COLUMN, Part
from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.panels.check_failures import COLUMNS, FailureModel
from ui.panels.check_lines import CheckDelegate, Checked, CheckModel
from ui.panels.parts import Elided, SearchField, copy_text, label, offer, word_button
from ui.panels.tree_view import Index, TreeView
from ui.theme import font

FORMS = ("html", "xlsx", "csv", "json", "text", "bcf")
ROOMY = 1100
"""Width of the dock from which the head of the failures has room for its search field."""


TWO_LINES = 34
SHARES = (0.36, 0.18)
"""Of the table's width, what the first two columns take; why an object fails takes the rest."""


class ChecksPanel(Panel):
    """What is asked of the models, and who fails it. ``desk.act`` does what touches files."""

    watches = frozenset({Aspect.CHECKS, Aspect.LAYERS, Aspect.JOBS, Aspect.STYLE})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.lines, self.failures = CheckModel(desk), FailureModel(desk)
        self._shown: object = None
        self.stack = QStackedWidget()
        self.stack.setObjectName("panel")
        self.stack.addWidget(self._empty())
        self.stack.addWidget(self._busy())
        self.stack.addWidget(self._results())
        self.note = self._note()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.note)
        column.addWidget(self.stack, 1)
        self.refresh(self.watches)

    # -- parts --------------------------------------------------------------------------------

    def _empty(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.addStretch(1)
        self.hint = label(self.desk.say("checks.empty"), "t2", wrap=True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.hint)
        button = QPushButton(self.desk.say("checks.choose"))
        button.setProperty("primary", True)
        button.clicked.connect(lambda: self.desk.act("checks.choose"))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button)
        row.addStretch(1)
        column.addSpacing(8)
        column.addLayout(row)
        column.addStretch(1)
        return page

    def _busy(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.addStretch(1)
        self.progress = label("", "t2")
        self.progress.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.progress)
        stop = QPushButton(self.desk.say("checks.cancel"))
        stop.clicked.connect(lambda: self.desk.session.checks.cancel())
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(stop)
        row.addStretch(1)
        column.addSpacing(8)
        column.addLayout(row)
        column.addStretch(1)
        return page

    def _results(self) -> QWidget:
        self.tree = TreeView(self.lines, self.desk.theme)
        self.tree.setItemDelegate(CheckDelegate(self.desk.theme, self.tree))
        self.tree.setAccessibleName(self.desk.say("checks.tree"))
        self.tree.on_click = lambda position, held: self.choose(self.lines.parts[position])
        self.tree.on_double = self.lines.toggle
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        split.addWidget(self.tree)
        split.addWidget(self._right())
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        split.setSizes([500, 500])
        return split

    def _right(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(12, 6, 8, 6)
        words = QVBoxLayout()
        words.setSpacing(0)
        self.title = label("", bold=True, wrap=True)
        self.title.setMaximumHeight(TWO_LINES)
        self.detail = Elided(tone="t2", pixels=11)
        words.addWidget(self.title)
        words.addWidget(self.detail)
        head.addLayout(words, 1)
        self.search = SearchField(self.desk, self.desk.say("checks.search"))
        self.search.setFixedWidth(180)
        self.search.textChanged.connect(lambda text: self.failures.filter(text.strip()))
        head.addWidget(self.search)
        column.addLayout(head)
        column.addWidget(self._table(), 1)
        return side

    def _table(self) -> QTableView:
        table = self.table = FailureTable()
        table.setModel(self.failures)
        table.setItemDelegate(Cells(self.desk, self.failures))
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setAccessibleName(self.desk.say("checks.table"))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(26)
        heads = table.horizontalHeader()
        heads.setFixedHeight(27)
        heads.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        heads.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        table.clicked.connect(lambda index: self.go(index.row()))
        table.activated.connect(lambda index: self.go(index.row()))
        return table

    def _note(self) -> QWidget:
        """Return the amber strip that says that the model is another one now."""
        strip = QFrame()
        strip.setObjectName("note")
        strip.setProperty("kind", "caution")
        row = QHBoxLayout(strip)
        row.setContentsMargins(12, 4, 8, 4)
        self.warning = label("", wrap=True)
        row.addWidget(self.warning, 1)
        again = QPushButton(self.desk.say("checks.again"))
        again.clicked.connect(lambda: self.desk.act("checks.again"))
        row.addWidget(again)
        return strip

    def tools(self) -> list[QWidget]:
        """Return the controls for the dock's head."""
        self.only = self._switch("only_failed", "first")
        self.only.toggled.connect(self._only_failed)
        self.color = self._switch("color", "last")
        self.color.clicked.connect(self._color)
        switches = QWidget()
        row = QHBoxLayout(switches)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.only)
        row.addWidget(self.color)
        choose = word_button(self.desk, "file", self.desk.say("checks.choose"))
        choose.clicked.connect(lambda: self.desk.act("checks.choose"))
        self.export = word_button(self.desk, "export", self.desk.say("checks.export"))
        self.export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.export.setMenu(self._menu(self.export))
        self._enable()
        return [switches, choose, self.export]

    def _switch(self, name: str, place: str) -> QToolButton:
        made = QToolButton()
        made.setText(self.desk.say(f"checks.{name}"))
        made.setCheckable(True)
        made.setProperty("kind", "segment")
        made.setProperty("place", place)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return made

    def _menu(self, parent: QWidget) -> QMenu:
        menu = QMenu(parent)
        for form in FORMS:
            offer(
                menu,
                self.desk.say(f"checks.as_{form}"),
                partial(self.desk.act, "checks.export", form),
            )
        menu.addSeparator()
        offer(menu, self.desk.say("checks.topics"), partial(self.desk.act, "checks.topics"))
        offer(menu, self.desk.say("checks.copy"), self.copy_all)
        menu.addSeparator()
        offer(menu, self.desk.say("checks.again"), partial(self.desk.act, "checks.again"))
        offer(menu, self.desk.say("checks.clear"), partial(self.desk.act, "checks.clear"))
        return menu

    # -- showing ------------------------------------------------------------------------------

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Show the results of the session, what is under way, or what would be here."""
        checks = self.desk.session.checks
        checked = [
            (key, done.report) for key, done in checks.results.items()
            if key in self.desk.session.twin.layers
        ]  # fmt: skip
        page = 1 if checks.running else 2 if checked else 0
        self.stack.setCurrentIndex(page)
        key = tuple(id(report) for _, report in checked)
        if key != self._shown:
            self._shown = key
            self.lines.chosen = ALL
            self.lines.opened = _worth_opening(checked)
            self.lines.show(checked)
            self._tell_part()
        self._warn()
        self._enable()

    def _warn(self) -> None:
        """Say which models changed since, or came later."""
        session = self.desk.session
        old = [session.twin.layers[key].title for key in session.checks.results
               if session.checks.outdated(key)]  # fmt: skip
        new = [layer.title for layer in session.checks.unchecked()]
        self.note.setVisible(bool(old or new) and not session.checks.running)
        names = ", ".join(old or new)
        self.warning.setText(
            self.desk.say("checks.outdated" if old else "checks.later", names=names)
        )

    def _enable(self) -> None:
        if not hasattr(self, "export"):
            return
        there = bool(self.desk.session.checks.results)
        for tool in (self.only, self.color, self.export):
            tool.setEnabled(there)
            tool.setToolTip("" if there else self.desk.say("checks.nothing"))
        self.color.setChecked(there and self.desk.session.twin.color_by.column == COLUMN)

    def pass_time(self, now: float) -> None:
        """Say how far the work is; called by the tick."""
        running = self.desk.session.checks.running
        if running and self.isVisible():
            job = next(iter(running.values()))
            share = "" if job.progress is None else f"{100 * job.progress:.0f} %"
            words = self.desk.say("checks.running", what=job.title, share=share)
            if words != self.progress.text():
                self.progress.setText(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the search field where it would take the room of the words."""
        self.search.setVisible(event.size().width() >= ROOMY)
        super().resizeEvent(event)

    # -- doing --------------------------------------------------------------------------------

    def choose(self, part: Part) -> None:
        """Look at one rule or requirement: table and colours follow."""
        self.lines.chosen = part
        self.tree.viewport().update()
        self.desk.session.checks.show(part)
        self._tell_part()

    def _tell_part(self) -> None:
        part, words = self.lines.chosen, self.desk.words
        if not self.lines.checked:
            self.failures.show((), ALL)
            return
        rule, demand, why = self.lines.rule(part), self.lines.demand(part), self.lines.why(part)
        self.title.setText(self.lines.words(part))
        self.title.setToolTip(self.lines.words(part))
        told = [why.said(words.language)] if why is not None else []
        if demand is not None and demand.instructions:
            told.append(demand.instructions)
        elif rule is not None:
            told += [x for x in (rule.description, rule.instructions) if x]
        else:
            info = self.lines.checked[0][1].info
            told += [info[name] for name in ("author", "date", "description") if name in info]
        self.detail.show_text(" · ".join(told) or self.lines.note(part))
        self.failures.show(self.lines.checked, part)

    def go(self, position: int) -> None:
        """Select the object of a line (of a type its objects) and fly there."""
        if not 0 <= position < len(self.failures.found):
            return
        one = self.failures.found[position]
        if not one.rows or one.layer not in self.desk.session.twin.layers:
            self.desk.tell(self.desk.say("checks.unseen"), "info")
            return
        rows = np.array(one.rows, np.int32)
        self.desk.choose({one.layer: rows})
        if np.isfinite(self.desk.session.twin.layer(one.layer).boxes(rows)).all(axis=1).any():
            self.desk.act("view.fit")

    def _only_failed(self, on: bool) -> None:
        self.lines.only_failed = on
        self.lines.show(self.lines.checked)

    def _color(self) -> None:
        now = self.desk.session.twin.color_by.column
        self.desk.run("view.color_by", column="freshness" if now == COLUMN else COLUMN)

    def copy_all(self) -> None:
        """Copy every line of the table."""
        model = self.failures
        rows = [
            "\t".join((x.thing.id, *(model.value(x, name) for name in COLUMNS)))
            for x in model.found
        ]
        copy_text("\n".join(rows))
        self.desk.tell(self.desk.say("log.copied", count=self.desk.words.count(len(rows))), "info")


def _worth_opening(checked: Checked) -> set[int]:
    """Return the rules to open at first: the first that failed."""
    for _, report in checked:
        for number, rule in enumerate(report.results):
            if rule.status == "failed" and rule.demands:
                return {number}
    return set()


class FailureTable(QTableView):
    """A table whose columns keep their shares of its width."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share out the width."""
        super().resizeEvent(event)
        for number, share in enumerate(SHARES):
            self.setColumnWidth(number, int(self.viewport().width() * share))


class Cells(QStyledItemDelegate):
    """Paints a cell of the failures; what the view does not show is fainter."""

    def __init__(self, desk: Desk, model: FailureModel) -> None:
        super().__init__()
        self.desk, self.model = desk, model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        box: QRect = option.rect
        theme, name = self.desk.theme, COLUMNS[index.column()]
        one = self.model.found[index.row()]
        state = option.state
        if state & type(state).State_Selected:
            painter.fillRect(box, QColor(theme.selection))
        painter.setPen(QColor(theme.line))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        room = box.adjusted(8, 0, -8, 0)
        painter.setFont(font())
        ink = theme.t1 if name == "object" and one.rows else theme.t2
        painter.setPen(QColor(ink))
        right = name == "class"  # of names and reasons the end tells as much as the beginning
        how = Qt.TextElideMode.ElideRight if right else Qt.TextElideMode.ElideMiddle
        text = painter.fontMetrics().elidedText(
            self.model.value(one, name), how, max(room.width(), 8)
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
