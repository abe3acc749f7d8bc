"""The areas and zones of the project as rings ready to paint; read again only when they change."""

from dataclasses import dataclass
from functools import lru_cache
from operator import is_
from typing import Any

import numpy as np
import shapely

from twin.geometry import F64
from twin.maintenance.placing import in_project
from twin.maintenance.rule_checks import Overlap, overlaps
from twin.maintenance.rules import Rules
from twin.maintenance.why import keyed
from twin.observations import Assessment
from twin.records import Responsibility
from twin.scene import Layer, Twin

KINDS = ("responsibilities", "zones", "parties")
FINE = 600
"""An outline is simplified to a so-manieth of its longer side: finer is not seen."""
MOST_ORPHANS = 5000
"""Units without a custodian that are marked, a layer."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One area: which records it is of, its key there, its words, its party ('' = a zone), rings f64(n, 2)."""

    kind: str
    key: str
    title: str
    party: str
    rings: tuple[F64, ...]
    middle: F64


class Shapes:
    """All areas and zones in the project's plane, and where areas overlap."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self._key: tuple[Any, ...] = ()
        self._records: list[Any] = []
        self.found: list[Shape] = []
        self.overlaps: list[tuple[str, Shape]] = []
        self._judged: list[Assessment] = []
        self._orphans: F64 = np.zeros((0, 3))

    def read(self) -> bool:
        """Read the records where they changed; return whether they did."""
        kept = self.twin.records
        records = [x for kind in KINDS for x in kept[kind].values()]
        key = (self.twin.crs, *map(id, records))
        if key == self._key:
            return False
        self._key, self._records = key, records  # held, so that no other record gets their ids
        duties = tuple(d for d in kept["responsibilities"].values() if d.polygon)
        rules = Rules(
            parties=tuple(kept["parties"].values()), responsibilities=duties,
            zones=tuple(kept["zones"].values()),
        )  # fmt: skip
        placed = in_project(rules, self.twin.crs)[0]
        keys = keyed(kept["responsibilities"], placed.responsibilities)
        self.found = [
            shape_of("responsibilities", keys.get(id(d), ""), rules.party_of(d.party), d)
            for d in placed.responsibilities
        ]
        for zone in placed.zones:
            rings, middle = _rings(zone.polygon)
            self.found.append(Shape("zones", zone.id, zone.name, "", rings, middle))
        meets = overlaps(placed.responsibilities)
        self.overlaps = [_overlap(rules, placed.responsibilities, one) for one in meets]
        return True

    def orphans(self) -> F64:
        """Return the middles f64(n, 3) of units that nobody answers for, on their own ground; counted anew
        when a verdict changes."""
        layers = [
            x for x in self.twin.layers.values()
            if x.visible and len(x.assessment) == len(x.features)
        ]  # fmt: skip
        verdicts = [layer.assessment for layer in layers]
        if len(verdicts) != len(self._judged) or not all(map(is_, verdicts, self._judged)):
            self._judged = verdicts
            self._orphans = np.concatenate([np.zeros((0, 3)), *map(_alone, layers)])
        return self._orphans

    def get(self, kind: str, key: str) -> Shape | None:
        """Return a shape by its record."""
        return next((x for x in self.found if (x.kind, x.key) == (kind, key)), None)


def _alone(layer: Layer) -> F64:
    """Return where a layer's units without a custodian stand."""
    verdict = layer.assessment
    rows = verdict.unit_rows()
    rows = rows[verdict.custodian[rows] < 0]
    if layer.counted_elsewhere is not None:
        rows = rows[~layer.counted_elsewhere[rows]]
    boxes = layer.boxes(rows[:MOST_ORPHANS])
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    return np.column_stack([(boxes[:, :2] + boxes[:, 3:5]) / 2, boxes[:, 5]])


def shape_of(kind: str, key: str, title: str, duty: Responsibility) -> Shape:
    """Return the shape of a responsibility."""
    rings, middle = _rings(duty.polygon)
    return Shape(kind, key, title, duty.party, rings, middle)


def _overlap(rules: Rules, duties: tuple[Responsibility, ...], one: Overlap) -> tuple[str, Shape]:
    names = [rules.party_of(duties[k].party) for k in (one.first, one.second)]
    rings, middle = _rings(one.shape.wkt)
    return f"{one.shape.area:.0f}", Shape("overlap", "", " / ".join(names), "", rings, middle)


@lru_cache(maxsize=4096)
def _rings(polygon: str) -> tuple[tuple[F64, ...], F64]:
    """Return the rings of an area as they are painted, and a point inside of it."""
    shape = shapely.force_2d(shapely.from_wkt(polygon))
    low_x, low_y, high_x, high_y = shape.bounds
    fine = shapely.simplify(shape, max(high_x - low_x, high_y - low_y) / FINE)
    shape = fine if not fine.is_empty else shape
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    rings = [
        np.asarray(shapely.get_coordinates(ring), np.float64)
        for part in parts
        for ring in (part.exterior, *part.interiors)
    ]
    inside = shapely.get_coordinates(shapely.point_on_surface(shape))
    return tuple(rings), np.asarray(inside[0], np.float64)
