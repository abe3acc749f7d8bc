"""One tile of terrain: quantized-mesh 1.x with its extensions, heightmap-1.0, heights in the colours of pictures.

quantized-mesh: https://github.com/CesiumGS/quantized-mesh; heightmap: 65 x 65 numbers, a fifth of a metre
above -1000 m, north first. Every count is checked against the bytes before anything is made of it.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from twin.errors import BrokenFile
from twin.geometry import F64, I32, U8

_HEADER = struct.Struct("<3d2f4d3d")
_COUNT = struct.Struct("<I")
_EXTENSION = struct.Struct("<BI")
FULL = 32767
"""The largest quantized coordinate."""
SIDE = 65
"""Posts of a heightmap each way."""
_POSTS = SIDE * SIDE * 2
MASK = 256
"""Pixels of a water mask each way."""
CHILDREN = 0b1111


@dataclass(frozen=True, slots=True)
class Relief:
    """A tile's surface: ``u``, ``v`` f64(n) from 0 to 1 (west to east, south to north), heights f64(n) metres.

    ``ring`` are the vertices of its west, south, east and north edge; ``normals`` f64(n, 3) are geocentric;
    ``water`` u8(256, 256) is 255 where water is, north first. ``center`` f64(3) and ``radius`` metres are
    what the header says of its place (NaN = nothing). ``metadata`` as it stands in the tile; ``children``
    has a bit each for those southwest, southeast, northwest, northeast (None = it does not say).
    """

    u: F64
    v: F64
    heights: F64
    triangles: I32
    ring: tuple[I32, I32, I32, I32]
    normals: F64 | None = None
    water: U8 | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    center: tuple[float, float, float] = (np.nan, np.nan, np.nan)
    radius: float = np.nan
    children: int | None = None

    @property
    def low(self) -> float:
        """Return the least height."""
        return float(self.heights.min())

    @property
    def high(self) -> float:
        """Return the greatest height."""
        return float(self.heights.max())


class _Bytes:
    """Bytes that are read one after the other, never past their end."""

    def __init__(self, data: bytes, location: str) -> None:
        self.data, self.location, self.at = data, location, 0

    def broken(self, reason: str) -> BrokenFile:
        return BrokenFile(location=self.location, format="terrain tile", reason=reason)

    def unpack(self, form: struct.Struct) -> tuple[Any, ...]:
        if self.at + form.size > len(self.data):
            raise self.broken("the data ends too early")
        found = form.unpack_from(self.data, self.at)
        self.at += form.size
        return found

    def array(self, kind: str, count: int) -> NDArray[Any]:
        dtype = np.dtype(kind)
        if self.at + count * dtype.itemsize > len(self.data):
            raise self.broken(f"{count} values are declared, more than there are bytes")
        found = np.frombuffer(self.data, dtype, count, self.at)
        self.at += count * dtype.itemsize
        return found


def read_mesh(data: bytes, location: str) -> Relief:
    """Return a quantized mesh. Raises BrokenFile."""
    stream = _Bytes(data, location)
    head = stream.unpack(_HEADER)
    if not np.isfinite(head[3:5]).all() or head[3] > head[4] or abs(head[3]) + abs(head[4]) > 1e6:
        raise stream.broken(f"it says that its heights lie between {head[3]:g} and {head[4]:g}")
    count = int(stream.unpack(_COUNT)[0])
    coded = stream.array("<u2", 3 * count).reshape(3, count).astype(np.int64)
    u, v, z = np.cumsum((coded >> 1) ^ -(coded & 1), axis=1)
    if not count or min(u.min(), v.min(), z.min()) < 0 or max(u.max(), v.max(), z.max()) > FULL:
        raise stream.broken("a vertex lies outside of its tile")
    kind = "<u4" if count > 65536 else "<u2"
    stream.at += -stream.at % np.dtype(kind).itemsize
    faces = int(stream.unpack(_COUNT)[0])
    triangles = _unwound(stream.array(kind, 3 * faces).astype(np.int64))
    ring = [stream.array(kind, int(stream.unpack(_COUNT)[0])).astype(np.int32) for _ in range(4)]
    every = np.concatenate([triangles, *ring])
    if len(every) and (every.min() < 0 or every.max() >= count):
        raise stream.broken("a triangle names a vertex that does not exist")
    extensions = _extensions(stream, count)
    low, high = float(head[3]), float(head[4])
    return Relief(
        u / FULL, v / FULL, low + z / FULL * (high - low),
        triangles.astype(np.int32).reshape(-1, 3), (ring[0], ring[1], ring[2], ring[3]),
        center=head[:3], radius=float(head[8]), **extensions,
    )  # fmt: skip


def _unwound(coded: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return indices from their distance to the highest one so far (high water mark)."""
    fresh = coded == 0
    return np.asarray(np.cumsum(fresh) - fresh - coded, np.int64)


def _extensions(stream: _Bytes, count: int) -> dict[str, Any]:
    """Return what the known extensions say; unknown ones, and those that lie about their length, are skipped."""
    found: dict[str, Any] = {}
    while stream.at + _EXTENSION.size <= len(stream.data):
        kind, size = stream.unpack(_EXTENSION)
        if stream.at + size > len(stream.data):
            break  # some writers set the length in the other byte order: what was read is sound
        body = stream.data[stream.at : stream.at + size]
        stream.at += size
        if kind == 1 and size == 2 * count:
            found["normals"] = _octahedral(np.frombuffer(body, np.uint8).reshape(-1, 2))
        elif kind == 2:
            found["water"] = _mask(body)
        elif kind == 4 and size >= 4:
            found["metadata"] = _json(body[4:])
    return {name: value for name, value in found.items() if value is not None}


def _octahedral(coded: U8) -> F64:
    """Return unit vectors f64(n, 3) of oct-encoded normals (Cigolle et al. 2014)."""
    x, y = (coded.astype(np.float64) / 255 * 2 - 1).T
    z = 1 - np.abs(x) - np.abs(y)
    folded = z < 0
    fx = np.where(folded, (1 - np.abs(y)) * np.where(x >= 0, 1, -1), x)
    fy = np.where(folded, (1 - np.abs(x)) * np.where(y >= 0, 1, -1), y)
    found = np.stack([fx, fy, z], axis=1)
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12))


def _mask(body: bytes) -> U8 | None:
    if len(body) == 1:
        return np.full((MASK, MASK), 255 if body[0] else 0, np.uint8) if body[0] else None
    if len(body) == MASK * MASK:
        return np.frombuffer(body, np.uint8).reshape(MASK, MASK)
    return None


def _json(body: bytes) -> Mapping[str, Any] | None:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def read_heightmap(data: bytes, location: str) -> Relief:
    """Return a heightmap-1.0 tile. Raises BrokenFile."""
    if len(data) < _POSTS + 1:
        reason = f"a heightmap has {_POSTS + 1} bytes or more, this has {len(data)}"
        raise BrokenFile(location=location, format="terrain tile", reason=reason)
    posts = np.frombuffer(data, "<u2", SIDE * SIDE).reshape(SIDE, SIDE) / 5.0 - 1000.0
    water = _mask(data[_POSTS + 1 : _POSTS + 1 + MASK * MASK])
    return gridded(posts, water, data[_POSTS] & CHILDREN)


def gridded(posts: F64, water: U8 | None = None, children: int | None = None) -> Relief:
    """Return posts f64(n, m) that reach from edge to edge, north first, as a surface."""
    rows, columns = posts.shape
    u, v = np.meshgrid(np.linspace(0, 1, columns), np.linspace(1, 0, rows))
    number = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    a, b, c, d = number[:-1, :-1], number[:-1, 1:], number[1:, :-1], number[1:, 1:]
    triangles = np.stack([np.stack([a, c, b], -1), np.stack([b, c, d], -1)], 2).reshape(-1, 3)
    ring = (number[:, 0], number[-1], number[:, -1], number[0])
    return Relief(
        u.ravel(), v.ravel(), np.asarray(posts, np.float64).ravel(), triangles, ring,
        water=water, children=children,
    )  # fmt: skip


ENCODINGS = ("terrarium", "mapbox")


def read_colors(pixels: U8, encoding: str) -> Relief:
    """Return heights that stand in the colours of a picture u8(h, w, 3 or 4), thinned out to 65 posts.

    terrarium: 256 r + g + b / 256 - 32768; mapbox: (65536 r + 256 g + b) / 10 - 10000, metres.
    """
    r, g, b = (pixels[:, :, k].astype(np.float64) for k in range(3))
    heights = r * 256 + g + b / 256 - 32768
    if encoding == "mapbox":
        heights = (r * 65536 + g * 256 + b) / 10 - 10000
    rows, columns = (
        np.unique(np.linspace(0, n - 1, min(n, SIDE)).round().astype(int)) for n in heights.shape
    )
    return gridded(heights[np.ix_(rows, columns)])


def guessed(pixels: U8) -> str:
    """Return how heights stand in a picture's colours ('' = it is a picture): by its most coarse byte."""
    red = pixels[:, :, 0].astype(np.int64)
    if red.max() - red.min() <= 40 and 124 <= np.median(red) <= 162:
        return "terrarium"
    return (
        "mapbox" if red.max() <= 3 and np.median(red) <= 2 and len(np.unique(pixels)) > 8 else ""
    )
