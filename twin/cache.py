"""The content-addressed tile cache: JSON header and aligned raw arrays, mapped, never pickled.

A file is ``CTC1``, the header's length (u64), the header (JSON), then the arrays, each aligned to
64 bytes. The header holds a tree of the frozen types listed in ``TYPES``; every size is checked
against the file before anything is mapped. A file that does not fit is treated as absent.
"""

import hashlib
import json
import logging
import os
import struct
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.choices import Option
from twin.errors import NotFound, NotReadable
from twin.features import FeatureTable
from twin.geometry import Image, Instances, Lines, Material, Mesh, Points
from twin.observations import Observations
from twin.ports import Content, Growth, Opened
from twin.records import About, Placement, Problem, Route
from twin.tiles import Gates, TileTree

log = logging.getLogger(__name__)

MAGIC = b"CTC1"
ALIGN = 64
TYPES: Mapping[str, type] = {
    kind.__name__: kind
    for kind in (
        About, Content, FeatureTable, Gates, Growth, Image, Instances, Lines, Material, Mesh,
        Observations, Opened, Option, Placement, Points, Problem, Route, TileTree,
    )
}  # fmt: skip


def fingerprint(location: str) -> str:
    """Return a quick identity of a file or folder: size, mtime, head and tail; of a folder its listing.

    Raises NotFound or NotReadable.
    """
    path = Path(location)
    digest = hashlib.sha256(location.encode())
    try:
        stat = path.stat()
        digest.update(f"{stat.st_size}:{stat.st_mtime_ns}".encode())
        if path.is_dir():
            for entry in sorted(path.iterdir()):
                digest.update(f"{entry.name}:{entry.stat().st_size}".encode())
        else:
            with path.open("rb") as stream:
                digest.update(stream.read(65536))
                stream.seek(max(0, stat.st_size - 65536))
                digest.update(stream.read(65536))
    except FileNotFoundError as error:
        raise NotFound(location=location) from error
    except OSError as error:
        raise NotReadable(location=location, reason=error.strerror or str(error)) from error
    return digest.hexdigest()[:40]


def save(path: Path, value: Any) -> None:
    """Write a value as a cache file, atomically. Raises NotReadable when the disk refuses."""
    arrays: list[NDArray[Any]] = []
    offset = 0
    header: dict[str, Any] = {"root": _put(value, arrays)}
    table: list[tuple[str, list[int], int]] = []
    for array in arrays:
        offset = -(-offset // ALIGN) * ALIGN
        table.append((array.dtype.str, list(array.shape), offset))
        offset += array.nbytes
    header["arrays"] = table
    text = json.dumps(header, separators=(",", ":")).encode()
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as stream:
            stream.write(MAGIC + struct.pack("<Q", len(text)) + text)
            base = -(-stream.tell() // ALIGN) * ALIGN
            for array, (_, _, start) in zip(arrays, table, strict=True):
                stream.seek(base + start)
                stream.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
            stream.truncate(max(stream.tell(), base + offset))
        draft.replace(path)
    except OSError as error:
        log.warning("the tile cache cannot be written: %s", error)
        draft.unlink(missing_ok=True)
        raise NotReadable(location=str(path), reason=error.strerror or str(error)) from error


def _put(value: Any, arrays: list[NDArray[Any]]) -> Any:
    """Return the JSON form of a value; arrays are set aside."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return {"f": repr(value)}
    if isinstance(value, np.ndarray):
        return _put_array(value, arrays)
    if isinstance(value, bytes):
        arrays.append(np.frombuffer(value, np.uint8))
        return {"b": len(arrays) - 1}
    if isinstance(value, tuple | list):
        return {"t": [_put(item, arrays) for item in value]}
    if isinstance(value, Mapping):
        return {"m": [[_put(key, arrays), _put(item, arrays)] for key, item in value.items()]}
    if isinstance(value, np.generic):
        return _put(value.item(), arrays)
    if is_dataclass(value) and TYPES.get(type(value).__name__) is type(value):
        return {
            "d": type(value).__name__,
            "v": {f.name: _put(getattr(value, f.name), arrays) for f in fields(value)},
        }
    raise TypeError(f"{type(value).__name__} has no cache form")


def _put_array(value: NDArray[Any], arrays: list[NDArray[Any]]) -> Any:
    if value.dtype.kind != "T":
        arrays.append(value)
        return {"a": len(arrays) - 1}
    words = [None if text is None else str(text).encode() for text in value.tolist()]
    ends = np.cumsum([0 if w is None else len(w) for w in words], dtype=np.int64)
    arrays.append(ends)
    arrays.append(np.array([w is None for w in words], np.bool_))
    arrays.append(np.frombuffer(b"".join(w for w in words if w), np.uint8))
    return {"s": len(arrays) - 3}


def load(path: Path) -> Any | None:
    """Return a cached value with its arrays mapped read-only; None when there is no sound file."""
    try:
        with path.open("rb") as stream:
            start = stream.read(12)
            if len(start) < 12 or start[:4] != MAGIC:
                return None
            length = struct.unpack("<Q", start[4:])[0]
            size = path.stat().st_size
            if length > size:
                return None
            header = json.loads(stream.read(length))
        base = -(-(12 + length) // ALIGN) * ALIGN
        mapped: NDArray[Any] = np.zeros(0, np.uint8)
        if size > base:
            mapped = np.memmap(path, np.uint8, "r", base)
        arrays = [_view(mapped, *entry) for entry in header["arrays"]]
        return _get(header["root"], arrays)
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        if not isinstance(error, FileNotFoundError):
            log.warning("a cache file was unusable and is made again: %s", error)
        return None


def _view(mapped: NDArray[Any], dtype: str, shape: list[int], offset: int) -> NDArray[Any]:
    kind = np.dtype(dtype)
    if kind.hasobject:
        raise ValueError("object arrays are refused")
    count = int(np.prod(shape, dtype=object)) if shape else 1
    size = count * kind.itemsize
    if offset < 0 or count < 0 or offset + size > len(mapped):
        if size:
            raise ValueError("an array lies outside its file")
        return np.zeros(shape, kind)
    view: NDArray[Any] = np.asarray(mapped[offset : offset + size]).view(kind).reshape(shape)
    return view


def _get(node: Any, arrays: list[NDArray[Any]]) -> Any:
    if not isinstance(node, dict):
        return node
    if "a" in node:
        return arrays[node["a"]]
    if "d" in node:
        kind = TYPES[node["d"]]
        return kind(**{name: _get(item, arrays) for name, item in node["v"].items()})
    if "t" in node:
        return tuple(_get(item, arrays) for item in node["t"])
    if "m" in node:
        return {_get(key, arrays): _get(item, arrays) for key, item in node["m"]}
    if "s" in node:
        return _texts(*arrays[node["s"] : node["s"] + 3])
    if "b" in node:
        return arrays[node["b"]].tobytes()
    return float(node["f"])


def _texts(ends: NDArray[Any], missing: NDArray[Any], data: NDArray[Any]) -> NDArray[Any]:
    """Return a text column from offsets and UTF-8."""
    raw = data.tobytes()
    stops = ends.tolist()
    starts = [0, *stops][: len(stops)]
    words = [
        None if gone else raw[a:b].decode()
        for a, b, gone in zip(starts, stops, missing.tolist(), strict=True)
    ]
    return np.array(words, dtype=np.dtypes.StringDType(na_object=None))


IN_USE = 3600.0
"""Seconds after its last use in which a cache folder is left alone: a session may read it."""


def trim(folder: Path, limit_bytes: int) -> None:
    """Remove the longest unused cache folders until the rest fits the limit."""
    found = []
    for entry in folder.iterdir() if folder.is_dir() else ():
        with suppress(OSError):  # another session may be writing or trimming
            files = [item for item in entry.rglob("*") if item.is_file()]
            stats = [item.stat() for item in files]
            used = max((max(s.st_atime, s.st_mtime) for s in stats), default=0.0)
            found.append((used, sum(s.st_size for s in stats), files))
    total = sum(size for _, size, _ in found)
    for used, size, files in sorted(found, key=lambda item: item[0]):
        if total <= limit_bytes or used > time.time() - IN_USE:
            return
        for item in files:
            with suppress(OSError):
                item.unlink(missing_ok=True)
        total -= size
