"""Protected views: a fan from where people stand to a landmark, which no building may rise into."""

from dataclasses import dataclass

import numpy as np
import shapely

from twin.analyses.asking import asked
from twin.analyses.eyes import SHAPES, box_over, eyes_of, places_of, positive
from twin.analyses.findings import Findings
from twin.analyses.grounding import Ground
from twin.analyses.limiting import breaking
from twin.analyses.sight import Point
from twin.analyses.study import Study
from twin.analyses.surfaces import LimitSurface, Plane
from twin.analyses.things import Things
from twin.errors import UsageError
from twin.geometry import F64, Rows
from twin.jobs import Feedback

NEAREST = 1.0
"""Metres before an eye at which its fan begins."""


@dataclass(frozen=True)
class ViewCorridor:
    """Which buildings break the protected view from ``points`` (or a path) to a landmark?

    ``target`` is the middle of the lowest part that must be seen, ``width`` metres wide across the view.
    ``margin`` metres are kept free under the lines of sight. What reaches over the plane of these lines
    within the fan breaks the view. The ``layer`` and ``object`` of the landmark itself are left out.
    """

    points: tuple[Point, ...] = asked((), pick="points", unit="m")
    target: Point = asked((0.0, 0.0, 0.0), pick="point", unit="m")
    width: float = asked(30.0, low=0.1, high=100_000.0, unit="m")
    eye_height: float = asked(1.6, low=-100.0, high=1000.0, unit="m")
    margin: float = asked(0.0, low=-1000.0, high=1000.0, unit="m")
    shape: str = asked("points", choices=SHAPES)
    step: float = asked(10.0, low=0.1, high=10_000.0, unit="m")
    layer: str = asked("", pick="layer")
    object: str = asked("", pick="object")

    name = "view_corridor"

    def reach(self) -> F64:
        """Return the box of the fans."""
        places = np.concatenate([places_of(self.points), places_of((self.target,))])
        return box_over(places[:, :2], self.width)

    def run(self, study: Study, feedback: Feedback) -> Findings:
        """Answer. Raises UsageError, Cancelled."""
        positive(width=self.width)
        target = places_of((self.target,))[0]
        stands = eyes_of(places_of(self.points), self.shape, self.step, Ground(study))
        fans = [self._fan(stand + np.array([0, 0, self.eye_height]), target) for stand in stands]
        return breaking(study, fans, feedback, self._landmark(study))

    def _fan(self, eye: F64, target: F64) -> LimitSurface:
        """Return the plane through an eye and the lowest line to be seen, over the fan between them."""
        way = (target - eye)[:2]
        size = float(np.hypot(*way))
        if size <= 2 * NEAREST:
            raise UsageError(reason="a viewpoint and the landmark are one place in plan")
        ahead = way / size
        side = np.array([-ahead[1], ahead[0]]) * self.width / 2
        near = eye[:2] + ahead * NEAREST
        close = side * NEAREST / size
        corners = [near - close, target[:2] - side, target[:2] + side, near + close]
        gradient = ahead * float(target[2] - eye[2]) / size
        point = eye - np.array([0, 0, self.margin])
        return Plane(point, gradient, shapely.Polygon(corners))

    def _landmark(self, study: Study) -> Rows | None:
        if not self.object:
            return None
        number = study.number(self.layer)
        if number < 0:
            raise UsageError(reason=f"there is no layer {self.layer!r}: choose the landmark anew")
        row = study.layers[number].features.row_of(self.object)
        found = Things(study).drawn_as(number, row)
        return None if found < 0 else np.array([found], np.int32)
