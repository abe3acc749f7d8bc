"""Where the tracks of a timeline lie, and what is under a point: keyframe, bar or its ends, ruler. No widgets."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from ui.flythrough.axis import Axis
from ui.flythrough.painting import RULER, bar_box
from ui.flythrough.score import TRACKS, Bar, Score

HEAD = 200.0
"""Logical pixels of the names of the tracks at the left; less in a small window."""
SMALL_HEAD = 132.0
ROW, LEAST_ROW = 34.0, 22.0
CAMERA, LEAST_CAMERA = 72.0, 44.0
REACH = 8.0
"""Logical pixels within which a diamond or the end of a bar is taken."""
POINTS = frozenset({"sun", "as_of"})
"""Tracks of instants: diamonds instead of bars."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of the tracks in a picture of a size, scrolled down by ``down`` pixels."""

    width: float
    height: float
    down: float = 0.0

    @property
    def head(self) -> float:
        """Return the pixels of the names at the left."""
        return HEAD if self.width >= 1100 else SMALL_HEAD

    @property
    def row(self) -> float:
        """Return the height of a track: less where there is little room."""
        spare = self.height - RULER - self.camera
        return min(max(spare / (len(TRACKS) - 1), LEAST_ROW), ROW)

    @property
    def camera(self) -> float:
        """Return the height of the camera's track."""
        roomy = self.height >= RULER + CAMERA + LEAST_ROW * (len(TRACKS) - 1)
        return CAMERA if roomy else LEAST_CAMERA

    @property
    def over(self) -> float:
        """Return how many pixels of the tracks do not fit."""
        needed = RULER + self.camera + self.row * (len(TRACKS) - 1)
        return max(needed - self.height, 0.0)

    def box(self, track: str) -> QRectF:
        """Return the row of a track over the whole width."""
        number = TRACKS.index(track)
        top = RULER - self.down + (self.camera + self.row * (number - 1) if number else 0.0)
        return QRectF(0, top, self.width, self.row if number else self.camera)

    def track_at(self, y: float) -> str:
        """Return the track at a height, '' above and below them."""
        if y < RULER:
            return ""
        found = (t for t in TRACKS if self.box(t).top() <= y < self.box(t).bottom())
        return next(found, "")

    def eye(self, track: str) -> QRectF:
        """Return where the eye of a track stands."""
        box = self.box(track)
        return QRectF(self.head - 30, box.center().y() - 9, 18, 18)

    def axis(self, axis: Axis) -> Axis:
        """Return the axis that lies beside the names."""
        left = self.head + 12.0
        return Axis(left, max(self.width - left - 16.0, 20.0), axis.start, axis.span)


@dataclass(frozen=True, slots=True)
class Hit:
    """What is under a point. ``part``: ruler, key, bar, start, end, eye, head, row or ''."""

    part: str = ""
    track: str = ""
    key: int = -1
    bar: Bar | None = None


def hit(rows: Rows, axis: Axis, score: Score, at: QPointF) -> Hit:
    """Return what is under a point."""
    if at.x() >= rows.head and at.y() < RULER:
        return Hit("ruler")
    track = rows.track_at(at.y())
    if not track:
        return Hit()
    if at.x() < rows.head:
        return Hit("eye" if rows.eye(track).contains(at) else "head", track)
    if track == "camera":
        return _camera_hit(axis, score, at)
    return _bar_hit(rows, axis, score, track, at)


def _camera_hit(axis: Axis, score: Score, at: QPointF) -> Hit:
    near = [(abs(axis.x(k.t) - at.x()), k.number) for k in score.between(axis.start, axis.end)]
    best = min(near, default=(REACH + 1, -1))
    return Hit("key", "camera", best[1]) if best[0] <= REACH else Hit("row", "camera")


def _bar_hit(rows: Rows, axis: Axis, score: Score, track: str, at: QPointF) -> Hit:
    bars = score.on(track, axis.start - axis.seconds(REACH), axis.end)
    if track in POINTS:
        near = [(abs(axis.x(bar.start) - at.x()), n) for n, bar in enumerate(bars)]
        off, number = min(near, default=(REACH + 1, -1))
        if off <= REACH + 2:
            return Hit("bar", track, bars[number].key, bars[number])
        return Hit("row", track)
    for bar in reversed(bars):
        box = bar_box(axis, rows.box(track), bar)
        if not box.adjusted(-3, 0, 3, 0).contains(at):
            continue
        near_end = min(6.0, box.width() / 4)
        if at.x() < box.left() + near_end:
            return Hit("start", track, bar.key, bar)
        if at.x() > box.right() - near_end:
            return Hit("end", track, bar.key, bar)
        return Hit("bar", track, bar.key, bar)
    return Hit("row", track)
