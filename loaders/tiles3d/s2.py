"""Cells of the S2 grid (3DTILES_bounding_volume_S2) to boxes: six faces of a cube, quartered 30 times.

A point of the grid's unit sphere stands for the geodetic longitude and latitude of the same angles.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from loaders._ellipsoid import A, east_north_up, geocentric
from loaders._gltf.document import is_numbers
from loaders.tiles3d.regions import STEPS, boxed
from twin.geometry import F64

I64 = NDArray[np.int64]

EXTENSION = "3DTILES_bounding_volume_S2"
MAX_LEVEL = 30
CORNERS = ((0, 1, 3, 2), (0, 2, 3, 1), (3, 2, 0, 1), (3, 1, 0, 2))
"""Where the curve's four steps lie (2 i + j), by how the curve is turned there."""
TURNS = (1, 0, 0, 3)


class Cell(NamedTuple):
    """A cell: its face 0..5, its level, its place i, j on the face, its heights in metres."""

    face: int
    level: int
    i: int
    j: int
    low: float
    high: float


def cell_of(volume: Any) -> Cell | None:
    """Return the cell of a bounding volume; None if it is none or is broken."""
    extensions = volume.get("extensions") if isinstance(volume, dict) else None
    found = extensions.get(EXTENSION) if isinstance(extensions, dict) else None
    if not isinstance(found, dict):
        return None
    heights: list[Any] = [found.get("minimumHeight"), found.get("maximumHeight")]
    token = found.get("token")
    if not isinstance(token, str) or not 1 <= len(token) <= 16 or not is_numbers(heights, 2):
        return None
    try:
        number = int(token.ljust(16, "0"), 16)
    except ValueError:
        return None
    last = (number & -number).bit_length() - 1
    face, level = number >> 61, MAX_LEVEL - last // 2
    if last < 0 or last % 2 or face > 5 or level < 0 or heights[0] > heights[1]:
        return None
    i = j = 0
    turn = face & 1
    for step in range(1, level + 1):
        place = number >> (61 - 2 * step) & 3
        corner = CORNERS[turn][place]
        i, j, turn = i << 1 | corner >> 1, j << 1 | corner & 1, turn ^ TURNS[place]
    return Cell(face, level, i, j, float(heights[0]), float(heights[1]))


def cell_boxes(face: int, size: F64, i: I64, j: I64, heights: tuple[F64, F64]) -> tuple[F64, F64]:
    """Return centres f64(n, 3) and half-axes f64(n, 3, 3) of boxes around cells of one face.

    ``size`` f64(n) is the length of a cell's side as a part of the face's.
    """
    t = np.linspace(0, 1, STEPS)
    s = _curved((i[:, None] + t) * size[:, None])[:, :, None]
    u = _curved((j[:, None] + t) * size[:, None])[:, None, :]
    s, u = np.broadcast_arrays(s, u)
    x, y, z = _on_cube(face, s, u)
    lon, lat = np.arctan2(y, x), np.arctan2(z, np.hypot(x, y))
    low, high = heights
    both = np.stack([low, high], axis=1)
    points = geocentric(lon[..., None], lat[..., None], both[:, None, None, :])
    middle = STEPS // 2
    frame = east_north_up(lon[:, middle, middle], lat[:, middle, middle])
    frame[size > 1 / 4] = np.eye(3)
    step = size * np.pi / 2 * 1.5 / (STEPS - 1)
    return boxed(points.reshape(len(i), -1, 3), frame, (A + np.maximum(high, 0.0)) * step**2 / 4)


def _curved(s: F64) -> F64:
    """Return -1..1 on the cube's face for 0..1 in the grid: cells of nearly equal area."""
    return np.where(s >= 0.5, (4 * s * s - 1) / 3, (1 - 4 * (1 - s) ** 2) / 3)


def _on_cube(face: int, u: F64, v: F64) -> tuple[F64, F64, F64]:
    one = np.ones_like(u)
    return (
        (one, u, v), (-u, one, v), (-u, -v, one), (-one, -v, -u), (v, -one, -u), (v, u, -one)
    )[face]  # fmt: skip
