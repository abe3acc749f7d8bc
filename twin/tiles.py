"""The spatial tree as arrays, a camera as numbers."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F32, F64, I32, Arrays, Rows

Bool = NDArray[np.bool_]

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


def select(
    tree: TileTree,
    view: View,
    resident: Bool,
    drawn: Rows,
    max_error: float = 16.0,
) -> Selection:
    """Return what to draw, fetch and keep. Pure: memory and history are arguments.

    Walks down to the ideal cut, up to see which parts are ready, down again to choose. A REPLACE
    tile stands in while its visible children are not all ready (kicking); where a coarser tile is
    wanted but missing, the finer ones drawn before stay (ancestor meets the error).
    """
    levels = _walk(tree, view, max_error)
    ready = _readiness(tree, levels, resident)
    draw, holes = _choose(tree, levels, resident, ready)
    if len(holes) and len(drawn):
        draw = np.concatenate([draw, _stand_ins(tree, holes, drawn[resident[drawn]])])
    fetch = _missing(tree, levels, resident, ready)
    visited = np.concatenate([level.tiles for level in levels]) if levels else _NONE
    keep = np.union1d(visited[resident[visited] & tree.content[visited]], draw)
    return Selection(draw.astype(np.int32), fetch, keep.astype(np.int32))


@dataclass(frozen=True, slots=True)
class _Level:
    """Visible tiles of one depth, whether each is refined, and how much each matters."""

    tiles: Rows
    refined: Bool
    weight: F64


_NONE = np.zeros(0, np.int32)


def _walk(tree: TileTree, view: View, max_error: float) -> list[_Level]:
    """Return the visible tiles by depth, down to the ideal cut."""
    levels = []
    frontier = np.flatnonzero(tree.parent < 0).astype(np.int32)
    while len(frontier):
        tiles = frontier[in_view(tree, frontier, view)]
        error = screen_error(tree, tiles, view)
        refined = (error > max_error) & (tree.count[tiles] > 0)
        toward = tree.center[tiles] - view.eye
        cosine = (toward @ view.forward) / np.maximum(np.linalg.norm(toward, axis=1), 1e-9)
        weight = np.minimum(error, 1e6) * (1.2 + cosine)
        levels.append(_Level(tiles, refined, weight))
        frontier = _children(tree, tiles[refined])
    return levels


def _children(tree: TileTree, tiles: Rows) -> Rows:
    """Return the children of all the tiles, parent by parent."""
    counts = tree.count[tiles]
    total = int(counts.sum())
    if not total:
        return _NONE
    starts = np.repeat(tree.first[tiles] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
    return (starts + np.arange(total)).astype(np.int32)


def in_view(tree: TileTree, tiles: Rows, view: View) -> Bool:
    """Return bool(k): the oriented box touches the view's pyramid (no far limit)."""
    to = tree.center[tiles] - view.eye
    axes = tree.axes[tiles].astype(np.float64)
    inside = np.ones(len(tiles), np.bool_)
    for normal in _planes(view):
        reach = np.abs(axes @ normal).sum(axis=1)
        inside &= to @ normal + reach >= 0
    return inside


def _planes(view: View) -> F64:
    """Return the inward normals f64(5, 3) of the view's pyramid; all planes pass through the eye."""
    right = view.right
    up = np.cross(right, view.forward)
    tall = np.tan(np.radians(view.fov_y) / 2)
    wide = tall * view.size[0] / view.size[1]
    planes = np.stack(
        [
            view.forward,
            wide * view.forward + right,
            wide * view.forward - right,
            tall * view.forward + up,
            tall * view.forward - up,
        ]
    )
    return np.asarray(planes / np.linalg.norm(planes, axis=1, keepdims=True), np.float64)


def screen_error(tree: TileTree, tiles: Rows, view: View) -> F64:
    """Return f64(k) pixels: geometric error x height / (2 x distance x tan(fov / 2)).

    The distance is that of the eye to the oriented box (3D Tiles specification, "Geometric error").
    """
    to = tree.center[tiles] - view.eye
    axes = tree.axes[tiles].astype(np.float64)
    length = np.linalg.norm(axes, axis=2)
    along = np.abs(np.einsum("kij,kj->ki", axes, to)) / np.maximum(length, 1e-12)
    outside = np.linalg.norm(np.maximum(along - length, 0), axis=1)
    sphere = np.linalg.norm(to, axis=1) - np.linalg.norm(length, axis=1)
    distance = np.maximum(np.maximum(outside, sphere), 1e-3)
    scale = view.size[1] / (2 * np.tan(np.radians(view.fov_y) / 2))
    return np.asarray(tree.error[tiles] * scale / distance, np.float64)


def _readiness(tree: TileTree, levels: list[_Level], resident: Bool) -> Bool:
    """Return bool(n): what the tile stands for can be drawn now; unvisited tiles count as ready."""
    ready = np.ones(len(tree), np.bool_)
    for level in reversed(levels):
        tiles = level.tiles
        own = resident[tiles] | ~tree.content[tiles]
        parts = tiles[level.refined]
        if len(parts):
            counts = tree.count[parts]
            starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
            below = np.logical_and.reduceat(ready[_children(tree, parts)], starts)
            adds = (tree.refine[parts] == ADD) & tree.content[parts]
            own[level.refined] = np.where(adds, own[level.refined], below)
        ready[tiles] = own
    return ready


def _choose(
    tree: TileTree, levels: list[_Level], resident: Bool, ready: Bool
) -> tuple[Rows, Rows]:
    """Return the tiles to draw, and the wanted ones that are missing."""
    active = np.zeros(len(tree), np.bool_)
    if levels:
        active[levels[0].tiles] = True
    draw, holes = [_NONE], [_NONE]
    for level in levels:
        on = active[level.tiles]
        tiles, refined = level.tiles[on], level.refined[on]
        here = resident[tiles] & tree.content[tiles]
        add = tree.refine[tiles] == ADD
        stand_in = refined & ~ready[tiles] & here
        draw.append(tiles[here & (~refined | add | stand_in)])
        holes.append(tiles[~refined & ~here & tree.content[tiles]])
        active[_children(tree, tiles[refined & ~stand_in])] = True
    return np.concatenate(draw), np.concatenate(holes)


def _stand_ins(tree: TileTree, holes: Rows, drawn: Rows) -> Rows:
    """Return the tiles drawn before that lie below a hole."""
    open_tiles = np.zeros(len(tree), np.bool_)
    open_tiles[holes] = True
    below = np.zeros(len(drawn), np.bool_)
    above = drawn
    while (above >= 0).any():
        below |= (above >= 0) & open_tiles[above]
        above = np.where(above >= 0, tree.parent[above], -1)
    return drawn[below]


def _missing(tree: TileTree, levels: list[_Level], resident: Bool, ready: Bool) -> Rows:
    """Return what to fetch, best first: one coarse tile per uncovered path, then the ideal cut."""
    covered = np.zeros(len(tree), np.bool_)
    first, rest, weights = [_NONE], [_NONE], [np.zeros(0)]
    for level in levels:
        tiles, refined = level.tiles, level.refined
        lacking = tree.content[tiles] & ~resident[tiles]
        replaced = refined & (tree.refine[tiles] == REPLACE)
        base = lacking & replaced & ~covered[tiles] & ~ready[tiles]
        wanted = lacking & ~replaced
        first.append(tiles[base])
        rest.append(tiles[wanted])
        weights.append(level.weight[wanted])
        has = tree.content[tiles] & (resident[tiles] | base)
        parts = tiles[refined]
        below = _children(tree, parts)
        cover = (covered[tiles] | has)[refined]
        covered[below] = np.repeat(cover, tree.count[parts])
    order = np.argsort(-np.concatenate(weights), kind="stable")
    return np.concatenate([*first, np.concatenate(rest)[order]]).astype(np.int32)
