"""Fingerprints of what an analysis rests on: equal inputs give equal ones, whatever was loaded meanwhile.

Cheap: nothing is gathered and no source is read. A table grows while one looks round; only the cells of
the objects that were used are hashed, missing ones left out, so that growth elsewhere changes nothing.
"""

import base64
import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.errors import UsageError
from twin.features import EXTRA, Column, FeatureTable, absent
from twin.geometry import F64, Rows
from twin.scene import Layer

U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]

MOST_TEXT = 1 << 28
"""Bytes that a packed list of ids may come to: a damaged project cannot fill the memory."""
SLACK = 0.01
"""Metres by which boxes may be too small."""


def source_print(layer: Layer) -> str:
    """Return the fingerprint of what persons decided about a layer's source, and of its address if it lies
    on a server: a file is known by its content, wherever it was moved."""
    source = layer.source
    said = [
        source.path, source.crs, source.vertical, source.lod, source.mapping, source.only_kinds,
        source.without_kinds, source.options,
        None if source.placement is None else sorted(asdict(source.placement).items()),
        None if source.fields is None else sorted(asdict(source.fields).items()),
        float(layer.display.height_offset),
    ]  # fmt: skip
    return _hash(repr(said))


def hidden_print(layer: Layer, reach: F64 | None) -> str:
    """Return the fingerprint of what a person hid of a layer within a box f64(6); '' = nothing."""
    if layer.hidden is None:
        return ""
    rows = np.flatnonzero(layer.hidden).astype(np.int32)
    if reach is not None and len(rows):
        boxes = layer.boxes(rows)
        meets = (boxes[:, :3] <= reach[3:] + SLACK) & (boxes[:, 3:] >= reach[:3] - SLACK)
        rows = rows[meets.all(axis=1)]
    return _hash("\x1f".join(sorted(layer.features.id[rows].tolist()))) if len(rows) else ""


def cells_print(table: FeatureTable, ids: Sequence[str]) -> str:
    """Return the fingerprint of the attributes of objects named in sorted order; '' = none are named.

    Raises KeyError for an id that the table lacks.
    """
    if not len(ids):
        return ""
    known = table.rows_by_id
    rows = np.array([known[key] for key in ids], np.int32)
    digest = hashlib.sha256()
    for name in _attributes(table):
        told = _column(table.columns[name], rows)
        if told:
            digest.update(name.encode("utf-8", "surrogatepass") + b"\0" + told)
    return digest.hexdigest()


def _column(values: Column, rows: Rows) -> bytes:
    """Return the cells of rows as bytes, b'' when all of them are missing."""
    some = values[rows]
    if bool(absent(some).all()):
        return b""
    if some.dtype.kind in "biuf":
        return np.asarray(some, np.float64).tobytes()
    if some.dtype.kind == "M":
        return some.astype("M8[ms]").tobytes()
    told: list[Any] = some.tolist()
    return "\x1f".join("\0" if x is None else str(x) for x in told).encode(
        "utf-8", "surrogatepass"
    )


def column_prints(table: FeatureTable, ids: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the fingerprint of each attribute of objects that the table has, names in order; none is empty."""
    known = table.rows_by_id
    rows = np.array([known[key] for key in ids if key in known], np.int32)
    told = ((name, _column(table.columns[name], rows)) for name in _attributes(table))
    return tuple((name, f"{zlib.crc32(cells):08x}") for name, cells in told if cells)


def object_prints(table: FeatureTable, ids: Sequence[str]) -> U32:
    """Return u32(n, 3) of objects: are they there (1), fingerprint of class and box, fingerprint of their attributes.

    Boxes are told apart by centimetres. An attribute that is missing is as if there were no such column.
    """
    known = table.rows_by_id
    rows = np.array([known.get(key, -1) for key in ids], np.int32)
    here = rows >= 0
    found = np.zeros((len(rows), 3), np.uint32)
    found[here, 0] = 1
    found[here, 1] = _boxes(table, rows[here])
    cells = np.zeros(int(here.sum()), np.uint64)
    for name in _attributes(table):
        seed = np.uint64(zlib.crc32(name.encode("utf-8", "surrogatepass")))
        some = table.columns[name][rows[here]]
        cells += np.where(
            absent(some), np.uint64(0), _mixed(_numbers(some) ^ (seed << np.uint64(32)))
        )
    found[here, 2] = (cells >> np.uint64(32)).astype(np.uint32)
    return found


def _attributes(table: FeatureTable) -> list[str]:
    """Return the names of the columns that were read from data."""
    return [name for name in sorted(table.columns) if not name.startswith("_") or name == EXTRA]


def _boxes(table: FeatureTable, rows: Rows) -> U32:
    boxes = table.bounds[rows]
    whole = np.where(np.isfinite(boxes), np.rint(boxes * 100), 0).astype(np.int64).view(np.uint64)
    kinds = [zlib.crc32(kind.encode("utf-8", "surrogatepass")) for kind in table.kinds] or [0]
    mixed = _mixed(np.array(kinds, np.uint64)[table.kind[rows]])
    for side in range(6):
        mixed = _mixed(mixed ^ whole[:, side])
    return np.asarray((mixed >> np.uint64(32)).astype(np.uint32))


def _numbers(values: Column) -> U64:
    """Return a number u64(n) for each cell: equal cells have equal ones."""
    if values.dtype.kind in "biuf":
        return np.ascontiguousarray(values, np.float64).view(np.uint64)
    if values.dtype.kind == "M":
        return values.astype("M8[ms]").astype(np.int64).view(np.uint64)
    told = (zlib.crc32(str(x).encode("utf-8", "surrogatepass")) for x in values.tolist())
    return np.fromiter(told, np.uint64, len(values))


def _mixed(values: U64) -> U64:
    """Return numbers well mixed (splitmix64, Steele, Lea and Flood 2014)."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def packed_prints(prints: U32) -> str:
    """Return the fingerprints u32(n, 3) of objects that are there as one text."""
    return base64.b85encode(prints[:, 1:].astype("<u4").tobytes()).decode("ascii")


def unpacked_prints(text: str, count: int) -> U32 | None:
    """Return the fingerprints u32(count, 2) of class and box, and of attributes; None for a damaged text."""
    try:
        cells = np.frombuffer(base64.b85decode(text), "<u4")
    except ValueError:
        return None
    return cells.reshape(-1, 2).astype(np.uint32) if len(cells) == 2 * count else None


def packed_ids(ids: Sequence[str]) -> str:
    """Return ids as one short text."""
    whole = "\n".join(key.replace("\\", "\\\\").replace("\n", "\\n") for key in ids)
    packed = zlib.compress(whole.encode("utf-8", "surrogatepass"), 6)
    return base64.b85encode(packed).decode("ascii") if len(ids) else ""


def unpacked_ids(text: str) -> list[str]:
    """Return the ids of a packed text. Raises UsageError for a damaged one."""
    if not text:
        return []
    try:
        unpacker = zlib.decompressobj()
        whole = unpacker.decompress(base64.b85decode(text), MOST_TEXT)
        names = whole.decode("utf-8", "surrogatepass").split("\n")
    except (ValueError, zlib.error) as error:
        raise UsageError(reason=f"the objects of a result cannot be read: {error}") from error
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise UsageError(reason="the objects of a result cannot be read: too long or cut off")
    return [_unescaped(name) for name in names]


def _unescaped(name: str) -> str:
    if "\\" not in name:
        return name
    return "\\".join(part.replace("\\n", "\n") for part in name.split("\\\\"))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
