"""The ground under places of a study: terrain, else the surface that has no objects, else what buildings stand on."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.analyses.rays import Caster
from twin.analyses.study import Bodies, Study
from twin.analyses.things import covering
from twin.features import Bool
from twin.geometry import F64

OVER = 10.0
"""Metres above the highest corner from which the ground is looked for."""
NUDGE = np.array([1.7e-5, 2.9e-5])
"""Metres by which a plumb line is moved, so that it passes no edge exactly."""


@dataclass(frozen=True)
class Ground:
    """Heights of the ground. ``kind``: terrain; surface (photogrammetry, roofs included; roads, land use);
    bases (the lowest points of buildings near); none."""

    study: Study

    @cached_property
    def kind(self) -> str:
        """Return what the heights come from."""
        if self.study.on_ground.any():
            return "terrain"
        if self._covering.any():
            return "surface"
        return "bases" if len(self.study.bodies) else "none"

    @property
    def note(self) -> str:
        """Return the code of what to bear in mind; '' with terrain."""
        return "" if self.kind == "terrain" else f"ground_{self.kind}"

    @cached_property
    def bodies(self) -> Bodies:
        """Return the triangles of the ground."""
        bodies = self.study.bodies
        return bodies.only(self.study.on_ground if self.kind == "terrain" else self._covering)

    @cached_property
    def _covering(self) -> Bool:
        """Return bool(t): surfaces without objects, and objects that cover the ground."""
        return covering(self.study)

    @cached_property
    def _caster(self) -> Caster:
        return Caster(self.bodies)

    @cached_property
    def _corners(self) -> F64:
        return self.bodies.corners()

    @cached_property
    def _feet(self) -> F64:
        """Return f64(k, 3): the middle and the lowest point of each object."""
        bodies = self.study.bodies
        corners = bodies.corners()
        key = bodies.layer.astype(np.int64) << 32 | (bodies.row.astype(np.int64) + 1)
        names, thing = np.unique(key, return_inverse=True)
        low = np.full(len(names), np.inf)
        np.minimum.at(low, thing, corners[:, :, 2].min(axis=1))
        count = np.bincount(thing, minlength=len(names))
        middle = [
            np.bincount(thing, corners[:, :, k].mean(axis=1), len(names)) / count for k in (0, 1)
        ]
        return np.stack([*middle, low], axis=1)

    def heights(self, places: F64) -> F64:
        """Return the height f64(n) of the ground at f64(n, 2 or 3), metres; NaN where there is none.

        The top of what lies there. From bases: that of the nearest object's lowest point.
        """
        if self.kind in ("terrain", "surface"):
            return drop(self._caster, self._corners, places)
        if self.kind == "none":
            return np.full(len(places), np.nan)
        return np.asarray(self._feet[nearest(self._feet[:, :2], places[:, :2]), 2])


def drop(caster: Caster, corners: F64, places: F64) -> F64:
    """Return the height f64(n) of the topmost triangle over or under places f64(n, 2 or 3); NaN = none.

    The triangle is found by a ray, the height reckoned from its corners f64(t, 3, 3) in full precision.
    """
    found = np.full(len(places), np.nan)
    if not len(corners) or not len(places):
        return found
    top = float(corners[:, :, 2].max()) + OVER
    eyes = np.column_stack([places[:, :2] + NUDGE, np.full(len(places), top)])
    down = np.tile(np.array([0.0, 0.0, -1.0]), (len(eyes), 1))
    distance, triangle = caster.first(eyes, down)
    hit = triangle >= 0
    exact = plane_heights(corners[triangle[hit]], places[hit, :2])
    rough = top - distance[hit]
    found[hit] = np.where(np.abs(exact - rough) < 0.5, exact, rough)
    return found


def plane_heights(corners: F64, places: F64) -> F64:
    """Return the heights f64(n) of the planes of triangles f64(n, 3, 3) at f64(n, 2); NaN on upright ones."""
    first, ab, ac = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    away = places - first[:, :2]
    det = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        u = (away[:, 0] * ac[:, 1] - away[:, 1] * ac[:, 0]) / det
        v = (ab[:, 0] * away[:, 1] - ab[:, 1] * away[:, 0]) / det
        return np.asarray(np.where(det == 0, np.nan, first[:, 2] + u * ab[:, 2] + v * ac[:, 2]))


def nearest(points: F64, places: F64) -> NDArray[np.intp]:
    """Return the number of the nearest of f64(k, 2), k > 0, to each of f64(n, 2)."""
    tree = shapely.STRtree(np.asarray(shapely.points(points), object))
    return np.asarray(tree.nearest(shapely.points(places)), np.intp)


def roofed(study: Study, place: F64) -> tuple[int, int] | None:
    """Return (layer number, row) of an object that a place f64(3) is inside of, by a plumb line upwards.

    An odd number of its triangles above the place: inside a closed body, or under a roof without floor.
    """
    bodies = study.bodies
    flat = bodies.positions[:, :2] - (place[:2] + NUDGE - bodies.origin[:2]).astype(np.float32)
    x, y = flat[:, 0][bodies.triangles], flat[:, 1][bodies.triangles]
    near = (x.min(axis=1) <= 0) & (x.max(axis=1) >= 0) & (y.min(axis=1) <= 0)
    near &= (y.max(axis=1) >= 0) & (bodies.row >= 0) & ~study.on_ground
    chosen = np.flatnonzero(near)
    corners = bodies.positions[bodies.triangles[chosen]].astype(np.float64) + bodies.origin
    inside = _over(corners[:, :, :2], place[:2] + NUDGE)
    at = np.tile(place[:2] + NUDGE, (int(inside.sum()), 1))
    above = chosen[inside][plane_heights(corners[inside], at) > place[2]]
    keys = np.stack([bodies.layer[above].astype(np.int64), bodies.row[above].astype(np.int64)], 1)
    things, counts = np.unique(keys, axis=0, return_counts=True)
    odd = things[counts % 2 == 1]
    return (int(odd[0, 0]), int(odd[0, 1])) if len(odd) else None


def _over(plan: F64, place: F64) -> Bool:
    """Return which triangles f64(t, 3, 2) hold a place f64(2) in plan."""
    away = plan - place
    after = np.roll(away, -1, axis=1)
    turn = away[:, :, 0] * after[:, :, 1] - away[:, :, 1] * after[:, :, 0]
    return np.asarray((turn > 0).all(axis=1) | (turn < 0).all(axis=1))
