"""A comparison as layers of a GeoPackage: a line a row, and a row for every unit of either side."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from twin.maintenance.revisions.records import Pair
from twin.maintenance.revisions.reports import Compared
from twin.tables import PackageLayer

SIDES = ("old", "new")


def layers_of(found: Compared, crs: str) -> list[PackageLayer]:
    """Return ``changes`` (a row a line of the comparison: what it covers now, else what it covered) and
    ``units`` (a row an object of either side with its bucket). Shapes in ``crs``, the twin's system; without
    footprints there are none."""
    pairs = found.revision.pairs
    return [
        PackageLayer("changes", crs, _changes(found, pairs), _covered(found, pairs)),
        _units(found, pairs, crs),
    ]


def _changes(found: Compared, pairs: Sequence[Pair]) -> dict[str, Sequence[Any] | NDArray[Any]]:
    ids, keys = [found.ids(pair) for pair in pairs], [found.keys(pair) for pair in pairs]
    things = [found.thing(pair) for pair in pairs]
    columns: dict[str, Sequence[Any] | NDArray[Any]] = {
        "bucket": [pair.bucket for pair in pairs],
        "also": [", ".join(pair.also) for pair in pairs],
        "class": [table.kinds[int(table.kind[row])] for table, row in things],
    }
    for side, name in enumerate(SIDES):
        columns[name] = [", ".join(both[side]) for both in ids]
        columns[f"{name}_key"] = [", ".join(x for x in both[side] if x) for both in keys]
    columns["match"] = [pair.match for pair in pairs]
    columns["attributes"] = [", ".join(pair.attributes) for pair in pairs]
    for name in ("iou", "d_roof", "d_base"):
        columns[f"{name}_m" if name != "iou" else name] = np.array(
            [getattr(pair, name) for pair in pairs], np.float64
        )
    for side, name in enumerate(SIDES):
        columns[f"area_{name}_m2"] = np.array([pair.area[side] for pair in pairs], np.float64)
    return columns


def _covered(found: Compared, pairs: Sequence[Pair]) -> NDArray[np.object_] | None:
    plans = [None if shapes is None else shapes.footprint for shapes in found.revision.shapes]
    old, new = plans
    if old is None or new is None:
        return None
    made = np.full(len(pairs), None, object)
    for i, pair in enumerate(pairs):
        parts = new[list(pair.new)] if pair.new else old[list(pair.old)]
        whole = parts[0] if len(parts) == 1 else shapely.union_all(parts)
        made[i] = _several(whole)
    return made


def _units(found: Compared, pairs: Sequence[Pair], crs: str) -> PackageLayer:
    columns: dict[str, list[Any]] = {
        name: [] for name in ("side", "id", "key", "class", "bucket", "line")
    }
    shapes: list[Any] = []
    for side, name in enumerate(SIDES):
        table, labels, own = (
            found.tables[side],
            found.revision.keys[side],
            found.revision.shapes[side],
        )
        plan = None if own is None else own.footprint
        for line, pair in enumerate(pairs):
            for row in (pair.old, pair.new)[side]:
                cells = (
                    name, str(table.id[row]), None if labels is None else labels[row],
                    table.kinds[int(table.kind[row])], pair.bucket, line + 1,
                )  # fmt: skip
                for values, cell in zip(columns.values(), cells, strict=True):
                    values.append(cell)
                shapes.append(None if plan is None else _several(plan[row]))
    drawn: NDArray[np.object_] | None = None
    if any(shape is not None for shape in shapes):
        drawn = np.full(len(shapes), None, object)
        drawn[:] = shapes
    return PackageLayer("units", crs, columns, drawn)


def _several(shape: BaseGeometry | None) -> BaseGeometry | None:
    """Return a footprint as a multipolygon, so that a layer holds one kind of shape; None for nothing."""
    if shape is None or shape.is_empty:
        return None
    return shapely.MultiPolygon([x for x in shapely.get_parts(shape) if x.geom_type == "Polygon"])
