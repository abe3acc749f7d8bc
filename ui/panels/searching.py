"""Finds objects by id, name or class: small tables at once, large ones in a job, the newest words last.

The lower-case texts are made in portions, so that no portion holds the interpreter for long.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool, FeatureTable, absent
from twin.jobs import SILENT, Feedback, Jobs, Outcome
from twin.scene import Layer, LayerId

AT_ONCE = 100_000
"""Rows that are searched without a job: some 30 ms, with their texts at hand."""
PORTION = 16_384
Texts = tuple[NDArray[np.str_], ...]
Lowered = dict[LayerId, tuple[FeatureTable, Texts]]
Found = dict[LayerId, tuple[FeatureTable, Texts, Bool]]


@dataclass
class SearchText:
    """Lower-case texts of the layers' objects, kept until a table changes, and the last matches.

    ``lowered`` may be shared by several searches.
    """

    lowered: Lowered = field(default_factory=dict)
    _wanted: str = ""
    _found: Found = field(default_factory=dict)
    _busy: bool = False

    def matches(self, layer: Layer, wanted: str) -> Bool:
        """Return bool(n): rows whose id, name or class contains the text; searches when it must."""
        found = self._found.get(layer.id)
        if found is None or found[0] is not layer.features or self._wanted != wanted.lower():
            self._take(wanted.lower(), _search([layer], self.lowered, wanted.lower(), SILENT))
            found = self._found[layer.id]
        return found[2]

    def ready(
        self, layers: Iterable[Layer], wanted: str, jobs: Jobs, done: Callable[[], None]
    ) -> bool:
        """Return whether ``matches`` answers at once; if not, ``done`` is called when it may.

        While a search runs no other is begun: ``done`` asks again, by then with the newest words.
        """
        wanted = wanted.lower()
        known = self._found if wanted == self._wanted else {}
        missing = [x for x in layers if x.id not in known or known[x.id][0] is not x.features]
        if sum(len(layer.features) for layer in missing) <= AT_ONCE:
            return True
        if not self._busy:
            self._busy = True
            work = partial(_search, missing, dict(self.lowered), wanted)
            jobs.submit(work, partial(self._came, wanted, done), title=wanted, quiet=True)
        return False

    def _came(self, wanted: str, done: Callable[[], None], outcome: Outcome) -> None:
        self._busy = False
        if outcome.error is None:
            self._take(wanted, outcome.value)
            done()

    def _take(self, wanted: str, found: Found) -> None:
        self._found = {**self._found, **found} if wanted == self._wanted else found
        self._wanted = wanted
        for key, (table, texts, _) in found.items():
            self.lowered[key] = (table, texts)


def _search(layers: list[Layer], lowered: Lowered, wanted: str, feedback: Feedback) -> Found:
    """Return what contains the text, with the texts that were made for it."""
    found: Found = {}
    for layer in layers:
        table = layer.features
        known = lowered.get(layer.id)
        texts = known[1] if known is not None and known[0] is table else _texts(table, feedback)
        hits = [np.zeros(0, np.bool_)]
        for part in texts:
            feedback.check()
            hits.append(np.strings.find(part, wanted) >= 0)
        kinds = np.array([wanted in kind.lower() for kind in table.kinds], np.bool_)
        match = np.concatenate(hits)
        if kinds.any():
            match |= kinds[table.kind]
        found[layer.id] = (table, texts, match)
    return found


def _texts(table: FeatureTable, feedback: Feedback) -> Texts:
    parts = []
    for low in range(0, len(table), PORTION):
        feedback.check()
        rows = slice(low, low + PORTION)
        text = _lower(table.id[rows])
        if table.name is not None:
            text = np.strings.add(np.strings.add(text, " "), _lower(table.name[rows]))
        parts.append(text)
    return tuple(parts)


def _lower(column: NDArray[np.str_]) -> NDArray[np.str_]:
    plain = np.dtypes.StringDType()
    said = np.where(absent(column), "", column)
    return np.asarray(np.strings.lower(said.astype(plain)), plain)
