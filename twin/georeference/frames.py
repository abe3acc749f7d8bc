"""The project frame: one projected system in metres, with a named or an unknown vertical datum."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from pyproj import Proj, Transformer
from pyproj.exceptions import ProjError

from twin.errors import CrsError
from twin.geometry import F64
from twin.georeference.crs import (
    ELLIPSOIDAL,
    WGS84,
    Crs,
    geographic_of,
    parse_crs,
    problem,
    system,
    vertical_title,
)
from twin.georeference.heights import convert
from twin.records import Problem

_SEMI_MAJOR = 6378137.0
_DISTORTED = 0.01
"""A scale error above 1 % (Web Mercator away from the equator) is no frame to measure in."""
_CENTRAL = 4534
"""EPSG:4534 is CGCS2000 / 3-degree Gauss-Kruger CM 75E; the next code is the next meridian."""
_ETRS_ZONES = range(28, 39)


@dataclass(frozen=True, slots=True)
class ProjectFrame:
    """Where the project stands: ``crs`` (projected, metres) and ``vertical`` ('' = unknown).

    Both are 'EPSG:n' or WKT. ``reason`` says why the system was chosen when it is not the first
    source's own: geocentric, geographic, feet, distorted or axes.
    """

    crs: str
    vertical: str = ""
    reason: str = ""

    @staticmethod
    def of(crs: str, vertical: str = "") -> "ProjectFrame":
        """Return the frame of a named system. Raises CrsError when it is not projected in metres."""
        parsed = parse_crs(crs, vertical)
        reason = _unfit(parsed)
        if reason:
            raise CrsError(
                crs=crs, reason=f"a project needs a projected system in metres ({reason})"
            )
        return ProjectFrame(parsed.horizontal, parsed.vertical)

    @staticmethod
    def choose(crs: Crs, location: F64) -> "ProjectFrame":
        """Return the frame for a first source: its own system if fit, else the zone at the location.

        ``location`` f64(3) is a typical point in the source's system. CGCS2000 sources get their
        3-degree Gauss-Krueger zone, all others UTM on their own datum where that exists. Raises
        CrsError when the source has no system or the location is not on Earth.
        """
        if not crs:
            raise CrsError(crs="", reason="the source names no coordinate system")
        reason = _unfit(crs)
        lonlat = to_lonlat(crs, np.asarray(location, np.float64)[None, :])[0]
        if not np.isfinite(lonlat[:2]).all():
            raise CrsError(crs=crs.title, reason="the coordinates lie outside of the system")
        if not reason and not _distorted(crs, lonlat):
            return ProjectFrame(crs.horizontal, crs.vertical)
        zone = local_zone(float(lonlat[0]), float(lonlat[1]), crs)
        return ProjectFrame(zone, crs.vertical, reason or "distorted")

    @property
    def title(self) -> str:
        """Return the readable name, heights included ('unknown heights' is left to the reader)."""
        name = system(self.crs).name
        return f"{name} + {vertical_title(self.vertical)}" if self.vertical else name

    def parsed(self) -> Crs:
        """Return the frame as a coordinate system."""
        return parse_crs(self.crs, self.vertical)

    def said(self, title: str) -> tuple[Problem, ...]:
        """Return the note that a system was chosen for the project because of source ``title``."""
        if not self.reason:
            return ()
        return (problem(f"crs.chosen.{self.reason}", crs=self.title, title=title),)

    def lonlat(self, points: F64) -> F64:
        """Return WGS 84 longitude, latitude (degrees) and height f64(n, 3) of points f64(n, 3).

        Heights are above the ellipsoid, or unchanged where the project's datum is unknown.
        """
        return to_lonlat(self.parsed(), points)

    def from_lonlat(self, lonlat: F64) -> F64:
        """Return points f64(n, 3) of WGS 84 degrees and ellipsoidal heights (unknown: unchanged)."""
        crs = self.parsed()
        x, y = plane(WGS84, self.crs)[0].transform(lonlat[:, 0], lonlat[:, 1])
        at = (lonlat[:, 0], lonlat[:, 1])
        z = convert(lonlat[:, 2], at, ELLIPSOIDAL, crs.vertical) / crs.rise
        return np.column_stack([x, y, z])

    def lift(self, points: F64, source: str) -> F64:
        """Return the metres f64(n) by which placing lifted points f64(n, 3) of the frame whose heights were
        above the datum ``source``; 0 where one of both is unknown."""
        lonlat = self.lonlat(points)
        written = convert(points[:, 2], (lonlat[:, 0], lonlat[:, 1]), self.vertical, source)
        return np.asarray(points[:, 2] - written, np.float64)

    def bbox_wgs84(self, box: F64) -> tuple[float, float, float, float]:
        """Return west, south, east, north (degrees) of a box f64(6) in the frame, edges included."""
        steps = np.linspace(0.0, 1.0, 5)
        u, v = (grid.ravel() for grid in np.meshgrid(steps, steps))
        x, y = box[0] + u * (box[3] - box[0]), box[1] + v * (box[4] - box[1])
        found = to_lonlat(self.parsed(), np.column_stack([x, y, np.zeros_like(x)]))[:, :2]
        low, high = found.min(axis=0), found.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _unfit(crs: Crs) -> str:
    if not crs:
        return "missing"
    if crs.kind != "projected":
        return crs.kind
    axes = system(crs.horizontal).axis_info
    if any(abs(axis.unit_conversion_factor - 1.0) > 1e-9 for axis in axes):
        return "feet"
    return "" if {axis.direction for axis in axes} == {"east", "north"} else "axes"


def _distorted(crs: Crs, lonlat: F64) -> bool:
    factors = Proj(system(crs.horizontal)).get_factors(float(lonlat[0]), float(lonlat[1]))
    scales = np.array([factors.meridional_scale, factors.parallel_scale])
    return bool(np.isfinite(scales).all() and (np.abs(scales - 1.0) > _DISTORTED).any())


def local_zone(lon: float, lat: float, crs: Crs | None = None) -> str:
    """Return 'EPSG:n' of the local zone at WGS 84 degrees: CGCS2000's for such a source, else UTM.

    UTM is on the source's own datum for WGS 84 and ETRS89, on WGS 84 for all others.
    """
    datum = _datum(crs) if crs else ""
    meridian = round(lon / 3) * 3
    if datum.startswith("China 2000") and 75 <= meridian <= 135:
        return f"EPSG:{_CENTRAL + (meridian - 75) // 3}"
    zone = int((lon + 180.0) // 6.0) % 60 + 1
    if datum.startswith("European") and zone in _ETRS_ZONES and lat > 0:
        return f"EPSG:{25800 + zone}"
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def _datum(crs: Crs) -> str:
    described = system(geographic_of(crs.horizontal)).to_json_dict()
    return str((described.get("datum_ensemble") or described.get("datum") or {}).get("name", ""))


def to_lonlat(crs: Crs, points: F64) -> F64:
    """Return WGS 84 degrees and heights f64(n, 3) of points in a system (unknown heights: metres)."""
    if crs.kind == "geocentric":
        lon, lat, high = inverse_cart(crs.horizontal).transform(
            points[:, 0], points[:, 1], points[:, 2]
        )
    else:
        lon, lat, high = points[:, 0], points[:, 1], points[:, 2] * crs.rise
    lon, lat = plane(_flat(crs), WGS84)[0].transform(lon, lat)
    return np.column_stack([lon, lat, convert(high, (lon, lat), crs.vertical, ELLIPSOIDAL)])


def _flat(crs: Crs) -> str:
    return geographic_of(crs.horizontal) if crs.kind == "geocentric" else crs.horizontal


@lru_cache(maxsize=64)
def inverse_cart(horizontal: str) -> Transformer:
    """Return geocentric metres -> degrees and ellipsoidal height on the system's own ellipsoid."""
    ellipsoid = system(horizontal).ellipsoid
    assert ellipsoid is not None
    size = f"+a={ellipsoid.semi_major_metre} +rf={ellipsoid.inverse_flattening}"
    return Transformer.from_pipeline(
        f"+proj=pipeline +step +inv +proj=cart {size} "
        "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )


@lru_cache(maxsize=256)
def plane(source: str, target: str) -> tuple[Transformer, bool]:
    """Return the two-dimensional transformer and whether it is a ballpark (datums taken as equal).

    Raises CrsError when not even that exists.
    """
    try:
        return Transformer.from_crs(source, target, always_xy=True, allow_ballpark=False), False
    except ProjError:
        pass
    try:
        return Transformer.from_crs(source, target, always_xy=True), True
    except ProjError as error:
        reason = f"there is no way from it to {target[:60]}: {error}"
        raise CrsError(crs=source[:60], reason=reason) from error


def site_frame(
    lat: float, lon: float, height: float = 0.0, true_north: float = 0.0, crs: str = ""
) -> tuple[str, F64]:
    """Return ('EPSG:n', frame f64(4, 4)) for a model at a place known by WGS 84 degrees.

    ``height`` in metres goes through unchanged; ``true_north`` is the angle in degrees, counter-
    clockwise seen from above, from the model's y axis to true north. ``crs`` '' = the local UTM
    zone. The frame turns by the meridian convergence there and stretches the plane (not the heights)
    by the projection's scale factor, so that the model fits measured data in that system. Raises
    CrsError for a place that is not on Earth.
    """
    if not (abs(lat) <= 90.0 and abs(lon) <= 180.0 and np.isfinite(height)):
        raise CrsError(crs=crs, reason=f"latitude {lat}, longitude {lon} is not a place on Earth")
    target = parse_crs(crs).horizontal if crs else local_zone(lon, lat)
    forward = plane(WGS84, target)[0]
    step = 1e-5
    east = step / np.cos(np.radians(lat))
    xs, ys = forward.transform([lon, lon, lon, lon + east], [lat, lat - step, lat + step, lat])
    if not np.isfinite([*xs, *ys]).all():
        raise CrsError(crs=target, reason=f"latitude {lat}, longitude {lon} lies outside of it")
    north = np.array([xs[2] - xs[1], ys[2] - ys[1]])
    scale = float(np.hypot(*north)) / (2.0 * np.radians(step) * _meridian_radius(lat))
    turn = np.arctan2(-north[0], north[1]) - np.radians(true_north)
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    frame = np.eye(4)
    frame[:2, :2] = [[cos, -sin], [sin, cos]]
    frame[:3, 3] = xs[0], ys[0], height
    return target, frame


def _meridian_radius(lat: float) -> float:
    """Radius of curvature in the meridian, WGS 84: a(1-e2) / (1 - e2 sin2 lat)^1.5."""
    e2 = 0.0066943799901413165
    return float(_SEMI_MAJOR * (1 - e2) / (1 - e2 * np.sin(np.radians(lat)) ** 2) ** 1.5)
