"""Commands on fly-throughs: routes and their keyframes. Times in seconds, points in the route's system."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from twin.commands.registry import Context, command
from twin.commands.views import point_of
from twin.edits import Edit, SetRecord
from twin.errors import UsageError
from twin.flythrough.faults import RouteError
from twin.flythrough.line_files import read_line, route_along
from twin.flythrough.reading import checked, parse_route, read_route
from twin.flythrough.records import Keyframe, Route
from twin.georeference import ProjectFrame

KIND = "routes"
SAME = 1e-3
"""Seconds within which a time names a keyframe."""


@command("routes.add")
def add_route(context: Context, title: str, eye: str, target: str, id: str = "") -> Edit:
    """Begin a route with one keyframe at 0 s: eye and target as "x,y,z" in the project frame, metres."""
    first = Keyframe(0.0, point_of(eye), point_of(target))
    crs, vertical = context.twin.crs, context.twin.vertical
    return _new(context, Route(id, _title(title), (first,), crs, vertical))


@command("routes.import")
def import_route(context: Context, path: str, id: str = "") -> Edit:
    """Take a route file into the project; what to bear in mind about it is reported."""
    route, told = read_route(Path(path))
    for problem in told:
        context.report(path, UsageError(reason=problem.text))
    return _new(context, replace(route, id=id or _free(context, route.id)))


@command("routes.follow")
def follow_line(context: Context, path: str, id: str = "") -> Edit:
    """Make a route along the line of a file (GeoJSON, KML, GeoPackage, Shapefile, FlatGeobuf)."""
    twin = context.twin
    project = ProjectFrame.of(twin.crs, twin.vertical) if twin.crs else None
    made = route_along(
        read_line(path), path, twin, project, lambda places: np.full(len(places), np.nan)
    )
    return _new(context, replace(made, id=id or _free(context, "route-1")))


@command("routes.replace")
def replace_route(context: Context, id: str, text: str) -> Edit:
    """Put another route, the JSON text of a route file, in a route's place."""
    known = _known(context, id)
    route, _ = parse_route(text, known.title, known.id)
    return SetRecord(KIND, known.id, replace(route, id=known.id))


@command("routes.rename")
def rename_route(context: Context, id: str, title: str) -> Edit:
    """Give a route another title."""
    return _changed(_known(context, id), title=_title(title))


@command("routes.remove")
def remove_route(context: Context, id: str) -> Edit:
    """Remove a route from the project."""
    return SetRecord(KIND, _known(context, id).id, None)


@command("routes.set")
def set_route(context: Context, id: str, loop: str = "", constant_speed: str = "") -> Edit:
    """Let a route fly back to its beginning (yes or no), or go at one speed (yes or no)."""
    flags = {"loop": loop, "constant_speed": constant_speed}
    said = {name: _flag(name, value) for name, value in flags.items() if value}
    if not said:
        raise UsageError(reason="say loop=yes|no or constant_speed=yes|no")
    return _changed(_known(context, id), **said)


@command("routes.keyframe_add")
def add_keyframe(  # noqa: PLR0913  what a keyframe is
    context: Context, id: str, t: str, eye: str, target: str, fov: str = "45", roll: str = "0"
) -> Edit:
    """Add a keyframe at a time; one that stands there already takes this camera instead."""
    route, at = _known(context, id), _seconds(t)
    camera: dict[str, Any] = {
        "eye": point_of(eye), "target": point_of(target), "fov": _seconds(fov), "roll": _seconds(roll)
    }  # fmt: skip
    number = _at(route, at)
    if number >= 0:
        return _with(route, number, replace(route.keyframes[number], **camera))
    keys = sorted((*route.keyframes, Keyframe(at, **camera)), key=lambda key: key.t)
    return _changed(route, keyframes=tuple(keys))


@command("routes.keyframe_move")
def move_keyframe(context: Context, id: str, t: str, eye: str = "", target: str = "") -> Edit:
    """Put the camera of a keyframe elsewhere: eye, target or both as "x,y,z"."""
    route = _known(context, id)
    number = _named(route, t)
    points = {name: point_of(said) for name, said in (("eye", eye), ("target", target)) if said}
    moved: Mapping[str, Any] = points
    return _with(route, number, replace(route.keyframes[number], **moved))


@command("routes.keyframe_retime")
def retime_keyframe(context: Context, id: str, t: str, to: str) -> Edit:
    """Move a keyframe to another time, seconds; it may pass its neighbours."""
    route = _known(context, id)
    number = _named(route, t)
    keys = list(route.keyframes)
    keys[number] = replace(keys[number], t=_seconds(to))
    return _changed(route, keyframes=tuple(sorted(keys, key=lambda key: key.t)))


@command("routes.keyframe_remove")
def remove_keyframe(context: Context, id: str, t: str) -> Edit:
    """Remove the keyframe at a time; the last one stays with its route."""
    route = _known(context, id)
    number = _named(route, t)
    keys = route.keyframes[:number] + route.keyframes[number + 1 :]
    return _changed(route, keyframes=keys)


def route_named(routes: Mapping[str, Route], name: str) -> Route | None:
    """Return the route with this id, else with this title."""
    found = routes.get(name)
    return found or next((route for route in routes.values() if route.title == name), None)


def _known(context: Context, id: str) -> Route:
    found = route_named(context.twin.records[KIND], id)
    if found is None:
        raise UsageError(reason=f"there is no route {id!r}")
    return found


def _free(context: Context, wanted: str) -> str:
    known = context.twin.records[KIND]
    names = (wanted or "route", *(f"{wanted or 'route'}-{n}" for n in range(2, len(known) + 3)))
    return next(name for name in names if name not in known)


def _new(context: Context, route: Route) -> Edit:
    made = replace(route, id=route.id or _free(context, "route-1"))
    if made.id in context.twin.records[KIND]:
        raise UsageError(reason=f"there is a route {made.id!r} already")
    return SetRecord(KIND, made.id, _sound(made))


def _changed(route: Route, **values: Any) -> Edit:
    return SetRecord(KIND, route.id, _sound(replace(route, **values)))


def _with(route: Route, number: int, key: Keyframe) -> Edit:
    keys = (*route.keyframes[:number], key, *route.keyframes[number + 1 :])
    return _changed(route, keyframes=keys)


def _sound(route: Route) -> Route:
    """Return the route when it can be flown. Raises UsageError: nothing was changed."""
    try:
        return checked(route)
    except RouteError as error:
        raise UsageError(reason=str(error)) from error


def _at(route: Route, t: float) -> int:
    """Return the number of the keyframe at a time, -1 = there is none."""
    near = [abs(key.t - t) for key in route.keyframes]
    number = int(np.argmin(near))
    return number if near[number] <= SAME else -1


def _named(route: Route, t: str) -> int:
    number = _at(route, _seconds(t))
    if number < 0:
        stand = ", ".join(f"{key.t:g}" for key in route.keyframes[:12])
        raise UsageError(reason=f"no keyframe stands at {t} s; they stand at {stand}")
    return number


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(reason=f"{text!r} is not a number") from None


def _flag(name: str, text: str) -> bool:
    if text not in ("yes", "no"):
        raise UsageError(reason=f"{name}: {text!r} is neither yes nor no")
    return text == "yes"


def _title(text: str) -> str:
    if not text.strip():
        raise UsageError(reason="a title cannot be empty")
    return text.strip()
