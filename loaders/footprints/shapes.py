"""Well-known binary to geometry that can be used: what cannot be read is None, polygons are mended."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.maintenance.telling import Told

Shapes = NDArray[Any]
POINT, LINES, AREAS = 0, 1, 2
"""Dimensions of a geometry."""
FARTHEST = 1e9
"""No coordinate lies farther from its origin than this, in whatever unit."""


def from_binary(said: Sequence[Any], keys: NDArray[Any], told: Told) -> Shapes:
    """Return object(n) of geometries from WKB (None = none); what is wrong with a row is told."""
    raw = np.asarray(said, object)
    with np.errstate(all="ignore"):
        shapes = shapely.from_wkb(raw, on_invalid="ignore")
    absent = np.array([item is None for item in raw], np.bool_)
    for row in np.flatnonzero(absent):
        told.row("vector.no_place", int(keys[row]))
    for row in np.flatnonzero(~absent & shapely.is_missing(shapes)):
        told.row("vector.unreadable", int(keys[row]), reason=_named(raw[row]))
    return sound(shapes, keys, told)


def _named(binary: bytes) -> str:
    """Return what a geometry is that GEOS does not read."""
    names = {15: "PolyhedralSurface", 16: "TIN", 17: "Triangle"}
    order = "little" if binary[:1] == b"\x01" else "big"
    number = int.from_bytes(binary[1:5], "little" if order == "little" else "big") % 1000
    return names.get(number & 0xFF, "WKB")


def sound(shapes: Shapes, keys: NDArray[Any], told: Told) -> Shapes:
    """Return geometries without empty or infinite ones; polygons that cross themselves are mended."""
    shapes = shapes.copy()
    there = ~shapely.is_missing(shapes)
    for row in np.flatnonzero(there & shapely.is_empty(shapes)):
        told.row("vector.empty", int(keys[row]))
        shapes[row] = None
    for row in np.flatnonzero(_infinite(shapes)):
        told.row("vector.not_finite", int(keys[row]))
        shapes[row] = None
    for row in np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_valid(shapes)):
        reason = str(shapely.is_valid_reason(shapes[row]))
        shapes[row] = mended(shapes[row])
        kind = "vector.mended" if shapes[row] is not None else "vector.hopeless"
        told.row(kind, int(keys[row]), reason=reason)
    return shapes


def _infinite(shapes: Shapes) -> NDArray[np.bool_]:
    """Return bool(n): a corner is no number, or out of this world."""
    bad = np.zeros(len(shapes), np.bool_)
    corners, owner = shapely.get_coordinates(shapes, include_z=True, return_index=True)
    wrong = ~(np.abs(corners[:, :2]) <= FARTHEST).all(axis=1) | (np.abs(corners[:, 2]) > FARTHEST)
    bad[owner[wrong]] = True
    return bad


def mended(shape: Any) -> Any:
    """Return a valid geometry of the same dimension; None where nothing of it is left."""
    dimension = shapely.get_dimensions(shape)
    whole = shapely.make_valid(shape)
    parts = shapely.get_parts(shapely.get_parts(whole))
    kept = parts[shapely.get_dimensions(parts) == dimension]
    if not len(kept):
        return None
    if len(kept) == 1:
        return kept[0]
    made = shapely.multipolygons(kept) if dimension == AREAS else shapely.geometrycollections(kept)
    return made if shapely.is_valid(made) else shapely.union_all(kept)
