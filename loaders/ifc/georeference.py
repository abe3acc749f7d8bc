"""Where the model stands, by the routes of IFC, and what about them cannot be believed.

Routes, best first: IfcMapConversion(Scaled), IfcRigidOperation, the property sets
ePset_MapConversion / ePset_ProjectedCRS (IFC2X3), latitude and longitude of IfcSite with TrueNorth,
coordinates of a map in the geometry itself. The first that says something is used; the others are
compared with it (``doubts``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from loaders.ifc import doubts
from loaders.ifc.body import Body
from loaders.ifc.readings import Reading, told, understand
from loaders.ifc.routes import Site, bare_contexts, operations, psets, site
from loaders.ifc.units import length_unit, metres
from twin.errors import CrsError
from twin.geometry import F64
from twin.georeference import parse_crs, site_frame
from twin.records import Placement, Problem, Route


@dataclass(frozen=True)
class Place:
    """CRS and vertical datum as named ('' = none), frame f64(4, 4) from model metres into the CRS.

    ``routes`` are all the ways in which the file says where it stands, the used one first.
    """

    crs: str = ""
    vertical: str = ""
    frame: F64 | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    routes: tuple[Route, ...] = ()
    extent: tuple[float, ...] = ()


def read(file: Any, body: Body | None = None) -> Place:
    """Return where the file says the model stands, with every doubt as a problem."""
    unit = metres(file)
    found = [*operations(file), *psets(file)]
    readings = [understand(conversion, unit) for conversion in found]
    stands = site(file, unit)
    rough = None if stands is None else _by_site(stands)
    used = readings[0] if readings else rough
    case = doubts.Case(used, readings, stands, rough, body)
    problems = [
        *_own(case),
        *doubts.contexts(case, bare_contexts(file, found)),
        *doubts.routes_apart(case),
        *doubts.against_site(case),
        *doubts.of_place(case),
        *doubts.of_model(case, unitless=length_unit(file) is None),
    ]
    stays = used is None or used.frame is None or np.array_equal(used.frame, np.eye(4))
    return Place(
        used.named if used is not None else "",
        used.vertical if used is not None else "",
        None if stays or used is None else used.frame,
        _fields(used, stands, unit),
        tuple(problems),
        doubts.routes(case),
        () if body is None else tuple(float(value) for value in body.box),
    )


def _own(case: doubts.Case) -> list[Problem]:
    """Return what the used route itself made doubtful; a site's default is told by ``against_site``."""
    return [] if case.used is None else list(case.used.problems)


def _by_site(stands: Site) -> Reading | None:
    """Return a place good to some metres from latitude and longitude, none for a program's default."""
    found = doubts.as_conversion(stands)
    if doubts.default_of(stands):
        return None
    try:
        name, frame = site_frame(stands.lat, stands.lon, stands.elevation, stands.true_north)
    except CrsError as error:
        return Reading(found, problems=(told("site_wrong", reason=str(error)),))
    shift = np.eye(4)
    shift[:3, 3] = -stands.origin
    params = {"lat": round(stands.lat, 6), "lon": round(stands.lon, 6), "crs": name}
    return Reading(
        found,
        parse_crs(name),
        name,
        frame=frame @ shift,
        placement=_placement(name, frame, stands.origin),
        problems=(told("site_only", **params),),
    )


def _placement(crs: str, frame: F64, anchor: F64) -> Placement:
    """Return a frame that turns about the vertical and stretches the plane as numbers."""
    east, north, height = (float(value) for value in frame[:3, 3])
    turn = float(np.degrees(np.arctan2(frame[1, 0], frame[0, 0])))
    scale = float(np.hypot(frame[0, 0], frame[1, 0]))
    x, y, z = (float(value) for value in anchor)
    return Placement("IfcSite", crs, east, north, height, turn, scale, (x, y, z))


def _fields(used: Reading | None, stands: Site | None, unit: float) -> dict[str, str]:
    """Return the facts for the layer's page."""
    fields = {"length unit": f"{unit:g} m"}
    if stands is not None:
        fields |= {
            "latitude": f"{stands.lat:.7f}",
            "longitude": f"{stands.lon:.7f}",
            "elevation": f"{stands.elevation:g} m",
            "true north": f"{stands.true_north:.3f}°",
        }
    if used is None or used.placement is None:
        return fields
    if used.found.route == "IfcSite":
        return {**fields, "georeference": "IfcSite latitude, longitude"}
    found, place = used.found, used.placement
    shown = f"{found.east:.3f}, {found.north:.3f}, {found.height:.3f}"
    words = f"{shown}; {place.rotation:.4f}°; scale {place.scale:g}"
    return {**fields, "georeference": found.route, "map conversion": words}
