"""Boxes around pieces of the Earth's surface: regions in geodetic radians and ellipsoidal metres."""

import numpy as np

from loaders._ellipsoid import A, east_north_up, geocentric
from twin.geometry import F64

STEPS = 9
NEAR = 1e-3
"""Regions narrower than this, in radians, need few points: they bulge by less than half a metre."""


def region_boxes(regions: F64) -> tuple[F64, F64]:
    """Return centres and half-axes of boxes around regions f64(n, 6) (west, south, east, north, low, high).

    East-north-up boxes at the region's middle, by a grid of points; what bulges between the grid's
    points is added. Regions wider than a quarter turn get boxes along the geocentric axes.
    """
    west, south, east, north = regions.T[:4]
    width = np.where(east < west, east + 2 * np.pi, east) - west
    small = np.maximum(width, north - south) < NEAR
    center, axes = np.empty((len(regions), 3)), np.empty((len(regions), 3, 3))
    for rows, steps in ((np.flatnonzero(small), 3), (np.flatnonzero(~small), STEPS)):
        for start in range(0, len(rows), 4096):
            block = rows[start : start + 4096]
            center[block], axes[block] = _region_block(regions[block], steps)
    return center, axes


def _region_block(regions: F64, steps: int) -> tuple[F64, F64]:
    west, south, east, north, low, high = regions.T
    east = np.where(east < west, east + 2 * np.pi, east)
    t = np.linspace(0, 1, steps)
    lon = west[:, None] + (east - west)[:, None] * t
    lat = south[:, None] + (north - south)[:, None] * t
    equator = np.clip(0.0, south, north)
    lat = np.concatenate([lat, equator[:, None]], axis=1)
    heights = np.stack([low, high], axis=1)
    grid = geocentric(lon[:, :, None, None], lat[:, None, :, None], heights[:, None, None, :])
    frame = east_north_up((west + east) / 2, (south + north) / 2)
    wide = ((east - west) > np.pi / 2) | ((north - south) > np.pi / 2)
    frame[wide] = np.eye(3)
    step = np.maximum(east - west, north - south) / (steps - 1)
    bulge = (A + np.maximum(high, 0.0)) * step**2 / 8
    return boxed(grid.reshape(len(regions), -1, 3), frame, bulge)


def boxed(points: F64, frame: F64, bulge: F64) -> tuple[F64, F64]:
    """Return centres and half-axes of boxes around points f64(n, k, 3), along frames f64(n, 3, 3).

    ``bulge`` f64(n) metres is added on every side.
    """
    along = points @ np.swapaxes(frame, 1, 2)
    least, most = along.min(axis=1), along.max(axis=1)
    half = (most - least) / 2 + bulge[:, None]
    center = np.einsum("nij,ni->nj", frame, (least + most) / 2)
    return center, frame * half[:, :, None]
