"""The effective timestamp: which observation counts, and how far it can be trusted (MAINTENANCE.md 1.3).

Never the maximum over kinds: a smaller kind rank wins, then the better level, then the later date.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool, FeatureTable, Times
from twin.geometry import I32, Rows
from twin.maintenance.hierarchy import nearest_with
from twin.observations import (
    ASPECTS,
    FLAG_ORDER,
    FLAG_SENTINEL,
    FLAG_TZ_ASSUMED,
    FLAG_UNPARSED,
    KINDS,
    LEVELS,
    Observations,
)

KIND_RANK = np.array([1, 1, 2, 3, 4, 5, 6], np.uint8)
"""Rank per KINDS: verified and captured share the first."""
KIND_CONFIDENCE = np.array([1.0, 0.95, 0.70, 0.50, 0.40, 0.35, 0.10], np.float32)
LEVEL_FACTOR = np.array([1.0, 0.9, 0.8, 0.7, 0.6], np.float32)

DQ_TZ_ASSUMED = FLAG_TZ_ASSUMED
DQ_SENTINEL = FLAG_SENTINEL
DQ_UNPARSED = FLAG_UNPARSED
DQ_ORDER = FLAG_ORDER
DQ_FUTURE = 16
DQ_UNIFORM = 32
DQ_UNDECIDED = 64
DQ_STRADDLE = 128
DQ_NAMES = {
    DQ_TZ_ASSUMED: "tz_assumed",
    DQ_SENTINEL: "sentinel",
    DQ_UNPARSED: "unparsed",
    DQ_ORDER: "order",
    DQ_FUTURE: "future",
    DQ_UNIFORM: "uniform",
    DQ_UNDECIDED: "undecided",
    DQ_STRADDLE: "straddle",
}
"""Bits of ``Assessment.dq``: the lower four are the FLAG_* of observations (order = ISO 19157 code 159);
future = clamped to now; uniform = demoted to a delivery date; undecided = evidence and date overlap;
straddle = no area of responsibility covers half of the footprint."""

FUTURE = np.timedelta64(26, "h")
"""The widest pair of UTC offsets, -12 and +14: so far ahead a date may be and still be today's."""
UNIFORM_SHARE, UNIFORM_OBJECTS = 0.90, 20
_DAY = np.timedelta64(1, "D")
_CAPTURED, _DELIVERED = KINDS.index("captured"), KINDS.index("delivered")
_CAN_FALL = np.isin(KINDS, ("modelled", "registered", "captured"))
_NAT = np.datetime64("NaT", "ms")


@dataclass(frozen=True)
class Judged:
    """Observations after the rules V0-V2 and U1: which are usable, as what kind, from when.

    ``kind`` u8(m) after demotion; ``t_lo`` clamped; ``usable``, ``uniform`` and ``future`` bool(m).
    """

    observations: Observations
    kind: NDArray[np.uint8]
    t_lo: Times
    usable: Bool
    uniform: Bool
    future: Bool

    @cached_property
    def whole(self) -> Bool:
        """Return bool(m): said of the whole source, not of one row."""
        return self.observations.row < 0


@dataclass(frozen=True)
class Choice:
    """The chosen observation per row: ``index`` i32(n) into the observations, -1 = none.

    ``inherited`` bool(n): it stands on an ancestor (field path ``parent:...``).
    """

    index: I32
    inherited: Bool


def judge(
    observations: Observations, now: np.datetime64, references: tuple[np.datetime64, ...] = ()
) -> Judged:
    """Apply V0 (unparsable), V1 (sentinel), V2 (future), the clamp and U1 (uniform per delivery).

    ``references`` are the delivery's reference and export dates: a captured date shared by the
    whole delivery within a day of one of them is a delivery date too.
    """
    o = observations
    t_lo = o.t_lo
    bad = (o.flags & (FLAG_UNPARSED | FLAG_SENTINEL)) != 0
    usable = ~np.isnat(t_lo) & ~bad & (t_lo <= now + FUTURE)
    future = usable & (t_lo > now)
    if future.any():
        t_lo = np.where(future, now, t_lo)
    kind = o.kind
    uniform = np.zeros(len(o), np.bool_)
    dates = _reference_dates(o, usable, references)
    for code in np.unique(o.path) if len(o) else ():
        at = np.flatnonzero((o.path == code) & usable & (o.row >= 0) & (o.level == 0)).astype(
            np.int32
        )
        shared = _shared(o, at)
        if not len(shared):
            continue
        if int(o.kind[at[0]]) == _CAPTURED and not _near(o.t_lo[shared[0]], dates):
            continue
        uniform[shared[_CAN_FALL[o.kind[shared]]]] = True
    if uniform.any():
        kind = np.where(uniform, np.uint8(_DELIVERED), kind)
    return Judged(o, kind, t_lo, usable, uniform, future)


def _shared(o: Observations, at: Rows) -> Rows:
    """Return those of one field's observations that hold the value shared by >= 90 % of >= 20 objects.

    Such a value is the median, whatever the others are: no counting of distinct values is needed.
    Each other value parts at most two neighbours, so that most neighbours are equal: a cheap test.
    """
    if len(at) < UNIFORM_OBJECTS:
        return at[:0]
    lo = o.t_lo[at].astype(np.int64)
    if (
        np.count_nonzero(lo[1:] == lo[:-1])
        < len(lo) - 1 - 2 * (1 - UNIFORM_SHARE) * len(lo) - 1e-6
    ):
        return at[:0]
    middle = np.partition(lo, len(lo) // 2)[len(lo) // 2]
    same = lo == middle
    if int(same.sum()) < UNIFORM_SHARE * len(at):
        return at[:0]
    same &= o.t_hi[at] == o.t_hi[at[np.argmax(same)]]
    return at[same] if int(same.sum()) >= UNIFORM_SHARE * len(at) else at[:0]


def _reference_dates(o: Observations, usable: Bool, given: tuple[np.datetime64, ...]) -> Times:
    """Return the reference and export dates of the delivery: given, or published/delivered for it all."""
    said = usable & (o.row < 0) & np.isin(o.kind, (KINDS.index("published"), _DELIVERED))
    return np.concatenate([np.array(given, "datetime64[ms]"), o.t_lo[said]])


def _near(time: np.datetime64, dates: Times) -> bool:
    return bool((np.abs(dates - time) <= _DAY).any())


def choose(judged: Judged, parent: I32, aspect: int = -1) -> Choice:
    """Return the observation that counts per row for an aspect (-1 = any aspect).

    A row without a usable observation of its own takes its nearest ancestor's choice; what is said
    of the whole source competes with both by kind, then level.
    """
    o = judged.observations
    n = len(parent)
    wanted = (
        judged.usable if aspect < 0 else judged.usable & ((o.aspect == aspect) | (o.aspect < 0))
    )
    key = _keys(judged)
    own = _best_own(judged, key, wanted & ~judged.whole, n)
    source = nearest_with(parent, own >= 0)
    index = np.where(source >= 0, own[np.maximum(source, 0)], np.int32(-1))
    inherited = (source >= 0) & (source != np.arange(n))
    whole = np.flatnonzero(wanted & judged.whole)
    if len(whole):
        best = whole[
            np.lexsort((o.t_hi[whole].astype(np.int64), -key[whole].astype(np.int64)))[-1]
        ]
        weaker = (index < 0) | (key[index] > key[best])
        index = np.where(weaker, np.int32(best), index)
        inherited &= ~weaker
    return Choice(index.astype(np.int32), inherited)


def _keys(judged: Judged) -> NDArray[np.uint8]:
    """Return rank * 8 + level per observation: smaller is better."""
    return (KIND_RANK[judged.kind] * np.uint8(8) + judged.observations.level).astype(np.uint8)


def _best_own(judged: Judged, key: NDArray[np.uint8], wanted: Bool, n: int) -> I32:
    """Return i32(n): the best observation of each row's own, -1 = none. One turn per rank and level."""
    o = judged.observations
    best = np.full(n, -1, np.int32)
    counts = np.bincount(key[wanted], minlength=1) if wanted.any() else np.zeros(0, np.int64)
    for value in np.flatnonzero(counts):
        at = np.flatnonzero(wanted & (key == value)).astype(np.int32)
        rows = o.row[at]
        still = best[rows] < 0
        at, rows = at[still], rows[still]
        if len(rows) > 1 and not (rows[1:] > rows[:-1]).all():
            order = np.lexsort((o.t_hi[at].astype(np.int64), rows))
            at, rows = at[order], rows[order]
        best[rows] = at
    return best


def data_quality(features: FeatureTable, judged: Judged, choice: Choice) -> NDArray[np.uint8]:
    """Return u8(n) of DQ_*: of the chosen observation, and of any own one that had to be dropped."""
    o = judged.observations
    n = len(features)
    dq = np.zeros(n, np.uint8)
    if len(o):
        bits = o.flags & np.uint8(FLAG_TZ_ASSUMED | FLAG_ORDER)
        bits = (
            bits | np.where(judged.future, DQ_FUTURE, 0) | np.where(judged.uniform, DQ_UNIFORM, 0)
        )
        dq = np.where(choice.index >= 0, bits.astype(np.uint8)[choice.index], 0).astype(np.uint8)
        for flag in (FLAG_SENTINEL, FLAG_UNPARSED):
            rows = o.row[(o.flags & flag) != 0]
            dq[rows[rows >= 0]] |= np.uint8(flag)
    dq[_out_of_order(features, judged)] |= np.uint8(DQ_ORDER)
    return dq


_CHAIN = tuple(
    KINDS.index(kind) for kind in ("captured", "modelled", "registered", "published", "delivered")
)


def _out_of_order(features: FeatureTable, judged: Judged) -> Bool:
    """Return where captured <= modelled <= registered <= published <= received is broken (dq 159).

    Dates of one aspect are compared; also created <= terminated and valid_from <= valid_to.
    """
    broken = np.zeros(len(features), np.bool_)
    for first, last in (
        (features.created, features.terminated),
        (features.valid_from, features.valid_to),
    ):
        if first is not None and last is not None:
            broken |= last < first
    o = judged.observations
    for aspect in range(-1, len(ASPECTS)):
        mine = judged.usable & (o.aspect == aspect)
        present = (
            np.bincount(o.kind[mine], minlength=len(KINDS)) > 0
            if mine.any()
            else np.zeros(9, bool)
        )
        steps = [kind for kind in _CHAIN if present[kind]]
        if len(steps) > 1:
            broken |= _broken_chain(o, mine, steps, len(features))
    return broken


def _broken_chain(o: Observations, mine: Bool, steps: list[int], n: int) -> Bool:
    broken = np.zeros(n, np.bool_)
    low = np.full(n, np.iinfo(np.int64).min)
    for kind in steps:
        at = np.flatnonzero(mine & (o.kind == kind))
        latest = _per_row(o.row[at], o.t_hi[at].astype(np.int64), n, np.maximum)
        earliest = _per_row(o.row[at], o.t_lo[at].astype(np.int64), n, np.minimum)
        said = latest != np.iinfo(np.int64).min
        broken |= said & (low >= latest)
        low = np.where(said, np.maximum(low, earliest), low)
    return broken


def _per_row(rows: Rows, values: NDArray[np.int64], n: int, better: np.ufunc) -> NDArray[np.int64]:
    """Return i64(n): the best value per row (row -1 speaks for all), the lowest integer where none."""
    none = np.iinfo(np.int64).min
    start = none if better is np.maximum else np.iinfo(np.int64).max
    found = np.full(n, start)
    whole = rows < 0
    if whole.any():
        found[:] = better.reduce(values[whole])
    rows, values = rows[~whole], values[~whole]
    if len(rows) > 1 and not (rows[1:] > rows[:-1]).all():
        better.at(found, rows, values)
    else:
        found[rows] = better(found[rows], values)
    return np.where(found == start, none, found)


def confidence_of(kind: NDArray[np.uint8], level: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return kind confidence times level factor (section 1.3): captured@object .95, delivered@dataset .21."""
    return (KIND_CONFIDENCE[kind] * LEVEL_FACTOR[level]).astype(np.float32)


assert len(KIND_RANK) == len(KIND_CONFIDENCE) == len(KINDS)
assert len(LEVEL_FACTOR) == len(LEVELS)
