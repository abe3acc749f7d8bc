"""Eye-dome lighting: pixels behind their neighbours get darker, so that bare points show their shape.

Boucheny, "Visualisation scientifique de grands volumes de données", 2009. A pass over the depth that
was drawn, in numpy: about 40 ms for a million pixels on one core, whatever is drawn (VTK's own pass
added 200 ms to a frame of 55 ms on software GL).
"""

import numpy as np

from twin.geometry import F32, U8

STRENGTH = 120.0
"""How fast a step in depth darkens: a step of one percent of the distance by about two thirds."""
DARKEST = 0.15
REACH = 2
"""Pixels to the neighbours that are compared."""


def shaded(picture: U8, depth: F32, near: float, far: float) -> U8:
    """Return a picture u8(h, w, 4) darkened by its depth buffer f32(h, w), 0 near .. 1 far.

    Only ratios of distances count, so a far tower is drawn like a near one; alpha stays.
    """
    distance = np.log2(near * far / (far - depth * (far - near)), dtype=np.float32)
    bigger = np.pad(distance, REACH, mode="edge")
    height, width = depth.shape
    rise = np.zeros_like(distance)
    for down, right in ((0, 1), (2, 1), (1, 0), (1, 2)):
        top, left = down * REACH, right * REACH
        step = distance - bigger[top : top + height, left : left + width]
        rise += np.maximum(step, 0.0, out=step)
    tone = np.maximum(np.exp(-rise * (STRENGTH / 4)), DARKEST)
    tone[depth >= 1.0] = 1.0
    found = picture.copy()
    found[..., :3] = picture[..., :3] * tone[..., None]
    return found
