"""i3dm: one model drawn many times. Instances stay instances."""

from collections.abc import Callable

import numpy as np

from loaders._ellipsoid import east_north_up, geodetic
from loaders._gltf.assembly import UP, instances
from loaders._gltf.model import credits_of, read_model
from loaders.tiles3d.batch import COMPONENTS, Table
from loaders.tiles3d.gathering import Gathering, numbered
from loaders.tiles3d.hierarchy import batch_rows
from loaders.tiles3d.legacy import Legacy
from loaders.tiles3d.points import decoded_octahedron
from twin.geometry import F64

F32_3 = (COMPONENTS["FLOAT"], 3)


def read_i3dm(into: Gathering, tile: Legacy, reader: Callable[[str], bytes]) -> None:
    """Add the instances of one i3dm. Raises OpenError."""
    table = tile.features
    count = table.integer("INSTANCES_LENGTH")
    if count > max(len(table.body), 1 << 16):
        raise table.broken(f"INSTANCES_LENGTH is {count} in {len(table.body)} bytes")
    data: bytes | memoryview = tile.payload
    if tile.gltf_format == 0:
        data = reader(bytes(tile.payload).decode("utf-8", "replace").strip(" \0\r\n\t"))
    model = read_model(data, into.location, reader)
    offset = table.vector("RTC_CENTER", 3)
    positions = _positions(table, count) + (0.0 if offset is None else offset)
    local = np.tile(np.eye(4), (count, 1, 1))
    local[:, :3, :3] = _orientations(table, positions) * _scales(table, count)[:, None, :]
    local[:, :3, 3] = positions
    if not np.isfinite(local).all():
        raise table.broken("an instance's place is not finite")
    feature = _features(into, tile, count)
    turn = UP[into.up]
    shift = np.eye(4)
    shift[:3, 3] = model.offset
    parts = [(part, shift @ turn @ matrix) for part, matrix in model.parts]
    into.drawables += instances(model, parts, into.matrix @ local, feature)
    for item in model.instanced:
        every = (local[:, None] @ (shift @ turn @ item.matrices)[None]).reshape(-1, 4, 4)
        rows = np.repeat(feature, len(item.matrices))
        into.drawables += instances(model, [(item.part, np.eye(4))], into.matrix @ every, rows)
    into.problems += model.document.problems
    into.credits.update(dict.fromkeys(credits_of(model.document)))


def _positions(table: Table, count: int) -> F64:
    if table.json.get("POSITION") is not None:
        return table.array("POSITION", count, F32_3).astype(np.float64)
    offset = table.vector("QUANTIZED_VOLUME_OFFSET", 3)
    scale = table.vector("QUANTIZED_VOLUME_SCALE", 3)
    if offset is None or scale is None:
        raise table.broken("there are neither positions nor quantised ones with their volume")
    raw = table.array("POSITION_QUANTIZED", count, (COMPONENTS["UNSIGNED_SHORT"], 3))
    return raw / 65535.0 * scale + offset


def _orientations(table: Table, positions: F64) -> F64:
    """Return the rotations f64(k, 3, 3): given up and right, east-north-up, or none."""
    count = len(positions)
    up = right = None
    if table.json.get("NORMAL_UP") is not None:
        up = table.array("NORMAL_UP", count, F32_3).astype(np.float64)
        right = table.array("NORMAL_RIGHT", count, F32_3).astype(np.float64)
    elif table.json.get("NORMAL_UP_OCT32P") is not None:
        pair = (COMPONENTS["UNSIGNED_SHORT"], 2)
        up = decoded_octahedron(table.array("NORMAL_UP_OCT32P", count, pair), 65535.0)
        right = decoded_octahedron(table.array("NORMAL_RIGHT_OCT32P", count, pair), 65535.0)
    if up is not None and right is not None:
        return np.stack([right, up, np.cross(right, up)], axis=2)
    if table.json.get("EAST_NORTH_UP"):
        return np.swapaxes(east_north_up(*geodetic(positions)), 1, 2)
    return np.tile(np.eye(3), (count, 1, 1))


def _scales(table: Table, count: int) -> F64:
    scales = np.ones((count, 3))
    if table.json.get("SCALE") is not None:
        scales *= table.array("SCALE", count, (COMPONENTS["FLOAT"], 1)).astype(np.float64)
    if table.json.get("SCALE_NON_UNIFORM") is not None:
        scales *= table.array("SCALE_NON_UNIFORM", count, F32_3).astype(np.float64)
    return scales


def _features(
    into: Gathering, tile: Legacy, count: int
) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Add one row an instance, or a batch, and return the row of each instance."""
    numbers = np.arange(count)
    rows = count
    if tile.features.json.get("BATCH_ID") is not None:
        shape = (COMPONENTS["UNSIGNED_SHORT"], 1)
        numbers = tile.features.array("BATCH_ID", count, shape)[:, 0].astype(np.int64)
        rows = min(int(numbers.max(initial=-1)) + 1, 1 << 24)
    return numbered(numbers, batch_rows(into, tile.batch, rows), rows)[0]
