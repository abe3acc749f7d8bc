"""The best and the second best set of things for a budget, exactly: 0/1 knapsack over whole costs.

Values are counted in millionths, so that sums have no rounding. First every thing whose choice is settled by
Dantzig's bound is fixed (Dantzig 1957, Discrete-variable extremum problems; Martello and Toth 1990, Knapsack
Problems, 2.2.3 for the reduction), then the rest is solved by dynamic programming that keeps the two best
sets of every budget (Bellman 1957; Lawler 1972 for the k best). Where many things and a large budget are left,
the table is kept in blocks and made again while the sets are read from it, so that memory stays bounded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F64
from twin.jobs import Feedback

MILLIONTH = 1_000_000
STEPS = 4_000_000_000
"""Cells (things x budget) above which costs are counted coarser, rounded up: then the answer is within the
budget but may miss the best set, and ``exact`` says so."""
CELLS = 200_000_000
"""Cells of the table that are held at once; three bits each."""
NONE = -(1 << 60)
"""The value of a set that does not exist."""
I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Sets:
    """Indices of the ``best`` and of the ``second`` best set (None: there is no other), ascending. ``exact``
    False: costs had to be counted in steps of ``step``."""

    best: tuple[int, ...]
    second: tuple[int, ...] | None = None
    exact: bool = True
    step: int = 1


@dataclass(frozen=True)
class _Sorted:
    """Things by value for cost, the best first: values in millionths, costs, their sums from 0 on."""

    order: I64
    value: I64
    cost: I64
    values: I64
    costs: I64


def best_sets(
    values: F64, costs: I64, budget: int, feedback: Feedback | None = None, *, second: bool = True
) -> Sets:
    """Return the set of the highest total value within a budget; of equals the cheapest, of those the first.

    ``values`` f64(n) > 0, ``costs`` i64(n) >= 0. Deterministic. Raises Cancelled, ValueError for what is negative.
    """
    value = np.rint(np.asarray(values, np.float64) * MILLIONTH).astype(np.int64)
    cost = np.asarray(costs, np.int64)
    if (value < 0).any() or (cost < 0).any() or budget < 0:
        raise ValueError("values, costs and budgets are not negative")
    fits = np.flatnonzero((cost <= budget) & (value > 0))
    if not len(fits):
        return Sets(())
    things = _sorted(value[fits], cost[fits])
    core, sure = _reduced(things, budget, second=second)
    room = budget - int(things.cost[sure].sum())
    found, exact, step = _solved(things, core, room, feedback, second=second)
    named = [
        tuple(sorted(fits[things.order[np.concatenate([sure, core[list(one)]])]].tolist()))
        for one in found
    ]
    return Sets(named[0], named[1] if len(named) > 1 else None, exact, step)


def greedy(values: F64, costs: I64, budget: int, *, by_ratio: bool) -> tuple[int, ...]:
    """Return what is chosen one by one, the best value (for its cost) first, as long as it fits: for comparison."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rank = values / costs if by_ratio else values
    taken, left = [], budget
    for place in np.argsort(-rank, kind="stable").tolist():
        if costs[place] <= left:
            taken.append(place)
            left -= int(costs[place])
    return tuple(sorted(taken))


def _sorted(value: I64, cost: I64) -> _Sorted:
    with np.errstate(divide="ignore"):
        ratio = value / cost
    order = np.lexsort((np.arange(len(value)), cost, -ratio))
    v, c = value[order], cost[order]
    return _Sorted(
        order, v, c, np.concatenate([[0], np.cumsum(v)]), np.concatenate([[0], np.cumsum(c)])
    )


def _reduced(things: _Sorted, budget: int, *, second: bool) -> tuple[I64, I64]:
    """Return the places that are undecided and those that are in every set that could be best or second."""
    n = len(things.value)
    enough = _floor(things, budget, sets=2 if second else 1)
    stop = int(np.searchsorted(things.costs, budget, "right")) - 1
    place = np.arange(n)
    head = place < stop
    # without one of the head: its cost is free; with one of the tail: less is left for the others
    rest = np.where(head, budget + things.cost, budget - things.cost)
    ends = np.minimum(np.searchsorted(things.costs, rest, "right") - 1, n)
    bound = things.values[ends].astype(np.float64)
    more = ends < n
    after = np.minimum(ends, n - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = (rest - things.costs[ends]) * (things.value[after] / things.cost[after])
    bound += np.where(more & (rest > things.costs[ends]), part, 0.0)
    bound += np.where(head, -things.value, things.value)
    settled = (bound < enough - 1.0 - 1e-9 * abs(enough)) & (place != stop)
    return place[~settled], place[settled & head]


def _floor(things: _Sorted, budget: int, *, sets: int) -> float:
    """Return a value that so many different sets reach: greedy ones, and what they make without one thing."""
    taken, left = [], budget
    for place, cost in enumerate(things.cost.tolist()):
        if cost <= left:
            taken.append(place)
            left -= cost
    value = int(things.value[taken].sum())
    reached = [value - int(things.value[taken].min(initial=value))]
    skipped = np.setdiff1d(np.arange(len(things.value)), taken)
    if len(skipped):  # one that was left out in the place of the last ones
        some = skipped[:2000]
        room = budget - things.cost[some]
        ends = np.minimum(np.searchsorted(things.costs, room, "right") - 1, some)
        reached.append(int((things.values[ends] + things.value[some]).max()))
    return float(sorted([value, max(reached)])[-sets])


def _solved(
    things: _Sorted, core: I64, room: int, feedback: Feedback | None, *, second: bool
) -> tuple[list[tuple[int, ...]], bool, int]:
    value, cost = things.value[core], things.cost[core]
    budget = min(room, int(cost.sum()))
    common = int(np.gcd.reduce(cost)) or 1 if len(cost) else 1
    step = common
    while len(core) * (budget // step + 1) > STEPS:
        step *= 2
    exact = step == common
    cost, budget = -(-cost // step), budget // step
    table = _Table(value, cost, budget, feedback, second=second)
    return table.sets(), exact, 1 if exact else step


class _Table:
    """The two highest values of every budget 0..b, thing by thing, and the sets that have them."""

    def __init__(
        self, value: I64, cost: I64, budget: int, feedback: Feedback | None, *, second: bool
    ) -> None:
        self._value, self._cost, self._budget = value.tolist(), cost.tolist(), budget
        self._feedback, self._second = feedback, second
        self._block = max(CELLS // (budget + 1), 1)
        self._starts: list[tuple[I64, I64]] = []
        self._bits: list[tuple[NDArray[np.uint8], ...]] = []
        one, two = np.zeros(budget + 1, np.int64), np.full(budget + 1, NONE, np.int64)
        n = len(self._value)
        for begin in range(0, n, self._block):
            self._starts.append((one, two))
            one, two = self._run(begin, min(begin + self._block, n), one, two)
        self._end = one, two

    def _run(self, begin: int, end: int, one: I64, two: I64) -> tuple[I64, I64]:
        """Go over some things; the decisions are in ``_bits`` afterwards."""
        self._bits = []
        one, two = one.copy(), two.copy()
        for place in range(begin, end):
            if self._feedback is not None and place % 64 == 0:
                self._feedback.check()
            self._bits.append(self._take(self._value[place], self._cost[place], one, two))
        return one, two

    def _take(self, value: int, cost: int, one: I64, two: I64) -> tuple[NDArray[np.uint8], ...]:
        """Add one thing in place. The bits: the best has it, the second has it, the second goes on as the best did."""
        size = self._budget + 1
        if cost >= size:
            return ()
        first, other = one[: size - cost] + value, one[cost:]
        taken = first > other
        packed: tuple[NDArray[np.uint8], ...] = (np.packbits(taken),)
        if self._second:
            with_it, without = two[: size - cost] + value, two[cost:]
            # the loser of the two best goes against the second of the winner's side
            loser = np.where(taken, other, first)
            behind = np.where(taken, with_it, without)
            wins = loser >= behind
            had = np.where(wins, ~taken, taken)
            packed = (*packed, np.packbits(had), np.packbits(wins))
            two[cost:] = np.maximum(np.maximum(loser, behind), NONE)
        one[cost:] = np.where(taken, first, other)
        return packed

    def sets(self) -> list[tuple[int, ...]]:
        """Return the best set and, where there is another, the second best one."""
        one, two = self._end
        top = self._budget
        cheapest = int(np.searchsorted(one, one[top], "left"))
        asked = [(cheapest, False)]
        if self._second and two[top] > NONE // 2:
            asked += [(top, False), (top, True)]
        found = self._read(asked)
        others = [item for item in found[1:] if item != found[0]]
        # of the two at the full budget one may be as good as the best and dearer: the better other one counts
        return found[:1] + others[:1]

    def _read(self, asked: Sequence[tuple[int, bool]]) -> list[tuple[int, ...]]:
        """Follow the decisions back from (budget, second) for each."""
        n = len(self._value)
        at = list(asked)
        sets: list[list[int]] = [[] for _ in asked]
        for number in reversed(range(len(self._starts))):
            begin = number * self._block
            end = min(begin + self._block, n)
            if number < len(self._starts) - 1:
                self._run(begin, end, *self._starts[number])
            for place in reversed(range(begin, end)):
                bits = self._bits[place - begin]
                for which, (left, second) in enumerate(at):
                    at[which] = self._back(place, bits, left, second, sets[which])
        return [tuple(sorted(item)) for item in sets]

    def _back(
        self,
        place: int,
        bits: tuple[NDArray[np.uint8], ...],
        left: int,
        second: bool,
        into: list[int],
    ) -> tuple[int, bool]:
        cost = self._cost[place]
        if left < cost:  # it did not fit: nothing was decided here
            return left, second
        where = left - cost
        taken = _bit(bits[0], where)
        if second:
            second, taken = not _bit(bits[2], where), _bit(bits[1], where)
        if taken:
            into.append(place)
            return where, second
        return left, second


def _bit(packed: NDArray[np.uint8], place: int) -> bool:
    return bool(packed[place >> 3] >> (7 - (place & 7)) & 1)
