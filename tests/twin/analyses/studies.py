"""Studies of boxes, made from numbers."""

from collections.abc import Sequence

import numpy as np

from tests.blocks import CORNERS, FACES, Box
from twin.analyses.study import Bodies, Study, StudyLayer
from twin.features import FeatureTable, encode, texts
from twin.observations import Assessment

MOMENT = np.datetime64("2026-06-01", "ms")


def study_of(boxes: Sequence[Box], kinds: Sequence[str] = ()) -> Study:
    """Return a study of one layer ``city`` whose objects b0, b1, ... are closed boxes."""
    n = len(boxes)
    kind, names = encode(list(kinds) or ["Building"] * n)
    bounds = np.array(boxes, np.float64).reshape(-1, 6)
    table = FeatureTable(
        texts([f"b{k}" for k in range(n)]), kind, names, np.full(n, -1, np.int32), bounds
    )
    corners = bounds[:, CORNERS].reshape(-1, 3)
    faces = (FACES[None] + 8 * np.arange(n)[:, None, None]).reshape(-1, 3)
    bodies = Bodies(
        np.zeros(3), corners.astype(np.float32), faces.astype(np.int32),
        np.zeros(len(faces), np.int16), np.repeat(np.arange(n, dtype=np.int32), len(FACES)),
    )  # fmt: skip
    layer = StudyLayer(
        "city", "City", table, Assessment.unknown(n), np.ones(n, np.bool_), path="/city"
    )
    return Study((layer,), bodies, "EPSG:28992", "EPSG:5709", MOMENT)
