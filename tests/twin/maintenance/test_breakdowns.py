"""The audit broken down: risk by the vectors, groups that add up, figures of units and orders, the trend."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import DATA
from tests.twin.maintenance.making import NOW, observed, rules, table
from twin.features import texts
from twin.maintenance import breakdowns
from twin.maintenance.assess import assess
from twin.maintenance.audit import DIMENSIONS, Audited, Beside, report
from twin.maintenance.breakdowns import AGES, Group, Units, grouped, units_of, whole
from twin.maintenance.exports import written
from twin.maintenance.kpis import OrderTimes, order_kpis
from twin.maintenance.policy import CRITICALITY
from twin.maintenance.risk import DEFAULT_RATE, limits, ohsome_class, out_of_date, priority
from twin.maintenance.rules import Rules, Zone
from twin.maintenance.trend import day_of, months, points, snapshot
from twin.observations import STATUSES
from twin.records import Evidence, Party, Policy

VECTORS: dict[str, Any] = json.loads((DATA / "maintenance" / "vectors.json").read_text("utf-8"))
POLICY = Policy("P-1", kind="*", frequency="periodic", duration="P5Y", severity="HIGH")


def test_the_probability_of_being_out_of_date_is_that_of_the_vectors() -> None:
    said = VECTORS["p_out_of_date"]
    years, rate = np.full(3, said["years"]), np.full(3, said["lam"])
    change = np.array([0.0, 0.9, 1 - (1 - 0.5) * (1 - 0.3)])
    found = out_of_date(years, rate, change)
    assert found == pytest.approx([said["none"], said["permit"], said["two"]], abs=1e-12)
    assert said["lam"] == DEFAULT_RATE


@pytest.mark.parametrize("line", VECTORS["priority"], ids=lambda line: str(line["P"]))
def test_the_priority_is_that_of_the_vectors(line: dict[str, Any]) -> None:
    weight = np.array([CRITICALITY[line["c"]]], np.uint8)
    found = priority(weight, np.array([line["ratio"]]), np.array([line["p"]]))
    assert found[0] == pytest.approx(line["P"], abs=0.006)


def test_the_classes_of_currentness_are_those_of_the_vectors() -> None:
    for up, middle, out, wanted in VECTORS["ohsome"]:
        assert ohsome_class(up, middle, out) == wanted
    assert limits("Building") == (36 * 365.25 / 12, 96 * 365.25 / 12)
    assert limits("Railway")[0] > limits("Road")[0] > limits("Building")[0]


def layer(n: int = 4, **more: Any) -> Audited:
    days = [NOW - np.timedelta64(d, "D") for d in (10, 200, 1000, 4000)]
    said = observed(
        *((i, str(days[i % 4])[:10], "captured", "", "object") for i in range(n - 1)),
        parties=[(0, "Ann", "custodian", "object"), (1, "B", "custodian", "object")],
    )
    columns = {"zone": texts(["north", "south", *[None] * (n - 2)])}
    boxes = [[100.0 * i, 0, 0, 100.0 * i + 10, 20, 5] for i in range(n)]
    there = table(["Building"] * n, boxes=boxes, columns=columns)
    found: Rules = more.pop("rules", rules(POLICY))
    verdict = assess(there, said, found, NOW)
    return Audited("a", there, said, verdict, rules=found, **more)


def test_groups_of_every_dimension_add_up_to_the_whole() -> None:
    audit = report([layer(8), layer(8)], NOW)
    assert {key: audit.totals_units[key] for key in audit.whole.counts} == audit.whole.counts
    for name in DIMENSIONS:
        groups = audit.groups[name]
        for key in ("objects", *STATUSES, "suspect", "orphans", "conflicts"):
            assert sum(group.counts[key] for group in groups) == audit.totals_units[key]
        for age in AGES:
            assert sum(g.ageing[age] for g in groups) == audit.whole.ageing[age]
        assert sum(g.expected for g in groups) == pytest.approx(audit.whole.expected)
        assert sum(sum(g.area.values()) for g in groups) == pytest.approx(16 * 200)
    assert [group.key for group in audit.groups["district"]] == ["north", "south", ""]
    assert [g.counts["objects"] for g in audit.groups["custodian"]] == [2, 2, 12]


def test_a_zone_drawn_on_the_map_names_the_district_where_no_column_does() -> None:
    shape = "POLYGON ((190 -5, 500 -5, 500 30, 190 30, 190 -5))"
    found = rules(POLICY, zones=(Zone("z", "east", shape), Zone("y", "none", shape)))
    codes, names = layer(4, rules=found).district
    assert [names[code] for code in codes.tolist()] == ["north", "south", "east", "east"]


def test_a_column_with_a_value_for_every_object_tells_no_district() -> None:
    one = layer(80)
    columns = {"zone": texts([f"at {i}" for i in range(80)])}
    codes, names = replace(one, features=replace(one.features, columns=columns)).district
    assert names == ()
    assert set(codes.tolist()) == {-1}


def test_ages_fall_into_their_classes_and_quantiles_are_those_of_numpy() -> None:
    audit = report([layer(4)], NOW)
    assert audit.whole.ageing == {
        "0-30 d": 1, "31-90 d": 0, "91-180 d": 0, "181-365 d": 1, "1-2 y": 0, "2-5 y": 1, "> 5 y": 0, "unknown": 1,
    }  # fmt: skip
    assert audit.whole.median_age == 200
    assert audit.whole.p90_age == pytest.approx(np.quantile([10, 200, 1000], 0.9), abs=0.01)
    assert audit.whole.shares == pytest.approx((1.0, 0.0, 0.0))
    assert audit.whole.few


def _sorted_groups(made: Units) -> tuple[Group, ...]:
    """Return the groups as a table too large to count in would give them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(breakdowns, "TABLE", 0)
        return grouped(made, "class")


@given(st.lists(st.tuples(st.integers(-1, 3000), st.integers(0, 3)), min_size=1, max_size=60))
def test_quantiles_of_any_groups_are_those_of_numpy(said: list[tuple[int, int]]) -> None:
    age = np.array([a for a, _ in said], np.int32)
    code = np.array([c for _, c in said], np.int32)
    units = units_of([layer(2)])
    n = len(age)
    filler = {name: np.zeros(n, getattr(units, name).dtype) for name in
              ("status", "suspect", "conflict", "contact_only", "area", "weight", "p", "priority", "currency", "layer", "row")}  # fmt: skip
    groups = dict.fromkeys(DIMENSIONS, (code, ("a", "b", "c", "d")))
    made = replace(units, age=age, groups=groups, **filler)
    for group in (*grouped(made, "class"), *_sorted_groups(made)):
        mine = age[(code == "abcd".index(group.key)) & (age >= 0)]
        if len(mine):
            assert group.median_age == pytest.approx(np.median(mine), abs=0.01)
            assert group.p90_age == pytest.approx(np.quantile(mine, 0.9), abs=0.01)
        else:
            assert group.median_age is None
    assert sum(whole(made).ageing.values()) == n


def test_evidence_raises_the_probability_and_the_rate_comes_from_the_policy() -> None:
    shape = "POLYGON ((-5 -5, 15 -5, 15 30, -5 30, -5 -5))"
    permit = Evidence("E", "permit_issued", polygon=shape, event_lo=NOW - 86_400_000, p_change=0.6)
    found = rules(replace(POLICY, rate=0.5), evidence=(permit,))
    one = layer(4, rules=found)
    years = 10 / 365.25
    assert one.risk.p[0] == pytest.approx(1 - np.exp(-0.5 * years) * 0.4, abs=1e-6)
    assert one.risk.p[1] == pytest.approx(1 - np.exp(-0.5 * 200 / 365.25), abs=1e-6)
    assert np.isnan(one.risk.p[3])
    assert one.risk.weight.tolist() == [4, 4, 4, 4]
    assert one.assessment.suspect.tolist() == [True, False, False, False]
    assert report([one], NOW).kpis["expected_stale"] == pytest.approx(
        float(np.nansum(one.risk.p)), abs=1e-3
    )


def test_an_objects_own_criticality_comes_before_its_policys() -> None:
    one = layer(4)
    columns = {**one.features.columns, "criticality": texts(["VERYHIGH", None, "low", "?"])}
    again = replace(one, features=replace(one.features, columns=columns))
    assert again.risk.weight.tolist() == [5, 4, 2, 4]


def test_the_figures_say_who_nobody_is_and_who_is_alone() -> None:
    people = (Party("a", "Ann", organisation=False), Party("b", "B"))
    found = rules(POLICY, parties=people)
    audit = report([layer(4, rules=found)], NOW, (), Beside(found))
    assert audit.kpis["single_person"] == 0.25
    assert audit.kpis["orphan_rate"] == 0.5
    assert audit.kpis["unknown_share"] == 0.25
    assert audit.kpis["few"]
    assert audit.kpis["orders"]["on_time_rate"] is None


def test_the_figures_of_orders() -> None:
    def days(*numbers: int | None) -> Any:
        return np.array(
            ["NaT" if d is None else str(np.datetime64("2025-01-01") + d) for d in numbers],
            "M8[ms]",
        )

    orders = OrderTimes(
        raised=days(0, 0, 10, 20), due=days(30, 30, 40, 50), closed=days(20, 40, None, None),
        event=days(0, 0, None, None), renewed=days(100, 300, None, None),
        done=np.array([True, True, False, False]), open=np.array([False, False, True, False]),
        reopened=np.array([True, False, False, False]),
    )  # fmt: skip
    assert order_kpis(orders) == {
        "backlog": 1, "closed": 2, "on_time_rate": 0.5, "mttu_days": 30.0, "evidence_lag_days": 200.0,
        "evidence_lag_share": 0.5, "reopen_rate": 0.5, "few_closed": True,
    }  # fmt: skip


def test_the_trend_is_what_was_stored_and_says_where_the_rules_changed() -> None:
    audit = report([layer(4)], NOW, (), Beside(rules(POLICY)))
    kept = snapshot(audit)
    assert json.loads(json.dumps(kept)) == kept
    other = snapshot(report([layer(4)], NOW, (), Beside(rules(replace(POLICY, duration="P1Y")))))
    stored = {"2025-08-01": kept, "2025-08-20": kept, "2025-09-01": other, "bad": {"x": 1}}
    assert day_of(NOW) == "2025-10-27"
    lines = points(stored)
    assert [line["day"] for line in lines] == ["2025-08-01", "2025-08-20", "2025-09-01"]
    assert [line["new_rules"] for line in lines] == [False, False, True]
    assert len(months(stored)) == 2
    document = json.loads(written(report([layer(4)], NOW, (), Beside(snapshots=stored)), "json"))
    assert document["trend"] == lines


def test_nothing_at_all_has_a_breakdown() -> None:
    audit = report([], NOW)
    assert audit.whole.counts["objects"] == 0
    assert audit.kpis["fresh_share"] is None
    assert all(audit.groups[name] == () for name in DIMENSIONS)
