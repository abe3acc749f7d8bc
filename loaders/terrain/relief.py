"""Heights on a grid to a mesh: triangles where there are heights, normals, and skirts against cracks."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F32, F64, I32, U8, Material, Mesh

MATERIAL = Material("terrain", (0.44, 0.45, 0.38, 1.0), double_sided=True)
SUN = (-0.5, 0.5, 0.7071)
"""From where bare relief is shaded, northwest and 45 degrees high: what maps have, so that hills are not read as pits."""
STEEPER = 2.0
"""How many times as steep relief is taken for its shade."""
FLAT_SHADE, LEAST_SHADE = 0.82, 0.48
"""Brightness of level ground and of the darkest slope, as a part of the colour of the ground."""
LEAN = 2.0
"""How far the normals of a wall lean outwards, as a part of their height."""


class Grid(NamedTuple):
    """Where a grid stands: affine a, b, c, d, e, f, x = a column + b row + c of a cell's centre; ``units``
    are metres in a unit of the plane (about, for degrees) and of heights."""

    affine: tuple[float, float, float, float, float, float]
    units: tuple[float, float] = (1.0, 1.0)

    def at(self, columns: F64, rows: F64) -> F64:
        """Return the places f64(..., 2) of columns and rows, counted to the cells' centres."""
        a, b, c, d, e, f = self.affine
        return np.stack([a * columns + b * rows + c, d * columns + e * rows + f], axis=-1)

    @property
    def spacing(self) -> float:
        """Return the larger distance between neighbours, metres."""
        a, b, _, d, e, _ = self.affine
        return float(max(np.hypot(a, d), np.hypot(b, e))) * self.units[0]


def slopes(grid: Grid, cells: tuple[NDArray[np.int64], NDArray[np.int64]], heights: F32) -> F32:
    """Return normals f32(rows, columns, 3) of a surface, in its own coordinates, of unit length.

    ``cells`` are its columns and rows. A hole beside a vertex takes the slope of the other side, else none.
    """
    columns, rows = (np.asarray(part, np.float64) for part in cells)
    along = _gradient(heights, columns)
    down = _gradient(heights.T, rows).T
    a, b, _, d, e, _ = grid.affine
    det = a * e - b * d
    # heights by place: the inverse of the affine map, transposed, on heights by cell
    dx = (e * along - d * down) / det
    dy = (a * down - b * along) / det
    normal = np.stack([-dx, -dy, np.ones_like(dx)], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return normal.astype(np.float32)


def _gradient(heights: F32, at: F64) -> F64:
    """Return the change of heights (r, n) along ``at`` f64(n): the mean of both sides, or one of them."""
    steps = np.diff(heights.astype(np.float64), axis=1) / np.diff(at)
    left = np.concatenate([np.full((len(heights), 1), np.nan), steps], axis=1)
    right = np.concatenate([steps, np.full((len(heights), 1), np.nan)], axis=1)
    mean = (left + right) / 2
    mean = np.where(np.isnan(mean), np.where(np.isnan(left), right, left), mean)
    return np.asarray(np.nan_to_num(mean), np.float64)


class Vertices(NamedTuple):
    """A surface before it is a mesh: points f64(n, 3), normals f32(n, 3) and triangles i32(t, 3) of them."""

    points: F64
    normals: F32
    triangles: I32


def mesh(
    grid: Grid,
    cells: tuple[NDArray[np.int64], NDArray[np.int64]],
    heights: F32,
    normals: F32,
    skirt: float,
) -> Mesh | None:
    """Return the surface of heights f32(rows, columns) as a mesh that belongs to no object; None = all hole.

    ``cells`` are its columns and rows; ``skirt`` how far walls hang down from its edges, in the heights' unit.
    """
    rows, columns = heights.shape
    plan = grid.at(*np.meshgrid(*(np.asarray(part, np.float64) for part in cells))).reshape(-1, 2)
    number = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    triangles = _triangles(number, np.isfinite(heights))
    if not len(triangles):
        return None
    if _mirrored(grid):
        triangles = triangles[:, ::-1]
    points = np.concatenate([plan, heights.reshape(-1, 1).astype(np.float64)], axis=1)
    surface = Vertices(points, normals.reshape(-1, 3), triangles)
    return closed(surface, _ring(number, triangles, mirrored=_mirrored(grid)), skirt, grid.units)


def _mirrored(grid: Grid) -> bool:
    """Return whether rows run so that (down, right) turns clockwise seen from above."""
    a, b, _, d, e, _ = grid.affine
    return a * e - b * d > 0


def _triangles(number: I32, there: NDArray[np.bool_]) -> I32:
    """Return two triangles a cell, counter-clockwise where rows run south; none at holes."""
    a, b = number[:-1, :-1], number[:-1, 1:]
    c, d = number[1:, :-1], number[1:, 1:]
    both = np.stack([np.stack([a, c, b], -1), np.stack([b, c, d], -1)], axis=2).reshape(-1, 3)
    kept = there.reshape(-1)[both].all(axis=1)
    return np.ascontiguousarray(both[kept], np.int32)


def _ring(number: I32, triangles: I32, *, mirrored: bool) -> tuple[I32, I32]:
    """Return the edges of a tile, from vertex to vertex i32(k), the surface on their left.

    The rim of a hole is none of them: it stays open, as it is.
    """
    used = np.zeros(number.size, np.bool_)
    used[triangles] = True
    ring = (number[0, ::-1], number[:, 0], number[-1, :], number[::-1, -1])
    starts = np.concatenate([side[:-1] for side in ring])
    ends = np.concatenate([side[1:] for side in ring])
    kept = used[starts] & used[ends]
    return (ends[kept], starts[kept]) if mirrored else (starts[kept], ends[kept])


def closed(
    surface: Vertices, ring: tuple[I32, I32], skirt: float, units: tuple[float, float] = (1.0, 1.0)
) -> Mesh:
    """Return a surface as a mesh with walls of ``skirt`` down from its ring, which hide cracks.

    The walls have vertices of their own, whose normals lean outwards: so they are lit like the ground.
    """
    starts, ends = ring
    points, flat = surface.points, surface.normals
    along = (points[ends] - points[starts])[:, :2]
    out = np.stack([along[:, 1], -along[:, 0]], axis=1)
    out *= units[0] / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-300)
    down = np.array([0.0, 0.0, skirt])
    quad = np.stack(
        [points[starts], points[starts] - down, points[ends], points[ends] - down], axis=1
    )
    leaning = np.stack([flat[starts], flat[starts], flat[ends], flat[ends]], axis=1).astype(
        np.float64
    )
    leaning[:, :, :2] += LEAN * leaning[:, :, 2:] * out[:, None, :]
    leaning /= np.maximum(np.linalg.norm(leaning, axis=2, keepdims=True), 1e-300)
    first = len(points) + 4 * np.arange(len(starts), dtype=np.int32)[:, None]
    walls = np.concatenate([first + np.array(half, np.int32) for half in ((0, 1, 2), (2, 1, 3))])
    return _compact(
        np.concatenate([points, quad.reshape(-1, 3)]),
        np.concatenate([flat, leaning.reshape(-1, 3)]),
        np.concatenate([surface.triangles, walls]),
        units,
    )


def shaded(normals: F64, units: tuple[float, float]) -> U8:
    """Return the shade u8(n, 4) of a surface's normals f64(n, 3), given in its own units, for a multiplied colour.

    The usual hillshade (Horn 1981), relief taken ``STEEPER``: cities stand on gentle ground.
    """
    steep = np.array([STEEPER * units[1] / units[0]] * 2 + [1.0]) * normals
    steep /= np.maximum(np.linalg.norm(steep, axis=1, keepdims=True), 1e-300)
    share = np.clip(FLAT_SHADE * (steep @ np.array(SUN)) / SUN[2], LEAST_SHADE, 1.0)
    found = np.full((len(normals), 4), 255, np.uint8)
    found[:, :3] = np.asarray(255 * share + 0.5, np.uint8)[:, None]
    return found


def _compact(points: F64, normals: F64, triangles: I32, units: tuple[float, float]) -> Mesh:
    """Return a mesh of the vertices that are used, shaded as relief."""
    used = np.zeros(len(points), np.bool_)
    used[triangles] = True
    renumber = np.cumsum(used, dtype=np.int32) - 1
    kept = points[used]
    low, high = kept.min(axis=0), kept.max(axis=0)
    origin = (low + high) / 2
    return Mesh(
        origin=origin,
        positions=(kept - origin).astype(np.float32),
        triangles=renumber[triangles].astype(np.int32),
        feature=np.full(len(kept), -1, np.int32),
        material=MATERIAL,
        normals=np.ascontiguousarray(normals[used], np.float32),
        colors=shaded(normals[used], units),
    )
