"""Cut and fill: what has to be dug off and put on between two grounds, or a ground and a level."""

from dataclasses import dataclass

import numpy as np

from twin.analyses.asking import asked
from twin.analyses.eyes import box_over, places_of, polygon_of, positive
from twin.analyses.findings import Findings, Marks
from twin.analyses.grids import Grid, grid_over
from twin.analyses.grounding import drop
from twin.analyses.rays import Caster
from twin.analyses.sight import Point
from twin.analyses.study import Study
from twin.errors import UsageError
from twin.features import Bool
from twin.geometry import F64
from twin.jobs import Feedback

SEEN = 0.005
"""Metres of rise or fall below which nothing is drawn."""


@dataclass(frozen=True)
class CutFill:
    """How much is cut and filled within ``area`` (corners of a polygon) to come from one ground to another?

    ``before`` and ``after`` are layers by id; without ``after`` it is a plane at ``level`` metres above
    the datum, without ``before`` the terrain. Cells of ``grid`` metres.
    """

    area: tuple[Point, ...] = asked((), pick="area", unit="m")
    before: str = asked("", pick="layer")
    after: str = asked("", pick="layer")
    level: float = asked(0.0, low=-12_000.0, high=12_000.0, unit="m")
    grid: float = asked(1.0, low=0.05, high=1000.0, unit="m")

    name = "cut_fill"

    def reach(self) -> F64:
        """Return the box of the area."""
        return box_over(np.array(polygon_of(places_of(self.area)).bounds).reshape(2, 2))

    def run(self, study: Study, feedback: Feedback) -> Findings:
        """Answer. Raises UsageError, Cancelled."""
        positive(grid=self.grid)
        if not np.isfinite(self.level):
            raise UsageError(reason="the level must be a finite number of metres")
        grid = grid_over(polygon_of(places_of(self.area)), self.grid)
        inside = grid.area > 0
        old = self._heights(study, self.before, grid.middles)
        feedback.check()
        feedback.progress(0.5)
        new = (
            self._heights(study, self.after, grid.middles)
            if self.after
            else np.full(len(grid.area), self.level)
        )
        known = inside & ~np.isnan(old) & ~np.isnan(new)
        if not known.any():
            raise UsageError(reason="there is no ground in the area: choose another area or layer")
        rise = (new - old)[known]
        size = grid.area[known]
        figures = {
            "cut": float((np.maximum(-rise, 0) * size).sum()),
            "fill": float((np.maximum(rise, 0) * size).sum()),
            "area": float(grid.area.sum()),
            "deepest_cut": float(np.maximum(-rise, 0).max()),
            "highest_fill": float(np.maximum(rise, 0).max()),
        }
        figures["balance"] = figures["fill"] - figures["cut"]
        missing = float(grid.area[inside & ~known].sum())
        if missing > 0:
            figures["area_unknown"] = missing
        units = {"area": "m²", "area_unknown": "m²", "deepest_cut": "m", "highest_fill": "m"}
        return Findings(
            figures,
            {name: units.get(name, "m³") for name in figures},
            marks=(_marks(grid, new - old, np.maximum(old, new), known),),
            notes=("holes",) if missing > 0 else (),
        )

    def _heights(self, study: Study, layer: str, places: F64) -> F64:
        """Return the heights f64(n) of a layer, or of the terrain, at places f64(n, 2)."""
        mine = study.on_ground
        if layer:
            number = study.number(layer)
            if number < 0:
                raise UsageError(reason=f"there is no layer {layer!r}")
            mine = study.bodies.layer == number
        bodies = study.bodies.only(mine)
        if not len(bodies):
            raise UsageError(
                reason="there is no terrain: open one, or choose a layer as the ground"
            )
        return drop(Caster(bodies), bodies.corners(), places)


def _marks(grid: Grid, rise: F64, top: F64, known: Bool) -> Marks:
    """Draw the cells f64(c) whose ground rises or falls, at the higher of both heights."""
    drawn = known & (np.abs(rise) > SEEN)
    most = float(np.abs(rise[known]).max())
    tiles = grid.triangles(drawn, top[drawn] + 0.05)
    return Marks("rise", "areas", tiles, np.repeat(rise[drawn], 2), (-most, most), "m")
