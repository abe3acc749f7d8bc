"""Status, policy match and evidence (MAINTENANCE.md 1.4)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.maintenance.making import NOW, observed, rules, table
from twin.features import texts
from twin.maintenance.assess import assess
from twin.maintenance.hierarchy import maintained_units
from twin.maintenance.policy import classify, match, present, ready, warn_and_grace
from twin.maintenance.rules import Choices
from twin.observations import STATUSES
from twin.records import Evidence, Policy

VECTORS = json.loads(
    (Path(__file__).parents[2] / "data/maintenance/vectors.json").read_text("utf-8")
)


def utc(text: str) -> np.datetime64:
    return np.datetime64(datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None), "ms")


def verdict(t_eff: np.datetime64, policy: Policy, confidence: float = 0.95) -> Any:
    times = np.array([t_eff], "M8[ms]")
    return classify(
        times, np.array([confidence], np.float32), np.zeros(1, np.int16), ready([policy]), NOW
    )


@pytest.mark.parametrize(
    "vector", VECTORS["status"], ids=lambda v: f"{v['t_eff'][:10]}-{v['code']}"
)
def test_the_published_status_vectors_come_out(vector: dict[str, Any]) -> None:
    policy = Policy("P", frequency=vector["code"])
    found = verdict(utc(vector["t_eff"]), policy)
    assert STATUSES[found.status[0]] == vector["status"]
    assert found.due[0] == utc(vector["due"])
    assert found.age_days[0] == vector["age"]
    assert found.overdue[0] == vector["overdue_days"]
    assert found.ratio[0] == pytest.approx(vector["ratio"], abs=1e-6)
    assert warn_and_grace(policy, vector["I"]) == (vector["warn"], vector["grace"])


@pytest.mark.parametrize(
    ("age", "status"),
    [
        (292, "fresh"),
        (293, "due_soon"),
        (365, "due_soon"),
        (366, "in_grace"),
        (402, "in_grace"),
        (403, "stale"),
    ],
)
def test_the_boundary_ages_of_an_annual_policy(age: int, status: str) -> None:
    found = verdict(NOW - np.timedelta64(age, "D"), Policy("P", frequency="annually"))
    assert STATUSES[found.status[0]] == status


def test_a_policys_own_warning_and_grace_win() -> None:
    policy = Policy("P", frequency="annually", warn_days=10, grace_days=0)
    assert STATUSES[verdict(NOW - np.timedelta64(355, "D"), policy).status[0]] == "fresh"
    assert STATUSES[verdict(NOW - np.timedelta64(366, "D"), policy).status[0]] == "stale"


@pytest.mark.parametrize("code", ["asNeeded", "irregular", "notPlanned"])
def test_event_driven_objects_never_age_but_need_a_date(code: str) -> None:
    policy = Policy("P", frequency=code)
    assert STATUSES[verdict(np.datetime64("1990-01-01", "ms"), policy).status[0]] == "event_driven"
    assert STATUSES[verdict(np.datetime64("NaT", "ms"), policy).status[0]] == "unknown"


def test_a_confidence_below_the_policys_minimum_is_unknown() -> None:
    policy = Policy("P", frequency="annually", c_min=0.5)
    assert STATUSES[verdict(NOW, policy, 0.5).status[0]] == "fresh"
    assert STATUSES[verdict(NOW, policy, 0.49).status[0]] == "unknown"


def test_an_unknown_frequency_takes_the_projects_default() -> None:
    said = observed((0, "2020-01-01", "captured", "", "object"))
    policy = Policy("P", frequency="unknown")
    assert STATUSES[assess(table(["A"]), said, rules(policy), NOW).status[0]] == "unknown"
    found = assess(table(["A"]), said, rules(policy, choices=Choices(default_duration="P1Y")), NOW)
    assert STATUSES[found.status[0]] == "stale"


def test_an_ended_object_is_retired_whatever_its_date() -> None:
    past, future = (
        np.array(["2020-01-01", "2030-01-01", "NaT"], "M8[ms]"),
        np.array(["NaT"] * 3, "M8[ms]"),
    )
    said = observed(*((i, "2025-10-01", "captured", "", "object") for i in range(3)))
    both: list[dict[str, Any]] = [{"valid_to": past}, {"terminated": past, "valid_to": future}]
    for lifespans in both:
        found = assess(
            table(["A"] * 3, **lifespans), said, rules(Policy("P", frequency="annually")), NOW
        )
        assert [STATUSES[code] for code in found.status] == ["retired", "fresh", "fresh"]


def test_an_object_that_ends_this_instant_has_ended() -> None:
    ends = np.array([NOW, NOW + np.timedelta64(1, "ms")])
    found = assess(table(["A"] * 2, valid_to=ends), observed(), rules(), NOW)
    assert [STATUSES[code] for code in found.status] == ["retired", "unknown"]
    assert present(table(["A"] * 2, valid_to=ends), NOW).tolist() == [False, True]


def test_as_of_is_valid_time_and_known_at_is_transaction_time() -> None:
    times = np.array(["2010-01-01", "2020-01-01"], "M8[ms]")
    there = table(
        ["A", "A"], valid_from=times, valid_to=times + np.timedelta64(3650, "D"), created=times
    )
    assert present(there).tolist() == [True, True]
    assert present(there, np.datetime64("2015-01-01")).tolist() == [True, False]
    assert present(there, np.datetime64("2021-01-01")).tolist() == [False, True]
    assert present(there, known_at=np.datetime64("2015-01-01")).tolist() == [True, False]


def _winner(*policies: Policy, **columns: Any) -> str:
    there = table(["Building"], columns={name: texts([value]) for name, value in columns.items()})
    prepared = ready(policies)
    found = match(there, prepared, ("city.json", "bag"), Choices())
    return prepared[found[0]].policy.id if found[0] >= 0 else ""


def test_the_rule_that_names_most_fields_wins_then_criticality_then_the_shorter_interval_then_the_id() -> (
    None
):
    def annual(name: str, **fields: Any) -> Policy:
        return Policy(name, frequency="annually", **fields)

    assert _winner(annual("A"), annual("B", kind="Building")) == "B"
    assert _winner(annual("A", kind="Building"), annual("B", kind="Building", source="bag")) == "B"
    assert _winner(annual("A", kind="Building", source="other"), annual("B")) == "B"
    assert (
        _winner(annual("A", kind="Build*"), annual("B", criticality="HIGH"), criticality="HIGH")
        == "B"
    )
    assert (
        _winner(annual("A", kind="Building"), Policy("B", kind="Building", frequency="monthly"))
        == "B"
    )
    assert _winner(annual("B", kind="Building"), annual("A", kind="Building")) == "A"
    assert _winner(annual("A", zone="centre"), annual("B"), zone="centre") == "A"
    assert _winner(annual("A", zone="centre"), annual("B"), zone="edge") == "B"
    assert _winner(annual("A", kind="Road|Bridge")) == ""


def test_a_part_follows_its_buildings_policy_unless_a_rule_names_it_as_well() -> None:
    tree = table(["Building", "BuildingPart", "Road"], [-1, 0, -1])
    every, building = (
        Policy("P-0", frequency="annually"),
        Policy("P-1", kind="Building", frequency="weekly"),
    )
    prepared = ready([every, building])
    ids = [prepared[i].policy.id for i in match(tree, prepared, (), Choices())]
    assert ids == ["P-1", "P-1", "P-0"]
    prepared = ready([every, building, Policy("P-2", kind="BuildingPart", frequency="daily")])
    assert prepared[match(tree, prepared, (), Choices())[1]].policy.id == "P-2"


def test_the_maintained_unit_is_the_top_object_or_what_loader_and_policy_name() -> None:
    kinds = ["IfcProject", "IfcSite", "IfcBuilding", "IfcWall", "IfcGeographicElement"]
    tree = table(kinds, [-1, 0, 1, 2, 1])
    assert maintained_units(tree).tolist() == [0, 0, 0, 0, 0]
    assert maintained_units(tree, ("IfcBuilding",)).tolist() == [2, 2, 2, 2, 4]
    group = table(["CityObjectGroup", "Building", "BuildingPart"], [-1, 0, 1])
    assert maintained_units(group, never=("CityObjectGroup",)).tolist() == [1, 1, 1]
    policy = Policy("P", kind="BuildingPart", frequency="annually", unit=True)
    assert assess(group, observed(), rules(policy), NOW).unit.tolist() == [2, 2, 2]


def _evidence(p: float, event: tuple[str, str], **more: Any) -> Evidence:
    low, high = (np.datetime64(text, "ms") for text in event)
    return Evidence(more.pop("id", "E"), "permit", event_lo=low, event_hi=high, p_change=p, **more)


LATER, EARLIER, SAME = (
    ("2024-06-01", "2024-07-01"),
    ("2019-01-01", "2019-02-01"),
    ("2023-12-01", "2024-02-01"),
)


@pytest.mark.parametrize(
    ("evidence", "suspect", "undecided"),
    [
        ([_evidence(0.9, LATER, object_id="o0")], True, False),
        ([_evidence(0.9, EARLIER, object_id="o0")], False, False),
        ([_evidence(0.9, SAME, object_id="o0")], True, True),
        ([_evidence(0.4, LATER, object_id="o0")], False, False),
        ([_evidence(0.4, LATER, object_id="o0"), _evidence(0.3, LATER, object_id="o0")], True, False),
        ([_evidence(0.9, LATER, object_id="o0", status="dismissed")], False, False),
        ([_evidence(0.9, LATER, polygon="POLYGON ((4 4, 50 4, 50 50, 4 50, 4 4))")], True, False),
        ([_evidence(0.9, LATER, polygon="POLYGON ((5 5, 50 5, 50 50, 5 50, 5 5))")], False, False),
        ([_evidence(0.9, LATER, object_id="o1")], True, False),
    ],
)  # fmt: skip
def test_open_evidence_later_than_the_date_makes_suspect(
    evidence: list[Evidence], suspect: bool, undecided: bool
) -> None:
    tree = table(["Building", "BuildingPart"], [-1, 0])
    said = observed((0, "2024-01-15", "captured", "", "object"))
    found = assess(
        tree, said, rules(Policy("P", frequency="annually"), evidence=tuple(evidence)), NOW
    )
    assert bool(found.suspect[0]) is suspect
    assert bool(found.dq[0] & 64) is undecided


def test_evidence_of_an_aspect_is_compared_with_that_aspects_date() -> None:
    said = observed(
        (0, "2020-01-01", "captured", "height", "object"),
        (0, "2024-01-01", "registered", "footprint", "object"),
    )
    between = _evidence(0.9, ("2022-01-01", "2022-02-01"), object_id="o0")
    for aspect, suspect in (("footprint", False), ("height", True), ("", True)):
        one = rules(
            Policy("P", frequency="annually"),
            evidence=(Evidence(**{**_fields(between), "aspect": aspect}),),
        )
        assert bool(assess(table(["A"]), said, one, NOW).suspect[0]) is suspect


def _fields(evidence: Evidence) -> dict[str, Any]:
    return {name: getattr(evidence, name) for name in Evidence.__slots__}


ORDER = {"fresh": 0, "due_soon": 1, "in_grace": 2, "stale": 3}


@given(
    st.lists(st.integers(0, 4000), min_size=2, max_size=30),
    st.sampled_from(["weekly", "monthly", "biannually", "annually", "biennially"]),
    st.none() | st.integers(0, 400),
)
def test_a_status_never_improves_with_age(ages: list[int], code: str, warn: int | None) -> None:
    policy = ready([Policy("P", frequency=code, warn_days=warn)])
    ages = sorted(ages)
    times = NOW - np.array(ages).astype("m8[D]")
    found = classify(
        times, np.ones(len(ages), np.float32), np.zeros(len(ages), np.int16), policy, NOW
    )
    ranks = [ORDER[STATUSES[status]] for status in found.status]
    assert ranks == sorted(ranks)
    assert (np.diff(found.overdue) >= 0).all()
