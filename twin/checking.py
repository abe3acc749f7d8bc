"""Checks of what is open: rules run on models by workers; results kept by layer, and shown as a column.

Never blocks: ``start`` submits work, reports arrive on the owner's thread. A result is of the file as
it was then: ``outdated`` says whether the model is another one now.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from twin.checks.report import CheckReport, Demand, Rule
from twin.column_edits import SetColumn
from twin.edits import Edit, SetColorBy, Together
from twin.errors import NotSupported, TwinError
from twin.exchange.bcf.model import Bcf, Perspective
from twin.exchange.check_topics import Told, bundle
from twin.features import TEXT, Column
from twin.geometry import Rows
from twin.jobs import Job, Jobs, Lane, Outcome
from twin.ports import Checker
from twin.scene import Aspect, Change, Layer, LayerId, Twin
from twin.style import ColorBy
from twin.topics.overview import overview
from twin.topics.places import Located, place_of

COLUMN = "_check"
"""The column that holds each object's result; ``style.RESULTS`` has its colours."""
STATES = ("not_checked", "passed", "failed")
Stamp = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """What is looked at: a rule of a report, or one of its requirements (-1 = all)."""

    rule: int = -1
    demand: int = -1


ALL = Part()


@dataclass(frozen=True, slots=True)
class Done:
    """The result of one layer: the report, and the file as it was."""

    report: CheckReport
    stamp: Stamp


@dataclass
class Checks:
    """The rules in use, the results by layer, and the work under way.

    ``failed`` is told what a worker could not do: location and error.
    """

    twin: Twin
    jobs: Jobs
    checkers: Mapping[str, Checker]
    failed: Callable[[str, TwinError], None]
    do: Callable[[str, Edit], None]
    rules: str = ""
    part: Part = ALL
    results: dict[LayerId, Done] = field(default_factory=dict)
    running: dict[LayerId, Job] = field(default_factory=dict)

    def checker(self, rules: str) -> Checker | None:
        """Return what runs rules that are named like this, None where nothing does."""
        suffix = Path(rules).suffix.lower().lstrip(".")
        return next((x for x in self.checkers.values() if suffix in x.suffixes), None)

    def suffixes(self) -> tuple[str, ...]:
        """Return what files of rules end with."""
        return tuple(x for one in self.checkers.values() for x in one.suffixes)

    def checkable(self, checker: Checker) -> list[Layer]:
        """Return the layers that a checker can look at."""
        return [x for x in self.twin.layers.values() if x.about.format in checker.formats]

    def start(self, rules: str) -> int:
        """Check every layer that the rules are for; return how many. Raises NotSupported."""
        checker = self.checker(rules)
        if checker is None:
            known = ", ".join(f".{x}" for x in self.suffixes())
            raise NotSupported(
                location=rules, what="this kind of rules", advice=f"Known: {known}."
            )
        self.cancel()
        self.rules, self.part = rules, ALL
        self.results.clear()
        layers = self.checkable(checker)
        for layer in layers:
            self._submit(checker, layer, rules)
        self._tell()
        return len(layers)

    def again(self) -> int:
        """Run the rules in use again; return on how many layers."""
        return self.start(self.rules) if self.rules else 0

    def _submit(self, checker: Checker, layer: Layer, rules: str) -> None:
        path, key = layer.source.path, _key(layer)
        self.running[layer.id] = self.jobs.submit(
            partial(checker.run, path, rules),
            partial(self._came, layer.id, stamp_of(path), key),
            Lane.PROCESS,
            title=f"{Path(rules).name}: {layer.title}",
            key=key,
        )

    def _came(self, layer: LayerId, stamp: Stamp, key: str, outcome: Outcome) -> None:
        self.running.pop(layer, None)
        self.jobs.release(key)
        if outcome.error is not None:
            self.failed(self.rules, outcome.error)
        elif layer in self.twin.layers:
            self.results[layer] = Done(outcome.value, stamp)
        if not self.running and self.results:
            self.do("checks.show", Together((*self._columns(), SetColorBy(ColorBy(COLUMN)))))
        self._tell()

    def cancel(self) -> None:
        """Give up what is under way."""
        for layer, job in self.running.items():
            job.cancel()
            if layer in self.twin.layers:
                self.jobs.release(_key(self.twin.layers[layer]))
        self.running.clear()
        self._tell()

    def clear(self) -> None:
        """Forget rules and results; the column goes too."""
        self.cancel()
        edits = [
            SetColumn(layer, COLUMN, None) for layer in self.results if layer in self.twin.layers
        ]
        shown = self.twin.color_by.column == COLUMN
        self.rules, self.part = "", ALL
        self.results.clear()
        if edits:
            back = (SetColorBy(ColorBy("freshness")),) if shown else ()
            self.do("checks.clear", Together((*edits, *back)))
        self._tell()

    def show(self, part: Part) -> None:
        """Let the column tell the result of a part of the rules. It is derived: no step to undo."""
        if part != self.part:
            self.part = part
            for edit in self._columns():
                edit.apply(self.twin)

    def _columns(self) -> list[SetColumn]:
        return [
            SetColumn(key, COLUMN, self.column(self.twin.layers[key]))
            for key in self.results
            if key in self.twin.layers
        ]

    def column(self, layer: Layer) -> Column:
        """Return each row's result for the part in use: failed, passed or not_checked."""
        found = np.full(len(layer.features), STATES[0], TEXT)
        done = self.results.get(layer.id)
        if done is not None:
            passed, failed = split(done.report, self.part)
            found[rows_of(layer, done.report, passed)] = STATES[1]
            found[rows_of(layer, done.report, failed)] = STATES[2]
        return found

    def outdated(self, layer: LayerId) -> bool:
        """Return whether a layer's file is another one than the one that was checked."""
        done = self.results.get(layer)
        found = self.twin.layers.get(layer)
        return done is not None and found is not None and stamp_of(found.source.path) != done.stamp

    def reports(self) -> list[CheckReport]:
        """Return the reports of the layers that are still there, in the order of the layers."""
        return [self.results[key].report for key in self.twin.layers if key in self.results]

    def topics(self, told: Told, located: Located) -> Bcf:
        """Return what failed as BCF topics, each with a camera that has its objects in view."""
        return bundle(
            (
                (self.results[key].report, partial(camera_of, self.twin, key, located))
                for key in self.twin.layers
                if key in self.results
            ),
            told,
        )

    def unchecked(self) -> list[Layer]:
        """Return layers that the rules in use are for and that have no result, none under way either."""
        checker = self.checker(self.rules) if self.rules else None
        if checker is None:
            return []
        return [
            x
            for x in self.checkable(checker)
            if x.id not in self.results and x.id not in self.running
        ]

    def _tell(self) -> None:
        self.twin.changed.emit(Change(Aspect.CHECKS))


def split(report: CheckReport, part: Part) -> tuple[Rows, Rows]:
    """Return the numbers of the objects that passed and that failed a part of the rules."""
    rules = report.results if part.rule < 0 else report.results[part.rule : part.rule + 1]
    asked: list[Rule | Demand] = list(rules)
    if part.demand >= 0 and rules:
        asked = list(rules[0].demands[part.demand : part.demand + 1])
    failed = _joined([one.failed for one in asked])
    return np.setdiff1d(_joined([one.passed for one in asked]), failed).astype(np.int32), failed


def _joined(parts: list[Rows]) -> Rows:
    return np.unique(np.concatenate(parts)).astype(np.int32) if parts else np.zeros(0, np.int32)


def rows_of(layer: Layer, report: CheckReport, numbers: Rows) -> Rows:
    """Return the rows of objects of a report; those that are no rows (types, materials) are left out."""
    known = layer.features.rows_by_id
    found = [known.get(report.objects[int(number)].id, -1) for number in numbers]
    return np.array([row for row in found if row >= 0], np.int32)


def camera_of(twin: Twin, key: LayerId, located: Located, ids: Sequence[str]) -> Perspective:
    """Return from where objects of a layer are seen, in the coordinates of its model."""
    layer = twin.layer(key)
    known = layer.features.rows_by_id
    rows = np.array([known[x] for x in ids if x in known], np.int32)
    return overview(layer, rows, place_of(twin, key, located))


def stamp_of(path: str) -> Stamp:
    """Return address, size and time of a file; zeros where it cannot be seen."""
    try:
        stat = Path(path).stat()
    except (OSError, ValueError):
        return path, 0, 0
    return path, stat.st_size, stat.st_mtime_ns


def _key(layer: Layer) -> str:
    return f"check:{layer.id}"
