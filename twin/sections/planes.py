"""Section planes as rows of four numbers, and what they say of points and boxes."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F64
from twin.records import Section, SectionPlane

Bool = NDArray[np.bool_]
NO_PLANES: F64 = np.zeros((0, 4))
"""No section is active."""
SIDES = (
    (-1.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0), (0.0, 0.0, 1.0),
)  # fmt: skip
"""Outward normals of an upright box, in the order its planes are kept: west, east, south, north, below, above."""


def plane_through(point: Iterable[float], normal: Iterable[float]) -> SectionPlane:
    """Return the plane through a point (metres, project frame) that cuts on the side of ``normal``.

    Raises ValueError for a normal without length and for numbers that are not finite.
    """
    place, direction = np.array([*point], np.float64), np.array([*normal], np.float64)
    length = float(np.linalg.norm(direction))
    if not (np.isfinite(place).all() and np.isfinite(length) and length > 1e-12):
        raise ValueError("a plane needs a finite point and a normal with a length")
    x, y, z = place.tolist()
    nx, ny, nz = (direction / length).tolist()
    return SectionPlane((x, y, z), (nx, ny, nz))


def flipped(plane: SectionPlane) -> SectionPlane:
    """Return the plane that cuts away the other side."""
    x, y, z = (0.0 - v for v in plane.normal)
    return SectionPlane(plane.point, (x, y, z))


def box_planes(box: F64, turned: float = 0.0) -> tuple[SectionPlane, ...]:
    """Return the six planes that leave the inside of a box f64(6), metres.

    ``turned`` degrees counter-clockwise round its upright axis.
    """
    low, high = np.minimum(box[:3], box[3:]), np.maximum(box[:3], box[3:])
    middle, angle = (low + high) / 2, np.radians(turned)
    turn = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1.0]]
    )
    return tuple(
        plane_through(
            middle + turn @ (np.array(side) * (high - low) / 2),
            turn @ np.array(side),
        )
        for side in SIDES
    )


def is_box(section: Section) -> bool:
    """Return whether a section is six planes in opposite pairs, of which the last two lie level."""
    normals = np.array([plane.normal for plane in section.planes])
    if normals.shape != (6, 3):
        return False
    opposite = np.abs(normals[0::2] + normals[1::2]).max() < 1e-6
    square = abs(float(normals[0] @ normals[2])) < 1e-6
    return bool(opposite and square and abs(normals[5, 2] - 1) < 1e-6)


def equations(sections: Iterable[Section]) -> F64:
    """Return the planes f64(k, 4) of the visible sections: a point p is cut where n @ p > offset."""
    found = [
        (*plane.normal, float(np.dot(plane.normal, plane.point)))
        for section in sections
        if section.visible
        for plane in section.planes
    ]
    return np.array(found, np.float64).reshape(-1, 4)


def lowered(planes: F64, lift: float) -> F64:
    """Return the planes f64(k, 4) as a layer sees them that is shown ``lift`` metres higher than it says."""
    if not lift or not len(planes):
        return planes
    moved = planes.copy()
    moved[:, 3] -= planes[:, 2] * lift
    return moved


def cut_away(points: F64, planes: F64, slack: float = 0.0) -> Bool:
    """Return bool(n): points f64(n, 3) that a plane f64(k, 4) cuts away, by more than ``slack`` metres."""
    beyond = np.atleast_2d(points) @ planes[:, :3].T > planes[:, 3] + slack
    return np.asarray(beyond.any(axis=1), np.bool_)


def _reaches(boxes: F64, planes: F64) -> tuple[F64, F64]:
    """Return the least and the most signed distance f64(n, k) of boxes f64(n, 6) from planes."""
    middle, reach = (boxes[:, :3] + boxes[:, 3:]) / 2, (boxes[:, 3:] - boxes[:, :3]) / 2
    at = middle @ planes[:, :3].T - planes[:, 3]
    around = reach @ np.abs(planes[:, :3]).T
    return at - around, at + around


def crossing(boxes: F64, planes: F64) -> Bool:
    """Return bool(n, k): which boxes f64(n, 6) each plane goes through (never a false no)."""
    least, most = _reaches(boxes, planes)
    return np.asarray((least <= 0) & (most > 0), np.bool_)


def gone(boxes: F64, planes: F64) -> Bool:
    """Return bool(n): boxes f64(n, 6) that lie on the cut side of a plane altogether."""
    return np.asarray((_reaches(boxes, planes)[0] > 0).any(axis=1), np.bool_)
