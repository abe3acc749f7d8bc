"""A KMZ file: a KML file and the pictures it shows in one zip archive (OGC 07-147r2, annex C).

Pictures of others are taken by name from the archive alone: nothing outside of it is read, nothing is unpacked
to a disk, and sizes are those that the archive declares before a byte is unpacked.
"""

import hashlib
import io
import posixpath
import zipfile
from collections.abc import Mapping
from dataclasses import replace

from twin.errors import BrokenFile, OpenError
from twin.files import Archive
from twin.presenting.carried import MOST_BYTES, Carried
from twin.presenting.frames import Earth
from twin.presenting.kml import from_kml, to_kml
from twin.presenting.records import PICTURE_BYTES, suffix_of

DOCUMENT = "doc.kml"
FOLDER = "files"
MOST_PICTURES = 256 * 1024 * 1024
"""Bytes of all pictures together."""
STAMP = (1980, 1, 1, 0, 0, 0)
"""The time of every member: the same records give the same bytes."""


def to_kmz(carried: Carried, earth: Earth, title: str) -> bytes:
    """Return the archive with views, marks and pictures. Raises UsageError."""
    names = {
        key: f"{FOLDER}/{key[:16]}{suffix_of(data)}"
        for key, data in sorted(carried.files.items())
        if suffix_of(data)
    }
    members = {DOCUMENT: to_kml(carried, earth, title, names)}
    members |= {name: carried.files[key] for key, name in names.items()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            member = zipfile.ZipInfo(name, STAMP)
            member.create_system, member.external_attr = 3, 0o100644 << 16
            packs = name == DOCUMENT  # pictures are packed already
            member.compress_type = zipfile.ZIP_DEFLATED if packs else zipfile.ZIP_STORED
            archive.writestr(member, data)
    return stream.getvalue()


def from_kmz(location: str, earth: Earth) -> Carried:
    """Return what an archive holds that can be a view or a mark. Raises OpenError."""
    archive = Archive(location)
    sizes = {name: size for name, size in archive.sizes().items() if inside(name)}
    documents = [name for name in sizes if name.lower().endswith(".kml")]
    if not documents:
        raise BrokenFile(location=location, format="KMZ", reason="there is no KML file in it")
    document = min(documents, key=lambda x: (x != DOCUMENT, x.count("/"), x))
    pictures = _Pictures(archive, sizes, posixpath.dirname(document))
    data = archive.read(document, MOST_BYTES)
    found = from_kml(data, f"{location}/{document}", earth, pictures.take)
    return replace(found, left_out=[*found.left_out, *pictures.left], files=pictures.files)


class _Pictures:
    """The pictures of one archive, each read once."""

    def __init__(self, archive: Archive, sizes: Mapping[str, int], folder: str) -> None:
        self.archive, self.sizes, self.folder = archive, sizes, folder
        self.files: dict[str, bytes] = {}
        self.left: list[str] = []
        self._known: dict[str, str] = {}
        self._taken = 0

    def take(self, reference: str) -> str:
        """Return the SHA-256 of the picture that a KML file refers to; '' for one that is not to be had."""
        if reference not in self._known:
            self._known[reference] = self._read(reference)
        return self._known[reference]

    def _read(self, reference: str) -> str:
        name = posixpath.normpath(posixpath.join(self.folder, reference))
        size = self.sizes.get(name, 0) if inside(name) else 0
        if not 0 < size <= PICTURE_BYTES or self._taken + size > MOST_PICTURES:
            self.left.append("picture that is not in the file or too large")
            return ""
        try:
            data = self.archive.read(name, PICTURE_BYTES)
        except OpenError:
            self.left.append("picture that cannot be read")
            return ""
        if not suffix_of(data):
            self.left.append("picture that is neither PNG nor JPEG")
            return ""
        self._taken += size
        key = hashlib.sha256(data).hexdigest()
        self.files[key] = data
        return key


def inside(name: str) -> bool:
    """Return whether the name of a member stays in its archive."""
    parts = name.replace("\\", "/").split("/")
    return (
        bool(name) and not name.startswith(("/", "\\")) and ".." not in parts and ":" not in name
    )
