"""What holds of every choice: no greedy way is better, no set is dearer than the budget, what is forced is in it."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.maintenance.bim.making import METHOD, eight, eight_scores
from twin.errors import Cancelled
from twin.maintenance.bim import Wanted, best_sets, choose, score, stability
from twin.maintenance.bim import knapsack as knapsacks
from twin.maintenance.bim.inputs import candidates
from twin.maintenance.bim.knapsack import greedy

VALUES = st.one_of(st.integers(1, 5).map(float), st.floats(0.5, 100.0))
THINGS = st.lists(st.tuples(VALUES, st.integers(0, 12)), min_size=1, max_size=8)
BUDGETS = st.integers(0, 40)


def columns(things: Sequence[tuple[float, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([x for x, _ in things]), np.array([c for _, c in things], np.int64)


def all_sets(values: np.ndarray, costs: np.ndarray, budget: int) -> list[tuple[int, int]]:
    """Return (value in millionths, -cost) of every set that fits, the best first."""
    whole = np.rint(values * 1_000_000).astype(np.int64)
    found = []
    for mask in itertools.product((False, True), repeat=len(values)):
        cost = int(costs[list(mask)].sum())
        if cost <= budget:
            found.append((int(whole[list(mask)].sum()), -cost))
    return sorted(found, reverse=True)


@given(THINGS, BUDGETS)
def test_the_two_best_sets_are_those_of_all_sets(
    things: list[tuple[float, int]], budget: int
) -> None:
    values, costs = columns(things)
    every = all_sets(values, costs, budget)
    found = best_sets(values, costs, budget)
    whole = np.rint(values * 1_000_000).astype(np.int64)
    best = list(found.best)
    assert (int(whole[best].sum()), -int(costs[best].sum())) == every[0]
    assert (found.second is None) == (len(every) == 1)
    if found.second is not None:
        assert found.second != found.best
        assert int(whole[list(found.second)].sum()) == every[1][0]
        assert costs[list(found.second)].sum() <= budget


@given(THINGS, BUDGETS)
def test_no_greedy_way_is_better(things: list[tuple[float, int]], budget: int) -> None:
    values, costs = columns(things)
    best = values[list(best_sets(values, costs, budget).best)].sum()
    for by_ratio in (False, True):
        assert best >= values[list(greedy(values, costs, budget, by_ratio=by_ratio))].sum() - 1e-5


def test_a_table_in_blocks_gives_the_same_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    costs = rng.integers(50, 90, 60)
    values = costs.astype(np.float64) + rng.integers(1, 4, 60)
    whole = best_sets(values, costs, 900)
    monkeypatch.setattr(knapsacks, "CELLS", 5_000)
    assert best_sets(values, costs, 900) == whole


def test_too_large_a_table_counts_coarser_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    costs = rng.integers(50, 90, 60)
    monkeypatch.setattr(knapsacks, "STEPS", 1_000)
    found = best_sets(costs.astype(np.float64), costs, 900)
    assert not found.exact
    assert found.step > 1
    assert costs[list(found.best)].sum() <= 900


@given(st.lists(st.booleans(), min_size=8, max_size=8), st.integers(0, 5000), st.floats(0, 100))
def test_what_is_forced_is_in_and_the_budget_holds(
    forced: list[bool], budget: int, least: float
) -> None:
    mask = np.array(forced)
    scores, costs = eight_scores(), eight()["cost"]
    found = choose(scores, costs, Wanted(budget, least, mask))
    if found.infeasible is not None:
        assert found.infeasible.shortage == costs[mask].sum() - budget > 0
        return
    assert set(np.flatnonzero(mask).tolist()) <= set(found.chosen.rows)
    assert found.chosen.cost <= budget
    free = [row for row in found.chosen.rows if not mask[row]]
    assert (scores.low[free] >= least).all()
    assert not set(found.collect) & set(found.chosen.rows)


CELL = st.one_of(st.none(), st.floats(0, 200_000))


@given(
    st.lists(st.tuples(CELL, CELL, st.sampled_from([None, 0, 4, 8]), CELL), min_size=1, max_size=5)
)
def test_a_missing_value_only_widens_the_interval(rows: list[tuple[float | None, ...]]) -> None:
    values = np.array([[np.nan if x is None else x for x in row] for row in rows])
    names = ("gfa_m2", "height_m", "use", "occupancy")
    table = {name: values[:, i] for i, name in enumerate(names)}
    ids = {str(i): str(i) for i in range(len(rows))}
    some = score(candidates(ids, table), METHOD)
    assert (some.low <= some.high + 1e-9).all()
    assert (some.low >= 0).all()
    assert (some.high <= 100 + 1e-9).all()
    full = {name: np.where(np.isnan(column), 3, column) for name, column in table.items()}
    known = score(
        candidates(ids, {**full, "heritage": np.ones(len(rows)), "gap": np.ones(len(rows))}),
        METHOD,
    )
    assert (known.low >= some.low - 1e-9).all()
    assert (known.high <= some.high + 1e-9).all()


def test_varied_weights_are_seeded_and_bracket_the_score() -> None:
    scores, costs, wanted = eight_scores(), eight()["cost"], Wanted(1800, 40.0)
    chosen = choose(scores, costs, wanted)
    one = stability(scores, costs, wanted, chosen, METHOD)
    other = stability(scores, costs, wanted, chosen, METHOD)
    assert (one.rank_one, one.same_set, one.weightings) == (1.0, other.same_set, 500)
    assert 0.8 < one.same_set < 1.0
    assert (one.low <= scores.low).all()
    assert (one.high >= scores.low).all()


def test_a_choice_that_is_no_longer_wanted_stops() -> None:
    class Impatient:
        def progress(self, done: float, what: str = "") -> None: ...

        def check(self) -> None:
            raise Cancelled(what="the choice")

    with pytest.raises(Cancelled):
        best_sets(np.arange(1.0, 50), np.arange(10, 59), 700, Impatient())
