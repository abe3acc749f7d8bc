"""The list of all analyses, and how one is made of settings given as text.

A new analysis is one file and one line here; others come through entry points ``citytwin.analyses``.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from importlib.metadata import EntryPoint
from types import MappingProxyType
from typing import Any

from twin.analyses.findings import Analysis
from twin.errors import UsageError
from twin.ports import registered

OWN: Mapping[str, str] = MappingProxyType({
    "heights": "twin.analyses.heights:Heights",
    "building_heights": "twin.analyses.building_heights:BuildingHeights",
    "floor_area": "twin.analyses.volumes:FloorArea",
    "height_limit": "twin.analyses.limits:HeightLimit",
    "inclined_limit": "twin.analyses.limits:InclinedLimit",
    "cone_limit": "twin.analyses.limits:ConeLimit",
    "approach_limit": "twin.analyses.limits:ApproachLimit",
    "step_back_limit": "twin.analyses.limits:StepBackLimit",
    "flood_level": "twin.analyses.flood:FloodLevel",
    "cut_fill": "twin.analyses.cut_fill:CutFill",
    "line_of_sight": "twin.analyses.sight:LineOfSight",
    "viewshed": "twin.analyses.viewshed:Viewshed",
    "sky_view": "twin.analyses.sky:SkyView",
    "landmark_view": "twin.analyses.landmark:LandmarkView",
    "view_corridor": "twin.analyses.corridors:ViewCorridor",
    "profile": "twin.analyses.profile:Profile",
    "sun_hours": "twin.analyses.sun_hours:SunHours",
})  # fmt: skip
"""Name -> ``package.module:Class`` of an analysis: a frozen dataclass with default values.

Imported when it is asked for: a window stands before any library of rays is loaded.
"""
PLACES = {
    "point": "x,y,z",
    "plan": "x,y;x,y;x,y",
    **dict.fromkeys(("points", "path", "area"), "x,y,z;x,y,z"),
}
"""Settings that hold places of the view, and how they are written; JSON will do as well."""
ON, OFF = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


def names() -> tuple[str, ...]:
    """Return the names of all analyses: our own first, then those of other packages."""
    return tuple(dict.fromkeys((*OWN, *registered("citytwin.analyses"))))


def class_of(name: str) -> Any:
    """Return the class of an analysis. Raises UsageError for an unknown name."""
    if name in OWN:
        return EntryPoint(name, OWN[name], "").load()
    others = registered("citytwin.analyses")
    if name not in others:
        listed = ", ".join(sorted(names()))
        raise UsageError(reason=f"there is no analysis {name[:40]!r}; known: {listed}")
    return others[name]


def made(name: str, settings: Mapping[str, Any]) -> Analysis:
    """Return an analysis with its settings: plain values, or texts that stand for them. Raises UsageError."""
    kind = class_of(name)
    declared = {entry.name: entry for entry in fields(kind) if entry.init}
    unknown = set(settings) - set(declared)
    if unknown:
        listed = ", ".join(declared) or "none"
        wrong = ", ".join(sorted(unknown))
        raise UsageError(reason=f"{name} has no setting {wrong}; it has: {listed}")
    values = {key: _value(declared[key], value) for key, value in settings.items()}
    analysis: Analysis = kind(**values)
    return analysis


def default_of(entry: Field[Any]) -> Any:
    """Return the default of a setting."""
    if entry.default is not MISSING:
        return entry.default
    return entry.default_factory() if entry.default_factory is not MISSING else ""


def settings_listed(name: str) -> dict[str, Any]:
    """Return the settings of an analysis with their defaults, as plain values."""
    declared = (entry for entry in fields(class_of(name)) if entry.init)
    return {entry.name: default_of(entry) for entry in declared}


def _value(entry: Field[Any], said: Any) -> Any:
    """Return a setting as its field holds it. Raises UsageError."""
    usual = default_of(entry)
    pick = entry.metadata.get("pick", "")
    try:
        plain = isinstance(said, str) and pick in PLACES and said.strip()[:1] not in ("", "[")
        value = _places(said, pick) if plain else _like(usual, said)
    except (ValueError, TypeError) as error:
        if pick in PLACES:
            reason = f"{entry.name}: {said!r} is no place; write {PLACES[pick]}"
            raise UsageError(reason=reason) from error
        raise UsageError(reason=f"{entry.name}: {said!r} is no value of this setting") from error
    low, high = entry.metadata.get("low"), entry.metadata.get("high")
    choices = entry.metadata.get("choices", ())
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if (number and not (low is None or value >= low)) or (
        number and not (high is None or value <= high)
    ):
        raise UsageError(reason=f"{entry.name}: {value} does not lie in {low} to {high}")
    if choices and value not in choices:
        raise UsageError(reason=f"{entry.name}: {value!r} is none of {', '.join(choices)}")
    return value


def _like(usual: Any, said: Any) -> Any:
    """Return a value of the same type as the usual one. Raises ValueError, TypeError."""
    if isinstance(usual, bool):
        return _truth(said)
    if isinstance(usual, int):
        if isinstance(said, float) and said != int(said):
            raise ValueError("not whole")
        return int(said)
    if isinstance(usual, float):
        value = float(said)
        if value != value:
            raise ValueError("not a number")
        return value
    if isinstance(usual, tuple):
        return _tuple(json.loads(said) if isinstance(said, str) else said)
    return str(said) if isinstance(usual, str) else said


def _truth(said: Any) -> bool:
    if isinstance(said, bool):
        return said
    text = str(said).strip().lower()
    if text not in ON + OFF:
        raise ValueError("neither true nor false")
    return text in ON


def _places(said: str, pick: str) -> Any:
    """Return places written as ``x,y,z;x,y,z``; of one place its numbers. Raises ValueError."""
    found = tuple(tuple(map(float, one.split(","))) for one in said.split(";") if one.strip())
    if pick != "point":
        return found
    (place,) = found
    return place


def _tuple(said: Any) -> Any:
    """Return lists within lists as tuples."""
    if not isinstance(said, list | tuple):
        raise TypeError("not a list")
    return tuple(_tuple(one) if isinstance(one, list | tuple) else one for one in said)
