"""Rings of profiles: straight edges as they are, circles and arcs divided as the geometry kernel does.

The kernel divides an arc so that a chord is at most a millimetre off it, and into steps of at most half
a radian. Curves of any other kind are left to it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from loaders.ifc.extents import axes
from loaders.ifc.statements import Statements, places
from twin.geometry import F64

SAG = 1e-3
"""Metres between an arc and its chord at most."""
STEP = 0.5
"""Radians between two corners of an arc at most."""
JOINED = 1e-5
"""Metres by which the ends of curves that follow each other may be apart."""
SAME_TURN = 1e-3
"""Metres by which a trimming point may miss the trimming angle."""


@dataclass(frozen=True, slots=True)
class Units:
    """Metres in a file's unit of length, radians in its unit of angle (None: it names none)."""

    length: float
    angle: float | None = None


def profile_rings(profile: Any, text: Statements, units: Units) -> tuple[F64, ...] | None:
    """Return the rings f64(k, 2) of a profile, the outline first, none closed; None for other ones."""
    if profile.get_argument(0) != "AREA":
        return None
    kind = profile.is_a()
    if kind == "IfcRectangleProfileDef":
        x, y = profile.get_argument(3) / 2, profile.get_argument(4) / 2
        if min(x, y) <= 0:
            return None
        corners = np.array(((-x, -y), (x, -y), (x, y), (-x, y)))
        return (_placed(corners, profile.get_argument(2)),)
    if kind in ("IfcCircleProfileDef", "IfcCircleHollowProfileDef"):
        return _circles(profile, units)
    if kind not in ("IfcArbitraryClosedProfileDef", "IfcArbitraryProfileDefWithVoids"):
        return None
    curves = [profile.get_argument(2)]
    if kind == "IfcArbitraryProfileDefWithVoids":
        curves += profile.get_argument(3)
    rings = [ring(curve, text, units) for curve in curves]
    known = tuple(found for found in rings if found is not None)
    return known if len(known) == len(rings) else None


def ring(curve: Any, text: Statements, units: Units) -> F64 | None:
    """Return the corners f64(k, 2) of a closed curve, the first not repeated; None for other ones."""
    kind = curve.is_a()
    if kind == "IfcCircle":
        radius = float(curve[1])
        corners = _arc(radius, 0.0, 2 * math.pi, units)
        return None if corners is None else _placed(corners[:-1], curve[0])
    points = _line(curve, text) if kind == "IfcPolyline" else None
    if kind == "IfcCompositeCurve":
        points = _composite(curve, text, units)
    elif kind == "IfcIndexedPolyCurve":
        points = _indexed(curve)
    if points is None or len(points) < 4:
        return None
    off = float(np.abs(points[0] - points[-1]).max()) * units.length
    return points[:-1] if off <= JOINED else None


def _placed(points: F64, place: Any) -> F64:
    if place is None:
        return points
    frame = axes(place)
    moved: F64 = points @ frame[:2, :2].T + frame[:2, 3]
    return moved


def _circles(profile: Any, units: Units) -> tuple[F64, ...] | None:
    radii = [float(profile.get_argument(3))]
    if profile.is_a("IfcCircleHollowProfileDef"):
        radii.append(radii[0] - float(profile.get_argument(4)))
    arcs = [_arc(radius, 0.0, 2 * math.pi, units) for radius in radii]
    place = profile.get_argument(2)
    known = tuple(_placed(arc[:-1], place) for arc in arcs if arc is not None)
    return known if len(known) == len(radii) else None


def _arc(radius: float, start: float, stop: float, units: Units) -> F64 | None:
    """Return the corners f64(k, 2) of an arc about the origin, both ends with it."""
    if radius <= 0:
        return None
    flat = max(-1.0, 1.0 - SAG / (radius * units.length))
    step = min(STEP, 2 * math.acos(flat))
    count = max(1, math.ceil(abs(stop - start) / step - 1e-9))
    angle = np.linspace(start, stop, count + 1)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius


def _line(curve: Any, text: Statements) -> F64 | None:
    """Return the corners of a polyline in its plane."""
    lines = text.lists[b"POLYLINE("]
    at = int(places(lines.ids, np.array([curve.id()]))[0])
    if at < 0:
        return None
    point = places(text.point_ids, lines.values[lines.begin[at] : lines.begin[at + 1]])
    corners = text.points[point]
    return corners[:, :2] if (point >= 0).all() and not corners[:, 2].any() else None


def _indexed(curve: Any) -> F64 | None:
    """Return the corners of an indexed curve of straight lines."""
    points = np.array(curve[0][0], np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        return None
    if curve[1] is None:
        return points
    order: list[int] = []
    for segment in curve[1]:
        steps = segment[0]
        if segment.is_a() != "IfcLineIndex" or (order and order[-1] != steps[0]):
            return None
        order += steps[1:] if order else steps
    at = np.array(order) - 1
    return points[at] if at.min() >= 0 and at.max() < len(points) else None


def _composite(curve: Any, text: Statements, units: Units) -> F64 | None:
    """Return the corners of lines and arcs that follow each other."""
    parts: list[F64] = []
    for segment in curve[0]:
        if not segment.is_a("IfcCompositeCurveSegment"):
            return None
        inner = segment[2]
        if inner.is_a() == "IfcPolyline":
            points = _line(inner, text)
        else:
            points = _trimmed(inner, units) if inner.is_a() == "IfcTrimmedCurve" else None
        if points is None:
            return None
        points = points if segment[1] else points[::-1]
        if parts and np.abs(parts[-1][-1] - points[0]).max() * units.length > JOINED:
            return None
        parts.append(points[1:] if parts else points)
    return np.concatenate(parts) if parts else None


def _trimmed(curve: Any, units: Units) -> F64 | None:
    """Return the corners of a part of a circle; None where its two ways of trimming disagree."""
    circle = curve[0]
    if circle.is_a() != "IfcCircle" or not circle[0].is_a("IfcAxis2Placement2D"):
        return None
    radius, frame = float(circle[1]), axes(circle[0])
    ends = [_angle(trim, radius, frame, units) for trim in (curve[1], curve[2])]
    start, stop = ends
    if start is None or stop is None:
        return None
    turn = 2 * math.pi
    forth = (stop - start) % turn or turn
    span = forth if curve[3] else forth - turn or -turn
    corners = _arc(radius, start, start + span, units)
    return None if corners is None else corners @ frame[:2, :2].T + frame[:2, 3]


def _angle(trims: Sequence[Any], radius: float, frame: F64, units: Units) -> float | None:
    """Return the angle of an end of an arc, by its parameter or its point, or both if they agree."""
    found: list[float] = []
    for trim in trims:
        if trim.is_a() == "IfcParameterValue":
            if units.angle is None:
                return None
            found.append(float(trim[0]) * units.angle)
        else:
            point = (np.array((*trim[0], 0.0)[:2]) - frame[:2, 3]) @ frame[:2, :2]
            if abs(float(np.linalg.norm(point)) - radius) * units.length > SAME_TURN:
                return None
            found.append(math.atan2(point[1], point[0]))
    if len(found) == 2:
        apart = abs((found[0] - found[1] + math.pi) % (2 * math.pi) - math.pi)
        if apart * radius * units.length > SAME_TURN:
            return None
    return found[0] if found else None
