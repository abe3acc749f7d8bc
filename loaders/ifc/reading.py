"""From a location to an open ifcopenshell file: unpacking, schema check, and the last file kept.

A process source keeps its worker from open to close, so the file read by ``open`` is kept for the
fetches that follow; a worker that has not seen it reads it again. ifcopenshell is loaded when a file
is really read: it costs half a second that a list of formats should not pay.
"""

import atexit
import logging
import os
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from loaders.ifc.mending import mended
from loaders.ifc.numbers import Wrong
from loaders.ifc.packed import unpacked
from loaders.ifc.salvaging import Bad, dropped, lost_statements, salvaged
from loaders.ifc.statements import Statements, gather
from twin.errors import BrokenFile, NotFound, NotReadable, NotSupported
from twin.ports import Feedback
from twin.records import Problem

log = logging.getLogger(__name__)

SCHEMAS = ("IFC2X3", "IFC4", "IFC4X3", "IFC4X3_ADD2")
"""What is read, for the advice in errors."""
HEAD = 65536
END = b"END-ISO-10303-21"
Opened = tuple[Any, tuple[Problem, ...], tuple[Wrong, ...], Statements | None]
_SCHEMA = re.compile(rb"FILE_SCHEMA\s*\(\s*\(\s*'([^']*)'", re.IGNORECASE)


@dataclass
class Model:
    """An open file and what was derived from it; lives in a worker only.

    ``problems`` were met while it was read; ``wrong`` are its statements with a number that is none;
    ``text`` is its geometry read in bulk, None where that cannot be done.
    """

    location: str
    stamp: tuple[int, int, str]
    file: Any
    problems: tuple[Problem, ...] = ()
    wrong: tuple[Wrong, ...] = ()
    text: Statements | None = None
    kept: dict[str, Any] = field(default_factory=dict)

    def let_go(self) -> None:
        """Let go of what was derived; what works on the file ends its work first."""
        for value in self.kept.values():
            finish = getattr(value, "finish", None)
            if finish is not None:
                finish()
        self.kept.clear()


_models: dict[str, Model] = {}


def forget() -> None:
    """Let the kept file go, what works on it first: ifcopenshell's threads read the file."""
    for model in _models.values():
        model.let_go()
    _models.clear()


@atexit.register
def _leave() -> None:
    """Let the kept file go without waiting for a kernel: the process ends."""
    for model in _models.values():
        model.kept.clear()
    _models.clear()


def read(location: str, feedback: Feedback, encoding: str = "") -> Model:
    """Return the open model of a location, the kept one if the file did not change.

    ``encoding`` is what its raw texts are written in ('' = told by their bytes).

    Raises NotFound, NotReadable, BrokenFile, NotSupported, TooLarge, OutsideRoot.
    """
    stamp = (*_stamp(location), encoding)
    known = _models.get(location)
    if known is not None and known.stamp == stamp:
        return known
    forget()
    feedback.check()
    if zipfile.is_zipfile(location):
        found = _read_zip(location, encoding)
    else:
        found = _read_step(location, location, encoding)
    model = Model(location, stamp, *found)
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


def _read_zip(location: str, encoding: str) -> Opened:
    """Read the model in an archive, unpacked beside nothing of the user's."""
    with unpacked(location) as (path, problems):
        file, told, wrong, bulk = _read_step(path, location, encoding)
    return file, (*problems, *told), wrong, bulk


def _read_step(path: str, location: str, encoding: str) -> Opened:
    schema = _declared(path, location)
    with mended(path, location, encoding) as found:
        file, bulk, told = _whole(found.path, location, schema)
    if not file.by_type("IfcProject"):
        raise BrokenFile(location=location, format="IFC", reason="there is no IfcProject")
    return file, (*found.problems, *told), found.wrong, bulk


def _whole(path: str, location: str, schema: str) -> tuple[Any, Statements | None, list[Problem]]:
    """Return a parsed file, its geometry in bulk, and what is said of statements that are none.

    ifcopenshell refuses a file for some of these, and for others loses them and their neighbours
    without a word: then all are left out, and it is asked again.
    """
    refused: BrokenFile | None = None
    try:
        file, bulk = _parsed(path, location, schema)
        lost = lost_statements(path, file.entity_names())
        if not lost:
            return file, bulk, []
    except BrokenFile as error:
        refused, lost = error, []
    with salvaged(path) as (copy, bad):
        if copy:
            return *_parsed(copy, location, schema), [dropped(bad)]
    if refused is not None:
        raise _placed(refused, bad) from refused
    return file, bulk, [dropped(lost)]


def _parsed(path: str, location: str, schema: str) -> tuple[Any, Statements | None]:
    """Return the open file and its geometry in bulk. Raises BrokenFile, NotSupported."""
    library: Any = import_module("ifcopenshell")
    try:
        file = library.open(path)
    except library.SchemaError as error:
        raise NotSupported(
            location=location,
            what=f"the IFC schema {schema}",
            advice=f"Known are {', '.join(SCHEMAS)}: export it again in one of them.",
        ) from error
    except (library.Error, OSError, RuntimeError, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise BrokenFile(location=location, format="IFC", reason=reason) from error
    return file, gather(path)


def _placed(error: BrokenFile, bad: Sequence[Bad]) -> BrokenFile:
    """Return an error with the place of the first statement that is none, where one is known."""
    if not bad:
        return error
    reason = f"line {bad[0].line}: {error.params['reason']}"
    return BrokenFile(**{**error.params, "reason": reason})


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
