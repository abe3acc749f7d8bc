"""From a location to an open ifcopenshell file: unpacking, schema check, and the last file kept.

A process source keeps its worker from open to close, so the file read by ``open`` is kept for the
fetches that follow; a worker that has not seen it reads it again. ifcopenshell is loaded when a file
is really read: it costs half a second that a list of formats should not pay.
"""

import atexit
import logging
import os
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from loaders.ifc.numbers import refuse_non_numbers
from twin.errors import BrokenFile, NotFound, NotReadable, NotSupported, OutsideRoot, TooLarge
from twin.ports import Feedback

log = logging.getLogger(__name__)

SCHEMAS = ("IFC2X3", "IFC4", "IFC4X3", "IFC4X3_ADD2")
"""What is read, for the advice in errors."""
MOST_BYTES = 4 << 30
MOST_RATIO = 200
"""STEP text packs 5 to 12 times; a member that claims more than this is a bomb."""
HEAD = 65536
END = b"END-ISO-10303-21"
_SCHEMA = re.compile(rb"FILE_SCHEMA\s*\(\s*\(\s*'([^']*)'", re.IGNORECASE)


@dataclass
class Model:
    """An open file and what was derived from it; lives in a worker only."""

    location: str
    stamp: tuple[int, int]
    file: Any
    kept: dict[str, Any] = field(default_factory=dict)


_models: dict[str, Model] = {}


@atexit.register
def forget() -> None:
    """Let the kept file go, what works on it first: ifcopenshell's threads read the file."""
    for model in _models.values():
        model.kept.clear()
    _models.clear()


def read(location: str, feedback: Feedback) -> Model:
    """Return the open model of a location, the kept one if the file did not change.

    Raises NotFound, NotReadable, BrokenFile, NotSupported, TooLarge, OutsideRoot.
    """
    stamp = _stamp(location)
    known = _models.get(location)
    if known is not None and known.stamp == stamp:
        return known
    forget()
    feedback.check()
    packed = zipfile.is_zipfile(location)
    model = Model(
        location, stamp, _read_zip(location) if packed else _read_step(location, location)
    )
    _models[location] = model
    return model


@contextmanager
def sound(location: str) -> Iterator[None]:
    """Turn what ifcopenshell makes of ill-typed attributes into BrokenFile.

    It hands out the integer or nothing where an entity must stand, and its kernels raise
    RuntimeError for it; no check of ours could name every such place.
    """
    try:
        yield
    except (RuntimeError, AttributeError, TypeError, IndexError, UnicodeDecodeError) as error:
        log.debug("%s: ill-typed content", location, exc_info=True)
        forget()
        reason = f"an entity is not of the type it must be ({error})"
        raise BrokenFile(location=location, format="IFC", reason=reason) from error


def _stamp(location: str) -> tuple[int, int]:
    try:
        stat = Path(location).stat()
    except FileNotFoundError as error:
        raise NotFound(location=location) from error
    except (OSError, ValueError) as error:
        raise NotReadable(location=location, reason=str(error)) from error
    return stat.st_size, stat.st_mtime_ns


def _read_zip(location: str) -> Any:
    """Unpack the one IFC member beside nothing of the user's and read it."""
    try:
        with zipfile.ZipFile(location) as archive:
            member = _member(location, archive)
            handle, name = tempfile.mkstemp(suffix=".ifc", prefix="citytwin-")
            try:
                with os.fdopen(handle, "wb") as target, archive.open(member) as stream:
                    _copy(location, stream, target, member.file_size)
                return _read_step(name, location)
            finally:
                Path(name).unlink(missing_ok=True)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BrokenFile(location=location, format="IFC", reason=f"zip: {error}") from error
    except (OSError, RuntimeError, NotImplementedError) as error:
        raise NotReadable(location=location, reason=f"zip: {error}") from error


def _member(location: str, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """Return the IFC in the archive, its name and declared size checked."""
    found = [item for item in archive.infolist() if item.filename.lower().endswith(".ifc")]
    if not found:
        names = ", ".join(item.filename for item in archive.infolist()[:3]) or "nothing"
        if any(item.filename.lower().endswith((".ifcxml", ".xml")) for item in archive.infolist()):
            raise NotSupported(
                location=location, what="ifcXML", advice="Export it as .ifc (STEP) instead."
            )
        raise BrokenFile(location=location, format="IFC", reason=f"the zip holds {names}, no .ifc")
    member = found[0]
    parts = member.filename.replace("\\", "/").split("/")
    if ".." in parts or member.filename.startswith(("/", "\\")) or ":" in parts[0]:
        raise OutsideRoot(location=location, address=member.filename)
    limit = min(MOST_BYTES, max(member.compress_size, 4096) * MOST_RATIO)
    if member.file_size > limit:
        raise TooLarge(location=location, what="the member", size=member.file_size, limit=limit)
    return member


def _copy(location: str, stream: Any, target: Any, size: int) -> None:
    """Copy a member, never more than it declares."""
    written = 0
    while block := stream.read(1 << 20):
        written += len(block)
        if written > size:
            raise TooLarge(location=location, what="the member", size=written, limit=size)
        target.write(block)


def _read_step(path: str, location: str) -> Any:
    schema = _declared(path, location)
    refuse_non_numbers(path, location)
    library: Any = import_module("ifcopenshell")
    try:
        file: Any = library.open(path)
    except library.SchemaError as error:
        raise NotSupported(
            location=location,
            what=f"the IFC schema {schema}",
            advice=f"Known are {', '.join(SCHEMAS)}: export it again in one of them.",
        ) from error
    except (library.Error, OSError, RuntimeError, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise BrokenFile(location=location, format="IFC", reason=reason) from error
    if not file.by_type("IfcProject"):
        raise BrokenFile(location=location, format="IFC", reason="there is no IfcProject")
    return file


def _declared(path: str, location: str) -> str:
    """Return the schema a STEP file names; its head and its end must be there."""
    try:
        with Path(path).open("rb") as stream:
            head = stream.read(HEAD)
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - 4096))
            tail = stream.read()
    except OSError as error:
        raise NotReadable(location=location, reason=error.strerror or str(error)) from error
    if b"ISO-10303-21" not in head[:4096].upper():
        raise BrokenFile(location=location, format="IFC", reason="it does not start as STEP")
    if END not in tail.upper():
        raise BrokenFile(
            location=location, format="IFC", reason="its end is missing (END-ISO-10303-21)"
        )
    named = _SCHEMA.search(head)
    if named is None:
        raise BrokenFile(location=location, format="IFC", reason="FILE_SCHEMA is missing")
    return named.group(1).decode("ascii", "replace").upper()
