"""Pins of open orders over the city: the number on a small plate, late ones with the edge of stale."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from twin.geometry import F64
from twin.maintenance.orders.due import days_late
from twin.maintenance.orders.states import is_open
from ui.city_view import CityView
from ui.desk import Desk
from ui.orders.facts import Places, top_of
from ui.theme import font
from ui.viewport.overlays import projected, spread

MOST = 2000
"""Open orders that get a pin, the most urgent first."""
SPACING = 34.0
"""Pins nearer to each other than this, logical pixels, are drawn once."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One order: its number, whether it is late, its id."""

    number: str
    late: bool
    order: str


class OrderPins:
    """Paints the pins of the orders while they are shown."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view = desk, view
        self.places = Places(desk.session.twin)
        self.shown = False
        self.chosen: frozenset[str] = frozenset()
        self.pins: list[Pin] = []
        self.points: F64 = np.zeros((0, 3))
        self._known: tuple[object, ...] = ()
        view.canvas.paintings.append(self.paint)

    def show(self, on: bool) -> None:
        """Show or hide them."""
        self.shown = on
        self.view.canvas.update()

    def mark(self, orders: list[str]) -> None:
        """Mark the pins of chosen orders."""
        self.chosen = frozenset(orders)
        self.view.canvas.update()

    def _read(self) -> None:
        """Find where open orders are, again where orders or layers changed."""
        twin, now = self.desk.session.twin, self.desk.session.at
        orders = twin.records["orders"]
        layers = tuple((key, id(layer.features)) for key, layer in twin.layers.items())
        known = (tuple(map(id, orders.values())), layers, now)
        if known == self._known:
            return
        self._known = known
        left = [order for order in orders.values() if is_open(order)]
        left.sort(key=lambda order: -days_late(order, now))
        self.pins, points = [], []
        for order in left[:MOST]:
            at = top_of(twin, self.places.rows_of(order))
            if at is not None:
                late = days_late(order, now) > 0
                self.pins.append(Pin(str(order.number), late, order.id))
                points.append(at)
        self.points = np.array(points).reshape(-1, 3)

    def paint(self, painter: QPainter) -> None:
        """Paint them over the picture: far ones first."""
        if not self.shown or not self.desk.session.twin.records["orders"]:
            return
        self._read()
        if not len(self.points):
            return
        canvas = self.view.canvas
        places = projected(canvas.view, self.points) / np.array([canvas.ratio, canvas.ratio, 1.0])
        area = QRectF(canvas.rect())
        plates = [plate.adjusted(-6, -6, 6, 6) for plate in canvas.plates]
        for i in reversed(spread(places, area, SPACING)):
            at = QPointF(float(places[i, 0]), float(places[i, 1]))
            if not any(plate.contains(at) for plate in plates):
                self._pin(painter, at, self.pins[i])

    def _pin(self, painter: QPainter, at: QPointF, pin: Pin) -> None:
        theme, face = self.desk.theme, font(11, bold=True)
        wide = max(QFontMetricsF(face).horizontalAdvance(pin.number) + 10, 22.0)
        box = QRectF(at.x() - wide / 2, at.y() - 26, wide, 18)
        edge = QColor(theme.status_text["stale"] if pin.late else theme.t2)
        if pin.order in self.chosen:
            edge = QColor(theme.accent_text)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(edge, 2 if pin.late or pin.order in self.chosen else 1.2))
        painter.setBrush(QColor(theme.panel))
        painter.drawPolygon(
            QPolygonF([at, QPointF(at.x() - 4, box.bottom()), QPointF(at.x() + 4, box.bottom())])
        )
        painter.drawRoundedRect(box, 3, 3)
        painter.setFont(face)
        painter.setPen(QColor(theme.t1))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, pin.number)
