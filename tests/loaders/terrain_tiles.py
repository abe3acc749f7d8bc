"""Tiles of terrain made from numbers: quantized meshes and their layer.json."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FULL = 32767


def zigzag(values: NDArray[Any]) -> NDArray[np.uint16]:
    whole = np.concatenate([[0], values]).astype(np.int64)
    steps: NDArray[np.int64] = whole[1:] - whole[:-1]
    return np.asarray((steps << 1) ^ (steps >> 63), np.uint16)


def wound(indices: NDArray[Any]) -> NDArray[np.int64]:
    found, highest = [], 0
    for index in indices.ravel().tolist():
        found.append(highest - index)
        highest += index == highest
    return np.array(found, np.int64)


def grid(side: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return u, v 0..FULL and triangles in an order that high water marks can hold."""
    number, seen, triangles = np.arange(side * side).reshape(side, side), {}, []
    for a, b, c, d in zip(
        number[:-1, :-1].ravel(), number[:-1, 1:].ravel(), number[1:, :-1].ravel(),
        number[1:, 1:].ravel(), strict=True,
    ):  # fmt: skip
        triangles += [[a, b, c], [b, d, c]]
    order = list(dict.fromkeys(int(n) for t in triangles for n in t))
    seen = {old: new for new, old in enumerate(order)}
    renamed = np.array([[seen[int(n)] for n in t] for t in triangles])
    step = np.round(np.linspace(0, FULL, side)).astype(int)
    row, column = np.divmod(np.array(order), side)
    return step[column], step[row], renamed


def tile(
    heights: NDArray[Any], low: float = 0.0, high: float = 1000.0, side: int = 5,
    extensions: bytes = b"", center: tuple[float, float, float] = (0.0, 0.0, 0.0), radius: float = 0.0,
) -> bytes:  # fmt: skip
    """Return a tile whose heights 0..FULL are a function of u and v: ``heights`` f(side, side) by rows."""
    u, v, triangles = grid(side)
    at = np.round(np.linspace(0, FULL, side)).astype(int).tolist()
    z = np.array([heights[at.index(b), at.index(a)] for a, b in zip(u, v, strict=True)]).astype(
        int
    )
    head = struct.pack("<3d2f4d3d", *center, low, high, *center, radius, 0, 0, 0)
    body = head + struct.pack("<I", len(u)) + b"".join(zigzag(x).tobytes() for x in (u, v, z))
    kind = np.uint32 if len(u) > 65536 else np.uint16
    body += b"\0" * (-len(body) % np.dtype(kind).itemsize)
    body += struct.pack("<I", len(triangles)) + wound(triangles).astype(kind).tobytes()
    for edge in (u == 0, v == 0, u == FULL, v == FULL):
        rows = np.flatnonzero(edge).astype(kind)
        body += struct.pack("<I", len(rows)) + rows.tobytes()
    return body + extensions


def extension(kind: int, body: bytes) -> bytes:
    return struct.pack("<BI", kind, len(body)) + body


def slope(side: int = 5) -> NDArray[Any]:
    """Return heights that rise from west to east and half as much to the north."""
    step = np.linspace(0, FULL, side)
    return (step[None, :] * 2 + step[:, None]) / 3


def write_layer(folder: Path, tiles: dict[str, bytes], **said: Any) -> str:
    """Write tiles by z/x/y and a layer.json beside them."""
    for name, data in tiles.items():
        path = folder / f"{name}.terrain"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    usual = {
        "format": "quantized-mesh-1.0",
        "scheme": "tms",
        "tiles": ["{z}/{x}/{y}.terrain"],
        "version": "1",
    }
    (folder / "layer.json").write_text(json.dumps({**usual, **said}))
    return str(folder)


def ranges(*levels: tuple[int, int, int, int] | None) -> list[list[dict[str, int]]]:
    """Return ``available`` of one rectangle a level: west, south, east, north."""
    names = ("startX", "startY", "endX", "endY")
    return [[] if one is None else [dict(zip(names, one, strict=True))] for one in levels]
