"""From streams to the Frame: selects, requests, keeps the memory budget, colours the rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from twin.features import Bool
from twin.geometry import U8, Rows
from twin.records import Instant
from twin.scene import Layer, LayerId, Twin
from twin.settings import Settings
from twin.shown import Filter, base_state, exists_at, known_at, marked
from twin.streaming import Arrived, Frame, LayerFrame, Stream, fit_budget
from twin.style import Painting
from twin.tiles import View

IN_FLIGHT = 3
"""Tiles asked for at once per worker thread: enough to keep them busy, few enough to cancel."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Session state that shows on the screen."""

    painting: Painting
    filter: Filter = field(default_factory=Filter)
    selected: Mapping[LayerId, Rows] = field(default_factory=dict)
    hovered: tuple[LayerId, int] | None = None
    as_of: Instant | None = None
    known_at: Instant | None = None


@dataclass
class Screen:
    """The streams of all layers and what of them is on the screen."""

    streams: dict[LayerId, Stream] = field(default_factory=dict)
    frame: Frame = field(default_factory=Frame)
    sse: float = 0.0
    tick: int = 0
    versions: int = 0
    bases: dict[LayerId, tuple[Any, U8]] = field(default_factory=dict)
    states: dict[LayerId, tuple[Any, U8, int, Any]] = field(default_factory=dict)

    def update(
        self,
        twin: Twin,
        view: View,
        marks: Marks,
        settings: Settings,
        max_error: float,
        arrived: Callable[[LayerId], Arrived],
    ) -> Frame:
        """Select, request and return the whole truth for the screen."""
        self.tick += 1
        self.sse = max(self.sse, max_error)
        budget = settings.memory_mb * 1024 * 1024
        shown = [layer for layer in twin.layers.values() if layer.visible]
        self._choose(shown, view, budget, max_error)
        wanted = drawn = failed = 0
        complete = True
        layers = {}
        for layer in shown:
            stream = self.streams.get(layer.id)
            if stream is None or stream.selection is None:
                continue
            room = fit_budget(self.streams, budget) < budget
            limit = IN_FLIGHT * stream.jobs.threads if room else 0
            stream.request(max(limit, 1), arrived(layer.id))
            tiles = {int(t): stream.resident[int(t)] for t in stream.selection.draw}
            state, version = self._state(layer, marks)
            shown_as = layer.display
            layers[layer.id] = LayerFrame(
                tiles, state, version, shown_as.height_offset, shown_as.opacity
            )
            wanted += len(stream.selection.draw) + len(stream.selection.fetch)
            drawn += len(tiles)
            failed += len(stream.failed)
            complete &= not len(stream.selection.fetch)
        resident = fit_budget(self.streams, budget)
        self.frame = Frame(layers, wanted, drawn, failed, resident, self.sse, complete)
        return self.frame

    def _choose(self, shown: list[Layer], view: View, budget: int, max_error: float) -> None:
        """Select on every layer; raise the error while what is wanted does not fit the budget."""
        for layer in shown:
            if layer.id in self.streams:
                stream = self.streams[layer.id]
                stream.choose(lowered(view, layer), self._error_of(layer, max_error))
                stream.touch(self.tick)
        kept = sum(
            stream.resident[int(t)].nbytes
            for stream in self.streams.values()
            if stream.selection is not None
            for t in stream.selection.keep
            if int(t) in stream.resident
        )
        if kept > budget:
            self.sse = min(self.sse * 1.25, 4096.0)
        elif self.sse > max_error and kept < budget * 0.6:
            self.sse = max(max_error, self.sse / 1.1)

    def _error_of(self, layer: Layer, max_error: float) -> float:
        """Return the error to select a layer with: its own in the place of the setting's, raised as
        much as the budget asks for."""
        wished = layer.display.max_error or max_error
        return wished * self.sse / max_error

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
        parts = (layer.features, layer.hidden, layer.display, marks.painting, marks.filter)
        key = (*(id(part) for part in parts), marks.as_of, marks.known_at)
        known = self.bases.get(layer.id)
        if known is None or known[0][0] != key:
            there = existing(layer, marks.as_of, marks.known_at)
            state = base_state(layer, marks.painting, marks.filter, there)
            known = ((key, parts), state)  # the parts are held, so that an id is not used again
            self.bases[layer.id] = known
        return known[1]

    def forget(self, layer: LayerId) -> None:
        """Stop fetching for a layer that is gone; its resident tiles stay for an undo."""
        if layer in self.streams:
            self.streams[layer].cancel()


def lowered(view: View, layer: Layer) -> View:
    """Return the view as seen from a layer that is shown higher than its tiles say."""
    lift = layer.display.height_offset
    return replace(view, eye=view.eye - np.array([0.0, 0.0, lift])) if lift else view


def existing(layer: Layer, as_of: Instant | None, known: Instant | None) -> Bool:
    """Return bool(n): there at valid time ``as_of`` and in our records at ``known``."""
    there = exists_at(layer.features, as_of) & known_at(layer.features, known)
    return np.asarray(there, np.bool_)
