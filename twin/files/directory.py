"""Where the members of a zip archive stand: from a 3TZ index, else from the archive's own directory.

Read by hand because a package has a million members: the library's reader makes an object of each,
refuses extra fields that packagers really write, and reads the directory again for every open.
"""

import hashlib
import struct
from typing import NamedTuple, Protocol

from twin.errors import BrokenFile, TooLarge

INDEX = "@3dtilesIndex1@"
MOST_DIRECTORY = 1 << 30
"""The most bytes of a directory or an index: ten million members."""
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_USUAL_HEADER = 512
_UTF8 = 0x800
_LATER = 8
"""Flag: sizes follow the data, the local header does not know them."""
_SHORT_TAIL = 1024
"""Nearly every archive has no comment: a short read finds its end."""
_TAIL = 65_557 + _LOCATOR.size + _END64.size


class Span(Protocol):
    """Bytes of an archive by place, from a disk or a server."""

    @property
    def size(self) -> int:
        """Return how many bytes there are."""
        ...

    def at(self, offset: int, count: int) -> bytes:
        """Return exactly so many bytes. Raises BrokenFile where they are not."""
        ...


class Member(NamedTuple):
    """One member: where its local header begins, its packed and plain size, how it is packed."""

    offset: int
    packed: int
    size: int
    method: int
    flags: int
    crc: int


class End(NamedTuple):
    """Where the directory lies, how many members it names, and what stands before the archive."""

    offset: int
    size: int
    members: int
    shift: int


def end_of(span: Span, location: str) -> End:
    """Return where the directory lies. Raises BrokenFile, TooLarge."""
    for held in (_SHORT_TAIL, _TAIL):
        tail_at = max(0, span.size - held)
        tail = span.at(tail_at, span.size - tail_at)
        place = tail.rfind(b"PK\x05\x06")
        if place >= _LOCATOR.size + _END64.size:
            break
    if place < 0 or place + _END.size > len(tail):
        raise _broken(
            location, "it is no zip archive, or it was cut off: its directory is missing"
        )
    _, _, _, _, count, size, offset, _ = _END.unpack_from(tail, place)
    before = tail_at + place
    found = place - _LOCATOR.size
    if found >= 0 and tail[found : found + 4] == b"PK\x06\x07":
        _, _, at, _ = _LOCATOR.unpack_from(tail, found)
        record = tail_at + found - _END64.size
        for where in (at, record):
            if 0 <= where <= span.size - _END64.size:
                data = span.at(where, _END64.size)
                if data[:4] == b"PK\x06\x06":
                    *_, count, size, offset = _END64.unpack(data)
                    before = where
                    break
    if size > MOST_DIRECTORY:
        raise TooLarge(location=location, what="the directory", size=size, limit=MOST_DIRECTORY)
    shift = before - size - offset
    if shift < 0 or count * _ENTRY.size > size:
        raise _broken(location, "its directory does not fit into the file")
    return End(offset + shift, size, count, shift)


def members_of(span: Span, location: str) -> dict[str, Member]:
    """Return every member by its name. Raises BrokenFile, TooLarge."""
    end = end_of(span, location)
    data = span.at(end.offset, end.size)
    found: dict[str, Member] = {}
    place = 0
    for number in range(end.members):
        if place + _ENTRY.size > len(data) or data[place : place + 4] != b"PK\x01\x02":
            raise _broken(location, f"entry {number} of its directory is damaged")
        name, member, place = _entry(data, place, end.shift)
        found[name] = member
    return found


def _entry(data: bytes, place: int, shift: int) -> tuple[str, Member, int]:
    fields = _ENTRY.unpack_from(data, place)
    flags, method, crc, packed, size = fields[3], fields[4], fields[7], fields[8], fields[9]
    name_size, extra_size, comment_size, offset = *fields[10:13], fields[16]
    at = place + _ENTRY.size
    name = data[at : at + name_size]
    extra = data[at + name_size : at + name_size + extra_size]
    size, packed, offset = _wide((size, packed, offset), extra)
    member = Member(offset + shift, packed, size, method, flags, crc)
    return _text(name, flags), member, at + name_size + extra_size + comment_size


def _wide(values: tuple[int, ...], extra: bytes) -> tuple[int, ...]:
    """Return the numbers with those replaced that stand in the zip64 field; other fields are skipped."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            held = extra[at + 4 : at + 4 + size]
            words = iter(struct.unpack_from(f"<{len(held) // 8}Q", held))
            return tuple(next(words, v) if v == 0xFFFFFFFF else v for v in values)
        at += 4 + size
    return values


def _text(name: bytes, flags: int) -> str:
    """Return a member's name. Without the flag it is what the packager's machine wrote."""
    for encoding in ("utf-8",) if flags & _UTF8 else ("utf-8", "gb18030"):
        try:
            return name.decode(encoding).replace("\\", "/")
        except UnicodeDecodeError:
            continue
    return name.decode("cp437").replace("\\", "/")


def index_of(span: Span, location: str) -> dict[bytes, int] | None:
    """Return the 3TZ index: the MD5 hash of a name -> where its local header begins; None without one.

    The index is the archive's last member, so the end of the directory names it: the directory
    itself, ten times as large, is not read. Raises BrokenFile, TooLarge.
    """
    end = end_of(span, location)
    held = min(end.size, 4096)
    tail = span.at(end.offset + end.size - held, held)
    place = tail.rfind(INDEX.encode()) - _ENTRY.size
    if place < 0 or tail[place : place + 4] != b"PK\x01\x02":
        return None
    _, member, _ = _entry(tail, place, end.shift)
    if member.method or member.size % 24 or member.size > MOST_DIRECTORY:
        return None
    data = packed_bytes(span, member, location)
    offsets = struct.unpack(f"<{len(data) // 8}Q", data)[2::3]
    return {data[24 * n : 24 * n + 16]: offset + end.shift for n, offset in enumerate(offsets)}


def indexed(span: Span, index: dict[bytes, int], name: str) -> Member | None:
    """Return the member that the index names; None where it is wrong or knows too little.

    The local header at the place must carry the very name.
    """
    offset = index.get(hashlib.md5(name.encode(), usedforsecurity=False).digest())
    if offset is None or offset + _LOCAL.size > span.size:
        return None
    head = span.at(offset, min(_LOCAL.size + 512 + len(name), span.size - offset))
    magic, _, flags, method, _, _, crc, packed, size, name_size, extra_size = _LOCAL.unpack_from(
        head
    )
    told = head[_LOCAL.size : _LOCAL.size + name_size]
    if magic != b"PK\x03\x04" or flags & _LATER or _text(told, flags) != name:
        return None
    extra = head[_LOCAL.size + name_size : _LOCAL.size + name_size + extra_size]
    size, packed = _wide((size, packed), extra)
    return Member(offset, packed, size, method, flags, crc)


def packed_bytes(span: Span, member: Member, location: str) -> bytes:
    """Return a member's bytes as they stand in the archive, in one read where its header is usual.

    Raises OpenError.
    """
    if member.packed > span.size:
        raise _broken(location, "a member is larger than the archive")
    guess = _LOCAL.size + _USUAL_HEADER + member.packed
    data = span.at(member.offset, min(guess, max(0, span.size - member.offset)))
    if data[:4] != b"PK\x03\x04" or len(data) < _LOCAL.size:
        raise _broken(location, "the directory points to a place where no member begins")
    fields = _LOCAL.unpack_from(data)
    begin = _LOCAL.size + int(fields[9]) + int(fields[10])
    if begin + member.packed <= len(data):
        return data[begin : begin + member.packed]
    return span.at(member.offset + begin, member.packed)


def _broken(location: str, reason: str) -> BrokenFile:
    return BrokenFile(location=location, format="zip", reason=reason)
