"""What a timeline shows of a route: keyframes, the curve of the speed, bars, dots and lines by track. No Qt."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from twin.geometry import F64

TRACKS = ("camera", "layers", "color_by", "sun", "as_of", "section", "captions", "highlight")
"""The tracks from top to bottom."""
ICONS = {
    "camera": "camera", "layers": "layers", "color_by": "palette", "sun": "sun", "as_of": "as_of",
    "section": "section", "captions": "caption", "highlight": "spotlight",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bar:
    """What a track says from ``start`` to ``end``, stated by item ``key`` of the track.

    ``tone`` is one of painting.TONES; ``level`` 0..1 where a line is drawn instead (the sun);
    ``point`` when it is an instant rather than a stretch.
    """

    track: str
    key: int
    start: float
    end: float
    text: str
    tone: str = "plain"
    level: float | None = None
    point: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """A keyframe of the camera: when, under which name; ``number`` counts from 0."""

    number: int
    t: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """All that is painted. ``speed`` f64(n, 2): time in seconds, metres a second, rising in time."""

    duration: float = 0.0
    keys: tuple[Key, ...] = ()
    bars: dict[str, tuple[Bar, ...]] = field(default_factory=dict)
    speed: F64 = field(default_factory=lambda: np.zeros((0, 2)))
    holes: tuple[tuple[float, float], ...] = ()
    """Stretches of time in which tiles were missing when the route was checked."""

    @property
    def fastest(self) -> float:
        """Return the highest speed, metres a second."""
        return float(self.speed[:, 1].max()) if len(self.speed) else 0.0

    def speed_at(self, t: float) -> float:
        """Return the speed at a time, metres a second."""
        return float(np.interp(t, self.speed[:, 0], self.speed[:, 1])) if len(self.speed) else 0.0

    def times(self) -> list[float]:
        """Return the times of the keyframes."""
        return [key.t for key in self.keys]

    def between(self, start: float, end: float) -> Sequence[Key]:
        """Return the keyframes whose stretch touches a time span, found by halving."""
        times = self.times()
        first = max(bisect_right(times, start) - 1, 0)
        return self.keys[first : bisect_left(times, end) + 1]

    def at(self, t: float) -> int:
        """Return the number of the keyframe whose stretch holds a time; -1 without keyframes."""
        return max(bisect_right(self.times(), t + 1e-9) - 1, 0) if self.keys else -1

    def on(self, track: str, start: float, end: float) -> list[Bar]:
        """Return the bars of a track that touch a time span."""
        return [bar for bar in self.bars.get(track, ()) if bar.end >= start and bar.start <= end]

    def next_key(self, t: float, forward: bool) -> float:
        """Return the time of the next keyframe, or of the one before; the ends of the route else."""
        times = self.times()
        if forward:
            return next((x for x in times if x > t + 1e-6), self.duration)
        return next((x for x in reversed(times) if x < t - 1e-6), 0.0)
