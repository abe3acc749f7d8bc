"""Cheap stand-ins for an exact map over one tile: affine, else quadratic, each verified."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from twin.geometry import F64

TOLERANCE = 0.001
"""Metres: the farthest vertices of a tile may be off by this much."""
Move = Callable[[F64], F64]


@dataclass(frozen=True, slots=True)
class Local:
    """A polynomial map about ``center`` f64(3): ``offset + terms @ coefficients``.

    ``coefficients`` f64(3, 3) (affine) or f64(9, 3) (quadratic) act on (p - center) / reach and the
    products of its parts; ``reach`` f64(3) is the half size of the tile; ``misfit`` is the largest error seen, in metres.
    """

    center: F64
    reach: F64
    offset: F64
    coefficients: F64
    misfit: float

    def __call__(self, points: F64) -> F64:
        """Return the moved points f64(n, 3), float64."""
        return self.offset + _terms(
            (points - self.center) / self.reach, len(self.coefficients)
        ) @ (self.coefficients)

    def jacobian(self, points: F64) -> F64:
        """Return the derivative f64(n, 3, 3) at points f64(n, 3): moved = J @ vector."""
        linear = np.broadcast_to(self.coefficients[:3].T / self.reach, (len(points), 3, 3))
        if len(self.coefficients) == 3:
            return linear
        u = (points - self.center) / self.reach
        slope = np.zeros((len(points), 3, 6))
        for axis in range(3):
            slope[:, axis, axis] = 2 * u[:, axis]
        for column, (a, b) in enumerate(((0, 1), (0, 2), (1, 2)), start=3):
            slope[:, a, column] = u[:, b]
            slope[:, b, column] = u[:, a]
        bent = np.einsum("nak,kj->nja", slope, self.coefficients[3:])
        return np.asarray(linear + bent / self.reach, np.float64)


def _terms(u: F64, count: int) -> F64:
    if count == 3:
        return u
    terms = np.empty((len(u), 9))
    terms[:, :3] = u
    np.multiply(u, u, out=terms[:, 3:6])
    np.multiply(u[:, :1], u[:, 1:], out=terms[:, 6:8])
    np.multiply(u[:, 1], u[:, 2], out=terms[:, 8])
    return terms


def extent(points: Any) -> F64:
    """Return the box f64(6) of points (n, 3); column by column, ten times as fast as by axis."""
    columns = [points[:, axis] for axis in range(3)]
    ends = [column.min() for column in columns] + [column.max() for column in columns]
    return np.array(ends, np.float64)


def grid(box: F64, steps: int) -> F64:
    """Return steps**3 points f64(n, 3) that fill a box f64(6), its corners included."""
    parts = np.linspace(0.0, 1.0, steps)
    unit = np.stack(np.meshgrid(parts, parts, parts, indexing="ij"), axis=-1).reshape(-1, 3)
    return np.asarray(box[:3] + unit * (box[3:] - box[:3]), np.float64)


def fit(
    move: Move, box: F64, samples: F64, floor: F64, tolerance: float = TOLERANCE
) -> Local | None:
    """Return the affine map of a tile, else the quadratic one, else None when neither is good.

    ``box`` f64(6) holds the tile; the map is fitted to exact points of it and verified on other
    points: another grid and ``samples`` f64(n, 3), the tile's farthest vertices. ``floor`` f64(3)
    is the least half size to fit over (flat tiles), in the source's units.
    """
    half = np.maximum((box[3:] - box[:3]) / 2, floor)
    center = (box[:3] + box[3:]) / 2
    box = np.concatenate([center - half, center + half])
    tests = np.concatenate([grid(box, 4), samples])
    known = grid(box, 5)
    exact = move(np.concatenate([known, tests]))
    if not np.isfinite(exact).all():
        return None
    for count in (3, 9):
        found = _solved(known, exact[: len(known)], (center, half), count)
        misfit = float(np.abs(found(tests) - exact[len(known) :]).max())
        if misfit <= tolerance:
            return Local(found.center, found.reach, found.offset, found.coefficients, misfit)
    return None


def _solved(known: F64, exact: F64, place: tuple[F64, F64], count: int) -> Local:
    center, reach = place
    middle = exact[len(exact) // 2]
    terms = _terms((known - center) / reach, count)
    design = np.column_stack([np.ones(len(terms)), terms])
    solved = np.linalg.lstsq(design, exact - middle, rcond=None)[0]
    return Local(center, reach, middle + solved[0], solved[1:], 0.0)
