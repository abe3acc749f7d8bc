"""Which level of an octree a point belongs to: from the order of the points along a Z-curve alone.

Level l keeps the first point of each cell of a grid that parts the cube 2^(7 + l) times; what coarser levels
keep is not kept again. Along the curve (Morton, 1966) every cell is one run, so a point is the first of its
cell wherever its code leaves that of the point before it: one sorting gives all levels, and clouds larger
than memory can be cut anywhere along the curve.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loaders.pointcloud.formats import Points
from loaders.pointcloud.header import Header
from twin.geometry import F64

GRID = 7
"""A tile's own grid parts it 2^7 times each way."""
DEEPEST = 14
"""The last level; grid and levels together take the 21 bits of an axis."""
LEAF = 24_000
"""A cell of no more points is not parted."""
BITS = 21

U64 = NDArray[np.uint64]
U8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Cube:
    """The cube that all points stand in. ``low`` f64(3) is its corner and ``side`` f64(3) its sides, in the
    file's coordinates; ``metres`` is the side's length: a cube in degrees is one in metres too."""

    low: F64
    side: F64
    metres: float

    @staticmethod
    def around(box: F64, metres: F64) -> "Cube":
        """Return the cube around a box f64(6), a coordinate counting ``metres`` f64(3) each way."""
        reach = (box[3:] - box[:3]) * metres
        size = max(float(reach.max()), 1e-3) * (1 + 1e-9)
        side = size / metres
        return Cube((box[:3] + box[3:] - side) / 2, side, size)

    def codes(self, points: Points, header: Header) -> U64:
        """Return the places u64(n) of points on the curve; what lies outside counts as on the border."""
        found = np.zeros(len(points), np.uint64)
        shift = (header.offset - self.low) / self.side * (1 << BITS)
        factor = header.scale / self.side * (1 << BITS)
        for axis in range(3):
            along = points["at"][:, axis] * factor[axis]
            along += shift[axis]
            np.clip(along, 0, (1 << BITS) - 1, out=along)
            found |= _spread(along.astype(np.int32)) << np.uint64(axis)
        return found

    def spacing(self, level: int) -> float:
        """Return how far apart points of a level stand, metres."""
        return self.metres / (1 << (GRID + level))


def _table() -> U64:
    values = np.arange(1 << 11, dtype=np.uint64)
    found = np.zeros_like(values)
    for bit in range(11):
        found |= ((values >> np.uint64(bit)) & np.uint64(1)) << np.uint64(3 * bit)
    return found


_SPREAD = _table()
_HIGH = _SPREAD << np.uint64(33)


def _spread(values: NDArray[np.int32]) -> U64:
    """Return the 21 bits of numbers, two zeros after each."""
    low: U64 = _SPREAD.take(values & 0x7FF, mode="clip")
    low |= _HIGH.take(values >> 11, mode="clip")
    return low


def parting(codes: U64, before: int) -> U8:
    """Return the depth u8(n) at which sorted codes leave the one before; ``before`` -1 = there is none.

    Cells of that depth and of coarser ones are shared; 21 = equal to the last bit.
    """
    if not len(codes):
        return np.zeros(0, np.uint8)
    other = np.empty_like(codes)
    other[1:] = codes[1:] ^ codes[:-1]
    other[0] = codes[0] ^ np.uint64(max(before, 0))
    top = other & ~(other >> np.uint64(1))  # one bit of two next to each other: nothing rounds up
    bit = (top.astype(np.float64).view(np.int64) >> 52) - 1023
    depth = np.where(other == 0, BITS, (62 - bit) // 3).astype(np.uint8)
    if before < 0:
        depth[0] = 0
    return depth


def levels(codes: U64, before: int, ends: tuple[bool, bool] = (True, True)) -> U8:
    """Return the levels u8(n) of points sorted by their codes.

    ``ends``: whether the curve begins and ends here; a cell that goes on beyond is taken for a full one.
    """
    depth = parting(codes, before)
    return np.minimum(_sampled(depth), _leaves(depth, ends))


def sampled(codes: U64, before: int) -> U8:
    """Return the levels u8(n) that keep sorted points, if all cells hold many."""
    return _sampled(parting(codes, before))


def _sampled(depth: U8) -> U8:
    return np.clip(depth.astype(np.int16) + 1 - GRID, 0, DEEPEST).astype(np.uint8)


def _leaves(depth: U8, ends: tuple[bool, bool]) -> U8:
    """Return the level u8(n) of the coarsest cell around each point that holds few points."""
    n = len(depth)
    found = np.full(n, DEEPEST, np.uint8)
    left = np.ones(n, np.bool_)
    for level in range(DEEPEST):
        starts = np.flatnonzero(depth < level)
        if not len(starts) or starts[0]:
            starts = np.concatenate([[0], starts])
        many = np.diff(starts, append=n)
        few = many <= LEAF
        if not ends[0]:
            few[0] = False
        if not ends[1]:
            few[-1] = False
        if not few.any():
            continue
        small = np.repeat(few, many) & left
        found[small] = level
        left &= ~small
        if not left.any():
            break
    return found
