"""EXT_meshopt_compression and KHR_meshopt_compression: which codec, which filter, and the sizes checked.

Everything is decoded here. Triangles alone are a chain that numpy cannot follow in bulk: they take
the optional library ``meshoptimizer`` (``citytwin[meshopt]``) where it is installed, 50 times faster.
"""

from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders._gltf.meshopt_filters import FILTERS
from loaders._gltf.meshopt_indices import read_sequence, read_triangles
from loaders._gltf.meshopt_vertices import read_vertices
from twin.geometry import U8

INDEX_KINDS: dict[int, np.dtype[Any]] = {2: np.dtype("<u2"), 4: np.dtype("<u4")}


def decode(data: U8, shape: tuple[int, int], mode: str, kind: str) -> U8:
    """Return the unpacked bytes u8(count * stride) of ``shape`` = (count, stride).

    ``mode`` is ATTRIBUTES, TRIANGLES or INDICES; ``kind`` the filter. Raises ValueError where the
    data is broken. Vertices come at 15 to 35 MB/s, triangles at about 1 million a second.
    """
    count, stride = shape
    if mode == "ATTRIBUTES":
        return _attributes(data, count, stride, kind).reshape(-1)
    if mode not in ("TRIANGLES", "INDICES"):
        raise ValueError(f"the mode {mode}")
    if stride not in INDEX_KINDS:
        raise ValueError(f"indices of {stride} bytes")
    found = _triangles(data, count, stride) if mode == "TRIANGLES" else read_sequence(data, count)
    return np.asarray(found, INDEX_KINDS[stride]).view(np.uint8)


def _attributes(data: U8, count: int, stride: int, kind: str) -> U8:
    if stride % 4 or not 0 < stride <= 256:
        raise ValueError(f"a stride of {stride}")
    if kind != "NONE" and kind not in FILTERS:
        raise ValueError(f"the filter {kind}")
    found = read_vertices(data, count, stride)
    return found if kind == "NONE" else FILTERS[kind](found)


def _triangles(data: U8, count: int, stride: int) -> NDArray[Any]:
    if count % 3:
        raise ValueError(f"{count} indices are no triangles")
    try:
        library: Any = import_module("meshoptimizer")
    except ImportError:
        return read_triangles(data, count)
    try:
        return np.asarray(library.decode_index_buffer(count, stride, data.tobytes()))
    except RuntimeError as error:
        raise ValueError(str(error)) from error
