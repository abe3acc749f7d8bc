"""A BCF archive as records: 2.1 and 3.0. What is wrong with a part is a problem of the file, listed.

Every member is kept: what is no document of the schema is an attachment of its topic or of the root.
Names that lead outside, and members beyond the limits, are refused; nothing is written to a disk.
"""

import hashlib
import posixpath
import re
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid5

from twin.errors import BrokenFile, NotSupported, OpenError, TooLarge
from twin.exchange.bcf.binding import Reader, Shape
from twin.exchange.bcf.model import Attachment, Bcf, Document, Extensions, Frame, Topic, Viewpoint
from twin.exchange.bcf.older import PLACES, Moved, allowed, framed
from twin.exchange.bcf.shapes import (
    DOCUMENTS,
    EXTENSIONS,
    MARKUP,
    OLD_MARKUP,
    OLD_SCENE,
    PROJECT,
    SCENE,
    Markup,
)
from twin.exchange.xml import parsed
from twin.files import Archive
from twin.ports import SILENT, Feedback

MOST_MEMBERS = 200_000
MOST_BYTES = 1 << 30
"""The most that all members may be unpacked."""
MOST_XML = 64 << 20
"""The most bytes of one document: a viewpoint that names half a million objects."""
SUFFIXES = (".bcf", ".bcfzip")
KNOWN = ("2.1", "3.0")
VERSION, PROJECT_FILE, EXTENSION_FILE, DOCUMENT_FILE = (
    "bcf.version", "project.bcfp", "extensions.xml", "documents.xml",
)  # fmt: skip
MARKUP_FILE = "markup.bcf"


def is_bcf(location: str) -> bool:
    """Return whether a location is named like a BCF file."""
    return location.lower().endswith(SUFFIXES)


def read(location: str, feedback: Feedback = SILENT) -> Bcf:
    """Return what a BCF file says.

    Raises OpenError for what is no BCF archive, NotSupported for other versions than 2.1 and 3.0,
    TooLarge beyond the limits, Cancelled.
    """
    return _Reading(location).whole(feedback)


@dataclass
class _Reading:
    """One file being read. ``left`` are the members that nobody has taken yet, by name."""

    location: str
    problems: list[Any] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    old: bool = False

    def __post_init__(self) -> None:
        self.archive = Archive(self.location)
        self.reader = Reader(self.location, self.problems)
        self.left = self._members()
        self.moved = Moved(self.reader, self.left.get)

    def _members(self) -> dict[str, int]:
        sizes = self.archive.sizes()
        if len(sizes) > MOST_MEMBERS:
            raise TooLarge(
                location=self.location, what="it", size=len(sizes), limit=f"{MOST_MEMBERS} members"
            )
        total = sum(sizes.values())
        if total > MOST_BYTES:
            raise TooLarge(
                location=self.location, what="its content", size=total, limit=MOST_BYTES
            )
        found = {}
        for name, size in sizes.items():
            if not _safe(name):
                self.reader.said("outside", name=name[:200])
            elif not name.endswith("/"):
                found[name] = size
        return found

    def whole(self, feedback: Feedback) -> Bcf:
        """Read everything."""
        version = self._version()
        self.old = version == "2.1"
        frame = self._frame()
        folders = sorted(x.partition("/")[0] for x in self.left if _is_markup(x))
        topics: dict[str, Topic] = {}
        for number, folder in enumerate(folders):
            feedback.check()
            feedback.progress(number / len(folders), "topics")
            topic = self._topic(folder, topics)
            if topic is not None:
                topics[topic.guid] = topic
        frame = self._rounded(frame)
        ordered = sorted(topics.values(), key=_order)
        return Bcf(tuple(ordered), frame, self.blobs, version, tuple(self.problems))

    def _version(self) -> str:
        """Return the version the file says; without a word what its parts tell."""
        if VERSION not in self.left:
            if not any(_is_markup(name) for name in self.left):
                raise BrokenFile(location=self.location, format="BCF", reason="it has no topics")
            found = "3.0" if EXTENSION_FILE in self.left else "2.1"
            self.reader.said("version", version=found)
            return found
        root, _ = parsed(self._take(VERSION), f"{self.location}/{VERSION}", "BCF")
        found = str(root.get("VersionId", "")).strip()
        known = next((x for x in KNOWN if found == x or found.startswith(f"{x}.")), None)
        if known is None:
            advice = "Export the topics as BCF 2.1 or 3.0."
            raise NotSupported(location=self.location, what=f"BCF {found or '?'}", advice=advice)
        return known

    # -- round the topics ---------------------------------------------------------------------

    def _frame(self) -> Frame:
        project = self._document(PROJECT_FILE, PROJECT)
        frame = Frame() if project is None else replace(project.frame, outside=project.more)
        extensions = self._document(EXTENSION_FILE, EXTENSIONS)
        if extensions is None and self.old and project is not None and project.schema:
            extensions = self._schema(project.schema)
        listed = self._document(DOCUMENT_FILE, DOCUMENTS)
        documents: tuple[Document, ...] = () if listed is None else listed.documents
        frame = replace(frame, extensions=extensions or Extensions(), documents=documents)
        return frame if listed is None else replace(frame, listing=listed.more)

    def _schema(self, name: str) -> Extensions | None:
        """Return the lists of the schema that a 2.1 project names; the file itself stays."""
        if name not in self.left:
            self.reader.said("schema", name=name)
            return None
        try:
            root, _ = parsed(self._bytes(name, MOST_XML), f"{self.location}/{name}", "XML")
        except OpenError as error:
            self.reader.said("part", name=name, reason=str(error))
            return None
        return allowed(root)

    def _rounded(self, frame: Frame) -> Frame:
        """Return the frame with the documents that moved into it and all files nobody else has."""
        known = {document.guid for document in frame.documents}
        more = tuple(x for key, x in self.moved.documents.items() if key not in known)
        places = self.moved.sources
        files = tuple(self._attached(name, places.get(name, name)) for name in sorted(self.left))
        return replace(
            frame, documents=(*frame.documents, *more), files=tuple(filter(None, files))
        )

    # -- a topic ------------------------------------------------------------------------------

    def _topic(self, folder: str, topics: dict[str, Topic]) -> Topic | None:
        name = f"{folder}/{MARKUP_FILE}"
        markup: Markup | None = self._document(name, OLD_MARKUP if self.old else MARKUP)
        if markup is None:
            return None
        if markup.topic.guid in topics:
            self.reader.said("twice", markup.topic.guid, name=folder)
            return None
        self.left.pop(name, None)
        topic = (
            self.moved.upgraded(markup, folder)
            if self.old
            else replace(markup.topic, models=markup.models, outside=markup.more)
        )
        topic = replace(topic, viewpoints=self._unlisted(topic, folder))
        topic = self._single(topic)
        views = tuple(self._viewpoint(view, folder, topic.guid) for view in topic.viewpoints)
        return replace(topic, viewpoints=views, files=self._folder_files(folder))

    def _unlisted(self, topic: Topic, folder: str) -> tuple[Viewpoint, ...]:
        """Return the viewpoints; a file of the usual name that nobody lists is one, too."""
        if topic.viewpoints or f"{folder}/viewpoint.bcfv" not in self.left:
            return topic.viewpoints
        picture = "snapshot.png" if f"{folder}/snapshot.png" in self.left else ""
        guid = str(uuid5(PLACES, f"{topic.guid}/viewpoint.bcfv"))
        return (Viewpoint(guid, "viewpoint.bcfv", picture),)

    def _single(self, topic: Topic) -> Topic:
        """Return the topic with guids that are there once: a second one gets another."""
        changes: dict[str, Any] = {}
        for name in ("comments", "viewpoints"):
            seen: set[str] = set()
            items = []
            for number, item in enumerate(getattr(topic, name)):
                if item.guid in seen:
                    self.reader.said("twice", item.guid, name=topic.title)
                    item = replace(
                        item, guid=str(uuid5(PLACES, f"{topic.guid}/{item.guid}/{number}"))
                    )
                seen.add(item.guid)
                items.append(item)
            changes[name] = tuple(items)
        return replace(topic, **changes)

    def _viewpoint(self, view: Viewpoint, folder: str, topic: str) -> Viewpoint:
        if view.snapshot and f"{folder}/{view.snapshot}" not in self.left:
            self.reader.said("missing", topic, name=view.snapshot)
        if view.file:
            name = posixpath.normpath(f"{folder}/{view.file}")
            if name not in self.left:
                self.reader.said("missing", topic, name=view.file)
            scene = self._document(name, OLD_SCENE if self.old else SCENE)
            if scene is not None:
                self.left.pop(name, None)
            plain = name.removeprefix(f"{folder}/")
            file = plain if name.startswith(f"{folder}/") else posixpath.basename(name)
            view = replace(view, file=file, scene=_without_guid(scene))
        if not self.old:
            return view
        picture = f"{folder}/{view.snapshot}"
        return framed(view, self._bytes(picture) if picture in self.left else None)

    def _folder_files(self, folder: str) -> tuple[Attachment, ...]:
        """Return what else lies in a topic's folder; documents of 2.1 go with the root."""
        names = [x for x in self.left if x.startswith(f"{folder}/")]
        kept = [x for x in sorted(names) if x not in self.moved.sources]
        files = [self._attached(name, name.removeprefix(f"{folder}/")) for name in kept]
        return tuple(x for x in files if x is not None)

    # -- members ------------------------------------------------------------------------------

    def _document(self, name: str, shape: Shape) -> Any | None:
        """Return the record of a document and take its member; one that cannot be read is listed."""
        if name not in self.left:
            return None
        where = f"{self.location}/{name}"
        try:
            root, guessed = parsed(self._bytes(name, MOST_XML), where, "BCF")
        except OpenError as error:
            self.reader.said("part", name=name, reason=str(error))
            return None
        if guessed:
            self.reader.said("encoding", name=name)
        found = self.reader.read(root, shape)
        if found is None:
            self.reader.said("part", name=name, reason="it lacks what it must have")
        elif not _is_markup(name) and shape not in (SCENE, OLD_SCENE):
            del self.left[name]
        return found

    def _take(self, name: str) -> bytes:
        data = self._bytes(name, MOST_XML)
        del self.left[name]
        return data

    def _bytes(self, name: str, limit: int = MOST_BYTES) -> bytes:
        return self.archive.read(name, limit)

    def _attached(self, name: str, shown: str) -> Attachment | None:
        try:
            data = self._bytes(name)
        except OpenError as error:
            self.reader.said("part", name=name, reason=str(error))
            return None
        finally:
            self.left.pop(name, None)
        key = hashlib.sha256(data).hexdigest()
        self.blobs[key] = data
        return Attachment(shown, key, len(data))


def _is_markup(name: str) -> bool:
    return name.count("/") == 1 and name.endswith(f"/{MARKUP_FILE}")


def _safe(name: str) -> bool:
    """Return whether a member's name stays below its root on every system."""
    plain = name.removesuffix("/")
    parts = plain.split("/")
    return bool(plain) and not (
        plain.startswith("/")
        or any(x in ("", ".", "..") for x in parts)
        or re.match(r"[A-Za-z]:", plain)
        or "\0" in plain
    )


def _without_guid(scene: Any | None) -> Any | None:
    """Return the scene without the guid of its document: that of the markup counts."""
    if scene is None:
        return None
    kept = tuple(x for x in scene.more.attributes if x[0] != "Guid")
    return replace(scene, more=replace(scene.more, attributes=kept))


def _order(topic: Topic) -> tuple[int, str, str]:
    return (1 << 31 if topic.index is None else topic.index, topic.created, topic.guid)
