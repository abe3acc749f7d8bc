"""How the items of a sheet are painted: labels in t2, values in t1, units and sources in t3."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QPolygonF

from twin.style import FRESHNESS
from ui.panels.glyphs import paint_status
from ui.panels.sheet_items import DueBar, Field, Heading, Link, Note, Stack
from ui.theme import Theme, font

PAD = 14
FIELD = 25
LINE, MOST_LINES = 17, 4
SWATCH = 10
CENTRE = Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True, slots=True)
class Look:
    """The theme, the width of the column of labels, and whether the pointer is on the item."""

    theme: Theme
    label: int
    hovered: bool = False


def paint_heading(painter: QPainter, box: QRect, item: Heading, look: Look) -> None:
    """Paint a title and its note; one that folds has a chevron."""
    left = PAD
    if item.key:
        if look.hovered:
            painter.fillRect(box.adjusted(0, 5, 0, -1), QColor(look.theme.hover))
        _chevron(painter, QPointF(PAD + 4, box.center().y() + 5.5), item.folded, look.theme)
        left += 16
    room = box.adjusted(left, 10, -PAD, 0)
    painter.setFont(font(11))
    note = painter.fontMetrics().horizontalAdvance(item.note)
    painter.setPen(QColor(look.theme.t3))
    painter.drawText(room, RIGHT, item.note)
    painter.setFont(font(bold=True))
    painter.setPen(QColor(look.theme.t1))
    elided(painter, room.adjusted(0, 0, -note - 8, 0), item.text)


def _chevron(painter: QPainter, at: QPointF, folded: bool, theme: Theme) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.t2), 1.4))
    x, y = at.x(), at.y()
    sign = (
        [QPointF(x - 2, y - 4), QPointF(x + 2, y), QPointF(x - 2, y + 4)]
        if folded
        else [QPointF(x - 4, y - 2), QPointF(x, y + 2), QPointF(x + 4, y - 2)]
    )
    painter.drawPolyline(QPolygonF(sign))
    painter.restore()


def paint_field(painter: QPainter, box: QRect, item: Field | Link, look: Look) -> None:
    """Paint label, value, unit and source of a field; the value of a link in the accent."""
    theme = look.theme
    if look.hovered:
        painter.fillRect(box, QColor(theme.hover))
    small = font(11)
    _label(painter, box, item, look)
    source = QFontMetrics(small).horizontalAdvance(item.source)
    source = min(source, max(60, (box.width() - look.label) * 42 // 100))
    x = PAD + look.label
    if isinstance(item, Field) and item.status:
        paint_status(painter, QPointF(x, box.top() + 6.5), item.status, theme)
        x += 18
    painter.setFont(font())
    room = QRect(x, box.top(), box.width() - PAD - source - 8 - x, box.height())
    _value(painter, room, item, theme)
    painter.setFont(small)
    painter.setPen(QColor(theme.t3))
    right = QRect(box.width() - PAD - source, box.top(), source, FIELD)
    text = QFontMetrics(small).elidedText(item.source, Qt.TextElideMode.ElideLeft, source + 1)
    painter.drawText(right, RIGHT, text)


def _label(painter: QPainter, box: QRect, item: Field | Link, look: Look) -> None:
    x = PAD
    if isinstance(item, Field) and item.swatch:
        plate = QRectF(x + 0.5, box.top() + (FIELD - SWATCH) / 2, SWATCH, SWATCH)
        painter.setPen(QPen(QColor(look.theme.glyph_edge), 1))
        painter.setBrush(QColor(item.swatch))
        painter.drawRect(plate)
        x += SWATCH + 6
    painter.setFont(font())
    painter.setPen(QColor(look.theme.t2))
    elided(painter, QRect(x, box.top(), PAD + look.label - 8 - x, FIELD), item.label)


def _value(painter: QPainter, room: QRect, item: Field | Link, theme: Theme) -> None:
    tone = item.tone if isinstance(item, Field) else "link"
    inks = {"t3": theme.t3, "stale": theme.status_text["stale"], "link": theme.accent_text}
    painter.setPen(QColor(inks.get(tone, theme.t1)))
    metrics = painter.fontMetrics()
    if room.height() > FIELD:
        text = item.whole if isinstance(item, Field) else item.value
        painter.drawText(room, wrapped(metrics, text, room.width()) | CENTRE, text)
        return
    unit = item.unit if isinstance(item, Field) else ""
    taken = metrics.horizontalAdvance(f" {unit}") if unit else 0
    value = room.adjusted(0, 0, -taken, 0)
    elided(painter, value, item.value)
    if unit:
        wide = min(metrics.horizontalAdvance(item.value), value.width())
        painter.setPen(QColor(theme.t3))
        painter.drawText(
            room.adjusted(wide + taken - metrics.horizontalAdvance(unit), 0, 0, 0), CENTRE, unit
        )


def paint_note(painter: QPainter, box: QRect, item: Note, look: Look) -> None:
    """Paint a paragraph."""
    painter.setFont(font(11))
    painter.setPen(QColor(look.theme.t2))
    painter.drawText(box.adjusted(PAD, 4, -PAD, 0), Qt.TextFlag.TextWordWrap, item.text)


def paint_stack(painter: QPainter, box: QRect, item: Stack, look: Look) -> None:
    """Paint layers side by side, as wide as they are thick; the thinnest keep three pixels."""
    left, width = float(box.left() + PAD), float(box.width() - 2 * PAD)
    least = 3.0
    total = sum(max(depth, 0.0) for _, depth in item.layers) or 1.0
    spare = max(width - least * len(item.layers), 0.0)
    painter.setPen(QPen(QColor(look.theme.panel), 1))
    for colour, depth in item.layers:
        wide = least + spare * max(depth, 0.0) / total
        piece = QRectF(left, box.top() + 4, wide, box.height() - 9)
        painter.fillRect(piece, QColor(colour))
        painter.drawLine(piece.topRight(), piece.bottomRight())
        left += wide


def wrapped(metrics: QFontMetrics, text: str, room: int) -> Qt.TextFlag:
    """Return how a text breaks into lines: between words, within them only where one is too long."""
    longest = max((metrics.horizontalAdvance(word) for word in text.split()), default=0)
    return Qt.TextFlag.TextWordWrap if longest <= room else Qt.TextFlag.TextWrapAnywhere


def elided(painter: QPainter, room: QRect, text: str) -> None:
    """Paint a text on one line, elided in the middle where it is too long."""
    metrics = QFontMetrics(painter.font())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, max(room.width(), 8))
    painter.drawText(room, CENTRE, shown)


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
