"""What a mapping makes of tables and tiles, and how it is written down."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.errors import BrokenFile, NotFound
from twin.features import ID_FIELD, Column, FeatureTable, texts, weak
from twin.geometry import Material, Points
from twin.maintenance.fields import Where, observe
from twin.maintenance.mapping import mapped_content, mapped_observations, mapped_opened
from twin.maintenance.mapping_files import mapping_text, parse_mapping, read_mapping
from twin.observations import ASPECTS, KINDS, SPANS, ObservationList, Observations
from twin.ports import Content, Opened
from twin.records import About, DateField, FieldMapping
from twin.tiles import TileTree

NAMES = st.text(max_size=12)
DATES = st.builds(
    DateField,
    st.text(min_size=1, max_size=12),
    st.sampled_from((*KINDS, *SPANS)),
    st.sampled_from(("", *ASPECTS)),
)
MAPPINGS = st.builds(
    FieldMapping, NAMES, NAMES, NAMES, NAMES, NAMES, st.lists(DATES, max_size=3).map(tuple), NAMES
)


@settings(max_examples=60, deadline=None)
@given(MAPPINGS)
def test_a_mapping_written_down_is_read_as_it_was(mapping: FieldMapping) -> None:
    assert parse_mapping(mapping_text(mapping), "m.toml") == mapping


def table_of(columns: dict[str, Column]) -> FeatureTable:
    n = len(next(iter(columns.values())))
    keys = [f"t.b3dm#{i}" for i in range(n)]
    bounds = np.array([[i, i, i, i + 1, i + 1, i + 1] for i in range(n)], np.float64)
    return FeatureTable(
        texts(keys), np.zeros(n, np.uint16), ("Feature",), np.full(n, -1, np.int32), bounds,
        columns={**columns, ID_FIELD: texts([None] * n)},
    )  # fmt: skip


def observed(table: FeatureTable) -> Observations:
    found = ObservationList()
    observe(found, table.columns, None, Where("object", "batch."))
    return found.frozen()


def tile(columns: dict[str, Column]) -> Content:
    table = table_of(columns)
    n = len(table)
    cloud = Points(
        np.zeros(3), np.zeros((n + 1, 3), np.float32),
        np.array([*range(n), -1], np.int32), Material(),
    )  # fmt: skip
    return Content((cloud,), table, observed(table))


def test_mapped_properties_become_id_kind_name_height_dates_and_custodian() -> None:
    columns = {
        "nr": np.array([7.0, np.nan]), "fn": texts(["Bridge", None]), "who": texts(["Delft", ""]),
        "seen": texts(["2021-03-04", ""]), "h": texts(["3.5", "x"]), "what": texts(["A", "B"]),
    }  # fmt: skip
    mapping = FieldMapping(
        "nr", "fn", "what", "who", "h", (DateField("seen", "captured", "height"),)
    )
    found = mapped_content(tile(columns), mapping)
    table, said = found.features, found.observations
    assert table is not None
    assert said is not None
    assert table.id.tolist() == ["7", "t.b3dm#1"]
    assert weak(table).tolist() == [False, True]
    assert table["kind"].tolist() == ["Bridge", "Feature"]
    assert table["name"].tolist() == ["A", "B"]
    assert table["height"][0] == 3.5
    assert np.isnan(table["height"][1])
    assert (said.row.tolist(), KINDS[said.kind[0]]) == ([0], "captured")
    assert said.t_lo[0] == np.datetime64("2021-03-04")
    assert (said.parties, said.party_row.tolist()) == (("Delft",), [0])
    assert not found.problems


def test_objects_of_a_tile_with_the_same_id_are_one_row_with_the_box_of_all() -> None:
    columns = {
        "bag": texts(["a", "b", "a", None]),
        "creationDate": texts(["2020", "2021", "2022", ""]),
    }
    found = mapped_content(tile(columns), FieldMapping(id="bag"))
    table = found.features
    assert table is not None
    assert table.id.tolist() == ["a", "b", "t.b3dm#3"]
    assert table.bounds[0].tolist() == [0, 0, 0, 3, 3, 3]
    assert found.drawables[0].feature.tolist() == [0, 1, 0, 2, -1]
    assert found.observations is not None
    assert found.observations.row.tolist() == [0, 1]
    assert found.observations.raw.tolist() == ["2020", "2021"]


def test_the_mapping_beats_what_a_well_known_name_says() -> None:
    table = table_of({"creationDate": texts(["2020-05-01"]), "updated": texts(["2021"])})
    mapping = FieldMapping(dates=(DateField("creationDate", "verified"),))
    said = mapped_observations(observed(table), table, mapping)
    found = {(said.paths[p], KINDS[k]) for p, k in zip(said.path, said.kind, strict=True)}
    assert found == {("batch.creationDate", "verified"), ("batch.updated", "registered")}


def test_rows_of_an_opened_table_stay_and_repeated_ids_are_counted() -> None:
    table = table_of({"bag": texts(["a", "a", "b"])})
    opened = Opened("t", About("x"), TileTree.single(np.zeros(6)), table, observed(table))
    found = mapped_opened(opened, FieldMapping(id="bag"))
    assert found.features.id.tolist() == ["a", "t.b3dm#1", "b"]
    assert [p.code for p in found.problems] == ["mapping.id_repeated"]


def test_a_property_that_is_not_there_is_named() -> None:
    found = mapped_content(tile({"bag": texts(["a"])}), FieldMapping(id="pand", kind="fn"))
    assert [(p.code, p.params["names"]) for p in found.problems] == [
        ("mapping.no_property", "pand, fn")
    ]


@pytest.mark.parametrize(
    "text",
    ['id = "', '[[date]]\nkind = "captured"', '[[date]]\nfield="a"\nkind="no"', "idd = 'x'",
     "id = ['x']", "kind = 'captured'", "date = 4"],
)  # fmt: skip
def test_a_broken_mapping_is_said_to_be_broken(tmp_path: Path, text: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(BrokenFile):
        read_mapping(str(path))


def test_a_mapping_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_mapping(str(tmp_path / "none.toml"))


def test_ends_of_life_are_mapped_and_are_no_observations() -> None:
    columns = {
        "begun": texts(["1841", "1865-05-02", None]),
        "gone": texts(["1938", "1917-03-04", "x"]),
    }
    there = table_of(columns)
    dates = (DateField("begun", "valid_from"), DateField("gone", "valid_to"))
    mapped = mapped_content(Content((), there), FieldMapping(dates=dates))
    assert mapped.features is not None
    assert mapped.features.valid_from is not None
    assert mapped.features.valid_to is not None
    assert mapped.features.valid_from.astype("M8[D]").tolist()[:2] == [
        date(1841, 1, 1),
        date(1865, 5, 2),
    ]
    assert mapped.features.valid_to.astype("M8[D]").tolist()[:2] == [
        date(1939, 1, 1),
        date(1917, 3, 4),
    ]
    assert np.isnat(mapped.features.valid_from[2])
    assert np.isnat(mapped.features.valid_to[2])
    assert mapped.observations is None or not len(mapped.observations)
