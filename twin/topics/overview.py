"""A camera that has some objects of a model in view, from above and the south-west, as BCF wants one."""

import numpy as np

from twin.exchange.bcf.model import Perspective
from twin.geometry import Rows
from twin.scene import Layer
from twin.topics.places import Place, unit, vector

FIELD = 60.0
SLOPE = np.array([1.0, 1.0, -0.8]) / np.linalg.norm([1.0, 1.0, -0.8])
NEAREST = 3.0
"""Metres that the camera stands off at least."""


def overview(layer: Layer, rows: Rows, place: Place) -> Perspective:
    """Return a camera in the model's own coordinates that shows rows of a layer, else the whole layer."""
    boxes = layer.boxes(rows)
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    box = (
        layer.bounds
        if not len(boxes)
        else np.concatenate([boxes[:, :3].min(0), boxes[:, 3:].max(0)])
    )
    if not np.isfinite(box).all():
        box = np.zeros(6)
    middle, reach = (box[:3] + box[3:]) / 2, float(np.linalg.norm(box[3:] - box[:3])) / 2
    away = max(reach / np.tan(np.radians(FIELD / 2)) * 1.2, NEAREST)
    point = place.back(middle - SLOPE * away)
    turn = place.linear(point)
    direction = unit(np.linalg.solve(turn, SLOPE))
    up = unit(np.linalg.solve(turn, np.array([0.0, 0.0, 1.0])))
    assert direction is not None
    assert up is not None
    return Perspective(vector(point), vector(direction), vector(up), FIELD, 16 / 9)
