"""The route over the view: its way, numbered keyframes, where the camera is and sees; and the caption's plate."""

from collections.abc import Collection, Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from twin.flythrough.flight import Flight
from twin.flythrough.state import State
from twin.geometry import F64
from twin.tiles import View
from ui.flythrough.painting import diamond
from ui.theme import Theme, font
from ui.viewport.overlays import paint_plate, projected

SAMPLES = 240
BADGE = 10.0
"""Logical pixels from the middle of a numbered diamond to its corners."""
EDGE = "#10151B"
"""What stands round a diamond on any ground, in both themes."""
NEAR = 0.5
"""Metres before the eye from where on things are painted."""


def way(flown: Flight) -> F64:
    """Return points f64(n, 3) along the way of a flight."""
    if flown.duration <= 0:
        return np.array([flown.keyframes[0].eye])
    return flown.camera(np.linspace(flown.start, flown.end - 1e-6, SAMPLES)).eye


def eyes(flown: Flight) -> F64:
    """Return where the keyframes stand, f64(n, 3)."""
    return np.array([key.eye for key in flown.keyframes[: len(flown.route.keyframes)]])


def on_screen(view: View, points: F64, ratio: float) -> F64:
    """Return logical pixels and depth f64(n, 3) of points f64(n, 3)."""
    return np.asarray(projected(view, points) / np.array([ratio, ratio, 1.0]), np.float64)


def paint_way(painter: QPainter, theme: Theme, view: View, points: F64, ratio: float) -> None:
    """Paint the way: a dark line under a bright one, so that it is seen on any ground."""
    spots = on_screen(view, points, ratio)
    seen = spots[:, 2] > NEAR
    parts: list[list[QPointF]] = [[]]
    for (x, y, _), there in zip(spots.tolist(), seen.tolist(), strict=True):
        if there and abs(x) < 20_000 and abs(y) < 20_000:
            parts[-1].append(QPointF(x, y))
        elif parts[-1]:
            parts.append([])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    under = QColor(EDGE if theme.dark else "#FFFFFF")
    for ink, wide in ((under, 4.5), (QColor(theme.accent_text), 2.2)):
        painter.setPen(QPen(ink, wide))
        for part in parts:
            painter.drawPolyline(QPolygonF(part))


def paint_badge(
    painter: QPainter, theme: Theme, at: QPointF, number: int, chosen: bool, size: float = BADGE
) -> None:
    """Paint a keyframe: a diamond with its number."""
    painter.setPen(QPen(QColor(EDGE), 1.4))
    painter.setBrush(QColor(theme.accent if chosen else "#FFFFFF"))
    painter.drawPolygon(diamond(at, size))
    painter.setFont(font(11, bold=True))
    painter.setPen(QColor(theme.on_accent if chosen else "#16202A"))
    box = QRectF(at.x() - size, at.y() - size, 2 * size, 2 * size)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number + 1))


def paint_keys(painter: QPainter, theme: Theme, spots: F64, chosen: Collection[int]) -> None:
    """Paint the keyframes f64(n, 3), the far ones first."""
    for number in np.argsort(-spots[:, 2], kind="stable").tolist():
        x, y, depth = spots[number]
        if depth > NEAR:
            paint_badge(painter, theme, QPointF(x, y), number, number in chosen)


def key_at(spots: F64, at: QPointF) -> int:
    """Return the nearest keyframe whose badge lies under a point, -1 for none."""
    best, found = np.inf, -1
    for number, (x, y, depth) in enumerate(spots.tolist()):
        if depth > NEAR and abs(x - at.x()) + abs(y - at.y()) <= BADGE + 3 and depth < best:
            best, found = depth, number
    return found


def paint_frustum(painter: QPainter, theme: Theme, view: View, now: State, ratio: float) -> None:
    """Paint the pyramid of the camera at the playhead: as long as a sixth of what it looks at."""
    reach = min(max(now.focus / 6, 8.0), 120.0)
    own = now.view((16, 9))
    rays = [own.ray(x, y) for x, y in ((0, 0), (16, 0), (16, 9), (0, 9))]
    corners = np.array(
        [now.eye, *(now.eye + ray / float(ray @ now.forward) * reach for ray in rays)]
    )
    spots = on_screen(view, corners, ratio)
    if (spots[:, 2] <= NEAR).any():
        return
    eye, *ends = [QPointF(x, y) for x, y, _ in spots.tolist()]
    fill = QColor(theme.accent)
    fill.setAlpha(60)
    painter.setPen(QPen(QColor(theme.accent_text), 1.2))
    painter.setBrush(fill)
    painter.drawPolygon(QPolygonF(ends))
    for end in ends:
        painter.drawLine(eye, end)


def paint_caption(
    painter: QPainter, area: QRectF, theme: Theme, caption: Mapping[str, str], language: str
) -> QRectF:
    """Paint a caption: title and what stands below it, on a plate with an edge; return the plate."""
    text = caption.get(language) or next((x for x in caption.values() if x), "")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return QRectF()
    large = 17 if area.height() >= 420 else 15
    faces = [font(large, bold=True), *[font(12)] * (len(lines) - 1)]
    sizes = [QFontMetricsF(face) for face in faces]
    most = max(area.width() * 0.62, 200.0)
    wide = min(max(m.horizontalAdvance(x) for m, x in zip(sizes, lines, strict=True)), most)
    tall = sum(m.height() for m in sizes) + 4 * (len(lines) - 1)
    left, bottom = (
        area.left() + max(area.width() * 0.04, 16),
        area.bottom() - max(area.height() * 0.08, 56),
    )
    plate = QRectF(left, bottom - tall - 24, wide + 38, tall + 24)
    fill = QColor("#10151B")
    fill.setAlphaF(0.94)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawRect(plate)
    painter.fillRect(QRectF(plate.left(), plate.top(), 3, plate.height()), QColor("#4FD0C1"))
    top = plate.top() + 12
    for number, (line, face, metrics) in enumerate(zip(lines, faces, sizes, strict=True)):
        painter.setFont(face)
        painter.setPen(QColor("#FFFFFF" if not number else "#D5DBE2"))
        shown = metrics.elidedText(line, Qt.TextElideMode.ElideRight, wide + 2)
        painter.drawText(QPointF(plate.left() + 18, top + metrics.ascent()), shown)
        top += metrics.height() + 4
    return plate


def paint_word(painter: QPainter, area: QRectF, theme: Theme, words: str) -> None:
    """Paint a word on a plate at the middle of the lower edge: what is waited for."""
    painter.setFont(font(12))
    metrics = QFontMetricsF(painter.font())
    wide, tall = metrics.horizontalAdvance(words) + 28, metrics.height() + 16
    plate = QRectF(area.center().x() - wide / 2, area.bottom() - 84 - tall, wide, tall)
    paint_plate(painter, plate, theme)
    painter.setPen(QColor(theme.t1))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, words)
