"""Commands on measurements that are kept in the project."""

from dataclasses import replace

import numpy as np

from twin.commands.registry import Context, command
from twin.commands.views import point_of
from twin.edits import Edit, SetRecord, Together
from twin.errors import UsageError
from twin.geometry import F64
from twin.measuring.results import values_of, with_place
from twin.records import Measurement


@command("measurements.add")
def add_measurement(context: Context, id: str, kind: str, points: str, title: str = "") -> Edit:
    """Measure and keep under an id: kind distance, height, angle, area or point; points "x,y,z;x,y,z"
    in the project frame, metres."""
    places = points_of(points)
    twin = context.twin
    measured = Measurement(
        id=id,
        title=title.strip() or id,
        kind=kind,
        points=tuple((float(x), float(y), float(z)) for x, y, z in places),
        values=values_of(kind, places),
        crs=twin.crs,
        vertical=twin.vertical,
    )
    return SetRecord("measurements", id, with_place(measured))


def points_of(text: str) -> F64:
    """Return the points f64(n, 3) that "x,y,z;x,y,z" names. Raises UsageError."""
    found = [point_of(part) for part in text.split(";") if part.strip()]
    return np.asarray(found, np.float64).reshape(-1, 3)


@command("measurements.rename")
def rename_measurement(context: Context, id: str, title: str) -> Edit:
    """Give a measurement another title."""
    if not title.strip():
        raise UsageError(reason="a title cannot be empty")
    return SetRecord("measurements", id, replace(_known(context, id), title=title.strip()))


@command("measurements.remove")
def remove_measurement(context: Context, id: str) -> Edit:
    """Remove a measurement; several at once as "id,id"."""
    ids = [one for one in (part.strip() for part in id.split(",")) if one]
    for one in ids:
        _known(context, one)
    return Together(tuple(SetRecord("measurements", one, None) for one in ids))


def _known(context: Context, key: str) -> Measurement:
    found = context.twin.records["measurements"].get(key)
    if not isinstance(found, Measurement):
        raise UsageError(reason=f"there is no measurement {key!r}")
    return found
