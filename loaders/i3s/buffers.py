"""Geometry buffers without compression: a header, one array an attribute, then ids and face ranges."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders.i3s.layer import Layer, dict_of
from twin.errors import BrokenFile
from twin.geometry import F32, I32, U8

TYPES = {
    "UInt8": "u1", "Int8": "i1", "UInt16": "<u2", "Int16": "<i2", "UInt32": "<u4", "Int32": "<i4",
    "UInt64": "<u8", "Int64": "<i8", "Float32": "<f4", "Float64": "<f8", "Oid32": "<u4", "Oid64": "<u8",
}  # fmt: skip
ORDER = ("position", "normal", "uv0", "uv1", "color", "uvRegion", "featureId", "faceRange")
PER_FEATURE = ("featureId", "faceRange")
NAMES = {"region": "uvRegion", "id": "featureId"}
"""Names of the schema of 1.6 -> names of geometry definitions."""


@dataclass(slots=True)
class Geometry:
    """A node's triangles (or points: no triangles) as stored.

    ``positions`` f32(v, 3) offsets from the node's centre in the layer's units; ``triangles``
    i32(t, 3); ``feature`` i32(v) index into ``ids`` (-1 none), ``ids`` i64(k) or None without
    features; ``region`` u16(v, 4) normalised u_min, v_min, u_max, v_max; ``uv`` with v downwards.
    """

    positions: F32
    triangles: I32
    normals: F32 | None = None
    uv: F32 | None = None
    colors: U8 | None = None
    region: NDArray[np.uint16] | None = None
    feature: I32 | None = None
    ids: NDArray[np.int64] | None = None
    stray: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """One array of a buffer: its name, numpy type, components, and whether it is per feature."""

    name: str
    dtype: str
    width: int
    per_feature: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """What a buffer holds: header fields (name, type), bytes to skip, arrays in order."""

    header: tuple[tuple[str, str], ...]
    offset: int
    fields: tuple[Field, ...]


def defined(definition: dict[str, Any], layer: Layer) -> Layout:
    """Return the layout of an entry of ``geometryBuffers`` (1.7); the header is the store's (1.6)."""
    offset = definition.get("offset", 0)
    fields = []
    for name in ORDER:
        item = dict_of(definition.get(name))
        if item:
            width = item.get("component", item.get("components", 1))
            fields.append(_field(name, item.get("type"), width, name in PER_FEATURE))
    held = tuple(_header(layer)) or (("vertexCount", "<u4"), ("featureCount", "<u4"))
    size = sum(np.dtype(kind).itemsize for _, kind in held)
    skip = offset if isinstance(offset, int) and offset >= 0 else 0
    return Layout(held if skip >= size else (), skip, tuple(fields))


def legacy(layer: Layer) -> Layout:
    """Return the layout of the store's default geometry schema (1.6). Raises BrokenFile."""
    schema = _schema(layer)
    held = tuple(_header(layer))
    vertex, feature = (
        dict_of(schema.get("vertexAttributes")),
        dict_of(schema.get("featureAttributes")),
    )
    fields = [
        _field(str(name), item.get("valueType"), item.get("valuesPerElement"), per_feature)
        for names, items, per_feature in (
            (schema.get("ordering"), vertex, False),
            (schema.get("featureAttributeOrder"), feature, True),
        )
        for name in (names if isinstance(names, list) else ())
        if (item := dict_of(items.get(str(name))))
    ]
    if (
        not held
        or not fields
        or schema.get("topology", "PerAttributeArray") != "PerAttributeArray"
    ):
        where = layer.package.where("store.defaultGeometrySchema")
        raise BrokenFile(location=where, format="I3S", reason="no schema that can be read")
    return Layout(held, sum(np.dtype(kind).itemsize for _, kind in held), tuple(fields))


def read_buffer(data: bytes, layout: Layout, counts: tuple[int, int], where: str) -> Geometry:
    """Return the geometry in a buffer; ``counts`` (vertices, features) serve where it has no header.

    Raises BrokenFile when the counts do not fit the bytes.
    """
    vertices, features = counts
    at = 0
    for name, kind in layout.header:
        if at + np.dtype(kind).itemsize > len(data):
            raise _broken(where, "it ends within its header")
        value = int(np.frombuffer(data, kind, 1, at)[0])
        vertices = value if name == "vertexCount" else vertices
        features = value if name == "featureCount" else features
        at += np.dtype(kind).itemsize
    arrays: dict[str, NDArray[Any]] = {}
    at = layout.offset
    for item in layout.fields:
        count = (features if item.per_feature else vertices) * item.width
        size = count * np.dtype(item.dtype).itemsize
        if at + size > len(data):
            reason = (
                f"{vertices} vertices and {features} features need more than its {len(data)} bytes"
            )
            raise _broken(where, reason)
        arrays[item.name] = np.frombuffer(data, item.dtype, count, at).reshape(-1, item.width)
        at += size
    return _geometry(arrays, where)


def _geometry(arrays: dict[str, NDArray[Any]], where: str) -> Geometry:
    positions = arrays.get("position")
    if positions is None or positions.shape[1] != 3:
        raise _broken(where, "it has no positions")
    n = len(positions) // 3 * 3
    found = Geometry(positions[:n].astype(np.float32), np.arange(n, dtype=np.int32).reshape(-1, 3))
    for name, width in (("normal", 3), ("uv0", 2), ("color", 4), ("uvRegion", 4)):
        array = arrays.get(name)
        if array is not None and array.shape[1] == width:
            setattr(found, _ATTRIBUTES[name], array[:n].astype(_KINDS[name]))
    ids, ranges = arrays.get("featureId"), arrays.get("faceRange")
    if ids is not None and ranges is not None and len(ids):
        found.ids = ids[:, 0].astype(np.int64)
        found.feature, found.stray = _ranged(ranges.astype(np.int64), n // 3)
    return found


_ATTRIBUTES = {"normal": "normals", "uv0": "uv", "color": "colors", "uvRegion": "region"}
_KINDS = {"normal": np.float32, "uv0": np.float32, "color": np.uint8, "uvRegion": np.uint16}


def _ranged(ranges: NDArray[np.int64], triangles: int) -> tuple[I32, int]:
    """Return each vertex's feature from inclusive face ranges i64(k, 2), and how many are wrong.

    A vertex outside all ranges belongs to no feature; where ranges overlap the later one holds.
    """
    owner = np.full(triangles, -1, np.int32)
    good = (ranges[:, 0] >= 0) & (ranges[:, 1] < triangles) & (ranges[:, 0] <= ranges[:, 1])
    for row in np.flatnonzero(good).tolist():
        owner[ranges[row, 0] : ranges[row, 1] + 1] = row
    return np.repeat(owner, 3), int((~good).sum())


def _field(name: str, kind: Any, width: Any, per_feature: bool) -> Field:
    dtype = TYPES.get(kind) if isinstance(kind, str) else None
    if dtype is None or not isinstance(width, int) or not 0 < width <= 16:
        raise _broken(name, f"the attribute {name} has the type {kind!r} and {width!r} values")
    return Field(NAMES.get(name, name), dtype, width, per_feature)


def _header(layer: Layer) -> Iterator[tuple[str, str]]:
    held = _schema(layer).get("header")
    for item in held if isinstance(held, list) else ():
        kind = TYPES.get(str(dict_of(item).get("type")))
        if kind is not None:
            yield str(item.get("property")), kind


def _schema(layer: Layer) -> dict[str, Any]:
    return dict_of(dict_of(layer.doc.get("store")).get("defaultGeometrySchema"))


def _broken(where: str, reason: str) -> BrokenFile:
    return BrokenFile(location=where, format="I3S", reason=reason)
