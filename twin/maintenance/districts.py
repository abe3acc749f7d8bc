"""The district of every object, for counting: the value of the zone column, else the zone it lies in."""

import numpy as np

from twin.features import FeatureTable
from twin.geometry import I32
from twin.maintenance.dates import as_texts
from twin.maintenance.footings import Footings
from twin.maintenance.hierarchy import nearest_with
from twin.maintenance.rules import Rules
from twin.maintenance.zones import zones_of

FEW = 25
"""Districts up to which a column may hold one for every object."""


def districts(
    features: FeatureTable, rules: Rules, footings: Footings
) -> tuple[I32, tuple[str, ...]]:
    """Return i32(n) codes (-1 = none) and the names of the districts.

    A row takes the zone column's value from its nearest ancestor that has one; where there is none,
    its unit's district is the zone that covers most of the plan rectangle (``zones_of``).
    """
    names: dict[str, int] = {}
    codes = _by_column(features, rules.choices.zone_column, names)
    left = codes < 0
    if rules.zones and left.any():
        codes = np.where(left, _by_place(rules, footings, names), codes).astype(np.int32)
    return codes, tuple(names)


def _by_column(features: FeatureTable, column: str, names: dict[str, int]) -> I32:
    found = features.get(column)
    if found is None:
        return np.full(len(features), -1, np.int32)
    items = [item or "" for item in as_texts(found).tolist()]
    for item in items:
        if item:
            names.setdefault(item, len(names))
    if len(names) > FEW and len(names) * 2 > sum(map(bool, items)):
        names.clear()  # a value for almost every object tells no district
        return np.full(len(features), -1, np.int32)
    coded = np.fromiter((names.get(item, -1) for item in items), np.int32, len(items))
    source = nearest_with(features.parent, coded >= 0)
    return np.where(source >= 0, coded[np.maximum(source, 0)], -1).astype(np.int32)


def _by_place(rules: Rules, footings: Footings, names: dict[str, int]) -> I32:
    codes, zones = zones_of(footings, rules.zones)
    table = [-1 if not zone else names.setdefault(zone, len(names)) for zone in zones]
    return np.array(table, np.int32)[codes]
