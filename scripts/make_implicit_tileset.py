"""Write an implicit quadtree with as many available tiles as asked for: measurements need large ones.

    python scripts/make_implicit_tileset.py FOLDER --tiles 1000000

Every level is full but the last, whose tiles are spread evenly. The tiles of the first levels have a
content, a coloured slab each; deeper ones are available and empty, so that a million tiles need no
million files.
"""

import argparse
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders._ellipsoid import east_north_up, geocentric

HALF = 8192.0
"""Half the width of the tileset, metres."""
HEIGHT = 40.0


def main() -> None:
    """Parse the command line and write the tileset."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tiles", type=int, default=1_000_000)
    parser.add_argument("--span", type=int, default=5, help="levels of a subtree")
    parser.add_argument(
        "--contents", type=int, default=6, help="levels whose tiles have a content"
    )
    given = parser.parse_args()
    print(write(given.folder, given.tiles, given.span, given.contents))


def write(folder: Path, tiles: int, span: int = 5, contents: int = 6) -> int:
    """Write the tileset and return the number of its available tiles."""
    levels = available(tiles)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tileset.json").write_text(json.dumps(tileset(len(levels), span)))
    for level in range(0, len(levels), span):
        below = levels[level + span] if level + span < len(levels) else None
        (folder / "subtrees" / str(level)).mkdir(parents=True, exist_ok=True)
        for code in np.flatnonzero(levels[level]).tolist():
            parts = [
                cut(bits, code, down) for down, bits in enumerate(levels[level : level + span])
            ]
            parts += [np.zeros(4**down, np.bool_) for down in range(len(parts), span)]
            there = [level + down < contents for down in range(span)]
            content = [bits & has for bits, has in zip(parts, there, strict=True)]
            children = np.zeros(4**span, np.bool_) if below is None else cut(below, code, span)
            x, y = place(code, level)
            name = folder / "subtrees" / str(level) / f"{x}_{y}.subtree"
            name.write_bytes(subtree(parts, content, children))
    for level, bits in enumerate(levels[:contents]):
        (folder / "content" / str(level)).mkdir(parents=True, exist_ok=True)
        for code in np.flatnonzero(bits).tolist():
            x, y = place(code, level)
            name = folder / "content" / str(level) / f"{x}_{y}.glb"
            name.write_bytes(slab(level, x, y))
    return sum(int(bits.sum()) for bits in levels)


def available(tiles: int) -> list[NDArray[np.bool_]]:
    """Return which tiles of each level are there, in Morton order: ``tiles`` in all."""
    levels, left = [], max(tiles, 1)
    while left:
        room = 4 ** len(levels)
        bits = np.zeros(room, np.bool_)
        bits[np.linspace(0, room - 1, min(left, room)).astype(np.int64)] = True
        levels.append(bits)
        left -= int(bits.sum())
    return levels


def cut(bits: NDArray[np.bool_], code: int, down: int) -> NDArray[np.bool_]:
    """Return the tiles of a level that lie ``down`` levels below the tile with a Morton code."""
    return bits[code << 2 * down : (code + 1) << 2 * down]


def place(code: int, level: int) -> tuple[int, int]:
    """Return x and y of a Morton code."""
    x = sum((code >> 2 * bit & 1) << bit for bit in range(level))
    y = sum((code >> 2 * bit + 1 & 1) << bit for bit in range(level))
    return x, y


def tileset(levels: int, span: int) -> dict[str, Any]:
    """Return the tileset.json: a square of 16 km near Delft."""
    at = (np.array(np.radians(4.36)), np.array(np.radians(52.0)))
    matrix = np.eye(4)
    matrix[:3, :3] = east_north_up(*at).T
    matrix[:3, 3] = geocentric(*at, np.array(0.0))
    box = [0, 0, HEIGHT / 2, HALF, 0, 0, 0, HALF, 0, 0, 0, HEIGHT / 2]
    return {
        "asset": {"version": "1.1"},
        "geometricError": HALF,
        "root": {
            "boundingVolume": {"box": box},
            "transform": matrix.T.ravel().tolist(),
            "geometricError": HALF / 16,
            "refine": "REPLACE",
            "content": {"uri": "content/{level}/{x}_{y}.glb"},
            "implicitTiling": {
                "subdivisionScheme": "QUADTREE",
                "subtreeLevels": span,
                "availableLevels": levels,
                "subtrees": {"uri": "subtrees/{level}/{x}_{y}.subtree"},
            },
        },
    }


def subtree(
    tiles: list[NDArray[np.bool_]], content: list[NDArray[np.bool_]], children: NDArray[np.bool_]
) -> bytes:
    """Return a binary subtree."""
    body, views, said = b"", [], []
    for bits in (np.concatenate(tiles), np.concatenate(content), children):
        if not bits.any():
            said.append({"constant": 0})
            continue
        data = np.packbits(bits, bitorder="little").tobytes()
        said.append({"bitstream": len(views), "availableCount": int(bits.sum())})
        views.append({"buffer": 0, "byteOffset": len(body), "byteLength": len(data)})
        body += data + b"\0" * (-len(data) % 8)
    document = {
        "buffers": [{"byteLength": len(body)}],
        "bufferViews": views,
        "tileAvailability": said[0],
        "contentAvailability": [said[1]],
        "childSubtreeAvailability": said[2],
    }
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<4sIQQ", b"subt", 1, len(text), len(body)) + text + body


def slab(level: int, x: int, y: int) -> bytes:
    """Return a tile's content: a slab that nearly fills it, in a colour of its level."""
    size = 2 * HALF / 2**level
    left, front = -HALF + x * size, -HALF + y * size
    corner = np.array([[i & 1, i >> 1 & 1, i >> 2 & 1] for i in range(8)], np.float64)
    scale = np.array([size * 0.94, size * 0.94, HEIGHT / (level + 1)])
    points = corner * scale + [left + size * 0.03, front + size * 0.03, 0]
    points = np.stack([points[:, 0], points[:, 2], -points[:, 1]], axis=1).astype("<f4")
    faces = np.array(
        [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]]
    )
    index = np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]]).astype("<u2")
    body = points.tobytes() + index.tobytes()
    hue = [(0.35 + 0.5 * (level * k % 5) / 4) for k in (1, 2, 3)]
    document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [
            {"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "material": 0}]}
        ],
        "materials": [{"pbrMetallicRoughness": {"baseColorFactor": [*hue, 1]}}],
        "buffers": [{"byteLength": len(body)}],
        "bufferViews": [
            {"buffer": 0, "byteLength": 96},
            {"buffer": 0, "byteOffset": 96, "byteLength": 72},
        ],
        "accessors": [
            {
                "bufferView": 0, "componentType": 5126, "count": 8, "type": "VEC3",
                "min": points.min(axis=0).tolist(), "max": points.max(axis=0).tolist(),
            },
            {"bufferView": 1, "componentType": 5123, "count": 36, "type": "SCALAR"},
        ],
    }  # fmt: skip
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text
    chunks += struct.pack("<I4s", len(body), b"BIN\0") + body
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


if __name__ == "__main__":
    main()
