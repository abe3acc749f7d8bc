"""Members of zip archives (``.zip``, ``.3tz``, ``.slpk``), on a disk or on a server that gives ranges."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from twin.errors import BrokenFile, NotFound, NotReadable, NotSupported, TooLarge
from twin.files.addresses import LIMIT, is_remote, spellings
from twin.files.asking import tell
from twin.files.directory import Member, Span, end_of, index_of, indexed, members_of, packed_bytes
from twin.files.server import parts_of
from twin.records import Problem

ZIPS = (".zip", ".3tz", ".slpk")
MOST_ARCHIVES = 16
"""How many directories a process remembers."""
MOST_AT_ONCE = 8 << 20
"""The most bytes of a directory that is fetched whole from a server that has an index too."""
METHODS = {9: "Deflate64", 12: "BZIP2", 14: "LZMA", 93: "Zstandard", 95: "XZ"}


@dataclass(frozen=True, slots=True)
class Archive:
    """Members of a zip archive, below the folder ``inside`` of it ('' or ``a/b/``)."""

    location: str
    inside: str = ""

    def names(self, address: str) -> tuple[str, ...]:
        """Return the decoded spelling, then the literal one."""
        return spellings(address)

    def read(self, address: str, limit: int = LIMIT) -> bytes:
        """Return the bytes of one member; its unpacked size is checked first and its sum after."""
        name = self.inside + address
        shown = f"{self.location}/{name}"
        with opened(self.location) as (span, stamp):
            member = _find(span, self.location, stamp, name)
            if member is None:
                raise NotFound(location=shown)
            if member.flags & 1:
                advice = "Ask for the archive without a password."
                raise NotSupported(location=shown, what="an encrypted member", advice=advice)
            if member.size > limit:
                raise TooLarge(location=shown, what="it", size=member.size, limit=limit)
            data = packed_bytes(span, member, shown)
        return _unpacked(data, member, shown)

    def listed(self) -> tuple[str, ...]:
        """Return the names of all members. Raises OpenError."""
        with opened(self.location) as (_, stamp):
            return tuple(_members(self.location, stamp))

    def sizes(self) -> dict[str, int]:
        """Return the unpacked size of every member, as the directory declares it. Raises OpenError."""
        with opened(self.location) as (_, stamp):
            return {name: x.size for name, x in _members(self.location, stamp).items()}

    def starting(self, name: str) -> "Archive":
        """Return the archive below the folder that holds the document: its own or the highest one.

        An archive without the document is returned as it is: reading tells what is missing.
        """
        if self.inside:
            return self
        with opened(self.location) as (_, stamp):
            return Archive(self.location, _shallowest(self.location, stamp, name))


@dataclass(frozen=True, slots=True)
class _Local:
    """An open file as a span."""

    stream: BinaryIO
    size: int
    location: str

    def at(self, offset: int, count: int) -> bytes:
        """Return so many bytes of the file."""
        if count < 0 or offset < 0 or offset + count > self.size:
            reason = f"it was cut off: {count} bytes at {offset} are not there"
            raise BrokenFile(location=self.location, format="zip", reason=reason)
        self.stream.seek(offset)
        data = self.stream.read(count)
        if len(data) != count:
            raise BrokenFile(
                location=self.location, format="zip", reason="it was changed while it was read"
            )
        return data


@contextmanager
def opened(location: str) -> Iterator[tuple[Span, str]]:
    """Yield the bytes of an archive by place, and a stamp that changes when the file does.

    A handle of its own for every read: sources keep nothing and threads share no position.
    """
    if is_remote(location):
        parts = parts_of(location)
        yield parts, f"{parts.size}:{parts.mark}"
        return
    try:
        path = Path(location)
        with path.open("rb") as stream:
            stat = path.stat()
            span = _Local(stream, stat.st_size, location)
            yield span, f"{stat.st_size}:{stat.st_mtime_ns}"
    except FileNotFoundError as error:
        raise NotFound(location=location) from error
    except (OSError, ValueError) as error:
        raise NotReadable(location=location, reason=str(error)) from error


@lru_cache(maxsize=MOST_ARCHIVES)
def _members(location: str, stamp: str) -> dict[str, Member]:
    """Return the archive's directory, read once for a process while the stamp stays."""
    with opened(location) as (span, _):
        return members_of(span, location)


@lru_cache(maxsize=MOST_ARCHIVES)
def _index(location: str, stamp: str) -> dict[bytes, int] | None:
    """Return the archive's index, read once for a process while the stamp stays.

    None also where the directory of an archive on a server is small: one request for all members
    is better than one for each.
    """
    with opened(location) as (span, _):
        if is_remote(location) and end_of(span, location).size < MOST_AT_ONCE:
            return None
        return index_of(span, location)


def _find(span: Span, location: str, stamp: str, name: str) -> Member | None:
    """Return a member by the index, else by the directory; that the index is wrong is told."""
    index = _index(location, stamp)
    if index is not None:
        found = indexed(span, index, name)
        if found is not None:
            return found
    member = _members(location, stamp).get(name)
    if index is not None and member is not None:
        title = f"{location}: the archive's index does not lead to {name}; its directory does."
        tell(Problem("archive.index", title, location, {"location": location, "name": name}))
    return member


@lru_cache(maxsize=MOST_ARCHIVES)
def _shallowest(location: str, stamp: str, name: str) -> str:
    """Return the folder, with its slash, of the highest member with this name; '' without one."""
    with opened(location) as (span, _):
        if _find(span, location, stamp, name) is not None:
            return ""
    ends = [x for x in _members(location, stamp) if x.rpartition("/")[2] == name]
    best = min(ends, key=lambda x: (x.count("/"), x), default=None)
    return "" if best is None else best.removesuffix(name)


def _unpacked(data: bytes, member: Member, shown: str) -> bytes:
    """Return a member's plain bytes, never more than its directory says. Raises OpenError."""
    if member.method == 8:
        data = _inflated(data, member.size, shown)
    elif member.method:
        name = METHODS.get(member.method, f"method {member.method}")
        advice = "Pack the archive again with Deflate, or without compression."
        raise NotSupported(location=shown, what=f"a member packed with {name}", advice=advice)
    if len(data) != member.size:
        reason = f"it unpacks to {len(data)} bytes, its archive says {member.size}"
        raise BrokenFile(location=shown, format="zip", reason=reason)
    if zlib.crc32(data) != member.crc:
        raise BrokenFile(
            location=shown, format="zip", reason="its check sum is wrong: the archive is damaged"
        )
    return data


def _inflated(data: bytes, size: int, shown: str) -> bytes:
    stream = zlib.decompressobj(wbits=-15)
    try:
        plain = stream.decompress(data, size + 1)
    except zlib.error as error:
        raise BrokenFile(
            location=shown, format="zip", reason=f"its packed data are damaged: {error}"
        ) from error
    if len(plain) <= size and not stream.eof:
        raise BrokenFile(location=shown, format="zip", reason="its packed data end too early")
    return plain
