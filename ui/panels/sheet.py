"""A sheet of painted rows: label, value, source field. Every value copies on click; no widget per row."""

from collections.abc import Callable, Sequence
from itertools import accumulate

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.panels.sheet_items import (
    Active,
    DueBar,
    Field,
    Heading,
    Item,
    Link,
    Note,
    Rule,
    Stack,
    is_active,
)
from ui.panels.sheet_painting import (
    FIELD,
    LINE,
    MOST_LINES,
    PAD,
    Look,
    paint_due_bar,
    paint_field,
    paint_heading,
    paint_note,
    paint_stack,
    wrapped,
)
from ui.theme import Theme, font

LABEL = 92
BY_KEYS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
MOVES = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}


class Sheet(QWidget):
    """Paints items under one another; a click on a field copies its value (``on_copy``).

    ``on_fold(key)`` is called for a heading that folds, ``on_follow(link)`` for a link, ``on_reach(y)``
    when the keys reach an item, so that it can be scrolled into sight.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.items: tuple[Item, ...] = ()
        self.on_copy: Callable[[Field | Link], None] = lambda field: None
        self.on_menu: Callable[[Field | Link, QPoint], None] = lambda field, point: None
        self.on_fold: Callable[[str], None] = lambda key: None
        self.on_follow: Callable[[Link], None] = lambda link: None
        self.on_reach: Callable[[int], None] = lambda y: None
        self.label_share = 27
        """Hundredths of the width that labels take."""
        self.wraps = False
        """Values without a source take up to ``most`` lines; longer ones are elided."""
        self.most = MOST_LINES
        self._hover = self._current = -1
        self._by_keys = False
        self.setMouseTracking(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_items(self, items: Sequence[Item]) -> None:
        """Replace the items; the keys stay at the place where they were."""
        self.items = tuple(items)
        self._hover = -1
        if self._current >= len(self.items):
            self._current = -1
        active = any(is_active(item) for item in self.items)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if active else Qt.FocusPolicy.NoFocus)
        self.setFixedHeight(self.heightForWidth(self.width()))
        words = [f"{x.label}: {x.value}" for x in self.items if isinstance(x, Field | Link)]
        self.setAccessibleDescription("\n".join(words))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height at the present width."""
        return QSize(240, self.heightForWidth(max(self.width(), 240)))

    def heightForWidth(self, width: int) -> int:
        """Return the height of all items."""
        return sum(self._height(item, width) for item in self.items) + 8

    def resizeEvent(self, event: object) -> None:
        """Notes wrap anew."""
        wanted = self.heightForWidth(self.width())
        if wanted != self.height():
            self.setFixedHeight(wanted)

    def _height(self, item: Item, width: int) -> int:
        match item:
            case Heading():
                return 34
            case Link():
                return FIELD
            case Field():
                return FIELD + (self._lines(item, width) - 1) * LINE
            case DueBar():
                return 66
            case Stack():
                return 30
            case Rule():
                return 13
            case Note(text):
                flags = Qt.TextFlag.TextWordWrap
                box = QFontMetrics(font(11)).boundingRect(
                    QRect(0, 0, max(width - 2 * PAD, 60), 2000), flags, text
                )
                return box.height() + 10

    def _lines(self, item: Field, width: int) -> int:
        """Return how many lines the value of a field takes."""
        if not self.wraps or item.source:
            return 1
        metrics, room = QFontMetrics(font()), width - 2 * PAD - 8 - self._label(width)
        if metrics.horizontalAdvance(item.whole) <= room:
            return 1
        page = QRect(0, 0, max(room, 60), 2000)
        box = metrics.boundingRect(page, wrapped(metrics, item.whole, room), item.whole)
        lines = max(round(box.height() / metrics.lineSpacing()), 1)
        return lines if lines <= self.most else 1

    def _label(self, width: int) -> int:
        """Return the width of the column of labels."""
        return max(LABEL, width * self.label_share // 100)

    def _rows(self) -> list[tuple[int, QRect, Item]]:
        width = self.width()
        heights = [self._height(item, width) for item in self.items]
        tops = [0, *accumulate(heights)]
        return [
            (number, QRect(0, tops[number], width, heights[number]), item)
            for number, item in enumerate(self.items)
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what lies in the exposed part."""
        painter = QPainter(self)
        label = self._label(self.width())
        for number, box, item in self._rows():
            if not box.intersects(event.rect()):
                continue
            self._paint(painter, box, item, Look(self.theme, label, number == self._hover))
            if number == self._current and self._by_keys and self.hasFocus():
                painter.setPen(QPen(QColor(self.theme.accent), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(box.adjusted(1, 1, -1, -1))
        painter.end()

    def _paint(self, painter: QPainter, box: QRect, item: Item, look: Look) -> None:
        match item:
            case Heading():
                paint_heading(painter, box, item, look)
            case Field() | Link():
                paint_field(painter, box, item, look)
            case DueBar():
                paint_due_bar(painter, box, item, self.theme)
            case Stack():
                paint_stack(painter, box, item, look)
            case Note():
                paint_note(painter, box, item, look)
            case Rule():
                painter.setPen(QColor(self.theme.line))
                painter.drawLine(0, box.center().y(), box.right(), box.center().y())

    def active_at(self, y: int) -> tuple[int, Active | None]:
        """Return number and item at a height that a person can act on (-1, None where there is none)."""
        for number, box, item in self._rows():
            if box.top() <= y <= box.bottom():
                if isinstance(item, Heading | Field | Link) and is_active(item):
                    return number, item
                break
        return -1, None

    # -- mouse ----------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the item under the pointer."""
        number, _ = self.active_at(round(event.position().y()))
        if number != self._hover:
            self._hover = number
            hand = Qt.CursorShape.PointingHandCursor if number >= 0 else Qt.CursorShape.ArrowCursor
            self.setCursor(hand)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Unmark."""
        self._hover = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Copy, fold or follow with the left button, offer more with the right one."""
        number, item = self.active_at(round(event.position().y()))
        if item is None:
            return
        self._current, self._by_keys = number, False
        if event.button() != Qt.MouseButton.RightButton:
            self._act(item)
        elif not isinstance(item, Heading):
            self.on_menu(item, event.globalPosition().toPoint())

    def _act(self, item: Active) -> None:
        if isinstance(item, Heading):
            self.on_fold(item.key)
        elif isinstance(item, Link):
            self.on_follow(item)
        else:
            self.on_copy(item)

    # -- keys -----------------------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Stand on the first item when the keys come in."""
        self._by_keys = event.reason() in BY_KEYS
        if self._by_keys and self._current < 0:
            self._move(1)
        super().focusInEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, Return copies, folds or follows, Ctrl+C copies, Left and Right fold."""
        key = Qt.Key(event.key())
        item = self.items[self._current] if 0 <= self._current < len(self.items) else None
        self._by_keys = True
        if key in MOVES:
            self._move(MOVES[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if isinstance(item, Heading | Field | Link) and is_active(item):
                self._act(item)
        elif isinstance(item, Heading) and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            if item.key and item.folded == (key == Qt.Key.Key_Right):
                self.on_fold(item.key)
        elif isinstance(item, Field | Link) and key == Qt.Key.Key_C and _controlled(event):
            self.on_copy(item)
        else:
            super().keyPressEvent(event)

    def _move(self, by: int) -> None:
        """Go to another item that something can be done with; beyond the ends stay."""
        places = [number for number, item in enumerate(self.items) if is_active(item)]
        if not places:
            return
        if self._current in places:
            at = places.index(self._current) + by
        else:
            at = next((k for k, place in enumerate(places) if place > self._current), 0)
        self._current = places[min(max(at, 0), len(places) - 1)]
        _, box, _ = self._rows()[self._current]
        self.on_reach(box.center().y())
        self.update()

    def event(self, event: QEvent) -> bool:
        """Show value and source in full as a tooltip."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            _, item = self.active_at(event.pos().y())
            if isinstance(item, Field | Link):
                source = f"\n{item.source}" if item.source else ""
                QToolTip.showText(event.globalPos(), f"{item.label}: {item.whole}{source}", self)
            return True
        return super().event(event)


def _controlled(event: QKeyEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
