"""Which buildings get a BIM for a budget: the exact best set with what is forced, and the next best one.

max sum(S_i x_i) with sum(cost_i x_i) <= B, S_i >= S_min, forced x_i = 1 (MAINTENANCE.md 4). Scores are lower
bounds; an interval that holds S_min is neither chosen nor dropped: it goes on the list of data to collect.
An additive score favours several small buildings: therefore the runner-up stands beside the answer.
"""

from dataclasses import dataclass

import numpy as np

from twin.features import Bool
from twin.geometry import F64
from twin.jobs import Feedback
from twin.maintenance.bim.knapsack import I64, best_sets
from twin.maintenance.bim.scoring import Scores


@dataclass(frozen=True)
class Wanted:
    """What is asked: ``budget`` thousands (None: no limit), the lowest score, bool(n) rows ``forced`` in and
    rows ``barred`` by a person (None: none)."""

    budget: int | None = None
    min_score: float = 40.0
    forced: Bool | None = None
    barred: Bool | None = None


@dataclass(frozen=True)
class Infeasible:
    """Why there is no set: what is forced costs ``forced_cost`` thousands, ``shortage`` more than the budget;
    ``unpriced`` rows are forced and have no cost."""

    forced_cost: int
    budget: int
    shortage: int
    forced: tuple[int, ...]
    unpriced: tuple[int, ...] = ()


@dataclass(frozen=True)
class Bundle:
    """A set of rows, its score and its cost in thousands."""

    rows: tuple[int, ...]
    total: float
    cost: int


@dataclass(frozen=True)
class Choice:
    """The answer. ``chosen`` rows; ``collect`` rows whose interval holds the lowest score, or that lack a
    cost only; ``below`` how many are under it; ``exact`` False: costs were counted in steps of ``step``."""

    chosen: Bundle
    runner_up: Bundle | None
    infeasible: Infeasible | None
    collect: tuple[int, ...]
    below: int
    exact: bool = True
    step: int = 1


SHOWN = 4
"""Decimals to which scores count in a sum: as they are printed, so that a reader's sum is the same."""
NOTHING = Bundle((), 0.0, 0)


def whole(costs: F64) -> F64:
    """Return costs in whole thousands, rounded up: a set is never dearer than the budget. NaN stays."""
    return np.ceil(np.round(costs, 6))


def choose(
    scores: Scores,
    costs: F64,
    wanted: Wanted,
    feedback: Feedback | None = None,
    *,
    second: bool = True,
) -> Choice:
    """Return the best set. ``costs`` f64(n) thousands, NaN = not known (then a budget cannot hold it).

    ``second``: look for the runner-up too. Raises Cancelled.
    """
    forced, barred = _marks(wanted, len(scores))
    prices = whole(costs)
    if wanted.budget is None:
        prices = np.where(np.isfinite(prices), prices, 0.0)
    priced, asked = np.isfinite(prices), ~forced & ~barred
    enough = asked & (scores.low >= wanted.min_score)
    collect = asked & (scores.straddles(wanted.min_score) | (enough & ~priced))
    aside = tuple(np.flatnonzero(collect).tolist()), int((scores.high < wanted.min_score).sum())
    wrong = _infeasible(forced, prices, wanted.budget)
    if wrong is not None:
        return Choice(NOTHING, None, wrong, *aside)
    sure, free = np.flatnonzero(forced), np.flatnonzero(enough & priced & (scores.low > 0))
    if wanted.budget is None:
        rows = np.concatenate([sure, free])
        return Choice(_bundle(rows, scores, prices), None, None, *aside)
    room = wanted.budget - int(prices[sure].sum())
    # equals are taken in the order of the ranking, whatever the order of the rows
    free = free[np.lexsort((free, prices[free], -scores.low[free]))]
    values = np.round(scores.low[free], SHOWN)
    found = best_sets(values, prices[free].astype(np.int64), room, feedback, second=second)
    bundles = [
        _bundle(np.concatenate([sure, free[list(one)]]), scores, prices)
        for one in (found.best, found.second)
        if one is not None
    ]
    other = bundles[1] if len(bundles) > 1 and bundles[1].rows else None
    return Choice(bundles[0], other, None, *aside, found.exact, found.step)


def _marks(wanted: Wanted, n: int) -> tuple[Bool, Bool]:
    """Return bool(n) of what is forced in, and of what is kept out."""
    none = np.zeros(n, np.bool_)
    forced = none if wanted.forced is None else wanted.forced
    return forced, none if wanted.barred is None else wanted.barred & ~forced


def _bundle(rows: I64, scores: Scores, prices: F64) -> Bundle:
    rows = np.sort(rows).astype(np.int64)
    return Bundle(
        tuple(rows.tolist()),
        float(np.round(scores.low[rows], SHOWN).sum()),
        int(prices[rows].sum()),
    )


def _infeasible(forced: Bool, prices: F64, budget: int | None) -> Infeasible | None:
    rows = np.flatnonzero(forced)
    unpriced = rows[~np.isfinite(prices[rows])]
    needed = int(np.nansum(prices[rows]))
    if budget is None or (not len(unpriced) and needed <= budget):
        return None
    return Infeasible(
        needed, budget, max(needed - budget, 0), tuple(rows.tolist()), tuple(unpriced.tolist())
    )
