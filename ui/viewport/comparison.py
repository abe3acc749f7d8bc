"""Two states of a city in one picture: drawn apart with one camera, put together by swipe, blend, blink or side by side."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from twin.geometry import U8
from twin.scene import LayerId
from twin.streaming import Frame
from twin.tiles import View
from ui.theme import Theme, font
from ui.viewport.canvas import Canvas

WAYS = ("swipe", "sides", "blend", "blink")
BLINK_SECONDS = 0.7


@dataclass(frozen=True, slots=True)
class Comparison:
    """``old`` and ``new`` are layers that only one of the two pictures shows; all others stand in both.

    ``way`` is one of WAYS; ``share`` 0..1 is where the swipe stands, or how much of the new one a blend
    shows. ``before`` tells what of a frame the old state shows otherwise: the same tiles, other rows.
    """

    old: frozenset[LayerId]
    new: frozenset[LayerId]
    way: str = "swipe"
    share: float = 0.5
    before: Callable[[Frame], Frame] | None = None

    def at(self, x: float, width: float) -> tuple[frozenset[LayerId], float]:
        """Return the layers left out at a column of the widget, and the column of their own picture."""
        if self.way == "sides":
            half = width / 2
            return (self.new, x + width / 4) if x < half else (self.old, x - width / 4)
        if self.way == "swipe":
            return (self.new if x < self.share * width else self.old), x
        return (self.new if self.share < 0.5 else self.old), x


def pictures(
    canvas: Canvas, frame: Frame, view: View, scale: float, ratio: float, between: Comparison
) -> tuple[U8, U8]:
    """Return the picture of the old and of the new state u8(h, w, 4)."""
    found = []
    for left_out, other in ((between.new, between.before), (between.old, None)):
        told = frame if other is None else other(frame)
        with without(canvas, left_out, None if between.before is None else told):
            found.append(canvas.draw(told, view, scale, ratio))
    return found[0], found[1]


@contextmanager
def without(
    canvas: Canvas, layers: frozenset[LayerId], told: Frame | None = None
) -> Iterator[None]:
    """Leave layers out of the pictures drawn meanwhile, rows as a frame tells; nothing is built or dropped."""
    hidden = [x for x in canvas.stage.actors_of(layers) if x.GetVisibility()]
    for actor in hidden:
        actor.VisibilityOff()
    canvas.stage.leave_out(layers, told)
    try:
        yield
    finally:
        canvas.stage.leave_out(frozenset())
        for actor in hidden:
            actor.VisibilityOn()


def composed(pair: tuple[U8, U8], between: Comparison) -> U8:
    """Return both pictures in one. Blink shows the one or the other by ``share``."""
    old, new = pair
    width = old.shape[1]
    if between.way == "sides":
        quarter, half = width // 4, width // 2
        left = old[:, quarter : quarter + half]
        return np.concatenate([left, new[:, quarter : quarter + width - half]], axis=1)
    if between.way == "swipe":
        edge = round(between.share * width)
        return np.concatenate([old[:, :edge], new[:, edge:]], axis=1)
    if between.way == "blink":
        return old if between.share < 0.5 else new
    weight = round(between.share * 256)
    mixed = (old.astype(np.uint16) * (256 - weight) + new.astype(np.uint16) * weight) >> 8
    return mixed.astype(np.uint8)


def paint_divider(
    painter: QPainter, area: QRectF, theme: Theme, between: Comparison, names: tuple[str, str]
) -> None:
    """Paint the line between the two states and their names on plates."""
    parts = between.way in ("swipe", "sides")
    x = area.width() * (0.5 if between.way == "sides" else between.share)
    if parts:
        painter.setPen(QPen(QColor("#FFFFFF"), 4))
        painter.drawLine(QPointF(x, 0), QPointF(x, area.height()))
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.drawLine(QPointF(x, 0), QPointF(x, area.height()))
    if between.way == "swipe":
        painter.setBrush(QColor("#FFFFFF"))
        painter.drawRoundedRect(handle(area, between), 3, 3)
    top = area.height() - 74
    if parts:
        _name(painter, theme, names[0], QPointF(x - 10, top), right=True)
        _name(painter, theme, names[1], QPointF(x + 10, top), right=False)
    elif between.way == "blink":
        shown = names[0] if between.share < 0.5 else names[1]
        _name(painter, theme, shown, QPointF(area.width() / 2, top), right=None)


def handle(area: QRectF, between: Comparison) -> QRectF:
    """Return the grip of the swipe."""
    x = area.width() * between.share
    return QRectF(x - 6, area.height() / 2 - 18, 12, 36)


def _name(painter: QPainter, theme: Theme, text: str, at: QPointF, *, right: bool | None) -> None:
    painter.setFont(font(12, bold=True))
    width = painter.fontMetrics().horizontalAdvance(text) + 20
    left = at.x() - (width if right else width / 2 if right is None else 0)
    plate = QRectF(left, at.y(), width, 24)
    painter.setPen(QPen(QColor(theme.line), 1))
    painter.setBrush(QColor(theme.panel))
    painter.drawRoundedRect(plate, 6, 6)
    painter.setPen(QColor(theme.t1))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
