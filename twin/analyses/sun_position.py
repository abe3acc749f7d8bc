"""Where the sun stands: azimuth and altitude by instant and place, for whole arrays at once.

Meeus, Astronomical Algorithms (2nd ed.), chapter 25, as NOAA's solar calculator uses it, with the mean
obliquity of Laskar, nutation by its largest term and the difference of terrestrial time (Espenak and
Meeus), so that it also holds for far years. Against NREL's SPA: within 0.02 degrees from year 0 to 4000.
No library for one instant at a time: an analysis asks for thousands.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.errors import NoPlace, SunYear
from twin.geometry import F64

Instants = NDArray[np.datetime64]
"""Instants of any unit, UTC."""
EPOCH = np.datetime64("2000-01-01T12:00:00.000", "ms")
"""J2000.0."""
FIRST_YEAR, LAST_YEAR = 1, 4000
"""Years for which positions are given."""
HORIZON = -0.8333
"""Altitude, degrees, of the sun's middle at sunrise and sunset: refraction 34' and its radius 16'."""
PARALLAX = 8.794 / 3600
_OBLIQUITY = (
    84381.448, -4680.93, -1.55, 1999.25, -51.38, -249.67, -39.05, 7.12, 27.87, 5.79, 2.45,
)  # fmt: skip
"""Laskar 1986: arc seconds by powers of ten thousand years."""
_YEARS = (
    -500, 0, 500, 1000, 1500, 1600, 1700, 1750, 1800, 1850, 1900, 1920, 1940, 1960, 1980, 2000, 2010, 2020, 2050, 2100, 2150,
)  # fmt: skip
_LATE = (
    17203.7, 10583.6, 5710.0, 1574.2, 198.3, 120.0, 8.8, 13.4, 13.7, 7.1, -2.8, 21.2, 24.3, 33.2, 50.5, 63.8, 66.1, 69.4, 93.0, 203.0, 328.5,
)  # fmt: skip
"""Seconds by which terrestrial time is ahead, by years: Espenak and Meeus, NASA/TP-2006-214141."""


@dataclass(frozen=True, slots=True)
class SunAngles:
    """Degrees f64(n): ``azimuth`` clockwise from true north in [0, 360), ``altitude`` of the sun's middle
    as seen from the ground without air, ``apparent`` with refraction; ``hour_angle`` in [-180, 180),
    0 = it stands in the meridian. ``equation`` f64(n) is the equation of time, minutes (sundial - clock).
    """

    azimuth: F64
    altitude: F64
    apparent: F64
    hour_angle: F64
    declination: F64
    equation: F64


def sun_angles(instants: Instants, lon: float, lat: float) -> SunAngles:
    """Return where the sun stands at instants (n) seen from WGS 84 degrees.

    At the poles azimuths follow the meridian ``lon``. Raises NoPlace, and SunYear outside of
    FIRST_YEAR..LAST_YEAR.
    """
    _check(instants, lon, lat)
    days = _days(instants)
    ascension, declination, mean, sidereal, _ = _equatorial(days)
    hour = _half_turn(sidereal + lon - ascension)
    h, d, phi = np.radians(hour), np.radians(declination), np.radians(lat)
    sine = np.sin(phi) * np.sin(d) + np.cos(phi) * np.cos(d) * np.cos(h)
    altitude = np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0)))
    altitude = altitude - PARALLAX * np.cos(np.radians(altitude))
    across = np.sin(h) * np.cos(d)
    along = np.cos(h) * np.cos(d) * np.sin(phi) - np.sin(d) * np.cos(phi)
    azimuth = (np.degrees(np.arctan2(across, along)) + 180.0) % 360.0
    equation = 4.0 * _half_turn(mean - 0.0057183 - ascension)
    return SunAngles(
        azimuth, altitude, altitude + refraction(altitude), hour, declination, equation
    )


def sun_longitude(instants: Instants) -> F64:
    """Return the sun's apparent longitude f64(n) in the ecliptic of date, degrees: 270 = winter solstice."""
    _check(instants, 0.0, 0.0)
    return _equatorial(_days(instants))[4] % 360.0


def refraction(altitude: F64) -> F64:
    """Return by how many degrees air lifts the sun: 0 where it stands below the horizon.

    Saemundsson's formula at 1010 hPa and 10 degrees C (Meeus 16.4), as NREL's SPA applies it.
    """
    seen = np.asarray(altitude) >= HORIZON
    high = np.where(seen, altitude, 90.0)
    bent = 1.02 / (60.0 * np.tan(np.radians(high + 10.3 / (high + 5.11))))
    return np.asarray(np.where(seen, bent, 0.0), np.float64)


def directions(azimuth: F64, altitude: F64, north: float = 0.0) -> F64:
    """Return unit vectors f64(n, 3) towards the sun in a frame whose true north lies ``north`` degrees
    clockwise of +y (see ``twin.georeference.true_north``)."""
    bearing, high = np.radians(np.asarray(azimuth) + north), np.radians(altitude)
    flat = np.cos(high)
    return np.stack([flat * np.sin(bearing), flat * np.cos(bearing), np.sin(high)], axis=-1)


def _check(instants: Instants, lon: float, lat: float) -> None:
    if not (abs(lat) <= 90.0 and abs(lon) <= 360.0):
        raise NoPlace(place=f"{lon}, {lat}")
    years = np.asarray(instants).astype("datetime64[Y]").astype(np.int64) + 1970
    sound = (years >= FIRST_YEAR) & (years <= LAST_YEAR) & ~np.isnat(instants)
    if not sound.all():
        raise SunYear(first=FIRST_YEAR, last=LAST_YEAR)


def _days(instants: Instants) -> F64:
    """Return days f64(n) since J2000.0, universal time."""
    since = np.asarray(instants).astype("datetime64[ms]") - EPOCH
    return np.asarray(since.astype(np.int64) / 86_400_000.0, np.float64)


def _late(days: F64) -> F64:
    """Return the seconds f64(n) by which terrestrial time is ahead of universal time."""
    year = 2000.0 + days / 365.2425
    beyond = -20.0 + 32.0 * ((year - 1820.0) / 100.0) ** 2
    table = np.interp(year, _YEARS, _LATE)
    known = (year >= _YEARS[0]) & (year <= _YEARS[-1])
    return np.asarray(np.where(known, table, beyond), np.float64)


def _equatorial(days: F64) -> tuple[F64, F64, F64, F64, F64]:
    """Return right ascension, declination, mean longitude, sidereal time at Greenwich and apparent
    longitude, degrees."""
    t = (days + _late(days) / 86400.0) / 36525.0
    mean = 280.46646 + t * (36000.76983 + t * 0.0003032)
    anomaly = np.radians(357.52911 + t * (35999.05029 - t * 0.0001537))
    centre = (1.914602 - t * (0.004817 + t * 0.000014)) * np.sin(anomaly)
    centre += (0.019993 - t * 0.000101) * np.sin(2 * anomaly) + 0.000289 * np.sin(3 * anomaly)
    node = np.radians(125.04 - 1934.136 * t)
    nutation = -0.00478 * np.sin(node)
    long = np.radians(mean + centre - 0.00569 + nutation)
    tilt = np.polynomial.polynomial.polyval(t / 100.0, _OBLIQUITY) / 3600.0
    tilt = np.radians(tilt + 0.00256 * np.cos(node))
    ascension = np.degrees(np.arctan2(np.cos(tilt) * np.sin(long), np.cos(long)))
    declination = np.degrees(np.arcsin(np.sin(tilt) * np.sin(long)))
    u = days / 36525.0
    sidereal = 280.46061837 + 360.98564736629 * days + u * u * (0.000387933 - u / 38710000.0)
    sidereal = sidereal % 360.0 + nutation * np.cos(tilt)
    return ascension, declination, mean, sidereal, np.degrees(long)


def _half_turn(degrees: F64) -> F64:
    """Return angles brought to [-180, 180)."""
    return np.asarray((degrees + 180.0) % 360.0 - 180.0, np.float64)
