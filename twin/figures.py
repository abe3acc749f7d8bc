"""What streaming does now, as numbers and boxes, for whoever debugs it: the HUD and the tile boxes."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from twin.geometry import F64
from twin.scene import Layer
from twin.streaming import Stream

CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float64)
"""Signs of a box's corners; corner i and i ^ bit are joined by an edge."""
DRAWN, LOADING, FAILED, TO_COME = "drawn", "loading", "failed", "to_come"


@dataclass(frozen=True, slots=True)
class LayerFigures:
    """Tiles of one layer: wanted, drawn, on their way, failed, in memory; its bytes and its error."""

    title: str
    wanted: int
    drawn: int
    loading: int
    failed: int
    here: int
    nbytes: int
    error: float


@dataclass(frozen=True, slots=True)
class TileBox:
    """The corners f64(8, 3) of a tile as it is shown, what it does, its level and its error, metres."""

    corners: F64
    what: str
    level: int
    error: float


def figures_of(layer: Layer, stream: Stream, error: float) -> LayerFigures:
    """Return the numbers of a layer at the view's screen-space error, pixels."""
    chosen = stream.selection
    drawn, fetch = (0, 0) if chosen is None else (len(chosen.draw), len(chosen.fetch))
    return LayerFigures(
        layer.title, drawn + fetch, drawn, len(stream.pending), len(stream.failed),
        len(stream.resident), stream.nbytes, error * stream.coarser,
    )  # fmt: skip


def tile_boxes(streams: Iterable[Stream], *, all_of_them: bool, most: int) -> list[TileBox]:
    """Return the boxes to paint, at most so many.

    ``all_of_them``: drawn, loading and failed tiles. Else only what is to come where a layer shows
    nothing yet: a sketch in the place of an empty view.
    """
    found: list[TileBox] = []
    for stream in streams:
        chosen = stream.selection
        if chosen is None or (not all_of_them and len(chosen.draw)):
            continue
        parts = [(chosen.fetch, LOADING if all_of_them else TO_COME)]
        if all_of_them:
            failed = np.array(sorted(stream.failed), np.int32)
            parts = [(failed, FAILED), *parts, (chosen.draw, DRAWN)]
        for tiles, what in parts:
            room = most - len(found)
            found += [_box(stream, int(tile), what) for tile in tiles[:room]]
    return found


def _box(stream: Stream, tile: int, what: str) -> TileBox:
    tree = stream.tree
    corners = tree.center[tile] + CORNERS @ tree.axes[tile].astype(np.float64)
    level, above = 0, int(tree.parent[tile])
    while above >= 0:
        level, above = level + 1, int(tree.parent[above])
    lift = np.array([0.0, 0.0, stream.lift])
    return TileBox(corners + lift, what, level, float(tree.error[tile]))
