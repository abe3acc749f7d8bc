"""Picture files of any size, written strip by strip: PNG as it comes, JPEG and PDF by way of a file on disk.

Nothing ever holds the whole picture in memory of its own. A file appears under its name once it is whole.
"""

import struct
import tempfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import IO, Protocol, Self

import numpy as np
from PIL import Image

from twin.errors import NotReadable, UsageError
from twin.geometry import U8

QUALITY = 92
INCH = 39.3700787
"""Inches in a metre."""
LARGEST = 16_384


class Writer(Protocol):
    """Takes strips u8(h, width, 3) from the top downwards."""

    def add(self, strip: U8) -> None:
        """Write the next rows."""

    def finish(self) -> None:
        """Write what comes last."""

    def close(self) -> None:
        """Let go of everything."""


class Png:
    """A PNG whose rows are compressed as they come (RFC 2083, filter "up")."""

    def __init__(self, stream: IO[bytes], size: tuple[int, int], dpi: float, title: str) -> None:
        """Write the head."""
        self._stream = stream
        self._squeeze = zlib.compressobj(4)
        self._above = np.zeros(size[0] * 3, np.uint8)
        stream.write(b"\x89PNG\r\n\x1a\n")
        self._chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0))
        metre = round(dpi * INCH)
        self._chunk(b"pHYs", struct.pack(">IIB", metre, metre, 1))
        if title:
            self._chunk(b"iTXt", b"Title\0\0\0\0\0" + title.encode("utf-8"))

    def _chunk(self, kind: bytes, data: bytes) -> None:
        check = zlib.crc32(kind + data)
        self._stream.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check))

    def add(self, strip: U8) -> None:
        """Compress and write the next rows."""
        rows = strip.reshape(len(strip), -1)
        filtered = np.empty((len(rows), rows.shape[1] + 1), np.uint8)
        filtered[:, 0] = 2
        filtered[0, 1:] = rows[0] - self._above
        filtered[1:, 1:] = rows[1:] - rows[:-1]
        self._above = rows[-1].copy()
        packed = self._squeeze.compress(filtered.tobytes())
        if packed:
            self._chunk(b"IDAT", packed)

    def finish(self) -> None:
        """Write the tail."""
        self._chunk(b"IDAT", self._squeeze.flush())
        self._chunk(b"IEND", b"")

    def close(self) -> None:
        """Do nothing: the stream is another's."""


class Mapped:
    """Rows go to a file on disk, from which the library for pictures writes the whole."""

    kind = "JPEG"

    def __init__(self, stream: IO[bytes], size: tuple[int, int], dpi: float, title: str) -> None:
        """Make room on disk."""
        self._stream, self._size, self._dpi, self._title = stream, size, dpi, title
        # beside the result: there must be room for that, too
        self._file = tempfile.TemporaryFile(dir=Path(stream.name).parent)  # noqa: SIM115  closed in close()
        self._row = 0

    def add(self, strip: U8) -> None:
        """Put the next rows on disk."""
        self._file.write(np.ascontiguousarray(strip).tobytes())
        self._row += len(strip)

    def finish(self) -> None:
        """Write the picture."""
        width, height = self._size
        self._file.flush()
        pixels = np.memmap(self._file, np.uint8, "r", shape=(height, width, 3))
        image = Image.frombuffer("RGB", self._size, pixels, "raw", "RGB", 0, 1)
        self._save(image)

    def _save(self, image: Image.Image) -> None:
        image.save(
            self._stream, "JPEG", quality=QUALITY, subsampling=0, dpi=(self._dpi, self._dpi)
        )

    def close(self) -> None:
        """Give the room back."""
        self._file.close()


class Pdf(Mapped):
    """A page as large as the picture is at its dots per inch."""

    def _save(self, image: Image.Image) -> None:
        image.save(
            self._stream, "PDF", resolution=self._dpi, quality=QUALITY, title=self._title or None
        )


KINDS: Mapping[str, Callable[[IO[bytes], tuple[int, int], float, str], Writer]] = MappingProxyType(
    {".png": Png, ".jpg": Mapped, ".jpeg": Mapped, ".pdf": Pdf}
)
"""Endings of names, and what writes such files."""


class PictureFile:
    """A picture file that is written in strips. Leaving it early leaves no file behind.

    Raises UsageError for an ending that is not known, NotReadable where nothing can be written.
    """

    def __init__(self, path: Path, size: tuple[int, int], dpi: float, title: str = "") -> None:
        """Remember what to write."""
        if path.suffix.lower() not in KINDS:
            raise UsageError(reason=f"{path.name}: a picture ends in {', '.join(KINDS)}")
        self.path, self.size, self.dpi, self.title = path, size, dpi, title
        self._draft = path.with_name(f".{path.name}.part")
        self._rows = 0

    def __enter__(self) -> Self:
        """Open the draft."""
        try:
            self._stream = self._draft.open("wb")
            make = KINDS[self.path.suffix.lower()]
            self._writer = make(self._stream, self.size, self.dpi, self.title)
        except OSError as error:
            raise self._refused(error) from error
        return self

    def _refused(self, error: OSError) -> NotReadable:
        reason = error.strerror or "cannot be written"
        return NotReadable(location=str(self.path), reason=reason)

    def add(self, strip: U8) -> None:
        """Write the next rows u8(h, width, 3)."""
        self._rows += len(strip)
        try:
            self._writer.add(strip)
        except OSError as error:
            raise self._refused(error) from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put the whole file in its place, or take the draft away."""
        try:
            if kind is None and self._rows == self.size[1]:
                self._writer.finish()
                self._writer.close()
                self._stream.close()
                self._draft.replace(self.path)
        except OSError as wrong:
            raise self._refused(wrong) from wrong
        finally:
            self._writer.close()
            self._stream.close()
            self._draft.unlink(missing_ok=True)
