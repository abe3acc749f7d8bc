"""Solids cut by solids and half-spaces, with the library manifold3d; what is doubtful is refused.

The library is exact about faces that lie in one plane to the last bit, so corners are laid on a grid of
a micrometre first. Faces that nearly but not quite lie in one plane would leave skins thinner than
paper: where some corner is that near to a plane of the other solid, the geometry kernel decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from loaders.ifc.sweeps import Raw, Sweep, swept
from twin.geometry import F64

GRID = 1e-6
"""Metres between the places that corners are laid on."""
PAPER = 1e-4
"""Metres: a corner nearer than this to a plane, but not in it, makes a cut doubtful."""
MOST_PAIRS = 4_000_000
"""So many corners times planes are compared at most; larger solids are left to the kernel."""
DIFFERENCE, UNION, INTERSECTION = "DIFFERENCE", "UNION", "INTERSECTION"


@dataclass(frozen=True, slots=True)
class HalfSpace:
    """All on the side of a plane that ``normal`` f64(3) points away from, through ``point`` f64(3);
    with a ``boundary`` f64(k, 2) only what lies inside of it, in and along the z axis of ``frame``."""

    normal: F64
    point: F64
    boundary: F64 | None = None
    frame: F64 | None = None


@dataclass(frozen=True, slots=True)
class Boolean:
    """A boolean result: items by step number; ``second`` may be a half-space."""

    operator: str
    first: int
    second: int | HalfSpace


@cache
def available() -> bool:
    """Return whether the library is there; without it the geometry kernel makes every cut."""
    return find_spec("manifold3d") is not None


def combined(
    operator: str, first: Raw, others: Sequence[Raw | HalfSpace], scale: float
) -> Raw | None:
    """Return a solid with others subtracted, joined or intersected; None where that is doubtful.

    Nothing may be left: then there are no triangles. Positions are in file units of ``scale`` metres.
    """
    host = _laid(first, scale)
    found = _sorted(host, others, scale)
    if found is None or not len(host[1]):
        return None
    laid, spaces = found
    if _doubtful([host, *laid], scale):
        return None
    solids = [_solid(raw) for raw in (host, *laid)]
    if any(solid is None for solid in solids):
        return None
    library: Any = import_module("manifold3d")
    operation = {
        DIFFERENCE: library.OpType.Subtract,
        UNION: library.OpType.Add,
        INTERSECTION: library.OpType.Intersect,
    }[operator]
    made = library.Manifold.batch_boolean(solids, operation) if laid else solids[0]
    for space in spaces:
        side = space.normal if operator == DIFFERENCE else -space.normal
        made = made.trim_by_plane(side.tolist(), float(side @ space.point))
    return _raw(made)


def _sorted(
    host: Raw, others: Sequence[Raw | HalfSpace], scale: float
) -> tuple[list[Raw], list[HalfSpace]] | None:
    """Return the solids, laid on the grid, and the half-spaces; None where one is doubtful."""
    laid: list[Raw] = []
    spaces: list[HalfSpace] = []
    for other in others:
        if not isinstance(other, HalfSpace):
            laid.append(_laid(other, scale))
            continue
        if _near_plane(host[0], other.point, other.normal, scale):
            return None
        limited = _limited(other, host)
        if isinstance(limited, HalfSpace):
            spaces.append(other)
        elif limited is None:
            return None
        elif len(limited[1]):
            laid.append(_laid(limited, scale))
    return laid, spaces


def apart(first: Raw, other: Raw, slack: float) -> bool:
    """Return whether the boxes of two solids do at most touch."""
    a, b = first[0], other[0]
    return bool(
        ((a.max(axis=0) <= b.min(axis=0) + slack) | (b.max(axis=0) <= a.min(axis=0) + slack)).any()
    )


def _laid(raw: Raw, scale: float) -> Raw:
    grid = GRID / scale
    return np.round(raw[0] / grid) * grid, raw[1]


def _solid(raw: Raw) -> Any:
    """Return a solid of the library, None for what encloses nothing or touches itself."""
    library: Any = import_module("manifold3d")
    points, corners = np.unique(raw[0] + 0.0, axis=0, return_inverse=True)
    triangles = corners.reshape(-1)[raw[1]]
    a, b, c = triangles.T
    triangles = triangles[(a != b) & (b != c) & (c != a)].astype(np.uint64)
    made = library.Manifold(library.Mesh64(np.ascontiguousarray(points), triangles))
    sound = made.status() == library.Error.NoError and not made.is_empty()
    return made if sound and made.volume() > 0 else None


def _raw(solid: Any) -> Raw:
    mesh = solid.to_mesh64()
    points = np.array(mesh.vert_properties, np.float64)[:, :3]
    return points, np.array(mesh.tri_verts, np.int64).astype(np.int32)


def _limited(space: HalfSpace, host: Raw) -> Raw | HalfSpace | None:
    """Return a bounded half-space as a prism that reaches beyond the host; None where it encloses
    nothing."""
    if space.boundary is None or space.frame is None:
        return space
    middle = (host[0].min(axis=0) + host[0].max(axis=0)) / 2
    reach = float(np.linalg.norm(host[0].max(axis=0) - host[0].min(axis=0)))
    turn, origin = space.frame[:3, :3], space.frame[:3, 3]
    spread = float(np.abs(space.boundary).max(initial=0.0))
    far = 2 * (reach + float(np.linalg.norm(origin - middle)) + spread)
    frame = space.frame.copy()
    frame[:3, 3] = origin - turn[:, 2] * far
    (prism,) = swept([Sweep((space.boundary,), (0.0, 0.0, 2 * far), frame)])
    solid = _solid(prism) if prism is not None else None
    if solid is None:
        return None
    side = -space.normal  # a prism without triangles cuts nothing
    return _raw(solid.trim_by_plane(side.tolist(), float(side @ space.point)))


def _doubtful(solids: Sequence[Raw], scale: float) -> bool:
    """Return whether a corner of one solid nearly lies in a plane of another that it may touch."""
    slack = PAPER / scale
    low = np.stack([points.min(axis=0) for points, _ in solids]) - slack
    high = np.stack([points.max(axis=0) for points, _ in solids]) + slack
    met = ((low[:, None] <= high) & (low <= high[:, None])).all(axis=2)
    pairs = np.argwhere(met).tolist()
    return any(_near_faces(solids[i][0], solids[j], scale) for i, j in pairs if i != j)


def _near_faces(points: F64, other: Raw, scale: float) -> bool:
    """Return whether a point is near to a plane of the other solid, in its box and not in it."""
    slack = PAPER / scale
    low, high = other[0].min(axis=0) - slack, other[0].max(axis=0) + slack
    inside = points[((points >= low) & (points <= high)).all(axis=1)]
    if len(inside) * len(other[1]) > MOST_PAIRS:
        return True
    if not len(inside):
        return False
    a, b, c = (other[0][other[1][:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    length = np.linalg.norm(normal, axis=1)
    flat = length > 0
    normal = normal[flat] / length[flat, None]
    off = np.abs(inside @ normal.T - np.einsum("ij,ij->i", normal, a[flat])) * scale
    return bool(((off > 3 * GRID) & (off < PAPER)).any())


def _near_plane(points: F64, point: F64, normal: F64, scale: float) -> bool:
    off = np.abs((points - point) @ normal) * scale
    return bool(((off > 3 * GRID) & (off < PAPER)).any())
