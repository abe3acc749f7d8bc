"""What is written and read again is equal: policies, zones, parties, responsibilities, absences, switches."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import DATA
from twin.maintenance.presets import PRESETS, preset, preset_text
from twin.maintenance.rule_checks import contradictions, rule_problems
from twin.maintenance.rule_files import read_rules, read_text
from twin.maintenance.rule_writing import custodians_toml, policy_toml
from twin.maintenance.rules import Absence, Choices, Rules, Zone
from twin.records import Party, Policy, Responsibility

word = st.text(st.characters(codec="utf-8", exclude_characters="#"), min_size=1, max_size=12)
days = st.integers(11_000, 40_000).map(lambda n: np.datetime64(n, "D").astype("M8[ms]"))
moments = st.one_of(days, days.map(lambda d: d + np.timedelta64(3_723_004, "ms")))
policies = st.builds(
    Policy, word, kind=word, zone=word, lod=st.sampled_from(["*", "2*"]),
    criticality=st.sampled_from(["*", "HIGH"]),
    frequency=st.sampled_from(["annually", "asNeeded", "P5Y", "ANNUAL_2"]),
    duration=st.sampled_from(["", "P2Y"]), warn_days=st.one_of(st.none(), st.integers(0, 900)),
    grace_days=st.one_of(st.none(), st.integers(0, 900)), title=word,
    required_aspects=st.sampled_from([(), ("height",), ("footprint", "height")]),
    c_min=st.floats(0, 1), unit=st.sampled_from([None, True, False]),
)  # fmt: skip
BOX = "POLYGON ((0 0, 1.5 0, 1.5 1, 0 1, 0 0))"


@given(st.lists(policies, max_size=4, unique_by=lambda p: p.id), word, st.booleans())
def test_policies_and_zones_come_back_as_they_were(
    found: list[Policy], name: str, zoned: bool
) -> None:
    zones = (Zone("z", name, BOX, "EPSG:7415", name),) if zoned else ()
    rules = Rules(tuple(found), choices=Choices(zone_column=name), zones=zones)
    assert read_text(policy_toml(rules), "policy", "p") == rules


@given(
    st.lists(word, min_size=2, max_size=4, unique=True),
    word, moments, days, st.booleans(), st.integers(-9, 9),
)  # fmt: skip
def test_parties_and_who_answers_for_what_come_back_as_they_were(
    ids: list[str], name: str, start: np.datetime64, end: np.datetime64, flag: bool, level: int
) -> None:
    rules = Rules(
        parties=tuple(Party(key, name, organisation=flag, email="a@b.example") for key in ids),
        responsibilities=(
            Responsibility(ids[0], "custodian", "area", polygon=BOX, crs="EPSG:7415", priority=level),
            Responsibility(ids[1], "owner", "default", kind=name, valid_from=start),
        ),
        absences=(Absence(ids[0], ids[1], min(start, end), max(start, end) + 1),),
        aliases={name: ids[1]},
        choices=Choices(area_before_dataset=flag),
    )  # fmt: skip
    assert read_text(custodians_toml(rules), "custodians", "c") == rules


def test_files_that_a_person_wrote_come_back_as_they_were(sample_models: Path) -> None:
    for folder in (DATA / "maintenance", sample_models):
        read = read_rules(folder / "policy.toml", folder / "custodians.toml")
        again = read_text(policy_toml(read), "policy", "p")
        assert (again.policies, again.choices) == (read.policies, read.choices)
        again = read_text(custodians_toml(read), "custodians", "c")
        assert (again.parties, again.aliases) == (read.parties, read.aliases)
        assert (again.responsibilities, again.absences) == (read.responsibilities, read.absences)


@pytest.mark.parametrize("name", PRESETS)
def test_the_bundled_packs_are_sound_and_say_that_they_are_examples(name: str) -> None:
    found = preset(name)
    assert not list(contradictions(found.policies))
    assert all("example" in p.title or "示例" in p.title for p in found.policies)
    assert "EXAMPLE" in preset_text(name)


CROSSED = "POLYGON ((0 0, 10 10, 10 0, 0 10, 0 0))"


def problems(rules: Rules) -> list[tuple[str, str]]:
    found = rule_problems(rules, "", np.datetime64("2025-10-27", "ms"))
    return [(p.code, p.feature) for p in found]


def test_policies_for_the_same_objects_contradict_or_repeat() -> None:
    one = Policy("A", kind="Road|Bridge", frequency="annually")
    other = Policy("B", kind="Bridge|Road", frequency="P1Y")
    more = Policy("C", kind="Bridge|Road", frequency="monthly")
    elsewhere = Policy("D", kind="Bridge|Road", zone="x", frequency="monthly")
    assert problems(Rules((one, other, more, elsewhere))) == [
        ("policy.contradicts", "B"), ("policy.contradicts", "C"),
    ]  # fmt: skip
    assert problems(Rules((one, Policy("B", kind="Road|Bridge", frequency="ANNUAL")))) == [
        ("policy.repeats", "B")
    ]


def test_a_custodian_that_stands_twice_is_kept_and_named(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text(
        '[[party]]\nid = "a"\nname = "Water"\naliases = ["W1"]\n[[party]]\nid = "a"\nname = "Roads"\n'
        '[[party]]\nid = "b"\nname = "water"\naliases = ["W1"]\n'
        '[[responsibility]]\nparty = "a"\nscope = "default"\n',
        "utf-8",
    )
    found = read_rules(custodians=file)
    assert [p.id for p in found.parties] == ["a", "a#2", "b"]
    assert problems(found) == [("party.twice", "a#2"), ("party.twice", "b"), ("party.alias", "b")]
    assert found.party_of("W1") == "Water"


def test_crossed_polygons_are_mended_and_overlaps_and_strangers_are_listed() -> None:
    duties = (
        Responsibility("a", "custodian", "area", polygon=CROSSED),
        Responsibility("b", "custodian", "area", polygon="POLYGON ((0 0, 9 0, 9 3, 0 3, 0 0))"),
        Responsibility("c", "custodian", "area", polygon=BOX, priority=1),
    )
    rules = Rules(
        parties=(Party("a", "A"), Party("b", "B"), Party("c", "C")), responsibilities=duties
    )
    assert problems(rules) == [("area.mended", "a"), ("area.overlap", "B")]
    assert problems(Rules(responsibilities=duties[2:])) == [("party.unknown", "c")]


def test_a_circle_of_substitutes_is_listed_before_it_begins() -> None:
    span = np.datetime64("2030-01-01", "ms"), np.datetime64("2030-02-01", "ms")
    parties = (Party("a", "A"), Party("b", "B"))
    rules = Rules(parties=parties, absences=(Absence("a", "b", *span), Absence("b", "a", *span)))
    assert {code for code, _ in problems(rules)} == {"absence.cycle"}
