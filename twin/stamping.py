"""Whether a result still holds: what of its inputs changed since, without gathering anything."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from twin.analyses.answering import edits_print_of
from twin.analyses.fingerprints import cells_print, hidden_print, source_print
from twin.analyses.results import Input, Result
from twin.analyses.scenarios import BUILT, Scenario, left_out
from twin.files import is_remote
from twin.geometry import F64
from twin.jobs import Jobs, Outcome
from twin.opening import sha256_of
from twin.scene import Layer, Twin


@dataclass(frozen=True, slots=True)
class Difference:
    """One input that changed: ``what`` is gone, unseen, added, source, data, hidden, objects or edits (words
    ``stamp.changed.<what>``); ``title`` the layer's, '' for edits. ``count`` tells how many of the objects
    used are gone or hidden, 0 = it is not known how many (words ``stamp.changed.<what>_counted``)."""

    what: str
    title: str = ""
    count: int = 0


@dataclass
class Files:
    """SHA-256 of source files as they are now, read by a worker once a file changed. ``told`` when one came."""

    jobs: Jobs
    known: dict[str, tuple[Any, str | None]] = field(default_factory=dict)
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
    found = [
        Difference(what, one.title, _counted(what, one, twin))
        for one in result.stamp.inputs
        if one.layer != BUILT and (what := _changed(one, twin, files, reach))
    ]
    found += [Difference("added", layer.title) for layer in _added(result, twin, reach)]
    if edits_print_of(_sides(result, twin)) != result.stamp.edits:
        found.append(Difference("edits"))
    return tuple(found)


def _sides(result: Result, twin: Twin) -> Sequence[Scenario | None]:
    scenarios = twin.records["scenarios"]
    names = [result.scenario] if result.against == "-" else [result.against, result.scenario]
    return [scenarios.get(name) if name else None for name in names]


def _changed(one: Input, twin: Twin, files: Files, reach: F64 | None) -> str:
    """Return what of one input changed, '' = nothing."""
    layer = twin.layers.get(one.layer)
    if layer is None:
        return "gone"
    if source_print(layer) != one.source:
        return "source"
    now = files.now(one.path)
    if one.sha256 and now and now != one.sha256:
        return "data"
    if hidden_print(layer, reach) != one.hidden:
        return "hidden"
    return "objects" if _cells_differ(one, layer) else ""


def _counted(what: str, one: Input, twin: Twin) -> int:
    """Return how many of the objects that were used are gone or hidden; 0 for what cannot be counted."""
    if what == "gone":
        return one.objects
    layer = twin.layers.get(one.layer)
    if what != "hidden" or layer is None or layer.hidden is None:
        return 0
    known = layer.features.rows_by_id
    rows = np.array([known[key] for key in one.named if key in known], np.int32)
    return int(np.count_nonzero(layer.hidden[rows]))


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
