"""Profiles swept along a line: triangles of many IfcExtrudedAreaSolid at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from loaders._polygons import triangulate
from loaders._rings import distinct, newell, starts, successors, sums
from twin.geometry import F64, I32


@dataclass(frozen=True, slots=True)
class Sweep:
    """``rings`` f64(k, 2) of the profile, the outline first, not closed; ``along`` f64(3) from the
    bottom to the top in the profile's frame; ``frame`` f64(4, 4) of that frame."""

    rings: tuple[F64, ...]
    along: tuple[float, float, float]
    frame: F64


Raw = tuple[F64, I32]
"""Positions f64(n, 3) and triangles i32(t, 3)."""


def swept(sweeps: Sequence[Sweep]) -> list[Raw | None]:
    """Return the triangles of each solid in its units, outside by the right hand; None where its
    profile crosses itself or encloses nothing."""
    if not sweeps:
        return []
    flat, size, rings = _flat(sweeps)
    found = triangulate(flat, size, rings)
    along = np.array([sweep.along for sweep in sweeps])
    frames = np.stack([sweep.frame for sweep in sweeps])
    corners = sums(size, rings)
    owner = np.repeat(np.arange(len(sweeps)), corners)
    bottom = _placed(flat, frames[owner])
    top = _placed(flat + along[owner], frames[owner])
    sides, side_owner = _sides(flat, size, rings)
    first = starts(corners)
    bad = found.degenerate | found.torn | (along[:, 2] == 0)
    flipped = (found.normal[:, 2] < 0) != (along[:, 2] < 0)
    cap_at, side_at = (
        np.searchsorted(part, np.arange(len(sweeps) + 1)) for part in (found.polygon, side_owner)
    )
    made: list[Raw | None] = []
    turned = (along[:, 2] < 0).tolist()
    for i, begin in enumerate(first.tolist()):
        if bad[i]:
            made.append(None)
            continue
        n = int(corners[i])
        cap = found.triangles[cap_at[i] : cap_at[i + 1]] - begin
        side = sides[side_at[i] : side_at[i + 1]] - begin
        side = np.where(side >= len(flat) - begin, side - len(flat) + n, side)
        upper = cap[:, ::-1] if flipped[i] else cap
        lower = cap if flipped[i] else cap[:, ::-1]
        wall = side[:, ::-1] if turned[i] else side
        points = np.concatenate([bottom[begin : begin + n], top[begin : begin + n]])
        made.append((points, np.concatenate([lower, upper + n, wall]).astype(np.int32)))
    return made


def _flat(sweeps: Sequence[Sweep]) -> tuple[F64, I32, I32]:
    """Return all corners f64(n, 3) with z = 0, the size of each ring, rings of each sweep."""
    every = [ring for sweep in sweeps for ring in sweep.rings]
    size = np.array([len(ring) for ring in every], np.int32)
    rings = np.array([len(sweep.rings) for sweep in sweeps], np.int32)
    flat = np.zeros((int(size.sum()), 3))
    flat[:, :2] = np.concatenate(every)
    keep = distinct(flat, size)
    if not keep.all():
        ring = np.repeat(np.arange(len(size)), size)
        size = np.bincount(ring[keep], minlength=len(size)).astype(np.int32)
        flat = flat[keep]
    return flat, size, rings


def _sides(flat: F64, size: I32, rings: I32) -> tuple[I32, I32]:
    """Return two triangles a corner, outside for a sweep upwards, and their sweep; corners of the
    top are numbered ``len(flat)`` higher."""
    outline = np.zeros(len(size), np.bool_)
    outline[starts(rings)] = True
    left = newell(flat, size)[:, 2] > 0
    back = np.repeat(left != outline, size)
    here, there = np.arange(len(flat)), successors(size)
    a, b = np.where(back, there, here), np.where(back, here, there)
    n = len(flat)
    triangles = np.stack([a, b, b + n, a, b + n, a + n], axis=1).reshape(-1, 3)
    owner = np.repeat(np.arange(len(rings)), sums(size, rings))
    return triangles, np.repeat(owner, 2)


def _placed(points: F64, frames: F64) -> F64:
    moved: F64 = np.einsum("nij,nj->ni", frames[:, :3, :3], points) + frames[:, :3, 3]
    return moved
