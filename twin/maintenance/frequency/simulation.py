"""Five years ahead: the share of objects that are up to date, and the money spent, under any interval.

Deterministic expectation: an object surveyed a years ago is up to date with probability exp(-rate a).
What has no date counts as out of date until it is surveyed. What is overdue today is surveyed oldest
first, evenly over the first year. The Monte Carlo beside it draws the changes of whole classes of equal
age at once (binomial thinning), which is exact for independent objects.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F64, I32

MONTHS = 60
STEP = 1 / 12
"""Years of one step."""
BACKLOG_YEARS = 1.0
"""Over how long what is overdue today is caught up with."""
PIECES = 24
"""Into how many parts what is overdue alike is divided, so that it is caught up with little by little."""
MOST_YEARS = 200.0
"""Ages above count as this one."""
_NONE = np.inf


@dataclass(frozen=True)
class Stock:
    """The city as a simulation sees it, one row an object.

    ``age`` f64(n) years since its date (NaN = none); ``rate`` f64(n) changes a year; ``unit_cost`` f64(n)
    money a survey of it; ``stale_cost`` f64(n) money a year out of date; ``interval`` f64(n) years of the
    present policy (infinite = no schedule).
    """

    age: F64
    rate: F64
    unit_cost: F64
    stale_cost: F64
    interval: F64

    def of(self, rows: I32) -> "Stock":
        """Return some of the objects."""
        return Stock(
            self.age[rows],
            self.rate[rows],
            self.unit_cost[rows],
            self.stale_cost[rows],
            self.interval[rows],
        )

    def __len__(self) -> int:
        """Return the number of objects."""
        return len(self.age)


@dataclass(frozen=True)
class Course:
    """One scenario, f64(61) by months from now: ``fresh`` share 0..1, ``spent`` and ``stale`` money so far.

    ``low`` and ``high`` hold 90 % of the drawn courses (None without Monte Carlo).
    """

    fresh: F64
    spent: F64
    stale: F64
    low: F64 | None = None
    high: F64 | None = None

    @property
    def mean_fresh(self) -> float:
        """Return the share up to date, averaged over the years."""
        return float(_mean(self.fresh))


@dataclass(frozen=True)
class _Bins:
    """Objects that are alike, counted: f64(k) each. ``first`` years until their next survey."""

    count: F64
    fresh: F64
    rate: F64
    unit: F64
    stale: F64
    first: F64
    interval: F64


def simulate(
    stock: Stock, interval: F64 | float | None = None, *, draws: int = 0, seed: int = 0
) -> Course:
    """Return what happens under an interval in years (None = the present policy's; infinite = never).

    ``interval`` is a number, or one an object. ``draws`` > 0 adds a Monte Carlo with this seed.
    """
    wanted = stock.interval if interval is None else np.broadcast_to(interval, len(stock))
    if not len(stock):
        none = np.zeros(MONTHS + 1)
        return Course(none, none, none)
    bins = _binned(stock, np.asarray(wanted, np.float64))
    course = _expected(bins)
    if draws <= 0:
        return course
    low, high = _drawn(bins, draws, seed)
    return Course(course.fresh, course.spent, course.stale, low, high)


def _binned(stock: Stock, interval: F64) -> _Bins:
    """Return the objects by whole months of age, and alike in all else; no date = 'never known'."""
    index, count = _alike(stock, interval)
    month, every = _months(stock.age[index]), interval[index]
    age = np.where(month >= 0, (month + 0.5) * STEP, np.inf)
    late = np.isfinite(every) & (age >= every)
    share = np.where(late, count / max(count[late].sum(), 1), 0.0)
    pieces = np.clip(np.ceil(PIECES * share), 1, count).astype(np.int64)
    whole = np.repeat(np.arange(len(count)), pieces)
    number = np.arange(len(whole)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    parts = count[whole] // pieces[whole] + (number < count[whole] % pieces[whole])
    index, age, every = index[whole], age[whole], every[whole]
    rate, counted = stock.rate[index], parts.astype(np.float64)
    with np.errstate(invalid="ignore"):
        fresh = np.where(np.isfinite(age), np.exp(-rate * age), 0.0)
    first = _first_surveys(age, every, counted)
    return _Bins(
        counted, fresh, rate, stock.unit_cost[index], stock.stale_cost[index], first, every
    )


def _months(age: F64) -> NDArray[np.int64]:
    """Return whole months of age, -1 without a date."""
    known = ~np.isnan(age)
    months = np.floor(np.clip(np.where(known, age, 0.0), 0, MOST_YEARS) / STEP)
    return np.where(known, months, -1).astype(np.int64)


def _alike(stock: Stock, interval: F64) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return of objects that are alike one each, and how many they are. Columns of one value cost nothing."""
    key = _months(stock.age) + 1
    span = int(MOST_YEARS / STEP) + 2
    for column in (stock.rate, stock.unit_cost, stock.stale_cost, interval):
        if (column != column[0]).any():
            values, codes = np.unique(column, return_inverse=True)
            key, span = key * len(values) + codes, span * len(values)
    if span > 4 * len(key) + 100_000:
        _, index, counts = np.unique(key, return_index=True, return_counts=True)
        return index, counts
    counts = np.bincount(key, minlength=span)
    index = np.zeros(span, np.int64)
    index[key[::-1]] = np.arange(len(key) - 1, -1, -1)
    there = np.flatnonzero(counts)
    return index[there], counts[there]


def _first_surveys(age: F64, every: F64, count: F64) -> F64:
    """Return f64(k) years until the next survey: what is overdue comes oldest first within the backlog."""
    first = np.where(np.isfinite(every), every - age, _NONE)
    late = np.flatnonzero(np.isfinite(every) & (age >= every))
    if len(late):
        order = late[np.argsort(-age[late], kind="stable")]
        before = np.cumsum(count[order]) - count[order] / 2
        window = np.minimum(BACKLOG_YEARS, every[order])
        first[order] = before / count[order].sum() * window
    return first


def _surveys_by(bins: _Bins, years: float) -> F64:
    """Return f64(k): how many surveys each had by a time."""
    with np.errstate(invalid="ignore"):
        more = np.floor((years - bins.first) / bins.interval + 1e-9) + 1
    return np.where(years >= bins.first - 1e-9, np.where(np.isfinite(more), more, 0.0), 0.0)


def _expected(bins: _Bins) -> Course:
    total = bins.count.sum()
    fresh, spent = np.zeros(MONTHS + 1), np.zeros(MONTHS + 1)
    missed = np.zeros(MONTHS + 1)
    for month in range(MONTHS + 1):
        years = month * STEP
        done = _surveys_by(bins, years)
        with np.errstate(invalid="ignore"):
            since = years - (bins.first + np.maximum(done - 1, 0) * bins.interval)
        up = np.where(done > 0, np.exp(-bins.rate * np.where(done > 0, since, 0.0)), 0.0)
        up = np.where(done > 0, up, bins.fresh * np.exp(-bins.rate * years))
        fresh[month] = (bins.count * up).sum() / total
        spent[month] = (bins.count * bins.unit * done).sum()
        missed[month] = (bins.count * bins.stale * (1 - up)).sum()
    return Course(fresh, spent, _accrued(missed))


def _accrued(rate: F64) -> F64:
    """Return the money so far of a money rate a year, by trapezes."""
    steps = (rate[1:] + rate[:-1]) / 2 * STEP
    return np.concatenate([[0.0], np.cumsum(steps)])


def _mean(values: F64) -> float:
    return float(((values[1:] + values[:-1]) / 2).mean())


def _drawn(bins: _Bins, draws: int, seed: int) -> tuple[F64, F64]:
    """Return the 5 % and 95 % points of the drawn shares, f64(61) each."""
    random = np.random.default_rng(seed)
    counts = np.round(bins.count).astype(np.int64)
    state = random.binomial(counts, bins.fresh, (draws, len(counts)))
    kept = np.exp(-bins.rate * STEP)
    shares = np.zeros((MONTHS + 1, draws))
    before = np.zeros(len(counts))
    for month in range(MONTHS + 1):
        if month:
            state = random.binomial(state, kept)
        done = _surveys_by(bins, month * STEP)
        due = done > before
        if due.any():
            state[:, due] = random.binomial(
                counts[due], np.exp(-bins.rate[due] * _since(bins, month, done)[due]),
                (draws, int(due.sum())),
            )  # fmt: skip
        before = done
        shares[month] = state.sum(axis=1) / counts.sum()
    low, high = np.quantile(shares, [0.05, 0.95], axis=1)
    return low, high


def _since(bins: _Bins, month: int, done: F64) -> F64:
    """Return f64(k) years since the last survey, 0 where there was none."""
    with np.errstate(invalid="ignore"):
        since = month * STEP - (bins.first + (done - 1) * bins.interval)
    return np.where(done > 0, since, 0.0)


def by_group(
    stock: Stock, groups: I32, names: tuple[str, ...], interval: F64 | float | None = None
) -> Mapping[str, Course]:
    """Return the course of every group: ``groups`` i32(n) into ``names``, -1 left out."""
    wanted = None if interval is None else np.broadcast_to(interval, len(stock))
    found = {}
    for code, name in enumerate(names):
        rows = np.flatnonzero(groups == code).astype(np.int32)
        if len(rows):
            part = None if wanted is None else np.asarray(wanted[rows], np.float64)
            found[name] = simulate(stock.of(rows), part)
    return found
