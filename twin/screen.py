"""From streams to the Frame: selects, requests, keeps the memory budget, colours the rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from twin.budget import Budget
from twin.exploding import Exploding
from twin.features import Bool
from twin.geometry import U8, Rows
from twin.records import Instant
from twin.scene import Layer, LayerId, Twin
from twin.selection import Selection
from twin.settings import Settings
from twin.shown import Filter, Tint, base_state, exists_at, known_at, marked, tinted
from twin.streaming import Arrived, Frame, LayerFrame, Resident, Stream
from twin.style import Painting
from twin.tiles import View

NONE = np.zeros(0, np.int32)
TIGHTER = 1.25
"""Factor by which a layer's error rises while it needs more than its own memory budget."""
MOST = 1e4
EASY = 0.6
"""Share of its budget below which a layer may grow finer again."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to look at: the view, the error (pixels) at which tiles are refined, the views to come
    (nearest first), and whether a person roams, so that neighbours are worth having."""

    view: View
    max_error: float = 16.0
    ahead: Sequence[View] = ()
    roaming: bool = False


@dataclass(frozen=True, slots=True)
class Marks:
    """Session state that shows on the screen."""

    painting: Painting
    filter: Filter = field(default_factory=Filter)
    selected: Mapping[LayerId, Rows] = field(default_factory=dict)
    hovered: tuple[LayerId, int] | None = None
    as_of: Instant | None = None
    known_at: Instant | None = None
    tints: Mapping[LayerId, Sequence[Tint]] = field(default_factory=dict)
    exploded: Mapping[LayerId, float] = field(default_factory=dict)
    """Metres between the storeys of layers that are drawn apart."""
    gone: Mapping[LayerId, Rows] = field(default_factory=dict)
    """Rows that the scenario which is seen takes away."""


@dataclass
class Screen:
    """The streams of all layers and what of them is on the screen."""

    streams: dict[LayerId, Stream] = field(default_factory=dict)
    frame: Frame = field(default_factory=Frame)
    tick: int = 0
    versions: int = 0
    bases: dict[LayerId, tuple[Any, U8]] = field(default_factory=dict)
    states: dict[LayerId, tuple[Any, U8, int, Any]] = field(default_factory=dict)
    exploding: dict[LayerId, Exploding] = field(default_factory=dict)
    tight: dict[LayerId, tuple[tuple[Any, ...], float]] = field(default_factory=dict)
    ahead: tuple[Sequence[View], Mapping[LayerId, Rows]] | None = None

    def __post_init__(self) -> None:
        """Give all streams one budget."""
        self.budget = Budget(self.streams)

    def update(
        self,
        twin: Twin,
        wish: Wish,
        marks: Marks,
        settings: Settings,
        arrived: Callable[[LayerId], Arrived],
    ) -> Frame:
        """Select, request and return the whole truth for the screen."""
        self.tick += 1
        shown = [x for x in twin.layers.values() if x.visible and x.id in self.streams]
        streams = {layer.id: self.streams[layer.id] for layer in shown}
        self._prepare(shown, wish)
        budget = self.budget
        budget.begin(streams, wish.view, settings.memory_mb * 1024 * 1024)
        error = budget.select(wish.view, wish.max_error, self.tick)
        budget.fit()
        complete = budget.request(arrived, self._coming(streams, wish, error))
        complete &= not self._within(shown)
        wanted = drawn = 0
        layers = {}
        for layer in shown:
            stream = streams[layer.id]
            chosen = stream.selection
            if chosen is None:
                continue
            layers[layer.id] = self._shown(layer, stream, chosen, marks)
            wanted += len(chosen.draw) + len(chosen.fetch)
            drawn += len(chosen.draw)
        failed = sum(len(stream.failed) for stream in streams.values())
        self.frame = Frame(layers, wanted, drawn, failed, budget.held, error, complete)
        return self.frame

    def _shown(self, layer: Layer, stream: Stream, chosen: Selection, marks: Marks) -> LayerFrame:
        under, display = frozenset(chosen.under.tolist()), layer.display
        tiles = {t: stream.resident[t] for t in (*chosen.draw.tolist(), *under)}
        tiles = self._apart(layer, tiles, marks.exploded.get(layer.id, 0.0))
        state, version = self._state(layer, marks)
        return LayerFrame(
            tiles, state, version, display.height_offset, display.opacity, under, stream.resident
        )

    def _apart(self, layer: Layer, tiles: dict[int, Resident], gap: float) -> dict[int, Resident]:
        """Return the tiles with their storeys apart; as they are without a gap."""
        if not gap:
            self.exploding.pop(layer.id, None)
            return tiles
        known = self.exploding.get(layer.id)
        if known is None or known.gap != gap or known.table is not layer.features:
            known = self.exploding[layer.id] = Exploding.of(layer, gap)
        return known.shown(tiles)

    def _prepare(self, shown: Sequence[Layer], wish: Wish) -> None:
        """Tell the streams how high their layers are shown, and at which error of their own."""
        for layer in shown:
            stream, display = self.streams[layer.id], layer.display
            stream.lift = display.height_offset
            own = (display.max_error or wish.max_error) / wish.max_error
            stream.coarser = own * self._share(layer, stream, wish)

    def _share(self, layer: Layer, stream: Stream, wish: Wish) -> float:
        """Return the factor on a layer's error that its own memory budget asks for.

        For one view it only rises, so it comes to rest; another view may lower it again.
        """
        limit, chosen = layer.display.budget_mb * 2**20, stream.selection
        view = wish.view
        seen = (*view.eye, *view.forward, view.fov_y, view.size, wish.max_error, layer.display)
        before, factor = self.tight.get(layer.id, ((), 1.0))
        if not limit or chosen is None:
            factor = 1.0
        else:
            need = float(stream.ledger.expected(chosen.keep).sum())
            if need > limit:
                factor = min(factor * TIGHTER, MOST)
            elif seen != before and need < EASY * limit:
                factor = max(1.0, factor / TIGHTER)
        self.tight[layer.id] = (seen, factor)
        return factor

    def _within(self, shown: Sequence[Layer]) -> bool:
        """Drop what layers hold beyond budgets of their own; return whether one must grow coarser."""
        over = False
        for layer in shown:
            limit, stream = layer.display.budget_mb * 2**20, self.streams[layer.id]
            if not limit or stream.selection is None:
                continue
            chosen = stream.selection
            need = float(stream.ledger.expected(chosen.keep).sum())
            over |= need > limit and self.tight[layer.id][1] < MOST
            kept = {*chosen.keep.tolist(), *chosen.draw.tolist()}
            spare = [tile for tile in stream.resident if tile not in kept]
            for tile in sorted(spare, key=lambda tile: int(stream.ledger.used[tile])):
                if stream.nbytes <= limit:
                    break
                stream.drop(tile)
        return over

    def _coming(
        self, streams: Mapping[LayerId, Stream], wish: Wish, error: float
    ) -> dict[LayerId, Rows]:
        """Return what coming views lack, the nearest first, then what a turn of the head would show."""
        found = {}
        foreseen = self._foreseen(streams, wish, error)
        for key, stream in streams.items():
            parts = [foreseen[key][~stream.ledger.here[foreseen[key]]]]
            if wish.roaming and stream.selection is not None:
                parts.append(stream.selection.spare)
            rows = np.concatenate([NONE, *parts]).tolist()
            found[key] = np.array(list(dict.fromkeys(rows)), np.int32)
        return found

    def _foreseen(
        self, streams: Mapping[LayerId, Stream], wish: Wish, error: float
    ) -> Mapping[LayerId, Rows]:
        """Return what coming views lacked when they were named: walked once for the same views."""
        known = self.ahead
        if known is None or known[0] is not wish.ahead or known[1].keys() != streams.keys():
            rows = {
                key: np.concatenate(
                    [NONE, *(stream.tried(view, error, NONE).fetch for view in wish.ahead)]
                ).astype(np.int32)
                for key, stream in streams.items()
            }
            known = self.ahead = (wish.ahead, rows)
        return known[1]

    def _state(self, layer: Layer, marks: Marks) -> tuple[U8, int]:
        """Return the row states of a layer and their version; both kept while nothing changed."""
        selected = marks.selected.get(layer.id)
        hovered = marks.hovered[1] if marks.hovered and marks.hovered[0] == layer.id else None
        base = self._base(layer, marks)
        key = (id(base), id(selected) if selected is not None else 0, hovered)
        known = self.states.get(layer.id)
        if known is None or known[0] != key:
            self.versions += 1
            known = (key, marked(base, selected, hovered), self.versions, selected)
            self.states[layer.id] = known
        return known[1], known[2]

    def _base(self, layer: Layer, marks: Marks) -> U8:
        tints = marks.tints.get(layer.id, ())
        gone = marks.gone.get(layer.id, NONE)
        parts = (
            layer.features, layer.hidden, layer.display, marks.painting, marks.filter, tints, gone,
        )  # fmt: skip
        key = (*(id(part) for part in parts), marks.as_of, marks.known_at)
        known = self.bases.get(layer.id)
        if known is None or known[0][0] != key:
            there = existing(layer, marks.as_of, marks.known_at)
            there[gone] = False
            state = tinted(base_state(layer, marks.painting, marks.filter, there), tints)
            known = ((key, parts), state)  # the parts are held, so that an id is not used again
            self.bases[layer.id] = known
        return known[1]

    def forget(self, layer: LayerId) -> None:
        """Stop fetching for a layer that is gone; its resident tiles stay for an undo."""
        if layer in self.streams:
            self.streams[layer].cancel()


def existing(layer: Layer, as_of: Instant | None, known: Instant | None) -> Bool:
    """Return bool(n): there at valid time ``as_of`` and in our records at ``known``."""
    there = exists_at(layer.features, as_of) & known_at(layer.features, known)
    return np.asarray(there, np.bool_)
