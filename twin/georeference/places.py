"""Places on Earth compared: how far apart, in which direction, inside of which area of use."""

import numpy as np
from pyproj import Geod, Proj

from twin.errors import CrsError
from twin.geometry import F64
from twin.georeference.crs import WGS84, Crs, system
from twin.georeference.frames import plane, to_lonlat

Spot = tuple[float, float]
"""WGS 84 longitude and latitude in degrees."""
BEYOND = 1.0
"""Degrees outside of a system's area of use before it is called wrong."""
_EARTH = Geod(ellps="WGS84")


def spot(crs: Crs, point: F64) -> Spot | None:
    """Return where a point f64(3) of a system lies; None where PROJ has no answer."""
    if not crs or not np.isfinite(point).all():
        return None
    try:
        lon, lat, _ = to_lonlat(crs, np.asarray(point, np.float64)[None, :])[0]
    except CrsError:
        return None
    return (float(lon), float(lat)) if np.isfinite(lon) and np.isfinite(lat) else None


def in_plane(at: Spot, crs: Crs) -> tuple[float, float] | None:
    """Return easting and northing of a place in a projected system; None where it has none."""
    try:
        x, y = plane(WGS84, crs.horizontal)[0].transform(*at)
    except CrsError:
        return None
    return (float(x), float(y)) if np.isfinite(x) and np.isfinite(y) else None


def metres_between(one: Spot, other: Spot) -> float:
    """Return the length of the geodesic between two places on the WGS 84 ellipsoid, metres."""
    return float(_EARTH.inv(*one, *other)[2])


def bearing(one: Spot, other: Spot) -> float:
    """Return the direction from one place to another, degrees clockwise from north."""
    return float(_EARTH.inv(*one, *other)[0])


def inside(area: tuple[float, float, float, float], lon: float, lat: float) -> bool:
    """Return whether a place lies in an area (west, south, east, north), a degree around it included."""
    west, south, east, north = area
    if not south - BEYOND <= lat <= north + BEYOND:
        return False
    width = (east - west) % 360.0 or 360.0
    return (lon - west + BEYOND) % 360.0 <= width + 2 * BEYOND


def fits(crs: Crs, point: F64) -> bool:
    """Return whether a point lies where its system is meant to be used."""
    at = spot(crs, point)
    return at is not None and (crs.area is None or inside(crs.area, *at))


def stretch(crs: Crs, at: Spot) -> float:
    """Return how many metres of a projected system stand for a metre on the ground at a place."""
    factors = Proj(system(crs.horizontal)).get_factors(*at)
    found = (factors.meridional_scale + factors.parallel_scale) / 2
    return float(found) if np.isfinite(found) else 1.0


def true_north(crs: Crs, at: Spot) -> float:
    """Return where true north points at a place, degrees clockwise from a projected system's +y.

    The angle from grid north to true north: the meridian convergence with its sign turned. A chord of
    the meridian, 220 m long, is put into the plane. Raises CrsError where the system has no such place.
    """
    lon, lat = at
    south, north = max(lat - 1e-3, -90.0), min(lat + 1e-3, 90.0)
    x, y = plane(WGS84, crs.horizontal)[0].transform([lon, lon], [south, north])
    if not np.isfinite([*x, *y]).all() or not abs(lat) <= 90.0:
        raise CrsError(crs=crs.title, reason=f"latitude {lat}, longitude {lon} lies outside of it")
    return float(np.degrees(np.arctan2(x[1] - x[0], y[1] - y[0])))
