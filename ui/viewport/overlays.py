"""What is painted over the picture: scale bar, compass, plates, pins, rubber band, pivot. QPainter only.

Sizes are logical pixels; text never stands straight on the picture, it gets a plate.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
)

from twin.geometry import F64, U8
from twin.tiles import View
from ui.panels.glyphs import paint_status
from ui.theme import Theme, font

PLATE_OPACITY = 0.94
MARGIN = 14.0
MOST_PINS = 400
PIN_SPACING = 22.0
"""Pins nearer to each other than this, logical pixels, are drawn once."""


@dataclass(frozen=True, slots=True)
class Label:
    """A plate with a swatch, a title and a detail, tied to a point in the project frame."""

    title: str
    detail: str
    color: str
    detail_color: str
    at: F64


def nice_length(longest: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that is not longer."""
    power = 10.0 ** np.floor(np.log10(longest))
    return float(max(m * power for m in (1, 2, 5) if m * power <= longest * (1 + 1e-9)))


def length_text(metres: float) -> str:
    """Return a length in words: m below a kilometre, cm below a metre."""
    if metres >= 1000:
        return f"{metres / 1000:g} km"
    return f"{metres:g} m" if metres >= 1 else f"{metres * 100:g} cm"


def scale_bar(
    view: View, depth: float, ratio: float, longest: float = 130.0
) -> tuple[float, float]:
    """Return (metres, logical pixels) of the bar that is right at ``depth`` along the view's axis."""
    pixel = 2 * np.tan(np.radians(view.fov_y) / 2) * depth / max(view.size[1], 1) * ratio
    metres = nice_length(pixel * longest)
    return metres, metres / pixel


def projected(view: View, points: F64) -> F64:
    """Return device pixels x, y and depth f64(n, 3) of points f64(n, 3); depth <= 0 is behind the eye."""
    shift = np.atleast_2d(points) - view.eye
    up = np.cross(view.right, view.forward)
    depth = shift @ view.forward
    safe = np.where(np.abs(depth) < 1e-9, 1e-9, depth)
    half = view.size[1] / 2 / np.tan(np.radians(view.fov_y) / 2)
    x = view.size[0] / 2 + shift @ view.right / safe * half
    y = view.size[1] / 2 - shift @ up / safe * half
    return np.stack([x, y, depth], axis=1)


def paint_plate(painter: QPainter, box: QRectF, theme: Theme) -> None:
    """Paint an overlay plate: radius 6, panel colour, one line round it."""
    fill = QColor(theme.panel)
    fill.setAlphaF(PLATE_OPACITY)
    painter.setBrush(fill)
    painter.setPen(QPen(QColor(theme.line), 1))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)


def paint_scale(painter: QPainter, area: QRectF, theme: Theme, bar: tuple[float, float]) -> None:
    """Paint the scale bar at the bottom left: its ends and its middle are ticked."""
    metres, length = bar
    painter.setFont(font(12))
    words = length_text(metres)
    wide = QFontMetricsF(painter.font()).horizontalAdvance(words)
    plate = QRectF(area.left() + MARGIN, area.bottom() - MARGIN - 28, length + wide + 36, 28)
    paint_plate(painter, plate, theme)
    left, base = plate.left() + 12, plate.center().y() + 4
    painter.setPen(QPen(QColor(theme.t1), 1.3))
    painter.drawLine(QPointF(left, base), QPointF(left + length, base))
    for share, tall in ((0.0, 8.0), (0.5, 4.0), (1.0, 8.0)):
        x = left + share * length
        painter.drawLine(QPointF(x, base), QPointF(x, base - tall))
    text = QRectF(left + length + 12, plate.top(), wide + 8, plate.height())
    painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)


def compass_box(area: QRectF, taken: Sequence[QRectF] = ()) -> QRectF:
    """Return where the compass stands: bottom right, above the tile plate, clear of what is taken."""
    box = QRectF(area.right() - MARGIN - 42, area.bottom() - MARGIN - 84, 42, 42)
    letter = 12.0  # the N goes round outside the circle
    roomy = box.adjusted(-letter, -letter, letter, 0)
    moved = clear_of(roomy, area, taken, gap=2.0)
    return moved.adjusted(letter, letter, -letter, 0)


def paint_compass(painter: QPainter, box: QRectF, theme: Theme, yaw: float, north: str) -> None:
    """Paint the compass: the needle's dark half points north."""
    fill = QColor(theme.panel)
    fill.setAlphaF(PLATE_OPACITY)
    painter.setBrush(fill)
    painter.setPen(QPen(QColor(theme.line2), 1))
    painter.drawEllipse(box)
    painter.save()
    painter.translate(box.center())
    painter.rotate(-yaw)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.t1))
    painter.drawPolygon(QPolygonF([QPointF(0, -14), QPointF(4.6, 0), QPointF(-4.6, 0)]))
    painter.setBrush(QColor(theme.line2))
    painter.drawPolygon(QPolygonF([QPointF(0, 14), QPointF(4.6, 0), QPointF(-4.6, 0)]))
    painter.restore()
    painter.setFont(font(11, bold=True))
    painter.setPen(QColor(theme.t2))
    turned = np.radians(-yaw)
    at = box.center() + QPointF(float(np.sin(turned)), -float(np.cos(turned))) * 26
    painter.save()
    halo = QPainterPath()
    size = QFontMetricsF(painter.font())
    halo.addEllipse(at, 7.5, 7.5)
    painter.fillPath(halo, fill)
    painter.drawText(QPointF(at.x() - size.horizontalAdvance(north) / 2, at.y() + 4), north)
    painter.restore()


def clear_of(plate: QRectF, area: QRectF, taken: Sequence[QRectF], gap: float = 8.0) -> QRectF:
    """Return the plate moved as little as frees it from what stands there; unmoved where nothing helps."""
    wide, tall = plate.width(), plate.height()
    lefts, tops = [plate.left()], [plate.top()]
    for other in taken:
        lefts += [other.left() - gap - wide, other.right() + gap]
        tops += [other.top() - gap - tall, other.bottom() + gap]
    places = [QRectF(left, top, wide, tall) for left in lefts for top in tops]
    free = [
        place
        for place in places
        if area.contains(place) and not any(place.intersects(other) for other in taken)
    ]

    def way(place: QRectF) -> float:
        return abs(place.left() - plate.left()) + abs(place.top() - plate.top())

    return min(free, key=way, default=plate)


def _label_words(label: Label) -> tuple[str, float, str, float]:
    """Return title, its width, detail, its width, as far as they are shown."""
    bold, plain = QFontMetricsF(font(12, bold=True)), QFontMetricsF(font(12))
    title = bold.elidedText(label.title, Qt.TextElideMode.ElideMiddle, 240)
    detail = plain.elidedText(label.detail, Qt.TextElideMode.ElideRight, 220)
    more = plain.horizontalAdvance(detail) + 10 if detail else 0
    return title, bold.horizontalAdvance(title), detail, more


def label_plate(
    area: QRectF, label: Label, at: QPointF, strong: bool, taken: Sequence[QRectF] = ()
) -> QRectF:
    """Return where a label's plate stands: above its point, in the picture, clear of what is taken."""
    _, wide, _, more = _label_words(label)
    size = (wide + more + 40, 28.0)
    lift = 46.0 if strong else 26.0
    left = min(max(at.x() - size[0] / 2, area.left() + 6), area.right() - size[0] - 6)
    top = max(at.y() - lift - size[1], area.top() + 6)
    return clear_of(QRectF(left, top, *size), area, taken)


def paint_label(
    painter: QPainter, theme: Theme, label: Label, at: QPointF, plate: QRectF, strong: bool
) -> None:
    """Paint a label on its plate, with a leader to its point; ``strong`` for the selection."""
    title, wide, detail, more = _label_words(label)
    left, top, tall = plate.left(), plate.top(), plate.height()
    edge = QColor(theme.t1 if strong else theme.line2)
    painter.setPen(QPen(edge, 1.2))
    if plate.bottom() < at.y():
        foot = min(max(at.x(), plate.left() + 8), plate.right() - 8)
        painter.drawLine(QPointF(foot, plate.bottom()), at)
    paint_plate(painter, plate, theme)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(edge, 1.2))
    painter.drawRoundedRect(plate.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
    painter.fillRect(QRectF(left + 11, plate.center().y() - 5, 10, 10), QColor(label.color))
    painter.setFont(font(12, bold=True))
    painter.setPen(QColor(theme.t1))
    middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    painter.drawText(QRectF(left + 29, top, wide + 4, tall), middle, title)
    painter.setFont(font(12))
    painter.setPen(QColor(label.detail_color))
    painter.drawText(QRectF(left + 29 + wide + 10, top, more + 4, tall), middle, detail)


def paint_pivot(painter: QPainter, at: QPointF, theme: Theme) -> None:
    """Paint the small marker of the point that the camera turns round."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width in (("#B0000000", 3.4), ("#FFFFFF", 1.6)):
        painter.setPen(QPen(QColor(color), width))
        painter.drawEllipse(at, 6, 6)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.accent))
    painter.drawEllipse(at, 2, 2)


def paint_band(painter: QPainter, band: QRectF, theme: Theme) -> None:
    """Paint the rubber band."""
    fill = QColor(theme.accent)
    fill.setAlphaF(0.14)
    painter.setBrush(fill)
    painter.setPen(QPen(QColor(theme.accent), 1.4))
    painter.drawRect(band)


def spread(places: F64, area: QRectF, spacing: float = PIN_SPACING) -> list[int]:
    """Return the indices of the pins to draw, nearest first, thinned to a grid of ``spacing`` pixels."""
    inside = (places[:, 2] > 0) & (places[:, 0] > area.left()) & (places[:, 0] < area.right())
    inside &= (places[:, 1] > area.top()) & (places[:, 1] < area.bottom())
    found = np.flatnonzero(inside)
    found = found[np.argsort(places[found, 2], kind="stable")]
    cells = np.floor(places[found, :2] / spacing).astype(np.int64)
    _, first = np.unique(cells, axis=0, return_index=True)
    return [int(i) for i in found[np.sort(first)][:MOST_PINS]]


def paint_pins(
    painter: QPainter,
    area: QRectF,
    theme: Theme,
    places: F64,
    chosen: Sequence[int],
    taken: Sequence[QRectF] = (),
) -> None:
    """Paint the pins of suspect objects: far ones first, so that near ones stay whole.

    A pin that a plate would cut is left out.
    """
    kept_off = [plate.adjusted(-8, -2, 8, 25) for plate in taken]
    for i in reversed(chosen):
        at = QPointF(float(places[i, 0]), float(places[i, 1]))
        if not area.contains(at) or any(plate.contains(at) for plate in kept_off):
            continue
        painter.setPen(QPen(QColor("#FFFFFF" if theme.dark else "#66000000"), 1))
        painter.drawLine(at, at - QPointF(0, 10))
        paint_status(painter, at - QPointF(7, 24), "suspect", theme, 14)


def qimage(picture: U8, ratio: float = 1.0) -> QImage:
    """Return RGBA pixels u8(h, w, 4) as an image that owns its memory."""
    height, width = picture.shape[:2]
    data = np.ascontiguousarray(picture)
    image = QImage(data.data, width, height, width * 4, QImage.Format.Format_RGBX8888).copy()
    image.setDevicePixelRatio(ratio)
    return image
