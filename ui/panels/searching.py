"""Finds objects by id, name, class or value: what is indexed at once, the rest in a job, the newest words last."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from twin import searching
from twin.features import Bool, FeatureTable
from twin.jobs import SILENT, Feedback, Jobs, Outcome
from twin.scene import Layer, LayerId

AT_ONCE = 200_000
"""Rows that are searched without a job once they are indexed: some 20 ms."""
INDEXED_AT_ONCE = 60_000
"""Values that are indexed without a job: some 20 ms."""
Lowered = dict[LayerId, tuple[FeatureTable, searching.Index]]
Found = dict[LayerId, tuple[FeatureTable, searching.Index, Bool]]


@dataclass
class SearchText:
    """The indexes of the layers, kept until a table changes, and the last matches.

    ``lowered`` may be shared by several searches.
    """

    lowered: Lowered = field(default_factory=dict)
    _wanted: str = ""
    _found: Found = field(default_factory=dict)
    _said: dict[tuple[LayerId, int], str] = field(default_factory=dict)
    _busy: bool = False

    def match(self, layer: Layer, row: int) -> str:
        """Return ``set.property = value`` of what the last search found; '' for name, id and class."""
        said = self._said.get((layer.id, row))
        if said is None:
            match = searching.matched(layer.features, row, self._wanted)
            said = "" if match is None or not match.key else _spelled(match)
            self._said[layer.id, row] = said
        return said

    def matches(self, layer: Layer, wanted: str) -> Bool:
        """Return bool(n): rows whose id, name, class or values contain the text; searches when it must."""
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
        rows = sum(len(layer.features) for layer in missing)
        if rows <= AT_ONCE and self._unread(missing) <= INDEXED_AT_ONCE:
            return True
        if not self._busy:
            self._busy = True
            work = partial(_search, missing, dict(self.lowered), wanted)
            jobs.submit(work, partial(self._came, wanted, done), title=wanted, quiet=True)
        return False

    def warm(self, layers: Iterable[Layer], jobs: Jobs) -> None:
        """Begin to index what is not yet: a person is about to search."""
        missing = [x for x in layers if self._unread([x])]
        if not self._busy and self._unread(missing) > INDEXED_AT_ONCE:
            self._busy = True
            work = partial(_search, missing, dict(self.lowered), "")
            jobs.submit(work, partial(self._came, "", lambda: None), title="", quiet=True)

    def _unread(self, layers: Iterable[Layer]) -> int:
        """Return how many values of the layers are not indexed."""
        unread = 0
        for layer in layers:
            known = self.lowered.get(layer.id)
            if known is None or known[0] is not layer.features:
                unread += searching.cells(layer.features)
        return unread

    def _came(self, wanted: str, done: Callable[[], None], outcome: Outcome) -> None:
        self._busy = False
        if outcome.error is None:
            self._take(wanted, outcome.value)
            done()

    def _take(self, wanted: str, found: Found) -> None:
        self._found = {**self._found, **found} if wanted == self._wanted else found
        self._wanted = wanted
        self._said = {}
        for key, (table, texts, _) in found.items():
            self.lowered[key] = (table, texts)


def _spelled(match: searching.Match) -> str:
    return f"{match.key} = {match.value} {match.unit}".rstrip()


def _search(layers: list[Layer], lowered: Lowered, wanted: str, feedback: Feedback) -> Found:
    """Return what contains the text, with the indexes that were made for it."""
    found: Found = {}
    for layer in layers:
        table = layer.features
        known = lowered.get(layer.id)
        texts = (
            known[1]
            if known is not None and known[0] is table
            else searching.index(table, feedback.check)
        )
        found[layer.id] = (
            table,
            texts,
            searching.searched(table, texts, wanted, feedback.check),
        )
    return found
