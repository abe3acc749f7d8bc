"""Flood level: how deep water of a level stands over the ground and at buildings."""

from dataclasses import dataclass

import numpy as np
import shapely

from twin.analyses.asking import asked
from twin.analyses.building_heights import Heights, heights_of
from twin.analyses.eyes import box_over, places_of, polygon_of, positive
from twin.analyses.findings import Findings, Marks, Sheet
from twin.analyses.grids import Grid, grid_over, reached
from twin.analyses.grounding import Ground
from twin.analyses.sight import Point
from twin.analyses.study import Study
from twin.analyses.things import Things
from twin.errors import UsageError
from twin.features import Bool
from twin.geometry import F64
from twin.jobs import Feedback


@dataclass(frozen=True)
class FloodLevel:
    """What does water at ``level`` metres above the datum cover?

    ``area``: corners of a polygon; none = all of the ground. With ``sources`` only ground counts that
    water reaches from one of them over wet cells of ``grid`` metres; without them all that lies lower.
    """

    level: float = asked(0.0, low=-12_000.0, high=12_000.0, unit="m")
    area: tuple[Point, ...] = asked((), pick="area", unit="m")
    sources: tuple[Point, ...] = asked((), pick="points", unit="m")
    grid: float = asked(5.0, low=0.05, high=1000.0, unit="m")

    name = "flood_level"

    def reach(self) -> F64 | None:
        """Return the box of the area."""
        if not self.area:
            return None
        return box_over(np.array(polygon_of(places_of(self.area)).bounds).reshape(2, 2))

    def run(self, study: Study, feedback: Feedback) -> Findings:
        """Answer. Raises UsageError, Cancelled."""
        positive(grid=self.grid)
        if not np.isfinite(self.level):
            raise UsageError(reason="the level must be a finite number of metres")
        ground, things = Ground(study), Things(study)
        region = polygon_of(places_of(self.area)) if self.area else _all_of(study)
        if region is None:
            return Findings({"objects": 0.0}, notes=("no_bodies",))
        grid = grid_over(region, self.grid)
        feedback.progress(0.2)
        bed = (
            ground.heights(grid.middles)
            if ground.kind == "terrain"
            else np.full(len(grid.area), np.nan)
        )
        wet = (bed < self.level) & (grid.area > 0)
        if self.sources and ground.kind == "terrain":
            wet = reached(wet, places_of(self.sources)[:, :2], grid)
        feedback.progress(0.5)
        heights = heights_of(things, ground, "lowest", feedback)
        depth = self._depths(things, heights, grid, wet, region)
        if self.sources and ground.kind != "terrain":
            depth[:] = np.maximum(
                depth, 0
            )  # nothing tells the way of the water: all that lies lower
        return self._told(study, things, _Flooded(heights, depth, grid, bed, wet, ground.kind))

    def _depths(
        self, things: Things, heights: Heights, grid: Grid, wet: Bool, region: shapely.Geometry
    ) -> F64:
        """Return the depth f64(k) of water at buildings; 0 where none reaches them, NaN outside."""
        box = things.boxes[heights.numbers]
        plans = shapely.box(box[:, 0], box[:, 1], box[:, 3], box[:, 4])
        depth = np.maximum(self.level - heights.ground, 0)
        if self.sources and wet.any():
            near = shapely.STRtree(np.asarray(shapely.points(grid.middles[wet]), object))
            hit = near.query(plans, predicate="dwithin", distance=grid.size * np.sqrt(2))
            touched = np.zeros(len(depth), np.bool_)
            touched[hit[0]] = True
            depth[~touched] = 0
        elif self.sources:
            depth[:] = 0
        depth[~shapely.intersects(region, plans)] = np.nan
        return depth

    def _told(self, study: Study, things: Things, found: "_Flooded") -> Findings:
        inside = ~np.isnan(found.depth)
        numbers, depth = found.heights.numbers[inside], found.depth[inside]
        wet = depth > 0
        figures = things.counts(numbers, wet, "objects_wet", "buildings_wet")
        if wet.any():
            figures["deepest_object"] = float(depth.max())
        units = {"deepest_object": "m", "area_wet": "m²", "volume_water": "m³", "deepest": "m"}
        marks: tuple[Marks, ...] = ()
        if found.kind == "terrain":
            figures |= found.water(self.level)
            marks = found.marks(self.level)
        notes = (
            ("own_base", found.kind != "terrain"), ("no_datum", not study.vertical),
            ("no_terrain_water", found.kind != "terrain"), ("connected", bool(self.sources)),
        )  # fmt: skip
        return Findings(
            figures,
            {name: unit for name, unit in units.items() if name in figures},
            (self._sheet(study, things, found),),
            marks,
            things.values("depth", numbers, depth, "m"),
            things.used(numbers),
            tuple(note for note, wanted in notes if wanted),
        )

    def _sheet(self, study: Study, things: Things, found: "_Flooded") -> Sheet:
        numbers = found.heights.numbers.tolist()
        order = [n for n in np.argsort(-found.depth, kind="stable").tolist() if found.depth[n] > 0]
        rows = [
            (
                things.title(numbers[n]), things.kind(numbers[n]), study.layers[int(things.layer[numbers[n]])].title,
                float(found.heights.ground[n]), float(found.depth[n]),
            )
            for n in order
        ]  # fmt: skip
        keys = [things.key(numbers[n]) for n in order]
        return Sheet(
            "wet",
            ("object", "kind", "layer", "ground", "depth"),
            ("", "", "", "m", "m"),
            rows,
            keys,
        )


def _all_of(study: Study) -> shapely.Polygon | None:
    """Return the rectangle of the ground, without terrain that of everything."""
    bodies = study.bodies
    chosen = bodies.only(study.on_ground) if study.on_ground.any() else bodies
    if not len(chosen):
        return None
    plan = chosen.positions[chosen.triangles][:, :, :2].reshape(-1, 2).astype(np.float64)
    low, high = plan.min(axis=0) + bodies.origin[:2], plan.max(axis=0) + bodies.origin[:2]
    found: shapely.Polygon = shapely.box(*low.tolist(), *high.tolist())
    return found


@dataclass(frozen=True)
class _Flooded:
    """Depth f64(k) at buildings; ground ``bed`` f64(c) and ``wet`` bool(c) of cells."""

    heights: Heights
    depth: F64
    grid: Grid
    bed: F64
    wet: Bool
    kind: str

    def water(self, level: float) -> dict[str, float]:
        """Return area and volume of the water, and its greatest depth."""
        deep = np.where(self.wet, level - self.bed, 0.0)
        return {
            "area_wet": float(self.grid.area[self.wet].sum()),
            "volume_water": float((deep * self.grid.area)[self.wet].sum()),
            "deepest": float(deep.max(initial=0.0)),
        }

    def marks(self, level: float) -> tuple[Marks, ...]:
        """Draw the water as cells at its level, coloured by depth."""
        deep = level - self.bed[self.wet]
        triangles = self.grid.triangles(self.wet, np.full(len(deep), level))
        most = float(deep.max(initial=0.0))
        return (Marks("water", "areas", triangles, np.repeat(deep, 2), (0.0, most), "m"),)
