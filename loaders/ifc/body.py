"""Where the objects of a model lie in its own coordinates, and which stray from the rest."""

from dataclasses import dataclass

import numpy as np

from twin.geometry import F64, I32

FAR = 20_000.0
"""Metres from the origin from which coordinates are taken for those of a map, not of a building site."""
STRAY = 5_000.0
"""Metres from the middle at the least for an object to be called a stray."""


@dataclass(frozen=True)
class Body:
    """``middle`` f64(3) is a typical point, ``box`` f64(6) holds all but the strays; metres.

    ``strays`` objects lie up to ``distance`` metres from the middle.
    """

    middle: F64
    box: F64
    strays: int = 0
    distance: float = 0.0

    @property
    def away(self) -> float:
        """Return the distance of the model from its own origin in the plane."""
        return float(np.hypot(*self.middle[:2]))

    @property
    def width(self) -> float:
        """Return the larger side of the box in the plane."""
        return float((self.box[3:5] - self.box[:2]).max())


def body_of(bounds: F64, parent: I32) -> Body | None:
    """Return where the objects of a table lie; None when none has a size. Wholes do not count."""
    leaves = np.ones(len(bounds), np.bool_)
    leaves[parent[parent >= 0]] = False
    known = bounds[leaves]
    known = known[np.isfinite(known).all(axis=1)]
    if not len(known):
        known = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(known):
        return None
    centres = (known[:, :3] + known[:, 3:]) / 2
    middle = np.median(centres, axis=0)
    off = np.linalg.norm(centres - middle, axis=1)
    near = off <= max(STRAY, 50.0 * float(np.median(off)))
    kept = known[near]
    box = np.concatenate([kept[:, :3].min(axis=0), kept[:, 3:].max(axis=0)])
    return Body(middle, box, int((~near).sum()), float(off.max()))
