"""meshopt's vertex codec, versions 0 and 1, in numpy.

A buffer is blocks of vertices, a block is one column per byte of the vertex, a column is groups of
16 values of 0, 1, 2, 4 or 8 bits. How long a group is stands in its own bytes, so the groups must be
walked one after another; that walk looks up lengths computed for all places at once. Then all groups
of a width are unpacked together, and the differences between vertices are summed up.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twin.geometry import U8

GROUP = 16
BLOCK_BYTES, BLOCK_MOST = 8192, 256
TAIL_LEAST = (32, 24)
"""The least bytes after the last block, by version."""
WIDTHS = ((0, 2, 4, 8), (0, 1, 2, 4), (1, 2, 4, 8))
"""Bits of a group by its two-bit code: version 0, version 1 with control 0 and with control 1."""
ZEROS, LITERAL = 2, 3
"""Controls of version 1: a column of zeros, and one that is not packed."""
CODES = [tuple(byte >> 2 * i & 3 for i in range(4)) for byte in range(256)]


class _Groups(NamedTuple):
    """The groups in order: where each starts and how many bits its values have."""

    starts: list[int]
    widths: list[int]


def read_vertices(data: U8, count: int, stride: int) -> U8:
    """Return u8(count, stride). Raises ValueError where the data is broken."""
    if len(data) < 1 or data[0] >> 4 != 0xA or data[0] & 15 > 1:
        raise ValueError("no vertex codec of version 0 or 1")
    version = int(data[0] & 15)
    tail = stride + (stride // 4 if version else 0)
    end = len(data) - max(tail, TAIL_LEAST[version])
    if end < 1:
        raise ValueError(f"{len(data)} bytes are too few")
    block = min(BLOCK_BYTES // stride // GROUP * GROUP, BLOCK_MOST)
    groups = _walk(data, end, (count, stride, block), version)
    values = _unpacked(data, groups)
    deltas = _columns(values, count, stride, block)
    first = data[len(data) - tail : len(data) - tail + stride]
    channels = data[len(data) - stride // 4 :] if version else np.zeros(stride // 4, np.uint8)
    return _summed(deltas, first, channels)


def _walk(data: U8, end: int, shape: tuple[int, int, int], version: int) -> _Groups:
    """Return all groups of all blocks. Raises ValueError where they leave the data."""
    count, stride, block = shape
    raw, lengths = data.tobytes(), _lengths(data)
    found = _Groups([], [])
    at = 1
    for start in range(0, count, block):
        held = min(block, count - start)
        controls = stride // 4 if version else 0
        control, at = raw[at : at + controls], at + controls
        for column in range(stride):
            kind = control[column >> 2] >> 2 * (column & 3) & 3 if controls else -1
            if at > end:
                raise ValueError(f"the blocks end after byte {end}")
            at = _column(raw, at, (held, kind), lengths, found)
    if at != end:
        raise ValueError(f"the blocks end at byte {at}, not at {end}")
    return found


def _column(
    raw: bytes, at: int, shape: tuple[int, int], lengths: dict[int, bytes], found: _Groups
) -> int:
    """Add the groups of one column and return where it ends. ``shape`` = vertices, control."""
    held, kind = shape
    count = -(-held // GROUP)
    if kind in (ZEROS, LITERAL):
        found.widths.extend([0 if kind == ZEROS else 8] * count)
        found.starts.extend(range(at, at + count * GROUP, GROUP))
        return at + held if kind == LITERAL else at
    widths = WIDTHS[kind + 1]
    header = raw[at : at + (count + 3) // 4]
    at += len(header)
    codes = [code for byte in header for code in CODES[byte]][:count]
    starts, kinds = found.starts, found.widths
    last = len(raw) - 1
    for code in codes:
        width = widths[code]
        starts.append(at)
        kinds.append(width)
        at += lengths[width][min(at, last)]
    return at


def _lengths(data: U8) -> dict[int, bytes]:
    """Return for each width the length of a group that would start at each byte."""
    size = len(data)
    every = {0: bytes(size), 8: bytes([GROUP]) * size}
    spread = np.concatenate([data, np.zeros(GROUP, np.uint8)])
    for width in (1, 2, 4):
        packed = GROUP * width // 8
        marks = _marks(width)[spread]
        total = np.full(size, packed, np.uint8)
        for i in range(packed):
            total += marks[i : i + size]
        every[width] = total.tobytes()
    return every


def _marks(width: int) -> U8:
    """Return for each byte how many of its values are all ones: they stand in a byte of their own."""
    byte, ones = np.arange(256), (1 << width) - 1
    held = [(byte >> shift & ones) == ones for shift in range(0, 8, width)]
    return np.asarray(np.sum(held, axis=0), np.uint8)


def _unpacked(data: U8, groups: _Groups) -> U8:
    """Return the values of all groups u8(n, 16)."""
    starts, widths = np.array(groups.starts, np.int64), np.array(groups.widths, np.uint8)
    spread = np.concatenate([data, np.zeros(4 * GROUP, np.uint8)])
    values = np.zeros((len(starts), GROUP), np.uint8)
    for width in (1, 2, 4, 8):
        which = np.flatnonzero(widths == width)
        if len(which):
            values[which] = _group_values(spread, starts[which], width)
    return values


def _group_values(data: U8, starts: NDArray[np.int64], width: int) -> U8:
    packed = GROUP * width // 8
    raw = data[starts[:, None] + np.arange(packed)]
    if width == 8:
        return np.asarray(raw, np.uint8)
    each, ones = 8 // width, (1 << width) - 1
    # the first value stands in the highest bits, except that single bits start at the lowest
    shifts = np.arange(each, dtype=np.uint8) * width
    shifts = shifts if width == 1 else shifts[::-1]
    values = (raw[:, :, None] >> shifts & ones).reshape(-1, GROUP)
    apart = values == ones
    rank = np.cumsum(apart, axis=1, dtype=np.int64)
    group, place = np.nonzero(apart)
    values[group, place] = data[starts[group] + packed - 1 + rank[group, place]]
    return np.asarray(values, np.uint8)


def _columns(values: U8, count: int, stride: int, block: int) -> U8:
    """Return the groups laid out as vertices u8(count, stride)."""
    whole = count // block
    inside = block // GROUP
    first = values[: whole * stride * inside].reshape(whole, stride, block)
    found = np.empty((count, stride), np.uint8)
    found[: whole * block].reshape(whole, block, stride)[:] = first.transpose(0, 2, 1)
    rest = count - whole * block
    if rest:
        last = values[whole * stride * inside :].reshape(stride, -1)
        found[whole * block :] = last.T[:rest]
    return found


def _summed(deltas: U8, first: U8, channels: U8) -> U8:
    """Return the vertices of their differences, four bytes (a channel) at a time."""
    found = np.empty_like(deltas)
    for channel, word in enumerate(channels.tolist()):
        at = slice(4 * channel, 4 * channel + 4)
        kind = word & 3
        if kind == 3:
            raise ValueError(f"a channel of the kind {word}")
        dtype = np.dtype(("<u1", "<u2", "<u4")[kind])
        step = np.ascontiguousarray(deltas[:, at]).view(dtype)
        start = np.ascontiguousarray(first[at]).view(dtype)
        if kind == 2:
            turn = np.uint32(word >> 4)
            if turn:  # rotated right
                step = step >> turn | step << np.uint32(32 - turn)
            held = np.bitwise_xor.accumulate(step, axis=0) ^ start
        else:
            one = dtype.type(1)
            step = (step >> one) ^ (dtype.type(0) - (step & one))
            held = np.cumsum(step, axis=0, dtype=dtype) + start
        found[:, at] = np.ascontiguousarray(held, dtype).view(np.uint8)
    return found
