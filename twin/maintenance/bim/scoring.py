"""The score of every candidate with its parts; what is missing widens an interval and is never a zero.

S = 100 * sum(w_j * n_j), MAINTENANCE.md 4. The weights are design decisions of that document (mark D), the
ramps are anchored at the thresholds of public rules (5 000..20 000 m2, 18..100 m).
"""

from dataclasses import dataclass

import numpy as np

from twin.features import Bool
from twin.geometry import F64
from twin.maintenance.bim.inputs import SCORED, Candidates
from twin.maintenance.bim.knapsack import I64
from twin.maintenance.bim.method import PARTS, Method

FULL = 100.0
"""The highest score."""


@dataclass(frozen=True)
class Scores:
    """``measures`` f64(n, 6) of each part 0..1, NaN where it is not known (order of ``PARTS``); ``weights``
    f64(6); ``low`` and ``high`` f64(n) 0..100; ``known`` f64(n) weight of what is known, 0..1."""

    measures: F64
    weights: F64
    low: F64
    high: F64
    known: F64

    def __len__(self) -> int:
        """Return the number of candidates."""
        return len(self.low)

    @property
    def points(self) -> F64:
        """Return f64(n, 6): what each part adds to the score, NaN where it is not known."""
        return FULL * self.weights * self.measures

    def ranking(self) -> I64:
        """Return the rows i64(n) by the lower bound, the best first; equals in the order of the rows."""
        return np.argsort(-self.low, kind="stable").astype(np.int64)

    def straddles(self, least: float) -> Bool:
        """Return bool(n): whose interval holds the lowest score: neither chosen nor dropped, collect data."""
        return (self.low < least) & (self.high >= least)


def score(found: Candidates, method: Method) -> Scores:
    """Return the scores of candidates. Without a value the measure is taken as 0 in the lower bound
    and as 1 in the upper one."""
    measures = np.stack([_measure(part, found[SCORED[part]], method) for part in PARTS], axis=1)
    return weighed(measures, method.vector())


def weighed(measures: F64, weights: F64) -> Scores:
    """Return the scores of measures f64(n, 6) under weights f64(6) that add up to 1."""
    known = np.isfinite(measures)
    low = FULL * np.where(known, measures, 0.0) @ weights
    share = known @ weights
    high = np.minimum(low + FULL * (~known) @ weights, FULL)
    return Scores(measures, weights, low, high, np.asarray(share, np.float64))


def _measure(part: str, values: F64, method: Method) -> F64:
    known = np.isfinite(values)
    if part in method.ramps:
        return method.ramps[part](values)
    if part == "gap":
        return np.clip(values, 0.0, 1.0)
    table = [use.value for use in method.uses] if part == "use" else list(method.heritage)
    place = np.where(known, values, 0).astype(np.int64)
    return np.where(known, np.asarray(table, np.float64)[place], np.nan)
