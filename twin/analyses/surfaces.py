"""Surfaces that limit heights, and by how much triangles rise over them: exact for planes."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from twin.analyses.grounding import plane_heights
from twin.geometry import F64, I32

TURNS = 48
"""Steps of the search along an edge: they narrow it to a billionth of its length."""
INVERSE_GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0


class LimitSurface(Protocol):
    """A height above each place of a region in plan; nowhere bent downwards (convex), as planes and cones."""

    @property
    def region(self) -> BaseGeometry:
        """Return where it holds, in plan."""
        ...

    def heights(self, places: F64) -> F64:
        """Return its height f64(n) at f64(n, 2), metres above the datum."""
        ...

    @property
    def kinks(self) -> BaseGeometry:
        """Return points and lines at which it may be exceeded most though no edge passes."""
        ...


def circle(middle: F64, radius: float) -> F64:
    """Return f64(720, 2): corners of the polygon that stands for a circle, half a degree apart."""
    turn = np.radians(np.arange(720) * 0.5)
    return np.asarray(middle + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1))


@dataclass(frozen=True)
class Plane:
    """A plane through ``point`` f64(3) that rises by ``gradient`` f64(2) metres a metre east and north."""

    point: F64
    gradient: F64
    region: BaseGeometry

    def heights(self, places: F64) -> F64:
        """Return its height f64(n) at f64(n, 2)."""
        return np.asarray(self.point[2] + (places - self.point[:2]) @ self.gradient)

    @property
    def kinks(self) -> BaseGeometry:
        """Return none."""
        return shapely.GeometryCollection()


@dataclass(frozen=True)
class Cone:
    """Level up to ``inner`` metres from ``point`` f64(3), then rising by ``slope`` metres a metre."""

    point: F64
    inner: float
    slope: float
    region: BaseGeometry

    def heights(self, places: F64) -> F64:
        """Return its height f64(n) at f64(n, 2)."""
        away = np.hypot(*(places - self.point[:2]).T)
        return np.asarray(self.point[2] + self.slope * np.maximum(away - self.inner, 0))

    @property
    def kinks(self) -> BaseGeometry:
        """Return the tip, or the circle at which it begins to rise."""
        if self.inner <= 0:
            return shapely.Point(self.point[:2])
        return shapely.LinearRing(circle(self.point[:2], self.inner))


@dataclass(frozen=True)
class Front:
    """From ``eaves`` metres above the datum along a segment f64(2, 2), rising with the distance from it."""

    segment: F64
    eaves: float
    slope: float
    region: BaseGeometry

    def heights(self, places: F64) -> F64:
        """Return its height f64(n) at f64(n, 2)."""
        start, way = self.segment[0], self.segment[1] - self.segment[0]
        share = np.clip((places - start) @ way / max(float(way @ way), 1e-12), 0, 1)
        nearest = start + share[:, None] * way
        return np.asarray(self.eaves + self.slope * np.hypot(*(places - nearest).T))

    @property
    def kinks(self) -> BaseGeometry:
        """Return the segment."""
        return shapely.LineString(self.segment)


@dataclass(frozen=True)
class Excess:
    """By how much each triangle rises over a surface, f64(t) metres (-inf outside), and where f64(t, 3)."""

    height: F64
    place: F64


def excess_over(corners: F64, surface: LimitSurface) -> Excess:
    """Return how far triangles f64(t, 3, 3) rise over a surface within its region at most.

    The height of a triangle over a surface that is nowhere bent downwards is largest on an edge, along the
    border of the region, or at a kink. All of these are cut to where the surface holds and searched.
    """
    n = len(corners)
    best = Excess(np.full(n, -np.inf), np.full((n, 3), np.nan))
    region = surface.region
    shapely.prepare(region)
    low, high = corners[:, :, :2].min(axis=1), corners[:, :, :2].max(axis=1)
    min_x, min_y, max_x, max_y = region.bounds
    near = (
        (high[:, 0] >= min_x) & (low[:, 0] <= max_x) & (high[:, 1] >= min_y) & (low[:, 1] <= max_y)
    )
    near[near] = shapely.intersects(region, shapely.box(*low[near].T, *high[near].T))
    rows = np.flatnonzero(near).astype(np.int32)
    if not len(rows):
        return best
    for first, second in ((0, 1), (1, 2), (2, 0)):
        owner, ends = _clipped(corners[rows][:, [first, second]], region)
        _keep(best, rows[owner], *_searched(ends, surface))
    for lines in (shapely.boundary(region), shapely.intersection(surface.kinks, region)):
        owner, ends = _across(corners[rows], lines)
        _keep(best, rows[owner], *_searched(ends, surface))
    return best


def _keep(best: Excess, rows: I32, height: F64, place: F64) -> None:
    """Put the greatest height of each row into ``best``."""
    order = np.argsort(height, kind="stable")
    rows, height, place = rows[order], height[order], place[order]
    last = np.full(len(best.height), -1)
    last[rows] = np.arange(len(rows))  # the greatest comes last and stays
    mine = np.flatnonzero(last >= 0)
    found = height[last[mine]]
    more = found > best.height[mine]
    best.height[mine[more]] = found[more]
    best.place[mine[more]] = place[last[mine[more]]]


def _clipped(edges: F64, region: BaseGeometry) -> tuple[I32, F64]:
    """Return the parts f64(m, 2, 3) of edges f64(n, 2, 3) within a region and whose i32(m) each is."""
    plan = edges[:, :, :2]
    points = np.hypot(*(plan[:, 1] - plan[:, 0]).T) < 1e-9
    inside = np.zeros(len(edges), np.bool_)
    inside[points] = shapely.intersects_xy(region, plan[points, 0, 0], plan[points, 0, 1])
    lines = shapely.linestrings(plan[~points])
    inside[~points] = shapely.covers(region, lines)
    cut = np.flatnonzero(~points & ~inside)
    cut = cut[shapely.intersects(region, shapely.linestrings(plan[cut]))]
    pieces, owner = shapely.get_parts(
        shapely.intersection(shapely.linestrings(plan[cut]), region), return_index=True
    )
    many = shapely.get_num_coordinates(pieces) >= 2
    pieces, owner = pieces[many], cut[owner[many]]
    start = shapely.get_coordinates(shapely.get_point(pieces, 0)).reshape(-1, 2)
    end = shapely.get_coordinates(shapely.get_point(pieces, -1)).reshape(-1, 2)
    kept = np.flatnonzero(inside)
    found = np.concatenate([edges[kept], _raised(edges[owner], np.stack([start, end], axis=1))])
    return np.concatenate([kept, owner]).astype(np.int32), found


def _raised(edges: F64, plan: F64) -> F64:
    """Return plan places f64(m, 2, 2) on edges f64(m, 2, 3) with their heights."""
    way = edges[:, 1] - edges[:, 0]
    size = np.maximum((way[:, :2] ** 2).sum(axis=1), 1e-18)
    share = ((plan - edges[:, None, 0, :2]) * way[:, None, :2]).sum(axis=2) / size[:, None]
    height = edges[:, None, 0, 2] + share * way[:, None, 2]
    return np.concatenate([plan, height[:, :, None]], axis=2)


def _searched(ends: F64, surface: LimitSurface) -> tuple[F64, F64]:
    """Return the greatest height f64(m) of segments f64(m, 2, 3) over a surface and where f64(m, 3).

    By golden sections: along a segment the height over a convex surface has one maximum.
    """
    start, way = ends[:, 0], ends[:, 1] - ends[:, 0]

    def over(share: F64) -> F64:
        places = start + share[:, None] * way
        return np.asarray(places[:, 2] - surface.heights(places[:, :2]))

    low, high = np.zeros(len(ends)), np.ones(len(ends))
    if not isinstance(surface, Plane):
        for _ in range(TURNS):
            step = (high - low) * INVERSE_GOLDEN
            left, right = high - step, low + step
            rising = over(left) < over(right)
            low, high = np.where(rising, left, low), np.where(rising, high, right)
    shares = np.stack([np.zeros(len(ends)), (low + high) / 2, np.ones(len(ends))])
    values = np.stack([over(share) for share in shares])
    best = values.argmax(axis=0)
    column = np.arange(len(ends))
    return values[best, column], start + shares[best, column][:, None] * way


def _across(corners: F64, lines: BaseGeometry) -> tuple[I32, F64]:
    """Return the parts f64(m, 2, 3) of lines and points in plan that lie on triangles, and on which i32(m)."""
    if lines.is_empty:
        return np.zeros(0, np.int32), np.zeros((0, 2, 3))
    chosen = np.flatnonzero(np.abs(_doubled(corners[:, :, :2])) > 1e-9)
    shapes = np.asarray(shapely.polygons(corners[chosen][:, :, :2]), object)
    shapely.prepare(lines)
    met = shapely.intersects(lines, shapes)
    parts, whose = shapely.get_parts(shapely.intersection(shapes[met], lines), return_index=True)
    places, part = shapely.get_coordinates(parts, return_index=True)
    owner = chosen[met][whose][part]
    raised = np.column_stack([places, plane_heights(corners[owner], places)])
    joined = np.flatnonzero(part[1:] == part[:-1])
    lone = np.flatnonzero(np.bincount(part, minlength=len(parts))[part] == 1)
    first, second = np.concatenate([joined, lone]), np.concatenate([joined + 1, lone])
    return owner[first].astype(np.int32), np.stack([raised[first], raised[second]], axis=1)


def _doubled(plan: F64) -> F64:
    ab, ac = plan[:, 1] - plan[:, 0], plan[:, 2] - plan[:, 0]
    return np.asarray(ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0])
