"""The objects of a study as people count them: a building with all its parts, by number, with its name."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from twin.analyses.study import Study
from twin.features import FeatureTable
from twin.geometry import F64, I32, Rows
from twin.maintenance.hierarchy import maintained_units

I64 = NDArray[np.int64]
CONTAINERS = ("IfcProject", "IfcSite", "CityObjectGroup")
"""Kinds that hold buildings and are none."""


@dataclass(frozen=True)
class Things:
    """Objects with triangles, numbered: ``layer`` i32(k), ``row`` i32(k), by layer and row."""

    study: Study

    @cached_property
    def _keys(self) -> I64:
        """Return i64(t): the key of each triangle's object, -1 = none."""
        bodies = self.study.bodies
        whole = np.full(len(bodies), -1, np.int64)
        for number, layer in enumerate(self.study.layers):
            mine = (bodies.layer == number) & (bodies.row >= 0)
            if mine.any():
                unit = units_of(layer.features)
                whole[mine] = (number << 32) + unit[bodies.row[mine]].astype(np.int64)
        return whole

    @cached_property
    def keys(self) -> I64:
        """Return i64(k): the keys of the objects, ascending."""
        return np.unique(self._keys[self._keys >= 0])

    @cached_property
    def of_triangle(self) -> I32:
        """Return i32(t): the number of each triangle's object, -1 = none."""
        place = np.searchsorted(self.keys, self._keys)
        return np.where(self._keys < 0, -1, place).astype(np.int32)

    @cached_property
    def layer(self) -> I32:
        """Return i32(k): the layer of each object."""
        return (self.keys >> 32).astype(np.int32)

    @cached_property
    def row(self) -> I32:
        """Return i32(k): the row of each object."""
        return (self.keys & 0xFFFFFFFF).astype(np.int32)

    def __len__(self) -> int:
        """Return the number of objects."""
        return len(self.keys)

    @cached_property
    def boxes(self) -> F64:
        """Return f64(k, 6): min xyz, max xyz of the triangles of each object."""
        corners = self.study.bodies.corners()
        found = np.concatenate(
            [np.full((len(self), 3), np.inf), np.full((len(self), 3), -np.inf)], 1
        )
        mine = self.of_triangle >= 0
        np.minimum.at(found[:, :3], self.of_triangle[mine], corners[mine].min(axis=1))
        np.maximum.at(found[:, 3:], self.of_triangle[mine], corners[mine].max(axis=1))
        return found

    def key(self, number: int) -> tuple[str, str]:
        """Return (layer id, object id) of an object."""
        layer = self.study.layers[int(self.layer[number])]
        return layer.id, str(layer.features.id[int(self.row[number])])

    def title(self, number: int) -> str:
        """Return what people call an object: its name, else its id."""
        layer, row = self.study.layers[int(self.layer[number])], int(self.row[number])
        names = layer.features.name
        name = None if names is None else names[row]
        return str(name) if name else str(layer.features.id[row])

    def number_of(self, layer: int, row: int) -> int:
        """Return the number of the object that a row of a layer belongs to; -1 = it has no triangles."""
        unit = int(units_of(self.study.layers[layer].features)[row])
        key = (layer << 32) + unit
        place = int(np.searchsorted(self.keys, key))
        return place if place < len(self) and int(self.keys[place]) == key else -1

    def used(self, numbers: Rows) -> Mapping[str, Rows]:
        """Return the rows of objects by layer id, as ``Findings.used`` wants them."""
        found = {}
        for number, layer in enumerate(self.study.layers):
            rows = self.row[numbers][self.layer[numbers] == number]
            if len(rows):
                found[layer.id] = np.unique(rows).astype(np.int32)
        return found


def units_of(features: FeatureTable) -> Rows:
    """Return i32(n): the row of the building, or other whole, that each row is a part of."""
    kinds = ("IfcBuilding",) if "IfcBuilding" in features.kinds else ()
    return maintained_units(features, kinds, CONTAINERS)
