"""The face that a cut leaves of one tile: a mesh in the plane, with outlines, areas and open objects."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twin.geometry import F64, I32, U8, Arrays, Drawable, Mesh, distinct
from twin.sections.areas import Areas, filled
from twin.sections.joining import rings_of
from twin.sections.planes import NO_PLANES, Bool
from twin.sections.slicing import Flat, Index, Segments, slice_all


@dataclass(frozen=True, slots=True)
class Cap(Arrays):
    """What one plane f64(4) cuts of one tile.

    ``mesh`` lies in the plane: its triangles are what is solid in the colour of the material that is cut,
    its ``edges`` the outlines, closed or not. ``feature`` i32(k), ``area`` f64(k) m², ``open`` bool(k) and
    ``footed`` bool(k) say for each object how much is cut, whether an outline of it does not close, and
    whether one was closed along the feet of walls that stand on nothing.
    """

    plane: F64
    mesh: Mesh
    feature: I32
    area: F64
    open: Bool
    footed: Bool


def cap_of(
    drawables: Sequence[Drawable], plane: F64, middle: F64, others: F64 = NO_PLANES
) -> Cap | None:
    """Return the cap of a plane f64(4) in a tile's drawables, None where it meets nothing.

    ``middle`` f64(3) is near the tile: offsets count from the point of the plane that is nearest to it.
    Objects that one of ``others`` cuts away altogether are left out. Numbers of objects are the drawables'.
    """
    flat = Flat.of(plane, middle)
    segments = slice_all(drawables, plane, others, flat)
    if not len(segments.ends):
        return None
    upright = bool(flat.second[2] > 0.5)
    segments, rings, left, added = rings_of(segments, upright)
    areas, open_ = filled(segments, rings, left)
    feature = distinct(segments.feature)
    size = np.zeros(len(feature))
    whose = np.searchsorted(feature, segments.feature[areas.source])
    np.add.at(size, whose, areas.size)
    lacking = np.isin(feature, segments.feature[open_])
    footed = np.isin(feature, segments.feature[added])
    return Cap(plane, _mesh(segments, areas, flat), feature, size, lacking, footed)


def _mesh(segments: Segments, areas: Areas, flat: Flat) -> Mesh:
    """Return the triangles, then the outlines, as one mesh without shared corners."""
    solid, lines = len(areas.triangles) * 3, len(segments.ends)
    places = np.concatenate([areas.triangles.reshape(-1, 2), segments.ends.reshape(-1, 2)])
    source: Index = np.concatenate([np.repeat(areas.source, 3), np.repeat(np.arange(lines), 2)])
    colors: U8 = segments.color[source]
    return Mesh(
        flat.point,
        flat.placed(places).astype(np.float32),
        np.arange(solid, dtype=np.int32).reshape(-1, 3),
        segments.feature[source],
        colors=colors,
        edges=(solid + np.arange(2 * lines, dtype=np.int32)).reshape(-1, 2),
    )
