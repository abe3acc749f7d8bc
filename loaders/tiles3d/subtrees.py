"""A subtree file: which tiles, contents and further subtrees there are, as bits, and what is said of them."""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from loaders._gltf.document import Document
from loaders._gltf.tables import PropertyTable, read_tables
from loaders.tiles3d.tokens import Bool, Implicit
from twin.errors import BrokenFile

MAGIC = b"subt"
MAX_BITS = 1 << 26
"""The most tiles a subtree may have room for: 13 levels of a quadtree, 8 of an octree."""
DRAFT = "3DTILES_metadata"
MULTIPLE = "3DTILES_multiple_contents"


class Pieces(Document):
    """The buffers and buffer views of a subtree: those of glTF, under the name of the format."""

    def broken(self, reason: str) -> BrokenFile:
        """Return the error that says what is wrong where."""
        return BrokenFile(location=self.location, format="3D Tiles", reason=reason)


@dataclass(slots=True)
class Subtree:
    """What a subtree file says.

    ``tiles`` bool(n), by level and in Morton order, ``contents`` the same for each content,
    ``children`` bool(m) the subtrees below the last level. ``tile_table`` and ``content_tables``
    hold one row for each tile or content there is; ``said`` is the subtree's own metadata.
    """

    tiles: Bool
    contents: list[Bool]
    children: Bool
    document: Pieces
    tile_table: PropertyTable | None = None
    content_tables: list[PropertyTable | None] = field(default_factory=list)
    said: dict[str, Any] = field(default_factory=dict)

    def report(self, text: str, code: str = "tiles3d.subtree") -> None:
        """List a problem of this subtree."""
        self.document.report(code, f"{self.document.location}: {text}")


def room(implicit: Implicit) -> tuple[int, int]:
    """Return how many tiles a subtree has room for, and how many subtrees below its last level."""
    many = 1 << implicit.axes
    return (many**implicit.span - 1) // (many - 1), many**implicit.span


def read_subtree(
    data: bytes, location: str, implicit: Implicit, reader: Callable[[str], bytes]
) -> Subtree:
    """Return what a binary or JSON subtree says. Raises OpenError."""
    document = _document(data, location, reader)
    tiles, below = room(implicit)
    if tiles > MAX_BITS:
        raise document.broken(f"a subtree of {implicit.span} levels has room for {tiles} tiles")
    json = document.json
    found = Subtree(
        _bits(document, json, "tileAvailability", tiles),
        [],
        _bits(document, json, "childSubtreeAvailability", below),
        document,
    )
    found.contents = _contents(found, json, tiles, len(implicit.contents))
    _metadata(found, implicit.schema)
    return found


def _document(data: bytes, location: str, reader: Callable[[str], bytes]) -> Pieces:
    text, binary = data, b""
    if data[:4] == MAGIC:
        text, binary = _cut(data, location)
    try:
        json = orjson.loads(text.rstrip(b"\0 \n\r\t").removeprefix(b"\xef\xbb\xbf"))
    except ValueError as error:
        reason = f"JSON: {error}" if data[:4] == MAGIC else "neither a subtree nor JSON"
        raise BrokenFile(location=location, format="3D Tiles", reason=reason) from error
    if not isinstance(json, dict):
        raise BrokenFile(location=location, format="3D Tiles", reason="its JSON is not an object")
    return Pieces(json, binary, location, reader)


def _cut(data: bytes, location: str) -> tuple[bytes, bytes]:
    """Return the JSON and the binary part of a subtree file. Raises BrokenFile."""
    if len(data) < 24:
        raise BrokenFile(
            location=location, format="3D Tiles", reason=f"a subtree of {len(data)} bytes"
        )
    version, text, body = struct.unpack_from("<IQQ", data, 4)
    if version != 1:
        raise BrokenFile(location=location, format="3D Tiles", reason=f"subtree version {version}")
    if 24 + text + body > len(data):
        reason = f"the header declares {24 + text + body} bytes, there are {len(data)}"
        raise BrokenFile(location=location, format="3D Tiles", reason=reason)
    return data[24 : 24 + text], data[24 + text : 24 + text + body]


def _bits(document: Pieces, holder: dict[str, Any], name: str, count: int) -> Bool:
    found = holder.get(name)
    if not isinstance(found, dict):
        raise document.broken(f"there is no {name}")
    return _availability(document, found, name, count)


def _availability(document: Pieces, found: dict[str, Any], name: str, count: int) -> Bool:
    """Return bool(count). Raises BrokenFile where the bits are not all there."""
    at = found.get("bitstream", found.get("bufferView"))
    if at is None:
        constant = found.get("constant")
        if constant not in (0, 1):
            raise document.broken(f"{name} has neither a bitstream nor a constant of 0 or 1")
        return np.full(count, bool(constant))
    if "constant" in found:
        text = f"{name} has both a bitstream and a constant"
        document.report("tiles3d.subtree", f"{document.location}: {text}")
    data = document.view(at)
    need = (count + 7) // 8
    if len(data) < need:
        raise document.broken(f"{name}: {count} bits need {need} bytes, there are {len(data)}")
    if len(data) > need:
        text = f"{name}: {count} bits need {need} bytes, there are {len(data)}"
        document.report("tiles3d.subtree", f"{document.location}: {text}")
    packed = np.frombuffer(data, np.uint8, need)
    bits = np.unpackbits(packed, count=count, bitorder="little").view(np.bool_)
    said, there = found.get("availableCount"), int(np.count_nonzero(bits))
    if said is not None and said != there:
        text = f"{name}: availableCount is {said!r}, {there} bits are set"
        document.report("tiles3d.subtree", f"{document.location}: {text}")
    return bits


def _contents(found: Subtree, json: dict[str, Any], tiles: int, expected: int) -> list[Bool]:
    """Return the bits of each content; a content without its tile is left out and said."""
    held = json.get("contentAvailability")
    several = found.document.extension(json, MULTIPLE)
    if held is None and several is not None:
        held = several.get("contentAvailability")
    entries = held if isinstance(held, list) else [] if held is None else [held]
    if any(entry.get("constant") != 0 for entry in entries[expected:] if isinstance(entry, dict)):
        found.report(f"there are bits for {len(entries)} contents, the tileset names {expected}")
    bits = []
    for place, entry in enumerate(entries[:expected]):
        if not isinstance(entry, dict):
            raise found.document.broken("contentAvailability is not a list of objects")
        there = _availability(found.document, entry, f"contentAvailability[{place}]", tiles)
        stray = there & ~found.tiles
        if stray.any() and "constant" not in entry:
            found.report(f"{int(stray.sum())} contents belong to tiles that are not there")
        bits.append(there & found.tiles)
    bits += [np.zeros(tiles, np.bool_)] * (expected - len(bits))
    return bits


def _metadata(found: Subtree, schema: dict[str, Any]) -> None:
    """Read the property tables: of tiles, of contents, of the subtree; in the words of 2021 too."""
    json = found.document.json
    tables = json.get("propertyTables")
    draft = found.document.extension(json, DRAFT)
    if draft is not None and isinstance(draft.get("properties"), dict):
        count = int(found.tiles.sum())
        tables = [{"class": draft.get("class"), "properties": draft["properties"], "count": count}]
        json = {**json, "tileMetadata": 0}
    own = json.get("subtreeMetadata")
    if isinstance(own, dict) and isinstance(own.get("properties"), dict):
        found.said = own["properties"]
    named = json.get("contentMetadata")
    if tables is not None and not _is_tables(tables):
        found.report("propertyTables is not a list of property tables")
    if named is not None and (not isinstance(named, list) or not named or tables is None):
        found.report("contentMetadata names no property tables")
    if not isinstance(tables, list):
        return
    read = read_tables(found.document, tables, schema)
    found.tile_table = _table(found, read, json.get("tileMetadata"), found.tiles)
    for place, bits in enumerate(found.contents):
        at = named[place] if isinstance(named, list) and place < len(named) else None
        found.content_tables.append(_table(found, read, at, bits))


def _is_tables(tables: Any) -> bool:
    return isinstance(tables, list) and bool(tables) and all(isinstance(t, dict) for t in tables)


def _table(
    found: Subtree, tables: list[PropertyTable], at: Any, there: Bool
) -> PropertyTable | None:
    if at is None:
        return None
    if not isinstance(at, int) or not 0 <= at < len(tables):
        found.report(f"the property table {at!r} does not exist")
        return None
    count = int(there.sum())
    if tables[at].count != count:
        found.report(f"a property table has {tables[at].count} rows for {count} tiles")
        return None
    return tables[at]
