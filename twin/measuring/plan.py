"""What triangles cover together seen from above: of one thing, and of many at once."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.errors import GEOSException
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from twin.geometry import F64, Rows
from twin.jobs import SILENT, Feedback

GRID = 0.001
"""Metres to which corners are rounded before surfaces are joined: smaller gaps are closed."""
ALIKE = 1e-6
"""Share by which the area of joined triangles may differ from their sum where none overlap."""
WIDE = 1_024
"""Triangles of one thing from which on only those that matter are joined."""
CELLS = 131_072
"""Triangles that are joined in one call."""
Shapes2D = NDArray[Any]
"""Polygons and multipolygons object(n)."""
Counts = NDArray[np.integer[Any]]


def areas(plan: NDArray[np.floating[Any]]) -> F64:
    """Return the areas f64(t) of triangles f64(t, 3, 2), those seen from below negative."""
    a, b = plan[:, 1] - plan[:, 0], plan[:, 2] - plan[:, 0]
    return np.asarray((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / 2, np.float64)


def joined(plan: F64) -> BaseGeometry:
    """Return what triangles f64(t, 3, 2) cover together, holes kept. Only triangles that matter are
    joined: one that lies in the larger ones joined so far changes nothing."""
    if not len(plan):
        return Polygon()
    middle = plan.reshape(-1, 2).mean(axis=0)
    order = np.argsort(-np.abs(areas(plan)))
    pieces = shapely.set_precision(_triangles(plan[order] - middle), GRID)
    whole: BaseGeometry = Polygon()
    size = 256
    while len(pieces):
        some, pieces = pieces[:size], pieces[size:]
        whole = shapely.union_all([whole, *some], grid_size=GRID)
        shapely.prepare(whole)
        left = pieces[~shapely.covered_by(pieces, whole)]
        size *= (
            1 if 2 * len(left) < len(pieces) else 4
        )  # few lie in what is joined: take more at once
        pieces = left
    return areal(shapely.transform(whole, lambda points: points + middle))


def areal(found: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a geometry alone."""
    if isinstance(found, Polygon):
        return found
    parts = [x for x in shapely.get_parts(found) if isinstance(x, Polygon) and x.area > 0]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def joined_each(group: Rows, plan: F64, n: int, feedback: Feedback = SILENT) -> Shapes2D:
    """Return, of n things, what their triangles f64(t, 3, 2) cover; ``group`` i32(t) whose each is.

    An empty polygon where there are none. Triangles that only touch are joined by their shared edges
    (15 us a thing), others by a full union. Raises Cancelled.
    """
    found = np.full(n, None, object)
    order = np.argsort(group, kind="stable")
    plan, group = plan[order], group[order]
    count = np.bincount(group, minlength=n)
    start = np.cumsum(count) - count
    for thing in np.flatnonzero(count > WIDE).tolist():
        feedback.check()
        found[thing] = _whole(plan[start[thing] : start[thing] + count[thing]])
    width = 1
    while width <= WIDE:
        things = np.flatnonzero((count <= width) & (count > width // 2))
        step = max(1, CELLS // width)
        for first in range(0, len(things), step):
            feedback.check()
            some = things[first : first + step]
            found[some] = _joined_rows(plan, start[some], count[some], width)
        width *= 2
    found[count == 0] = Polygon()
    return found


def _whole(plan: F64) -> BaseGeometry:
    """Join the many triangles of one thing: by shared edges where they only touch (a terrain)."""
    try:
        found = areal(shapely.coverage_union_all(_triangles(plan)))
    except GEOSException:
        return joined(plan)
    sums = float(np.abs(areas(plan)).sum())
    alike = abs(found.area - sums) <= ALIKE * sums
    return found if alike and found.is_valid else joined(plan)


def _triangles(plan: F64) -> Shapes2D:
    return np.asarray(shapely.polygons(np.concatenate([plan, plan[:, :1]], axis=1)), object)


def _joined_rows(plan: F64, start: Counts, count: Counts, width: int) -> Shapes2D:
    """Join triangles, things one below the other, rows filled up with nothing."""
    column = np.arange(width)
    there = column < count[:, None]
    index = (start[:, None] + column)[there]
    table = np.full(there.shape, None, object)
    table[there] = _triangles(plan[index])
    if width == 1:
        return np.asarray(table[:, 0], object)
    sums = np.zeros(there.shape)
    sums[there] = np.abs(areas(plan[index]))
    return _checked(table, sums.sum(axis=1))


def _checked(table: Shapes2D, sums: F64) -> Shapes2D:
    """Join by shared edges where triangles only touch; GEOS tells of the others, at times of all at once."""
    try:
        found = np.asarray(shapely.coverage_union_all(table, axis=1), object)
    except GEOSException:
        if len(table) > 1:
            half = len(table) // 2
            parts = [_checked(table[:half], sums[:half]), _checked(table[half:], sums[half:])]
            return np.concatenate(parts)
        found = np.full(len(table), None, object)
    sound = shapely.is_valid(found) & (np.abs(shapely.area(found) - sums) <= ALIKE * sums)
    for row in np.flatnonzero(~sound).tolist():
        pieces = [piece for piece in table[row] if piece is not None]
        found[row] = areal(shapely.union_all(pieces, grid_size=GRID))
    return found
