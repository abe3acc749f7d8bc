"""Gzip data, unpacked within a limit."""

import gzip
import zlib

from twin.errors import NotReadable, TooLarge
from twin.files.addresses import LIMIT

_GZIP = b"\x1f\x8b"


def unpacked(data: bytes, location: str, limit: int = LIMIT) -> bytes:
    """Return gzip data unpacked, never more than ``limit`` bytes; other data as it is."""
    if not data.startswith(_GZIP):
        return data
    stream = zlib.decompressobj(wbits=31)
    try:
        plain = stream.decompress(data, limit + 1)
    except (zlib.error, gzip.BadGzipFile) as error:
        raise NotReadable(location=location, reason=f"gzip: {error}") from error
    if len(plain) > limit:
        raise TooLarge(location=location, what="the packed file", size=len(plain), limit=limit)
    if not stream.eof:
        raise NotReadable(location=location, reason="gzip: the data ends too early")
    return plain
