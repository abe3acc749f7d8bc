"""How far away what a picture at rest shows is: kept with it, so that what lies over it knows what is hidden."""

from dataclasses import dataclass

import numpy as np

from twin.geometry import F32, F64
from twin.tiles import View

ROUND = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))
"""Pixels that are looked at round a place: thin things before it hide nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """The depth buffer f32(h, w) of a view, 0 near .. 1 far, first row on top, between two planes, metres."""

    view: View
    depth: F32
    near: float
    far: float

    def depths(self, places: F64) -> F64:
        """Return metres along the view f64(n) to what is seen at pixels f64(n, 2) of it, the farthest round each.

        It is infinite where there is nothing, and beyond the edges.
        """
        height, width = self.depth.shape
        x, y = np.floor(places[:, 0]).astype(np.int64), np.floor(places[:, 1]).astype(np.int64)
        found = np.zeros(len(places))
        for right, down in ROUND:
            across, along = x + right, y + down
            held = (across >= 0) & (across < width) & (along >= 0) & (along < height)
            value = self.depth[np.where(held, along, 0), np.where(held, across, 0)].astype(float)
            value[~held] = 1.0
            found = np.maximum(found, value)
        inverse = (1.0 - found * (self.far - self.near) / self.far) / self.near
        return np.where(found < 1.0, 1.0 / np.maximum(inverse, 1e-12), np.inf)
