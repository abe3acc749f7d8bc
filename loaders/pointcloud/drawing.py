"""Points as they are drawn: exact to the file's own precision, each with the row of its class."""

import numpy as np
from numpy.typing import NDArray

from loaders.pointcloud.clouds import Cloud, places
from loaders.pointcloud.facts import table_of
from loaders.pointcloud.formats import Points
from twin.geometry import I32, Drawable, Material
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


def content_of(cloud: Cloud, points: Points) -> Content:
    """Return a tile of a cloud whose classes are known."""
    rows = rows_by_class(np.flatnonzero(cloud.tally.classes).tolist())
    return Content(drawables(cloud, points, rows))


def content_with_classes(cloud: Cloud, points: Points, box: NDArray[np.float64]) -> Content:
    """Return a tile that brings its classes along as objects, of a cloud nobody has read whole."""
    classes = np.unique(points["kind"]).tolist()
    table = table_of(cloud.header, classes, box)
    return Content(drawables(cloud, points, rows_by_class(classes)), features=table)


def drawables(cloud: Cloud, points: Points, rows: I32) -> tuple[Drawable, ...]:
    """Return the points; ``rows`` i32(256) are the rows of their classes."""
    if not len(points):
        return ()
    colors = cloud.look.colors(points, places(cloud.header, points))
    feature = rows[points["kind"]]
    at = points["at"].astype(np.int64)
    low = at.min(axis=0)
    if (at.max(axis=0) - low < 1 << _BITS).all():
        return (_drawn(cloud, at, feature, colors),)
    block = (at - low) >> _BITS
    names = (block[:, 0] << 40) | (block[:, 1] << 20) | block[:, 2]
    return tuple(
        _drawn(cloud, at[one], feature[one], colors[one])
        for one in (np.flatnonzero(names == name) for name in np.unique(names))
    )


def _drawn(cloud: Cloud, at: NDArray[np.int64], feature: I32, colors: NDArray[np.uint8]) -> Drawn:
    header = cloud.header
    middle = (at.min(axis=0) + at.max(axis=0)) // 2
    origin = middle * header.scale + header.offset
    offsets = ((at - middle) * header.scale).astype(np.float32)
    return Drawn(origin, offsets, np.asarray(feature, np.int32), _LOOK, colors)
