"""Status glyphs, freshness bars and hatches, painted by us: shape, colour and edge, never an icon font."""

from collections.abc import Mapping, Sequence
from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

from twin.style import FRESHNESS, Painting
from ui.theme import Theme

BAR_ORDER = ("fresh", "event_driven", "due_soon", "in_grace", "stale", "suspect", "unknown")


@cache
def outline(status: str, size: float) -> QPainterPath:
    """Return the outer shape of a status in a box of ``size`` logical pixels."""
    path = QPainterPath()
    if status in ("fresh", "due_soon", "event_driven", "retired"):
        path.addEllipse(QRectF(1, 1, size - 2, size - 2))
    elif status == "in_grace":
        middle = size / 2
        path.addPolygon(
            [QPointF(middle, 0), QPointF(size, middle), QPointF(middle, size), QPointF(0, middle)]
        )
        path.closeSubpath()
    elif status == "suspect":
        path.addPolygon([QPointF(size / 2, 0.5), QPointF(size, size - 1), QPointF(0, size - 1)])
        path.closeSubpath()
    else:
        path.addRect(QRectF(1, 1, size - 2, size - 2))
    return path


def paint_status(
    painter: QPainter, at: QPointF, status: str, theme: Theme, size: float = 12
) -> None:
    """Paint a status glyph with its top left corner at ``at``."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(at)
    path = outline(status, size)
    fill = QColor(FRESHNESS.get(status, FRESHNESS["unknown"]))
    painter.setPen(Qt.PenStyle.NoPen)
    if status == "retired":
        painter.setPen(QPen(fill, 1.4))
        painter.drawPath(path)
        painter.restore()
        return
    painter.fillPath(path, fill)
    _inside(painter, status, path, theme, size)
    painter.setPen(QPen(QColor(theme.glyph_edge), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    painter.restore()


def _inside(painter: QPainter, status: str, path: QPainterPath, theme: Theme, size: float) -> None:
    if status == "due_soon":
        half = QPainterPath()
        half.addRect(QRectF(0, 0, size / 2, size))
        painter.fillPath(path.subtracted(half), QColor(theme.panel))
    elif status == "unknown":
        _stripes(painter, path, QColor(theme.hatch), 3.2)
    elif status == "suspect":
        painter.setPen(QPen(QColor("#FFFFFF"), 1.3))
        painter.drawLine(QPointF(size / 2, size * 0.36), QPointF(size / 2, size * 0.66))
        painter.drawPoint(QPointF(size / 2, size * 0.8))
    elif status == "event_driven":
        painter.setBrush(QColor(theme.panel))
        painter.drawEllipse(QRectF(3, 3, size - 6, size - 6))
        painter.setBrush(QColor(FRESHNESS[status]))
        painter.drawEllipse(QRectF(size / 2 - 1.5, size / 2 - 1.5, 3, 3))


def _stripes(painter: QPainter, clip: QPainterPath, color: QColor, step: float) -> None:
    painter.save()
    painter.setClipPath(clip, Qt.ClipOperation.IntersectClip)
    color.setAlphaF(0.75)
    painter.setPen(QPen(color, 1))
    box = clip.boundingRect()
    x = box.left() - box.height()
    while x < box.right():
        painter.drawLine(QPointF(x, box.bottom()), QPointF(x + box.height(), box.top()))
        x += step
    painter.restore()


def paint_plate(painter: QPainter, box: QRectF, theme: Theme) -> None:
    """Paint the ground of a plate that lies over the view: nearly opaque, with round corners."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    plate = QColor(theme.panel)
    plate.setAlpha(240)
    painter.setBrush(plate)
    painter.setPen(QColor(theme.line))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)


def paint_swatch(painter: QPainter, box: QRectF, color: str, pattern: str, theme: Theme) -> None:
    """Paint a legend swatch that is not a status: a small square, hatched where the class is."""
    path = QPainterPath()
    path.addRoundedRect(box, 2, 2)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(path, QColor(color))
    if pattern == "hatch":
        _stripes(painter, path, QColor(theme.hatch), 3.2)
    painter.setPen(QPen(QColor(theme.glyph_edge), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    painter.restore()


def paint_shares(
    painter: QPainter, box: QRectF, parts: Sequence[tuple[str, str, float]], theme: Theme
) -> None:
    """Paint a stacked bar; ``parts`` are (colour, pattern, amount), one pixel of panel between them."""
    total = sum(part[2] for part in parts)
    if total <= 0:
        painter.fillRect(box, QColor(theme.line2))
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    x = box.left()
    for color, pattern, amount in parts:
        width = box.width() * amount / total
        if amount <= 0:
            continue
        piece = QRectF(x, box.top(), max(width, 1.0), box.height())
        painter.fillRect(piece, QColor(color))
        if pattern == "hatch":
            path = QPainterPath()
            path.addRect(piece)
            _stripes(painter, path, QColor(theme.hatch), 4)
        if x > box.left():
            painter.fillRect(QRectF(x, box.top(), 1, box.height()), QColor(theme.panel))
        x += width
    painter.restore()


def freshness_parts(counts: Mapping[str, int]) -> list[tuple[str, str, float]]:
    """Return the parts of a freshness bar in the order of the legend; retired is left out."""
    return [
        (FRESHNESS[key], "hatch" if key == "unknown" else "plain", float(counts.get(key, 0)))
        for key in BAR_ORDER
    ]


def legend_parts(painting: Painting) -> list[tuple[str, str, float]]:
    """Return the parts of a legend's bar."""
    return [(entry.color, entry.pattern, float(entry.count)) for entry in painting.entries]


def status_icon(status: str, theme: Theme) -> QIcon:
    """Return a status glyph as an icon (menus, chips)."""
    picture = QPixmap(48, 48)
    picture.setDevicePixelRatio(3)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_status(painter, QPointF(2, 2), status, theme)
    painter.end()
    return QIcon(picture)
