"""Files below a local folder."""

from dataclasses import dataclass
from pathlib import Path

from twin.errors import NotFound, NotReadable, OutsideRoot, TooLarge
from twin.files.addresses import LIMIT, spellings


@dataclass(frozen=True, slots=True)
class Folder:
    """Files below a local folder; links that lead outside it are refused too."""

    location: str

    def names(self, address: str) -> tuple[str, ...]:
        """Return the decoded spelling, then the literal one: some files are called ``a%2Bb``."""
        return spellings(address)

    def read(self, address: str, limit: int = LIMIT) -> bytes:
        """Return the bytes of one file."""
        root = Path(self.location)
        shown = f"{self.location}/{address}"
        try:
            inside = root.resolve()
            path = (root / address).resolve()
            if not path.is_relative_to(inside):
                raise OutsideRoot(location=self.location, address=address)
            if not path.is_file():
                raise NotFound(location=shown)
            size = path.stat().st_size
            if size > limit:
                raise TooLarge(location=shown, what="the file", size=size, limit=limit)
            return path.read_bytes()
        except (OSError, ValueError, RuntimeError) as error:
            raise NotReadable(location=shown, reason=str(error)) from error
