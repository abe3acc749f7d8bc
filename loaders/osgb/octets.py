"""The bytes of one file: header, byte order, packing, brackets. Nothing is taken before it is checked."""

import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders.osgb import MAGICS
from twin.errors import BrokenFile, NotSupported, OpenError, TooLarge

MOST_PLAIN = 1 << 29
"""The most bytes a packed file may unpack to."""
SCENE = 1
WIDE_BRACKETS = 149
"""From this version on a bracket holds 64 bits."""


@dataclass(slots=True)
class Octets:
    """A place in the bytes of a file. Every method moves it on; every one raises BrokenFile at the end.

    ``partly``: the bytes are only the beginning, so a bracket may reach further.
    """

    data: bytes
    location: str
    at: int = 0
    order: str = "<"
    version: int = 0
    bracket_size: int = 0
    partly: bool = False
    _structs: dict[str, struct.Struct] = field(default_factory=dict)

    def broken(self, reason: str) -> OpenError:
        """Return the error that names the place."""
        text = f"byte {self.at}: {reason} (version {self.version})"
        return BrokenFile(location=self.location, format="OSGB", reason=text)

    def take(self, size: int) -> bytes:
        """Return the next bytes."""
        if size < 0 or size > len(self.data) - self.at:
            left = len(self.data) - self.at
            raise self.broken(f"{size} bytes are announced, {left} are left")
        self.at += size
        return self.data[self.at - size : self.at]

    def numbers(self, form: str) -> tuple[Any, ...]:
        """Return the next numbers by a ``struct`` form without byte order."""
        found = self._structs.get(form)
        if found is None:
            found = self._structs[form] = struct.Struct(self.order + form)
        if found.size > len(self.data) - self.at:
            raise self.broken("the data ends too early")
        self.at += found.size
        return found.unpack_from(self.data, self.at - found.size)

    def u32(self) -> int:
        """Return an unsigned integer."""
        return int(self.numbers("I")[0])

    def i32(self) -> int:
        """Return a signed integer."""
        return int(self.numbers("i")[0])

    def flag(self) -> bool:
        """Return a truth value of one byte."""
        return self.take(1) != b"\0"

    def text(self) -> str:
        """Return a text: UTF-8, or else the Chinese code page that Windows programs write."""
        raw = self.take(self.i32())
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("gb18030", "replace")

    def array(self, dtype: str, rows: int, width: int = 1) -> NDArray[Any]:
        """Return rows x width numbers (rows alone for width 1) as an array in native order."""
        kind = np.dtype(self.order + dtype)
        size = rows * width * kind.itemsize
        if rows < 0 or size > len(self.data) - self.at:
            raise self.broken(f"an array of {rows} x {width} does not fit into the file")
        found = np.frombuffer(self.data, kind, rows * width, self.at)
        self.at += size
        found = found.astype(kind.newbyteorder("="), copy=False)
        return found.reshape(rows, width) if width > 1 else found

    def bracket(self) -> int:
        """Return where the bracket that opens here ends; -1 where the file has no brackets."""
        if not self.bracket_size:
            return -1
        start = self.at
        size = int(self.numbers("q" if self.bracket_size == 8 else "i")[0])
        if size < self.bracket_size or (size > len(self.data) - start and not self.partly):
            raise self.broken(f"a bracket of {size} bytes")
        return start + size


def opened(data: bytes, location: str, *, partly: bool = False) -> Octets:
    """Return the place of the first object, behind the header, unpacked.

    ``partly``: ``data`` is only the beginning of a file. Raises BrokenFile, NotSupported, TooLarge.
    """
    if not data.startswith(MAGICS):
        raise BrokenFile(
            location=location, format="OSGB", reason="it does not start as OpenSceneGraph data"
        )
    order = "<" if data.startswith(MAGICS[0]) else ">"
    found = Octets(data, location, 8, order, partly=partly)
    kind, found.version, attributes = found.numbers("III")
    if kind != SCENE:
        raise NotSupported(
            location=location, what=f"OSGB content of type {kind}", advice="Export it as a scene."
        )
    if attributes & 4:
        found.bracket_size = 8 if found.version >= WIDE_BRACKETS else 4
    if attributes & 1:
        for _ in range(found.u32()):
            found.text()
            found.i32()
    packing = found.text()
    if packing == "zlib":
        found.data, found.at = _unpacked(data[found.at :], location, partly=partly), 0
    elif packing != "0":
        raise NotSupported(
            location=location,
            what=f"the OSGB compressor {packing[:40]!r}",
            advice="Convert it with osgconv -O Compressor=zlib.",
        )
    if attributes & 2:
        found.text()  # the writer's list of properties: its version says the same
    return found


def _unpacked(data: bytes, location: str, *, partly: bool) -> bytes:
    """Return zlib or gzip data unpacked, never more than the most."""
    stream = zlib.decompressobj(wbits=47)
    most = min(MOST_PLAIN, 16 * len(data) if partly else MOST_PLAIN)
    try:
        plain = stream.decompress(data, most)
    except zlib.error as error:
        raise BrokenFile(location=location, format="OSGB", reason=f"zlib: {error}") from error
    if partly or stream.eof:
        return plain
    if len(plain) >= MOST_PLAIN:
        raise TooLarge(
            location=location, what="the packed file", size=len(plain), limit=MOST_PLAIN
        )
    raise BrokenFile(
        location=location, format="OSGB", reason="zlib: the packed data ends too early"
    )
