"""meshopt's index codecs: triangles by recent edges and corners, and runs of indices by differences.

The triangles are a chain of Python steps (about a microsecond each): each depends on the ones before.
"""

import numpy as np
from numpy.typing import NDArray

from twin.geometry import U8

MASK = 0xFFFFFFFF
RECENT = 16
"""How many edges and corners are remembered."""


def read_sequence(data: U8, count: int) -> NDArray[np.uint32]:
    """Return u32(count) of the sequence codec. Raises ValueError where the data is broken."""
    if len(data) < 1 + count + 4 or data[0] & 0xF0 != 0xD0 or data[0] & 15 > 1:
        raise ValueError("no index sequence of version 0 or 1, or too short")
    body = data[1:-4]
    ends = np.flatnonzero(body < 128)
    if len(ends) != count or len(body) != (ends[-1] + 1 if count else 0):
        raise ValueError(f"{len(ends)} indices instead of {count}")
    if not count:
        return np.zeros(0, np.uint32)
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)
    place = np.arange(len(body)) - np.repeat(starts, ends - starts + 1)
    if int(place.max()) > 4:
        raise ValueError("an index of more than five bytes")
    bits = (body & 127).astype(np.uint64) << (7 * place).astype(np.uint64)
    value = np.add.reduceat(bits, starts).astype(np.int64) & MASK
    line = value & 1
    value >>= 1
    step = (value >> 1) ^ -(value & 1)
    found = np.empty(count, np.int64)
    for which in (0, 1):
        found[line == which] = np.cumsum(step[line == which])
    return (found & MASK).astype(np.uint32)


def read_triangles(data: U8, count: int) -> NDArray[np.uint32]:
    """Return u32(count) of the triangle codec. Raises ValueError where the data is broken."""
    if len(data) < 1 + count // 3 + RECENT or data[0] & 0xF0 != 0xE0 or data[0] & 15 > 1:
        raise ValueError("no triangles of version 0 or 1, or too short")
    chain = _Chain(data.tobytes(), count // 3)
    try:
        chain.run()
    except IndexError:
        raise ValueError("the triangles end after the data") from None
    if chain.at != len(data) - RECENT:
        raise ValueError(f"the triangles end at byte {chain.at} of {len(data) - RECENT}")
    return (np.array(chain.found, np.int64) & MASK).astype(np.uint32)


class _Chain:
    """The decoder between two triangles: recent edges and corners, the next and the last index."""

    def __init__(self, raw: bytes, triangles: int) -> None:
        self.codes, self.body = raw[1 : 1 + triangles], raw[: len(raw) - RECENT]
        self.table = raw[len(raw) - RECENT :]
        self.free = 13 if raw[0] & 15 else 15
        self.at = 1 + triangles
        self.next = self.last = 0
        self.found: list[int] = []
        self.corners = [-1] * RECENT
        self.first, self.second = [-1] * RECENT, [-1] * RECENT

    def run(self) -> None:
        """Decode all triangles. Raises IndexError where the data ends too early."""
        found, corners, first, second = self.found, self.corners, self.first, self.second
        free = self.free
        for code in self.codes:
            if code >= 0xF0:
                self._fresh(code)
                continue
            edge, third = ~(code >> 4), code & 15
            a, b = first[edge], second[edge]
            if third == 0:
                c = self.next
                self.next = c + 1
                corners.append(c)
            elif third < free:
                c = corners[~third]
            else:
                c = self._free(third)
                corners.append(c)
            found += (a, b, c)
            first += (c, a)
            second += (b, c)

    def _free(self, code: int) -> int:
        """Return an index by its difference to the last one that was written so."""
        if code == 15:
            return self._delta()
        self.last += -1 if code == 13 else 1
        return self.last

    def _delta(self) -> int:
        value = shift = 0
        while True:
            byte = self.body[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128 or shift >= 35:
                break
        value &= MASK
        self.last = (self.last + ((value >> 1) ^ -(value & 1))) & MASK
        return self.last

    def _fresh(self, code: int) -> None:
        """Decode a triangle that shares no recent edge."""
        if code < 0xFE:
            pair, way = self.table[code & 15], 0
        else:
            pair, way = self.body[self.at], 0 if code == 0xFE else 15
            self.at += 1
            if pair == 0:
                self.next = 0
        ways = (way, pair >> 4, pair & 15)
        corners = self.corners
        known = [0, 0, 0]
        for i, one in enumerate(ways):
            if one == 0:
                known[i] = self.next
                self.next += 1
            elif one < 15:
                known[i] = corners[-one]
        for i, one in enumerate(ways):
            if one == 15:
                known[i] = self._delta()
        corners += [index for index, one in zip(known, ways, strict=True) if one in (0, 15)]
        a, b, c = known
        self.found += known
        self.first += (b, c, a)
        self.second += (a, b, c)
