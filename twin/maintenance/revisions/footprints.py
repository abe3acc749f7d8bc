"""Footprints of many objects from their triangles, and what tells a footprint in one line of text.

A closed body covers with the faces that look down exactly what it covers with all: only those are joined,
which are fewer. What is open below (a mesh without a floor, a surface) is joined whole.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.features import Bool
from twin.geometry import F32, F64, Rows
from twin.jobs import SILENT, Feedback
from twin.measuring.plan import GRID, Shapes2D, areas, joined_each

UPRIGHT = 0.01
"""Share of its area that a triangle must cover in plan: less is a wall, whose corners are rounded."""
SPECK = 1e-6
"""Square metres in plan below which a triangle is nothing."""
CLOSED = 0.02
"""Share by which what looks up and what looks down may differ in a body that is closed."""
FINGER = 0.01
"""Metres to which corners are rounded in a fingerprint (MAINTENANCE.md 7.5)."""


@dataclass
class Plans:
    """Gathers triangles seen from above, by object: 28 bytes each. ``about`` f64(n, 3): the middles from
    which they are counted."""

    about: F64
    _plan: list[F32] = field(default_factory=list)
    _rows: list[Rows] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start with nothing."""
        self._sums = np.zeros((len(self.about), 4))

    def add(self, corners: F64, area: F64, some: Rows, at: NDArray[np.integer[Any]]) -> None:
        """Add triangles f64(t, 3, 3) counted from their objects' middles; ``area`` f64(t) is in space,
        ``some[at]`` their rows."""
        n = len(some)
        plan = corners[:, :, :2]
        seen = areas(plan)
        lying = (np.abs(seen) > SPECK) & (np.abs(seen) > UPRIGHT * area)
        plan, seen, at = plan[lying], seen[lying], at[lying]
        height = corners[lying, :, 2].mean(axis=1)
        for column, side in ((0, seen > 0), (2, seen < 0)):
            weight = np.where(side, np.abs(seen), 0.0)
            self._sums[some, column] += np.bincount(at, weight, n)
            self._sums[some, column + 1] += np.bincount(at, weight * height, n)
        self._plan.append(plan.astype(np.float32))
        self._rows.append(some[at].astype(np.int32))

    def footprints(self, feedback: Feedback = SILENT) -> Shapes2D:
        """Return polygons object(n) in the frame of the middles, corners rounded to a millimetre; empty
        without a surface. Holes stay. Raises Cancelled."""
        n = len(self.about)
        plan = np.concatenate([np.zeros((0, 3, 2), np.float32), *self._plan])
        rows = np.concatenate([np.zeros(0, np.int32), *self._rows])
        use = self._wanted(plan, rows)
        plan, rows = plan[use], rows[use]
        whole = np.round((plan + self.about[rows][:, None, :2]) / GRID) * GRID
        there = np.abs(areas(whole)) > SPECK
        return joined_each(rows[there], whole[there], n, feedback)

    def _wanted(self, plan: F32, rows: Rows) -> Bool:
        """Return bool(t): all triangles, of closed bodies those of the lower side."""
        up, up_high, down, down_high = self._sums.T
        with np.errstate(invalid="ignore", divide="ignore"):
            closed = np.abs(up - down) <= CLOSED * np.maximum(up, down)
            below = np.where(down_high / down <= up_high / up, -1, 1)
        side = np.sign(areas(plan))
        return np.asarray(~closed[rows] | (side == below[rows]), np.bool_)


def fingerprints(shapes: Shapes2D) -> list[str]:
    """Return, per polygon, the SHA-256 of its corners in plan: distinct, sorted, rounded to 10 mm, as
    64-bit whole centimetres, low byte first; '' without corners. MAINTENANCE.md 7.5: equal ones are a
    shortcut for *surely unchanged*, different ones prove nothing."""
    corners, rows = shapely.get_coordinates(shapes, return_index=True)
    whole = np.round(corners / FINGER).astype("<i8")
    order = np.lexsort((whole[:, 1], whole[:, 0], rows))
    whole, rows = whole[order], rows[order]
    again = np.zeros(len(rows), np.bool_)
    again[1:] = (rows[1:] == rows[:-1]) & (whole[1:] == whole[:-1]).all(axis=1)
    whole, rows = np.ascontiguousarray(whole[~again]), rows[~again]
    stop = np.searchsorted(rows, np.arange(len(shapes)), "right").tolist()
    content, start, found = whole.tobytes(), 0, []
    for end in stop:
        some = content[16 * start : 16 * end]
        found.append(hashlib.sha256(some).hexdigest() if some else "")
        start = end
    return found
