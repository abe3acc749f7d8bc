"""Sections in hand: planes and boxes moved along normals, turned, stretched, and what their numbers say."""

from dataclasses import dataclass, replace

import numpy as np

from twin.geometry import F64
from twin.records import Section, SectionPlane
from twin.sections.planes import is_box, plane_through

LEVEL = 0.9999
"""Share of a unit normal that points up (or down) in what counts as level."""


@dataclass(frozen=True, slots=True)
class Extent:
    """An upright box by its axes f64(3, 3) (rows: two level ones and up) and its reach along them."""

    axes: F64
    low: F64
    high: F64

    @property
    def middle(self) -> F64:
        """Return the middle f64(3), project frame."""
        return np.asarray(((self.low + self.high) / 2) @ self.axes, np.float64)

    @property
    def size(self) -> F64:
        """Return the lengths f64(3) of its sides, metres."""
        return np.asarray(self.high - self.low, np.float64)

    @property
    def corners(self) -> F64:
        """Return the eight corners f64(8, 3); bit k of the number chooses the high side of axis k."""
        bits = np.array([[i >> k & 1 for k in range(3)] for i in range(8)], np.bool_)
        return np.asarray(np.where(bits, self.high, self.low) @ self.axes, np.float64)

    @property
    def planes(self) -> tuple[SectionPlane, ...]:
        """Return its six planes, each through the middle of its side."""
        found = []
        for axis in range(3):
            for sign, end in ((-1.0, self.low), (1.0, self.high)):
                place = (self.low + self.high) / 2
                place[axis] = end[axis]
                found.append(plane_through(place @ self.axes, sign * self.axes[axis]))
        return tuple(found)


def extent_of(section: Section) -> Extent:
    """Return the box of a section of six planes. Raises ValueError where it is none."""
    if not is_box(section):
        raise ValueError("not a box")
    normals = np.array([plane.normal for plane in section.planes])
    points = np.array([plane.point for plane in section.planes])
    offsets = np.einsum("ij,ij->i", normals, points)
    return Extent(normals[1::2], -offsets[0::2], offsets[1::2])


def moved(section: Section, index: int, by: float) -> Section:
    """Return the section with one plane so many metres farther along its normal.

    The sides of a box keep their order: a side stops a tenth of a metre before the opposite one.
    """
    if is_box(section):
        box = extent_of(section)
        low, high, axis = box.low.copy(), box.high.copy(), index // 2
        if index % 2:
            high[axis] = max(high[axis] + by, low[axis] + 0.1)
        else:
            low[axis] = min(low[axis] - by, high[axis] - 0.1)
        return replace(section, planes=replace(box, low=low, high=high).planes)
    plane = section.planes[index]
    shifted = plane_through(np.array(plane.point) + np.array(plane.normal) * by, plane.normal)
    planes = (*section.planes[:index], shifted, *section.planes[index + 1 :])
    return replace(section, planes=planes)


def turned(section: Section, degrees: float) -> Section:
    """Return the section turned counter-clockwise round the upright line through its middle."""
    angle = np.radians(degrees)
    turn = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1.0]]
    )
    middle = middle_of(section)
    planes = tuple(
        plane_through(
            middle + turn @ (np.array(plane.point) - middle), turn @ np.array(plane.normal)
        )
        for plane in section.planes
    )
    return replace(section, planes=planes)


def middle_of(section: Section) -> F64:
    """Return the point f64(3) a section is held by: the middle of its planes' points."""
    return np.asarray(np.mean([plane.point for plane in section.planes], axis=0), np.float64)


def is_level(plane: SectionPlane) -> bool:
    """Return whether a plane lies level."""
    return abs(plane.normal[2]) > LEVEL


def position(section: Section, index: int, middle: F64) -> float:
    """Return where a plane stands, metres: a height for what is level, the length of a box's side,
    else how far it lies from ``middle`` f64(3) towards its cut side."""
    plane = section.planes[index]
    if is_level(plane):
        return plane.point[2]
    if is_box(section):
        return float(extent_of(section).size[index // 2])
    return float((np.array(plane.point) - middle) @ np.array(plane.normal))


def positioned(section: Section, index: int, value: float, middle: F64) -> Section:
    """Return the section with a plane where ``position`` says ``value``."""
    by = value - position(section, index, middle)
    if is_level(section.planes[index]) and section.planes[index].normal[2] < 0:
        by = -by
    return moved(section, index, by)


def written(planes: tuple[SectionPlane, ...]) -> str:
    """Return planes as the commands read them, every digit kept."""
    return ";".join(",".join(repr(float(v)) for v in (*p.point, *p.normal)) for p in planes)
