"""What is asked about two things and takes a while: deliveries compared, a model against a city object."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from twin.agreement import Agreeing
from twin.carrying import Carrying
from twin.comparing import Comparing, tolerance_of
from twin.edits import Edit
from twin.errors import UsageError
from twin.geometry import Rows
from twin.jobs import Jobs
from twin.maintenance.bim.answers import Question
from twin.maintenance.bim.method import Method
from twin.maintenance.revisions import Tolerance
from twin.ports import Loader
from twin.prioritising import BIM_COLUMN, Prioritising, Typed, columns_of
from twin.proposals import Proposing
from twin.replacing import Thing
from twin.scene import Aspect, Change, LayerId
from twin.settings import Settings
from twin.workspace import Workspace


class Questions(Workspace):
    """A workspace that can be asked. ``answer`` applies what an answer writes into the twin."""

    def __init__(
        self,
        settings: Settings | None = None,
        jobs: Jobs | None = None,
        loaders: Mapping[str, Loader] | None = None,
    ) -> None:
        """Start with no question open."""
        super().__init__(settings, jobs, loaders)
        self.comparison: Comparing | None = None
        self.agreement: Agreeing | None = None
        self.carried: Carrying | None = None
        self.priority: Prioritising | None = None
        self.answer: Callable[[str, Edit], None] = self.history.do

    def comparing(
        self, old: LayerId, new: LayerId, tolerance: Tolerance | None = None, key: str = ""
    ) -> Comparing:
        """Begin to compare two layers whose objects are all known. Raises UsageError."""
        return self.comparing_all(((old,), (new,)), tolerance, key)

    def comparing_all(
        self,
        sides: tuple[Sequence[LayerId], Sequence[LayerId]],
        tolerance: Tolerance | None = None,
        key: str = "",
    ) -> Comparing:
        """Begin to compare two deliveries of several layers each (tiles). Raises UsageError."""
        old, new = sides
        more = tuple(old[1:]), tuple(new[1:])
        limits = tolerance or Tolerance()
        streams = self.screen.streams
        return Comparing(self.twin, streams, self.jobs, old[0], new[0], limits, key, more)

    def compare(self, old: LayerId, new: LayerId, tolerance: Tolerance | None = None) -> None:
        """Compare two layers while life goes on: ``drain`` takes it further. Raises UsageError.

        From when on something differs is what ``tolerance`` says, else the settings. When it is done the
        view is coloured by what changed, in one undoable step, and ``comparison`` holds the result.
        """
        for key in (old, new):
            if self.twin.layer(key).provisional:
                title = self.twin.layer(key).title
                raise UsageError(
                    reason=f"{title}: not all objects are known yet, wait for its count"
                )
        self.comparison = self.comparing(old, new, tolerance or tolerance_of(self.settings))
        self.twin.changed.emit(Change(Aspect.JOBS))

    def judge_changes(self) -> None:
        """Compare the same two layers again by the settings as they are now; shapes are kept. Raises
        UsageError."""
        last = self.comparison
        if last is None or last.result is None or last.lost():
            return
        old, new = last.result.shapes
        known = (old, new) if old is not None and new is not None else None
        limits = tolerance_of(self.settings)
        self.comparison = replace(
            last, tolerance=limits, known=known, result=None, error=None, told=False, _asked=False
        )
        self.twin.changed.emit(Change(Aspect.JOBS))

    def proposing(self) -> Proposing:
        """Begin to hold newer deliveries against the open orders: ``step`` it until ``done``."""
        return Proposing(self.twin, self._beside, self.at)

    def _beside(self) -> Workspace:
        """Return a workspace of its own in the same frame, in which nothing is kept."""
        inner = Workspace(self.settings, None, self.loaders)
        inner.sources.project, inner.at = self.sources.project, self.at
        return inner

    def agree(self, model: Thing, city: Thing) -> None:
        """Begin to measure how well a model and a city object agree; ``drain`` takes it further."""
        self.agreement = Agreeing(self.twin, self.screen.streams, self.jobs, model, city)
        self.agreement.step()

    def carrying(self, rows: Mapping[LayerId, Rows], path: Path) -> Carrying:
        """Begin to write objects as meshes, GLB or OBJ by the name's ending. Raises UsageError."""
        return Carrying(self.twin, self.screen.streams, self.jobs, rows, path)

    def carry(self, rows: Mapping[LayerId, Rows], path: Path) -> None:
        """Write objects as meshes while life goes on: ``drain`` takes it further. Raises UsageError."""
        self.carried = self.carrying(rows, path)

    def prioritise(self, question: Question, typed: Typed, method: Method) -> None:
        """Ask which buildings should have BIM; ``drain`` takes it further, ``priority`` holds the answer."""
        work = self.priority
        if work is None or work.lost():
            work = Prioritising(self.twin, self.screen.streams, self.jobs, method)
            work.title = self.words.text("bim.title")
            self.priority = work
        work.ask(question, typed, method)
        self.twin.changed.emit(Change(Aspect.JOBS))

    def _prioritised(self) -> None:
        """Take the choice of buildings further; a view that is coloured by it follows without a step of its own."""
        work = self.priority
        if work is None or not work.step():
            return
        if self.twin.color_by.column == BIM_COLUMN:
            columns_of(work, self.twin).apply(self.twin)
        self.twin.changed.emit(Change(Aspect.BIM))

    def drain(self, seconds: float = 0.0) -> bool:
        """Deliver finished work (owner's thread); return whether anything arrived."""
        came = super().drain(seconds)
        if self.carried is not None and self.carried.step():
            self.twin.changed.emit(Change(Aspect.RESULTS))
        if self.agreement is not None and self.agreement.step():
            self.twin.changed.emit(Change(Aspect.RESULTS))
        self._prioritised()
        work = self.comparison
        if work is not None and work.lost():
            self.comparison = None
            self.twin.changed.emit(Change(Aspect.RESULTS))
        elif work is not None and not work.done:
            work.step()
        elif work is not None and work.result is not None and not work.told:
            work.told = True
            self.answer("layers.compare", work.edit())
            self.twin.changed.emit(Change(Aspect.RESULTS))
        return came
