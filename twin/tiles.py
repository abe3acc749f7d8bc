"""The spatial tree as arrays, a camera as numbers."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F32, F64, I32, Arrays, Rows

REPLACE = 0
ADD = 1


@dataclass(frozen=True, slots=True)
class TileTree(Arrays):
    """Tiles as rows: tile 0 is the root; children of a tile stand together.

    ``center`` f64(n, 3) and half-``axes`` f32(n, 3, 3) (rows are the three half-axis vectors) give
    the oriented box in the source's (after placing: the project's) frame, metres; ``error`` f32(n)
    geometric error in metres (inf = must refine); ``parent`` i32(n) (-1 root); children are rows
    ``first .. first+count``; ``refine`` u8(n) REPLACE or ADD (how the tile's CHILDREN relate to
    it); ``content`` bool(n): something can be fetched and drawn.
    """

    center: F64
    axes: F32
    error: F32
    parent: I32
    first: I32
    count: I32
    refine: NDArray[np.uint8]
    content: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of tiles."""
        return len(self.parent)

    @staticmethod
    def single(box: F64, error: float = 0.0) -> "TileTree":
        """Return the tree of one tile around a box f64(6) (min xyz, max xyz)."""
        return TileTree.flat(box[None, :], error)

    @staticmethod
    def flat(boxes: F64, error: float = 0.0) -> "TileTree":
        """Return tiles with the boxes f64(n, 6); one is the root, more hang under an empty root."""
        boxes = np.where(np.isfinite(boxes), boxes, 0.0)
        n = len(boxes)
        if n != 1:
            low = boxes[:, :3].min(axis=0) if n else np.zeros(3)
            high = boxes[:, 3:].max(axis=0) if n else np.zeros(3)
            boxes = np.concatenate([np.concatenate([low, high])[None, :], boxes])
        total = len(boxes)
        axes = np.zeros((total, 3, 3), np.float32)
        half = np.maximum((boxes[:, 3:] - boxes[:, :3]) / 2, 1e-3)
        axes[:, [0, 1, 2], [0, 1, 2]] = half
        parent = np.zeros(total, np.int32)
        parent[0] = -1
        first = np.zeros(total, np.int32)
        count = np.zeros(total, np.int32)
        errors = np.full(total, error, np.float32)
        content = np.ones(total, np.bool_)
        refine = np.full(total, REPLACE, np.uint8)
        if n != 1:
            first[0], count[0], content[0], errors[0], refine[0] = 1, n, False, np.inf, ADD
        return TileTree(
            (boxes[:, :3] + boxes[:, 3:]) / 2, axes, errors, parent, first, count, refine, content
        )

    def boxes(self) -> F64:
        """Return the axis-aligned bounds f64(n, 6) of the oriented boxes."""
        reach = np.abs(self.axes.astype(np.float64)).sum(axis=1)
        return np.concatenate([self.center - reach, self.center + reach], axis=1)

    def leaves(self) -> Rows:
        """Return the tiles whose content is the finest: leaves, and every tile of ADD branches."""
        drawn = self.content & ((self.count == 0) | (self.refine == ADD))
        return np.flatnonzero(drawn).astype(np.int32)

    def grown(self, tile: int, more: "TileTree") -> "TileTree":
        """Return a tree in which ``more`` hangs under ``tile`` (its root becomes the only child).

        New rows are appended, so tile numbers stay. ``tile`` itself has nothing to draw any more
        and always refines (an external tileset).
        """
        n = len(self)
        parent = np.where(more.parent < 0, tile, more.parent + n).astype(np.int32)
        first, count = self.first.copy(), self.count.copy()
        first[tile], count[tile] = n, 1
        error, content = self.error.copy(), self.content.copy()
        error[tile], content[tile] = np.inf, False
        return replace(
            self,
            center=np.concatenate([self.center, more.center]),
            axes=np.concatenate([self.axes, more.axes]),
            error=np.concatenate([error, more.error]),
            parent=np.concatenate([self.parent, parent]),
            first=np.concatenate([first, more.first + n]).astype(np.int32),
            count=np.concatenate([count, more.count]),
            refine=np.concatenate([self.refine, more.refine]),
            content=np.concatenate([content, more.content]),
        )


@dataclass(frozen=True, slots=True)
class View:
    """A camera as numbers: ``eye`` f64(3), unit ``forward`` and ``up``, vertical field of view in
    degrees, picture size in pixels. Project frame, metres."""

    eye: F64
    forward: F64
    up: F64
    fov_y: float
    size: tuple[int, int]

    @property
    def right(self) -> F64:
        """Return the unit vector to the right."""
        side = np.cross(self.forward, self.up)
        return np.asarray(side / np.linalg.norm(side), np.float64)

    def ray(self, x: float, y: float) -> F64:
        """Return the unit direction f64(3) through pixel (x, y), y counted from the top; pixel centre = +0.5."""
        width, height = self.size
        up = np.cross(self.right, self.forward)
        half = np.tan(np.radians(self.fov_y) / 2)
        sx = (2 * x / width - 1) * half * width / height
        sy = (1 - 2 * y / height) * half
        ray = self.forward + sx * self.right + sy * up
        return np.asarray(ray / np.linalg.norm(ray), np.float64)


@dataclass(frozen=True, slots=True)
class Selection:
    """What one layer draws, should fetch (by priority, best first) and should keep in memory."""

    draw: Rows
    fetch: Rows
    keep: Rows
