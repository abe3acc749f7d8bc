"""Five years ahead: laws of the expectation, and draws that lie about it."""

import numpy as np
import pytest

from twin.geometry import F64
from twin.maintenance.frequency import stale_share
from twin.maintenance.frequency.simulation import MONTHS, Stock, by_group, simulate


def stock(age: F64, interval: float = 2.0, rate: float = 0.1) -> Stock:
    n = len(age)
    return Stock(
        age, np.full(n, rate), np.full(n, 3.0), np.full(n, 10.0), np.full(n, float(interval))
    )


def test_a_city_never_surveyed_decays_and_costs_no_survey() -> None:
    found = simulate(stock(np.zeros(1000)), np.inf)
    assert found.spent.max() == 0
    assert (np.diff(found.fresh) < 0).all()
    assert found.fresh[-1] == pytest.approx(np.exp(-0.1 * 5), rel=0.01)


def test_a_steady_city_is_as_fresh_as_the_cycle_says_and_pays_for_each_survey() -> None:
    ages = np.random.default_rng(3).uniform(0, 2, 20_000)
    found = simulate(stock(ages))
    assert found.mean_fresh == pytest.approx(1 - float(stale_share(0.1, 2.0)), abs=0.005)
    assert found.spent[-1] == pytest.approx(20_000 * 3.0 * 5 / 2, rel=0.02)
    assert (np.diff(found.spent) >= 0).all()


def test_what_is_overdue_is_caught_up_with_in_a_year_oldest_first() -> None:
    ages = np.array([9.0] * 500 + [2.5] * 500)
    found = simulate(stock(ages))
    assert found.spent[6] == pytest.approx(500 * 3.0)
    assert found.spent[12] == pytest.approx(1000 * 3.0)


def test_what_has_no_date_counts_as_out_of_date_until_it_is_surveyed() -> None:
    found = simulate(stock(np.full(100, np.nan)))
    assert found.fresh[0] == 0
    assert found.fresh[12] > 0.9


def test_oftener_is_fresher_and_dearer() -> None:
    ages = np.random.default_rng(4).uniform(0, 8, 5000)
    often, seldom = simulate(stock(ages), 1.0), simulate(stock(ages), 5.0)
    assert often.mean_fresh > seldom.mean_fresh
    assert often.spent[-1] > seldom.spent[-1]
    assert often.stale[-1] < seldom.stale[-1]


def test_draws_with_one_seed_are_the_same_and_hold_the_expectation() -> None:
    ages = np.random.default_rng(5).uniform(0, 6, 2000)
    first = simulate(stock(ages), draws=60, seed=11)
    again = simulate(stock(ages), draws=60, seed=11)
    assert first.low is not None
    assert first.high is not None
    assert again.low is not None
    assert np.array_equal(first.low, again.low)
    inside = (first.low - 0.004 <= first.fresh) & (first.fresh <= first.high + 0.004)
    assert inside.mean() > 0.9


def test_groups_add_up_to_the_whole() -> None:
    ages = np.random.default_rng(6).uniform(0, 6, 3000)
    groups = (np.arange(3000) % 3).astype(np.int32)
    parts = by_group(stock(ages), groups, ("a", "b", "c", "empty"))
    assert list(parts) == ["a", "b", "c"]
    whole = simulate(stock(ages))
    assert sum(x.spent[-1] for x in parts.values()) == pytest.approx(whole.spent[-1], rel=0.02)
    assert len(whole.fresh) == MONTHS + 1
    assert len(simulate(stock(np.zeros(0))).fresh) == MONTHS + 1
