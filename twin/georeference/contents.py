"""A tile's drawables in the project frame: one verified map a tile, else vertex by vertex."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F32, F64, I32, Drawable, Instances, Lines, Mesh, box_of, empty_box
from twin.georeference.crs import problem
from twin.georeference.fitting import Local, extent, grid
from twin.georeference.moving import Georeference
from twin.ports import Content

_CHUNK = 20_000
_SAMPLES = 64
_PADDING = 0.25
"""Metres by which the bounds of objects may be too large, for one cheap map over a whole city."""
_LARGE = 500.0
"""Objects larger than this (metres) get their bounds from a grid of exact points."""


def moved_content(content: Content, georeference: Georeference) -> Content:
    """Return a tile's content in the project frame: one map for the tile, else vertex by vertex.

    What lands nowhere (not a number, or outside of what the systems can hold) is left out and said.
    """
    local = _map_of(content.drawables, georeference)
    drawables: list[Drawable] = []
    lost = 0
    for item in content.drawables:
        if isinstance(item, Instances):
            drawables += _moved_instances(item, local, georeference)
        else:
            shown, gone = _moved_item(item, local, georeference)
            drawables.append(shown)
            lost += gone
    table = content.features
    if table is not None:
        bounds = moved_bounds(table.bounds, georeference)
        table = replace(table, bounds=_tight(bounds, drawables))
    problems = (*content.problems, problem("crs.lost", count=lost)) if lost else content.problems
    return replace(content, drawables=tuple(drawables), features=table, problems=problems)


def _map_of(drawables: Iterable[Drawable], georeference: Georeference) -> Local | None:
    boxes = [box for box in map(_box, drawables) if np.isfinite(box).all()]
    if not boxes:
        return None
    stack = np.stack(boxes)
    box = np.concatenate([stack[:, :3].min(axis=0), stack[:, 3:].max(axis=0)])
    samples = np.concatenate([_farthest(item) for item in drawables])
    return georeference.local(box, samples)


def _box(item: Drawable) -> F64:
    """Return the bounds of what is a number."""
    if isinstance(item, Instances) or not len(item.positions):
        return box_of(item)
    box = extent(item.positions) + np.tile(item.origin, 2)
    if np.isfinite(box).all():
        return box
    return box_of(replace(item, positions=item.positions[_sound(item.positions)]))


def _farthest(item: Drawable) -> F64:
    """Return the vertices farthest along ten directions, to verify a map on."""
    if isinstance(item, Instances):
        corners = grid(box_of(item), 2)
        return corners[np.isfinite(corners).all(axis=1)]
    if not len(item.positions):
        return np.zeros((0, 3))
    x, y, z = (item.positions[:, axis] for axis in range(3))
    along = (x, y, z, x + y, x - y)
    rows = np.unique([end for way in along for end in (way.argmin(), way.argmax())])
    found = np.asarray(item.positions[rows] + item.origin, np.float64)
    return found[np.isfinite(found).all(axis=1)]


def _points(item: Any) -> F64:
    return np.asarray(item.positions.astype(np.float64) + item.origin, np.float64)


def _moved_item(item: Any, local: Local | None, georeference: Georeference) -> tuple[Any, int]:
    """Return a mesh, lines or points moved, and how many vertices landed nowhere.

    The new origin stands amid the vertices; normals are turned.
    """
    if not len(item.positions):
        return item, 0
    points = _points(item)
    moved_points = georeference.move(points) if local is None else local(points)
    sound = _sound(moved_points)
    if not sound.any():
        return _without(item, sound), len(sound)
    box = extent(moved_points if sound.all() else moved_points[sound])
    origin = (box[:3] + box[3:]) / 2
    normals = getattr(item, "normals", None)
    if normals is not None:
        middle = extent(points if sound.all() else points[sound]).reshape(2, 3).mean(axis=0)
        item = replace(item, normals=_turned(normals, _jacobian(middle, local, georeference)))
    if sound.all():
        return replace(item, origin=origin, positions=_offsets(moved_points, origin)), 0
    moved_points[~sound] = origin
    item = replace(item, origin=origin, positions=_offsets(moved_points, origin))
    return _without(item, sound), int((~sound).sum())


def _sound(points: F64 | F32) -> NDArray[np.bool_]:
    """Return bool(n): the point is three numbers. A finite sum says so of all at once."""
    with np.errstate(invalid="ignore", over="ignore"):
        if np.isfinite(points.sum()):
            return np.ones(len(points), np.bool_)
    return np.asarray(np.isfinite(points).all(axis=1), np.bool_)


def _without(item: Any, sound: NDArray[np.bool_]) -> Any:
    """Return the drawable without what touches a vertex that is not sound."""
    if isinstance(item, Mesh):
        edges = None if item.edges is None else item.edges[sound[item.edges].all(axis=1)]
        triangles = item.triangles[sound[item.triangles].all(axis=1)]
        item = replace(item, triangles=triangles, edges=edges)
    elif isinstance(item, Lines):
        item = replace(item, segments=item.segments[sound[item.segments].all(axis=1)])
    else:
        arrays = {
            name: getattr(item, name) for name in ("positions", "feature", "colors", "normals")
        }
        kept = {name: None if array is None else array[sound] for name, array in arrays.items()}
        return replace(item, **kept)
    return item if sound.any() else replace(item, positions=np.zeros_like(item.positions))


def _offsets(points: F64, origin: F64) -> F32:
    return np.asarray(points - origin, np.float32)


def _jacobian(middle: F64, local: Local | None, georeference: Georeference) -> F64:
    """Return the derivative f64(3, 3) at a point f64(3) (normals need no more than the middle's)."""
    if local is not None:
        return np.asarray(local.jacobian(middle[None, :])[0], np.float64)
    return np.asarray(_differences(middle[None, :], georeference)[0], np.float64)


def _differences(at: F64, georeference: Georeference) -> F64:
    """Return central differences f64(n, 3, 3) of the exact map over a metre each way."""
    floor = georeference.floor
    ends = [at + sign * floor * np.eye(3)[axis] for axis in range(3) for sign in (1, -1)]
    exact = georeference.move(np.concatenate(ends)).reshape(3, 2, len(at), 3)
    with np.errstate(invalid="ignore"):
        slope = (exact[:, 0] - exact[:, 1]) / (2 * floor[:, None, None])
    return np.moveaxis(slope, 0, 2)


def _turned(normals: F32, jacobian: F64) -> F32:
    if not np.isfinite(jacobian).all():
        return normals
    try:
        back = np.linalg.inv(jacobian)
    except np.linalg.LinAlgError:  # near the centre of the Earth all heights fall together
        return normals
    turned = normals @ back.astype(np.float32)
    length = np.sqrt(np.einsum("ni,ni->n", turned, turned))[:, None]
    return np.asarray(turned / np.where(length > 0, length, 1), np.float32)


def _moved_instances(
    item: Instances, local: Local | None, georeference: Georeference
) -> list[Drawable]:
    """Return instances moved by the map's tangent at each, or meshes where that is too coarse."""
    if not len(item.transforms) or not np.isfinite(box_of(item.mesh)).all():
        return [item]
    corners = grid(box_of(item.mesh), 2)
    world = np.einsum("kij,cj->kci", item.transforms[:, :3, :3], corners)
    world += item.transforms[:, None, :3, 3]
    middle = world.mean(axis=1)
    flat = world.reshape(-1, 3)
    if local is not None:
        jacobian, base, exact = local.jacobian(middle), local(middle), local(flat)
    else:
        jacobian = _differences(middle, georeference)
        base, exact = georeference.move(middle), georeference.move(flat)
    tangent = base[:, None, :] + np.einsum("kij,kcj->kci", jacobian, world - middle[:, None, :])
    if np.abs(tangent - exact.reshape(world.shape)).max() > 1e-3:
        return [_moved_item(mesh, local, georeference)[0] for mesh in _baked(item)]
    maps = np.zeros((len(middle), 4, 4))
    maps[:, :3, :3], maps[:, 3, 3] = jacobian, 1.0
    maps[:, :3, 3] = base - np.einsum("kij,kj->ki", jacobian, middle)
    return [replace(item, transforms=_product(maps, item.transforms, middle, base))]


def _product(maps: F64, transforms: F64, middle: F64, base: F64) -> F64:
    """Return maps @ transforms without losing digits to large coordinates."""
    found = maps @ transforms
    away = transforms[:, :3, 3] - middle
    found[:, :3, 3] = base + np.einsum("kij,kj->ki", maps[:, :3, :3], away)
    return found


def _baked(item: Instances) -> list[Mesh]:
    """Return one mesh per instance."""
    points = _points(item.mesh)
    found = []
    for transform, feature in zip(item.transforms, item.feature, strict=True):
        placed = points @ transform[:3, :3].T + transform[:3, 3]
        origin = placed.mean(axis=0)
        normals = item.mesh.normals
        if normals is not None:
            normals = _turned(normals, transform[:3, :3])
        number: I32 = np.full(len(points), feature, np.int32)
        offsets = _offsets(placed, origin)
        found.append(
            replace(item.mesh, origin=origin, positions=offsets, feature=number, normals=normals)
        )
    return found


def _tight(bounds: F64, drawables: Iterable[Drawable]) -> F64:
    """Return the boxes of objects that stand in the drawables taken from their vertices.

    A turned box around a box is up to 1.7 times too large; the vertices are here anyway.
    """
    fresh = np.tile(empty_box(), (len(bounds), 1))
    for item in drawables:
        if isinstance(item, Instances) or not len(item.positions):
            continue
        known = (item.feature >= 0) & (item.feature < len(bounds))
        rows, points = item.feature[known], _points(item)[known]
        for axis in range(3):
            np.minimum.at(fresh[:, axis], rows, points[:, axis])
            np.maximum.at(fresh[:, 3 + axis], rows, points[:, axis])
    found = np.asarray(np.isfinite(fresh).all(axis=1), np.bool_)
    for item in drawables:
        if isinstance(item, Instances):
            found[item.feature[(item.feature >= 0) & (item.feature < len(bounds))]] = False
    return np.where(found[:, None], fresh, bounds)


def moved_bounds(bounds: F64, georeference: Georeference) -> F64:
    """Return boxes f64(n, 6) around moved boxes; rows without geometry stay empty."""
    out = np.tile(empty_box(), (len(bounds), 1))
    known = np.flatnonzero(np.isfinite(bounds).all(axis=1))
    if not len(known):
        return out
    boxes = bounds[known]
    whole = np.concatenate([boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0)])
    half = (boxes[:, 3:] - boxes[:, :3]) / 2
    local = georeference.local(whole, boxes[:_SAMPLES, :3], _PADDING)
    large = half.max(axis=1) > _LARGE
    if local is None:
        large[:] = True
    else:
        centers = (boxes[:, :3] + boxes[:, 3:]) / 2
        middle = local(centers)
        reach = np.einsum("nij,nj->ni", np.abs(local.jacobian(centers)), half)
        reach += local.misfit + 1e-3
        out[known] = np.concatenate([middle - reach, middle + reach], axis=1)
    steps = 3 if len(known) < _CHUNK else 2
    for low in range(0, int(large.sum()), _CHUNK):
        rows = np.flatnonzero(large)[low : low + _CHUNK]
        out[known[rows]] = _exact_bounds(boxes[rows], georeference, steps)
    return out


def _exact_bounds(boxes: F64, georeference: Georeference, steps: int) -> F64:
    unit = grid(np.array([0.0, 0, 0, 1, 1, 1]), steps)
    points = boxes[:, None, :3] + unit[None] * (boxes[:, None, 3:] - boxes[:, None, :3])
    exact = georeference.move(points.reshape(-1, 3)).reshape(points.shape)
    found = np.concatenate([exact.min(axis=1), exact.max(axis=1)], axis=1)
    found[~np.isfinite(found).all(axis=1)] = empty_box()
    return np.asarray(found, np.float64)
