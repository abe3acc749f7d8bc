"""Which buildings rise over limit surfaces, by how much and where; how surfaces are drawn."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from twin.analyses.findings import SEEN, Findings, Marks, Sheet
from twin.analyses.study import Study
from twin.analyses.surfaces import LimitSurface, excess_over
from twin.analyses.things import Things
from twin.geometry import F64, Rows
from twin.jobs import Feedback

EVERYWHERE = 1e7
"""Metres each way of a region that has no end."""
COLUMNS = ("object", "kind", "layer", "excess", "height", "limit", "x", "y")
DRAWN = 48
"""Cells along the longer side of a drawn surface."""


def everywhere(middle: F64) -> shapely.Polygon:
    """Return a region that holds everything around a place."""
    x, y = float(middle[0]), float(middle[1])
    return shapely.box(x - EVERYWHERE, y - EVERYWHERE, x + EVERYWHERE, y + EVERYWHERE)


def breaking(
    study: Study,
    surfaces: Sequence[LimitSurface],
    feedback: Feedback,
    spare: Rows | None = None,
    own: F64 | None = None,
) -> Findings:
    """Return what rises over any of some surfaces: each building with its greatest excess.

    ``spare``: numbers of things that are not asked (a landmark that is looked at). ``own`` f64(k): heights
    of the ground that each thing's surface is counted from. Raises Cancelled.
    """
    things = Things(study)
    corners = study.bodies.corners()
    asked = things.buildings.copy()
    if spare is not None:
        asked[spare] = False
    triangles = np.flatnonzero(np.append(asked, False)[things.of_triangle])
    thing = things.of_triangle[triangles]
    found = _Broken(len(things))
    for turn, surface in enumerate(surfaces):
        feedback.check()
        over = excess_over(corners[triangles], surface)
        found.take(thing, over.height, over.place)
        feedback.progress((turn + 1) / len(surfaces))
    if own is not None:
        found.height -= own
    seen = drawn(surfaces, things.boxes) if own is None else ()
    return found.told(study, things, seen, len(triangles) > 0)


class _Broken:
    """The greatest excess f64(k) of each thing and its place f64(k, 3); -inf = not under any surface."""

    def __init__(self, count: int) -> None:
        self.height = np.full(count, -np.inf)
        self.place = np.full((count, 3), np.nan)

    def take(self, thing: Rows, height: F64, place: F64) -> None:
        """Take what triangles rise over one surface."""
        order = np.argsort(height, kind="stable")
        last = np.full(len(self.height), -1)
        last[thing[order]] = order
        mine = np.flatnonzero(last >= 0)
        more = mine[height[last[mine]] > self.height[mine]]
        self.height[more], self.place[more] = height[last[more]], place[last[more]]

    def told(
        self, study: Study, things: Things, surfaces: tuple[Marks, ...], any_there: bool
    ) -> Findings:
        """Return it as findings."""
        under = np.flatnonzero(np.isfinite(self.height)).astype(np.int32)
        over = under[self.height[under] > SEEN]
        order = over[np.argsort(-self.height[over], kind="stable")].tolist()
        rows = [
            (
                things.title(n), things.kind(n), study.layers[int(things.layer[n])].title, float(self.height[n]),
                float(self.place[n, 2]), float(self.place[n, 2] - self.height[n]),
                float(self.place[n, 0]), float(self.place[n, 1]),
            )
            for n in order
        ]  # fmt: skip
        room = -self.height[np.setdiff1d(under, over)]
        figures = things.counts(under, np.isin(under, over), "breaking", "buildings_breaking")
        if len(order):
            figures["excess"] = float(self.height[order[0]])
        elif len(room):
            figures["room"] = float(room.min())
        notes = (("no_bodies", not any_there), ("nothing_under", any_there and not len(under)),
                 ("no_datum", not study.vertical))  # fmt: skip
        sheet = Sheet(
            "breaking", COLUMNS, ("", "", "", *["m"] * 5), rows, [things.key(n) for n in order]
        )
        return Findings(
            figures,
            {name: "m" for name in ("excess", "room") if name in figures},
            (sheet,),
            (*surfaces, *_peaks(self.place[order])),
            things.values("excess", under, self.height[under], "m"),
            things.used(under),
            tuple(note for note, wanted in notes if wanted),
        )


def _peaks(places: F64) -> tuple[Marks, ...]:
    return (Marks("breaking", "points", places[:, None, :], role="bad"),) if len(places) else ()


def drawn(surfaces: Sequence[LimitSurface], boxes: F64) -> tuple[Marks, ...]:
    """Return the surfaces as triangles, what has no end cut off around the city."""
    known = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(known):
        return ()
    low, high = known[:, :2].min(axis=0) - 20, known[:, 3:5].max(axis=0) + 20
    window = shapely.box(*low, *high)
    found = []
    for surface in surfaces:
        wide = surface.region.bounds[2] - surface.region.bounds[0] > EVERYWHERE
        found.append(
            _mesh(surface, shapely.intersection(surface.region, window) if wide else None)
        )
    triangles = np.concatenate([np.zeros((0, 3, 3)), *found])
    return (Marks("limit", "areas", triangles),) if len(triangles) else ()


def _mesh(surface: LimitSurface, cut: BaseGeometry | None) -> F64:
    region = surface.region if cut is None else cut
    if region.is_empty:
        return np.zeros((0, 3, 3))
    low_x, low_y, high_x, high_y = region.bounds
    step = max(high_x - low_x, high_y - low_y) / DRAWN
    x, y = np.arange(low_x, high_x, step), np.arange(low_y, high_y, step)
    corner_x, corner_y = (part.ravel() for part in np.meshgrid(x, y))
    cells = shapely.box(corner_x, corner_y, corner_x + step, corner_y + step)
    shapely.prepare(region)
    pieces = shapely.intersection(cells[shapely.intersects(region, cells)], region)
    pieces = pieces[shapely.area(pieces) > 0]
    corners = [fan(ring) for ring in pieces if ring.geom_type == "Polygon"]
    flat = np.concatenate([np.zeros((0, 3, 2)), *corners])
    height = surface.heights(flat.reshape(-1, 2)).reshape(-1, 3, 1)
    return np.concatenate([flat, height], axis=2)


def fan(area: shapely.Polygon) -> F64:
    """Return the triangles f64(t, 3, 2) of a small polygon without holes, nearly convex."""
    ring = shapely.get_coordinates(area.exterior)[:-1]
    if len(ring) < 3:
        return np.zeros((0, 3, 2))
    first = np.repeat(ring[:1], len(ring) - 2, axis=0)
    return np.stack([first, ring[1:-1], ring[2:]], axis=1)
