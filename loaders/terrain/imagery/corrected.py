"""Imagery in GCJ-02 put back to its place: what is asked for at a place is looked up where GCJ-02 has it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from loaders._ellipsoid import A
from twin.errors import NotSupported
from twin.geometry import F64, U8
from twin.georeference.crs import WGS84
from twin.georeference.frames import plane
from twin.georeference.gcj02 import from_gcj02, to_gcj02
from twin.imagery import GCJ02
from twin.maintenance.telling import problem
from twin.ports import Feedback
from twin.records import Problem

MERCATOR = "EPSG:3857"
SAID = "GCJ-02 → WGS 84"
"""Stands behind the attribution, wherever that stands."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """Imagery whose places are those of WGS 84, though ``inner`` has its pixels in GCJ-02."""

    inner: Any
    location: str

    @property
    def crs(self) -> str:
        """Return the system of its plane."""
        return str(self.inner.crs)

    @property
    def finest(self) -> float:
        """Return metres in a pixel where it is finest."""
        return float(self.inner.finest)

    @property
    def unit(self) -> float:
        """Return metres in a unit of its plane."""
        return float(self.inner.unit)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Return least and greatest x and y of its plane, moved with its pixels; room is left for the bend."""
        x0, y0, x1, y1 = self.inner.extent
        steps = np.linspace(0, 1, 9)
        grid = np.stack(np.meshgrid(x0 + steps * (x1 - x0), y0 + steps * (y1 - y0)), -1)
        moved = self._moved(grid, back=True)
        low, high = moved.min(axis=(0, 1)), moved.max(axis=(0, 1))
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @property
    def credit(self) -> str:
        """Return the attribution, and that it is corrected."""
        return " · ".join(part for part in (self.inner.credit, SAID) if part)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what a user must know of it: that its place comes from a formula."""
        told = [item for item in self.inner.problems if item.code != "imagery.gcj02"]
        return (*told, problem("imagery.corrected", location=self.location))

    def colors(self, places: F64, spacing: float, feedback: Feedback) -> U8:
        """Return RGBA u8(h, w, 4) at places f64(h, w, 2) of its plane. Raises OpenError, Cancelled."""
        found: U8 = self.inner.colors(self._moved(places), spacing, feedback)
        return found

    def _moved(self, places: F64, *, back: bool = False) -> F64:
        """Return places f64(..., 2) of the plane moved to where GCJ-02 has them, or back from there."""
        move = from_gcj02 if back else to_gcj02
        if self.crs == MERCATOR:
            lon = np.degrees(places[..., 0] / A)
            lat = np.degrees(2 * np.arctan(np.exp(places[..., 1] / A)) - np.pi / 2)
            lon, lat = np.moveaxis(move(np.stack([lon, lat], -1)), -1, 0)
            y = np.arctanh(np.sin(np.radians(lat)))
            return np.stack([np.radians(lon), y], -1) * A
        there, here = plane(self.crs, WGS84)[0], plane(WGS84, self.crs)[0]
        degrees = np.stack(there.transform(places[..., 0], places[..., 1]), -1)
        return np.stack(here.transform(*np.moveaxis(move(degrees), -1, 0)), -1)


def corrected(inner: Any, datum: str, location: str) -> Any:
    """Return imagery that is known to be in a datum at its place on WGS 84. Raises NotSupported."""
    if not datum:
        return inner
    if datum != GCJ02:
        advice = f"Write #datum={GCJ02}, or nothing."
        raise NotSupported(location=location, what=f"a datum {datum!r} of imagery", advice=advice)
    return Corrected(inner, location)
