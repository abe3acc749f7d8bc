"""Why an object has its policy and its custodian; what other rules would change."""

from dataclasses import replace

import numpy as np

from tests.twin.maintenance.making import NOW, observed, rules, table
from tests.twin.maintenance.test_memory import KINDS, SAID, THERE, ZONES
from twin.maintenance.assess import assess, prepared
from twin.maintenance.responsibility import Climb, Origin
from twin.maintenance.rules import Choices, Rules
from twin.maintenance.what_if import SHOWN, difference, together
from twin.maintenance.why import Rung, keyed, line_of, why_custodian, why_policy
from twin.observations import Observations
from twin.records import Party, Policy, Responsibility

A = "POLYGON ((-5 -5, 13 -5, 13 50, -5 50, -5 -5))"
B = "POLYGON ((9 -5, 60 -5, 60 60, 9 60, 9 -5))"
AREA_A = Responsibility("a", "custodian", "area", polygon=A)
AREA_B = Responsibility("b", "custodian", "area", polygon=B)
REST = Responsibility("d", "custodian", "default")


def rungs(
    duties: tuple[Responsibility, ...], said: Observations, row: int = 0
) -> tuple[Rung, ...]:
    there = table(["Building", "BuildingPart"], [-1, 0], [[0, 0, 0, 20, 10, 5]] * 2)
    one = rules(responsibilities=duties, parties=(Party("a", "Anna"), Party("b", "Ben")))
    verdict = assess(there, said, one, NOW, Origin())
    line = line_of(there, verdict.unit, row)
    keys = keyed({f"R{k}": d for k, d in enumerate(duties)}, one.responsibilities)
    found = why_custodian(line, Climb(line.table, said, one, Origin(), NOW), keys)
    winner = next((r for r in found if r.won), None)
    code = int(verdict.custodian[row])
    if winner is None:
        assert code < 0
    else:
        assert verdict.custodians[code] == winner.claims[0].party
        assert verdict.rung[row] == winner.number
    return found


def test_every_rung_says_whom_it_yields_with_shares_and_what_decided() -> None:
    found = rungs((AREA_A, AREA_B, REST), observed(), row=1)
    assert [(r.number, r.won) for r in found] == [(1, False), (2, False), (3, True), (4, False)]
    area = found[2]
    assert [(c.party, c.via, round(c.share, 2)) for c in area.claims] == [
        ("Anna", "R0", 0.65), ("Ben", "R1", 0.55),
    ]  # fmt: skip
    assert area.conflict
    assert [c.party for c in found[3].claims] == ["d"]


def test_a_contact_is_shown_and_passed_over() -> None:
    said = observed(
        parties=[(0, "desk", "pointOfContact", "object"), (-1, "P", "publisher", "file")]
    )
    found = rungs((REST,), said)
    assert [(c.party, c.contact) for c in found[0].claims] == [("desk", True)]
    assert [(c.party, c.contact) for c in found[1].claims] == [("P", True)]
    assert found[3].won
    assert not any(r.won for r in rungs((), observed()))


def test_the_data_names_its_custodian_with_the_field_it_was_read_from() -> None:
    found = rungs((AREA_A,), observed(parties=[(0, "b", "custodian", "object")]), row=1)
    assert found[0].won
    assert found[0].claims[0].party == "Ben"
    assert found[0].claims[0].via == "party.custodian"


def test_the_governing_policy_comes_first_and_says_which_fields_fit() -> None:
    kept = (
        Policy("all", frequency="P9Y"), Policy("house", kind="Building", frequency="P5Y"),
        Policy("west", kind="Building", zone="West", frequency="P2Y"),
        Policy("north", kind="Road", zone="north", frequency="P1Y"),
    )  # fmt: skip
    one = Rules(kept, choices=Choices(zone_column="district"), zones=ZONES)
    ready = prepared(one, Origin())
    verdict = assess(THERE, SAID, one, NOW, Origin())
    for row, zone in enumerate(("West", "West", "East", "East")):
        line = line_of(THERE, verdict.unit, row)
        found = why_policy(line, ready, (), one.choices, zone)
        assert [c.rule.policy.id for c in found if c.won] == [verdict.rules[verdict.rule[row]]]
        assert found[0].won
    line = line_of(THERE, verdict.unit, 1)
    found = why_policy(line, ready, (), one.choices, "West")
    assert found[0].rule.policy.id == "west"
    assert found[0].fits == {"kind": True, "zone": True}
    assert found[-1].rule.policy.id == "north"
    assert found[-1].fits == {"kind": False, "zone": True}
    assert found[-1].values["zone"] == "north"


def test_a_preview_counts_units_before_and_after_and_names_what_changes() -> None:
    one = Rules((Policy("A", frequency="P1Y"),))
    other = replace(
        one,
        policies=(Policy("A", frequency="P9Y"), Policy("R", kind="Road", frequency="asNeeded")),
    )
    before, after = (assess(THERE, SAID, r, NOW, Origin()) for r in (one, other))
    found = difference(THERE, before, after, None)
    assert found.before.sum() == found.after.sum() == 3
    assert found.before[SHOWN.index("stale")] == 3
    assert found.after[SHOWN.index("event_driven")] == 2
    assert found.changed.tolist() == [0, 2, 3]
    assert set(found.by_kind) == set(KINDS) - {"BuildingPart"}
    assert found.governed == {"A": 1, "R": 2, "": 0}
    assert difference(THERE, before, before, None).changed.tolist() == []
    elsewhere = np.array([False, False, True, True])
    assert difference(THERE, before, after, elsewhere).before.sum() == 1
    assert together([found, found]).after.sum() == 6
