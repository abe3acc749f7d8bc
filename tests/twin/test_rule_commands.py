"""Single rules by command: changed, told when wrong, undone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twin.errors import TwinError
from twin.maintenance.rules import Absence, Choices
from twin.records import Party, Policy
from twin.session import Session


@pytest.fixture
def session() -> Any:
    made = Session()
    made.run("policy.add", id="P-01", kind="Building", frequency="annually", warn_days="30")
    made.run("party.set", id="delft", name="Gemeente Delft", aliases="G0503|G0504")
    made.run("party.set", id="water", name="Delfland", email="w@example.org")
    yield made
    made.close()


def test_a_policy_is_changed_by_what_is_said_and_undone(session: Session) -> None:
    kept = session.twin.records["policies"]
    session.run("policy.set", id="P-01", warn_days="", grace_days="7", required_aspects="height")
    assert kept["P-01"] == Policy(
        "P-01", "Building", frequency="annually", grace_days=7, required_aspects=("height",)
    )
    session.run("policy.set", id="P-01", frequency="P5Y", unit="no", c_min="0.3")
    assert (kept["P-01"].frequency, kept["P-01"].unit, kept["P-01"].c_min) == ("P5Y", False, 0.3)
    session.run("policy.duplicate", id="P-01")
    assert list(kept) == ["P-01", "P-02"]
    session.run("policy.remove", id="P-01")
    for _ in range(4):
        session.undo()
    assert kept["P-01"].warn_days == 30
    session.redo()
    assert kept["P-01"].grace_days == 7


def test_another_frequency_takes_its_own_duration(session: Session) -> None:
    kept = session.twin.records["policies"]
    session.run("policy.set", id="P-01", frequency="periodic", duration="P5Y")
    session.run("policy.set", id="P-01", frequency="monthly")
    assert (kept["P-01"].frequency, kept["P-01"].duration) == ("monthly", "")


@pytest.mark.parametrize(
    ("command", "said", "reason"),
    [
        ("policy.set", {"id": "P-09", "kind": "x"}, "there is no policy 'P-09'; there are: P-01"),
        ("policy.set", {"id": "P-01", "frequency": "often"}, "policy P-01: frequency: 'often'"),
        ("policy.set", {"id": "P-01", "frequency": "periodic"}, "needs a duration"),
        ("policy.set", {"id": "P-01", "warn_days": "soon"}, "warn_days = 'soon' is not a whole"),
        ("policy.set", {"id": "P-01", "unit": "maybe"}, "neither true nor false"),
        ("policy.set", {"id": "P-01", "required_aspects": "roof"}, "must be one of"),
        ("policy.add", {"id": "P-01", "frequency": "daily"}, "there is a policy 'P-01' already"),
        ("rules.preset", {"name": "martian"}, "there is no preset 'martian'"),
        ("choices.set", {"time_zone": "Moon"}, "no time zone"),
        ("choices.set", {"default_duration": "long"}, "is not an ISO 8601 duration"),
        ("responsibility.set", {"party": "x", "scope": "default"}, "'x' is no party; parties: delft"),
        ("responsibility.set", {"party": "delft", "scope": "area"}, "an area needs"),
        ("absence.set", {"party": "delft", "substitute": "delft", "start": "2025", "end": "2026"},
         "cannot stand in for itself"),
        ("absence.set", {"party": "delft", "substitute": "water", "start": "2026", "end": "2025"},
         "to must come after from"),
        ("zone.set", {"name": "x"}, "polygon, ring or box is missing"),
        ("party.merge", {"id": "delft", "into": "delft"}, "into itself"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_and_changes_nothing(
    session: Session, command: str, said: dict[str, str], reason: str
) -> None:
    before = {kind: dict(kept) for kind, kept in session.twin.records.items()}
    with pytest.raises(TwinError) as caught:
        session.run(command, **said)
    assert reason in str(caught.value)
    assert {kind: dict(kept) for kind, kept in session.twin.records.items()} == before


def test_parties_are_merged_with_all_they_hold(session: Session) -> None:
    kept = session.twin.records
    session.run("party.set", id="delft2", name="Stadt Delft", aliases="G9")
    session.run("responsibility.set", party="delft2", scope="default", valid_from="2020")
    session.run("absence.set", party="water", substitute="delft2", start="2025-07", end="2025-09")
    with pytest.raises(TwinError, match="still stands in R0001, A0001"):
        session.run("party.remove", id="delft2")
    session.run("party.merge", id="delft2", into="delft")
    assert kept["responsibilities"]["R0001"].party == "delft"
    span = np.datetime64("2025-07-01", "ms"), np.datetime64("2025-09-01", "ms")
    assert kept["absences"]["A0001"] == Absence("water", "delft", *span)
    assert (
        session.rules.party_of("Stadt Delft") == session.rules.party_of("G9") == "Gemeente Delft"
    )
    session.undo()
    assert kept["parties"]["delft2"].name == "Stadt Delft"
    assert kept["aliases"] == {"G0503": "delft", "G0504": "delft", "G9": "delft2"}


def test_a_party_keeps_what_is_not_said_and_loses_what_is_taken_away(session: Session) -> None:
    kept = session.twin.records
    session.run("party.set", id="delft", email="geo@delft.example", aliases="G0503")
    assert kept["parties"]["delft"] == Party("delft", "Gemeente Delft", email="geo@delft.example")
    assert kept["aliases"] == {"G0503": "delft"}
    session.run("party.set", id="ada", name="Ada", organisation="no")
    assert not kept["parties"]["ada"].organisation
    session.run("party.remove", id="delft")
    assert kept["aliases"] == {}


def test_presets_switches_and_zones_are_steps_too(session: Session) -> None:
    kept = session.twin.records
    session.run("rules.preset", name="european")
    assert "E-01" in kept["policies"]
    assert list(kept["parties"]) == ["delft", "water"]
    session.run("choices.set", area_before_dataset="yes", zone_column="district")
    assert kept["choices"]["choices"] == Choices(True, zone_column="district")
    session.run(
        "zone.set", name="Centre", polygon="POLYGON ((0 0, 1 0, 1 1, 0 0))", crs="EPSG:7415"
    )
    assert kept["zones"]["Z001"].name == "Centre"
    session.run("zone.set", id="Z001", name="Old town")
    assert kept["zones"]["Z001"].polygon.startswith("POLYGON")
    session.run("zone.remove", id="Z001")
    for _ in range(5):
        session.undo()
    assert list(kept["policies"]) == ["P-01"]
    assert not kept["choices"]


def test_a_project_keeps_rules_zones_and_absences_and_journals_each_step(tmp_path: Path) -> None:
    path = tmp_path / "city.twin.gpkg"
    first = Session()
    first.save_as(path)
    first.run("policy.add", id="P-01", kind="Building", frequency="annually", zone="Centre")
    first.run("party.set", id="a", name="A", aliases="x|y")
    first.run("party.set", id="b", name="B", organisation="no")
    first.run("zone.set", name="Centre", polygon="POLYGON ((0 0, 1 0, 1 1, 0 0))", crs="EPSG:7415")
    first.run("responsibility.set", party="a", scope="default", valid_from="2020-02")
    first.run("absence.set", party="a", substitute="b", start="2025-07", end="2025-09")
    first.run("choices.set", zone_column="district")
    rules, steps = first.rules, [entry["action"] for entry in first.journal()]
    first.close()
    second = Session()
    second.open(str(path))
    assert second.rules == rules
    assert steps.count("zones.set") == 1
    assert {"policies.set", "responsibilities.set", "absences.set", "choices.set"} <= set(steps)
    second.close()
