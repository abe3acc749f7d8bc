"""What the scene is at a time of a route: one pure function, for the live view and for films alike."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from twin.flythrough.flight import Flight, flight
from twin.flythrough.reading import instant_of
from twin.flythrough.records import HOLD, Cue, Keyframe, Route
from twin.geometry import F64
from twin.records import Instant
from twin.tiles import View


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """The scene at ``t`` seconds: the camera in the project frame, and what the picture shows.

    ``keyframe`` numbers the last one passed. Steps: None = as the project has it. ``section`` '' = no
    section cuts; ``layers`` only names those that the route speaks of; ``caption`` by language ({} = none).
    """

    t: float
    keyframe: int
    eye: F64
    forward: F64
    up: F64
    fov: float
    focus: float
    sun: Instant | None = None
    as_of: Instant | None = None
    known_at: Instant | None = None
    color_by: str | None = None
    section: str | None = None
    layers: Mapping[str, bool] = field(default_factory=dict)
    highlight: tuple[str, ...] = ()
    caption: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> F64:
        """Return the point f64(3) looked at."""
        return np.asarray(self.eye + self.forward * self.focus, np.float64)

    def view(self, size: tuple[int, int]) -> View:
        """Return the camera as the rest of the program knows it; ``size`` in pixels."""
        return View(self.eye, self.forward, self.up, self.fov, size)


def state(route: Route | Flight, t: float) -> State:
    """Return the scene of a checked route (its coordinates are the project's) at a time, seconds.

    Before its first keyframe it stands there, after its last one too; a loop goes on.
    """
    flown = route if isinstance(route, Flight) else flight(route)
    at = float(flown.clock(np.array([t]))[0])
    camera = flown.camera(np.array([at]))
    keys = flown.keyframes
    number = max(bisect_right([key.t for key in keys], at) - 1, 0)
    passed = _steps(keys, flown.route.cues, at)
    as_of, known_at = _last(passed, "as_of"), _last(passed, "known_at")
    highlight, caption = _last(passed, "highlight"), _last(passed, "caption")
    return State(
        at,
        number,
        camera.eye[0],
        camera.forward[0],
        camera.up[0],
        float(camera.fov[0]),
        float(camera.focus[0]),
        sun_at(_steps(keys, flown.route.cues), at),
        instant_of(as_of) if as_of else None,
        instant_of(known_at) if known_at else None,
        _last(passed, "color_by") or None,
        _last(passed, "section"),
        {name: shown for key in passed for name, shown in key.layers.items()},
        tuple(highlight or ()),
        dict(caption or {}),
    )


Step = Keyframe | Cue
"""What may say something of a track."""


def _steps(
    keys: tuple[Keyframe, ...], cues: tuple[Cue, ...], until: float = np.inf
) -> tuple[Step, ...]:
    """Return keyframes and cues in the order of time, those up to a time."""
    items: list[Step] = [*keys, *cues]
    found = [item for item in items if item.t <= until]
    return tuple(sorted(found, key=lambda item: item.t)) if cues else tuple(found)


def _last(passed: tuple[Step, ...], name: str) -> Any:
    """Return what the last keyframe that speaks of a track says; None where none does."""
    for key in reversed(passed):
        said = getattr(key, name)
        if said is not None:
            return said
    return None


def sun_at(keys: tuple[Step, ...], t: float) -> Instant | None:
    """Return the instant that the sun stands for: it runs evenly between the keyframes that name one.

    Over a keyframe that is held it stands still; ``null`` ends it. Milliseconds.
    """
    said = [key for key in keys if key.sun is not None]
    number = bisect_right([key.t for key in said], t) - 1
    if number < 0:
        return None
    here = said[number]
    begins = instant_of(here.sun or "") if here.sun else None
    if begins is None or number + 1 == len(said) or not said[number + 1].sun:
        return begins
    after = said[number + 1]
    ends = instant_of(after.sun or "")
    if ends is None or here.ease == HOLD:
        return begins
    share = min(max((t - here.t - here.hold) / (after.t - here.t - here.hold), 0.0), 1.0)
    gone = round(int((ends - begins).astype(np.int64)) * share)
    found: Instant = begins + np.timedelta64(gone, "ms")
    return found
