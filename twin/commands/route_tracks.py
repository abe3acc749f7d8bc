"""Commands on the tracks of routes: what the picture shows from a time on, between keyframes too."""

from typing import Any

import orjson

from twin.commands.registry import Context, command
from twin.commands.routes import KIND, route_named
from twin.edits import Edit, SetRecord
from twin.errors import UsageError
from twin.flythrough.reading import checked, instant_of
from twin.flythrough.records import Route
from twin.flythrough.statements import (
    FIELDS,
    SAME,
    removed,
    said_at,
    statements,
    with_statements,
)

DATES = ("sun", "as_of", "known_at")
JSON = {
    "layers": "JSON object of layers with true or false",
    "caption": "JSON object of texts by language",
    "highlight": "JSON list of object ids",
}
"""Tracks whose value is JSON text, and what it has to be."""
ENDS: dict[str, Any] = {"layers": {}, "caption": {}, "highlight": ()}
"""What ends a statement; '' elsewhere."""


@command("routes.track")
def say_on_track(
    context: Context, id: str, track: str, t: str, value: str = "", lasts: str = ""
) -> Edit:
    """Let a track of a route say something from a time on, for so many seconds at most; nothing ends it.

    Tracks are layers, color_by, sun, as_of, known_at, section, caption and highlight; the value of layers
    and caption is a JSON object, that of highlight a JSON list.
    """
    route, said = _track(context, id, track)
    seconds = float("inf") if not lasts else _number("lasts", lasts)
    none = ENDS.get(track, "")
    made = said_at(said, _number("t", t), _value(track, value), none, seconds)
    return SetRecord(KIND, route.id, checked(with_statements(route, track, made)))


@command("routes.track_remove")
def remove_from_track(context: Context, id: str, track: str, t: str) -> Edit:
    """Take back what a track of a route says at a time."""
    route, said = _track(context, id, track)
    at = _number("t", t)
    number = next((n for n, one in enumerate(said) if abs(one.t - at) < SAME), -1)
    if number < 0:
        stand = ", ".join(f"{one.t:g}" for one in said[:12]) or "-"
        raise UsageError(reason=f"{track} says nothing at {t} s; it speaks at {stand}")
    left = removed(said, number, ENDS.get(track, ""), track not in ("caption", "highlight"))
    return SetRecord(KIND, route.id, with_statements(route, track, left))


def _track(context: Context, id: str, track: str) -> tuple[Route, tuple[Any, ...]]:
    route = route_named(context.twin.records[KIND], id)
    if route is None:
        raise UsageError(reason=f"there is no route {id!r}")
    if track not in FIELDS:
        raise UsageError(reason=f"track: {track!r} is none of {', '.join(FIELDS)}")
    return route, statements(route, track)


def _value(track: str, text: str) -> Any:
    if not text:
        return ENDS.get(track, "")
    if track in DATES and instant_of(text) is None:
        raise UsageError(reason=f"{track}: {text!r} is no date")
    if track not in JSON:
        return text
    try:
        found = orjson.loads(text)
    except ValueError:
        found = None
    inside, sound = bool if track == "layers" else str, False
    if isinstance(found, dict) and track != "highlight":
        sound = all(isinstance(item, inside) for item in found.values())
    elif isinstance(found, list) and track == "highlight":
        found, sound = tuple(found), all(isinstance(item, str) for item in found)
    if not sound:
        raise UsageError(reason=f"{track}: {text!r} is no {JSON[track]}")
    return found


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value < float("inf"):
        raise UsageError(reason=f"{name}: {text!r} is no time in seconds")
    return value
