"""Looks through tiles nobody has looked at yet while nothing else is to do, so that counts become final.

A few tiles at a time and only while the view is still; what is under way is never broken off for
the view, because a worker that opened a large file is worth more than one tile.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from twin.intake import Intake
from twin.jobs import Job, Lane
from twin.scene import LayerId
from twin.streaming import Stream

AT_ONCE = 2
"""Tiles asked for at once: what a person asks for next never waits for more."""
MOST_TILES = 5000
"""A layer with more tiles than this is not looked through unasked: its counts stay provisional."""
REMOTE = ("http://", "https://")


def _nothing(_: object) -> None:
    """Stand in for the work and the end of what is only shown."""


@dataclass
class Indexing:
    """Asks for the tiles of provisional layers, one layer after the other. ``title`` names the work."""

    intake: Intake
    title: Callable[[str], str]
    given_up: set[LayerId] = field(default_factory=set)
    layer: LayerId = ""
    job: Job | None = None
    """What is shown to people while it lasts; its id is 0, which no submitted work has."""
    _left: list[int] = field(default_factory=list)
    _whole: int = 0

    def step(self, idle: bool) -> bool:
        """Ask for the next few tiles; return whether the work shown began or ended.

        ``idle``: nobody waits for anything. Call it on the owner's thread, as often as you like.
        """
        before = self.job
        stream = self.intake.streams.get(self.layer)
        if stream is None or self.layer not in self.intake.twin.layers:
            self._end()
        elif not self._left and not stream.behind and not self.intake.growing(self.layer):
            self._look_again(stream)
        if idle and not self.busy and not self.layer:
            self._begin()
        if idle and self.layer:
            self._ask(self.intake.streams[self.layer])
        return self.job is not before

    @property
    def busy(self) -> int:
        """Return how many tiles are under way for this work alone."""
        return sum(len(stream.behind) for stream in self.intake.streams.values())

    def stop(self) -> None:
        """Leave the layer at hand as it is; it is not begun again."""
        self.given_up.add(self.layer)
        self._end()

    def _begin(self) -> None:
        for key, layer in self.intake.twin.layers.items():
            if not layer.provisional or key in self.given_up or _far(layer.source.path):
                continue
            left = self.intake.streams[key].uncounted().tolist()
            if len(left) > MOST_TILES:
                self.given_up.add(key)
                continue
            self.layer, self._left, self._whole = key, left[::-1], len(left)
            self.job = Job(
                0, self.title(layer.title), _nothing, _nothing, Lane.THREAD, progress=0.0
            )  # fmt: skip
            return

    def _look_again(self, stream: Stream) -> None:
        """Go on with tiles that came with other tiles; without any the counts are final."""
        self._left = stream.uncounted().tolist()[::-1]
        self._whole += len(self._left)
        if not self._left:
            self.intake.indexed()
            self._end()
        elif self._whole > MOST_TILES:
            self.stop()

    def _ask(self, stream: Stream) -> None:
        while self._left and len(stream.behind) < AT_ONCE:
            tile = self._left.pop()
            if tile not in stream.pending and not stream.ledger.counted[tile]:
                stream.behind.add(tile)
                stream.fetch(tile, self.intake.arrived(self.layer), keep=False)
        if self.job is not None:
            self.job.progress = 1.0 - (len(self._left) + len(stream.behind)) / max(self._whole, 1)

    def _end(self) -> None:
        self.layer, self.job, self._left, self._whole = "", None, [], 0


def _far(path: str) -> bool:
    """Return whether looking through it would load it over the network."""
    return path.lower().startswith(REMOTE)
