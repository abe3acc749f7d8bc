"""Points as they are drawn: exact to the file's own precision, each with the row of its class."""

import numpy as np
from numpy.typing import NDArray

from loaders.pointcloud.clouds import Cloud
from loaders.pointcloud.facts import table_of
from loaders.pointcloud.formats import Points
from loaders.pointcloud.hierarchy import Place
from twin.geometry import F64, I32, U8, Drawable, Material
from twin.geometry import Points as Drawn
from twin.ports import Content

_BITS = 23
"""Integers that part less than 2^23 from each other keep all their bits as float32; wider tiles are parted."""
_LOOK = Material(unlit=True)


def rows_by_class(classes: list[int]) -> I32:
    """Return the row i32(256) of each class in the table of these classes; row 0, the cloud, for the others."""
    found = np.zeros(256, np.int32)
    found[classes] = np.arange(1, len(classes) + 1)
    return found


def content_of(cloud: Cloud, tile: int) -> Content:
    """Return a tile of a cloud whose classes are known."""
    rows = rows_by_class(np.flatnonzero(cloud.tally.classes).tolist())
    return Content(drawables(cloud, cloud.points(tile), rows, cloud.spacing_at(tile)))


def content_with_classes(cloud: Cloud, points: Points, place: Place, box: F64) -> Content:
    """Return a tile that brings its classes along as objects, of a cloud nobody has read whole."""
    classes = np.unique(points["kind"]).tolist()
    table = table_of(cloud.header, classes, box)
    spacing = cloud.spacing(place.key[0], place.below)
    return Content(drawables(cloud, points, rows_by_class(classes), spacing), features=table)


def drawables(cloud: Cloud, points: Points, rows: I32, spacing: float) -> tuple[Drawable, ...]:
    """Return the points; ``rows`` i32(256) are the rows of their classes, ``spacing`` as in Drawn, 0 = their own."""
    if not len(points):
        return ()
    at = np.ascontiguousarray(points["at"].T)
    low, high = at.min(axis=1).astype(np.int64), at.max(axis=1).astype(np.int64)
    colors = cloud.look.colors(points, cloud.header)
    feature = rows[points["kind"]]
    if not spacing:
        reach = cloud.header.scale * cloud.metres
        spacing = _spacing((at - low[:, None]) * reach[:, None])
    if (high - low < 1 << _BITS).all():
        return (_drawn(cloud, at, (low + high) // 2, (feature, colors), spacing),)
    block = (at - low[:, None]) >> _BITS
    names = (block[0] << 40) | (block[1] << 20) | block[2]
    middles = ((block << _BITS) + low[:, None] + (1 << (_BITS - 1))).T
    return tuple(
        _drawn(cloud, at[:, one], middles[one[0]], (feature[one], colors[one]), spacing)
        for one in (np.flatnonzero(names == name) for name in np.unique(names))
    )


def _spacing(at: F64) -> float:
    """Return about how far points f64(3, n), metres from their corner, stand apart on the surfaces that they lie on.

    In cells that hold about four points each, n points on a surface fill n / 4 of them.
    """
    side, many = float(at.max()), at.shape[1]
    for step in range(10, 0, -1):
        cell = side / (1 << step)
        x, y, z = (at / max(cell, 1e-9)).astype(np.int64)
        filled = len(np.unique((x << 40) | (y << 20) | z))
        if many >= 4 * filled:
            return cell * float(np.sqrt(filled / many))
    return 0.0


def _drawn(
    cloud: Cloud,
    at: NDArray[np.int32],
    middle: NDArray[np.int64],
    looks: tuple[I32, U8],
    spacing: float,
) -> Drawn:
    """Return points of integers i32(3, n) about a middle."""
    header, (feature, colors) = cloud.header, looks
    offsets = np.empty((at.shape[1], 3), np.float32)
    for axis in range(3):
        offsets[:, axis] = (at[axis] - middle[axis]) * header.scale[axis]
    origin = middle * header.scale + header.offset
    return Drawn(origin, offsets, np.asarray(feature, np.int32), _LOOK, colors, spacing=spacing)
