"""The one model in an .ifczip, unpacked with its declared size, its method and its checksum checked.

Windows' own archiver packs what is large with Deflate64 (method 9), which Python's zipfile does not
know: its raw bytes go through the library inflate64 then.
"""

import os
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from twin.errors import BrokenFile, NotReadable, NotSupported, OutsideRoot, TooLarge
from twin.messages import text
from twin.records import Problem

MOST_BYTES = 4 << 30
MOST_RATIO = 200
"""STEP text packs 5 to 12 times; a member that claims more than this is a bomb."""
DEFLATE64 = 9
BLOCK = 1 << 20
SMALL_BLOCK = 1 << 14
"""What is given to Deflate64 at once: it answers with as much as it makes of it."""
LOCAL_HEADER = struct.Struct("<4s5H3I2H")
XML = (".ifcxml", ".xml")


@contextmanager
def unpacked(location: str) -> Iterator[tuple[str, tuple[Problem, ...]]]:
    """Yield a temporary copy of the model in an archive, and what is to be said about the archive.

    Raises BrokenFile, NotReadable, NotSupported, OutsideRoot, TooLarge.
    """
    handle, name = tempfile.mkstemp(suffix=".ifc", prefix="citytwin-")
    try:
        with os.fdopen(handle, "wb") as target:
            problems = _unpack(location, target)
        yield name, problems
    finally:
        Path(name).unlink(missing_ok=True)


def _unpack(location: str, target: BinaryIO) -> tuple[Problem, ...]:
    """Write the model into an open file; return what is to be said about the archive."""
    try:
        with zipfile.ZipFile(location) as archive:
            models = _models(location, archive.infolist())
            member = models[0]
            _check(location, member)
            if member.compress_type == DEFLATE64:
                _copy(location, _inflated(location, member), target, member)
            else:
                with archive.open(member) as stream:
                    _copy(location, iter(lambda: stream.read(BLOCK), b""), target, member)
    except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError) as error:
        raise BrokenFile(location=location, format="IFC", reason=f"zip: {error}") from error
    except (OSError, RuntimeError, NotImplementedError) as error:
        raise NotReadable(location=location, reason=f"zip: {error}") from error
    return (_several(models),) if len(models) > 1 else ()


def _models(location: str, members: Sequence[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Return the STEP models in an archive, in its order; Apple's shadow files are none."""
    found = [
        item
        for item in members
        if item.filename.lower().endswith(".ifc") and "__macosx/" not in item.filename.lower()
    ]
    if found:
        return found
    if any(item.filename.lower().endswith(XML) for item in members):
        advice = "Export it as .ifc (STEP) instead."
        raise NotSupported(location=location, what="ifcXML", advice=advice)
    names = ", ".join(item.filename for item in members[:3]) or "nothing"
    raise BrokenFile(location=location, format="IFC", reason=f"the zip holds {names}, no .ifc")


def _several(models: Sequence[zipfile.ZipInfo]) -> Problem:
    names = ", ".join(item.filename for item in models[1:6])
    params = {"count": len(models), "shown": models[0].filename, "others": names}
    return Problem("ifc.zip_several", text("problem.ifc.zip_several", **params), "", params)


def _check(location: str, member: zipfile.ZipInfo) -> None:
    """Refuse a member that leaves its root, needs a password or claims too much."""
    parts = member.filename.replace("\\", "/").split("/")
    if ".." in parts or member.filename.startswith(("/", "\\")) or ":" in parts[0]:
        raise OutsideRoot(location=location, address=member.filename)
    if member.flag_bits & 1:
        advice = "Ask for the archive without a password."
        raise NotSupported(location=location, what="an encrypted member", advice=advice)
    limit = min(MOST_BYTES, max(member.compress_size, 4096) * MOST_RATIO)
    if member.file_size > limit:
        raise TooLarge(location=location, what="the member", size=member.file_size, limit=limit)


def _copy(
    location: str, blocks: Iterator[bytes], target: BinaryIO, member: zipfile.ZipInfo
) -> None:
    """Write blocks, never more than the member declares, and hold them against its checksum."""
    written, checksum = 0, 0
    for block in blocks:
        written += len(block)
        if written > member.file_size:
            raise TooLarge(
                location=location, what="the member", size=written, limit=member.file_size
            )
        checksum = zlib.crc32(block, checksum)
        target.write(block)
    if written != member.file_size or checksum != member.CRC:
        reason = f"zip: {member.filename} is cut off or damaged"
        raise BrokenFile(location=location, format="IFC", reason=reason)


def _inflated(location: str, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield what a member packed with Deflate64 holds (APPNOTE 4.3.7 for the header before it)."""
    inflater: Any = import_module("inflate64").Inflater()
    with Path(location).open("rb") as stream:
        stream.seek(member.header_offset)
        header = stream.read(LOCAL_HEADER.size)
        if len(header) < LOCAL_HEADER.size or header[:4] != b"PK\3\4":
            raise BrokenFile(location=location, format="IFC", reason="zip: no member header")
        *_, name, extra = LOCAL_HEADER.unpack(header)
        stream.seek(name + extra, os.SEEK_CUR)
        left = member.compress_size
        while left > 0 and not inflater.eof and (block := stream.read(min(left, SMALL_BLOCK))):
            left -= len(block)
            try:
                yield inflater.inflate(block)
            except (ValueError, RuntimeError) as error:
                reason = f"zip: Deflate64: {error}"
                raise BrokenFile(location=location, format="IFC", reason=reason) from error
