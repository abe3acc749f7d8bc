"""Numbers that are none, found in the text before a kernel sees them.

ISO 10303-21 has no NaN and no infinity, but programs write them; an infinite coordinate keeps a
geometry kernel busy for ever, and nothing outside of the process could tell that from work. So
something harmless is read in their place, and the statements are remembered: what is built on them is
not drawn, and says why.
"""

import mmap
import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from loaders.ifc.spelling import Edit

_WORD = rb"[-+]?(?:\d*\.#\w+|nan(?:\([^)]*\))?|inf|infinity|\d+\.?\d*e\+?\d{3,})"
_SIGNS = (rb"nan", rb"inf", rb"\.#", rb"e\+?\d{3}")
"""What every such number holds, in small letters: each alone is found several times faster."""
BLOCK = 1 << 22
_BEFORE = re.compile(rb"[(,]\s*[-+]?[\d.]*$")
_SUSPECT = re.compile(rb"[(,]\s*(" + _WORD + rb")(?=\s*[,)])", re.IGNORECASE)
_TEXT = re.compile(rb"'[^']*'")
_STEP = re.compile(rb"\s*#(\d+)\s*=")
_START = re.compile(rb"\s*(?:/\*.*?\*/\s*)*(?:#\d+\s*=|\w+\s*[(;])", re.DOTALL)
_TYPED = re.compile(rb"\w+\s*\(\s*$")
_NAME = 64
"""Characters before a number in which the name of its type must stand."""
MOST_SEMICOLONS = 100
"""So many may stand in the texts of one statement."""


class Wrong(NamedTuple):
    """A statement (its step number, 0 in the header) with what stands where a number must."""

    step: int
    line: int
    word: str


def wrong_numbers(data: mmap.mmap) -> tuple[list[Edit], list[Wrong]]:
    """Return what to read in the place of NaN and infinities outside of texts, and where they stand.

    A value that may be missing becomes ``$``, a coordinate inside a list 0.
    """
    edits: list[Edit] = []
    found: list[Wrong] = []
    line, counted, done = 1, 0, 0
    for suspect in _suspects(data):
        if suspect.start() < done:
            continue
        start, end = _statement(data, suspect)
        done = max(end, suspect.end())
        made = list(_replaced(data[start:end], start))
        if made:
            line += data[counted : made[0].start].count(b"\n")
            counted = made[0].start
            step = _STEP.match(data[start : start + _NAME])
            word = data[suspect.start(1) : suspect.end(1)].decode("ascii", "replace")
            found.append(Wrong(int(step.group(1)) if step else 0, line, word))
            edits.extend(made)
    return edits, found


def _suspects(data: mmap.mmap) -> Iterator[re.Match[bytes]]:
    """Yield in order what looks like a number that is none, texts and comments included."""
    for start in range(0, len(data), BLOCK):
        block = data[start : start + BLOCK + _NAME].lower()
        places = sorted(found.start() for sign in _SIGNS for found in re.finditer(sign, block))
        for place in places[: bisect_left(places, BLOCK)]:
            low = max(0, start + place - _NAME)
            before = _BEFORE.search(data[low : start + place])
            suspect = _SUSPECT.match(data, low + before.start()) if before else None
            if suspect is not None:
                yield suspect


def _statement(data: mmap.mmap, suspect: re.Match[bytes]) -> tuple[int, int]:
    """Return where the statement around a place starts and ends; texts may hold semicolons."""
    start = suspect.start()
    for _ in range(MOST_SEMICOLONS):
        start = data.rfind(b";", 0, start)
        if start < 0 or _START.match(data, start + 1):
            break
    end = suspect.end()
    for _ in range(MOST_SEMICOLONS):
        end = data.find(b";", end + 1)
        if end < 0 or data[start + 1 : end].count(b"'") % 2 == 0:
            break
    return start + 1, len(data) if end < 0 else end


def _replaced(statement: bytes, offset: int) -> Iterator[Edit]:
    """Yield the edits of one statement; texts are blanked out first, so that none is inside."""
    bare = _TEXT.sub(lambda text: b"'" + b" " * (len(text.group()) - 2) + b"'", statement)
    depth, counted = 0, 0
    for suspect in _SUSPECT.finditer(bare):
        start, end = suspect.span(1)
        depth += bare.count(b"(", counted, start) - bare.count(b")", counted, start)
        counted = start
        typed = _TYPED.search(bare, max(0, start - _NAME), start) if depth > 1 else None
        if typed is not None:
            yield Edit(offset + typed.start(), offset + bare.find(b")", end) + 1, b"$")
        else:
            yield Edit(offset + start, offset + end, b"$" if depth <= 1 else b"0.")
