"""Coordinates that repeat inside an atlas: triangles cut where a repetition ends, then placed.

A sub-image repeats for each whole number of u and v. The screen repeats whole pictures only, so
triangles are cut along whole numbers and each piece is laid into its sub-image: exact, one picture.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders.i3s.buffers import Geometry
from twin.geometry import F64

NEAR = 1e-4
"""A coordinate this close to a whole number is taken for it."""
MOST_PIECES = 500_000
U, V = 3, 4


def placed(found: Geometry) -> tuple[Geometry, bool]:
    """Return the geometry with its uv in the whole picture, False where it was too much to cut.

    Every triangle gets vertices of its own. What repeats too often is squeezed into its sub-image.
    """
    if found.uv is None or found.region is None or not len(found.triangles):
        return found, True
    corners, widths = _corners(found)
    owner = found.triangles[:, 0]
    low, span = _cells(corners)
    whole = int(span.prod(axis=1).sum()) <= len(corners) + MOST_PIECES
    if whole:
        for axis in (U, V):
            corners, owner = _cut(corners, owner, axis)
        low, _ = _cells(corners)
    region = found.region[owner].astype(np.float64) / 65535
    uv = corners[:, :, U : V + 1] - low[:, None, :]
    uv = np.clip(uv, 0.0, 1.0) if whole else uv - np.floor(uv)
    corners[:, :, U : V + 1] = region[:, None, :2] + uv * (region[:, 2:] - region[:, :2])[:, None]
    return _rebuilt(found, corners, widths, owner), whole


def _corners(found: Geometry) -> tuple[F64, tuple[int, ...]]:
    """Return f64(t, 3, k): position, uv, normal, colour of every corner, and the widths there."""
    parts: list[NDArray[Any]] = [found.positions, found.uv]  # type: ignore[list-item]
    parts += [array for array in (found.normals, found.colors) if array is not None]
    every = np.concatenate([part.astype(np.float64) for part in parts], axis=1)
    return every[found.triangles], tuple(part.shape[1] for part in parts)


def _cells(corners: F64) -> tuple[F64, F64]:
    """Return the first repetition f64(t, 2) that a triangle touches, and how many it touches."""
    uv = np.nan_to_num(corners[:, :, U : V + 1], posinf=0.0, neginf=0.0)
    low = np.floor(uv.min(axis=1) + NEAR)
    return low, np.maximum(np.ceil(uv.max(axis=1) - NEAR) - low, 1.0)


def _cut(corners: F64, owner: NDArray[Any], axis: int) -> tuple[F64, NDArray[Any]]:
    """Return triangles that touch one repetition each along an axis; the middle is cut first."""
    done, owners = [], []
    while len(corners):
        low, span = (part[:, axis - U] for part in _cells(corners))
        wide = span > 1
        done.append(corners[~wide])
        owners.append(owner[~wide])
        line = low[wide] + np.floor(span[wide] / 2)
        corners, kept = _halved(corners[wide], line, axis)
        owner = np.concatenate([owner[wide]] * 3)[kept]
    return np.concatenate(done), np.concatenate(owners)


def _halved(corners: F64, line: F64, axis: int) -> tuple[F64, NDArray[np.bool_]]:
    """Return three triangles for each that is cut at uv = line, and which of them are not empty."""
    off = corners[:, :, axis] - line[:, None]
    above = off > 0
    lone = np.where(above.sum(axis=1) == 1, above.argmax(axis=1), (~above).argmax(axis=1))
    rows = np.arange(len(corners))
    a, b, c = (corners[rows, (lone + k) % 3] for k in range(3))
    da, db, dc = (off[rows, (lone + k) % 3] for k in range(3))
    ab = a + (da / (da - db))[:, None] * (b - a)
    ac = a + (da / (da - dc))[:, None] * (c - a)
    ab[:, axis] = ac[:, axis] = line
    pieces = np.concatenate(
        [np.stack(three, axis=1) for three in ((a, ab, ac), (ab, b, c), (ab, c, ac))]
    )
    side = np.cross(pieces[:, 1, :3] - pieces[:, 0, :3], pieces[:, 2, :3] - pieces[:, 0, :3])
    kept = np.asarray(side.any(axis=1), np.bool_)
    return pieces[kept], kept


def _rebuilt(
    found: Geometry, corners: F64, widths: tuple[int, ...], owner: NDArray[Any]
) -> Geometry:
    flat = corners.reshape(-1, corners.shape[2])
    parts = np.split(flat, np.cumsum(widths)[:-1], axis=1)
    rest = iter(parts[2:])
    normals = None if found.normals is None else next(rest).astype(np.float32)
    colors = None if found.colors is None else np.clip(np.rint(next(rest)), 0, 255)
    feature = None if found.feature is None else np.repeat(found.feature[owner], 3)
    return Geometry(
        positions=parts[0].astype(np.float32),
        triangles=np.arange(len(flat), dtype=np.int32).reshape(-1, 3),
        normals=normals,
        uv=parts[1].astype(np.float32),
        colors=None if colors is None else colors.astype(np.uint8),
        feature=feature,
        ids=found.ids,
        stray=found.stray,
    )
