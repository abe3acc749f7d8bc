"""Where the model stands, by the routes of IFC, and what about them cannot be believed.

Routes, best first: IfcMapConversion(Scaled), IfcRigidOperation, the property sets
ePset_MapConversion / ePset_ProjectedCRS (IFC2X3), latitude and longitude of IfcSite with TrueNorth.
The first that says something is used; the others are compared with it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from loaders.ifc.routes import Conversion, Site, operations, psets, site
from loaders.ifc.units import metres
from twin.errors import CrsError
from twin.geometry import F64
from twin.georeference import parse_crs, site_frame
from twin.messages import text
from twin.records import Problem

DEFAULTS = (
    ("Revit (Boston)", 42.3587, -71.0567),
    ("Bricsys, AutoCAD (San Francisco)", 37.795, -122.394),
    ("0, 0", 0.0, 0.0),
)
"""Places that programs write when nobody said where the site is."""
LARGEST = 2e7
"""No projected coordinate in metres is larger; what is, counts in millimetres."""
NEAR = 0.1
"""Scale factors of real maps differ from one by much less than this."""


@dataclass(frozen=True)
class Place:
    """CRS and vertical datum as named ('' = none), frame f64(4, 4) from model metres into the CRS."""

    crs: str = ""
    vertical: str = ""
    frame: F64 | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read(file: Any) -> Place:
    """Return where the file says the model stands, with every doubt as a problem."""
    unit = metres(file)
    found = [*operations(file), *psets(file)]
    stands = site(file, unit)
    fields = {"length unit": f"{unit:g} m"}
    if stands is not None:
        fields |= {
            "latitude": f"{stands.lat:.7f}",
            "longitude": f"{stands.lon:.7f}",
            "elevation": f"{stands.elevation:g} m",
            "true north": f"{stands.true_north:.3f}°",
        }
    if found:
        place = _by_conversion(found[0], unit)
        problems = (*place.problems, *_conflicts(found, place, stands))
        return replace(place, fields={**fields, **place.fields}, problems=problems)
    if stands is None:
        return Place(fields=fields)
    place = _by_site(stands)
    return replace(place, fields={**fields, **place.fields})


def _problem(code: str, **params: Any) -> Problem:
    return Problem(f"ifc.{code}", text(f"problem.ifc.{code}", **params), "", params)


def _by_conversion(found: Conversion, unit: float) -> Place:
    """Return the place of a map conversion; see ``_map_unit`` and ``_scale`` for what is believed."""
    problems: list[Problem] = []
    crs = f"EPSG:{found.crs}" if found.crs.isdecimal() else found.crs
    if found.angles:
        return Place(problems=(_problem("angles", route=found.route),))
    if not crs:
        problems.append(_problem("crs_missing", route=found.route))
    map_unit = _map_unit(found, unit, problems)
    scale = _scale(found, unit, map_unit, problems)
    out = _axis_metres(crs, map_unit, problems)
    cos, sin = found.axis
    factors = np.array(found.factors) * scale
    frame = np.eye(4)
    frame[:3, :3] = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]]) * factors
    frame[:3, 3] = np.array([found.east, found.north, found.height]) * map_unit
    frame[:2] /= out
    shown = f"{found.east:.3f}, {found.north:.3f}, {found.height:.3f}"
    angle = math.degrees(math.atan2(sin, cos))
    fields = {
        "georeference": found.route,
        "map conversion": f"{shown}; {angle:.4f}°; scale {scale:g}",
    }
    return Place(
        crs,
        found.vertical,
        None if np.array_equal(frame, np.eye(4)) else frame,
        fields,
        tuple(problems),
    )


def _map_unit(found: Conversion, unit: float, problems: list[Problem]) -> float:
    """Return metres in a unit of Eastings and Northings.

    Without MapUnit the project's unit counts, but many files in millimetres have metres there: only
    coordinates that no map in metres can have are taken as millimetres.
    """
    if found.unit is not None:
        size = math.hypot(found.east, found.north) * found.unit
        if size > LARGEST and found.unit == 1.0:
            problems.append(_problem("eastings_mm", east=found.east, north=found.north))
            return 0.001
        return found.unit
    if abs(unit - 1.0) < 1e-9:
        return 1.0
    size = math.hypot(found.east, found.north)
    assumed = unit if size > LARGEST or size == 0.0 else 1.0
    if size > 0.0:
        said = {"east": found.east, "north": found.north, "unit": f"{assumed:g} m"}
        problems.append(_problem("map_unit", **said))
    return assumed


def _scale(found: Conversion, unit: float, map_unit: float, problems: list[Problem]) -> float:
    """Return the scale between model metres and map metres.

    IFC's Scale also turns project units into map units (0.001 from mm to m); what is written
    without that, and a blank, mean one.
    """
    if found.scale is None:
        return 1.0
    scale = float(found.scale) * map_unit / unit
    if abs(scale - 1.0) < NEAR:
        return scale
    if abs(float(found.scale) - 1.0) < NEAR:
        problems.append(_problem("scale_units", scale=found.scale))
        return float(found.scale)
    problems.append(_problem("scale_odd", scale=found.scale))
    return 1.0


def _axis_metres(crs: str, map_unit: float, problems: list[Problem]) -> float:
    """Return metres in a unit of the CRS itself: 1 unless it counts in feet."""
    if not crs:
        return 1.0
    try:
        unit = parse_crs(crs).unit.lower()
    except CrsError as error:
        problems.append(_problem("crs_unknown", crs=crs[:60], reason=str(error)))
        return 1.0
    if "foot" not in unit:
        return 1.0
    known = 1200 / 3937 if "survey" in unit else 0.3048
    return map_unit if abs(map_unit - known) < 1e-5 else known


def _by_site(stands: Site) -> Place:
    """Return a place good to some metres from latitude and longitude, none for a program's default."""
    for program, lat, lon in DEFAULTS:
        if abs(stands.lat - lat) < 0.005 and abs(stands.lon - lon) < 0.005:
            found = _problem("site_default", program=program, lat=stands.lat, lon=stands.lon)
            return Place(problems=(found,))
    try:
        crs, frame = site_frame(stands.lat, stands.lon, stands.elevation, stands.true_north)
    except CrsError as error:
        return Place(problems=(_problem("site_wrong", reason=str(error)),))
    shift = np.eye(4)
    shift[:3, 3] = -stands.origin
    return Place(
        crs,
        "",
        frame @ shift,
        {"georeference": "IfcSite latitude, longitude"},
        (_problem("site_only", lat=round(stands.lat, 6), lon=round(stands.lon, 6), crs=crs),),
    )


def _conflicts(found: list[Conversion], place: Place, stands: Site | None) -> list[Problem]:
    """Return where the routes contradict each other."""
    first = found[0]
    problems = [
        _problem("routes_differ", used=first.route, other=other.route)
        for other in found[1:]
        if replace(other, route="") != replace(first, route="")
    ]
    if stands is None or not place.crs:
        return problems
    for program, lat, lon in DEFAULTS:
        if abs(stands.lat - lat) < 0.005 and abs(stands.lon - lon) < 0.005:
            params = {"program": program, "lat": stands.lat, "lon": stands.lon}
            return [*problems, _problem("site_default", **params)]
    try:
        area = parse_crs(place.crs).area
    except CrsError:
        return problems
    if area is None:
        return problems
    west, south, east, north = area
    if not (west - 1 <= stands.lon <= east + 1 and south - 1 <= stands.lat <= north + 1):
        params = {"lat": stands.lat, "lon": stands.lon, "crs": place.crs[:40], "used": first.route}
        problems.append(_problem("site_conflict", **params))
    return problems
