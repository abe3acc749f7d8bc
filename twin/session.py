"""The door: one object for desktop, command line and notebook.

``open`` and ``frame`` never block; what workers bring is delivered by ``drain`` on the owner's
thread. Selection, hover, filter and instants are session state; everything that changes the twin
is a command that returns an edit.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from twin.auditing import gathered
from twin.capping import Sectioning
from twin.checking import Checks
from twin.commands import Context, make
from twin.edits import Edit
from twin.errors import TwinError, UsageError
from twin.features import Bool
from twin.files import access_of, use
from twin.geometry import F64, Rows
from twin.jobs import Job, Jobs
from twin.judging import origin_of, rules_edit
from twin.maintenance.assess import prepared
from twin.maintenance.audit import Audit
from twin.maintenance.dates import parse_column
from twin.maintenance.passport import Entry as PassportEntry
from twin.maintenance.passport import passport
from twin.maintenance.rule_files import read_rules
from twin.maintenance.rules import Rules
from twin.measuring.bodies import triangles_of, unseen_tiles
from twin.opening import (
    MANIFEST,
    manifest_of,
    read_manifest,
    sample_folder,
)
from twin.picking import Hit, pick
from twin.ports import Loader, registered
from twin.questions import Questions
from twin.records import Instant, SourceRef
from twin.scene import Aspect, Change, LayerId
from twin.scenery import Scenery
from twin.screen import Marks, Wish, existing
from twin.settings import Settings
from twin.shown import Filter, Tint, combined, not_hidden, passes_filter, with_parts
from twin.streaming import Frame
from twin.style import Painted, Painting, paint
from twin.sunlight import Direction, SunClock, Sunlight, SunPlace
from twin.tiles import View
from twin.topics.views import Applied

log = logging.getLogger(__name__)

RULE_FILES = ("policy", "custodians", "evidence")
UNTINTING = frozenset({"view.color_by", "objects.show_all"})
"""Steps after which a viewpoint's colours are gone."""


class Session(Questions):
    """A city being looked at and looked after."""

    def __init__(
        self,
        settings: Settings | None = None,
        jobs: Jobs | None = None,
        loaders: Mapping[str, Loader] | None = None,
    ) -> None:
        """Start with an empty twin; loaders come from the entry points unless given."""
        super().__init__(settings, jobs, loaders)
        self.answer = self.do
        self.selected: Mapping[LayerId, Rows] = {}
        self.hovered: tuple[LayerId, int] | None = None
        self.filter = Filter()
        self.exploded: Mapping[LayerId, float] = {}
        self.tints: Mapping[LayerId, Sequence[Tint]] = {}
        self.sectioning = Sectioning(self.twin, self.jobs)
        self.scenery = Scenery(self.twin)
        checkers = registered("citytwin.checks")
        self.checks = Checks(self.twin, self.jobs, checkers, self._report, self.do)
        self.sunlight = Sunlight(self.twin, self.keeper.remembered)
        self.by_hand: list[Job] = []
        """Work that its owner does on this thread, step by step; whoever does it looks whether it is cancelled."""
        self._painting: tuple[Any, Painting] | None = None
        self._use_defaults()

    def _use_defaults(self) -> None:
        """Start with the rule files named in the settings; one that cannot be read is reported."""
        named = {
            "policy": self.settings.default_policy, "custodians": self.settings.default_custodians
        }  # fmt: skip
        for kind, path in named.items():
            if path:
                try:
                    self.run(f"rules.{kind}", path=path)
                except TwinError as error:
                    self._report(path, error)

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
        super().open(str(path))

    def open(self, location: str, ref: SourceRef | None = None) -> None:
        """Start opening a location (see ``Workspace.open``); a manifest brings its rules and instant."""
        found = manifest_of(location)
        if found is None:
            super().open(location, ref)
            return
        try:
            self.open_manifest(found)
        except TwinError as error:
            self._report(location, error)

    def use_rules(self, rules: Rules) -> None:
        """Judge by these rules from now on; one undoable step."""
        self.do("rules.use", rules_edit(self.twin, rules))

    # -- doing --------------------------------------------------------------------------------

    def run(self, name: str, /, **arguments: Any) -> None:
        """Run a command by name. Raises UsageError."""
        author = self.settings.author
        context = Context(
            self.twin, self.selected, self.georeference, author, self._report, self.answers
        )
        self.do(name, make(name, context, arguments))

    def do(self, name: str, edit: Edit) -> None:
        """Apply an edit under a name."""
        self.history.do(name, edit)
        if name in UNTINTING:
            self.tint({})
        self._after_edit()

    def undo(self) -> str:
        """Take back the last step; return its name."""
        name = self.history.undo()
        if name == "viewpoints.show":
            self.tint({})
        self._after_edit()
        return name

    def redo(self) -> str:
        """Do again what was taken back; return its name."""
        name = self.history.redo()
        self._after_edit()
        return name

    def _after_edit(self) -> None:
        self.reopen_changed()
        for key in self.screen.streams:
            if key not in self.twin.layers:
                self.screen.forget(key)
        self.selected = {k: v for k, v in self.selected.items() if k in self.twin.layers}
        if self.hovered is not None and self.hovered[0] not in self.twin.layers:
            self.hovered = None

    def jobs_running(self) -> tuple[Job, ...]:
        """Return the jobs worth showing to people, oldest first."""
        work = self.comparison
        asked = (one.job for one in self.inquiries)
        more = (
            self.indexing.job,
            work.job if work is not None and not work.done else None,
            *asked,
            *self.by_hand,
        )
        return (*self.jobs.running(), *(job for job in more if job is not None))

    def cancel(self, job: int) -> None:
        """Cancel a job; a source that was being opened is given up."""
        if self.indexing.job is not None and job == self.indexing.job.id:
            self.indexing.stop()
        if self.comparison is not None and job == self.comparison.job.id:
            self.comparison = None
        self.give_up(job)
        for own in self.by_hand:
            if own.id == job:
                own.cancel()
        self.jobs.cancel(job)
        self.sources.prune()
        self.twin.changed.emit(Change(Aspect.JOBS))

    def set_settings(self, settings: Settings) -> None:
        """Use other settings from now on."""
        self.settings = settings
        use(access_of(settings))
        self._color_as_usual()
        self.twin.changed.emit(Change(Aspect.SETTINGS))

    def select(self, rows: Mapping[LayerId, Rows], mode: str = "replace") -> None:
        """Select rows; mode replace, add or toggle."""
        self.selected = combined({} if mode == "replace" else self.selected, rows, mode)
        self.twin.changed.emit(Change(Aspect.SELECTION))

    def see(self, scene: Applied) -> None:
        """Show what a viewpoint shows: hidden, cut (one step), selected, coloured; not the camera."""
        self.do("viewpoints.show", scene.edit)
        self.tint(scene.tints)
        self.select(scene.selected)

    def tint(self, tints: Mapping[LayerId, Sequence[Tint]]) -> None:
        """Show rows in colours of their own until other ones are named; {} = none."""
        if tints or self.tints:
            self.tints = tints
            self.twin.changed.emit(Change(Aspect.STYLE))

    def hover(self, what: tuple[LayerId, int] | None) -> None:
        """Mark one row as under the pointer."""
        if what != self.hovered:
            self.hovered = what
            self.twin.changed.emit(Change(Aspect.HOVER))

    def explode(self, layer: LayerId, gap: float) -> None:
        """Draw the storeys of a layer apart by metres a storey; 0 = as they stand."""
        self.exploded = {**self.exploded, layer: max(gap, 0.0)}
        self.twin.changed.emit(Change(Aspect.VISIBILITY, layer))

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

    @property
    def sun_at(self) -> Instant | None:
        """Return the instant whose sun shines; None = no sun is shown."""
        return self.sunlight.clock.at

    def set_sun(
        self, at: Instant | None, zone: str | None = None, place: tuple[float, float] | None = None
    ) -> None:
        """Let the sun of an instant (UTC) shine, None = none; ``zone`` and ``place`` None = keep.

        Raises SunYear, SunZone, NoPlace.
        """
        now = self.sunlight.clock
        clock = SunClock(at, now.zone if zone is None else zone, place or now.place)
        clock.check()
        if clock != now:
            self.sunlight.set_clock(clock)
            self.twin.changed.emit(Change(Aspect.SUN))

    @property
    def sun_place(self) -> SunPlace | None:
        """Return where the city stands and its true north; None = not known."""
        return self.sunlight.place(self.project)

    def sun_direction(self, at: Instant | None = None) -> Direction | None:
        """Return the unit vector towards the sun in the project frame, at an instant or at ``sun_at``.

        None without an instant or a place. Below the horizon its z is negative. Raises SunYear.
        """
        at, place = self.sun_at if at is None else at, self.sun_place
        return None if at is None or place is None else place.direction(at)

    # -- looking ------------------------------------------------------------------------------

    def painting(self) -> Painting:
        """Return the colour class of every row and the legend; kept while nothing changed."""
        layers = [layer for layer in self.twin.layers.values() if layer.visible]
        parts = (self.twin.color_by, *((x.features, x.assessment, x.title) for x in layers))
        key = (self.twin.color_by, *((x.id, id(x.features), id(x.assessment)) for x in layers))
        if self._painting is None or self._painting[0][0] != key:
            painted = [
                Painted(x.id, x.title, x.features, x.assessment, x.counted_elsewhere, bool(x.unit_kinds))
                for x in layers
            ]  # fmt: skip
            self._painting = ((key, parts), paint(self.twin.color_by, painted))
        return self._painting[1]

    def frame(
        self, view: View, max_error: float | None = None, ahead: Sequence[View] = ()
    ) -> Frame:
        """Return what the view shows now and ask for what it lacks; never blocks.

        ``ahead`` are views to come, nearest first: what they lack is fetched once nothing else is.
        """
        return self._framed(view, max_error, ahead, roaming=True)

    def _framed(
        self, view: View, max_error: float | None, ahead: Sequence[View], *, roaming: bool
    ) -> Frame:
        marks = Marks(
            self.painting(), self.filter, self.selected, self.hovered, self.as_of, self.known_at,
            self.tints, self.exploded, self.scenery.gone(),
        )  # fmt: skip
        wanted = self.settings.max_error if max_error is None else max_error
        wish = Wish(view, wanted, ahead, roaming)
        frame = self.screen.update(self.twin, wish, marks, self.settings, self.intake.arrived)
        self.screen.frame = self.sectioning.completed(self.scenery.added(frame))
        return self.screen.frame

    def settle(self, view: View, max_error: float | None = None) -> Frame:
        """Block until the view is complete and return its frame (command line, films, tests)."""
        self.finish()
        frame = self._framed(view, max_error, (), roaming=False)
        while not frame.complete or self.jobs.pending:
            self.finish()
            frame = self._framed(view, max_error, (), roaming=False)
        return frame

    def retry(self, layer: LayerId) -> int:
        """Ask again for the tiles of a layer that failed; return how many there were."""
        return self.intake.retry(layer)

    def pick(
        self, view: View, x: float, y: float, without: frozenset[LayerId] = frozenset()
    ) -> Hit | None:
        """Return the object seen at a pixel of the last frame; layers can be left out."""
        frame = self.screen.frame
        if without:
            left = {key: part for key, part in frame.layers.items() if key not in without}
            frame = replace(frame, layers=left)
        return pick(frame, view, x, y)

    def body(self, layer: LayerId, row: int) -> tuple[F64, bool]:
        """Return the triangles f64(n, 3, 3) of an object, as shown by the last frame and as far as memory
        holds them, and whether that is all of it. One without geometry is the sum of its parts."""
        own = np.array([row], np.int32)
        body, whole = self._body(layer, own)
        if len(body):
            return body, whole
        return self._body(layer, with_parts(self.twin.layer(layer).features, own))

    def _body(self, layer: LayerId, rows: Rows) -> tuple[F64, bool]:
        part = self.screen.frame.layers.get(layer)
        if part is None:
            return np.zeros((0, 3, 3)), False
        stream = self.screen.streams[layer]
        beyond = unseen_tiles(part, stream.geometry, stream.tree.parent, rows)
        kept = [tile for tile in beyond if tile in part.kept]
        return triangles_of(part, rows, kept), len(kept) == len(beyond)

    def passing(self, layer: LayerId) -> Bool:
        """Return bool(n): rows that pass lifespan, hiding and filter."""
        found = self.twin.layer(layer)
        there = existing(found, self.as_of, self.known_at)
        return there & not_hidden(found) & passes_filter(found, self.painting(), self.filter)

    def audit(self) -> Audit:
        """Return the freshness report of all layers at the instants asked for."""
        return self.audit_work()()

    def audit_work(self) -> Callable[[], Audit]:
        """Return frozen work that makes the report as things are now, for a worker thread."""
        return gathered(self.twin, self.rules, self.at, (self.as_of, self.known_at))

    def passport(self, layer: LayerId, row: int) -> tuple[PassportEntry, ...]:
        """Return everything the rules know of one object, as coded entries."""
        found = self.twin.layer(layer)
        rules = prepared(self.rules, origin_of(found))
        return passport(found.features, found.observations, found.assessment, row, rules)

    def lonlat(self, points: F64) -> F64 | None:
        """Return WGS 84 longitude, latitude, height of project points f64(n, 3); None without CRS."""
        return None if self.project is None else self.project.lonlat(points)

    def close(self) -> None:
        """End all work and leave one project file behind."""
        self.keeper.close()
        self.jobs.close()


def instant(text: str) -> Instant:
    """Return the instant of an ISO 8601 text (UTC; a day is its beginning). Raises UsageError."""
    found = parse_column([text]).t_lo[0]
    if np.isnat(found):
        raise UsageError(reason=f"{text!r} is not a date (write 2026-11-23 or 2026-11-23T12:00Z)")
    return np.datetime64(found, "ms")
