"""Boxes of tiles over the picture: for debugging, and as a sketch of what is to come. QPainter only."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from twin.figures import DRAWN, FAILED, LOADING, TO_COME, TileBox
from twin.geometry import F64
from twin.tiles import View
from ui.theme import Theme, font
from ui.viewport.overlays import paint_plate, projected

EDGES = tuple((i, i ^ bit) for i in range(8) for bit in (1, 2, 4) if i < i ^ bit)
LEGIBLE = 90.0
"""A box is labelled when it is so many logical pixels wide."""
MOST_LABELS = 40


@dataclass(frozen=True, slots=True)
class BoxLook:
    """Colours, the words of a label with {level} and {error}, and where labels must not stand."""

    theme: Theme
    words: str
    taken: Sequence[QRectF] = ()


def paint_boxes(
    painter: QPainter, look: BoxLook, view: View, boxes: Sequence[TileBox], ratio: float
) -> None:
    """Paint boxes as seen by the view; what reaches behind the eye is left out."""
    if not boxes:
        return
    theme = look.theme
    inks = {
        DRAWN: theme.accent, LOADING: theme.caution_edge, FAILED: theme.status_text["stale"],
        TO_COME: theme.t3,
    }  # fmt: skip
    spots = projected(view, np.concatenate([box.corners for box in boxes])).reshape(-1, 8, 3)
    spots[:, :, :2] /= ratio
    seen = np.asarray((spots[:, :, 2] > 0).all(axis=1), np.bool_)
    for what, ink in inks.items():
        lines = [
            QLineF(*spots[n, a, :2].tolist(), *spots[n, b, :2].tolist())
            for n, box in enumerate(boxes)
            if seen[n] and box.what == what
            for a, b in EDGES
        ]
        style = Qt.PenStyle.DashLine if what == TO_COME else Qt.PenStyle.SolidLine
        painter.setPen(QPen(QColor(ink), 1.0, style))
        painter.drawLines(lines)
    _labels(painter, look, boxes, spots, np.flatnonzero(seen).tolist())


def _labels(
    painter: QPainter, look: BoxLook, boxes: Sequence[TileBox], spots: F64, seen: list[int]
) -> None:
    """Name the widest boxes; a name that would lie on a plate or on another name is left out."""
    painter.setFont(font(11))
    metrics = QFontMetricsF(painter.font())
    wide = np.ptp(spots[:, :, 0], axis=1)
    named = [n for n in seen if boxes[n].what != TO_COME and wide[n] >= LEGIBLE]
    taken = list(look.taken)
    for n in sorted(named, key=lambda n: -wide[n])[:MOST_LABELS]:
        error = boxes[n].error
        said = f"{error:.3g}" if error < 1000 else f"{error:.0f}"
        words = look.words.format(level=boxes[n].level, error=said)
        at = QPointF(*spots[n, :, :2].mean(axis=0).tolist())
        width = metrics.horizontalAdvance(words) + 12
        plate = QRectF(at.x() - width / 2, at.y() - 9, width, 18)
        if any(plate.intersects(other) for other in taken):
            continue
        taken.append(plate)
        paint_plate(painter, plate, look.theme)
        painter.setPen(QColor(look.theme.t1))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, words)
