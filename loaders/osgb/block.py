"""Where the files of a block lie: its root files, its metadata, names in every spelling."""

import os
import re
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from urllib.parse import quote, unquote

from loaders.osgb.metadata import MOST_BYTES, NAME
from twin.errors import NotReadable, OpenError, OutsideRoot
from twin.files import Folder, Root, open_root, read_reference, resolve

SUFFIX = ".osgb"
MOST_FILES = 200_000
"""The most entries of one folder that are looked at."""
_LEVEL = re.compile(r"_L\d+(_|$)")


@dataclass(frozen=True, slots=True)
class Block:
    """The root of a block, the addresses of its root files, the octets of its metadata.xml."""

    root: Root
    files: tuple[str, ...]
    title: str
    metadata: bytes | None = None


def find(location: str) -> Block:
    """Return the block at a location: a folder, a single file, a member of an archive.

    The metadata of a block lies up to two folders above its tiles; then that folder is the root.
    Raises OpenError.
    """
    root, name = open_root(location)
    if isinstance(root, Folder):
        return _local(Path(root.location).absolute(), name)
    if not name:
        raise NotReadable(
            location=location, reason="name the .osgb file in the archive, or unpack the block"
        )
    metadata = _read(root, NAME)
    return Block(root, (quote(name),), Path(name).stem, metadata)


def root_of(location: str) -> Root:
    """Return the root of the block at a location, without looking for its files. Raises OpenError."""
    root, _ = open_root(location)
    if isinstance(root, Folder):
        return Folder(str(_with_metadata(Path(root.location).absolute())))
    return root


def _local(folder: Path, name: str) -> Block:
    top = _with_metadata(folder)
    inside = folder.relative_to(top)
    root = Folder(str(top))
    metadata = _read(root, Names(top).spelled(NAME) or NAME)
    if name:
        return Block(root, (_address(inside / name),), Path(name).stem, metadata)
    files: tuple[Path, ...] = ()
    for place in (folder, *_subfolders(folder, "data")):
        files += tuple(_roots(place))
    addresses = tuple(_address(path.relative_to(top)) for path in files)
    return Block(root, addresses, folder.name or str(folder), metadata)


def _with_metadata(folder: Path) -> Path:
    """Return the folder that holds metadata.xml: this one or one of the two above; else this one."""
    for place in (folder, *folder.parents[:2]):
        if Names(place).spelled(NAME) is not None:
            return place
    return folder


def _roots(folder: Path) -> list[Path]:
    """Return the root files in a folder: of each tile's folder in it, and its own loose files."""
    loose, folders = [], []
    for entry in _entries(folder):
        if entry.is_dir():
            folders.append(entry)
        elif entry.suffix.lower() == SUFFIX:
            loose.append(entry)
    found = _tops(loose)
    for inner in folders:
        named = Names(inner).spelled(f"{inner.name}{SUFFIX}")
        if named is not None:
            found.append(inner / named)
        elif inner.name.lower() != "data":
            found += _tops([e for e in _entries(inner) if e.suffix.lower() == SUFFIX])
    return found


def _tops(files: list[Path]) -> list[Path]:
    """Return the files that are not finer levels of others, by their names (``..._L19_012.osgb``)."""
    stems = {path.stem for path in files}

    def below(stem: str) -> bool:
        found = _LEVEL.search(stem)
        return found is not None and stem[: found.start()] in stems

    return [path for path in files if not below(path.stem)]


def _entries(folder: Path) -> list[Path]:
    try:
        found = sorted(folder.iterdir())[:MOST_FILES]
    except OSError as error:
        raise NotReadable(location=str(folder), reason=str(error)) from error
    return found


def _subfolders(folder: Path, name: str) -> list[Path]:
    return [e for e in _entries(folder) if e.name.lower() == name and e.is_dir()]


@dataclass(slots=True)
class Names:
    """The files of a folder by name, capitals aside; listed once, when a name is not there as it is."""

    folder: Path
    _listed: dict[str, str] | None = None

    def spelled(self, name: str) -> str | None:
        """Return how a name is spelled in the folder; None where it is not there."""
        try:
            if (self.folder / name).is_file():
                return name
            if self._listed is None:
                found = islice(os.scandir(self.folder), MOST_FILES)
                self._listed = {e.name.lower(): e.name for e in found if e.is_file()}
        except (OSError, ValueError):
            return None
        return self._listed.get(name.lower())


def _address(path: Path) -> str:
    return quote(path.as_posix())


def plain(address: str) -> str:
    """Return an address as it is spelled on disk."""
    return unquote(address)


def _read(root: Root, name: str) -> bytes | None:
    try:
        return root.read(name, MOST_BYTES)
    except OpenError:
        return None


def beside(root: Root, document: str, name: str) -> str:
    """Return the address of a name that stands in a file: a plain path, with / or \\. Raises OutsideRoot."""
    return resolve(root, document, quote(name.replace("\\", "/")))


@dataclass(slots=True)
class Delivered:
    """Tells which files lie in a root, remembering the folders it has listed.

    What lies on a server or in an archive is taken to be there until it is fetched.
    """

    root: Root
    _folders: dict[Path, Names] = field(default_factory=dict)

    def __call__(self, address: str) -> str | None:
        """Return the address under which a file lies, capitals aside; None where it is missing."""
        if not isinstance(self.root, Folder):
            return address
        inside = Path(unquote(address))
        folder = Path(self.root.location) / inside.parent
        named = self._folders.setdefault(folder, Names(folder)).spelled(inside.name)
        if named is None:
            return None
        return address if named == inside.name else _address(inside.parent / named)


def head_of(root: Root, address: str, size: int) -> bytes:
    """Return the first bytes of a file. Raises NotReadable, OutsideRoot."""
    if not isinstance(root, Folder):
        return read_reference(root, address)[:size]
    path = Path(root.location) / unquote(address)
    try:
        if not path.resolve().is_relative_to(Path(root.location).resolve()):
            raise OutsideRoot(location=root.location, address=plain(address))
        with path.open("rb") as stream:
            return stream.read(size)
    except OSError as error:
        raise NotReadable(location=str(path), reason=str(error)) from error
