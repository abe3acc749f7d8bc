"""What is on the screen as data (Frame), and Stream: fetches, keeps and drops the tiles of one layer."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from twin.features import Bool, FeatureTable
from twin.files import asking
from twin.geometry import F64, I32, U8, Drawable, Rows, box_of, empty_box
from twin.geometry import point_count as count_points
from twin.geometry import triangle_count as count_triangles
from twin.jobs import Job, Jobs, Outcome
from twin.ledger import Ledger, Tokens
from twin.observations import Observations
from twin.opening import Warm
from twin.ports import Content, Feedback, Growth, Lane, Source
from twin.records import Problem
from twin.scene import LayerId
from twin.sections import NO_PLANES, Cap
from twin.selection import Selection, select
from twin.tiles import GrowingTree, TileTree, View
from twin.weighing import bounded, weight

VISIBLE = 1
HATCH = 2
SELECTED = 4
HOVERED = 8
OUTLINE = 16
OWN_COLOR = 32
GHOST = 64
WATER = 128
"""Flags in the fourth byte of an object's state: drawn at all; 45 degree hatch; selected; hovered;
outline only; keep the material's own colour and texture; ghosted (ordered-dither); water, which mirrors the sky."""


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
    stands ``lift`` metres higher than its tiles say and is seen with ``opacity`` 0.05..1. Tiles of
    ``under`` are coarse ones to be seen only where no other tile is; ``kept`` is all that memory holds."""

    tiles: Mapping[int, Resident]
    state: U8
    version: int
    lift: float = 0.0
    opacity: float = 1.0
    under: frozenset[int] = frozenset()
    kept: Mapping[int, Resident] = field(default_factory=dict)

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
    tile is being fetched for this view. What ``planes`` f64(k, 4) cut away is not there (``twin.sections``);
    ``caps`` are the faces that they leave, by layer and tile, in the tile's own heights."""

    layers: Mapping[LayerId, LayerFrame] = field(default_factory=dict)
    wanted: int = 0
    drawn: int = 0
    failed: int = 0
    resident_bytes: int = 0
    sse_used: float = 16.0
    complete: bool = True
    planes: F64 = field(default_factory=lambda: NO_PLANES)
    caps: Mapping[tuple[LayerId, int], tuple[Cap, ...]] = field(default_factory=dict)


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


def compact(content: Content, *, keep: bool = True, most: float = np.inf) -> Fetched:
    """Return the content with tile-local feature numbers; without ``keep`` only what it counts.

    Pictures of more than ``most`` bytes give up their finest levels.
    """
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
    drawables = bounded(drawables, most)
    return Fetched(
        drawables=drawables if keep else (),
        numbers=numbers,
        box=np.concatenate([stack[:, :3].min(axis=0), stack[:, 3:].max(axis=0)]),
        nbytes=weight(drawables),
        triangles=count_triangles(content.drawables),
        points=count_points(content.drawables),
        features=content.features,
        observations=content.observations,
        problems=content.problems,
        kept=keep,
        credits=content.credits,
    )  # fmt: skip


def fetch_tile(
    source: Source, tile: int, token: Any, most: float, feedback: Feedback
) -> Fetched | Growth | None:
    """Fetch one tile on a worker; ``most`` bytes a picture, 0: only to count. Raises what the source raises."""
    with asking(feedback) as told:
        found = source.fetch(tile, token, feedback)
    if told and found is not None:
        found = replace(found, problems=(*found.problems, *told))
    if isinstance(found, Content):
        return compact(found, keep=most > 0, most=most or np.inf)
    return found


Arrived = Callable[[int, Fetched | Growth | None, Outcome], None]


def _always(tile: int, nbytes: int) -> bool:
    """Have room for everything."""
    return True


@dataclass
class Stream:
    """The tiles of one layer in memory, and those on their way.

    ``source`` delivers placed tiles; ``warm`` is what a worker process runs first (None: threads
    only), under the process key ``key``. ``ledger`` knows of each tile whether it is here and what it
    takes; ``room`` is asked before a tile is kept. ``rows[tile]`` remembers which rows a tile's own
    objects got, so that a tile dropped and fetched again finds them; ``lift`` metres it is shown
    higher, ``coarser`` the factor on the error of its own; ``geometry[tile]`` the rows it
    draws; ``behind`` are those on their way though no view wants them; ``landing`` came, with their
    bytes, and wait for their objects to be appended.
    """

    layer: LayerId
    source: Source
    tree: TileTree
    tokens: Sequence[Any] | Tokens
    jobs: Jobs
    warm: Source | None = None
    key: str = ""
    cached: Callable[[int, Any], bool] | None = None
    room: Callable[[int, int], bool] = _always
    most_picture: float = np.inf
    resident: dict[int, Resident] = field(default_factory=dict)
    pending: dict[int, Job] = field(default_factory=dict)
    failed: set[int] = field(default_factory=set)
    rows: dict[int, Rows] = field(default_factory=dict)
    geometry: dict[int, Rows] = field(default_factory=dict)
    behind: set[int] = field(default_factory=set)
    landing: dict[int, int] = field(default_factory=dict)
    drawn: I32 = field(default_factory=lambda: np.zeros(0, np.int32))
    selection: Selection | None = None
    nbytes: int = 0
    tick: int = 0
    lift: float = 0.0
    coarser: float = 1.0
    resting: Source | None = None
    _growing: GrowingTree | None = None
    _uncached: int = 0

    def __post_init__(self) -> None:
        """Open the books."""
        self.ledger = Ledger(len(self.tree))
        self._tokens = Tokens(self.tokens) if not isinstance(self.tokens, Tokens) else self.tokens

    def tried(self, view: View, max_error: float, drawn: Rows | None = None) -> Selection:
        """Return what would be selected, after what was ``drawn`` (None: now)."""
        eye = view.eye - np.array([0.0, 0.0, self.lift])
        seen = replace(view, eye=eye) if self.lift else view
        before = self.drawn if drawn is None else drawn
        return select(self.tree, seen, self.ledger.here, before, max_error * self.coarser)

    def use(self, selection: Selection, tick: int) -> None:
        """Go by a selection from now on; what it keeps is used at this tick."""
        self.selection, self.drawn, self.tick = selection, selection.draw, tick
        self.ledger.used[selection.keep] = self.ledger.used[selection.rim] = tick

    def rest(self) -> None:
        """Stop being looked at: nothing is wanted, everything may be dropped."""
        self.selection, self.drawn = None, np.zeros(0, np.int32)
        self.cancel_but(frozenset())

    def cancel_but(self, wanted: Set[int]) -> None:
        """Cancel the tiles on their way that nobody wants."""
        for tile in [t for t in self.pending if t not in wanted and t not in self.behind]:
            self.pending.pop(tile).cancel()

    def on_its_way(self, tile: int) -> bool:
        """Return whether a tile was asked for and is not here yet."""
        return tile in self.pending or tile in self.landing

    @property
    def in_flight(self) -> int:
        """Return how many tiles that are to be kept are on their way."""
        return len(self.pending) - len(self.behind)

    def reserved(self) -> float:
        """Return the bytes that the tiles on their way are expected to take."""
        coming = np.array([t for t in self.pending if t not in self.behind], np.int32)
        return float(self.ledger.expected(coming).sum()) + sum(self.landing.values())

    def request(self, limit: int, arrived: Arrived) -> None:
        """Fetch what the selection asks for, at most ``limit`` at once; cancel what is unwanted."""
        wanted = [] if self.selection is None else self.selection.fetch.tolist()
        self.cancel_but(frozenset(wanted))
        for tile in wanted:
            if self.in_flight >= limit:
                return
            if not self.on_its_way(tile):
                self.fetch(tile, arrived)

    def fetch(self, tile: int, arrived: Arrived, *, keep: bool = True) -> None:
        """Start fetching one tile."""
        token = self._tokens[tile]
        most = self.most_picture if keep else 0.0
        if self.warm is not None and not (self.cached is not None and self.cached(tile, token)):
            work: Any = Warm(self.warm, tile, token)
            done = partial(self._warmed, tile, token, arrived, most)
            lane, key = Lane.PROCESS, self.key
        else:
            work = partial(fetch_tile, self.source, tile, token, most)
            done = partial(self._done, tile, arrived)
            lane, key = Lane.THREAD, ""
        title = f"{self.layer} #{tile}"
        self.pending[tile] = self.jobs.submit(work, done, lane, title=title, key=key, quiet=True)

    def _warmed(
        self, tile: int, token: Any, arrived: Arrived, most: float, outcome: Outcome
    ) -> None:
        if outcome.error is not None:
            self._done(tile, arrived, outcome)
            return
        self.pending[tile] = self.jobs.submit(
            partial(fetch_tile, self.source, tile, token, most),
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

    def land(self, tile: int, fetched: Fetched) -> None:
        """Hold a tile whose objects are appended later."""
        self.landing[tile] = fetched.nbytes

    def _volume(self, tile: int) -> F64:
        """Return the bounds f64(6) of a tile's volume: where a tile without geometry stands."""
        reach = np.abs(self.tree.axes[tile].astype(np.float64)).sum(axis=0)
        center = self.tree.center[tile]
        return np.concatenate([center - reach, center + reach])

    def settle(self, tile: int, fetched: Fetched, rows: I32) -> None:
        """Keep a fetched tile whose local numbers stand for ``rows``, if there is room for it."""
        self.landing.pop(tile, None)
        self.ledger.weigh(tile, fetched.nbytes)
        if tile in self.resident:
            self.drop(tile)
        if not self.room(tile, fetched.nbytes):
            return
        box = fetched.box if np.isfinite(fetched.box).all() else self._volume(tile)
        self.resident[tile] = Resident(
            fetched.drawables, rows, box, fetched.nbytes, fetched.credits
        )
        self.ledger.here[tile] = True
        self.ledger.used[tile] = self.tick
        self.nbytes += fetched.nbytes

    def nothing(self, tile: int) -> None:
        """Remember that a tile has nothing to draw (empty or failed): it never is asked again."""
        self._grown().empty(tile)

    def retry(self) -> int:
        """Let failed tiles be asked for again; return how many there were."""
        again = len(self.failed)
        for tile in self.failed:
            self._grown().empty(tile, content=True)
        self.failed.clear()
        return again

    def _grown(self) -> GrowingTree:
        self._growing = self._growing or GrowingTree(self.tree)
        self.tree = self._growing.tree
        return self._growing

    def grow(self, tile: int, growth: Growth) -> None:
        """Hang more tree under a tile."""
        start = len(self.tree)
        self.warm = self.warm or self.resting
        growing = self._grown()
        growing.grow(tile, growth.tree)
        self.tree = growing.tree
        self.ledger.fit(len(self.tree))
        self._tokens.add(start, growth.tokens or range(len(growth.tree)))

    def uncounted(self) -> Rows:
        """Return the tiles whose content was never seen; pieces that repeat a tile hold nothing unseen."""
        seen = self.ledger.counted[: len(self.tree)] | self.tree.repeating()
        return np.flatnonzero(self.tree.content & ~seen).astype(np.int32)

    def all_cached(self) -> bool:
        """Return whether the cache holds every tile never seen. What was found so is not asked again."""
        while self.cached is not None and self._uncached < len(self.tree):
            tile = self._uncached
            unseen = self.tree.content[tile] and not self.ledger.counted[tile]
            if unseen and not self.cached(tile, self._tokens[tile]):
                return False
            self._uncached += 1
        return True

    def rest_worker(self) -> None:
        """Go without the worker process, until the tree grows."""
        self.resting, self.warm = self.warm, None

    def finest(self) -> tuple[int, int]:
        """Return (triangles, points) of the finest content among the tiles seen (``TileTree.leaves``)."""
        leaves, ledger = self.tree.leaves(), self.ledger
        return int(ledger.triangles[leaves].sum()), int(ledger.points[leaves].sum())

    def drawn_rows(self, table: int) -> Bool:
        """Return bool(table): rows that have geometry of their own in some tile seen."""
        found = np.zeros(table, np.bool_)
        for rows in self.geometry.values():
            found[rows] = True
        return found

    def drop(self, tile: int) -> int:
        """Forget a tile; return the bytes freed."""
        gone = self.resident.pop(tile)
        self.ledger.here[tile] = False
        self.nbytes -= gone.nbytes
        return gone.nbytes

    def cancel(self) -> None:
        """Cancel everything on its way."""
        for job in self.pending.values():
            job.cancel()
        self.pending.clear()
        self.behind.clear()
