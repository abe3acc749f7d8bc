"""The title bar of a dock: tabs, then tools; tools for which there is no room stand in a small window."""

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.panels.parts import icon_button

LEAST = 216
"""Logical pixels that a dock is wide at least: one tab, its menu and a button."""
HIGH = 34


class TitleBar(QWidget):
    """A row of ``first`` (what always stands there), a stretch, and tools added by ``add_tool``.

    The dock asks for ``LEAST`` pixels whatever the tools want: else it would reach over the dock beside it.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("dockhead")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HIGH)
        self.setMinimumWidth(LEAST)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(12, 0, 8, 0)
        self.row.setSpacing(6)
        self.tools: list[QWidget] = []
        self.first = 0
        self.popup = QFrame(self, Qt.WindowType.Popup)
        self.popup.setObjectName("panel")
        self.column = QVBoxLayout(self.popup)
        self.column.setContentsMargins(10, 10, 10, 10)
        self.column.setSpacing(6)
        self.more = icon_button(desk, "more", desk.say("more_tools"))
        self.more.clicked.connect(self.open)
        self.more.hide()

    def begin(self, *first: QWidget) -> None:
        """Stand what is always there at the left, then the stretch; the button of the others ends the row."""
        for widget in first:
            self.row.addWidget(widget)
        self.row.addStretch(1)
        self.row.addWidget(self.more)
        self.first = len(first) + 1

    def minimumSizeHint(self) -> QSize:
        """Return the least that the dock asks for."""
        return QSize(LEAST, HIGH)

    def add_tool(self, tool: QWidget) -> None:
        """Add a tool at the right end."""
        self.tools.append(tool)
        self.row.insertWidget(self.row.count() - 1, tool)

    def drop_tool(self, tool: QWidget) -> None:
        """Let a tool go, wherever it stands."""
        self.tools.remove(tool)
        self.row.removeWidget(tool)
        self.column.removeWidget(tool)
        tool.setParent(None)

    def fit(self, tabs: int) -> int:
        """Keep the tools that fit beside ``tabs`` pixels, the others go to the small window.

        Returns the pixels that are left for tabs.
        """
        margins, gap = self.row.contentsMargins(), self.row.spacing()
        room = self.width() - margins.left() - margins.right()
        wanted = [tool for tool in self.tools if not tool.isHidden()]
        wide = [_width(tool) + gap for tool in wanted]
        fitting = len(wanted)
        if sum(wide) > room - tabs:
            left = room - tabs - self.more.sizeHint().width() - gap
            fitting = 0
            while fitting < len(wanted) and wide[fitting] <= left:
                left -= wide[fitting]
                fitting += 1
        for number, tool in enumerate(wanted):
            self._stand(tool, number < fitting)
        crowded = fitting < len(wanted)
        if self.more.isHidden() == crowded:
            self.more.setVisible(crowded)
        more = self.more.sizeHint().width() + gap if crowded else 0
        return room - sum(wide[:fitting]) - more

    def _stand(self, tool: QWidget, here: bool) -> None:
        """Let a tool that is shown stand in the row, or in the small window."""
        if here == (tool.parentWidget() is self):
            return
        if here:
            self.column.removeWidget(tool)
            before = self.tools[: self.tools.index(tool)]
            place = self.first + sum(one.parentWidget() is self for one in before)
            self.row.insertWidget(place, tool)
        else:
            self.row.removeWidget(tool)
            self.column.addWidget(tool)
        tool.setVisible(True)

    def open(self) -> None:
        """Show the tools for which there is no room, below the button."""
        self.popup.adjustSize()
        corner = self.more.mapToGlobal(QPoint(self.more.width(), self.more.height() + 4))
        self.popup.move(corner.x() - self.popup.width(), corner.y())
        self.popup.show()
        inside = [x for x in self.tools if x.parentWidget() is self.popup and not x.isHidden()]
        if inside:
            inside[0].setFocus(Qt.FocusReason.PopupFocusReason)


def _width(tool: QWidget) -> int:
    """Return the logical pixels that a tool takes."""
    return min(max(tool.sizeHint().width(), tool.minimumWidth()), tool.maximumWidth())
