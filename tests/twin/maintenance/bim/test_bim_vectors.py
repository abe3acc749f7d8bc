"""Every worked number of MAINTENANCE.md 4 through the public functions."""

from typing import Any

import numpy as np
import pytest

from tests.twin.maintenance.bim.making import EIGHT, VECTORS, eight, eight_scores
from twin.maintenance.bim import PARTS, Wanted, choose
from twin.maintenance.bim.knapsack import greedy

NAMES = list(EIGHT)
LIMITED = [key for key in VECTORS if key.startswith("bim_smin40") and "forced" not in key]
FREE = {"bim_knapsack_2500": 2500, "bim_knapsack_1800": 1800}
FORCED = {
    "bim_forced_B1_2500": (2500, 0.0, ["B1"]),
    "bim_forced_B1_B2_2500": (2500, 0.0, ["B1", "B2"]),
    "bim_smin40_2500_forced_B1_B2": (2500, 40.0, ["B1", "B2"]),
}


def chosen(budget: int, least: float, forced: list[str] | None = None) -> dict[str, Any]:
    mask = np.array([name.split()[0] in (forced or []) for name in NAMES])
    found = choose(eight_scores(), eight()["cost"], Wanted(budget, least, mask)).chosen
    return {
        "ids": [NAMES[row] for row in found.rows],
        "cost": found.cost,
        "score": pytest.approx(found.total, abs=1e-9),
    }


def taken(budget: int, least: float, *, by_ratio: bool) -> dict[str, Any]:
    scores = np.round(eight_scores().low, 4)
    rows = np.flatnonzero(scores >= least)
    costs = eight()["cost"].astype(np.int64)
    found = rows[list(greedy(scores[rows], costs[rows], budget, by_ratio=by_ratio))]
    return {
        "ids": [NAMES[row] for row in found],
        "cost": int(costs[found].sum()),
        "score": pytest.approx(float(scores[found].sum()), abs=1e-9),
    }


def test_the_eight_buildings_have_the_scores_of_the_table() -> None:
    scores = eight_scores()
    for row, expected in enumerate(VECTORS["bim_scores"]):
        assert expected["id"] == NAMES[row]
        for column, part in enumerate(PARTS):
            value = expected["n"][part]
            known = scores.measures[row, column]
            assert np.isnan(known) if value is None else known == pytest.approx(value, abs=5e-7)
        assert scores.low[row] == pytest.approx(expected["score_lo"], abs=5e-5)
        assert scores.high[row] == pytest.approx(expected["score_hi"], abs=5e-5)
        assert scores.known[row] == pytest.approx(expected["known_weight"])


@pytest.mark.parametrize(("key", "budget"), FREE.items())
def test_without_a_lowest_score(key: str, budget: int) -> None:
    assert VECTORS[key] == chosen(budget, 0.0)


@pytest.mark.parametrize(("key", "asked"), FORCED.items())
def test_with_forced_buildings(key: str, asked: tuple[int, float, list[str]]) -> None:
    assert VECTORS[key] == chosen(*asked)


@pytest.mark.parametrize("key", LIMITED)
def test_with_the_lowest_score_against_both_greedy_ways(key: str) -> None:
    budget, expected = int(key.rsplit("_", 1)[1]), VECTORS[key]
    assert expected["dp"] == chosen(budget, 40.0)
    assert expected["forced_B1"] == chosen(budget, 40.0, ["B1"])
    assert expected["greedy_ratio"] == taken(budget, 40.0, by_ratio=True)
    assert expected["greedy_score"] == taken(budget, 40.0, by_ratio=False)


@pytest.mark.parametrize("budget", [1800, 2500])
def test_the_greedy_ways_without_a_lowest_score(budget: int) -> None:
    assert VECTORS[f"bim_greedy_ratio_{budget}"] == taken(budget, 0.0, by_ratio=True)
    assert VECTORS[f"bim_greedy_score_{budget}"] == taken(budget, 0.0, by_ratio=False)


def test_the_runner_up_is_the_next_best_set() -> None:
    found = choose(eight_scores(), eight()["cost"], Wanted(1800, 40.0)).runner_up
    assert found is not None
    assert [NAMES[row].split()[0] for row in found.rows] == ["B1", "B4", "B5"]
    assert (round(found.total, 1), found.cost) == (177.9, 1530)


def test_an_interval_over_the_lowest_score_is_collected_neither_chosen_nor_dropped() -> None:
    found = choose(eight_scores(), eight()["cost"], Wanted(2500, 40.0))
    assert [NAMES[row] for row in found.collect] == ["B8 town hall"]


def test_forced_beyond_the_budget_says_the_shortage() -> None:
    mask = np.array([name.startswith(("B1", "B2")) for name in NAMES])
    found = choose(eight_scores(), eight()["cost"], Wanted(1500, 40.0, mask))
    assert found.infeasible is not None
    assert (found.infeasible.forced_cost, found.infeasible.shortage) == (2000, 500)
    assert found.chosen.rows == ()
