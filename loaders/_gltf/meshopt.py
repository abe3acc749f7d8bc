"""EXT_meshopt_compression through the optional library ``meshoptimizer`` (``citytwin[meshopt]``)."""

from importlib import import_module
from typing import Any

import numpy as np

from twin.geometry import U8

FILTERS = {
    "OCTAHEDRAL": "decode_filter_oct",
    "QUATERNION": "decode_filter_quat",
    "EXPONENTIAL": "decode_filter_exp",
}


def decode(data: U8, shape: tuple[int, int], mode: str, kind: str) -> U8:
    """Return the unpacked bytes of ``shape`` = (count, stride).

    ``mode`` is ATTRIBUTES, TRIANGLES or INDICES; ``kind`` the filter. Raises ImportError without
    the library, ValueError or RuntimeError where the data is broken.
    """
    library: Any = import_module("meshoptimizer")
    count, stride = shape
    packed = data.tobytes()
    if mode == "ATTRIBUTES":
        if stride % 4 or not 0 < stride <= 256:
            raise ValueError(f"a stride of {stride}")
        found = library.decode_vertex_buffer(count, stride, packed, np.dtype((np.void, stride)))
        if kind in FILTERS:
            found = getattr(library, FILTERS[kind])(found, count, stride)
        elif kind != "NONE":
            raise ValueError(f"the filter {kind}")
    elif mode in ("TRIANGLES", "INDICES"):
        if stride not in (2, 4):
            raise ValueError(f"indices of {stride} bytes")
        name = "decode_index_buffer" if mode == "TRIANGLES" else "decode_index_sequence"
        found = getattr(library, name)(count, stride, packed)
    else:
        raise ValueError(f"the mode {mode}")
    return np.frombuffer(found.tobytes(), np.uint8)[: count * stride]
