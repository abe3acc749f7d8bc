"""Small cities of boxes over a ground, as studies made by hand."""

from collections.abc import Sequence

import numpy as np

from twin.analyses.study import Bodies, Study, StudyLayer
from twin.features import FeatureTable, texts
from twin.geometry import F64
from twin.observations import Assessment

ORIGIN = np.array([85_000.0, 447_000.0, 0.0])
Box = tuple[float, float, float, float, float, float]
FACES = np.array(
    [
        [0, 2, 1], [0, 3, 2], [4, 5, 6], [4, 6, 7], [0, 1, 5], [0, 5, 4],
        [1, 2, 6], [1, 6, 5], [2, 3, 7], [2, 7, 6], [3, 0, 4], [3, 4, 7],
    ]
)  # fmt: skip


def at(x: float, y: float, z: float) -> tuple[float, float, float]:
    """Return a place of the scene in the project frame."""
    return (x + float(ORIGIN[0]), y + float(ORIGIN[1]), z)


def box(
    low_x: float, low_y: float, low_z: float, high_x: float, high_y: float, high_z: float
) -> F64:
    """Return the twelve triangles f64(12, 3, 3) of a box, seen from outside anticlockwise."""
    corners = np.array(
        [
            [x, y, z]
            for z in (low_z, high_z)
            for x, y in ((low_x, low_y), (high_x, low_y), (high_x, high_y), (low_x, high_y))
        ]
    )
    return np.asarray(corners[FACES])


def flat(low: float, high: float, z: float = 0.0) -> F64:
    """Return a level square f64(2, 3, 3)."""
    a, b, c, d = [low, low, z], [high, low, z], [high, high, z], [low, high, z]
    return np.array([[a, b, c], [a, c, d]], np.float64)


def layer(
    key: str, names: Sequence[str], ground: bool = False, kind: str = "Building"
) -> StudyLayer:
    """Return a layer of buildings by name."""
    n = len(names)
    table = FeatureTable(
        texts(list(names)), np.zeros(n, np.uint16), (kind,), np.full(n, -1, np.int32),
        np.zeros((n, 6)),
    )  # fmt: skip
    return StudyLayer(
        key, key.title(), table, Assessment.unknown(n), np.ones(n, np.bool_), ground=ground
    )


def study(things: Sequence[F64], terrain: F64 | None = None) -> Study:
    """Return a city whose buildings b0, b1, ... have triangles f64(t, 3, 3), with a terrain if given."""
    parts = [*things] if terrain is None else [*things, terrain]
    corners = np.concatenate([np.zeros((0, 3, 3)), *parts])
    count = [len(part) for part in parts]
    row = np.repeat(np.arange(len(parts)), count)
    number = np.zeros(len(row), np.int16)
    if terrain is not None:
        number[row == len(things)] = 1
        row[row == len(things)] = -1
    bodies = Bodies(
        ORIGIN, corners.reshape(-1, 3).astype(np.float32),
        np.arange(3 * len(corners), dtype=np.int32).reshape(-1, 3), number, row.astype(np.int32),
    )  # fmt: skip
    layers = (layer("city", [f"b{n}" for n in range(len(things))]), layer("ground", (), True))
    return Study(
        layers, bodies, "EPSG:28992", "EPSG:5709", np.datetime64("2026-01-01T00:00:00.000")
    )
