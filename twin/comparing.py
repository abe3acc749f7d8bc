"""Two deliveries compared: looked through, measured, matched on a worker; the result as data and as columns.

A delivery is a layer, or several where it came in tiles: they are compared as one table.

Never blocks: ``step`` is called as often as one likes, until ``done``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.column_edits import SetColumn
from twin.edits import Edit, SetColorBy, Together
from twin.errors import CrsError, TwinError, UsageError
from twin.features import TEXT, FeatureTable, extended
from twin.geometry import Rows
from twin.georeference import ELLIPSOIDAL, ProjectFrame, parse_crs
from twin.identity import UNSTEADY
from twin.jobs import Feedback, Job, Jobs, Lane, Outcome
from twin.maintenance.revisions import (
    BUCKETS,
    Pair,
    Revision,
    Shapes,
    Side,
    Sums,
    Tolerance,
    compare,
)
from twin.maintenance.revisions.reports import Compared
from twin.maintenance.revisions.shapes import joined_shapes
from twin.scene import Layer, LayerId, Twin
from twin.settings import Settings
from twin.streaming import Stream
from twin.style import ColorBy
from twin.surveying import Survey, owners, survey, whole_boxes

COLUMN = "_change"
"""The column that holds each object's bucket; ``style.RESULTS`` has its colours."""


@dataclass(frozen=True)
class Delivery:
    """The layers of one side. ``start`` i64(k): where each begins in their common table."""

    layers: tuple[Layer, ...]

    @cached_property
    def start(self) -> NDArray[np.int64]:
        """Return the first row of each layer in the common table."""
        sizes = [len(layer.features) for layer in self.layers]
        return np.cumsum([0, *sizes[:-1]]).astype(np.int64)

    @cached_property
    def table(self) -> FeatureTable:
        """Return the objects of all layers one below the other; of one layer its own table."""
        tables = [self.layers[0].features]
        for layer, start in zip(self.layers[1:], self.start[1:].tolist(), strict=True):
            parent = layer.features.parent
            moved = np.where(parent < 0, parent, parent + start).astype(np.int32)
            tables.append(replace(layer.features, parent=moved))
        return extended(tables[0], tables[1:])

    def rows(self, *, elements: bool) -> Rows:
        """Return the rows of the common table to compare."""
        parts = [
            compared_rows(layer, elements=elements) + start
            for layer, start in zip(self.layers, self.start.tolist(), strict=True)
        ]
        return np.concatenate(parts).astype(np.int32)

    def placed(self, rows: Iterable[int]) -> dict[LayerId, Rows]:
        """Return in which layers rows of the common table lie, and as which of theirs."""
        found: dict[LayerId, list[int]] = {}
        for row in rows:
            at = int(np.searchsorted(self.start, row, "right")) - 1
            found.setdefault(self.layers[at].id, []).append(row - int(self.start[at]))
        return {key: np.array(some, np.int32) for key, some in found.items()}

    def title(self, others: Iterable[Layer]) -> str:
        """Return the name of a delivery: its layer's, or the folder's of its tiles."""
        if len(self.layers) == 1:
            return named(self.layers[0], others)
        return f"{Path(self.layers[0].source.path).parent.name} ({len(self.layers)})"


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
    more: tuple[tuple[LayerId, ...], tuple[LayerId, ...]] = ((), ())
    """Further layers of the old and of the new delivery."""
    known: tuple[Shapes, Shapes] | None = None
    """Shapes that an earlier comparison of the same layers found: nothing is looked through again."""
    result: Revision | None = None
    error: TwinError | None = None
    told: bool = False
    """Whether the result was written into the layers."""
    _asked: bool = False

    def __post_init__(self) -> None:
        """Begin. Raises UsageError where there are not two layers, or nobody has the key."""
        first, second = self.names
        if set(first) & set(second):
            raise UsageError(reason="a layer is not compared with itself")
        layers = [layer for side in self.deliveries() for layer in side.layers]
        if self.key and all(layer.features.get(self.key) is None for layer in layers):
            raise UsageError(reason=f"no layer has the attribute {self.key!r}")
        self._elements = all(layer.unit_kinds for layer in layers)
        self._sizes = {layer.id: len(layer.features) for layer in layers}
        self._sums: dict[LayerId, Sums] = {}
        self._surveys: list[Survey] = []
        if self.known is not None:
            return
        for layer in layers:
            own = owners(layer, elements=self._elements)
            sums = Sums(whole_boxes(layer.features.bounds, own), plans=not self._elements)
            self._sums[layer.id] = sums
            self._surveys.append(survey(self.streams[layer.id], layer, sums, own))

    @property
    def names(self) -> tuple[tuple[LayerId, ...], tuple[LayerId, ...]]:
        """Return the layers of the old and of the new delivery."""
        return (self.old, *self.more[0]), (self.new, *self.more[1])

    def deliveries(self) -> tuple[Delivery, Delivery]:
        """Return both sides as they are now."""
        old, new = (Delivery(tuple(map(self.twin.layer, names))) for names in self.names)
        return old, new

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
            old, new = (self._source(side) for side in self.deliveries())
            frame = ProjectFrame(self.twin.crs, self.twin.vertical) if self.twin.crs else None
            sources = _Sources((old, new), self.known, frame)
            work = partial(_compared, sources, self.tolerance, self.key)
            self.jobs.submit(work, self._came, title=self.twin.layers[self.new].title)

    def _source(self, delivery: Delivery) -> "_Source":
        """Return what a worker makes a side of."""
        layers = delivery.layers
        datums = {_datum(layer, self.twin.vertical) for layer in layers}
        side = Side(
            delivery.table, delivery.rows(elements=self._elements), None, layers[0].title,
            datums.pop() if len(datums) == 1 else "", all(map(_lasting, layers)),
        )  # fmt: skip
        return _Source(side, [self._sums[x.id] for x in layers if x.id in self._sums])

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
        old, new = self.deliveries()
        layers = old.layers + new.layers
        titles = old.title(layers), new.title(layers)
        return Compared(self.result, titles, (old.table, new.table), self.failed)

    def placed(self, pair: Pair) -> dict[LayerId, Rows]:
        """Return the objects of a line by layer."""
        old, new = self.deliveries()
        return {**old.placed(pair.old), **new.placed(pair.new)}

    def edit(self) -> Edit:
        """Return the step that writes the buckets into both layers and colours the view by them."""
        assert self.result is not None
        written = []
        for number, delivery in enumerate(self.deliveries()):
            column = _buckets(self.result.pairs, number, len(delivery.table))
            for layer, start in zip(delivery.layers, delivery.start.tolist(), strict=True):
                own = column[start : start + len(layer.features)]
                if not self._elements:  # what is drawn may be the parts of a unit
                    own = own[layer.assessment.unit]
                written.append(SetColumn(layer.id, COLUMN, own))
        return Together((*written, SetColorBy(ColorBy(COLUMN))))

    def lost(self) -> bool:
        """Return whether a layer is gone, or was opened anew with rows of its own."""
        return any(
            name not in self.twin.layers or len(self.twin.layers[name].features) != n
            for name, n in self._sizes.items()
        )


def _nothing(_: object) -> None:
    """Stand in for the work and the end of what is only shown."""


def named(layer: Layer, others: Iterable[Layer]) -> str:
    """Return a layer's title; where others have the same, with its file, or with its folder where files
    are called alike too: two deliveries of one model are."""
    path = Path(layer.source.path)
    alike = [other for other in others if other.title == layer.title]
    if len(alike) < 2:
        return layer.title
    names = [Path(other.source.path).name for other in alike]
    told = path.parent.name if names.count(path.name) > 1 else path.name
    return f"{layer.title} ({told})" if told not in ("", layer.title) else layer.title


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
    return layer.about.format not in UNSTEADY


def _buckets(pairs: Sequence[Pair], side: int, n: int) -> NDArray[Any]:
    """Return text(n): the bucket of every row of a side, None for what is in no line."""
    code = {name: k for k, name in enumerate(BUCKETS)}
    sides = [(pair.old if side == 0 else pair.new, code[pair.bucket]) for pair in pairs]
    column = np.full(n, None, TEXT)
    rows = np.fromiter((row for rows, _ in sides for row in rows), np.int64)
    codes = np.fromiter((k for rows, k in sides for _ in rows), np.int64)
    column[rows] = np.array(BUCKETS, TEXT)[codes]
    return column


@dataclass(frozen=True)
class _Source:
    """A side without shapes, and the sums, a layer each, that make them ([] where they are known)."""

    side: Side
    sums: Sequence[Sums]

    def shapes(self, feedback: Feedback) -> Shapes:
        """Return the shapes of all layers one below the other. Raises Cancelled."""
        return joined_shapes([sums.shapes(feedback) for sums in self.sums])


@dataclass(frozen=True)
class _Sources:
    """What a worker compares: both sides, their shapes where they are known, the twin's frame."""

    both: tuple[_Source, _Source]
    known: tuple[Shapes, Shapes] | None
    frame: ProjectFrame | None

    def side(self, number: int, feedback: Feedback) -> Side:
        """Return a side with its shapes, and by how much its heights were lifted. Raises Cancelled."""
        side = self.both[number].side
        found = self.known[number] if self.known else self.both[number].shapes(feedback)
        datums = {one.side.datum for one in self.both}
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
