"""From what is open to a study: the finest content of the layers, whatever the screen shows; then the answer.

Never blocks: ``step`` is called as often as one likes, until ``done``. First all objects within the reach
of the analysis are made known, then their finest tiles are taken in, then a worker answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from twin.analyses.answering import (
    Frozen,
    Question,
    answered,
    assembled,
    edits_print_of,
    steps_of,
    whole_answer,
)
from twin.analyses.fingerprints import hidden_print, source_print
from twin.analyses.results import Circumstances, Result
from twin.analyses.scenarios import left_out, rows_named
from twin.analyses.soup import Soup
from twin.analyses.spots import Corridor, Strip
from twin.analyses.study import GROUND, Bodies, Spots, Study, StudyLayer
from twin.errors import NothingToStudy, StudyTooLarge, TwinError, UsageError
from twin.features import Bool
from twin.geometry import F64, Rows
from twin.georeference import ProjectFrame
from twin.identity import Representation, counted_elsewhere
from twin.intake import Intake
from twin.jobs import Job, Jobs, Lane, Outcome
from twin.records import Instant
from twin.scene import Layer, LayerId, Twin
from twin.screen import existing
from twin.shown import not_hidden
from twin.streaming import Stream
from twin.surveying import SLACK, Survey, survey

AT_ONCE = 4
"""Tiles asked for at once while objects are made known."""
BYTES = 80
"""Bytes that a triangle takes while a study is put together, corners and copies included."""
WORKER = "analyses"


@dataclass(frozen=True)
class City:
    """What a study is made from: the open layers and the instants that hold."""

    twin: Twin
    streams: Mapping[LayerId, Stream]
    intake: Intake
    jobs: Jobs
    frame: ProjectFrame | None
    at: Instant
    as_of: Instant | None
    known_at: Instant | None
    most_mb: int = 2048


@dataclass
class Inquiry:
    """An analysis under way. ``result`` is None until ``done``; then it, or ``error``, is there."""

    city: City
    question: Question
    number: int = -10
    lane: Lane | None = None
    result: Result | None = None
    error: TwinError | None = None
    cancelled: bool = False
    working: Job | None = None
    _surveys: list[Survey] = field(default_factory=list)
    _soups: list[Soup] = field(default_factory=list)
    _layers: list[LayerId] = field(default_factory=list)
    _stage: str = "listing"
    _seen: int = 0
    _whole: int = 0

    def __post_init__(self) -> None:
        """Choose the layers. Raises UsageError where there is nothing to look at."""
        reach = self.question.analysis.reach()
        if reach is not None:
            box = np.asarray(reach, np.float64)
            if box.shape != (6,) or not np.isfinite(box).all() or (box[:3] > box[3:]).any():
                raise UsageError(reason="the area to analyse is empty or not finite")
        chosen = [key for key in self._chosen() if key in self.city.streams]
        corridor = getattr(self.question.analysis, "corridor", None)
        self._corridor: Corridor | None = None if corridor is None else corridor()
        self._layers = [key for key in chosen if self._corridor or not self._of_points(key)]
        self._sizes = {key: id(self.city.streams[key]) for key in self._layers}
        if not self._layers:
            raise NothingToStudy(
                reason="points have no surface that could be asked: open terrain or buildings"
                if chosen
                else "no layer is visible"
            )
        self._reach = self._widened(reach)
        self._spared = self._points_within(chosen)

    def _chosen(self) -> list[LayerId]:
        """Return the layers to look at: named or visible ones, and what replaces objects there."""
        twin, asked = self.city.twin, self.question
        for key in asked.layers:
            twin.layer(key)
        wanted = set(asked.layers) or {x.id for x in twin.layers.values() if x.visible}
        scenarios = twin.records["scenarios"].values()
        apart = left_out(scenarios, None)
        named = {key for side in asked.sides if side is not None for key in side.sources}
        return [key for key in twin.layers if (key in wanted and key not in apart) or key in named]

    def _of_points(self, key: LayerId) -> bool:
        return self.city.twin.layers[key].about.points

    def _asked(self, key: LayerId, tiles: Rows) -> Rows:
        """Return which of the tiles of a layer lie within reach."""
        stream = self.city.streams[key]
        found = _meeting(stream, tiles, self._within(key))
        if self._corridor is None or not self._of_points(key):
            return found
        return found[self._corridor.met(stream.tree.boxes()[found])]

    def _points_within(self, chosen: Sequence[LayerId]) -> bool:
        """Return whether point clouds lie within the reach: they are left out, and that is said."""
        layers = [self.city.twin.layers[key] for key in chosen if key not in self._layers]
        reach = self._reach
        return any(
            reach is None
            or bool((x.bounds[:3] <= reach[3:]).all() and (x.bounds[3:] >= reach[:3]).all())
            for x in layers
        )

    def _widened(self, reach: F64 | None) -> F64 | None:
        """Return the reach and the places that objects are moved away from."""
        if reach is None:
            return None
        box = np.asarray(reach, np.float64).copy()
        edits = [
            e for side in self.question.sides if side is not None for e in side.of_kind("move")
        ]
        for edit in edits:
            layer = self.city.twin.layers.get(edit.layer)
            if layer is None:
                continue
            boxes = layer.boxes(rows_named(layer.features, edit.objects))
            boxes = boxes[np.isfinite(boxes).all(axis=1)]
            if len(boxes):
                box[:3] = np.minimum(box[:3], boxes[:, :3].min(axis=0))
                box[3:] = np.maximum(box[3:], boxes[:, 3:].max(axis=0))
        return box

    @property
    def done(self) -> bool:
        """Return whether there is a result, an error, or nobody wants it any more."""
        return self.result is not None or self.error is not None or self.cancelled

    @property
    def job(self) -> Job | None:
        """Return the work as it is shown to people while tiles come; None once a worker is at it."""
        if self.done or self._stage == "working":
            return None
        share = self._seen / max(self._whole, 1)
        return Job(
            self.number, self.question.title, _nothing, _nothing, Lane.THREAD,
            progress=min(1.0, 0.5 * share + 0.5 * (self._stage == "gathering")),
        )  # fmt: skip

    def cancel(self) -> None:
        """Give up; what was gathered is dropped, nothing else changes."""
        self.cancelled = True
        self._surveys.clear()
        self._soups.clear()
        if self.working is not None:
            self.working.cancel()

    def step(self) -> None:
        """Go on; call it after ``drain``."""
        if self.done or self._stage == "working":
            return
        if self._lost():
            self.error = UsageError(reason="a layer was opened again meanwhile: run it again")
            return
        try:
            self._listing() if self._stage == "listing" else self._gathering()
        except TwinError as error:
            self.error = error

    def _lost(self) -> bool:
        streams = self.city.streams
        return any(
            key not in self.city.twin.layers or id(streams.get(key)) != size
            for key, size in self._sizes.items()
        )

    def _within(self, key: LayerId) -> F64 | None:
        """Return the reach in the heights of a layer's tiles."""
        if self._reach is None:
            return None
        lift = self.city.twin.layers[key].display.height_offset
        return np.asarray(self._reach - np.array([0, 0, lift, 0, 0, lift]), np.float64)

    # -- all objects known ---------------------------------------------------------------------

    def _listing(self) -> None:
        """Ask for tiles that nobody has seen within the reach; go on once there are none."""
        waiting = left = 0
        for key in self._layers:
            stream = self.city.streams[key]
            unseen = self._asked(key, stream.uncounted()).tolist()
            waiting += len(stream.behind) + self.city.intake.growing(key)
            for tile in unseen[: max(0, AT_ONCE - len(stream.behind))]:
                if not stream.on_its_way(tile):
                    stream.behind.add(tile)
                    stream.fetch(tile, self.city.intake.arrived(key), keep=False)
                    waiting += 1
            left += len(unseen)
        self._whole = max(self._whole, left)
        self._seen = self._whole - left
        if not left and not waiting:
            self._begin()

    def _begin(self) -> None:
        """Begin to take in geometry. Raises StudyTooLarge, NothingToStudy."""
        tiles = {
            key: self._asked(key, stream.tree.leaves())
            for key, stream in ((key, self.city.streams[key]) for key in self._layers)
        }
        counts = [int(self.city.streams[k].ledger.triangles[t].sum()) for k, t in tiles.items()]
        most = (self.city.most_mb << 20) // BYTES
        if sum(counts) > most:
            raise StudyTooLarge(triangles=sum(counts), limit=most)
        for key in self._layers:
            layer, soup = self.city.twin.layers[key], Soup(most)
            if self._of_points(key):
                lift = layer.display.height_offset
                soup = Strip(most, corridor=self._corridor, lift=lift)
            self._soups.append(soup)
            work = survey(self.city.streams[key], layer, soup, within=self._within(key))
            if self._of_points(key):
                wanted = set(tiles[key].tolist())
                work.left = [tile for tile in work.left if tile in wanted]
                work.whole = len(work.left)
            self._surveys.append(work)
        self._stage = "gathering"
        self._whole = sum(one.whole for one in self._surveys)
        self._seen = 0

    # -- the finest content ----------------------------------------------------------------------

    def _gathering(self) -> None:
        for one in self._surveys:
            one.step()
        self._seen = sum(one.whole - len(one.left) - len(one.under_way) for one in self._surveys)
        if any(soup.full for soup in self._soups):
            triangles = sum(soup.triangles for soup in self._soups)
            raise StudyTooLarge(triangles=triangles, limit=(self.city.most_mb << 20) // BYTES)
        judging = any(self.city.intake.judging(key) for key in self._layers)
        if all(one.done for one in self._surveys) and not judging:
            self._work()

    def _work(self) -> None:
        frozen = self._frozen()
        self._stage = "working"
        self._soups = []
        heavy = getattr(self.question.analysis, "heavy", True)
        lane = self.lane or (Lane.PROCESS if heavy else Lane.THREAD)
        work: Any = partial(whole_answer, frozen)
        done = self._came
        if lane is Lane.PROCESS:
            work, done = partial(assembled, frozen), partial(self._put_together, frozen)
        self.working = self.city.jobs.submit(work, done, title=self.question.title)

    def _put_together(self, frozen: Frozen, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._came(outcome)
            return
        small = replace(frozen, pieces=(), layers=())
        work = partial(answered, small, outcome.value)
        title = self.question.title
        self.working = self.city.jobs.submit(
            work, self._came, Lane.PROCESS, title=title, key=WORKER
        )

    def _came(self, outcome: Outcome) -> None:
        self.working = None
        self._surveys = []
        self.city.jobs.release(WORKER)
        if outcome.error is not None:
            self.error = outcome.error
        else:
            self.result = outcome.value

    def _frozen(self) -> Frozen:
        """Return everything as it is now."""
        city, layers = self.city, [self.city.twin.layers[key] for key in self._layers]
        there = {x.id: existing(x, city.as_of, city.known_at) & not_hidden(x) for x in layers}
        doubled = _doubled(layers, there)
        studied = tuple(
            self._studied(layer, there[layer.id] & ~doubled[layer.id], one)
            for layer, one in zip(layers, self._surveys, strict=True)
        )
        prints = {x.id: (source_print(x), hidden_print(x, self._reach)) for x in layers}
        around = Circumstances(
            prints, edits_print_of(self.question.sides), self.question.program, np.datetime64("now", "ms"),
            () if self._reach is None else tuple(self._reach.tolist()), steps_of(self.question.sides),
            {x.id: one.features for x, one in zip(layers, studied, strict=True) if not x.provisional},
        )  # fmt: skip
        empty = Study((), Bodies.none(), city.twin.crs, city.twin.vertical, city.at)
        study = replace(empty, as_of=city.as_of, known_at=city.known_at)
        study = replace(study, spots=self._spots(there, doubled))
        pieces = tuple(tuple(soup.pieces) for soup in self._soups)
        lifts = tuple(layer.display.height_offset for layer in layers)
        return Frozen(
            self.question, studied, pieces, lifts, around, city.frame, study, self._spared
        )

    def _spots(self, there: Mapping[str, Bool], doubled: Mapping[str, Bool]) -> tuple[Spots, ...]:
        """Return the points of clouds along the line; those of hidden classes are left out."""
        shown = [there[key] & ~doubled[key] for key in self._layers]
        return tuple(
            soup.spots(number, kept)
            for number, (soup, kept) in enumerate(zip(self._soups, shown, strict=True))
            if isinstance(soup, Strip)
        )

    def _studied(self, layer: Layer, there: Bool, one: Survey) -> StudyLayer:
        stream = self.city.streams[layer.id]
        lost = np.array(sorted(stream.failed), np.int32)
        lost = _meeting(stream, lost, self._within(layer.id))
        kinds = set(layer.features.kinds)
        ground = layer.ground or (bool(kinds) and kinds <= GROUND)
        lift = layer.display.height_offset
        table = layer.features
        if lift:
            table = replace(table, bounds=table.bounds + np.array([0, 0, lift, 0, 0, lift]))
        return StudyLayer(
            layer.id, layer.title, table, layer.assessment, there, ground, layer.source.path,
            layer.source.sha256, one.whole - one.failed, one.failed + len(lost),
        )  # fmt: skip


def _nothing(_: object) -> None:
    """Stand in for the work and the end of what is only shown."""


def _meeting(stream: Stream, tiles: Rows, within: F64 | None) -> Rows:
    """Return the tiles whose boxes meet a box f64(6); None = all."""
    if within is None or not len(tiles):
        return tiles
    boxes = stream.tree.boxes()[tiles]
    meets = (boxes[:, :3] <= within[3:] + SLACK) & (boxes[:, 3:] >= within[:3] - SLACK)
    return tiles[meets.all(axis=1)]


def _doubled(layers: Sequence[Layer], there: Mapping[str, Bool]) -> Mapping[str, Bool]:
    """Return bool(n) a layer: rows that an earlier one of these layers represents already: with a shape, and
    not hidden there."""
    datasets = [layer.source.dataset for layer in layers]
    found = {layer.id: np.zeros(len(layer.features), np.bool_) for layer in layers}
    shown = []
    for layer in layers:
        if datasets.count(layer.source.dataset) < 2:
            continue
        shaped = np.isfinite(layer.features.bounds).all(axis=1) & there[layer.id]
        ids = layer.features.id.tolist()
        for row in np.flatnonzero(~shaped).tolist():
            ids[row] = f"\0{layer.id}\0{row}"  # without a shape that is drawn: represents nothing
        shown.append(Representation(layer.id, layer.source.dataset, ids))
    return {**found, **counted_elsewhere(shown)}
