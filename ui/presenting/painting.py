"""What the audience sees over the picture: caption, freshness, pointer. Sizes belong to a picture 1080 high."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from ui.panels.glyphs import paint_status
from ui.theme import DARK, font

HIGH = 1080.0
PLATE, EDGE, TITLE, TEXT = "#12161B", "#4FD0C1", "#FFFFFF", "#DDE3EA"
"""The plate is dark in both themes: the picture behind it decides, not the window."""
OPACITY = 0.90
SIDE, FOOT = 96.0, 92.0
MOST_WIDE = 1180.0


@dataclass(frozen=True, slots=True)
class Words:
    """What stands over the picture: caption, the line about dates and its status, whom the data is from."""

    title: str = ""
    text: str = ""
    freshness: str = ""
    status: str = ""
    credits: str = ""


def paint_words(painter: QPainter, area: QRectF, words: Words) -> None:
    """Paint caption and freshness line at the bottom of the picture."""
    scale = area.height() / HIGH
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    caption = _caption(painter, area, words, scale) if words.title or words.text else None
    if words.freshness:
        _freshness(painter, area, words, scale, caption)
    if words.credits:
        _credits(painter, area, words.credits, scale)
    painter.restore()


def _caption(painter: QPainter, area: QRectF, words: Words, scale: float) -> QRectF:
    title, text = font(round(37 * scale) or 1, bold=True), font(round(20 * scale) or 1)
    inner = min(MOST_WIDE * scale, area.width() - 2 * SIDE * scale) - 62 * scale
    flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft)
    room = QRectF(0, 0, inner, area.height())
    heads = QFontMetricsF(title).boundingRect(room, flags, words.title)
    lines = QFontMetricsF(text).boundingRect(room, flags, words.text)
    gap = 8 * scale if words.title and words.text else 0.0
    tall = (heads.height() if words.title else 0) + gap + (lines.height() if words.text else 0)
    wide = max(heads.width() if words.title else 0, lines.width() if words.text else 0)
    plate = QRectF(0, 0, wide + 60 * scale, tall + 44 * scale)
    plate.moveBottomLeft(QPointF(area.left() + SIDE * scale, area.bottom() - FOOT * scale))
    _paint_plate(painter, plate, scale)
    edge = QRectF(plate.left(), plate.top(), 5 * scale, plate.height())
    painter.fillRect(edge, QColor(EDGE))
    left, top = plate.left() + 32 * scale, plate.top() + 22 * scale
    for face, ink, said, box in (
        (title, TITLE, words.title, heads),
        (text, TEXT, words.text, lines),
    ):
        if said:
            painter.setFont(face)
            painter.setPen(QColor(ink))
            painter.drawText(QRectF(left, top, inner, box.height() + 2), flags, said)
            top += box.height() + gap
    return plate


def _freshness(
    painter: QPainter, area: QRectF, words: Words, scale: float, caption: QRectF | None
) -> None:
    face = font(round(15 * scale) or 1)
    wide = QFontMetricsF(face).horizontalAdvance(words.freshness)
    plate = QRectF(0, 0, wide + 52 * scale, 38 * scale)
    plate.moveBottomRight(
        QPointF(area.right() - SIDE / 2 * scale, area.bottom() - SIDE / 2 * scale)
    )
    if caption is not None and plate.intersects(caption):
        plate.moveBottom(caption.top() - 12 * scale)
    _paint_plate(painter, plate, scale)
    at = QPointF(plate.left() + 15 * scale, plate.center().y() - 6.5 * scale)
    paint_status(painter, at, words.status or "unknown", DARK, 13 * scale)
    painter.setFont(face)
    painter.setPen(QColor(TEXT))
    room = plate.adjusted(38 * scale, 0, 0, 0)
    painter.drawText(
        room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words.freshness
    )


def _credits(painter: QPainter, area: QRectF, credits: str, scale: float) -> None:
    """Paint whom the data is from at the bottom left: licences ask for it wherever it is shown."""
    face = font(round(12 * scale) or 1)
    metrics, most = QFontMetricsF(face), area.width() / 2
    said = metrics.elidedText(credits, Qt.TextElideMode.ElideRight, most)
    plate = QRectF(0, 0, metrics.horizontalAdvance(said) + 20 * scale, 24 * scale)
    plate.moveBottomLeft(QPointF(area.left(), area.bottom()))
    _paint_plate(painter, plate, scale)
    painter.setFont(face)
    painter.setPen(QColor(TEXT))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, said)


def _paint_plate(painter: QPainter, plate: QRectF, scale: float) -> None:
    fill = QColor(PLATE)
    fill.setAlphaF(OPACITY)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawRoundedRect(plate, 2 * scale, 2 * scale)


def paint_laser(painter: QPainter, area: QRectF, pointer: tuple[float, float]) -> None:
    """Paint the pointer: a bright dot that stands off every ground."""
    at, scale = placed(area, pointer), area.height() / HIGH
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, radius in (("#B0000000", 15.0), ("#FFFFFF", 12.5), ("#0FA694", 9.0)):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(color))
        painter.drawEllipse(at, radius * scale, radius * scale)
    painter.restore()


def paint_spotlight(
    painter: QPainter, area: QRectF, pointer: tuple[float, float], radius: float
) -> None:
    """Dim everything but a circle round the pointer; ``radius`` is a share of the picture's height."""
    at, around = placed(area, pointer), radius * area.height()
    dim = QColor(0, 0, 0, 165)
    rest, hole = QPainterPath(), QPainterPath()
    rest.addRect(area)
    hole.addEllipse(at, around, around)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(rest.subtracted(hole), dim)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(255, 255, 255, 150), 2 * area.height() / HIGH))
    painter.drawEllipse(at, around, around)
    painter.restore()


def placed(area: QRectF, pointer: tuple[float, float]) -> QPointF:
    """Return where a pointer in 0..1 stands in an area."""
    return QPointF(
        area.left() + pointer[0] * area.width(), area.top() + pointer[1] * area.height()
    )


def fitted(area: QRectF, share: float = 16 / 9) -> QRectF:
    """Return the largest box of a shape (width over height) in the middle of an area."""
    wide = min(area.width(), area.height() * share)
    tall = wide / share
    left = area.left() + (area.width() - wide) / 2
    return QRectF(left, area.top() + (area.height() - tall) / 2, wide, tall)


def cut_round(painter: QPainter, box: QRectF, radius: float) -> None:
    """Let the painter paint only inside of a box with round corners."""
    path = QPainterPath()
    path.addRoundedRect(box, radius, radius)
    painter.setClipPath(path)
