"""The dock of topics: a table of them all, and the page of the one that is chosen."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QPushButton,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.scene import Aspect
from twin.topics.changes import topics_of
from ui.desk import Desk, Panel
from ui.panels.parts import SearchField, icon_button, label, line, word_button
from ui.panels.topic_page import TopicPage
from ui.panels.topic_rows import COLUMNS, RIGHT, TopicModel, is_done
from ui.theme import font
from ui.wording import DASH

WIDTHS = {
    "status": 96, "priority": 76, "type": 92, "assigned": 150, "due": 104, "modified": 104,
    "comments": 92,
}  # fmt: skip
GIVES_WAY = {
    "comments": 960,
    "modified": 860,
    "type": 760,
    "assigned": 660,
    "priority": 500,
    "due": 380,
}
"""Widths of the table below which a column is left out."""
ROW = 26


class TopicDelegate(QStyledItemDelegate):
    """Paints a cell: what is done in t3, the title in t1, a late date in t1; a line below."""

    def __init__(self, desk: Desk, model: TopicModel) -> None:
        super().__init__()
        self.desk, self.model = desk, model
        self.chosen = ""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one cell."""
        box: QRect = option.rect
        theme = self.desk.theme
        topic, name = self.model.shown[index.row()], COLUMNS[index.column()]
        if topic.guid == self.chosen:
            painter.fillRect(box, QColor(theme.selection))
        painter.setPen(QColor(theme.line))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        late = name == "due" and self.model.is_late(topic)
        text = self.model.cell(topic, name)
        strong = (name == "title" and not is_done(topic)) or late
        ink = theme.t1 if strong else theme.t3 if is_done(topic) or text == DASH else theme.t2
        painter.setFont(font(bold=late))
        painter.setPen(QColor(ink))
        room = box.adjusted(8, 0, -8, 0)
        side = Qt.AlignmentFlag.AlignRight if name in RIGHT else Qt.AlignmentFlag.AlignLeft
        elide = Qt.TextElideMode.ElideMiddle if name == "title" else Qt.TextElideMode.ElideRight
        shown = painter.fontMetrics().elidedText(text, elide, max(room.width(), 8))
        painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, shown)


class TopicTable(QTableView):
    """A table in which Return shows the viewpoint and the columns follow the width."""

    on_enter: Callable[[], None] = staticmethod(lambda: None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share out the width anew."""
        width = self.viewport().width()
        for number, name in enumerate(COLUMNS):
            self.setColumnHidden(number, width < GIVES_WAY.get(name, 0))
            if name in WIDTHS:
                self.setColumnWidth(number, WIDTHS[name])
        super().resizeEvent(event)

    def keyPressEvent(self, event: object) -> None:
        """Show the viewpoint on Return; everything else as usual."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # type: ignore[attr-defined]
            self.on_enter()
        else:
            super().keyPressEvent(event)  # type: ignore[arg-type]


class TopicsPanel(Panel):
    """Table at the left, page at the right; without topics a sentence and two buttons."""

    watches = frozenset({Aspect.TOPICS, Aspect.LAYERS, Aspect.FEATURES, Aspect.INSTANTS})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.model = TopicModel(desk)
        self.page = TopicPage(desk)
        self.table = self._make_table()
        self.foot = label("", "t3")
        self.on_count: Callable[[int], None] = lambda count: None
        self._told = len(desk.session.topics_read)
        self.stack = QStackedWidget()
        self.stack.setObjectName("panel")
        self.stack.addWidget(self._empty())
        self.stack.addWidget(self._both())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stack)

    def _make_table(self) -> TopicTable:
        table = TopicTable()
        table.setModel(self.model)
        self.cells = TopicDelegate(self.desk, self.model)
        table.setItemDelegate(self.cells)
        table.setShowGrid(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setAccessibleName(self.desk.say("tab.topics"))
        table.setWordWrap(False)
        heads = table.horizontalHeader()
        heads.setFixedHeight(27)
        heads.setHighlightSections(False)
        heads.setSectionsClickable(True)
        heads.setFont(font())
        heads.setSectionResizeMode(COLUMNS.index("title"), QHeaderView.ResizeMode.Stretch)
        heads.sectionClicked.connect(self._sort)
        rows = table.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(ROW)
        rows.setDefaultSectionSize(ROW)
        table.selectionModel().currentRowChanged.connect(lambda now, _: self._chosen(now.row()))
        table.doubleClicked.connect(lambda _: self.page.picture.click())
        table.on_enter = self.page.picture.click
        return table

    def _empty(self) -> QWidget:
        page = QWidget()
        words = label(self.desk.say("topics.empty"), "t2", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        new = QPushButton(self.desk.say("action.topics.new"))
        new.setProperty("primary", True)
        new.clicked.connect(lambda: self.desk.act("topics.new"))
        import_ = QPushButton(self.desk.say("action.topics.import"))
        import_.clicked.connect(lambda: self.desk.act("topics.import"))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(new)
        row.addWidget(import_)
        row.addStretch(1)
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(words)
        column.addLayout(row)
        column.addStretch(1)
        return page

    def _both(self) -> QWidget:
        both, left = QWidget(), QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.table, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 6, 12, 6)
        foot.addWidget(self.foot)
        foot.addStretch(1)
        column.addLayout(foot)
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(left, 1)
        row.addWidget(line(vertical=True))
        row.addWidget(self.page, 1)
        return both

    def tools(self) -> list[QWidget]:
        """Return the controls for the dock's head: filter field, status, new, import, export."""
        say = self.desk.say
        self.search = SearchField(self.desk, say("topics.filter"))
        self.search.setMinimumWidth(80)
        self.search.setMaximumWidth(190)
        self.search.textChanged.connect(lambda text: self.want(text=text.strip()))
        self.statuses = word_button(self.desk, "filter", say("topics.column.status"))
        self.statuses.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        new = word_button(self.desk, "add", say("topics.new"))
        new.clicked.connect(lambda: self.desk.act("topics.new"))
        buttons = []
        for icon, name in (("import", "topics.import"), ("export", "topics.export")):
            button = icon_button(self.desk, icon, say(f"action.{name}"))
            button.clicked.connect(lambda _=False, action=name: self.desk.act(action))
            buttons.append(button)
        return [self.search, self.statuses, new, *buttons]

    def want(self, **changes: object) -> None:
        """Change what the table shows (fields of ``Wanted``) and show it."""
        self.model.wanted = replace(self.model.wanted, **changes)  # type: ignore[arg-type]
        self.rebuild()

    def _sort(self, section: int) -> None:
        name, wanted = COLUMNS[section], self.model.wanted
        self.want(sort=name, descending=not wanted.descending if wanted.sort == name else True)

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the topics again and tell of files that came."""
        if Aspect.TOPICS in aspects:
            self._tell_files()
        if aspects & {Aspect.TOPICS, Aspect.INSTANTS}:
            self.rebuild()
        else:
            self.page.refresh()

    def rebuild(self) -> None:
        """Filter and sort again; the chosen topic stays chosen."""
        self.model.rebuild()
        total = self.model.total
        self.stack.setCurrentIndex(1 if total else 0)
        words = self.desk.words
        done = sum(map(is_done, topics_of(self.desk.session.twin).values()))
        self.foot.setText(
            self.desk.say(
                "topics.foot",
                shown=words.count(len(self.model.shown)),
                total=words.count(total),
                open=words.count(total - done),
            )
        )
        self.on_count(len(self.model.shown))
        self._fill_statuses()
        self._follow()

    def _fill_statuses(self) -> None:
        if not hasattr(self, "statuses"):
            return
        menu = QMenu(self.statuses)
        known = sorted({x.status for x in topics_of(self.desk.session.twin).values()})
        for value in known:
            entry = menu.addAction(value or self.desk.say("not_stated"))
            entry.setCheckable(True)
            entry.setChecked(value in self.model.wanted.statuses)
            entry.triggered.connect(lambda _=False, v=value: self._toggle(v))
        old = self.statuses.menu()
        self.statuses.setMenu(menu)
        if old is not None:
            old.deleteLater()

    def _toggle(self, status: str) -> None:
        self.want(statuses=self.model.wanted.statuses ^ {status})

    def show_topic(self, guid: str) -> None:
        """Choose a topic; filters that hide it are lifted."""
        if self.model.row_of(guid) < 0:
            self.want(text="", statuses=frozenset())
        self.page.show_topic(guid)
        self._follow()

    def _follow(self) -> None:
        """Let the table show the topic of the page; without one the first."""
        row = self.model.row_of(self.page.topic)
        if row < 0 and self.model.shown:
            self.page.show_topic(self.model.shown[0].guid)
            row = 0
        self.page.setVisible(row >= 0)
        self.page.refresh()
        self.cells.chosen = self.page.topic
        if row >= 0:
            index = self.model.index(row, 0)
            flags = QItemSelectionModel.SelectionFlag
            self.table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.table.viewport().update()

    def _chosen(self, row: int) -> None:
        if 0 <= row < len(self.model.shown):
            self.page.show_topic(self.model.shown[row].guid)
            self.cells.chosen = self.page.topic
            self.table.viewport().update()

    def _tell_files(self) -> None:
        read = self.desk.session.topics_read
        for location, bcf in read[self._told :]:
            words = self.desk.words
            key = "topics.read_problems" if bcf.problems else "topics.read"
            self.desk.tell(
                self.desk.say(
                    key,
                    name=Path(location).name,
                    count=words.count(len(bcf.topics)),
                    problems=words.count(len(bcf.problems)),
                ),
                "undo",
            )
            self.desk.act("panel.topics")
        self._told = len(read)
