"""How fast objects change, from permits or from deliveries, with the interval in which the rate lies.

Events x in n object-years: x/n, exact interval of the Poisson law [chi2(.025; 2x), chi2(.975; 2x + 2)] / 2n
(Garwood 1936). Two deliveries, m of N changed in t years: -ln(1 - m/N) / t, as several changes of one object
count once; less biased -ln((N - m + .5) / (N + .5)) / t (Cho and Garcia-Molina, "Estimating frequency of
change", 2003); its interval from that of the share m/N (Clopper and Pearson 1934).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from twin.errors import PlanInput
from twin.maintenance.frequency.optimum import at_least

CONFIDENCE = 0.95
SAME_YEARS = 1e-6
"""Years by which intervals of one length may differ."""
_HALVINGS = 200
_LIKELY = 3.841458820694124
"""The 95 % point of chi-square with one degree of freedom."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate per object-year and the interval [low, high] that holds it with 95 %.

    ``changed`` of ``objects`` over ``object_years``; ``reduced`` is less biased in few objects, ``naive``
    counts every change once (NaN where it does not apply).
    """

    value: float
    low: float
    high: float
    changed: int
    objects: int
    object_years: float
    reduced: float = math.nan
    naive: float = math.nan

    @property
    def few(self) -> bool:
        """Return whether it rests on so few changes that the interval says more than the rate."""
        return self.changed < 10


@dataclass(frozen=True, slots=True)
class Interval:
    """``changed`` of ``objects`` between two deliveries ``years`` apart."""

    changed: int
    objects: int
    years: float

    def __post_init__(self) -> None:
        """Refuse nonsense. Raises PlanInput."""
        at_least("objects", self.objects, 1)
        at_least("changed", self.changed, 0)
        at_least("years", self.years, 0)
        if self.years == 0:
            raise PlanInput(name="years", value="0", reason="it must be above zero")
        if self.changed > self.objects:
            raise PlanInput(
                name="changed", value=str(self.changed), reason="more changed than there are"
            )


def from_events(events: int, object_years: float) -> Rate:
    """Return the rate of ``events`` (permits, completions) in so many object-years. Raises PlanInput."""
    at_least("events", events, 0)
    at_least("object_years", object_years, 0.0)
    if object_years == 0:
        raise PlanInput(name="object_years", value="0", reason="it must be above zero")
    special: Any = import_module("scipy.special")  # a quarter of a second no start need wait for
    tail = (1 - CONFIDENCE) / 2
    low = float(special.gammaincinv(events, tail)) / object_years if events else 0.0
    high = float(special.gammaincinv(events + 1, 1 - tail)) / object_years
    return Rate(events / object_years, low, high, events, 0, object_years)


def from_deliveries(intervals: Sequence[Interval]) -> Rate:
    """Return the rate from two or more deliveries. All changed: the rate is infinite and said so.

    Over intervals of one length the bounds are exact (the share's); over several the rate is the most likely
    one and the bounds are those of its likelihood ratio. An object counts once in each interval. Raises PlanInput for no interval.
    """
    if not intervals:
        raise PlanInput(name="history", value="", reason="it needs an older delivery")
    changed = sum(one.changed for one in intervals)
    exposed = sum(one.objects * one.years for one in intervals)
    objects = sum(one.objects for one in intervals)
    years = intervals[0].years
    if all(abs(one.years - years) < SAME_YEARS for one in intervals):
        return _single(Interval(changed, objects, years))
    value = _most_likely(intervals)
    low, high = _likely(intervals, value)
    return Rate(value, low, high, changed, objects, exposed, naive=changed / exposed)


def _single(one: Interval) -> Rate:
    m, n, years = one.changed, one.objects, one.years
    special: Any = import_module("scipy.special")
    tail = (1 - CONFIDENCE) / 2
    least = float(special.betaincinv(m, n - m + 1, tail)) if m else 0.0
    most = float(special.betaincinv(m + 1, n - m, 1 - tail)) if m < n else 1.0
    return Rate(
        _of_share(m / n, years),
        _of_share(least, years),
        _of_share(most, years),
        m,
        n,
        n * years,
        -math.log((n - m + 0.5) / (n + 0.5)) / years,
        m / (n * years),
    )


def _of_share(share: float, years: float) -> float:
    return -math.log1p(-share) / years if share < 1 else math.inf


def _most_likely(intervals: Sequence[Interval]) -> float:
    """Return the root of the score: sum m t / (exp(rate t) - 1) = sum (N - m) t."""
    if not any(one.changed for one in intervals):
        return 0.0
    if all(one.changed == one.objects for one in intervals):
        return math.inf

    def score(rate: float) -> float:
        gained = sum(
            one.changed * one.years / math.expm1(min(rate * one.years, 700.0))
            for one in intervals
            if one.changed
        )
        return gained - sum((one.objects - one.changed) * one.years for one in intervals)

    return _falling_to_zero(score)


def _falling_to_zero(falling: Any) -> float:
    low, high = -60.0, 20.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(math.exp(middle)) > 0 else (low, middle)
    return math.exp((low + high) / 2)


def _likely(intervals: Sequence[Interval], best: float) -> tuple[float, float]:
    """Return the rates whose log-likelihood lies within half of 3.84 of the best."""
    peak = _likelihood(intervals, best)

    def too_far(rate: float) -> bool:
        return 2 * (peak - _likelihood(intervals, rate)) > _LIKELY

    low = 0.0 if best == 0 else _border(too_far, best, -1)
    high = math.inf if math.isinf(best) else _border(too_far, best or 1e-9, 1)
    return low, high


def _border(too_far: Any, start: float, sign: int) -> float:
    inner, outer = math.log(start), math.log(start) + sign * 60.0
    for _ in range(_HALVINGS):
        middle = (inner + outer) / 2
        inner, outer = (inner, middle) if too_far(math.exp(middle)) else (middle, outer)
    return math.exp((inner + outer) / 2)


def _likelihood(intervals: Sequence[Interval], rate: float) -> float:
    total = 0.0
    for one in intervals:
        u = rate * one.years
        if one.changed:
            share = -math.expm1(-u) if math.isfinite(u) else 1.0
            total += one.changed * (math.log(share) if share > 0 else -math.inf)
        if one.objects > one.changed:
            total -= (one.objects - one.changed) * u
    return total
