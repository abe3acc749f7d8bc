"""One budget over several classes, and what changes too fast to keep up with.

The least stale cost for a yearly sum B of survey money: every kappa is multiplied by one factor mu >= 1,
chosen so that the surveys cost B (Lagrange). A class whose mu kappa reaches 1 gets no scheduled survey:
what changes too fast for its worth needs a feed. The same for pages of a crawler: Cho and Garcia-Molina,
"Synchronizing a database to improve freshness" (SIGMOD 2000), section on non-uniform rates.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from twin.errors import PlanInput
from twin.geometry import F64
from twin.maintenance.frequency.cycle import stale_share
from twin.maintenance.frequency.optimum import (
    Case,
    at_least,
    best_interval,
    changed_twice,
    changed_twice_at,
)

_HALVINGS = 80


@dataclass(frozen=True, slots=True)
class Fund:
    """What one class gets: ``interval`` years (infinite = no scheduled survey), ``spend`` and
    ``stale_cost`` money a year; ``free`` is its interval without a budget."""

    case: Case
    interval: float
    spend: float
    stale_cost: float
    free: float

    @property
    def needs_feed(self) -> bool:
        """Return whether it gets no scheduled survey although its objects change."""
        return math.isinf(self.interval) and self.case.rate > 0


@dataclass(frozen=True, slots=True)
class Budgeted:
    """A budget shared out: ``mu`` (1 = the budget does not bind) and what each class gets, in their order."""

    mu: float
    funds: tuple[Fund, ...]

    @property
    def spend(self) -> float:
        """Return what all surveys cost a year."""
        return sum(fund.spend for fund in self.funds)


def share_out(cases: Sequence[Case], budget: float) -> Budgeted:
    """Return the intervals with the least stale cost whose surveys cost at most ``budget`` a year.

    Raises PlanInput for no class or a budget that is not above zero.
    """
    at_least("budget", budget, 0.0)
    if budget == 0 or not cases:
        raise PlanInput(name="budget", value=f"{budget:g}", reason="it must be above zero")
    free = sum(_spend(case, best_interval(case)) for case in cases)
    mu = 1.0 if free <= budget else _factor(cases, budget)
    return Budgeted(mu, tuple(_fund(case, mu) for case in cases))


def _factor(cases: Sequence[Case], budget: float) -> float:
    def spent(power: float) -> float:
        return sum(_spend(case, best_interval(case, math.exp(power))) for case in cases)

    high = 1.0
    while spent(high) > budget and high < 700:
        high *= 2
    return math.exp(_meeting(spent, budget, min(high, 700.0)))


def _meeting(falling: Callable[[float], float], target: float, high: float) -> float:
    """Return x in [0, high] where a falling function meets its target, on the side below it."""
    low = 0.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > target else (low, middle)
    return high


def _spend(case: Case, interval: float) -> float:
    if case.survey_cost == 0 or math.isinf(interval):
        return 0.0
    return case.survey_cost / interval


def _fund(case: Case, mu: float) -> Fund:
    interval = best_interval(case, mu)
    stale = case.stale_cost * case.objects * float(stale_share(case.rate, interval))
    return Fund(case, interval, _spend(case, interval), stale, best_interval(case))


def refresh_for_freshness(rates: ArrayLike, total: float) -> F64:
    """Return f64(n) refreshes a year that keep most elements fresh, for ``total`` refreshes a year in all.

    One element a row, each refresh costs one. 1 - (1 + r) exp(-r) = mu rate, r = rate / f; 0 where
    mu rate >= 1. Raises PlanInput.
    """
    rate = _rates(rates, total)

    def frequencies(mu: float) -> F64:
        with np.errstate(divide="ignore"):
            return np.asarray(rate / changed_twice_at(mu * rate), np.float64)

    return _shared(frequencies, total)


def refresh_for_age(rates: ArrayLike, total: float) -> F64:
    """Return f64(n) refreshes a year that keep the mean age least, for ``total`` refreshes a year in all.

    r^2/2 - (1 - (1 + r) exp(-r)) = mu rate^2, r = rate / f. Raises PlanInput.
    """
    rate = _rates(rates, total)

    def frequencies(mu: float) -> F64:
        return np.asarray(rate / _aged_at(mu * rate**2), np.float64)

    return _shared(frequencies, total)


def _rates(rates: ArrayLike, total: float) -> F64:
    at_least("total", total, 0.0)
    rate = np.asarray(rates, np.float64)
    if not len(rate) or not np.isfinite(rate).all() or (rate <= 0).any() or total == 0:
        raise PlanInput(name="rate", value=str(rates)[:60], reason="all must be above zero")
    return rate


def _shared(frequencies: Callable[[float], F64], total: float) -> F64:
    """Return the frequencies whose sum is ``total``: it falls as mu grows, over many decades."""

    def summed(power: float) -> float:
        return float(frequencies(math.exp(power - 200.0)).sum())

    return frequencies(math.exp(_meeting(summed, total, 400.0) - 200.0))


def _aged_at(wanted: F64) -> F64:
    """Return r with r^2/2 - (1 - (1 + r) exp(-r)) = wanted, by halving."""
    low, high = np.zeros_like(wanted), np.sqrt(2 * (wanted + 1)) + 1
    for _ in range(90):
        middle = (low + high) / 2
        less = middle**2 / 2 - changed_twice(middle) < wanted
        low, high = np.where(less, middle, low), np.where(less, high, middle)
    return np.asarray((low + high) / 2, np.float64)
