"""Nodes' volumes (oriented boxes, spheres) as a tile's boxes, and thresholds as geometric errors."""

from typing import Any, TypeGuard

import numpy as np

from loaders._ellipsoid import above, east_north_up, geocentric, geodetic
from loaders.i3s.systems import System
from twin.geometry import F32, F64

REFERENCE = 16.0
"""Pixels of screen-space error at which a node's threshold is meant to be reached."""
WIDE = 4e5
"""Metres: larger boxes are bounded by parallels and meridians, not by a bent cube."""
FARTHEST = 1e15
"""Numbers of positions and sizes above this are damage: their squares overflow single precision."""
CUBE = np.array(
    [[i - 1, j - 1, k - 1] for i in range(3) for j in range(3) for k in range(3)], float
)


def volume_of(node: dict[str, Any]) -> tuple[list[float], float] | None:
    """Return centre, half sizes and quaternion (x, y, z, w) as ten numbers, and the sphere's radius.

    A node with a sphere alone gets a cube around it (quaternion 0, 0, 0, 0: upright). None where
    neither is usable.
    """
    box, sphere = node.get("obb"), node.get("mbs")
    ball = sphere if is_place(sphere, 4) and sphere[3] >= 0 else None
    radius = None if ball is None else float(ball[3])
    if isinstance(box, dict):
        center, half, turn = box.get("center"), box.get("halfSize"), box.get("quaternion")
        if is_place(center, 3) and is_place(half, 3) and is_place(turn, 4):
            found = [*map(float, center), *(abs(float(v)) for v in half), *map(float, turn)]
            return found, float(np.linalg.norm(found[3:6])) if radius is None else radius
    if ball is None or radius is None:
        return None
    return [*map(float, ball[:3]), radius, radius, radius, 0.0, 0.0, 0.0, 0.0], radius


def error_of(threshold: float, radius: float, metre: float = 1.0) -> float:
    """Return the geometric error in metres of a node with a screen area threshold (pixels squared).

    I3S (lodSelection, nodePages): a node is good enough while the circle that its bounding sphere
    covers on the screen has at most ``maxScreenThresholdSQ`` = pi / 4 * ``maxScreenThreshold``²
    square pixels. The sphere's diameter 2 r then covers T = sqrt(4 SQ / pi) pixels; an error e seen
    from the same place covers e / (2 r) * T. It shall cover 16 pixels there, so e = 16 * 2 r / T.
    Without a threshold a node is never good enough (infinite).
    """
    if not threshold > 0.0:
        return float("inf")
    return REFERENCE * 2.0 * radius * metre / float(np.sqrt(4.0 * threshold / np.pi))


def threshold_of(node: dict[str, Any], metric: str = "") -> float:
    """Return a node's threshold as a screen area in square pixels, 0 for none or other metrics."""
    value = node.get("lodThreshold")
    if value is not None and is_numbers([value], 1):
        number = max(float(value), 0.0)
        return number**2 * np.pi / 4 if metric == "maxScreenThreshold" else number
    held: dict[str, float] = {}
    every = node.get("lodSelection")
    for item in every if isinstance(every, list) else ():
        if isinstance(item, dict) and is_numbers([item.get("maxError")], 1):
            held[str(item.get("metricType"))] = max(float(item["maxError"]), 0.0)
    if held.get("maxScreenThresholdSQ"):
        return held["maxScreenThresholdSQ"]
    return float(held.get("maxScreenThreshold", 0.0) ** 2 * np.pi / 4)


def boxes_of(volumes: F64, system: System) -> tuple[F64, F32]:
    """Return centres f64(n, 3) and half axes f32(n, 3, 3) of volumes f64(n, 10) in the layer's system.

    A global layer's boxes stand in the geocentric frame: their axes become degrees and metres of
    height, stretched until the bent box lies inside.
    """
    center, half, axes = volumes[:, :3].copy(), volumes[:, 3:6], _axes(volumes[:, 6:])
    axes = axes * np.maximum(half, 1e-3)[:, :, None]
    if system.geographic:
        center, axes = _degrees(center, axes, ~volumes[:, 6:].any(axis=1), system)
    else:
        center[:, 2] *= system.rise
        axes[:, :, 2] *= system.rise
    return center, axes.astype(np.float32)


def _axes(turn: F64) -> F64:
    """Return the rotated unit axes f64(n, 3, 3), one a row; a quaternion of zeros turns nothing."""
    length = np.linalg.norm(turn, axis=1)
    q = turn / np.where(length > 0, length, 1)[:, None]
    q[length == 0] = (0.0, 0.0, 0.0, 1.0)
    x, y, z, w = q.T
    columns = [
        [1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w)],
        [2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w)],
        [2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(columns), 2, 0)


def _degrees(center: F64, axes: F64, upright: Any, system: System) -> tuple[F64, F64]:
    """Return centres and axes in degrees and the core's heights of boxes with geocentric axes."""
    rise = system.rise
    lon, lat = np.radians(center[:, 0]), np.radians(center[:, 1])
    frame = east_north_up(lon, lat)
    local = np.where(upright[:, None, None], axes, np.einsum("nai,nji->naj", axes, frame))
    scale = np.column_stack([1 / degree_lengths(lat), np.full(len(lat), rise)])
    linear = local * scale[:, None, :]
    middle = geocentric(lon, lat, center[:, 2])
    world = np.einsum("naj,nji->nai", local, frame)
    points = middle[:, None, :] + np.einsum("ca,nai->nci", CUBE, world)
    exact = _lonlat(points.reshape(-1, 3), np.repeat(center[:, 0], 27)).reshape(points.shape)
    exact[:, :, 2] *= rise
    base = center * [1.0, 1.0, rise]
    reach = _within(exact - base[:, None, :], linear)
    stretched = linear * np.maximum(reach, 1.0)[:, :, None] * 1.0001
    wide = np.linalg.norm(axes, axis=2).max(axis=1) > WIDE
    if wide.any():
        base[wide], stretched[wide] = _upright(exact[wide])
    return base, stretched


def _within(offsets: F64, axes: F64) -> F64:
    """Return f64(n, 3): how far offsets f64(n, p, 3) reach in units of the axes."""
    try:
        return np.asarray(np.abs(offsets @ np.linalg.inv(axes)).max(axis=1), np.float64)
    except np.linalg.LinAlgError:
        return np.full(axes.shape[:2], 2.0)


def _upright(points: F64) -> tuple[F64, F64]:
    """Return boxes along parallels and meridians around points f64(n, p, 3), widened by a third."""
    low, high = points.min(axis=1), points.max(axis=1)
    half = np.maximum((high - low) / 2 * 1.33, [0.0, 0.0, 1e5])
    return (low + high) / 2, half[:, :, None] * np.eye(3)


def degree_lengths(lat: F64) -> F64:
    """Return metres per degree f64(n, 2) of longitude and latitude at latitudes in radians."""
    step = np.radians(0.5)
    zero = np.zeros_like(lat)
    east = np.linalg.norm(
        geocentric(zero + step, lat, zero) - geocentric(zero - step, lat, zero), axis=-1
    )
    at = np.clip(lat, -np.pi / 2 + step, np.pi / 2 - step)
    north = np.linalg.norm(
        geocentric(zero, at + step, zero) - geocentric(zero, at - step, zero), axis=-1
    )
    return np.stack([np.maximum(east, 1.0), north], axis=-1)


def _lonlat(points: F64, around: F64) -> F64:
    lon, lat = geodetic(points)
    degrees = np.degrees(lon)
    degrees += 360.0 * np.round((around - degrees) / 360.0)
    return np.column_stack([degrees, np.degrees(lat), above(points, lat)])


def is_numbers(value: Any, count: int) -> TypeGuard[list[float]]:
    """Return whether a value of a document is a list of so many finite numbers."""
    return (
        isinstance(value, list)
        and len(value) == count
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in value)
        and bool(np.isfinite(np.array(value, np.float64)).all())
    )


def is_place(value: Any, count: int) -> TypeGuard[list[float]]:
    """Return whether a value of a document is so many numbers that can be degrees or metres."""
    return is_numbers(value, count) and max(map(abs, value)) <= FARTHEST
