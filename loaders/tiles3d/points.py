"""pnts: point clouds, quantised, coloured, Draco-compressed, with or without batches."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders.tiles3d.batch import COMPONENTS, RESERVED, Table
from loaders.tiles3d.gathering import Gathering, numbered
from loaders.tiles3d.hierarchy import batch_rows
from loaders.tiles3d.legacy import Legacy
from twin.errors import BrokenFile
from twin.geometry import F32, F64, I32, U8, Material, Points

BYTE = COMPONENTS["UNSIGNED_BYTE"]
SHORT = COMPONENTS["UNSIGNED_SHORT"]
FLOAT = COMPONENTS["FLOAT"]


def read_pnts(into: Gathering, tile: Legacy) -> None:
    """Add the points of one pnts. Raises BrokenFile."""
    table = tile.features
    count = table.integer("POINTS_LENGTH")
    packed = _draco(table)
    if count > max(len(table.body) * 64, 1 << 16):
        raise table.broken(f"POINTS_LENGTH is {count} in {len(table.body)} bytes")
    if packed and any(len(values) != count for values in packed.values()):
        raise table.broken(f"Draco holds other than {count} points")
    local = _positions(table, count, packed)
    offset = table.vector("RTC_CENTER", 3)
    sound = np.isfinite(local).all(axis=1)
    lost = count - int(sound.sum())
    if lost:
        into.report("gltf.not_finite", f"{lost} points are left out", count=lost)
    middle = np.zeros(3)
    if lost < count:
        middle = (local[sound].min(axis=0) + local[sound].max(axis=0)) / 2
    linear = into.matrix[:3, :3]
    shift = middle + (0.0 if offset is None else offset)
    origin = linear @ shift + into.matrix[:3, 3]
    positions = ((local - middle) @ linear.T).astype(np.float32)
    feature = _features(into, tile, count, packed)
    colors, plain = _colors(table, count, packed)
    normals = _normals(table, count, packed)
    if normals is not None:
        normals = (normals @ linear.T).astype(np.float32)
    keep = sound if lost else slice(None)
    into.drawables.append(
        Points(
            origin,
            np.ascontiguousarray(positions[keep]),
            feature[keep],
            plain,
            None if colors is None else colors[keep],
            None if normals is None else normals[keep],
        )
    )


def _draco(table: Table) -> dict[str, NDArray[Any]]:
    """Return the semantics that the Draco extension holds, {} without it. Raises BrokenFile."""
    extensions = table.json.get("extensions")
    found = (
        extensions.get("3DTILES_draco_point_compression") if isinstance(extensions, dict) else None
    )
    if not isinstance(found, dict):
        return {}
    import DracoPy

    names, start, length = (found.get(key) for key in ("properties", "byteOffset", "byteLength"))
    if not isinstance(names, dict) or not isinstance(start, int) or not isinstance(length, int):
        raise table.broken("Draco: its description is incomplete")
    if start < 0 or length < 0 or start + length > len(table.body):
        raise table.broken(f"Draco: {length} bytes at {start} of {len(table.body)}")
    try:
        cloud = DracoPy.decode(bytes(table.body[start : start + length]))
    except (DracoPy.FileTypeException, ValueError, RuntimeError, MemoryError) as error:
        raise table.broken(f"Draco: {error}") from error
    by_id = {item["unique_id"]: np.asarray(item["data"]) for item in cloud.attributes}
    return {
        name: by_id[key].reshape(len(by_id[key]), -1)
        for name, key in names.items()
        if isinstance(key, int) and key in by_id
    }


def _positions(table: Table, count: int, packed: dict[str, NDArray[Any]]) -> F64:
    if "POSITION" in packed:
        return packed["POSITION"].astype(np.float64)
    if table.json.get("POSITION") is not None:
        return table.array("POSITION", count, (FLOAT, 3)).astype(np.float64)
    offset = table.vector("QUANTIZED_VOLUME_OFFSET", 3)
    scale = table.vector("QUANTIZED_VOLUME_SCALE", 3)
    if offset is None or scale is None:
        raise table.broken("there are neither positions nor quantised ones with their volume")
    raw = table.array("POSITION_QUANTIZED", count, (SHORT, 3))
    return raw / 65535.0 * scale + offset


def _colors(
    table: Table, count: int, packed: dict[str, NDArray[Any]]
) -> tuple[U8 | None, Material]:
    """Return a colour for each point, or none and the material with the constant colour."""
    plain = Material(unlit=True)
    for name, width in (("RGBA", 4), ("RGB", 3)):
        if name in packed or table.json.get(name) is not None:
            raw = packed.get(name)
            values = table.array(name, count, (BYTE, width)) if raw is None else raw
            colors = np.full((count, 4), 255, np.uint8)
            colors[:, :width] = np.clip(values, 0, 255)
            return colors, plain
    if table.json.get("RGB565") is not None:
        word = table.array("RGB565", count, (SHORT, 1))[:, 0].astype(np.uint32)
        channels = [
            (word >> 11) * 255 // 31,
            (word >> 5 & 63) * 255 // 63,
            (word & 31) * 255 // 31,
        ]
        return np.stack([*channels, np.full(count, 255)], axis=1).astype(np.uint8), plain
    constant = table.vector("CONSTANT_RGBA", 4)
    if constant is not None:
        r, g, b, a = (float(v) / 255.0 for v in np.clip(constant, 0, 255))
        return None, Material(
            color=(r, g, b, a), alpha_mode="opaque" if a >= 1 else "blend", unlit=True
        )
    return None, plain


def _normals(table: Table, count: int, packed: dict[str, NDArray[Any]]) -> F32 | None:
    if "NORMAL" in packed:
        return packed["NORMAL"].astype(np.float32)
    if table.json.get("NORMAL") is not None:
        return table.array("NORMAL", count, (FLOAT, 3)).astype(np.float32)
    if table.json.get("NORMAL_OCT16P") is not None:
        found = table.array("NORMAL_OCT16P", count, (BYTE, 2))
        return decoded_octahedron(found, 255.0).astype(np.float32)
    return None


def decoded_octahedron(pairs: NDArray[Any], top: float) -> F64:
    """Return unit vectors f64(n, 3) of octahedral pairs 0..top (Cigolle et al., 2014)."""
    x, y = (pairs.astype(np.float64) / top * 2.0 - 1.0).T
    z = 1.0 - np.abs(x) - np.abs(y)
    fold = np.maximum(-z, 0.0)
    x = x + np.where(x >= 0, -fold, fold)
    y = y + np.where(y >= 0, -fold, fold)
    found = np.stack([x, y, z], axis=1)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))


def _features(into: Gathering, tile: Legacy, count: int, packed: dict[str, NDArray[Any]]) -> I32:
    """Return the row of each point: its batch's, or the tile's (properties of single points are no objects)."""
    table = tile.features
    batches = table.integer("BATCH_LENGTH")
    if not batches or ("BATCH_ID" not in packed and table.json.get("BATCH_ID") is None):
        names = [name for name in tile.batch.json if name not in RESERVED]
        if names:
            shown = ", ".join(names)
            text = f"values of single points are not shown: {shown}"
            into.report("tiles3d.point_properties", text, names=shown, count=count)
        return np.full(count, into.alone(), np.int32)
    if batches > max(count, 1 << 16):
        raise BrokenFile(
            location=into.location, format="3D Tiles", reason=f"BATCH_LENGTH is {batches}"
        )
    raw = packed.get("BATCH_ID")
    numbers = (table.array("BATCH_ID", count, (SHORT, 1)) if raw is None else raw)[:, 0].astype(
        np.int64
    )
    return numbered(numbers, batch_rows(into, tile.batch, batches), batches)[0]
