"""Two layers compared: looked through, measured, matched on a worker; the result as data and as a column.

Never blocks: ``step`` is called as often as one likes, until ``done``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from twin.column_edits import SetColumn
from twin.edits import Edit, SetColorBy, Together
from twin.errors import CrsError, TwinError, UsageError
from twin.features import TEXT
from twin.geometry import Rows
from twin.georeference import ELLIPSOIDAL, ProjectFrame, parse_crs
from twin.jobs import Feedback, Job, Jobs, Lane, Outcome
from twin.maintenance.revisions import Revision, Shapes, Side, Sums, Tolerance, compare
from twin.maintenance.revisions.reports import Compared
from twin.scene import Layer, LayerId, Twin
from twin.settings import Settings
from twin.streaming import Stream
from twin.style import ColorBy
from twin.surveying import Survey, owners, survey, whole_boxes

COLUMN = "_change"
"""The column that holds each object's bucket; ``style.RESULTS`` has its colours."""
MADE_ANEW = frozenset({"citygml", "tiles3d", "i3s", "osgb"})
"""Formats whose own ids need not be kept from one delivery to the next (MAINTENANCE.md 7.2)."""


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
    known: tuple[Shapes, Shapes] | None = None
    """Shapes that an earlier comparison of the same layers found: nothing is looked through again."""
    result: Revision | None = None
    error: TwinError | None = None
    told: bool = False
    """Whether the result was written into the layers."""
    _asked: bool = False

    def __post_init__(self) -> None:
        """Begin. Raises UsageError where there are not two layers, or nobody has the key."""
        if self.old == self.new:
            raise UsageError(reason="a layer is not compared with itself")
        layers = [self.twin.layer(name) for name in (self.old, self.new)]
        if self.key and all(layer.features.get(self.key) is None for layer in layers):
            raise UsageError(reason=f"no layer has the attribute {self.key!r}")
        elements = all(layer.unit_kinds for layer in layers)
        owner = [owners(layer, elements=elements) for layer in layers]
        self._sizes = [len(layer.features) for layer in layers]
        self._rows = [compared_rows(layer, elements=elements) for layer in layers]
        self._sums: list[Sums] = []
        self._surveys: list[Survey] = []
        if self.known is not None:
            return
        self._sums = [
            Sums(whole_boxes(layer.features.bounds, own), plans=not elements)
            for layer, own in zip(layers, owner, strict=True)
        ]
        self._surveys = [
            survey(self.streams[layer.id], layer, sums, own)
            for layer, sums, own in zip(layers, self._sums, owner, strict=True)
        ]

    @property
    def job(self) -> Job:
        """Return the work as it is shown to people; its id is -1, which no submitted work has."""
        title = self.twin.layers[self.new].title if self.new in self.twin.layers else ""
        return Job(-1, title, _nothing, _nothing, Lane.THREAD, progress=self.progress)

    @property
    def done(self) -> bool:
        """Return whether there is a result, or an error in its place."""
        return self.result is not None or self.error is not None

    @property
    def progress(self) -> float:
        """Return how far it is, 0..1."""
        return min((one.progress for one in self._surveys), default=1.0)

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
                Side(
                    layer.features,
                    rows,
                    None,
                    layer.title,
                    _datum(layer, self.twin.vertical),
                    _lasting(layer),
                )
                for layer, rows in zip(self._layers(), self._rows, strict=True)
            ]
            frame = ProjectFrame(self.twin.crs, self.twin.vertical) if self.twin.crs else None
            sources = _Sources(sides, self.known or self._sums, frame)
            work = partial(_compared, sources, self.tolerance, self.key)
            self.jobs.submit(work, self._came, title=self.twin.layers[self.new].title)

    def _layers(self) -> list[Layer]:
        return [self.twin.layer(name) for name in (self.old, self.new)]

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
        titles = named(old, (old, new)), named(new, (old, new))
        return Compared(self.result, titles, (old.features, new.features), self.failed)

    def edit(self) -> Edit:
        """Return the step that writes the buckets into both layers and colours the view by them."""
        assert self.result is not None
        columns = [np.full(len(layer.features), None, TEXT) for layer in self._layers()]
        for pair in self.result.pairs:
            for column, rows in zip(columns, (pair.old, pair.new), strict=True):
                column[list(rows)] = pair.bucket
        written = [
            SetColumn(layer.id, COLUMN, column)
            for layer, column in zip(self._layers(), columns, strict=True)
        ]
        return Together((*written, SetColorBy(ColorBy(COLUMN))))

    def lost(self) -> bool:
        """Return whether a layer is gone, or was opened anew with rows of its own."""
        return any(
            name not in self.twin.layers or len(self.twin.layers[name].features) != n
            for name, n in zip((self.old, self.new), self._sizes, strict=True)
        )


def _nothing(_: object) -> None:
    """Stand in for the work and the end of what is only shown."""


def named(layer: Layer, others: Iterable[Layer]) -> str:
    """Return a layer's title, with its file where others have the same: two deliveries of one model do."""
    name = Path(layer.source.path).name
    same = sum(other.title == layer.title for other in others) > 1
    return f"{layer.title} ({name})" if same and layer.title != name else layer.title


def compared_rows(layer: Layer, *, elements: bool) -> Rows:
    """Return the rows to compare: all elements, or the maintained units."""
    if elements:
        return np.arange(len(layer.features), dtype=np.int32)
    return layer.assessment.unit_rows().astype(np.int32)


def _datum(layer: Layer, project: str) -> str:
    """Return the vertical datum that a layer's heights are said to be in, '' = not named.

    A layer that somebody placed has the heights of the ``project``.
    """
    source, about = layer.source, layer.about
    if source.placement is not None:
        return source.vertical or project
    try:
        return parse_crs(source.crs or about.crs, source.vertical or about.vertical).vertical
    except CrsError:
        return ""


def _lasting(layer: Layer) -> bool:
    return layer.about.format not in MADE_ANEW


@dataclass(frozen=True)
class _Sources:
    """What a worker compares: sides without shapes, what makes their shapes, the twin's frame."""

    sides: Sequence[Side]
    shapes: Sequence[Shapes | Sums]
    frame: ProjectFrame | None

    def side(self, number: int, feedback: Feedback) -> Side:
        """Return a side with its shapes, and by how much its heights were lifted. Raises Cancelled."""
        side, some = self.sides[number], self.shapes[number]
        found = some.shapes(feedback) if isinstance(some, Sums) else some
        datums = {one.datum for one in self.sides}
        if self.frame is None or len(datums) < 2 or datums & {"", ELLIPSOIDAL}:
            return replace(side, shapes=found)
        box = np.nan_to_num(found.box[side.rows])
        lift = self.frame.lift((box[:, :3] + box[:, 3:]) / 2, side.datum)
        return replace(side, shapes=found, lift=lift)


def _compared(sources: _Sources, tolerance: Tolerance, key: str, feedback: Feedback) -> Revision:
    feedback.check()
    old, new = (sources.side(number, feedback) for number in (0, 1))
    return compare(old, new, tolerance, key, feedback)


def tolerance_of(settings: Settings) -> Tolerance:
    """Return from when on something differs, as the settings say."""
    return Tolerance(
        tau=settings.change_height,
        iou=settings.change_overlap,
        replaced=min(settings.change_replaced, settings.change_overlap),
        least_area=settings.change_area,
    )
