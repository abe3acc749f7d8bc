"""Who should update: the ladder, areas, absences (MAINTENANCE.md 2)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.twin.maintenance.making import NOW, observed, rules, table
from twin.features import FeatureTable, texts
from twin.maintenance.areas import place
from twin.maintenance.assess import assess
from twin.maintenance.currency import DQ_STRADDLE
from twin.maintenance.footings import Footings
from twin.maintenance.placing import in_project
from twin.maintenance.responsibility import Origin, acting
from twin.maintenance.rules import Absence, Choices, Rules
from twin.observations import Assessment
from twin.records import Evidence, Party, Responsibility

VECTORS = json.loads(
    (Path(__file__).parents[2] / "data/maintenance/vectors.json").read_text("utf-8")
)
FOOTPRINT = [0.0, 0, 0, 20, 10, 5]
A = Responsibility(
    "a", "custodian", "area", polygon="POLYGON ((-5 -5, 13 -5, 13 50, -5 50, -5 -5))"
)
B = Responsibility("b", "custodian", "area", polygon="POLYGON ((9 -5, 60 -5, 60 60, 9 60, 9 -5))")


def duty(party: str, scope: str, **more: Any) -> Responsibility:
    return Responsibility(party, more.pop("role", "custodian"), scope, **more)


def ladder(
    *duties: Responsibility,
    parties: Any = (),
    origin: Origin | None = None,
    there: FeatureTable | None = None,
    **more: Any,
) -> Assessment:
    there = table(["Building"], boxes=[FOOTPRINT]) if there is None else there
    said = observed(parties=parties)
    return assess(there, said, rules(responsibilities=duties, **more), NOW, origin or Origin())


def who(found: Assessment, row: int = 0) -> tuple[str | None, int]:
    code = int(found.custodian[row])
    return (found.custodians[code] if code >= 0 else None), int(found.rung[row])


def test_shares_of_a_footprint_are_those_of_the_vector_and_two_halves_conflict() -> None:
    there = Footings(table(["A"], boxes=[FOOTPRINT]), np.zeros(1, np.int32))
    alone = [place(there, [d], [np.ones(1, np.bool_)]).share[0] for d in (A, B)]
    assert alone == pytest.approx([VECTORS["area"]["share_A"], VECTORS["area"]["share_B"]])
    assert sum(alone) - 1 == pytest.approx(VECTORS["area"]["overlap_share"])
    found = ladder(A, B)
    assert who(found) == ("a", 3)
    assert found.conflict[0]
    assert not ladder(A).conflict[0]


def test_priority_comes_before_share_and_is_no_conflict() -> None:
    first = Responsibility(
        **{**{n: getattr(B, n) for n in Responsibility.__slots__}, "priority": 1}
    )
    found = ladder(A, first)
    assert who(found) == ("b", 3)
    assert not found.conflict[0]


def test_of_equal_shares_the_smaller_area_wins() -> None:
    small = duty("z", "area", polygon="POLYGON ((0 0, 20 0, 20 10, 0 10, 0 0))")
    large = duty("a", "area", polygon="POLYGON ((-9 -9, 90 -9, 90 90, -9 90, -9 -9))")
    assert who(ladder(small, large)) == who(ladder(large, small)) == ("z", 3)


def test_less_than_half_is_a_straddle_and_nothing_an_orphan_without_guessing() -> None:
    corner = duty("a", "area", polygon="POLYGON ((0 0, 5 0, 5 10, 0 10, 0 0))")
    found = ladder(corner)
    assert who(found) == ("a", 3)
    assert found.dq[0] & DQ_STRADDLE
    beside = duty("a", "area", polygon="POLYGON ((21 0, 30 0, 30 10, 21 10, 21 0))")
    assert who(ladder(beside)) == (None, 0)
    assert who(ladder(beside, duty("d", "default"))) == ("d", 4)


def test_an_area_by_key_prefix_reads_the_objects_column() -> None:
    there = table(
        ["Building", "BuildingPart", "Building"],
        [-1, 0, -1],
        columns={"Gemeindeschluessel": texts(["02500523", None, "01"])},
    )
    found = ladder(duty("hamburg", "area", target="Gemeindeschluessel=02"), there=there)
    assert [who(found, row)[0] for row in range(3)] == ["hamburg", "hamburg", None]


def test_the_first_rung_that_has_somebody_wins() -> None:
    duties = [
        duty("d", "default"),
        A,
        duty("s", "dataset", target="bag"),
        duty("o", "object", target="o0"),
    ]
    origin = Origin(source="city.json", dataset="bag")
    assert [who(ladder(*duties[:k], origin=origin)) for k in range(5)] == [
        (None, 0),
        ("d", 4),
        ("a", 3),
        ("s", 2),
        ("o", 1),
    ]
    swapped = ladder(*duties[:3], origin=origin, choices=Choices(area_before_dataset=True))
    assert who(swapped) == ("a", 3)


def test_custodians_named_by_the_data_are_r1_on_the_object_and_r2_on_the_file() -> None:
    assert who(ladder(parties=[(0, "G1", "custodian", "object")])) == ("G1", 1)
    assert who(ladder(parties=[(-1, "G1", "custodian", "file")])) == ("G1", 2)
    assert who(ladder(parties=[(0, "G1", "owner", "object")])) == (None, 0)
    assert who(ladder(origin=Origin(custodian="me"))) == ("me", 2)


def test_a_contact_or_publisher_is_kept_as_a_contact_and_the_climb_goes_on() -> None:
    for parties in ([(-1, "P", "pointOfContact", "file")], [(-1, "P", "publisher", "dataset")]):
        found = ladder(parties=parties)
        assert who(found) == (None, 0)
        assert found.contact_only[0]
        found = ladder(duty("d", "default"), parties=parties)
        assert who(found) == ("d", 4)
        assert found.contact_only[0]
    found = ladder(parties=[(0, "G1", "custodian", "object"), (-1, "P", "publisher", "dataset")])
    assert not found.contact_only[0]
    assert ladder(origin=Origin(publisher="P")).contact_only[0]


def test_parts_follow_their_building_on_every_rung() -> None:
    tree = table(
        ["Building", "BuildingPart"], [-1, 0], boxes=[[np.inf] * 3 + [-np.inf] * 3, FOOTPRINT]
    )
    assert who(ladder(parties=[(0, "G1", "custodian", "object")], there=tree), 1) == ("G1", 1)
    assert who(ladder(duty("o", "object", target="o0"), there=tree), 1) == ("o", 1)
    found = ladder(A, there=tree)
    assert who(found, 0) == who(found, 1) == ("a", 3)


def test_filters_on_kind_and_lifetime_of_a_duty_hold() -> None:
    there = table(["Building", "Road"])
    assert [
        who(ladder(duty("r", "default", kind="Road"), there=there), row)[0] for row in (0, 1)
    ] == [None, "r"]
    past, future = np.datetime64("2020-01-01", "ms"), np.datetime64("2030-01-01", "ms")
    assert who(ladder(duty("x", "default", valid_to=past))) == (None, 0)
    assert who(ladder(duty("x", "default", valid_from=future))) == (None, 0)
    assert who(ladder(duty("x", "default", valid_from=past, valid_to=future))) == ("x", 4)
    assert who(ladder(duty("x", "default", valid_to=NOW))) == (None, 0)


def test_a_party_is_known_by_id_alias_mail_and_name() -> None:
    party = Party("delft", "Gemeente Delft", email="geo@delft.example")
    for name in ("delft", "G0503", "GEO@delft.example", "gemeente delft"):
        one = Rules(parties=(party,), aliases={"G0503": "delft"})
        assert one.party_of(name) == "Gemeente Delft"
        said = observed(parties=[(0, name, "custodian", "object")])
        assert who(assess(table(["Building"]), said, one, NOW)) == ("Gemeente Delft", 1)


def _absences(*pairs: tuple[str, str]) -> Rules:
    span = np.datetime64("2025-10-01", "ms"), np.datetime64("2025-11-01", "ms")
    names = ("a", "b", "c", "d", "e", "f")
    return Rules(
        parties=tuple(Party(name, name.upper()) for name in names),
        responsibilities=(duty("f", "default"),),
        absences=tuple(Absence(party, other, *span) for party, other in pairs),
    )


def test_an_absent_partys_substitute_acts_three_steps_deep() -> None:
    assert acting(_absences(("a", "b"), ("b", "c"), ("c", "d")), NOW) == (
        {"A": "D", "B": "D", "C": "D"},
        (),
    )
    assert acting(_absences(("a", "b")), np.datetime64("2025-11-01", "ms")) == ({}, ())


@pytest.mark.parametrize(
    "pairs", [(("a", "b"), ("b", "a")), (("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"))]
)
def test_a_circle_or_too_long_a_chain_goes_to_the_default_and_is_a_problem(
    pairs: tuple[tuple[str, str], ...],
) -> None:
    found, problems = acting(_absences(*pairs), NOW)
    assert found["A"] == "F"
    assert problems[0].code == "absence.cycle"


def test_the_verdict_names_the_substitute() -> None:
    one = _absences(("a", "b"))
    said = observed(parties=[(0, "a", "custodian", "object")])
    assert who(assess(table(["X"]), said, one, NOW)) == ("B", 1)


def test_areas_in_another_system_are_moved_and_unmovable_ones_are_left_out_and_listed() -> None:
    delft = "POLYGON ((84000 447000, 85000 447000, 85000 448000, 84000 448000, 84000 447000))"
    one = Rules(
        responsibilities=(
            duty("a", "area", polygon=delft, crs="EPSG:28992"),
            duty("b", "area", polygon=delft, crs="EPSG:1"),
        ),
        evidence=(Evidence("E", "permit", polygon=delft),),
    )
    moved, problems = in_project(one, "EPSG:7415")
    assert [d.party for d in moved.responsibilities] == ["a"]
    assert moved.responsibilities[0].polygon == delft
    assert moved.evidence == one.evidence
    assert [p.code for p in problems] == ["area.moved"]
    moved, _ = in_project(one, "EPSG:25831")
    assert "POLYGON ((59" in moved.responsibilities[0].polygon
    assert in_project(one, "") == (one, ())
