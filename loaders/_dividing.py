"""Many objects to groups that stream and cull: a balanced division of the plan."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F64

TRIANGLES = 65_536
"""A tile holds about so many triangles at most ..."""
OBJECTS = 4_000
"""... of so many objects."""
Ints = NDArray[np.int64]


def divided(center: F64, weight: Ints, most: int) -> Iterator[Ints]:
    """Yield groups of items, halved by weight along the longer side until each is light enough.

    ``center`` f64(n, 2); ``weight`` i64(n), triangles; ``most`` items a group.
    """
    pending = [np.arange(len(center))]
    while pending:
        group = pending.pop()
        if not len(group):
            continue
        load = weight[group]
        if len(group) == 1 or (len(group) <= most and load.sum() <= TRIANGLES):
            yield group
            continue
        place = center[group]
        axis = int((place.max(axis=0) - place.min(axis=0)).argmax())
        order = np.argsort(place[:, axis], kind="stable")
        half = np.searchsorted(np.cumsum(load[order]), load.sum() / 2) + 1
        half = int(np.clip(half, 1, len(group) - 1))
        pending += [group[order[half:]], group[order[:half]]]
