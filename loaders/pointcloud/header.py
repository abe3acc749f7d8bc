"""The header of a LAS file and what follows it: variable length records, checked against the file's size.

Read by hand: a file whose count of records is garbage keeps readers that believe it busy for hours.
Source: ASPRS LAS Specification 1.4 R16, tables 3, 4 and 9; COPC 1.0.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from twin.errors import BrokenFile, NotFound, NotReadable, NotSupported
from twin.geometry import F64

FORMAT = "LAS"
SIZES = (20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67)
"""Bytes that a point of formats 0 to 10 takes at least."""
_LEAST = 227
_MOST_RECORDS = 10_000
_MOST_HELD = 8 << 20
"""Bytes of a single record that are worth reading."""
_AS_TEXT = b"\xef\xbf\xbd"
"""What programs write in the place of bytes that are no text (U+FFFD in UTF-8)."""


@dataclass(frozen=True, slots=True)
class Record:
    """A variable length record: whose it is, its number, where its bytes stand in the file."""

    user: str
    number: int
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Header:
    """What the header says. ``box`` f64(6) (min xyz, max xyz) in the file's coordinates.

    A coordinate is ``scale * integer + offset``. ``count`` points of ``width`` bytes in ``form`` 0..10 stand
    from byte ``start``. ``day`` and ``year`` of creation, 0 = not said. ``flags`` is the global encoding.
    """

    location: str
    size: int
    version: str
    form: int
    width: int
    count: int
    start: int
    scale: F64
    offset: F64
    box: F64
    flags: int
    packed: bool
    day: int = 0
    year: int = 0
    system: str = ""
    software: str = ""
    project: str = ""
    records: tuple[Record, ...] = ()
    lost: str = field(default="", compare=False)
    """What of the list of records cannot be true, in words; '' = nothing."""

    @property
    def timed(self) -> bool:
        """Return whether times are standard GPS time, from which a date follows (not seconds of a week)."""
        return self.form not in (0, 2) and bool(self.flags & 1)

    def record(self, user: str, *numbers: int) -> Record | None:
        """Return the first record of that user and number."""
        for found in self.records:
            if found.user.lower() == user.lower() and found.number in numbers:
                return found
        return None

    def read(self, record: Record | None) -> bytes:
        """Return the bytes of a record, b'' for None. Raises NotReadable."""
        if record is None:
            return b""
        try:
            with Path(self.location).open("rb") as stream:
                stream.seek(record.start)
                return stream.read(min(record.size, _MOST_HELD))
        except OSError as error:
            raise NotReadable(location=self.location, reason=str(error)) from error


def broken(location: str, reason: str) -> BrokenFile:
    """Return the error of a file that breaks its own format."""
    return BrokenFile(location=location, format=FORMAT, reason=reason)


def read_header(location: str) -> Header:
    """Return the checked header of a file. Raises NotFound, NotReadable, BrokenFile, NotSupported."""
    try:
        with Path(location).open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            return _parsed(location, stream, size)
    except FileNotFoundError as error:
        raise NotFound(location=location) from error
    except OSError as error:
        raise NotReadable(location=location, reason=error.strerror or str(error)) from error


def _parsed(location: str, stream: BinaryIO, size: int) -> Header:
    head = stream.read(375)
    if head[:4] != b"LASF":
        raise broken(location, reason="its first four bytes are not LASF")
    if len(head) < _LEAST:
        raise broken(
            location, reason=f"it ends within its header, after {len(head)} bytes of {_LEAST}"
        )
    if head.count(_AS_TEXT) > 3:
        reason = "it was changed as if it were text: its bytes are lost. Copy it as binary"
        raise broken(location, reason=reason)
    found = _numbers(location, head, size)
    _check(found)
    records, lost = _records(found, head, stream)
    return _with(found, records, lost)


def _numbers(location: str, head: bytes, size: int) -> Header:
    """Return what stands at fixed places, not judged yet."""
    major, minor = head[24], head[25]
    if major != 1 or minor > 5:
        advice = "LAS 1.0 to 1.4 can be read."
        raise NotSupported(location=location, what=f"LAS {major}.{minor}", advice=advice)
    flags = struct.unpack_from("<H", head, 6)[0]
    day, year = struct.unpack_from("<HH", head, 90)
    start = struct.unpack_from("<I", head, 96)[0]
    form, width, count = struct.unpack_from("<BHI", head, 104)
    if minor >= 4 and len(head) >= 375:
        whole = struct.unpack_from("<Q", head, 247)[0]
        count = whole or count
    numbers = np.frombuffer(head, "<f8", 12, 131)
    low, high = numbers[[7, 9, 11]], numbers[[6, 8, 10]]
    return Header(
        location, size, f"{major}.{minor}", form & 0x3F, width, count, start, numbers[:3].copy(),
        numbers[3:6].copy(), np.concatenate([low, high]), flags, bool(form & 0xC0), day, year,
        _text(head[26:58]), _text(head[58:90]), _guid(head[8:24]),
    )  # fmt: skip


def _check(found: Header) -> None:
    """Refuse what cannot be true. Raises BrokenFile, NotSupported."""
    where = found.location
    if found.form >= len(SIZES):
        advice = "Point formats 0 to 10 can be read."
        raise NotSupported(location=where, what=f"point format {found.form}", advice=advice)
    if found.width < SIZES[found.form]:
        reason = f"points of format {found.form} take {SIZES[found.form]} bytes, its header says {found.width}"
        raise broken(where, reason=reason)
    if not (np.isfinite(found.scale).all() and (found.scale > 0).all()):
        raise broken(where, reason="the scale in its header (byte 131) is not a number above zero")
    if not np.isfinite(found.offset).all() or np.abs(found.offset).max() > 1e12:
        raise broken(where, reason="the offset in its header (byte 155) is no coordinate")
    if not found.count:
        raise broken(where, reason="it holds no points")
    if not _LEAST <= found.start <= found.size:
        reason = f"its points should stand from byte {found.start}, and it has {found.size}"
        raise broken(where, reason=reason)
    room = (found.size - found.start) // found.width
    if not found.packed and room < found.count:
        reason = f"it ends after {room} of {found.count} points; it was cut off"
        raise broken(where, reason=reason)


def _records(found: Header, head: bytes, stream: BinaryIO) -> tuple[tuple[Record, ...], str]:
    """Return the records between header and points and those after the points, and what is wrong."""
    size, many = struct.unpack_from("<H", head, 94)[0], struct.unpack_from("<I", head, 100)[0]
    listed = list(_walk(stream, size, min(many, _MOST_RECORDS), found.start, wide=False))
    lost = "" if len(listed) == many else f"{len(listed)} of {many}"
    if found.version >= "1.4" and len(head) >= 375:
        at, more = struct.unpack_from("<QI", head, 235)
        if at and more:
            after = list(_walk(stream, at, min(more, _MOST_RECORDS), found.size, wide=True))
            listed += after
            lost = lost or ("" if len(after) == more else f"{len(after)} of {more}")
    return tuple(listed), lost


def _walk(stream: BinaryIO, at: int, many: int, end: int, *, wide: bool) -> Iterator[Record]:
    """Yield records as long as they lie before ``end``; ``wide`` ones have lengths of eight bytes."""
    length = 60 if wide else 54
    for _ in range(many):
        if at + length > end:
            return
        stream.seek(at)
        head = stream.read(length)
        if len(head) < length:
            return
        size = struct.unpack_from("<Q" if wide else "<H", head, 20)[0]
        if at + length + size > end:
            return
        number = struct.unpack_from("<H", head, 18)[0]
        yield Record(_text(head[2:18]), number, at + length, size)
        at += length + size


def _with(found: Header, records: tuple[Record, ...], lost: str) -> Header:
    return Header(
        found.location, found.size, found.version, found.form, found.width, found.count, found.start,
        found.scale, found.offset, found.box, found.flags, found.packed, found.day, found.year,
        found.system, found.software, found.project, records, lost,
    )  # fmt: skip


def _text(raw: bytes) -> str:
    """Return the text up to the first zero; what is no text is left out."""
    found = raw.partition(b"\0")[0].decode("utf-8", "replace")
    return "".join(c for c in found if c.isprintable() and c != "\ufffd").strip()


def _guid(raw: bytes) -> str:
    """Return a project's number as it is written, '' where it is zero (LAS 1.4, table 3)."""
    if not any(raw):
        return ""
    one, two, three = struct.unpack_from("<IHH", raw)
    rest = raw[8:].hex()
    return f"{one:08x}-{two:04x}-{three:04x}-{rest[:4]}-{rest[4:]}"
