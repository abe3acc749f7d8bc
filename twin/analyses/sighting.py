"""What rays between eyes and places meet, over a curved Earth if wished; samples of surfaces and of the sky."""

from dataclasses import dataclass

import numpy as np

from twin.analyses.rays import Caster
from twin.analyses.study import Bodies
from twin.features import Bool
from twin.geometry import F64, I32
from twin.jobs import SILENT, Feedback

SLACK = 0.02
"""Metres at both ends of a ray that stop nothing: the surface that an end lies on is not in its way."""
EARTH = 6_371_000.0
"""Mean radius of the Earth, metres."""
GAUSS = 0.13
"""Gauss's coefficient of refraction: a ray of light bends with 0.13 of the Earth's curvature."""
PIECE = 340.0
"""Metres of a curved line of sight cast as one straight ray: it leaves the curve by 2 mm at most."""
GOLDEN = np.pi * (3.0 - np.sqrt(5.0))
"""The golden angle, radians: turns of it fill a circle evenly (Vogel 1979)."""
R2 = np.array([0.7548776662466927, 0.5698402909980532])
"""Steps of the even sequence in a square (Roberts 2018): powers of 1 over the plastic number."""


@dataclass(frozen=True, slots=True)
class Air:
    """Whether lines of sight are straight above the datum, or straight in space and bent by the air.

    Heights are above a curved sea: seen in them a straight line sags. With ``curvature`` it sags by
    (1 - k) s (L - s) / 2R at s of its length L, k the coefficient of ``refraction``.
    """

    curvature: bool = False
    refraction: float = GAUSS

    @property
    def bend(self) -> float:
        """Return (1 - k) / 2R, per metre; 0 without curvature."""
        return (1.0 - self.refraction) / (2.0 * EARTH) if self.curvature else 0.0


def met(
    caster: Caster,
    ends: tuple[F64, F64],
    air: Air | None = None,
    feedback: Feedback = SILENT,
) -> tuple[F64, I32]:
    """Return how far along each line of sight something is met, as a share f64(n) of it, and its triangle.

    ``ends``: eyes f64(n, 3) and places f64(n, 3). Nothing met: inf and -1. What lies within ``SLACK``
    of an end is not met. Raises Cancelled.
    """
    eyes, places = ends
    bend = (air or Air()).bend
    if not bend:
        return _straight(caster, eyes, places, feedback)
    plan = np.hypot(*(places - eyes)[:, :2].T)
    pieces = np.maximum(np.ceil(plan / PIECE), 1).astype(np.int64)
    share = np.full(len(eyes), np.inf)
    triangle = np.full(len(eyes), -1, np.int32)
    rounds = int(pieces.max(initial=0))
    for turn in range(rounds):
        open_rays = np.flatnonzero((triangle < 0) & (pieces > turn))
        count = pieces[open_rays]
        low, high = turn / count, (turn + 1) / count
        part = eyes[open_rays], places[open_rays]
        start, end = _at(part, low, bend), _at(part, high, bend)
        length = np.linalg.norm(end - start, axis=1)
        first, last = low == 0, high == 1
        found, what = _cast(caster, (start, end), (first, last), feedback)
        hit = what >= 0
        rows = open_rays[hit]
        triangle[rows] = what[hit]
        share[rows] = low[hit] + (high - low)[hit] * found[hit] / length[hit]
        feedback.progress((turn + 1) / rounds)
    return share, triangle


def _straight(caster: Caster, eyes: F64, places: F64, feedback: Feedback) -> tuple[F64, I32]:
    """Return ``met`` for lines that are straight: one ray each, nothing is copied that need not be."""
    way = places - eyes
    length = np.sqrt(np.einsum("nk,nk->n", way, way))
    long = length > 2 * SLACK
    if not long.all():
        share, triangle = np.full(len(eyes), np.inf), np.full(len(eyes), -1, np.int32)
        share[long], triangle[long] = _straight(caster, eyes[long], places[long], feedback)
        return share, triangle
    start = way * (SLACK / length)[:, None]
    start += eyes
    found, what = caster.first(start, way, length - 2 * SLACK, feedback)
    feedback.progress(1.0)
    return np.where(what >= 0, (found + SLACK) / length, np.inf), what


def _at(ends: tuple[F64, F64], share: F64, bend: float) -> F64:
    """Return the places f64(n, 3) at shares of curved lines."""
    eyes, places = ends
    way = places - eyes
    point = eyes + way * share[:, None]
    point[:, 2] -= bend * (way[:, 0] ** 2 + way[:, 1] ** 2) * share * (1.0 - share)
    return point


def _cast(
    caster: Caster, ends: tuple[F64, F64], outer: tuple[Bool, Bool], feedback: Feedback
) -> tuple[F64, I32]:
    """Return the distance f64(n) from each start to what is met before its end, and the triangle."""
    start, end = ends
    way = end - start
    length = np.linalg.norm(way, axis=1)
    long = length > 2 * SLACK
    distance, triangle = np.full(len(start), np.inf), np.full(len(start), -1, np.int32)
    skip = np.where(outer[0], SLACK, 0.0)[long]
    most = length[long] - skip - np.where(outer[1], SLACK, 0.0)[long]
    eyes = start[long] + way[long] * (skip / length[long])[:, None]
    found, what = caster.first(eyes, way[long], most, feedback)
    distance[long], triangle[long] = found + skip, what
    return distance, triangle


@dataclass(frozen=True, slots=True)
class Samples:
    """Places f64(n, 3) on surfaces, the triangle i32(n) of each and the area f64(n), m², it stands for."""

    places: F64
    triangle: I32
    area: F64

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.triangle)


def doubled_normals(corners: F64) -> F64:
    """Return f64(t, 3): the cross products of triangles f64(t, 3, 3), twice their area long."""
    return np.asarray(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]))


def sampled(bodies: Bodies, wanted: Bool, spacing: float) -> Samples:
    """Return samples of the triangles bool(t), one a square of ``spacing`` metres, the same every time.

    Each object, and each layer's surface without objects, gets its share, at least one sample; within
    it triangles get theirs by area. Samples of one object stand for equal areas.
    """
    chosen = np.flatnonzero(wanted)
    order = np.lexsort((chosen, bodies.row[chosen], bodies.layer[chosen]))
    chosen = chosen[order]
    corners = bodies.positions[bodies.triangles[chosen]].astype(np.float64) + bodies.origin
    area = np.linalg.norm(doubled_normals(corners), axis=1) / 2
    key = bodies.layer[chosen].astype(np.int64) << 32 | (bodies.row[chosen].astype(np.int64) + 1)
    fresh = np.concatenate([[True], key[1:] != key[:-1]]) if len(key) else np.zeros(0, np.bool_)
    start = np.flatnonzero(fresh)
    thing = np.cumsum(fresh) - 1
    whole = np.add.reduceat(area, start) if len(start) else np.zeros(0)
    wished = np.where(whole > 0, np.maximum(np.round(whole / spacing**2), 1), 0)
    per = np.divide(wished, whole, out=np.zeros_like(whole), where=whole > 0)
    run = np.cumsum(area) - (np.cumsum(whole) - whole)[thing]
    marks = np.floor(np.round(run * per[thing] + 0.5, 6)).astype(np.int64)
    before = np.where(fresh, 0, np.concatenate([[0], marks[:-1]])) if len(marks) else marks
    count = np.maximum(np.minimum(marks, wished[thing].astype(np.int64)) - before, 0)
    pick = np.repeat(np.arange(len(chosen)), count)
    within = np.arange(len(pick)) - np.repeat(np.cumsum(count) - count, count)
    each = np.divide(whole, wished, out=np.zeros_like(whole), where=wished > 0)
    return Samples(
        _spread(corners[pick], within), chosen[pick].astype(np.int32), each[thing[pick]]
    )


def _spread(corners: F64, number: I32) -> F64:
    """Return the place of the sample of a number in each triangle, evenly spread."""
    step = np.mod(0.5 + number[:, None] * R2, 1.0)
    root = np.sqrt(step[:, 0])
    weights = np.stack([1 - root, root * (1 - step[:, 1]), root * step[:, 1]], axis=1)
    return np.asarray(np.einsum("nk,nkc->nc", weights, corners))


def sky_directions(count: int, cosine: bool) -> F64:
    """Return unit vectors f64(n, 3) of the upper half of a sphere, each worth the same.

    With ``cosine`` they lie as close as the cosine of their zenith angle says: their share that is free
    is the sky view factor of a level surface (Oke 1987); else it is the share of the solid angle.
    """
    step = (np.arange(count) + 0.5) / count
    up = np.sqrt(1 - step) if cosine else 1 - step
    flat = np.sqrt(np.maximum(1 - up**2, 0))
    turn = GOLDEN * np.arange(count)
    return np.stack([flat * np.cos(turn), flat * np.sin(turn), up], axis=1)
