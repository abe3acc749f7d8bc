"""One content to drawables and features: glTF, b3dm, and the way to i3dm, pnts and cmpt."""

from collections.abc import Callable
from typing import Any

import numpy as np

from loaders._gltf.assembly import UP, assemble, instances
from loaders._gltf.features import FeatureIds, feature_ids
from loaders._gltf.model import Model, credits_of, read_model
from loaders._gltf.primitives import Part
from loaders._gltf.tables import property_tables
from loaders.tiles3d import legacy
from loaders.tiles3d.gathering import Gathering, numbered
from loaders.tiles3d.hierarchy import batch_rows
from loaders.tiles3d.instanced import read_i3dm
from loaders.tiles3d.points import read_pnts
from twin.errors import BrokenFile, NotSupported, OpenError
from twin.geometry import F64, I32

MAX_DEPTH = 8
Reader = Callable[[str], bytes]


def gather(into: Gathering, data: memoryview, reader: Reader, depth: int = 0) -> None:
    """Add what a content holds. Raises OpenError where nothing of it can be used."""
    kind = legacy.magic_of(data)
    if kind == "cmpt":
        if depth >= MAX_DEPTH:
            raise BrokenFile(location=into.location, format="3D Tiles", reason="cmpt inside cmpt")
        for tile in legacy.inner(data, into.location):
            try:
                gather(into, tile, reader, depth + 1)
            except OpenError as error:
                into.failed(error)
    elif kind == "b3dm":
        _b3dm(into, legacy.cut(data, into.location), reader)
    elif kind == "i3dm":
        read_i3dm(into, legacy.cut(data, into.location), reader)
    elif kind == "pnts":
        read_pnts(into, legacy.cut(data, into.location))
    elif kind == "glTF" or bytes(data[:64]).lstrip()[:1] == b"{":
        _gltf(into, read_model(data, into.location, reader))
    else:
        raise _refusal(into, kind, data)


def _refusal(into: Gathering, kind: str, data: memoryview) -> OpenError:
    """Return the error for a content that is none of ours."""
    where = into.location
    if kind in ("vctr", "geom"):
        return NotSupported(
            location=where, what=f"the draft format {kind}", advice="It is in no standard."
        )
    if bytes(data[:2]) == b"PK":
        advice = "Open the archive by itself."
        return NotSupported(location=where, what="an archive as a tile's content", advice=advice)
    shown = bytes(data[:4]).decode("ascii", "replace")
    return BrokenFile(location=where, format="3D Tiles", reason=f"it starts with {shown!r}")


def translation(offset: F64) -> F64:
    """Return the matrix that moves by f64(3)."""
    matrix = np.eye(4)
    matrix[:3, 3] = offset
    return matrix


def _b3dm(into: Gathering, tile: legacy.Legacy, reader: Reader) -> None:
    count = tile.features.integer("BATCH_LENGTH")
    if count > max(len(tile.payload), 1 << 16):
        raise tile.features.broken(f"BATCH_LENGTH is {count} in {len(tile.payload)} bytes")
    offset = tile.features.vector("RTC_CENTER", 3)
    model = read_model(tile.payload, into.location, reader)
    world = (
        into.matrix @ translation(model.offset + (0.0 if offset is None else offset)) @ UP[into.up]
    )
    start = batch_rows(into, tile.batch, count) if count else -1
    stray = 0

    def numbering(part: Part) -> I32 | None:
        nonlocal stray
        found = part.numbers.get("_BATCHID", part.numbers.get("BATCHID"))
        if start < 0 or found is None:
            return None
        rows, outside = numbered(found, start, count)
        stray += outside
        return rows

    alone = into.alone() if start < 0 else (start if count == 1 else -1)
    into.drawables += assemble(model, world, numbering, alone)
    into.problems += model.document.problems
    into.credits.update(dict.fromkeys(credits_of(model.document)))
    if stray:
        text = f"{stray} vertices name a feature that is not in the batch table of {count}"
        into.report("tiles3d.feature_range", text, stray=stray, count=count)


def _gltf(into: Gathering, model: Model) -> None:
    world = into.matrix @ translation(model.offset) @ UP[into.up]
    sets: dict[int, FeatureIds] = {}
    for part in {id(part): part for part, _ in model.parts}.values():
        found = feature_ids(model.document, part, into.feature_ids)
        if found is not None:
            sets[id(part)] = found
    used = [*sets.values(), *(FeatureIds(x.numbers, x.table) for x in model.instanced)]
    starts = _glb_blocks(into, model, used)
    alone = into.alone() if model.parts and not sets else -1
    stray = 0

    def rows_of(numbers: I32, table: int) -> I32:
        nonlocal stray
        rows, outside = numbered(numbers, *starts[table])
        stray += outside
        return rows

    def numbering(part: Part) -> I32 | None:
        held = sets.get(id(part))
        return None if held is None else rows_of(held.numbers, held.table)

    into.drawables += assemble(model, world, numbering, alone)
    for item in model.instanced:
        rows = rows_of(item.numbers, item.table)
        into.drawables += instances(model, [(item.part, np.eye(4))], world @ item.matrices, rows)
    into.problems += model.document.problems
    into.credits.update(dict.fromkeys(credits_of(model.document)))
    if stray:
        text = f"{stray} vertices or instances name a feature that is not in its property table"
        into.report("tiles3d.feature_range", text, stray=stray, count=-1)


def _glb_blocks(
    into: Gathering, model: Model, sets: list[FeatureIds]
) -> dict[int, tuple[int, int]]:
    """Add the property tables in use and return table -> (first row, count); -1 = ids without table."""
    tables = property_tables(model.document)
    starts: dict[int, tuple[int, int]] = {}
    for ids in sets:
        if ids.table in starts:
            continue
        if 0 <= ids.table < len(tables):
            table = tables[ids.table]
            kinds: Any = (table.kind,) * table.count if table.kind else None
            starts[ids.table] = (into.block(table.count, table.columns, kinds), table.count)
        else:
            same = [other for other in sets if other.table == ids.table]
            count = max((int(o.numbers.max(initial=-1)) + 1 for o in same), default=0)
            count = min(count, max(sum(len(o.numbers) for o in same), 1))
            starts[ids.table] = (into.block(count, {}), count)
    return starts
