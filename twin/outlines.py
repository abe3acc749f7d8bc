"""Outlines seen from above, and how well a model's outline fits the footprint it should stand on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from twin.aligning import Motion, match_pairs
from twin.errors import UsageError
from twin.geometry import F64, Rows
from twin.jobs import Feedback
from twin.measuring.bodies import triangles_of
from twin.measuring.plan import areas, joined
from twin.streaming import LayerFrame

MOST = 6_000
"""Triangles of which an outline is made: the largest ones."""
SMALL = 1e-3
"""Square metres below which a triangle adds nothing to an outline (where there are larger ones)."""
GAP = 0.1
"""Metres that an outline may be open and still counts as closed."""
ROUNDS = 40
STEP = 0.5
"""Metres between the points of an outline that are compared."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How to move an outline onto a footprint: RMS of the gap between both (metres), IoU 0..1."""

    motion: Motion
    rms: float
    iou: float


def outline(corners: F64) -> BaseGeometry:
    """Return the outline of triangles f64(n, 3, 3) seen from above: polygons without holes.

    Upright triangles have no area there. Raises UsageError when nothing has one.
    """
    flat = corners[:, :, :2]
    area = np.abs(areas(flat))
    order = np.argsort(-area)[:MOST]
    order = order[area[order] > (SMALL if area[order[:1]].max(initial=0.0) > 1.0 else 1e-6)]
    if not len(order):
        raise UsageError(reason="nothing of it has an area seen from above")
    whole = joined(flat[order])
    closed = whole.buffer(GAP, join_style="mitre").buffer(-GAP, join_style="mitre")
    return without_holes(closed if not closed.is_empty else whole)


def ring_of(polygon: str) -> list[tuple[float, float]]:
    """Return the corners of a polygon in WKT, of several those of the largest, holes left out. Raises UsageError."""
    try:
        shape = shapely.force_2d(shapely.from_wkt(polygon))
    except shapely.GEOSException:
        raise UsageError(reason="an area is no polygon in WKT") from None
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    if not parts:
        raise UsageError(reason="an area is no polygon in WKT")
    ring = shapely.get_coordinates(max(parts, key=lambda part: part.area).exterior)
    return [(float(x), float(y)) for x, y in ring[:-1].tolist()]


def polygon_of(ring: Sequence[Sequence[float]]) -> str:
    """Return corners in the plan as a polygon in WKT, to a centimetre. Raises UsageError."""
    shape = shapely.Polygon([(round(x, 2), round(y, 2)) for x, y, *_ in ring])
    if not shape.is_valid or not shape.area > 0:
        reason = "the corners make no area: they lie in one line, or its border crosses itself"
        raise UsageError(reason=reason)
    return str(shape.wkt)


def without_holes(shape: BaseGeometry) -> BaseGeometry:
    """Return polygons with their courtyards filled; specks of less than a hundredth are left out."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    filled = [shapely.Polygon(part.exterior) for part in parts]
    largest = max((part.area for part in filled), default=0.0)
    kept = [part for part in filled if part.area > 0.01 * largest]
    if not kept:
        raise UsageError(reason="nothing of it has an area seen from above")
    return shapely.union_all(kept)


def fit(model: BaseGeometry, footprint: BaseGeometry) -> Fit:
    """Return the motion (no scale) that lays a model's outline onto a footprint best.

    Starts from the smallest rectangles around both in the four ways in which they cover each other,
    goes on by iterated closest points (Besl and McKay, 1992) between the borders, and takes the
    one with the largest intersection over union. Raises UsageError for empty outlines.
    """
    if model.is_empty or footprint.is_empty:
        raise UsageError(reason="an outline is empty")
    found = [_refine(model, footprint, start) for start in _starts(model, footprint)]
    return max(found, key=lambda item: item.iou)


def fit_best(model: F64, targets: tuple[F64, ...], feedback: Feedback) -> tuple[int, Fit]:
    """Return the number of the body that a model stands on best, and how. For a worker thread.

    ``model`` and ``targets`` are triangles f64(n, 3, 3) in the same plane. Raises UsageError when none
    has an area, Cancelled.
    """
    shape = outline(model)
    best: tuple[int, Fit] | None = None
    for number, body in enumerate(targets):
        feedback.check()
        feedback.progress(number / len(targets))
        try:
            found = fit(shape, outline(body))
        except UsageError:
            continue
        if best is None or found.iou > best[1].iou:
            best = number, found
    if best is None:
        raise UsageError(reason="nothing to stand on has an area seen from above")
    return best


Seen = tuple[LayerFrame, Rows]
"""What a layer shows now, and the rows of an object with its parts."""


def rings_of(seen: Sequence[Seen], feedback: Feedback) -> tuple[tuple[F64, ...], ...]:
    """Return the borders f64(k, 2) seen from above of each of some objects; () = it has none.

    For a worker thread. Raises Cancelled.
    """
    found: list[tuple[F64, ...]] = []
    for part, rows in seen:
        feedback.check()
        try:
            shape = outline(triangles_of(part, rows)).simplify(0.05)
        except UsageError:
            found.append(())
            continue
        parts = shapely.get_parts(shape)
        found.append(tuple(shapely.get_coordinates(item.exterior) for item in parts))
    return tuple(found)


def _starts(model: BaseGeometry, footprint: BaseGeometry) -> list[Motion]:
    """Return motions that lay the middle and the long axis of one rectangle on those of the other."""
    here, there = _axis(model), _axis(footprint)
    one, other = _middle(model), _middle(footprint)
    found = []
    for quarter in range(4):
        angle = there - here + quarter * np.pi / 2
        shift = other - _rotated(angle, one[None, :])[0]
        found.append(Motion(float(angle), 1.0, np.append(shift, 0.0)))
    return found


def _axis(shape: BaseGeometry) -> float:
    """Return the direction of the longer side of the smallest rectangle around a shape, radians."""
    ring = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))
    sides = np.diff(ring[:3], axis=0)
    longer = sides[int(np.argmax(np.hypot(sides[:, 0], sides[:, 1])))]
    return float(np.arctan2(longer[1], longer[0]))


def _middle(shape: BaseGeometry) -> F64:
    """Return the middle of the smallest rectangle around a shape."""
    middle = shapely.minimum_rotated_rectangle(shape).centroid
    return np.asarray(shapely.get_coordinates(middle)[0], np.float64)


def _rotated(angle: float, points: F64) -> F64:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.asarray(points @ np.array([[cos, sin], [-sin, cos]]), np.float64)


def _refine(model: BaseGeometry, footprint: BaseGeometry, start: Motion) -> Fit:
    """Bring borders together: each round matches the border's points with the closest ones."""
    border = _border(model)
    goal = shapely.boundary(footprint)
    shapely.prepare(goal)
    motion, gap = start, np.zeros(1)
    for _ in range(ROUNDS):
        moved = motion(border)
        closest = _closest(goal, moved)
        gap = np.hypot(*(closest - moved)[:, :2].T)
        near = gap <= max(np.quantile(gap, 0.9), 0.01)
        step = match_pairs(moved[near], closest[near]).motion
        motion = step.after(motion)
        if abs(step.turn) < 1e-6 and np.hypot(*(step(moved[:1]) - moved[:1])[0, :2]) < 1e-4:
            break
    there = laid(model, motion)
    union = there.union(footprint).area
    iou = float(there.intersection(footprint).area / union) if union > 0.0 else 0.0
    return Fit(motion, float(np.sqrt(np.mean(gap**2))), iou)


def _border(shape: BaseGeometry) -> F64:
    """Return points f64(n, 3) along a border, ``STEP`` metres apart (200 at the least), z = 0."""
    length = shapely.boundary(shape).length
    line = shapely.segmentize(shapely.boundary(shape), max(min(STEP, length / 200), 1e-3))
    flat = shapely.get_coordinates(line)
    return np.column_stack([flat, np.zeros(len(flat))])


def _closest(goal: BaseGeometry, points: F64) -> F64:
    lines = shapely.shortest_line(shapely.points(points[:, :2]), goal)
    ends = shapely.get_coordinates(lines).reshape(-1, 2, 2)[:, 1]
    return np.column_stack([ends, np.zeros(len(ends))])


def laid(shape: BaseGeometry, motion: Motion) -> BaseGeometry:
    """Return a shape moved in the plane."""

    def moved(flat: F64) -> F64:
        return motion(np.column_stack([flat, np.zeros(len(flat))]))[:, :2]

    return shapely.transform(shape, moved)
