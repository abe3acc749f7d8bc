"""What a model says of a building: attributes first, geometry else; nonsense is counted, never used."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.twin.maintenance.bim.making import METHOD
from twin.features import EXTRA, TEXT, FeatureTable, texts
from twin.maintenance.bim.deriving import FROM_GEOMETRY, Part, building_rows, derived
from twin.maintenance.bim.plans import Plans
from twin.observations import STATUSES, Assessment

N = 4


def table(**columns: Sequence[Any]) -> FeatureTable:
    kinds = ("Building", "Road")
    made = {
        name: np.array(values, np.float64) if isinstance(values[0], float) else texts(values)
        for name, values in columns.items()
    }
    return FeatureTable(
        texts(["a", "b", "c", "d"]), np.array([0, 0, 1, 0], np.uint16), kinds,
        np.full(N, -1, np.int32), np.zeros((N, 6)), columns=made,
    )  # fmt: skip


def part(found: FeatureTable) -> Part:
    verdict = Assessment.unknown(N)
    verdict.status[3] = STATUSES.index("retired")
    plans = Plans(np.array([1000.0, np.nan, 5.0, 9.0]), np.array([16.5, np.nan, 1.0, 1.0]))
    rows = building_rows(found, verdict)
    return Part(found, verdict, plans, rows, np.full(len(rows), np.nan))


def test_only_standing_buildings_are_candidates_and_geometry_fills_in() -> None:
    found = derived([part(table())], METHOD)
    assert found.id.tolist() == ["a", "b"]
    assert found["height_m"][0] == 16.5
    assert found["gfa_m2"][0] == 5000  # 16.5 m are five storeys of 3.3 m
    assert np.isnan(found["gfa_m2"][1])
    assert found.sources["height_m"].tolist() == [FROM_GEOMETRY, ""]
    assert found["gap"].tolist() == [1.0, 1.0]
    assert np.isnan(found["occupancy"]).all()


def test_attributes_come_first_and_nested_ones_count() -> None:
    extra = [json.dumps({"Pset_BuildingCommon.IsLandmarked": True}), None, None, None]
    found = derived(
        [
            part(
                table(
                    measuredHeight=[56_890.0, 30.0, 1.0, 1.0],
                    storeysAboveGround=[3.0, 0.0, 1.0, 1.0],
                    function=["31001_3051", "woonfunctie,kantoorfunctie", "voetpad", ""],
                    monument=[None, "nee", None, None],
                    **{EXTRA: extra},
                )
            )
        ],
        METHOD,
    )
    assert found["height_m"].tolist() == [16.5, 30.0]
    assert found["gfa_m2"][0] == 3000
    assert [METHOD.uses[int(x)].id for x in found["use"]] == ["hospital", "office"]
    assert found["heritage"].tolist() == [2.0, 0.0]
    assert found.sources["use"].tolist() == ["function", "function"]
    assert [(x.code, x.params["count"]) for x in found.problems] == [("bim.too_large", 1)]
    assert found.id.dtype == TEXT


@pytest.mark.parametrize(
    ("said", "grade"),
    [("true", 2.0), ("rijksmonument", 2.0), ("1", 1.0), ("2", 2.0), ("0", 0.0), ("false", 0.0)],
)
def test_words_for_monuments(said: str, grade: float) -> None:
    found = derived([part(table(monument=[said, None, None, None]))], METHOD)
    assert found["heritage"][0] == grade
    assert np.isnan(found["heritage"][1])


def test_nothing_is_no_candidate() -> None:
    assert len(derived([], METHOD)) == 0
