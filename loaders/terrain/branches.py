"""Blocks of a pyramid as trees of tiles with their tokens."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from loaders.terrain.pyramid import ROUGH, Judged, Pyramid, Tile
from loaders.terrain.relief import Grid
from twin.geometry import F64
from twin.tiles import REPLACE, TileTree

GROW = "more"
"""What begins the token of a tile that becomes the block below it."""
LEAST_SKIRT = 0.05


@dataclass(frozen=True, slots=True)
class Node:
    """A tile of a tree: its box f64(6), error and token ('' = nothing to draw), and what is below."""

    box: F64
    error: float
    token: Any
    below: tuple["Node", ...] = ()


def token_of(block: Tile, tile: Tile) -> str:
    """Return the token of a tile that is drawn. It names the tile in the cache."""
    return f"{block.text()}-{tile.text()}"


def tiles_of(token: str) -> tuple[Tile, Tile]:
    """Return the block and the tile of a token. Raises ValueError."""
    block, _, tile = token.partition("-")
    return Tile.of(block), Tile.of(tile)


def skirt_of(found: Judged, block: Tile, tile: Tile) -> float:
    """Return how far a tile's walls hang: as far as a coarser neighbour may be off."""
    above = Tile(tile.level + 1, tile.column // 2, tile.row // 2)
    error = found.error.get(above, found.error[tile] / ROUGH)
    return max(error, found.error[tile], LEAST_SKIRT) if tile != block else max(error, LEAST_SKIRT)


def branch(pyramid: Pyramid, block: Tile, found: Judged, grid: Grid, *, first: bool) -> Node:
    """Return the tree of a block: of the whole grid (``first``), or what hangs below its tile."""
    finest = pyramid.finest(block)

    def node(tile: Tile) -> Node | None:
        low, high = found.low[tile], found.high[tile]
        if math.isnan(low):
            return None
        error = found.error[tile]
        box = _box(pyramid, tile, grid, (low - error - skirt_of(found, block, tile), high + error))
        below: tuple[Node, ...] = ()
        if tile.level > finest:
            below = tuple(one for part in pyramid.below(tile) if (one := node(part)) is not None)
        elif tile.level:
            below = (Node(box, error * grid.units[1], f"{GROW}-{tile.text()}"),)
        return Node(box, error * grid.units[1], token_of(block, tile), below)

    if first:
        root = node(block)
        return root if root is not None else Node(np.zeros(6), 0.0, "")
    parts = tuple(one for tile in pyramid.below(block) if (one := node(tile)) is not None)
    boxes = np.stack([part.box for part in parts]) if parts else np.zeros((1, 6))
    box = np.concatenate([boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0)])
    return Node(box, math.inf if parts else 0.0, "", parts)


def _box(pyramid: Pyramid, tile: Tile, grid: Grid, heights: tuple[float, float]) -> F64:
    columns, rows = pyramid.spans(tile, 1)
    corners = grid.at(
        np.array([columns.first, columns.last, columns.first, columns.last], np.float64),
        np.array([rows.first, rows.first, rows.last, rows.last], np.float64),
    )
    return np.array([*corners.min(axis=0), heights[0], *corners.max(axis=0), heights[1]])


def planted(root: Node) -> tuple[TileTree, tuple[Any, ...]]:
    """Return a tree and its tokens: children of a tile stand together, level by level."""
    nodes: list[Node] = [root]
    parent, first, count = [-1], [0], [0]
    at = 0
    while at < len(nodes):
        below: Sequence[Node] = nodes[at].below
        if below:
            first[at], count[at] = len(nodes), len(below)
        for one in below:
            nodes.append(one)
            parent.append(at)
            first.append(0)
            count.append(0)
        at += 1
    boxes = np.stack([node.box for node in nodes])
    half = (boxes[:, 3:] - boxes[:, :3]) / 2
    half[:, 2] = np.maximum(half[:, 2], 1e-3)
    axes = np.zeros((len(nodes), 3, 3), np.float32)
    axes[:, [0, 1, 2], [0, 1, 2]] = half
    tokens = tuple(node.token for node in nodes)
    tree = TileTree(
        center=(boxes[:, :3] + boxes[:, 3:]) / 2,
        axes=axes,
        error=np.array([node.error for node in nodes], np.float32),
        parent=np.array(parent, np.int32),
        first=np.array(first, np.int32),
        count=np.array(count, np.int32),
        refine=np.full(len(nodes), REPLACE, np.uint8),
        content=np.array([bool(token) for token in tokens], np.bool_),
    )
    return tree, tokens
