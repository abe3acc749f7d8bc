"""Points on the ground between the buildings: a lattice in plan, on terrain or at the feet of buildings."""

from collections.abc import Sequence

import numpy as np
from scipy.spatial import cKDTree

from twin.analyses.sampling import MOST, OFFSET, Samples, level_below
from twin.analyses.study import Bodies, Study
from twin.errors import SunRule
from twin.geometry import F64
from twin.jobs import Feedback

EDGE = 20.0
"""Metres of ground round the outermost buildings."""
UNDER = 0.5
"""A place is free where nothing stands more than so many metres over its ground."""


def ground_samples(
    study: Study, spacing: float, area: Sequence[tuple[float, float]], feedback: Feedback
) -> Samples:
    """Return points every ``spacing`` metres on the ground that no building covers; they look up.

    The level is the terrain's, in a study without any that of the foot of the nearest building. ``area`` is a ring of
    (x, y), () = all that is built. Raises SunRule for more points than memory holds.
    """
    spots = _lattice(study, spacing, area)
    solid = study.bodies.only(~study.on_ground)
    level = level_below(study.bodies.only(study.on_ground), spots, feedback)
    if not study.on_ground.any() and len(solid):
        level = _feet(solid, spots)
    over = level_below(solid, spots, feedback)
    kept = np.isfinite(level) & ~(over > level + UNDER)
    level = np.fmax(level, np.where(kept, over, -np.inf))  # paving and lawns lie on the ground
    points = np.column_stack([spots[kept], level[kept] + OFFSET])
    n = len(points)
    none = np.full(n, -1, np.int32)
    up = np.tile([0.0, 0.0, 1.0], (n, 1))
    return Samples(points, up, none, none, none, np.full(n, np.nan))


def _lattice(study: Study, spacing: float, area: Sequence[tuple[float, float]]) -> F64:
    if area:
        ring = np.array(area, np.float64)
        low, high = ring.min(axis=0), ring.max(axis=0)
    else:
        used = study.bodies.positions[np.unique(study.bodies.triangles), :2]
        if not len(used):
            return np.zeros((0, 2))
        low = used.min(axis=0).astype(np.float64) + study.bodies.origin[:2] - EDGE
        high = used.max(axis=0).astype(np.float64) + study.bodies.origin[:2] + EDGE
    many = np.maximum(np.ceil((high - low) / spacing), 1)
    if not many.prod() <= MOST:
        raise SunRule(
            name="spacing", value=spacing, reason=f"{many.prod():.0f} points, at most {MOST}"
        )
    xs = low[0] + (np.arange(int(many[0])) + 0.5) * spacing
    ys = low[1] + (np.arange(int(many[1])) + 0.5) * spacing
    u, v = np.meshgrid(xs, ys)
    return np.column_stack([u.ravel(), v.ravel()])


def _feet(solid: Bodies, spots: F64) -> F64:
    """Return the height f64(n) of the foot of the building next to each place: its lowest corner."""
    key = solid.layer.astype(np.int64) * (1 << 32) + solid.row
    _, owner = np.unique(key, return_inverse=True)
    corners = solid.corners()
    low = np.full(int(owner.max()) + 1, np.inf)
    np.minimum.at(low, owner.reshape(-1), corners[:, :, 2].min(axis=1))
    tree = cKDTree(corners[:, :, :2].mean(axis=1))
    return np.asarray(low[owner.reshape(-1)[tree.query(spots)[1]]], np.float64)
