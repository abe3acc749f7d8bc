"""Curves through points that are C2: piecewise quintics whose ends share value, slope and curvature.

A quintic leg is fixed by value, first and second derivative at both its ends (quintic Hermite), so
curves are C2 wherever neighbours agree, and moving a point changes two legs to either side only.
Slopes and curvatures come from the parabola through three neighbours.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool
from twin.geometry import F64

Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Ends:
    """What each leg has at its ends: slopes and curvatures f64(n, k), begin and end told apart."""

    slope0: F64
    slope1: F64
    bend0: F64
    bend1: F64


@dataclass(frozen=True, slots=True)
class Curve:
    """Legs over knots f64(n + 1): ``coefficients`` f64(n, 6, k) in the leg's own parameter 0..1."""

    knots: F64
    coefficients: F64

    def leg(self, at: F64) -> Index:
        """Return the numbers of the legs in which parameters f64(m) lie; a knot begins its leg."""
        found = np.searchsorted(self.knots, at, side="right") - 1
        return np.clip(found, 0, len(self.knots) - 2)

    def __call__(self, at: F64, order: int = 0) -> F64:
        """Return values f64(m, k), or derivatives of an order up to 2, at parameters f64(m)."""
        number = self.leg(at)
        length = np.diff(self.knots)[number]
        u = np.clip((at - self.knots[number]) / length, 0.0, 1.0)
        found = np.zeros((len(at), self.coefficients.shape[2]))
        for power in range(5, order - 1, -1):
            factor = float(np.prod(np.arange(power, power - order, -1))) if order else 1.0
            found = found * u[:, None] + factor * self.coefficients[number, power]
        return np.asarray(found / (length**order)[:, None], np.float64)


def quintic(knots: F64, values: F64, ends: Ends, jumps: Bool | None = None) -> Curve:
    """Return the curve through values f64(n + 1, k) at knots f64(n + 1).

    ``jumps`` bool(n) marks legs that stay at their first value; the next one begins with a jump.
    """
    length = np.diff(knots)[:, None]
    rise = np.diff(values, axis=0)
    v0, v1 = ends.slope0 * length, ends.slope1 * length
    a0, a1 = ends.bend0 * length**2, ends.bend1 * length**2
    parts = [
        values[:-1],
        v0,
        a0 / 2,
        10 * rise - 6 * v0 - 4 * v1 - 1.5 * a0 + 0.5 * a1,
        -15 * rise + 8 * v0 + 7 * v1 + 1.5 * a0 - a1,
        6 * rise - 3 * v0 - 3 * v1 - 0.5 * a0 + 0.5 * a1,
    ]
    coefficients = np.stack(parts, axis=1)
    if jumps is not None:
        coefficients[jumps, 1:] = 0.0
    return Curve(knots, coefficients)


@dataclass(frozen=True, slots=True)
class Kinds:
    """How each leg goes: ``straight`` and ``cut`` bool(n). ``closed``: the last knot is the first again,
    whose values are ``sign`` times as great there (-1: quaternions after a full turn).
    ``rests``: a curve that is not closed begins and ends with slope 0 (a warp), else freely."""

    straight: Bool
    cut: Bool
    closed: bool = False
    sign: float = 1.0
    rests: bool = False


def _sides(steps: F64, kinds: Kinds) -> tuple[F64, F64]:
    """Return what lies before and after each knot: f64(n + 1, k) each, NaN where nothing does."""
    nothing = np.full((1, steps.shape[1]), np.nan)
    wrapped = kinds.closed and not kinds.cut.any()
    before = np.concatenate([kinds.sign * steps[-1:] if wrapped else nothing, steps])
    after = np.concatenate([steps, kinds.sign * steps[:1] if wrapped else nothing])
    before[1:][kinds.cut] = np.nan
    after[:-1][kinds.cut] = np.nan
    return before, after


def parabolic(knots: F64, values: F64, kinds: Kinds) -> Ends:
    """Return the ends of free curves f64(n + 1, k) over chord lengths.

    At a corner between a long and a short leg the slope is taken back, so that the long one does not
    bulge; straight legs give their direction to their neighbours.
    """
    length = np.diff(knots)[:, None]
    secant = np.diff(values, axis=0) / length
    d0, d1 = _sides(secant, kinds)
    h0, h1 = (np.abs(side) for side in _sides(length, kinds))
    bend = 2 * (d1 - d0) / (h0 + h1)
    slope = (h1 * d0 + h0 * d1) / (h0 + h1)
    slope = slope * _lengthened(slope, d0, d1)
    factor = _taken_back(d0, d1, h0, h1)
    slope, bend = slope * factor, bend * factor**2
    return _freed(slope, bend, secant, length, kinds)


def _cosine(d0: F64, d1: F64) -> F64:
    """Return the cosines f64(n, 1) of the turns at the knots, 1 where nothing turns."""
    norm = np.linalg.norm(d0, axis=1) * np.linalg.norm(d1, axis=1)
    found = np.einsum("ij,ij->i", d0, d1) / np.where(norm > 0, norm, 1.0)
    return np.asarray(np.nan_to_num(found, nan=1.0)[:, None], np.float64)


def _lengthened(slope: F64, d0: F64, d1: F64) -> F64:
    """Return by what slopes are made longer: a parabola is slow where it turns, an arc is not.

    Up to turns of 45 degrees they get the length of the secants, from 90 degrees on none of it.
    """
    mean = (np.linalg.norm(d0, axis=1) + np.linalg.norm(d1, axis=1))[:, None] / 2
    length = np.linalg.norm(slope, axis=1)[:, None]
    arc = np.clip(_cosine(d0, d1) / np.sqrt(0.5), 0.0, 1.0)
    ratio = np.nan_to_num(mean / np.where(length > 0, length, 1.0), nan=1.0)
    return np.asarray(1.0 + arc * (np.clip(ratio, 1.0, 2.0) - 1.0), np.float64)


def _taken_back(d0: F64, d1: F64, h0: F64, h1: F64) -> F64:
    corner = np.clip(1.0 - _cosine(d0, d1), 0.0, 1.0)
    unequal = np.nan_to_num(np.minimum(h0, h1) / np.maximum(h0, h1), nan=1.0)
    return np.asarray(1.0 - (1.0 - unequal) * corner, np.float64)


def _freed(slope: F64, bend: F64, secant: F64, length: F64, kinds: Kinds) -> Ends:
    """Give knots with one neighbour the parabola of the other knot, and straight legs their own line."""
    slope0, slope1 = slope[:-1].copy(), slope[1:].copy()
    bend0, bend1 = bend[:-1].copy(), bend[1:].copy()
    first, last = np.isnan(slope0).any(axis=1), np.isnan(slope1).any(axis=1)
    alone = first & last
    slope0[alone], slope1[alone] = secant[alone], secant[alone]
    bend0[alone], bend1[alone] = 0.0, 0.0
    begins, ends = first & ~alone, last & ~alone
    slope0[begins] = 2 * secant[begins] - slope1[begins]
    bend0[begins] = (slope1[begins] - slope0[begins]) / length[begins]
    slope1[ends] = 2 * secant[ends] - slope0[ends]
    bend1[ends] = (slope1[ends] - slope0[ends]) / length[ends]
    return _beside_straight(Ends(slope0, slope1, bend0, bend1), secant, kinds)


def _beside_straight(ends: Ends, secant: F64, kinds: Kinds) -> Ends:
    straight = kinds.straight
    follows = np.roll(straight, 1) if kinds.closed else np.r_[False, straight[:-1]]
    leads = np.roll(straight, -1) if kinds.closed else np.r_[straight[1:], False]
    before, after = np.roll(secant, 1, axis=0), np.roll(secant, -1, axis=0)
    for mark, slope, bend, other in (
        (follows, ends.slope0, ends.bend0, before),
        (leads, ends.slope1, ends.bend1, after),
        (straight, ends.slope0, ends.bend0, secant),
        (straight, ends.slope1, ends.bend1, secant),
    ):
        slope[mark], bend[mark] = other[mark], 0.0
    return ends


def monotone(knots: F64, values: F64, kinds: Kinds) -> Ends:
    """Return the ends of curves that never leave the heights of a leg's two ends, f64(n + 1, k).

    Sufficient: the Bezier points of each leg are in order (Dougherty, Edelman and Hyman 1989, section
    4). Slopes are 0 at turning points and at most 5/4 of the lesser secant elsewhere.
    """
    length = np.diff(knots)[:, None]
    secant = np.where(kinds.cut[:, None], 0.0, np.diff(values, axis=0) / length)
    d0, d1 = _sides(secant, kinds)
    h0, h1 = (np.abs(side) for side in _sides(length, kinds))
    least = np.minimum(np.abs(d0), np.abs(d1))
    slope = (h1 * d0 + h0 * d1) / (h0 + h1)
    slope = np.where(d0 * d1 > 0, np.sign(slope) * np.minimum(np.abs(slope), 1.25 * least), 0.0)
    bend = np.nan_to_num(2 * (d1 - d0) / (h0 + h1))
    if not kinds.rests:  # ends that are free go on as they came
        slope = np.where(np.isnan(d0) & ~np.isnan(d1), d1, slope)
        slope = np.where(np.isnan(d1) & ~np.isnan(d0), d0, slope)
    slope0, slope1 = slope[:-1].copy(), slope[1:].copy()
    made = Ends(slope0, slope1, bend[:-1].copy(), bend[1:].copy())
    made = _beside_straight(made, secant, kinds) if kinds.straight.any() else made
    return _ordered(made, secant, length, kinds)


def _ordered(ends: Ends, secant: F64, length: F64, kinds: Kinds) -> Ends:
    """Take slopes and curvatures back until the Bezier points are in order; both sides of a knot agree."""
    way = np.where(secant < 0, -1.0, 1.0)
    v0 = np.clip(ends.slope0 * way, 0.0, 1.25 * np.abs(secant))
    v1 = np.clip(ends.slope1 * way, 0.0, 1.25 * np.abs(secant))
    room = np.maximum(10 * np.abs(secant) / length - 4 * (v0 + v1) / length, 0.0)
    low0, high0 = -4 * v0 / length, room
    low1, high1 = -room, 4 * v1 / length
    a0 = np.clip(ends.bend0 * way, low0, np.maximum(high0, low0)) * way
    a1 = np.clip(ends.bend1 * way, np.minimum(low1, high1), high1) * way
    a0, a1 = _agreed(a0, a1, kinds)
    return Ends(v0 * way, v1 * way, a0, a1)


def _agreed(a0: F64, a1: F64, kinds: Kinds) -> tuple[F64, F64]:
    """Return curvatures that both sides of a knot can have: the lesser, 0 where they differ in sign."""
    before, after = a1[:-1], a0[1:]
    both = np.where(
        before * after > 0, np.sign(before) * np.minimum(np.abs(before), np.abs(after)), 0.0
    )
    a1, a0 = a1.copy(), a0.copy()
    a1[:-1], a0[1:] = both, both
    if kinds.closed:
        same = a1[-1] * a0[0] > 0
        joint = np.where(same, np.sign(a0[0]) * np.minimum(np.abs(a1[-1]), np.abs(a0[0])), 0.0)
        a1[-1], a0[0] = joint, joint
    else:
        a0[0], a1[-1] = 0.0, 0.0
    return a0, a1
