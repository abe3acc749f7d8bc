"""The ground of a study: how high the terrain lies under a place."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from twin.analyses.rays import Caster
from twin.analyses.study import Bodies, Study
from twin.geometry import F64

ABOVE = 10.0
"""Metres above the highest terrain from which it is looked down on."""


@dataclass(frozen=True)
class Ground:
    """The terrain of a study, as triangles; there may be none (``known`` False)."""

    bodies: Bodies

    @staticmethod
    def of(study: Study) -> "Ground":
        """Return the terrain of a study."""
        return Ground(study.bodies.only(study.on_ground))

    @property
    def known(self) -> bool:
        """Return whether there is terrain."""
        return len(self.bodies) > 0

    @cached_property
    def _caster(self) -> Caster:
        return Caster(self.bodies)

    def below(self, places: F64) -> F64:
        """Return the height f64(n) of the terrain at places f64(n, 2 or 3), NaN where there is none."""
        if not self.known or not len(places):
            return np.full(len(places), np.nan)
        used = self.bodies.positions[self.bodies.triangles, 2]
        top = float(used.max()) + float(self.bodies.origin[2]) + ABOVE
        eyes = np.column_stack([places[:, 0], places[:, 1], np.full(len(places), top)])
        sound = np.isfinite(eyes).all(axis=1)
        found = np.full(len(places), np.nan)
        down = np.tile(np.array([0.0, 0.0, -1.0]), (int(sound.sum()), 1))
        distance, _ = self._caster.first(eyes[sound], down)
        found[sound] = np.where(np.isfinite(distance), top - distance, np.nan)
        return found
