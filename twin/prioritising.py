"""Which buildings of the twin should have BIM: layers looked through for areas and heights, then judged on a worker.

Never blocks: ``step`` is called after ``drain``; ``ask`` asks again with another budget or other weights,
which needs no second look at the geometry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.column_edits import SetColumn
from twin.edits import Edit, SetColorBy, Together
from twin.errors import Cancelled, TwinError
from twin.features import TEXT, Bool
from twin.geometry import F64, I32
from twin.identity import uid
from twin.jobs import Feedback, Job, Jobs, Outcome
from twin.maintenance.bim.answers import Answer, Question, answer, trusted
from twin.maintenance.bim.deriving import Part, building_rows, derived, gap_of_models
from twin.maintenance.bim.inputs import Candidates
from twin.maintenance.bim.method import Method
from twin.maintenance.bim.plans import NOT_YET, PlanSums
from twin.replacing import REPLACES, link_key
from twin.scene import Layer, LayerId, Twin
from twin.streaming import Stream
from twin.style import ColorBy
from twin.surveying import owners, survey

BIM_COLUMN = "_bim"
"""The column that holds what became of each building; ``style.RESULTS`` has its colours."""
Typed = Mapping[str, Mapping[str, float]]
"""What a person typed: uid of a building -> column -> value."""


@dataclass(frozen=True)
class Known:
    """The candidates of the twin: which object of which layer each of them is, and its uid."""

    found: Candidates
    layers: tuple[LayerId, ...]
    layer: I32
    row: I32
    uids: NDArray[Any]

    def place(self, index: int) -> tuple[LayerId, int]:
        """Return the layer and the row of a candidate."""
        return self.layers[int(self.layer[index])], int(self.row[index])


@dataclass
class Prioritising:
    """Gathers the candidates of a twin and answers questions about them. ``known`` None until it was looked through;
    ``found`` is the last answer; ``error`` stands in its place."""

    twin: Twin
    streams: Mapping[LayerId, Stream]
    jobs: Jobs
    method: Method
    known: Known | None = None
    found: Answer | None = None
    error: TwinError | None = None
    title: str = ""
    _asked: tuple[Method, Question, Typed] | None = None
    _running: Job | None = None
    _again: bool = False
    _told: bool = True
    _gathering: bool = False
    _sizes: dict[LayerId, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin to look through every layer with buildings that is shown."""
        gone = _replaced(self.twin)
        self._layers: list[Layer] = []
        self._rows = []
        for layer in self.twin.layers.values():
            rows = building_rows(layer.features, layer.assessment)
            rows = rows[~_elsewhere(layer)[rows]] if layer.visible or _has_bim(layer) else rows[:0]
            rows = rows[~_stands_for(self.twin, layer, rows, gone)]
            if len(rows) and layer.id in self.streams:
                self._layers.append(layer)
                self._rows.append(rows)
        self._sizes = {layer.id: len(layer.features) for layer in self._layers}
        self._seen = self._verdicts()
        self._sums = [PlanSums(len(layer.features)) for layer in self._layers]
        self._surveys = [
            survey(self.streams[layer.id], layer, sums, owners(layer, elements=False))
            for layer, sums in zip(self._layers, self._sums, strict=True)
        ]

    @property
    def done(self) -> bool:
        """Return whether the last question was answered, or went wrong."""
        return (
            self._running is None
            and not self._again
            and (self.found is not None or self.error is not None)
        )

    @property
    def progress(self) -> float:
        """Return how far looking through is, 0..1."""
        return min((one.progress for one in self._surveys), default=1.0)

    @property
    def failed(self) -> int:
        """Return how many tiles did not come: what they show is not measured."""
        return sum(one.failed for one in self._surveys)

    def lost(self) -> bool:
        """Return whether a layer is gone, or has other rows than those that were looked at."""
        return any(
            key not in self.twin.layers or len(self.twin.layers[key].features) != n
            for key, n in self._sizes.items()
        )

    def ask(
        self, question: Question, typed: Typed | None = None, method: Method | None = None
    ) -> None:
        """Ask: the answer comes by ``step``; a question under way is dropped. Its ``forced`` and ``barred`` are uids."""
        self._asked = (method or self.method, question, typed or {})
        self._again = True
        self.error = None
        if self._running is not None and not self._gathering:  # a cancelled job delivers nothing
            self.jobs.cancel(self._running.id)
            self._running = None

    def step(self) -> bool:
        """Go on; return whether an answer has just come."""
        if self._running is not None and self._running.cancelled:
            self._running = None  # by a person: the last answer stays
            if self._gathering:
                self._gathering, self._again, self._told = False, False, False
                self.error = Cancelled(what=self.title)
        if self.known is not None and self._running is None and self._seen != self._verdicts():
            self.known, self._again = None, self._asked is not None
        if self.known is None and not self._gathering and self.error is None:
            for one in self._surveys:
                one.step()
            if all(one.done for one in self._surveys):
                self._gathering, self._seen = True, self._verdicts()
                datasets = tuple(layer.source.dataset for layer in self._layers)
                sums = tuple(self._sums)
                work = partial(_gathered, self._parts(), sums, datasets, self.method)
                self._running = self.jobs.submit(work, self._candidates, title=self.title)
        elif self.known is not None and self._again and self._running is None and self._asked:
            self._again = False
            answering = partial(_answered, self.known, *self._asked)
            self._running = self.jobs.submit(answering, self._came, title=self.title)
        told, self._told = self._told, True
        return not told

    def _verdicts(self) -> tuple[int, ...]:
        """Return what changes when layers are judged anew, or a model takes the place of an object."""
        links = sum(link.kind == REPLACES for link in self.twin.records["links"].values())
        layers = [self.twin.layers.get(layer.id, layer) for layer in self._layers]
        return (links, *(id(layer.assessment) for layer in layers))

    def _candidates(self, outcome: Outcome) -> None:
        self._gathering, self._running = False, None
        if outcome.error is not None:
            self.error, self._told = outcome.error, False
            return
        counts = [len(rows) for rows in self._rows]
        layer = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        row = np.concatenate([np.zeros(0, np.int32), *self._rows]).astype(np.int32)
        found, uids = outcome.value
        self.known = Known(found, tuple(one.id for one in self._layers), layer, row, uids)

    def _came(self, outcome: Outcome) -> None:
        self._running = None
        found = outcome.value
        wanted = self._asked is not None and self._asked[1].stable and not self._again
        if isinstance(found, Answer) and found.trust is None and wanted:
            # the answer is shown at once; how far to trust it may take a while
            self._running = self.jobs.submit(
                partial(_trusted, found), self._came, title=self.title
            )
        if isinstance(outcome.error, Cancelled):
            return
        self._told = False
        self.error, self.found = outcome.error, outcome.value

    def _parts(self) -> list[Part]:
        seen: set[str] = set()
        parts = []
        now = [self.twin.layers.get(layer.id, layer) for layer in self._layers]
        for layer, rows in zip(now, self._rows, strict=True):
            ids = set(layer.features.id[rows].tolist())
            prefix = f"{layer.id}/" if ids & seen else ""
            seen |= ids
            bim = _models_of(self.twin, layer, rows, self.method)
            parts.append(Part(layer.features, layer.assessment, NOT_YET, rows, bim, prefix))
        return parts


def _gathered(
    parts: Sequence[Part],
    sums: Sequence[PlanSums],
    datasets: Sequence[str],
    method: Method,
    feedback: Feedback,
) -> tuple[Candidates, NDArray[Any]]:
    """Return the candidates, and their uids: a hash each, which takes its time."""
    measured = [
        replace(part, plans=one.plans(feedback)) for part, one in zip(parts, sums, strict=True)
    ]
    named = [
        uid(dataset, key)
        for dataset, part in zip(datasets, parts, strict=True)
        for key in part.table.id[part.rows].tolist()
    ]
    return derived(measured, method), np.array(named, object)


def _answered(
    known: Known, method: Method, question: Question, typed: Typed, feedback: Feedback
) -> Answer:
    names = dict(zip(known.uids.tolist(), known.found.id.tolist(), strict=True))
    forced, barred = (
        frozenset(names[key] for key in keys if key in names)
        for keys in (question.forced, question.barred)
    )
    asked = replace(question, forced=forced, barred=barred, stable=False)
    return answer(with_typed(known, typed), method, asked, feedback)


def _trusted(found: Answer, feedback: Feedback) -> Answer:
    return trusted(found, feedback)


def with_typed(known: Known, typed: Typed) -> Candidates:
    """Return the candidates with what a person typed in the place of what was found."""
    found = known.found
    rows = (
        {key: row for row, key in enumerate(known.uids.tolist()) if key in typed} if typed else {}
    )
    columns = {name for key in rows for name in typed[key]}
    for column in sorted(columns):
        values = np.full(len(found), np.nan)
        for key, row in rows.items():
            values[row] = typed[key].get(column, np.nan)
        source = found.sources.get(column)
        said = np.full(len(found), "", source.dtype if source is not None else "U8")
        if source is not None:
            said = np.where(np.isfinite(values), "by hand", source)
        else:
            said[np.isfinite(values)] = "by hand"
        found = replace(found.with_values(column, values), sources={**found.sources, column: said})
    return found


def _elsewhere(layer: Layer) -> Bool:
    return (
        np.zeros(len(layer.features), np.bool_)
        if layer.counted_elsewhere is None
        else layer.counted_elsewhere
    )


def _has_bim(layer: Layer) -> bool:
    return any(kind.lower() == "ifcbuilding" for kind in layer.features.kinds)


def _replaced(twin: Twin) -> dict[str, str]:
    """Return uid of a model -> key of the link that says which city object it stands for."""
    return {
        link.first: key for key, link in twin.records["links"].items() if link.kind == REPLACES
    }


def _stands_for(twin: Twin, layer: Layer, rows: I32, gone: Mapping[str, str]) -> Bool:
    """Return bool(k): models that stand for a city object of an open layer: that one is the candidate."""
    if not gone or not _has_bim(layer):
        return np.zeros(len(rows), np.bool_)
    own = [uid(layer.source.dataset, key) for key in layer.features.id[rows].tolist()]
    open_ones = set(twin.layers)
    return np.array(
        [key in gone and gone[key].removeprefix(f"{REPLACES}:").partition("#")[0] in open_ones for key in own],
        np.bool_,
    )  # fmt: skip


def _models_of(twin: Twin, layer: Layer, rows: I32, method: Method) -> F64:
    """Return f64(k): the gap left by the model that stands for a row, NaN where there is none."""
    found = np.full(len(rows), np.nan)
    links = {key: link for key, link in twin.records["links"].items() if link.kind == REPLACES}
    if not links:
        return found
    models = _gaps_by_uid(twin, method)
    for place, row in enumerate(rows.tolist()):
        link = links.get(link_key(layer, row))
        if link is not None:
            found[place] = models.get(link.first, method.gap["outdated"])
    return found


def _gaps_by_uid(twin: Twin, method: Method) -> dict[str, float]:
    found: dict[str, float] = {}
    for layer in twin.layers.values():
        if _has_bim(layer):
            rows = building_rows(layer.features, layer.assessment)
            gaps = gap_of_models(layer.features, layer.assessment, rows, method)
            keys = (uid(layer.source.dataset, key) for key in layer.features.id[rows].tolist())
            found.update(zip(keys, gaps.tolist(), strict=True))
    return found


def columns_of(work: Prioritising, twin: Twin) -> Edit:
    """Return the step that writes what became of each building into all layers, parts and other representations
    of the same objects too; nothing where there is no answer."""
    if work.found is None or work.known is None:
        return Together(())
    state = np.full(len(work.known.row), "not_chosen", TEXT)
    state[list(work.found.choice.collect)] = "collect"
    state[list(work.found.choice.chosen.rows)] = "chosen"
    by_layer = {
        key: (work.known.row[work.known.layer == place], state[work.known.layer == place])
        for place, key in enumerate(work.known.layers)
    }
    edits: list[Edit] = []
    for layer in twin.layers.values():
        values = np.full(len(layer.features), "no_candidate", TEXT)
        for key, (rows, said) in by_layer.items():
            here, taken = _rows_here(twin, key, rows, layer)
            values[here] = said[taken]
        units = np.minimum(layer.assessment.unit, len(values) - 1)
        edits.append(SetColumn(layer.id, BIM_COLUMN, values[units] if len(values) else values))
    return Together(tuple(edits))


def shown_edit(work: Prioritising, twin: Twin) -> Edit:
    """Return the step that colours the view by the choice."""
    return Together((columns_of(work, twin), SetColorBy(ColorBy(BIM_COLUMN))))


def _rows_here(twin: Twin, key: LayerId, rows: I32, layer: Layer) -> tuple[I32, NDArray[np.int64]]:
    """Return the rows of a layer that show candidates of layer ``key``, and which of them those are."""
    if key == layer.id:
        return rows, np.arange(len(rows))
    source = twin.layers.get(key)
    if source is None or not layer.source.dataset or source.source.dataset != layer.source.dataset:
        return np.zeros(0, np.int32), np.zeros(0, np.int64)
    known = layer.features.rows_by_id
    pairs = [
        (known[name], place)
        for place, name in enumerate(source.features.id[rows].tolist())
        if name in known
    ]
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return found[:, 0].astype(np.int32), found[:, 1]
