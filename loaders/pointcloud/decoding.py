"""Points out of a file, block by block: plain, or packed by LASzip (decoded by lazrs).

The decoder is compiled code and the file is not trusted: sizes are checked before memory is taken, and
what it does to its process befalls a worker.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from loaders.pointcloud.header import Header, broken
from twin.errors import BrokenFile, NotReadable, TooLarge
from twin.ports import Feedback

BLOCK = 500_000
"""Points that are decoded at once: arrays of no more are taken from memory that was used before."""
MOST_CHUNK = 4_000_000
"""Points of a chunk that are decoded in one piece: memory for them is taken before they are read."""
LASZIP = ("laszip encoded", 22204)
_ONE_CHUNK = 1
_CHUNKED = (2, 3)


def _lazrs() -> Any:
    """Return the decoder: loaded once points are read."""
    import lazrs

    return lazrs


def blocks(header: Header, feedback: Feedback) -> Iterator[NDArray[np.uint8]]:
    """Yield the bytes of all points, at most about BLOCK at a time. Raises OpenError, Cancelled."""
    done = 0
    for block in _packed(header) if header.packed else _plain(header):
        done += len(block) // header.width
        feedback.check()
        yield block
        feedback.progress(min(done / header.count, 1.0))
    if done != header.count:
        raise broken(header.location, reason=f"{done} of {header.count} points can be read")


def _plain(header: Header) -> Iterator[NDArray[np.uint8]]:
    with _reading(header) as stream:
        stream.seek(header.start)
        left = header.count
        while left:
            many = min(left, BLOCK)
            data = stream.read(many * header.width)
            if len(data) != many * header.width:
                raise broken(header.location, reason="it became shorter while it was read")
            yield np.frombuffer(data, np.uint8)
            left -= many


def laszip(header: Header) -> bytes:
    """Return the record that says how points are packed. Raises BrokenFile."""
    said = header.read(header.record(*LASZIP))
    if len(said) < 34:
        raise broken(header.location, reason="its points are packed, and no record says how")
    if (
        struct.unpack_from("<H", said)[0] == _ONE_CHUNK
    ):  # what size its one chunk has is not asked then
        return said[:12] + struct.pack("<I", 0xFFFFFFFE) + said[16:]
    return said


def _packed(header: Header) -> Iterator[NDArray[np.uint8]]:
    said = laszip(header)
    with _reading(header) as stream, decoding(header.location):
        vlr = _lazrs().LazVlr(said)
        _same_width(header, vlr.item_size())
        table = (
            _table(header, stream, vlr) if struct.unpack_from("<H", said)[0] in _CHUNKED else None
        )
        stream.seek(header.start)
        if table is None or max((many for many, _ in table), default=0) > MOST_CHUNK:
            yield from _one_by_one(header, _lazrs().LasZipDecompressor(stream, said))
        else:
            stream.seek(header.start + 8)
            yield from _chunks(header, stream, said, table)


def _same_width(header: Header, width: int) -> None:
    if width != header.width:
        reason = f"its points take {header.width} bytes, and {width} where they are packed"
        raise broken(header.location, reason=reason)


def _table(header: Header, stream: BinaryIO, vlr: Any) -> list[tuple[int, int]] | None:
    """Return points and bytes of all chunks; None where the file has no table. Raises BrokenFile."""
    stream.seek(header.start)
    at = struct.unpack("<q", stream.read(8).ljust(8, b"\0"))[0]
    if at == -1:  # written as a stream: the last eight bytes say where the table is
        stream.seek(max(header.size - 8, 0))
        at = struct.unpack("<q", stream.read(8).ljust(8, b"\0"))[0]
    if not header.start + 8 <= at <= header.size - 8:
        raise broken(
            header.location, reason=f"its list of chunks should stand at byte {at}; it was cut off"
        )
    stream.seek(at + 4)
    many = struct.unpack("<I", stream.read(4))[0]
    if many > max(header.size, 1) // 8 or many > header.count:
        limit = min(header.size // 8, header.count)
        raise TooLarge(location=header.location, what="the list of chunks", size=many, limit=limit)
    stream.seek(header.start)
    table = [(int(points), int(size)) for points, size in _lazrs().read_chunk_table(stream, vlr)]
    return _counted(header, table, at)


def _counted(header: Header, table: list[tuple[int, int]], end: int) -> list[tuple[int, int]]:
    """Return the table with the last chunk cut to the points that there are. Raises BrokenFile."""
    found, left = [], header.count
    if header.start + 8 + sum(size for _, size in table) > end:
        raise broken(header.location, reason="its chunks take more bytes than it has")
    for points, size in table:
        if left <= 0:
            break
        found.append((min(points, left), size))
        left -= points
    if left > 0:
        raise broken(header.location, reason=f"its chunks lack {left} of {header.count} points")
    return found


def _chunks(
    header: Header, stream: BinaryIO, said: bytes, table: list[tuple[int, int]]
) -> Iterator[NDArray[np.uint8]]:
    """Yield blocks of whole chunks, decoded by all cores."""
    group: list[tuple[int, int]] = []
    for number, (points, size) in enumerate(table):
        group.append((points, size))
        held = sum(many for many, _ in group)
        if held >= BLOCK or number == len(table) - 1:
            yield unpacked(header, stream.read(sum(part for _, part in group)), said, group)
            group = []


def unpacked(
    header: Header, data: bytes, said: bytes, table: list[tuple[int, int]]
) -> NDArray[np.uint8]:
    """Return the bytes of the points of chunks that stand one after the other. Raises BrokenFile."""
    if len(data) != sum(size for _, size in table):
        raise broken(
            header.location,
            reason="a chunk of its points lies outside of the file; it was cut off",
        )
    out = np.zeros(sum(many for many, _ in table) * header.width, np.uint8)
    with decoding(header.location):
        _lazrs().decompress_points_with_chunk_table(data, said, out, table)
    return out


def _one_by_one(header: Header, decoder: Any) -> Iterator[NDArray[np.uint8]]:
    left = header.count
    while left:
        many = min(left, BLOCK)
        out = np.zeros(many * header.width, np.uint8)
        decoder.decompress_many(out)
        yield out
        left -= many


@contextmanager
def decoding(location: str) -> Iterator[None]:
    """Turn what the decoder throws into an error of the file. Raises BrokenFile."""
    try:
        yield
    except (_lazrs().LazrsError, ValueError, OverflowError, TypeError) as error:
        raise _undecodable(location, error) from error
    except _panics() as error:
        raise _undecodable(location, error) from None


def _panics() -> tuple[type[BaseException], ...]:
    """Return what an assertion inside the decoder is for Python: a class that nobody can import."""
    return tuple(x for x in BaseException.__subclasses__() if x.__name__ == "PanicException")


def _undecodable(location: str, error: BaseException) -> BrokenFile:
    return broken(location, reason=f"its packed points cannot be decoded: {str(error)[:120]}")


@contextmanager
def _reading(header: Header) -> Iterator[BinaryIO]:
    try:
        with Path(header.location).open("rb") as stream:
            yield stream
    except OSError as error:
        raise NotReadable(location=header.location, reason=error.strerror or str(error)) from error
