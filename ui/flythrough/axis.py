"""The time axis of a timeline as numbers: seconds become pixels and back, ticks, snapping. No Qt."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
"""Seconds between two ticks that carry a time."""
MINOR = {0.1: 2, 0.2: 2, 0.5: 5, 1.0: 5, 2.0: 4, 5.0: 5, 10.0: 5, 20.0: 4, 30.0: 6, 60.0: 6}
"""Into how many parts such a step is divided; 5 where nothing is said."""
LEAST_SPAN = 0.5
"""Seconds that are seen at least."""
ROOM = 1.02
"""The whole route is seen with so much room behind its end."""


@dataclass(frozen=True, slots=True)
class Axis:
    """``span`` seconds from ``start`` on lie on ``width`` pixels from ``left`` on."""

    left: float = 0.0
    width: float = 100.0
    start: float = 0.0
    span: float = 10.0

    def x(self, t: float) -> float:
        """Return where a time lies, pixels."""
        return self.left + (t - self.start) / self.span * self.width

    def t(self, x: float) -> float:
        """Return the time at a place, seconds; never before the start of the route."""
        return max(self.start + (x - self.left) / max(self.width, 1.0) * self.span, 0.0)

    @property
    def end(self) -> float:
        """Return the last time that is seen."""
        return self.start + self.span

    def seconds(self, pixels: float) -> float:
        """Return how long so many pixels are."""
        return pixels / max(self.width, 1.0) * self.span

    def fitted(self, duration: float) -> "Axis":
        """Show the whole route."""
        return replace(self, start=0.0, span=max(duration * ROOM, LEAST_SPAN))

    def zoomed(self, x: float, factor: float, duration: float) -> "Axis":
        """Show ``factor`` times as long a time; what lies at ``x`` stays there."""
        most = max(duration * 4.0, 60.0)
        span = float(np.clip(self.span * factor, LEAST_SPAN, most))
        at = self.t(x)
        share = (x - self.left) / max(self.width, 1.0)
        return replace(self, start=max(at - share * span, 0.0), span=span)

    def scrolled(self, seconds: float, duration: float) -> "Axis":
        """Show what comes so much later; the end of the route stays in sight."""
        most = max(duration * ROOM - self.span, 0.0)
        return replace(self, start=float(np.clip(self.start + seconds, 0.0, max(most, 0.0))))

    def showing(self, t: float) -> "Axis":
        """Show a time: nothing moves while it is in sight, else it comes to a tenth of the width."""
        if self.start <= t <= self.end:
            return self
        return replace(self, start=max(t - 0.1 * self.span, 0.0))

    def step(self, room: float = 92.0) -> float:
        """Return the seconds between two times that are written, ``room`` pixels apart at least."""
        least = self.seconds(room)
        return next((step for step in STEPS if step >= least), STEPS[-1])

    def ticks(self) -> tuple[list[float], list[float]]:
        """Return the times that are written, and those between them that are only ticked."""
        step = self.step()
        parts = MINOR.get(step, 5)
        first = int(np.floor(self.start / step)) * parts
        last = int(np.ceil(self.end / step)) * parts
        written: list[float] = []
        ticked: list[float] = []
        for number in range(first, last + 1):
            t = number * step / parts
            if self.start - 1e-9 <= t <= self.end + 1e-9:
                (ticked if number % parts else written).append(round(t, 6))
        return written, ticked


def snapped(t: float, grid: float, others: Sequence[float] = (), reach: float = 0.0) -> float:
    """Return the nearest of ``others`` within ``reach`` seconds, else the nearest multiple of ``grid``.

    A grid of 0 leaves the time as it is.
    """
    near = min(others, key=lambda other: abs(other - t), default=None)
    if near is not None and abs(near - t) <= reach:
        return max(float(near), 0.0)
    return max(round(t / grid) * grid, 0.0) if grid > 0 else max(t, 0.0)


def clock(seconds: float, decimals: int = 0) -> str:
    """Return ``1:05`` or, with decimals, ``1:05.5``; hours where there are any."""
    scale = 10**decimals
    whole = round(max(seconds, 0.0) * scale)
    minutes, rest = divmod(whole, 60 * scale)
    part = f"{rest // scale:02d}" + (f".{rest % scale:0{decimals}d}" if decimals else "")
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{part}" if hours else f"{minutes}:{part}"


def decimals_of(step: float) -> int:
    """Return with how many decimals times are written that lie a step apart."""
    return 0 if step >= 1.0 else 1
