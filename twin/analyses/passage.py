"""The highest of all surfaces along a way: what a camera must fly over. Asked by flights, not by people."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from twin.analyses.findings import Findings, Marks
from twin.analyses.study import Study
from twin.geometry import F64
from twin.ground import Surface
from twin.jobs import Feedback

MARGIN = 5.0
"""Metres round the places whose geometry is asked for."""
TALLEST = 1e4
"""Metres above and below that count."""
MARK = "surface"


@dataclass(frozen=True)
class Passage:
    """The height of the highest surface at places (x, y) of the project frame, metres.

    The answer is one mark, ``MARK``: points f64(n, 1, 3); z is -inf where there is nothing.
    """

    places: tuple[tuple[float, float], ...] = ()
    name: ClassVar[str] = "passage"
    heavy: ClassVar[bool] = False

    def reach(self) -> F64 | None:
        """Return the box f64(6) round the places."""
        xy = np.array(self.places, np.float64).reshape(-1, 2)
        if not len(xy):
            return None
        low, high = xy.min(axis=0) - MARGIN, xy.max(axis=0) + MARGIN
        return np.array([*low, -TALLEST, *high, TALLEST])

    def run(self, study: Study, feedback: Feedback) -> Findings:
        """Look down on the finest triangles at every place."""
        feedback.check()
        xy = np.array(self.places, np.float64).reshape(-1, 2)
        high = Surface(study.bodies.corners()).heights(xy)
        found = np.column_stack([xy, np.where(np.isfinite(high), high, -np.inf)])
        return Findings(marks=(Marks(MARK, "points", found[:, None, :]),))
