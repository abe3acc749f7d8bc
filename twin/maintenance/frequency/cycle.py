"""What a survey cycle keeps up with when objects change at random (Poisson): shares out of date, ages.

Cho and Garcia-Molina, "Synchronizing a database to improve freshness" (SIGMOD 2000), fixed order. Rates
are changes per object and year, times are years of 365.25 days; everything takes scalars or arrays
that numpy can broadcast.
"""

import numpy as np
from numpy.typing import ArrayLike

from twin.geometry import F64

YEAR_DAYS = 365.25
_SMALL = 0.05
"""Below, differences of exponentials are summed as series: their digits would cancel."""


def out_of_date(rate: ArrayLike, years: ArrayLike) -> F64:
    """Return the probability 0..1 that an object changed since it was surveyed: 1 - exp(-rate years)."""
    return np.asarray(-np.expm1(-_product(rate, years)), np.float64)


def stale_share(rate: ArrayLike, interval: ArrayLike, lead: ArrayLike = 0.0) -> F64:
    """Return the share 0..1 of objects out of date, averaged over a cycle of ``interval`` years.

    S = 1 - exp(-rate lead) (1 - exp(-u)) / u with u = rate interval; ``lead`` is the time between capture
    and delivery, years.
    """
    held = np.exp(-_product(rate, lead))
    late = np.asarray(-np.expm1(-_product(rate, lead)), np.float64)
    return np.asarray(late + held * _lost(_product(rate, interval)), np.float64)


def fresh_share(rate: ArrayLike, interval: ArrayLike, lead: ArrayLike = 0.0) -> F64:
    """Return the share 0..1 of objects that are up to date, averaged over a cycle; 1 - ``stale_share``."""
    return np.asarray(1.0 - stale_share(rate, interval, lead), np.float64)


def mean_age(rate: ArrayLike, interval: ArrayLike) -> F64:
    """Return for how many years an object is out of date, averaged over objects and a cycle.

    A = T (1/2 - 1/u + (1 - exp(-u)) / u^2) with u = rate T; 0 for what is up to date.
    """
    u = _product(rate, interval)
    wide = np.maximum(u, _SMALL)
    exact = 0.5 - 1 / wide - np.expm1(-wide) / wide**2
    series = u / 6 - u**2 / 24 + u**3 / 120 - u**4 / 720 + u**5 / 5040 - u**6 / 40320
    return np.asarray(np.where(u < _SMALL, series, exact) * np.asarray(interval), np.float64)


def _lost(u: F64) -> F64:
    """Return 1 - (1 - exp(-u)) / u."""
    wide = np.maximum(u, _SMALL)
    with np.errstate(invalid="ignore"):
        exact = np.where(np.isinf(u), 1.0, 1 + np.expm1(-wide) / wide)
        series = u / 2 - u**2 / 6 + u**3 / 24 - u**4 / 120 + u**5 / 720 - u**6 / 5040
    return np.asarray(np.where(u < _SMALL, series, exact), np.float64)


def _product(rate: ArrayLike, years: ArrayLike) -> F64:
    """Return rate * years, 0 where nothing ever changes."""
    first, second = np.asarray(rate, np.float64), np.asarray(years, np.float64)
    with np.errstate(invalid="ignore"):
        found = first * second
    return np.asarray(np.where((first == 0) | (second == 0), 0.0, found), np.float64)
