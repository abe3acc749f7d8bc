"""Where evidence stands in the city: the objects it names or covers, and its own ground."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import shapely

from twin.errors import CrsError
from twin.geometry import F64, Rows
from twin.maintenance.evidence import touched
from twin.maintenance.footings import Footings
from twin.maintenance.placing import moved_polygon
from twin.records import Evidence
from twin.scene import LayerId, Twin


def in_city(twin: Twin, items: Sequence[Evidence]) -> list[Evidence]:
    """Return evidence with its ground in the project's plane; what cannot be moved has none."""
    found = []
    for item in items:
        try:
            ground = (
                moved_polygon(item.polygon, item.crs, twin.crs)
                if item.polygon and item.crs and twin.crs
                else item.polygon
            )
        except CrsError:
            ground = ""
        found.append(replace(item, polygon=ground, crs=twin.crs))
    return found


def rows_of(twin: Twin, items: Sequence[Evidence]) -> list[dict[LayerId, Rows]]:
    """Return, for each hint, the objects it touches: those it names, and those it covers."""
    found: list[dict[LayerId, Rows]] = [{} for _ in items]
    placed = in_city(twin, items)
    for key, layer in twin.layers.items():
        if not len(layer.features):
            continue
        number, rows = touched(Footings(layer.features, layer.features.top), placed)
        for one in np.unique(number):
            found[one][key] = rows[number == one].astype(np.int32)
    return found


def ground_of(item: Evidence) -> list[F64]:
    """Return the rings f64(n, 2) of a hint's ground, in its plane; a point is a small square."""
    if not item.polygon:
        return []
    shape = shapely.from_wkt(item.polygon)
    if shapely.get_dimensions(shape) < 1:
        return []
    lines = shapely.boundary(shape) if shapely.get_dimensions(shape) == 2 else shape
    return [shapely.get_coordinates(part) for part in shapely.get_parts(lines)]


def centre_of(twin: Twin, item: Evidence, rows: Mapping[LayerId, Rows]) -> F64 | None:
    """Return the point f64(3) where a hint's pin stands: above its first object, else on its ground."""
    for key, some in rows.items():
        boxes = twin.layer(key).boxes(some)
        known = boxes[np.isfinite(boxes).all(axis=1)]
        if len(known):
            top = known[int(np.argmax(known[:, 5]))]
            return np.array([(top[0] + top[3]) / 2, (top[1] + top[4]) / 2, top[5]])
    if not item.polygon:
        return None
    at = shapely.point_on_surface(shapely.from_wkt(item.polygon))
    return np.array([at.x, at.y, level_of(twin)])


def level_of(twin: Twin) -> float:
    """Return the height on which grounds are drawn: the middle of the objects' feet."""
    feet = [layer.features.bounds[:, 2] for layer in twin.layers.values() if len(layer.features)]
    every = np.concatenate([np.zeros(0), *feet])
    every = every[np.isfinite(every)]
    return float(np.median(every)) if len(every) else 0.0
