"""The tool bar: undo, redo, the tools that exist, the role switch and the search field."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from ui.actions import Actions
from ui.desk import Desk
from ui.panels.parts import icon_button, label, line, segments, word_button
from ui.theme import glyph_pixmap
from ui.tools import TOOLS, Toolbox

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
        for name in (*(f"tool.{tool}" for tool in TOOLS), "view.walk", "view.fly_round"):
            row.addWidget(self._tool(name, words=True))
        self._add_options(row)
        row.addStretch(1)
        roles = [(role, desk.say(f"workspace.{role}")) for role in ROLES]
        joined = QHBoxLayout()
        joined.setSpacing(0)
        for button in segments(roles, desk.session.settings.workspace, choose_role):
            joined.addWidget(button)
        row.addLayout(joined)
        row.addSpacing(8)
        row.addWidget(self._search())
        self.show_tool()

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
        self.divider.setVisible(taken in self.options)

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
