"""Geometry read from the text of a STEP file in bulk: points, loops, faces and shells as arrays.

One face of a boundary representation takes six entities; asked for one by one they cost more than all
else of a model. Here the text is scanned with numpy for a few kinds of statement. What is written in
another way than programs write it (lower case, blanks before a bracket) is simply not found, and
whoever misses it asks the geometry kernel.
"""

import logging
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F64

log = logging.getLogger(__name__)

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Bool = NDArray[np.bool_]
POINT = b"CARTESIANPOINT("
BOUNDS = (b"FACEOUTERBOUND(", b"FACEBOUND(")
LISTS = (
    b"POLYLOOP(",
    b"POLYLINE(",
    b"FACE(",
    b"CLOSEDSHELL(",
    b"OPENSHELL(",
    b"CONNECTEDFACESET(",
)
HEAD = 21
"""Bytes after the equals sign that tell every kind: IFC, the longest name and its bracket."""
HEADER = 1 << 16
BLOCK = 1 << 26
"""So many bytes are compared at a time."""
DIGITS = 12
"""No step number that is looked for is longer."""
_DATA = re.compile(rb"ENDSEC\s*;(?:\s|/\*.*?\*/)*DATA\s*;", re.DOTALL)
_BLANK = np.isin(np.arange(256), list(b" \t\r\n"))
_KEPT = list(b"0123456789+-.eE")
_NUMBER = np.full(256, 32, np.uint8)
_NUMBER[_KEPT] = _KEPT
_DIGIT = np.full(256, 32, np.uint8)
_DIGIT[48:58] = np.arange(48, 58)


@dataclass(frozen=True, slots=True)
class Lists:
    """``ids`` i64(n) ascending; list i is ``values[begin[i]:begin[i + 1]]``, step numbers i64."""

    ids: Ints
    begin: Ints
    values: Ints

    def taken(self, at: Ints) -> tuple[Ints, Ints]:
        """Return the values of the lists at some places, one after the other, and each one's length."""
        size = self.begin[at + 1] - self.begin[at]
        return self.values[spans(self.begin[at], size)], size


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of faces: ``ids`` i64(n) ascending, the ``loop`` of each, whether it is the ``outer``
    one, and whether it keeps its loop's ``sense``."""

    ids: Ints
    loop: Ints
    outer: Bool
    sense: Bool


@dataclass(frozen=True, slots=True)
class Statements:
    """What a file's text holds: ``points`` f64(n, 3) in file units (0 where one has no z) with their
    step numbers ascending, lists by kind (b"FACE(" -> bounds), and bounds."""

    point_ids: Ints
    points: F64
    lists: Mapping[bytes, Lists]
    bounds: Bounds


class _Unreadable(Exception):
    """The text is not written as this module expects."""


def gather(path: str) -> Statements | None:
    """Return a file's geometry statements; None where its text does not let itself be read so."""
    try:
        data = np.asarray(np.memmap(path, np.uint8, "r"))
        return _gathered(data[_section(data) :])
    except (_Unreadable, OSError, ValueError) as error:
        log.debug("%s is not read in bulk: %s", path, error)
        return None


def places(known: Ints, wanted: Ints) -> Ints:
    """Return where in an ascending array each value stands, -1 where it does not."""
    if not len(known):
        return np.full(len(wanted), -1, np.int64)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[at] == wanted, at, -1)


def spans(begin: Ints, size: Ints) -> Ints:
    """Return begin[0], begin[0] + 1, ... for every span, one after the other."""
    if not len(size):
        return np.zeros(0, np.int64)
    total = np.cumsum(size)
    return np.arange(total[-1]) + np.repeat(begin - total + size, size)


def _gathered(data: Bytes) -> Statements:
    slashes = _found(data, b"/")
    slashes = slashes[slashes + 1 < len(data)]
    if (data[slashes + 1] == ord("*")).any():
        raise _Unreadable("it has comments")
    quotes, ends = _found(data, b"'"), _found(data, b";")
    ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
    names, equals, begins, ends = _names(data, ends)
    text = _Text(data, names, equals, begins, ends)
    ids, points = text.points()
    lists = {kind: text.list_of(kind) for kind in LISTS}
    return Statements(ids, points, lists, text.bounds())


def _section(data: Bytes) -> int:
    """Return where the data begin: what stands above may hold comments with anything in them."""
    start = _DATA.search(data[:HEADER].tobytes())
    if start is None:
        raise _Unreadable("its data do not begin near its head")
    return start.end()


def _found(data: Bytes, letter: bytes) -> Ints:
    """Return where a byte stands, block by block: the comparison is as large as what it compares."""
    parts = [
        np.flatnonzero(data[start : start + BLOCK] == ord(letter)) + start
        for start in range(0, len(data), BLOCK)
    ]
    return np.concatenate([np.zeros(0, np.int64), *parts])


def _names(data: Bytes, ends: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return where the name, the equals sign, the beginning and the end of each instance stand."""
    begins = np.concatenate([[0], ends[:-1] + 1])[: len(ends)]
    signs = np.concatenate([_found(data, b"="), [len(data)]])
    equals = signs[np.searchsorted(signs, begins)]
    good = equals + 1 + HEAD < np.minimum(ends + HEAD, len(data))
    begins, ends, equals = begins[good], ends[good], equals[good]
    return _skipped(data, equals + 1), equals, _skipped(data, begins), ends


def _skipped(data: Bytes, at: Ints) -> Ints:
    """Return the positions moved past blanks."""
    at = at.copy()
    while True:
        blank = _BLANK[data[np.minimum(at, len(data) - 1)]] & (at < len(data) - 1)
        if not blank.any():
            return at
        at += blank


@dataclass(frozen=True, slots=True)
class _Text:
    """The bytes of a file and, for each instance, where its parts stand."""

    data: Bytes
    names: Ints
    equals: Ints
    begins: Ints
    ends: Ints

    def chosen(self, kind: bytes) -> Ints:
        """Return the numbers of the instances of a kind."""
        word = b"IFC" + kind
        at = np.arange(len(self.names))
        for offset in (len(word) - 1, *range(len(word) - 1)):
            where = self.names[at] + offset
            at = at[self.data[np.minimum(where, len(self.data) - 1)] == word[offset]]
        return at

    def ids(self, at: Ints) -> Ints:
        """Return the step numbers of some instances."""
        stop = self.equals[at]
        while True:
            blank = _BLANK[self.data[stop - 1]]
            if not blank.any():
                break
            stop = stop - blank
        found = np.zeros(len(at), np.int64)
        going = np.ones(len(at), np.bool_)
        length = np.zeros(len(at), np.int64)
        for place in range(DIGITS):
            letter = self.data[np.maximum(stop - 1 - place, 0)].astype(np.int64)
            going &= (letter >= 48) & (letter < 58)
            if not going.any():
                break
            found[going] += (letter[going] - 48) * 10**place
            length += going
        start = stop - length - 1
        if (start != self.begins[at]).any() or (self.data[start] != ord("#")).any():
            raise _Unreadable("an instance does not begin with its number")
        return found

    def letters(self, at: Ints, kind: bytes) -> tuple[Bytes, Ints]:
        """Return the bytes of the arguments of some instances of a kind, and how many each has."""
        begin = self.names[at] + 3 + len(kind)
        size = self.ends[at] - begin
        return self.data[spans(begin, size)], size

    def points(self) -> tuple[Ints, F64]:
        """Return the step numbers (ascending) and coordinates of all points."""
        at = self.chosen(POINT)
        letters, size = self.letters(at, POINT)
        many = _counted(letters, size, b",") + 1
        if ((many < 1) | (many > 3)).any():
            raise _Unreadable("a point has no coordinates")
        values = _parsed(_NUMBER[letters], int(many.sum()))
        points = np.zeros((len(at), 3))
        row = np.repeat(np.arange(len(at)), many)
        points[row, spans(np.zeros(len(at), np.int64), many)] = values
        ids = self.ids(at)
        order = _ascending(ids)
        return ids[order], points[order]

    def list_of(self, kind: bytes) -> Lists:
        """Return the references of all instances of a kind that holds one list."""
        at = self.chosen(kind)
        letters, size = self.letters(at, kind)
        many = _counted(letters, size, b"#")
        values = _steps(letters, int(many.sum()))
        ids = self.ids(at)
        order = _ascending(ids)
        begin = np.cumsum(many) - many
        values = values[spans(begin[order], many[order])]
        return Lists(ids[order], np.concatenate([[0], np.cumsum(many[order])]), values)

    def bounds(self) -> Bounds:
        """Return the bounds of all faces."""
        ids, loops, outer, sense = [], [], [], []
        for kind in BOUNDS:
            at = self.chosen(kind)
            letters, size = self.letters(at, kind)
            loops.append(_steps(letters, len(at)))
            sense.append(_counted(letters, size, b"T") > 0)
            outer.append(np.full(len(at), kind == BOUNDS[0]))
            ids.append(self.ids(at))
        every = np.concatenate(ids)
        order = _ascending(every)
        parts = (np.concatenate(part)[order] for part in (loops, outer, sense))
        return Bounds(every[order], *parts)


def _ascending(ids: Ints) -> Ints:
    order = np.argsort(ids, kind="stable")
    if (np.diff(ids[order]) == 0).any():
        raise _Unreadable("a number stands for two instances")
    return order


def _counted(letters: Bytes, size: Ints, letter: bytes) -> Ints:
    """Return how often a byte stands in each run of letters."""
    total = np.concatenate([[0], np.cumsum(letters == ord(letter))])
    stop = np.cumsum(size)
    found: Ints = total[stop] - total[stop - size]
    return found


def _parsed(letters: Bytes, count: int) -> F64:
    """Return the numbers in a text that holds nothing but numbers and blanks."""
    if not count:
        return np.zeros(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        found: F64 = np.fromstring(letters.tobytes(), np.float64, sep=" ")
    if len(found) != count:
        raise _Unreadable("numbers are missing or too many")
    return found


def _steps(letters: Bytes, count: int) -> Ints:
    """Return the step numbers in a text of references; below 2^53, so that no digit is lost."""
    found = _parsed(_DIGIT[letters], count)
    if found.max(initial=0.0) >= 1 << 53:
        raise _Unreadable("a step number is too large")
    return found.astype(np.int64)
