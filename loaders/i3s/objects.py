"""A node's features as a table: ids, attributes, names, dates; an object of several nodes is one row."""

from typing import Any

import numpy as np

from loaders.i3s.attributes import id_column, read_column
from loaders.i3s.layer import Layer, dict_of
from loaders.i3s.nodes import Mesh
from loaders.i3s.package import BINARY
from twin.errors import OpenError
from twin.features import ID_FIELD, TEXT, Column, FeatureTable, texts
from twin.geometry import F64, I32, Drawable, Instances, empty_box
from twin.maintenance.dates import as_texts
from twin.maintenance.fields import Where, lifespans, observe
from twin.observations import ObservationList, Observations
from twin.records import Problem

NAMES = ("name", "title")
ALONE = "Tile"
FEATURE_ID = "featureId"


def columns_of(
    token: Mesh, resource: str, count: int, problems: list[Problem]
) -> dict[str, Column]:
    """Return the attributes of a node's ``count`` features by field name.

    A buffer that is missing, broken or too short is a problem; the other attributes stay.
    """
    layer, found = token.layer, {}
    for storage in layer.columns:
        address = f"nodes/{resource}/attributes/{storage['key']}/0"
        where = layer.package.where(address)
        try:
            values = read_column(layer.package.read(address, BINARY), storage, layer, where)
        except OpenError as error:
            _report(problems, token, "i3s.attribute", str(storage["name"]), str(error))
            continue
        if len(values) != count:
            reason = f"{len(values)} values for {count} features"
            _report(problems, token, "i3s.attribute", str(storage["name"]), reason)
            values = _fitted(values, count)
        found[str(storage["name"])] = values
    return found


def _fitted(values: Column, count: int) -> Column:
    """Return ``count`` values; what is missing is empty (numbers become floats: NaN)."""
    if len(values) >= count:
        return values[:count]
    if values.dtype.kind == "T":
        rest: Column = np.array([None] * (count - len(values)), dtype=TEXT)
        return np.concatenate([values, rest])
    return np.concatenate([values.astype(np.float64), np.full(count - len(values), np.nan)])


def rows_of(
    layer: Layer, ids: Column | None, columns: dict[str, Column]
) -> tuple[list[str], I32, I32]:
    """Return the objects' ids, the feature each row is taken from, and each feature's row.

    The stored object id is the identity, else the geometry's feature id: the same feature in
    another node or level has the same.
    """
    stored = columns.get(id_column(layer))
    if stored is not None and stored.dtype.kind in "iu":
        keys = [str(v) for v in stored.tolist()]
    elif stored is not None:
        keys = [str(v) for v in as_texts(stored).tolist()]
    else:
        keys = [] if ids is None else [str(v) for v in ids.tolist()]
    known: dict[str, int] = {}
    rows = [known.setdefault(key, len(known)) for key in keys]
    first = np.full(len(known), -1, np.int32)
    for feature in range(len(rows) - 1, -1, -1):
        first[rows[feature]] = feature
    return [layer.prefix + key for key in known], first, np.array(rows, np.int32)


def table_of(
    layer: Layer, ids: list[str], columns: dict[str, Column], drawables: tuple[Drawable, ...]
) -> FeatureTable:
    """Return the table of a node's objects; ``columns`` have one value a row."""
    shown = next((columns[n] for n in (*titled(layer), *_named(columns)) if n in columns), None)
    spans = lifespans(columns)
    return FeatureTable(
        id=texts(ids),
        kind=np.zeros(len(ids), np.uint16),
        kinds=(layer.kind,) if ids else (),
        parent=np.full(len(ids), -1, np.int32),
        bounds=bounds_of(drawables, len(ids)),
        name=None if shown is None else np.asarray(as_texts(shown), TEXT),
        valid_from=spans.get("valid_from"),
        valid_to=spans.get("valid_to"),
        created=spans.get("created"),
        terminated=spans.get("terminated"),
        columns={**columns, ID_FIELD: _id_field(layer, len(ids), columns)},
    )


def _id_field(layer: Layer, rows: int, columns: dict[str, Column]) -> Column:
    """Return which property a row's id was read from: the geometry's own where no field has it."""
    name = id_column(layer)
    return texts([name if name in columns else FEATURE_ID] * rows)


def titled(layer: Layer) -> tuple[str, ...]:
    """Return the field that the layer shows as an object's title, as far as it is one field."""
    found = dict_of(layer.doc.get("popupInfo")).get("title")
    plain = found.strip() if isinstance(found, str) else ""
    inside = plain[1:-1] if plain.startswith("{") and plain.endswith("}") else ""
    return (inside,) if inside and "{" not in inside else ()


def _named(columns: dict[str, Column]) -> tuple[str, ...]:
    return tuple(name for name in columns if name.lower() in NAMES)


def observations_of(columns: dict[str, Column]) -> Observations:
    """Return what the attributes of a node's objects say of currency."""
    found = ObservationList()
    observe(found, columns, None, Where("object", "attributes."))
    return found.frozen()


def layer_observations(layer: Layer) -> Observations:
    """Return what the layer says of itself: when its service was last updated."""
    found = ObservationList()
    stamp = dict_of(layer.doc.get("serviceUpdateTimeStamp")).get("lastUpdate")
    if isinstance(stamp, int) and not isinstance(stamp, bool):
        columns: dict[str, Column] = {
            "serviceUpdateTimeStamp.lastUpdate": np.array([stamp], np.int64)
        }
        observe(found, columns, np.array([-1], np.int32), Where("dataset", ""))
    return found.frozen()


def bounds_of(drawables: tuple[Drawable, ...], rows: int) -> F64:
    """Return the bounds f64(n, 6) of each row in the drawables' frame (inf, -inf without geometry)."""
    bounds = np.tile(empty_box(), (rows, 1))
    for item in drawables:
        if isinstance(item, Instances):
            continue
        known = item.feature >= 0
        points = item.positions[known].astype(np.float64) + item.origin
        for axis in range(3):
            np.fmin.at(bounds[:, axis], item.feature[known], points[:, axis])
            np.fmax.at(bounds[:, 3 + axis], item.feature[known], points[:, axis])
    return bounds


def _report(problems: list[Problem], token: Mesh, code: str, name: str, reason: str) -> None:
    where = f"{token.layer.prefix}nodes/{token.key}"
    params: dict[str, Any] = {"name": name, "reason": reason}
    problems.append(Problem(code, f"{where}: {name} is left out: {reason}", where, params))
