"""A STEP file that a parser refuses, without the statements that no parser can read.

One wrong byte in one statement makes ifcopenshell refuse a whole file without naming the place. Here
statements are looked at one by one (ISO 10303-21, clause 5 and 7); those that are none are left out,
counted, and the first is named by its line.
"""

import mmap
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from loaders.ifc.mending import copied, mapped
from loaders.ifc.spelling import Edit
from twin.messages import text
from twin.records import Problem

BLOCK = 1 << 22
MOST_SHARE = 0.5
"""A file of which more statements are wrong than this is no file with a few errors."""
_BEGIN = re.compile(rb"^[ \t]*#\d+[ \t]*=", re.MULTILINE)
_DATA = re.compile(rb"^\s*DATA\s*(?:\([^;]*\))?\s*;", re.MULTILINE)
_PLAIN = rb"[\w#=.,$*+\-\s()]"
_TEXT = rb"'(?:[^'\\]|\\[^'])*+'"
_BITS = rb'"[0-9A-Fa-f]*+"'
_COMMENT = rb"\s*+(?:/\*.*?\*/\s*+)*+"
_STATEMENTS = re.compile(
    rb"(?:%b#\d+\s*+=\s*+\w*+\s*+\((?:%b|%b|%b)*+;)++%b"
    % (_COMMENT, _PLAIN, _TEXT, _BITS, _COMMENT),
    re.DOTALL,
)
_LONG = re.compile(rb"\d{100}|(?<![\d.])\d{20,}+(?![\d.eE])")
"""Numbers that no parser holds."""
_TEXTS = re.compile(_TEXT)
_OPEN = re.compile(rb"\\X[24]\\(?:(?!\\X0\\)[^'])*'")


class Bad(NamedTuple):
    """Bytes [start, end) of a file that are no statements, and their line."""

    start: int
    end: int
    line: int


@contextmanager
def salvaged(path: str) -> Iterator[tuple[str, Sequence[Bad]]]:
    """Yield a copy without what is no statement ('' = nothing to leave out, or too much), and what that is."""
    with mapped(path) as data:
        bad, count = bad_statements(data)
        few = 0 < len(bad) <= max(1, int(count * MOST_SHARE))
        copy = copied(data, [Edit(b.start, b.end, b"") for b in bad]) if few else ""
    try:
        yield copy, bad
    finally:
        if copy:
            Path(copy).unlink(missing_ok=True)


def bad_statements(data: mmap.mmap) -> tuple[list[Bad], int]:
    """Return what stands between two beginnings of lines ``#n=`` and is no statements, and their number."""
    opening = _DATA.search(data)
    start = opening.end() if opening else 0
    end = data.rfind(b"ENDSEC")
    end = end if end > start else len(data)
    begins = [found.start() for found in _BEGIN.finditer(data, start, end)]
    found: list[Bad] = []
    line, counted = 1, 0
    for low, high in zip(begins, [*begins[1:], end], strict=True):
        if not _is_sound(data[low:high]):
            line += data[counted:low].count(b"\n")
            counted = low
            found.append(Bad(low, high, line))
    return found, len(begins)


def lost_statements(path: str, known: Collection[int]) -> list[Bad]:
    """Return the statements whose number a parser does not know, though it did not complain.

    Lines that begin with a number are counted first: that is quick, and nearly always enough.
    """
    with mapped(path) as data:
        if _lines(data) <= len(known):
            return []
        steps, found = set(known), []
        for begin in _BEGIN.finditer(data):
            if int(begin.group().strip(b" \t#=")) not in steps:
                line = data[: begin.start()].count(b"\n") + 1
                found.append(Bad(begin.start(), begin.end(), line))
        return found


def _lines(data: mmap.mmap) -> int:
    """Return how many lines begin with ``#``."""
    blocks = (data[at : at + BLOCK + 1] for at in range(0, len(data), BLOCK))
    return sum(block.count(b"\n#") for block in blocks)


def _is_sound(piece: bytes) -> bool:
    if _STATEMENTS.fullmatch(piece) is None or _OPEN.search(piece) is not None:
        return False
    bare = _TEXTS.sub(b"", piece)
    if _LONG.search(bare) is not None:
        return False
    return bare.count(b"(") == bare.count(b")")


def dropped(bad: Sequence[Bad]) -> Problem:
    """Return what is said about statements that were left out."""
    lines = ", ".join(str(item.line) for item in bad[:5])
    params = {"count": len(bad), "lines": lines}
    return Problem(
        "ifc.statements_dropped", text("problem.ifc.statements_dropped", **params), "", params
    )
