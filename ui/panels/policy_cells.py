"""How a line of the policies is painted."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from ui.desk import Desk
from ui.panels.policy_rows import COLUMNS, RIGHT, Index, PolicyModel
from ui.theme import font


class RuleCells(QStyledItemDelegate):
    """Paints a cell; the rule that governs the selected object has an accent edge, fields that do not fit are faint."""

    def __init__(self, desk: Desk, model: PolicyModel) -> None:
        super().__init__()
        self.desk, self.model = desk, model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        box: QRect = option.rect
        theme, name = self.desk.theme, COLUMNS[index.column()]
        state = option.state
        if state & type(state).State_Selected:
            painter.fillRect(box, QColor(theme.selection))
        painter.setPen(QColor(theme.line))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        policy = self.model.policy(index.row())
        why = self.model.why.get(policy.id)
        if why is not None and why.won and index.column() == self._first():
            painter.fillRect(
                QRect(box.left(), box.top(), 3, box.height() - 1), QColor(theme.accent)
            )
        room = box.adjusted(8, 0, -8, 0)
        painter.setFont(font())
        if name == "match":
            self._fields(painter, room, index.row())
            return
        ink = theme.t1 if name in ("title", "governs") else theme.t2
        if name == "id" and policy.id in self.model.pairs:
            ink = theme.status_text["stale"]
        painter.setPen(QColor(ink))
        side = Qt.AlignmentFlag.AlignRight if name in RIGHT else Qt.AlignmentFlag.AlignLeft
        text = painter.fontMetrics().elidedText(
            self.model.cell(index.row(), name), Qt.TextElideMode.ElideRight, max(room.width(), 8)
        )
        painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, text)

    def _first(self) -> int:
        return 0

    def _fields(self, painter: QPainter, room: QRect, position: int) -> None:
        left = room.left()
        for number, (text, fits) in enumerate(self.model.fields(position)):
            shown = ("  ·  " if number else "") + text + {True: " ✓", False: " ✗", None: ""}[fits]
            tone = {True: "accent_text", False: "t3", None: "t1"}[fits]
            painter.setPen(QColor(getattr(self.desk.theme, tone)))
            width = room.right() - left
            if width < 12:
                return
            cut = painter.fontMetrics().elidedText(shown, Qt.TextElideMode.ElideRight, width)
            painter.drawText(
                QRect(left, room.top(), width, room.height()), Qt.AlignmentFlag.AlignVCenter, cut
            )
            left += painter.fontMetrics().horizontalAdvance(shown)
