"""A model brought to where it belongs: by point pairs, by outlines, and the placement that results.

Turned about the vertical only: a building stands upright. Everything is in metres of a plane.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from twin.errors import UsageError
from twin.geometry import F64
from twin.records import Placement

Move = Callable[[F64], F64]
"""From a source's coordinates f64(n, 3) into the project frame (``Georeference.move``)."""
REACH = 50.0
"""Metres over which the turn and the scale of a placement are measured."""


@dataclass(frozen=True, slots=True)
class Motion:
    """p -> scale * Rz(turn) @ p + shift; turn in radians, counter-clockwise; shift f64(3)."""

    turn: float
    scale: float
    shift: F64

    def __call__(self, points: F64) -> F64:
        """Return points f64(n, 3) moved."""
        return np.asarray(self.scale * points @ turned(self.turn).T + self.shift, np.float64)

    @property
    def matrix(self) -> F64:
        """Return f64(4, 4)."""
        made = np.eye(4)
        made[:3, :3] = self.scale * turned(self.turn)
        made[:3, 3] = self.shift
        return made

    def after(self, first: "Motion") -> "Motion":
        """Return the motion that does ``first`` and then this."""
        shift = self(first.shift[None, :])[0]
        return Motion(self.turn + first.turn, self.scale * first.scale, shift)


STILL = Motion(0.0, 1.0, np.zeros(3))


def turned(angle: float) -> F64:
    """Return f64(3, 3) that turns counter-clockwise about the vertical, radians."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])


def about(point: F64, angle: float, shift: F64) -> Motion:
    """Return the motion that turns about a point f64(3) and then shifts by f64(3)."""
    return Motion(angle, 1.0, np.asarray(point - turned(angle) @ point + shift, np.float64))


@dataclass(frozen=True, slots=True)
class Match:
    """A motion with what is left: ``residuals`` f64(n) metres at each pair, and their RMS."""

    motion: Motion
    residuals: F64

    @property
    def rms(self) -> float:
        """Return the root of the mean square of the residuals, metres."""
        return float(np.sqrt(np.mean(self.residuals**2)))


def match_pairs(source: F64, target: F64, *, scaled: bool = False) -> Match:
    """Return the motion that brings points f64(n, 3) onto their partners, least squares.

    One pair shifts, two or more turn too; with ``scaled`` they also stretch. Closed form of the
    plane case of S. Umeyama, Least-squares estimation of transformation parameters between two
    point patterns, IEEE PAMI 13 (1991): with complex z = x + iy the turn is arg(sum conj(a) b).
    Raises UsageError for no pair, or points of one place that should tell a turn.
    """
    if len(source) != len(target) or not len(source):
        raise UsageError(reason="a placement by points needs one to three pairs")
    source, target = np.asarray(source, np.float64), np.asarray(target, np.float64)
    middle, goal = source.mean(axis=0), target.mean(axis=0)
    a = (source - middle)[:, :2] @ np.array([1.0, 1j])
    b = (target - goal)[:, :2] @ np.array([1.0, 1j])
    spread = float((np.abs(a) ** 2).sum())
    turn, scale = 0.0, 1.0
    if len(source) > 1:
        if spread < 1e-6 or float((np.abs(b) ** 2).sum()) < 1e-6:
            raise UsageError(reason="the points of the pairs lie in one place: they tell no turn")
        cross = complex(np.vdot(a, b))
        turn = float(np.angle(cross))
        scale = abs(cross) / spread if scaled else 1.0
    shift = goal - scale * turned(turn) @ middle
    motion = Motion(turn, scale, np.asarray(shift, np.float64))
    return Match(motion, np.linalg.norm(motion(source) - target, axis=1))


def placement_after(move: Move, middle: F64, motion: Motion, crs: str, title: str) -> Placement:
    """Return the placement in ``crs`` (the project's) of a source that moves by ``move``, then ``motion``.

    ``middle`` f64(3) of the source becomes the anchor: there the placement is exact, and away from
    it as good as the present map is a turn and one scale (map projections bend by millimetres over a
    building). Raises UsageError where the present place is nowhere.
    """
    steps = np.array([[0.0, 0, 0], [1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0]]) * REACH
    points = motion(move(np.asarray(middle + steps, np.float64)))
    if not np.isfinite(points).all():
        raise UsageError(reason="the model stands nowhere: type a place first")
    flat = points[:, :2] @ np.array([1.0, 1j])
    along = (flat[1] - flat[2]) + (flat[3] - flat[4]) / 1j
    size = along / (4 * REACH)
    east, north, height = (float(value) for value in points[0])
    x, y, z = (float(value) for value in middle)
    rotation, scale = float(np.degrees(np.angle(size))), float(abs(size))
    scale = 1.0 if abs(scale - 1.0) < 1e-9 else scale
    return Placement(title, crs, east, north, height, rotation, scale, (x, y, z))
