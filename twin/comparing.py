"""Two layers compared: looked through, measured, matched on a worker; the result as data and as a column.

Never blocks: ``step`` is called as often as one likes, until ``done``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from twin.column_edits import SetColumn
from twin.edits import Edit, Together
from twin.errors import TwinError, UsageError
from twin.features import TEXT
from twin.geometry import Rows
from twin.jobs import Feedback, Jobs, Outcome
from twin.maintenance.revisions import Revision, Side, Tolerance, compare
from twin.maintenance.revisions.reports import Compared
from twin.scene import Layer, LayerId, Twin
from twin.streaming import Stream
from twin.surveying import Survey, survey

COLUMN = "_change"
"""The column that holds each object's bucket; ``style.RESULTS`` has its colours."""


@dataclass
class Comparing:
    """A comparison of layer ``old`` with layer ``new``. ``result`` is None until ``done``."""

    twin: Twin
    streams: Mapping[LayerId, Stream]
    jobs: Jobs
    old: LayerId
    new: LayerId
    tolerance: Tolerance = field(default_factory=Tolerance)
    key: str = ""
    result: Revision | None = None
    error: TwinError | None = None
    _asked: bool = False

    def __post_init__(self) -> None:
        """Begin. Raises UsageError where there are not two layers, or nobody has the key."""
        if self.old == self.new:
            raise UsageError(reason="a layer is not compared with itself")
        layers = [self.twin.layer(name) for name in (self.old, self.new)]
        if self.key and all(layer.features.get(self.key) is None for layer in layers):
            raise UsageError(reason=f"no layer has the attribute {self.key!r}")
        elements = all(layer.unit_kinds for layer in layers)
        self._surveys = [survey(self.streams[x.id], x, elements=elements) for x in layers]
        self._rows = [compared_rows(layer, elements=elements) for layer in layers]

    @property
    def done(self) -> bool:
        """Return whether there is a result, or an error in its place."""
        return self.result is not None or self.error is not None

    @property
    def progress(self) -> float:
        """Return how far it is, 0..1."""
        return min(one.progress for one in self._surveys)

    @property
    def failed(self) -> int:
        """Return how many tiles did not come: what they show is not compared."""
        return sum(one.failed for one in self._surveys)

    def step(self) -> None:
        """Go on; call it after ``drain``."""
        if self.done or self._asked:
            return
        for one in self._surveys:
            one.step()
        if all(one.done for one in self._surveys):
            self._asked = True
            sides = [
                self._side(*parts)
                for parts in zip(self._layers(), self._surveys, self._rows, strict=True)
            ]
            work = partial(_compared, sides[0], sides[1], self.tolerance, self.key)
            self.jobs.submit(work, self._came, title=self.twin.layers[self.new].title)

    def _layers(self) -> list[Layer]:
        return [self.twin.layer(name) for name in (self.old, self.new)]

    def _side(self, layer: Layer, seen: Survey, rows: Rows) -> Side:
        return Side(layer.features, rows, seen.sums.shapes(), layer.title)

    def _came(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self.error = outcome.error
        else:
            self.result = outcome.value

    def compared(self) -> Compared:
        """Return the result with the tables that name its objects. Raises what went wrong."""
        if self.error is not None:
            raise self.error
        assert self.result is not None
        old, new = self._layers()
        return Compared(
            self.result, (_named(old), _named(new)), (old.features, new.features), self.failed
        )

    def edit(self) -> Edit:
        """Return the step that writes the buckets into both layers."""
        assert self.result is not None
        columns = [np.full(len(layer.features), None, TEXT) for layer in self._layers()]
        for pair in self.result.pairs:
            for column, row in zip(columns, (pair.old, pair.new), strict=True):
                if row >= 0:
                    column[row] = pair.bucket
        return Together(
            tuple(
                SetColumn(layer.id, COLUMN, column)
                for layer, column in zip(self._layers(), columns, strict=True)
            )
        )


def _named(layer: Layer) -> str:
    """Return a layer's title with its file: two deliveries of one model have one title."""
    name = Path(layer.source.path).name
    return layer.title if layer.title == name else f"{layer.title} ({name})"


def compared_rows(layer: Layer, *, elements: bool) -> Rows:
    """Return the rows to compare: all elements, or the maintained units."""
    if elements:
        return np.arange(len(layer.features), dtype=np.int32)
    return layer.assessment.unit_rows().astype(np.int32)


def _compared(
    old: Side, new: Side, tolerance: Tolerance, key: str, feedback: Feedback
) -> Revision:
    feedback.check()
    return compare(old, new, tolerance, key)
