"""Accessors to arrays: views into the buffer where it can be, sparse and normalised ones decoded."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders._gltf.document import Document

TYPES: dict[int, np.dtype[Any]] = {
    5120: np.dtype("<i1"), 5121: np.dtype("<u1"), 5122: np.dtype("<i2"), 5123: np.dtype("<u2"),
    5124: np.dtype("<i4"), 5125: np.dtype("<u4"), 5126: np.dtype("<f4"), 5130: np.dtype("<f8"),
}  # fmt: skip
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
MAX_EMPTY = 1 << 26
"""The most elements an accessor without a buffer view may declare: nothing in the file bounds it."""


def read(document: Document, index: Any) -> NDArray[Any]:
    """Return an accessor as (n, width) of its own component type. Raises BrokenFile."""
    holder = document.item("accessors", index)
    count = document.integer(holder, "count")
    dtype, width = shape_of(document, holder)
    if holder.get("bufferView") is None:
        if count > MAX_EMPTY:
            raise document.broken(f"accessors[{index}] declares {count} elements and has no data")
        array: NDArray[Any] = np.zeros((count, width), dtype)
    else:
        start = document.integer(holder, "byteOffset", 0)
        array = strided(document, holder["bufferView"], start, (count, width), dtype)
    sparse = holder.get("sparse")
    return array if sparse is None else _with_sparse(document, array, sparse)


def shape_of(document: Document, holder: dict[str, Any]) -> tuple[np.dtype[Any], int]:
    """Return the component type and the width of an accessor. Raises BrokenFile."""
    kind, component = holder.get("type"), holder.get("componentType")
    if not isinstance(component, int) or component not in TYPES:
        raise document.broken(f"componentType is {component!r}")
    if not isinstance(kind, str) or kind not in WIDTHS:
        raise document.broken(f"an accessor's type is {kind!r}")
    return TYPES[component], WIDTHS[kind]


def strided(
    document: Document, view: Any, start: int, shape: tuple[int, int], dtype: np.dtype[Any]
) -> NDArray[Any]:
    """Return (n, width) elements of a buffer view, interleaved or not, without a copy."""
    data = document.view(view)
    count, width = shape
    element = width * dtype.itemsize
    stride = document.stride(view) or element
    need = start + (count - 1) * stride + element if count else 0
    if stride < element or need > len(data):
        raise document.broken(
            f"{count} elements of {element} bytes, {stride} apart from {start}, "
            f"do not fit bufferViews[{view}] of {len(data)} bytes"
        )
    return np.ndarray((count, width), dtype, data, start, (stride, dtype.itemsize))


def scalars(document: Document, index: Any) -> NDArray[Any]:
    """Return a SCALAR accessor as (n,)."""
    array = read(document, index)
    if array.shape[1] != 1:
        raise document.broken(f"accessors[{index}] is not SCALAR")
    return array[:, 0]


def floats(document: Document, index: Any, widths: tuple[int, ...]) -> NDArray[np.float32]:
    """Return an accessor as f32(n, width), normalised integers decoded to 0..1 or -1..1."""
    holder = document.item("accessors", index)
    array = read(document, index)
    if array.shape[1] not in widths:
        raise document.broken(f"accessors[{index}] has {array.shape[1]} components")
    return dequantised(array, bool(holder.get("normalized")))


def dequantised(array: NDArray[Any], normalised: bool) -> NDArray[np.float32]:
    """Return integers as floats by glTF's rule (section 3.11 of the specification)."""
    if array.dtype.kind == "f" or not normalised:
        return array.astype(np.float32, copy=False)
    top = float(np.iinfo(array.dtype).max)
    found: NDArray[np.float32] = array.astype(np.float32) / np.float32(top)
    return np.maximum(found, np.float32(-1.0), out=found)


def _with_sparse(document: Document, array: NDArray[Any], sparse: Any) -> NDArray[Any]:
    if not isinstance(sparse, dict):
        raise document.broken("sparse is not an object")
    indices, values = sparse.get("indices"), sparse.get("values")
    if not isinstance(indices, dict) or not isinstance(values, dict):
        raise document.broken("sparse without indices or values")
    count = document.integer(sparse, "count")
    kind, _ = shape_of(document, {**indices, "type": "SCALAR"})
    at = strided(
        document,
        indices.get("bufferView"),
        document.integer(indices, "byteOffset", 0),
        (count, 1),
        kind,
    )[:, 0]
    new = strided(
        document,
        values.get("bufferView"),
        document.integer(values, "byteOffset", 0),
        (count, array.shape[1]),
        array.dtype,
    )
    if kind.kind == "f" or (count and (int(at.max()) >= len(array) or int(at.min()) < 0)):
        raise document.broken("a sparse index is out of range")
    changed = array.copy()
    changed[at] = new
    return changed
