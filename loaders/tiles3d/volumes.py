"""Bounding volumes (region, box, sphere, S2 cell) to oriented boxes in the tileset's frame, in bulk."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from loaders._ellipsoid import A, F
from loaders._gltf.document import is_numbers
from loaders.tiles3d.regions import region_boxes
from loaders.tiles3d.s2 import Cell, cell_boxes, cell_of
from twin.geometry import F32, F64
from twin.tiles import NO_GATES, Gates

NOTHING = [0.0] * 12
SHELL = (-15_000.0, 100_000.0)
"""Heights above the ellipsoid between which the Earth's surface and what stands on it lie, metres."""


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
