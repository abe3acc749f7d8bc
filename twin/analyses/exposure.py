"""Which points see the sun when: rays towards it from every point at every step. No pixels, no camera."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twin.analyses.rays import Caster
from twin.features import Bool
from twin.geometry import F64
from twin.jobs import Feedback

PAIRS = 100_000
"""Rays in one go: the library holds the interpreter meanwhile."""
GRAZING = 1e-6
"""Least cosine between a surface and the sun: one that looks away lies in its own shadow."""


@dataclass(frozen=True)
class Exposure:
    """Hours f64(n) of direct sun at points: ``total``, and the ``longest`` stretch without a break.

    With several days they are those of the poorest day of each point; ``mean`` is over the days.
    """

    total: F64
    longest: F64
    mean: F64


def sunlit(caster: Caster, points: F64, normals: F64, ways: F64, feedback: Feedback) -> Bool:
    """Return bool(n, k): whether points f64(n, 3) see the sun in each of the unit vectors f64(k, 3).

    A point whose normal f64(3) turns away from the sun does not; a normal of zero looks everywhere.
    Raises Cancelled.
    """
    lit = np.zeros((len(points), len(ways)), np.bool_)
    block = max(PAIRS // max(len(ways), 1), 1)
    everywhere: Bool = ~np.any(normals, axis=1)
    for start in range(0, len(points), block):
        feedback.check()
        part = slice(start, start + block)
        towards: F64 = normals[part] @ ways.T
        facing = np.asarray((towards > GRAZING) | everywhere[part][:, None])
        rows, steps = np.nonzero(facing)
        met = caster.hits(points[part][rows], ways[steps])
        lit[part][rows, steps] = ~met
        feedback.progress(min(1.0, (start + block) / len(points)))
    return lit


def exposure(lit: Bool, lengths: F64, days: Sequence[slice]) -> Exposure:
    """Return the hours of points from bool(n, k); ``lengths`` f64(k) are the hours of a step.

    ``days`` are the steps of each day: no stretch runs over midnight.
    """
    hours = np.stack([lit[:, day] @ lengths[day] for day in days], axis=1)
    runs = np.stack([_longest(lit[:, day], lengths[day]) for day in days], axis=1)
    return Exposure(hours.min(axis=1), runs.min(axis=1), hours.mean(axis=1))


def _longest(lit: Bool, lengths: F64) -> F64:
    """Return the longest stretch f64(n) of steps that follow each other."""
    run, best = np.zeros(len(lit)), np.zeros(len(lit))
    for step, length in enumerate(lengths):
        run = np.where(lit[:, step], run + length, 0.0)
        best = np.maximum(best, run)
    return best
