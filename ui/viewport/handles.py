"""The handles of a section: where they are, what the mouse means on them, and how they are painted.

White squares and a circle with an accent edge over the picture; an arrow points to what is cut away.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from twin.geometry import F64
from twin.records import Section
from twin.sections import extent_of, is_box, is_level
from twin.tiles import View
from ui.theme import Theme, font
from ui.viewport.overlays import clear_of, nice_length, paint_plate, projected

GRIP = 9.0
"""Half of the square, logical pixels, within which a handle is taken."""
ARROW = 46.0
NEAREST = 0.05
"""Metres before the eye at which lines are ended."""
TURN_REACH = 0.12
"""How far from the middle a plane is taken to be turned: share of the distance to the eye."""


@dataclass(frozen=True, slots=True)
class Grip:
    """A handle at a point f64(3): ``kind`` move (a plane along its normal) or turn (round the upright)."""

    kind: str
    index: int
    at: F64


def grips_of(section: Section, view: View) -> list[Grip]:
    """Return the handles of a section as seen from a view."""
    if is_box(section):
        found = [Grip("move", i, np.array(plane.point)) for i, plane in enumerate(section.planes)]
        corners = extent_of(section).corners[4:]  # of its top
        return [*found, Grip("turn", 0, corners[int(projected(view, corners)[:, 0].argmax())])]
    plane = section.planes[0]
    point, normal = np.array(plane.point), np.array(plane.normal)
    found = [Grip("move", 0, point)]
    if len(section.planes) == 1 and not is_level(plane):
        across = np.cross((0.0, 0.0, 1.0), normal)
        across /= np.linalg.norm(across)
        reach = TURN_REACH * max(float((point - view.eye) @ view.forward), 1.0)
        found += [Grip("turn", 0, point + side * reach * across) for side in (-1.0, 1.0)]
    return found


def along(view: View, x: float, y: float, origin: F64, direction: F64) -> float:
    """Return how far along a line f64(3) + t f64(3) a device pixel points: where both come closest."""
    ray = view.ray(x, y)
    between = origin - view.eye
    b = float(ray @ direction)
    spread = 1.0 - b * b
    if spread < 1e-4:  # straight towards the eye: nothing sensible to say
        return 0.0
    return float((b * (ray @ between) - direction @ between) / spread)


def bearing(view: View, x: float, y: float, middle: F64) -> float | None:
    """Return the direction in degrees, counter-clockwise from east, in which a device pixel points at the
    level of ``middle`` f64(3); None where its ray never gets there."""
    ray = view.ray(x, y)
    if abs(ray[2]) < 1e-6:
        return None
    reach = float((middle[2] - view.eye[2]) / ray[2])
    if reach <= 0:
        return None
    place = view.eye + ray * reach - middle
    return float(np.degrees(np.arctan2(place[1], place[0])))


def rounding(view: View, at: F64) -> float:
    """Return the round step of metres that a few pixels make at a point."""
    pixel = 2 * np.tan(np.radians(view.fov_y) / 2) / max(view.size[1], 1)
    return nice_length(max(float((at - view.eye) @ view.forward), 0.1) * pixel * 12)


def lines_of(section: Section, bounds: F64) -> list[tuple[F64, F64]]:
    """Return the segments that outline a section: the edges of a box, a plane within bounds f64(6)."""
    if is_box(section):
        corners = extent_of(section).corners
        return [
            (corners[i], corners[i | 1 << k]) for i in range(8) for k in range(3) if not i >> k & 1
        ]
    found: list[tuple[F64, F64]] = []
    for plane in section.planes:
        ring = cross_section(bounds, np.array(plane.point), np.array(plane.normal))
        found += [(ring[i], ring[(i + 1) % len(ring)]) for i in range(len(ring))]
    return found


def cross_section(bounds: F64, point: F64, normal: F64) -> F64:
    """Return the polygon f64(n, 3) in which a plane meets a box f64(6), in order; empty where it does not."""
    low, high = bounds[:3], bounds[3:]
    corners = np.array([[(low, high)[i >> k & 1][k] for k in range(3)] for i in range(8)])
    away = (corners - point) @ normal
    found = []
    for i in range(8):
        for k in range(3):
            j = i | 1 << k
            if j != i and (away[i] > 0) != (away[j] > 0):
                share = away[i] / (away[i] - away[j])
                found.append(corners[i] + share * (corners[j] - corners[i]))
    if len(found) < 3:
        return np.zeros((0, 3))
    ring = np.array(found)
    first = np.cross((0.0, 0, 1) if abs(normal[2]) < 0.9 else (0.0, 1, 0), normal)
    second = np.cross(normal, first)
    spread = ring - ring.mean(axis=0)
    return np.asarray(ring[np.argsort(np.arctan2(spread @ second, spread @ first))], np.float64)


def _clipped(view: View, line: tuple[F64, F64]) -> F64 | None:
    """Return the ends f64(2, 3) of what of a segment lies before the eye."""
    ends = np.array(line)
    depth = (ends - view.eye) @ view.forward
    if (depth < NEAREST).all():
        return None
    for i in (0, 1):
        if depth[i] < NEAREST:
            share = (NEAREST - depth[i]) / (depth[1 - i] - depth[i])
            ends[i] = ends[i] + share * (ends[1 - i] - ends[i])
    return ends


@dataclass(frozen=True, slots=True)
class Painting:
    """What surrounds the painted handles: view, device pixels per logical one, theme, what is taken."""

    view: View
    ratio: float
    theme: Theme
    area: QRectF
    taken: Sequence[QRectF] = ()

    def spot(self, at: F64) -> QPointF | None:
        """Return where a point f64(3) is seen, logical pixels; None behind the eye."""
        x, y, depth = projected(self.view, at)[0]
        return QPointF(x / self.ratio, y / self.ratio) if depth > NEAREST else None


def paint_outline(painter: QPainter, seen: Painting, lines: Sequence[tuple[F64, F64]]) -> None:
    """Paint the outline of a section: an accent line on a halo that parts it from the city."""
    drawn = []
    for line in lines:
        ends = _clipped(seen.view, line)
        if ends is not None:
            a, b = seen.spot(ends[0]), seen.spot(ends[1])
            if a is not None and b is not None:
                drawn.append((a, b))
    halo = QColor("#FFFFFF" if not seen.theme.dark else "#0B0F13")
    halo.setAlphaF(0.5)
    for color, width in ((halo, 3.6), (QColor(seen.theme.accent), 1.5)):
        painter.setPen(QPen(color, width))
        for a, b in drawn:
            painter.drawLine(a, b)


def paint_grips(
    painter: QPainter, seen: Painting, section: Section, hot: Grip | None
) -> list[tuple[Grip, QPointF]]:
    """Paint the handles; return them with where they stand, logical pixels."""
    placed = []
    for grip in grips_of(section, seen.view):
        spot = seen.spot(grip.at)
        if spot is None or not seen.area.contains(spot):
            continue
        placed.append((grip, spot))
        strong = hot is not None and (grip.kind, grip.index) == (hot.kind, hot.index)
        single = len(section.planes) == 1
        if grip.kind == "move" and (single or strong):
            _arrow(painter, seen, grip.at, np.array(section.planes[grip.index].normal))
        painter.setPen(QPen(QColor(seen.theme.accent), 2.6 if strong else 2.0))
        painter.setBrush(QColor("#FFFFFF"))
        if grip.kind == "turn" or single:
            painter.drawEllipse(spot, 5.5, 5.5) if grip.kind == "move" else _square(painter, spot)
        else:
            _square(painter, spot)
    return placed


def _square(painter: QPainter, spot: QPointF) -> None:
    painter.drawRect(QRectF(spot.x() - 4.5, spot.y() - 4.5, 9, 9))


def _arrow(painter: QPainter, seen: Painting, at: F64, normal: F64) -> None:
    """Paint an arrow of fixed length towards the cut side; none where it points at the eye."""
    depth = float((at - seen.view.eye) @ seen.view.forward)
    start, ahead = seen.spot(at), seen.spot(at + normal * depth * 0.02)
    if start is None or ahead is None:
        return
    way = np.array([ahead.x() - start.x(), ahead.y() - start.y()])
    length = float(np.linalg.norm(way))
    if length < 1.0:
        return
    way /= length
    aside = np.array([-way[1], way[0]])
    tip = np.array([start.x(), start.y()]) + way * ARROW
    foot = tip - way * 11
    painter.setPen(QPen(QColor(seen.theme.accent), 2.4))
    painter.drawLine(start, QPointF(*foot))
    painter.setBrush(QColor(seen.theme.accent))
    painter.setPen(Qt.PenStyle.NoPen)
    sides = (tip, foot + aside * 5, foot - aside * 5)
    painter.drawPolygon(QPolygonF([QPointF(*side) for side in sides]))


def paint_note(painter: QPainter, seen: Painting, text: str, at: QPointF) -> None:
    """Paint a plate with a text beside a handle, clear of what is taken."""
    wide = QFontMetricsF(font(12, bold=True)).horizontalAdvance(text) + 20
    plate = QRectF(at.x() + 14, at.y() - 38, wide, 26)
    plate = clear_of(plate, seen.area.adjusted(6, 6, -6, -6), seen.taken)
    paint_plate(painter, plate, seen.theme)
    painter.setFont(font(12, bold=True))
    painter.setPen(QColor(seen.theme.t1))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
