"""The audit as layers of a GeoPackage: ``freshness`` with footprints, tables beside it, ISO documents about rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from twin.maintenance.audit import COUNTS, DIMENSIONS, OBJECT_COLUMNS, Audit, object_columns
from twin.maintenance.audited import Audited
from twin.maintenance.exports.iso19115 import information
from twin.maintenance.exports.iso_values import upkeep_of
from twin.maintenance.exports.options import Options
from twin.maintenance.trend import points
from twin.tables import PackageLayer, PackageNote

LAYER = "freshness"
_STANDARD = "http://standards.iso.org/iso/19115/-3/mmi/1.0"


def layers(audit: Audit, options: Options) -> tuple[list[PackageLayer], list[PackageNote]]:
    """Return the layers and the documents: one a policy of a source, about every unit that it governs.

    A footprint is the object's plan rectangle, in the project's plane.
    """
    parts = [(layer, np.flatnonzero(layer.counted()).astype(np.int32)) for layer in audit.layers]
    columns: dict[str, list[Any]] = {name: [] for name in OBJECT_COLUMNS}
    shapes: list[Any] = []
    for layer, rows in parts:
        for name, values in object_columns(layer, rows).items():
            columns[name] += [" ".join(x) if isinstance(x, list) else x for x in values]
        shapes.append(_shapes(layer)[rows])
    drawn = np.concatenate(shapes) if shapes else np.zeros(0, object)
    found = [PackageLayer(LAYER, audit.beside.crs, columns, drawn), *_tables(audit)]
    return found, _notes(audit, [rows for _, rows in parts], options)


def _shapes(layer: Audited) -> Any:
    box = np.asarray(layer.features.bounds, np.float64)[:, [0, 1, 3, 4]]
    known = np.isfinite(box).all(axis=1) & (box[:, :2] <= box[:, 2:]).all(axis=1)
    found = np.full(len(box), None, object)
    found[known] = shapely.box(*box[known].T)
    return found


def _tables(audit: Audit) -> list[PackageLayer]:
    totals: dict[str, list[Any]] = {
        "key": list(COUNTS),
        "units": [audit.totals_units[key] for key in COUNTS],
        "rows": [audit.totals[key] for key in COUNTS],
    }
    found = [PackageLayer("totals", "", totals)]
    for name in DIMENSIONS:
        lines = [_flat(group.plain(name)) for group in audit.groups[name]]
        if lines:
            columns = {key: [line[key] for line in lines] for key in lines[0]}
            found.append(PackageLayer(f"by_{name}", "", columns))
    trend = points(audit.beside.snapshots)
    if trend:
        found.append(PackageLayer("trend", "", {k: [x[k] for x in trend] for k in trend[0]}))
    return found


def _flat(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line whose mappings are columns of their own."""
    found: dict[str, Any] = {}
    for key, value in line.items():
        if isinstance(value, dict):
            found |= {f"{key} {name}": item for name, item in value.items()}
        elif isinstance(value, list) or key == "ohsome_shares":
            names = ("up", "between", "out")
            found |= dict(zip((f"share {n}" for n in names), value or [None] * 3, strict=True))
        else:
            found[key] = value
    return found


def _notes(audit: Audit, rows: Sequence[Any], options: Options) -> list[PackageNote]:
    notes, start = [], 0
    for layer, mine in zip(audit.layers, rows, strict=True):
        place = np.full(len(layer.features), -1, np.int64)
        place[mine] = np.arange(start, start + len(mine))
        start += len(mine)
        for upkeep in upkeep_of(layer):
            at = place[upkeep.rows]
            text = information(upkeep, options)
            notes.append(PackageNote(LAYER, text, at[at >= 0].tolist(), _STANDARD))
    return [note for note in notes if note.rows]
