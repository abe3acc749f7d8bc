"""Newer deliveries held against open orders: opened beside the project, compared, and what follows proposed.

Never blocks: ``step`` is called as often as one likes, until ``done``. It proposes; ``orders.accept`` performs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import shapely

from twin.comparing import Comparing
from twin.errors import TwinError
from twin.features import Times
from twin.intake import Intake
from twin.jobs import Jobs
from twin.judging import rules_edit, rules_of
from twin.maintenance.deliveries import coverage_of, layers_of, sources_of
from twin.maintenance.orders.attaching import stable_uids
from twin.maintenance.orders.records import WorkOrder
from twin.maintenance.orders.states import is_open
from twin.maintenance.orders.verdicts import NOTHING, Proposal, is_later, judged, together
from twin.maintenance.revisions import Revision
from twin.maintenance.revisions.expected import Asked, answers, ended, re_export
from twin.records import Dataset, Delivery, Instant, SourceRef
from twin.scene import Layer, Twin
from twin.screen import Screen

AS_OLD = "#before"
"""Ends the name of the dataset under which the earlier delivery is opened: its dates are its own."""
DEMOLITION = "demolition"
WAITED_FOR = {DEMOLITION: DEMOLITION, "extension": "extension", "height": "height", "roof": "height",
              "attributes": "attributes"}  # fmt: skip
"""Reason (or aspect) of an order -> the change that it waits for; any other waits for any change."""


class Beside(Protocol):
    """A workspace of its own in which two deliveries are opened."""

    twin: Twin
    jobs: Jobs
    screen: Screen
    intake: Intake
    errors: list[tuple[str, TwinError]]

    def open(self, location: str, ref: SourceRef | None = None) -> None:
        """Start opening a location."""
        ...

    def drain(self, seconds: float = 0.0) -> bool:
        """Deliver finished work."""
        ...


@dataclass(frozen=True, slots=True)
class Note:
    """Why a delivery leads to no proposal: re_export, not_opened (with the reason), several_files."""

    dataset: str
    base: str
    delivery: str
    code: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Task:
    dataset: str
    old: Delivery
    new: Delivery
    orders: tuple[WorkOrder, ...]


@dataclass
class Proposing:
    """Proposals for the open orders of a twin. ``begin`` makes an empty workspace; ``at`` is now."""

    twin: Twin
    begin: Callable[[], Beside]
    at: Instant
    found: list[Proposal] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    _inner: Beside | None = None
    _work: Comparing | None = None

    def __post_init__(self) -> None:
        """Find out what is to be compared: per dataset, what orders were raised on and what came last."""
        self._tasks = tasks(self.twin)
        self._all = len(self._tasks)

    @property
    def done(self) -> bool:
        """Return whether everything was compared."""
        return not self._tasks

    @property
    def progress(self) -> float:
        """Return how far it is, 0..1."""
        part = self._work.progress if self._work is not None else 0.0
        return 1.0 if self.done else (self._all - len(self._tasks) + part) / self._all

    def step(self) -> None:
        """Go on."""
        if self.done:
            return
        if self._inner is None:
            self._inner = self.begin()
            self._open(self._inner, self._tasks[0])
        inner = self._inner
        inner.drain()
        if inner.jobs.pending or inner.intake.unjudged:
            return
        if self._work is None:
            if inner.intake.index():
                return
            inner.intake.indexed()
            self._compare(inner)
        if self._work is not None:
            self._work.step()
            if self._work.done:
                self._conclude(inner, self._work)

    def finish(self) -> None:
        """Block until everything is done (the command line, tests)."""
        while not self.done:
            self.step()
            if self._inner is not None:
                self._inner.jobs.finish(0.05)

    def stop(self) -> None:
        """Give up."""
        self._tasks = []
        self._end()

    def _open(self, inner: Beside, task: _Task) -> None:
        rules_edit(inner.twin, rules_of(self.twin)).apply(inner.twin)
        shown = layers_of(self.twin, task.dataset)
        usual = shown[0].source if shown else SourceRef("")
        for delivery, dataset in ((task.old, f"{task.dataset}{AS_OLD}"), (task.new, task.dataset)):
            for path in sources_of(delivery):
                ref = replace(usual, path=path, sha256="", uid="", title="", dataset=dataset)
                inner.open(path, ref)

    def _compare(self, inner: Beside) -> None:
        task = self._tasks[0]
        old = layers_of(inner.twin, f"{task.dataset}{AS_OLD}")
        new = layers_of(inner.twin, task.dataset)
        if inner.errors or not old or not new:
            reason = str(inner.errors[0][1]) if inner.errors else ""
            self._skip("not_opened", reason)
        elif len(old) > 1 or len(new) > 1:
            self._skip("several_files", "")
        else:
            self._work = Comparing(
                inner.twin, inner.screen.streams, inner.jobs, old[0].id, new[0].id
            )

    def _skip(self, code: str, reason: str) -> None:
        task = self._tasks[0]
        self.notes.append(Note(task.dataset, task.old.id, task.new.id, code, reason))
        self._next()

    def _conclude(self, inner: Beside, work: Comparing) -> None:
        task = self._tasks[0]
        if work.error is not None or work.result is None:
            self._skip("not_opened", str(work.error))
            return
        old, new = inner.twin.layers[work.old], inner.twin.layers[work.new]
        if re_export(work.result, uniform_share(new)):
            self._skip("re_export", "")
            return
        held = _Held(self.twin, old, new, work.result, self.at)
        for order in task.orders:
            proposal = held.proposal(order, task.old.id, task.new.id)
            if proposal.verdict != NOTHING:
                self.found.append(proposal)
        self._next()

    def _next(self) -> None:
        del self._tasks[0]
        self._end()

    def _end(self) -> None:
        if self._inner is not None:
            self._inner.jobs.close()
        self._inner, self._work = None, None


def tasks(twin: Twin) -> list[_Task]:
    """Return what is to be compared: the delivery that orders were raised on with the current one."""
    groups: dict[tuple[str, str], list[WorkOrder]] = {}
    datasets: Mapping[str, Dataset] = twin.records["datasets"]
    for order in twin.records["orders"].values():
        for name, dataset in datasets.items():
            ids = [delivery.id for delivery in dataset.deliveries]
            if len(ids) < 2 or not is_open(order) or not _about(twin, order, name):
                continue
            base = order.base if order.base in ids else "" if order.base else ids[0]
            if base and base != ids[-1]:
                groups.setdefault((name, base), []).append(order)
    found = []
    for (name, base), orders in groups.items():
        deliveries = {delivery.id: delivery for delivery in datasets[name].deliveries}
        last = datasets[name].deliveries[-1]
        found.append(_Task(name, deliveries[base], last, tuple(orders)))
    return found


def _about(twin: Twin, order: WorkOrder, dataset: str) -> bool:
    """Return whether an order is about a dataset: it was raised on a delivery of it, or on its layer."""
    if order.base:
        return order.base.rpartition("/")[0] == dataset
    keys = {layer.id for layer in layers_of(twin, dataset)} | {dataset}
    return any(thing.layer in keys for thing in order.objects)


def uniform_share(layer: Layer) -> float:
    """Return the share 0..1 of maintained units that bear the most frequent date."""
    times: Times = layer.assessment.t_eff[layer.assessment.unit_rows()]
    if not len(times):
        return 0.0
    known = times[~np.isnat(times)]
    return float(np.unique(known, return_counts=True)[1].max(initial=0) / len(times))


class _Held:
    """Orders held against one comparison."""

    def __init__(
        self, twin: Twin, old: Layer, new: Layer, revision: Revision, at: Instant
    ) -> None:
        self.evidence = twin.records["evidence"]
        self.old, self.new, self.revision = old, new, revision
        units = old.assessment.unit_rows()
        named = replace(old, source=replace(old.source, dataset=new.source.dataset or new.id))
        keys = stable_uids(named, units)
        self.rows = {key: int(row) for key, row in zip(keys, units, strict=True)}
        wkt = coverage_of([new])
        self.coverage = shapely.from_wkt(wkt) if wkt else None
        self.ended = ended(new.features, at)

    def proposal(self, order: WorkOrder, base: str, delivery: str) -> Proposal:
        """Return what is proposed for an order."""
        waits = WAITED_FOR.get(order.reason, WAITED_FOR.get(order.aspect, ""))
        things = [thing for thing in order.objects if thing.uid in self.rows]
        asked = [Asked(waits, self.rows[thing.uid]) for thing in things]
        said = answers(self.revision, asked, self.coverage, self.ended)
        hints = [self.evidence[x] for x in order.evidence if x in self.evidence]
        verdicts = {}
        for thing, answer in zip(things, said, strict=True):
            pair = self.revision.pairs[answer.line] if answer.line >= 0 else None
            before = self.old.assessment.t_eff[self.rows[thing.uid]]
            later = pair is not None and bool(pair.new)
            later = later and all(
                is_later((self.new.assessment.t_eff[row], float(self.new.assessment.confidence[row])), before, hints)
                for row in (pair.new if pair is not None else ())
            )  # fmt: skip
            verdicts[thing.uid] = judged(
                answer.change, later, demolition=order.reason == DEMOLITION
            )
        whole = together(list(verdicts.values())) if verdicts else NOTHING
        return Proposal(order.id, whole, base, delivery, verdicts)
