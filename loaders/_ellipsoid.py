"""The WGS 84 ellipsoid by its defining constants: geodetic to geocentric and back, local frames."""

import numpy as np

from twin.geometry import F64

A = 6378137.0
"""Semi-major axis, metres."""
F = 1 / 298.257223563
E2 = F * (2 - F)


def geocentric(lon: F64, lat: F64, height: F64) -> F64:
    """Return ECEF metres f64(..., 3) of geodetic radians and ellipsoidal heights (EPSG 9602)."""
    normal = A / np.sqrt(1 - E2 * np.sin(lat) ** 2)
    level = (normal + height) * np.cos(lat)
    z = (normal * (1 - E2) + height) * np.sin(lat)
    return np.stack(np.broadcast_arrays(level * np.cos(lon), level * np.sin(lon), z), axis=-1)


def east_north_up(lon: F64, lat: F64) -> F64:
    """Return the local frame f64(..., 3, 3), rows east, north, up."""
    so, co, sa, ca = np.sin(lon), np.cos(lon), np.sin(lat), np.cos(lat)
    zero = np.zeros_like(so)
    east = np.stack([-so, co, zero], axis=-1)
    north = np.stack([-sa * co, -sa * so, ca], axis=-1)
    up = np.stack([ca * co, ca * so, sa], axis=-1)
    return np.stack([east, north, up], axis=-2)


def geodetic(points: F64) -> tuple[F64, F64]:
    """Return longitude and latitude in radians of ECEF points f64(n, 3) (Bowring, 1976)."""
    x, y, z = points.T
    b = A * (1 - F)
    flat = np.hypot(x, y)
    angle = np.arctan2(z * A, flat * b)
    second = E2 / (1 - E2)
    lat = np.arctan2(z + second * b * np.sin(angle) ** 3, flat - E2 * A * np.cos(angle) ** 3)
    return np.arctan2(y, x), lat


def above(points: F64, lat: F64) -> F64:
    """Return ellipsoidal heights f64(n) of ECEF points f64(n, 3) whose latitudes are known."""
    x, y, z = points.T
    sine = np.sin(lat)
    level = np.hypot(x, y) * np.cos(lat) + z * sine
    return np.asarray(level - A * np.sqrt(1 - E2 * sine**2), np.float64)
