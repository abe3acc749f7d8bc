"""From a route to what the timeline shows of it: words of the language, speeds sampled once a route."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from twin.flythrough.flight import flight
from twin.flythrough.naming import layer_named, rows_named, section_named
from twin.flythrough.reading import instant_of
from twin.flythrough.records import Route
from twin.flythrough.statements import Span, spans, statements
from twin.geometry import F64
from twin.scene import Twin
from ui.desk import Desk
from ui.flythrough.score import Bar, Key, Score
from ui.flythrough.sun_clock import local, share_of_day, time_words, zone_here

SAMPLES = 600
"""Places of the route at which its speed is measured."""
FIELD = {
    "layers": "layers", "color_by": "color_by", "sun": "sun", "as_of": "as_of",
    "section": "section", "captions": "caption", "highlight": "highlight",
}  # fmt: skip
"""Track of the timeline -> field of a keyframe."""
TONE = {"captions": "violet", "highlight": "green"}


def score_of(route: Route, desk: Desk) -> Score:
    """Return what the timeline shows of a checked route in the project frame."""
    flown = flight(route)
    keys = flown.keyframes[: len(route.keyframes)]
    named = zip(keys, route.keyframes, strict=True)
    marks = tuple(Key(n, key.t, own.title) for n, (key, own) in enumerate(named))
    end = max([flown.end, *(cue.t for cue in route.cues)])
    bars = {track: _bars(track, route, end, desk) for track in FIELD}
    return Score(end, marks, bars, speeds(route))


@lru_cache(maxsize=4)
def speeds(route: Route) -> F64:
    """Return times and speeds f64(n, 2) of a route, seconds and metres a second."""
    flown = flight(route)
    if flown.duration <= 0:
        return np.array([[flown.start, 0.0], [flown.end, 0.0]])
    t = np.linspace(flown.start, flown.end, SAMPLES + 1)
    eye = flown.camera(np.minimum(t, flown.end - 1e-6)).eye
    gone = np.linalg.norm(np.diff(eye, axis=0), axis=1) / np.diff(t)
    middle = (t[1:] + t[:-1]) / 2
    found = np.column_stack([middle, gone])
    return np.concatenate([[[t[0], gone[0]]], found, [[t[-1], gone[-1]]]])


def _bars(track: str, route: Route, end: float, desk: Desk) -> tuple[Bar, ...]:
    said = spans(statements(route, FIELD[track]), end, ends=track == "as_of")
    if track == "layers":
        said = _summed(said)
    if track == "sun":
        return _sun_bars(said, desk)
    return tuple(_bar(track, span, desk) for span in said)


def _sun_bars(said: tuple[Span, ...], desk: Desk) -> tuple[Bar, ...]:
    """Return the times of the sun by the clock of the place, with their dates where these differ."""
    zone = zone_here(desk)
    days = {clock.date() for span in said if (clock := local(str(span.value), zone))}
    found = []
    for span in said:
        text = str(span.value)
        words = time_words(text, zone, dated=len(days) > 1)
        level = share_of_day(text, zone)
        found.append(Bar("sun", span.number, span.start, span.end, words, "plain", level, True))
    return tuple(found)


def _summed(said: tuple[Span, ...]) -> tuple[Span, ...]:
    """Return the statements on layers with what was said before: it still holds."""
    known: dict[str, bool] = {}
    found = []
    for span in said:
        known = {**known, **span.value}
        found.append(Span(span.number, span.start, span.end, dict(known)))
    return tuple(found)


def _bar(track: str, span: Span, desk: Desk) -> Bar:
    tone = TONE.get(track, "plain")
    if track == "color_by" and span.value == "freshness":
        tone = "blue"
    point = track == "as_of"
    words = words_of(track, span.value, desk)
    return Bar(track, span.number, span.start, span.end, words, tone, None, point)


def words_of(track: str, value: Any, desk: Desk) -> str:
    """Return what a bar says, in the language of the window."""
    twin = desk.session.twin
    if track == "layers":
        return _layers(value, twin, desk)
    if track == "color_by":
        return coloring(str(value), desk)
    if track == "as_of":
        if not value:
            return desk.say("passport.today")
        found = instant_of(str(value))
        whole = len(str(value)) == 4
        return str(value) if whole else desk.words.date(found)
    if track == "section":
        section = section_named(twin, str(value))
        return section.title if section else desk.say("flythrough.gone", name=value)
    if track == "captions":
        return caption(value, desk.words.language)
    return _objects(tuple(value), desk)


def caption(value: Mapping[str, str], language: str) -> str:
    """Return a caption in a language, else in any; only its first line."""
    text = value.get(language) or next((x for x in value.values() if x), "")
    return text.splitlines()[0] if text else ""


def coloring(name: str, desk: Desk) -> str:
    """Return the words of what a city is coloured by."""
    key = f"color_by.{name or 'own'}"
    return desk.say(key) if desk.words.has(key) else name


def _layers(value: Mapping[str, bool], twin: Twin, desk: Desk) -> str:
    def title(name: str) -> str:
        key = layer_named(twin, name)
        return twin.layers[key].title if key else name

    seen = [title(name) for name, on in value.items() if on]
    hidden = [title(name) for name, on in value.items() if not on]
    parts = [desk.say("flythrough.list_mark").join(seen)] if seen else []
    if hidden:
        names = desk.say("flythrough.list_mark").join(hidden)
        parts.append(desk.say("flythrough.without", names=names))
    return " · ".join(parts)


def _objects(names: tuple[str, ...], desk: Desk) -> str:
    if len(names) == 1:
        found = rows_named(desk.session.twin, names)
        for key, rows in found.items():
            return desk.title(desk.session.twin.object(key, int(rows[0])))
    return desk.say("flythrough.objects", count=desk.words.count(len(names)))
