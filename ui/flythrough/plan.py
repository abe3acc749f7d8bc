"""The tab "Route": the way on a map with numbered keyframes, how long it is and how near it comes to anything."""

import time
from dataclasses import replace
from functools import lru_cache, partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QVBoxLayout, QWidget

from twin.flythrough.flight import Flight, flight
from twin.flythrough.records import Route
from twin.flythrough.state import state
from twin.geometry import F64
from twin.jobs import Outcome
from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.flythrough.control import Flythrough
from ui.flythrough.ground_plan import BUILDING, GREEN, ROAD, WATER, GroundPlan, Sheet, drawn, whats
from ui.flythrough.overlay import eyes, paint_badge, way
from ui.panels.parts import label
from ui.theme import font
from ui.viewport.overlays import paint_plate

TONES = {
    "dark": {GREEN: "#20302A", ROAD: "#222B34", WATER: "#153B53", BUILDING: "#46515D"},
    "light": {GREEN: "#DDE8D8", ROAD: "#ECEFF2", WATER: "#CFE1EC", BUILDING: "#BCC5CE"},
}
ROOM = 1.35
"""How much wider than the route its map is."""
PAUSE = 0.15
"""Seconds between two paintings of the map while the route is played."""
LEAST = 150.0
"""Metres that a map is wide at least."""


class RouteMap(QWidget):
    """Paints map, way and keyframes; a keyframe is dragged over the map, a click goes to its time."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.control: Flythrough | None = None
        self.plan: GroundPlan | None = None
        self.image: QImage | None = None
        self.zoom, self.middle = 1.0, np.zeros(2)
        self.moved: Route | None = None
        self._drag = -1
        self._pan: QPointF | None = None
        self._way: tuple[Flight | None, F64] = (None, np.zeros((0, 3)))
        self.setMinimumSize(160, 140)
        self.setMouseTracking(True)
        self.setAccessibleName(desk.say("flythrough.map"))

    def show_plan(self, plan: GroundPlan) -> None:
        """Paint another map."""
        tones, theme = TONES[self.desk.theme.name], self.desk.theme
        table = np.zeros((256, 3), np.uint8)
        ground = theme.win if theme.dark else theme.hover
        for what, tone in ((0, ground), *tones.items()):
            color = QColor(tone)
            table[what] = color.red(), color.green(), color.blue()
        rgb = np.ascontiguousarray(table[plan.pixels])
        height, width = plan.pixels.shape
        self.image = QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
        self.plan = plan
        self.update()

    # -- metres and pixels --------------------------------------------------------------------

    @property
    def flown(self) -> Flight | None:
        """Return the flight as it is painted."""
        if self.control is None:
            return None
        return self.control.flown if self.moved is None else flight(self.moved)

    def _scale(self) -> float:
        box = area_of(self.control.flown) if self.control else None
        if box is None:
            return 1.0
        size = np.maximum(box[2:] - box[:2], 1.0)
        return float(min(self.width() / size[0], self.height() / size[1])) * self.zoom

    def at(self, point: F64) -> QPointF:
        """Return where a place lies, pixels."""
        return self.line(np.asarray(point)[None, :])[0]

    def line(self, points: F64) -> list[QPointF]:
        """Return where places f64(n, 2 or more) lie, pixels."""
        flat = (points[:, :2] - self.middle) * self._scale()
        wide, tall = self.width() / 2, self.height() / 2
        return [QPointF(wide + x, tall - y) for x, y in flat.tolist()]

    def place(self, at: QPointF) -> F64:
        """Return the place under a pixel, f64(2) metres."""
        off = np.array([at.x() - self.width() / 2, self.height() / 2 - at.y()])
        return np.asarray(self.middle + off / self._scale(), np.float64)

    def fit(self) -> None:
        """Show the whole route."""
        box = area_of(self.control.flown) if self.control else None
        if box is not None:
            self.middle, self.zoom = (box[:2] + box[2:]) / 2, 1.0
        self.update()

    # -- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint map, way, where the camera looks, keyframes, and the words below."""
        painter, theme = QPainter(self), self.desk.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), QColor(theme.win if theme.dark else theme.hover))
        if self.image is not None and self.plan is not None:
            x0, y0, x1, y1 = self.plan.box
            place = QRectF(self.at(np.array([x0, y1])), self.at(np.array([x1, y0])))
            painter.drawImage(place, self.image)
        flown, control = self.flown, self.control
        if flown is not None and control is not None:
            self._paint_way(painter, flown)
            self._paint_sight(painter, flown, control.t)
            here = control.score.at(control.t)
            for number, eye in enumerate(eyes(flown)):
                chosen = number in control.chosen_keys or (
                    not control.chosen_keys and number == here
                )
                paint_badge(painter, theme, self.at(eye), number, chosen)
            self._paint_words(painter, flown)
        painter.end()

    def _paint_way(self, painter: QPainter, flown: Flight) -> None:
        if self._way[0] is not flown:
            self._way = (flown, way(flown))
        line = QPolygonF(self.line(self._way[1]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for ink, wide in ((self.desk.theme.win, 4.5), (self.desk.theme.accent_text, 2.4)):
            painter.setPen(QPen(QColor(ink), wide))
            painter.drawPolyline(line)

    def _paint_sight(self, painter: QPainter, flown: Flight, t: float) -> None:
        """Paint the triangle that the camera sees at the playhead."""
        now = state(flown, t)
        level = np.hypot(now.forward[0], now.forward[1])
        if level < 1e-6:
            return
        ahead = now.forward[:2] / level
        side = np.array([-ahead[1], ahead[0]])
        half = np.tan(np.radians(now.fov) / 2) * 16 / 9
        reach = min(now.focus, 120.0 / self._scale())
        ends = [now.eye[:2] + (ahead + sign * half * side) * reach for sign in (1, -1)]
        fill = QColor(self.desk.theme.accent)
        fill.setAlpha(70)
        painter.setBrush(fill)
        painter.setPen(QPen(QColor(self.desk.theme.accent_text), 1))
        painter.drawPolygon(QPolygonF([self.at(now.eye), *(self.at(end) for end in ends)]))

    def _paint_words(self, painter: QPainter, flown: Flight) -> None:
        control, say = self.control, self.desk.say
        assert control is not None
        gone = float(np.linalg.norm(np.diff(self._way[1], axis=0), axis=1).sum())
        first = say("flythrough.length", metres=self.desk.words.metres(gone, 0))
        second = control.clearance_words()
        face, faint = font(12, bold=True), font(12)
        wide = QFontMetricsF(face).horizontalAdvance(first) + 20
        more = QFontMetricsF(faint).horizontalAdvance(second) + 10 if second else 0.0
        plate = QRectF(12, self.height() - 40, min(wide + more, self.width() - 24), 28)
        paint_plate(painter, plate, self.desk.theme)
        painter.setFont(face)
        painter.setPen(QColor(self.desk.theme.t1))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(plate.adjusted(10, 0, 0, 0), middle, first)
        painter.setFont(faint)
        painter.setPen(QColor(self.desk.theme.t2))
        painter.drawText(plate.adjusted(wide, 0, -6, 0), middle, second)

    # -- mouse --------------------------------------------------------------------------------

    def key_at(self, at: QPointF) -> int:
        """Return the keyframe under a point, -1 for none."""
        flown = self.flown
        spots = [] if flown is None else [self.at(eye) - at for eye in eyes(flown)]
        near = [(off.manhattanLength(), n) for n, off in enumerate(spots)]
        off, number = min(near, default=(99.0, -1))
        return number if off <= 13 else -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a keyframe, else the map."""
        self._drag = self.key_at(event.position())
        self._pan = event.position()
        if self._drag >= 0 and self.control is not None:
            self.control.chosen_keys = frozenset({self._drag})
            self.control.chosen_bars = frozenset()
            self.control.tell()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the keyframe level, or the map."""
        at, control = event.position(), self.control
        if self._pan is None:
            over = self.key_at(at) >= 0
            self.setCursor(Qt.CursorShape.SizeAllCursor if over else Qt.CursorShape.ArrowCursor)
            return
        far = (at - self._pan).manhattanLength() > 3
        if self._drag < 0:
            self.middle = self.middle + self.place(self._pan) - self.place(at)
            self._pan = at
        elif control is not None and control.route is not None and (far or self.moved):
            keys = list(control.route.keyframes)
            key = keys[self._drag]
            shift = self.place(at) - np.array(key.eye[:2])
            keys[self._drag] = replace(
                key, eye=_moved(key.eye, shift), target=_moved(key.target, shift)
            )
            self.moved = replace(control.route, keyframes=tuple(keys))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Keep where the keyframe was dragged to; a click goes to its time."""
        made, number = self.moved, self._drag
        self.moved, self._drag, self._pan = None, -1, None
        if self.control is None or number < 0:
            return
        if made is not None:
            self.control.put("routes.keyframe_move", made)
        elif self.control.flown is not None:
            self.control.scrub(self.control.flown.keyframes[number].t)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom to the point under the cursor."""
        before = self.place(event.position())
        self.zoom = float(np.clip(self.zoom * 1.25 ** (event.angleDelta().y() / 120.0), 0.2, 20.0))
        self.middle = self.middle + before - self.place(event.position())
        self.update()
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the whole route again."""
        self.fit()


def _moved(point: tuple[float, float, float], shift: F64) -> tuple[float, float, float]:
    return round(point[0] + float(shift[0]), 4), round(point[1] + float(shift[1]), 4), point[2]


@lru_cache(maxsize=4)
def area_of(flown: Flight | None) -> F64 | None:
    """Return the box f64(4) of the map: the route with some room; None without a route."""
    if flown is None:
        return None
    points = np.concatenate([eyes(flown), [key.target for key in flown.keyframes]])[:, :2]
    own = eyes(flown)[:, :2]
    low, high = own.min(axis=0), own.max(axis=0)
    if len(own) < 2:
        low, high = points.min(axis=0), points.max(axis=0)
    middle, half = (low + high) / 2, np.maximum((high - low) / 2 * ROOM, LEAST / 2)
    return np.concatenate([middle - half, middle + half])


class RoutePanel(Panel):
    """The map of the route in hand; it is drawn again by a worker when route or city are others."""

    watches = frozenset({Aspect.LAYERS, Aspect.ROUTES, Aspect.VISIBILITY, Aspect.PROJECT})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.control: Flythrough | None = None
        self.map = RouteMap(desk)
        self.empty = label(desk.say("flythrough.map_empty"), "t3", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(20)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.map, 1)
        column.addWidget(self.empty, 1)
        self._asked: tuple[object, ...] = ()
        self._running = False
        self._told = 0.0
        self.setMinimumWidth(130)
        desk.act("flythrough.attach", self)

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the route again."""
        self.show_route()

    def show_route(self) -> None:
        """Show the route in hand."""
        control = self.control
        there = control is not None and control.route is not None
        self.map.setVisible(there)
        self.empty.setVisible(not there)
        fresh = self.map.control is None
        self.map.control = control
        if there and (fresh or self.map.plan is None):
            self.map.fit()
        self.map.update()

    def show_time(self) -> None:
        """Show where the camera is; a few times a second, so that play has the machine for itself."""
        now = time.monotonic()
        if self.isVisible() and now - self._told > PAUSE:
            self._told = now
            self.map.update()

    def pass_time(self, now: float) -> None:
        """Draw the map by a worker once the city stands still, when it is seen."""
        control = self.control
        if self._running or control is None or not self.isVisible() or control.player.playing:
            return
        box = area_of(control.flown)
        if box is None or not control.view.shown.complete:
            return
        frame, twin = control.view.shown, self.desk.session.twin
        tiles = tuple((key, len(part.tiles)) for key, part in frame.layers.items())
        wide = np.round(box / 100.0)
        asked = (*tiles, *wide.tolist())
        if asked == self._asked or not tiles:
            return
        self._asked, self._running = asked, True
        half = (box[2:] - box[:2]) / 2
        grown = np.concatenate([box[:2] - half, box[2:] + half])
        sheets = {
            key: Sheet(
                part, whats(twin.layers[key].features.kinds)[twin.layers[key].features.kind]
            )
            for key, part in frame.layers.items()
            if key in twin.layers
        }
        title = self.desk.say("flythrough.drawing_map")
        self.desk.session.jobs.submit(
            partial(drawn, sheets, grown), self._arrived, title=title, quiet=True
        )

    def _arrived(self, outcome: Outcome) -> None:
        self._running = False
        if outcome.error is None and isinstance(outcome.value, GroundPlan):
            self.map.show_plan(outcome.value)
            if self.map.zoom == 1.0:
                self.map.fit()
