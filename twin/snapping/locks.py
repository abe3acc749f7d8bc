"""Points kept to an axis or a level through the last point, or at a typed distance from it."""

import numpy as np

from twin.geometry import F64
from twin.picking import Ray

AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
LOCKS = (*AXES, "level")
"""x, y and z of the project frame, and level: at the height of the last point."""
_GLANCING = 1e-3
"""A ray that runs more along an axis or a level than this says nothing about where on it."""


def locked(
    start: F64, ray: Ray, met: F64 | None, lock: str = "", length: float | None = None
) -> F64 | None:
    """Return the point that is meant: what was met (None: nothing) under a lock and at a length.

    Without something met the ray itself decides: where it comes nearest to the axis, where it goes
    through the level. None where neither says anything. ``length`` metres is kept from ``start``.
    """
    point = _on_axis(start, ray, met, np.array(AXES[lock])) if lock in AXES else met
    if lock == "level":
        point = _on_level(start, ray, met)
    if length is None or point is None:
        return point
    way = point - start
    far = float(np.linalg.norm(way))
    return start + way * (length / far) if far > 1e-9 else None


def _on_axis(start: F64, ray: Ray, met: F64 | None, axis: F64) -> F64 | None:
    if met is not None:
        return np.asarray(start + axis * ((met - start) @ axis), np.float64)
    across = ray.direction - axis * (ray.direction @ axis)
    size = float(across @ across)
    if size < _GLANCING**2:
        return None
    # where the ray is nearest to the axis: their common perpendicular (Ericson 2005, 5.1.8)
    shift = start - ray.eye
    along = float((shift - axis * (shift @ axis)) @ across) / size
    if along <= 0:
        return None
    return np.asarray(
        start + axis * ((ray.eye + ray.direction * along - start) @ axis), np.float64
    )


def _on_level(start: F64, ray: Ray, met: F64 | None) -> F64 | None:
    if met is not None:
        return np.array([met[0], met[1], start[2]])
    fall = float(ray.direction[2])
    if abs(fall) < _GLANCING:
        return None
    along = float(start[2] - ray.eye[2]) / fall
    return ray.eye + ray.direction * along if along > 0 else None
