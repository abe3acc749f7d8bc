"""Captions of a route in time: which words stand, and how strongly while they come and go."""

from bisect import bisect_right

from twin.flythrough.flight import Flight
from twin.flythrough.records import Keyframe
from twin.flythrough.state import State

FADE = 0.4
"""Seconds in which a caption comes, and goes."""


def words(scene: State, language: str) -> str:
    """Return the caption of a scene in a language, else in English, else in any; '' = none."""
    said = scene.caption
    return said.get(language) or said.get("en") or next((x for x in said.values() if x), "")


def strength(flown: Flight, t: float) -> float:
    """Return 0..1 how strongly the caption of a time stands: it fades in and out at its ends.

    At the ends of the route it stands in full.
    """
    changes = sorted(item.t for item in _speaking(flown))
    number = bisect_right(changes, t)
    came = t - changes[number - 1] if number else FADE
    goes = changes[number] - t if number < len(changes) else FADE
    if number and changes[number - 1] <= flown.start:
        came = FADE
    return max(0.0, min(1.0, came / FADE, goes / FADE))


def _speaking(flown: Flight) -> list[Keyframe]:
    """Return what says something of captions: keyframes, and cues between them."""
    items = (*flown.keyframes, *getattr(flown.route, "cues", ()))
    return [item for item in items if item.caption is not None]
