"""Which order is about which row: by ids that stay the same from delivery to delivery."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

import numpy as np

from twin.features import FeatureTable
from twin.geometry import Rows
from twin.identity import UNSTEADY, uid, uids
from twin.maintenance.orders.records import WorkOrder
from twin.maintenance.revisions.keys import keys_of
from twin.scene import Layer

Keyed = Mapping[int, tuple[str, str]]
"""Row -> (scheme, key) of a register."""
NO_IDS: Mapping[str, str] = MappingProxyType({})


def stable_uids(layer: Layer, rows: Rows) -> list[str]:
    """Return the stable uid of each row: UUIDv5 by dataset and ``scheme:key``.

    The key is the object's id; in formats whose ids are made anew with each delivery it is the best
    key of a register (MAINTENANCE.md 7.2) that only one object has.
    """
    dataset = layer.source.dataset or layer.id
    return uids_by(dataset, layer.features, rows, registered(layer))


def uids_by(dataset: str, features: FeatureTable, rows: Rows, keyed: Keyed) -> list[str]:
    """Return the uid of each row by its register's key where it has one, else by its id."""
    if not keyed:
        return uids(dataset, features.id[rows].tolist())
    ids = features.id
    return [
        uid(dataset, keyed[row][1], keyed[row][0]) if row in keyed else uid(dataset, str(ids[row]))
        for row in rows.tolist()
    ]


def registered(layer: Layer) -> Keyed:
    """Return the keys of registers of a layer's maintained units, where its format makes ids anew."""
    return registered_in(layer.features, layer.assessment.unit_rows(), layer.about.format)


def registered_in(features: FeatureTable, units: Rows, form: str) -> Keyed:
    """Return, of maintained units of a format that makes ids anew, the best key of a register that is theirs
    alone: row -> (scheme, key)."""
    found: dict[int, tuple[str, str]] = {}
    if form not in UNSTEADY:
        return found
    for key in keys_of(features, units):
        if key.rank > 1:
            continue
        count = Counter(value for value in key.values if value is not None)
        for row, value in zip(units.tolist(), key.values, strict=True):
            if value is not None and count[value] == 1:
                found.setdefault(row, value)
    return found


def places_of(
    layer: Layer, named: Collection[str], ids: Mapping[str, str] = NO_IDS
) -> dict[str, int]:
    """Return uid -> row of the maintained units of a layer that bear one of some stable uids.

    ``ids`` (uid -> id) say what objects were called: where ids last, nobody else need be asked.
    """
    if not named or not len(layer.features):
        return {}
    if layer.about.format not in UNSTEADY:
        known, dataset = layer.features.rows_by_id, layer.source.dataset or layer.id
        found = {
            key: known[ids[key]]
            for key in named
            if key in ids and ids[key] in known and uid(dataset, ids[key]) == key
        }
        if len(found) == len(named):
            return found
    units, wanted = layer.assessment.unit_rows(), set(named)
    pairs = zip(stable_uids(layer, units), units.tolist(), strict=True)
    return {key: row for key, row in pairs if key in wanted}


def rows_of_orders(layer: Layer, orders: Iterable[WorkOrder]) -> dict[str, Rows]:
    """Return, of each order that has objects in a layer, the rows: by stable uid, whatever the ids are now."""
    wanted = list(orders)
    ids = {thing.uid: thing.id for order in wanted for thing in order.objects}
    places = places_of(layer, ids.keys(), ids)
    found: dict[str, Rows] = {}
    for order in wanted:
        rows = [places[thing.uid] for thing in order.objects if thing.uid in places]
        if rows:
            found[order.id] = np.array(rows, np.int32)
    return found
