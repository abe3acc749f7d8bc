"""Line of sight: what is in the way between two points, how much too high it is, how much room there is."""

from dataclasses import dataclass

import numpy as np

from twin.analyses.asking import asked
from twin.analyses.cutting import Cut, cut_along
from twin.analyses.eyes import box_over
from twin.analyses.findings import Findings, Marks, Sheet
from twin.analyses.grounding import roofed
from twin.analyses.sighting import GAUSS, SLACK, Air
from twin.analyses.study import Study
from twin.analyses.things import Things
from twin.errors import UsageError
from twin.geometry import F64
from twin.jobs import Feedback

NEAR = 1e-6
"""Metres in plan below which a line of sight is upright."""
Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of sight of ``length`` metres in plan from height ``low`` to ``high``, sagging by ``bend``."""

    length: float
    low: float
    high: float
    bend: float

    def height(self, along: F64) -> F64:
        """Return the height of the line at distances in plan."""
        share = along / self.length
        sag = self.bend * along * (self.length - along)
        return np.asarray(self.low + (self.high - self.low) * share - sag)


@dataclass(frozen=True, slots=True)
class Over:
    """How far stretches rise over a line: ``excess`` f64(n) metres at most, ``at`` f64(n) where, and
    ``first`` f64(n) the distance at which the line passes through (inf = it does not)."""

    excess: F64
    at: F64
    first: F64


def over_line(cut: Cut, line: Line) -> Over:
    """Return how stretches stand to a line of sight. Exact: over a stretch the excess is a parabola."""
    s0, s1 = cut.along[:, 0], cut.along[:, 1]
    f0 = cut.height[:, 0] - line.height(s0)
    f1 = cut.height[:, 1] - line.height(s1)
    wide = s1 - s0
    # excess(t) = f0 + (f1 - f0) t + bow t (1 - t), t of 0..1: a chord, and the line sags under it
    bow = line.bend * wide**2
    with np.errstate(divide="ignore", invalid="ignore"):
        top = np.clip(np.where(bow == 0, f1 > f0, 0.5 + (f1 - f0) / (2 * bow)), 0, 1)
    every = np.stack([np.zeros_like(top), np.where(np.isfinite(top), top, 0), np.ones_like(top)])
    value = f0 + (f1 - f0) * every + bow * every * (1 - every)
    best = value.argmax(axis=0)
    rows = np.arange(len(best))
    root = _root(f0, f1, bow)
    first = s0 + np.where(np.isinf(root), 0, root) * wide
    return Over(
        value[best, rows], s0 + every[best, rows] * wide, np.where(np.isinf(root), np.inf, first)
    )


def _root(f0: F64, f1: F64, bow: F64) -> F64:
    """Return the first t of 0..1 at which f0 + (f1 - f0) t + bow t (1 - t) = 0; inf = none."""
    a, b = -bow, f1 - f0 + bow
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(b**2 - 4 * a * f0)
        q = -(b + np.where(b >= 0, root, -root)) / 2
        both = np.stack([q / a, f0 / q, np.where(f0 == 0, 0.0, np.nan)])
    both = np.where((both >= 0) & (both <= 1), both, np.inf)
    return np.asarray(np.nan_to_num(both, nan=np.inf, posinf=np.inf).min(axis=0))


@dataclass(frozen=True)
class LineOfSight:
    """Does one point see another? ``eye`` and ``target`` are places in the project frame, metres.

    ``eye_height`` and ``target_height`` are added to their heights. ``curvature`` takes the curve of
    the Earth and refraction into account.
    """

    eye: Point = asked((0.0, 0.0, 0.0), pick="point", unit="m")
    target: Point = asked((0.0, 0.0, 0.0), pick="point", unit="m")
    eye_height: float = asked(1.6, low=-100.0, high=1000.0, unit="m")
    target_height: float = asked(0.0, low=-100.0, high=1000.0, unit="m")
    curvature: bool = asked(False)
    refraction: float = asked(GAUSS, low=-1.0, high=1.0)

    name = "line_of_sight"
    heavy = False

    def ends(self) -> F64:
        """Return f64(2, 3): the eye and the place it looks at. Raises UsageError."""
        lift = np.array([[0, 0, self.eye_height], [0, 0, self.target_height]])
        ends = np.array([self.eye, self.target], np.float64) + lift
        if not np.isfinite(ends).all():
            raise UsageError(reason="eye and target must be finite coordinates, metres")
        if float(np.linalg.norm(ends[1] - ends[0])) <= 2 * SLACK:
            raise UsageError(reason="eye and target are one place: choose two places apart")
        return np.asarray(ends, np.float64)

    def reach(self) -> F64:
        """Return the box of the line, everything above and below it in it."""
        return box_over(self.ends()[:, :2])

    def run(self, study: Study, feedback: Feedback) -> Findings:
        """Answer. Raises UsageError for places that are none, Cancelled."""
        ends = self.ends()
        feedback.check()
        path = ends
        if np.hypot(*(ends[1] - ends[0])[:2]) < NEAR:  # upright: a line a hair aside cuts the same
            path = ends + np.array([[0, 0, 0], [1e-3, 0, 0]])
        cut = cut_along(study.bodies, path)
        length = float(np.hypot(*(path[1] - path[0])[:2]))
        line = Line(length, ends[0, 2], ends[1, 2], Air(self.curvature, self.refraction).bend)
        return _told(study, ends, line, cut)


HIGHEST = 1000.0
"""Metres beyond which it is no help to say how far an end would have to rise: the wall is at the other one."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """An object, or the surface of a layer (``thing`` -1), in the way: where the line enters it, metres
    from the eye in plan, how far it rises over the line at most and where, and by how much the eye or
    the target would have to rise to see over it, metres."""

    layer: int
    thing: int
    enters: float
    excess: float
    at: float
    raise_eye: float
    raise_target: float


def obstacles(study: Study, things: Things, cut: Cut, line: Line) -> tuple[Obstacle, ...]:
    """Return what stands in the way, from the eye on."""
    over = over_line(cut, line)
    slack = SLACK * line.length / np.hypot(line.length, line.high - line.low)
    within = (over.first > slack) & (over.first < line.length - slack)
    thing = things.of_triangle[cut.triangle]
    layer = study.bodies.layer[cut.triangle].astype(np.int64)
    key = layer << 32 | (thing.astype(np.int64) + 1)
    found = []
    for one in np.unique(key[within]).tolist():
        mine = key == one
        first = float(over.first[mine & within].min())
        best = np.flatnonzero(mine)[over.excess[mine].argmax()]
        found.append(
            Obstacle(
                one >> 32, (one & 0xFFFFFFFF) - 1, first,
                float(over.excess[best]), float(over.at[best]), *_rises(cut.only(mine), line),
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.enters, one.layer, one.thing)))


def _rises(cut: Cut, line: Line) -> tuple[float, float]:
    """Return by how much the eye, and the target, would have to rise for a line over all stretches."""
    excess = cut.height - line.height(cut.along)
    share = np.clip(cut.along / line.length, 1e-6, 1 - 1e-6)
    return float((excess / (1 - share)).max()), float((excess / share).max())


def _told(study: Study, ends: F64, line: Line, cut: Cut) -> Findings:
    things = Things(study)
    blocking = obstacles(study, things, cut, line)
    figures = {
        "seen": 0.0 if blocking else 1.0,
        "length": float(np.linalg.norm(ends[1] - ends[0])),
        "obstacles": float(len(blocking)),
    }
    if blocking:
        figures |= _hindered(blocking)
    else:
        figures |= _room(things, cut, line)
    passed = np.unique(things.of_triangle[cut.triangle])
    units = dict.fromkeys(("length", "first_at", "too_high", "raise_eye", "raise_target",
                           "clearance", "clearance_at"), "m")  # fmt: skip
    inside = roofed(study, ends[0])
    return Findings(
        figures,
        {name: unit for name, unit in units.items() if name in figures},
        (_sheet(study, things, blocking),),
        _marks(ends, line, blocking),
        used=things.used(passed[passed >= 0]),
        notes=tuple(
            note
            for note, wanted in (
                ("eye_inside", inside is not None),
                ("curvature", line.bend != 0),
                ("no_bodies", not len(study.bodies)),
            )
            if wanted
        ),
    )


def _hindered(blocking: tuple[Obstacle, ...]) -> dict[str, float]:
    """Return how much too high what is in the way is, and how far an end would have to rise over it."""
    rises = {
        "raise_eye": max(one.raise_eye for one in blocking),
        "raise_target": max(one.raise_target for one in blocking),
    }
    return {
        "first_at": blocking[0].enters,
        "too_high": max(one.excess for one in blocking),
        **{name: rise for name, rise in rises.items() if rise <= HIGHEST},
    }


def _room(things: Things, cut: Cut, line: Line) -> dict[str, float]:
    """Return the least height of a clear line over an object that it passes over, and where."""
    over = over_line(cut, line)
    thing = things.of_triangle[cut.triangle]
    ends = (cut.along <= SLACK).any(axis=1) | (cut.along >= line.length - SLACK).any(axis=1)
    below = np.isin(thing, np.unique(thing[ends]), invert=True) & (thing >= 0) & (over.excess < 0)
    if not below.any():
        return {}
    best = np.flatnonzero(below)[over.excess[below].argmax()]
    return {"clearance": -float(over.excess[best]), "clearance_at": float(over.at[best])}


def _sheet(study: Study, things: Things, blocking: tuple[Obstacle, ...]) -> Sheet:
    rows = []
    for one in blocking:
        layer = study.layers[one.layer].title
        title = things.title(one.thing) if one.thing >= 0 else layer
        rows.append((title, layer, one.enters, one.excess, one.at))
    keys = [things.key(one.thing) if one.thing >= 0 else ("", "") for one in blocking]
    return Sheet(
        "obstacles", ("object", "layer", "distance", "too_high", "highest_at"),
        ("", "", "m", "m", "m"), rows, keys,
    )  # fmt: skip


def _marks(ends: F64, line: Line, blocking: tuple[Obstacle, ...]) -> tuple[Marks, ...]:
    """Draw the part that is seen, the part behind the first obstacle, and the obstacles."""
    if not blocking:
        return (Marks("sight", "lines", _piece(ends, line, 0.0, line.length), role="good"),)
    first = blocking[0].enters
    places = np.array([_at(ends, line, one.enters) for one in blocking])
    return (
        Marks("sight", "lines", _piece(ends, line, 0.0, first), role="good"),
        Marks("hidden", "lines", _piece(ends, line, first, line.length), role="bad"),
        Marks("obstacles", "points", places[:, None, :], role="bad"),
    )


def _piece(ends: F64, line: Line, start: float, end: float) -> F64:
    steps = 32 if line.bend else 1
    stops = np.linspace(start, end, steps + 1)
    places = np.array([_at(ends, line, float(stop)) for stop in stops])
    return np.stack([places[:-1], places[1:]], axis=1)


def _at(ends: F64, line: Line, along: float) -> F64:
    plan = ends[0, :2] + (ends[1, :2] - ends[0, :2]) * along / line.length
    return np.array([*plan, float(line.height(np.array(along)))])
