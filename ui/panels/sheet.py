"""A sheet of painted rows: label, value, source field. Every value copies on click; no widget per row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from twin.style import FRESHNESS
from ui.panels.glyphs import paint_status
from ui.theme import Theme, font

PAD = 14
FIELD = 25
LABEL = 92
LINE, MOST_LINES = 17, 4


@dataclass(frozen=True, slots=True)
class Heading:
    """A title of a section, with a note at the right."""

    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One value with its label and, in t3, the field it came from. ``tone``: t1, t3 or stale."""

    label: str
    value: str
    source: str = ""
    status: str = ""
    tone: str = "t1"


@dataclass(frozen=True, slots=True)
class Note:
    """A paragraph in t2."""

    text: str


@dataclass(frozen=True, slots=True)
class DueBar:
    """Time from the update to today: labels above and below, shares of the four zones, today 0..1.

    ``zones`` are the ends of fresh, due soon and grace as shares of the whole bar.
    """

    captions: tuple[str, str, str]
    values: tuple[str, str, str]
    zones: tuple[float, float, float]
    due: float
    today: float


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the sheet."""


Item = Heading | Field | Note | DueBar | Rule


class Sheet(QWidget):
    """Paints items under one another; a click on a field copies its value (``on_copy``)."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.items: tuple[Item, ...] = ()
        self.on_copy: Callable[[Field], None] = lambda field: None
        self.on_menu: Callable[[Field, QPoint], None] = lambda field, point: None
        self.label_share = 27
        """Hundredths of the width that labels take."""
        self.wraps = False
        """Values without a source take up to four lines; longer ones are elided."""
        self._hover = -1
        self.setMouseTracking(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_items(self, items: Sequence[Item]) -> None:
        """Replace the items."""
        self.items = tuple(items)
        self._hover = -1
        self.setFixedHeight(self.heightForWidth(self.width()))
        words = [f"{x.label}: {x.value}" for x in self.items if isinstance(x, Field)]
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
            case Field():
                return FIELD + (self._lines(item, width) - 1) * LINE
            case DueBar():
                return 66
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
        if metrics.horizontalAdvance(item.value) <= room:
            return 1
        page = QRect(0, 0, max(room, 60), 2000)
        box = metrics.boundingRect(page, _wrapped(metrics, item.value, room), item.value)
        lines = max(round(box.height() / metrics.lineSpacing()), 1)
        return lines if lines <= MOST_LINES else 1

    def _label(self, width: int) -> int:
        """Return the width of the column of labels."""
        return max(LABEL, width * self.label_share // 100)

    def _rows(self) -> list[tuple[int, QRect, Item]]:
        y, found = 0, []
        for number, item in enumerate(self.items):
            height = self._height(item, self.width())
            found.append((number, QRect(0, y, self.width(), height), item))
            y += height
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what lies in the exposed part."""
        painter = QPainter(self)
        for number, box, item in self._rows():
            if not box.intersects(event.rect()):
                continue
            match item:
                case Heading():
                    self._heading(painter, box, item)
                case Field():
                    self._field(painter, box, item, hovered=number == self._hover)
                case DueBar():
                    paint_due_bar(painter, box, item, self.theme)
                case Rule():
                    painter.setPen(QColor(self.theme.line))
                    painter.drawLine(0, box.center().y(), box.right(), box.center().y())
                case Note(text):
                    painter.setFont(font(11))
                    painter.setPen(QColor(self.theme.t2))
                    room = box.adjusted(PAD, 4, -PAD, 0)
                    painter.drawText(room, Qt.TextFlag.TextWordWrap, text)
        painter.end()

    def _heading(self, painter: QPainter, box: QRect, item: Heading) -> None:
        room = box.adjusted(PAD, 10, -PAD, 0)
        painter.setFont(font(bold=True))
        painter.setPen(QColor(self.theme.t1))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, item.text)
        painter.setFont(font(11))
        painter.setPen(QColor(self.theme.t3))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(room, flags, item.note)

    def _field(self, painter: QPainter, box: QRect, item: Field, *, hovered: bool) -> None:
        if hovered:
            painter.fillRect(box, QColor(self.theme.hover))
        centre = Qt.AlignmentFlag.AlignVCenter
        face, small = font(), font(11)
        label = self._label(box.width())
        painter.setFont(face)
        painter.setPen(QColor(self.theme.t2))
        _elided(painter, QRect(PAD, box.top(), label - 8, FIELD), item.label)
        source = QFontMetrics(small).horizontalAdvance(item.source)
        source = min(source, max(60, (box.width() - label) * 42 // 100))
        x = PAD + label
        if item.status:
            paint_status(painter, QPointF(x, box.top() + 6.5), item.status, self.theme)
            x += 18
        inks = {"t3": self.theme.t3, "stale": self.theme.status_text["stale"]}
        painter.setPen(QColor(inks.get(item.tone, self.theme.t1)))
        room = QRect(x, box.top(), box.width() - PAD - source - 8 - x, box.height())
        if box.height() > FIELD:
            wrapped = _wrapped(painter.fontMetrics(), item.value, room.width())
            painter.drawText(room, wrapped | centre, item.value)
        else:
            _elided(painter, room, item.value)
        painter.setFont(small)
        painter.setPen(QColor(self.theme.t3))
        right = QRect(box.width() - PAD - source, box.top(), source, FIELD)
        text = QFontMetrics(small).elidedText(item.source, Qt.TextElideMode.ElideLeft, source + 1)
        painter.drawText(right, centre | Qt.AlignmentFlag.AlignRight, text)

    def field_at(self, y: int) -> tuple[int, Field | None]:
        """Return number and field at a height (-1, None where there is none)."""
        for number, box, item in self._rows():
            if box.top() <= y <= box.bottom():
                return (number, item) if isinstance(item, Field) else (-1, None)
        return -1, None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the field under the pointer."""
        number, _ = self.field_at(round(event.position().y()))
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
        """Copy with the left button, offer more with the right one."""
        _, field = self.field_at(round(event.position().y()))
        if field is None:
            return
        if event.button() == Qt.MouseButton.RightButton:
            self.on_menu(field, event.globalPosition().toPoint())
        else:
            self.on_copy(field)

    def event(self, event: QEvent) -> bool:
        """Show value and source in full as a tooltip."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            _, field = self.field_at(event.pos().y())
            if field is not None:
                source = f"\n{field.source}" if field.source else ""
                QToolTip.showText(event.globalPos(), f"{field.label}: {field.value}{source}", self)
            return True
        return super().event(event)


def _wrapped(metrics: QFontMetrics, text: str, room: int) -> Qt.TextFlag:
    """Return how a text breaks into lines: between words, within them only where one is too long."""
    longest = max((metrics.horizontalAdvance(word) for word in text.split()), default=0)
    return Qt.TextFlag.TextWordWrap if longest <= room else Qt.TextFlag.TextWrapAnywhere


def _elided(painter: QPainter, room: QRect, text: str) -> None:
    metrics = QFontMetrics(painter.font())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, max(room.width(), 8))
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)


def paint_due_bar(painter: QPainter, box: QRect, item: DueBar, theme: Theme) -> None:
    """Paint captured, due and today on the coloured time line of an object."""
    left, width = float(box.left() + PAD), float(box.width() - 2 * PAD)
    top = box.top() + 26
    ends = (0.0, *item.zones, 1.0)
    names = ("fresh", "due_soon", "in_grace", "stale")
    for name, low, high in zip(names, ends[:-1], ends[1:], strict=True):
        piece = QRectF(left + width * low, top, max(width * (high - low) - 1, 0), 8)
        painter.fillRect(piece, QColor(FRESHNESS[name]))
    painter.setPen(QPen(QColor(theme.t1), 2))
    for mark in (item.due, item.today):
        x = left + min(width * mark, width - 1)
        painter.drawLine(QPointF(x, top - 4), QPointF(x, top + 11))
    flags = Qt.AlignmentFlag.AlignVCenter
    sides = (
        Qt.AlignmentFlag.AlignLeft,
        Qt.AlignmentFlag.AlignHCenter,
        Qt.AlignmentFlag.AlignRight,
    )
    middle = min(max(left + width * item.due, left + width * 0.42), left + width * 0.66)
    rooms = (
        QRectF(left, 0, width, 16),
        QRectF(middle - 60, 0, 120, 16),
        QRectF(left, 0, width, 16),
    )
    for caption, value, room, side in zip(item.captions, item.values, rooms, sides, strict=True):
        painter.setFont(font(11))
        painter.setPen(QColor(theme.t2))
        painter.drawText(room.translated(0, top - 21), flags | side, caption)
        painter.setPen(QColor(theme.t1))
        painter.drawText(room.translated(0, top + 13), flags | side, value)
