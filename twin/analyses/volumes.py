"""Floor area, footprint, volume and storeys of buildings, and their sums by zone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.analyses.asking import asked
from twin.analyses.findings import Findings, Sheet
from twin.analyses.study import Study
from twin.analyses.things import Things
from twin.errors import UsageError
from twin.features import FeatureTable
from twin.geometry import F64, Rows
from twin.jobs import Feedback
from twin.maintenance.area_files import area_columns
from twin.maintenance.footings import covered
from twin.maintenance.placing import moved_polygon
from twin.maintenance.vector_files import read_vector
from twin.measuring.plan import areas, joined_each
from twin.measuring.surfaces import solid_of

STOREYS = (
    "storeysaboveground", "storeys", "stories", "storey", "floors", "levels", "buildinglevels",
    "numberofstoreys", "numberoffloors", "numfloors", "floorcount", "nbetages", "geschosse",
    "anzahlgs", "bouwlagen", "b3bouwlagen", "层数", "楼层数", "总层数", "地上层数",
)  # fmt: skip
"""What a column of storeys above the ground may be called, signs and case apart."""
STOREY = 3.0
"""Metres of a storey where only the height is known: an estimate, which is said."""
FLAT = 0.01
"""Metres of height below which a building is a footprint: it has no storeys to count."""
SLIVER = 1e-6
"""Square metres in plan below which a triangle counts as upright."""
COLUMNS = ("object", "layer", "zone", "footprint", "height", "storeys", "storeys_from", "floor_area",
           "volume", "volume_from")  # fmt: skip
Zones = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FloorArea:
    """How much floor area, footprint and volume is there, in all and by zone?

    Storeys come from the attribute of the file, else from the height over ``storey`` metres. ``areas``:
    names and polygons (WKT in the project's system); ``zones``: a vector file of areas with names.
    """

    storey: float = asked(STOREY, low=1.0, high=100.0, unit="m")
    areas: Zones = asked((), pick="zones")
    zones: str = asked("", pick="file")

    name = "floor_area"

    def reach(self) -> None:
        """Need everything."""
        return

    def run(self, study: Study, feedback: Feedback) -> Findings:
        """Answer. Raises UsageError, OpenError for a file of zones, Cancelled."""
        if not self.storey > 0:
            raise UsageError(reason=f"{'storey'} must be more than 0 m")
        things = Things(study)
        numbers, triangles = things.groups(things.buildings & ~things.meshes)
        if not len(numbers):
            return Findings({"objects": 0.0}, notes=(things.nothing,))
        names, shapes = self._zones(study, feedback)
        body = _Bodies.of(things, numbers, triangles, feedback)
        said = said_storeys(things, numbers)
        guessed = np.maximum(np.round(body.height / self.storey), 1)
        storeys = np.where(np.isnan(said), np.where(body.height > FLAT, guessed, np.nan), said)
        zone = zone_of(body.prints, shapes)
        found = _Buildings(numbers, body, storeys, ~np.isnan(said), zone, names)
        return found.told(study, things)

    def _zones(self, study: Study, feedback: Feedback) -> tuple[list[str], NDArray[Any]]:
        pairs = [*self.areas, *(file_zones(self.zones, study.crs, feedback) if self.zones else ())]
        try:
            shapes = np.array([shapely.from_wkt(wkt) for _, wkt in pairs], object)
        except shapely.GEOSException:
            raise UsageError(reason="an area is no polygon in WKT") from None
        if any(not shape.is_valid or not shape.area > 0 for shape in shapes):
            raise UsageError(
                reason="the corners make no area: they lie in one line, or its border crosses itself"
            )
        return [name for name, _ in pairs], shapes


def file_zones(location: str, crs: str, feedback: Feedback) -> Zones:
    """Return names and polygons of a vector file in a system ('' or none in the file = as they stand)."""
    table = read_vector(location, "", feedback)
    if table.geometry is None:
        raise UsageError(reason=f"{location}: the file has no areas")
    columns = area_columns(table, {})
    label = columns.name or columns.id
    names = table.columns[label].tolist() if label else [str(key) for key in table.keys.tolist()]
    found = []
    for name, shape in zip(names, table.geometry, strict=True):
        if shape is None or not shape.area > 0:
            continue
        wkt = shapely.force_2d(shape).wkt
        moved = moved_polygon(wkt, table.crs, crs) if table.crs and crs else wkt
        found.append((str(name), moved))
    return tuple(found)


def said_storeys(things: Things, numbers: Rows) -> F64:
    """Return the storeys f64(k) that files tell of things; NaN = nothing.

    A column of the table tells them; else a building model does by its storeys that have rooms.
    """
    found = np.full(len(numbers), np.nan)
    for index, layer in enumerate(things.study.layers):
        mine = np.flatnonzero(things.layer[numbers] == index)
        rows = things.row[numbers[mine]]
        said = storeys_column(layer.features)
        rooms = storeys_with_rooms(layer.features, layer.assessment.unit)[rows]
        found[mine] = rooms if said is None else np.where(np.isnan(said[rows]), rooms, said[rows])
    return found


def storeys_with_rooms(features: FeatureTable, unit: Rows) -> F64:
    """Return the storeys f64(n) of a building model in which rooms lie, by unit; NaN where it has none."""
    kinds = np.array([*features.kinds, ""])[features.kind]
    parent = features.parent
    room = np.flatnonzero((kinds == "IfcSpace") & (parent >= 0))
    storeys = np.unique(parent[room])
    storeys = storeys[kinds[storeys] == "IfcBuildingStorey"]
    count = np.bincount(unit[storeys], minlength=len(features)).astype(np.float64)
    return np.where(count > 0, count, np.nan)


def storeys_column(features: FeatureTable) -> F64 | None:
    """Return the storeys f64(n) above the ground of a table's rows; None where no column is called so."""
    by_name = {re.sub(r"[\W_]", "", name.lower()): name for name in features.columns}
    name = next((by_name[key] for key in STOREYS if key in by_name), None)
    if name is None:
        return None
    values = features.columns[name]
    if values.dtype.kind in "iuf":
        number = values.astype(np.float64)
    else:
        number = np.array([_number(value) for value in values.tolist()], np.float64)
    return np.where((number > 0) & (number < 300), number, np.nan)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def zone_of(prints: NDArray[Any], shapes: NDArray[Any]) -> Rows:
    """Return the zone i32(k) that covers most of each footprint; -1 = none does."""
    best = np.full(len(prints), -1, np.int32)
    if not len(shapes):
        return best
    there = np.flatnonzero(shapely.area(prints) > 0)
    found = covered(prints[there], shapes)
    order = np.lexsort((-found.area, found.share))
    best[there[found.thing[order]]] = found.area[order]
    return best


@dataclass(frozen=True)
class _Bodies:
    """Footprints as polygons object(k), heights f64(k), volumes f64(k); ``closed`` bool(k)."""

    prints: NDArray[Any]
    height: F64
    volume: F64
    closed: NDArray[np.bool_]

    @staticmethod
    def of(
        things: Things, numbers: Rows, triangles: Sequence[Rows], feedback: Feedback
    ) -> "_Bodies":
        """Measure them. The bodies of building elements are walls and slabs: their sum is no volume of a building."""
        composed = things.composed[numbers]
        corners = things.study.bodies.corners()
        every = np.concatenate([np.zeros(0, np.int32), *triangles]).astype(np.int64)
        group = np.repeat(np.arange(len(triangles)), [len(mine) for mine in triangles])
        wide = np.abs(areas(corners[every][:, :, :2])) > SLIVER
        middle = things.study.bodies.origin[:2]
        plan = corners[every[wide]][:, :, :2] - middle
        moved = joined_each(group[wide].astype(np.int32), plan, len(triangles), feedback)
        prints = np.asarray(shapely.transform(moved, lambda points: points + middle), object)
        height, volume = np.zeros(len(triangles)), np.zeros(len(triangles))
        closed = np.zeros(len(triangles), np.bool_)
        for number, mine in enumerate(triangles):
            if not number % 64:
                feedback.check()
                feedback.progress(number / len(triangles))
            shape = corners[mine]
            height[number] = float(np.ptp(shape[:, :, 2]))
            solid = solid_of(shape)
            closed[number] = solid.closed and solid.volume > 0 and not composed[number]
            volume[number] = solid.volume
        estimate = shapely.area(prints) * height
        return _Bodies(prints, height, np.where(closed, volume, estimate), closed)


@dataclass(frozen=True)
class _Buildings:
    """What is told of buildings ``numbers`` i32(k): storeys, whether said, zone i32(k) into names."""

    numbers: Rows
    body: _Bodies
    storeys: F64
    said: NDArray[np.bool_]
    zone: Rows
    names: Sequence[str]

    @property
    def prints(self) -> F64:
        return np.asarray(shapely.area(self.body.prints), np.float64)

    @property
    def floors(self) -> F64:
        """Return the floor area f64(k), m²; NaN where there are no storeys."""
        return np.asarray(self.prints * self.storeys)

    def told(self, study: Study, things: Things) -> Findings:
        """Return it as findings."""
        notes = {
            "storeys_estimated": bool((~self.said & ~np.isnan(self.storeys)).any()),
            "volume_estimated": bool((~self.body.closed).any()),
            "flat_objects": bool((self.body.height <= FLAT).any()),
        }
        sheets = [self._objects(study, things)]
        if self.names:
            sheets.insert(0, self._by_zone())
        return Findings(
            {"objects": float(len(self.numbers)), "footprint": float(self.prints.sum()),
             "floor_area": float(np.nansum(self.floors)), "volume": float(self.body.volume.sum()),
             "storeys_said": float(self.said.sum()), "bodies_closed": float(self.body.closed.sum())},
            {"footprint": "m²", "floor_area": "m²", "volume": "m³"},
            tuple(sheets),
            values=things.values("floor_area", self.numbers, self.floors, "m²"),
            used=things.used(self.numbers),
            notes=tuple(note for note, wanted in notes.items() if wanted),
        )  # fmt: skip

    def _by_zone(self) -> Sheet:
        rows = []
        for number in [*range(len(self.names)), -1]:
            mine = self.zone == number
            if number < 0 and not mine.any():
                continue
            name = self.names[number] if number >= 0 else None
            rows.append(
                (name, int(mine.sum()), float(self.prints[mine].sum()),
                 float(np.nansum(self.floors[mine])), float(self.body.volume[mine].sum()))
            )  # fmt: skip
        return Sheet("zones", ("zone", "objects", "footprint", "floor_area", "volume"),
                     ("", "", "m²", "m²", "m³"), rows)  # fmt: skip

    def _objects(self, study: Study, things: Things) -> Sheet:
        rows = []
        for place, number in enumerate(self.numbers.tolist()):
            layer = study.layers[int(things.layer[number])].title
            zone = int(self.zone[place])
            storeys, floor = float(self.storeys[place]), float(self.floors[place])
            rows.append(
                (
                    things.title(number), layer, self.names[zone] if zone >= 0 else None,
                    float(self.prints[place]), float(self.body.height[place]),
                    None if np.isnan(storeys) else storeys,
                    "attribute" if self.said[place] else "height",
                    None if np.isnan(floor) else floor, float(self.body.volume[place]),
                    "body" if self.body.closed[place] else "estimate",
                )
            )  # fmt: skip
        units = ("", "", "", "m²", "m", "", "", "m²", "m³", "")
        return Sheet(
            "buildings", COLUMNS, units, rows, [things.key(n) for n in self.numbers.tolist()]
        )
