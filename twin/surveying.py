"""Looks at the finest content of a layer once, for what is measured of every object: areas, volumes, middles.

Asks for tiles like the view does, a few at a time, and keeps nothing but the sums; never blocks.
"""

from dataclasses import dataclass, field

import numpy as np

from twin.geometry import F64, Rows
from twin.growing import rows_of
from twin.jobs import Outcome
from twin.maintenance.revisions import Sums
from twin.ports import Growth
from twin.scene import Layer
from twin.streaming import Fetched, Stream

AT_ONCE = 2
"""Tiles asked for at once: what a person looks at meanwhile never waits for more."""


@dataclass
class Survey:
    """One layer being looked through. ``owner`` i32(n): to which row what a row shows is added;
    ``left`` are the tiles to come, ``failed`` counts those that did not."""

    stream: Stream
    sums: Sums
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
                self.sums.add(resident.drawables, self.owner[resident.rows])
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
            self.sums.add(found.drawables, self.owner[rows])


def survey(stream: Stream, layer: Layer, *, elements: bool) -> Survey:
    """Return a survey of a layer all of whose objects are known (``Workspace.index``).

    With ``elements`` every object counts by itself, else its maintained unit as a whole.
    """
    leaves = stream.tree.leaves()
    tiles = [int(x) for x in leaves if stream.tree.content[x]]
    n = len(layer.features)
    owner = np.arange(n, dtype=np.int32) if elements else layer.assessment.unit.astype(np.int32)
    sums = Sums(_whole_boxes(layer.features.bounds, owner))
    return Survey(stream, sums, owner, tiles[::-1], len(tiles))


def _whole_boxes(boxes: F64, owner: Rows) -> F64:
    """Return f64(n, 6): of each owner the box round everything that is added to it."""
    found = np.tile(np.array([np.inf] * 3 + [-np.inf] * 3), (len(boxes), 1))
    np.minimum.at(found[:, :3], owner, boxes[:, :3])
    np.maximum.at(found[:, 3:], owner, boxes[:, 3:])
    return found
