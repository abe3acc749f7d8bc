"""How well a model and a city object agree: what they cover, how high they are, how many storeys they have.

Never blocks: ``step`` is called after ``drain``, until ``done``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from twin.errors import TwinError
from twin.jobs import Feedback, Jobs, Outcome
from twin.maintenance.coverage import Extent, Outlines, shared
from twin.replacing import Thing, storeys_of
from twin.scene import LayerId, Twin
from twin.shown import with_parts
from twin.streaming import Stream
from twin.surveying import Survey, survey


@dataclass(frozen=True)
class Agreement:
    """How well a model and a city object agree: their extents, and the overlap of their outlines 0..1."""

    model: Extent
    city: Extent
    iou: float


@dataclass
class Agreeing:
    """Measures both. ``step`` is called after ``drain`` until ``done``; never blocks."""

    twin: Twin
    streams: Mapping[LayerId, Stream]
    jobs: Jobs
    model: Thing
    city: Thing
    agreement: Agreement | None = None
    error: TwinError | None = None
    _asked: bool = False
    _told: bool = False
    _surveys: list[Survey] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin to look through the tiles that can hold either."""
        self._gathered: list[Outlines] = []
        for thing in (self.model, self.city):
            layer = self.twin.layer(thing.layer)
            wanted = np.zeros(len(layer.features), np.bool_)
            wanted[with_parts(layer.features, np.array([thing.row], np.int32))] = True
            outlines = Outlines(wanted)
            box = layer.features.bounds[thing.row]
            self._gathered.append(outlines)
            self._surveys.append(survey(self.streams[thing.layer], layer, outlines, within=box))

    @property
    def done(self) -> bool:
        """Return whether there is an answer, or an error in its place."""
        return self.agreement is not None or self.error is not None

    def step(self) -> bool:
        """Go on; return whether it has just ended."""
        if self.done and not self._told:
            self._told = True
            return True
        if self._asked:
            return False
        for one in self._surveys:
            one.step()
        if all(one.done for one in self._surveys):
            self._asked = True
            things = [self.twin.object(x.layer, x.row) for x in (self.model, self.city)]
            counts = [storeys_of(thing) for thing in things]
            work = partial(_agree, self._gathered, counts)
            self.jobs.submit(work, self._came, title=things[0].name)
        return False

    def _came(self, outcome: Outcome) -> None:
        self.error, self.agreement = outcome.error, outcome.value


def _agree(
    gathered: Sequence[Outlines], counts: Sequence[int | None], feedback: Feedback
) -> Agreement:
    feedback.check()
    model, city = (one.extent(n) for one, n in zip(gathered, counts, strict=True))
    return Agreement(model, city, shared(model.outline, city.outline))
