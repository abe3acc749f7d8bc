"""The features of a fetched tile as a small table: ids, kinds, bounds, dates by well-known names."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders.tiles3d.gathering import Gathering, joined
from twin.features import ID_FIELD, TEXT, Column, FeatureTable, encode, texts
from twin.geometry import F64, Drawable, Instances, empty_box
from twin.maintenance.dates import as_texts, parse_column
from twin.maintenance.fields import Where, lifespans, observe
from twin.maintenance.mapping import keys_of
from twin.observations import ObservationList, Observations
from twin.records import FieldMapping

ID_NAMES = ("gml_id", "gml:id", "GlobalId", "identificatie", "id")
"""Properties whose values are taken as object ids where they are unique in the tile."""
NAMES = ("name", "Name", "title")
TILE = "tile."
"""Columns that begin so hold what a tile says of itself."""


def table_of(found: Gathering, metadata: Iterable[tuple[str, str]] = ()) -> FeatureTable:
    """Return the features of a tile as a table; bounds from what is drawn.

    What the tile says of itself (``metadata``) stands with each of its objects under ``tile.``.
    """
    columns = joined(found.blocks, found.rows)
    columns |= {f"{TILE}{name}": texts([value] * found.rows) for name, value in metadata}
    ids, fields = _ids(found, columns)
    kind, kinds = _kinds(found)
    shown = next((columns[n] for n in NAMES if n in columns), None)
    known = texts(fields) if any(fields) else np.full(found.rows, None, TEXT)
    spans = lifespans(columns)
    return FeatureTable(
        id=texts(ids),
        kind=kind,
        kinds=kinds,
        parent=np.full(found.rows, -1, np.int32),
        bounds=bounds_of(found.drawables, found.rows),
        name=None if shown is None else np.asarray(as_texts(shown), TEXT),
        valid_from=spans.get("valid_from"),
        valid_to=spans.get("valid_to"),
        created=spans.get("created"),
        terminated=spans.get("terminated"),
        columns={**columns, ID_FIELD: known},
    )


def observations_of(
    columns: Mapping[str, Column],
    metadata: Iterable[tuple[str, str]],
    mapping: FieldMapping | None,
) -> Observations:
    """Return what the columns of a tile's features, and the tile's own metadata, say of currency.

    What a mapping says of the columns is the core's (``Mapped``); here it counts for the tile's own.
    """
    found = ObservationList()
    own = {name: values for name, values in columns.items() if not name.startswith(("_", TILE))}
    observe(found, own, None, Where("object", "batch."))
    rows = len(next(iter(columns.values()), ()))
    every = np.arange(rows, dtype=np.int32)
    said = {name: texts([value] * rows) for name, value in metadata}
    if rows and said:
        observe(found, said, every, Where("tile", "tile.metadata."))
        _mapped(found, said, every, mapping, ("tile", "tile.metadata."))
    return found.frozen()


def source_observations(
    groups: Mapping[str, Mapping[str, str]], mapping: FieldMapping | None
) -> Observations:
    """Return what the tileset itself says: ``groups`` is field path prefix -> property -> text."""
    found = ObservationList()
    row = np.array([-1], np.int32)
    for prefix, properties in groups.items():
        columns: dict[str, Column] = {name: texts([value]) for name, value in properties.items()}
        observe(found, columns, row, Where("dataset", prefix))
        _mapped(found, columns, row, mapping, ("dataset", prefix))
    return found.frozen()


def _mapped(
    found: ObservationList,
    columns: Mapping[str, Column],
    rows: NDArray[np.int32],
    mapping: FieldMapping | None,
    where: tuple[str, str],
) -> None:
    """Add what the mapping declares of metadata: dates and the custodian."""
    level, prefix = where
    for dated in () if mapping is None else mapping.dates:
        values = columns.get(dated.field)
        if values is None or not len(values):
            continue
        parsed = parse_column(values)
        at = np.flatnonzero([bool(v) for v in values.tolist()])
        labels = (dated.kind, dated.aspect, level, prefix + dated.field)
        intervals = (parsed.t_lo[at], parsed.t_hi[at])
        found.add_column(rows[at], intervals, values[at], labels, parsed.flags[at])
    values = None if mapping is None else columns.get(mapping.custodian)
    if mapping is not None and values is not None and len(values):
        at = np.flatnonzero([bool(v) for v in values.tolist()])
        names = [str(v) for v in values[at].tolist()]
        found.add_parties(rows[at], names, "custodian", level, prefix + mapping.custodian)


def _ids(found: Gathering, columns: Mapping[str, Column]) -> tuple[list[str], list[str | None]]:
    """Return each row's id and the property it came from (None = weak: tile address and number)."""
    ids: list[str] = []
    for block in found.blocks:
        single = block.count == 1 and block.kinds == ("Tile",)
        ids += [block.address] if single else [f"{block.address}#{i}" for i in range(block.count)]
    if len(set(ids)) < len(ids):  # several blocks of one content: count through
        ids = [f"{key.partition('#')[0]}#{row}" for row, key in enumerate(ids)]
    fields: list[str | None] = [None] * len(ids)
    for name in ID_NAMES:
        values = columns.get(name)
        if values is None:
            continue
        keys = keys_of(values)
        held = [key for key in keys if key]
        if not held or len(set(held)) < len(held) or _counts(held):
            continue
        seen: set[str] = set()
        for row, key in enumerate(keys):
            if key and key not in seen:
                seen.add(key)
                ids[row], fields[row] = key, name
        break
    return ids, fields


def _counts(held: list[str]) -> bool:
    """Return whether ids only number the features of this tile (0.. or 1..): no identity at all."""
    return held in ([str(i) for i in range(len(held))], [str(i + 1) for i in range(len(held))])


def _kinds(found: Gathering) -> tuple[NDArray[np.uint16], tuple[str, ...]]:
    """Return the kinds' codes and names: the block's, else "Feature"."""
    if all(block.kinds is None for block in found.blocks):
        return np.zeros(found.rows, np.uint16), ("Feature",) if found.rows else ()
    kinds: list[str] = []
    for block in found.blocks:
        kinds += block.kinds if block.kinds is not None else ["Feature"] * block.count
    return encode(kinds)


def bounds_of(drawables: Iterable[Drawable], rows: int) -> F64:
    """Return the bounds f64(n, 6) of each feature in the drawables' frame (inf, -inf without geometry)."""
    low, high = np.full((rows, 3), np.inf), np.full((rows, 3), -np.inf)
    points: NDArray[Any]
    for item in drawables:
        if isinstance(item, Instances):
            points, feature = _instance_corners(item)
            origin = np.zeros(3)
        else:
            points, feature, origin = item.positions, item.feature, item.origin
        if not len(points):
            continue
        order: Any = slice(None)
        if len(feature) > 1 and (np.diff(feature) < 0).any():
            order = np.argsort(feature, kind="stable")
        run = feature[order]
        starts = np.flatnonzero(np.concatenate([[True], run[1:] != run[:-1]]))
        which = run[starts]
        held = which >= 0
        least = (
            np.minimum.reduceat(points[order], starts, axis=0)[held].astype(np.float64) + origin
        )
        most = np.maximum.reduceat(points[order], starts, axis=0)[held].astype(np.float64) + origin
        which = which[held]
        low[which], high[which] = np.minimum(low[which], least), np.maximum(high[which], most)
    bounds = np.concatenate([low, high], axis=1)
    bounds[~np.isfinite(bounds).all(axis=1)] = empty_box()
    return bounds


def _instance_corners(item: Instances) -> tuple[F64, NDArray[np.int32]]:
    """Return eight corners of the mesh's box for each instance, and their features."""
    positions = item.mesh.positions
    if not len(positions):
        return np.zeros((0, 3)), np.zeros(0, np.int32)
    ends = (
        np.stack([positions.min(axis=0), positions.max(axis=0)]).astype(np.float64)
        + item.mesh.origin
    )
    pick = np.array([[(i >> k) & 1 for k in range(3)] for i in range(8)])
    corners = ends[pick, [0, 1, 2]]
    moved = np.einsum("kij,cj->kci", item.transforms[:, :3, :3], corners)
    moved += item.transforms[:, None, :3, 3]
    return moved.reshape(-1, 3), np.repeat(item.feature, 8)
