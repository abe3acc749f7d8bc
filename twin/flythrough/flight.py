"""The camera between keyframes: a C2 way through every keyframe, quaternions for where it looks.

The shape and the pace are told apart. The way is a curve over its chord lengths (plane C2, heights C2
and never outside those of a leg's two keyframes); the pace is a monotone C2 map from time to that
length. So uneven times make no loops, and a rest is a rest.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np

from twin.features import Bool
from twin.flythrough.curves import Curve, Ends, Kinds, monotone, parabolic, quintic
from twin.flythrough.reading import moved_keyframe
from twin.flythrough.records import HOLD, LINEAR, Keyframe, Route
from twin.flythrough.turning import axes_of, levelled, quaternions, turned, unit, upright
from twin.geometry import F64

SAME = 1e-6
"""Metres, degrees or quaternion units within which two keyframes are one."""
STEPS = 24
"""Pieces of a leg by which its length is measured."""
Via = tuple[float, float]
"""A height that the way must have, metres, at a length along it."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Cameras in the project frame: ``eye``, unit ``forward`` and ``up`` f64(n, 3), ``fov`` degrees and
    ``focus`` metres (how far what is looked at lies) f64(n)."""

    eye: F64
    forward: F64
    up: F64
    fov: F64
    focus: F64


@dataclass(frozen=True, slots=True, eq=False)
class Flight:
    """A route made ready to be flown. ``keyframes`` stand at the times at which they are passed; a loop
    ends with its first keyframe again. ``vias`` lift the way over what stands in it."""

    route: Route
    keyframes: tuple[Keyframe, ...]
    pace: Curve
    plan: Curve
    height: Curve
    turn: Curve
    vias: tuple[Via, ...] = ()
    way: "Way | None" = None

    @property
    def start(self) -> float:
        """Return the time at which it begins, seconds."""
        return self.keyframes[0].t

    @property
    def end(self) -> float:
        """Return the time at which it ends, seconds; a loop begins again there."""
        return self.keyframes[-1].t + self.keyframes[-1].hold

    @property
    def duration(self) -> float:
        """Return how long it takes, seconds; 0 = a still picture."""
        return self.end - self.start

    def clock(self, t: F64) -> F64:
        """Return times f64(n) within the flight: a loop goes on, anything else stays at its ends."""
        if self.route.loop and self.duration > 0:
            return np.asarray(self.start + (t - self.start) % self.duration, np.float64)
        return np.clip(t, self.start, self.end)

    def camera(self, t: F64) -> Camera:
        """Return the cameras at times f64(n), seconds."""
        t = self.clock(np.asarray(t, np.float64))
        pace = self.pace(t)
        length = pace[:, 0] if self.way is None else self.way.at(t)
        eye = np.column_stack([self.plan(length), self.height(length)])
        forward, up = turned(self.turn(pace[:, 1]))
        up = levelled(forward, up, pace[:, 3])
        return Camera(eye, forward, up, pace[:, 2], pace[:, 4])

    def over(self, vias: tuple[Via, ...]) -> "Flight":
        """Return the flight whose way has these heights too."""
        keyframes = self.keyframes
        height = _height(_chords(_eyes(keyframes)), keyframes, self.route.loop, vias)
        return replace(self, vias=vias, height=height)


@dataclass(frozen=True, slots=True)
class Way:
    """The way measured: ``chord`` length over true length, and the true length ``flown`` f64(m) at ``times``."""

    chord: Curve
    times: F64
    flown: F64

    def at(self, t: F64) -> F64:
        """Return the chord lengths f64(n) at times f64(n): even along the true length."""
        return np.asarray(self.chord(np.interp(t, self.times, self.flown))[:, 0], np.float64)


@lru_cache(maxsize=16)
def flight(route: Route) -> Flight:
    """Return a checked route as a flight; equal routes are made ready once."""
    keyframes = closed(route)
    if route.constant_speed and len(keyframes) > 1:
        return _even(route, keyframes)
    return _made(route, keyframes)


def closed(route: Route) -> tuple[Keyframe, ...]:
    """Return the keyframes to fly: of a loop with the first again at the end.

    A loop whose last keyframe is not its first flies home at its mean pace.
    """
    keys = route.keyframes
    if not route.loop or len(keys) < 2:
        return keys
    first, last = keys[0], keys[-1]
    if _alike(first, last):
        return keys
    lengths = [math.dist(a.eye, b.eye) for a, b in pairwise(keys)]
    seconds = last.t - first.t
    home = math.dist(last.eye, first.eye)
    mean = seconds / (len(keys) - 1)
    lasts = home * seconds / sum(lengths) if min(sum(lengths), home) > SAME else mean
    return (*keys, replace(first, t=last.t + last.hold + max(lasts, SAME), hold=0.0))


def _alike(one: Keyframe, other: Keyframe) -> bool:
    pairs = zip((*one.eye, *one.target, one.fov, one.roll),
                (*other.eye, *other.target, other.fov, other.roll), strict=True)  # fmt: skip
    return all(abs(a - b) < SAME for a, b in pairs)


def _made(route: Route, keys: tuple[Keyframe, ...]) -> Flight:
    eyes = _eyes(keys)
    chords = _chords(eyes)
    forward = unit(np.array([key.target for key in keys]) - eyes)
    roll = np.array([key.roll for key in keys])
    turns = quaternions(axes_of(forward, upright(forward), roll))
    angles = _chords(turns)
    focus = np.linalg.norm(np.array([key.target for key in keys]) - eyes, axis=1)
    fov = np.array([key.fov for key in keys])
    values = np.column_stack([chords, angles, fov, roll, focus])
    return Flight(
        route,
        keys,
        _pace(keys, values, route.loop),
        _shape(chords, eyes[:, :2], keys, route.loop),
        _height(chords, keys, route.loop, ()),
        _shape(angles, turns, keys, route.loop),
    )


def _eyes(keys: tuple[Keyframe, ...]) -> F64:
    return np.array([key.eye for key in keys], np.float64)


def _chords(points: F64) -> F64:
    """Return the lengths f64(n) along the straight lines between points f64(n, k); tiny ones are 0."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(np.where(steps > SAME, steps, 0.0))])


def _eased(keys: tuple[Keyframe, ...], ease: str) -> Bool:
    return np.array([key.ease == ease for key in keys[:-1]], np.bool_)


def _pace(keys: tuple[Keyframe, ...], values: F64, loop: bool) -> Curve:
    """Return length, angle, field of view, roll and focus over time."""
    times, rows, straight, cut = [keys[0].t], [values[0]], [], []
    for number, key in enumerate(keys):
        if key.hold > 0:
            times.append(key.t + key.hold)
            rows.append(values[number])
            straight.append(False)
            cut.append(False)
        if number + 1 < len(keys):
            times.append(keys[number + 1].t)
            rows.append(values[number + 1])
            straight.append(key.ease == LINEAR)
            cut.append(key.ease == HOLD)
    if not loop or len(keys) < 2:  # the last keyframe stays: after a cut it would never be seen
        times.append(times[-1] + 1.0)
        rows.append(values[-1])
        straight.append(False)
        cut.append(False)
        loop = False
    knots, table = np.array(times), np.array(rows)
    kinds = Kinds(np.array(straight), np.array(cut), closed=loop, rests=True)
    return quintic(knots, table, monotone(knots, table, kinds), kinds.cut)


def _shape(knots: F64, points: F64, keys: tuple[Keyframe, ...], loop: bool) -> Curve:
    """Return the free curve through points f64(n, k); keyframes at the same place are one point."""
    kept = np.concatenate([[True], np.diff(knots) > 0])
    if kept.sum() < 2:
        return _still(points[:1])
    places = np.flatnonzero(kept)
    knots, points, last = knots[kept], points[kept], places[1:] - 1
    around = loop and bool(np.linalg.norm(np.abs(points[-1]) - np.abs(points[0])) < SAME * 10)
    sign = -1.0 if float(points[0] @ points[-1]) < 0 and points.shape[1] == 4 else 1.0
    kinds = Kinds(_eased(keys, LINEAR)[last], _eased(keys, HOLD)[last], around, sign)
    return quintic(knots, points, parabolic(knots, points, kinds))


def _height(knots: F64, keys: tuple[Keyframe, ...], loop: bool, vias: tuple[Via, ...]) -> Curve:
    """Return the heights over the way: C2, between those of the two ends of each leg."""
    kept = np.concatenate([[True], np.diff(knots) > 0])
    values = np.array([[key.eye[2]] for key in keys])
    if kept.sum() < 2:
        return _still(values[:1])
    last = np.flatnonzero(kept)[1:] - 1
    straight, cut = _eased(keys, LINEAR)[last], _eased(keys, HOLD)[last]
    knots, values = knots[kept], values[kept]
    if vias:
        leg = np.searchsorted(knots, [at for at, _ in vias], side="right") - 1
        order = np.argsort(np.concatenate([knots, [at for at, _ in vias]]), kind="stable")
        straight[np.clip(leg, 0, len(straight) - 1)] = False
        owner = np.concatenate([np.arange(len(straight)), [len(straight)], leg])[order][:-1]
        knots = np.concatenate([knots, [at for at, _ in vias]])[order]
        values = np.concatenate([values, [[high] for _, high in vias]])[order]
        straight, cut = straight[owner], cut[owner]
    kinds = Kinds(straight, cut, loop)
    return quintic(knots, values, monotone(knots, values, kinds))


def _still(points: F64) -> Curve:
    zero = np.zeros((1, 6, points.shape[1]))
    zero[0, 0] = points[0]
    return Curve(np.array([0.0, 1.0]), zero)


# -- constant speed -----------------------------------------------------------------------------


def _even(route: Route, keys: tuple[Keyframe, ...]) -> Flight:
    """Return the flight that goes evenly along its true length; rests, cuts and turns in place stay."""
    eyes = _eyes(keys)
    chords = _chords(eyes)
    plan = _shape(chords, eyes[:, :2], keys, route.loop)
    height = _height(chords, keys, route.loop, ())
    u = np.linspace(0.0, 1.0, STEPS + 1)
    chord = np.unique((chords[:-1, None] + np.diff(chords)[:, None] * u).ravel())
    if len(chord) < 2:
        return _made(route, keys)
    length = _lengths(plan, height, chord)
    ends = np.interp(chords, chord, length)
    keys = retimed(keys, np.diff(ends))
    times, flown = [keys[0].t], [0.0]
    for key, after, here, there in zip(keys, keys[1:], ends, ends[1:], strict=False):
        leaves = key.t + key.hold if key.ease != HOLD else after.t - SAME
        times += [leaves, after.t]
        flown += [float(here), float(there)]
    way = Way(_inverse(plan, height, chord, length), np.array(times), np.array(flown))
    return replace(_made(route, keys), way=way)


def _lengths(plan: Curve, height: Curve, chord: F64) -> F64:
    """Return the true lengths f64(m) up to chord lengths f64(m): Gauss-Legendre with four points."""
    nodes, weights = np.polynomial.legendre.leggauss(4)
    half = np.diff(chord) / 2
    at = (chord[:-1] + half)[:, None] + half[:, None] * nodes
    speed = np.linalg.norm(_derived(plan, height, at.ravel(), 1), axis=1).reshape(at.shape)
    steps = np.maximum((speed * weights).sum(axis=1) * half, SAME * half)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _derived(plan: Curve, height: Curve, chord: F64, order: int) -> F64:
    return np.column_stack([plan(chord, order), height(chord, order)])


def _inverse(plan: Curve, height: Curve, chord: F64, length: F64) -> Curve:
    """Return the chord length over the true length: c' = 1/s and c'' = -(P' P'') / s^4 with s = |P'|."""
    first, second = (_derived(plan, height, chord, order) for order in (1, 2))
    speed = np.maximum(np.linalg.norm(first, axis=1), 0.05)  # 0 where the way turns back on itself
    slope = (1 / speed)[:, None]
    bend = (-np.einsum("ij,ij->i", first, second) / speed**4)[:, None]
    ends = Ends(slope[:-1], slope[1:], bend[:-1], bend[1:])
    return quintic(length, chord[:, None], ends)


def retimed(keys: tuple[Keyframe, ...], lengths: F64) -> tuple[Keyframe, ...]:
    """Return the keyframes at the times of an even pace over leg lengths f64(n - 1), metres.

    The whole lasts as long as before; rests, cuts and legs that go nowhere keep their seconds.
    """
    seconds = np.array([b.t - a.t - a.hold for a, b in pairwise(keys)])
    moves = (lengths > SAME) & ~_eased(keys, HOLD)
    total = float(lengths[moves].sum())
    if total > 0:
        seconds[moves] = lengths[moves] / total * float(seconds[moves].sum())
    found = [keys[0]]
    for key, lasts in zip(keys[1:], seconds, strict=True):
        before = found[-1]
        found.append(moved_keyframe(key, before.t + before.hold + float(lasts)))
    return tuple(found)
