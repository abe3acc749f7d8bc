"""Files beside a document and members of archives: the only addresses that are followed."""

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from twin.errors import BrokenFile, NotFound, NotReadable, OutsideRoot, TooLarge

LARGEST_PICTURE = 256 * 2**20
MOST_INFLATED = 400
"""A zip member that claims to grow more than this many times is refused."""


def inflated(archive: zipfile.ZipFile, name: str, location: str, limit: int) -> bytes:
    """Return a member's bytes. Raises TooLarge for one that is, or claims to be, larger than the limit."""
    info = archive.getinfo(name)
    limit = min(limit, max(MOST_INFLATED * info.compress_size, 2**20))
    if info.file_size > limit:
        raise TooLarge(location=location, what=name, size=info.file_size, limit=limit)
    with archive.open(info) as member:
        return member.read(limit)


@dataclass(frozen=True, slots=True)
class Beside:
    """The files that lie beside a document: in its folder, or in the same zip. Nothing else is read."""

    location: str
    format: str

    def read(self, address: str) -> bytes:
        """Return a file's bytes. Raises OutsideRoot, NotFound, NotReadable, TooLarge, BrokenFile."""
        parts = PurePosixPath(address.replace("\\", "/"))
        if "://" in address or parts.is_absolute() or ".." in parts.parts or ":" in address[:3]:
            raise OutsideRoot(location=self.location, address=address)
        if zipfile.is_zipfile(self.location):
            return self._from_zip(str(parts))
        root = Path(self.location).resolve().parent
        path = (root / parts).resolve()
        if not path.is_relative_to(root):
            raise OutsideRoot(location=self.location, address=address)
        try:
            size = path.stat().st_size
            if size > LARGEST_PICTURE:
                raise TooLarge(
                    location=self.location, what=address, size=size, limit=LARGEST_PICTURE
                )
            return path.read_bytes()
        except FileNotFoundError as error:
            raise NotFound(location=str(path)) from error
        except (OSError, ValueError) as error:
            raise NotReadable(location=str(path), reason=str(error)) from error

    def _from_zip(self, name: str) -> bytes:
        try:
            with zipfile.ZipFile(self.location) as archive:
                for known in archive.namelist():
                    if known == name or known.endswith("/" + name):
                        return inflated(archive, known, self.location, LARGEST_PICTURE)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            raise BrokenFile(
                location=self.location, format=self.format, reason=f"{name}: {error}"
            ) from error
        raise NotFound(location=f"{self.location}!{name}")
