"""The tool bar: undo, redo, the tools that exist, the role switch and the search field."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from ui.actions import Actions
from ui.desk import Desk
from ui.panels.parts import icon_button, label, line, segments, word_button
from ui.theme import glyph_pixmap
from ui.tools import TOOLS, Toolbox

ROOMY = 1700
"""Logical pixels below which roles, search and further ways to move give way to a tool's options."""
ROLES = ("planner", "custodian", "presenter")


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
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(4)
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
        for name in (f"tool.{tool}" for tool in TOOLS):
            row.addWidget(self._tool(name, words=True))
        self.spare = [self._tool(name, words=True) for name in ("view.walk", "view.fly_round")]
        for made in self.spare:
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
        joined = QHBoxLayout(self.roles)
        joined.setContentsMargins(0, 0, 0, 0)
        joined.setSpacing(0)
        for button in segments(roles, desk.session.settings.workspace, choose_role):
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

    def show_tool(self) -> None:
        """Show which tool is in hand, and its options."""
        taken = self.toolbox.name
        for name in TOOLS:
            self.actions_.by_name[f"tool.{name}"].setChecked(name == taken)
        for name, widget in self.options.items():
            widget.setVisible(name == taken)
        offers = taken in self.options
        self.divider.setVisible(offers)
        tight = offers and self.width() < ROOMY
        for part in (self.roles, self.search, *self.spare):
            part.setVisible(not tight)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make room for the options of the tool in hand where there is little."""
        self.show_tool()
        super().resizeEvent(event)

    def _tool(self, name: str, *, words: bool) -> QToolButton:
        action = self.actions_.by_name[name]
        short = name.partition(".")[2]
        make = word_button if words else icon_button
        made = make(self.desk, short, action.text())
        made.setDefaultAction(action)
        made.setIconSize(QSize(16, 16))
        return made

    def _search(self) -> QWidget:
        field = QPushButton(self.desk.say("palette.field"))
        field.setObjectName("search")
        field.setFixedWidth(268)
        field.setAccessibleName(self.desk.say("palette.title"))
        row = QHBoxLayout(field)
        row.setContentsMargins(9, 0, 6, 0)
        picture = QLabel()
        picture.setPixmap(glyph_pixmap("search", self.desk.theme.t2, 16))
        key = label("Ctrl K", "t2", 11)
        key.setObjectName("key")
        row.addWidget(picture)
        row.addStretch(1)
        key.setFixedHeight(19)
        row.addWidget(key, 0, Qt.AlignmentFlag.AlignVCenter)
        field.clicked.connect(lambda: self.desk.act("palette"))
        return field
