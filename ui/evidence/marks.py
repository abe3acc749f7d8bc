"""Open evidence over the city: a plate with its probability, and the outline of its ground."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from twin.geometry import F64
from ui.city_view import CityView
from ui.desk import Desk
from ui.evidence.places import centre_of, ground_of, in_city, level_of, rows_of
from ui.theme import font
from ui.viewport.overlays import projected, spread

MOST = 2000
"""Open hints that get a mark, the likeliest first."""
RISE = 52.0
"""Logical pixels from a hint's point to the top of its plate: the sign of what is suspect stands between."""
SPACING = 34.0
"""Marks nearer to each other than this, logical pixels, are drawn once."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One hint: its id and probability."""

    key: str
    text: str


class EvidenceMarks:
    """Paints the marks while they are shown."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view = desk, view
        self.shown = False
        self.chosen: frozenset[str] = frozenset()
        self.marks: list[Mark] = []
        self.points: F64 = np.zeros((0, 3))
        self.rings: list[tuple[str, F64]] = []
        self._known: tuple[object, ...] = ()
        view.canvas.paintings.append(self.paint)

    def show(self, on: bool) -> None:
        """Show or hide them."""
        self.shown = on
        self.view.canvas.update()

    def choose(self, keys: list[str]) -> None:
        """Mark chosen hints."""
        self.chosen = frozenset(keys)
        self.view.canvas.update()

    def _read(self) -> None:
        """Find where open hints are, again where they or the layers changed."""
        twin = self.desk.session.twin
        records = twin.records["evidence"]
        layers = tuple((key, len(layer.features)) for key, layer in twin.layers.items())
        known = (tuple(map(id, records.values())), layers)
        if known == self._known:
            return
        self._known = known
        left = sorted(
            (x for x in records.values() if x.status == "open"), key=lambda x: -x.p_change
        )[:MOST]
        placed, level = in_city(twin, left), level_of(twin)
        self.marks, self.rings, points = [], [], []
        for item, rows in zip(placed, rows_of(twin, left), strict=True):
            at = centre_of(twin, item, rows)
            if at is not None:
                self.marks.append(Mark(item.id, f"{item.p_change:.2f}"))
                points.append(at)
            for ring in ground_of(item):
                self.rings.append((item.id, np.column_stack([ring, np.full(len(ring), level)])))
        self.points = np.array(points).reshape(-1, 3)

    def paint(self, painter: QPainter) -> None:
        """Paint outlines, and over them the plates, far ones first."""
        if not self.shown or not self.desk.session.twin.records["evidence"]:
            return
        self._read()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for key, ring in self.rings:
            self._ring(painter, key, ring)
        if not len(self.points):
            return
        canvas = self.view.canvas
        places = self._seen(self.points)
        area = QRectF(canvas.rect())
        plates = [plate.adjusted(-6, -6, 6, 6) for plate in canvas.plates]
        for i in reversed(spread(places, area, SPACING)):
            at = QPointF(float(places[i, 0]), float(places[i, 1]))
            if not any(plate.contains(at) for plate in plates):
                self._plate(painter, at, self.marks[i])

    def _seen(self, points: F64) -> F64:
        canvas = self.view.canvas
        found: F64 = projected(canvas.view, points) / np.array([canvas.ratio, canvas.ratio, 1.0])
        return found

    def _color(self, key: str) -> QColor:
        theme = self.desk.theme
        return QColor(theme.accent_text if key in self.chosen else theme.status_text["suspect"])

    def _ring(self, painter: QPainter, key: str, ring: F64) -> None:
        seen = self._seen(ring)
        if not np.isfinite(seen).all() or (seen[:, 2] <= 0).any():
            return
        pen = QPen(self._color(key), 2.2 if key in self.chosen else 1.6)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([QPointF(float(x), float(y)) for x, y, _ in seen]))

    def _plate(self, painter: QPainter, at: QPointF, mark: Mark) -> None:
        theme, face = self.desk.theme, font(11, bold=True)
        wide = QFontMetricsF(face).horizontalAdvance(mark.text) + 12
        box = QRectF(at.x() - wide / 2, at.y() - RISE, wide, 18)
        edge = self._color(mark.key)
        painter.setPen(QPen(edge, 2 if mark.key in self.chosen else 1.4))
        painter.setBrush(QColor(theme.panel))
        painter.drawLine(at, QPointF(at.x(), box.bottom()))
        painter.drawRoundedRect(box, 9, 9)
        painter.setFont(face)
        painter.setPen(QColor(theme.t1))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, mark.text)
