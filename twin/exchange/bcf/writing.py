"""Records as a BCF 3.0 archive: the same records give the same bytes."""

import io
import os
import re
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from twin.errors import NotSaved
from twin.exchange.bcf.binding import built, document
from twin.exchange.bcf.model import Bcf, Frame, Topic
from twin.exchange.bcf.reading import (
    DOCUMENT_FILE,
    EXTENSION_FILE,
    MARKUP_FILE,
    PROJECT_FILE,
    VERSION,
)
from twin.exchange.bcf.shapes import (
    DOCUMENTS,
    EXTENSIONS,
    MARKUP,
    PROJECT,
    SCENE,
    DocumentFile,
    Markup,
    ProjectFile,
)

EDITION = "3.0"
KEPT = "kept"
"""Folder of files whose own names are taken by something else."""
_OLDEST = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip archive can hold."""


def write(path: Path, bcf: Bcf, at: str) -> None:
    """Write a BCF 3.0 file in one step. ``at`` (ISO) is the time of its members. Raises NotSaved."""
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.draft")
    try:
        draft.write_bytes(packed(bcf, at))
        os.replace(draft, path)  # noqa: PTH105 -- says what matters: atomic, also over an old file
    except OSError as error:
        raise NotSaved(location=str(path), reason=error.strerror or str(error)) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def packed(bcf: Bcf, at: str) -> bytes:
    """Return the bytes of a BCF 3.0 file. Attachments whose bytes are not at hand are left out."""
    stream = io.BytesIO()
    stamp = _stamp(at)
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, data in _members(bcf):
            member = zipfile.ZipInfo(name, stamp)
            member.create_system = 3
            member.external_attr = (0o40755 << 16 | 0x10) if name.endswith("/") else 0o100644 << 16
            member.compress_type = (
                zipfile.ZIP_STORED if name.endswith("/") else zipfile.ZIP_DEFLATED
            )
            archive.writestr(member, data)
    return stream.getvalue()


def _stamp(at: str) -> tuple[int, int, int, int, int, int]:
    numbers = [int(x) for x in re.findall(r"\d+", at)[:6]]
    year, month, day, hour, minute, second = [*numbers, *_OLDEST[len(numbers) :]]
    return (year, month, day, hour, minute, second) if year >= 1980 else _OLDEST


def _members(bcf: Bcf) -> Iterator[tuple[str, bytes]]:
    """Yield every member, each name once, folders before what is in them."""
    told: set[str] = set()
    for name, data in [
        *_root(bcf.frame),
        *(x for topic in bcf.topics for x in _topic(topic, bcf)),
    ]:
        if name not in told:
            told.add(name)
            yield name, data
    for item in bcf.frame.files:
        if item.sha256 in bcf.blobs:
            name = item.name if item.name not in told else f"{KEPT}/{item.name}"
            told.add(name)
            yield name, bcf.blobs[item.sha256]


def _root(frame: Frame) -> Iterator[tuple[str, bytes]]:
    yield VERSION, _version()
    if frame.project or frame.name or frame.outside.elements:
        project = ProjectFile(frame, more=frame.outside)
        yield PROJECT_FILE, document(built("ProjectInfo", project, PROJECT))
    yield EXTENSION_FILE, document(built("Extensions", frame.extensions, EXTENSIONS))
    if frame.documents or frame.listing.elements:
        listed = DocumentFile(frame.documents, frame.listing)
        yield DOCUMENT_FILE, document(built("DocumentInfo", listed, DOCUMENTS))


def _version() -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Version VersionId="{EDITION}"/>\n'.encode()


def _topic(topic: Topic, bcf: Bcf) -> Iterator[tuple[str, bytes]]:
    folder = topic.guid
    yield f"{folder}/", b""
    markup = Markup(topic, topic.models, more=topic.outside)
    yield f"{folder}/{MARKUP_FILE}", document(built("Markup", markup, MARKUP))
    for view in topic.viewpoints:
        if view.scene is not None and view.file:
            root = built("VisualizationInfo", view.scene, SCENE)
            root.set("Guid", view.guid)
            yield f"{folder}/{view.file}", document(root)
    for item in topic.files:
        if item.sha256 in bcf.blobs:
            yield f"{folder}/{item.name}", bcf.blobs[item.sha256]
