"""Terrain that is divided further than it is known, for the sake of finer pictures: the same surface in pieces.

A tile of the finest level is cut into quarters of its plan, these into quarters again, as long as the
imagery on it is finer than its picture. The pieces are the tile's own triangles, cut at straight lines:
no height is made up. They stand in the tree below the tile as tiles that repeat it (``tiles.SAME``), so
that nobody counts or measures them twice.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from twin.geometry import F64, I32, Drawable, Mesh, box_of
from twin.ports import Growth
from twin.tiles import NO_GATES, SAME, TileTree

DEEPEST = 12
"""Times that a tile is divided, at most."""
OVERLAP = 1 / 2048
"""Pieces reach over their edges by this part of their size, half a pixel of their pictures: they lie on one
surface, so that this shows no crack and no second surface."""
_NAMED = re.compile(r"^(.+)~([0-3]*)(\+?)$")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the tile with the token ``base``: the quarters 0 to 3 (southwest, southeast, northwest,
    northeast) one within the other; ``grows``: it becomes the four below it."""

    base: str
    path: str = ""
    grows: bool = False

    @property
    def token(self) -> str:
        """Return its token, fit for the name of a file."""
        return f"{self.base}~{self.path}{'+' * self.grows}"

    @staticmethod
    def of(token: Any) -> "Part | None":
        """Return the piece of a token; None of a tile that is none."""
        found = _NAMED.match(token) if isinstance(token, str) else None
        return None if found is None else Part(found[1], found[2], bool(found[3]))

    def within(self, low: F64, high: F64) -> tuple[F64, F64]:
        """Return the least and most x and y f64(2) of the piece of a plan low..high."""
        size = high - low
        for digit in self.path:
            size = size / 2
            low = low + size * np.array([int(digit) & 1, int(digit) >> 1])
        return low, low + size


def divided(
    tree: TileTree, tokens: Sequence[Any], wanted: F64
) -> tuple[TileTree, tuple[Any, ...]]:
    """Return a tree, and its tokens, in which the leaves with an error ``wanted`` f64(n) > 0 may be divided."""
    rows = np.flatnonzero((wanted > 0) & (tree.count == 0) & tree.content)
    rows = np.array([n for n in rows.tolist() if isinstance(tokens[n], str)], np.int32)
    if not len(rows):
        return tree, tuple(tokens)
    count, first = tree.count.copy(), tree.first.copy()
    error, refine = tree.error.copy(), tree.refine.copy()
    count[rows], refine[rows] = 1, SAME
    first[rows] = len(tree) + np.arange(len(rows))
    error[rows] = np.maximum(error[rows], wanted[rows])
    none = np.zeros(len(rows), np.int32)
    found = replace(
        tree,
        center=np.concatenate([tree.center, tree.center[rows]]),
        axes=np.concatenate([tree.axes, tree.axes[rows]]),
        error=np.concatenate([error, error[rows]]),
        parent=np.concatenate([tree.parent, rows]),
        first=np.concatenate([first, none]),
        count=np.concatenate([count, none]),
        refine=np.concatenate([refine, np.full(len(rows), SAME, np.uint8)]),
        content=np.concatenate([tree.content, np.ones(len(rows), np.bool_)]),
    )
    below = (Part.of(tokens[n]) or Part(tokens[n]) for n in rows.tolist())
    return found, (*tokens, *(replace(one, grows=True).token for one in below))


def quarters(part: Part, drawn: list[Mesh], wanted: Callable[[F64], F64]) -> Growth:
    """Return the four pieces below a piece of a tile ``drawn``, those that are empty left out.

    ``wanted`` says for boxes f64(n, 6) the errors f64(n) with which they ask to be divided again, 0 = not.
    """
    low, high = plan_of(drawn)
    parts = [Part(part.base, part.path + digit) for digit in "0123"]
    boxes = [(one, box) for one in parts if (box := _box(cut(drawn, one, low, high))) is not None]
    stack = np.array([box for _, box in boxes]).reshape(-1, 6)
    error = wanted(stack) if len(part.path) + 1 < DEEPEST else np.zeros(len(stack))
    tokens = ("", *(one.token for one, _ in boxes))
    return Growth(*divided(_tree(stack, error), tokens, np.concatenate([[0.0], error])))


def _tree(boxes: F64, error: F64) -> TileTree:
    """Return tiles with boxes f64(n, 6) under an empty root."""
    low, high = (
        (boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0)) if len(boxes) else (np.zeros(3),) * 2
    )
    every = np.concatenate([np.concatenate([low, high])[None, :], boxes])
    total = len(every)
    axes = np.zeros((total, 3, 3), np.float32)
    axes[:, [0, 1, 2], [0, 1, 2]] = np.maximum((every[:, 3:] - every[:, :3]) / 2, 1e-3)
    parent, first, count = (np.zeros(total, np.int32) for _ in range(3))
    parent[0], first[0], count[0] = -1, 1, total - 1
    return TileTree(
        center=(every[:, :3] + every[:, 3:]) / 2, axes=axes,
        error=np.concatenate([[math.inf], error]).astype(np.float32), parent=parent, first=first,
        count=count, refine=np.full(total, SAME, np.uint8), content=np.arange(total) > 0, gates=NO_GATES,
    )  # fmt: skip


def plan_of(drawn: list[Mesh]) -> tuple[F64, F64]:
    """Return the least and most x and y f64(2) of meshes."""
    lows = [item.positions[:, :2].min(axis=0) + item.origin[:2] for item in drawn]
    highs = [item.positions[:, :2].max(axis=0) + item.origin[:2] for item in drawn]
    low, high = np.min(lows, axis=0), np.max(highs, axis=0)
    return low, np.maximum(high, low + 1e-3)


def cut(drawn: list[Mesh], part: Part, low: F64, high: F64) -> list[Mesh]:
    """Return what of meshes, whose plan is low..high, lies in a piece (and ``OVERLAP`` beside it)."""
    least, most = part.within(low, high)
    reach = OVERLAP * (most - least)
    found = (_inside(item, least - reach, most + reach) for item in drawn)
    return [item for item in found if item is not None]


def _box(drawn: list[Mesh]) -> F64 | None:
    if not drawn:
        return None
    boxes = np.stack([box_of(item) for item in drawn])
    return np.concatenate([boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0)])


def _inside(item: Mesh, low: F64, high: F64) -> Mesh | None:
    """Return what of a mesh lies over low..high of the plan; None where nothing does.

    Vertices keep their numbers' places to the bit; those at the cut lie on the edges that it crosses.
    """
    flat = [item.positions] if item.normals is None else [item.positions, item.normals]
    values = np.concatenate(flat, axis=1).astype(np.float64)
    feature, triangles = item.feature, item.triangles
    for axis in (0, 1):
        for at, sign in ((low, 1.0), (high, -1.0)):
            off = sign * (values[:, axis] - (at[axis] - item.origin[axis]))
            values, feature, triangles = _clipped(values, feature, triangles, off)
            if not len(triangles):
                return None
    used, numbers = np.unique(triangles, return_inverse=True)
    return replace(
        item,
        positions=np.ascontiguousarray(values[used, :3], np.float32),
        normals=None if item.normals is None else np.ascontiguousarray(values[used, 3:6], np.float32),
        triangles=numbers.reshape(-1, 3).astype(np.int32), feature=feature[used], uv=None,
        colors=None, edges=None,
    )  # fmt: skip


def _clipped(values: F64, feature: I32, triangles: I32, off: F64) -> tuple[F64, I32, I32]:
    """Return the triangles where ``off`` f64(v) >= 0; those across are cut (Sutherland and Hodgman, 1974)."""
    inside = off[triangles] >= 0
    count = inside.sum(axis=1)
    if (count == 3).all():
        return values, feature, triangles
    kept: list[I32] = [triangles[count == 3]]
    rows = np.flatnonzero((count == 1) | (count == 2))
    one = count[rows] == 1
    odd = np.where(one[:, None], inside[rows], ~inside[rows])  # the corner alone on its side
    turn = (odd.argmax(axis=1)[:, None] + np.arange(3)) % 3
    alone, left, right = np.take_along_axis(triangles[rows], turn, 1).T
    edges = np.stack([alone, left], 1), np.stack([alone, right], 1)
    joined = np.sort(np.concatenate(edges), axis=1)
    crossed, number = np.unique(joined, axis=0, return_inverse=True)
    a, b = crossed.T.astype(np.int64)
    share = (off[a] / (off[a] - off[b]))[:, None] if len(crossed) else np.zeros((0, 1))
    made = values[a] * (1 - share) + values[b] * share
    number = number.reshape(-1) + len(values)
    first, second = number[: len(rows)], number[len(rows) :]
    kept.append(np.stack([alone, first, second], 1)[one])
    kept.append(np.stack([first, left, right], 1)[~one])
    kept.append(np.stack([first, right, second], 1)[~one])
    return (
        np.concatenate([values, made]),
        np.concatenate([feature, feature[a]]),
        np.concatenate(kept).astype(np.int32),
    )


def meshes(drawables: Sequence[Drawable]) -> list[Mesh]:
    """Return the meshes among what is drawn."""
    return [item for item in drawables if isinstance(item, Mesh) and len(item.positions)]
