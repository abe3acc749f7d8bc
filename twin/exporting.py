"""Copies of sources with what the project decided about them, written on demand by their format."""

from collections.abc import Mapping

from twin.errors import NotSupported
from twin.ports import Exporter, Feedback, registered
from twin.records import Placement

EXPORTERS: Mapping[str, Exporter] = registered("citytwin.exporters")
"""Format -> what writes its copies."""


def export_placed(
    format: str, location: str, target: str, placed: tuple[Placement, str], feedback: Feedback
) -> str:
    """Write a copy of a source that stands where it is placed; return the target. For a worker.

    ``placed`` is the placement and the vertical datum of its heights. Raises OpenError, CrsError,
    NotSaved; NotSupported for a format that cannot say where it stands.
    """
    exporter = EXPORTERS.get(format)
    if exporter is None:
        advice = f"Known are: {', '.join(sorted(EXPORTERS))}."
        raise NotSupported(location=location, what=f"a placed copy of {format}", advice=advice)
    placement, vertical = placed
    exporter.write(location, target, placement, vertical, feedback)
    return target
