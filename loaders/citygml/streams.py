"""The bytes of a document: of a file, or unpacked on the way from a gzip or from a zip with one document."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from twin.errors import BrokenFile, NotFound, NotReadable, NotSupported, TooLarge

FORMAT = "CityGML"
DOCUMENTS = (".gml", ".citygml", ".xml")
MOST_INFLATED = 400
"""A packed document that grows to more than this many times (and 1 MiB) is not read on."""


class Bytes(Protocol):
    """What is read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes, b'' at the end."""
        ...


class Counted:
    """A stream that counts what was read of it and stops at a limit; ``share`` is how much that was, 0..1."""

    def __init__(self, stream: Bytes, location: str, size: int, limit: int) -> None:
        """Read ``stream`` of about ``size`` bytes, at most ``limit``."""
        self._stream, self._location = stream, location
        self._size, self._limit = max(size, 1), limit
        self._done = 0

    @property
    def share(self) -> float:
        """Return how much of the document was read, 0..1."""
        return min(self._done / self._size, 1.0)

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes. Raises TooLarge."""
        found = self._stream.read(size)
        self._done += len(found)
        if self._done > self._limit:
            raise TooLarge(
                location=self._location, what="the packed file", size=self._done, limit=self._limit
            )
        return found


@contextmanager
def document(location: str) -> Iterator[Counted]:
    """Open a document. Raises OpenError, also for what goes wrong while it is read."""
    path = Path(location)
    try:
        if path.is_dir():
            raise NotReadable(location=location, reason="it is a folder")
        size = path.stat().st_size
        with path.open("rb") as file:
            magic = file.read(4)
            file.seek(0)
            if magic == b"PK\x03\x04":
                with (
                    zipfile.ZipFile(file) as archive,
                    archive.open(_only(archive, location)) as member,
                ):
                    yield Counted(member, location, _size(archive, location), _limit(size))
            elif magic[:2] == b"\x1f\x8b":
                with gzip.open(file) as unpacked:
                    yield Counted(unpacked, location, 10 * size, _limit(size))
            else:
                yield Counted(file, location, size, size)
    except FileNotFoundError as error:
        raise NotFound(location=location) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile, RuntimeError) as error:
        raise BrokenFile(
            location=location, format=FORMAT, reason=f"the archive: {error}"
        ) from error
    except (OSError, ValueError) as error:
        raise NotReadable(location=location, reason=str(error)) from error


def _limit(packed: int) -> int:
    return max(MOST_INFLATED * packed, 2**20)


def _only(archive: zipfile.ZipFile, location: str) -> str:
    """Return the name of the one document in an archive. Raises BrokenFile, NotSupported."""
    names = [name for name in archive.namelist() if not name.startswith("__MACOSX/")]
    for suffix in DOCUMENTS:
        found = [name for name in names if name.lower().endswith(suffix)]
        if len(found) > 1:
            what = f"an archive of {len(found)} documents"
            raise NotSupported(
                location=location, what=what, advice="Unpack it and open its folder."
            )
        if found:
            return found[0]
    raise BrokenFile(location=location, format=FORMAT, reason="the archive holds no document")


def _size(archive: zipfile.ZipFile, location: str) -> int:
    return archive.getinfo(_only(archive, location)).file_size
