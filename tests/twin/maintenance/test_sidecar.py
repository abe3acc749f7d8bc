"""Side-cars: rows of a table joined to objects by key or by place, and what does not fit said."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely

from tests.twin.maintenance.making import table
from twin.features import FeatureTable, texts
from twin.maintenance.sidecar import beside, with_sidecars, without_sidecars
from twin.maintenance.sidecar_records import Sidecar
from twin.observations import Observations
from twin.ports import VectorTable
from twin.records import DateField

CRS = "EPSG:28992"


def city(count: int) -> FeatureTable:
    boxes = [[20.0 * n, 0, 0, 20 * n + 10, 10, 5] for n in range(count)]
    return replace(
        table(["Building"] * count, boxes=boxes), id=texts([f"b{n}" for n in range(count)])
    )


def rows(columns: dict[str, list[Any]], shapes: list[Any] | None = None) -> VectorTable:
    count = len(next(iter(columns.values())))
    geometry = None if shapes is None else np.array(shapes, object)
    found = {name: texts(values) for name, values in columns.items()}
    return VectorTable(found, geometry, CRS if shapes else "", np.arange(2, 2 + count))


def test_ten_per_cent_that_fit_nothing_are_said_and_listed() -> None:
    keys = [f"b{n}" for n in range(9)] + ["x"]
    said = rows(
        {
            "bag": keys,
            "surveydate": ["2023-05"] * 9 + ["2024"],
            "use": ["1"] * 10,
            "custodian": ["N"] * 10,
        }
    )
    found = beside(said, Sidecar("S1", "/d/survey.csv", "survey.csv"), city(12), CRS)
    assert found.counts == {
        "rows": 10,
        "keys": 10,
        "matched": 9,
        "unmatched": 1,
        "objects": 9,
        "repeated": 0,
    }
    assert [(p.code, p.feature) for p in found.problems] == [
        ("sidecar.unmatched", "survey.csv"), ("sidecar.unmatched_row", "survey.csv#11"),
    ]  # fmt: skip
    assert (
        "1 of 10 keys in bag (10 %)" in found.problems[0].said()
        or found.problems[0].params["percent"] == "10"
    )
    assert found.row.tolist() == [*range(9), -1, -1, -1]
    assert found.columns["use"][:9].tolist() == [1.0] * 9
    assert np.isnan(found.columns["use"][9:]).all()
    assert len(found.observations) == 9
    assert found.observations.paths[0] == "sidecar:S1:surveydate"
    assert found.observations.parties == ("N",)


def test_of_a_key_in_several_rows_the_latest_counts_and_is_said() -> None:
    said = rows(
        {
            "id": ["b0", "b0", "b1", None, "B2"],
            "when": ["2020", "2024", "2021", "2022", "43831"],
            "n": ["a", "b", "c", "d", "e"],
        }
    )
    car = Sidecar("S1", "s.csv", key="id", dates=(DateField("when", "verified", "height"),))
    found = beside(said, car, city(3), CRS)
    assert found.columns["n"].tolist() == ["b", "c", "e"]
    assert {p.code for p in found.problems} == {
        "sidecar.repeated", "sidecar.silent", "sidecar.loose", "dates.serial",
    }  # fmt: skip
    assert [str(t)[:10] for t in found.observations.t_lo] == [
        "2024-01-01",
        "2021-01-01",
        "2020-01-01",
    ]


def test_objects_that_share_a_key_all_get_its_row() -> None:
    features = replace(city(3), columns={"block": texts(["k", "k", "m"])})
    found = beside(
        rows({"key": ["k", "z"], "v": ["1", "2"]}),
        Sidecar("S", "s.csv", object_key="block"),
        features,
        CRS,
    )
    assert found.row.tolist() == [0, 0, -1]
    assert "sidecar.shared" in [p.code for p in found.problems]


def test_rows_are_joined_by_place() -> None:
    shapes = [
        shapely.box(0, 0, 10, 10),
        shapely.box(18, 0, 29, 10),
        shapely.Point(45, 5),
        shapely.box(500, 0, 510, 10),
        None,
        shapely.box(60, 0, 62, 10),
    ]
    said = rows({"v": ["a", "b", "c", "d", "e", "f"]}, shapes)
    found = beside(said, Sidecar("S", "s.gpkg", "s", by="place"), city(4), CRS)
    assert found.row.tolist() == [0, 1, 2, -1]
    assert found.columns["v"].tolist() == ["a", "b", "c", None]
    assert (found.counts["matched"], found.counts["unmatched"]) == (3, 3)
    moved = replace(
        said,
        geometry=shapely.transform(said.geometry, lambda p: p + np.array([1e5, 4e5])),
        crs="EPSG:28992",
    )
    assert (
        beside(moved, Sidecar("S", "s.gpkg", by="place"), city(4), "EPSG:25831").counts["matched"]
        == 0
    )


def test_what_cannot_be_joined_says_why() -> None:
    by_place = beside(rows({"a": ["x"]}), Sidecar("S", "s.csv", by="place"), city(1), CRS)
    assert [p.code for p in by_place.problems] == ["sidecar.no_place"]
    by_key = beside(rows({"a": ["x"]}), Sidecar("S", "s.csv"), city(1), CRS)
    assert [p.code for p in by_key.problems] == ["sidecar.no_key"]
    missing = beside(
        rows({"a": ["b0"]}), Sidecar("S", "s.csv", dates=(DateField("d"),)), city(1), CRS
    )
    assert [p.code for p in missing.problems] == ["sidecar.no_column"]


def test_laid_over_a_table_and_taken_away_again_it_is_as_before() -> None:
    features = replace(city(2), columns={"use": texts(["old", "old"])})
    one = beside(
        rows({"id": ["b0"], "use": ["new"], "surveydate": ["2020"]}),
        Sidecar("S", "s.csv", "s.csv"),
        features,
        CRS,
    )
    over, said, added = with_sidecars(
        features, Observations.empty(), [(Sidecar("S", "s.csv", "s.csv"), one)]
    )
    assert over.columns["use"].tolist() == ["old", "old"]
    assert over.columns["use (s.csv)"].tolist() == ["new", None]
    assert added == {"S": ("use (s.csv)",)}
    back, silent = without_sidecars(over, said, added)
    assert list(back.columns) == ["use"]
    assert len(silent) == 0


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_joined_to_nothing_is_nothing(count: int) -> None:
    empty = VectorTable({"id": texts([])}, None, "", np.zeros(0, np.int64))
    assert beside(empty, Sidecar("S", "s.csv"), city(count), CRS).row.tolist() == [-1] * count
