"""glTF 2.0 binary: a node an object, with its id and class in ``extras``; metres, y up as glTF has it.

Khronos glTF 2.0, 4.4 (GLB) and 3.7 (geometry). Positions are relative to ``extras.origin`` of the scene.
"""

import struct
from dataclasses import dataclass, field
from typing import Any

import orjson

from twin.exchange.meshes.pieces import Color, Piece, Scene
from twin.geometry import F32

_JSON, _BIN = 0x4E4F534A, 0x004E4942
_ARRAY, _ELEMENTS = 34962, 34963
_FLOAT, _UINT = 5126, 5125
UP = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
"""East, north, up to glTF's axes: x east, y up, z south; column by column."""


@dataclass
class _Writing:
    """The document and its one buffer as they grow."""

    views: list[dict[str, Any]] = field(default_factory=list)
    accessors: list[dict[str, Any]] = field(default_factory=list)
    materials: dict[tuple[Color, str], int] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0

    def view(self, content: bytes, target: int) -> int:
        padded = content + b"\0" * (-len(content) % 4)
        self.views.append(
            {"buffer": 0, "byteOffset": self.size, "byteLength": len(content), "target": target}
        )
        self.chunks.append(padded)
        self.size += len(padded)
        return len(self.views) - 1

    def accessor(self, view: int, kind: int, count: int, shape: str, **more: Any) -> int:
        self.accessors.append(
            {"bufferView": view, "componentType": kind, "count": count, "type": shape, **more}
        )
        return len(self.accessors) - 1

    def primitive(self, piece: Piece, scene: Scene) -> dict[str, Any]:
        points: F32 = (piece.positions - scene.origin).astype("<f4")
        low, high = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        spots = self.accessor(
            self.view(points.tobytes(), _ARRAY), _FLOAT, len(points), "VEC3", min=low, max=high
        )
        corners = piece.triangles.astype("<u4").reshape(-1)
        faces = self.accessor(
            self.view(corners.tobytes(), _ELEMENTS), _UINT, len(corners), "SCALAR"
        )
        look = self.materials.setdefault((piece.color, piece.material), len(self.materials))
        return {"attributes": {"POSITION": spots}, "indices": faces, "material": look}


def write_glb(scene: Scene) -> bytes:
    """Return the scene as one GLB; equal scenes give equal bytes."""
    writing = _Writing()
    by_object: dict[int, list[dict[str, Any]]] = {}
    for piece in scene.pieces:
        if len(piece.triangles):
            by_object.setdefault(piece.key, []).append(writing.primitive(piece, scene))
    meshes = [{"primitives": parts} for parts in by_object.values()]
    nodes: list[dict[str, Any]] = [
        {"name": scene.objects[key].get("name") or scene.objects[key].get("id", ""), "mesh": number,
         "extras": dict(scene.objects[key])}
        for number, key in enumerate(by_object)
    ]  # fmt: skip
    root = {"name": "city", "matrix": UP, "children": list(range(len(nodes)))}
    extras = {"crs": scene.crs, "origin": scene.origin.tolist()}
    document = {
        "asset": {"version": "2.0", "generator": "CityTwin"},
        "scene": 0,
        "scenes": [{"nodes": [len(nodes)], "extras": extras}],
        "nodes": [*nodes, root if nodes else {"name": "city"}],
    }
    if nodes:
        document |= {
            "meshes": meshes, "accessors": writing.accessors, "bufferViews": writing.views,
            "materials": [_material(*key) for key in writing.materials],
            "buffers": [{"byteLength": writing.size}],
        }  # fmt: skip
    return _packed(orjson.dumps(document), b"".join(writing.chunks))


def _material(color: Color, name: str) -> dict[str, Any]:
    look = {"baseColorFactor": list(color), "metallicFactor": 0.0, "roughnessFactor": 0.9}
    made: dict[str, Any] = {"pbrMetallicRoughness": look, "doubleSided": True}
    if name:
        made["name"] = name
    if color[3] < 1:
        made["alphaMode"] = "BLEND"
    return made


def _packed(text: bytes, content: bytes) -> bytes:
    text += b" " * (-len(text) % 4)
    parts = [struct.pack("<II", len(text), _JSON), text]
    if content:
        parts += [struct.pack("<II", len(content), _BIN), content]
    body = b"".join(parts)
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body
