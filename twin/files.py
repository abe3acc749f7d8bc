"""Bytes from anywhere: a folder, an archive's members, a server. Addresses never leave their root.

An *address* is a plain relative name with ``/`` (``tiles/0/1.b3dm``); a *reference* is what stands
in a document (``../%E5%BB%BA.b3dm?v=2``). ``resolve`` turns one into the other and refuses what
leads outside, so a hostile document cannot read other files.
"""

import gzip
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urljoin, urlsplit

from twin.errors import NotFound, NotReadable, OutsideRoot, TooLarge

LIMIT = 4 << 30
"""The most bytes one read returns unless the caller says otherwise."""
ARCHIVES = (".zip", ".3tz", ".slpk")
_GZIP = b"\x1f\x8b"
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+-]*")
"""References that need no decoding: nearly all of them, and a tileset has a hundred thousand."""


class Root(Protocol):
    """Where the documents of one source lie. Implementations are frozen and picklable."""

    @property
    def location(self) -> str:
        """Return where it is, for messages."""
        ...

    def read(self, address: str, limit: int = LIMIT) -> bytes:
        """Return all bytes. Raises NotFound, NotReadable, OutsideRoot, TooLarge."""
        ...

    def names(self, address: str) -> tuple[str, ...]:
        """Return the spellings under which a reference may stand here, best first."""
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """Files below a local folder; links that lead outside it are refused too."""

    location: str

    def names(self, address: str) -> tuple[str, ...]:
        """Return the decoded spelling, then the literal one: some files are called ``a%2Bb``."""
        return _spellings(address)

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


@dataclass(frozen=True, slots=True)
class Archive:
    """Members of a zip archive (``.zip``, ``.3tz``, ``.slpk``), below the folder ``inside`` of it."""

    location: str
    inside: str = ""

    def names(self, address: str) -> tuple[str, ...]:
        """Return the decoded spelling, then the literal one."""
        return _spellings(address)

    def read(self, address: str, limit: int = LIMIT) -> bytes:
        """Return the bytes of one member; its unpacked size is checked first."""
        shown = f"{self.location}/{self.inside}{address}"
        with _zip(self.location) as archive:
            try:
                member = archive.getinfo(self.inside + address)
            except KeyError as error:
                raise NotFound(location=shown) from error
            if member.file_size > limit:
                raise TooLarge(location=shown, what="it", size=member.file_size, limit=limit)
            try:
                with archive.open(member) as stream:
                    data = stream.read(limit + 1)
            except (
                zipfile.BadZipFile,
                zlib.error,
                NotImplementedError,
                RuntimeError,
                EOFError,
                OSError,  # an offset before the file's beginning
                ValueError,
            ) as error:
                raise NotReadable(location=shown, reason=str(error)) from error
        if len(data) > limit:
            raise TooLarge(location=shown, what="it", size=len(data), limit=limit)
        return data


@dataclass(frozen=True, slots=True)
class Server:
    """Documents of one server (``http``, ``https``), by ranges where asked; same host only."""

    location: str
    timeout: float = 30.0

    def names(self, address: str) -> tuple[str, ...]:
        """Return the reference as it is: a server decodes by itself."""
        return (address,)

    def read(self, address: str, limit: int = LIMIT) -> bytes:
        """Return the bytes of one address; what grows over the limit is dropped."""
        client = _http()
        shown = urljoin(self.location, address)
        if urlsplit(shown)[:2] != urlsplit(self.location)[:2]:
            raise OutsideRoot(location=self.location, address=address)
        data = bytearray()
        try:
            with client.stream("GET", shown, timeout=self.timeout) as answer:
                if answer.status_code in (404, 410):
                    raise NotFound(location=shown)
                answer.raise_for_status()
                for block in answer.iter_bytes():
                    data += block
                    if len(data) > limit:
                        raise TooLarge(
                            location=shown, what="the answer", size=len(data), limit=limit
                        )
        except client.HTTPError as error:
            raise NotReadable(location=shown, reason=str(error) or type(error).__name__) from error
        return bytes(data)


def open_root(location: str) -> tuple[Root, str]:
    """Return the root of a location and the address of the document in it.

    A folder gives the address ''. ``a.zip`` gives the archive and ''; ``a.zip/b/c.json`` the
    member ``c.json`` below ``b``. Nothing is read. Raises NotFound.
    """
    if is_remote(location):
        parts = urlsplit(location)
        base, _, name = parts.path.rpartition("/")
        query = f"?{parts.query}" if parts.query else ""
        return Server(f"{parts.scheme}://{parts.netloc}{base}/"), name + query
    path = Path(location)
    try:
        if path.is_dir():
            return Folder(str(path)), ""
        if path.is_file():
            if path.suffix.lower() in ARCHIVES:
                return Archive(str(path)), ""
            return Folder(str(path.parent)), path.name
        for parent in path.parents:
            if parent.is_file() and parent.suffix.lower() in ARCHIVES:
                inside = path.relative_to(parent)
                folder = "" if len(inside.parts) == 1 else f"{inside.parent.as_posix()}/"
                return Archive(str(parent), folder), inside.name
    except (OSError, ValueError) as error:
        raise NotReadable(location=location, reason=str(error)) from error
    raise NotFound(location=location)


def is_remote(location: str) -> bool:
    """Return whether a location is an address on a server."""
    return location.lower().startswith(("http://", "https://"))


def resolve(root: Root, document: str, reference: str) -> str:
    """Return the address of a reference that stands in ``document`` (an address of the same root).

    Raises OutsideRoot for ``../`` beyond the root, absolute paths, drive letters, ``file:`` and
    every other scheme (a server's own host excepted), and names with a NUL.
    """
    if isinstance(root, Server):
        return _resolve_remote(root, document, reference)
    if _PLAIN.fullmatch(reference) and ".." not in reference:
        return _joined(document, reference) or ""
    plain = reference.partition("#")[0].partition("?")[0].replace("\\", "/")
    decoded = unquote(plain)
    for spelling in (plain, decoded.replace("\\", "/")):
        head = spelling.partition("/")[0]
        if not spelling or spelling.startswith("/") or ":" in head or "\0" in spelling:
            raise OutsideRoot(location=root.location, address=reference)
        if _joined(document, spelling) is None:
            raise OutsideRoot(location=root.location, address=reference)
    return _joined(document, plain) or ""


def read_reference(root: Root, address: str, limit: int = LIMIT) -> bytes:
    """Return the bytes of a resolved address, unpacked if gzip, whatever its spelling on disk."""
    missing: NotFound | None = None
    for name in root.names(address):
        try:
            return unpacked(root.read(name, limit), f"{root.location}/{name}", limit)
        except NotFound as error:
            missing = missing or error
    raise missing or NotFound(location=f"{root.location}/{address}")


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


def _joined(document: str, reference: str) -> str | None:
    """Return the normalised address, None if it leaves the root."""
    parts = document.split("/")[:-1]
    for part in reference.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _resolve_remote(root: Server, document: str, reference: str) -> str:
    full = urljoin(urljoin(root.location, document), reference)
    here, there = urlsplit(root.location), urlsplit(full)
    if there.scheme not in ("http", "https") or there.netloc != here.netloc:
        raise OutsideRoot(location=root.location, address=reference)
    return full


def _spellings(address: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for text in (unquote(address), address):
        for form in (text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)):
            found.setdefault(form)
    return tuple(found)


@contextmanager
def _zip(location: str) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(location)
    except FileNotFoundError as error:
        raise NotFound(location=location) from error
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise NotReadable(location=location, reason=str(error)) from error
    with archive:
        yield archive


def _http() -> Any:
    """Return httpx. Loaded when a server is really asked: it costs a tenth of a second at start."""
    return import_module("httpx")
