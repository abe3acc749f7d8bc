"""The spatial tree as arrays, growth that costs what it brings, a camera as numbers."""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F32, F64, I32, Arrays, Rows

Bool = NDArray[np.bool_]

REPLACE = 0
ADD = 1
SAME = 2
"""How children relate to a tile: they replace it, add to it, or are the same once more in pieces that only
have finer pictures. Pieces are ``SAME`` themselves, down to the last."""


@dataclass(frozen=True, slots=True)
class Gates(Arrays):
    """Volumes from which alone a tile, and all below it, is seen and fetched (viewer request volumes).

    ``tile`` i32(k); ``center`` f64(k, 3) and half-``axes`` f32(k, 3, 3) like those of a tree, in the
    same frame, metres; ``ball`` bool(k): a sphere whose radius is the length of its first axis.
    Several gates of one tile must all be open.
    """

    tile: I32
    center: F64
    axes: F32
    ball: Bool

    def __len__(self) -> int:
        """Return the number of volumes."""
        return len(self.tile)

    def open_to(self, eye: F64) -> Bool:
        """Return bool(k): the point f64(3) is inside the volume."""
        to = eye - self.center
        axes = self.axes.astype(np.float64)
        length = np.linalg.norm(axes, axis=2)
        along = np.abs(np.einsum("kij,kj->ki", axes, to))
        boxed = (along <= length * length).all(axis=1)
        round_ = np.linalg.norm(to, axis=1) <= length[:, 0]
        return np.asarray(np.where(self.ball, round_, boxed), np.bool_)

    def beside(self, more: "Gates", shift: int) -> "Gates":
        """Return these and ``more``, whose tiles are counted from ``shift``."""
        if not len(more):
            return self
        return Gates(
            np.concatenate([self.tile, more.tile + np.int32(shift)]),
            np.concatenate([self.center, more.center]),
            np.concatenate([self.axes, more.axes]),
            np.concatenate([self.ball, more.ball]),
        )


NO_GATES = Gates(
    np.zeros(0, np.int32), np.zeros((0, 3)), np.zeros((0, 3, 3), np.float32), np.zeros(0, np.bool_)
)


@dataclass(frozen=True, slots=True)
class TileTree(Arrays):
    """Tiles as rows: tile 0 is the root; children of a tile stand together.

    ``center`` f64(n, 3) and half-``axes`` f32(n, 3, 3) (rows are the three half-axis vectors) give
    the oriented box in the source's (after placing: the project's) frame, metres; ``error`` f32(n)
    geometric error in metres (inf = must refine); ``parent`` i32(n) (-1 root); children are rows
    ``first .. first+count``; ``refine`` u8(n) REPLACE, ADD or SAME (how the tile's CHILDREN relate to
    it); ``content`` bool(n): something can be fetched and drawn; ``gates``: from where alone.
    """

    center: F64
    axes: F32
    error: F32
    parent: I32
    first: I32
    count: I32
    refine: NDArray[np.uint8]
    content: Bool
    gates: Gates = NO_GATES

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
        """Return the tiles whose content is the finest: leaves, and every tile of ADD branches.

        Tiles that repeat one of these are left out.
        """
        drawn = self.content & ((self.count == 0) | (self.refine != REPLACE)) & ~self.repeating()
        return np.flatnonzero(drawn).astype(np.int32)

    def repeating(self) -> Bool:
        """Return bool(n): the tile is a piece of one above it, with nothing of its own but a finer picture."""
        above = self.refine[np.maximum(self.parent, 0)] == SAME
        return np.asarray(above & (self.parent >= 0), np.bool_)

    def grown(self, tile: int, more: "TileTree") -> "TileTree":
        """Return a tree in which ``more`` hangs under ``tile`` (its root becomes the only child).

        New rows are appended, so tile numbers stay. ``tile`` itself has nothing to draw any more
        and always refines (an external tileset).
        """
        found = GrowingTree(self, len(more))
        found.grow(tile, more)
        return found.tree


class GrowingTree:
    """A tree that grows in place: its arrays have room, so that n growths cost no more than n tiles.

    ``tree`` is the tree as it stands. A tree taken earlier keeps its length, yet may name children
    that only a later one holds: walk the newest.
    """

    def __init__(self, tree: TileTree, room: int = 0) -> None:
        """Take a copy of a tree, with room for ``room`` more tiles."""
        self.tree = tree
        self._rows: dict[str, NDArray[Any]] = {}
        for name in (item.name for item in fields(TileTree) if item.name != "gates"):
            self._rows[name] = getattr(tree, name)
        self._reserve(len(tree) + room)
        self._show(len(tree), tree.gates)

    def grow(self, tile: int, more: TileTree) -> None:
        """Hang ``more`` under ``tile``: see ``TileTree.grown``."""
        start = len(self.tree)
        stop = start + len(more)
        self._reserve(stop)
        for name, rows in self._rows.items():
            rows[start:stop] = getattr(more, name)
        rows = self._rows["parent"][start:stop]
        rows[:] = np.where(rows < 0, tile, rows + start)
        self._rows["first"][start:stop] += start
        self._rows["first"][tile], self._rows["count"][tile] = start, 1
        self._rows["error"][tile], self._rows["content"][tile] = np.inf, False
        self._show(stop, self.tree.gates.beside(more.gates, start))

    def empty(self, tile: int, *, content: bool = False) -> None:
        """Note that a tile has nothing to draw, or may have something again."""
        self._rows["content"][tile] = content

    def _reserve(self, size: int) -> None:
        """Make room for ``size`` tiles, and as many again: what is copied was as much as what came."""
        for name, rows in self._rows.items():
            if len(rows) < size or rows is getattr(self.tree, name):
                known = rows[: len(self.tree)]
                wide = np.empty(
                    (size + (size if len(rows) < size else 0), *rows.shape[1:]), rows.dtype
                )
                wide[: len(known)] = known
                self._rows[name] = wide

    def _show(self, size: int, gates: Gates) -> None:
        arrays: dict[str, Any] = {name: rows[:size] for name, rows in self._rows.items()}
        self.tree = replace(self.tree, **arrays, gates=gates)


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
