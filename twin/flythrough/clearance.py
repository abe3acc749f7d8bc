"""Flights that stay above the ground and out of buildings: the way is lifted where it would dip into them.

Only heights change, so places along the way are looked at once. Keyframes never move. A leg that begins
or ends beneath a surface was drawn so: it is left as it is, and said.
"""

from itertools import pairwise

import numpy as np

from twin.features import Bool
from twin.flythrough.faults import warning
from twin.flythrough.flight import Flight, Via
from twin.geometry import F64
from twin.problems import Problem

LEAST = 2.0
"""Metres that the camera stays above whatever it flies over, unless its keyframes are nearer."""
SPACING = 1.0
"""Metres between two places that are looked at."""
MOST = 4000
"""Places that are looked at; on longer ways they lie farther apart."""
UNDER = 0.2
"""Metres above a surface below which a keyframe counts as beneath it."""
ROUNDS = 60


def places(flown: Flight) -> tuple[F64, F64]:
    """Return lengths along the way f64(n), keyframes among them, and their plan f64(n, 2), metres."""
    knots = _knots(flown)
    steps = max(SPACING, float(knots[-1]) / MOST)
    parts = [knots] + [
        np.linspace(a, b, max(2, int((b - a) / steps) + 1))[:-1]
        for a, b in pairwise(knots.tolist())
        if b > a
    ]
    at = np.unique(np.concatenate(parts))
    return at, flown.plan(at)


def cleared(
    flown: Flight, at: F64, surface: F64, least: float = LEAST
) -> tuple[Flight, tuple[Problem, ...]]:
    """Return the flight lifted over ``surface`` f64(n) at the places of ``places``, and warnings.

    ``surface`` is the height of the highest thing, -inf where there is none; ``least`` metres above it.
    """
    knots = _knots(flown)
    if knots[-1] <= 0:
        return flown, ()
    gap = flown.height(knots)[:, 0] - np.interp(
        knots, at, np.where(np.isfinite(surface), surface, -1e9)
    )
    beneath = gap < UNDER
    leg = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)
    asked = beneath[leg] | beneath[leg + 1] | _cut(flown)[leg]
    room = np.minimum(least, np.minimum(gap[leg], gap[leg + 1]))
    needed = np.where(asked | np.isin(at, knots), -np.inf, surface + room)
    told = [
        warning("beneath", f"keyframes/{n + 1}", keyframe=n + 1) for n in np.flatnonzero(beneath)
    ]
    made = flown
    for _ in range(ROUNDS):
        lacking = needed - made.height(at)[:, 0]
        worst = [
            int(rows[np.argmax(lacking[rows])])
            for rows in (
                np.flatnonzero((leg == n) & (lacking > 1e-6)) for n in range(len(knots) - 1)
            )
            if len(rows)
        ]
        if not worst:
            break
        more: list[Via] = [(float(at[row]), float(needed[row])) for row in worst]
        made = made.over(tuple(sorted((*made.vias, *more))))
    if made.vias:
        told.append(warning("lifted", count=len(made.vias)))
    return made, tuple(told)


def _knots(flown: Flight) -> F64:
    """Return the lengths at which the keyframes stand, f64(k)."""
    eyes = np.array([key.eye for key in flown.keyframes])
    steps = np.linalg.norm(np.diff(eyes, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _cut(flown: Flight) -> Bool:
    return np.array([key.ease == "hold" for key in flown.keyframes[:-1]] or [False], np.bool_)
