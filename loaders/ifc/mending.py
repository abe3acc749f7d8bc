"""A STEP file as it can be read: the file itself, or a temporary copy with its text put right.

The user's file is never touched. What is put right and what of it is doubtful comes along.
"""

import mmap
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from loaders.ifc.numbers import Wrong, wrong_numbers
from loaders.ifc.spelling import Edit, respelled
from twin.errors import NotReadable
from twin.messages import text
from twin.records import Problem

BLOCK = 1 << 22


@dataclass(frozen=True, slots=True)
class Mended:
    """Where to read, what is to be said about the file, and its statements with a number that is none."""

    path: str
    problems: tuple[Problem, ...] = ()
    wrong: tuple[Wrong, ...] = ()


@contextmanager
def mended(path: str, location: str, encoding: str = "") -> Iterator[Mended]:
    """Yield a file that a kernel can read; a copy, if one is needed, is gone afterwards.

    ``encoding`` is what raw texts are written in ('' = told by the bytes). Raises NotReadable.
    """
    try:
        with mapped(path) as data:
            edits, problems = respelled(data, encoding)
            more, wrong = wrong_numbers(data)
            copy = copied(data, _apart(edits, more)) if edits or more else ""
    except OSError as error:
        raise NotReadable(location=location, reason=error.strerror or str(error)) from error
    try:
        yield Mended(copy or path, (*problems, *_problems(wrong)), tuple(wrong))
    finally:
        if copy:
            Path(copy).unlink(missing_ok=True)


@contextmanager
def mapped(path: str) -> Iterator[mmap.mmap]:
    """Yield the bytes of a file that is not empty, read as they are asked for."""
    with (
        Path(path).open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        yield data


def _apart(edits: Sequence[Edit], more: Sequence[Edit]) -> list[Edit]:
    """Return all edits in order; of two that overlap the first counts."""
    found: list[Edit] = []
    for edit in sorted((*edits, *more)):
        if not found or edit.start >= found[-1].end:
            found.append(edit)
    return found


def copied(data: mmap.mmap, edits: Sequence[Edit]) -> str:
    """Write a copy with the edits; return its path."""
    handle, name = tempfile.mkstemp(suffix=".ifc", prefix="citytwin-")
    at = 0
    with os.fdopen(handle, "wb") as target:
        for edit in (*edits, Edit(len(data), len(data), b"")):
            while at < edit.start:
                block = data[at : min(edit.start, at + BLOCK)]
                target.write(block)
                at += len(block)
            target.write(edit.new)
            at = edit.end
    return name


def _problems(wrong: Sequence[Wrong]) -> Iterator[Problem]:
    if wrong:
        first = wrong[0]
        params = {"count": len(wrong), "line": first.line, "word": first.word}
        yield Problem("ifc.not_numbers", text("problem.ifc.not_numbers", **params), "", params)
