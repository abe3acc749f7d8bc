"""The door: one object for desktop, command line and notebook.

``open`` and ``frame`` never block; what workers bring is delivered by ``drain`` on the owner's
thread. Selection, hover, filter and instants are session state; everything that changes the twin
is a command that returns an edit.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from twin import settings as settings_file
from twin.commands import Context, make
from twin.edits import AddLayer, Edit, History
from twin.errors import TwinError, UsageError
from twin.features import Bool
from twin.geometry import F64, Rows
from twin.georeference import ProjectFrame
from twin.growing import counted_elsewhere
from twin.intake import Intake
from twin.jobs import Job, Jobs, Outcome
from twin.judging import origin_of, rules_edit, rules_of
from twin.maintenance.assess import prepared
from twin.maintenance.audit import Audit, Audited, report
from twin.maintenance.dates import parse_column
from twin.maintenance.passport import Entry as PassportEntry
from twin.maintenance.passport import passport
from twin.maintenance.rule_files import read_rules
from twin.maintenance.rules import Rules
from twin.messages import Catalogue, catalogue
from twin.observations import Assessment
from twin.opening import MANIFEST, Cached, decided, expand, read_manifest, sample_folder
from twin.picking import Hit, pick
from twin.ports import Loader, registered
from twin.records import Instant, SourceRef
from twin.scene import Aspect, Change, Layer, LayerId, Twin
from twin.screen import Marks, Screen, existing
from twin.settings import Settings
from twin.shown import Filter, combined, not_hidden, passes_filter
from twin.sources import Arrival, Sources
from twin.streaming import Frame, Stream, compact
from twin.style import Painted, Painting, paint
from twin.tiles import View

log = logging.getLogger(__name__)

RULE_FILES = ("policy", "custodians", "evidence")


class Session:
    """A city being looked at and looked after."""

    def __init__(
        self,
        settings: Settings | None = None,
        jobs: Jobs | None = None,
        loaders: Mapping[str, Loader] | None = None,
    ) -> None:
        """Start with an empty twin; loaders come from the entry points unless given."""
        self.settings = settings or Settings()
        self.jobs = jobs or Jobs(self.settings.workers)
        self.twin = Twin()
        self.history = History(self.twin)
        self.loaders = registered("citytwin.loaders") if loaders is None else loaders
        folder = settings_file.cache_folder(self.settings)
        self.sources = Sources(self.jobs, self.loaders, folder, self._arrived, self._failed)
        self.screen = Screen()
        self.intake = Intake(self.twin, self.screen.streams, self.jobs)
        self.selected: Mapping[LayerId, Rows] = {}
        self.hovered: tuple[LayerId, int] | None = None
        self.filter = Filter()
        self.at: Instant = np.datetime64("now", "ms")
        self.as_of: Instant | None = None
        self.known_at: Instant | None = None
        self.errors: list[tuple[str, TwinError]] = []
        self._painting: tuple[Any, Painting] | None = None
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
        """Return policies, parties, responsibilities and evidence as one value."""
        return rules_of(self.twin)

    # -- opening --------------------------------------------------------------------------

    def open(self, location: str, ref: SourceRef | None = None) -> None:
        """Start opening a file, folder, address or manifest; its layers arrive by ``drain``.

        With ``ref`` its decisions (CRS, LoD, mapping, ...) hold for every source found there.
        """
        self.jobs.submit(
            partial(expand, location, self.loaders),
            partial(self._expanded, location, ref),
            title=Path(location).name or location,
        )
        self.twin.changed.emit(Change(Aspect.JOBS))

    def _expanded(self, location: str, ref: SourceRef | None, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._failed(SourceRef(location), outcome.error)
            return
        for found in outcome.value:
            self.sources.open(found if ref is None else decided(found, ref))

    def _failed(self, ref: SourceRef, error: TwinError) -> None:
        log.info("%s", error)
        self.errors.append((ref.path, error))
        self.twin.changed.emit(Change(Aspect.PROBLEMS))

    def _arrived(self, arrival: Arrival) -> None:
        """Turn an arrival into a layer: stream first, then the edit; the verdict follows."""
        opened = arrival.opened
        key = arrival.ref.uid or self._free_id(arrival.ref)
        ref = replace(arrival.ref, dataset=arrival.ref.dataset or key, uid=key)
        stream = Stream(
            key, arrival.placed, opened.tree, list(opened.tokens), self.jobs, key=arrival.key
        )
        if isinstance(arrival.raw, Cached):
            stream.warm, stream.cached = arrival.raw, arrival.raw.has
        self.screen.streams[key] = stream
        same = [x.features for x in self.twin.layers.values() if x.source.dataset == ref.dataset]
        layer = Layer(
            key, ref, ref.title or opened.title, opened.about, opened.tree, opened.features,
            opened.observations, Assessment.unknown(len(opened.features)), opened.problems,
            visible=ref.visible, counted_elsewhere=counted_elsewhere(opened.features, same),
            unit_kinds=opened.unit_kinds, provisional=not len(opened.features),
            attribution=opened.about.fields.get("attribution", ""),
        )  # fmt: skip
        if self.project is not None:
            self.twin.crs, self.twin.vertical = self.project.crs, self.project.vertical
        for tile, content in opened.ready.items():
            self.intake.tile_came(key, tile, compact(content), Outcome())
        self.history.do("sources.open", AddLayer(layer))
        self.intake.unjudged.add(key)

    def _free_id(self, ref: SourceRef) -> LayerId:
        path = Path(ref.path)
        stem = path.parent.name if path.name.lower() == "tileset.json" else path.name
        stem = stem.partition(".")[0] or "layer"
        used, number = self.screen.streams, 2
        key = stem
        while key in used:
            key, number = f"{stem}-{number}", number + 1
        return key

    def open_demo(self) -> None:
        """Open the bundled sample city. Raises NotFound where it was not installed."""
        self.open_manifest(sample_folder() / MANIFEST)

    def open_manifest(self, path: Path) -> None:
        """Open what a manifest lists, with its rules, title and instant. Raises OpenError."""
        said = read_manifest(path)
        files = {name: str(path.parent / said[name]) for name in RULE_FILES if name in said}
        self.use_rules(read_rules(**files))
        self.twin.title = str(said.get("title", path.stem))
        if "at" in said:
            self.set_instants(instant(str(said["at"])))
        self.open(str(path))

    def index(self) -> None:
        """Block until every tile was seen: all objects known, all triangles counted."""
        self.finish()
        while self.intake.index():
            self.finish()
        self.intake.indexed()
        self.finish()

    def use_rules(self, rules: Rules) -> None:
        """Judge by these rules from now on; one undoable step."""
        self.do("rules.use", rules_edit(self.twin, rules))

    def _note(self, change: Change) -> None:
        if change.aspect is Aspect.RECORDS:
            self.intake.unjudged.update(self.twin.layers)

    # -- work that comes back ---------------------------------------------------------------

    def drain(self, seconds: float = 0.0) -> bool:
        """Deliver finished work (owner's thread); return whether anything arrived."""
        came = self.jobs.drain(seconds)
        came = self.intake.grow() or came
        if self.intake.unjudged:
            self.intake.judge(self.rules, self.at, (self.as_of, self.known_at))
        return came

    def finish(self, seconds: float = 3600.0) -> bool:
        """Block until nothing is under way; return False when the time ran out."""
        while self.jobs.finish(seconds):
            self.drain()
            if not self.jobs.pending:
                return True
        return False

    # -- doing --------------------------------------------------------------------------------

    def run(self, name: str, **arguments: Any) -> None:
        """Run a command by name. Raises UsageError."""
        self.do(name, make(name, Context(self.twin, self.selected), arguments))

    def do(self, name: str, edit: Edit) -> None:
        """Apply an edit under a name."""
        self.history.do(name, edit)
        self._after_edit()

    def undo(self) -> str:
        """Take back the last step; return its name."""
        name = self.history.undo()
        self._after_edit()
        return name

    def redo(self) -> str:
        """Do again what was taken back; return its name."""
        name = self.history.redo()
        self._after_edit()
        return name

    def _after_edit(self) -> None:
        for key in self.screen.streams:
            if key not in self.twin.layers:
                self.screen.forget(key)
        self.selected = {k: v for k, v in self.selected.items() if k in self.twin.layers}
        if self.hovered is not None and self.hovered[0] not in self.twin.layers:
            self.hovered = None

    def jobs_running(self) -> tuple[Job, ...]:
        """Return the jobs worth showing to people, oldest first."""
        return self.jobs.running()

    def cancel(self, job: int) -> None:
        """Cancel a job; a source that was being opened is given up."""
        self.jobs.cancel(job)
        self.sources.prune()
        self.twin.changed.emit(Change(Aspect.JOBS))

    def set_settings(self, settings: Settings) -> None:
        """Use other settings from now on."""
        self.settings = settings
        self.twin.changed.emit(Change(Aspect.SETTINGS))

    def select(self, rows: Mapping[LayerId, Rows], mode: str = "replace") -> None:
        """Select rows; mode replace, add or toggle."""
        self.selected = combined({} if mode == "replace" else self.selected, rows, mode)
        self.twin.changed.emit(Change(Aspect.SELECTION))

    def hover(self, what: tuple[LayerId, int] | None) -> None:
        """Mark one row as under the pointer."""
        if what != self.hovered:
            self.hovered = what
            self.twin.changed.emit(Change(Aspect.HOVER))

    def set_filter(self, keys: Iterable[str], *, isolate: bool = False) -> None:
        """Let only rows with these legend keys pass (none = all)."""
        self.filter = Filter(frozenset(keys), isolate)
        self.twin.changed.emit(Change(Aspect.FILTER))

    def set_instants(
        self,
        at: Instant | None = None,
        as_of: Instant | None = None,
        known_at: Instant | None = None,
    ) -> None:
        """Set when the question is asked (None = keep), valid time and transaction time (None = now)."""
        self.at = self.at if at is None else at
        self.as_of, self.known_at = as_of, known_at
        self.intake.unjudged.update(self.twin.layers)
        self.twin.changed.emit(Change(Aspect.INSTANTS))

    # -- looking ------------------------------------------------------------------------------

    def painting(self) -> Painting:
        """Return the colour class of every row and the legend; kept while nothing changed."""
        layers = [layer for layer in self.twin.layers.values() if layer.visible]
        parts = (self.twin.color_by, *((x.features, x.assessment, x.title) for x in layers))
        key = (self.twin.color_by, *((x.id, id(x.features), id(x.assessment)) for x in layers))
        if self._painting is None or self._painting[0][0] != key:
            painted = [
                Painted(x.id, x.title, x.features, x.assessment, x.counted_elsewhere)
                for x in layers
            ]
            self._painting = ((key, parts), paint(self.twin.color_by, painted))
        return self._painting[1]

    def frame(self, view: View, max_error: float | None = None) -> Frame:
        """Return what the view shows now and ask for what it lacks. Never blocks."""
        marks = Marks(
            self.painting(), self.filter, self.selected, self.hovered, self.as_of, self.known_at
        )
        wanted = self.settings.max_error if max_error is None else max_error
        return self.screen.update(
            self.twin, view, marks, self.settings, wanted, self.intake.arrived
        )

    def settle(self, view: View, max_error: float | None = None) -> Frame:
        """Block until the view is complete and return its frame (command line, films, tests)."""
        self.finish()
        frame = self.frame(view, max_error)
        while not frame.complete or self.jobs.pending:
            self.finish()
            frame = self.frame(view, max_error)
        return frame

    def pick(self, view: View, x: float, y: float) -> Hit | None:
        """Return the object seen at a pixel of the last frame."""
        return pick(self.screen.frame, view, x, y)

    def passing(self, layer: LayerId) -> Bool:
        """Return bool(n): rows that pass lifespan, hiding and filter."""
        found = self.twin.layer(layer)
        there = existing(found, self.as_of, self.known_at)
        return there & not_hidden(found) & passes_filter(found, self.painting(), self.filter)

    def audit(self) -> Audit:
        """Return the freshness report of all layers at the instants asked for."""
        layers = [
            Audited(
                layer.title,
                layer.features,
                layer.observations,
                layer.assessment,
                layer.problems,
                layer.provisional,
                layer.counted_elsewhere,
                existing(layer, self.as_of, self.known_at),
            )
            for layer in self.twin.layers.values()
        ]
        return report(layers, self.at)

    def passport(self, layer: LayerId, row: int) -> tuple[PassportEntry, ...]:
        """Return everything the rules know of one object, as coded entries."""
        found = self.twin.layer(layer)
        rules = prepared(self.rules, origin_of(found))
        return passport(found.features, found.observations, found.assessment, row, rules)

    def lonlat(self, points: F64) -> F64 | None:
        """Return WGS 84 longitude, latitude, height of project points f64(n, 3); None without CRS."""
        return None if self.project is None else self.project.lonlat(points)

    def close(self) -> None:
        """End all work."""
        self.jobs.close()


def instant(text: str) -> Instant:
    """Return the instant of an ISO 8601 text (UTC; a day is its beginning). Raises UsageError."""
    found = parse_column([text]).t_lo[0]
    if np.isnat(found):
        raise UsageError(reason=f"{text!r} is not a date (write 2026-11-23 or 2026-11-23T12:00Z)")
    return np.datetime64(found, "ms")
