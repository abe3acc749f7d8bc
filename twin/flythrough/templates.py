"""Routes made ready: round an object, along a line, over saved views, down to the street and along it. Pure."""

import math
from collections.abc import Sequence

import numpy as np

from twin.errors import UsageError
from twin.flythrough.records import Keyframe, Route, Vector
from twin.geometry import F64
from twin.records import Bookmark

PIECES = 8
"""Keyframes of a lap round an object."""
LAP = 40.0
"""Seconds of a lap."""
HEIGHT, BACK = 60.0, 120.0
"""Metres above a line, and metres ahead that is looked at."""
SPEED = 25.0
"""Metres a second along a line."""
EYE = 1.7
"""Metres of a person's eyes above the ground."""
WALK = 1.6
"""Metres a second on foot."""
LEG, REST = 6.0, 2.0
"""Seconds between two saved views, and at each."""


def orbit(box: F64, title: str, id: str, bearing: float = 0.0) -> Route:
    """Return a lap round a box f64(6), from a bearing in degrees, a loop. Raises UsageError."""
    if not np.isfinite(box).all():
        raise UsageError(reason="what is selected has no place")
    middle, size = (box[:3] + box[3:]) / 2, box[3:] - box[:3]
    reach = max(float(np.hypot(size[0], size[1])) * 1.3 + float(size[2]) * 0.6, 25.0)
    high = float(box[5]) + max(reach * 0.35, 6.0)
    keys = []
    for step in range(PIECES):
        angle = math.radians(bearing + 180.0 + 360.0 * step / PIECES)
        eye = (middle[0] + reach * math.sin(angle), middle[1] + reach * math.cos(angle), high)
        keys.append(Keyframe(LAP * step / PIECES, _vector(eye), _vector(middle)))
    return Route(id, title, tuple(keys), loop=True, constant_speed=True)


def along(line: F64, title: str, id: str, height: float = HEIGHT) -> Route:
    """Return a flight over a line f64(n, 3), looking ahead along it. Raises UsageError."""
    length = _lengths(line)
    if len(line) < 2 or length[-1] < 1.0:
        raise UsageError(reason="the line is shorter than a metre")
    at = np.unique(np.concatenate([[0.0, length[-1]], length]))
    keys = []
    for gone in at.tolist():
        here, there = _on(line, length, gone), _on(line, length, gone + BACK)
        if math.dist(here, there) < 1.0:
            back = _on(line, length, length[-1] - min(BACK, length[-1]))
            there = here + (here - back)
        eye = here + np.array([0.0, 0.0, height])
        keys.append(Keyframe(round(gone / SPEED, 3), _vector(eye), _vector(there)))
    return Route(id, title, tuple(keys), constant_speed=True)


def tour(views: Sequence[Bookmark], title: str, id: str) -> Route:
    """Return a flight over saved views in their order, resting at each. Raises UsageError."""
    if not views:
        raise UsageError(reason="there are no saved views")
    step = LEG + REST
    keys = tuple(
        Keyframe(n * step, view.eye, view.target, view.fov, hold=REST, title=view.title)
        for n, view in enumerate(views)
    )
    return Route(id, title, keys)


def descend(line: F64, title: str, id: str) -> Route:
    """Return a flight from above down to the start of a line f64(n, 3) on the ground, and a walk along it.

    Raises UsageError.
    """
    length = _lengths(line)
    if len(line) < 2 or length[-1] < 1.0:
        raise UsageError(reason="the line is shorter than a metre")
    ahead = _on(line, length, min(20.0, length[-1])) - line[0]
    ahead[2] = 0.0
    way = ahead / max(float(np.linalg.norm(ahead)), 1e-9)
    eyes = np.array([0.0, 0.0, EYE])
    keys = [
        Keyframe(0.0, _vector(line[0] - way * 220 + [0, 0, 160]), _vector(line[0])),
        Keyframe(
            6.0, _vector(line[0] - way * 40 + [0, 0, 25]), _vector(line[0] + way * 20 + eyes)
        ),
        Keyframe(10.0, _vector(line[0] + eyes), _vector(line[0] + way * 20 + eyes), hold=1.0),
    ]
    for gone, here in list(zip(length.tolist(), line, strict=True))[1:]:
        there = _on(line, length, gone + 20.0)
        if math.dist(here, there) < 1.0:
            there = here + way * 20
        way = (there - here) / max(float(np.linalg.norm(there - here)), 1e-9)
        target = here + way * 20 + eyes
        keys.append(Keyframe(round(11.0 + gone / WALK, 3), _vector(here + eyes), _vector(target)))
    return Route(id, title, tuple(keys))


def _lengths(line: F64) -> F64:
    steps = np.linalg.norm(np.diff(line[:, :2], axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _on(line: F64, length: F64, gone: float) -> F64:
    return np.array([np.interp(gone, length, line[:, axis]) for axis in range(3)])


def _vector(point: Sequence[float] | F64) -> Vector:
    x, y, z = (round(float(value), 4) for value in point)
    return x, y, z
