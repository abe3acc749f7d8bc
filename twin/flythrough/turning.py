"""Directions of view as unit quaternions, and back to level directions.

A quaternion (x, y, z, w) turns the camera's own axes into the project frame: x to the right, y up in the
picture, z back (against the view), as in OpenGL.
"""

import numpy as np

from twin.geometry import F64

STEEP = (0.03, 0.15)
"""Cosines of the pitch between which the horizon gives way: straight down nothing is level."""


def axes_of(forward: F64, up: F64, roll: F64) -> F64:
    """Return right, up and back as rows f64(n, 3, 3); ``roll`` f64(n) degrees turns clockwise."""
    right = unit(np.cross(forward, up))
    up = np.cross(right, forward)
    angle = np.radians(roll)[:, None]
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([right * cos - up * sin, up * cos + right * sin, -forward], axis=1)


def unit(vectors: F64) -> F64:
    """Return vectors f64(n, k) of length 1; those without a length stay 0."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(length > 0, length, 1.0), np.float64)


def upright(forward: F64) -> F64:
    """Return the picture's upward directions f64(n, 3) of level cameras.

    Where the view goes straight up or down, the last level direction before it counts, else the next.
    """
    level = np.hypot(forward[:, 0], forward[:, 1])
    known = np.flatnonzero(level > 1e-6)
    if not len(known):
        return np.tile([0.0, 1.0, 0.0], (len(forward), 1))
    before = np.clip(np.searchsorted(known, np.arange(len(forward)), side="right") - 1, 0, None)
    heading = unit(np.column_stack([forward[known[before], :2], np.zeros(len(forward))]))
    tilt = forward[:, 2:3]
    steep = np.sqrt(np.clip(1 - tilt**2, 0.0, 1.0))
    return np.asarray(np.array([0.0, 0.0, 1.0]) * steep - heading * tilt, np.float64)


def quaternions(axes: F64) -> F64:
    """Return unit quaternions f64(n, 4) of rows right, up, back; neighbours on the same half sphere."""
    m = np.swapaxes(axes, 1, 2)
    trace = np.trace(m, axis1=1, axis2=2)
    squares = np.stack([*(1 + 2 * m[:, i, i] - trace for i in range(3)), 1 + trace], axis=1)
    best = np.argmax(squares, axis=1)
    found = np.empty((len(m), 4))
    for n, largest in enumerate(best):
        found[n] = _quaternion(m[n], int(largest))
    found = unit(found)
    dots = np.einsum("ij,ij->i", found[:-1], found[1:])
    signs = np.cumprod(np.concatenate([[1.0], np.where(dots < 0, -1.0, 1.0)]))
    return np.asarray(found * signs[:, None], np.float64)


def _quaternion(m: F64, largest: int) -> F64:
    """Return a quaternion along that of a rotation matrix, from its largest component (Shepperd 1978)."""
    twist = (m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1])
    if largest == 3:
        return np.array([*twist, 1 + float(np.trace(m))])
    found = np.array([m[largest, k] + m[k, largest] for k in range(3)])
    found[largest] = 1 + 2 * m[largest, largest] - float(np.trace(m))
    return np.append(found, twist[largest])


def turned(quaternion: F64) -> tuple[F64, F64]:
    """Return the directions of view and upward directions f64(n, 3) of quaternions f64(n, 4)."""
    x, y, z, w = unit(quaternion).T
    up = np.stack([2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w)], axis=1)
    back = np.stack([2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)], axis=1)
    return -back, up


def levelled(forward: F64, up: F64, roll: F64) -> F64:
    """Return upward directions f64(n, 3) with the wanted roll f64(n) in degrees.

    The shortest turn between two level directions tilts the horizon; this takes the tilt out, all of it
    but for steep views, where it fades (C2) to what the turn gives.
    """
    flat = np.hypot(forward[:, 0], forward[:, 1])
    right = np.cross(forward, up)
    level = np.stack([forward[:, 1], -forward[:, 0], np.zeros(len(forward))], axis=1)
    level = unit(level)
    over = np.cross(level, forward)
    # the camera's right is right0 cos r - up0 sin r, with right0 and up0 those of the level camera
    tilt = np.arctan2(-np.einsum("ij,ij->i", right, over), np.einsum("ij,ij->i", right, level))
    u = np.clip((flat - STEEP[0]) / (STEEP[1] - STEEP[0]), 0.0, 1.0)
    share = u**3 * (10 - 15 * u + 6 * u * u)
    amiss = (np.radians(roll) - tilt + np.pi) % (2 * np.pi) - np.pi
    angle = (share * amiss)[:, None]
    return np.asarray(up * np.cos(angle) + right * np.sin(angle), np.float64)
