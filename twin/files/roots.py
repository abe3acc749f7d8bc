"""From a location to its root, from a reference to its bytes."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from twin.errors import NotFound, NotReadable, OutsideRoot
from twin.files.access import current
from twin.files.addresses import LIMIT, Root, below, is_remote
from twin.files.archive import ZIPS, Archive
from twin.files.folder import Folder
from twin.files.keys import shown
from twin.files.package import PACKAGES, Package
from twin.files.packed import unpacked
from twin.files.server import Server, full_address

ARCHIVES = (*ZIPS, *PACKAGES)
_REMOTE = re.compile(
    rf"(?P<file>https?://[^?#]+?(?:{'|'.join(map(re.escape, ZIPS))}))(?:/(?P<inside>[^?#]*))?$",
    re.IGNORECASE,
)
"""An archive on a server, and the member named in it."""


def open_root(location: str) -> tuple[Root, str]:
    """Return the root of a location and the address of the document in it.

    A folder gives the address ''. ``a.zip`` gives the archive and ''; ``a.zip/b/c.json`` the
    member ``c.json`` below ``b``. Nothing is read. Raises NotFound.
    """
    if is_remote(location):
        archive = _REMOTE.match(location)
        if archive is not None:
            folder, _, name = (archive["inside"] or "").rpartition("/")
            return Archive(archive["file"], f"{folder}/" if folder else ""), name
        parts = urlsplit(location)
        base, _, name = parts.path.rpartition("/")
        query = f"?{parts.query}" if parts.query else ""
        return Server(f"{parts.scheme}://{parts.netloc}{base}/"), name + query
    path = Path(location)
    try:
        if path.is_dir():
            return Folder(str(path)), ""
        if path.is_file():
            if is_archive(path.name):
                return _archive(str(path), ""), ""
            return Folder(str(path.parent)), path.name
        for parent in path.parents:
            if is_archive(parent.name) and parent.is_file():
                inside = path.relative_to(parent)
                folder = "" if len(inside.parts) == 1 else f"{inside.parent.as_posix()}/"
                return _archive(str(parent), folder), inside.name
    except (OSError, ValueError) as error:
        raise NotReadable(location=location, reason=str(error)) from error
    raise NotFound(location=location)


def is_archive(name: str) -> bool:
    """Return whether a file of this name holds documents."""
    return name.lower().endswith(ARCHIVES)


def _archive(location: str, inside: str) -> Root:
    kind = Package if location.lower().endswith(PACKAGES) else Archive
    return kind(location, inside)


def open_document(location: str, usual: str) -> tuple[Root, str]:
    """Return root and address of the document at a location: of that name where none is named.

    In a zip archive it may lie in a folder: then that folder is the root. Raises OpenError.
    """
    root, name = open_root(location)
    if not name and isinstance(root, Archive):
        return root.starting(usual), usual
    return root, name or usual


def resolve(root: Root, document: str, reference: str) -> str:
    """Return the address of a reference that stands in ``document`` (an address of the same root).

    Raises OutsideRoot for ``../`` beyond the root, absolute paths, drive letters, ``file:`` and
    every other scheme (a server's own host excepted), and names with a NUL.
    """
    if isinstance(root, Server):
        return full_address(root.location, document, reference)
    if is_remote(document) or (is_remote(reference) and current().allows(reference)):
        return full_address(document if is_remote(document) else reference, document, reference)
    return below(root.location, document, reference)


def read_reference(root: Root, address: str, limit: int = LIMIT) -> bytes:
    """Return the bytes of a resolved address, unpacked if gzip, whatever its spelling on disk."""
    if is_remote(address) and not isinstance(root, Server):
        if not current().allows(address):
            raise OutsideRoot(location=root.location, address=shown(address))
        return unpacked(Server(address).read(address, limit), shown(address), limit)
    missing: NotFound | None = None
    for name in root.names(address):
        try:
            where = shown(name) if is_remote(name) else f"{root.location}/{name}"
            return unpacked(root.read(name, limit), where, limit)
        except NotFound as error:
            missing = missing or error
    raise missing or NotFound(location=f"{root.location}/{address}")
