"""Tiles that come back from workers, the growth they bring, and the verdicts that follow."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from twin.errors import TwinError
from twin.geometry import F32
from twin.growing import merge, padded, rows_of
from twin.identity import Representation, counted_elsewhere
from twin.jobs import Job, Jobs, Outcome
from twin.judging import Judged, judge
from twin.maintenance.memory import Memory
from twin.maintenance.rules import Rules
from twin.ports import Growth
from twin.records import Instant, Problem, counted
from twin.replacing import gone_rows
from twin.scene import Aspect, Layer, LayerId, Twin
from twin.streaming import Arrived, Fetched, Stream

FAILED = "tile.failed"
PAUSE = 4.0
"""While tiles keep coming, the next appending waits so many times as long as the last one took: each
copies the table, and all of them together never take more than a fixed share of the time."""
PORTION = 48
"""Tiles whose objects are appended at once while they come unasked: each time copies the table."""


@dataclass
class Intake:
    """Takes in what streams fetched. Growth is not an edit: it survives undo."""

    twin: Twin
    streams: Mapping[LayerId, Stream]
    jobs: Jobs
    unjudged: set[LayerId] = field(default_factory=set)
    _known: dict[LayerId, dict[str, int]] = field(default_factory=dict)
    _errors: dict[LayerId, F32] = field(default_factory=dict)
    _grown: dict[LayerId, list[tuple[int, Fetched]]] = field(default_factory=dict)
    _judging: dict[LayerId, Job] = field(default_factory=dict)
    memories: dict[LayerId, Memory] = field(default_factory=dict)
    """What the last verdict on each layer was made from."""
    _said: dict[LayerId, list[Problem]] = field(default_factory=dict)
    _parted: set[LayerId] = field(default_factory=set)
    _pause: float = 0.0

    def arrived(self, layer: LayerId) -> Arrived:
        """Return what a stream calls when a tile of the layer came."""
        return partial(self.tile_came, layer)

    def tile_came(
        self, key: LayerId, tile: int, found: Fetched | Growth | None, outcome: Outcome
    ) -> None:
        """Take in one tile, or the reason why it did not come (told once, then it is empty)."""
        stream = self.streams[key]
        if outcome.error is not None:
            self._tile_failed(key, tile, outcome.error)
        elif found is None:
            stream.nothing(tile)
        elif isinstance(found, Growth):
            stream.grow(tile, found)
            self._said.setdefault(key, []).extend(found.problems)
            self._parted.add(key)
        else:
            if not stream.ledger.counted[tile]:
                self._said.setdefault(key, []).extend(found.problems)
            stream.ledger.count(tile, found.triangles, found.points)
            if found.features is None:
                stream.geometry[tile] = found.numbers
            self.release(stream)
            if (found.features is None or tile in stream.rows) and found.kept:
                stream.settle(tile, found, rows_of(found, stream.rows.get(tile)))
            elif found.features is not None and tile not in stream.rows:
                self._grown.setdefault(key, []).append((tile, found))
                if found.kept:
                    stream.land(tile, found)

    def _tile_failed(self, key: LayerId, tile: int, error: TwinError) -> None:
        stream = self.streams[key]
        stream.nothing(tile)
        said = {"tile": tile, "reason": str(error), "why": error.full_code}
        problem = Problem(FAILED, str(error), f"{key}#{tile}", said)
        self._said.setdefault(key, []).append(problem)

    def _put(
        self,
        key: LayerId,
        aspect: Aspect,
        problems: tuple[Problem, ...] = (),
        **changes: Any,
    ) -> None:
        """Growth of a layer: not an edit, so it survives undo. Does nothing for nothing."""
        layer = self.twin.layers.get(key)
        if layer is not None and (problems or changes):
            layer = replace(layer, problems=counted(layer.problems, problems), **changes)
            self.twin.put_layer(layer, aspect)

    def release(self, stream: Stream) -> None:
        """End a layer's worker process when the cache holds every tile: its memory comes back."""
        if stream.warm is not None and stream.cached is not None and stream.all_cached():
            stream.rest_worker()
            self.jobs.release(stream.key)

    def retry(self, key: LayerId) -> int:
        """Let the failed tiles of a layer be asked for again; return how many there were."""
        self._tell()
        layer, again = self.twin.layers[key], self.streams[key].retry()
        left = tuple(problem for problem in layer.problems if problem.code != FAILED)
        if again:
            self.twin.put_layer(replace(layer, problems=left), Aspect.PROBLEMS)
        return again

    def _tell(self) -> None:
        """Put what tiles said and how trees grew into their layers, all at once."""
        said, self._said = self._said, {}
        parted, self._parted = self._parted, set()
        for key in dict.fromkeys([*said, *parted]):
            if key not in self.twin.layers and key in self.streams:
                self._said[key] = said.get(key, [])  # it is being opened
                continue
            problems = tuple(said.get(key, ()))
            if key in parted:
                self._put(key, Aspect.TREE, problems, tree=self.streams[key].tree)
            else:
                self._put(key, Aspect.PROBLEMS, problems)

    def forget(self, key: LayerId) -> None:
        """Let go of what is known of a layer's objects: its source is opened again."""
        for known in (self._known, self._errors, self._grown, self._said):
            known.pop(key, None)
        self._parted.discard(key)
        job = self._judging.pop(key, None)
        if job is not None:
            job.cancel()

    def index(self) -> int:
        """Ask for every tile never seen, for its objects and counts only; return how many."""
        asked = 0
        for key, layer in self.twin.layers.items():
            stream = self.streams[key]
            if (
                layer.about.points
            ):  # its points are no objects: a thousand million of them stay where they are
                continue
            for tile in stream.uncounted():
                if int(tile) not in stream.pending:
                    stream.fetch(int(tile), self.arrived(key), keep=False)
                asked += 1
        return asked

    def indexed(self) -> None:
        """Note which layers have no tile left unseen: their counts are final."""
        for key, layer in tuple(self.twin.layers.items()):
            if layer.provisional and not len(self.streams[key].uncounted()):
                self._put(key, Aspect.FEATURES, provisional=False)

    def growing(self, key: LayerId) -> bool:
        """Return whether tiles of a layer came whose objects are not in its table yet."""
        return key in self._grown

    def judging(self, key: LayerId) -> bool:
        """Return whether the verdict on a layer is still to come."""
        return key in self.unjudged or key in self._judging

    def _due(self) -> dict[LayerId, list[tuple[int, Fetched]]]:
        """Take what is to be appended now; tiles nobody waits for are appended many at once."""
        found = {}
        for key, tiles in tuple(self._grown.items()):
            stream = self.streams[key]
            alone = stream.behind and not any(x.kept for _, x in tiles)
            soon = stream.pending and time.monotonic() < self._pause
            if not soon and (not alone or len(tiles) >= PORTION):
                found[key] = self._grown.pop(key)
        return found

    def grow(self) -> tuple[LayerId, ...]:
        """Append the objects that came with tiles, a layer at a time; return the layers that grew."""
        self._tell()
        due, begun = self._due(), time.monotonic()
        for key, tiles in due.items():
            layer = self.twin.layers.get(key)
            stream = self.streams[key]
            if layer is None:
                stream.landing.clear()
                continue
            known = self._known.setdefault(key, dict(layer.features.rows_by_id))
            grown = merge(
                layer.features,
                layer.observations,
                known,
                [(fetched, float(stream.tree.error[tile])) for tile, fetched in tiles],
                self._errors.get(key, np.zeros(len(layer.features), np.float32)),
            )
            self._errors[key] = grown.errors
            for (tile, fetched), rows in zip(tiles, grown.rows, strict=True):
                stream.rows[tile] = rows
                stream.geometry[tile] = rows_of(fetched, rows)
                if fetched.kept:
                    stream.settle(tile, fetched, rows_of(fetched, rows))
            if grown.added or grown.observations is not layer.observations:
                self.unjudged.add(key)
            self._put(
                key, Aspect.FEATURES, features=grown.table, observations=grown.observations,
                assessment=padded(layer.assessment, len(grown.table)),
            )  # fmt: skip
        for dataset in {
            self.twin.layers[key].source.dataset for key in due if key in self.twin.layers
        }:
            self.recount(dataset)
        if due:
            now = time.monotonic()
            self._pause = now + PAUSE * (now - begun)
        return tuple(due)

    def _family(self, key: LayerId) -> list[Layer]:
        """Return the layers of the same dataset, in order."""
        dataset = self.twin.layers[key].source.dataset
        return [x for x in self.twin.layers.values() if x.source.dataset == dataset]

    def earlier(self, key: LayerId) -> tuple[Layer, ...]:
        """Return the layers of the same dataset before a layer: what they count is judged there."""
        layers = self._family(key)
        return tuple(layers[: [x.id for x in layers].index(key)])

    def recount(self, dataset: str) -> None:
        """Say anew which rows of a dataset's layers an earlier representation counts already."""
        layers = [x for x in self.twin.layers.values() if x.source.dataset == dataset]
        shown = [Representation(x.id, dataset, x.features.id.tolist()) for x in layers]
        for key, rows in counted_elsewhere(shown).items():
            rows[gone_rows(self.twin, key)] = True
            before = self.twin.layers[key].counted_elsewhere
            if rows.any() if before is None else not np.array_equal(rows, before):
                layer = replace(
                    self.twin.layers[key], counted_elsewhere=rows if rows.any() else None
                )
                self.twin.put_layer(layer, Aspect.FEATURES)

    def recount_all(self) -> None:
        """Say anew which rows are counted elsewhere, in every dataset."""
        for dataset in dict.fromkeys(x.source.dataset for x in self.twin.layers.values()):
            self.recount(dataset)

    def judge(
        self, rules: Rules, at: Instant, instants: tuple[Instant | None, Instant | None]
    ) -> None:
        """Start a verdict for every layer whose inputs changed; at most one a layer at a time."""
        for gone in self.memories.keys() - self.twin.layers.keys():
            del self.memories[gone]
        for key in tuple(self.unjudged - set(self._judging)):
            self.unjudged.discard(key)
            layer = self.twin.layers.get(key)
            if layer is not None:
                kept = self.memories.setdefault(key, Memory())
                work = partial(judge, layer, rules, (at, *instants), self.earlier(key), kept)
                self._judging[key] = self.jobs.submit(
                    work, partial(self._judged, key), title=layer.title, quiet=True
                )

    def _judged(self, key: LayerId, outcome: Outcome) -> None:
        self._judging.pop(key, None)
        if outcome.error is not None:
            self._put(key, Aspect.PROBLEMS, problems=(_as_problem(outcome.error),))
            return
        judged: Judged = outcome.value
        layer = self.twin.layers.get(key)
        if layer is not None:
            verdict = padded(judged.assessment, len(layer.features))
            self._put(key, Aspect.ASSESSMENT, assessment=verdict)
            family = [x.id for x in self._family(key)]
            self.unjudged.update(family[family.index(key) + 1 :])


def _as_problem(error: TwinError) -> Problem:
    return Problem(error.full_code, str(error), "", dict(error.params))
