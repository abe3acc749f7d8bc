"""How far the things of a frame really reach: few points that stand for all. Pure numpy.

A box round a slanting district is half empty; its outermost vertices are not.
"""

import numpy as np

from twin.geometry import F64, Instances
from twin.picking import instance_boxes
from twin.sections import cut_away
from twin.streaming import VISIBLE, Frame, LayerFrame, Resident
from ui.viewport.camera import corners

_STEPS = 24
SLACK = 0.01
"""Metres by which the face of a cut may lie beyond its plane."""


def _directions() -> F64:
    """Return unit directions all round, in three heights, and straight up and down."""
    turn = np.arange(_STEPS) * (2 * np.pi / _STEPS)
    rings = [
        np.stack([np.cos(turn), np.sin(turn), np.full(_STEPS, rise)], axis=1)
        for rise in (-0.6, 0.0, 0.6)
    ]
    found = np.concatenate([*rings, [[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]]])
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float64)


def outermost_points(frame: Frame) -> F64:
    """Return the visible vertices f64(n, 3) of a frame that reach farthest, in some 74 directions.

    What sections cut away is left out; the faces that they leave are not.
    """
    found = [
        points
        for part in frame.layers.values()
        for tile in part.tiles.values()
        if len(points := _of_tile(part, tile, frame.planes))
    ]
    for (layer, _), caps in frame.caps.items():
        here = np.array([0.0, 0.0, frame.layers[layer].lift])
        for cap in caps:
            points = cap.mesh.positions.astype(np.float64) + cap.mesh.origin + here
            found.append(_extreme(points[~cut_away(points, frame.planes, SLACK)]))
    return _extreme(np.concatenate(found)) if found else np.zeros((0, 3))


def _of_tile(part: LayerFrame, tile: Resident, planes: F64) -> F64:
    shown = (part.state[tile.rows, 3] & VISIBLE) != 0
    here = np.array([0.0, 0.0, part.lift])
    found = []
    for item in tile.drawables:
        if isinstance(item, Instances):
            points = corners(instance_boxes(item))
            feature = np.repeat(item.feature, 8)
        else:
            points, feature = item.positions.astype(np.float64), item.feature
        seen = (feature < 0) | shown[feature] if len(shown) else feature < 0
        points = points[seen]
        at = np.zeros(3) if isinstance(item, Instances) else item.origin
        if len(planes):
            points = points[~cut_away(points + at + here, planes)]
        if len(points):
            found.append(_extreme(points) + at)
    return np.concatenate(found) + here if found else np.zeros((0, 3))


def _extreme(points: F64) -> F64:
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) <= 64:
        return points
    chosen = np.unique((points @ _directions().T).argmax(axis=0))
    return np.asarray(points[chosen], np.float64)


def union(boxes: F64) -> F64 | None:
    """Return the box f64(6) round the finite boxes f64(n, 6), None when there is none."""
    sound = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(sound):
        return None
    return np.concatenate([sound[:, :3].min(axis=0), sound[:, 3:].max(axis=0)])
