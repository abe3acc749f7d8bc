"""The containers b3dm, i3dm, pnts and cmpt: headers, deprecated ones too, cut into checked pieces."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from loaders.tiles3d.batch import Table, read_table
from twin.errors import BrokenFile

DEPRECATED = 0x22000000
"""A length this large is the start of a JSON text or of a glTF: the header is an older, shorter one."""
MAX_INNER = 65_536


@dataclass(frozen=True, slots=True)
class Legacy:
    """One tile: feature table, batch table, what follows, and i3dm's glTF format."""

    kind: str
    features: Table
    batch: Table
    payload: memoryview
    gltf_format: int = 1


def magic_of(data: bytes | memoryview) -> str:
    """Return the four letters a content starts with ('' if they are no letters)."""
    head = bytes(data[:4])
    return head.decode("ascii") if head.isalnum() and head.isascii() else ""


def cut(data: memoryview, location: str) -> Legacy:
    """Return the pieces of a b3dm, i3dm or pnts. Raises BrokenFile."""
    kind = magic_of(data)
    if len(data) < 28 and not (kind == "b3dm" and len(data) >= 20):
        raise _broken(location, f"a {kind} of {len(data)} bytes")
    version, total = struct.unpack_from("<II", data, 4)
    if version != 1:
        raise _broken(location, f"{kind} version {version}")
    if total > len(data):
        raise _broken(location, f"the header declares {total} bytes, there are {len(data)}")
    if total < (20 if kind == "b3dm" else 28):
        raise _broken(location, f"the header declares {total} bytes, less than itself")
    data = data[:total]
    lengths, at, batches = _lengths(data, kind)
    gltf_format = 1
    if kind == "i3dm":
        if len(data) < 32:
            raise _broken(location, "an i3dm without its format")
        gltf_format, at = struct.unpack_from("<I", data, 28)[0], 32
    pieces = []
    for length in lengths:
        if at + length > len(data):
            raise _broken(location, f"a table of {length} bytes at {at} of {len(data)}")
        pieces.append(data[at : at + length])
        at += length
    features = read_table(pieces[0], pieces[1], location)
    if batches is not None:
        features.json.setdefault("BATCH_LENGTH", batches)
    batch = read_table(pieces[2], pieces[3], location)
    return Legacy(kind, features, batch, data[at:], gltf_format)


def _lengths(data: memoryview, kind: str) -> tuple[tuple[int, ...], int, int | None]:
    """Return the four table lengths, where the tables start, and the batch length of old headers."""
    a, b = struct.unpack_from("<II", data, 12)
    if kind == "b3dm":
        c = struct.unpack_from("<I", data, 20)[0] if len(data) >= 24 else DEPRECATED
        if c >= DEPRECATED:
            return (0, 0, b, 0), 20, a
        d = struct.unpack_from("<I", data, 24)[0] if len(data) >= 28 else DEPRECATED
        if d >= DEPRECATED:
            return (0, 0, a, b), 24, c
    c, d = struct.unpack_from("<II", data, 20)
    return (a, b, c, d), 28, None


def inner(data: memoryview, location: str) -> Iterator[memoryview]:
    """Yield the tiles inside a cmpt. Raises BrokenFile."""
    if len(data) < 16:
        raise _broken(location, f"a cmpt of {len(data)} bytes")
    version, total, count = struct.unpack_from("<III", data, 4)
    if version != 1 or total > len(data) or count > MAX_INNER:
        raise _broken(location, f"a cmpt of version {version}, {total} bytes, {count} tiles")
    at = 16
    for _ in range(count):
        if at + 12 > total:
            raise _broken(location, "a cmpt ends inside a tile")
        length = struct.unpack_from("<I", data, at + 8)[0]
        if length < 12 or at + length > total:
            raise _broken(location, f"a tile of {length} bytes at {at} of {total} in a cmpt")
        yield data[at : at + length]
        at += length


def _broken(location: str, reason: str) -> BrokenFile:
    return BrokenFile(location=location, format="3D Tiles", reason=reason)
