"""Geometries to meshes, lines and points: primitive sets of every kind, bindings, matrices."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders._gltf.primitives import FAN, LINES, POINTS, STRIP, TRIANGLES, rgba, topology
from loaders.osgb.objects import Thing
from loaders.osgb.outline import Part, near
from loaders.osgb.pictures import Painter, Report
from twin.geometry import F32, F64, I32, U8, Drawable, Lines, Material, Mesh, Points

QUADS, QUAD_STRIP, POLYGON = 7, 8, 9
OVERALL, PER_VERTEX = 1, 4


def drawn(part: Part, feature: int, painter: Painter, report: Report) -> list[Drawable]:
    """Return what a part draws; what cannot be drawn is reported and left out."""
    shape = part.shape
    vertices = values_of(shape.get("Vertex"))
    if vertices is None or vertices.ndim != 2 or vertices.shape[1] < 3 or not len(vertices):
        return []
    runs = elements(shape, len(vertices), report)
    if not runs:
        return []
    points = np.asarray(vertices[:, :3], np.float64)
    finite = near(points)
    points = points @ part.matrix[:3, :3].T + part.matrix[:3, 3]
    finite &= near(points)
    if not finite.all():
        report("osgb.not_finite", f"{int((~finite).sum())} vertices")
        runs = {size: run[finite[run].all(axis=1)] for size, run in runs.items()}
        points[~finite] = 0.0
    held = points[finite] if not finite.all() else points
    if not len(held):
        return []
    origin = (held.min(axis=0) + held.max(axis=0)) / 2
    points[~finite] = origin
    offsets = (points - origin).astype(np.float32)
    normals = _vectors(shape.get("Normal"), len(points), part.matrix)
    colors, tint = _colors(shape.get("Color"), len(points))
    material = painter.material(part.states, tint, lit=normals is not None)
    features = np.full(len(points), feature, np.int32)
    uv = _uv(shape, len(points)) if material.image is not None else None
    mirrored = bool(np.linalg.det(part.matrix[:3, :3]) < 0)
    found: list[Drawable] = []
    for size, run in runs.items():
        if not len(run):
            continue
        if size == 3:
            run = np.ascontiguousarray(run[:, ::-1]) if mirrored else run
            found.append(Mesh(origin, offsets, run, features, material, uv, normals, colors))
        else:
            found.append(_thin(size, run, (origin, offsets, features), material, colors))
    return found


def _thin(
    size: int, run: I32, held: tuple[F64, F32, I32], material: Material, colors: U8 | None
) -> Drawable:
    """Return lines (two vertices an element) or points."""
    origin, offsets, features = held
    if size == 2:
        return Lines(origin, offsets, run, features, material, colors)
    used = run[:, 0]
    shown = None if colors is None else colors[used]
    return Points(origin, offsets[used], features[used], material, shown)


def elements(shape: Thing, count: int, report: Report) -> dict[int, I32]:
    """Return vertices an element -> i32(k, that many), of all primitive sets."""
    found: dict[int, list[I32]] = {}
    for primitive in shape.things("Primitives"):
        for run, mode in _runs(primitive, count):
            element = _elements(run, mode)
            if element is None:
                report("osgb.primitive", f"mode {mode}")
                continue
            bad = ((element < 0) | (element >= count)).any(axis=1)
            if bad.any():
                report("osgb.index", f"{int(bad.sum())}")
                element = element[~bad]
            if len(element):
                found.setdefault(element.shape[1], []).append(element)
    return {size: np.concatenate(parts) for size, parts in found.items()}


def _runs(primitive: Thing, count: int) -> list[tuple[NDArray[Any], int]]:
    """Return (indices, mode) of a primitive set; never more vertices than there are."""
    mode, values = int(primitive.get("Mode") or 0), primitive.get("Values")
    if primitive.kind == "osg::DrawArrays":
        first = max(int(primitive.get("First")), 0)
        last = min(first + max(int(primitive.get("Count")), 0), count)
        return [(np.arange(first, last, dtype=np.int64), mode)]
    if values is None:
        return []
    if primitive.kind != "osg::DrawArrayLengths":
        return [(values.astype(np.int64), mode)]
    ends = int(primitive.get("First")) + np.cumsum(np.maximum(values.astype(np.int64), 0))
    ends = ends[: int(np.searchsorted(ends, count, "right"))]
    starts = np.concatenate([[int(primitive.get("First"))], ends[:-1]]) if len(ends) else ends
    if mode in (POINTS, LINES, TRIANGLES, QUADS) and len(ends):
        return [(np.arange(max(starts[0], 0), ends[-1]), mode)]
    return [(np.arange(a, b), mode) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]


def _elements(run: NDArray[Any], mode: int) -> I32 | None:
    """Return the elements of one run; None for a mode that is not drawn."""
    run = np.where(run > np.iinfo(np.int32).max, -1, run).astype(np.int32)
    if mode == QUADS:
        quads = run[: len(run) // 4 * 4].reshape(-1, 4)
        return np.ascontiguousarray(quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3))
    if mode > POLYGON:
        return None
    return topology(run, {QUAD_STRIP: STRIP, POLYGON: FAN}.get(mode, mode))


def values_of(array: Thing | None) -> NDArray[Any] | None:
    """Return the numbers of an array, by its own indices where it has some; None for none."""
    if array is None:
        return None
    values: NDArray[Any] | None = array.get("Values")
    index = array.get("Index")
    if values is None or index is None:
        return values
    if not len(values) or index.ndim != 1:
        return None
    found: NDArray[Any] = values[np.clip(index.astype(np.int64), 0, len(values) - 1)]
    return found


def _vectors(array: Thing | None, count: int, matrix: F64) -> F32 | None:
    """Return normals f32(v, 3) where each vertex has one."""
    values = values_of(array)
    if values is None or values.ndim != 2 or values.shape != (count, 3):
        return None
    found = values.astype(np.float32)
    if values.dtype.kind == "i":
        found /= np.float32(np.iinfo(values.dtype).max)
    linear = matrix[:3, :3]
    if not np.array_equal(linear, np.eye(3)):
        if abs(np.linalg.det(linear)) < 1e-30:
            return None
        found = found @ np.linalg.inv(linear).astype(np.float32)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    unit: F32 = np.divide(found, length, out=np.zeros_like(found), where=length > 0)
    return np.nan_to_num(unit)


def _colors(array: Thing | None, count: int) -> tuple[U8 | None, Any]:
    """Return u8(v, 4) where each vertex has a colour, or the one colour of all."""
    values = values_of(array)
    if (
        array is None
        or values is None
        or values.ndim != 2
        or values.shape[1] < 3
        or not len(values)
    ):
        return None, None
    if values.dtype.kind in "iu":
        values = values.astype(np.float32) / np.float32(np.iinfo(values.dtype).max)
    if len(values) == count and array.get("Binding") == PER_VERTEX:
        return rgba(values[:, :4].astype(np.float32)), None
    if array.get("Binding") == OVERALL or len(values) == 1:
        return None, values[0]
    return None, None


def _uv(shape: Thing, count: int) -> F32 | None:
    """Return the first texture coordinates f32(v, 2): v grows upwards here as there."""
    units = shape.get("TexCoords") or []
    values = values_of(units[0]) if units else None
    if values is None or values.ndim != 2 or len(values) != count:
        return None
    return np.nan_to_num(np.ascontiguousarray(values[:, :2], np.float32))
