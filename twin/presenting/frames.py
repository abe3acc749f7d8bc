"""Saved views and marks on the Earth: degrees and heights of files against the project's own frame.

GeoJSON counts heights above the WGS 84 ellipsoid (RFC 7946, 4), KML above mean sea level, EGM96 (OGC 07-147r2,
9.20). Where the project's datum is unknown, heights are written as they are, and that is said.
"""

from dataclasses import dataclass

import numpy as np

from twin.errors import UsageError
from twin.geometry import F64
from twin.georeference import ProjectFrame, undulation

ELLIPSOID, SEA, AS_IS = "ellipsoid", "sea", "as_is"
"""What heights of a file are above."""


@dataclass(frozen=True, slots=True)
class Earth:
    """The project's frame as a file sees it; ``heights`` is one of ELLIPSOID, SEA, AS_IS.

    ``ground`` metres stands where a file gives no height, or one above a ground that is not known.
    """

    frame: ProjectFrame
    heights: str
    ground: float = 0.0

    def out(self, points: F64) -> F64:
        """Return degrees and heights f64(n, 3) of project points f64(n, 3). Raises UsageError."""
        found = self.frame.lonlat(np.asarray(points, np.float64).reshape(-1, 3))
        if not np.isfinite(found).all():
            raise UsageError(reason="a place lies outside of the project's coordinate system")
        if self.heights == SEA:
            found[:, 2] -= undulation(found[:, 0], found[:, 1])
        return found

    def into(self, places: F64) -> F64:
        """Return project points f64(n, 3) of degrees and heights f64(n, 3). Raises UsageError."""
        found = np.array(places, np.float64).reshape(-1, 3)
        sound = np.isfinite(found).all() and (np.abs(found[:, 0]) <= 180).all()
        if not sound or not (np.abs(found[:, 1]) <= 90).all():
            raise UsageError(reason="longitude and latitude are not degrees on Earth")
        if self.heights == SEA:
            found[:, 2] += undulation(found[:, 0], found[:, 1])
        points = self.frame.from_lonlat(found)
        if not np.isfinite(points).all():
            raise UsageError(reason="a place lies outside of the project's coordinate system")
        return points


def earth_of(frame: ProjectFrame | None, heights: str, ground: float = 0.0) -> Earth:
    """Return the frame for a file whose heights are above something. Raises UsageError without a system."""
    if frame is None:
        raise UsageError(
            reason="the project names no coordinate system: place its layers on Earth first"
        )
    return Earth(frame, heights if frame.vertical else AS_IS, ground)
