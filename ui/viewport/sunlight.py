"""Where the depth picture from the sun looks: which parts of the city it covers, and how finely. Pure numpy.

The light has a frame of its own: x level, z towards the sun, in metres from the scene's zero. Maps are squares in its
x and y. What is near the eye gets a finer map than what is far ("cascaded shadow maps": Engel, ShaderX5, 2006), and
squares move by whole texels only, so that edges of shadows stand still while the camera moves.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from twin.geometry import F64
from twin.tiles import View
from ui.viewport.detail import inside
from ui.viewport.look import Sun

LOWEST = 0.0
"""The sine of the height below which the sun casts no shadow."""
ONE_MAP = 3.0
"""A view whose far end is less than so many times as far as its near end has one map."""
MAPS = 4
FILLED = 0.9
"""The share of a map's side that what is seen may take; the rest is room to move by whole steps."""
STEP = 0.05
MARGIN = 16.0
"""Metres that the light's depth reaches beyond all boxes."""
LEAST_DEPTH = 2.0
NEARER = 0.35


@dataclass(frozen=True, slots=True)
class Map:
    """A square of the depth picture: lower corner in the light's frame, metres a texel."""

    low: tuple[float, float]
    texel: float


@dataclass(frozen=True, slots=True)
class Fit:
    """What is drawn from the sun: one map of ``side`` texels, or four of slices of the view that end at the
    depths ``ends``, nearest first; the light's heights."""

    sun: Sun
    maps: tuple[Map, ...]
    ends: tuple[float, ...]
    side: int
    low: float
    high: float

    @property
    def basis(self) -> F64:
        """Return the light's axes as rows f64(3, 3)."""
        return basis(self.sun)

    @property
    def whole(self) -> int:
        """Return the texels of a side of the whole picture: four maps lie two by two."""
        return self.side if len(self.maps) == 1 else 2 * self.side


def basis(sun: Sun) -> F64:
    """Return the light's axes as rows f64(3, 3): x level, y, z to the sun."""
    z = np.array(sun, np.float64)
    z /= np.linalg.norm(z)
    x = np.array([-z[1], z[0], 0.0])
    length = float(np.linalg.norm(x))
    x = np.array([1.0, 0.0, 0.0]) if length < 1e-6 else x / length
    return np.stack([x, np.cross(z, x), z])


def fitted(sun: Sun, view: View, boxes: F64, whole: int, one: bool = False) -> Fit | None:
    """Return the fit for a view of boxes f64(n, 6), all in the scene's frame; None when nothing is lit or seen.

    ``whole`` is the side of the whole depth picture, texels; ``one`` asks for one map only, however deep the view.
    Equal views and boxes have equal fits.
    """
    boxes = boxes[np.isfinite(boxes).all(axis=1)] if len(boxes) else boxes
    seen = boxes[inside(view, boxes)] if len(boxes) else boxes
    if not len(seen) or sun[2] <= LOWEST:
        return None
    heights = corners(boxes) @ basis(sun)[2]
    low = np.floor(heights.min() / MARGIN - 1) * MARGIN
    high = np.ceil(heights.max() / MARGIN + 1) * MARGIN
    near, far = _depths(view, seen)
    # little is seen much nearer than the ground below the eye
    near = max(near, NEARER * float(view.eye[2] - seen[:, 2].min()))
    if one or far <= ONE_MAP * near:
        return Fit(sun, _squares(sun, view, seen, (), whole), (), whole, float(low), float(high))
    # steps of depths keep the fit while the camera moves a little
    near, far = (2.0 ** (np.round(2 * np.log2(x)) / 2) for x in (near, far))
    ends = tuple(float(near * (far / near) ** (k / MAPS)) for k in range(1, MAPS))
    maps = _squares(sun, view, seen, ends, whole // 2)
    return Fit(sun, maps, ends, whole // 2, float(low), float(high))


def enough(fit: Fit, view: View, boxes: F64, wanted: Fit, coarser: float = 2.5) -> bool:
    """Return whether the maps of ``fit`` still serve a view that ``wanted`` would fit, while the camera moves.

    They cover what is seen, with texels that are at most so many times as coarse.
    """
    if (fit.sun, fit.low, fit.high) != (wanted.sun, wanted.low, wanted.high):
        return False
    if min(x.texel for x in fit.maps) > coarser * min(x.texel for x in wanted.maps):
        return False
    seen = boxes[inside(view, boxes)]
    need = _squares(fit.sun, view, seen, fit.ends, fit.side)
    return all(_covers(a, b, fit.side) for a, b in zip(fit.maps, need, strict=True))


def _covers(old: Map, new: Map, side: int) -> bool:
    reach = old.texel * side
    need, slack = new.texel * side * FILLED, new.texel * side * STEP
    return all(
        a <= b + slack and a + reach >= b + need for a, b in zip(old.low, new.low, strict=True)
    )


def _squares(
    sun: Sun, view: View, seen: F64, ends: tuple[float, ...], side: int
) -> tuple[Map, ...]:
    """Return the map of each slice of depths between ``ends``."""
    axes, maps = basis(sun), list[Map]()
    most = float(((corners(seen) - view.eye) @ view.forward).max())
    for first, last in pairwise((LEAST_DEPTH, *ends, max(most, LEAST_DEPTH + 1.0))):
        slice_ = (first, max(last, first))
        square = _square(axes, _part(view, seen, slice_), _between(view, seen, slice_), side)
        maps.append(square or (maps[-1] if maps else Map((0.0, 0.0), 1.0)))
    return tuple(maps)


def corners(boxes: F64) -> F64:
    """Return the corners f64(8n, 3) of boxes f64(n, 6)."""
    choice = np.array([[i & 1, (i >> 1) & 1, i >> 2] for i in range(8)])
    columns = choice * 3 + np.arange(3)
    return boxes[:, columns].reshape(-1, 3)


def _depths(view: View, seen: F64) -> tuple[float, float]:
    """Return the least and the greatest depth along the view at which something can be seen."""
    depth = (corners(seen) - view.eye) @ view.forward
    most = max(float(depth.max()), 2 * LEAST_DEPTH)
    least = min(max(float(depth.min()), LEAST_DEPTH), most / 2)
    part = _part(view, seen, (least, most))
    if not len(part):
        return least, most
    found = (part - view.eye) @ view.forward
    return max(float(found.min()), least), max(float(found.max()), least * 1.01)


def _part(view: View, seen: F64, depths: tuple[float, float]) -> F64:
    """Return the corners f64(k, 3) of the part of the view between two depths and the heights of the boxes.

    The corners of a solid between two planes are its own that lie there, and where its edges cross them.
    """
    half = float(np.tan(np.radians(view.fov_y) / 2))
    wide = half * view.size[0] / max(view.size[1], 1)
    up = np.cross(view.right, view.forward)
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    rays = view.forward + signs[:, :1] * wide * view.right + signs[:, 1:] * half * up
    ends = np.concatenate([rays * depths[0], rays * depths[1]])
    start = np.concatenate([ends, ends[:4]])
    stop = np.concatenate([np.roll(ends[:4], 1, 0), np.roll(ends[4:], 1, 0), ends[4:]])
    found = [ends]
    low, high = seen[:, 2].min() - 0.5 - view.eye[2], seen[:, 5].max() + 0.5 - view.eye[2]
    for level in (low, high):
        rise = stop[:, 2] - start[:, 2]
        crossed = (start[:, 2] - level) * (stop[:, 2] - level) < 0
        share = (level - start[crossed, 2]) / rise[crossed]
        found.append(start[crossed] + share[:, None] * (stop - start)[crossed])
    every = np.concatenate(found)
    held = (every[:, 2] > low - 1e-6) & (every[:, 2] < high + 1e-6)
    return np.asarray(every[held] + view.eye, np.float64)


def _between(view: View, seen: F64, depths: tuple[float, float]) -> F64:
    """Return the boxes that reach into a slice of depths."""
    depth = ((corners(seen) - view.eye) @ view.forward).reshape(-1, 8)
    held = (depth.max(axis=1) >= depths[0]) & (depth.min(axis=1) <= depths[1])
    return np.asarray(seen[held], np.float64)


def _square(axes: F64, part: F64, boxes: F64, side: int) -> Map | None:
    """Return the map of what a part of the view, given by its corners f64(k, 3), and boxes have in common."""
    if not len(part) or not len(boxes):
        return None
    flat, there = part @ axes[:2].T, corners(boxes) @ axes[:2].T
    low = np.maximum(flat.min(axis=0), there.min(axis=0))
    high = np.minimum(flat.max(axis=0), there.max(axis=0))
    return snapped(low, high, side) if (high > low).all() else None


def snapped(low: F64, high: F64, side: int) -> Map:
    """Return a map that holds the rectangle from ``low`` to ``high`` f64(2), on steps that it shares with its like."""
    need = max(float((high - low).max()), 1.0)
    texel = 2.0 ** (np.ceil(4 * np.log2(need / (side * FILLED))) / 4)
    step = texel * np.floor(side * STEP)
    x, y = np.floor((low - 2 * texel) / step) * step  # four texels lie round a place
    return Map((float(x), float(y)), float(texel))
