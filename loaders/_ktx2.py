"""KTX2 to pixels: ETC1S and UASTC through ``opengl_basisu``, everything else by the container's own words.

The smallest level that is large enough is decoded, never all of them.
"""

import struct
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Decoder

from twin.errors import BrokenFile, MissingDecoder, NotSupported
from twin.geometry import U8

SIGNATURE = b"\xabKTX 20\xbb\r\n\x1a\n"
BASIS_LZ, ZSTANDARD, ZLIB = 1, 2, 3
MOST_PIXELS = 1 << 27
"""A picture that declares more pixels is not decoded."""


class Layout(NamedTuple):
    """How a pixel is written: its numbers, how many, and whether blue comes first."""

    kind: str
    channels: int
    swapped: bool = False


LAYOUTS = {
    **dict.fromkeys((9, 15), Layout("u1", 1)), **dict.fromkeys((16, 22), Layout("u1", 2)),
    **dict.fromkeys((23, 29), Layout("u1", 3)), **dict.fromkeys((30, 36), Layout("u1", 3, True)),
    **dict.fromkeys((37, 43), Layout("u1", 4)), **dict.fromkeys((44, 50), Layout("u1", 4, True)),
    70: Layout("<u2", 1), 77: Layout("<u2", 2), 84: Layout("<u2", 3), 91: Layout("<u2", 4),
    76: Layout("<f2", 1), 83: Layout("<f2", 2), 90: Layout("<f2", 3), 97: Layout("<f2", 4),
    100: Layout("<f4", 1), 103: Layout("<f4", 2), 106: Layout("<f4", 3), 109: Layout("<f4", 4),
}  # fmt: skip
"""Vulkan's numbers of the formats that are plain pixels."""
BLOCKS = {
    **dict.fromkeys((131, 132, 133, 134), (1, 8, "")), **dict.fromkeys((135, 136), (2, 16, "")),
    **dict.fromkeys((137, 138), (3, 16, "")), **dict.fromkeys((145, 146), (7, 16, "BC7")),
}  # fmt: skip
"""Vulkan's numbers of 4 x 4 blocks that Pillow reads: its number, bytes a block, its name."""


class _Header(NamedTuple):
    """The fields of the header that matter here."""

    vk_format: int
    width: int
    height: int
    levels: int
    scheme: int


def read_ktx2(data: bytes, location: str, most: int) -> U8:
    """Return the pixels u8(h, w, 3 | 4) of a level whose longest side is at least ``most``, or all.

    Raises BrokenFile, NotSupported, MissingDecoder.
    """
    if len(data) < 80:
        raise _broken(location, f"a KTX2 of {len(data)} bytes")
    fields = struct.unpack_from("<9I", data, 12)
    head = _Header(fields[0], fields[2], max(fields[3], 1), max(fields[7], 1), fields[8])
    if not head.width or head.levels > 32:
        raise _broken(location, f"KTX2: {head.width} pixels wide, {head.levels} levels")
    level = _level(head, most)
    if max(head.width >> level, 1) * max(head.height >> level, 1) > MOST_PIXELS:
        raise _broken(location, f"KTX2: a picture of {head.width} x {head.height} pixels")
    if head.vk_format == 0:
        return _basis(data, location, level)
    packed, size = _packed(data, location, head, level)
    raw = _unpacked(packed, size, head.scheme, location)
    width, height = max(head.width >> level, 1), max(head.height >> level, 1)
    if head.vk_format in BLOCKS:
        return _blocks(raw, (width, height), head.vk_format, location)
    return _plain(raw, (height, width), head.vk_format, location)


def _level(head: _Header, most: int) -> int:
    """Return the smallest level that is at least ``most`` long."""
    longest = max(head.width, head.height)
    level = 0
    while level + 1 < head.levels and longest >> (level + 1) >= most:
        level += 1
    return level


def _basis(data: bytes, location: str, level: int) -> U8:
    try:
        import opengl_basisu
    except ImportError as error:
        raise MissingDecoder(
            location=location, decoder="opengl_basisu", install="pip install opengl_basisu"
        ) from error
    try:
        texture = opengl_basisu.open(data)
        pixels = texture.transcode("rgba8", level if level < texture.levels else 0).data
    except opengl_basisu.UnsupportedError as error:
        raise NotSupported(location=location, what=f"KTX2: {error}", advice="") from error
    except (opengl_basisu.BasisuError, ValueError, IndexError, MemoryError) as error:
        raise _broken(location, f"KTX2: {error}") from error
    shown = pixels if texture.has_alpha else pixels[..., :3]
    return np.ascontiguousarray(shown, np.uint8)


def _packed(data: bytes, location: str, head: _Header, level: int) -> tuple[bytes, int]:
    """Return a level's bytes as they stand in the file, and how many they unpack to."""
    at = 80 + 24 * level
    if at + 24 > len(data):
        raise _broken(location, "KTX2: its index of levels is cut off")
    start, length, size = struct.unpack_from("<3Q", data, at)
    if start + length > len(data):
        raise _broken(location, f"KTX2: level {level} ends at {start + length} of {len(data)}")
    return data[start : start + length], size


def _unpacked(packed: bytes, size: int, scheme: int, location: str) -> bytes:
    if scheme == 0:
        return packed
    if size > MOST_PIXELS * 16:
        raise _broken(location, f"KTX2: a level declares {size} bytes")
    if scheme == ZLIB:
        try:
            return zlib.decompressobj().decompress(packed, size)
        except zlib.error as error:
            raise _broken(location, f"KTX2: {error}") from error
    if scheme == ZSTANDARD:
        return _zstandard(packed, size, location)
    raise NotSupported(location=location, what=f"KTX2 supercompression {scheme}", advice="")


def _zstandard(packed: bytes, size: int, location: str) -> bytes:
    try:
        import zstandard
    except ImportError as error:
        raise MissingDecoder(
            location=location, decoder="zstandard", install="pip install citytwin[zstd]"
        ) from error
    try:
        found: bytes = zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    except zstandard.ZstdError as error:
        raise _broken(location, f"KTX2: {error}") from error
    return found[:size]


def _plain(raw: bytes, shape: tuple[int, int], vk_format: int, location: str) -> U8:
    layout = LAYOUTS.get(vk_format)
    if layout is None:
        raise NotSupported(
            location=location, what=f"KTX2 with the Vulkan format {vk_format}",
            advice="Ask for ETC1S, UASTC or plain pixels.",
        )  # fmt: skip
    dtype = np.dtype(layout.kind)
    count = shape[0] * shape[1] * layout.channels
    if len(raw) < count * dtype.itemsize:
        raise _broken(location, f"KTX2: {len(raw)} bytes for {shape[1]} x {shape[0]} pixels")
    values = _bytes(np.frombuffer(raw, dtype, count)).reshape(*shape, layout.channels)
    if layout.channels < 3:
        grey = np.repeat(values[..., :1], 3, axis=2)
        return grey if layout.channels == 1 else np.concatenate([grey, values[..., 1:]], axis=2)
    if layout.swapped:
        values = values[..., [2, 1, 0, 3][: layout.channels]]
    return np.ascontiguousarray(values)


def _bytes(values: NDArray[np.generic]) -> U8:
    """Return numbers as bytes for the screen; floats are light and get the display's curve."""
    if values.dtype == np.uint8:
        return values.astype(np.uint8)
    if values.dtype.kind == "u":
        return (values.astype(np.uint32) // 257).astype(np.uint8)
    light = np.clip(np.nan_to_num(values.astype(np.float32)), 0.0, 1.0)
    curve = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return (curve * 255.0 + 0.5).astype(np.uint8)


def _blocks(raw: bytes, size: tuple[int, int], vk_format: int, location: str) -> U8:
    number, bytes_each, name = BLOCKS[vk_format]
    need = -(-size[0] // 4) * -(-size[1] // 4) * bytes_each
    if len(raw) < need:
        raise _broken(location, f"KTX2: {len(raw)} bytes of blocks, {need} are needed")
    try:
        picture = Decoder.frombytes("RGBA", size, raw[:need], "bcn", number, name)
    except (ValueError, OSError) as error:
        raise _broken(location, f"KTX2: {error}") from error
    return np.asarray(picture, np.uint8)


def _broken(location: str, reason: str) -> BrokenFile:
    return BrokenFile(location=location, format="glTF", reason=reason)
