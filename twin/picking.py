"""A ray -> (layer, row): tile boxes, then triangles, in numpy; no screen, no graphics library.

What is drawn can be picked and nothing else: the frame's own tiles, with the state bytes that hide,
filter and ghost. Each call looks at the arrays as they are; there is no index to build or to age.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool
from twin.geometry import F32, F64, I32, Drawable, Instances, Lines, Mesh, Points, Rows, box_of
from twin.geometry import cross as crossed
from twin.scene import LayerId
from twin.sections import cut_away
from twin.streaming import GHOST, VISIBLE, Frame, LayerFrame, Resident
from twin.tiles import View

REACH = 4.0
"""How near a line or a point must be to the cursor, pixels."""
Passing = Mapping[LayerId, Bool]
"""Rows of a layer that may be picked, beside what the state bytes say."""


@dataclass(frozen=True, slots=True)
class Hit:
    """What a ray meets first. ``row`` is -1 on background that belongs to no object.

    ``world`` f64(3) in the project frame; ``distance`` metres from the eye; ``tile`` the tile number.
    """

    layer: LayerId
    row: int
    world: F64
    tile: int
    distance: float


@dataclass(frozen=True, slots=True)
class Ray:
    """``eye`` f64(3), unit ``direction`` f64(3), unit ``side`` and ``up`` across it, and how wide a
    pixel is at one metre (for lines and points). What it meets nearer than ``near`` or farther than ``far``
    metres is cut away: what sections leave is convex, so it is one stretch of the ray."""

    eye: F64
    direction: F64
    side: F64
    up: F64
    pixel: float
    near: float = 0.0
    far: float = np.inf

    def kept(self, distance: F64) -> F64:
        """Return the distances f64(n), inf for those that are cut away."""
        inside = (distance >= self.near) & (distance <= self.far)
        return np.where(inside, distance, np.inf)


def ray_of(view: View, x: float, y: float) -> Ray:
    """Return the ray of a pixel; x, y from the top left, pixel centres at .5."""
    direction = view.ray(x, y)
    side = np.cross(direction, view.up)
    side = view.right if np.linalg.norm(side) < 1e-6 else side / np.linalg.norm(side)
    pixel = 2 * np.tan(np.radians(view.fov_y) / 2) / max(view.size[1], 1)
    return Ray(view.eye, direction, side, np.cross(side, direction), float(pixel))


def pick(
    frame: Frame, view: View, x: float, y: float, passing: Passing | None = None
) -> Hit | None:
    """Return what is seen at a pixel, or None.

    Hidden, filtered and ghosted rows (state bytes) and rows that ``passing`` leaves out are looked
    through. Exact: each candidate is met in float64 (Möller and Trumbore 1997).
    """
    return cast(frame, ray_of(view, x, y), passing)


EDGE = 5e-3
"""Metres by which the face of a cut may lie off its plane."""


def stretch(ray: Ray, planes: F64) -> Ray:
    """Return the ray within what planes f64(k, 4) leave (nothing: ``near`` > ``far``)."""
    if not len(planes):
        return ray
    height = planes[:, :3] @ ray.eye - planes[:, 3]
    fall = planes[:, :3] @ ray.direction
    with np.errstate(divide="ignore", invalid="ignore"):
        at = -height / fall
    near = max(float(at[fall < 0].max(initial=0.0)), ray.near)
    far = min(float(at[fall > 0].min(initial=np.inf)), ray.far)
    if ((fall == 0) & (height > 0)).any():
        near, far = np.inf, -np.inf
    return replace(ray, near=near, far=far)


def cast(frame: Frame, ray: Ray, passing: Passing | None = None) -> Hit | None:
    """Return the first thing that a ray meets. Sections are looked through, their faces are met."""
    ray = stretch(ray, frame.planes)
    if ray.near > ray.far + EDGE:
        return None
    best: Hit | None = None
    for entry, layer, number in _tiles_along(frame, ray):
        if best is not None and entry > best.distance:
            break
        part = frame.layers[layer]
        tile = part.tiles[number]
        pickable = _pickable(part, tile, None if passing is None else passing.get(layer))
        limit = np.inf if best is None else best.distance
        own = ray if not part.lift else replace(ray, eye=ray.eye - np.array([0, 0, part.lift]))
        caps = frame.caps.get((layer, number), ())
        wide = replace(own, near=own.near - EDGE, far=own.far + EDGE) if caps else own
        things = [*((item, own) for item in tile.drawables), *((cap.mesh, wide) for cap in caps)]
        for item, seen in things:
            found = _meet(item, seen, pickable, limit)
            if found is not None:
                limit, feature = found
                row = int(tile.rows[feature]) if feature >= 0 else -1
                best = Hit(layer, row, ray.eye + ray.direction * limit, number, limit)
    return best


def _tiles_along(frame: Frame, ray: Ray) -> list[tuple[float, LayerId, int]]:
    """Return (distance of entry, layer, tile) of the tiles whose box the ray meets, nearest first."""
    keys = [(layer, number) for layer, part in frame.layers.items() for number in part.tiles]
    if not keys:
        return []
    boxes = np.stack([frame.layers[layer].box(number) for layer, number in keys])
    entry = box_entry(boxes, ray, _slack(frame, ray, boxes))
    met = np.flatnonzero(np.isfinite(entry))
    return sorted((float(entry[i]), *keys[i]) for i in met)


def _slack(frame: Frame, ray: Ray, boxes: F64) -> F64:
    """Return by how much each box grows so that thin lines and points in it can be met, metres."""
    thin = [
        any(isinstance(item, Lines | Points) for item in tile.drawables)
        for part in frame.layers.values()
        for tile in part.tiles.values()
    ]
    far = np.maximum(np.abs(boxes[:, :3] - ray.eye), np.abs(boxes[:, 3:] - ray.eye)).sum(axis=1)
    return np.where(thin, far * ray.pixel * REACH, 1e-6)


def box_entry(boxes: F64, ray: Ray, slack: F64 | float = 0.0) -> F64:
    """Return where the ray enters each box f64(n, 6), metres; inf where it does not. Slab method."""
    grow = np.broadcast_to(np.asarray(slack, np.float64), len(boxes))[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = 1.0 / ray.direction
        low = (boxes[:, :3] - grow - ray.eye) * inverse
        high = (boxes[:, 3:] + grow - ray.eye) * inverse
    # a ray inside a slab and parallel to it gives nan there: that slab does not limit
    enter = np.fmax.reduce(np.fmin(low, high), axis=1, initial=0.0)
    leave = np.fmin.reduce(np.fmax(low, high), axis=1, initial=np.inf)
    return np.where(enter <= leave, enter, np.inf)


def _pickable(part: LayerFrame, tile: Resident, passing: Bool | None) -> Bool:
    flags = part.state[tile.rows, 3]
    result = (flags & VISIBLE != 0) & (flags & GHOST == 0)
    return np.asarray(result if passing is None else result & passing[tile.rows], np.bool_)


def _allowed(feature: I32, pickable: Bool) -> Bool:
    """Return which features may be met; background (-1) always may."""
    if not len(pickable):
        return feature < 0
    return np.where(feature < 0, True, pickable[feature])


def _meet(item: Drawable, ray: Ray, pickable: Bool, limit: float) -> tuple[float, int] | None:
    """Return (distance, feature) of the nearest meeting nearer than ``limit``."""
    if isinstance(item, Mesh):
        return _meet_mesh(item, ray, pickable, limit)
    if isinstance(item, Instances):
        return _meet_instances(item, ray, pickable, limit)
    if isinstance(item, Lines):
        return _meet_lines(item, ray, pickable, limit)
    return _meet_points(item, ray, pickable, limit)


def _meet_mesh(mesh: Mesh, ray: Ray, pickable: Bool, limit: float) -> tuple[float, int] | None:
    near = around(mesh.positions, mesh.triangles, mesh.origin, ray)
    if len(near):
        near = near[_allowed(mesh.feature[mesh.triangles[near, 0]], pickable)]
    if not len(near):
        return None
    corners = mesh.positions[mesh.triangles[near]].astype(np.float64) + mesh.origin
    both = mesh.material.double_sided
    found = ray.kept(meet_triangles(corners, ray.eye, ray.direction, both_sides=both))
    best = int(np.argmin(found))
    if not found[best] < limit:
        return None
    return float(found[best]), int(mesh.feature[mesh.triangles[near[best], 0]])


def around(positions: F32, triangles: I32, origin: F64, ray: Ray) -> NDArray[np.intp]:
    """Return the triangles whose shadow's rectangle across the ray holds the ray.

    Each vertex becomes four bits (left, right, below, above of the ray); a triangle may be met only
    when its corners have all four among them. Bytes, so a big tile costs a fraction of a test.
    """
    if not len(triangles):
        return np.zeros(0, np.intp)
    across = np.stack([ray.side, ray.up], axis=1)
    shift = (origin - ray.eye) @ across
    seen = positions @ across.astype(np.float32)
    # float32 products err by a few units in the seventh digit: what is that near counts on both sides
    doubt = 4e-7 * (np.abs(positions).max(initial=0.0) * 3) + 1e-9
    code = (seen[:, 0] <= doubt - shift[0]).view(np.uint8)
    code = code | (seen[:, 0] >= -doubt - shift[0]).view(np.uint8) << 1
    code |= (seen[:, 1] <= doubt - shift[1]).view(np.uint8) << 2
    code |= (seen[:, 1] >= -doubt - shift[1]).view(np.uint8) << 3
    every = code[triangles[:, 0]] | code[triangles[:, 1]] | code[triangles[:, 2]]
    return np.flatnonzero(every == 15)


def meet_triangles(corners: F64, eye: F64, direction: F64, *, both_sides: bool = True) -> F64:
    """Return the distances f64(n) at which a ray meets triangles f64(n, 3, 3); inf = not.

    Without ``both_sides`` only fronts are met: corners counter-clockwise as seen from the eye.
    Möller and Trumbore, "Fast, minimum storage ray/triangle intersection", 1997.
    """
    first = corners[:, 1] - corners[:, 0]
    second = corners[:, 2] - corners[:, 0]
    across = crossed(direction, second)
    scale = np.einsum("ij,ij->i", first, across)
    start = eye - corners[:, 0]
    turned = crossed(start, first)
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.einsum("ij,ij->i", start, across) / scale
        v = turned @ direction / scale
        distance = np.einsum("ij,ij->i", second, turned) / scale
        edge = 1e-9
        met = (u >= -edge) & (v >= -edge) & (u + v <= 1 + edge) & (distance > 1e-9)
        if not both_sides:
            met &= scale > 0
    return np.where(met, distance, np.inf)


def _meet_instances(
    item: Instances, ray: Ray, pickable: Bool, limit: float
) -> tuple[float, int] | None:
    """Move the ray into each instance whose box it meets, and meet the one mesh there."""
    best: tuple[float, int] | None = None
    boxes = instance_boxes(item)
    entry = box_entry(boxes, ray, 1e-6)
    candidates = np.flatnonzero(np.isfinite(entry) & _allowed(item.feature, pickable))
    mesh = item.mesh
    corners = mesh.positions[mesh.triangles].astype(np.float64) + mesh.origin
    for i in candidates[np.argsort(entry[candidates])]:
        if entry[i] > limit:
            break
        matrix = item.transforms[i]
        if abs(np.linalg.det(matrix[:3, :3])) < 1e-18:
            continue
        back = np.linalg.inv(matrix)
        eye = back[:3, :3] @ ray.eye + back[:3, 3]
        # the direction keeps its length: distances along it are distances in the project frame
        found = meet_triangles(
            corners, eye, back[:3, :3] @ ray.direction, both_sides=mesh.material.double_sided
        )
        nearest = float(ray.kept(found).min(initial=np.inf))
        if nearest < limit:
            limit = nearest
            best = (nearest, int(item.feature[i]))
    return best


def instance_boxes(item: Instances) -> F64:
    """Return the boxes f64(k, 6) of the instances: the moved box of the mesh, centre and reach."""
    box = box_of(item.mesh)
    middle, reach = (box[:3] + box[3:]) / 2, (box[3:] - box[:3]) / 2
    center = item.transforms[:, :3, :3] @ middle + item.transforms[:, :3, 3]
    around = np.abs(item.transforms[:, :3, :3]) @ reach
    return np.concatenate([center - around, center + around], axis=1)


def _meet_points(item: Points, ray: Ray, pickable: Bool, limit: float) -> tuple[float, int] | None:
    shift = item.positions + (item.origin - ray.eye)
    along = shift @ ray.direction
    aside = np.hypot(shift @ ray.side, shift @ ray.up)
    near = (aside <= along * ray.pixel * REACH) & (along > 0) & (ray.kept(along) < limit)
    near &= _allowed(item.feature, pickable)
    found = np.flatnonzero(near)
    if not len(found):
        return None
    best = found[np.argmin(along[found])]
    return float(along[best]), int(item.feature[best])


def _meet_lines(item: Lines, ray: Ray, pickable: Bool, limit: float) -> tuple[float, int] | None:
    """Meet segments: where ray and segment come closest, within ``REACH`` pixels."""
    if not len(item.segments):
        return None
    ends = item.positions[item.segments].astype(np.float64) + (item.origin - ray.eye)
    start, line = ends[:, 0], ends[:, 1] - ends[:, 0]
    b = line @ ray.direction
    c = np.einsum("ij,ij->i", line, line)
    d, e = start @ ray.direction, np.einsum("ij,ij->i", line, start)
    span = np.maximum(c - b * b, 1e-12)
    t = np.clip((b * d - e) / span, 0.0, 1.0)
    place = start + t[:, None] * line
    along = place @ ray.direction
    aside = np.hypot(place @ ray.side, place @ ray.up)
    near = (aside <= along * ray.pixel * REACH) & (along > 0) & (ray.kept(along) < limit)
    near &= _allowed(item.feature[item.segments[:, 0]], pickable)
    found = np.flatnonzero(near)
    if not len(found):
        return None
    best = found[np.argmin(along[found])]
    return float(along[best]), int(item.feature[item.segments[best, 0]])


# ---------------------------------------------------------------------- rubber band


Rect = tuple[float, float, float, float]
"""Two corners of a rectangle of pixels: x0, y0, x1, y1, in any order."""


def rows_in_rect(
    frame: Frame, view: View, rect: Rect, passing: Passing | None = None
) -> Mapping[LayerId, Rows]:
    """Return the rows of each layer with a vertex (instances: the centre of the box) in a rectangle.

    Objects behind others count: a rubber band selects what stands in the area, not what shows.
    Hidden, filtered and ghosted rows do not. Sorted, without repeats; layers without rows are left out.
    """
    inside = _Pyramid.of(view, rect, frame.planes)
    result: dict[LayerId, Rows] = {}
    for layer, part in frame.layers.items():
        found = [
            rows
            for tile in part.tiles.values()
            if inside.touches(tile.box)
            for rows in _rows_inside(
                part, tile, inside, None if passing is None else passing.get(layer)
            )
        ]
        if found and len(rows := np.unique(np.concatenate(found))):
            result[layer] = rows.astype(np.int32)
    return result


def _rows_inside(
    part: LayerFrame, tile: Resident, inside: "_Pyramid", passing: Bool | None
) -> Iterator[Rows]:
    pickable = _pickable(part, tile, passing)
    for item in tile.drawables:
        if isinstance(item, Instances):
            boxes = instance_boxes(item)
            feature = item.feature[inside.holds((boxes[:, :3] + boxes[:, 3:]) / 2, np.zeros(3))]
        else:
            feature = item.feature[inside.holds(item.positions, item.origin)]
        feature = np.unique(feature[feature >= 0])
        yield tile.rows[feature[pickable[feature]]]


@dataclass(frozen=True, slots=True)
class _Pyramid:
    """The part of space behind a rectangle of the picture: four planes through the eye, and ahead;
    without what ``cut`` f64(k, 4) cuts away."""

    eye: F64
    planes: F64
    cut: F64

    @staticmethod
    def of(view: View, rect: Rect, cut: F64) -> "_Pyramid":
        left, right = sorted((rect[0], rect[2]))
        top, bottom = sorted((rect[1], rect[3]))
        rays = [
            view.ray(x, y) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))
        ]
        planes = [np.cross(rays[i], rays[(i + 1) % 4]) for i in range(4)]
        return _Pyramid(view.eye, np.stack([*planes, view.forward]), cut)

    def holds(self, positions: NDArray[Any], origin: F64) -> Bool:
        """Return which of ``origin + positions`` lie inside."""
        shift = self.planes @ (origin - self.eye)
        found = np.asarray((positions @ self.planes.T + shift >= 0).all(axis=1), np.bool_)
        return found & ~cut_away(positions + origin, self.cut) if len(self.cut) else found

    def touches(self, box: F64) -> bool:
        """Return whether a box f64(6) may reach inside (never a false no)."""
        middle, reach = (box[:3] + box[3:]) / 2 - self.eye, (box[3:] - box[:3]) / 2
        return bool((self.planes @ middle + np.abs(self.planes) @ reach >= 0).all())
