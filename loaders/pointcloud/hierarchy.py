"""COPC: the octree that a file brings along, page by page.

Source: COPC specification 1.0 (copc.io): the info record, entries of 32 bytes, pages within pages.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders.pointcloud.header import Header, broken
from loaders.pointcloud.planting import REFINE, boxed, depths
from twin.errors import NotReadable
from twin.geometry import F64
from twin.tiles import ADD, TileTree

INFO = ("copc", 1)
_ENTRY = np.dtype([("key", "<i4", 4), ("start", "<u8"), ("size", "<i4"), ("count", "<i4")])
_MOST_PAGE = 64 << 20
_DEEPEST = 30
PAGE = "page"
NODE = "node"


@dataclass(frozen=True, slots=True)
class Copc:
    """The info record: the cube, the spacing of the root, the first page, first and last GPS time."""

    center: tuple[float, float, float]
    half: float
    spacing: float
    page: tuple[int, int]
    times: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """What a token says: a page or a node, its key, its bytes in the file, its points, the levels below."""

    kind: str
    key: tuple[int, int, int, int]
    start: int
    size: int
    count: int = 0
    below: int = 0


@dataclass(frozen=True, slots=True)
class Grove:
    """Part of the tree with the token of each tile: a node's place in the file, or a page's."""

    tree: TileTree
    tokens: tuple[str, ...]


def copc_of(header: Header) -> Copc | None:
    """Return the info record, None for a file that is no COPC. Raises BrokenFile."""
    record = header.record(*INFO)
    if record is None or record.size != 160 or record.start != 375 + 54 or not header.packed:
        return None
    x, y, z, half, spacing, start, size, first, last = struct.unpack_from(
        "<5d2Q2d", header.read(record)
    )
    if not np.isfinite([x, y, z, half, spacing]).all() or not (half > 0 and spacing > 0):
        raise broken(header.location, reason="the cube of its COPC record has no size")
    found = Copc((x, y, z), half, spacing, (start, size), (first, last))
    _check_page(header, found.page)
    return found


def first_page(copc: Copc) -> Place:
    """Return the place of the root's page."""
    return Place(PAGE, (0, 0, 0, 0), *copc.page)


def _check_page(header: Header, page: tuple[int, int]) -> None:
    start, size = page
    if not 0 < size <= _MOST_PAGE or size % _ENTRY.itemsize or start + size > header.size:
        reason = f"a page of its COPC hierarchy ({size} bytes at {start}) lies outside of the file; it was cut off"
        raise broken(header.location, reason=reason)


def grove(header: Header, copc: Copc, place: Place, metres: float) -> Grove:
    """Return the tiles of a page; ``metres`` is what a coordinate counts. Raises BrokenFile, NotReadable."""
    page = place.start, place.size
    _check_page(header, page)
    try:
        with Path(header.location).open("rb") as stream:
            stream.seek(page[0])
            listed = np.frombuffer(stream.read(page[1]), _ENTRY)
    except OSError as error:
        raise NotReadable(location=header.location, reason=error.strerror or str(error)) from error
    listed = _sound(header, listed)
    keys = listed["key"].astype(np.int64)
    order, parent = _family(header, keys)
    listed, keys = listed[order], keys[order]
    if tuple(keys[0].tolist()) != place.key or listed["count"][0] < 0:
        reason = "a page of its COPC hierarchy is not that of the entry that names it"
        raise broken(header.location, reason=reason)
    below = depths(parent)
    above = np.unique(parent[(listed["count"] < 0) & (parent >= 0)])
    below[above] = np.maximum(below[above], 2)
    tokens = tuple(map(_token, listed.tolist(), below.tolist()))
    return Grove(_tree(header, copc, keys, parent, listed["count"], metres), tokens)


def _sound(header: Header, listed: NDArray[Any]) -> NDArray[Any]:
    """Return the entries; refuse what lies outside of the file. Raises BrokenFile."""
    key, start, size, count = (listed[name] for name in ("key", "start", "size", "count"))
    level = key[:, 0].astype(np.int64)
    good = (level >= 0) & (level <= _DEEPEST) & (count >= -1) & (size >= 0)
    good &= (key[:, 1:] >= 0).all(axis=1)
    good &= (key[:, 1:].astype(np.int64) < (1 << np.clip(level, 0, _DEEPEST))[:, None]).all(axis=1)
    if not good.all():
        raise broken(header.location, reason="an entry of its COPC hierarchy is none")
    used = count != 0
    end = start[used].astype(np.float64) + size[used]
    if len(end) and end.max() > header.size:
        where = int(start[used][int(end.argmax())])
        reason = f"the points at byte {where} lie outside of the file; it was cut off"
        raise broken(header.location, reason=reason)
    if int(count[used & (count > 0)].sum()) > header.count:
        raise broken(
            header.location, reason="its COPC hierarchy holds more points than its header says"
        )
    return listed


def _family(
    header: Header, keys: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the order by level, then by parent, and each one's parent in that order (-1: the first).

    Raises BrokenFile where an entry has no parent or stands twice.
    """
    above = keys.copy()
    above[:, 0] -= 1
    above[:, 1:] >>= 1
    order = np.lexsort(
        (keys[:, 3], keys[:, 2], keys[:, 1], above[:, 3], above[:, 2], above[:, 1], keys[:, 0])
    )
    keys, above = keys[order], above[order]
    known: dict[tuple[int, ...], int] = {}
    parent = np.full(len(keys), -1, np.int32)
    for row, (key, up) in enumerate(
        zip(map(tuple, keys.tolist()), map(tuple, above.tolist()), strict=True)
    ):
        if key in known or (row and up not in known):
            which = "-".join(map(str, key))
            raise broken(
                header.location,
                reason=f"the entry {which} of its COPC hierarchy has no parent or stands twice",
            )
        parent[row] = known.get(up, -1) if row else -1
        known[key] = row
    return order, parent


def _tree(
    header: Header, copc: Copc, keys: NDArray[np.int64], parent: NDArray[np.int32],
    many: NDArray[np.int32], metres: float,
) -> TileTree:  # fmt: skip
    n = len(keys)
    low, high = boxes_of(header, copc, keys)
    center, axes = boxed(low, high, header.scale)
    count = np.bincount(parent[1:], minlength=n).astype(np.int32)
    first = np.zeros(n, np.int32)
    first[parent[:0:-1]] = np.arange(n - 1, 0, -1, dtype=np.int32)
    error = (REFINE * copc.spacing * metres / 2.0 ** keys[:, 0]).astype(np.float32)
    return TileTree(
        center, axes, error, parent, first, count, np.full(n, ADD, np.uint8), many != 0
    )


def boxes_of(header: Header, copc: Copc, keys: NDArray[np.int64]) -> tuple[F64, F64]:
    """Return the corners f64(n, 3) of nodes, cut to the bounds that the header names."""
    side = 2 * copc.half / 2.0 ** keys[:, :1]
    low = np.array(copc.center) - copc.half + keys[:, 1:] * side
    high = low + side
    if np.isfinite(header.box).all() and (header.box[3:] >= header.box[:3]).all():
        low = np.clip(low, header.box[:3] - header.scale, header.box[3:] + header.scale)
        high = np.clip(high, header.box[:3] - header.scale, header.box[3:] + header.scale)
    return low, high


def _token(entry: tuple[Any, ...], below: int) -> str:
    """Return the text that says where a node's points, or a page, stand; '' for an empty node."""
    (level, x, y, z), start, size, count = entry
    if not count:
        return ""
    kind = PAGE if count < 0 else NODE
    return f"{kind}-{level}-{x}-{y}-{z}-{start}-{size}-{max(count, 0)}-{below}"


def said_by(header: Header, token: str) -> Place:
    """Return what a token says. Raises BrokenFile."""
    kind, *numbers = token.split("-")
    if kind not in (PAGE, NODE) or len(numbers) != 8 or not all(x.isdecimal() for x in numbers):
        raise broken(header.location, reason=f"there is no tile {token[:40]}")
    level, x, y, z, start, size, count, below = map(int, numbers)
    return Place(kind, (level, x, y, z), start, size, count, below)
