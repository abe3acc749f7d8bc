"""Studies of boxes: cities made of numbers."""

from collections.abc import Sequence

import numpy as np

from tests.blocks import CORNERS, FACES, Box
from twin.analyses.study import Bodies, Study, StudyLayer
from twin.features import FeatureTable, encode, texts
from twin.observations import Assessment

ORIGIN = np.array([85_000.0, 447_000.0, 0.0])
AT = np.datetime64("2026-11-27T00:00", "ms")


def layer_of(key: str, boxes: Sequence[Box], kind: str = "Building") -> StudyLayer:
    codes, kinds = encode([kind] * len(boxes))
    table = FeatureTable(
        texts([f"{key}{n}" for n in range(len(boxes))]), codes, kinds or (kind,),
        np.full(len(boxes), -1, np.int32), np.array(boxes, np.float64).reshape(-1, 6),
    )  # fmt: skip
    there = np.ones(len(boxes), np.bool_)
    return StudyLayer(key, key, table, Assessment.unknown(len(boxes)), there)


def bodies_of(boxes: Sequence[Box], layer: int = 0, *, inside_out: bool = False) -> Bodies:
    """Boxes in metres from ORIGIN; row n is box n."""
    at = np.array(boxes, np.float64).reshape(-1, 6)
    faces = FACES[:, ::-1] if inside_out else FACES
    triangles = (faces[None] + 8 * np.arange(len(at))[:, None, None]).reshape(-1, 3)
    return Bodies(
        ORIGIN, at[:, CORNERS].reshape(-1, 3).astype(np.float32), triangles.astype(np.int32),
        np.full(12 * len(at), layer, np.int16), np.repeat(np.arange(len(at)), 12).astype(np.int32),
    )  # fmt: skip


def ground(low: float, high: float, level: float = 0.0) -> Bodies:
    """A square of terrain, two triangles."""
    corners = np.array(
        [[low, low, level], [high, low, level], [high, high, level], [low, high, level]]
    )
    return Bodies(
        ORIGIN, corners.astype(np.float32), np.array([[0, 1, 2], [0, 2, 3]], np.int32),
        np.ones(2, np.int16), np.full(2, -1, np.int32),
    )  # fmt: skip


def joined(first: Bodies, second: Bodies) -> Bodies:
    return Bodies(
        ORIGIN,
        np.concatenate([first.positions, second.positions]),
        np.concatenate([first.triangles, second.triangles + len(first.positions)]).astype(
            np.int32
        ),
        np.concatenate([first.layer, second.layer]),
        np.concatenate([first.row, second.row]),
    )


def study_of(
    boxes: Sequence[Box], lonlat: tuple[float, float] = (4.3571, 52.0116), north: float = 0.0,
    terrain: Bodies | None = None, inside_out: bool = False,
) -> Study:  # fmt: skip
    bodies = bodies_of(boxes, inside_out=inside_out)
    layers = [layer_of("city", boxes)]
    if terrain is not None:
        bodies = joined(bodies, terrain)
        empty = layer_of("terrain", [])
        layers.append(StudyLayer(
            "terrain", "terrain", empty.features, empty.assessment, empty.there, ground=True
        ))  # fmt: skip
    return Study(tuple(layers), bodies, "EPSG:28992", "", AT, lonlat=lonlat, north=north)
