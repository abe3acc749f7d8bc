"""A small glTF and a small b3dm that say something of their boxes in every way the formats know."""

import io
from typing import Any

import numpy as np
from PIL import Image

from tests.loaders import gltf_files as make

COUNT = 4
TRIANGLES = 12 * COUNT + 2
"""Of ``rich_town``: the boxes, and a square whose numbers stand in a picture."""


def _texts(made: make.Builder, words: list[str]) -> dict[str, Any]:
    data = [word.encode() for word in words]
    ends = np.cumsum([0, *map(len, data)]).astype("<u4")
    return {"values": made.view(b"".join(data)), "stringOffsets": made.view(ends.tobytes())}


def _numbers(made: make.Builder, values: Any, dtype: str, **more: Any) -> dict[str, Any]:
    return {"values": made.view(np.array(values, dtype).tobytes()), **more}


def _rows(made: make.Builder) -> dict[str, Any]:
    tags = _texts(made, ["a", "b", "c", "d", "e"])
    tags["arrayOffsets"] = made.view(np.array([0, 2, 2, 3, 5], "<u4").tobytes())
    return {
        "name": _texts(made, ["één", "", "drie", "vier"]),
        "year": _numbers(made, [1900, -1, 2000, 2020], "<i2"),
        "height": _numbers(made, [1, 2, 3, 4], "u1", scale=0.5, offset=1),
        "roof": _numbers(made, [0, 1, 1, 0], "u1"),
        "inside": {"values": made.view(bytes([0b0101]))},
        "color": _numbers(made, np.arange(12), "u1"),
        "pair": _numbers(made, np.arange(8), "<f4"),
        "tags": tags,
    }


def schema() -> dict[str, Any]:
    """Return the schema of ``rich_town``."""
    properties: dict[str, Any] = {
        "name": {"type": "STRING", "noData": ""},
        "year": {"type": "SCALAR", "componentType": "INT16", "noData": -1, "default": 1000},
        "height": {"type": "SCALAR", "componentType": "UINT8"},
        "roof": {"type": "ENUM", "enumType": "Roof"},
        "inside": {"type": "BOOLEAN"},
        "color": {"type": "VEC3", "componentType": "UINT8", "normalized": True},
        "pair": {"type": "SCALAR", "componentType": "FLOAT32", "array": True, "count": 2},
        "tags": {"type": "STRING", "array": True},
        "use": {"type": "STRING", "default": "unknown"},
    }
    values = [{"name": "flat", "value": 0}, {"name": "gable", "value": 1}]
    return {
        "classes": {"House": {"properties": properties}},
        "enums": {"Roof": {"valueType": "UINT8", "values": values}},
    }


def picture(numbers: Any) -> bytes:
    """Return a grey PNG of numbers u8(h, w)."""
    stream = io.BytesIO()
    Image.fromarray(np.array(numbers, np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def rich_town() -> make.Builder:
    """Return four boxes with a property table of every type, and a square with a feature picture."""
    made = make.box_town(COUNT, ids="_FEATURE_ID_0")
    corners = np.array([[0, 50, 0], [9, 50, 0], [0, 59, 0], [9, 59, 0]], "<f4")
    attributes = {
        "POSITION": made.accessor(make.y_up(corners)),
        "TEXCOORD_0": made.accessor(np.array([[0, 0], [1, 0], [0, 1], [1, 1]], "<f4")),
    }
    square = np.array([0, 1, 2, 2, 1, 3], "<u2")
    made.mesh({"attributes": attributes, "indices": made.accessor(square)})
    made.json["images"] = [
        {"bufferView": made.view(picture([[1, 1], [1, 2]])), "mimeType": "image/png"}
    ]
    made.json["textures"] = [{"source": 0}]
    tables = [{"class": "House", "count": COUNT, "properties": _rows(made)}]
    said = {"schema": schema(), "propertyTables": tables}
    made.json["extensions"] = {"EXT_structural_metadata": said}
    by_vertex = [{"featureCount": COUNT, "attribute": 0, "propertyTable": 0, "label": "houses"}]
    by_texel = [
        {"featureCount": COUNT, "texture": {"index": 0, "channels": [0]}, "propertyTable": 0}
    ]
    for mesh, sets in zip(made.json["meshes"], (by_vertex, by_texel), strict=True):
        mesh["primitives"][0]["extensions"] = {"EXT_mesh_features": {"featureIds": sets}}
    return made


def hierarchy() -> dict[str, Any]:
    """Return a batch hierarchy: four windows in two houses in one street."""
    classes = [
        {"name": "Window", "length": 4, "instances": {"pane": [1, 2, 3, 4]}},
        {"name": "House", "length": 2, "instances": {"owner": ["x", "y"]}},
        {"name": "Street", "length": 1, "instances": {"street": ["Lane"], "pane": [9]}},
    ]
    return {
        "instancesLength": 7,
        "classes": classes,
        "classIds": [0, 0, 0, 0, 1, 1, 2],
        "parentCounts": [1, 1, 1, 1, 1, 1, 0],
        "parentIds": [4, 4, 5, 5, 6, 6],
    }


def rich_batch() -> tuple[dict[str, Any], bytes]:
    """Return a batch table for four features with lists, binary columns and a hierarchy, and its body."""
    body = np.arange(COUNT, dtype="<f8").tobytes() + np.arange(3 * COUNT, dtype="<f4").tobytes()
    table = {
        "label": ["a", "b", None, "d"],
        "depth": [1, 2.5, None, 4],
        "area": {"byteOffset": 0, "componentType": "DOUBLE", "type": "SCALAR"},
        "normal": {"byteOffset": 8 * COUNT, "componentType": "FLOAT", "type": "VEC3"},
        "extensions": {"3DTILES_batch_table_hierarchy": hierarchy()},
    }
    return table, body


def batch_town(table: dict[str, Any], body: bytes) -> bytes:
    """Return four boxes as a b3dm with a batch table."""
    town = make.box_town(COUNT).glb()
    return make.legacy(b"b3dm", town, {"BATCH_LENGTH": COUNT}, batch=table, batch_body=body)
