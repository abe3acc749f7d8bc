"""One node to what is drawn of it and the objects it holds."""

from dataclasses import replace
from typing import Any

import numpy as np

from loaders._ellipsoid import east_north_up
from loaders.i3s.atlas import placed
from loaders.i3s.boxes import degree_lengths, is_place
from loaders.i3s.buffers import Geometry, defined, legacy, read_buffer
from loaders.i3s.draco import read_draco
from loaders.i3s.layer import Layer, dict_of
from loaders.i3s.materials import linear, material_of
from loaders.i3s.nodes import Mesh as Token
from loaders.i3s.objects import ALONE, columns_of, observations_of, rows_of, table_of
from loaders.i3s.package import BINARY, JSON, NODE
from twin.errors import BrokenFile, NotFound, OpenError
from twin.features import ID_FIELD, Column, FeatureTable, texts
from twin.geometry import F32, F64, I32, Drawable, Material, Mesh, Points
from twin.ports import Content
from twin.records import Problem

MOST_POINTS = 1 << 22


def read_node(token: Token) -> Content:
    """Return what a node draws and the objects it brings. Raises OpenError if nothing can be used."""
    problems: list[Problem] = []
    node = token.layer.package.json(f"nodes/{token.key}", NODE) if token.geometry < 0 else None
    if token.layer.type == "Point" and (node is not None or token.definition < 0):
        found = _feature_points(token)
    else:
        found = _geometry(token, node, problems)
    if found.stray:
        name = f"{token.layer.prefix}nodes/{token.key}"
        text = f"{name}: {found.stray} face ranges or vertices name no feature of the node"
        problems.append(Problem("i3s.feature_range", text, name, {"stray": found.stray}))
    return _content(token, node, found, problems)


def _content(
    token: Token, node: dict[str, Any] | None, found: Geometry, problems: list[Problem]
) -> Content:
    layer = token.layer
    ids, rows, columns = _objects(token, found, problems)
    drawables = _drawn(token, node, found, rows, problems)
    if ids is None:
        table = _alone(token, drawables)
        return Content(drawables, table, observations_of({}), tuple(problems))
    table = table_of(layer, ids, columns, drawables)
    return Content(drawables, table, observations_of(columns), tuple(problems))


def _objects(
    token: Token, found: Geometry, problems: list[Problem]
) -> tuple[list[str] | None, I32, dict[str, Column]]:
    """Return the ids of a node's objects (None: it holds none), each vertex's row, the columns."""
    n = len(found.positions)
    if token.layer.type == "IntegratedMesh" or found.ids is None or found.feature is None:
        return None, np.zeros(n, np.int32), {}
    resource = str(token.attribute) if token.attribute >= 0 else token.key
    columns = columns_of(token, resource, len(found.ids), problems)
    ids, first, rows = rows_of(token.layer, found.ids, columns)
    kept = {name: values[first] for name, values in columns.items()}
    if not len(rows):
        return ids, np.full(n, -1, np.int32), kept
    inside = found.feature >= 0
    return ids, np.where(inside, rows[np.maximum(found.feature, 0)], -1).astype(np.int32), kept


def _alone(token: Token, drawables: tuple[Drawable, ...]) -> FeatureTable:
    """Return the one row that stands for a node without objects."""
    table = table_of(token.layer, [f"{token.layer.prefix}nodes/{token.key}"], {}, drawables)
    return replace(table, kinds=(ALONE,), columns={ID_FIELD: texts([None])})


def _drawn(
    token: Token,
    node: dict[str, Any] | None,
    found: Geometry,
    rows: I32,
    problems: list[Problem],
) -> tuple[Drawable, ...]:
    layer = token.layer
    origin, offsets = _placed(token, found.positions)
    colors = None if found.colors is None or (found.colors == 255).all() else found.colors
    if not len(found.triangles):
        return (Points(origin, offsets, rows, Material(color=_marker(layer)), colors),)
    material = material_of(token, node, found.uv is not None, problems)
    found.feature, found.colors = rows, colors
    if material.image is not None and found.region is not None:
        found, whole = placed(found)
        offsets = _placed(token, found.positions)[1]
        if not whole:
            name = f"{layer.prefix}nodes/{token.key}"
            text = f"{name}: a picture repeats too often in its atlas"
            problems.append(Problem("i3s.atlas", text, name))
    uv = None if material.image is None else _upright(found.uv)
    normals = _normals(token, found.normals)
    assert found.feature is not None
    mesh = Mesh(
        origin, offsets, found.triangles, found.feature, material, uv, normals, found.colors
    )
    return (mesh,)


def _placed(token: Token, positions: F32) -> tuple[F64, F32]:
    """Return the origin f64(3) and the offsets f32(v, 3), heights in the unit the core expects."""
    rise = token.layer.system.rise
    origin = np.array(token.center) * [1.0, 1.0, rise]
    if rise == 1.0:
        return origin, positions
    return origin, (positions * np.array([1.0, 1.0, rise])).astype(np.float32)


def _upright(uv: F32 | None) -> F32 | None:
    """Return coordinates whose v grows upwards; I3S counts from the picture's top."""
    return None if uv is None else np.column_stack([uv[:, 0], 1.0 - uv[:, 1]]).astype(np.float32)


def _normals(token: Token, normals: F32 | None) -> F32 | None:
    """Return unit normals of surfaces in the layer's own coordinates, None where their frame is unknown.

    Of a global layer they come geocentric or east-north-up; in degrees a surface leans by the
    metres that a degree has.
    """
    system = token.layer.system
    if normals is None or not normals.any():
        return None
    found = normals.astype(np.float64)
    if system.geographic:
        frame = dict_of(token.layer.doc.get("store")).get("normalReferenceFrame")
        if frame not in ("earth-centered", "east-north-up"):
            return None
        lon, lat = np.radians(token.center[:2])
        if frame == "earth-centered":
            found = found @ east_north_up(np.array(lon), np.array(lat)).T
        found[:, :2] *= degree_lengths(np.array([lat]))[0]
    found[:, 2] /= system.rise
    length = np.linalg.norm(found, axis=1)[:, None]
    return np.asarray(found / np.where(length > 0, length, 1), np.float32)


def _marker(layer: Layer) -> tuple[float, float, float, float]:
    """Return the colour of a point layer's simple renderer, white for others."""
    symbol = dict_of(dict_of(dict_of(layer.doc.get("drawingInfo")).get("renderer")).get("symbol"))
    layers = symbol.get("symbolLayers")
    material = (
        dict_of(dict_of(layers[0]).get("material")) if isinstance(layers, list) and layers else {}
    )
    color = material.get("color")
    if not isinstance(color, list) or not all(isinstance(v, int | float) for v in color):
        return (1.0, 1.0, 1.0, 1.0)
    return linear([v / 255 for v in color[:3]])


def _geometry(token: Token, node: dict[str, Any] | None, problems: list[Problem]) -> Geometry:
    """Return a node's geometry from the first of its buffers that can be read. Raises OpenError.

    Several buffers hold the same: the uncompressed one is exact and first on a disk, the Draco one
    is smaller and first on a server.
    """
    package = token.layer.package
    held = token.layer.item("geometryDefinitions", token.definition).get("geometryBuffers")
    items = [held] if isinstance(held, dict) else held
    buffers = [dict_of(item) for item in items] if isinstance(items, list) and node is None else []
    packed = [bool(item.get("compressedAttributes")) for item in buffers]
    order = sorted(range(len(buffers)), key=lambda i: packed[i] is not package.served)
    failure: OpenError | None = None
    for number in order or [0]:
        address = f"nodes/{token.key}/geometries/{number}"
        try:
            data = package.read(address, BINARY)
            found = _read(
                token, data, buffers[number] if buffers else None, package.where(address)
            )
        except NotFound as error:
            failure = failure or error
            continue
        except OpenError as error:
            failure = error
            continue
        if failure is not None and not isinstance(failure, NotFound):
            name = f"{token.layer.prefix}nodes/{token.key}"
            problems.append(Problem(failure.full_code, str(failure), name, dict(failure.params)))
        return found
    assert failure is not None
    raise failure


def _read(token: Token, data: bytes, buffer: dict[str, Any] | None, where: str) -> Geometry:
    if data.startswith(b"DRACO"):
        return read_draco(data, where)
    if buffer is not None and buffer.get("compressedAttributes"):
        raise BrokenFile(location=where, format="I3S", reason="it is no Draco file")
    layout = legacy(token.layer) if buffer is None else defined(buffer, token.layer)
    return read_buffer(data, layout, (token.vertices, token.features), where)


def _feature_points(token: Token) -> Geometry:
    """Return the points of a feature document (point layers of 1.6). Raises OpenError."""
    package = token.layer.package
    address = f"nodes/{token.key}/features/0"
    held = package.json(address, JSON).get("featureData")
    items = [dict_of(item) for item in held[:MOST_POINTS]] if isinstance(held, list) else []
    spots, ids = [], []
    for item in items:
        position = item.get("position")
        if (is_place(position, 2) or is_place(position, 3)) and isinstance(item.get("id"), int):
            spots.append([*position, 0.0][:3])
            ids.append(item["id"])
    if not spots:
        raise BrokenFile(location=package.where(address), format="I3S", reason="it has no points")
    offsets = np.array(spots, np.float64) - np.array(token.center)
    return Geometry(
        offsets.astype(np.float32),
        np.zeros((0, 3), np.int32),
        feature=np.arange(len(ids), dtype=np.int32),
        ids=np.array(ids, np.int64),
    )
