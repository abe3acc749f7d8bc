"""Draco geometry with I3S's own notes in it: scales of x and y, feature ids, what an attribute is.

The decoder gives no attribute metadata, so the notes are read from the file's head here.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders.i3s.buffers import Geometry
from twin.errors import BrokenFile

HEADER = 11
HAS_METADATA = 0x8000
POSITION, NORMAL, COLOR, TEXTURE, GENERIC = range(5)
MOST_NOTES = 4096
DEEPEST = 8

Notes = dict[str, bytes]


@dataclass(slots=True)
class _Reader:
    """Reads Draco's metadata forward; every length is checked against what is left."""

    data: bytes
    where: str
    at: int = HEADER

    def take(self, size: int) -> bytes:
        if size < 0 or self.at + size > len(self.data):
            raise BrokenFile(
                location=self.where, format="I3S", reason="Draco: its metadata ends too early"
            )
        self.at += size
        return self.data[self.at - size : self.at]

    def varint(self) -> int:
        found = 0
        for shift in range(0, 35, 7):
            byte = self.take(1)[0]
            found |= (byte & 0x7F) << shift
            if byte < 0x80:
                return found
        raise BrokenFile(location=self.where, format="I3S", reason="Draco: a number without end")

    def notes(self, depth: int = 0) -> Notes:
        found: Notes = {}
        for _ in range(self._count()):
            key = self.take(self.take(1)[0]).decode("utf-8", "replace")
            found[key] = self.take(self.varint())
        for _ in range(self._count()):
            self.take(self.take(1)[0])
            if depth >= DEEPEST:
                raise BrokenFile(location=self.where, format="I3S", reason="Draco: nested notes")
            self.notes(depth + 1)
        return found

    def _count(self) -> int:
        found = self.varint()
        if found > MOST_NOTES:
            raise BrokenFile(location=self.where, format="I3S", reason=f"Draco: {found} notes")
        return found


def attribute_notes(data: bytes, where: str) -> dict[int, Notes]:
    """Return attribute id -> metadata entries of a Draco file. Raises BrokenFile."""
    if len(data) < HEADER or data[:5] != b"DRACO":
        raise BrokenFile(location=where, format="I3S", reason="it is no Draco file")
    if not int.from_bytes(data[9:11], "little") & HAS_METADATA:
        return {}
    reader = _Reader(data, where)
    found: dict[int, Notes] = {}
    for _ in range(reader._count()):
        key = reader.varint()
        found[key] = reader.notes()
    return found


def read_draco(data: bytes, where: str) -> Geometry:
    """Return the geometry in a Draco file. Raises BrokenFile."""
    import DracoPy

    notes = attribute_notes(data, where)
    try:
        mesh = DracoPy.decode(data)
    except (DracoPy.FileTypeException, ValueError, RuntimeError, MemoryError) as error:
        raise BrokenFile(location=where, format="I3S", reason=f"Draco: {error}") from error
    by_id = {item["unique_id"]: item for item in mesh.attributes}
    arrays = {
        key: np.asarray(item["data"]).reshape(len(item["data"]), -1) for key, item in by_id.items()
    }
    which = {_role(by_id[key], notes.get(key, {})): key for key in reversed(list(by_id))}
    if "position" not in which or arrays[which["position"]].shape[1] != 3:
        raise BrokenFile(location=where, format="I3S", reason="Draco: no positions")
    key = which["position"]
    positions = arrays[key].astype(np.float64)
    positions[:, 0] *= _double(notes.get(key, {}).get("i3s-scale_x"))
    positions[:, 1] *= _double(notes.get(key, {}).get("i3s-scale_y"))
    faces = getattr(mesh, "faces", None)
    triangles = np.zeros((0, 3), np.int32) if faces is None else np.asarray(faces, np.int32)
    found = Geometry(positions.astype(np.float32), triangles.reshape(-1, 3))
    if len(triangles) and int(triangles.max()) >= len(positions):
        raise BrokenFile(
            location=where, format="I3S", reason="Draco: an index beyond its vertices"
        )
    _optional(found, arrays, which, notes)
    return found


def _optional(
    found: Geometry,
    arrays: dict[int, NDArray[Any]],
    which: dict[str, int],
    notes: dict[int, Notes],
) -> None:
    n = len(found.positions)

    def held(name: str, width: int) -> NDArray[Any] | None:
        array = arrays.get(which.get(name, -1))
        return None if array is None or array.shape != (n, width) else array

    normals, uv, region = held("normal", 3), held("uv0", 2), held("uv-region", 4)
    found.normals = None if normals is None else normals.astype(np.float32)
    found.uv = None if uv is None else uv.astype(np.float32)
    found.region = None if region is None else region.astype(np.uint16)
    colors = held("color", 4)
    found.colors = None if colors is None else colors.astype(np.uint8)
    index = held("feature-index", 1)
    if index is None:
        return
    numbers = index[:, 0].astype(np.int64)
    raw = notes.get(which["feature-index"], {}).get("i3s-feature-ids", b"")
    ids = np.frombuffer(raw, "<i4", len(raw) // 4).astype(np.int64)
    if not len(ids):  # no list: the numbers themselves tell features apart
        ids, numbers = np.unique(numbers, return_inverse=True)
    inside = (numbers >= 0) & (numbers < len(ids))
    found.ids = ids
    found.feature = np.where(inside, numbers, -1).astype(np.int32)
    found.stray = int((~inside).sum())


def _role(item: dict[str, Any], notes: Notes) -> str:
    kind = item["attribute_type"]
    if kind == GENERIC:
        name = notes.get("i3s-attribute-type", b"").rstrip(b"\0").decode("utf-8", "replace")
        return name or ("feature-index" if item["num_components"] == 1 else "uv-region")
    return {POSITION: "position", NORMAL: "normal", COLOR: "color", TEXTURE: "uv0"}.get(kind, "")


def _double(raw: bytes | None) -> float:
    if raw is None or len(raw) != 8:
        return 1.0
    found = float(np.frombuffer(raw, "<f8")[0])
    return found if np.isfinite(found) and found != 0.0 else 1.0
