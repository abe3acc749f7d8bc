"""What a document refers to: addresses that stand in 3D Tiles, glTF (also inside of tiles) and CityGML."""

import json
import re
import struct
from collections.abc import Iterator
from typing import Any

IMAGE = re.compile(rb"<(?:[\w.-]+:)?imageURI>\s*([^<]{1,2000}?)\s*</")
KEYS = frozenset({"uri", "url"})
DEEPEST = 200
LONGEST = 2000
"""Characters of an address; longer ones are data that stand in the document."""


def references(data: bytes, name: str) -> list[str]:
    """Return the addresses that stand in a document, each once, as they are written."""
    plain = name.partition("?")[0].lower()
    if plain.endswith((".gml", ".xml", ".citygml")):
        found = [x.decode("utf-8", "replace") for x in IMAGE.findall(data)]
    elif plain.endswith((".json", ".gltf", ".geojson")) or data[:1] in (b"{", b"["):
        found = list(_named(_json(data)))
    else:
        found = list(_named(_json(_scene(data))))
    return [x for x in dict.fromkeys(found) if _is_address(x)]


def _is_address(text: str) -> bool:
    return bool(text) and len(text) <= LONGEST and not text.startswith("data:")


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _named(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield the texts under the names of addresses, at any depth."""
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if key in KEYS and isinstance(item, str):
                yield item
            elif isinstance(item, dict | list):
                yield from _named(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, dict | list):
                yield from _named(item, depth + 1)


def _scene(data: bytes) -> bytes:
    """Return the JSON of a binary glTF, alone or inside of a tile; b'' where there is none."""
    at = data.find(b"glTF", 0, 1 << 20)
    if at < 0 or len(data) < at + 20:
        return b""
    version, _, length, kind = struct.unpack_from("<4I", data, at + 4)
    if version == 1:
        return data[at + 20 : at + 20 + length]
    return data[at + 20 : at + 20 + length] if kind == 0x4E4F534A else b""
