"""A pixel -> the corner, middle, edge or face that a person means; exact, on what is drawn.

Whatever lies in a thin pyramid round the pixel has its neighbours there too: which edges are real, and
what is hidden behind what, follow from the triangles in it alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from twin.geometry import F64
from twin.picking import ray_of
from twin.scene import LayerId
from twin.snapping.edges import Edges, away, cut_corners, cut_edges, nearest_places, real_edges
from twin.snapping.gathering import Gatherer, Near, Owner, layer_and_row
from twin.snapping.sight import Cuts, Met, Sight
from twin.streaming import Frame
from twin.tiles import View

RADIUS = 10.0
"""How far a corner draws the cursor, logical pixels."""
TESTED = 10
"""So many places of a kind, the nearest first, are asked whether they can be seen."""
NOWHERE = np.full(3, np.nan)
At = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Snap:
    """What was met: ``kind`` is vertex, midpoint, edge, face or section (the cut face of a solid).

    ``world`` f64(3) in the project frame; ``row`` -1 for background; ``normal`` f64(3) of the face under
    the cursor and ``way`` f64(3) along the edge, nan where there is none; ``pixels`` from the cursor.
    """

    kind: str
    world: F64
    layer: LayerId
    row: int
    normal: F64
    way: F64
    pixels: float


@dataclass(frozen=True, slots=True)
class _Places:
    """Places f64(n, 3) of one kind with their objects, ways and distances in pixels."""

    kind: str
    world: F64
    owner: Owner
    way: F64
    pixels: F64


class Snapper:
    """Finds what is meant; keeps what it learned of the tiles it looked at."""

    def __init__(self) -> None:
        """Start with no tile known."""
        self._gatherer = Gatherer()
        self.owed = self._gatherer.owed
        self.learn = self._gatherer.learn

    def snap(self, frame: Frame, view: View, at: At, radius: float = RADIUS) -> Snap | None:
        """Return what is meant at a pixel (device pixels of the view), None over nothing.

        Vertex before midpoint before edge before face, each within ``radius`` pixels and seen from
        the eye; radius 0 = the face alone. What is hidden, filtered, ghosted or cut away is looked
        through.
        """
        ray, cuts = ray_of(view, *at), Cuts(frame.planes)
        triangles, strokes, points = self._gatherer.gather(frame, ray, max(radius, 0.5))
        sight = Sight.of(triangles, view.eye, cuts)
        face = sight.first(ray.direction)
        names = list(frame.layers)
        if radius > 0 and not self._gatherer.waiting:
            for places in _asked((triangles, strokes, points), view, (at, radius), cuts):
                found = _best(places, sight)
                if found is not None:
                    return _snap(places, found, names, face)
        if face is None:
            return None
        layer, row = layer_and_row(face.owner)
        world = view.eye + ray.direction * face.distance
        kind = "face" if face.triangle >= 0 else "section"
        return Snap(kind, world, names[layer], row, face.normal, NOWHERE, 0.0)


def _asked(
    near: tuple[Near, Near, Near], view: View, asked: tuple[At, float], cuts: Cuts
) -> Iterator[_Places]:
    """Yield the places within the radius, by kind in the order in which they win."""
    triangles, strokes, points = near
    at, radius = asked
    edges = real_edges(triangles, view, at, radius)
    drawn = Edges(strokes.parts, strokes.owner)
    edges = Edges(
        np.concatenate([edges.ends, drawn.ends]), np.concatenate([edges.owner, drawn.owner])
    )
    corners = cut_corners(edges, cuts)
    way = edges.ends[:, 1] - edges.ends[:, 0]
    tips = np.concatenate(
        [edges.ends[:, 0], edges.ends[:, 1], corners.ends[:, 0], points.parts[:, 0]]
    )
    owners = np.concatenate([edges.owner, edges.owner, corners.owner, points.owner])
    ways = np.full_like(tips, np.nan)
    yield _within(_Places("vertex", tips, owners, ways, away(view, tips, at)), radius, cuts)
    middles = edges.ends.mean(axis=1)
    seen = away(view, middles, at)
    yield _within(_Places("midpoint", middles, edges.owner, way, seen), radius, cuts)
    lines = cut_edges(triangles, cuts)
    ends = np.concatenate([edges.ends, lines.ends])
    world, seen = nearest_places(view, ends, at)
    owners, way = np.concatenate([edges.owner, lines.owner]), ends[:, 1] - ends[:, 0]
    yield _within(_Places("edge", world, owners, way, seen), radius, cuts)


def _within(places: _Places, radius: float, cuts: Cuts) -> _Places:
    """Return the places within the radius that are not cut away, the nearest first."""
    chosen = np.flatnonzero(places.pixels <= radius)
    chosen = chosen[cuts.keep(places.world[chosen])]
    chosen = chosen[np.argsort(places.pixels[chosen], kind="stable")]
    return _Places(
        places.kind, places.world[chosen], places.owner[chosen], places.way[chosen],
        places.pixels[chosen],
    )  # fmt: skip


def _best(places: _Places, sight: Sight) -> int | None:
    """Return the nearest place that nothing hides."""
    # the same corner comes once of each of its edges
    _, once = np.unique(np.round(places.world, 6), axis=0, return_index=True)
    tested = np.sort(once)[:TESTED]
    seen = np.flatnonzero(sight.sees(places.world[tested])) if len(tested) else tested
    return int(tested[seen[0]]) if len(seen) else None


def _snap(places: _Places, i: int, names: list[LayerId], face: Met | None) -> Snap:
    layer, row = layer_and_row(int(places.owner[i]))
    normal = NOWHERE if face is None else face.normal
    return Snap(
        places.kind, places.world[i], names[layer], row, normal, places.way[i],
        float(places.pixels[i]),
    )  # fmt: skip
