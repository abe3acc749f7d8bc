"""The scene of a glTF: nodes with their matrices, meshes read once, instances kept as instances."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from loaders._gltf import accessors
from loaders._gltf.document import Document, Reader, parse
from loaders._gltf.features import FeatureIds, instance_ids
from loaders._gltf.materials import Painter
from loaders._gltf.primitives import Part, read_part
from loaders._gltf.rules import report_broken
from twin.errors import MissingDecoder, OpenError, TooLarge
from twin.geometry import F64, I32

MAX_VERTICES = 1 << 27
"""The most vertices one content may unfold to: nodes can repeat a mesh without end."""
READ = frozenset(
    (
        "KHR_draco_mesh_compression", "EXT_meshopt_compression", "KHR_meshopt_compression",
        "KHR_mesh_quantization", "KHR_texture_basisu", "KHR_texture_transform", "EXT_texture_webp",
        "EXT_texture_avif", "MSFT_texture_dds", "KHR_techniques_webgl", "CESIUM_primitive_outline",
        "CESIUM_RTC", "EXT_mesh_gpu_instancing", "EXT_mesh_features", "EXT_instance_features",
        "EXT_structural_metadata", "EXT_feature_metadata", "KHR_xmp", "KHR_xmp_json_ld",
    )
)  # fmt: skip
"""Extensions that are read, or that say nothing of what is drawn."""
LOOKS = ("KHR_materials_", "KHR_lights_")
"""Extensions that refine how light falls: the plain material behind them is drawn."""


class Repeated(NamedTuple):
    """A part drawn by many matrices f64(k, 4, 4); ``numbers`` i32(k) count in the property ``table``."""

    part: Part
    matrices: F64
    numbers: I32
    table: int


@dataclass(slots=True)
class Model:
    """What a glTF draws, in its own frame: ``parts`` with matrices, ``instanced`` with many.

    ``offset`` f64(3) is CESIUM_RTC's centre (to be added after turning the up axis).
    """

    document: Document
    painter: Painter
    parts: list[tuple[Part, F64]] = field(default_factory=list)
    instanced: list[Repeated] = field(default_factory=list)
    offset: F64 = field(default_factory=lambda: np.zeros(3))


def read_model(data: bytes | memoryview, location: str, reader: Reader) -> Model:
    """Return the model in GLB or glTF bytes. A broken mesh is a problem; raises OpenError otherwise."""
    document = parse(data, location, reader)
    model = Model(document, Painter(document))
    center = document.extension(document.json, "CESIUM_RTC")
    if center is not None:
        found = document.numbers(center, "center", 3)
        model.offset = np.zeros(3) if found is None else np.array(found)
    _warn(document)
    meshes: dict[int, list[Part]] = {}
    vertices = 0
    for node, matrix in _nodes(document):
        index = node.get("mesh")
        if index is None:
            continue
        if not isinstance(index, int) or isinstance(index, bool):
            raise document.broken(f"a node's mesh is {index!r}")
        if index not in meshes:
            meshes[index] = _mesh(document, index)
        vertices += sum(len(part.positions) for part in meshes[index])
        if vertices > MAX_VERTICES:
            raise TooLarge(
                location=location, what="the scene (vertices)", size=vertices, limit=MAX_VERTICES
            )
        _place(model, node, matrix, meshes[index])
    # What is missing was said already, with its reason; and the rules are those of version 2.0.
    if not document.problems and not document.first:
        report_broken(document)
    return model


def _warn(document: Document) -> None:
    """List the required extensions that are not read."""
    required = document.json.get("extensionsRequired")
    for name in required if isinstance(required, list) else []:
        if isinstance(name, str) and name not in READ and not name.startswith(LOOKS):
            document.report("gltf.extension", f"the extension {name} is not read", name=name)


def credits_of(document: Document) -> tuple[str, ...]:
    """Return the attributions in ``asset.copyright``, which are separated by semicolons."""
    asset = document.json.get("asset")
    text = asset.get("copyright") if isinstance(asset, dict) else None
    parts = text.split(";") if isinstance(text, str) else []
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _place(model: Model, node: dict[str, Any], matrix: F64, parts: list[Part]) -> None:
    """Add a node's parts, once or by its instances."""
    copies = _instances(model.document, node)
    if copies is None:
        model.parts += [(part, matrix) for part in parts]
        return
    ids = copies[1]
    model.instanced += [
        Repeated(part, matrix @ copies[0], ids.numbers, ids.table) for part in parts
    ]


def _nodes(document: Document) -> Iterator[tuple[dict[str, Any], F64]]:
    """Yield the nodes of the scene with their matrices; a node is visited once, so cycles end."""
    nodes = document.json.get("nodes")
    if not isinstance(nodes, list) or not nodes:
        return
    stack = [(index, np.eye(4)) for index in reversed(_roots(document, nodes))]
    seen: set[int] = set()
    while stack:
        index, above = stack.pop()
        node = document.item("nodes", index)
        if index in seen:
            document.report(
                "gltf.node", f"node {index} hangs in two places or in itself", node=index
            )
            continue
        seen.add(index)
        matrix = above @ _matrix(document, node)
        yield node, matrix
        children = node.get("children")
        if isinstance(children, list):
            stack.extend((child, matrix) for child in reversed(children))


def _roots(document: Document, nodes: list[Any]) -> list[Any]:
    scenes = document.json.get("scenes")
    if isinstance(scenes, list) and scenes:
        found = document.item("scenes", document.json.get("scene", 0)).get("nodes")
        return found if isinstance(found, list) else []
    held = {
        child
        for node in nodes
        if isinstance(node, dict) and isinstance(node.get("children"), list)
        for child in node["children"]
        if isinstance(child, int)
    }
    return [index for index in range(len(nodes)) if index not in held]


def _matrix(document: Document, node: dict[str, Any]) -> F64:
    """Return a node's own matrix f64(4, 4), column vectors."""
    whole = document.numbers(node, "matrix", 16)
    if whole is not None:
        return np.array(whole).reshape(4, 4).T
    move = document.numbers(node, "translation", 3)
    turn = document.numbers(node, "rotation", 4)
    scale = document.numbers(node, "scale", 3)
    matrix = np.eye(4)
    if turn is not None:
        matrix[:3, :3] = turns(np.array([turn]))[0]
    if scale is not None:
        matrix[:3, :3] *= np.array(scale)
    if move is not None:
        matrix[:3, 3] = move
    return matrix


def turns(quaternions: F64) -> F64:
    """Return rotation matrices f64(k, 3, 3) of quaternions (k, 4) x y z w; zero ones turn nothing."""
    q = np.asarray(quaternions, np.float64)
    length = np.linalg.norm(q, axis=1, keepdims=True)
    q = np.where(length > 0, q / np.where(length > 0, length, 1.0), [0.0, 0.0, 0.0, 1.0])
    x, y, z, w = q.T
    rows = [
        1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w),
        2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w),
        2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y),
    ]  # fmt: skip
    return np.stack(rows, axis=1).reshape(-1, 3, 3)


def _mesh(document: Document, index: int) -> list[Part]:
    primitives = document.item("meshes", index).get("primitives")
    if not isinstance(primitives, list):
        raise document.broken(f"meshes[{index}] has no primitives")
    parts = []
    for number, primitive in enumerate(primitives):
        try:
            part = read_part(document, primitive)
        except MissingDecoder as error:
            document.report(error.full_code, str(error), **error.params)
            continue
        except OpenError as error:
            text = f"mesh {index}, primitive {number} is left out: {error}"
            document.report(
                "gltf.primitive", text, mesh=index, primitive=number, reason=str(error)
            )
            continue
        if part is not None:
            parts.append(part)
    return parts


def _instances(document: Document, node: dict[str, Any]) -> tuple[F64, FeatureIds] | None:
    """Return the matrices and feature numbers of EXT_mesh_gpu_instancing, None without it."""
    instancing = document.extension(node, "EXT_mesh_gpu_instancing")
    attributes = instancing.get("attributes") if instancing is not None else None
    if not isinstance(attributes, dict):
        return None
    found = {
        name: accessors.floats(document, attributes[name], (width,)).astype(np.float64)
        for name, width in (("TRANSLATION", 3), ("ROTATION", 4), ("SCALE", 3))
        if name in attributes
    }
    counts = {len(values) for values in found.values()}
    if len(counts) != 1:
        raise document.broken("the instances' attributes have different lengths")
    count = counts.pop()
    matrices = np.tile(np.eye(4), (count, 1, 1))
    if "ROTATION" in found:
        matrices[:, :3, :3] = turns(found["ROTATION"])
    if "SCALE" in found:
        matrices[:, :3, :3] *= found["SCALE"][:, None, :]
    if "TRANSLATION" in found:
        matrices[:, :3, 3] = found["TRANSLATION"]
    held = {
        name.upper(): raw.astype(np.int32)
        for name in attributes
        if name.upper().startswith("_FEATURE_ID_")
        and (raw := accessors.scalars(document, attributes[name])).dtype.itemsize <= 4
    }
    return matrices, instance_ids(document, node, held, count)
