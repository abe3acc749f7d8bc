"""Looks at the finest content of a layer once, for what is measured of every object: areas, volumes, middles.

Asks for tiles like the view does, a few at a time, and keeps nothing but the sums; never blocks.
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from twin.geometry import F64, Drawable, Rows
from twin.growing import rows_of
from twin.jobs import Outcome
from twin.ports import Growth
from twin.scene import Layer
from twin.streaming import Fetched, Stream

SLACK = 0.01
"""Metres by which the boxes of tiles may be too small."""
AT_ONCE = 2
"""Tiles asked for at once: what a person looks at meanwhile never waits for more."""


class Gathering(Protocol):
    """What takes in the tiles one by one: sums of shapes, outlines."""

    def add(self, drawables: tuple[Drawable, ...], rows: Rows) -> None:
        """Take in a tile whose local feature numbers stand for ``rows`` i32(k)."""
        ...


@dataclass
class Survey:
    """One layer being looked through. ``owner`` i32(n): to which row what a row shows is added;
    ``left`` are the tiles to come, ``failed`` counts those that did not."""

    stream: Stream
    into: Gathering
    owner: Rows
    left: list[int]
    whole: int
    failed: int = 0
    under_way: set[int] = field(default_factory=set)

    @property
    def done(self) -> bool:
        """Return whether every tile was seen."""
        return not self.left and not self.under_way

    @property
    def progress(self) -> float:
        """Return the share of tiles seen, 0..1."""
        return 1.0 - (len(self.left) + len(self.under_way)) / max(self.whole, 1)

    def step(self) -> None:
        """Ask for the next tiles; tiles in memory are taken at once."""
        put_off = []
        while self.left and len(self.under_way) < AT_ONCE:
            tile = self.left.pop()
            resident = self.stream.resident.get(tile)
            if resident is not None:
                self.into.add(resident.drawables, self.owner[resident.rows])
            elif self.stream.on_its_way(tile):
                put_off.append(tile)
            else:
                self.under_way.add(tile)
                self.stream.behind.add(tile)
                self.stream.fetch(tile, self._came)
        self.left = [*put_off, *self.left]

    def _came(self, tile: int, found: Fetched | Growth | None, outcome: Outcome) -> None:
        self.under_way.discard(tile)
        if outcome.error is not None:
            self.failed += 1
        elif isinstance(found, Fetched):
            rows = rows_of(found, self.stream.rows.get(tile))
            self.into.add(found.drawables, self.owner[rows])


def survey(
    stream: Stream,
    layer: Layer,
    into: Gathering,
    owner: Rows | None = None,
    within: F64 | None = None,
) -> Survey:
    """Return a survey of a layer all of whose objects are known (``Workspace.index``).

    ``owner`` i32(n) as in ``Survey`` (None: every row by itself); ``within`` a box f64(6) in the project
    frame that leaves other tiles out.
    """
    leaves = stream.tree.leaves()
    if within is not None and np.isfinite(within).all():
        boxes = stream.tree.boxes()[leaves]
        meets = (boxes[:, :3] <= within[3:] + SLACK) & (boxes[:, 3:] >= within[:3] - SLACK)
        leaves = leaves[meets.all(axis=1)]
    tiles = [int(x) for x in leaves if stream.tree.content[x]]
    rows = np.arange(len(layer.features), dtype=np.int32) if owner is None else owner
    return Survey(stream, into, rows, tiles[::-1], len(tiles))


def owners(layer: Layer, *, elements: bool) -> Rows:
    """Return i32(n): every object counts by itself (``elements``), else its maintained unit as a whole."""
    if elements:
        return np.arange(len(layer.features), dtype=np.int32)
    return layer.assessment.unit.astype(np.int32)


def whole_boxes(boxes: F64, owner: Rows) -> F64:
    """Return f64(n, 6): of each owner the box round everything that is added to it."""
    found = np.tile(np.array([np.inf] * 3 + [-np.inf] * 3), (len(boxes), 1))
    np.minimum.at(found[:, :3], owner, boxes[:, :3])
    np.maximum.at(found[:, 3:], owner, boxes[:, 3:])
    return found
