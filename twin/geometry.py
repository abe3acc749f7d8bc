"""Geometry as frozen arrays: float64 origin, float32 offsets, one feature number a vertex."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
U8 = NDArray[np.uint8]
Rows = NDArray[np.int32]
"""Row numbers: the only object handle in bulk code."""


@dataclass(frozen=True, slots=True)
class Arrays:
    """A frozen bundle of arrays that can say its size."""

    @property
    def nbytes(self) -> int:
        """Return the bytes held by all arrays, nested bundles included."""
        return sum(_nbytes(getattr(self, field.name)) for field in fields(self))


def _nbytes(value: Any) -> int:
    if isinstance(value, np.ndarray | Arrays):
        return int(value.nbytes)
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, tuple):
        return sum(_nbytes(item) for item in value)
    return 0


@dataclass(frozen=True, slots=True)
class Image(Arrays):
    """A picture for a texture: decoded pixels, or encoded bytes that the screen decodes.

    ``pixels`` is u8(h, w, 3 or 4), first row on top; ``encoded`` holds JPEG, PNG or WebP bytes.
    Exactly one of the two is given. ``key`` identifies equal pictures inside one layer.
    """

    key: str
    pixels: U8 | None = None
    encoded: bytes | None = None


@dataclass(frozen=True, slots=True)
class Material(Arrays):
    """How a drawable looks before any style: linear RGBA base colour 0..1, picture, alpha mode.

    ``alpha_mode`` is ``opaque``, ``mask`` or ``blend``. Wrap modes: ``repeat``, ``clamp``, ``mirror``.
    What is named ``water`` is drawn as water.
    """

    name: str = ""
    color: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    image: Image | None = None
    alpha_mode: str = "opaque"
    alpha_cutoff: float = 0.5
    double_sided: bool = True
    unlit: bool = False
    wrap: str = "repeat"


PLAIN = Material()


@dataclass(frozen=True, slots=True)
class Mesh(Arrays):
    """Triangles. Vertex = ``origin`` f64(3) + ``positions`` f32(v, 3), metres in the source's CRS.

    ``triangles`` i32(t, 3); ``feature`` i32(v) is the tile-local feature number (no vertex is
    shared by two features); optional ``uv`` f32(v, 2) with v growing upwards from the bottom left,
    ``normals`` f32(v, 3), ``colors`` u8(v, 4); ``edges`` i32(e, 2) are outlines to draw.
    """

    origin: F64
    positions: F32
    triangles: I32
    feature: I32
    material: Material = PLAIN
    uv: F32 | None = None
    normals: F32 | None = None
    colors: U8 | None = None
    edges: I32 | None = None


@dataclass(frozen=True, slots=True)
class Lines(Arrays):
    """Segments i32(s, 2) between vertices ``origin`` f64(3) + ``positions`` f32(v, 3)."""

    origin: F64
    positions: F32
    segments: I32
    feature: I32
    material: Material = PLAIN
    colors: U8 | None = None


@dataclass(frozen=True, slots=True)
class Points(Arrays):
    """A point set: ``origin`` f64(3) + ``positions`` f32(v, 3), ``feature`` i32(v).

    ``spacing``: metres that points stand apart here once all tiles are seen, 0 = as far as these do.
    """

    origin: F64
    positions: F32
    feature: I32
    material: Material = PLAIN
    colors: U8 | None = None
    normals: F32 | None = None
    spacing: float = 0.0


@dataclass(frozen=True, slots=True)
class Instances(Arrays):
    """One mesh drawn k times: ``transforms`` f64(k, 4, 4) column-vector convention, ``feature`` i32(k).

    An instance's vertex is ``transform @ (mesh.origin + mesh.positions)``; the mesh's own feature
    numbers are not used.
    """

    mesh: Mesh
    transforms: F64
    feature: I32


Drawable = Mesh | Lines | Points | Instances


def triangle_count(drawables: tuple[Drawable, ...]) -> int:
    """Return the number of triangles, instances multiplied out."""
    total = 0
    for item in drawables:
        if isinstance(item, Mesh):
            total += len(item.triangles)
        elif isinstance(item, Instances):
            total += len(item.mesh.triangles) * len(item.transforms)
    return total


def point_count(drawables: tuple[Drawable, ...]) -> int:
    """Return the number of points of all point sets."""
    return sum(len(item.positions) for item in drawables if isinstance(item, Points))


def distinct(rows: Rows) -> Rows:
    """Return row numbers sorted, each once (``np.unique`` imports numpy.ma at its first call: 60 ms)."""
    ordered = np.sort(rows)
    first = np.ones(len(ordered), np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return np.asarray(ordered[first], np.int32)


def without(rows: Rows, others: Rows) -> Rows:
    """Return the distinct row numbers that are not among the others."""
    return np.setdiff1d(distinct(rows), others, assume_unique=True).astype(np.int32)


def cross(first: F64, second: F64) -> F64:
    """Return the cross products of vectors f64(..., 3) (``np.cross`` takes 60 us to look at its axes)."""
    a, b = np.asarray(first), np.asarray(second)
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)


def empty_box() -> F64:
    """Return the box that contains nothing: (+inf, +inf, +inf, -inf, -inf, -inf)."""
    return np.array([np.inf, np.inf, np.inf, -np.inf, -np.inf, -np.inf])


def box_of(drawable: Drawable) -> F64:
    """Return the bounds f64(6) (min xyz, max xyz) of a drawable in its own frame."""
    if isinstance(drawable, Instances):
        corners = _corners(box_of(drawable.mesh))
        if not len(drawable.transforms) or not np.isfinite(corners).all():
            return empty_box()
        moved = np.einsum("kij,cj->kci", drawable.transforms[:, :3, :3], corners)
        moved += drawable.transforms[:, None, :3, 3]
        flat = moved.reshape(-1, 3)
        return np.concatenate([flat.min(axis=0), flat.max(axis=0)])
    if not len(drawable.positions):
        return empty_box()
    low = drawable.positions.min(axis=0).astype(np.float64) + drawable.origin
    high = drawable.positions.max(axis=0).astype(np.float64) + drawable.origin
    return np.concatenate([low, high])


def _corners(box: F64) -> F64:
    """Return the eight corners f64(8, 3) of a box."""
    index = np.array([[(i >> 0) & 1, (i >> 1) & 1, (i >> 2) & 1] for i in range(8)])
    low, high = box[:3], box[3:]
    return np.where(index == 0, low, high)
