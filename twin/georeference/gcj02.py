"""GCJ-02, the shifted coordinates of Chinese web maps, to WGS 84 and back.

Maps published in mainland China are shifted by law: by 100 to 700 m, in a way that changes from place
to place. The rule is not published. These are the polynomials and sines that came to be known about 2010 and that open
libraries share (eviltransform of googollee, coordtransform of wandergis), on the Krasovsky 1940 ellipsoid. They
are held to be within about half a metre of the shift that is really applied; nobody vouches for it. The way back has no
formula: it is found by iterating, to less than a millimetre of the formula.

The shift is applied in a rectangle that holds all of China and much beside it, as those libraries do. Maps of
Hong Kong, Macau and Taiwan are often not shifted: then the correction is wrong there.
"""

import numpy as np

from twin.features import Bool
from twin.geometry import F64

CHINA = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north in degrees: where it is shifted."""
_A = 6378245.0
_E2 = 0.00669342162296594323
"""Krasovsky 1940: semi-major axis in metres, first eccentricity squared."""
TURNS = 12
"""Iterations of the way back, at most: each takes about two digits."""
CLOSE = 1e-9
"""Degrees (0.1 mm) at which iterating ends."""


def within(degrees: F64) -> Bool:
    """Return bool(...): places f64(..., 2), longitude and latitude, lie where maps are shifted."""
    west, south, east, north = CHINA
    lon, lat = degrees[..., 0], degrees[..., 1]
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north), np.bool_)


def to_gcj02(degrees: F64) -> F64:
    """Return places f64(..., 2) of WGS 84, longitude and latitude in degrees, as GCJ-02 has them."""
    inside = within(degrees)
    lon, lat = (np.where(inside, degrees[..., k], 100.0 - 65 * k) for k in (0, 1))
    east, north = _shift(lon - 105.0, lat - 35.0)
    phi = np.radians(lat)
    factor = 1 - _E2 * np.sin(phi) ** 2
    d_lat = np.degrees(north * factor * np.sqrt(factor) / (_A * (1 - _E2)))
    d_lon = np.degrees(east * np.sqrt(factor) / (_A * np.cos(phi)))
    moved = degrees + np.stack([d_lon, d_lat], axis=-1)
    return np.asarray(np.where(inside[..., None], moved, degrees), np.float64)


def from_gcj02(degrees: F64) -> F64:
    """Return places f64(..., 2) of GCJ-02, longitude and latitude in degrees, in WGS 84."""
    found = np.asarray(degrees, np.float64)
    for _ in range(TURNS):
        off = to_gcj02(found) - degrees
        found = found - off
        if not (np.abs(off) > CLOSE).any():
            break
    return np.where(within(degrees)[..., None], found, degrees)


def _shift(x: F64, y: F64) -> tuple[F64, F64]:
    """Return metres to the east and to the north for degrees from 105 E, 35 N."""
    root = np.sqrt(np.abs(x))
    common = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    waves = 20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)
    waves = waves + 160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)
    north = north + (common + waves) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    waves = 20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)
    waves = waves + 150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)
    return east + (common + waves) * 2 / 3, north
