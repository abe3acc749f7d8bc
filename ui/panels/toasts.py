"""One toast at a time at the bottom of the view: 6 seconds, errors until read, undo where it can be undone."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from ui.desk import Desk
from ui.panels.parts import icon_button, label

SECONDS = 6.0
ABOVE = 46
"""Logical pixels at the bottom of the view that scale bar and tile plate take."""


class Toast(QFrame):
    """The one toast of the window; ``pass_time`` is called by the tick."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setObjectName("toast")
        self.kind = ""
        self.waiting: list[tuple[str, str]] = []
        self._until = 0.0
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 8, 8)
        row.setSpacing(12)
        self.text = label("", wrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.undo = QToolButton()
        self.undo.setProperty("kind", "link")
        self.undo.setText(desk.say("action.edit.undo"))
        self.undo.clicked.connect(self._undo)
        self.log = QToolButton()
        self.log.setProperty("kind", "link")
        self.log.setText(desk.say("toast.log"))
        self.log.clicked.connect(self._show_log)
        close = icon_button(desk, "close", desk.say("toast.close"))
        close.clicked.connect(self.dismiss)
        row.addWidget(self.text, 1)
        for button in (self.undo, self.log, close):
            row.addWidget(button)
        self.hide()

    def tell(self, text: str, kind: str, now: float) -> None:
        """Show a text; kind is info, undo or error. An unread error is never pushed away."""
        if self.isVisible() and self.kind == "error":
            if (text, kind) not in self.waiting and kind == "error":
                self.waiting.append((text, kind))
            return
        self.kind = kind
        self._until = now + SECONDS
        self.text.setText(text)
        self.undo.setVisible(kind == "undo")
        self.log.setVisible(kind == "error")
        self.setProperty("kind", kind)
        self.style().polish(self)
        self.setAccessibleName(text)
        self.place()
        self.show()
        self.raise_()

    def place(self) -> None:
        """Stand at the bottom centre of the view."""
        parent = self.parentWidget()
        if parent is None:
            return
        width = min(520, max(parent.width() - 80, 240))
        inside = self.layout()
        height = max(inside.heightForWidth(width) if inside is not None else 0, 44)
        self.setFixedSize(width, height)
        self.move((parent.width() - width) // 2, parent.height() - height - ABOVE)

    def pass_time(self, now: float) -> None:
        """Hide what has stood long enough; errors stay until they are closed."""
        if self.isVisible() and self.kind != "error" and now > self._until:
            self.dismiss()

    def dismiss(self) -> None:
        """Hide; show what waited."""
        self.hide()
        self.kind = ""
        if self.waiting:
            text, kind = self.waiting.pop(0)
            self.tell(text, kind, self._until)

    def _show_log(self) -> None:
        self.desk.act("panel.log")
        self.dismiss()

    def _undo(self) -> None:
        self.dismiss()
        self.desk.act("edit.undo")
