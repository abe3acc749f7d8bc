"""Where people look from: a point, points along a path or all over an area, at eye height over the ground."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from twin.analyses.grounding import Ground
from twin.errors import UsageError
from twin.geometry import F64

SHAPES = ("points", "path", "area")
TALL = 20_000.0
"""Metres above and below the datum that hold every height."""
MANY = 5_000
"""Eyes of one question at most."""


def places_of(points: Sequence[Sequence[float]], least: int = 1) -> F64:
    """Return places f64(n, 3). Raises UsageError for too few, and for what are no finite coordinates."""
    try:
        found = np.array([list(point) for point in points], np.float64)
    except (TypeError, ValueError):
        raise UsageError(
            reason="points must be rows of three finite coordinates x, y, z"
        ) from None
    if not len(found):
        raise UsageError(reason="no place is given: pick it in the view, or write x,y,z")
    if len(found) < least:
        raise UsageError(reason=f"{least} points are needed, not {len(found)}")
    if found.ndim != 2 or found.shape[1] != 3 or not np.isfinite(found).all():
        raise UsageError(reason="points must be rows of three finite coordinates x, y, z")
    return found


def box_over(plan: F64, more: float = 0.0) -> F64:
    """Return the box f64(6) of places f64(n, 2) and ``more`` metres around, all heights in it."""
    low, high = plan.min(axis=0) - more, plan.max(axis=0) + more
    return np.array([low[0], low[1], -TALL, high[0], high[1], TALL])


def positive(**lengths: float) -> None:
    """Raise UsageError for a length that is not more than 0."""
    for name, value in lengths.items():
        if not value > 0:
            raise UsageError(reason=f"{name} must be more than 0 m")


def eyes_of(points: F64, shape: str, step: float, ground: Ground) -> F64:
    """Return the places f64(n, 3) that people stand on: the points, every ``step`` metres of a path, or
    a grid of that step in a polygon. Raises UsageError.

    Points and corners keep their heights; those between get the ground's, else what lies between.
    """
    if shape not in SHAPES:
        raise UsageError(reason=f"{shape!r} is none of {', '.join(SHAPES)}")
    if shape == "points":
        return points
    positive(step=step)
    found = _along(points, step) if shape == "path" else _within(points, step)
    if len(found) > MANY:
        raise UsageError(reason=f"{len(found)} eyes are more than {MANY}: take a longer step")
    height = ground.heights(found)
    if ground.kind == "terrain":
        found[:, 2] = np.where(np.isnan(height), found[:, 2], height)
    return found


def _along(points: F64, step: float) -> F64:
    if len(points) < 2:
        raise UsageError(reason="a path needs 2 points")
    legs = np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1)
    run = np.concatenate([[0.0], np.cumsum(legs)])
    if not run[-1] > 0:
        raise UsageError(reason="the points of the path are one place")
    count = int(np.ceil(run[-1] / step - 1e-9)) + 1
    at = np.linspace(0, run[-1], max(count, 2))
    return np.stack([np.interp(at, run, points[:, k]) for k in range(3)], axis=1)


def _within(points: F64, step: float) -> F64:
    area = polygon_of(points)
    cells = grid_within(area, step)
    if not len(cells):
        cells = np.array([[area.representative_point().x, area.representative_point().y]])
    return np.column_stack([cells, np.full(len(cells), points[:, 2].mean())])


def polygon_of(points: F64) -> shapely.Polygon:
    """Return the polygon of corners f64(n, 2 or 3). Raises UsageError for one that is none."""
    if len(points) < 3:
        raise UsageError(reason="an area needs 3 corners")
    area = shapely.Polygon(points[:, :2])
    if not area.is_valid or not area.area > 0:
        raise UsageError(
            reason="the corners make no area: they lie in one line, or its border crosses itself"
        )
    return area


def grid_within(area: BaseGeometry, step: float, most: int = 1_000_000) -> F64:
    """Return the middles f64(n, 2) of the square cells of an area, cells at whole multiples of the step.

    Raises UsageError where there would be more than ``most``.
    """
    low_x, low_y, high_x, high_y = area.bounds
    columns = np.arange(np.floor(low_x / step), np.ceil(high_x / step))
    rows = np.arange(np.floor(low_y / step), np.ceil(high_y / step))
    if len(columns) * len(rows) > most:
        raise UsageError(reason=f"the grid would have more than {most} cells: take wider cells")
    x, y = np.meshgrid((columns + 0.5) * step, (rows + 0.5) * step)
    flat = np.column_stack([x.ravel(), y.ravel()])
    shapely.prepare(area)
    return np.asarray(flat[shapely.contains_xy(area, flat[:, 0], flat[:, 1])])
