"""How far a length of the grid is from the length on the ellipsoid, at a place."""

from functools import lru_cache

import numpy as np
from pyproj import Proj

from twin.geometry import F64
from twin.georeference.crs import WGS84, parse_crs, system
from twin.georeference.frames import plane

MATTERS = 10e-6
"""A scale error above 10 ppm (1 cm in a kilometre) is said."""


@lru_cache(maxsize=16)
def _projection(crs: str) -> Proj:
    return Proj(system(crs))


def grid_scale(crs: str, point: F64) -> float | None:
    """Return the point scale factor of a projected system at a point f64(3) of it: grid over ellipsoid.

    The square root of the areal scale, which for conformal projections is the scale of every direction
    (Snyder 1987, "Map Projections: A Working Manual", 4). None for a system that is not projected or
    unknown, and for a place outside of it. Heights are left out: a metre at 1000 m of height is
    another 157 ppm longer than on the ellipsoid. Raises CrsError for what is no coordinate system.
    """
    parsed = parse_crs(crs)
    if parsed.kind != "projected":
        return None
    lon, lat = plane(parsed.horizontal, WGS84)[0].transform(float(point[0]), float(point[1]))
    if not np.isfinite([lon, lat]).all():
        return None
    factors = _projection(parsed.horizontal).get_factors(lon, lat)
    scale = float(np.sqrt(factors.areal_scale))
    return scale if np.isfinite(scale) and scale > 0 else None
