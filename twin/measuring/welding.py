"""Which points are one: corners that files repeat for every triangle, and for every part of an object."""

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F64

Labels = NDArray[np.int64]
FEW = 160


def weld(points: F64, tolerance: float) -> Labels:
    """Return a label i64(n) for each point f64(n, 3): points within half the tolerance share it.

    Chains of such points are one. Each point falls into a cell of eight grids that are shifted by
    half a cell: two points so near share a cell of at least one of them.
    """
    label = np.arange(len(points))
    if not len(points):
        return label
    if len(points) <= FEW:
        return _few(points, tolerance / 2)
    cells = (points - points.min(axis=0)) / tolerance
    keys = [_keys(np.floor(cells + np.array(shift) * 0.5)) for shift in np.ndindex(2, 2, 2)]
    while True:
        before = label
        for _, group in keys:
            least = np.full(int(group.max()) + 1, len(points))
            np.minimum.at(least, group, label)
            label = least[group]
        if np.array_equal(before, label):
            return np.unique(label, return_inverse=True)[1]


def _few(points: F64, reach: float) -> Labels:
    """Return the labels of a few points, each asked about each."""
    apart = points[:, None] - points[None]
    near = np.einsum("ijk,ijk->ij", apart, apart) <= reach * reach
    label = np.arange(len(points))
    while True:
        before, label = label, np.where(near, label, len(points)).min(axis=1)
        if np.array_equal(before, label):
            return np.unique(label, return_inverse=True)[1]


def _keys(cells: F64) -> tuple[Labels, Labels]:
    """Return the distinct cells and which of them each point is in."""
    whole = cells.astype(np.int64)
    wide = whole.max(axis=0) + 1
    if np.prod(wide.astype(np.float64)) < 2.0**62:
        mixed = (whole[:, 0] * wide[1] + whole[:, 1]) * wide[2] + whole[:, 2]
        return np.unique(mixed, return_inverse=True)
    cell, group = np.unique(whole, axis=0, return_inverse=True)
    return cell, group.ravel()
