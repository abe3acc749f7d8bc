"""How an order looks as a card: glyph and number, objects, title, party, date; what a delivery proposes below."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QEvent,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.desk import Desk
from ui.orders.facts import Facts
from ui.panels.glyphs import paint_status
from ui.theme import font, glyph_pixmap

CARD, PROPOSAL, GAP = 84, 58, 8
"""Logical pixels: height of a card, of a proposal below it, and between cards."""
MIME = "application/x-citytwin-orders"
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a newer delivery proposes for an order: a sentence, and the word of the step."""

    text: str
    verb: str


class LaneModel(QAbstractListModel):
    """The orders of one column, the most urgent first."""

    def __init__(self) -> None:
        super().__init__()
        self.cards: list[Facts] = []

    def show(self, cards: list[Facts]) -> None:
        """Show these."""
        self.beginResetModel()
        self.cards = cards
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return the number of cards."""
        return 0 if parent.isValid() else len(self.cards)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a screen reader says of a card."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            one = self.cards[index.row()]
            return ", ".join((one.number, one.title, one.count, one.party, one.when))
        if role == Qt.ItemDataRole.ToolTipRole:
            one = self.cards[index.row()]
            return "\n".join((one.title, one.reason, one.party, one.when))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let cards be carried to another column."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        carried = (
            Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else Qt.ItemFlag.ItemIsDropEnabled
        )
        return flags | carried

    def mimeTypes(self) -> list[str]:
        """Return what a carried card is."""
        return [MIME]

    def mimeData(self, indexes: object) -> QMimeData:
        """Return the ids of carried cards."""
        data = QMimeData()
        ids = [self.cards[index.row()].order.id for index in indexes]  # type: ignore[attr-defined]
        data.setData(MIME, ",".join(ids).encode())
        return data


class CardDelegate(QStyledItemDelegate):
    """Paints the cards of a column and takes the clicks on what is proposed."""

    def __init__(self, desk: Desk, model: LaneModel) -> None:
        super().__init__()
        self.desk, self.model = desk, model
        self.chosen: frozenset[str] = frozenset()
        self.proposed: Mapping[str, Proposed] = {}
        self.on_step: Callable[[str], None] = lambda order: None
        self.on_compare: Callable[[str], None] = lambda order: None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a card; the width is the column's."""
        more = PROPOSAL if self.model.cards[index.row()].order.id in self.proposed else 0
        return QSize(120, CARD + more + GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a card."""
        one = self.model.cards[index.row()]
        rect: QRect = option.rect
        box = QRectF(rect).adjusted(8.5, 0.5, -8.5, -GAP - 0.5)
        theme, said = self.desk.theme, self.proposed.get(one.order.id)
        chosen = one.order.id in self.chosen
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = theme.accent if chosen else theme.line
        painter.setPen(QPen(QColor(edge), 2 if chosen else 1))
        painter.setBrush(QColor(theme.panel))
        painter.drawRoundedRect(box, 5, 5)
        if said is not None:
            self._proposal(painter, box, said)
        self._words(painter, QRectF(box.left(), box.top(), box.width(), CARD - 1), one)
        if state & QStyle.StateFlag.State_HasFocus and not chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 5, 5)
        painter.restore()

    def _words(self, painter: QPainter, box: QRectF, one: Facts) -> None:
        theme = self.desk.theme
        inner = box.adjusted(10, 8, -10, -6)
        paint_status(painter, QPointF(inner.left(), inner.top() + 1), one.glyph, theme)
        line = QRectF(inner.left() + 20, inner.top(), inner.width() - 20, 16)
        self._text(painter, line, one.number, theme.t2, font())
        self._text(painter, line, one.count, theme.t3, font(11), Qt.AlignmentFlag.AlignRight)
        line = QRectF(inner.left(), inner.top() + 19, inner.width(), 16)
        self._text(painter, line, one.title, theme.t1, font(bold=True))
        tone = theme.t2 if one.order.accountable else theme.status_text["stale"]
        self._text(painter, line.translated(0, 17), one.party, tone, font())
        ink = theme.status_text["stale"] if one.late else theme.t2
        clock = glyph_pixmap("late" if one.late else "due", ink, 13)
        foot = line.translated(0, 35)
        painter.drawPixmap(QPointF(foot.left(), foot.top() + 1.5), clock)
        self._text(painter, foot.adjusted(18, 0, 0, 0), one.when, ink, font(bold=bool(one.late)))

    def _proposal(self, painter: QPainter, box: QRectF, said: Proposed) -> None:
        theme = self.desk.theme
        part = QRectF(box.left() + 1, box.top() + CARD - 1, box.width() - 2, box.height() - CARD)
        painter.fillRect(part, QColor(theme.selection))
        inner = part.adjusted(10, 4, -10, -4)
        painter.setFont(font(11))
        painter.setPen(QColor(theme.t1))
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop
        painter.drawText(QRectF(inner.left(), inner.top(), inner.width(), 30), flags, said.text)
        step, compare = self._links(box, said)
        self._text(painter, step, said.verb, theme.accent_text, font(bold=True))
        word = self.desk.say("orders_panel.compare")
        self._text(painter, compare, word, theme.accent_text, font(bold=True))

    def _links(self, box: QRectF, said: Proposed) -> tuple[QRectF, QRectF]:
        """Return where the two words below a proposal stand."""
        wide = QFontMetricsF(font(bold=True)).horizontalAdvance
        top = box.top() + CARD + PROPOSAL - 25
        first = QRectF(box.left() + 11, top, wide(said.verb) + 6, 18)
        word = self.desk.say("orders_panel.compare")
        return first, QRectF(first.right() + 14, top, wide(word) + 6, 18)

    def _text(
        self,
        painter: QPainter,
        box: QRectF,
        text: str,
        color: str,
        face: object,
        side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        painter.setFont(face)  # type: ignore[arg-type]
        painter.setPen(QColor(color))
        shown = painter.fontMetrics().elidedText(
            text, Qt.TextElideMode.ElideRight, int(box.width())
        )
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, shown)

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """Take a click on one of the words below a proposal."""
        order = self.model.cards[index.row()].order.id
        said = self.proposed.get(order)
        if said is None or not isinstance(event, QMouseEvent):
            return False
        if event.type() != QEvent.Type.MouseButtonRelease:
            return False
        rect: QRect = option.rect
        step, compare = self._links(QRectF(rect).adjusted(8.5, 0.5, -8.5, -GAP - 0.5), said)
        if step.contains(event.position()):
            self.on_step(order)
            return True
        if compare.contains(event.position()):
            self.on_compare(order)
            return True
        return False
