"""A verdict with a memory is the verdict without; zones decide which policy applies."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.maintenance.making import NOW, observed, table
from twin.features import texts
from twin.maintenance.assess import assess
from twin.maintenance.footings import Footings
from twin.maintenance.memory import Memory
from twin.maintenance.responsibility import Origin
from twin.maintenance.rules import Absence, Choices, Rules, Zone
from twin.maintenance.zones import zones_of
from twin.observations import Assessment
from twin.records import Evidence, Policy, Responsibility

KINDS = ["Building", "BuildingPart", "Road", "Road"]
THERE = table(
    KINDS, [-1, 0, -1, -1], [[0, 0, 0, 10, 10, 5]] * 2 + [[20, 0, 0, 30, 10, 1], [8, 0, 0, 22, 9, 1]],
    {"district": texts(["north", None, None, "south"])},
)  # fmt: skip
SAID = observed(
    (0, "2020", "captured", "height", "object"), (0, "2024", "registered", "footprint", "object"),
    (2, "2023", "registered", "", "object"), (3, "2016-05", "captured", "", "object"),
    parties=[(3, "roads", "custodian", "object")],
)  # fmt: skip
WEST = "POLYGON ((-1 -1, 12 -1, 12 11, -1 11, -1 -1))"
EAST = "POLYGON ((12 -1, 40 -1, 40 11, 12 11, 12 -1))"
ZONES = (Zone("w", "West", WEST), Zone("e", "East", EAST))

policies = st.builds(
    Policy, st.sampled_from(["A", "B", "C"]), kind=st.sampled_from(["*", "Building", "Road"]),
    zone=st.sampled_from(["*", "West", "east|East", "north"]),
    frequency=st.sampled_from(["annually", "P5Y", "asNeeded", "monthly"]),
    required_aspects=st.sampled_from([(), ("height",), ("footprint", "height")]),
    unit=st.sampled_from([None, True, False]), warn_days=st.sampled_from([None, 3]),
)  # fmt: skip
rule_sets = st.builds(
    Rules,
    st.lists(policies, max_size=3, unique_by=lambda p: p.id).map(tuple),
    responsibilities=st.sampled_from([
        (), (Responsibility("a", "custodian", "area", polygon=WEST),
             Responsibility("d", "custodian", "default")),
    ]),
    absences=st.sampled_from([(), (Absence("d", "a", np.datetime64("2025-01-01", "ms"),
                                           np.datetime64("2026-01-01", "ms")),)]),
    evidence=st.sampled_from([
        (), (Evidence("e", "x", polygon=EAST, event_lo=np.datetime64("2024-01-01", "ms"),
                      event_hi=np.datetime64("2024-02-01", "ms"), p_change=0.9),),
    ]),
    choices=st.builds(Choices, st.booleans(), zone_column=st.sampled_from(["zone", "district"])),
    zones=st.sampled_from([(), ZONES]),
)  # fmt: skip


def same(one: Assessment, other: Assessment) -> bool:
    pairs = [(getattr(one, f.name), getattr(other, f.name)) for f in fields(Assessment)]
    return all(
        np.array_equal(a, b, equal_nan=a.dtype.kind in "fM")
        if isinstance(a, np.ndarray)
        else a == b
        for a, b in pairs
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(rule_sets, st.integers(0, 1)), min_size=2, max_size=5))
def test_a_memory_changes_no_verdict(steps: list[tuple[Rules, int]]) -> None:
    memory = Memory()
    for rules, day in steps:
        now = NOW + np.timedelta64(day, "D")
        fresh = assess(THERE, SAID, rules, now, Origin())
        assert same(assess(THERE, SAID, rules, now, Origin(), memory), fresh)


def test_changing_an_interval_makes_neither_dates_nor_custodians_again() -> None:
    memory, rules = Memory(), Rules((Policy("A", frequency="annually"),))
    before = assess(THERE, SAID, rules, NOW, Origin(), memory)
    rules = replace(rules, policies=(Policy("A", frequency="P9Y"),))
    after = assess(THERE, SAID, rules, NOW, Origin(), memory)
    assert after.custodian is before.custodian
    assert after.t_eff is before.t_eff
    assert after.status.tolist() != before.status.tolist()


def test_a_unit_lies_in_the_zone_that_covers_most_of_it_and_its_parts_with_it() -> None:
    codes, names = zones_of(Footings(THERE, np.array([0, 0, 2, 3], np.int32)), ZONES)
    assert [names[code] for code in codes] == ["West", "West", "East", "East"]
    half = replace(ZONES[0], polygon="POLYGON ((8 0, 15 0, 15 9, 8 9, 8 0))")
    codes, names = zones_of(Footings(THERE, np.array([0, 0, 2, 3], np.int32)), (half, ZONES[1]))
    assert names[codes[3]] == "East"
    assert zones_of(Footings(THERE, np.arange(4, dtype=np.int32)), ())[0].tolist() == [0] * 4


@pytest.mark.parametrize(
    ("zone", "rules"), [("West", [0, 0, -1, -1]), ("north", [0, 0, -1, -1]), ("*st", [0, 0, 0, 0])]
)
def test_a_policy_asks_the_zone_column_and_the_drawn_zones(zone: str, rules: list[int]) -> None:
    made: Any = Rules(
        (Policy("A", zone=zone, frequency="annually"),),
        choices=Choices(zone_column="district"), zones=ZONES,
    )  # fmt: skip
    assert assess(THERE, SAID, made, NOW).rule.tolist() == rules
