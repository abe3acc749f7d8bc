"""Dates and parties of IFC, one test a claim of MAINTENANCE.md 8; ISO 19650 states."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loaders.ifc import LOADER
from loaders.ifc.states import State, of_code, of_document, of_revision, of_title
from tests.loaders.ifc_files import Building
from twin.maintenance.fields import evidence_columns
from twin.observations import FLAG_SENTINEL, FLAG_UNPARSED, KINDS, LEVELS, ROLES, Observations
from twin.ports import SILENT, Opened, Options

DAY = "datetime64[D]"


def opened(made: Building, folder: Path, name: str = "made.ifc") -> Opened:
    return LOADER.source(made.write(folder, name), Options()).open(SILENT)


def dates(found: Observations, path: str) -> dict[tuple[int, str, str], str]:
    """Return (row, kind, level) -> day of the observations from a field path."""
    code = found.paths.index(path) if path in found.paths else -1
    return {
        (int(found.row[i]), KINDS[found.kind[i]], LEVELS[found.level[i]]): str(
            found.t_lo[i].astype(DAY)
        )
        for i in np.flatnonzero(found.path == code)
    }


def parties(found: Observations, path: str) -> set[tuple[int, str, str]]:
    code = found.paths.index(path) if path in found.paths else -1
    return {
        (int(found.party_row[i]), ROLES[found.party_role[i]], found.parties[found.party[i]])
        for i in np.flatnonzero(found.party_path == code)
    }


def document(made: Building, items: list[Any], **said: Any) -> Any:
    whole = made.file.create_entity("IfcDocumentInformation", "D-1", "Report")
    for name, value in said.items():
        setattr(whole, name, value)
    relation = made.root("IfcRelAssociatesDocument", "")
    relation.RelatedObjects, relation.RelatingDocument = items, whole
    return whole


@pytest.mark.parametrize("seconds", [0, -1, -2_000_000_000])
@pytest.mark.parametrize("schema", ["IFC2X3", "IFC4"])
def test_a_time_of_zero_or_before_is_unknown(schema: str, seconds: int, tmp_path: Path) -> None:
    made = Building(schema, modified=seconds)
    made.history.CreationDate = seconds
    found = opened(made, tmp_path).observations
    for path in ("OwnerHistory.LastModifiedDate", "OwnerHistory.CreationDate"):
        mine = found.path == found.paths.index(path)
        assert mine.any()
        assert np.isnat(found.t_lo[mine]).all()
        assert (found.flags[mine] & FLAG_SENTINEL).all()


def test_changed_and_created_are_when_it_was_modelled(tmp_path: Path) -> None:
    made = Building(modified=1418982422)
    made.history.CreationDate = 1418084875
    found = opened(made, tmp_path).observations
    assert dates(found, "OwnerHistory.LastModifiedDate")[0, "modelled", "object"] == "2014-12-19"
    assert dates(found, "OwnerHistory.CreationDate")[0, "modelled", "object"] == "2014-12-09"


def test_a_history_that_is_left_out_says_nothing(tmp_path: Path) -> None:
    made = Building("IFC4")
    for item in made.file.by_type("IfcRoot"):
        item.OwnerHistory = None
    found = opened(made, tmp_path).observations
    assert not dates(found, "OwnerHistory.LastModifiedDate")


def test_the_header_is_when_the_file_was_published_and_by_whom(tmp_path: Path) -> None:
    made = Building()
    name = made.file.header.file_name
    name.time_stamp, name.organization, name.author = "2023-05-10T10:00:00", ("Office",), ("Anna",)
    found = opened(made, tmp_path).observations
    assert dates(found, "FILE_NAME.time_stamp") == {(-1, "published", "file"): "2023-05-10"}
    assert parties(found, "FILE_NAME.organization") == {(-1, "author", "Office")}
    assert "Anna" not in found.parties


def test_an_assessment_verifies_and_the_next_one_is_a_column_only(tmp_path: Path) -> None:
    made = Building()
    said = {"AssessmentDate": "2025-03-01", "NextAssessmentDate": "2027-03-01"}
    made.describe([made.building], "Pset_Condition", said)
    whole = opened(made, tmp_path)
    row = whole.features.row_of(made.building.GlobalId)
    path = "Pset_Condition.AssessmentDate"
    assert dates(whole.observations, path) == {(row, "verified", "object"): "2025-03-01"}
    assert whole.features["Pset_Condition.NextAssessmentDate"][row] == "2027-03-01"
    assert not dates(whole.observations, "Pset_Condition.NextAssessmentDate")


@pytest.mark.parametrize("text", ["0001-01-01", "1900-01-01", "9999-12-31", "soon"])
def test_an_assessment_that_is_a_placeholder_is_unknown(text: str, tmp_path: Path) -> None:
    made = Building()
    made.describe([made.building], "Pset_Condition", {"AssessmentDate": text})
    found = opened(made, tmp_path).observations
    mine = found.path == found.paths.index("Pset_Condition.AssessmentDate")
    assert np.isnat(found.t_lo[mine]).all()
    assert (found.flags[mine] & (FLAG_SENTINEL | FLAG_UNPARSED)).all()


def test_the_years_of_a_building_are_evidence_and_no_date_of_the_data(tmp_path: Path) -> None:
    made = Building()
    said = {"YearOfConstruction": "1987", "YearOfLastRefurbishment": "2015"}
    made.describe([made.building], "Pset_BuildingCommon", said)
    whole = opened(made, tmp_path)
    assert evidence_columns(whole.features.columns) == {
        "Pset_BuildingCommon.YearOfConstruction": "construction",
        "Pset_BuildingCommon.YearOfLastRefurbishment": "renovation",
    }
    assert not any("Year" in path for path in whole.observations.paths)


def test_a_document_of_an_object_is_when_the_register_knew(tmp_path: Path) -> None:
    made = Building()
    firm = made.file.create_entity("IfcOrganization", Name="Estates")
    said = {"CreationTime": "2020-01-02", "LastRevisionTime": "2021-03-04T10:00:00",
            "ValidFrom": "2021-04-01", "DocumentOwner": firm}  # fmt: skip
    document(made, [made.building], **said)
    whole = opened(made, tmp_path)
    row = whole.features.row_of(made.building.GlobalId)
    for name, day in (("CreationTime", "2020-01-02"), ("LastRevisionTime", "2021-03-04"),
                      ("ValidFrom", "2021-04-01")):  # fmt: skip
        path = f"IfcDocumentInformation.{name}"
        assert dates(whole.observations, path) == {(row, "registered", "object"): day}
    owners = parties(whole.observations, "IfcDocumentInformation.DocumentOwner")
    assert owners == {(row, "pointOfContact", "Estates")}


def test_a_document_of_the_project_holds_for_the_whole_source(tmp_path: Path) -> None:
    made = Building()
    document(made, [made.project], CreationTime="2020-01-02")
    found = opened(made, tmp_path).observations
    path = "IfcDocumentInformation.CreationTime"
    assert dates(found, path) == {(-1, "registered", "file"): "2020-01-02"}


def test_the_owner_of_a_document_is_never_a_person(tmp_path: Path) -> None:
    made = Building()
    document(made, [made.site], DocumentOwner=made.file.create_entity("IfcPerson", "x", "Secret"))
    found = opened(made, tmp_path).observations
    assert not parties(found, "IfcDocumentInformation.DocumentOwner")
    assert "Secret" not in found.parties


@pytest.mark.parametrize(
    ("role", "found"),
    [("FACILITIESMANAGER", "custodian"), ("BUILDINGOWNER", "owner"), ("ARCHITECT", "other")],
)
def test_an_actor_that_an_object_is_assigned_to_has_a_role(
    role: str, found: str, tmp_path: Path
) -> None:
    made = Building()
    relation = made.root("IfcRelAssignsToActor", "")
    relation.RelatedObjects, relation.RelatingActor = [made.building], made.root("IfcActor", "A")
    relation.RelatingActor.TheActor = made.file.create_entity("IfcOrganization", Name="Estates")
    relation.ActingRole = made.file.create_entity("IfcActorRole", role)
    whole = opened(made, tmp_path)
    row = whole.features.row_of(made.building.GlobalId)
    claims = parties(whole.observations, "IfcRelAssignsToActor.RelatingActor")
    assert claims == {(row, found, "Estates")}


# -- ISO 19650 ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("S0", "work in progress"), ("S2 - Suitable for information", "shared"), ("S6", "shared"),
        ("A1", "published"), ("CR", "published"), ("Published", "published"), ("WIP", "work in progress"),
        ("NEW", ""), ("S8", ""), ("EXISTING", ""), ("A", ""), ("A10", "published"), ("Steel", ""),
    ],
)  # fmt: skip
def test_suitability_codes_and_words_are_known(text: str, state: str) -> None:
    assert of_code(text).state == state


def test_the_name_of_a_container_ends_with_code_and_revision() -> None:
    assert of_title("PRJ-ORG-ZZ-XX-M3-A-0001-S2-P01.02.ifc") == State("shared", "S2", "P01.02")
    assert of_title("7001-BBB-XX-M3-A_A1_C01") == State("published", "A1", "C01")
    for other in ("Duplex_A_20110907", "Block-A1-Level-2", "S2 tower", "A3-P1"):
        assert of_title(other) == State()
    assert [of_revision(x) for x in ("P01", "C02", "P1", "Rev A")] == ["P01", "C02", "", ""]


def test_a_document_is_as_its_status_or_its_title_says() -> None:
    assert of_document({"status": "S4", "revision": "P03"}).text == "S4 shared, P03"
    assert of_document({"name": "X-A1-C01"}).text == "A1 published, C01"
    assert of_document({"status": "FINAL", "revision": "C01"}).state == ""


def test_a_shared_model_is_shown_as_such_and_never_counts_as_modelled(tmp_path: Path) -> None:
    made = Building()
    made.file.header.file_name.time_stamp = "2023-05-10T10:00:00"
    whole = opened(made, tmp_path, "PRJ-M3-A-0001-S2-P01.ifc")
    assert whole.about.fields["ISO 19650"] == "S2 shared, P01"
    assert set(whole.features["ISO 19650"].tolist()) == {"S2 shared, P01"}
    kinds = {KINDS[x] for x in np.unique(whole.observations.kind)}
    assert kinds == {"file"}


def test_a_published_part_of_a_model_in_progress_counts(tmp_path: Path) -> None:
    made = Building()
    made.describe([made.building], "CDE", {"SuitabilityCode": "S0", "Revision": "P02"})
    made.describe([made.storeys[1]], "CDE", {"SuitabilityCode": "A1", "Revision": "C01"})
    whole = opened(made, tmp_path)
    table = whole.features
    assert table.name is not None
    states = dict(zip(table.name.tolist(), table["ISO 19650"].tolist(), strict=True))
    assert states == {
        "Site": None, "Building": "S0 work in progress, P02", "Low": "S0 work in progress, P02",
        "High": "A1 published, C01",
    }  # fmt: skip
    row = whole.features.row_of(made.storeys[1].GlobalId)
    found = dates(whole.observations, "OwnerHistory.LastModifiedDate")
    assert (row, "modelled", "object") in found
    assert (row - 1, "file", "object") in found


def test_a_model_that_says_no_state_has_no_column(tmp_path: Path) -> None:
    made = Building()
    made.describe([made.building], "Pset_WallCommon", {"Status": "NEW"})
    assert "ISO 19650" not in opened(made, tmp_path).features.columns
