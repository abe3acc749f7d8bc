"""Looks at the finest content of layers once, for what is measured of every object: areas, volumes, middles.

Asks for tiles like the view does, a few at a time, and keeps nothing but the sums; never blocks.
"""

from dataclasses import dataclass, field

from twin.growing import rows_of
from twin.intake import Intake
from twin.jobs import Outcome
from twin.maintenance.revisions.shapes import Shapes, Sums
from twin.ports import Growth
from twin.scene import LayerId
from twin.streaming import Fetched, Stream

AT_ONCE = 2
"""Tiles asked for at once: what a person looks at meanwhile never waits for more."""


@dataclass
class Survey:
    """One layer being looked through. ``left`` are the tiles to come, ``failed`` those that did not."""

    stream: Stream
    intake: Intake
    sums: Sums
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

    @property
    def shapes(self) -> Shapes:
        """Return what was measured so far."""
        return self.sums.shapes()

    def step(self) -> None:
        """Ask for the next tiles; tiles in memory are taken at once."""
        put_off = []
        while self.left and len(self.under_way) < AT_ONCE:
            tile = self.left.pop()
            resident = self.stream.resident.get(tile)
            if resident is not None:
                self.sums.add(resident.drawables, resident.rows)
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
            self.sums.add(found.drawables, rows_of(found, self.stream.rows.get(tile)))


def survey(intake: Intake, layer: LayerId) -> Survey:
    """Return a survey of a layer of which every object is known (``Workspace.index``)."""
    stream = intake.streams[layer]
    leaves = stream.tree.leaves()
    tiles = [int(x) for x in leaves if stream.tree.content[x]]
    sums = Sums(intake.twin.layers[layer].features.bounds)
    return Survey(stream, intake, sums, tiles[::-1], len(tiles))
