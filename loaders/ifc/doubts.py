"""The doctor: the routes of a file compared with each other, with the geometry and with the Earth.

Each finding is a problem with a code of its own that says what is wrong, how far it is off and what
to do. Nothing here changes where the model stands.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from loaders.ifc.body import FAR, Body
from loaders.ifc.readings import Reading, swapped, told
from loaders.ifc.routes import Conversion, Site
from twin.errors import CrsError
from twin.geometry import F64
from twin.georeference import (
    Crs,
    Spot,
    bearing,
    fits,
    is_datum,
    metres_between,
    site_frame,
    spot,
    stretch,
    undulation,
)
from twin.records import Placement, Problem, Route

DEFAULTS = (
    ("Revit (Boston)", 42.3587, -71.0567),
    ("Bricsys, AutoCAD (San Francisco)", 37.795, -122.394),
    ("0, 0", 0.0, 0.0),
)
"""Places that programs write when nobody said where the site is."""
APART = 0.01
"""Metres by which two map conversions may differ."""
SITE_APART = 100.0
"""Metres by which latitude and longitude of a site may differ from a map conversion."""
TURNED = 1.0
"""Degrees by which TrueNorth may differ from the map conversion's rotation."""
LEVEL = 1.0
"""Metres by which the site's elevation may differ from the map conversion's height."""
TELLING = 8.0
"""Below this undulation (metres) ellipsoidal and orthometric heights cannot be told apart."""
DISTORTED = 0.01
ROUND = 1000.0
"""A model without units whose plan is wider than this many metres may count in millimetres."""


@dataclass(frozen=True)
class Case:
    """What is compared: the used reading, all conversions, the site and the objects of the model."""

    used: Reading | None
    readings: list[Reading]
    stands: Site | None = None
    rough: Reading | None = None
    body: Body | None = None
    memory: dict[int, tuple[Spot | None, Spot | None]] = field(default_factory=dict)

    @property
    def middle(self) -> F64:
        """Return a typical point of the model; its origin while nothing has a size."""
        return np.zeros(3) if self.body is None else self.body.middle

    def ends(self, reading: Reading) -> tuple[Spot | None, Spot | None]:
        """Return where a reading puts the middle of the model and a point 100 m along its x axis."""
        key = id(reading)
        if key not in self.memory:
            steps = (np.zeros(3), np.array([100.0, 0.0, 0.0]))
            one, other = (at(reading, self.middle + step) for step in steps)
            self.memory[key] = one, other
        return self.memory[key]


def at(reading: Reading, point: F64) -> Spot | None:
    """Return where a reading puts a point f64(3) of the model on Earth; None = nowhere known."""
    if reading.frame is None or not reading.crs:
        return None
    return spot(reading.crs, (reading.frame @ np.append(point, 1.0))[:3])


def length(metres: float) -> str:
    """Return a length in words that are short at every size."""
    if metres < 10:
        return f"{metres:.2f} m"
    return f"{metres:.0f} m" if metres < 10_000 else f"{metres / 1000:,.0f} km"


def default_of(stands: Site) -> str:
    """Return the program that writes this place when nobody says another; '' for a real one."""
    for program, lat, lon in DEFAULTS:
        if abs(stands.lat - lat) < 0.005 and abs(stands.lon - lon) < 0.005:
            return program
    return ""


def as_conversion(stands: Site) -> Conversion:
    """Return the site as a route of its own, without numbers of a map."""
    return Conversion("IfcSite", height=stands.elevation)


def apart(case: Case, one: Reading, other: Reading) -> tuple[float, float]:
    """Return metres and degrees (counter-clockwise) by which the other differs; NaN = unknown."""
    here, there = case.ends(one), case.ends(other)
    if None in (*here, *there):
        if one.frame is None or other.frame is None or one.named != other.named:
            return math.nan, math.nan
        away = (other.frame - one.frame) @ np.append(case.middle, 1.0)
        turn = _angle(other.frame) - _angle(one.frame)
        return float(np.linalg.norm(away[:3])), _turn(turn)
    off = metres_between(here[0], there[0])  # type: ignore[arg-type]
    turn = bearing(*here) - bearing(*there)  # type: ignore[arg-type]
    return off, _turn(turn)


def _angle(frame: F64) -> float:
    return math.degrees(math.atan2(frame[1, 0], frame[0, 0]))


def _turn(degrees: float) -> float:
    return (degrees + 180.0) % 360.0 - 180.0


def contexts(case: Case, bare: list[int]) -> list[Problem]:
    """Return where the contexts of the geometry are not all moved alike, and by what kind of numbers."""
    moved = [item.found for item in case.readings if item.found.context]
    problems = []
    if moved and bare:
        steps = ", ".join(f"#{step}" for step in bare[:3])
        problems.append(told("context_bare", route=moved[0].route, steps=steps))
    others = [item for item in moved[1:] if not item.same(moved[0])]
    if others:
        one, other = (_reading(case, item) for item in (moved[0], others[0]))
        off, turned = apart(case, one, other)
        numbers = {"off": length(off) if off == off else "?", "turned": f"{turned:.2f}"}
        steps = f"#{moved[0].context}, #{others[0].context}"
        problems.append(told("contexts_differ", steps=steps, **numbers))
    odd = {kind for item in moved for kind in item.measures} - {
        "", "IfcLengthMeasure", "IfcPlaneAngleMeasure",
    }  # fmt: skip
    if odd:
        problems.append(told("rigid_kind", kinds=", ".join(sorted(odd))))
    return problems


def _reading(case: Case, found: Conversion) -> Reading:
    return next(item for item in case.readings if item.found is found)


def routes_apart(case: Case) -> list[Problem]:
    """Return where another way of writing a map conversion contradicts the used one."""
    problems = []
    for other in case.readings[1:]:
        first = case.readings[0]
        if other.found.context and first.found.context:
            continue  # told by ``contexts``
        off, turned = apart(case, first, other)
        if off <= APART and abs(turned) < 0.001 and _sized(first) == _sized(other):
            continue
        names = {"used": first.found.route, "other": other.found.route}
        shown = {"off": length(off) if off == off else "?", "turned": f"{turned:.2f}"}
        problems.append(told("routes_differ", **names, **shown))
    return problems


def _sized(reading: Reading) -> float:
    return round(reading.placement.scale, 6) if reading.placement is not None else 1.0


def against_site(case: Case) -> list[Problem]:
    """Return where latitude, longitude, elevation and TrueNorth contradict the map conversion."""
    stands = case.stands
    if stands is None:
        return []
    program = default_of(stands)
    params = {"lat": f"{stands.lat:.6f}", "lon": f"{stands.lon:.6f}"}
    if program:
        return [told("site_default", program=program, **params)]
    if not case.readings or case.rough is None or case.rough.frame is None:
        return list(case.rough.problems) if case.rough is not None and case.readings else []
    used = case.readings[0]
    here = at(used, stands.origin)
    if here is None:
        return []
    off = metres_between(here, (stands.lon, stands.lat))
    problems = []
    if off > SITE_APART:
        names = {"used": used.found.route, "crs": used.crs.title}
        problems.append(told("site_conflict", off=length(off), **names, **params))
    return [*problems, *_north(used, stands, here), *_level(used, stands, here)]


def _north(used: Reading, stands: Site, here: Spot) -> list[Problem]:
    """Return where TrueNorth contradicts the map conversion's axis; a plain (0, 1) says nothing."""
    if not stands.north_said or abs(stands.true_north) < 1e-6 or used.placement is None:
        return []
    expected = _expected(here, stands.true_north, used.named)
    if expected is None:
        return []
    off = _turn(used.placement.rotation - expected)
    if abs(off) <= TURNED:
        return []
    mirrored = abs(_turn(used.placement.rotation + expected)) <= TURNED
    code = "rotation_sign" if mirrored else "north_differs"
    angles = {"said": f"{used.placement.rotation:.2f}", "expected": f"{expected:.2f}"}
    return [told(code, off=f"{abs(off):.1f}", used=used.found.route, **angles)]


def _expected(here: Spot, true_north: float, crs: str) -> float | None:
    """Return the rotation that TrueNorth means in a system there: meridian convergence included."""
    try:
        return _angle(site_frame(here[1], here[0], 0.0, true_north, crs)[1])
    except CrsError:
        return None


def _level(used: Reading, stands: Site, here: Spot) -> list[Problem]:
    """Return where elevation and height differ; by the geoid's undulation: one is ellipsoidal."""
    if stands.elevation == 0.0 or used.found.zero or used.frame is None:
        return []
    height = float((used.frame @ np.append(stands.origin, 1.0))[2]) * used.crs.rise
    off = height - stands.elevation
    if abs(off) <= LEVEL:
        return []
    n = float(undulation(np.array([here[0]]), np.array([here[1]]))[0])
    shown = {
        "off": f"{abs(off):.1f}",
        "height": f"{height:.1f}",
        "elevation": f"{stands.elevation:.1f}",
    }
    if abs(n) > TELLING and abs(abs(off) - abs(n)) < 2.0:
        return [told("elevation_geoid", undulation=f"{n:.1f}", **shown)]
    return [told("elevation_differs", **shown)]


def of_place(case: Case) -> list[Problem]:
    """Return where the used conversion cannot be right on Earth: zero, swapped, twice, stretched."""
    used = case.readings[0] if case.readings else None
    if used is None:
        return []
    problems = list(_datum(used.found))
    if used.frame is None or not used.crs:
        return problems
    away = 0.0 if case.body is None else case.body.away
    if used.found.zero and away < FAR:
        problems.append(told("conversion_zero", route=used.found.route, crs=used.crs.title))
        return problems
    here, _ = case.ends(used)
    point = (used.frame @ np.append(case.middle, 1.0))[:3]
    if here is not None and fits(used.crs, point):
        problems += _stretched(used.crs, here)
    elif _single(case, used):
        return [*problems, _twice(case, used)]
    elif _fits_swapped(case, used):
        east, north = (f"{value:.1f}" for value in point[:2])
        problems.append(told("axes_swapped", crs=used.crs.title, east=east, north=north))
    if here is not None and case.body is not None and _doubled(case, used):
        problems.append(_twice(case, used))
    return problems


def _datum(found: Conversion) -> Iterable[Problem]:
    if found.datum.upper().startswith("EPSG:") and not is_datum(found.datum):
        yield told("datum_unknown", datum=found.datum[:60])


def _stretched(crs: Crs, here: Spot) -> list[Problem]:
    factor = stretch(crs, here)
    if abs(factor - 1.0) <= DISTORTED:
        return []
    return [told("crs_distorted", crs=crs.title, factor=f"{factor:.3f}")]


def _fits_swapped(case: Case, used: Reading) -> bool:
    other = swapped(used)
    assert other.frame is not None
    return fits(other.crs, (other.frame @ np.append(case.middle, 1.0))[:3])


def _single(case: Case, used: Reading) -> bool:
    """Return whether the geometry alone lies where the system is used."""
    return case.body is not None and case.body.away > FAR and fits(used.crs, case.middle)


def _doubled(case: Case, used: Reading) -> bool:
    """Return whether the geometry holds coordinates of the map beside a conversion to that place."""
    assert case.body is not None
    assert used.frame is not None
    offset = float(np.hypot(*used.frame[:2, 3]))
    near = float(np.hypot(*(case.body.middle[:2] - used.frame[:2, 3])))
    return case.body.away > FAR and offset > FAR and near < 0.1 * offset


def _twice(case: Case, used: Reading) -> Problem:
    assert case.body is not None
    assert used.frame is not None
    x, y = (f"{value:.0f}" for value in case.body.middle[:2])
    off = length(float(np.hypot(*used.frame[:2, 3])))
    return told("twice", route=used.found.route, off=off, x=x, y=y, crs=used.crs.title)


def of_model(case: Case, *, unitless: bool) -> list[Problem]:
    """Return what is odd about the model itself: far from its origin, strays, units not said."""
    body = case.body
    problems = []
    if unitless:
        problems.append(told("units_missing"))
    if body is None:
        return problems
    if unitless and body.width > ROUND:
        wide = {"width": length(body.width), "really": length(body.width / 1000.0)}
        problems.append(told("units_mm", **wide))
    if body.strays:
        far = {"count": body.strays, "off": length(body.distance)}
        problems.append(told("strays", **far))
    placed = case.used is not None and case.used.frame is not None
    if body.away > FAR and not (placed and case.readings and case.readings[0].found.zero):
        x, y = (f"{value:.0f}" for value in body.middle[:2])
        if not any(_doubled(case, item) for item in case.readings[:1] if item.frame is not None):
            problems.append(told("world_geometry", off=length(body.away), x=x, y=y))
    return problems


def routes(case: Case) -> tuple[Route, ...]:
    """Return all routes as data, the used one first."""
    found = []
    for number, reading in enumerate(case.readings):
        off, turned = (0.0, 0.0) if number == 0 else apart(case, case.readings[0], reading)
        state = "used" if number == 0 else "agrees" if off <= APART else "differs"
        if reading.frame is None:
            state = "unusable"
        place, said = reading.placement, _said(reading.found)
        names = (reading.found.route, state, place, reading.vertical)
        found.append(Route(*names, said=said, off=off, turned=turned))
    if case.stands is not None:
        found.append(_site_route(case, case.stands))
    if case.body is not None and case.body.away > FAR:
        found.append(_geometry_route(case, case.body))
    return tuple(found)


def _site_route(case: Case, stands: Site) -> Route:
    said = {
        "latitude": f"{stands.lat:.7f}",
        "longitude": f"{stands.lon:.7f}",
        "elevation": f"{stands.elevation:g}",
        "true_north": f"{stands.true_north:.3f}",
    }
    if default_of(stands):
        return Route("IfcSite", "default", said=said)
    rough = case.rough
    if rough is None or rough.frame is None:
        return Route("IfcSite", "unusable", said=said)
    if not case.readings:
        return Route("IfcSite", "used", rough.placement, said=said, off=0.0, turned=0.0)
    off, turned = apart(case, case.readings[0], rough)
    state = "agrees" if off <= SITE_APART else "differs"
    return Route("IfcSite", state, rough.placement, said=said, off=off, turned=turned)


def _geometry_route(case: Case, body: Body) -> Route:
    """Return the coordinates of the geometry as a route: they are those of a map themselves."""
    said = {"x": f"{body.middle[0]:.1f}", "y": f"{body.middle[1]:.1f}"}
    used = case.readings[0] if case.readings else None
    named = "" if used is None or not used.crs else used.named
    plain = Reading(Conversion("geometry"), used.crs if used else Crs(), named, frame=np.eye(4))
    place = Placement("geometry", named, 0.0, 0.0, 0.0)
    if used is not None and used.found.zero:
        return Route("geometry", "agrees", place, said=said, off=0.0, turned=0.0)
    if used is None:
        return Route("geometry", "open", place, said=said)
    off, turned = apart(case, used, plain)
    return Route("geometry", "differs", place, said=said, off=off, turned=turned)


def _said(found: Conversion) -> Mapping[str, str]:
    """Return the numbers of a conversion as the file has them."""
    angle = math.degrees(math.atan2(found.axis[1], found.axis[0]))
    said = {
        "crs": found.label or found.crs[:60],
        "easting": f"{found.east:.4f}",
        "northing": f"{found.north:.4f}",
        "height": f"{found.height:.4f}",
        "rotation": f"{angle:.5f}",
        "scale": "" if found.scale is None else f"{found.scale:g}",
        "unit": "" if found.unit is None else f"{found.unit:g} m",
    }
    return {name: value for name, value in said.items() if value}
