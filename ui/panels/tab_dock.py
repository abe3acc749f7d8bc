"""A dock with tabs in its title bar; where there is little room, the other tabs stand in a menu."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPaintEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QStyle,
    QStyleOptionTab,
    QStylePainter,
    QTabBar,
    QWidget,
)

from ui.desk import Desk
from ui.panels.focus_ring import walkable
from ui.panels.parts import icon_button, offer
from ui.panels.title_bar import TitleBar
from ui.theme import font

COUNT = "  "
"""What stands between the words of a tab and its count."""


class Tabs(QTabBar):
    """Tabs as text with an accent line; a count after the words is fainter than they are."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.theme = desk.theme
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(False)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setMinimumWidth(1)  # else the dock could not be made narrower than its tabs
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line of the shown tab, and the words."""
        painter, theme = QStylePainter(self), self.theme
        seen = [number for number in range(self.count()) if self.isTabVisible(number)]
        for number in seen:
            option = QStyleOptionTab()
            self.initStyleOption(option, number)
            if len(seen) > 1 or option.state & QStyle.StateFlag.State_HasFocus:
                painter.drawControl(QStyle.ControlElement.CE_TabBarTabShape, option)
            else:  # one alone is no choice: it is the title of the dock
                painter.setFont(font(bold=True))
            state = option.state
            lit = QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver
            tone = theme.t1 if state & lit else theme.t2
            tone = theme.accent_text if state & QStyle.StateFlag.State_HasFocus else tone
            words, gap, count = option.text.partition(COUNT)
            room = self.style().subElementRect(QStyle.SubElement.SE_TabBarTabText, option, self)
            if len(seen) == 1:
                room.setLeft(0)  # in line with the titles below it
            painter.setPen(QColor(tone))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
            painter.setPen(QColor(theme.t3))
            room.setLeft(room.left() + option.fontMetrics.horizontalAdvance(words + gap))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, count)


MOST = 120
"""Logical pixels that the shown tab keeps from the tools beside it."""
TAB = 20
"""Logical pixels that a tab is wider than its words: the padding and margin of the style sheet, rounded up."""


class TabDock(QDockWidget):
    """A dock whose title bar holds its tabs as text with an accent line, and buttons at the right.

    Tabs for which there is no room beside the buttons stand in a menu; the shown one always stands there.
    """

    def __init__(self, desk: Desk, name: str, title: str, parent: QWidget) -> None:
        super().__init__(title, parent)
        self.setObjectName(name)
        self.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetMovable
            | QDockWidget.DockWidgetFeature.DockWidgetClosable
            | QDockWidget.DockWidgetFeature.DockWidgetFloatable
        )
        self.theme = desk.theme
        self.tabs = Tabs(desk)
        self.tabs.setAccessibleName(title)
        self.stack = QStackedWidget()
        self.stack.setObjectName("panel")
        self.keys: list[str] = []
        self.pages: list[int] = []
        self.unasked: set[str] = set()
        """Tabs that stand there once they were asked for; ``usual`` are those of every workspace."""
        self.usual: set[str] = set()
        self.least = 0
        """Logical pixels of height to which the dock grows when another than its first tab is shown."""
        self.others = icon_button(desk, "chevron_down", desk.say("more_tabs"))
        self.others.clicked.connect(
            lambda: self.menu().exec(self.others.mapToGlobal(self.others.rect().bottomLeft()))
        )
        self.others.hide()
        self.bar = head = TitleBar(desk)
        head.begin(self.tabs, self.others)
        head.row.setAlignment(self.tabs, Qt.AlignmentFlag.AlignBottom)
        self.setTitleBarWidget(head)
        head.installEventFilter(self)
        self.setWidget(self.stack)
        self.tabs.currentChanged.connect(self._turned)
        self.on_turn: Callable[[str], None] = lambda key: None
        self.own: dict[str, list[QWidget]] = {}
        """Tools in the title bar by the tab that brings them: seen while their tab is."""

    def add(self, key: str, title: str, widget: QWidget | None = None) -> None:
        """Add a tab; without a widget the page shown so far stays (it is told by ``on_turn``)."""
        if widget is not None:
            self.stack.addWidget(widget)
            walkable(widget, title, self.theme.accent)
        self.keys.append(key)
        self.pages.append(self.stack.count() - 1)
        self.tabs.addTab(title)

    def bring(self, key: str, tools: list[QWidget]) -> None:
        """Stand the tools of a tab in the title bar."""
        self.own[key] = tools
        for tool in tools:
            self.bar.add_tool(tool)
            tool.setVisible(key == self.shown)

    def take(self, key: str) -> tuple[str, QWidget, list[QWidget]]:
        """Give a tab away: return its words, its page and its tools. It must have a page of its own."""
        number = self.keys.index(key)
        page = self.stack.widget(self.pages[number])
        assert page is not None
        title = self.tabs.tabText(number)
        tools = self.own.pop(key, [])
        for tool in tools:
            self.bar.drop_tool(tool)
        del self.keys[number]
        gone = self.pages.pop(number)
        self.pages = [one - (one > gone) for one in self.pages]
        self.stack.removeWidget(page)
        self.tabs.removeTab(number)
        self._turned(self.tabs.currentIndex())
        return title, page, tools

    def put(self, key: str, place: int, tab: tuple[str, QWidget, list[QWidget]]) -> None:
        """Stand a tab that another dock gave away at a place in the row."""
        title, page, tools = tab
        self.stack.addWidget(page)
        self.keys.insert(place, key)
        self.pages.insert(place, self.stack.count() - 1)
        self.tabs.insertTab(place, title)
        self.bring(key, tools)
        self._turned(self.tabs.currentIndex())

    @property
    def shown(self) -> str:
        """Return the key of the tab that is shown."""
        number = self.tabs.currentIndex()
        return self.keys[number] if 0 <= number < len(self.keys) else ""

    def hide_tab(self, key: str) -> None:
        """Leave a tab out until it is turned to: there is room for few."""
        self.unasked.add(key)
        self.usual.add(key)
        self.fit()

    def narrow(self, keys: frozenset[str] = frozenset()) -> None:
        """Offer these tabs alone, where there are any of them, else the usual ones."""
        kept = keys & set(self.keys)
        self.unasked = set(self.keys) - kept if kept else set(self.usual)
        self.unasked.discard(self.shown)
        self.fit()

    def turn(self, key: str) -> None:
        """Show a tab."""
        if key in self.keys:
            self._see(self.keys.index(key), True)
            self.tabs.setCurrentIndex(self.keys.index(key))
            self.show()
            self.raise_()

    def rename(self, key: str, words: str) -> None:
        """Give a tab other words."""
        number = self.keys.index(key)
        if self.tabs.tabText(number).partition(COUNT)[0] != words:
            self.tabs.setTabText(number, words)
            self.fit()

    def count(self, key: str, count: str) -> None:
        """Show a count after the words of a tab; '' shows none."""
        number = self.keys.index(key)
        words = self.tabs.tabText(number).partition(COUNT)[0]
        text = words + COUNT + count if count else words
        if self.tabs.tabText(number) != text:
            self.tabs.setTabText(number, text)
            self.fit()

    def _turned(self, number: int) -> None:
        if 0 <= number < len(self.keys):
            self.unasked.discard(self.keys[number])
            self.stack.setCurrentIndex(self.pages[number])
            for key, tools in self.own.items():
                for tool in tools:
                    tool.setVisible(key == self.keys[number])
            self.on_turn(self.keys[number])
            self.fit()
            self._grow(number)

    def _grow(self, number: int) -> None:
        """Take the height that a list needs from the docks beside this one; a person may take it back."""
        window = self.parentWidget()
        if not isinstance(window, QMainWindow) or self.isFloating():
            return
        if not number or not self.isVisible() or self.height() >= self.least:
            return
        area = window.dockWidgetArea(self)
        docks = [x for x in window.findChildren(TabDock) if x.isVisible() and not x.isFloating()]
        beside = [x for x in docks if x is not self and window.dockWidgetArea(x) == area]
        grown = self.least - self.height()
        heights = [self.least, *(x.height() - grown // max(len(beside), 1) for x in beside)]
        window.resizeDocks([self, *beside], heights, Qt.Orientation.Vertical)

    # -- where there is little room -----------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the width of the title bar and of the buttons in it."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self.fit()
        return super().eventFilter(watched, event)

    def fit(self) -> None:
        """Show as many tabs as there is room for, in their order, the shown one among them."""
        shown = self.tabs.currentIndex()
        metrics = QFontMetrics(self.tabs.font())
        wide = {
            i: metrics.horizontalAdvance(self.tabs.tabText(i)) + TAB
            for i, key in enumerate(self.keys)
            if key not in self.unasked
        }
        fitting = set(wide)
        menu = 34 + self.bar.row.spacing() if len(wide) > 1 else 0
        room = self.bar.fit(min(wide.get(shown, 0), MOST) + menu)
        crowded = sum(wide.values()) > room
        if crowded:
            room -= (
                34 + self.bar.row.spacing() + wide.get(shown, 0)
            )  # a tab too many scrolls the first away
            fitting = {shown}
            for i in sorted(wide.keys() - {shown}):
                room -= wide[i]
                if room < 0:
                    break
                fitting.add(i)
        for i in range(len(self.keys)):
            self._see(i, i in fitting)
        if self.others.isHidden() == crowded:
            self.others.setVisible(crowded)

    def _see(self, number: int, seen: bool) -> None:
        """Show or hide a tab, and let the bar be as wide as what it shows: Qt leaves it as it was."""
        if self.tabs.isTabVisible(number) != seen:
            self.tabs.setTabVisible(number, seen)
            self.tabs.updateGeometry()

    def menu(self) -> QMenu:
        """Return all tabs to choose from."""
        made = QMenu(self)
        for i, key in enumerate(self.keys):
            if key not in self.unasked:
                entry = offer(made, self.tabs.tabText(i), partial(self.turn, key))
                entry.setCheckable(True)
                entry.setChecked(i == self.tabs.currentIndex())
        return made
