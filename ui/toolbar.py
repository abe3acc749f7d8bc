"""The tool bar: undo, redo, the tools that exist, the role switch and the search field."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from ui.actions import Actions
from ui.desk import Desk
from ui.panels.parts import icon_button, label, line, segments, word_button
from ui.theme import glyph_pixmap
from ui.tools import OF_ROLE, RARE, TOOLS, Toolbox

SEARCH, SHORT_SEARCH = 268, 34
"""Logical pixels of the search field, and of the glass alone."""
ICON = 34
"""Logical pixels of a tool that shows its icon alone."""
MARGIN, GAP, DIVIDER = 12, 4, 21
EXPLORE = "explore"
ROLES = ("planner", "custodian", "presenter")
STAGE = ("present.start", "present.spotlight", "present.freeze")
"""What stands beside the tools while one presents."""


class ToolBar(QWidget):
    """42 px: nothing dead, nothing that is not there yet."""

    def __init__(
        self, desk: Desk, actions: Actions, toolbox: Toolbox, choose_role: Callable[[str], None]
    ) -> None:
        super().__init__()
        self.desk, self.actions_, self.toolbox = desk, actions, toolbox
        toolbox.changed = self.show_tool
        self.setObjectName("toolbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(42)
        self.setMinimumWidth(1)  # it gives way itself: see fit
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, 0, MARGIN, 0)
        row.setSpacing(GAP)
        for name in ("edit.undo", "edit.redo"):
            row.addWidget(self._tool(name, words=False))
        for widget in (line(vertical=True),):
            row.addSpacing(6)
            row.addWidget(widget)
            row.addSpacing(6)
        self.explore = word_button(desk, "explore", desk.say("tool.explore"))
        self.explore.setCheckable(True)
        self.explore.setToolTip(desk.say("tool.explore_tip"))
        self.explore.clicked.connect(lambda: desk.act("view.explore"))
        row.addWidget(self.explore)
        self.tools = {name: self._tool(f"tool.{name}", words=True) for name in TOOLS}
        self.spare = [self._tool(name, words=True) for name in ("view.walk", "view.fly_round")]
        for made in (*self.tools.values(), *self.spare):
            row.addWidget(made)
        self.stage = {name: self._tool(name, words=True) for name in STAGE}
        self.edge = line(vertical=True)
        row.addWidget(self.edge)
        for made in self.stage.values():
            row.addWidget(made)
        self._add_options(row)
        row.addStretch(1)
        self._add_roles(row, choose_role)
        row.addSpacing(8)
        self.search = self._search()
        row.addWidget(self.search)
        self.show_tool()

    def _add_roles(self, row: QHBoxLayout, choose_role: Callable[[str], None]) -> None:
        desk = self.desk
        roles = [(role, desk.say(f"workspace.{role}")) for role in ROLES]
        self.roles = QWidget()
        self.roles.setObjectName("roles")
        joined = QHBoxLayout(self.roles)
        joined.setContentsMargins(0, 0, 0, 0)
        joined.setSpacing(0)
        self.segments = segments(roles, desk.session.settings.workspace, choose_role)
        for button in self.segments:
            joined.addWidget(button)
        row.addWidget(self.roles)

    def _add_options(self, row: QHBoxLayout) -> None:
        """Stand what each tool offers after a divider; only that of the tool in hand is seen."""
        self.divider = line(vertical=True)
        row.addSpacing(6)
        row.addWidget(self.divider)
        row.addSpacing(6)
        self.options: dict[str, QWidget] = {}
        for name, tool in self.toolbox.tools.items():
            made = tool.options()
            if made is not None:
                self.options[name] = made
                row.addWidget(made)

        self.leave = word_button(self.desk, "close", "Esc")
        self.leave.setToolTip(self.desk.say("tool.leave"))
        self.leave.setAccessibleName(self.desk.say("tool.leave"))
        self.leave.clicked.connect(lambda: self.toolbox.put_back())
        row.addWidget(self.leave)

    def turn_role(self, role: str) -> None:
        """Turn to another workspace, as a click does."""
        button = self.segments[ROLES.index(role)]
        if not button.isChecked():
            button.click()

    def show_tool(self) -> None:
        """Show which tool is in hand, and its options."""
        taken = self.toolbox.name
        for name in TOOLS:
            self.actions_.by_name[f"tool.{name}"].setChecked(name == taken)
        for name, widget in self.options.items():
            widget.setVisible(name == taken)
        for part in (self.edge, *self.stage.values()):
            part.setVisible(self._presents)
        self.divider.setVisible(taken in self.options)
        self.leave.setVisible(bool(taken))
        self.fit()

    def fit(self) -> None:
        """Give way in steps until all fits: words of the search, ways to move and rare tools, roles, words of tools, search.

        The words of the tool in hand stay, and what it offers is never cut. A planner has ways to move in menus.
        While one presents there are more tools: their words give way before the roles do.
        """
        tools, mine = self._standing(), self._of_role()
        for name in self.tools.keys() - mine.keys():
            self.tools[name].setVisible(False)
        spare = [] if self.desk.session.settings.workspace == "planner" else self.spare
        for tool in self.spare:
            tool.setVisible(False)
        moving = [*spare, *(x for n, x in mine.items() if n not in tools)]
        words = {name: _words_of(tool) for name, tool in tools.items() if name != self._in_hand}
        for tool in moving:
            _show_words(tool, True)
        ways = sum(tool.sizeHint().width() + GAP for tool in moving)
        roles = self.roles.sizeHint().width() + GAP
        gains = {
            "field": SEARCH - SHORT_SEARCH, "ways": ways, "roles": roles, "words": sum(words.values()),
            "stage": 0, "search": SHORT_SEARCH + GAP,
        }  # fmt: skip
        order = list(gains)
        if self._presents:
            gains["stage"] = sum(words.get(name, 0) for name in STAGE)
            gains["words"] -= gains["stage"]
            order = ["field", "ways", "words", "roles", "stage", "search"]
        stays = _kept(gains, order, self._least() + sum(gains.values()) - self.width())
        self._show_search(stays["field"])
        self.roles.setVisible(stays["roles"])
        for tool in moving:
            tool.setVisible(stays["ways"])
        for name, tool in tools.items():
            tool.setVisible(True)
            part = "stage" if name in STAGE else "words"
            _show_words(tool, stays[part] or name == self._in_hand)
        self.search.setVisible(stays["search"])

    def _standing(self) -> dict[str, QToolButton]:
        """Return the tools that always stand there; a rare one only while it is in hand."""
        taken = self.toolbox.name
        kept = {n: x for n, x in self._of_role().items() if n not in RARE or n == taken}
        return {EXPLORE: self.explore, **kept, **(self.stage if self._presents else {})}

    def _of_role(self) -> dict[str, QToolButton]:
        """Return the tools of the workspace, and the one in hand."""
        wanted = OF_ROLE[self.desk.session.settings.workspace] | {self.toolbox.name}
        return {name: tool for name, tool in self.tools.items() if name in wanted}

    @property
    def _presents(self) -> bool:
        return self.desk.session.settings.workspace == "presenter"

    @property
    def _in_hand(self) -> str:
        return self.toolbox.name or EXPLORE

    def _least(self) -> int:
        """Return the logical pixels of what never gives way: undo, icons of the tools, options, Esc."""
        taken, tools = self.toolbox.name, self._standing()
        shown = [self.options[taken]] if taken in self.options else []
        shown += [self.leave] if taken else []
        found = sum(part.sizeHint().width() + GAP for part in shown)
        return (
            found + (ICON + GAP) * len(tools) + _words_of(tools[self._in_hand])
            + 2 * MARGIN + 2 * (26 + GAP) + 2 * DIVIDER + 20
        )  # fmt: skip

    def _show_search(self, words: bool) -> None:
        if words != self.key.isHidden():
            return
        self.search.setFixedWidth(SEARCH if words else SHORT_SEARCH)
        self.search.setText(self.desk.say("palette.field") if words else "")
        self.key.setVisible(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make room for the options of the tool in hand where there is little."""
        self.fit()
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Follow what the tool in hand offers: it may need more room than before."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.fit()
        return super().event(event)

    def _tool(self, name: str, *, words: bool) -> QToolButton:
        action = self.actions_.by_name[name]
        short = name.partition(".")[2]
        make = word_button if words else icon_button
        made = make(self.desk, short, action.text())
        made.setDefaultAction(action)
        made.setIconSize(QSize(16, 16))
        return made

    def _search(self) -> QPushButton:
        field = QPushButton(self.desk.say("palette.field"))
        field.setObjectName("search")
        field.setFixedWidth(SEARCH)
        field.setToolTip(self.desk.say("palette.title") + " (Ctrl+K)")
        field.setAccessibleName(self.desk.say("palette.title"))
        row = QHBoxLayout(field)
        row.setContentsMargins(9, 0, 6, 0)
        picture = QLabel()
        picture.setPixmap(glyph_pixmap("search", self.desk.theme.t2, 16))
        self.key = key = label("Ctrl K", "t2", 11)
        key.setObjectName("key")
        row.addWidget(picture)
        row.addStretch(1)
        key.setFixedHeight(19)
        row.addWidget(key, 0, Qt.AlignmentFlag.AlignVCenter)
        field.clicked.connect(lambda: self.desk.act("palette"))
        return field


def _kept(gains: Mapping[str, int], order: Sequence[str], over: int) -> dict[str, bool]:
    """Return which parts stay: they give way in order until it is not ``over`` any more, logical pixels."""
    stays = {}
    for part in order:
        stays[part] = over <= 0
        over -= 0 if over <= 0 else gains[part]
    return stays


def _words_of(tool: QToolButton) -> int:
    """Return by how many logical pixels a tool is wider with its words than without."""
    return tool.fontMetrics().horizontalAdvance(tool.text()) + 15


def _show_words(tool: QToolButton, words: bool) -> None:
    """Show a tool with its words, or its icon alone."""
    both, alone = (
        Qt.ToolButtonStyle.ToolButtonTextBesideIcon,
        Qt.ToolButtonStyle.ToolButtonIconOnly,
    )
    style = both if words else alone
    if tool.toolButtonStyle() != style:
        tool.setToolButtonStyle(style)
