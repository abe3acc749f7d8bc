"""Areas that a setting may take over: zones and duties of the project, measured areas, outlines of the selection."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from twin.errors import TwinError
from twin.outlines import outline, polygon_of
from ui.desk import Desk

MOST = 200
"""Objects of a selection whose outlines are offered."""
RINGS = 3
"""Corners that a measured area has at least."""


class Named(NamedTuple):
    """An area by name: WKT in the project's plane."""

    name: str
    polygon: str


def offered(desk: Desk) -> dict[str, list[Named]]:
    """Return the areas there are by where they come from (words ``analyse.from_<key>``); none of it is empty."""
    rules = desk.session.rules
    found = {
        "zones": [Named(zone.name or zone.id, zone.polygon) for zone in rules.zones],
        "duties": [Named(one.party, one.polygon) for one in rules.responsibilities if one.polygon],
        "measured": list(_measured(desk)),
        "selection": list(selected(desk)),
    }
    return {key: some for key, some in found.items() if some}


def _measured(desk: Desk) -> Iterator[Named]:
    """Give the measured areas of the project's own system."""
    twin = desk.session.twin
    for one in twin.records["measurements"].values():
        if one.kind == "area" and len(one.points) >= RINGS and one.crs == twin.crs:
            try:
                yield Named(one.title or one.id, polygon_of(one.points))
            except TwinError:
                continue


def selected_objects(desk: Desk) -> Sequence[tuple[str, str]]:
    """Return the selected maintained units as (layer id, object id), the first ones of many."""
    found = []
    for key, rows in desk.session.selected.items():
        layer = desk.session.twin.layers.get(key)
        if layer is not None:
            units = np.unique(layer.assessment.unit[rows[rows < len(layer.assessment)]])
            found += [(key, str(layer.features.id[row])) for row in units[:MOST].tolist()]
    return found[:MOST]


def title_of(desk: Desk, layer: str, key: str) -> str:
    """Return what people call an object: its name, else its id."""
    table = desk.session.twin.layers[layer].features
    name = None if table.name is None else table.name[table.rows_by_id[key]]
    return str(name) if name else key


def selected(desk: Desk) -> Iterator[Named]:
    """Give the outlines of the selected objects, seen from above, of those that have one."""
    for layer, key in selected_objects(desk):
        row = desk.session.twin.layers[layer].features.rows_by_id[key]
        corners, _ = desk.session.body(layer, row)
        try:
            if len(corners):
                yield Named(title_of(desk, layer, key), outline(corners).wkt)
        except TwinError:
            continue
