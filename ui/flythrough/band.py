"""Selecting several things of a timeline: by a band drawn with Shift, or from one keyframe to another. No widgets."""

from PySide6.QtCore import QPointF, QRectF

from ui.flythrough.axis import Axis
from ui.flythrough.rows import Rows
from ui.flythrough.score import TRACKS, Score

Chosen = tuple[frozenset[int], frozenset[tuple[str, int]]]


def banded(rows: Rows, axis: Axis, score: Score, start: QPointF, end: QPointF) -> Chosen:
    """Return the keyframes and bars that a band between two points touches."""
    box = QRectF(start, end).normalized()
    first, last = axis.t(box.left()), axis.t(box.right())
    keys: frozenset[int] = frozenset()
    bars: set[tuple[str, int]] = set()
    for track in TRACKS:
        row = rows.box(track)
        if row.bottom() < box.top() or row.top() > box.bottom():
            continue
        if track == "camera":
            keys = frozenset(k.number for k in score.keys if first <= k.t <= last)
        for bar in score.on(track, first, last):
            if not bar.point or first <= bar.start <= last:
                bars.add((track, bar.key))
    return keys, frozenset(bars)


def ranged(chosen: frozenset[int], key: int) -> frozenset[int]:
    """Return the selected keyframes and all between them and another one."""
    near = min(chosen, key=lambda one: abs(one - key), default=key)
    return chosen | frozenset(range(min(near, key), max(near, key) + 1))
