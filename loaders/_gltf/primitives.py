"""Primitives to arrays: every topology, Draco, vertex colours, feature numbers of a vertex."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders._gltf import accessors
from loaders._gltf.document import Document
from twin.errors import OpenError
from twin.geometry import F32, I32, U8

POINTS, LINES, LINE_LOOP, LINE_STRIP, TRIANGLES, STRIP, FAN = range(7)


@dataclass(slots=True)
class Part:
    """One primitive in its mesh's own frame. ``indices`` i32(k, 1 points, 2 lines, 3 triangles).

    ``numbers`` are the integer feature attributes by name (``_BATCHID``, ``_FEATURE_ID_0``).
    """

    positions: F32
    indices: I32
    material: int
    normals: F32 | None = None
    colors: U8 | None = None
    uvs: dict[int, F32] = field(default_factory=dict)
    numbers: dict[str, I32] = field(default_factory=dict)
    outline: I32 | None = None
    holder: dict[str, Any] = field(default_factory=dict)


def read_part(document: Document, primitive: Any) -> Part | None:
    """Return a primitive, None where it has nothing to draw. Raises OpenError."""
    if not isinstance(primitive, dict):
        raise document.broken("a primitive is not an object")
    attributes = primitive.get("attributes")
    if not isinstance(attributes, dict):
        raise document.broken("a primitive has no attributes")
    if "POSITION" not in attributes:
        return None
    mode = document.integer(primitive, "mode", TRIANGLES)
    if mode > FAN:
        raise document.broken(f"a primitive's mode is {mode}")
    draco = document.extension(primitive, "KHR_draco_mesh_compression")
    arrays: dict[str, NDArray[Any]] = {}
    raw: NDArray[Any] | None = None
    if draco is not None:
        arrays, raw, mode = _draco(document, draco)
    positions = _floats(document, attributes, arrays, "POSITION", (3,))
    assert positions is not None
    n = len(positions)
    if raw is None:
        raw = _indices(document, primitive, n)
    if len(raw) and (int(raw.max()) >= n or (raw.dtype.kind == "i" and int(raw.min()) < 0)):
        raise document.broken(f"an index points at vertex {int(raw.max())} of {n}")
    part = Part(positions, topology(raw, mode), _material(primitive), holder=primitive)
    _optional(document, part, attributes, arrays)
    return part


def topology(raw: NDArray[Any], mode: int) -> I32:
    """Return (k, 1 | 2 | 3) from a run of indices; incomplete ends are dropped, strips turned."""
    run = raw.astype(np.int32, copy=False)
    if mode == POINTS:
        return run.reshape(-1, 1)
    if mode == LINES:
        return run[: len(run) // 2 * 2].reshape(-1, 2)
    if mode in (LINE_STRIP, LINE_LOOP):
        if mode == LINE_LOOP and len(run) > 2:
            run = np.append(run, run[:1])
        return (
            np.stack([run[:-1], run[1:]], axis=1) if len(run) > 1 else np.zeros((0, 2), np.int32)
        )
    if mode == TRIANGLES:
        return run[: len(run) // 3 * 3].reshape(-1, 3)
    if len(run) < 3:
        return np.zeros((0, 3), np.int32)
    if mode == FAN:
        first = np.broadcast_to(run[:1], (len(run) - 2,))
        found = np.stack([first, run[1:-1], run[2:]], axis=1)
    else:
        found = np.stack([run[:-2], run[1:-1], run[2:]], axis=1)
        found[1::2] = found[1::2, [1, 0, 2]]
    a, b, c = found.T
    return np.ascontiguousarray(found[(a != b) & (b != c) & (a != c)])


def _material(primitive: dict[str, Any]) -> int:
    found = primitive.get("material")
    return found if isinstance(found, int) and not isinstance(found, bool) else -1


def _indices(document: Document, primitive: dict[str, Any], n: int) -> NDArray[Any]:
    if primitive.get("indices") is None:
        return np.arange(n, dtype=np.int32)
    run = accessors.scalars(document, primitive["indices"])
    if run.dtype.kind == "f":
        raise document.broken("indices are not integers")
    return run


def _floats(
    document: Document,
    attributes: dict[str, Any],
    arrays: dict[str, NDArray[Any]],
    name: str,
    widths: tuple[int, ...],
) -> F32 | None:
    """Return an attribute as floats, from Draco where it is there, None where it is nowhere."""
    if name not in attributes:
        return None
    if name not in arrays:
        return accessors.floats(document, attributes[name], widths)
    array = arrays[name]
    if array.ndim != 2 or array.shape[1] not in widths:
        raise document.broken(f"Draco: {name} has the shape {array.shape}")
    holder = document.item("accessors", attributes[name])
    return accessors.dequantised(array, bool(holder.get("normalized")))


def _optional(
    document: Document, part: Part, attributes: dict[str, Any], arrays: dict[str, NDArray[Any]]
) -> None:
    """Fill in what a part may have; a broken extra is a problem, the shape stays."""
    n = len(part.positions)
    for name in attributes:
        try:
            if name == "NORMAL":
                part.normals = _sized(
                    document, _floats(document, attributes, arrays, name, (3,)), n
                )
            elif name == "COLOR_0":
                colors = _sized(document, _floats(document, attributes, arrays, name, (3, 4)), n)
                part.colors = rgba(colors)
            elif name.startswith("TEXCOORD_") and name[9:].isdigit():
                found = _sized(document, _floats(document, attributes, arrays, name, (2,)), n)
                part.uvs[int(name[9:])] = found
            elif name.upper() in ("_BATCHID", "BATCHID") or name.startswith("_FEATURE_ID_"):
                part.numbers[name.upper()] = _numbers(document, attributes, arrays, name, n)
        except OpenError as error:
            document.report(
                "gltf.attribute", f"{name} is left out: {error}", name=name, reason=str(error)
            )

    outline = document.extension(part.holder, "CESIUM_primitive_outline")
    if outline is not None and part.indices.shape[1] == 3:
        try:
            run = accessors.scalars(document, outline.get("indices"))
            if run.dtype.kind == "f" or (len(run) and int(run.max()) >= n):
                raise document.broken("an outline points at a vertex that is not there")
            part.outline = topology(run, LINES)
        except OpenError as error:
            document.report(
                "gltf.attribute",
                f"outline is left out: {error}",
                name="outline",
                reason=str(error),
            )


def rgba(colors: F32) -> U8:
    """Return colours 0..1, three or four channels, as u8(n, 4)."""
    found = np.full((len(colors), 4), 255, np.uint8)
    found[:, : colors.shape[1]] = np.nan_to_num(np.clip(colors, 0.0, 1.0) * 255.0 + 0.5).astype(
        np.uint8
    )
    return found


def _sized(document: Document, array: F32 | None, n: int) -> F32:
    if array is None or len(array) != n:
        raise document.broken(
            f"an attribute has {0 if array is None else len(array)} of {n} values"
        )
    return array


def _numbers(
    document: Document,
    attributes: dict[str, Any],
    arrays: dict[str, NDArray[Any]],
    name: str,
    n: int,
) -> I32:
    if name in arrays:
        array = arrays[name][:, 0] if arrays[name].ndim == 2 else arrays[name]
    else:
        array = accessors.scalars(document, attributes[name])
    if len(array) != n:
        raise document.broken(f"{name} has {len(array)} of {n} values")
    if array.dtype.kind == "f":
        if not np.isfinite(array).all():
            raise document.broken(f"{name} is not finite")
        array = np.rint(array)
    inside = (array >= 0) & (array < 2**31 - 1)
    return np.where(inside, array, -1).astype(np.int32)


def _draco(
    document: Document, draco: dict[str, Any]
) -> tuple[dict[str, NDArray[Any]], NDArray[Any], int]:
    """Return the decoded attributes by name, the indices and the mode they are in."""
    import DracoPy

    names = draco.get("attributes")
    if not isinstance(names, dict):
        raise document.broken("Draco: no attributes")
    data = bytes(document.view(draco.get("bufferView")))
    try:
        mesh = DracoPy.decode(data)
    except (DracoPy.FileTypeException, ValueError, RuntimeError, MemoryError) as error:
        raise document.broken(f"Draco: {error}") from error
    by_id = {item["unique_id"]: np.asarray(item["data"]) for item in mesh.attributes}
    arrays = {
        name: by_id[key] for name, key in names.items() if isinstance(key, int) and key in by_id
    }
    if "POSITION" not in arrays:
        raise document.broken("Draco: no positions")
    faces = getattr(mesh, "faces", None)
    if faces is None:
        return arrays, np.arange(len(arrays["POSITION"]), dtype=np.int32), POINTS
    return arrays, np.asarray(faces).reshape(-1), TRIANGLES
