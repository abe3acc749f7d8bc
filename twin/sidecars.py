"""Side-cars of the project at work: tables read in a worker, joined on a thread, laid over layers.

Like growth it is no edit: the record is what persons decide (and undo), the layer follows. It follows
anew when objects arrive, when a source is opened again and when the record changes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from twin.errors import TwinError
from twin.features import FeatureTable
from twin.growing import padded
from twin.intake import Intake
from twin.jobs import Jobs, Lane, Outcome
from twin.keeping import Keeper
from twin.maintenance.sidecar import MARK, Beside, beside, with_sidecars, without_sidecars
from twin.maintenance.sidecar_records import Sidecar
from twin.maintenance.vector_files import Reading
from twin.observations import Observations
from twin.ports import Feedback, VectorTable
from twin.records import Problem
from twin.scene import Aspect, Layer, LayerId, Twin

WORKER = "tables"
"""Key of the worker process that reads tables."""
Address = tuple[str, str]
"""Path and table of a side-car."""


@dataclass(frozen=True, slots=True)
class Laid:
    """What a layer's side-cars said when they were last laid over it."""

    sidecars: tuple[Sidecar, ...]
    rows: int
    columns: Mapping[str, tuple[str, ...]]
    dated: bool = False
    problems: tuple[Problem, ...] = ()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Done:
    features: FeatureTable
    observations: Observations
    laid: Laid


@dataclass
class Sidecars:
    """Keeps layers in step with the records of kind ``sidecars``; ``step`` is called in every drain."""

    twin: Twin
    jobs: Jobs
    intake: Intake
    report: Callable[[str, TwinError], None]
    keeper: Keeper
    tables: dict[Address, VectorTable | None] = field(default_factory=dict)
    laid: dict[LayerId, Laid] = field(default_factory=dict)
    _reading: set[Address] = field(default_factory=set)
    _joining: set[LayerId] = field(default_factory=set)

    def step(self) -> None:
        """Start what is missing: tables to read, layers to join. Never blocks."""
        records: Mapping[str, Sidecar] = self.twin.records["sidecars"]
        if not records and not self.laid:
            return
        for gone in self.laid.keys() - self.twin.layers.keys():
            del self.laid[gone]
        for key, layer in self.twin.layers.items():
            mine = tuple(s for s in records.values() if s.layer in ("", key))
            if (
                key not in self._joining
                and not self.intake.growing(key)
                and self._due(layer, mine)
            ):
                self._start(layer, mine)

    def _due(self, layer: Layer, mine: tuple[Sidecar, ...]) -> bool:
        before = self.laid.get(layer.id)
        if before is None:
            return bool(mine) and bool(len(layer.features))
        reopened = not _holds(layer, before)
        return before.sidecars != mine or before.rows != len(layer.features) or reopened

    def _start(self, layer: Layer, mine: tuple[Sidecar, ...]) -> None:
        wanted = {self.address(sidecar) for sidecar in mine}
        for address in wanted - self.tables.keys() - self._reading:
            self._reading.add(address)
            self.jobs.submit(
                Reading(*address), partial(self._read, address), Lane.PROCESS,
                title=Path(address[0]).name, key=WORKER,
            )  # fmt: skip
        if wanted & self._reading:
            return
        self._joining.add(layer.id)
        tables = [(s, t) for s in mine if (t := self.tables.get(self.address(s))) is not None]
        before = self.laid.get(layer.id)
        work = partial(_joined, layer, mine, tables, before, self.twin.crs)
        self.jobs.submit(work, partial(self._laid, layer), title=layer.title, quiet=True)

    def address(self, sidecar: Sidecar) -> Address:
        """Return where a side-car's table lies; one that is gone is looked for beside the project."""
        path, project = Path(sidecar.path), self.keeper.path
        if project is not None and not path.exists():
            for other in (project.parent / path, project.parent / path.name):
                if other.exists():
                    return str(other), sidecar.table
        return str(path), sidecar.table

    def forget(self, sidecar: Sidecar) -> None:
        """Let go of a table, so that it is read again."""
        self.tables.pop(self.address(sidecar), None)

    def _read(self, address: Address, outcome: Outcome) -> None:
        self._reading.discard(address)
        self.tables[address] = None if outcome.error is not None else outcome.value
        if outcome.error is not None:
            self.report(address[0], outcome.error)
        if not self._reading:
            self.jobs.release(WORKER)

    def _laid(self, before: Layer, outcome: Outcome) -> None:
        key = before.id
        self._joining.discard(key)
        layer = self.twin.layers.get(key)
        if outcome.error is not None:
            self.report(before.title, outcome.error)
            return
        done: _Done = outcome.value
        if layer is None or layer.features is not before.features:
            return  # it grew meanwhile: the next step joins anew
        told = self.laid.get(key)
        old = () if told is None else told.problems
        problems = tuple(p for p in layer.problems if p not in old)
        self.laid[key] = done.laid
        now = replace(
            layer, features=done.features, observations=done.observations,
            problems=(*problems, *done.laid.problems),
            assessment=padded(layer.assessment, len(done.features)),
        )  # fmt: skip
        self.twin.put_layer(now, Aspect.FEATURES)
        self.intake.unjudged.add(key)


def _holds(layer: Layer, laid: Laid) -> bool:
    """Return whether a layer still holds what was laid over it: a source opened again does not."""
    names = [name for columns in laid.columns.values() for name in columns]
    if not all(name in layer.features.columns for name in names):
        return False
    return not laid.dated or any(path.startswith(MARK) for path in layer.observations.paths)


def _joined(
    layer: Layer, mine: tuple[Sidecar, ...], tables: list[tuple[Sidecar, VectorTable]],
    before: Laid | None, crs: str, feedback: Feedback,
) -> _Done:  # fmt: skip
    """Return a layer's table with what its side-cars say; runs on a thread."""
    added = {} if before is None else before.columns
    features, observations = without_sidecars(layer.features, layer.observations, added)
    said: list[tuple[Sidecar, Beside]] = []
    for sidecar, table in tables:
        feedback.check()
        said.append((sidecar, beside(table, sidecar, features, crs)))
    features, observations, columns = with_sidecars(features, observations, said)
    problems = tuple(problem for _, one in said for problem in one.problems)
    counts: dict[str, Any] = {sidecar.id: one.counts for sidecar, one in said}
    dated = any(path.startswith(MARK) for path in observations.paths)
    laid = Laid(mine, len(features), columns, dated, problems, counts)
    return _Done(features, observations, laid)
