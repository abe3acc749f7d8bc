"""What is on the screen as data (Frame), and Stream: fetches, keeps and drops the tiles of one layer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from twin.features import Bool, FeatureTable
from twin.files import asking
from twin.geometry import F64, I32, U8, Drawable, Instances, Rows, box_of, empty_box
from twin.geometry import point_count as count_points
from twin.geometry import triangle_count as count_triangles
from twin.jobs import Job, Jobs, Outcome
from twin.observations import Observations
from twin.ports import Content, Feedback, Growth, Lane, Source
from twin.records import Problem
from twin.scene import LayerId
from twin.selection import Selection, select
from twin.tiles import TileTree, View

VISIBLE = 1
HATCH = 2
SELECTED = 4
HOVERED = 8
OUTLINE = 16
OWN_COLOR = 32
GHOST = 64
"""Flags in the fourth byte of an object's state: drawn at all; 45 degree hatch; selected; hovered;
outline only; keep the material's own colour and texture; ghosted (ordered-dither)."""


@dataclass(frozen=True, slots=True)
class Resident:
    """A tile in memory, ready to draw. The drawables' ``feature`` numbers are tile-local 0..k-1
    (-1 = background, belongs to no object); ``rows`` i32(k) gives each one's row in the layer."""

    drawables: tuple[Drawable, ...]
    rows: I32
    box: F64
    nbytes: int
    credits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LayerFrame:
    """What one layer shows now. ``state`` u8(n, 4): r, g, b and flags per row of the layer;
    ``version`` changes whenever ``state`` does. Tiles keep their identity between frames. The layer
    stands ``lift`` metres higher than its tiles say and is seen with ``opacity`` 0.05..1."""

    tiles: Mapping[int, Resident]
    state: U8
    version: int
    lift: float = 0.0
    opacity: float = 1.0

    def box(self, tile: int) -> F64:
        """Return the box f64(6) of one of its tiles where it stands."""
        return lifted(self.tiles[tile].box, self.lift)


def lifted(box: F64, lift: float) -> F64:
    """Return a box f64(6), or boxes f64(n, 6), so many metres higher."""
    return np.asarray(box + np.array([0, 0, lift, 0, 0, lift]), np.float64) if lift else box


@dataclass(frozen=True, slots=True)
class Frame:
    """The whole truth for the screen, every time. ``wanted`` tiles are selected by the view,
    ``drawn`` of them are in memory; ``failed`` tiles were told and are empty; ``complete`` = no
    tile is being fetched for this view."""

    layers: Mapping[LayerId, LayerFrame] = field(default_factory=dict)
    wanted: int = 0
    drawn: int = 0
    failed: int = 0
    resident_bytes: int = 0
    sse_used: float = 16.0
    complete: bool = True


def state_of(n: int) -> U8:
    """Return the state of n visible objects in their own colours."""
    state = np.full((n, 4), 255, np.uint8)
    state[:, 3] = VISIBLE | OWN_COLOR
    return state


@dataclass(frozen=True, slots=True)
class Fetched:
    """A tile as it comes from a worker: compact feature numbers, and the objects it brings.

    ``numbers`` i32(k): the feature numbers (rows of ``features``, or of the layer's table when
    ``features`` is None) behind the drawables' local numbers 0..k-1.
    """

    drawables: tuple[Drawable, ...]
    numbers: I32
    box: F64
    nbytes: int
    triangles: int
    points: int
    features: FeatureTable | None = None
    observations: Observations | None = None
    problems: tuple[Problem, ...] = ()
    kept: bool = True
    credits: tuple[str, ...] = ()


def compact(content: Content, *, keep: bool = True) -> Fetched:
    """Return the content with tile-local feature numbers; without ``keep`` only what it counts."""
    parts = [item.feature for item in content.drawables]
    used = [part[part >= 0] for part in parts if len(part)]
    top = max((int(part.max()) for part in used if len(part)), default=-1)
    flags = np.zeros(top + 2, np.bool_)
    for part in used:
        flags[part] = True
    numbers = np.flatnonzero(flags).astype(np.int32)
    local = np.full(top + 2, -1, np.int32)
    local[numbers] = np.arange(len(numbers), dtype=np.int32)
    boxes = [box for box in map(box_of, content.drawables) if np.isfinite(box).all()]
    stack = np.stack(boxes) if boxes else empty_box()[None, :]
    drawables = tuple(
        replace(item, feature=local[np.maximum(item.feature, -1)]) for item in content.drawables
    )
    return Fetched(
        drawables=drawables if keep else (),
        numbers=numbers,
        box=np.concatenate([stack[:, :3].min(axis=0), stack[:, 3:].max(axis=0)]),
        nbytes=sum(item.nbytes + _picture_bytes(item) for item in drawables),
        triangles=count_triangles(content.drawables),
        points=count_points(content.drawables),
        features=content.features,
        observations=content.observations,
        problems=content.problems,
        kept=keep,
        credits=content.credits,
    )  # fmt: skip


def _picture_bytes(item: Drawable) -> int:
    """Return an estimate of what an encoded picture takes when decoded (10 x its bytes)."""
    mesh = item.mesh if isinstance(item, Instances) else item
    image = mesh.material.image
    return 9 * len(image.encoded) if image is not None and image.encoded is not None else 0


def fetch_tile(
    source: Source, tile: int, token: Any, keep: bool, feedback: Feedback
) -> Fetched | Growth | None:
    """Fetch one tile on a worker. Raises what the source raises."""
    with asking(feedback) as told:
        found = source.fetch(tile, token, feedback)
    if told and found is not None:
        found = replace(found, problems=(*found.problems, *told))
    if isinstance(found, Content):
        return compact(found, keep=keep)
    return found


def warm_tile(source: Source, tile: int, token: Any, feedback: Feedback) -> None:
    """Bring one tile into the tile cache in a worker process; nothing travels back."""
    source.fetch(tile, token, feedback)


Arrived = Callable[[int, Fetched | Growth | None, Outcome], None]


@dataclass
class Stream:
    """The tiles of one layer in memory, and those on their way.

    ``source`` delivers placed tiles; ``warm`` is what a worker process runs first (None: threads
    only), under the process key ``key``. ``rows[tile]`` remembers which rows a tile's own objects
    got, so that a tile dropped and fetched again finds them; ``counts[tile]`` its triangles, points,
    ``geometry[tile]`` the rows it draws; ``behind`` are those on their way though no view wants them.
    """

    layer: LayerId
    source: Source
    tree: TileTree
    tokens: list[Any]
    jobs: Jobs
    warm: Source | None = None
    key: str = ""
    cached: Callable[[int], bool] | None = None
    resident: dict[int, Resident] = field(default_factory=dict)
    pending: dict[int, Job] = field(default_factory=dict)
    failed: set[int] = field(default_factory=set)
    empty: set[int] = field(default_factory=set)
    rows: dict[int, Rows] = field(default_factory=dict)
    used: dict[int, int] = field(default_factory=dict)
    counts: dict[int, tuple[int, int]] = field(default_factory=dict)
    geometry: dict[int, Rows] = field(default_factory=dict)
    behind: set[int] = field(default_factory=set)
    drawn: I32 = field(default_factory=lambda: np.zeros(0, np.int32))
    selection: Selection | None = None
    nbytes: int = 0

    def choose(self, view: View, max_error: float) -> Selection:
        """Select by the view; remember it."""
        mask = np.zeros(len(self.tree), np.bool_)
        mask[list(self.resident)] = True
        self.selection = select(self.tree, view, mask, self.drawn, max_error)
        self.drawn = self.selection.draw
        return self.selection

    def request(self, limit: int, arrived: Arrived) -> None:
        """Fetch what the selection asks for, at most ``limit`` at once; cancel what is unwanted."""
        if self.selection is None:
            return
        wanted = [int(tile) for tile in self.selection.fetch]
        keep = set(wanted)
        for tile in [tile for tile in self.pending if tile not in keep | self.behind]:
            self.pending.pop(tile).cancel()
        for tile in wanted:
            if len(self.pending) - len(self.behind) >= limit:
                return
            if tile not in self.pending and tile not in self.failed:
                self.fetch(tile, arrived)

    def fetch(self, tile: int, arrived: Arrived, *, keep: bool = True) -> None:
        """Start fetching one tile."""
        token = self.tokens[tile] if tile < len(self.tokens) else None
        if self.warm is not None and not (self.cached is not None and self.cached(tile)):
            work: Any = partial(warm_tile, self.warm, tile, token)
            done = partial(self._warmed, tile, token, arrived, keep)
            lane, key = Lane.PROCESS, self.key
        else:
            work = partial(fetch_tile, self.source, tile, token, keep)
            done = partial(self._done, tile, arrived)
            lane, key = Lane.THREAD, ""
        title = f"{self.layer} #{tile}"
        self.pending[tile] = self.jobs.submit(work, done, lane, title=title, key=key, quiet=True)

    def _warmed(
        self, tile: int, token: Any, arrived: Arrived, keep: bool, outcome: Outcome
    ) -> None:
        if outcome.error is not None:
            self._done(tile, arrived, outcome)
            return
        self.pending[tile] = self.jobs.submit(
            partial(fetch_tile, self.source, tile, token, keep),
            partial(self._done, tile, arrived),
            title=f"{self.layer} #{tile}",
            quiet=True,
        )

    def _done(self, tile: int, arrived: Arrived, outcome: Outcome) -> None:
        self.pending.pop(tile, None)
        self.behind.discard(tile)
        if outcome.error is not None:
            self.failed.add(tile)
        arrived(tile, outcome.value, outcome)

    def settle(self, tile: int, fetched: Fetched, rows: I32) -> None:
        """Keep a fetched tile whose local numbers stand for ``rows``."""
        self.resident[tile] = Resident(
            fetched.drawables, rows, fetched.box, fetched.nbytes, fetched.credits
        )
        self.nbytes += fetched.nbytes

    def nothing(self, tile: int) -> None:
        """Remember that a tile has nothing to draw (empty or failed): it never is asked again."""
        content = self.tree.content.copy()
        content[tile] = False
        self.tree = replace(self.tree, content=content)
        self.empty.add(tile)

    def grow(self, tile: int, growth: Growth) -> None:
        """Hang more tree under a tile."""
        before = len(self.tree)
        self.tree = self.tree.grown(tile, growth.tree)
        self.tokens.extend([None] * (before - len(self.tokens)))
        more = list(growth.tokens) or list(range(len(growth.tree)))
        self.tokens.extend(more)

    def uncounted(self) -> Rows:
        """Return the tiles whose content was never seen."""
        content = np.flatnonzero(self.tree.content)
        return np.array([t for t in content.tolist() if t not in self.counts], np.int32)

    def finest(self) -> tuple[int, int]:
        """Return (triangles, points) of the finest content among the tiles seen: leaves of REPLACE
        branches, every tile of ADD branches."""
        seen = [self.counts.get(tile, (0, 0)) for tile in self.tree.leaves().tolist()]
        return sum(t for t, _ in seen), sum(p for _, p in seen)

    def drawn_rows(self, table: int) -> Bool:
        """Return bool(table): rows that have geometry of their own in some tile seen."""
        found = np.zeros(table, np.bool_)
        for rows in self.geometry.values():
            found[rows] = True
        return found

    def touch(self, tick: int) -> None:
        """Mark the tiles that the selection keeps as used now."""
        if self.selection is not None:
            for tile in self.selection.keep:
                self.used[int(tile)] = tick

    def droppable(self) -> list[tuple[int, int]]:
        """Return (last use, tile) of tiles not wanted by the current selection, oldest first."""
        keep = set() if self.selection is None else {int(t) for t in self.selection.keep}
        return sorted((self.used.get(t, 0), t) for t in self.resident if t not in keep)

    def drop(self, tile: int) -> int:
        """Forget a tile; return the bytes freed."""
        gone = self.resident.pop(tile)
        self.nbytes -= gone.nbytes
        return gone.nbytes

    def cancel(self) -> None:
        """Cancel everything on its way."""
        for job in self.pending.values():
            job.cancel()
        self.pending.clear()
        self.behind.clear()


def fit_budget(streams: Mapping[LayerId, Stream], budget: int) -> int:
    """Drop the longest unused tiles until the budget holds; return the bytes still resident."""
    total = sum(stream.nbytes for stream in streams.values())
    if total <= budget:
        return total
    queue = sorted(
        (used, key, tile) for key, stream in streams.items() for used, tile in stream.droppable()
    )
    for _, key, tile in queue:
        if total <= budget:
            break
        total -= streams[key].drop(tile)
    return total
