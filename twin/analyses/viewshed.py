"""Viewshed: which buildings and which ground are seen from a point, a path or an area, by rays to samples."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from twin.analyses.asking import asked
from twin.analyses.eyes import SHAPES, box_over, eyes_of, grid_within, places_of, positive
from twin.analyses.findings import Findings, Marks, Sheet, Values
from twin.analyses.grounding import Ground, roofed
from twin.analyses.rays import Caster
from twin.analyses.sighting import GAUSS, Air, Samples, doubled_normals, met, sampled
from twin.analyses.study import Study
from twin.analyses.things import Things
from twin.features import Bool
from twin.geometry import F64, I32
from twin.jobs import Feedback

RAYS = 1_000_000
"""Rays of one question, unless asked otherwise; samples lie wider apart when they would be more."""
LIFT = 0.15
"""Metres over the ground at which its places are drawn."""
Points = tuple[tuple[float, float, float], ...]
WIDE = np.array([1 << 31, 1])
"""What makes one number of the two of a place on a lattice."""


@dataclass(frozen=True)
class Viewshed:
    """What is seen from ``points``, a path or an area (``shape``) with eyes at ``eye_height``.

    Within ``radius`` metres samples lie every ``spacing`` metres on buildings and every ``grid`` metres
    on the ground, ``target_height`` above it. ``step``: metres between eyes of a path or an area.
    """

    points: Points = asked((), pick="points", unit="m")
    shape: str = asked("points", choices=SHAPES)
    eye_height: float = asked(1.6, low=-100.0, high=1000.0, unit="m")
    step: float = asked(10.0, low=0.1, high=10_000.0, unit="m")
    radius: float = asked(500.0, low=0.1, high=100_000.0, unit="m")
    spacing: float = asked(2.0, low=0.1, high=10_000.0, unit="m")
    grid: float = asked(5.0, low=0.1, high=10_000.0, unit="m")
    target_height: float = asked(0.0, low=-100.0, high=1000.0, unit="m")
    curvature: bool = asked(False)
    refraction: float = asked(GAUSS, low=-1.0, high=1.0)
    rays: int = asked(RAYS, low=1, high=1_000_000_000)

    name = "viewshed"

    def reach(self) -> F64:
        """Return the box that rays can end in, everything above and below it in it."""
        return box_over(places_of(self.points)[:, :2], self.radius)

    def run(self, study: Study, feedback: Feedback) -> Findings:
        """Answer. Raises UsageError, Cancelled."""
        positive(radius=self.radius, spacing=self.spacing, grid=self.grid)
        ground = Ground(study)
        stands = eyes_of(places_of(self.points), self.shape, self.step, ground)
        eyes = stands + np.array([0, 0, self.eye_height])
        things = Things(study)
        feedback.progress(0.02)
        surfaces, cells, wider = self._targets(things, ground, eyes)
        seen = _Looking(Caster(study.bodies), Air(self.curvature, self.refraction), self.radius)
        places = np.concatenate([surfaces.places, cells])
        counts = seen.counts(eyes, places, feedback)
        mine = things.of_triangle[surfaces.triangle]
        told = _Told(study, things, surfaces, mine, counts[: len(mine)], len(eyes))
        notes = {
            ground.note: bool(ground.note), "coarser": wider > 1, "curvature": self.curvature,
            "eye_inside": any(roofed(study, eye) is not None for eye in eyes[:64]),
            "no_bodies": not len(study.bodies),
        }  # fmt: skip
        figures = {**told.figures(), "eyes": float(len(eyes)), "rays": float(seen.rays)}
        figures |= _ground_figures(
            counts[len(mine) :], seen.reached(eyes, cells), self.grid * wider
        )
        figures["spacing"] = self.spacing * wider
        return Findings(
            figures,
            {"area_seen": "m²", "ground_seen": "m²", "spacing": "m"},
            (told.sheet(),),
            _marks(self._tiles(ground, cells, wider), counts[len(mine) :] / len(eyes), eyes),
            told.values(),
            things.used(np.arange(len(things), dtype=np.int32)[told.there]),
            tuple(note for note, wanted in notes.items() if wanted),
        )

    def _tiles(self, ground: Ground, cells: F64, wider: float) -> F64:
        """Return two triangles f64(2n, 3, 3) for each place, draped over the ground, a hand above it."""
        half = self.grid * wider / 2
        steps = np.array([[-half, -half], [half, -half], [half, half], [-half, half]])
        corners = (cells[:, None, :2] + steps).reshape(-1, 2)
        key = np.rint(corners / half).astype(
            np.int64
        )  # neighbours share their corners: each is asked once
        _, first, place = np.unique(key @ WIDE, return_index=True, return_inverse=True)
        height = ground.heights(corners[first])[place].reshape(-1, 4)
        middle = cells[:, 2:] - self.target_height
        near = np.abs(height - middle) < 4 * half  # not up a roof, nor down where there is nothing
        height = np.where(near, height, middle) + LIFT
        raised = np.concatenate([corners.reshape(-1, 4, 2), height[:, :, None]], axis=2)
        return np.asarray(raised[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3, 3))

    def _targets(self, things: Things, ground: Ground, eyes: F64) -> tuple[Samples, F64, float]:
        """Return samples of buildings, places over the ground f64(n, 3) and how much wider than wished
        they lie, so that rays stay within their number."""
        area = shapely.union_all(shapely.buffer(shapely.points(eyes[:, :2]), self.radius))
        shapely.prepare(area)
        bodies = things.study.bodies
        objects = np.append(things.buildings, False)[things.of_triangle]
        corners = bodies.corners()
        middle = corners.mean(axis=1)
        near = objects & shapely.contains_xy(area, middle[:, 0], middle[:, 1])
        size = float(np.linalg.norm(doubled_normals(corners[near]), axis=1).sum()) / 2
        wanted = (size / self.spacing**2 + area.area / self.grid**2) * len(eyes)
        most = max(self.rays, len(eyes))
        wider = max(1.0, float(np.sqrt(wanted / most)))
        over = Caster(bodies.only(objects))
        while True:
            surfaces = _near(sampled(bodies, objects, self.spacing * wider), area)
            cells = _open_ground(over, ground, grid_within(area, self.grid * wider))
            if (len(surfaces) + len(cells)) * len(eyes) <= most or not len(cells):
                break
            wider *= 1.05
        return surfaces, cells + np.array([0, 0, self.target_height]), wider


def _near(samples: Samples, area: BaseGeometry) -> Samples:
    shapely.prepare(area)
    kept = shapely.contains_xy(area, samples.places[:, 0], samples.places[:, 1])
    return Samples(samples.places[kept], samples.triangle[kept], samples.area[kept])


def _open_ground(over: Caster, ground: Ground, cells: F64) -> F64:
    """Return the cells f64(n, 3) on the ground that nothing of the caster stands on."""
    height = ground.heights(cells)
    kept = ~np.isnan(height)
    if kept.any():
        places = np.column_stack([cells, height])[kept]
        up = np.tile(np.array([0.0, 0.0, 1.0]), (len(places), 1))
        lowest = places - np.array([0, 0, 1.0])
        kept[kept] = ~over.hits(lowest, up)
    return np.column_stack([cells, height])[kept]


@dataclass
class _Looking:
    """Eyes that look at places within a distance; ``rays`` counts what was cast."""

    caster: Caster
    air: Air
    radius: float
    rays: int = 0

    def counts(self, eyes: F64, places: F64, feedback: Feedback) -> I32:
        """Return by how many eyes f64(e, 3) each place f64(n, 3) is seen, i32(n)."""
        found = np.zeros(len(places), np.int32)
        for number, eye in enumerate(eyes):
            near = np.flatnonzero(np.hypot(*(places - eye)[:, :2].T) <= self.radius)
            share, _ = met(self.caster, (np.tile(eye, (len(near), 1)), places[near]), self.air)
            found[near[np.isinf(share)]] += 1
            self.rays += len(near)
            feedback.check()
            feedback.progress(0.05 + 0.9 * (number + 1) / len(eyes))
        return found

    def reached(self, eyes: F64, places: F64) -> Bool:
        """Return bool(n): places that lie within the distance of an eye."""
        found = np.zeros(len(places), np.bool_)
        for eye in eyes:
            found |= np.hypot(*(places - eye)[:, :2].T) <= self.radius
        return found


@dataclass(frozen=True)
class _Told:
    """Shares of objects: ``thing`` i32(n) and ``seen`` i32(n) eyes of each sample."""

    study: Study
    things: Things
    samples: Samples
    thing: I32
    seen: I32
    eyes: int

    @property
    def _whole(self) -> F64:
        return np.asarray(np.bincount(self.thing, self.samples.area, len(self.things)), np.float64)

    @property
    def _shown(self) -> F64:
        """Return f64(k): the area of each object that any eye sees, m²."""
        shown = self.samples.area * (self.seen > 0)
        return np.asarray(np.bincount(self.thing, shown, len(self.things)), np.float64)

    @property
    def there(self) -> Bool:
        """Return bool(k): objects with samples in reach."""
        return np.asarray(self._whole > 0, np.bool_)

    def figures(self) -> dict[str, float]:
        """Return the key numbers of buildings."""
        there = np.flatnonzero(self.there).astype(np.int32)
        seen = self._shown[there] > 0
        counts = self.things.counts(there, seen, "objects_seen", "buildings_seen")
        return {**counts, "area_seen": float(self._shown.sum())}

    def sheet(self) -> Sheet:
        """Return the share, the area and the eyes of each object, most seen first."""
        whole, shown = self._whole, self._shown
        rows = np.flatnonzero(self.there)
        share = shown[rows] / whole[rows]
        most = np.zeros(len(self.things), np.int32)
        np.maximum.at(most, self.thing, self.seen)
        order = rows[np.lexsort((rows, -share))]
        return Sheet(
            "objects", ("object", "kind", "layer", "share_seen", "area_seen", "eyes"), ("", "", "", "%", "m²", ""),
            [
                (
                    self.things.title(n), self.things.kind(n), self.study.layers[int(self.things.layer[n])].title,
                    100 * float(shown[n] / whole[n]), float(shown[n]), int(most[n]),
                )
                for n in order.tolist()
            ],
            [self.things.key(n) for n in order.tolist()],
        )  # fmt: skip

    def values(self) -> tuple[Values, ...]:
        """Return the shares for colouring, by layer."""
        share = np.divide(self._shown, self._whole, out=np.zeros(len(self.things)),
                          where=self._whole > 0)  # fmt: skip
        rows = np.flatnonzero(self.there).astype(np.int32)
        return self.things.values("share_seen", rows, 100 * share[rows], "%")


def _ground_figures(seen: I32, reached: Bool, grid: float) -> dict[str, float]:
    if not reached.any():
        return {}
    share = float((seen[reached] > 0).mean())
    return {"ground_share": share, "ground_seen": float((seen > 0).sum()) * grid**2}


def _marks(tiles: F64, share: F64, eyes: F64) -> tuple[Marks, ...]:
    """Draw the eyes, and each place of the ground by the share of eyes that see it."""
    return (
        Marks("ground", "areas", tiles, np.repeat(100 * share, 2), (0.0, 100.0), "%"),
        Marks("eyes", "points", eyes[:, None, :]),
    )
