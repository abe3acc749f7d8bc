"""A small plan of where a model stands: its outline, what stands around, and where it could stand."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from twin.aligning import match_pairs
from twin.errors import UsageError
from twin.geometry import F64
from twin.siting import length
from ui.theme import Theme, font

HEIGHT = 190
MOST = 4000
"""Boxes of neighbours that are painted: the nearest ones."""
ROOM = 2_000.0
"""Metres around the model in which neighbours and candidates widen the picture."""
BADGE = 9.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is painted, in metres of the project's plane.

    ``here`` f64(4, 2) is the model's box (None = nowhere), ``boxes`` f64(n, 4) the neighbours (least
    x, y, most x, y), ``there`` the boxes of the candidates, ``chosen`` the number of one of them.
    ``model`` and ``around`` are outlines f64(k, 2), where they are known: they are painted instead.
    """

    here: F64 | None = None
    boxes: F64 = field(default_factory=lambda: np.zeros((0, 4)))
    there: tuple[F64, ...] = ()
    chosen: int = -1
    model: tuple[F64, ...] = ()
    around: tuple[F64, ...] = ()

    def outlines(self, box: F64) -> tuple[F64, ...]:
        """Return the model's outlines as they lie when its box lies at ``box``, else that box."""
        if self.here is None or not self.model:
            return (box,)
        flat = (np.column_stack([corners, np.zeros(4)]) for corners in (self.here, box))
        try:
            motion = match_pairs(*flat, scaled=True).motion
        except UsageError:
            return (box,)
        return tuple(motion(np.column_stack([r, np.zeros(len(r))]))[:, :2] for r in self.model)


@dataclass(frozen=True, slots=True)
class Scale:
    """From metres to pixels: north is up."""

    middle: F64
    pixels: float
    size: tuple[int, int]

    def __call__(self, points: F64) -> QPolygonF:
        """Return points f64(n, 2) as a polygon on the widget."""
        return QPolygonF([self.at(point) for point in points])

    def at(self, point: F64) -> QPointF:
        """Return a point f64(2) on the widget."""
        x, y = ((point - self.middle) * self.pixels).tolist()
        return QPointF(self.size[0] / 2 + x, self.size[1] / 2 - y)


class PlanPicture(QWidget):
    """Paints a plan; a click on a candidate tells its number (``on_choose``)."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.plan = Plan()
        self.on_choose: Callable[[int], None] = lambda number: None
        self.setFixedHeight(HEIGHT)
        self.setMouseTracking(True)

    def show_plan(self, plan: Plan) -> None:
        """Paint another plan."""
        self.plan = plan
        self.update()

    def scale(self) -> Scale | None:
        """Return how metres become pixels; None when nothing stands anywhere."""
        plan = self.plan
        shown = plan.there[plan.chosen] if 0 <= plan.chosen < len(plan.there) else plan.here
        if shown is None:
            shown = plan.there[0] if plan.there else None
        if shown is None:
            return None
        middle = shown.mean(axis=0)
        reach = max(float(np.abs(shown - middle).max()) * 1.6, 15.0)
        others = [*plan.there, *([] if plan.here is None else [plan.here])]
        for points in others:
            far = float(np.abs(points - middle).max())
            reach = max(reach, far * 1.15 if far < ROOM else 0.0)
        gap = _gap(plan.boxes, middle)
        reach = max(reach, gap * 1.3 if gap < ROOM else 0.0)
        size = (self.width(), self.height())
        return Scale(middle, min(size) / 2 / reach, size)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint neighbours, the model, the candidates, the scale bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self.theme.input))
        scale = self.scale()
        if scale is not None:
            self._paint_around(painter, scale)
            self._paint_here(painter, scale)
            for number, points in enumerate(self.plan.there):
                self._paint_there(painter, scale, number, points)
            self._paint_bar(painter, scale)
            self._paint_north(painter)
        painter.setPen(QColor(self.theme.line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_around(self, painter: QPainter, scale: Scale) -> None:
        painter.setPen(QPen(QColor(self.theme.line2), 1))
        painter.setBrush(QColor(self.theme.hover))
        if self.plan.around:
            for ring in self.plan.around:
                painter.drawPolygon(scale(ring))
        else:
            self._paint_boxes(painter, scale)

    def _paint_boxes(self, painter: QPainter, scale: Scale) -> None:
        reach = np.array(scale.size) / 2 / scale.pixels
        boxes = self.plan.boxes
        seen = (boxes[:, 2:] > scale.middle - reach).all(axis=1)
        seen &= (boxes[:, :2] < scale.middle + reach).all(axis=1)
        boxes = boxes[seen]
        off = np.hypot(*((boxes[:, :2] + boxes[:, 2:]) / 2 - scale.middle).T)
        for box in boxes[np.argsort(off)[:MOST]]:
            corners = QRectF(scale.at(box[:2]), scale.at(box[2:]))
            painter.drawRect(corners.normalized())

    def _paint_here(self, painter: QPainter, scale: Scale) -> None:
        if self.plan.here is None:
            return
        fill = QColor(self.theme.accent)
        fill.setAlpha(90)
        painter.setPen(QPen(QColor(self.theme.accent), 2))
        painter.setBrush(fill)
        for ring in self.plan.model or (self.plan.here,):
            painter.drawPolygon(scale(ring))

    def _paint_there(self, painter: QPainter, scale: Scale, number: int, points: F64) -> None:
        """Paint a candidate; one out of sight is an arrow at the edge with its distance."""
        chosen = number == self.plan.chosen
        ink = QColor(self.theme.t1 if chosen else self.theme.t2)
        at = self.place_of(scale, points)
        if at[1]:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(ink, 2 if chosen else 1, Qt.PenStyle.DashLine))
            for ring in self.plan.outlines(points):
                painter.drawPolygon(scale(ring))
        else:
            off = length(float(np.hypot(*(points.mean(axis=0) - scale.middle))))
            self._paint_distance(painter, at[0], off)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.accent) if chosen else ink)
        painter.drawEllipse(at[0], BADGE, BADGE)
        painter.setPen(QColor(self.theme.on_accent if chosen else self.theme.panel))
        painter.setFont(font(11, bold=True))
        box = QRectF(at[0].x() - BADGE, at[0].y() - BADGE, 2 * BADGE, 2 * BADGE)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number + 1))

    def _paint_distance(self, painter: QPainter, at: QPointF, text: str) -> None:
        painter.setFont(font(11))
        painter.setPen(QColor(self.theme.t2))
        wide = QFontMetrics(painter.font()).horizontalAdvance(text)
        left = at.x() > self.width() / 2
        x = at.x() - BADGE - 4 - wide if left else at.x() + BADGE + 4
        painter.drawText(QPointF(x, at.y() + 4), text)

    def place_of(self, scale: Scale, points: F64) -> tuple[QPointF, bool]:
        """Return where the badge of a candidate stands, and whether its outline is in sight."""
        at = scale.at(points.mean(axis=0))
        edge = QRectF(self.rect()).adjusted(14, 14, -14, -14)
        if edge.contains(at):
            return at, True
        middle = edge.center()
        away = at - middle
        shares = [
            half / abs(part)
            for half, part in ((edge.width() / 2, away.x()), (edge.height() / 2, away.y()))
            if part
        ]
        return middle + away * min(shares, default=0.0), False

    def _paint_bar(self, painter: QPainter, scale: Scale) -> None:
        metres = 10.0 ** np.floor(np.log10(80.0 / scale.pixels))
        metres *= next(step for step in (5, 2, 1) if metres * step * scale.pixels <= 80.0)
        wide = metres * scale.pixels
        painter.setPen(QPen(QColor(self.theme.t2), 2))
        low = self.height() - 10
        painter.drawLine(QPointF(10, low), QPointF(10 + wide, low))
        painter.setFont(font(11))
        text = f"{metres:g} m" if metres < 1000 else f"{metres / 1000:g} km"
        painter.drawText(QPointF(10, low - 5), text)

    def _paint_north(self, painter: QPainter) -> None:
        painter.setPen(QColor(self.theme.t2))
        painter.setFont(font(11, bold=True))
        painter.drawText(QRectF(self.width() - 24, 6, 16, 14), Qt.AlignmentFlag.AlignCenter, "N")
        x = self.width() - 16.0
        painter.drawLine(QPointF(x, 36), QPointF(x, 22))
        painter.drawPolyline(QPolygonF([QPointF(x - 3, 26), QPointF(x, 21), QPointF(x + 3, 26)]))

    def number_at(self, at: QPointF) -> int:
        """Return the number of the candidate whose badge lies under a point, -1 for none."""
        scale = self.scale()
        if scale is None:
            return -1
        for number, points in enumerate(self.plan.there):
            off = self.place_of(scale, points)[0] - at
            if np.hypot(off.x(), off.y()) <= BADGE + 3:
                return number
        return -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show that a candidate can be chosen."""
        over = self.number_at(event.position()) >= 0
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a candidate."""
        number = self.number_at(event.position())
        if number >= 0:
            self.on_choose(number)


def _gap(boxes: F64, middle: F64) -> float:
    """Return metres from a point to the nearest box; infinite where there is none."""
    gap = np.maximum(0.0, np.maximum(boxes[:, :2] - middle, middle - boxes[:, 2:]))
    return float(np.hypot(gap[:, 0], gap[:, 1]).min(initial=np.inf))
