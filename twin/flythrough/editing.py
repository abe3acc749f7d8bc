"""Edits of a route's keyframes as pure functions: put in, retimed, removed, pasted. What was said stays said."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from twin.flythrough.records import Cue, Keyframe, Route
from twin.flythrough.statements import FIELDS, SAME

GAP = 0.05
"""Seconds between two keyframes at least."""


def with_keyframe(route: Route, key: Keyframe) -> tuple[Route, int]:
    """Return the route with a keyframe, and its number; one that has its time takes its camera."""
    for number, known in enumerate(route.keyframes):
        if abs(known.t - key.t) < GAP:
            seen = replace(known, eye=key.eye, target=key.target, fov=key.fov, roll=key.roll)
            keys = (*route.keyframes[:number], seen, *route.keyframes[number + 1 :])
            return replace(route, keyframes=keys), number
    keys = tuple(sorted((*route.keyframes, key), key=lambda one: one.t))
    return replace(route, keyframes=keys), keys.index(key)


def retimed(route: Route, numbers: Collection[int], seconds: float) -> Route:
    """Return the route whose keyframes are moved in time, in their order, never nearer than ``GAP``."""
    keys = list(route.keyframes)
    for number in sorted(numbers, reverse=seconds > 0):
        t = keys[number].t + seconds
        if number:
            t = max(t, keys[number - 1].t + GAP)
        if number + 1 < len(keys):
            t = min(t, keys[number + 1].t - GAP)
        keys[number] = replace(keys[number], t=round(max(t, 0.0), 6))
    return replace(route, keyframes=tuple(keys))


def without(route: Route, numbers: Collection[int]) -> Route:
    """Return the route without some keyframes; what they said of tracks is said by cues from now on."""
    gone = [route.keyframes[n] for n in sorted(numbers)]
    left = tuple(key for n, key in enumerate(route.keyframes) if n not in set(numbers))
    known = {cue.t for cue in route.cues}
    cues = [_cue(key) for key in gone if key.t not in known]
    said = sorted((*route.cues, *(cue for cue in cues if cue.says)), key=lambda cue: cue.t)
    return replace(route, keyframes=left, cues=tuple(said))


def _cue(key: Keyframe) -> Cue:
    return Cue(key.t, **{name: getattr(key, name) for name in FIELDS})


def pasted(route: Route, keys: Sequence[Keyframe], t: float) -> tuple[Route, frozenset[int]]:
    """Return the route with copies of keyframes, the first at ``t``, and their numbers.

    Where a keyframe stands already the copy stands a little later.
    """
    first = min(key.t for key in keys)
    taken = [key.t for key in route.keyframes]
    made = []
    for key in sorted(keys, key=lambda one: one.t):
        at = t + key.t - first
        while any(abs(at - other) < GAP - SAME for other in taken):
            at += GAP
        taken.append(at)
        made.append(replace(key, t=round(at, 6)))
    whole = tuple(sorted((*route.keyframes, *made), key=lambda one: one.t))
    times = {key.t for key in made}
    return replace(route, keyframes=whole), frozenset(
        n for n, key in enumerate(whole) if key.t in times
    )


def stretched(route: Route, seconds: float) -> Route:
    """Return the route lasting so many seconds: every time in proportion."""
    last = max((key.t for key in route.keyframes), default=0.0)
    if last <= 0:
        return route
    factor = seconds / last
    keys = tuple(replace(k, t=k.t * factor, hold=k.hold * factor) for k in route.keyframes)
    cues = tuple(replace(cue, t=cue.t * factor) for cue in route.cues)
    return replace(route, keyframes=keys, cues=cues)
