"""The objects of a study as people count them: maintained units with all their parts, by number; no terrain."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from twin.analyses.findings import Values
from twin.analyses.study import Study
from twin.features import Bool, FeatureTable
from twin.geometry import F64, I32, Rows

I64 = NDArray[np.int64]
LEVEL = frozenset({
    "LandUse", "Road", "TransportSquare", "Track", "Railway", "Square", "WaterBody", "Waterway",
    "PlantCover", "TransportationComplex",
})  # fmt: skip
"""Kinds of objects that cover the ground."""
MESHES = frozenset({"TexturedMesh"})
"""Kinds of pieces of a mesh: trees, cars, ground and buildings in one skin."""


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
            mine = (bodies.layer == number) & (bodies.row >= 0) & ~self.study.on_ground
            if mine.any():
                unit = layer.assessment.unit
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

    @cached_property
    def buildings(self) -> Bool:
        """Return bool(k): buildings; of a layer that names none all that does not cover the ground.

        A layer whose buildings are drawn by another one names them all the same.
        """
        found = ~self.level
        for number, layer in enumerate(self.study.layers):
            mine = self.layer == number
            kinds = np.array([is_building(kind) for kind in layer.features.kinds], np.bool_)
            if len(kinds) and kinds[layer.features.kind].any():
                found[mine] = kinds[layer.features.kind[self.row[mine]]]
        return found

    @cached_property
    def named_buildings(self) -> Bool:
        """Return bool(k): what is a building by its class, or built as a block of a scenario."""
        found = np.zeros(len(self), np.bool_)
        for number, layer in enumerate(self.study.layers):
            mine = self.layer == number
            kinds = np.array(
                [is_building(kind) for kind in layer.features.kinds] or [False], np.bool_
            )
            found[mine] = kinds[layer.features.kind[self.row[mine]]]
        return found

    def counts(self, numbers: Rows, touched: Bool, whole: str, part: str) -> dict[str, float]:
        """Return figures on some objects: how many, how many are touched bool(n), under the codes ``objects``
        and ``whole``; of buildings among them under ``buildings`` and ``part``."""
        mine = self.named_buildings[numbers]
        found = {"objects": float(len(numbers)), whole: float(touched.sum())}
        if mine.any():
            found |= {"buildings": float(mine.sum()), part: float((touched & mine).sum())}
        return found

    def kind(self, number: int) -> str:
        """Return the class of an object."""
        table = self.study.layers[int(self.layer[number])].features
        return str(table.kinds[int(table.kind[int(self.row[number])])])

    @cached_property
    def meshes(self) -> Bool:
        """Return bool(k): pieces of a photogrammetric mesh, in which nobody told buildings apart."""
        found = np.zeros(len(self), np.bool_)
        for number, layer in enumerate(self.study.layers):
            mine = self.layer == number
            kinds = np.array(
                [kind in MESHES for kind in layer.features.kinds] or [False], np.bool_
            )
            found[mine] = kinds[layer.features.kind[self.row[mine]]]
        return found

    @property
    def nothing(self) -> str:
        """Return the code of the note that says why there is no building to be asked about."""
        return "mesh_only" if self.meshes.any() else "no_bodies"

    @cached_property
    def composed(self) -> Bool:
        """Return bool(k): objects that are made of building elements, as in IFC; no body of theirs is their hull."""
        found = np.zeros(len(self), np.bool_)
        bodies = self.study.bodies
        for number, layer in enumerate(self.study.layers):
            mine = np.flatnonzero((bodies.layer == number) & (self.of_triangle >= 0))
            found[
                self.of_triangle[
                    mine[elements(layer.features, layer.assessment.unit, bodies.row[mine])]
                ]
            ] = True
        return found

    @cached_property
    def level(self) -> Bool:
        """Return bool(k): objects that cover the ground: roads, land use, water."""
        found = np.zeros(len(self), np.bool_)
        for number, layer in enumerate(self.study.layers):
            mine = self.layer == number
            kinds = np.array([kind in LEVEL for kind in layer.features.kinds], np.bool_)
            if kinds.any():
                found[mine] = kinds[layer.features.kind[self.row[mine]]]
        return found

    def groups(self, wanted: Bool) -> tuple[Rows, list[I32]]:
        """Return the numbers of the wanted objects bool(k) and the triangles i32(t) of each."""
        order = np.argsort(self.of_triangle, kind="stable").astype(np.int32)
        start = np.searchsorted(self.of_triangle[order], np.arange(len(self) + 1))
        numbers = np.flatnonzero(wanted).astype(np.int32)
        return numbers, [order[start[n] : start[n + 1]] for n in numbers.tolist()]

    def values(self, name: str, numbers: Rows, number: F64, unit: str) -> tuple[Values, ...]:
        """Return a number of some objects as values of their layers."""
        found = []
        for index, layer in enumerate(self.study.layers):
            mine = self.layer[numbers] == index
            if mine.any():
                found.append(Values(layer.id, name, self.row[numbers[mine]], number[mine], unit))
        return tuple(found)

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
        unit = int(self.study.layers[layer].assessment.unit[row])
        key = (layer << 32) + unit
        place = int(np.searchsorted(self.keys, key))
        return place if place < len(self) and int(self.keys[place]) == key else -1

    def drawn_as(self, layer: int, row: int) -> int:
        """Return ``number_of``, or of the object with the same id in another layer that draws it; -1 = nobody does."""
        found = self.number_of(layer, row)
        key = str(self.study.layers[layer].features.id[row])
        for number, other in enumerate(self.study.layers):
            if found < 0 and number != layer and key in other.features.rows_by_id:
                found = self.number_of(number, other.features.rows_by_id[key])
        return found

    def used(self, numbers: Rows) -> Mapping[str, Rows]:
        """Return the rows of objects by layer id, as ``Findings.used`` wants them."""
        found = {}
        for number, layer in enumerate(self.study.layers):
            rows = self.row[numbers][self.layer[numbers] == number]
            if len(rows):
                found[layer.id] = np.unique(rows).astype(np.int32)
        return found


def elements(table: FeatureTable, unit: Rows, rows: Rows) -> Bool:
    """Return bool(k): which of some rows are building elements within a larger object."""
    ifc = np.array([kind.startswith("Ifc") for kind in table.kinds] or [False], np.bool_)
    return np.asarray(ifc[table.kind[rows]] & (unit[rows] != rows))


def is_building(kind: str) -> bool:
    """Return whether a kind is that of a building or a part of one."""
    bare = kind.rpartition(":")[2].lower()
    return bare.startswith(("building", "ifcbuilding"))


def covering(study: Study) -> Bool:
    """Return bool(t): triangles without objects, and those of objects that cover the ground."""
    bodies = study.bodies
    found = np.asarray(bodies.row < 0, np.bool_)
    for number, layer in enumerate(study.layers):
        table = layer.features
        level = np.array([kind in LEVEL for kind in table.kinds], np.bool_)
        if level.any():
            mine = np.flatnonzero((bodies.layer == number) & (bodies.row >= 0))
            found[mine] = level[table.kind[bodies.row[mine]]]
    return found
