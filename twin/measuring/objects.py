"""Values that need the bodies of objects: clearance, a face, a volume. Pure work, fit for a worker."""

from dataclasses import dataclass

import numpy as np

from twin.errors import UsageError
from twin.geometry import F64
from twin.measuring.lines import Side, angle_of_sides
from twin.measuring.nearest import clearance
from twin.measuring.results import line_values
from twin.measuring.surfaces import face_at, solid_of

Place = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Found:
    """Values by name, the points to draw them at, and codes of what to bear in mind."""

    values: dict[str, float]
    points: tuple[Place, ...]
    notes: tuple[str, ...] = ()


def place(point: F64) -> Place:
    """Return a point as three plain numbers."""
    x, y, z = (float(v) for v in point)
    return x, y, z


def clearance_of(first: F64, second: F64) -> Found:
    """Return the least distance between two bodies f64(n, 3, 3). Raises UsageError for an empty one."""
    gap = clearance(first, second)
    if gap is None:
        raise UsageError(reason="one of the objects has no surface here")
    ends = np.stack([gap.first, gap.second])
    values = line_values(ends) | {"length": gap.distance}
    notes = ("touching",) if gap.distance == 0.0 else ()
    return Found(values, (place(ends[0]), place(ends[1])), notes)


def face_of(body: F64, point: F64) -> Found:
    """Return the face of a body that holds a point. Raises UsageError where there is none."""
    face = face_at(body, point)
    if face is None:
        raise UsageError(reason="there is no face here")
    values = {"area": face.area, "plan_area": face.plan, "perimeter": face.perimeter}
    return Found(values, (place(point),))


def volume_of(body: F64) -> Found:
    """Return the volume of a body; of one that is not closed its surface, and the note that says so.

    Raises UsageError for an empty one.
    """
    if not len(body):
        raise UsageError(reason="the object has no surface here")
    solid = solid_of(body)
    flat = body.reshape(-1, 3)
    middle = place((flat.min(axis=0) + flat.max(axis=0)) / 2)
    if not solid.closed:
        return Found({"surface": solid.surface}, (middle,), ("not_closed",))
    return Found({"volume": solid.volume, "surface": solid.surface}, (middle,))


def sides_angle(first: Side, second: Side) -> Found:
    """Return the angle between two faces or edges."""
    values = {"angle": angle_of_sides(first, second)}
    apart = second.place - first.place
    if first.face and second.face and values["angle"] == 0.0:
        normal = first.direction / np.linalg.norm(first.direction)
        values["length"] = abs(float(apart @ normal))
    return Found(values, (place(first.place), place(second.place)))


def of_bodies(kind: str, bodies: tuple[F64, ...], points: F64) -> Found:
    """Return what is asked of bodies: clearance (two), face (one and a point), volume (one).

    Raises UsageError for another kind or number.
    """
    if kind == "clearance" and len(bodies) == 2:
        return clearance_of(bodies[0], bodies[1])
    if kind == "face" and len(bodies) == 1 and len(points) == 1:
        return face_of(bodies[0], points[0])
    if kind == "volume" and len(bodies) == 1:
        return volume_of(bodies[0])
    wanted = {
        "clearance": "two objects",
        "face": "one object and one point",
        "volume": "one object",
    }
    raise UsageError(reason=f"{kind} takes {wanted.get(kind, 'points')}")
