"""Contact shading: where surfaces meet less of the sky is seen, so pictures at rest get darker there.

Screen-space ambient occlusion from the depth that was drawn (after Mittring, "Finding next gen", 2007), in numpy. The
depth buffer holds 1 / distance, which is linear across a plane whatever the perspective. So a place on a plane lies
exactly between any two opposite neighbours, and only what stands nearer than that hides sky from it: no plane shades
itself, and no normals are needed.
"""

import numpy as np

from twin.geometry import F32, U8

REACH = 8.0
"""Metres from which something hides sky."""
STEPS = ((1, 0), (0, 1), (1, 1), (1, -1))
RINGS = (3, 9)
"""Pixels to the neighbours that are compared, along each of the ``STEPS``."""
ROOM = RINGS[-1] + 3
"""Pixels round a place that its shade depends on."""
STRENGTH = 0.5
STANDS_OUT = 3.0
"""Metres that something stands out per metre across from which on it counts less, and from twice as many not at all."""
DARKEST = 0.7


def shade(depth: F32, near: float, far: float, pixel: float) -> F32:
    """Return how bright each pixel f32(h, w) is left, DARKEST..1, by its depth f32(h, w), 0 near .. 1 far.

    ``pixel`` is metres that a pixel covers at a distance of one metre. Sky stays as it is.
    """
    inverse = ((1.0 - depth * np.float32((far - near) / far)) / np.float32(near)).astype(
        np.float32
    )
    inverse = _without_lines(inverse)
    distance = 1.0 / np.maximum(inverse, np.float32(1e-9))
    room = RINGS[-1]
    bigger = np.pad(inverse, room, mode="edge")
    height, width = depth.shape

    def at(down: int, right: int) -> F32:
        found: F32 = bigger[
            room + down : room + down + height, room + right : room + right + width
        ]
        return found

    hidden = np.zeros_like(inverse)
    for ring in RINGS:
        apart = distance * np.float32(pixel * ring)  # metres to the neighbours
        weight = np.clip(1.5 - apart / np.float32(REACH), 0.0, 1.0, dtype=np.float32)
        scale = distance * distance / apart
        for down, right in STEPS:
            rise = at(down * ring, right * ring) + at(-down * ring, -right * ring)
            rise -= inverse
            rise -= inverse
            rise *= scale  # how far both stand out from the plane, per metre across
            # what is much nearer is another thing in front, with nothing between: the less it counts, the farther
            near_by = np.clip(2.0 - rise / np.float32(STANDS_OUT), 0.0, 1.0)
            near_by *= np.clip(rise - np.float32(0.08), 0.0, 1.0)
            near_by *= weight
            hidden += near_by
    hidden *= np.float32(STRENGTH / (0.5 * len(RINGS) * len(STEPS)))
    tone = np.maximum(1.0 - _blurred(hidden), np.float32(DARKEST))
    tone[depth >= 1.0] = 1.0
    return np.asarray(tone, np.float32)


def _without_lines(inverse: F32) -> F32:
    """Return inverse distances without what is at most two pixels wide and nearer than both its sides.

    Outlines are drawn a little nearer than their faces and would shade them. A plane stays as it is.
    """
    for pick in (np.minimum, np.maximum):
        tall = np.pad(inverse, ((1, 1), (0, 0)), mode="edge")
        inverse = pick(pick(tall[:-2], tall[2:]), inverse)
        wide = np.pad(inverse, ((0, 0), (1, 1)), mode="edge")
        inverse = pick(pick(wide[:, :-2], wide[:, 2:]), inverse)
    return inverse


def _blurred(values: F32) -> F32:
    """Return the mean of each pixel's neighbours, 1-2-1 along both sides."""
    tall = np.pad(values, ((1, 1), (0, 0)), mode="edge")
    found = 0.25 * tall[:-2] + 0.5 * tall[1:-1] + 0.25 * tall[2:]
    wide = np.pad(found, ((0, 0), (1, 1)), mode="edge")
    return np.asarray(0.25 * wide[:, :-2] + 0.5 * wide[:, 1:-1] + 0.25 * wide[:, 2:], np.float32)


def darkened(picture: U8, tone: F32) -> U8:
    """Return a picture u8(h, w, 4) with tones f32(h / k, w / k) laid over it; alpha stays."""
    factor = picture.shape[0] // tone.shape[0]
    if factor > 1:
        tone = np.repeat(np.repeat(tone, factor, axis=0), factor, axis=1)
    found = picture.copy()
    found[..., :3] = picture[..., :3] * tone[..., None]
    return found
