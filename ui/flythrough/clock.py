"""The clock of live play: wall time becomes slots at a steady rate, slots become times of the route. No Qt."""

from collections.abc import Sequence
from dataclasses import dataclass, field

RATES = tuple(n / 60 for n in (2, 3, 4, 5, 6, 8, 10, 12, 15))
"""Seconds between pictures, one after another: a machine that cannot hold one takes the next, and stays there."""
LATE = 0.92
"""A picture that takes a greater share of its slot than this has come late."""
PATIENCE = 2
"""Late pictures among the last ``SEEN`` before the next rate is taken."""
SEEN = 12


@dataclass
class FrameClock:
    """Slots of ``period`` seconds from ``zero`` on; the route stands at ``t0`` in the first one."""

    period: float = RATES[0]
    zero: float = 0.0
    t0: float = 0.0
    slot: int = -1
    late: list[bool] = field(default_factory=list)

    def start(self, now: float, t: float) -> None:
        """Begin at a time of the route."""
        self.zero, self.t0, self.slot = now, t, -1

    def due(self, now: float) -> float | None:
        """Return the time of the route to show now, None before the next slot begins.

        A slot that was missed is left out: the route goes by the wall, not by the pictures.
        """
        slot = int((now - self.zero) / self.period + 1e-6)
        if slot <= self.slot:
            return None
        self.slot = slot
        return self.t0 + slot * self.period

    def hold(self, now: float) -> None:
        """Stay at the slot that could not be shown: the next one shows it again."""
        t = self.t0 + self.slot * self.period
        self.zero, self.t0, self.slot = now, t, 0

    def took(self, seconds: float) -> bool:
        """Note what a picture took; return whether the rate became slower for it."""
        self.late = [*self.late[-SEEN + 1 :], seconds > LATE * self.period]
        if sum(self.late) < PATIENCE or self.period >= RATES[-1]:
            return False
        self.late = []
        t, now = self.t0 + self.slot * self.period, self.zero + self.slot * self.period
        self.period = next(rate for rate in RATES if rate > self.period + 1e-9)
        self.zero, self.t0, self.slot = now, t, 0
        return True


def rate_for(milliseconds: Sequence[float]) -> float:
    """Return the quickest rate that pictures which took so long can hold."""
    if not milliseconds:
        return RATES[0]
    worst = sorted(milliseconds)[int(0.9 * (len(milliseconds) - 1))] / 1000
    return next((rate for rate in RATES if worst <= LATE * 0.9 * rate), RATES[-1])
