"""A tree as one flat column: only what is visible exists, a delegate paints all, a million rows stay fluid."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
    QWidget,
)

from ui.panels.glyphs import freshness_parts, paint_shares, paint_status
from ui.theme import Theme, font, glyph_pixmap

Index = QModelIndex | QPersistentModelIndex
ROW = 25
INDENT = 16
EYE = 30
BAR = 46
_ELIDE = {False: Qt.TextElideMode.ElideMiddle, True: Qt.TextElideMode.ElideRight}


@dataclass(frozen=True, slots=True)
class Line:
    """One visible row: ``status`` or ``icon`` is its glyph, ``counts`` makes the bar; ``tail`` elides
    at the end (ids, which differ at their beginning) instead of in the middle; from ``telling`` on the
    text differs from its neighbours' and is kept; ``match`` says in t3
    as ``property = value`` what a search for ``needle`` found; ``caution`` has glyph and note in amber."""

    text: str
    depth: int = 0
    expandable: bool = False
    expanded: bool = False
    status: str = ""
    icon: str = ""
    note: str = ""
    counts: Mapping[str, int] | None = None
    shown: bool = True
    eye: bool = True
    selected: bool = False
    tail: bool = False
    telling: int = 0
    tip: str = ""
    match: str = ""
    needle: str = ""
    caution: bool = False


class TreeModel(QAbstractTableModel):
    """What the tree shows: a number of lines, made on demand."""

    @abstractmethod
    def line(self, position: int) -> Line:
        """Return one visible line."""

    @abstractmethod
    def toggle(self, position: int) -> None:
        """Expand or collapse a line."""

    def above(self, position: int) -> int:
        """Return the position of the line that this one hangs under (itself for a top line)."""
        depth = self.line(position).depth
        while position > 0 and depth > 0:
            position -= 1
            if self.line(position).depth < depth:
                break
        return position

    def columnCount(self, parent: Index | None = None) -> int:
        """Return one: everything is painted into one column."""
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text (screen readers, keyboard search)."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.line(index.row()).text
        return None


class TreeDelegate(QStyledItemDelegate):
    """Paints chevron, glyph, name, count, freshness bar and eye of a line."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a row."""
        return QSize(100, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one line."""
        model = index.model()
        assert isinstance(model, TreeModel)
        line = model.line(index.row())
        box: QRect = option.rect
        state = option.state
        if line.selected:
            painter.fillRect(box, QColor(self.theme.selection))
        elif _has(state, "State_MouseOver"):
            painter.fillRect(box, QColor(self.theme.hover))
        x = self._left(painter, box, line)
        right = self._right(painter, box, line)
        face = font()
        painter.setFont(face)
        ink = self.theme.t1 if line.shown else self.theme.t3
        painter.setPen(QColor(ink))
        room = QRect(x, box.top(), max(right - x - 6, 10), ROW)
        if line.match:
            room = self._match(painter, room, line)
        text = shortened(QFontMetrics(face), line, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        if _has(state, "State_HasFocus") and not line.selected:
            painter.setPen(QColor(self.theme.accent))
            painter.drawRect(box.adjusted(0, 0, -1, -1))

    def _match(self, painter: QPainter, room: QRect, line: Line) -> QRect:
        """Paint what was found behind the name; return the room that is left for the name."""
        metrics = painter.fontMetrics()
        name = min(metrics.horizontalAdvance(line.text), room.width() * 36 // 100)
        rest = room.adjusted(name + 10, 0, 0, 0)
        ink = painter.pen()
        painter.setPen(QColor(self.theme.t3))
        painter.drawText(
            rest,
            Qt.AlignmentFlag.AlignVCenter,
            shortened_match(metrics, line, rest.width()),
        )
        painter.setPen(ink)
        return QRect(room.left(), room.top(), name, room.height())

    def _left(self, painter: QPainter, box: QRect, line: Line) -> int:
        x = box.left() + 8 + INDENT * line.depth
        if line.expandable:
            name = "chevron_down" if line.expanded else "chevron_right"
            painter.drawPixmap(x, box.top() + 6, glyph_pixmap(name, self.theme.t3, 13))
        x += 17
        if line.status:
            paint_status(painter, QPointF(x + 1, box.top() + 6.5), line.status, self.theme)
            return x + 21
        if line.icon:
            ink = self.theme.caution_edge if line.caution else self.theme.t2
            painter.drawPixmap(x, box.top() + 4, glyph_pixmap(line.icon, ink, 16))
            return x + 24
        return x

    def _right(self, painter: QPainter, box: QRect, line: Line) -> int:
        right = box.right() - 8
        if line.eye:
            ink = self.theme.accent_text if line.selected and line.shown else self.theme.t2
            name = "shown" if line.shown else "hidden"
            painter.drawPixmap(right - 16, box.top() + 4, glyph_pixmap(name, ink, 16))
            right -= 24
        if line.counts is not None:
            wide = BAR if box.width() >= 280 else BAR - 16
            bar = QRectF(right - wide, box.top() + 10, wide, 5)
            if line.shown:
                paint_shares(painter, bar, freshness_parts(line.counts), self.theme)
            right -= wide + 9
        if line.note:
            face = font()
            painter.setFont(face)
            width = QFontMetrics(face).horizontalAdvance(line.note)
            if line.caution:
                right -= 6
                self._pill(
                    painter, QRectF(right - width - 6, box.top() + 3.5, width + 12, ROW - 7)
                )
            painter.setPen(QColor(self.theme.t1 if line.caution else self.theme.t3))
            painter.drawText(
                QRect(right - width, box.top(), width, ROW),
                Qt.AlignmentFlag.AlignVCenter,
                line.note,
            )
            right -= width + (10 if line.caution else 4)
        return right

    def _pill(self, painter: QPainter, area: QRectF) -> None:
        """Paint the amber ground of a note that wants a look: amber words would be too faint to read."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(self.theme.caution_edge))
        painter.setBrush(QColor(self.theme.caution))
        painter.drawRoundedRect(area, 4, 4)
        painter.restore()


def shortened(metrics: QFontMetrics, line: Line, width: int) -> str:
    """Return a line's text for a width; what tells it from its neighbours goes last."""
    rest = line.text[line.telling :]
    if not line.telling or metrics.horizontalAdvance(line.text) <= width:
        return metrics.elidedText(line.text, _ELIDE[line.tail], width)
    for kept in range(line.telling - 1, -1, -1):
        text = f"{line.text[:kept].rstrip(' ,;(')}…{rest}"
        if metrics.horizontalAdvance(text) <= width:
            return text
    return metrics.elidedText(f"…{rest}", Qt.TextElideMode.ElideRight, width)


def shortened_match(metrics: QFontMetrics, line: Line, width: int) -> str:
    """Return what was found for a width: whole, else the value, else the value from before the needle."""
    if metrics.horizontalAdvance(line.match) <= width:
        return line.match
    value = line.match.partition(" = ")[2] or line.match
    at = value.lower().find(line.needle.lower())
    end = at + len(line.needle)
    start = 0
    while 0 <= start < at and metrics.horizontalAdvance(f"…{value[start:end]}…") > width - 4:
        start += 1
    shown = f"…{value[start:]}" if start else value
    return metrics.elidedText(shown, Qt.TextElideMode.ElideRight, width)


def _has(state: Any, name: str) -> bool:
    return bool(state & getattr(type(state), name))


class TreeView(QTableView):
    """The view of a ``TreeModel``: mouse and keys of a tree over the flat column.

    ``on_click(position, modifiers)``, ``on_double(position)``, ``on_eye(position)`` and
    ``on_menu(position, point)`` are called on what a person does.
    """

    def __init__(self, model: TreeModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tree = model
        self.on_click: Callable[[int, Qt.KeyboardModifier], None] = lambda *_: None
        self.on_double: Callable[[int], None] = lambda *_: None
        self.on_eye: Callable[[int], None] = lambda *_: None
        self.on_menu: Callable[[int, QPoint], None] = lambda *_: None
        self.setModel(model)
        self.setItemDelegate(TreeDelegate(theme, self))
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.verticalHeader().setMinimumSectionSize(ROW)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    def _menu(self, point: QPoint) -> None:
        position = self.rowAt(point.y())
        if position >= 0:
            self.on_menu(position, self.viewport().mapToGlobal(point))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Toggle a chevron or an eye, else choose the line."""
        position = self.rowAt(round(event.position().y()))
        if position < 0 or event.button() != Qt.MouseButton.LeftButton:
            return
        line = self.tree.line(position)
        x = event.position().x()
        self.setCurrentIndex(self.tree.index(position, 0))
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if line.expandable and x < 8 + INDENT * line.depth + 17:
            self.tree.toggle(position)
        elif line.eye and x > self.viewport().width() - EYE:
            self.on_eye(position)
        else:
            self.on_click(position, event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Zoom to the line, or take it as a second press on chevron and eye."""
        position = self.rowAt(round(event.position().y()))
        x = event.position().x()
        if position < 0:
            return
        line = self.tree.line(position)
        if x > self.viewport().width() - EYE or x < 8 + INDENT * line.depth + 17:
            self.mousePressEvent(event)
        else:
            self.on_double(position)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Right expands, Left collapses or goes up, Space hides, Return chooses."""
        position = self.currentIndex().row()
        key = Qt.Key(event.key())
        if position < 0 or position >= self.tree.rowCount():
            super().keyPressEvent(event)
            return
        line = self.tree.line(position)
        if (key == Qt.Key.Key_Right and line.expandable and not line.expanded) or (
            key == Qt.Key.Key_Left and line.expanded
        ):
            self.tree.toggle(position)
        elif key == Qt.Key.Key_Left:
            self.setCurrentIndex(self.tree.index(self.tree.above(position), 0))
        elif key == Qt.Key.Key_Space and line.eye:
            self.on_eye(position)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.on_click(position, event.modifiers())
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Show the whole name where it was elided."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            position = self.rowAt(event.pos().y())
            if position >= 0:
                line = self.tree.line(position)
                QToolTip.showText(event.globalPos(), line.tip or line.text, self)
            return True
        return super().viewportEvent(event)
