"""Frames built by hand: streets of gabled houses in few tiles."""

import numpy as np

from twin.geometry import F64, U8, Material, Mesh
from twin.streaming import HATCH, VISIBLE, Frame, LayerFrame, Resident
from ui.viewport.camera import Pose, pose_of

ORIGIN = np.array([84_500.0, 447_600.0, 1.0])
HOUSE = np.array(
    [
        [0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1],
        [0.5, 0, 1.4], [0.5, 1, 1.4],
    ]
)  # fmt: skip
FACES = np.array(
    [
        [0, 1, 5], [0, 5, 4], [4, 5, 8], [1, 2, 6], [1, 6, 5], [2, 3, 7], [2, 7, 6], [6, 7, 9],
        [3, 0, 4], [3, 4, 7], [5, 6, 9], [5, 9, 8], [7, 4, 8], [7, 8, 9],
    ]
)  # fmt: skip
FILLS = (
    (51, 147, 205),
    (172, 209, 229),
    (234, 200, 101),
    (205, 65, 12),
    (119, 43, 147),
    (110, 116, 123),
)


def street(seed: int, count: int, origin: F64, first_row: int = 0) -> Resident:
    """Return one tile of ``count`` houses in rows of ten."""
    chance = np.random.default_rng(seed)
    size = np.stack(
        [chance.uniform(6, 9, count), chance.uniform(9, 13, count), chance.uniform(5, 12, count)],
        axis=1,
    )
    number = np.arange(count)
    place = np.stack([number % 10 * 9.5, number // 10 * 20.0, np.zeros(count)], axis=1)
    points = (HOUSE[None] * size[:, None] + place[:, None]).reshape(-1, 3).astype(np.float32)
    triangles = (FACES[None] + 10 * number[:, None, None]).reshape(-1, 3).astype(np.int32)
    feature = np.repeat(number, 10).astype(np.int32)
    mesh = Mesh(origin, points, triangles, feature, Material(color=(0.6, 0.55, 0.5, 1.0)))
    box = np.concatenate([points.min(axis=0) + origin, points.max(axis=0) + origin])
    return Resident(
        (mesh,), np.arange(first_row, first_row + count, dtype=np.int32), box, mesh.nbytes
    )


def colors(count: int) -> U8:
    """Return states in the status fills, the last of them hatched."""
    state = np.zeros((count, 4), np.uint8)
    kind = np.arange(count) * 7 % 6
    state[:, :3] = np.array(FILLS)[kind]
    state[:, 3] = np.where(kind == 5, VISIBLE | HATCH, VISIBLE)
    return state


def city(across: int = 2, count: int = 40, version: int = 1) -> Frame:
    """Return a frame of ``across`` x ``across`` tiles."""
    tiles = {}
    for number in range(across * across):
        offset = np.array([number % across * 110.0, number // across * 100.0, 0.0])
        tiles[number] = street(number, count, ORIGIN + offset, number * count)
    return Frame({"a": LayerFrame(tiles, colors(across * across * count), version)})


def identities(count: int) -> U8:
    """Return states whose colour is the row number + 1."""
    number = np.arange(1, count + 1)
    state = np.stack(
        [number & 255, number >> 8 & 255, number >> 16, np.full(count, VISIBLE)], axis=1
    )
    return state.astype(np.uint8)


def rows_of(picture: U8) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Return the row shown at each pixel of an identity picture; -1 = background."""
    wide = picture.astype(np.int64)
    return np.asarray(wide[..., 0] + (wide[..., 1] << 8) + (wide[..., 2] << 16) - 1, np.int64)


def box_of_frame(frame: Frame) -> F64:
    """Return the box f64(6) of all tiles."""
    boxes = np.stack([t.box for part in frame.layers.values() for t in part.tiles.values()])
    return np.concatenate([boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0)])


def over_the_roofs() -> Pose:
    """Return a pose that looks across the city from a corner."""
    return pose_of(ORIGIN + np.array([-40.0, -50.0, 60.0]), ORIGIN + np.array([80.0, 70.0, 0.0]))
