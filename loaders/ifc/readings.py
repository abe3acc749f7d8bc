"""Map conversions understood: in which system, in which units, at which scale, and what was assumed."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from loaders.ifc.routes import Conversion
from twin.errors import CrsError
from twin.geometry import F64
from twin.georeference import Crs, fits, in_plane, parse_crs, parse_vertical, plane_unit
from twin.messages import text
from twin.records import Placement, Problem

LARGEST = 5e7
"""No projected coordinate in metres is larger, zone numbers in front included; what is, counts in
millimetres. Asked only where no usable system tells."""
LEAST_MILLIMETRES = 2e7
"""Fewer are no coordinates of a map in millimetres: no place of use lies within 20 km of false origins."""
NEAR = 0.1
"""Scale factors of real maps differ from one by much less than this."""
MILLIMETRE = 0.001


@dataclass(frozen=True)
class Reading:
    """A conversion understood. ``crs`` is empty for a system that nobody knows (``named`` keeps it).

    ``frame`` f64(4, 4) takes model metres into the system, None = it cannot be used; ``placement`` says
    the same as numbers (of several scale factors the first).
    """

    found: Conversion
    crs: Crs = field(default_factory=Crs)
    named: str = ""
    vertical: str = ""
    frame: F64 | None = None
    placement: Placement | None = None
    problems: tuple[Problem, ...] = ()


def told(code: str, **params: Any) -> Problem:
    """Return a problem of an IFC file, its English text from the catalogue."""
    return Problem(f"ifc.{code}", text(f"problem.ifc.{code}", **params), "", params)


def understand(found: Conversion, unit: float) -> Reading:
    """Return what a conversion means in a project of ``unit`` metres, every assumption told."""
    problems: list[Problem] = []
    if found.angles:
        return Reading(found, problems=(told("angles", route=found.route),))
    crs = _system(found, problems)
    vertical = _vertical(found, problems)
    if crs and crs.kind != "projected":
        problems.append(told("crs_degrees", route=found.route, crs=crs.title))
        return Reading(found, crs, found.system, vertical, problems=tuple(problems))
    map_unit = _map_unit(found, unit, crs, problems)
    scale = _scale(found, unit, map_unit, problems)
    upright = parse_crs(found.system, vertical) if crs else crs
    frame = _frame(found, (map_unit, scale), upright)
    cos, sin = found.axis
    placement = Placement(
        found.route,
        found.system if crs else "",
        float(frame[0, 3]),
        float(frame[1, 3]),
        found.height * map_unit,
        math.degrees(math.atan2(sin, cos)),
        scale * found.factors[0],
    )
    return Reading(found, upright, found.system, vertical, frame, placement, tuple(problems))


def swapped(reading: Reading) -> Reading:
    """Return a reading with easting and northing exchanged."""
    assert reading.frame is not None
    assert reading.placement is not None
    frame = reading.frame.copy()
    frame[:2, 3] = frame[[1, 0], 3]
    place = reading.placement
    place = replace(place, easting=place.northing, northing=place.easting)
    return replace(reading, frame=frame, placement=place)


def _frame(found: Conversion, sizes: tuple[float, float], crs: Crs) -> F64:
    """Return f64(4, 4) from model metres into the units of the system, heights included."""
    map_unit, scale = sizes
    cos, sin = found.axis
    frame = np.eye(4)
    turn = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    frame[:3, :3] = turn * (np.array(found.factors) * scale)
    frame[:3, 3] = np.array([found.east, found.north, found.height]) * map_unit
    frame[:2] /= plane_unit(crs)
    frame[2] /= crs.rise
    return frame


def _system(found: Conversion, problems: list[Problem]) -> Crs:
    """Return the system a conversion leads into; what is odd about its name is told."""
    if not found.crs:
        problems.append(told("crs_missing", route=found.route))
        return Crs()
    try:
        crs = parse_crs(found.system)
    except CrsError as error:
        reason = str(error.params.get("reason", error))
        problems.append(told("crs_unknown", crs=found.crs[:60], reason=reason))
        return Crs()
    label = found.label
    if label.isdecimal() and not found.wkt:
        problems.append(told("crs_bare_code", crs=label))
    elif found.wkt and label.upper() != "WKT":
        problems += _beside(found, crs)
    elif not found.wkt and not label.upper().startswith("EPSG:"):
        problems.append(told("crs_by_name", crs=label[:60], read=crs.horizontal[:40]))
    return crs


def _beside(found: Conversion, crs: Crs) -> list[Problem]:
    """Return what is odd about a name beside a WKT, which wins."""
    try:
        named = parse_crs(found.label)
    except CrsError:
        named = Crs()
    if named and named.horizontal != crs.horizontal and not _alike(named, crs):
        return [told("crs_wkt_differs", crs=found.label[:60], wkt=crs.title)]
    if not found.label.upper().startswith("EPSG:"):
        return [told("crs_wkt_name", crs=found.label[:60], wkt=crs.title)]
    return []


def _alike(one: Crs, other: Crs) -> bool:
    """Return whether two systems give the middle of their area of use the same coordinates."""
    west, south, east, north = one.area or other.area or (-1.0, -1.0, 1.0, 1.0)
    at = ((west + east) / 2, (south + north) / 2)
    here, there = in_plane(at, one), in_plane(at, other)
    return here is not None and there is not None and math.dist(here, there) < 1.0


def _vertical(found: Conversion, problems: list[Problem]) -> str:
    try:
        parse_vertical(found.vertical)
    except CrsError as error:
        reason = str(error.params.get("reason", error))
        problems.append(told("vertical_unknown", vertical=found.vertical[:60], reason=reason))
        return ""
    return found.vertical


def _map_unit(found: Conversion, unit: float, crs: Crs, problems: list[Problem]) -> float:
    """Return metres in a unit of Eastings and Northings.

    Without MapUnit the project's unit counts, but many files in millimetres have metres there: the
    first unit under which the place lies where its system is used wins; without a usable system size
    alone tells millimetres from metres.
    """
    if found.east == 0.0 and found.north == 0.0:
        return unit if found.unit is None else found.unit
    said = found.unit
    first = said if said is not None else 1.0
    tried = [first, MILLIMETRE, *((unit, plane_unit(crs)) if said is None else ())]
    chosen = next((size for size in tried if _plausible(found, size, crs)), first)
    shown = {"east": found.east, "north": found.north, "unit": f"{chosen:g} m"}
    if chosen == MILLIMETRE and first != chosen:
        problems.append(told("eastings_mm", **shown))
    elif said is None and (abs(unit - 1.0) > 1e-9 or plane_unit(crs) != 1.0):
        problems.append(told("map_unit", **shown))
    elif said is not None and crs and abs(said - plane_unit(crs)) > 1e-9 and said == chosen:
        problems.append(told("map_unit_differs", unit=f"{said:g} m", crs=crs.title, own=crs.unit))
    return chosen


def _plausible(found: Conversion, size: float, crs: Crs) -> bool:
    long = math.hypot(found.east, found.north)
    if not crs:
        return long * size <= LARGEST
    if size == MILLIMETRE and long < LEAST_MILLIMETRES:
        return False
    point = np.array([found.east, found.north, 0.0]) * size / plane_unit(crs)
    return fits(crs, point)


def _scale(found: Conversion, unit: float, map_unit: float, problems: list[Problem]) -> float:
    """Return the scale between model metres and map metres.

    IFC's Scale also turns project units into map units (0.001 from mm to m); what is written
    without that, and a blank, mean one.
    """
    ratio = unit / map_unit
    if found.scale is None:
        if abs(ratio - 1.0) > 1e-6 and found.route.startswith(("IfcMap", "ePset")):
            problems.append(told("scale_missing", wanted=f"{ratio:g}"))
        return 1.0
    scale = float(found.scale) / ratio
    if abs(scale - 1.0) < NEAR:
        return scale
    if abs(float(found.scale) - 1.0) < NEAR:
        problems.append(told("scale_units", scale=found.scale, wanted=f"{ratio:g}"))
        return float(found.scale)
    problems.append(told("scale_odd", scale=found.scale))
    return 1.0
