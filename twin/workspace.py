"""What is open: sources on their way, layers, rules, the project file; nothing of how it looks."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from twin import settings as settings_file
from twin.cache import trim
from twin.edits import AddLayer, History, SetSource
from twin.errors import StoreBroken, TwinError
from twin.exchange.bcf.model import Bcf
from twin.exchange.bcf.reading import is_bcf, read
from twin.files import access_of, evict, is_remote, lifted, use
from twin.georeference import SEA, Georeference, Ground, Placed, ProjectFrame
from twin.indexing import Indexing
from twin.intake import Intake
from twin.jobs import Feedback, Jobs, Outcome, allowance
from twin.judging import rules_of
from twin.keeping import Keeper
from twin.maintenance.placing import in_project
from twin.maintenance.rules import Choices, Rules
from twin.messages import Catalogue, catalogue
from twin.observations import Assessment
from twin.opening import (
    PROJECT,
    Cached,
    decided,
    expand,
    opens,
    sha256_of,
)
from twin.ports import Loader, registered
from twin.records import Instant, SourceRef
from twin.scene import Aspect, Change, Layer, LayerId, Twin
from twin.screen import Screen
from twin.settings import Settings
from twin.sidecars import Sidecars
from twin.sources import Arrival, Sources
from twin.streaming import Stream, compact
from twin.topics.changes import imported

log = logging.getLogger(__name__)


class Workspace:
    """Everything that is open. ``Session`` adds what a person does and sees."""

    def __init__(
        self,
        settings: Settings | None = None,
        jobs: Jobs | None = None,
        loaders: Mapping[str, Loader] | None = None,
    ) -> None:
        """Start with an empty twin; loaders come from the entry points unless given."""
        self.settings = settings or Settings()
        self.jobs = jobs or Jobs(self.settings.workers, most=allowance(self.settings.worker_mb))
        self.twin = Twin()
        self.history = History(self.twin)
        self.keeper = Keeper(self.twin, self._report, self.settings.author)
        self.history.record = self.keeper.record
        self.loaders = registered("citytwin.loaders") if loaders is None else loaders
        use(access_of(self.settings))
        folder = settings_file.cache_folder(self.settings)
        trimmed = partial(_trimmed, folder, self.settings)
        self.jobs.submit(trimmed, _nothing, title="cache", quiet=True)
        self.sources = Sources(self.jobs, self.loaders, folder, self._arrived, self._failed)
        self.screen = Screen()
        self.intake = Intake(self.twin, self.screen.streams, self.jobs)
        self.indexing = Indexing(
            self.intake, lambda x: self.words.text("window.counting", title=x)
        )
        self.sidecars = Sidecars(self.twin, self.jobs, self.intake, self._report, self.keeper)
        self.at: Instant = np.datetime64("now", "ms")
        self.as_of: Instant | None = None
        self.known_at: Instant | None = None
        self.errors: list[tuple[str, TwinError]] = []
        self.opened_as: dict[LayerId, tuple[Any, ...]] = {}
        self.swapping: dict[LayerId, list[str]] = {}
        self.found_again: list[tuple[LayerId, int, int]] = []
        """Layers whose address changed: objects found again by id, objects there were."""
        self.topics_read: list[tuple[str, Bcf]] = []
        """Files whose topics came, for whoever tells of them."""
        self._recount = False
        self.twin.changed.connect(self._note)

    @property
    def words(self) -> Catalogue:
        """Return the texts of the chosen language."""
        return catalogue(self.settings.language)

    @property
    def project(self) -> ProjectFrame | None:
        """Return the project frame; None while no source has named a coordinate system."""
        return self.sources.project

    @property
    def rules(self) -> Rules:
        """Return policies, parties, responsibilities and evidence, areas in the project's plane."""
        chosen = Choices(self.settings.area_before_dataset, self.settings.time_zone)
        return in_project(rules_of(self.twin, chosen), self.twin.crs)[0]

    # -- opening --------------------------------------------------------------------------

    def open(self, location: str, ref: SourceRef | None = None) -> None:
        """Start opening a file, folder, address or manifest; its layers arrive by ``drain``.

        With ``ref`` its decisions (CRS, LoD, mapping, ...) hold for every source found there.
        """
        if location.lower().endswith(PROJECT):
            self.open_project(Path(location))
            return
        if is_bcf(location):
            self.open_topics(location)
            return
        location = lifted(location) if is_remote(location) else location
        self.jobs.submit(
            partial(expand, location, self.loaders),
            partial(self._expanded, location, ref, self.sources.next_place()),
            title=Path(location).name or location,
        )
        self.twin.changed.emit(Change(Aspect.JOBS))

    def open_topics(self, location: str) -> None:
        """Start reading a BCF file; its topics come into the project by ``drain``, in one undoable step."""
        title = Path(location).name
        self.jobs.submit(
            partial(read, location), partial(self._topics_read, location), title=title
        )
        self.twin.changed.emit(Change(Aspect.JOBS))

    def _topics_read(self, location: str, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._report(location, outcome.error)
            return
        self.topics_read.append((location, replace(outcome.value, blobs={})))
        self.history.do("bcf.import", imported(self.twin, outcome.value))

    def georeference(self, key: LayerId) -> Georeference | None:
        """Return how a layer's own coordinates come into the project frame; None for a layer unknown."""
        stream = self.screen.streams.get(key)
        source = None if stream is None else stream.source
        return source.georeference if isinstance(source, Placed) else None

    def _expanded(
        self, location: str, ref: SourceRef | None, place: int, outcome: Outcome
    ) -> None:
        if outcome.error is not None:
            self._failed(SourceRef(location), outcome.error)
            return
        for number, found in enumerate(outcome.value):
            self.sources.open(found if ref is None else decided(found, ref), place + number)

    def _failed(self, ref: SourceRef, error: TwinError) -> None:
        self._report(ref.path, error)

    def _report(self, location: str, error: TwinError) -> None:
        log.info("%s", error)
        self.errors.append((location, error))
        self.twin.changed.emit(Change(Aspect.PROBLEMS))

    def _arrived(self, arrival: Arrival) -> None:
        """Turn an arrival into a layer: stream first, then the edit; the verdict follows."""
        opened = arrival.opened
        key = arrival.ref.uid or self._free_id(arrival.ref)
        before = self.twin.layers.get(key)
        if key in self.screen.streams:
            self._make_room(key)
        ref = replace(arrival.ref, dataset=arrival.ref.dataset or key, uid=key)
        stream = Stream(
            key, arrival.placed, opened.tree, opened.tokens, self.jobs, key=arrival.key
        )
        if isinstance(arrival.raw, Cached):
            stream.warm, stream.cached = arrival.raw, arrival.raw.has
            self.intake.release(stream)
        self.screen.streams[key] = stream
        layer = Layer(
            key, ref, ref.title or opened.title, opened.about, opened.tree, opened.features,
            opened.observations, Assessment.unknown(len(opened.features)), opened.problems,
            visible=ref.visible,
            unit_kinds=opened.unit_kinds, provisional=not len(opened.features),
            attribution=opened.about.fields.get("attribution", ""), order=arrival.order,
            display=self.keeper.display(key),
        )  # fmt: skip
        if self.project is not None:
            self.twin.crs, self.twin.vertical = self.project.crs, self.project.vertical
        for tile, content in opened.ready.items():
            self.intake.tile_came(key, tile, compact(content), Outcome())
        self.opened_as[key] = _opening(ref)
        self._put(layer, before)
        self._learn_ground(layer)
        self.intake.recount(ref.dataset)
        self.intake.unjudged.add(key)
        if self.keeper.store is not None and not ref.sha256:
            self.jobs.submit(
                partial(sha256_of, ref.path),
                partial(self._hashed, key),
                title=layer.title,
                quiet=True,
            )

    def _make_room(self, key: LayerId) -> None:
        """Let go of what a layer fetched: its source comes anew, with rows of its own."""
        try:
            self.keeper.commit(whole=True)  # what is hidden comes back by id
        except TwinError as error:
            self._report(key, error)
        self.screen.forget(key)
        self.intake.forget(key)
        self.history.forget_rows(key)

    def _put(self, layer: Layer, before: Layer | None) -> None:
        """Add a layer. One that was opened again stands where it stood, decisions included."""
        if before is not None:
            now = replace(
                layer, title=before.title, visible=before.visible, order=before.order,
                display=before.display,
            )  # fmt: skip
            self.twin.put_layer(now, Aspect.LAYERS)
            self._restore(layer.id)
        elif layer.id in self.keeper.sources:
            AddLayer(layer).apply(self.twin)
            self._restore(layer.id)
        else:
            self.history.do("sources.open", AddLayer(layer))

    def swap(self, key: LayerId, path: str) -> None:
        """Give a layer another address; everything else of it stays. One undoable step.

        The old source stands until the new one has opened; one that does not open is reported.
        """
        ref = replace(self.twin.layer(key).source, path=path, sha256="")
        folder = settings_file.cache_folder(self.settings)
        work = partial(opens, ref, self.loaders, folder)
        self.jobs.submit(work, partial(self._swapped, key, ref), title=Path(path).name or path)
        self.twin.changed.emit(Change(Aspect.JOBS))

    def _swapped(self, key: LayerId, ref: SourceRef, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._failed(ref, outcome.error)
        elif key in self.twin.layers:
            self.swapping[key] = self.twin.layers[key].features.id.tolist()
            self.history.do("layers.swap", SetSource(key, ref))
            self.reopen_changed()

    def _count_found(self) -> None:
        """Say how many objects of a swapped layer were found again, once all of them are known."""
        for key, before in tuple(self.swapping.items()):
            layer = self.twin.layers.get(key)
            if layer is None or (not layer.provisional and self.sources.waiting == 0):
                del self.swapping[key]
            if layer is not None and key not in self.swapping:
                known = layer.features.rows_by_id
                self.found_again.append((key, sum(x in known for x in before), len(before)))
                self.twin.changed.emit(Change(Aspect.PROJECT, key))

    def reopen_changed(self) -> None:
        """Open the sources again about which a person decided otherwise since (mapping, system)."""
        for key, layer in self.twin.layers.items():
            wanted = _opening(layer.source)
            if self.opened_as.get(key, wanted) != wanted:
                self.opened_as[key] = wanted
                self.sources.open(replace(layer.source, title=layer.title, uid=key))

    def _learn_ground(self, layer: Layer) -> None:
        """Let the first layer with named heights tell the level of the ground to those that follow."""
        if self.sources.ground is not SEA or self.project is None or not self.project.vertical:
            return
        low = layer.features.bounds[:, 2]
        low = low[np.isfinite(low)]
        if len(low) and not any(p.code.startswith("heights.") for p in layer.problems):
            self.sources.ground = Ground(float(np.median(low)), self.project.vertical)

    def _hashed(self, key: LayerId, outcome: Outcome) -> None:
        layer = self.twin.layers.get(key)
        if layer is not None and outcome.error is None:
            ref = replace(layer.source, sha256=outcome.value)
            self.twin.put_layer(replace(layer, source=ref), Aspect.PROJECT)

    def _restore(self, key: LayerId) -> None:
        """Apply what persons decided about objects of a layer, once the objects are known."""
        edit = self.keeper.restore(self.twin.layers[key]) if key in self.twin.layers else None
        if edit is not None:
            edit.apply(self.twin)

    def _free_id(self, ref: SourceRef) -> LayerId:
        path = Path(ref.path)
        stem = path.parent.name if path.name.lower() == "tileset.json" else path.name
        stem = stem.partition(".")[0] or "layer"
        used, number = self.screen.streams, 2
        key = stem
        while key in used:
            key, number = f"{stem}-{number}", number + 1
        return key

    def open_project(self, path: Path, *, saved: bool = True) -> None:
        """Open a project in the place of what is open: its records now, its sources by ``drain``.

        ``saved`` False: it is unsaved work that was left behind. A project that cannot be opened is
        reported like any other location.
        """
        try:
            project = self.keeper.load(path, saved=saved)
        except TwinError as error:
            self._report(str(path), error)
            return
        store = self.keeper.store
        chain = store.verify() if store is not None else None
        if chain is not None and not chain:
            broken = StoreBroken(location=str(path), reason=f"journal: {chain.reason}")
            self._report(str(path), broken)
        frame = project.records["settings"].get("project", {})
        self.twin.title = str(frame.get("title", ""))
        if frame.get("crs"):
            self.sources.project = ProjectFrame.of(frame["crs"], frame.get("vertical", ""))
        for key, ref in project.records["sources"].items():
            self.sources.open(replace(ref, uid=key))
        self.twin.changed.emit(Change(Aspect.PROJECT))

    def save_as(self, path: Path) -> None:
        """Keep the project at this path from now on. Raises StoreError."""
        self.keeper.save_as(path)
        self.twin.changed.emit(Change(Aspect.PROJECT))

    @property
    def project_path(self) -> Path | None:
        """Return the project file a person named; None while the work is unsaved."""
        return self.keeper.path

    def journal(self) -> tuple[dict[str, Any], ...]:
        """Return the journal's entries, oldest first, with their number and hash."""
        return tuple(
            {**entry.words, "seq": entry.seq, "sha256": entry.sha256}
            for entry in self.keeper.journal()
        )

    def index(self) -> None:
        """Block until every tile was seen: all objects known, all triangles counted."""
        self.finish()
        while self.intake.index():
            self.finish()
        self.intake.indexed()
        self.finish()

    def index_quietly(self, still: bool) -> None:
        """Look through a few more unseen tiles when nobody waits for anything. Never blocks."""
        idle = still and self.jobs.pending == self.indexing.busy and not self.intake.unjudged
        if self.indexing.step(idle):
            self.twin.changed.emit(Change(Aspect.JOBS))

    def _note(self, change: Change) -> None:
        if change.aspect is Aspect.RECORDS:
            self.intake.unjudged.update(self.twin.layers)
            self._recount = True

    # -- work that comes back ---------------------------------------------------------------

    def drain(self, seconds: float = 0.0) -> bool:
        """Deliver finished work (owner's thread); return whether anything arrived."""
        came = self.jobs.drain(seconds)
        self._count_found()
        if self._recount:
            self._recount = False
            self.intake.recount_all()
        grown = self.intake.grow()
        for key in grown:
            self._restore(key)
        self.sidecars.step()
        if self.intake.unjudged:
            self.intake.judge(self.rules, self.at, (self.as_of, self.known_at))
        return came or bool(grown)

    def finish(self, seconds: float = 3600.0) -> bool:
        """Block until nothing is under way; return False when the time ran out."""
        while self.jobs.finish(seconds):
            self.drain()
            if not self.jobs.pending:
                return True
        return False


def _opening(ref: SourceRef) -> tuple[Any, ...]:
    """Return what decides how a source comes: a change of it opens the source again."""
    return (ref.path, ref.crs, ref.vertical, ref.lod, ref.mapping, ref.placement, ref.fields,
            ref.options, ref.drape)  # fmt: skip


def _trimmed(folder: Path, settings: Settings, feedback: Feedback) -> None:
    """Keep tile cache and servers' answers within their limits; the longest unused goes first."""
    trim(folder, settings.cache_mb << 20)
    evict(settings_file.answers_folder(settings), settings.answers_mb << 20)


def _nothing(outcome: Outcome) -> None:
    """Nobody waits for the cache to be trimmed."""
