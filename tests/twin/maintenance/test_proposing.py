"""What is guessed of properties, from their names and values."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.maintenance.test_mapping import table_of
from twin.features import ID_FIELD, taken, texts
from twin.maintenance.proposing import Proposal, proposal_text, proposals, proposed

IDS = ["0503100000012345", "0503100000012346", "0503100000012399", "0503100000054321"]


def guess(**columns: Any) -> dict[tuple[str, str], Proposal]:
    made = {
        name: texts(list(values)) if isinstance(values[0], str | None) else np.array(values)
        for name, values in columns.items()
    }
    return {(item.property, item.role): item for item in proposals(table_of(made))}


@pytest.mark.parametrize(
    "name",
    [
        "identificatie",
        "gml:id",
        "建筑编号",
        "建物ID",
        "Gebaeude_ID",
        "cleabs",
        "BIN",
        "osm_id",
        "GlobalId",
    ],
)
def test_names_of_six_languages_are_known_as_ids(name: str) -> None:
    assert guess(**{name: IDS})[name, "id"].confidence > 0.9


@pytest.mark.parametrize(
    ("name", "kind"),
    [("inwinningsdatum_nw", "captured"), ("Datum_Befliegung", "captured"), ("date_de_levé", "captured"),
     ("测量日期A", "captured"), ("計測年月日", "captured"), ("更新年月日", "registered"),
     ("date_controle", "verified"), ("publish_date_x", "published"), ("last_check_date", "verified")],
)  # fmt: skip
def test_dates_are_guessed_with_their_kind(name: str, kind: str) -> None:
    found = guess(**{name: ["2021-03-04", "2020", "", "2022-01-01"]})[name, "date"]
    assert (found.kind, found.confidence >= 0.5) == (kind, True)
    assert found.raw[:2] == ("2021-03-04", "2020")
    assert found.parsed[:2] == ("2021-03-04/2021-03-05", "2020-01-01/2021-01-01")


@pytest.mark.parametrize(
    "name", ["bouwjaar", "Baujahr", "yearOfConstruction", "竣工日期", "建築年", "start_date"]
)
def test_years_of_construction_are_no_dates_of_the_data(name: str) -> None:
    assert (name, "date") not in guess(**{name: [1965, 1970, 2001, 1999]})


def test_numbers_are_no_dates_because_they_could_be() -> None:
    found = guess(code=[20200501, 20200502, 20200612, 20191231], count=[1990, 1991, 2000, 2001])
    assert not [key for key in found if key[1] == "date"]


def test_a_count_and_repeated_values_are_weak_ids() -> None:
    found = guess(id=[0, 1, 2, 3], objectid=["a", "a", "a", "b"])
    assert found["id", "id"].confidence < 0.5
    assert found["objectid", "id"].confidence < 0.5


@given(st.permutations(range(24)), st.booleans())
@settings(max_examples=25, deadline=None)
def test_what_is_proposed_does_not_depend_on_the_order_of_rows(
    order: list[int], other_first: bool
) -> None:
    columns: dict[str, Any] = {
        "bin": texts([f"10{i * 37}" for i in range(24)]),
        "uid": texts([f"u{i * 41}" for i in range(24)]),
        "surveyed_date": texts([f"20{i:02d}" if i > 8 else None for i in range(24)]),
        "published_date": texts([f"20{i:02d}" if i > 16 else None for i in range(24)]),
        "count_no": np.arange(24),
    }
    table = table_of(columns)
    names = list(columns)
    if other_first:  # a tile came first that has a property of its own
        names.insert(0, names.pop(names.index("published_date")))
    moved = taken(table, np.array(order, np.int32))
    kept = {name: moved.columns[name] for name in [*names, ID_FIELD]}
    assert proposals(replace(moved, columns=kept)) == proposals(table)


def test_the_proposed_mapping_takes_the_surest_of_each_role() -> None:
    found = guess(
        identificatie=IDS, fid=["q", "w", "e", "r"], functie=["a", "a", "b", "b"], naam=["x", "y", "z", "u"],
        bronhouder=["G0503"] * 4, measuredHeight=[3.0, 4.5, 5.0, 9.0], opname_datum=["2020-01-02"] * 4,
    )  # fmt: skip
    mapping = proposed(tuple(found.values()))
    assert (mapping.id, mapping.kind, mapping.name) == ("identificatie", "functie", "naam")
    assert (mapping.custodian, mapping.height) == ("bronhouder", "measuredHeight")
    assert [(item.field, item.kind) for item in mapping.dates] == [("opname_datum", "captured")]


CELLS = st.one_of(
    st.lists(st.one_of(st.none(), st.text(max_size=12)), min_size=1, max_size=8).map(texts),
    st.lists(st.floats(), min_size=1, max_size=8).map(np.array),
    st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=8).map(lambda x: np.array(x, np.int64)),
    st.lists(st.booleans(), min_size=1, max_size=8).map(np.array),
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=10), CELLS)
def test_every_column_can_be_looked_at_and_every_guess_has_words(name: str, column: Any) -> None:
    for item in proposals(table_of({name: column})):
        assert 0.0 <= item.confidence <= 1.0
        assert not proposal_text(item, "zh").startswith("proposal.")
