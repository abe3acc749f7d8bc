"""Tiles that were found, as the arrays of a tree."""

import numpy as np

from loaders.osgb.outline import Knot
from twin.tiles import ADD, REPLACE, TileTree

LEAST = 1e-3
"""The least half size of a box, metres."""


def flat(root: Knot) -> tuple[TileTree, list[Knot]]:
    """Return the tree below a knot, children of one tile side by side, and the knots in its order.

    A tile with geometry is replaced by its children, one without only groups them.
    """
    order = [root]
    parent, first, count = [-1], [], []
    for number, knot in enumerate(order):  # grows while it is walked
        first.append(len(order))
        count.append(len(knot.children))
        order += knot.children
        parent += [number] * len(knot.children)
    boxes = np.array([knot.box for knot in order])
    boxes[~np.isfinite(boxes).all(axis=1)] = 0.0
    total = len(order)
    axes = np.zeros((total, 3, 3), np.float32)
    half = np.maximum((boxes[:, 3:] - boxes[:, :3]) / 2, LEAST)
    axes[:, [0, 1, 2], [0, 1, 2]] = half
    content = np.array([bool(knot.parts or knot.file) for knot in order])
    tree = TileTree(
        center=(boxes[:, :3] + boxes[:, 3:]) / 2,
        axes=axes,
        error=np.array([knot.error for knot in order], np.float32),
        parent=np.array(parent, np.int32),
        first=np.array(first, np.int32),
        count=np.array(count, np.int32),
        refine=np.where(content, REPLACE, ADD).astype(np.uint8),
        content=content,
    )
    return tree, order
