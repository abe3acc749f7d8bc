"""An independent, slow reading of implicit tilesets: one bit, one tile, one subtree at a time."""

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

Place = tuple[int, int, int, int]


class Tile(NamedTuple):
    """An available tile: where it is, and the addresses of its contents."""

    at: Place
    contents: list[str]


def tiling(node: dict[str, Any]) -> dict[str, Any] | None:
    """Return what a tile says of its implicit tiling."""
    extensions = node.get("extensions") or {}
    return node.get("implicitTiling") or extensions.get("3DTILES_implicit_tiling")


def templates(node: dict[str, Any]) -> list[str]:
    several = (node.get("extensions") or {}).get("3DTILES_multiple_contents") or {}
    found = [node.get("content"), *(node.get("contents") or [])]
    found += several.get("content") or several.get("contents") or []
    return [entry["uri"] for entry in found if entry]


def named(template: str, at: Place) -> str:
    for name, value in zip(("level", "x", "y", "z"), at, strict=True):
        template = template.replace("{" + name + "}", str(value))
    return template


def subtree(path: Path) -> tuple[dict[str, Any], bytes]:
    data = path.read_bytes()
    if data[:4] != b"subt":
        return json.loads(data), b""
    text, _ = struct.unpack_from("<QQ", data, 8)
    return json.loads(data[24 : 24 + text]), data[24 + text :]


class Bits:
    """One availability of a subtree."""

    def __init__(self, document: dict[str, Any], binary: bytes, folder: Path, said: Any) -> None:
        self.constant, self.data = said.get("constant"), b""
        at = said.get("bitstream", said.get("bufferView"))
        if at is not None:
            view = document["bufferViews"][at]
            uri = document["buffers"][view["buffer"]].get("uri")
            whole = (folder / uri).read_bytes() if uri else binary
            start = view.get("byteOffset", 0)
            self.data = whole[start : start + view["byteLength"]]

    def __getitem__(self, bit: int) -> bool:
        if not self.data:
            return bool(self.constant)
        return bool(self.data[bit // 8] >> (bit % 8) & 1)


def interleaved(x: int, y: int, z: int, axes: int) -> int:
    """Return the Morton code, bit by bit."""
    return sum(
        (value >> bit & 1) << (bit * axes + axis)
        for bit in range(30)
        for axis, value in enumerate((x, y, z)[:axes])
    )


def tiles(folder: Path, node: dict[str, Any]) -> Iterator[Tile]:
    """Yield every available tile below an implicit root, parents first.

    The root of a further subtree comes twice: where it is named (without contents) and as itself.
    """
    said = tiling(node)
    assert said is not None
    axes = 3 if said["subdivisionScheme"] == "OCTREE" else 2
    levels = said.get("availableLevels", said.get("maximumLevel", 0) + 1)
    pending: list[Place] = [(0, 0, 0, 0)]
    while pending:
        root = pending.pop()
        path = folder / named(said["subtrees"]["uri"], root)
        if not path.is_file():
            continue
        document, binary = subtree(path)
        held = document.get("contentAvailability", [])
        several = (document.get("extensions") or {}).get("3DTILES_multiple_contents")
        held = several["contentAvailability"] if several else held
        held = held if isinstance(held, list) else [held]
        there = Bits(document, binary, path.parent, document["tileAvailability"])
        below = Bits(document, binary, path.parent, document["childSubtreeAvailability"])
        contents = [Bits(document, binary, path.parent, entry) for entry in held]
        local: list[Place] = [(0, 0, 0, 0)]
        while local:
            down, x, y, z = local.pop()
            level, left, front, low = root
            at = (level + down, (left << down) + x, (front << down) + y, (low << down) + z)
            code = interleaved(x, y, z, axes)
            if down == said["subtreeLevels"]:
                if at[0] < levels and below[code]:
                    pending.append(at)
                    yield Tile(at, [])
                continue
            bit = sum((1 << axes) ** level for level in range(down)) + code
            if not there[bit]:
                continue
            uris = [
                named(t, at) for t, b in zip(templates(node), contents, strict=False) if b[bit]
            ]
            yield Tile(at, uris)
            local += [
                (down + 1, 2 * x + a, 2 * y + b, 2 * z + c)
                for a in (0, 1)
                for b in (0, 1)
                for c in ((0, 1) if axes == 3 else (0,))
            ]
