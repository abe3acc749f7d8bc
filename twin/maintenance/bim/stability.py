"""How far the answer depends on the weights: they are varied, and what stays is counted.

Every weight is multiplied by a factor drawn evenly from 1 - change .. 1 + change, then all are brought to
add up to 1 again (one-at-a-time and joint variation are the usual test of a weighted sum: Triantaphyllou and
Sanchez 1997, A sensitivity analysis approach for some deterministic multi-criteria decision-making methods).
"""

from dataclasses import dataclass

import numpy as np

from twin.geometry import F64
from twin.jobs import Feedback
from twin.maintenance.bim.method import Method
from twin.maintenance.bim.scoring import Scores, weighed
from twin.maintenance.bim.selection import Choice, Wanted, choose

CELLS = 30_000_000
"""Candidates x weightings at most: of many candidates fewer weightings are tried, and that is said."""
LEAST = 50


@dataclass(frozen=True)
class Stability:
    """``weightings`` tried; the shares 0..1 in which the first of the ranking and the chosen set stay the
    same; ``low`` and ``high`` f64(n) the least and the greatest score of each candidate."""

    weightings: int
    rank_one: float
    same_set: float
    low: F64
    high: F64


def stability(
    scores: Scores,
    costs: F64,
    wanted: Wanted,
    answer: Choice,
    method: Method,
    feedback: Feedback | None = None,
) -> Stability:
    """Return how the answer fares under ``method.weightings`` seeded weightings. Raises Cancelled."""
    n = len(scores)
    if not n:
        return Stability(0, 1.0, 1.0, np.zeros(0), np.zeros(0))
    tries = int(min(method.weightings, max(CELLS // (40 * n), LEAST)))
    drawn = np.random.default_rng(method.seed).uniform(
        1 - method.change, 1 + method.change, (method.weightings, len(scores.weights))
    )[:tries]
    first = int(scores.ranking()[0])
    low, high = scores.low.copy(), scores.low.copy()
    ranks = sets = 0
    for number, factors in enumerate(drawn):
        if feedback is not None:
            feedback.check()
            feedback.progress(number / tries)
        changed = scores.weights * factors
        other = weighed(scores.measures, changed / changed.sum())
        np.minimum(low, other.low, out=low)
        np.maximum(high, other.low, out=high)
        ranks += int(np.argmax(other.low)) == first
        if answer.infeasible is None:
            again = choose(other, costs, wanted, feedback, second=False)
            sets += again.chosen.rows == answer.chosen.rows
    return Stability(tries, ranks / tries, sets / tries, low, high)
