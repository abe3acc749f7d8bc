"""Whether a result still holds: what of its inputs changed since, without gathering anything."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from twin.analyses.answering import edits_print_of, steps_of
from twin.analyses.fingerprints import (
    cells_print,
    column_prints,
    hidden_print,
    object_prints,
    source_print,
    unpacked_prints,
)
from twin.analyses.results import Input, Result
from twin.analyses.scenarios import BUILT, Scenario, ScenarioEdit, left_out
from twin.features import FeatureTable
from twin.files import is_remote
from twin.geometry import F64, Rows
from twin.jobs import Jobs, Outcome
from twin.opening import sha256_of
from twin.scene import Layer, Twin


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changed: ``what`` is gone, unseen, added, source, data, hidden, missing, more, moved,
    attributes, objects, edits, or step_<kind>_<new, gone or other> of a scenario; words
    ``stamp.changed.<what>``. ``title`` is the layer's or the step's.

    ``kinds`` are the classes of the objects that were touched and how many of each, () = it is not known
    (else words ``stamp.changed.<what>_counted``); ``names`` the attributes. ``ground``: it is terrain.
    """

    what: str
    title: str = ""
    kinds: tuple[tuple[str, int], ...] = ()
    names: tuple[str, ...] = ()
    ground: bool = False

    @property
    def count(self) -> int:
        """Return how many objects were touched; 0 = it is not known."""
        return sum(n for _, n in self.kinds)


@dataclass
class Files:
    """SHA-256 of source files as they are now, read by a worker once a file changed. ``news`` counts those that came.

    ``told`` remembers what was found of the objects of an input while its table is the same one.
    """

    jobs: Jobs
    known: dict[str, tuple[Any, str | None]] = field(default_factory=dict)
    told: dict[tuple[str, str], tuple[Any, list[Difference]]] = field(default_factory=dict)
    news: int = 0

    def now(self, path: str) -> str | None:
        """Return the SHA-256 of a file; None while it is not known, '' for an address."""
        if not path or is_remote(path):
            return ""
        state = _state(path)
        found = self.known.get(path)
        if found is None or found[0] != state:
            self.known[path] = (state, None)
            done = partial(self._came, path, state)
            self.jobs.submit(partial(sha256_of, path), done, title=Path(path).name, quiet=True)
            return None
        return found[1]

    def _came(self, path: str, state: Any, outcome: Outcome) -> None:
        self.known[path] = (state, "?" if outcome.error is not None else outcome.value)
        self.news += 1


def _state(path: str) -> Any:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def differences(result: Result, twin: Twin, files: Files) -> tuple[Difference, ...]:
    """Return what of a result's inputs is not as it was; () = it still holds, as far as is known now."""
    reach = np.array(result.stamp.reach, np.float64) if result.stamp.reach else None
    found: list[Difference] = []
    for one in result.stamp.inputs:
        if one.layer != BUILT:
            found += _of_input(one, twin.layers.get(one.layer), files, reach)
    found += [
        Difference("added", layer.title, ground=layer.ground)
        for layer in _added(result, twin, reach)
    ]
    return (*found, *_of_steps(result, twin))


def _of_steps(result: Result, twin: Twin) -> list[Difference]:
    """Return what became of the edits of the scenarios."""
    sides = _sides(result, twin)
    if edits_print_of(sides) == result.stamp.edits:
        return []
    was = {step[:2]: step for step in result.stamp.steps}
    now = {step[:2]: step for step in steps_of(sides)}
    told = [("new", now[key]) for key in now if key not in was]
    told += [("gone", was[key]) for key in was if key not in now]
    told += [("other", now[key]) for key in now if key in was and was[key] != now[key]]
    edits = {(side.id, one.id): one for side in sides if side is not None for one in side.edits}
    if not told or (not result.stamp.steps and result.stamp.edits):
        return [Difference("edits")]
    return [_step(how, step, edits.get((step[0], step[1])), twin) for how, step in told]


def _step(how: str, step: tuple[str, ...], edit: ScenarioEdit | None, twin: Twin) -> Difference:
    name, kind, title, count = step[1:5]
    layer = None if edit is None else twin.layers.get(edit.layer)
    kinds: tuple[tuple[str, int], ...] = (
        (("", int(count)),) if count.isdecimal() and int(count) else ()
    )
    if layer is not None and edit is not None:
        known = layer.features.rows_by_id
        rows = np.array([known[key] for key in edit.objects if key in known], np.int32)
        kinds = _kinds(layer, rows) if len(rows) == int(count) else kinds
    return Difference(f"step_{kind}_{how}", title or name, kinds)


def _kinds(layer: Layer, rows: Rows) -> tuple[tuple[str, int], ...]:
    """Return the classes of some rows and how many of each there are, the most first."""
    codes, counts = np.unique(layer.features.kind[rows], return_counts=True)
    order = np.argsort(-counts, kind="stable").tolist()
    return tuple((layer.features.kinds[int(codes[n])], int(counts[n])) for n in order)


def _sides(result: Result, twin: Twin) -> Sequence[Scenario | None]:
    scenarios = twin.records["scenarios"]
    names = [result.scenario] if result.against == "-" else [result.against, result.scenario]
    return [scenarios.get(name) if name else None for name in names]


def _of_input(
    one: Input, layer: Layer | None, files: Files, reach: F64 | None
) -> list[Difference]:
    """Return what of one input changed."""
    said = partial(Difference, title=one.title, ground=one.ground)
    if layer is None:
        return [said("gone", kinds=(("", one.objects),) if one.objects else ())]
    found = []
    same = source_print(layer) == one.source
    if not same:
        found.append(said("source"))
    now = files.now(one.path)
    if one.sha256 and now and now != one.sha256:
        found.append(said("data"))
    if hidden_print(layer, reach) != one.hidden:
        found.append(said("hidden", kinds=_hidden_kinds(one, layer)))
    state = (layer.features, layer.provisional, layer.display.height_offset, same)
    known = files.told.get((one.layer, one.marks or one.cells))
    if known is None or known[0][0] is not state[0] or known[0][1:] != state[1:]:
        known = (state, _of_objects(one, layer, said, same))
        files.told[one.layer, one.marks or one.cells] = known
    return found + known[1]


def _hidden_kinds(one: Input, layer: Layer) -> tuple[tuple[str, int], ...]:
    """Return the classes of the objects that were used and are hidden now."""
    if layer.hidden is None:
        return ()
    known = layer.features.rows_by_id
    rows = np.array([known[key] for key in one.named if key in known], np.int32)
    return _kinds(layer, rows[layer.hidden[rows]])


def _of_objects(
    one: Input, layer: Layer, said: Callable[..., Difference], same: bool
) -> list[Difference]:
    """Return which of the used objects are others, and whether there are more; objects still to come do not count."""
    table, ids = layer.features, one.named
    was = unpacked_prints(one.marks, len(ids)) if one.marks else None
    if was is None or layer.provisional:
        return [said("objects")] if _cells_differ(one, layer) else []
    now = object_prints(_lifted(layer), ids)
    here = now[:, 0] > 0
    rows = np.array(
        [table.rows_by_id[key] for key, there in zip(ids, here, strict=True) if there], np.int32
    )
    told = now[here, 1:] != was[here]
    found = []
    if not here.all():
        found.append(said("missing", kinds=(("", int((~here).sum())),)))
    if same and told[:, 0].any():
        found.append(said("moved", kinds=_kinds(layer, rows[told[:, 0]])))
    if told[:, 1].any():
        before = dict(one.columns)
        after = dict(column_prints(table, ids))
        names = tuple(name for name in {**before, **after} if before.get(name) != after.get(name))
        found.append(said("attributes", kinds=_kinds(layer, rows[told[:, 1]]), names=names))
    if one.rows and len(table) > one.rows:
        found.append(
            said("more", kinds=_kinds(layer, np.arange(one.rows, len(table), dtype=np.int32)))
        )
    return found


def _lifted(layer: Layer) -> FeatureTable:
    """Return the table with its boxes as a study has them: lifted as the layer is shown."""
    lift = layer.display.height_offset
    if not lift:
        return layer.features
    return replace(
        layer.features, bounds=layer.features.bounds + np.array([0, 0, lift, 0, 0, lift])
    )


def _cells_differ(one: Input, layer: Layer) -> bool:
    """Return whether attributes of the used objects are others; objects still to come do not count."""
    try:
        return cells_print(layer.features, one.named) != one.cells
    except KeyError:
        return not layer.provisional


def _added(result: Result, twin: Twin, reach: F64 | None) -> list[Layer]:
    """Return visible layers within the reach that the result knows nothing of."""
    known = {one.layer for one in result.stamp.inputs}
    apart = left_out(twin.records["scenarios"].values(), None)
    others = [x for x in twin.layers.values() if x.visible and x.id not in known | apart]
    others = [x for x in others if not x.about.points]  # never asked: they have no surface
    if result.layers:
        return []
    if reach is None:
        return others
    return [x for x in others if _meets(x.bounds, reach)]


def _meets(box: F64, reach: F64) -> bool:
    return bool((box[:3] <= reach[3:]).all() and (box[3:] >= reach[:3]).all())


@dataclass
class Standing:
    """The differences of many results; each is looked at again only when something happened.

    ``moment`` counts changes of the twin; whoever watches the twin calls ``touch``.
    """

    twin: Twin
    jobs: Jobs
    moment: int = 0
    _found: dict[str, tuple[Any, tuple[Difference, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Know no file yet."""
        self.files = Files(self.jobs)

    def touch(self) -> None:
        """Note that something changed."""
        self.moment += 1

    def of(self, result: Result) -> tuple[Difference, ...]:
        """Return what changed since a result was made."""
        key = (id(result), self.moment, self.files.news)
        known = self._found.get(result.id)
        if known is None or known[0] != key:
            known = (key, differences(result, self.twin, self.files))
            self._found[result.id] = known
        return known[1]
