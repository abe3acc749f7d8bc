"""Segments in a plane -> closed rings, and what does not close.

Almost every object closes at once: each end is the beginning of exactly one other segment. What does not
is tried again with ends snapped together, and at last taken apart where lines cross.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.geometry import F64
from twin.sections.slicing import Index, Segments, joined

GRID = 1e-5
"""Metres: ends nearer than this are one, float noise included."""
TOLERANCE = 2e-3
"""Metres over which an open end finds its neighbour."""
STRAIGHT = 1e-4
"""Sine of the angle up to which a corner is none."""
STEEP = 0.2
"""Metres across per metre up at which a wall is one."""
SLACK = 0.05
"""Metres that a chain may reach below the line between its feet."""
LEAST = 1e-8
"""Square metres below which a ring is nothing."""
Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rings:
    """Closed rings, one after another, not repeating their first point.

    ``points`` f64(n, 2); ``start`` i(r + 1); ``source`` i(r) is a segment of each.
    """

    points: F64
    start: Index
    source: Index

    def __len__(self) -> int:
        return len(self.source)

    @property
    def number(self) -> Index:
        """Return which ring each point belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    @property
    def next(self) -> Index:
        """Return the point after each point."""
        following = np.arange(1, len(self.points) + 1)
        following[self.start[1:] - 1] = self.start[:-1]
        return following

    @property
    def area(self) -> F64:
        """Return the signed areas f64(r), m²; positive = counter-clockwise."""
        if not len(self):
            return np.zeros(0)
        # counted from each ring's first point: far from zero the products lose digits
        local = self.points - self.points[self.start[:-1]][self.number]
        after = local[self.next]
        cross = local[:, 0] * after[:, 1] - local[:, 1] * after[:, 0]
        return np.asarray(np.add.reduceat(cross, self.start[:-1]) / 2, np.float64)

    def take(self, chosen: Bool) -> "Rings":
        """Return the rings for which ``chosen`` bool(r) says so."""
        sizes = np.diff(self.start)[chosen]
        start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)
        return Rings(self.points[chosen[self.number]], start, self.source[chosen])


NO_RINGS = Rings(np.zeros((0, 2)), np.zeros(1, np.intp), np.zeros(0, np.intp))


def rings_of(segments: Segments, upright: bool) -> tuple[Segments, Rings, Index, Index]:
    """Return the segments, the rings that close, the segments in none, and those added at feet.

    Each part of an object (a mesh of one material) closes by itself first: layers that touch stay apart.
    What is left over is joined across the object's parts. In an ``upright`` plane, whose second axis is up,
    walls that stand on nothing are closed along their feet: many cities have buildings without floors.
    """
    none = np.zeros(0, np.intp)
    lone = len(segments.ends)
    parts = int(segments.part.max(initial=0)) + 1
    group = segments.feature.astype(np.int64) * parts + segments.part
    every = np.arange(lone)
    first, left = _closed(segments, every, _nodes(segments.ends, group))
    if not len(left):
        return segments, first, left, none
    feature = segments.feature[left].astype(np.int64)
    nodes = _snapped(segments.ends[left], feature, _nodes(segments.ends[left], feature))
    second, still = _closed(segments, left, nodes)
    added = none
    if upright and len(still):
        last, begin = _feet(segments.ends[left], nodes)
        added = lone + np.arange(len(last))
        feet = segments.take(left[last])
        feet.ends[:, 0], feet.ends[:, 1] = feet.ends[:, 1], segments.ends[left[begin], 0]
        segments = joined([segments, feet])
        both = np.concatenate([left, added])
        more = np.stack([nodes[last, 1], nodes[begin, 0]], axis=1)
        second, still = _closed(segments, both, np.concatenate([nodes, more]))
    return segments, _both(first, second), still, added


def _feet(ends: F64, nodes: Index) -> tuple[Index, Index]:
    """Return the last and the first segment of each chain that stands on two feet.

    It ends twice, all of it lies above the line between its ends, and both end walls are steep.
    """
    count = int(nodes.max(initial=-1)) + 1
    out = np.bincount(nodes[:, 0], minlength=count)
    into = np.bincount(nodes[:, 1], minlength=count)
    whose = labels(count, nodes[:, 0], nodes[:, 1])
    loose = (out != 1) | (into != 1)
    used = (out > 0) | (into > 0)
    plain = np.bincount(whose[loose & used], minlength=count) == 2
    begins, ends_at = (out == 1) & (into == 0), (out == 0) & (into == 1)
    plain &= np.bincount(whose[begins], minlength=count) == 1
    plain &= np.bincount(whose[ends_at], minlength=count) == 1
    first = np.flatnonzero(begins[nodes[:, 0]] & plain[whose[nodes[:, 0]]])
    last = np.flatnonzero(ends_at[nodes[:, 1]] & plain[whose[nodes[:, 1]]])
    first = first[np.argsort(whose[nodes[first, 0]])]
    last = last[np.argsort(whose[nodes[last, 1]])]
    run = np.abs(ends[:, 1] - ends[:, 0])
    steep = run[:, 0] < STEEP * run[:, 1]
    standing = steep[first] & steep[last] & _above(ends, whose[nodes[:, 0]], first, last)
    return last[standing], first[standing]


def _above(ends: F64, whose: Index, first: Index, last: Index) -> Bool:
    """Return bool(c): chains all of whose points lie above the line from their end to their beginning."""
    size = int(whose.max(initial=-1)) + 1
    start, slope = np.zeros((size, 2)), np.zeros(size)
    start[whose[first]] = ends[first, 0]
    across = ends[last, 1] - ends[first, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        slope[whose[first]] = np.nan_to_num(across[:, 1] / across[:, 0], posinf=0.0, neginf=0.0)
    height = ends[..., 1] - start[whose, 1][:, None]
    height -= slope[whose][:, None] * (ends[..., 0] - start[whose, 0][:, None])
    least = np.full(size, np.inf)
    np.minimum.at(least, whose, height.min(axis=1))
    return np.asarray(least[whose[first]] > -SLACK, np.bool_)


def _both(first: Rings, second: Rings) -> Rings:
    return Rings(
        np.concatenate([first.points, second.points]),
        np.concatenate([first.start, second.start[1:] + first.start[-1]]),
        np.concatenate([first.source, second.source]),
    )


def _nodes(ends: F64, group: NDArray[np.int64]) -> Index:
    """Return a number (s, 2) for each end, shared by the ends of a group at one place."""
    grid = np.round(ends / GRID).astype(np.int64)
    # odd 64-bit constants spread the bits; wrapping round is what a hash wants
    mixed = grid[..., 0] * np.int64(-7046029254386353131)
    mixed = (mixed ^ (mixed >> 29)) + grid[..., 1] * np.int64(-4417276706812531889)
    mixed = (mixed ^ (mixed >> 32)) + group[:, None] * np.int64(1609587929392839161)
    mixed ^= mixed >> 29
    return np.asarray(np.unique(mixed, return_inverse=True)[1].reshape(-1, 2), np.intp)


def _snapped(ends: F64, group: NDArray[np.int64], nodes: Index) -> Index:
    """Return the nodes, those that are no beginning or no end joined to near ones of their group."""
    count = int(nodes.max(initial=-1)) + 1
    flow = np.bincount(nodes[:, 0], minlength=count) - np.bincount(nodes[:, 1], minlength=count)
    at, whose = np.zeros((count, 2)), np.zeros(count, np.int64)
    at[nodes.ravel()] = ends.reshape(-1, 2)
    whose[nodes.ravel()] = np.repeat(group, 2)
    loose = np.flatnonzero(flow)
    if len(loose) < 2:
        return nodes
    places = np.asarray(shapely.points(at[loose]), np.object_)
    tree = shapely.STRtree(places)
    one, other = tree.query(places, predicate="dwithin", distance=TOLERANCE)
    same = whose[loose[one]] == whose[loose[other]]
    return labels(count, loose[one[same]], loose[other[same]])[nodes]


def labels(count: int, one: Index, other: Index) -> Index:
    """Return the smallest node that each of ``count`` nodes is joined to, over edges one-other."""
    label = np.arange(count)
    while True:
        low = np.minimum(label[one], label[other])
        np.minimum.at(label, label[one], low)
        np.minimum.at(label, label[other], low)
        while not np.array_equal(further := label[label], label):
            label = further
        if np.array_equal(label[one], label[other]):
            return label


def _closed(segments: Segments, chosen: Index, nodes: Index) -> tuple[Rings, Index]:
    """Return the rings among chosen segments whose every node is one end and one beginning; the rest."""
    real = nodes[:, 0] != nodes[:, 1]
    chosen, nodes = chosen[real], nodes[real]
    count = int(nodes.max(initial=-1)) + 1
    sound = np.bincount(nodes[:, 0], minlength=count) == 1
    sound &= np.bincount(nodes[:, 1], minlength=count) == 1
    follow = np.full(count + 1, count)
    whole = sound[nodes[:, 0]] & sound[nodes[:, 1]]
    follow[nodes[whole, 0]] = nodes[whole, 1]
    label = _cycles(follow)
    in_ring = label[:-1] < count
    using = in_ring[nodes[:, 0]] & whole
    left = chosen[~using]
    if not using.any():
        return NO_RINGS, left
    rank = _ranks(follow, label)
    begin = nodes[using, 0]
    order = np.lexsort((-rank[begin], label[begin]))
    source, begin = chosen[using][order], begin[order]
    first = np.flatnonzero(np.diff(label[begin], prepend=-1))
    start = np.append(first, len(begin))
    return Rings(segments.ends[source, 0], start, source[first]), left


def _cycles(follow: Index) -> Index:
    """Return for each node the smallest of its cycle; what leads out gets the last number.

    By doubling: once a doubled step takes nobody further out, or lowers no label, none ever will.
    """
    end = len(follow) - 1
    jump, out = follow, -1
    while (now := int(np.count_nonzero(jump == end))) != out:
        out, jump = now, jump[jump]
    inside = jump != end
    label = np.where(inside, np.arange(len(follow)), end)
    jump = np.where(inside, follow, end)
    while not np.array_equal(lower := np.minimum(label, label[jump]), label):
        label, jump = lower, jump[jump]
    return label


def _ranks(follow: Index, label: Index) -> Index:
    """Return how many steps each node of a cycle is away from its cycle's last node."""
    end = len(follow) - 1
    inside = label < end
    jump = np.where(inside, follow, end)
    # the cycle is opened before its smallest node
    jump[inside & (jump == label)] = end
    rank = np.where(jump == end, 0, 1)
    while (jump != end).any():
        rank = rank + np.where(jump == end, 0, rank[jump])
        jump = jump[jump]
    return rank


def straightened(rings: Rings) -> Rings:
    """Return the rings without the points at which nothing turns, and without rings of no area."""
    keep_ring = np.abs(rings.area) > LEAST
    rings = rings.take(keep_ring)
    if not len(rings):
        return rings
    following = rings.next
    before = np.empty_like(following)
    before[following] = np.arange(len(following))
    ahead = rings.points[following] - rings.points
    behind = rings.points - rings.points[before]
    cross = behind[:, 0] * ahead[:, 1] - behind[:, 1] * ahead[:, 0]
    along = np.einsum("ij,ij->i", behind, ahead)
    size = np.linalg.norm(ahead, axis=1) * np.linalg.norm(behind, axis=1)
    turns = (np.abs(cross) > STRAIGHT * size) | (along < 0)
    left = np.add.reduceat(turns.astype(np.intp), rings.start[:-1])
    turns |= (left < 3)[rings.number]
    start = np.concatenate(
        [[0], np.cumsum(np.add.reduceat(turns.astype(np.intp), rings.start[:-1]))]
    )
    return Rings(rings.points[turns], start.astype(np.intp), rings.source)


def convex(rings: Rings) -> Bool:
    """Return bool(r): counter-clockwise rings that turn left everywhere, and once round."""
    following = rings.next
    ahead = rings.points[following] - rings.points
    after = ahead[following]
    cross = ahead[:, 0] * after[:, 1] - ahead[:, 1] * after[:, 0]
    turn = np.arctan2(cross, np.einsum("ij,ij->i", ahead, after))
    least = np.minimum.reduceat(turn, rings.start[:-1])
    whole = np.add.reduceat(turn, rings.start[:-1])
    return np.asarray((least > -1e-9) & (np.abs(whole - 2 * np.pi) < 1e-3), np.bool_)


def groups(segments: Segments, left: Index) -> Index:
    """Return a number for each left-over segment: one an object, and of the background (which may be a
    whole city) one for all that hang together."""
    feature = segments.feature[left].astype(np.int64)
    nodes = _nodes(segments.ends[left], feature)
    found = labels(int(nodes.max(initial=-1)) + 1, nodes[:, 0], nodes[:, 1])[nodes[:, 0]]
    found = np.where(feature < 0, found, -1 - feature)
    return np.asarray(np.unique(found, return_inverse=True)[1], np.intp)
