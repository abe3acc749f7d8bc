"""Rings of corners laid end to end: where they begin, what follows what, Newell's vector."""

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F64, I32

Bool = NDArray[np.bool_]
Ints = NDArray[np.int64]


def starts(size: I32) -> Ints:
    """Return where each run begins when runs of these sizes follow each other."""
    at = np.zeros(len(size), np.int64)
    np.cumsum(size[:-1], out=at[1:])
    return at


def successors(size: I32) -> Ints:
    """Return the corner that follows each corner in its ring, i64(n)."""
    following = np.arange(1, int(size.sum()) + 1, dtype=np.int64)
    filled = size > 0
    at = starts(size)[filled]
    following[at + size[filled] - 1] = at
    return following


def distinct(points: F64, size: I32) -> Bool:
    """Return bool(n): the corner differs from the next one of its ring (a lone corner counts)."""
    x, y, z = points.T
    u, v, w = points.take(successors(size), axis=0).T
    differs: Bool = (x != u) | (y != v) | (z != w)
    alone: Bool = np.repeat(size == 1, size)
    return np.logical_or(differs, alone)


def newell(points: F64, size: I32) -> F64:
    """Return Newell's vector f64(r, 3) of each ring: its direction is the normal, its length twice the area.

    Taken about each ring's first corner, so that large coordinates cost no digits.
    """
    vectors = np.zeros((len(size), 3))
    filled = size > 0
    at = starts(size)[filled]
    if not len(at):
        return vectors
    local = points - np.repeat(points[at], size[filled], axis=0)
    x, y, z = np.ascontiguousarray(local.T)
    u, v, w = np.ascontiguousarray(local[successors(size)].T)
    vectors[filled, 0] = np.add.reduceat(y * w - z * v, at)
    vectors[filled, 1] = np.add.reduceat(z * u - x * w, at)
    vectors[filled, 2] = np.add.reduceat(x * v - y * u, at)
    return vectors


def sums(values: I32, runs: I32) -> I32:
    """Return the sum of each run of values, i32; an empty run gives 0."""
    total = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
    ends = np.cumsum(runs, dtype=np.int64)
    return np.asarray(total[ends] - total[ends - runs], np.int32)
