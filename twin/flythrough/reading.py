"""Route files: JSON in and out. What is unknown is kept and warned about; what cannot be flown is refused."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from twin.errors import NotFound, NotReadable, TwinError
from twin.flythrough.faults import fault, warning
from twin.flythrough.records import EASES, NONE, Cue, Keyframe, Route, Vector
from twin.georeference import parse_crs
from twin.maintenance.dates import parse_column
from twin.problems import Problem
from twin.records import Instant

VERSION = 1
LARGEST_FILE = 32_000_000
"""Bytes of the largest route file that is read."""
MOST_KEYFRAMES = 10_000
FARTHEST = 1e9
"""Coordinates beyond are no place in a projected system, metres."""
LONGEST = 86_400.0
"""Seconds of the longest route: a day."""
FIELDS = (1.0, 170.0)
"""Least and greatest vertical field of view, degrees."""

ROUTE_KEYS = (
    "version", "id", "title", "crs", "vertical", "loop", "constant_speed", "keyframes", "cues",
)  # fmt: skip
STEPS = ("sun", "as_of", "known_at", "color_by", "section")
KEYS = (
    "t", "eye", "target", "fov", "roll", "ease", "hold", *STEPS, "layers", "highlight", "caption",
    "title",
)  # fmt: skip
CUE_KEYS = ("t", *STEPS, "layers", "highlight", "caption")
Told = list[Problem]


@dataclass(frozen=True, slots=True)
class _Where:
    """A place in a file: its location and the number of the keyframe (0 = the route itself)."""

    location: str
    keyframe: int = 0

    def wrong(self, code: str, **params: Any) -> TwinError:
        return fault(self.location, code, keyframe=self.keyframe, **params)


def read_route(path: Path) -> tuple[Route, tuple[Problem, ...]]:
    """Return the route of a file, in its own system, and warnings.

    Raises NotFound, NotReadable, RouteError.
    """
    where = str(path)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise fault(where, "large", megabytes=LARGEST_FILE // 1_000_000)
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(location=where) from error
    except OSError as error:
        raise NotReadable(location=where, reason=error.strerror or "not readable") from error
    return parse_route(data, where, path.stem)


_NO_NUMBER = re.compile(r"[\[:,]\s*(NaN|-?Infinity)\b")
"""What some programs write for a number that is none; JSON has no such thing."""


def _loaded(data: bytes | str, location: str) -> Any:
    """Return what JSON text says. Raises RouteError."""
    try:
        return orjson.loads(data)
    except ValueError as error:
        text = data if isinstance(data, str) else data.decode("utf-8", "replace")
        named = _NO_NUMBER.search(text)
        if named:
            raise fault(location, "no_number", value=named[1]) from error
        raise fault(location, "json", detail=str(error)[:120]) from error


def parse_route(
    data: bytes | str, location: str = "route", name: str = "route"
) -> tuple[Route, tuple[Problem, ...]]:
    """Return the route that JSON text describes and warnings; ``name`` is its id when it has none.

    Raises RouteError.
    """
    said = _loaded(data, location)
    if not isinstance(said, dict) or not isinstance(said.get("keyframes"), list):
        raise fault(location, "no_route")
    told: Told = []
    where = _Where(location)
    version = said.get("version", VERSION)
    if version != VERSION:
        told.append(warning("version", location, version=str(version)[:20]))
    route = Route(
        _text(where, said, "id") or name,
        _text(where, said, "title") or name,
        _keyframes(location, said["keyframes"], told),
        _text(where, said, "crs"),
        _text(where, said, "vertical"),
        _flag(where, said, "loop"),
        _flag(where, said, "constant_speed"),
        _unknown(said, ROUTE_KEYS, told),
        _cues(location, said, told),
    )
    checked(route, location)
    return route, tuple(told)


def checked(route: Route, location: str = "") -> Route:
    """Return the route when it can be flown. Raises RouteError.

    One keyframe is a still picture; the first keyframe need not stand at 0.
    """
    where = location or route.title or route.id
    count = len(route.keyframes)
    if not count:
        raise fault(where, "empty")
    if count > MOST_KEYFRAMES:
        raise fault(where, "many", count=count, most=MOST_KEYFRAMES)
    for number, key in enumerate(route.keyframes, 1):
        _sound(_Where(where, number), key)
    for number, (one, after) in enumerate(pairwise(route.keyframes), 1):
        params = {"first": number, "second": number + 1, "t": one.t, "after": after.t}
        if after.t == one.t:
            raise fault(where, "equal_times", **params)
        if after.t < one.t:
            raise fault(where, "unordered", **params)
        if one.t + one.hold >= after.t and one.hold:
            raise fault(where, "hold_too_long", hold=one.hold, **params)
    try:
        parse_crs(route.crs, route.vertical)
    except TwinError as error:
        raise fault(where, "crs", crs=route.crs[:60], detail=error.params["reason"]) from error
    return route


def _sound(where: _Where, key: Keyframe) -> None:
    """Raise RouteError for numbers that are none, or out of range."""
    numbers = {"t": (key.t,), "eye": key.eye, "target": key.target, "fov": (key.fov,),
               "roll": (key.roll,), "hold": (key.hold,)}  # fmt: skip
    for name, values in numbers.items():
        if not all(math.isfinite(value) for value in values):
            raise where.wrong("not_finite", key=name)
    if not 0 <= key.t <= LONGEST or key.hold < 0:
        raise where.wrong("time", t=key.t, most=LONGEST)
    if max(map(abs, (*key.eye, *key.target))) > FARTHEST:
        raise where.wrong("far")
    if math.dist(key.eye, key.target) < 1e-6:
        raise where.wrong("no_direction")
    if not FIELDS[0] <= key.fov <= FIELDS[1]:
        raise where.wrong("fov", fov=key.fov, least=FIELDS[0], most=FIELDS[1])
    if key.ease not in EASES:
        raise where.wrong("ease", ease=key.ease[:30], known=", ".join(EASES))
    for name in ("sun", "as_of", "known_at"):
        said = getattr(key, name)
        if said and instant_of(said) is None:
            raise where.wrong("instant", key=name, value=said[:40])


def instant_of(said: str) -> Instant | None:
    """Return the instant of an ISO 8601 text in UTC (a day or a year is its beginning); None for no date."""
    found = parse_column([said]).t_lo[0]
    return None if np.isnat(found) else found.astype("datetime64[ms]")


def _keyframes(location: str, said: Sequence[Any], told: Told) -> tuple[Keyframe, ...]:
    if len(said) > MOST_KEYFRAMES:
        raise fault(location, "many", count=len(said), most=MOST_KEYFRAMES)
    return tuple(_keyframe(_Where(location, n), item, told) for n, item in enumerate(said, 1))


def _keyframe(where: _Where, said: Any, told: Told) -> Keyframe:
    if not isinstance(said, dict):
        raise where.wrong("no_keyframe")
    for name in ("t", "eye", "target"):
        if name not in said:
            raise where.wrong("missing", key=name)
    steps: dict[str, Any] = {name: _step(where, said, name) for name in STEPS}
    return Keyframe(
        _number(where, said, "t", 0.0),
        _vector(where, said, "eye"),
        _vector(where, said, "target"),
        _number(where, said, "fov", 45.0),
        _number(where, said, "roll", 0.0),
        _text(where, said, "ease") or EASES[0],
        _number(where, said, "hold", 0.0),
        **steps,
        layers=_flags(where, said),
        highlight=_names(where, said),
        caption=_caption(where, said),
        extra=_unknown(said, KEYS, told, where.keyframe),
        title=_text(where, said, "title"),
    )


def _cues(location: str, said: Mapping[str, Any], told: Told) -> tuple[Cue, ...]:
    """Return the steps between keyframes, in the order of time."""
    listed = said.get("cues") or []
    if not isinstance(listed, list) or len(listed) > MOST_KEYFRAMES:
        raise fault(location, "no_cues", most=MOST_KEYFRAMES)
    found = [_cue(_Where(location, n), item, told) for n, item in enumerate(listed, 1)]
    return tuple(sorted(found, key=lambda cue: cue.t))


def _cue(where: _Where, said: Any, told: Told) -> Cue:
    if not isinstance(said, dict) or "t" not in said:
        raise where.wrong("no_cue")
    t = _number(where, said, "t", 0.0)
    if not (math.isfinite(t) and 0 <= t <= LONGEST):
        raise where.wrong("time", t=t, most=LONGEST)
    steps: dict[str, Any] = {name: _step(where, said, name) for name in STEPS}
    for name in ("sun", "as_of", "known_at"):
        if steps[name] and instant_of(steps[name]) is None:
            raise where.wrong("instant", key=name, value=steps[name][:40])
    return Cue(
        t,
        **steps,
        layers=_flags(where, said),
        highlight=_names(where, said),
        caption=_caption(where, said),
        extra=_unknown(said, CUE_KEYS, told, where.keyframe),
    )


def _number(where: _Where, said: Mapping[str, Any], name: str, usual: float) -> float:
    value = said.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise where.wrong("not_number", key=name)
    return float(value)


def _vector(where: _Where, said: Mapping[str, Any], name: str) -> Vector:
    value = said[name]
    if not isinstance(value, list) or len(value) != 3:
        raise where.wrong("not_point", key=name)
    if any(isinstance(item, bool) or not isinstance(item, int | float) for item in value):
        raise where.wrong("not_point", key=name)
    x, y, z = (float(item) for item in value)
    return x, y, z


def _text(where: _Where, said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise where.wrong("not_text", key=name)
    return value.strip()


def _flag(where: _Where, said: Mapping[str, Any], name: str) -> bool:
    value = said.get(name, False)
    if not isinstance(value, bool):
        raise where.wrong("not_flag", key=name)
    return value


def _step(where: _Where, said: Mapping[str, Any], name: str) -> str | None:
    """Return a step's text: None where the file is silent, ``NONE`` for null."""
    return None if name not in said else _text(where, said, name) or NONE


def _flags(where: _Where, said: Mapping[str, Any]) -> Mapping[str, bool]:
    value = said.get("layers") or {}
    if not isinstance(value, dict) or not all(isinstance(x, bool) for x in value.values()):
        raise where.wrong("not_layers")
    return dict(value)


def _names(where: _Where, said: Mapping[str, Any]) -> tuple[str, ...] | None:
    if "highlight" not in said:
        return None
    value = said["highlight"] or []
    if not isinstance(value, list) or not all(isinstance(x, str) for x in value):
        raise where.wrong("not_names")
    return tuple(value)


def _caption(where: _Where, said: Mapping[str, Any]) -> Mapping[str, str] | None:
    if "caption" not in said:
        return None
    value = said["caption"] or {}
    if not isinstance(value, dict) or not all(isinstance(x, str) for x in value.values()):
        raise where.wrong("not_caption")
    return dict(value)


def _unknown(
    said: Mapping[str, Any], known: Sequence[str], told: Told, keyframe: int = 0
) -> Mapping[str, Any]:
    """Return the keys that are not known here, and warn of them: they are kept."""
    extra = {name: value for name, value in said.items() if name not in known}
    for name in extra:
        place = f"keyframes/{keyframe}" if keyframe else ""
        told.append(warning("unknown_key", place, key=name[:60], keyframe=keyframe))
    return extra


def document(route: Route) -> dict[str, Any]:
    """Return the route as a route file says it: what has its usual value is left out."""
    found: dict[str, Any] = {"version": VERSION, "id": route.id, "title": route.title}
    found["crs"] = route.crs
    if route.vertical:
        found["vertical"] = route.vertical
    found["loop"] = route.loop
    if route.constant_speed:
        found["constant_speed"] = True
    found["keyframes"] = [_said(key) for key in route.keyframes]
    if route.cues:
        found["cues"] = [{"t": cue.t, **_steps_said(cue), **cue.extra} for cue in route.cues]
    return {**found, **route.extra}


def _said(key: Keyframe) -> dict[str, Any]:
    found: dict[str, Any] = {
        "t": key.t, "eye": list(key.eye), "target": list(key.target), "fov": key.fov,
        "roll": key.roll, "ease": key.ease,
    }  # fmt: skip
    if key.hold:
        found["hold"] = key.hold
    if key.title:
        found["title"] = key.title
    return {**found, **_steps_said(key), **key.extra}


def _steps_said(key: Keyframe | Cue) -> dict[str, Any]:
    """Return the steps of a keyframe or a cue as files say them."""
    found: dict[str, Any] = {}
    for name in STEPS:
        value = getattr(key, name)
        if value is not None:
            found[name] = value or None
    if key.layers:
        found["layers"] = dict(key.layers)
    if key.highlight is not None:
        found["highlight"] = list(key.highlight)
    if key.caption is not None:
        found["caption"] = dict(key.caption) or None
    return found


def written(route: Route) -> bytes:
    """Return the bytes of a route file: indented, the same for equal routes."""
    return orjson.dumps(document(route), option=orjson.OPT_INDENT_2) + b"\n"


def write_route(route: Route, path: Path) -> None:
    """Write a route file in one step: what was there before stays until the new one is whole.

    Raises NotReadable.
    """
    draft = path.with_name(f"{path.name}.part")
    try:
        draft.write_bytes(written(checked(route)))
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        reason = error.strerror or "cannot be written"
        raise NotReadable(location=str(path), reason=reason) from error


def moved_keyframe(key: Keyframe, t: float) -> Keyframe:
    """Return the keyframe at another time, seconds."""
    return replace(key, t=t)
