"""A tree for a cloud that has none: read once, sorted along a curve in pieces, then dealt to its tiles.

Memory holds a piece at a time. First every block of the file is sorted by itself (a run); then pieces of the
curve are gathered from all runs, one after the other, and each point goes to its level and cell. Runs of a
small cloud stay in memory; those of a large one are written to a file without a name in the cache folder.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from loaders.pointcloud.decoding import blocks
from loaders.pointcloud.formats import POINT, Points, joined, taken
from loaders.pointcloud.header import Header
from loaders.pointcloud.ordering import U8, U64, Cube, levels
from loaders.pointcloud.planting import Parts, planted
from loaders.pointcloud.tallying import Tally
from twin.errors import NotReadable, TooLarge
from twin.geometry import F64
from twin.ports import Feedback
from twin.tiles import TileTree

SMALL = 2_000_000
"""A cloud of no more points is built in memory and kept nowhere but in the tile cache."""
PIECE = 500_000
"""Points of the curve that are dealt at once."""
HELD = 12_000_000
"""The runs of a cloud of no more points stay in memory: 400 MB."""
EVERY = 256
"""Every so many points of a run its code is remembered."""
WORDS = 4
"""A point of a run: its code, then the 24 bytes of the point."""
_FINE = np.uint64(20)
"""The last bits of codes, by which runs are not sorted: there the number of a point is sorted along."""
I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Built:
    """A tree and where the points of its tiles stand.

    Part f of the tiles: ``count[f]`` points from place ``start[f]`` of the store belong to tile ``tile[f]``
    (sorted). ``points`` are all of a small cloud; None: they stand in the store.
    """

    tree: TileTree
    tile: I64
    start: I64
    count: I64
    tally: Tally
    points: Points | None = None

    def parts(self, tile: int) -> Iterator[tuple[int, int]]:
        """Yield places and numbers of points of a tile."""
        low, high = np.searchsorted(self.tile, [tile, tile + 1])
        for part in range(int(low), int(high)):
            yield int(self.start[part]), int(self.count[part])

    def state(self) -> Mapping[str, Any]:
        """Return what is kept beside the store."""
        return {
            "tree": self.tree, "tile": self.tile, "start": self.start, "count": self.count,
            **self.tally.state(),
        }  # fmt: skip

    @staticmethod
    def of(state: Mapping[str, Any]) -> "Built":
        """Return what was kept. Raises KeyError, TypeError, ValueError for anything else."""
        tile, start, count = (
            np.array(state[name], np.int64) for name in ("tile", "start", "count")
        )
        return Built(state["tree"], tile, start, count, Tally.of(state))


@dataclass
class _Run:
    """A sorted block: where it begins, how many points, and every EVERY-th code without its last bits."""

    start: int
    count: int
    codes: U64


@dataclass
class _Runs:
    """All sorted blocks, in memory or in a file of their own."""

    header: Header
    cube: Cube
    file: BinaryIO | None = None
    held: list[U64] = field(default_factory=list)
    runs: list[_Run] = field(default_factory=list)

    def add(self, points: Points) -> None:
        """Sort a block and keep it."""
        rows = np.empty((len(points), WORDS), np.uint64)
        rows[:, 0] = self.cube.codes(points, self.header)
        rows[:, 1:] = points.view(np.uint64).reshape(-1, WORDS - 1)
        rows = rows.take(_roughly(rows[:, 0]), axis=0)
        start = sum(run.count for run in self.runs)
        self.runs.append(_Run(start, len(rows), rows[::EVERY, 0] >> _FINE))
        if self.file is None:
            self.held.append(rows)
        else:
            self.file.write(rows.data)

    def read(self, run: int, low: int, high: int) -> U64:
        """Return some points of a run as rows of words u64(n, WORDS)."""
        if self.file is None:
            return self.held[run][low:high]
        self.file.seek((self.runs[run].start + low) * WORDS * 8)
        return np.frombuffer(self.file.read((high - low) * WORDS * 8), np.uint64).reshape(
            -1, WORDS
        )

    def cuts(self) -> list[int]:
        """Return where the curve is cut, so that about PIECE points stand between: codes without their last bits."""
        codes = np.sort(np.concatenate([run.codes for run in self.runs]))
        return [int(code) for code in np.unique(codes[:: PIECE // EVERY])[1:]]

    def place(self, run: int, cut: int) -> int:
        """Return how many points of a run come before a cut."""
        held = self.runs[run]
        block = int(np.searchsorted(held.codes, np.uint64(cut), "left"))
        low = max(block - 1, 0) * EVERY
        codes = self.read(run, low, min(low + EVERY, held.count))[:, 0] >> _FINE
        return low + int(np.searchsorted(codes, np.uint64(cut)))


def _roughly(codes: U64) -> I64:
    """Return the order by all but the last bits of the codes; numpy sorts numbers faster than their places."""
    if len(codes) >> int(_FINE):
        return np.argsort(codes, kind="stable")
    number = np.arange(len(codes), dtype=np.uint64)
    mixed = np.sort((codes >> _FINE << _FINE) | number)
    return (mixed & np.uint64((1 << int(_FINE)) - 1)).astype(np.int64)


@dataclass
class _Dealing:
    """The parts that were dealt so far."""

    rows: list[Parts] = field(default_factory=list)
    size: int = 0

    def whole(self) -> Parts:
        """Return all parts."""
        columns = zip(*(part.columns() for part in self.rows), strict=True)
        return Parts(*(np.concatenate(column) for column in columns))

    def deal(self, rows: U64, before: int, ends: tuple[bool, bool]) -> tuple[Points, int]:
        """Note the parts of a piece, rows u64(n, WORDS); return its points in the order in which they are
        stored, and the last code."""
        codes = np.ascontiguousarray(rows[:, 0])
        order = np.argsort(codes, kind="stable")
        codes = codes[order]
        last = int(codes[-1])
        level = levels(codes, before, ends)
        by_level = np.argsort(level, kind="stable")
        level, codes = level[by_level], codes[by_level]
        words = np.ascontiguousarray(rows[:, 1:]).take(order[by_level], axis=0)
        shift = (63 - 3 * level.astype(np.int64)).astype(np.uint64)
        self._note(level, codes >> shift, words.view(np.int32)[:, :3])
        return words.reshape(-1).view(POINT), last

    def _note(self, level: U8, cell: U64, at: NDArray[np.int32]) -> None:
        new = np.ones(len(level), np.bool_)
        new[1:] = (cell[1:] != cell[:-1]) | (level[1:] != level[:-1])
        starts = np.flatnonzero(new)
        at = np.ascontiguousarray(at)
        low, high = np.minimum.reduceat(at, starts), np.maximum.reduceat(at, starts)
        count = np.diff(starts, append=len(level))
        self.rows.append(Parts(level[starts], cell[starts], starts + self.size, count, low, high))
        self.size += len(level)


def build(header: Header, metres: F64, store: Path | None, feedback: Feedback) -> Built:
    """Return the tree of a cloud; its points are written to ``store``, None: they stay in memory.

    ``metres`` f64(3) is what a coordinate counts each way. Raises OpenError, Cancelled.
    """
    if store is None:
        return _small(header, metres, feedback)
    _room(header, store.parent)
    tally = Tally()
    try:
        with tempfile.TemporaryFile(dir=store.parent) as file, store.open("wb") as out:
            cube = Cube.around(header.box, metres)
            runs = _Runs(header, cube, file if header.count > HELD else None)
            for raw in blocks(header, _Share(feedback, 0.0, 0.7)):
                points, times = taken(raw, header)
                tally.add(points, times)
                runs.add(points)
            return _dealt(runs, tally, out, _Share(feedback, 0.7, 1.0))
    except OSError as error:
        raise NotReadable(location=str(store), reason=error.strerror or str(error)) from error


def _small(header: Header, metres: F64, feedback: Feedback) -> Built:
    tally, held = Tally(), []
    for raw in blocks(header, feedback):
        points, times = taken(raw, header)
        tally.add(points, times)
        held.append(points)
    every = joined(held)
    at = every["at"]
    box = np.concatenate([at.min(axis=0), at.max(axis=0)]) * np.tile(header.scale, 2)
    runs = _Runs(header, Cube.around(box + np.tile(header.offset, 2), metres))
    runs.add(every)
    return _dealt(runs, tally, None, feedback)


def _room(header: Header, folder: Path) -> None:
    """Refuse what the disk has no room for. Raises TooLarge."""
    needed, free = header.count * (POINT.itemsize + 8 * WORDS), shutil.disk_usage(folder).free
    if needed > free:
        raise TooLarge(location=str(folder), what="the tree of the cloud", size=needed, limit=free)


@dataclass(frozen=True, slots=True)
class _Share:
    """A part of a whole progress."""

    feedback: Feedback
    low: float
    high: float

    def progress(self, done: float, what: str = "") -> None:
        """Report the part as a part."""
        self.feedback.progress(self.low + done * (self.high - self.low), what)

    def check(self) -> None:
        """Raise Cancelled when the work is no longer wanted."""
        self.feedback.check()


def _dealt(runs: _Runs, tally: Tally, out: BinaryIO | None, feedback: Feedback) -> Built:
    """Deal all points, piece by piece along the curve."""
    cuts = runs.cuts()
    places = np.array(
        [
            [0, *(runs.place(n, code) for code in cuts), run.count]
            for n, run in enumerate(runs.runs)
        ]
    )
    parts, held, before = _Dealing(), [], -1
    for piece in range(len(cuts) + 1):
        feedback.check()
        spans = [(n, int(a), int(b)) for n, (a, b) in enumerate(places[:, piece : piece + 2])]
        read = [runs.read(n, a, b) for n, a, b in spans if b > a]
        if not read:
            continue
        points, before = parts.deal(np.concatenate(read), before, (piece == 0, piece == len(cuts)))
        if out is None:
            held.append(points)
        else:
            out.write(points.data)
        feedback.progress((piece + 1) / (len(cuts) + 1))
    tree, tile, start, count = planted(runs.header, runs.cube, parts.whole())
    return Built(tree, tile, start, count, tally, joined(held) if out is None else None)
