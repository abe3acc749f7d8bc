"""Sources on their way into the twin: recognised, opened elsewhere, placed in order.

The first georeferenced source decides the project frame, so sources are placed in the order in
which they were asked for; a broken one never keeps the others out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from twin.draping import FLAT, Draped, header_of, lifted_by, under_imagery
from twin.errors import TwinError
from twin.georeference import SEA, Ground, Placed, ProjectFrame, Standing, stand
from twin.jobs import Job, Jobs, Outcome
from twin.maintenance.mapping import Mapped, mapped_opened
from twin.maintenance.mapping_files import read_mapping
from twin.opening import Cached, Warm, open_raw, source_of
from twin.options import ignored
from twin.ports import Feedback, Lane, Loader, Opened, Source
from twin.records import FieldMapping, SourceRef


@dataclass(frozen=True, slots=True)
class Arrival:
    """A source that stands in the project frame, ready to become a layer."""

    ref: SourceRef
    loader: str
    opened: Opened
    placed: Placed
    raw: Source
    key: str
    order: int


PLACES = 100_000
"""Sources that one location can hold and still stand together, before what is asked for next."""
Deliver = Callable[[Arrival], None]
Fail = Callable[[SourceRef, TwinError], None]


@dataclass(slots=True)
class _Slot:
    ref: SourceRef
    order: int
    loader: str = ""
    source: Source | None = None
    fields: FieldMapping | None = None
    opened: Opened | None = None
    imagery: Outcome | None = None
    busy: bool = True
    job: Job | None = None


@dataclass
class Sources:
    """Opens references and delivers arrivals or failures on the owner's thread.

    ``ground`` is the level that the layers so far show: it explains heights of unknown datum.
    """

    jobs: Jobs
    loaders: Mapping[str, Loader]
    folder: Path
    deliver: Deliver
    fail: Fail
    project: ProjectFrame | None = None
    ground: Ground = SEA
    slots: list[_Slot] = field(default_factory=list)
    asked: int = 0

    def next_place(self) -> int:
        """Return the place of what is asked for now: it comes before whatever is asked for later."""
        self.asked += PLACES
        return self.asked

    def open(self, ref: SourceRef, place: int | None = None) -> None:
        """Start opening a source, at its ``next_place`` where somebody kept one for it."""
        slot = _Slot(ref, self.next_place() if place is None else place)
        self.slots.append(slot)
        self.slots.sort(key=lambda one: one.order)
        work = partial(_identify, ref, self.loaders, self.folder)
        slot.job = self._start(slot, work, self._identified)

    def prune(self) -> None:
        """Give up the sources whose job was cancelled."""
        for slot in [slot for slot in self.slots if slot.job is not None and slot.job.cancelled]:
            self.slots.remove(slot)
            self.jobs.release(slot.ref.path)
        self._advance()

    @property
    def waiting(self) -> int:
        """Return how many sources are on their way."""
        return len(self.slots)

    def _start(
        self,
        slot: _Slot,
        work: Callable[[Feedback], object],
        then: Callable[[_Slot, Outcome], None],
        lane: Lane = Lane.THREAD,
    ) -> Job:
        done = partial(then, slot)
        title = slot.ref.title or Path(slot.ref.path).name
        return self.jobs.submit(work, done, lane, title=title, key=slot.ref.path)

    def _identified(self, slot: _Slot, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._give_up(slot, outcome.error)
            return
        slot.loader, source, slot.fields = outcome.value
        slot.source = source
        if source.lane is Lane.PROCESS and not (isinstance(source, Cached) and source.has_open()):
            slot.job = self._start(slot, Warm(source), self._warmed, Lane.PROCESS)
        else:
            slot.job = self._start(slot, partial(open_raw, source), self._opened)

    def _warmed(self, slot: _Slot, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._give_up(slot, outcome.error)
            return
        assert slot.source is not None
        slot.job = self._start(slot, partial(open_raw, slot.source), self._opened)

    def _opened(self, slot: _Slot, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._give_up(slot, outcome.error)
            return
        slot.opened, slot.busy = outcome.value, False
        self._advance()

    def _advance(self) -> None:
        """Place what is open; while no frame is decided, strictly in order and one at a time."""
        for slot in self.slots:
            if slot.busy:
                if self.project is None:
                    return
                continue
            slot.busy = True
            self._place(slot)
            if self.project is None:
                return

    def _place(self, slot: _Slot) -> None:
        """Place a source that is open; the header of its imagery is read first, where that must be."""
        assert slot.opened is not None
        header = header_of(slot.ref, slot.opened)
        if header is not None and slot.imagery is None:
            slot.job = self._start(slot, header, self._headed, header.lane)
            return
        work = partial(_stand, slot, self.project, self.ground, self.folder)
        slot.job = self._start(slot, work, self._placed)

    def _headed(self, slot: _Slot, outcome: Outcome) -> None:
        slot.imagery, slot.busy = outcome, False
        self._advance()

    def _placed(self, slot: _Slot, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._give_up(slot, outcome.error)
            return
        standing, worker = outcome.value
        if self.project is None:
            self.project = standing.project
        self.slots.remove(slot)
        assert slot.source is not None
        self.deliver(
            Arrival(
                slot.ref,
                slot.loader,
                standing.opened,
                standing.source,
                worker or slot.source,
                slot.ref.path,
                slot.order,
            )
        )
        self._advance()

    def _give_up(self, slot: _Slot, error: TwinError) -> None:
        self.slots.remove(slot)
        self.jobs.release(slot.ref.path)
        self.fail(slot.ref, error)
        self._advance()


def _identify(
    ref: SourceRef, loaders: Mapping[str, Loader], folder: Path, feedback: Feedback
) -> tuple[str, Source, FieldMapping | None]:
    """Return format, source and mapping: that of the project, else that of the file."""
    fields = ref.fields or read_mapping(ref.mapping)
    loader, source = source_of(replace(ref, fields=fields), loaders, folder)
    return loader.format, source, fields


def _stand(
    slot: _Slot, project: ProjectFrame | None, ground: Ground, folder: Path, feedback: Feedback
) -> tuple[Standing, Draped | None]:
    """Apply the mapping, place, drape imagery: return that and what a worker must run first."""
    source, opened = slot.source, slot.opened
    assert source is not None
    assert opened is not None
    if slot.fields is not None:
        source, opened = Mapped(source, slot.fields), mapped_opened(opened, slot.fields)
    told = ignored(slot.ref.options, opened.about)
    opened = replace(opened, problems=(*opened.problems, *told)) if told else opened
    if (
        opened.about.format == FLAT
    ):  # where no terrain is, pictures lie at the level that is known here
        opened = replace(opened, frame=lifted_by(ground.level))
    standing = stand(source, opened, slot.ref, project, ground)
    header = header_of(slot.ref, opened)
    if header is None or slot.imagery is None:
        return standing, None
    return under_imagery(standing, header, slot.imagery, folder)
