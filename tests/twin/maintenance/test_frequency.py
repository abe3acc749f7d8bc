"""How often: worked numbers, laws, and draws of chance that agree with the formulas."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from twin.errors import PlanInput
from twin.maintenance.frequency import (
    Case,
    advise,
    best_interval,
    cost_per_year,
    fresh_share,
    from_deliveries,
    from_events,
    interval_for_freshness,
    interval_for_worst,
    kappa,
    mean_age,
    out_of_date,
    quick_interval,
    refresh_for_age,
    refresh_for_freshness,
    share_out,
    stale_share,
)
from twin.maintenance.frequency.optimum import changed_twice, changed_twice_at
from twin.maintenance.frequency.practice import PRACTICE
from twin.maintenance.frequency.rate import Interval
from twin.messages import LANGUAGES, catalogue

ORDINARY = Case(0.018, 10_000, 50, 120_000)
REDEVELOPED = Case(0.12, 800, 400, 9_000)
RARE = Case(0.004, 2_000, 5, 60_000)
LANDMARKS = Case(0.03, 120, 3_000, 15_000)

rates = st.floats(1e-4, 5)
money = st.floats(0.5, 1e6)
cases = st.builds(Case, rates, st.integers(1, 1_000_000), money, money)


@pytest.mark.parametrize(
    ("case", "interval", "quick", "cost", "stale", "worst", "age", "kappa_"),
    [
        (ORDINARY, 5.331142627096801, 5.163977794943222, 45750.0800124196,
         0.04648166834537393, 0.09150016002483963, 0.08325640547206437, 0.00432),
        (REDEVELOPED, 0.7041409381573619, 0.6846531968814576, 25928.1623572137,
         0.04108321957146699, 0.0810255073662941, 0.009710305983122601, 0.003375),
        (RARE, 59.22622953807767, 54.772255750516614, 2109.336896663418,
         0.10962722381842749, 0.21093368966634107, 2.2063088144319565, 0.024),
    ],
)  # fmt: skip
def test_the_best_interval_is_the_worked_one(
    case: Case, interval: float, quick: float, cost: float, stale: float, worst: float, age: float,
    kappa_: float,
) -> None:  # fmt: skip
    found = advise(case)
    assert found.interval == pytest.approx(interval, rel=1e-12)
    assert found.quick == pytest.approx(quick, rel=1e-12)
    assert found.cost == pytest.approx(cost, rel=1e-12)
    assert found.stale == pytest.approx(stale, rel=1e-12)
    assert float(out_of_date(case.rate, interval)) == pytest.approx(worst, rel=1e-12)
    assert float(mean_age(case.rate, interval)) == pytest.approx(age, rel=1e-11)
    assert kappa(case) == pytest.approx(kappa_)


@pytest.mark.parametrize(
    ("case", "years", "cost"),
    [
        (ORDINARY, 1, 124473.12106391018), (ORDINARY, 2, 68892.96504337605),
        (ORDINARY, 5, 45839.9181734899), (ORDINARY, 10, 54417.25392019996),
        (ORDINARY, math.inf, 500_000), (REDEVELOPED, 0.5, 27410.845782659824),
        (REDEVELOPED, 1, 27454.49791241993), (REDEVELOPED, 10, 134551.7898432539),
        (RARE, 10, 6197.359788080794), (RARE, math.inf, 10_000),
    ],
)  # fmt: skip
def test_an_interval_costs_the_worked_money(case: Case, years: float, cost: float) -> None:
    assert float(cost_per_year(case, years)) == pytest.approx(cost, rel=1e-12)


def test_a_calendar_takes_the_cheaper_neighbour() -> None:
    chosen = [advise(case).chosen for case in (ORDINARY, REDEVELOPED, RARE)]
    assert [(step.code, step.duration) for step in chosen] == [
        ("periodic", "P5Y"), ("biannually", "P6M"), ("asNeeded", "P10Y"),
    ]  # fmt: skip


def test_between_ten_and_twenty_years_the_cap_is_taken() -> None:
    found = advise(Case(0.018, 10_000, 50, 1_000_000))
    assert 10 < found.interval < 20
    assert (found.chosen.code, found.chosen.duration, found.event_driven) == (
        "periodic", "P10Y", False,
    )  # fmt: skip


def test_where_no_schedule_pays_evidence_asks_for_surveys() -> None:
    case = Case(2, 10, 1, 9_000)
    found = advise(case)
    assert kappa(case) >= 1
    assert found.event_driven
    assert math.isinf(found.interval)
    assert (found.cost, found.stale, found.chosen.duration) == (10, 1, "")


def test_a_limit_shortens_the_interval_and_keeps_longer_steps_out() -> None:
    found = advise(ORDINARY, 0.05)
    assert found.limited
    assert found.interval == pytest.approx(-math.log(0.95) / 0.018)
    assert found.chosen.duration == "P2Y"
    beyond = {x.step.duration for x in found.alternatives if not x.within}
    assert "P5Y" in beyond
    assert "P2Y" not in beyond
    assert not advise(ORDINARY, 0.1).limited


@pytest.mark.parametrize(
    ("rate", "years", "share"),
    [
        (0.018, 1, 0.017838967641699233), (0.018, 2, 0.03535970651687692),
        (0.018, 5, 0.08606881472877181), (0.05, 5, 0.22119921692859512),
        (0.12, 0.5, 0.05823546641575128), (0.12, 1, 0.11307956328284252),
        (0.12, 5, 0.4511883639059736), (0.005, 0.5, 0.0024968776025399153),
    ],
)  # fmt: skip
def test_shares_out_of_date_are_the_worked_ones(rate: float, years: float, share: float) -> None:
    assert float(out_of_date(rate, years)) == pytest.approx(share, rel=1e-12)


@pytest.mark.parametrize(
    ("rate", "worst", "fresh"),
    [
        (0.005, 21.072103131565257, 20.695766309244668), (0.018, 5.853361980990349, 5.7488239747901595),
        (0.05, 2.1072103131565254, 2.0695766309244688), (0.12, 0.8780042971485523, 0.8623235962185211),
    ],
)  # fmt: skip
def test_limits_give_the_worked_intervals(rate: float, worst: float, fresh: float) -> None:
    assert interval_for_worst(rate, 0.1) == pytest.approx(worst, rel=1e-12)
    assert interval_for_freshness(rate, 0.95) == pytest.approx(fresh, rel=1e-9)


def test_the_time_from_capture_to_delivery_counts_as_stale() -> None:
    assert float(stale_share(0.018, 5.331, 0.5)) == pytest.approx(0.055025, abs=2e-6)


def test_a_budget_is_shared_out_as_worked() -> None:
    cases = (ORDINARY, REDEVELOPED, LANDMARKS)
    free = share_out(cases, 1e6)
    assert free.mu == 1
    assert [x.interval for x in free.funds] == pytest.approx(
        [5.331142627096801, 0.7041409381573619, 1.6950980855442976], rel=1e-12
    )
    assert free.spend == pytest.approx(44139.82338337519, rel=1e-12)
    found = share_out(cases, 30_000)
    assert found.mu == pytest.approx(2.109099877168247, rel=1e-9)
    assert [x.interval for x in found.funds] == pytest.approx(
        [7.859434925646022, 1.036156438101913, 2.4810695785216246], rel=1e-9
    )
    assert [x.spend for x in found.funds] == pytest.approx(
        [15268.273245501343, 8685.947091625165, 6045.779662873434], rel=1e-9
    )
    assert [x.stale_cost for x in found.funds] == pytest.approx(
        [33757.00359013045, 19094.669509582898, 13071.462095149005], rel=1e-9
    )


def test_what_changes_too_fast_gets_no_survey_from_a_small_budget() -> None:
    fast = Case(50, 100, 1, 1)
    found = share_out((fast, ORDINARY), 3_000)
    assert found.funds[0].needs_feed
    assert found.funds[0].spend == 0
    assert math.isfinite(found.funds[1].interval)
    assert found.spend == pytest.approx(3_000)


def test_five_elements_are_refreshed_as_in_the_paper() -> None:
    fresh, age = refresh_for_freshness([1, 2, 3, 4, 5], 5), refresh_for_age([1, 2, 3, 4, 5], 5)
    assert fresh.tolist() == pytest.approx([1.1499, 1.3584, 1.3538, 1.1379, 0.0], abs=5e-5)
    assert age.tolist() == pytest.approx([0.8349, 0.9679, 1.0335, 1.0706, 1.0931], abs=5e-5)


def test_a_rate_from_permits_has_its_exact_interval() -> None:
    found = from_events(54, 3000.0)
    assert found.value == pytest.approx(0.018)
    assert (found.low, found.high) == pytest.approx((0.013522153990848247, 0.023486095464569225))
    assert from_events(0, 100).low == 0
    oracle = stats.chi2.ppf(0.975, 2) / 200
    assert from_events(0, 100).high == pytest.approx(oracle)


def test_a_rate_from_two_deliveries_corrects_for_changes_on_top_of_changes() -> None:
    found = from_deliveries([Interval(6, 46, 1895 / 365.25)])
    assert found.value == pytest.approx(0.026938284671518063, rel=1e-12)
    assert found.reduced == pytest.approx(0.02662765758845302, rel=1e-12)
    assert found.naive == pytest.approx(0.025140529998852818, rel=1e-12)
    assert found.low < found.reduced < found.value < found.high
    assert found.few


def test_several_deliveries_agree_with_one_where_they_say_the_same() -> None:
    one, two = Interval(60, 460, 5.0), [Interval(30, 230, 5.0), Interval(30, 230, 5.001)]
    assert from_deliveries([Interval(30, 230, 5.0)] * 2) == from_deliveries([one])
    single, several = from_deliveries([one]), from_deliveries(two)
    assert several.value == pytest.approx(single.value, rel=1e-3)
    assert several.low == pytest.approx(single.low, rel=0.05)
    assert several.high == pytest.approx(single.high, rel=0.05)


def test_a_delivery_in_which_everything_or_nothing_changed_still_has_an_interval() -> None:
    assert math.isinf(from_deliveries([Interval(46, 46, 5.0)]).value)
    assert from_deliveries([Interval(46, 46, 5.0)]).low > 0
    nothing = from_deliveries([Interval(0, 46, 5.0), Interval(0, 46, 4.0)])
    assert nothing.value == nothing.low == 0
    assert 0 < nothing.high < 0.01


@pytest.mark.parametrize(
    ("rate", "objects", "stale", "survey"),
    [
        (-1, 1, 1, 1), (math.nan, 1, 1, 1), (math.inf, 1, 1, 1), (1, 0, 1, 1), (1, -5, 1, 1),
        (1, 1, -1, 1), (1, 1, math.nan, 1), (1, 1, 1, -1), (1, 1, 1, math.inf),
    ],
)  # fmt: skip
def test_nonsense_is_refused_by_name(
    rate: float, objects: int, stale: float, survey: float
) -> None:
    with pytest.raises(PlanInput):
        Case(rate, objects, stale, survey)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 2.0, math.nan])
def test_a_limit_must_be_a_share(share: float) -> None:
    with pytest.raises(PlanInput):
        advise(ORDINARY, share)


def test_published_practice_is_told_in_every_language() -> None:
    for language in LANGUAGES:
        words = catalogue(language)
        assert all(words.has(f"plan.practice.{row.id}") for row in PRACTICE)
    assert all(row.low <= row.high for row in PRACTICE)


@given(st.floats(1e-12, 0.999999))
def test_the_closed_form_is_the_quantile_of_gamma_two(share: float) -> None:
    u = float(changed_twice_at(share))
    assert u == pytest.approx(float(special.gammaincinv(2, share)), rel=1e-9)
    assert float(changed_twice(u)) == pytest.approx(share, rel=1e-9)


@given(cases)
def test_the_optimum_is_a_minimum(case: Case) -> None:
    best = best_interval(case)
    if math.isinf(best):
        return
    least = float(cost_per_year(case, best))
    around = cost_per_year(case, best * np.array([0.2, 0.7, 0.95, 1.05, 1.4, 5.0]))
    assert (around >= least * (1 - 1e-12)).all()
    assert quick_interval(case) <= best * (1 + 1e-9)


@given(cases, st.floats(1.01, 10))
def test_dearer_surveys_are_rarer_and_dearer_staleness_is_surveyed_oftener(
    case: Case, factor: float
) -> None:
    dearer = Case(case.rate, case.objects, case.stale_cost, case.survey_cost * factor)
    graver = Case(case.rate, case.objects, case.stale_cost * factor, case.survey_cost)
    assert best_interval(dearer) >= best_interval(case)
    assert best_interval(graver) <= best_interval(case)


@given(rates, st.floats(1e-6, 50), st.floats(1.01, 5))
def test_longer_cycles_are_staler_and_shares_stay_shares(
    rate: float, years: float, factor: float
) -> None:
    short, long = float(stale_share(rate, years)), float(stale_share(rate, years * factor))
    assert 0 <= short <= long <= 1
    assert short <= float(out_of_date(rate, years)) + 1e-12
    assert 0 <= float(mean_age(rate, years)) <= years / 2
    assert float(fresh_share(rate, years)) == pytest.approx(1 - short)


@settings(max_examples=30)
@given(st.lists(cases, min_size=1, max_size=4), st.floats(0.05, 0.95))
def test_a_budget_is_spent_and_never_exceeded(several: Sequence[Case], part: float) -> None:
    free = share_out(several, 1e15).spend
    if free < 1e-3:
        return
    found = share_out(several, free * part)
    assert found.mu >= 1
    assert found.spend <= free * part * (1 + 1e-12)
    assert all(fund.interval >= fund.free * (1 - 1e-9) for fund in found.funds)


def test_drawn_lives_of_objects_agree_with_the_averages_of_a_cycle() -> None:
    random = np.random.default_rng(7)
    rate, interval, n = 0.12, 2.0, 400_000
    changed = random.exponential(1 / rate, n)
    looked = random.uniform(0, interval, n)
    stale = float((changed < looked).mean())
    age = float(np.maximum(looked - changed, 0).mean())
    assert stale == pytest.approx(float(stale_share(rate, interval)), abs=0.002)
    assert age == pytest.approx(float(mean_age(rate, interval)), abs=0.002)
    assert (stale, age) == pytest.approx((0.110949, 0.075421), abs=0.002)
