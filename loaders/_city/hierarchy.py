"""Rows and their parents: circles cut open, families together, boxes that enclose children."""

import numpy as np

from twin.geometry import F64, I32


def ordered(parent: I32) -> tuple[I32, I32]:
    """Return ``(order, parent)``: rows in their final order (parents first, families together), and
    the parent i32(n) in final rows."""
    top, depth = ancestry(parent)
    order = np.lexsort((np.arange(len(parent)), depth, top)).astype(np.int32)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order), dtype=np.int32)
    moved = np.where(parent[order] < 0, -1, rank[parent[order]]).astype(np.int32)
    return order, moved


def without_cycles(parent: I32) -> tuple[I32, I32]:
    """Return the parents with every circle cut open, and the rows that stood in a circle."""
    above = parent.copy()
    for _ in range(len(parent).bit_length() + 1):
        above = np.where(above < 0, -1, above[above])
        if (above < 0).all():
            return parent, np.zeros(0, np.int32)
    circular = np.unique(above[above >= 0]).astype(np.int32)
    cut = parent.copy()
    cut[circular] = -1
    return cut, circular


def ancestry(parent: I32) -> tuple[I32, I32]:
    """Return the topmost ancestor and the depth of each row, by doubling the reach each step."""
    depth = (parent >= 0).astype(np.int32)
    above = parent
    while (above >= 0).any():
        climbing = above >= 0
        depth = depth + np.where(climbing, depth[above], 0)
        above = np.where(climbing, above[above], -1)
    return _topmost(parent), depth


def _topmost(parent: I32) -> I32:
    top = np.where(parent < 0, np.arange(len(parent), dtype=np.int32), parent)
    while True:
        higher = top[top]
        if (higher == top).all():
            return np.asarray(top, np.int32)
        top = higher


def enclosing(bounds: F64, parent: I32) -> F64:
    """Return bounds in which every object includes its children's (rows: parents first)."""
    _, depth = ancestry(parent)
    for level in range(int(depth.max(initial=0)), 0, -1):
        rows = np.flatnonzero(depth == level)
        for axis in range(3):
            np.minimum.at(bounds[:, axis], parent[rows], bounds[rows, axis])
            np.maximum.at(bounds[:, axis + 3], parent[rows], bounds[rows, axis + 3])
    return bounds
