"""Numbers are taken out of a document's text before it is parsed: three quarters of a city are indices.

A parsed index costs ten times its text and must be flattened again; numpy reads it from the text.
Each ``boundaries`` array becomes one number that leads back to its place; what cannot be read so
(a number that is none, a wrong depth) is parsed in the ordinary way.
"""

import warnings
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from twin.geometry import I32

KEY = b'"boundaries"'
MARK = 4_611_686_018_000_000_000
"""Added to the number of an array that was taken out; no vertex has such a number."""
FORGED = b"4611686018"
"""A text in which a mark's first digits occur already is not cut."""
NOT_DIGITS = b"0123456789- \t\r\n"
Flattened = tuple[I32, I32, I32, I32]
"""Vertex numbers, ring sizes, rings a surface, surfaces a piece."""


@dataclass(slots=True)
class Cut:
    """The text of a document and where in it the arrays stand that were taken out."""

    text: bytes = b""
    begin: "array[int]" = field(default_factory=lambda: array("q"))
    end: "array[int]" = field(default_factory=lambda: array("q"))

    def holds(self, value: Any) -> bool:
        """Return whether a parsed value stands for an array that was taken out."""
        return type(value) is int and MARK <= value < MARK + len(self.begin)

    def said(self, value: int) -> bytes:
        """Return the text of an array."""
        return self.text[self.begin[value - MARK] : self.end[value - MARK]]

    def length(self, value: int) -> int:
        """Return the length of the text of an array."""
        return self.end[value - MARK] - self.begin[value - MARK]

    def restored(self, value: Any) -> Any:
        """Return a parsed value with the arrays in it put back."""
        if self.holds(value):
            return orjson.loads(self.said(value))
        if isinstance(value, dict):
            return {key: self.restored(item) for key, item in value.items()}
        if isinstance(value, list) and value and not isinstance(value[0], int | float | str):
            return [self.restored(item) for item in value]
        return value


def cut(text: bytes) -> tuple[Cut, bytes]:
    """Return what was taken out, and the remaining text."""
    found = Cut(text)
    parts: list[bytes] = []
    done, at = 0, text.find(KEY)
    while at >= 0:
        begin = _opening(text, at + len(KEY))
        if begin >= 0:
            end = _closing(text, begin)
            if end > 0:
                parts += (text[done:begin], b"%d" % (MARK + len(found.begin)))
                found.begin.append(begin)
                found.end.append(end)
                done = at = end
        at = text.find(KEY, max(at, done) + 1)
    parts.append(text[done:])
    return found, b"".join(parts)


def _opening(text: bytes, at: int) -> int:
    """Return where the array of a key begins, -1 if its value is none."""
    if text[at : at + 2] == b":[":
        return at + 1
    begin = text.find(b"[", at)
    return begin if begin >= 0 and text[at:begin].strip() == b":" else -1


def _closing(text: bytes, begin: int) -> int:
    """Return the end of an array that holds only arrays and numbers, -1 if it may hold more.

    In an object the next sign after such an array (and perhaps a comma) is a quote or a brace. If
    it holds more, what is left of the text is no JSON, and the whole is parsed in the ordinary way.
    """
    quote = text.find(b'"', begin)
    brace = text.find(b"}", begin, quote if quote >= 0 else len(text))
    limit = brace if brace >= 0 else quote
    end = text.rfind(b"]", begin, limit) + 1 if limit >= 0 else 0
    return end if end > 0 else -1


def read(cuts: Cut, values: Sequence[int], depth: int) -> Flattened | None:
    """Return the arrays of many geometries flat; None when anything in them is not as it should be.

    ``depth`` counts brackets down to the vertex numbers: 3 for a MultiSurface, 4 for a Solid.
    """
    said = b",".join([cuts.said(value) for value in values])
    frame = np.frombuffer(said.translate(None, NOT_DIGITS), np.uint8)
    closing = frame == ord("]")
    level = np.cumsum((frame == ord("[")).view(np.int8) - closing.view(np.int8), dtype=np.int32)
    comma = frame == ord(",")
    if not (closing | comma | (frame == ord("["))).all() or level.max(initial=0) != depth:
        return None
    at = np.flatnonzero(closing)
    to = level.take(at)
    ring, surface, piece = (at[to == d] for d in (depth - 1, depth - 2, 0))
    corners = np.cumsum(comma & (level == depth), dtype=np.int32)
    size = np.diff(corners.take(ring), prepend=np.int32(0)) + np.int32(1)
    rings = _between(ring, surface)
    surfaces = _between(surface, piece)
    vertex = _numbers(said)
    if vertex is None or len(vertex) != size.sum() or len(piece) != len(values):
        return None
    if level.min() < 0 or level[-1] != 0 or rings.sum() != len(ring):
        return None
    return vertex, size, rings, surfaces


def _between(what: NDArray[np.int64], limits: NDArray[np.int64]) -> I32:
    """Return how many of ``what`` lie between each limit and the one before it."""
    before = np.searchsorted(what, limits)
    return np.diff(before, prepend=0).astype(np.int32)


def _numbers(said: bytes) -> I32 | None:
    """Return the whole numbers of a text with brackets and commas, None when some are none."""
    try:
        with warnings.catch_warnings(action="error"):
            found = np.fromstring(said.translate(None, b"[]"), np.int64, sep=",")
    except (ValueError, DeprecationWarning):
        return None
    if len(found) and not (found.min() >= 0 and found.max() < 2**31):
        return None
    return found.astype(np.int32)
