"""Lengths, slopes, angles and polygons of points f64(n, 3) in the project frame, metres and degrees."""

from dataclasses import dataclass

import numpy as np

from twin.geometry import F64

ABOUT_NOTHING = 1e-12
"""A length, metres, below which a direction means nothing."""


@dataclass(frozen=True, slots=True)
class Length:
    """A polyline: length in space and in plan, rise from its first to its last point, all metres.

    ``step`` f64(3) is last minus first; ``slope`` the rise over the plan distance between the ends in
    degrees, -90..90, nan where both ends are one point.
    """

    space: float
    plan: float
    rise: float
    step: F64
    slope: float


def length_of(points: F64) -> Length:
    """Return the length of a polyline of two points or more, f64(n, 3)."""
    steps = np.diff(points, axis=0)
    step = points[-1] - points[0]
    plan = float(np.hypot(step[0], step[1]))
    flat = max(plan, abs(float(step[2]))) < ABOUT_NOTHING
    return Length(
        space=float(np.linalg.norm(steps, axis=1).sum()),
        plan=float(np.hypot(steps[:, 0], steps[:, 1]).sum()),
        rise=float(step[2]),
        step=step,
        slope=float("nan") if flat else float(np.degrees(np.arctan2(step[2], plan))),
    )


def angle_at(corner: F64, first: F64, second: F64) -> float:
    """Return the angle at a corner between the ways to two points, degrees 0..180; nan on a point.

    By the tangent of half the angle (Kahan 2006, "How futile are mindless assessments of roundoff"),
    which stays exact for angles near 0 and near 180.
    """
    return between(first - corner, second - corner)


def between(first: F64, second: F64) -> float:
    """Return the angle between two directions f64(3), degrees 0..180; nan where one has no length."""
    u, v = float(np.linalg.norm(first)), float(np.linalg.norm(second))
    if min(u, v) < ABOUT_NOTHING:
        return float("nan")
    a, b = first / u, second / v
    return float(np.degrees(2 * np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b))))


@dataclass(frozen=True, slots=True)
class Side:
    """What an angle stands on: a place f64(3) on a face (``direction`` = its normal) or on an edge."""

    place: F64
    direction: F64
    face: bool = True


def angle_of_sides(first: Side, second: Side) -> float:
    """Return the angle between two faces, two edges or an edge and a face, degrees.

    Faces: between the half planes that hold the two places and end where the planes meet, 0..180, so
    which way the normals look does not matter; 0 for parallel faces. Edges: between the lines, 0..90.
    An edge and a face: between the line and the plane, 0..90.
    """
    lines = between(first.direction, second.direction)
    acute = min(lines, 180.0 - lines)
    if not (first.face and second.face):
        return 90.0 - acute if first.face != second.face else acute
    along = np.cross(first.direction, second.direction)
    size = float(np.linalg.norm(along))
    scale = float(np.linalg.norm(first.direction) * np.linalg.norm(second.direction))
    if size < 1e-9 * scale:
        return 0.0
    along = along / size
    start = _on_both(first, second, along)
    ways = [side.place - start for side in (first, second)]
    ways = [way - along * (way @ along) for way in ways]
    return between(ways[0], ways[1])


def _on_both(first: Side, second: Side, along: F64) -> F64:
    """Return a point of the line in which two planes meet, level with the first place."""
    planes = np.stack([first.direction, second.direction, along])
    right = [side.direction @ (side.place - first.place) for side in (first, second)]
    return first.place + np.linalg.solve(planes, np.array([*right, 0.0]))


@dataclass(frozen=True, slots=True)
class Area:
    """A polygon: area in its own plane and in plan, square metres; its rim and how far it is from flat.

    ``normal`` f64(3) is its unit normal (zeros for an empty one); ``bent`` the farthest corner's
    distance from the mean plane, metres.
    """

    space: float
    plan: float
    perimeter: float
    normal: F64
    bent: float


def area_of(points: F64) -> Area:
    """Return the area of a polygon with corners f64(n, 3) in order, closed by itself.

    Newell's vector (Tampieri 1992, "Newell's method", Graphics Gems III): right for any simple polygon.
    """
    middle = points.mean(axis=0)
    shifted = points - middle
    after = np.roll(shifted, -1, axis=0)
    vector = np.cross(shifted, after).sum(axis=0) / 2
    size = float(np.linalg.norm(vector))
    # an area that is nothing beside what the corners span has no normal
    span = float(np.abs(shifted).max(initial=0.0))
    normal = vector / size if size > ABOUT_NOTHING * max(span * span, 1e-12) else np.zeros(3)
    return Area(
        space=size,
        plan=abs(float(vector[2])),
        perimeter=float(np.linalg.norm(after - shifted, axis=1).sum()),
        normal=normal,
        bent=float(np.abs(shifted @ normal).max(initial=0.0)),
    )
