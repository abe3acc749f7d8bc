"""Writes a photographed terrain of a chosen size as a 3D Tiles tileset: a REPLACE quadtree of glb tiles.

Usage: python scripts/make_textured_tileset.py FOLDER [--megabytes 2048] [--levels 6]

``--megabytes`` is the size of all pictures once they are decoded (three bytes a pixel); on disk the
tiles share a few JPEG files, so that the whole takes little. The same arguments give the same bytes.
"""

import argparse
import io
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

F64 = NDArray[np.float64]
SIZE = 4096.0
"""Metres along an edge of the whole terrain."""
GRID = 17
"""Vertices along an edge of a tile."""
PICTURES = 7
LONGITUDE, LATITUDE = 8.68, 49.41


def main() -> None:
    """Write the tileset."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--megabytes", type=int, default=2048)
    parser.add_argument("--levels", type=int, default=6)
    asked = parser.parse_args()
    tiles, side = write(asked.folder, asked.megabytes, asked.levels)
    print(
        f"{tiles} tiles with pictures of {side} x {side}: {tiles * side * side * 3 / 1e6:.0f} MB"
    )


def write(folder: Path, megabytes: int, levels: int) -> tuple[int, int]:
    """Write the tileset; return the number of tiles and the pixels along an edge of their pictures."""
    tiles = sum(4**level for level in range(levels))
    side = max(16, round((megabytes * 1e6 / tiles / 3) ** 0.5))
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(PICTURES):
        (folder / f"{number}.jpg").write_bytes(photograph(number, side))
    root = _tile(folder, 0, 0, 0, levels)
    root["transform"] = frame(LONGITUDE, LATITUDE).T.ravel().tolist()
    tileset = {"asset": {"version": "1.1"}, "geometricError": SIZE, "root": root}
    (folder / "tileset.json").write_text(json.dumps(tileset))
    return tiles, side


def photograph(number: int, side: int) -> bytes:
    """Return a JPEG of ``side`` pixels: noise of several sizes in the colours of fields."""
    chance = np.random.default_rng(number)
    tone = np.array([[96, 120, 70], [140, 130, 95], [120, 110, 100]][number % 3], np.float64)
    whole = np.zeros((side, side))
    for cells in (4, 16, 64):
        rough = Image.fromarray(chance.uniform(-1, 1, (cells, cells)).astype(np.float32))
        whole += np.asarray(rough.resize((side, side), Image.Resampling.BICUBIC))
    pixels = np.clip(tone + 18 * whole[:, :, None], 0, 255).astype(np.uint8)
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "JPEG", quality=80)
    return packed.getvalue()


def frame(longitude: float, latitude: float) -> F64:
    """Return f64(4, 4): east-north-up metres at a place (degrees, on the ellipsoid) to geocentric."""
    lon, lat = np.radians(longitude), np.radians(latitude)
    squashed = 0.0066943799901413165
    normal = 6378137.0 / np.sqrt(1 - squashed * np.sin(lat) ** 2)
    east = [-np.sin(lon), np.cos(lon), 0]
    up = [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
    found = np.eye(4)
    found[:3, :3] = np.column_stack([east, np.cross(up, east), up])
    found[:3, 3] = normal * np.array([up[0], up[1], (1 - squashed) * up[2]])
    return found


def height(x: F64, y: F64) -> F64:
    """Return metres of the hills at metres east and north."""
    return np.asarray(60 * np.sin(x / 500) * np.cos(y / 430) + 15 * np.sin(x / 90 + y / 130))


def _tile(folder: Path, level: int, column: int, row: int, levels: int) -> dict[str, Any]:
    size = SIZE / 2**level
    low = np.array([column * size - SIZE / 2, row * size - SIZE / 2])
    name = f"{level}-{column}-{row}.glb"
    (folder / name).write_bytes(glb(low, size, (level + 3 * column + 5 * row) % PICTURES))
    last = level + 1 == levels
    middle = low + size / 2
    half = size / 2
    found: dict[str, Any] = {
        "boundingVolume": {"box": [*middle.tolist(), 0, half, 0, 0, 0, half, 0, 0, 0, 80]},
        "geometricError": 0.0 if last else size / 24,
        "refine": "REPLACE",
        "content": {"uri": name},
    }
    if not last:
        found["children"] = [
            _tile(folder, level + 1, 2 * column + a, 2 * row + b, levels)
            for a in (0, 1)
            for b in (0, 1)
        ]
    return found


def glb(low: F64, size: float, picture: int) -> bytes:
    """Return a tile's glb: a grid of hills under the picture ``picture``.jpg."""
    steps = np.linspace(0, 1, GRID)
    across, along = (part.ravel() for part in np.meshgrid(steps, steps))
    x, y = low[0] + across * size, low[1] + along * size
    positions = np.column_stack([x, height(x, y), -y]).astype("<f4")
    uv = np.column_stack([across, 1 - along]).astype("<f4")
    corner = (np.arange(GRID - 1)[:, None] * GRID + np.arange(GRID - 1)).ravel()
    square = np.array([0, 1, GRID + 1, 0, GRID + 1, GRID])
    cells = (corner[:, None] + square).ravel().astype("<u2")
    parts = [positions.tobytes(), uv.tobytes(), cells.tobytes()]
    starts = np.cumsum([0, *map(len, parts)]).tolist()
    counted = [
        (5126, len(positions), "VEC3"),
        (5126, len(uv), "VEC2"),
        (5123, len(cells), "SCALAR"),
    ]
    accessors: list[dict[str, Any]] = [
        {"bufferView": k, "componentType": kind, "count": count, "type": shape}
        for k, (kind, count, shape) in enumerate(counted)
    ]
    accessors[0]["min"] = positions.min(axis=0).tolist()
    accessors[0]["max"] = positions.max(axis=0).tolist()
    said = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [
            {"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "indices": 2, "material": 0}
        ]}],
        "materials": [{"pbrMetallicRoughness": {
            "baseColorTexture": {"index": 0}, "metallicFactor": 0
        }}],
        "textures": [{"source": 0}], "images": [{"uri": f"{picture}.jpg"}],
        "accessors": accessors,
        "bufferViews": [
            {"buffer": 0, "byteOffset": start, "byteLength": len(part)}
            for start, part in zip(starts, parts, strict=False)
        ],
        "buffers": [{"byteLength": starts[-1]}],
    }  # fmt: skip
    text = json.dumps(said).encode()
    text += b" " * (-len(text) % 4)
    data = b"".join(parts)
    data += b"\0" * (-len(data) % 4)
    whole = 12 + 8 + len(text) + 8 + len(data)
    return b"".join([
        struct.pack("<4sII", b"glTF", 2, whole), struct.pack("<I4s", len(text), b"JSON"), text,
        struct.pack("<I4s", len(data), b"BIN\0"), data,
    ])  # fmt: skip


if __name__ == "__main__":
    main()
