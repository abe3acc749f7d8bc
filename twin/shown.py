"""What each row looks like now: colour, hidden, filtered, as of, selected. Pure functions over columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twin.features import Bool, FeatureTable
from twin.geometry import U8, Rows
from twin.records import Instant
from twin.scene import Layer, LayerId
from twin.streaming import GHOST, HATCH, HOVERED, OUTLINE, OWN_COLOR, SELECTED, VISIBLE, WATER
from twin.style import Painting, is_water

Tint = tuple[Rows, tuple[int, int, int]]
"""Rows and the colour they are shown in: red, green, blue."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Legend keys that pass (empty = all); ``isolate`` hides the others instead of ghosting them."""

    keys: frozenset[str] = frozenset()
    isolate: bool = False


def exists_at(table: FeatureTable, instant: Instant | None) -> Bool:
    """Return bool(n): the object was there in the real world at the instant (None = whenever).

    Half-open lifespans: valid_from <= instant < valid_to; an unbounded or missing end never excludes.
    """
    there = np.ones(len(table), np.bool_)
    if instant is None:
        return there
    if table.valid_from is not None:
        there &= np.isnat(table.valid_from) | (table.valid_from <= instant)
    if table.valid_to is not None:
        there &= np.isnat(table.valid_to) | (table.valid_to > instant)
    return there


def known_at(table: FeatureTable, instant: Instant | None) -> Bool:
    """Return bool(n): the object stood in our records at the instant (None = now)."""
    there = np.ones(len(table), np.bool_)
    if instant is None:
        return there
    if table.created is not None:
        there &= np.isnat(table.created) | (table.created <= instant)
    if table.terminated is not None:
        there &= np.isnat(table.terminated) | (table.terminated > instant)
    return there


def passes_filter(layer: Layer, painting: Painting, chosen: Filter) -> Bool:
    """Return bool(n): the row's legend entry is among the chosen keys."""
    n = len(layer.features)
    if not chosen.keys or layer.id not in painting.codes:
        return np.ones(n, np.bool_)
    wanted = np.array([entry.key in chosen.keys for entry in painting.entries], np.bool_)
    return np.asarray(wanted[painting.codes[layer.id]], np.bool_)


def not_hidden(layer: Layer) -> Bool:
    """Return bool(n): no person hid the row, and its kind is drawn by this layer."""
    shown = np.ones(len(layer.features), np.bool_)
    if layer.hidden is not None:
        shown[: len(layer.hidden)] = ~layer.hidden
    only, without = layer.source.only_kinds, layer.source.without_kinds
    if only or without:
        drawn = [(not only or k in only) and k not in without for k in layer.features.kinds]
        shown &= np.array(drawn or [True], np.bool_)[layer.features.kind]
    return shown


def base_state(layer: Layer, painting: Painting, chosen: Filter, there: Bool) -> U8:
    """Return u8(n, 4): colour and flags of every row, selection and hover not yet marked."""
    n = len(layer.features)
    state = np.empty((n, 4), np.uint8)
    color = layer.display.color
    by_column = not color and painting.color_by.column != "" and layer.id in painting.codes
    own = not by_column and not color.startswith("#")
    state[:, :3] = painting.rgb(layer.id) if by_column else 255 if own else _rgb(color)
    flags = np.full(n, OWN_COLOR if own else 0, np.uint8)
    if by_column:
        patterns = np.array([_pattern(entry.pattern) for entry in painting.entries], np.uint8)
        flags |= patterns[painting.codes[layer.id]]
    passing = passes_filter(layer, painting, chosen)
    visible = not_hidden(layer) & there
    if chosen.isolate:
        visible &= passing
    flags |= np.where(visible, np.uint8(VISIBLE), np.uint8(0))
    flags |= np.where(passing, np.uint8(0), np.uint8(GHOST))
    water = [WATER if is_water(kind) else 0 for kind in layer.features.kinds]
    flags |= np.array(water or [0], np.uint8)[layer.features.kind]
    state[:, 3] = flags
    return state


def tinted(state: U8, tints: Sequence[Tint]) -> U8:
    """Return the state with rows in colours of their own, whatever the city is coloured by."""
    if not tints:
        return state
    found = state.copy()
    for rows, color in tints:
        known = rows[rows < len(found)]
        found[known, :3] = color
        found[known, 3] &= ~np.uint8(OWN_COLOR | HATCH | OUTLINE)
    return found


def _rgb(color: str) -> U8:
    return np.frombuffer(bytes.fromhex(color[1:]), np.uint8)


def _pattern(name: str) -> int:
    return {"hatch": HATCH, "outline": OUTLINE}.get(name, 0)


def marked(state: U8, selected: Rows | None, hovered: int | None) -> U8:
    """Return the state with selection and hover marked; the state itself when there is neither."""
    if (selected is None or not len(selected)) and hovered is None:
        return state
    found = state.copy()
    if selected is not None and len(selected):
        found[selected[selected < len(found)], 3] |= SELECTED
    if hovered is not None and hovered < len(found):
        found[hovered, 3] |= HOVERED
    return found


def with_parts(table: FeatureTable, rows: Rows) -> Rows:
    """Return the rows and everything that is part of them, at any depth (cycles end at 32 steps)."""
    inside = np.zeros(len(table), np.bool_)
    inside[rows] = True
    for _ in range(32):
        parent = table.parent
        more = (parent >= 0) & ~inside & inside[np.maximum(parent, 0)]
        if not more.any():
            break
        inside |= more
    return np.flatnonzero(inside).astype(np.int32)


def combined(
    before: Mapping[LayerId, Rows], rows: Mapping[LayerId, Rows], mode: str
) -> dict[LayerId, Rows]:
    """Return a selection with more rows: added, or toggled with mode ``toggle``."""
    found = dict(before)
    for key, more in rows.items():
        old = found.get(key, np.zeros(0, np.int32))
        if mode == "toggle":
            found[key] = np.setxor1d(old, more).astype(np.int32)
        else:
            found[key] = np.union1d(old, more).astype(np.int32)
    return {key: value for key, value in found.items() if len(value)}
