"""Which tiles of a tree a view draws, lacks and should keep: pure, at the cost of what is visited."""

from dataclasses import dataclass, field

import numpy as np

from twin.geometry import F64, Rows, distinct
from twin.tiles import ADD, Bool, TileTree, View

BESIDE = 1.8
"""How many times as wide and tall as the picture the surroundings are from which tiles may come into it."""

_NONE = np.zeros(0, np.int32)


@dataclass(frozen=True, slots=True)
class Selection:
    """What one layer draws, should fetch (by priority, best first) and should keep in memory.

    ``draw`` includes what stands in for tiles that are missing. ``fetch`` is what the cut lacks, its
    first ``coarse`` entries being tiles for where nothing could be drawn at all. ``need`` is the cut
    together with the coarsest tiles above it: what memory must hold for this view at this error.
    ``keep`` is what is useful of that which is in memory; ``spare`` would help when the camera moves:
    first what lies just outside of the picture, one tile for each part that would come into it.
    ``rim`` is what of those is in memory. ``under`` are coarse tiles to be laid beneath ``draw``: they
    fill what came into view and has nothing nearer to stand in, while what was drawn before stays.
    """

    draw: Rows
    fetch: Rows
    keep: Rows
    need: Rows = field(default_factory=lambda: _NONE)
    spare: Rows = field(default_factory=lambda: _NONE)
    rim: Rows = field(default_factory=lambda: _NONE)
    under: Rows = field(default_factory=lambda: _NONE)
    coarse: int = 0


def select(
    tree: TileTree,
    view: View,
    resident: Bool,
    drawn: Rows,
    max_error: float = 16.0,
) -> Selection:
    """Return what to draw, fetch and keep. Pure: memory and history are arguments.

    Walks down to the ideal cut, up to see which parts are ready, down again to choose. A REPLACE
    tile in memory stands in while its visible children are not all ready (kicking), but where finer
    tiles than its children were drawn before, those stay and it lies beneath; where a coarser
    tile is wanted but missing, the finer ones drawn before stay. The cost depends on the tiles
    visited, not on how many there are.
    """
    above = _above(tree, drawn)
    levels = _walk(tree, view, max_error, resident, above)
    ready = _readiness(tree, levels, resident)
    draw, under = _choose(tree, levels, resident, ready, _parents(tree, _parents(tree, above)))
    asked = _missing(tree, levels, resident, ready)
    visited = _joined([level.tiles for level in levels])
    keep = distinct(np.concatenate([visited[resident[visited] & tree.content[visited]], draw]))
    beside = _joined([level.beside for level in levels])
    spare = np.concatenate([beside[~resident[beside]], asked.spare])
    rim = beside[resident[beside]]
    return Selection(
        draw, asked.fetch, keep.astype(np.int32), asked.need, spare, rim, under, asked.coarse
    )


@dataclass(frozen=True, slots=True)
class _Level:
    """Visible tiles of one depth. ``up`` is each one's parent, counted in the level above;
    ``refined``: the cut lies below; ``lingers``: missing, but finer tiles drawn before may stay;
    ``past``: below the cut, visited because of those. ``beside``: tiles with content just out of view."""

    tiles: Rows
    up: Rows
    refined: Bool
    lingers: Bool
    past: Bool
    weight: F64
    beside: Rows

    @property
    def open(self) -> Bool:
        """Return which tiles have their children in the next level."""
        return self.refined | self.lingers


def _joined(parts: list[Rows]) -> Rows:
    return np.concatenate(parts).astype(np.int32) if parts else _NONE


def _above(tree: TileTree, drawn: Rows) -> Rows:
    """Return the tiles drawn and all above them, sorted."""
    found, rows = [drawn], drawn
    while len(rows):
        rows = _parents(tree, rows)
        found.append(rows)
    return distinct(np.concatenate(found))


def _parents(tree: TileTree, tiles: Rows) -> Rows:
    rows = distinct(tree.parent[tiles])
    return rows[rows >= 0]


def _among(tiles: Rows, some: Rows) -> Bool:
    """Return which tiles are among ``some`` (sorted)."""
    if not len(some):
        return np.zeros(len(tiles), np.bool_)
    place = np.minimum(np.searchsorted(some, tiles), len(some) - 1)
    return np.asarray(some[place] == tiles, np.bool_)


def _shut(tree: TileTree, view: View) -> tuple[Rows, Rows]:
    """Return the tiles seen from elsewhere only, and those all of whose children are; both sorted."""
    gates = tree.gates
    if not len(gates):
        return _NONE, _NONE
    shut = distinct(gates.tile[~gates.open_to(view.eye)])
    parents, counts = np.unique(tree.parent[shut], return_counts=True)
    return shut, parents[(parents >= 0) & (counts == tree.count[parents])]


def _walk(
    tree: TileTree, view: View, max_error: float, resident: Bool, before: Rows
) -> list[_Level]:
    """Return the visible tiles by depth, down to the ideal cut, and to what was drawn below it."""
    shut, barren = _shut(tree, view)
    planes, wider = _planes(view), _planes(view, BESIDE)
    levels = []
    frontier = np.zeros(min(len(tree), 1), np.int32)
    up, below = frontier, np.zeros(len(frontier), np.bool_)
    while len(frontier):
        open_ = ~_among(frontier, shut)
        seen = _within(tree, frontier, view.eye, planes) & open_
        others = frontier[~seen & open_ & ~below & tree.content[frontier]]
        beside = others[_within(tree, others, view.eye, wider)]
        tiles, up, past = frontier[seen], up[seen], below[seen]
        error = screen_error(tree, tiles, view)
        parted = (tree.count[tiles] > 0) & ~_among(tiles, barren)
        refined = (error > max_error) & parted & ~past
        lacking = tree.content[tiles] & ~resident[tiles]
        lingers = parted & ~refined & (lacking | past) & _among(tiles, before)
        lingers &= ~(past & resident[tiles])
        weight = _weight(tree, tiles, view, error)
        levels.append(_Level(tiles, up, refined, lingers, past, weight, beside))
        frontier, up = _children(tree, tiles, refined | lingers)
        below = (past | lingers)[up]
    return levels


def _weight(tree: TileTree, tiles: Rows, view: View, error: F64) -> F64:
    """Return how much each missing tile is noticed: error, nearness to the middle, size in the picture."""
    toward = tree.center[tiles] - view.eye
    far = np.maximum(np.linalg.norm(toward, axis=1), 1e-9)
    cosine = (toward @ view.forward) / far
    reach = np.linalg.norm(tree.axes[tiles].astype(np.float64), axis=(1, 2))
    size = np.minimum(reach / far, 1.0)
    return np.asarray(np.minimum(error, 1e6) * (1.2 + cosine) * (0.25 + size), np.float64)


def _children(tree: TileTree, tiles: Rows, which: Bool) -> tuple[Rows, Rows]:
    """Return the children of the chosen tiles, and where in ``tiles`` each one's parent stands."""
    chosen = np.flatnonzero(which)
    counts = tree.count[tiles[chosen]]
    total = int(counts.sum())
    if not total:
        return _NONE, _NONE
    starts = tree.first[tiles[chosen]] - (np.cumsum(counts) - counts)
    rows = np.repeat(starts, counts) + np.arange(total)
    return rows.astype(np.int32), np.repeat(chosen, counts).astype(np.int32)


def in_view(tree: TileTree, tiles: Rows, view: View) -> Bool:
    """Return bool(k): the oriented box touches the view's pyramid (no far limit)."""
    return _within(tree, tiles, view.eye, _planes(view))


def _within(tree: TileTree, tiles: Rows, eye: F64, planes: F64) -> Bool:
    """Return bool(k): the oriented box reaches to the inner side of each plane f64(p, 3) through the eye."""
    axes = tree.axes[tiles].astype(np.float64)
    reach = np.abs(axes @ planes.T).sum(axis=1)
    to = (tree.center[tiles] - eye) @ planes.T
    return np.asarray((to + reach >= 0).all(axis=1), np.bool_)


def gaps(tree: TileTree, wanted: Rows, standing: Rows) -> Rows:
    """Return the wanted tiles where nothing is to be seen: neither they, nor a tile above or below, stand there."""
    standing = distinct(standing)
    bare = wanted[
        ~_among(wanted, _above(tree, standing))
    ]  # all above what stands is covered by it
    up, found = bare, np.zeros(len(bare), np.bool_)
    while len(up) and (up >= 0).any():
        known = np.where(up >= 0, up, 0)
        found |= (up >= 0) & _among(known, standing)
        up = np.where(up >= 0, tree.parent[known], -1)
    return np.asarray(bare[~found], np.int32)


def _planes(view: View, factor: float = 1.0) -> F64:
    """Return the inward normals f64(5, 3) of the view's pyramid; all planes pass through the eye.

    ``factor`` opens it wider, as a picture so many times as wide and tall.
    """
    right = view.right
    up = np.cross(right, view.forward)
    tall = np.tan(np.radians(view.fov_y) / 2) * factor
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


def _readiness(tree: TileTree, levels: list[_Level], resident: Bool) -> list[tuple[Bool, Bool]]:
    """Return, a level, whether something can be drawn now for each tile, and for all its visible parts.

    Children out of view count as ready. A tile that lingers is ready when what was drawn fills it.
    """
    found: list[tuple[Bool, Bool]] = []
    lower: _Level | None = None
    for level in reversed(levels):
        tiles = level.tiles
        parts = np.ones(len(tiles), np.bool_)
        if lower is not None:
            parts[lower.up[~found[-1][0]]] = False
        here = resident[tiles] & tree.content[tiles]
        adds = level.refined & (tree.refine[tiles] == ADD) & tree.content[tiles]
        bare = ~tree.content[tiles] & ~(level.past & (tree.count[tiles] > 0))
        whole = np.where(level.refined, parts | here, bare)
        whole = np.where(level.lingers, parts, whole) | here
        found.append((np.where(adds, here, whole), np.where(adds, True, parts)))
        lower = level
    return found[::-1]


def _choose(
    tree: TileTree,
    levels: list[_Level],
    resident: Bool,
    ready: list[tuple[Bool, Bool]],
    opened: Rows,
) -> tuple[Rows, Rows]:
    """Return the tiles to draw, and those to lay beneath.

    ``opened`` are the tiles, sorted, that finer ones than their children were drawn of before.
    """
    active = np.ones(len(levels[0].tiles) if levels else 0, np.bool_)
    draw: list[Rows] = []
    beneath: list[Rows] = []
    for depth, level in enumerate(levels):
        tiles = level.tiles
        here = active & resident[tiles] & tree.content[tiles]
        parts = ready[depth][1]
        stand_in = level.refined & ~parts & here
        under = stand_in & _among(tiles, opened)
        add = tree.refine[tiles] == ADD
        draw.append(tiles[here & (~level.refined | add | stand_in) & ~under])
        beneath.append(tiles[under])
        if depth + 1 < len(levels):
            active = (active & level.open & (~stand_in | under))[levels[depth + 1].up]
    return _joined(draw), _joined(beneath)


@dataclass(frozen=True, slots=True)
class _Asked:
    fetch: Rows
    need: Rows
    spare: Rows
    coarse: int


def _missing(
    tree: TileTree, levels: list[_Level], resident: Bool, ready: list[tuple[Bool, Bool]]
) -> _Asked:
    """Return what to fetch, best first: one coarse tile per uncovered path, then the ideal cut."""
    covered = crowned = np.zeros(len(levels[0].tiles) if levels else 0, np.bool_)
    first: list[Rows] = []
    rest: list[Rows] = []
    spare: list[Rows] = []
    need: list[Rows] = []
    weights = [np.zeros(0)]
    for depth, level in enumerate(levels):
        tiles, content = level.tiles, tree.content[level.tiles] & ~level.past
        lacking = content & ~resident[tiles]
        replaced = level.refined & (tree.refine[tiles] != ADD)
        base = lacking & replaced & ~covered & ~ready[depth][0]
        wanted = content & ~replaced
        first.append(tiles[base])
        rest.append(tiles[wanted & lacking])
        weights.append(level.weight[wanted & lacking])
        need.append(tiles[wanted | (content & replaced & ~crowned)])
        covered = covered | (content & (resident[tiles] | base))
        crowned = crowned | content
        if depth + 1 < len(levels):
            lower = levels[depth + 1]
            last = np.zeros(len(tiles), np.bool_)
            last[lower.up[~lower.refined & ~lower.past]] = True
            spare.append(tiles[lacking & replaced & ~base & last])
            covered, crowned = covered[lower.up], crowned[lower.up]
    order = np.argsort(-np.concatenate(weights), kind="stable")
    fetch = np.concatenate([_joined(first), _joined(rest)[order]])
    return _Asked(fetch, _joined(need), _joined(spare), sum(map(len, first)))
