"""The volume of an implicit tile: the root's box, region or S2 cell, halved a level."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from loaders._gltf.document import is_numbers
from loaders.tiles3d.regions import region_boxes
from loaders.tiles3d.s2 import I64, cell_boxes, cell_of
from loaders.tiles3d.volumes import is_region
from twin.geometry import F32, F64


class Places(NamedTuple):
    """Where tiles stand: level and x, y, z i64(n) counted from the implicit root."""

    level: I64
    x: I64
    y: I64
    z: I64

    def only(self, rows: NDArray[np.intp]) -> "Places":
        """Return the places of some tiles."""
        return Places(*(values[rows] for values in self))


Heights = tuple[F64 | None, ...]
"""Ellipsoidal heights f64(n) that replace the lowest and the highest of each tile, where given."""


def divisible(volume: Any) -> bool:
    """Return whether a bounding volume can be subdivided: a box, a region or an S2 cell."""
    if not isinstance(volume, dict):
        return False
    box, region = volume.get("box"), volume.get("region")
    if box is not None:
        return is_numbers(box, 12)
    if region is not None:
        return is_numbers(region, 6) and is_region(region)
    return cell_of(volume) is not None


def subdivided(
    volume: dict[str, Any], matrix: F64, axes: int, places: Places, heights: Heights = (None, None)
) -> tuple[F64, F32]:
    """Return centres f64(n, 3) and half-axes f32(n, 3, 3) of tiles, under a matrix f64(4, 4).

    A quadtree (``axes`` 2) halves x and y only. Regions and cells are geodetic and stay where they
    are whatever the matrix.
    """
    side = 0.5 ** places.level.astype(np.float64)
    z, tall = (places.z, side) if axes == 3 else (np.zeros_like(places.z), np.ones_like(side))
    if volume.get("box") is not None:
        return _boxes(volume["box"], matrix, np.stack([places.x, places.y, z]), (side, tall))
    cell = cell_of(volume)
    low, high = (cell.low, cell.high) if cell is not None else volume["region"][4:]
    span = (high - low) * tall
    bottom = low + z * span if heights[0] is None else heights[0]
    top = low + (z + 1) * span if heights[1] is None else heights[1]
    if cell is not None:
        i, j = (cell.i << places.level) + places.x, (cell.j << places.level) + places.y
        found = cell_boxes(cell.face, side * 0.5**cell.level, i, j, (bottom, top))
        return found[0], found[1].astype(np.float32)
    west, south, east, north = volume["region"][:4]
    wide = ((east - west) + (2 * np.pi if east < west else 0)) * side
    deep = (north - south) * side
    left, below = west + places.x * wide, south + places.y * deep
    found = region_boxes(np.stack([left, below, left + wide, below + deep, bottom, top], axis=1))
    return found[0], found[1].astype(np.float32)


def _boxes(
    box: list[float], matrix: F64, at: NDArray[np.int64], sides: tuple[F64, F64]
) -> tuple[F64, F32]:
    linear = matrix[:3, :3]
    half = np.array(box[3:], np.float64).reshape(3, 3) @ linear.T
    middle = linear @ np.array(box[:3], np.float64) + matrix[:3, 3]
    side, tall = sides
    part = np.stack([side, side, tall], axis=1)
    shift = (2 * at.T + 1) * part - 1
    return middle + shift @ half, (part[:, :, None] * half).astype(np.float32)
