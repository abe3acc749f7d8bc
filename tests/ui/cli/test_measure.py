"""The verb ``measure`` on the sample city: quantities of real elements, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twin.measuring.nearest import gaps
from twin.session import Session
from ui.cli import main
from ui.cli.loading import opened
from ui.cli.measure import measured
from ui.cli.opening import Opening

SAMPLES = Path(__file__).resolve().parents[3] / "sample_models"
HOUSE = SAMPLES / "duplex.ifc"
FLOOR, PARTY_WALL = "2O2Fr$t4X7Zf8NOew3FK4F", "2O2Fr$t4X7Zf8NOew3FKau"
BRICK_WALL, UPPER_FLOOR = "2O2Fr$t4X7Zf8NOew3FNtn", "1hOSvn6df7F8_7GcBWlRqU"
Capture = pytest.CaptureFixture[str]
NO_POINTS = np.zeros((0, 3))


@pytest.fixture(scope="module")
def house() -> Any:
    session = opened([str(HOUSE)], Opening())
    yield session
    session.close()


@pytest.mark.parametrize("element", [FLOOR, PARTY_WALL, BRICK_WALL, UPPER_FLOOR])
def test_a_volume_is_what_the_model_says_within_a_thousandth(house: Session, element: str) -> None:
    table = house.twin.layers[next(iter(house.twin.layers))].features
    said = table["PSet_Revit_Dimensions.Volume"][table.rows_by_id[element]]
    found = measured(house, "volume", NO_POINTS, [element])
    assert found.values["volume"] == pytest.approx(said, rel=1e-3)
    assert found.notes == ()


@pytest.mark.parametrize("element", [FLOOR, UPPER_FLOOR])
def test_the_face_of_a_floor_is_its_area_within_a_hundredth(house: Session, element: str) -> None:
    key = next(iter(house.twin.layers))
    table = house.twin.layers[key].features
    row = table.rows_by_id[element]
    said = table["PSet_Revit_Dimensions.Area"][row]
    box = table.bounds[row]
    middle = np.array([[(box[0] + box[3]) / 2, (box[1] + box[4]) / 2, box[5]]])
    found = measured(house, "face", middle, [element])
    assert found.values["area"] == pytest.approx(said, rel=0.01)
    assert found.values["plan_area"] == pytest.approx(found.values["area"], rel=1e-6)


def test_the_clearance_of_two_elements_is_the_least_of_all_pairs_of_their_triangles(
    house: Session,
) -> None:
    found = measured(house, "clearance", NO_POINTS, [FLOOR, UPPER_FLOOR])
    key = next(iter(house.twin.layers))
    table = house.twin.layers[key].features
    first, second = (house.body(key, table.rows_by_id[x])[0] for x in (FLOOR, UPPER_FLOOR))
    i, j = np.meshgrid(np.arange(len(first)), np.arange(len(second)), indexing="ij")
    brute = gaps(first[i.ravel()], second[j.ravel()])[0].min()
    assert found.values["length"] == pytest.approx(brute, abs=1e-9)
    assert found.values["length"] > 2.0
    touching = measured(house, "clearance", NO_POINTS, [FLOOR, FLOOR])
    assert (touching.values["length"], touching.notes) == (0.0, ("touching",))


def test_points_are_measured_in_the_grid_of_the_city(capsys: Capture) -> None:
    city = str(SAMPLES / "delft.city.json")
    points = "84500,447600,2;84503,447604,14"
    assert main(["measure", city, "--points", points, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["value"] == pytest.approx(13)
    assert (found["crs"], found["vertical"], found["notes"]) == ("EPSG:28992", "NAP", ["scale"])
    assert main(["measure", city, "--points", points, "--unit", "mm", "--lang", "zh"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("距离：13\u2009000 mm")
    assert "NAP" in out


@pytest.mark.parametrize(
    "more",
    [["--points", "1,2,3"], ["--points", "1,2;3,4"], ["--kind", "nonsense"],
     ["--kind", "clearance", "--objects", "nobody,nowhere"], ["--unit", "inch"],
     ["--kind", "clearance"]],
)  # fmt: skip
def test_what_cannot_be_measured_ends_in_one_line(more: list[str], capsys: Capture) -> None:
    assert main(["measure", str(SAMPLES / "kiosk.city.json"), *more]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error[usage] ")
    assert err.count("\n") == 1
