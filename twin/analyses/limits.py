"""Limit surfaces of planning and aviation: plane, incline, cone, approach, step-back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from twin.analyses.asking import asked
from twin.analyses.building_heights import heights_of
from twin.analyses.eyes import box_over, places_of, polygon_of, positive
from twin.analyses.findings import Findings
from twin.analyses.grounding import Ground
from twin.analyses.limiting import breaking, everywhere
from twin.analyses.sight import Point
from twin.analyses.study import Study
from twin.analyses.surfaces import Cone, Front, LimitSurface, Plane, circle
from twin.analyses.things import Things
from twin.errors import UsageError
from twin.geometry import F64
from twin.jobs import Feedback

Points = tuple[Point, ...]
ABOVE = ("datum", "ground")
CODE_4: Mapping[str, float] = {
    "offset": 60.0, "inner_width": 280.0, "divergence": 15.0, "slope": 2.0, "length": 3_000.0,
    "slope_2": 2.5, "length_2": 3_600.0, "length_3": 8_400.0,
}  # fmt: skip
"""Approach surface of a precision runway, code 4 (ICAO Annex 14 volume I, table 4-1): metres, per cent."""


def _region(area: Points) -> shapely.Polygon | None:
    return polygon_of(places_of(area)) if area else None


def _box(region: BaseGeometry | None) -> F64 | None:
    if region is None:
        return None
    return box_over(np.array(region.bounds).reshape(2, 2))


def _finite(point: Point) -> F64:
    return np.asarray(places_of((point,))[0], np.float64)


def bearing_of(azimuth: float) -> F64:
    """Return the direction f64(2) of an azimuth, degrees clockwise from the grid's north."""
    turn = np.radians(azimuth)
    return np.array([np.sin(turn), np.cos(turn)])


@dataclass(frozen=True)
class HeightLimit:
    """Which buildings are higher than ``height`` metres above the datum or above their own ground?

    ``area``: corners of a polygon; none = everywhere.
    """

    height: float = asked(35.0, low=-12_000.0, high=12_000.0, unit="m")
    above: str = asked("ground", choices=ABOVE)
    area: Points = asked((), pick="area", unit="m")

    name = "height_limit"

    def reach(self) -> F64 | None:
        """Return the box of the area."""
        return _box(_region(self.area))

    def run(self, study: Study, feedback: Feedback) -> Findings:
        """Answer. Raises UsageError, Cancelled."""
        if self.above not in ABOVE:
            raise UsageError(reason=f"{self.above!r} is none of {', '.join(ABOVE)}")
        if not np.isfinite(self.height):
            raise UsageError(reason="the height must be a finite number of metres")
        region = _region(self.area) or everywhere(study.bodies.origin)
        level = Plane(np.array([0, 0, self.height]), np.zeros(2), region)
        if self.above == "datum":
            return breaking(study, [level], feedback)
        things, ground = Things(study), Ground(study)
        heights = heights_of(things, ground, "lowest", feedback)
        own = np.zeros(len(things))
        own[heights.numbers] = heights.ground
        found = breaking(study, [level], feedback, own=own)
        notes = () if ground.kind == "terrain" else ("own_base",)
        return replace(found, notes=(*found.notes, *notes))


@dataclass(frozen=True)
class InclinedLimit:
    """Which buildings rise over a plane through ``point`` that rises by ``slope`` % towards ``azimuth``?"""

    point: Point = asked((0.0, 0.0, 0.0), pick="point", unit="m")
    azimuth: float = asked(0.0, low=-360.0, high=360.0, unit="°")
    slope: float = asked(100.0, low=-10_000.0, high=10_000.0, unit="%")
    area: Points = asked((), pick="area", unit="m")

    name = "inclined_limit"

    def reach(self) -> F64 | None:
        """Return the box of the area."""
        return _box(_region(self.area))

    def run(self, study: Study, feedback: Feedback) -> Findings:
        """Answer. Raises UsageError, Cancelled."""
        point = _finite(self.point)
        gradient = bearing_of(self.azimuth) * self.slope / 100
        region = _region(self.area) or everywhere(point)
        return breaking(study, [Plane(point, gradient, region)], feedback)


@dataclass(frozen=True)
class ConeLimit:
    """Which buildings rise over a cone, as round an airport or an antenna?

    Level within ``inner`` metres of ``point``, then rising by ``slope`` % up to ``radius``.
    """

    point: Point = asked((0.0, 0.0, 0.0), pick="point", unit="m")
    inner: float = asked(0.0, low=0.0, high=1_000_000.0, unit="m")
    slope: float = asked(5.0, low=-10_000.0, high=10_000.0, unit="%")
    radius: float = asked(2_000.0, low=0.0, high=1_000_000.0, unit="m")

    name = "cone_limit"

    def reach(self) -> F64:
        """Return the box of the cone."""
        return box_over(_finite(self.point)[None, :2], self.radius)

    def run(self, study: Study, feedback: Feedback) -> Findings:
        """Answer. Raises UsageError, Cancelled."""
        positive(radius=self.radius)
        if self.slope < 0 or not 0 <= self.inner < self.radius:
            raise UsageError(
                reason="the slope must not fall, and the inner radius must be the smaller"
            )
        point = _finite(self.point)
        region = shapely.Polygon(circle(point[:2], self.radius))
        return breaking(study, [Cone(point, self.inner, self.slope / 100, region)], feedback)


@dataclass(frozen=True)
class ApproachLimit:
    """Which buildings rise over the approach to a runway, in up to three sections?

    ``threshold`` is the end of the runway, ``azimuth`` points away from it. The surface begins ``offset``
    metres out, ``inner_width`` wide, and widens by ``divergence`` % to each side. It rises by ``slope``
    % for ``length`` metres, by ``slope_2`` for ``length_2``, then is level for ``length_3``.
    """

    threshold: Point = asked((0.0, 0.0, 0.0), pick="point", unit="m")
    azimuth: float = asked(0.0, low=-360.0, high=360.0, unit="°")
    offset: float = asked(CODE_4["offset"], low=0.0, high=1_000_000.0, unit="m")
    inner_width: float = asked(CODE_4["inner_width"], low=0.0, high=1_000_000.0, unit="m")
    divergence: float = asked(CODE_4["divergence"], low=0.0, high=10_000.0, unit="%")
    slope: float = asked(CODE_4["slope"], low=0.0, high=10_000.0, unit="%")
    length: float = asked(CODE_4["length"], low=0.0, high=1_000_000.0, unit="m")
    slope_2: float = asked(CODE_4["slope_2"], low=0.0, high=10_000.0, unit="%")
    length_2: float = asked(CODE_4["length_2"], low=0.0, high=1_000_000.0, unit="m")
    length_3: float = asked(CODE_4["length_3"], low=0.0, high=1_000_000.0, unit="m")

    name = "approach_limit"

    def surfaces(self) -> list[LimitSurface]:
        """Return the sections. Raises UsageError."""
        positive(length=self.length, inner_width=self.inner_width)
        if min(self.length_2, self.length_3, self.divergence, self.slope, self.slope_2) < 0:
            raise UsageError(
                reason="lengths, slopes and divergence of an approach must not be negative"
            )
        threshold, way = _finite(self.threshold), bearing_of(self.azimuth)
        side = np.array([way[1], -way[0]])
        start, height, found = self.offset, float(threshold[2]), []
        for slope, length in (
            (self.slope, self.length),
            (self.slope_2, self.length_2),
            (0.0, self.length_3),
        ):
            if length <= 0:
                continue
            corners = [
                threshold[:2] + way * at + side * sign * self._half(at)
                for at, sign in (
                    (start, -1),
                    (start, 1),
                    (start + length, 1),
                    (start + length, -1),
                )
            ]
            point = np.array([*(threshold[:2] + way * start), height])
            found.append(Plane(point, way * slope / 100, shapely.Polygon(corners)))
            start, height = start + length, height + slope / 100 * length
        return list(found)

    def _half(self, at: float) -> float:
        return self.inner_width / 2 + (at - self.offset) * self.divergence / 100

    def reach(self) -> F64 | None:
        """Return the box of all sections."""
        return _box(shapely.union_all([one.region for one in self.surfaces()]))

    def run(self, study: Study, feedback: Feedback) -> Findings:
        """Answer. Raises UsageError, Cancelled."""
        return breaking(study, self.surfaces(), feedback)


@dataclass(frozen=True)
class StepBackLimit:
    """Which buildings rise over an eaves line and the step-back behind it?

    ``front``: points of the building line, buildings to the left of its direction. ``eaves`` metres
    above the front's own heights are allowed on it, and ``angle`` degrees behind it, ``depth`` metres deep.
    """

    front: Points = asked((), pick="path", unit="m")
    eaves: float = asked(12.0, low=0.0, high=1000.0, unit="m")
    angle: float = asked(45.0, low=0.0, high=89.9, unit="°")
    depth: float = asked(30.0, low=0.1, high=10_000.0, unit="m")

    name = "step_back_limit"

    def surfaces(self) -> list[LimitSurface]:
        """Return a surface for each part of the front. Raises UsageError."""
        positive(depth=self.depth)
        if not 0 <= self.angle < 90:
            raise UsageError(reason="the angle must be 0 to less than 90 degrees")
        points = places_of(self.front, 2)
        slope, found = float(np.tan(np.radians(self.angle))), []
        for start, end in pairwise(points):
            way = end[:2] - start[:2]
            size = float(np.hypot(*way))
            if size <= 0:
                continue
            left = np.array([-way[1], way[0]]) / size * self.depth
            region = shapely.Polygon([start[:2], end[:2], end[:2] + left, start[:2] + left])
            level = float(min(start[2], end[2])) + self.eaves
            found.append(Front(np.stack([start[:2], end[:2]]), level, slope, region))
        if not found:
            raise UsageError(reason="the points of the path are one place")
        return list(found)

    def reach(self) -> F64 | None:
        """Return the box of the front and what lies behind it."""
        return _box(shapely.union_all([one.region for one in self.surfaces()]))

    def run(self, study: Study, feedback: Feedback) -> Findings:
        """Answer. Raises UsageError, Cancelled."""
        return breaking(study, self.surfaces(), feedback)
