"""Bounding volumes (region, box, sphere, S2 cell) to oriented boxes in the tileset's frame, in bulk."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from loaders._ellipsoid import A, F
from loaders._gltf.document import is_numbers
from loaders.tiles3d.regions import region_boxes
from loaders.tiles3d.s2 import Cell, cell_boxes, cell_of
from twin.geometry import F32, F64, Rows
from twin.tiles import NO_GATES, Gates, TileTree

NOTHING = [0.0] * 12
SHELL = (-15_000.0, 100_000.0)
"""Heights above the ellipsoid between which the Earth's surface and what stands on it lie, metres."""

SLACK = 0.01
"""How far the volume of a content may stand out of its tile's, as a share of its size."""


@dataclass(slots=True)
class Volumes:
    """Collects one volume a tile as plain numbers, then makes all boxes at once.

    A hundred thousand tiles are common: nothing here makes an array for a single tile.
    """

    local: list[list[float]] = field(default_factory=list)
    frame: list[int] = field(default_factory=list)
    matrices: list[F64] = field(default_factory=list)
    spheres: list[int] = field(default_factory=list)
    regions: list[tuple[int, list[float]]] = field(default_factory=list)
    cells: list[tuple[int, Cell]] = field(default_factory=list)
    borrowed: list[tuple[int, int]] = field(default_factory=list)
    scale: float = 1.0

    def under(self, matrix: F64) -> float:
        """Say that what is added now stands under a matrix f64(4, 4); return its largest stretch."""
        if not self.matrices or self.matrices[-1] is not matrix:
            self.matrices.append(matrix)
            self.scale = scale_of(matrix)
        return self.scale

    def add(self, volume: Any, parent: int) -> bool:
        """Add a tile's ``boundingVolume``; False if unusable.

        Then the tile gets the box of tile ``parent`` (a row added before, -1 = an empty box).
        """
        row = len(self.local)
        self.frame.append(len(self.matrices) - 1)
        if isinstance(volume, dict):
            box = volume.get("box")
            if box is not None and is_numbers(box, 12):
                self.local.append(box)
                return True
            region, sphere = volume.get("region"), volume.get("sphere")
            if region is not None and is_numbers(region, 6) and is_region(region):
                self.regions.append((row, region))
                self.local.append(NOTHING)
                return True
            if sphere is not None and is_numbers(sphere, 4) and sphere[3] >= 0:
                x, y, z, r = sphere
                self.spheres.append(row)
                self.local.append([x, y, z, r, 0, 0, 0, r, 0, 0, 0, r])
                return True
            cell = cell_of(volume)
            if cell is not None:
                self.cells.append((row, cell))
                self.local.append(NOTHING)
                return True
        self.local.append(NOTHING)
        if parent >= 0:
            self.borrowed.append((row, parent))
        return False

    def drop(self) -> None:
        """Take back the volume added last, an unusable one."""
        self.local.pop()
        self.frame.pop()

    def boxes(self) -> tuple[F64, F32]:
        """Return centres f64(n, 3) and half-axes f32(n, 3, 3)."""
        local = np.array(self.local, np.float64).reshape(-1, 12)
        frame = np.array(self.frame, np.int64)
        every = np.array(self.matrices, np.float64).reshape(-1, 4, 4)
        linear = every[frame, :3, :3]
        center = np.einsum("nij,nj->ni", linear, local[:, :3]) + every[frame, :3, 3]
        half = local[:, 3:].reshape(-1, 3, 3)
        axes = np.einsum("nij,nkj->nik", half, linear)
        if self.spheres:
            rows = np.array(self.spheres)
            stretch = np.sqrt((linear[rows] ** 2).sum(axis=1)).max(axis=1)
            axes[rows] = half[rows] * stretch[:, None, None]
        if self.regions:
            rows = np.array([row for row, _ in self.regions])
            found = region_boxes(np.array([v for _, v in self.regions], np.float64))
            center[rows], axes[rows] = found
        for row, cell in self.cells:
            center[row], axes[row] = _cell_box(cell)
        for row, parent in self.borrowed:
            center[row], axes[row] = center[parent], axes[parent]
        return center, axes.astype(np.float32)


def gates(volumes: Volumes, tiles: list[int]) -> Gates:
    """Return volumes as what a tile is seen from; ``tiles`` says whose each one is."""
    if not tiles:
        return NO_GATES
    center, axes = volumes.boxes()
    ball = np.zeros(len(tiles), np.bool_)
    ball[volumes.spheres] = True
    return Gates(np.array(tiles, np.int32), center, axes, ball)


def standing_out(tree: TileTree, outer: Volumes, inner: Volumes, tiles: list[int]) -> Rows:
    """Return the tiles that a volume of their content stands out of, by more than SLACK of their size.

    ``tiles`` says whose each of ``inner`` is. Two regions are compared as such, everything else by
    the tile's box; a flat box has no side in the direction it lacks.
    """
    if not tiles:
        return np.zeros(0, np.int32)
    rows = np.array(tiles, np.int32)
    center, axes = inner.boxes()
    sides = tree.axes[rows].astype(np.float64)
    length = np.linalg.norm(sides, axis=2)
    unit = sides / np.where(length > 0, length, np.inf)[:, :, None]
    along = np.abs(np.einsum("kij,kj->ki", unit, center - tree.center[rows]))
    reach = np.abs(np.einsum("kij,klj->kil", unit, axes.astype(np.float64))).sum(axis=2)
    balls = np.array(inner.spheres, np.int64)
    reach[balls] = np.linalg.norm(axes[balls, 0], axis=1)[:, None]
    room = length + SLACK * length.max(axis=1, keepdims=True)
    out = ((along + reach > room) & (length > 0)).any(axis=1)
    regions = dict(outer.regions)
    for row, region in inner.regions:
        whole = regions.get(tiles[row])
        if whole is not None:
            out[row] = not _holds(whole, region)
    return np.unique(rows[out]).astype(np.int32)


def _holds(whole: list[float], part: list[float]) -> bool:
    """Return whether a region holds another; one that crosses the 180th meridian is not judged."""
    if whole[0] > whole[2] or part[0] > part[2]:
        return True
    for low, high in ((0, 2), (1, 3), (4, 5)):
        slack = SLACK * (whole[high] - whole[low]) + (1e-3 if low == 4 else 1e-9)
        if part[low] < whole[low] - slack or part[high] > whole[high] + slack:
            return False
    return True


def _cell_box(cell: Cell) -> tuple[F64, F64]:
    size, i, j = np.full(1, 0.5**cell.level), np.full(1, cell.i), np.full(1, cell.j)
    heights = (np.full(1, cell.low), np.full(1, cell.high))
    center, axes = cell_boxes(cell.face, size, i, j, heights)
    return center[0], axes[0]


def scale_of(matrix: F64) -> float:
    """Return the largest factor by which a matrix stretches one of its axes."""
    return float(np.sqrt((matrix[:3, :3] ** 2).sum(axis=0)).max())


def is_region(region: list[float]) -> bool:
    """Return whether six numbers are a region: radians and heights in order."""
    west, south, east, north, low, high = region
    turn, quarter = np.pi + 1e-6, np.pi / 2 + 1e-6
    return (
        abs(west) <= turn * 2
        and abs(east) <= turn * 2
        and -quarter <= south <= north <= quarter
        and low <= high
    )


def on_earth(center: F64, axes: F64) -> bool:
    """Return whether a box f64(3), f64(3, 3) meets the Earth's surface in geocentric coordinates."""
    reach = float(np.sqrt((np.asarray(axes, np.float64) ** 2).sum()))
    distance = float(np.linalg.norm(center))
    sine = float(center[2]) / max(distance, 1.0)
    height = distance - A * (1 - F * sine * sine)
    return height + reach >= SHELL[0] and height - reach <= SHELL[1] and reach < 1e8
