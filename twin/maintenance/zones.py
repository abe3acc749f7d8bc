"""Which zone a maintained unit lies in: the one that covers most of its footprint, never its centroid."""

from collections.abc import Sequence

import numpy as np
import shapely

from twin.geometry import I32
from twin.maintenance.footings import Footings
from twin.maintenance.rules import Zone

Within = tuple[I32, tuple[str, ...]]
"""Codes i32(n) into names; the first name is '' = in no zone."""


def zones_of(footings: Footings, zones: Sequence[Zone]) -> Within:
    """Return the zone of every row: its unit's greatest share; of equal shares the smaller zone, then by name.

    Polygons stand in the table's plane; zones of one name are one zone in several parts.
    """
    names = tuple(dict.fromkeys(("", *(zone.name for zone in zones))))
    nowhere = np.zeros(len(footings.unit), np.int32), names
    if not zones or not len(footings.units):
        return nowhere
    order = sorted(zones, key=lambda zone: zone.name, reverse=True)
    shapes = np.array([shapely.from_wkt(zone.polygon) for zone in order], object)
    found = footings.shares(shapes)
    if not len(found.area):
        return nowhere
    share = np.round(found.share, 9)
    place = np.lexsort((found.area, -shapely.area(shapes)[found.area], share, found.thing))
    thing = found.thing[place]
    last = np.append(thing[1:] != thing[:-1], True)
    code = np.array([names.index(zone.name) for zone in order], np.int32)
    of_unit = np.zeros(len(footings.units), np.int32)
    of_unit[thing[last]] = code[found.area[place[last]]]
    return of_unit[footings.place], names
