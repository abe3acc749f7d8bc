"""Reference systems by name, and in which order a file writes its axes."""

import re
from dataclasses import dataclass

import numpy as np

from twin.errors import CrsError
from twin.geometry import F64
from twin.georeference import Crs, fits, parse_crs

DEGREE = 111_319.49
"""Metres in a degree of longitude at the equator, WGS 84."""
_SHORT = re.compile(r"^(EPSG|OGC)\s*:{1,2}\s*\w+$", re.I)


@dataclass(frozen=True, slots=True)
class System:
    """The coordinates of a file: ``crs`` and ``vertical`` as ``About`` wants them, '' = unknown.

    ``geographic``: degrees; ``swapped``: the file writes north before east. ``said`` is the name in
    the file.
    """

    said: str = ""
    crs: str = ""
    vertical: str = ""
    geographic: bool = False
    swapped: bool = False

    def ordered(self, points: F64) -> F64:
        """Return points f64(n, 3) as (east or longitude, north or latitude, height)."""
        return points[:, (1, 0, 2)] if self.swapped else points

    def metric(self, points: F64) -> F64:
        """Return ordered points in metres: degrees are stretched as at their middle."""
        return points * self.stretch(points) if self.geographic and len(points) else points

    def stretch(self, points: F64) -> F64:
        """Return metres per unit of each axis f64(3) about ordered points."""
        if not self.geographic or not len(points):
            return np.ones(3)
        latitude = np.radians(np.clip(np.nanmedian(points[:, 1]), -89.0, 89.0))
        return np.array([DEGREE * np.cos(latitude), DEGREE, 1.0])


def system_of(said: str, sample: F64 | None = None) -> System:
    """Return the system of a name, '' for an unknown one.

    ``sample`` f64(3): a point as the file writes it. Names of authorities (URN, URL) write
    geographic axes in the registry's order, latitude first; short ones (EPSG:4326) longitude first.
    Projected coordinates are east before north in practice, whatever the registry says. Where the
    system is meant to be used decides if only one order lies in it.
    """
    if not said:
        return System()
    try:
        known = parse_crs(said)
    except CrsError:
        return System(said)
    geographic = known.kind == "geographic"
    swapped = _north_first(said, known, sample)
    return System(said, known.horizontal, known.vertical, geographic, swapped)


def _north_first(said: str, known: Crs, sample: F64 | None) -> bool:
    """Return whether the file writes north before east: where the point fits in one order only, that one."""
    named = _SHORT.match(said) is None and "CRS84" not in said.upper()
    usual = named and known.kind == "geographic"
    if sample is None or not np.isfinite(sample).all():
        return usual
    flat = parse_crs(known.horizontal)
    straight, turned = fits(flat, sample), fits(flat, sample[[1, 0, 2]])
    return usual if straight == turned else turned
