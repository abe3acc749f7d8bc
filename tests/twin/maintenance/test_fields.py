"""What well-known field names say."""

import numpy as np
import pytest

from twin.features import texts
from twin.maintenance.fields import (
    NOT_CURRENCY,
    Where,
    evidence_columns,
    lifespans,
    meaning,
    observe,
)
from twin.observations import FLAG_SENTINEL, KINDS, LEVELS, ROLES, ObservationList

KNOWN = {
    "core:creationDate": ("registered", ""), "creation_date": ("registered", ""), "b3_pw_datum": ("captured", "height"),
    "documentdatum": ("registered", "footprint"), "tijdstipregistratielv": ("registered", ""),
    "lv_publicatiedatum": ("published", ""), "Grundrissaktualitaet": ("captured", "footprint"),
    "beginLifespanVersion": ("registered", ""), "uro:surveyYear": ("captured", ""), "AKTUALIZAC": ("registered", ""),
    "Pset_Condition.AssessmentDate": ("verified", ""), "metadata.referenceDate": ("delivered", ""),
    "survey:date": ("captured", ""), "last_modification_date": ("registered", ""),
}  # fmt: skip


@pytest.mark.parametrize(("name", "wanted"), KNOWN.items())
def test_a_well_known_date_has_its_kind_and_aspect(name: str, wanted: tuple[str, str]) -> None:
    said = meaning(name)
    assert said is not None
    assert (said.kind, said.aspect) == wanted


@pytest.mark.parametrize(
    "name",
    [
        "yearOfConstruction",
        "oorspronkelijkbouwjaar",
        "begingeldigheid",
        "Pset_BuildingCommon.YearOfConstruction",
    ],
)
def test_years_of_construction_and_validity_are_never_currency(name: str) -> None:
    said = meaning(name)
    assert said is not None
    assert not said.kind
    assert any(name.lower().endswith(known) for known in NOT_CURRENCY)


@pytest.mark.parametrize("name", ["date", "height", "name", "version", "status"])
def test_a_free_name_says_nothing_until_it_is_mapped(name: str) -> None:
    assert meaning(name) is None


def test_columns_become_observations_with_path_level_and_raw_text() -> None:
    found = ObservationList()
    columns = {
        "creationDate": texts(["2020-05-01", None, "0001-01-01"]),
        "bronhouder": texts(["G0503", "", "W0372"]),
        "height": np.array([1.0, 2.0, 3.0]),
    }
    rows = np.array([7, 8, 9], np.int32)
    assert observe(found, columns, rows, Where("tile", "batch.")) == ("creationDate", "bronhouder")
    said = found.frozen()
    assert said.row.tolist() == [7, 9]
    assert said.paths[said.path[0]] == "batch.creationDate"
    assert said.raw.tolist() == ["2020-05-01", "0001-01-01"]
    assert KINDS[said.kind[0]] == "registered"
    assert LEVELS[said.level[0]] == "tile"
    assert said.flags[1] & FLAG_SENTINEL
    assert [said.parties[i] for i in said.party] == ["G0503", "W0372"]
    assert ROLES[said.party_role[0]] == "custodian"
    assert said.party_row.tolist() == [7, 9]


def test_an_ambiguous_name_counts_only_where_most_values_are_dates() -> None:
    found = ObservationList()
    assert observe(found, {"ZMENA": texts(["A1", "B2", "2020"])}) == ()
    assert observe(found, {"ZMENA": texts(["2020-01-02", "2020-01-03", "B2"])}) == ("ZMENA",)


def test_lifespans_fill_each_others_gaps() -> None:
    found = lifespans({
        "eindregistratie": texts(["", "2021-01-01"]), "terminationdate": texts(["2020-01-01", ""]),
        "begingeldigheid": texts(["2010", "2011"]), "eindgeldigheid": texts(["", ""]),
    })  # fmt: skip
    assert sorted(found) == ["terminated", "valid_from"]
    assert (
        found["terminated"].tolist() == np.array(["2020-01-01", "2021-01-01"], "M8[ms]").tolist()
    )


def test_evidence_columns_name_their_kind_of_event() -> None:
    columns = {
        "oorspronkelijkbouwjaar": texts(["1950"]),
        "yearOfDemolition": texts([""]),
        "x": texts([""]),
    }
    assert evidence_columns(columns) == {
        "oorspronkelijkbouwjaar": "construction",
        "yearOfDemolition": "demolition",
    }
