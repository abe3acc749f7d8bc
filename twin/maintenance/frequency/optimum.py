"""The survey interval that costs least: exact, by the square-root rule, and by limits of probability.

Cost rate g(T) = C/T + c N S(T), C the money for one survey of the whole class, N objects, c the money that
an object out of date costs a year. dg/dT = 0 is 1 - (1 + u) exp(-u) = kappa with u = rate T and
kappa = rate C / (c N); the left side is the distribution function of Gamma(2), hence
T = chi2(4; kappa) / (2 rate). For kappa >= 1 no scheduled survey pays. Derived here; that such an optimum
exists and is one: arXiv 1008.0441. For small u it is the square-root rule T = sqrt(2 C / (rate c N)).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from twin.errors import PlanInput
from twin.geometry import F64
from twin.maintenance.frequency.cycle import stale_share

_STEPS = 60
"""Newton's steps at most; about six are taken."""
_TURN = 1 - 2 / math.e
"""The distribution function where it turns from convex to concave, at u = 1."""


@dataclass(frozen=True, slots=True)
class Case:
    """One class to survey: ``rate`` changes an object-year, ``objects``, ``stale_cost`` money an object-year
    out of date, ``survey_cost`` money a survey of the whole class; one currency."""

    rate: float
    objects: int
    stale_cost: float
    survey_cost: float

    def __post_init__(self) -> None:
        """Refuse nonsense. Raises PlanInput."""
        for name in ("rate", "stale_cost", "survey_cost"):
            at_least(name, getattr(self, name), 0.0)
        at_least("objects", self.objects, 1)

    @property
    def neglected(self) -> float:
        """Return what never surveying costs a year, once everything is out of date."""
        return self.stale_cost * self.objects if self.rate > 0 else 0.0


def at_least(name: str, value: float, least: float) -> None:
    """Refuse what is no finite number, or below ``least``. Raises PlanInput."""
    if not math.isfinite(value):
        raise PlanInput(name=name, value=str(value), reason="it must be a finite number")
    if value < least:
        raise PlanInput(name=name, value=f"{value:g}", reason=f"it must be at least {least:g}")


def a_share(name: str, value: float) -> None:
    """Refuse what is no share strictly between 0 and 1. Raises PlanInput."""
    if not 0 < value < 1:
        raise PlanInput(
            name=name, value=f"{value:g}", reason="it must lie between 0 and 1, such as 0.1"
        )


def changed_twice(u: ArrayLike) -> F64:
    """Return 1 - (1 + u) exp(-u), the distribution function of Gamma(2), without cancelling digits."""
    x = np.asarray(u, np.float64)
    wide = np.maximum(x, 0.3)
    with np.errstate(invalid="ignore", over="ignore"):
        exact = np.where(np.isinf(x), 1.0, -np.expm1(-wide) - wide * np.exp(-wide))
        term, total = x * x / 2, x * x / 2
        small = np.minimum(x, 0.3)
        term = total = small * small / 2
        for power in range(3, 14):
            term = term * small / power
            total = total + term
    return np.asarray(np.where(x < 0.3, total * np.exp(-small), exact), np.float64)


def changed_twice_at(kappa_: ArrayLike) -> F64:
    """Return u >= 0 with 1 - (1 + u) exp(-u) = kappa by Newton; infinite for kappa >= 1."""
    wanted = np.asarray(kappa_, np.float64)
    inside = np.clip(np.where(np.isfinite(wanted), wanted, 1.0), 0.0, 1 - 1e-16)
    u = np.where(inside < _TURN, np.sqrt(2 * inside), 1.0)
    for _ in range(_STEPS):
        slope = np.maximum(u * np.exp(-u), 1e-300)
        step = (changed_twice(u) - inside) / slope
        u = np.where(inside > 0, np.maximum(u - step, 1e-300), 0.0)
        if np.all(np.abs(step) <= 1e-15 * np.maximum(u, 1e-300)):
            break
    return np.asarray(np.where(wanted >= 1, np.inf, u), np.float64)


def kappa(case: Case) -> float:
    """Return rate C / (c N), without unit: from 1 on no scheduled survey pays."""
    worth = case.stale_cost * case.objects
    paid = case.rate * case.survey_cost
    if worth == 0:
        return math.inf
    return paid / worth


def best_interval(case: Case, weight: float = 1.0) -> float:
    """Return the interval that costs least, years; infinite where no scheduled survey pays.

    ``weight`` multiplies the money for surveys, as a scarce budget does.
    """
    if case.rate == 0:
        return math.inf
    return float(changed_twice_at(weight * kappa(case))) / case.rate


def quick_interval(case: Case) -> float:
    """Return sqrt(2 C / (rate c N)), years: the rule of thumb, always a little short."""
    worth = case.rate * case.stale_cost * case.objects
    return math.sqrt(2 * case.survey_cost / worth) if worth else math.inf


def cost_per_year(case: Case, interval: ArrayLike) -> F64:
    """Return g(T), money a year, for intervals in years; infinite = never surveyed."""
    years = np.asarray(interval, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        surveys = np.where(case.survey_cost == 0, 0.0, case.survey_cost / years)
    missed = case.stale_cost * case.objects * stale_share(case.rate, years)
    return np.asarray(surveys + missed, np.float64)


def interval_for_worst(rate: float, most: float) -> float:
    """Return the longest interval, years, at whose end an object is out of date with probability ``most``.

    T = -ln(1 - p) / rate. Raises PlanInput unless 0 < most < 1.
    """
    a_share("max_out_of_date", most)
    return -math.log1p(-most) / rate if rate > 0 else math.inf


def interval_for_freshness(rate: float, least: float) -> float:
    """Return the longest interval, years, with the share ``least`` up to date on average over the cycle.

    Raises PlanInput unless 0 < least < 1.
    """
    a_share("least_fresh", least)
    if rate <= 0:
        return math.inf
    low, high = 0.0, 1.0
    while float(stale_share(1.0, high)) < 1 - least:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if float(stale_share(1.0, middle)) < 1 - least else (low, middle)
        )
    return (low + high) / 2 / rate
