"""The tracks of a route as statements in time: what is said, from when on; and how they are edited. Pure.

A statement stands at a keyframe where one has its time, else at a cue. One that says nothing more
(``NONE``, an empty caption) ends the one before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from twin.flythrough.records import Cue, Keyframe, Route

FIELDS = ("layers", "color_by", "sun", "as_of", "known_at", "section", "caption", "highlight")
"""What a keyframe or a cue may say."""
LASTING = frozenset({"layers", "color_by", "sun", "as_of", "known_at"})
"""Tracks that go on as before when a statement is removed; the others are silent then."""
SAME = 1e-4
"""Seconds within which two times are one."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a track says from ``t`` seconds on; an empty value ends what was said before."""

    t: float
    value: Any

    @property
    def ends(self) -> bool:
        """Return whether this only ends the one before."""
        return not self.value


@dataclass(frozen=True, slots=True)
class Span:
    """A statement with its end; ``number`` counts all statements of the track."""

    number: int
    start: float
    end: float
    value: Any


def statements(route: Route, field: str) -> tuple[Statement, ...]:
    """Return what a track says, in the order of time."""
    items: list[Keyframe | Cue] = [*route.keyframes, *route.cues]
    said = [(item.t, getattr(item, field)) for item in items]
    quiet: Any = {} if field == "layers" else None
    found = [Statement(t, value) for t, value in said if value is not None and value != quiet]
    return tuple(sorted(found, key=lambda one: one.t))


def spans(said: Sequence[Statement], duration: float, *, ends: bool = False) -> tuple[Span, ...]:
    """Return the statements that say something, each until the next or the end of the route.

    With ``ends`` also those that only end the one before.
    """
    found = []
    for number, one in enumerate(said):
        if ends or not one.ends:
            after = said[number + 1].t if number + 1 < len(said) else max(duration, one.t)
            found.append(Span(number, one.t, after, one.value))
    return tuple(found)


def with_statements(route: Route, field: str, said: Sequence[Statement]) -> Route:
    """Return the route whose track says this and nothing else."""
    silent: Any = {} if field == "layers" else None
    none: dict[str, Any] = {field: silent}
    keys = [replace(key, **none) for key in route.keyframes]
    cues = {cue.t: replace(cue, **none) for cue in route.cues}
    for one in _tidy(said):
        says: dict[str, Any] = {field: {} if one.ends and field == "layers" else one.value}
        place = next((n for n, key in enumerate(keys) if abs(key.t - one.t) < SAME), -1)
        if place >= 0:
            keys[place] = replace(keys[place], **says)
        else:
            t = next((t for t in cues if abs(t - one.t) < SAME), one.t)
            cues[t] = replace(cues.get(t, Cue(t)), **says)
    kept = tuple(cues[t] for t in sorted(cues) if cues[t].says)
    return replace(route, keyframes=tuple(keys), cues=kept)


def _tidy(said: Sequence[Statement]) -> list[Statement]:
    """Return the statements in order, without ends that end nothing; of two at a time the later one."""
    found: list[Statement] = []
    for one in sorted(said, key=lambda item: item.t):
        if found and abs(found[-1].t - one.t) < SAME:
            found.pop()
        if one.ends and (not found or found[-1].ends):
            continue
        found.append(one)
    return found


def said_at(
    said: Sequence[Statement], t: float, value: Any, none: Any, lasts: float
) -> tuple[Statement, ...]:
    """Return the track that says ``value`` from ``t`` on: until what came next, ``lasts`` seconds at most.

    Inside of another statement it takes the rest of it. ``none`` is what ends a statement; infinite
    ``lasts`` leaves it to the next one.
    """
    before = [one for one in said if one.t < t - SAME]
    after = [one for one in said if one.t > t + SAME]
    inside = bool(before) and not before[-1].ends
    end = t + lasts
    if not inside and lasts < float("inf") and (not after or end < after[0].t - SAME):
        after = [Statement(end, none), *after]
    return (*before, Statement(t, value), *after)


def moved(
    said: Sequence[Statement], number: int, start: float, end: float, none: Any, duration: float
) -> tuple[Statement, ...]:
    """Return the track whose statement begins and ends elsewhere, between its neighbours.

    Where it met the next statement it still meets it; else an end of its own goes with it.
    """
    before, one, after = list(said[:number]), said[number], list(said[number + 1 :])
    own_end = after.pop(0) if after and after[0].ends else None
    last = after[0].t if after else float("inf")
    first = before[-1].t if before else 0.0
    start = min(max(start, first if not before or before[-1].ends else first + SAME * 2), last)
    met = own_end is None
    if met and after and abs(end - last) > SAME:  # its right end was moved: the next begins there
        after[0] = replace(after[0], t=max(end, start + SAME * 2))
        return (*before, replace(one, t=start), *after)
    end = min(max(end, start + SAME * 2), last)
    found = [*before, replace(one, t=start)]
    if end < last - SAME and (not met or end < duration - SAME):
        found.append(Statement(end, none))
    return (*found, *after)


def removed(
    said: Sequence[Statement], number: int, none: Any, lasting: bool
) -> tuple[Statement, ...]:
    """Return the track without a statement; where it is not ``lasting``, silence takes its place."""
    rest = list(said)
    one = rest.pop(number)
    if number < len(rest) and rest[number].ends and (lasting or number == 0):
        rest.pop(number)
    elif not lasting and number and not rest[number - 1].ends:
        rest.insert(number, Statement(one.t, none))
    return tuple(_tidy(rest))
