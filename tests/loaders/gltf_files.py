"""Writes small glTF and 3D Tiles files for the tests, from arrays, without the loaders' code."""

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

COMPONENTS = {"i1": 5120, "u1": 5121, "i2": 5122, "u2": 5123, "u4": 5125, "f4": 5126}
SHAPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"}


class Builder:
    """A glTF being made: buffer views and accessors are added, then it is written."""

    def __init__(self) -> None:
        self.json: dict[str, Any] = {
            "asset": {"version": "2.0"},
            "bufferViews": [],
            "accessors": [],
        }
        self.binary = b""

    def view(self, data: bytes, stride: int = 0) -> int:
        """Add a buffer view and return its index."""
        self.binary += b"\0" * (-len(self.binary) % 8)
        view = {"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data)}
        if stride:
            view["byteStride"] = stride
        self.binary += data
        self.json["bufferViews"].append(view)
        return len(self.json["bufferViews"]) - 1

    def accessor(self, array: NDArray[Any], normalized: bool = False) -> int:
        """Add an accessor with a view of its own and return its index."""
        width = 1 if array.ndim == 1 else array.shape[1]
        entry: dict[str, Any] = {
            "bufferView": self.view(np.ascontiguousarray(array).tobytes()),
            "componentType": COMPONENTS[array.dtype.str[1:]],
            "count": len(array),
            "type": SHAPES[width],
        }
        if normalized:
            entry["normalized"] = True
        return self.add_accessor(entry)

    def add_accessor(self, entry: Mapping[str, Any]) -> int:
        """Add a described accessor and return its index."""
        self.json["accessors"].append(dict(entry))
        return len(self.json["accessors"]) - 1

    def mesh(self, primitive: Mapping[str, Any], node: Mapping[str, Any] | None = None) -> None:
        """Add a mesh of one primitive under a node of its own, a root of the scene."""
        meshes = self.json.setdefault("meshes", [])
        meshes.append({"primitives": [dict(primitive)]})
        nodes = self.json.setdefault("nodes", [])
        nodes.append({"mesh": len(meshes) - 1, **(node or {})})
        scenes = self.json.setdefault("scenes", [{"nodes": []}])
        scenes[0]["nodes"].append(len(nodes) - 1)

    def document(self) -> dict[str, Any]:
        """Return the finished JSON."""
        return {**self.json, "buffers": [{"byteLength": len(self.binary)}]}

    def glb(self) -> bytes:
        """Return the GLB."""
        text = padded(json.dumps(self.document()).encode(), b" ", 4)
        body = padded(self.binary, b"\0", 4)
        chunks = struct.pack("<I4s", len(text), b"JSON") + text
        chunks += struct.pack("<I4s", len(body), b"BIN\0") + body
        return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def padded(data: bytes, fill: bytes, to: int) -> bytes:
    return data + fill * (-len(data) % to)


def table(found: Mapping[str, Any] | None) -> bytes:
    return padded(json.dumps(found).encode(), b" ", 8) if found else b""


def legacy(
    kind: bytes,
    payload: bytes,
    features: Mapping[str, Any],
    body: bytes = b"",
    batch: Mapping[str, Any] | None = None,
    batch_body: bytes = b"",
    extra: bytes = b"",
) -> bytes:
    """Return a b3dm, i3dm (``extra`` = its glTF format) or pnts."""
    parts = [table(features), padded(body, b"\0", 8), table(batch), padded(batch_body, b"\0", 8)]
    lengths = [len(part) for part in parts]
    total = 28 + len(extra) + sum(lengths) + len(payload)
    return struct.pack("<4s6I", kind, 1, total, *lengths) + extra + b"".join(parts) + payload


def cmpt(tiles: Sequence[bytes]) -> bytes:
    return struct.pack("<4s3I", b"cmpt", 1, 16 + sum(map(len, tiles)), len(tiles)) + b"".join(
        tiles
    )


def boxes(
    centers: NDArray[np.float64], half: float
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return positions f4(8n, 3), triangles u2(12n * 3) and the number of each vertex's box, z up."""
    corner = np.array([[(i >> k & 1) * 2 - 1 for k in range(3)] for i in range(8)], np.float64)
    faces = np.array(
        [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]]
    )
    triangles = np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]])
    positions = (np.asarray(centers)[:, None, :] + corner * half).reshape(-1, 3).astype("<f4")
    shift = np.arange(len(centers))[:, None, None] * 8
    return (
        positions,
        (triangles + shift).reshape(-1).astype("<u2"),
        np.repeat(np.arange(len(centers)), 8),
    )


def y_up(points: NDArray[Any]) -> NDArray[Any]:
    """Return z-up points as glTF writes them."""
    return np.ascontiguousarray(np.stack([points[:, 0], points[:, 2], -points[:, 1]], axis=1))


def box_town(n: int = 4, half: float = 5.0, ids: str = "_BATCHID") -> Builder:
    """Return n boxes in a row, 20 m apart from the origin to the east, one feature each."""
    centers = np.stack([np.arange(n) * 20.0, np.zeros(n), np.full(n, half)], axis=1)
    positions, triangles, number = boxes(centers, half)
    made = Builder()
    attributes = {"POSITION": made.accessor(y_up(positions))}
    if ids:
        attributes[ids] = made.accessor(number.astype("<u2"))
    made.mesh({"attributes": attributes, "indices": made.accessor(triangles)})
    return made


def b3dm_town(n: int = 4, batch: Mapping[str, Any] | None = None, **features: Any) -> bytes:
    """Return ``box_town`` as a b3dm."""
    return legacy(b"b3dm", box_town(n).glb(), {"BATCH_LENGTH": n, **features}, batch=batch)


def tile(box: Sequence[float], uri: str = "", **more: Any) -> dict[str, Any]:
    """Return a tile with an axis-aligned box (centre, half sizes)."""
    x, y, z, a, b, c = box
    found: dict[str, Any] = {
        "boundingVolume": {"box": [x, y, z, a, 0, 0, 0, b, 0, 0, 0, c]},
        "geometricError": 0,
    }
    if uri:
        found["content"] = {"uri": uri}
    return {**found, **more}


def tileset(root: Mapping[str, Any], **more: Any) -> bytes:
    """Return a tileset.json."""
    return json.dumps(
        {"asset": {"version": "1.1"}, "geometricError": 100, "root": root, **more}
    ).encode()
