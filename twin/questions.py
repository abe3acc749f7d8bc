"""What is asked about two things and takes a while: deliveries compared, a model against a city object."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from twin.agreement import Agreeing
from twin.analyses.answering import Question as Asked
from twin.analyses.massing import table_of
from twin.analyses.registry import made
from twin.analyses.results import Result
from twin.analyses.scenarios import BUILT, Scenario
from twin.carrying import Carrying
from twin.comparing import Comparing, tolerance_of
from twin.edits import Edit, SetColorBy, SetRecord
from twin.errors import Cancelled, UsageError
from twin.features import FeatureTable
from twin.geometry import F64, Rows
from twin.ground import Shown
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
from twin.stamping import Difference, Standing
from twin.studying import City, Inquiry
from twin.style import usual_colors
from twin.workspace import Workspace


def _program() -> str:
    try:
        return f"CityTwin {version('citytwin')}"
    except PackageNotFoundError:
        return "CityTwin"


PROGRAM = _program()
"""The program and its version, as a stamp says it."""


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
        self.inquiries: list[Inquiry] = []
        self.answers: dict[str, Result] = {}
        self.answered: Callable[[str], None] = lambda key: None
        """Called with the id of a result that has just come."""
        """Results of this session; those that are kept stand in the records."""
        self.standing = Standing(self.twin, self.jobs)
        self.twin.changed.connect(lambda _: self.standing.touch())
        self._numbers = itertools.count(1)
        self._ground = Shown()
        self._color_as_usual()

    def _color_as_usual(self) -> None:
        """Colour as the workspace usually does, while nobody chose colours; no step to undo."""
        usual = usual_colors(self.settings.workspace)
        if not self.twin.color_by.chosen and self.twin.color_by != usual:
            SetColorBy(usual).apply(self.twin)

    def ground(self, xy: F64) -> F64:
        """Return the height of the ground f64(n) at places f64(n, 2), as shown, metres; NaN where there is none.

        From the finest tiles of visible terrain that memory holds: it gets better while one comes nearer.
        """
        return self._ground.heights(self.twin.layers.values(), self.screen.streams, xy)

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

    def analyse(
        self,
        name: str,
        settings: Mapping[str, Any] | None = None,
        scenario: str | None = None,
        *,
        against: str | None = None,
        layers: Sequence[LayerId] = (),
        title: str = "",
    ) -> Inquiry:
        """Begin an analysis of a scenario (None = the one that is seen, '' = as it stands); ``drain`` takes it
        further, ``answers`` holds its result. ``against`` another one, '' = as it stands: before and after.

        Raises UsageError for what cannot be asked.
        """
        analysis = made(name, settings or {})
        seen = self.twin.scenario if scenario is None else scenario
        asked = Asked(
            self._result_key(), title or self.words.text(f"analysis.{name}"), analysis,
            self._scenario(seen), self._scenario(against or ""), against is not None, tuple(layers),
            PROGRAM,
        )  # fmt: skip
        return self.ask(asked)

    def ask(self, asked: Asked) -> Inquiry:
        """Begin an analysis that is made already. Raises UsageError."""
        inquiry = Inquiry(self._city(), asked, number=-10 - next(self._numbers))
        self.inquiries.append(inquiry)
        self.twin.changed.emit(Change(Aspect.JOBS))
        return inquiry

    def run_again(self, key: str) -> Inquiry:
        """Begin the analysis of a result again: same settings, same place among the results. Raises UsageError."""
        old = self.results().get(key)
        if old is None:
            raise UsageError(reason=f"there is no result {key!r}")
        compared = old.against != "-"
        before = self._scenario(old.against) if compared else None
        analysis = made(old.analysis, old.settings)
        sides = (self._scenario(old.scenario), before, compared)
        return self.ask(Asked(key, old.title, analysis, *sides, old.layers, PROGRAM))

    def awaited(self, inquiry: Inquiry) -> Result:
        """Block until an analysis is done; return its result. Raises what went wrong."""
        while not inquiry.done:
            self.finish(0.2)
            self.drain()
        if inquiry.error is not None:
            raise inquiry.error
        if inquiry.result is None:
            raise Cancelled(what=inquiry.question.title)
        return inquiry.result

    def give_up(self, job: int) -> None:
        """Cancel the analysis that is shown as a job, whatever it is at; nothing of it is left."""
        for one in self.inquiries:
            if job == one.number or (one.working is not None and job == one.working.id):
                one.cancel()

    def results(self) -> dict[str, Result]:
        """Return all results by id: this session's and those that are kept."""
        return {**self.twin.records["results"], **self.answers}

    def tables(self, result: Result) -> dict[str, FeatureTable]:
        """Return the tables that a result speaks of: of the layers, and of what its scenario builds."""
        found = {key: layer.features for key, layer in self.twin.layers.items()}
        scenario = self.twin.records["scenarios"].get(result.scenario)
        if scenario is not None:
            found[BUILT] = table_of([edit.block() for edit in scenario.of_kind("block")])
        return found

    def changed_inputs(self, result: Result) -> tuple[Difference, ...]:
        """Return what of a result's inputs changed since; () = it still holds."""
        return self.standing.of(result)

    def tell_results(self) -> None:
        """Tell that results are to be shown anew."""
        self.twin.changed.emit(Change(Aspect.RESULTS))

    def forget_answer(self, key: str) -> None:
        """Let go of a result that is not kept."""
        if self.answers.pop(key, None) is not None:
            self.twin.changed.emit(Change(Aspect.RESULTS))

    def _result_key(self) -> str:
        taken = {*self.results(), *(one.question.key for one in self.inquiries)}
        return next(key for n in itertools.count(1) if (key := f"R{n}") not in taken)

    def _scenario(self, key: str) -> Scenario | None:
        found: Scenario | None = self.twin.records["scenarios"].get(key)
        if key and found is None:
            raise UsageError(reason=f"there is no scenario {key!r}")
        return found

    def _city(self) -> City:
        return City(
            self.twin, self.screen.streams, self.intake, self.jobs, self.project, self.at, self.as_of,
            self.known_at, self.settings.analysis_mb,
        )  # fmt: skip

    def _inquired(self) -> None:
        """Take analyses further; those that ended leave their result, or tell why there is none."""
        for one in tuple(self.inquiries):
            one.step()
            if not one.done:
                continue
            self.inquiries.remove(one)
            if one.result is not None:
                self._answered(one.result)
            elif one.error is not None:
                self._report(one.question.title, one.error)
            self.twin.changed.emit(Change(Aspect.RESULTS))
            if one.result is not None:
                self.answered(one.result.id)

    def _answered(self, result: Result) -> None:
        """Put a result among the answers; one that is kept is kept anew, as one undoable step."""
        self.answers[result.id] = result
        kept = self.twin.records["results"].get(result.id)
        if kept is not None:
            del self.answers[result.id]
            self.answer("results.again", SetRecord("results", result.id, result))

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
        self._inquired()
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
