"""The verb ``place``: routes, findings and candidates printed; an override; a copy that keeps it."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.loaders.ifc_files import Building
from tests.loaders.test_ifc_georeference import BOSTON, convert, system
from ui.cli import main


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CITYTWIN_CACHE", str(tmp_path / "cache"))
    made = Building()
    made.element("IfcWall", "wall", made.body(made.box(10.0, 1.0, 3.0)), (0.0, 0.0, 0.0))
    convert(made, system(made), (447000.0, 85000.0, 2.0, 1.0, 0.0), 1.0)
    made.site.RefLatitude, made.site.RefLongitude = BOSTON
    return made.write(tmp_path)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main(["place", *arguments, "--json"]) == 0
    return orjson.loads(capsys.readouterr().out)


def test_place_explains_and_a_chosen_candidate_can_be_exported(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(capsys, model)
    assert [(r["name"], r["state"]) for r in found["routes"]] == [
        ("IfcMapConversion", "used"),
        ("IfcSite", "default"),
    ]
    codes = {item["code"] for item in found["findings"]}
    assert {"ifc.axes_swapped", "ifc.site_default"} <= codes
    assert found["candidates"][0]["key"] == "swapped"
    copy = str(tmp_path / "copy.ifc")
    chosen = told(capsys, model, "--use", "1", "--export", copy)
    assert chosen["placement"]["easting"] == 85000.0
    again = told(capsys, copy)
    assert again["placement"]["northing"] == 447000.0
    assert "ifc.axes_swapped" not in str(again["findings"])


def test_typed_numbers_override_the_file(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["place", model, "--crs", "EPSG:28992"]) == 2
    capsys.readouterr()
    typed = (
        "--crs",
        "EPSG:28992",
        "--easting",
        "85000",
        "--northing",
        "447000",
        "--rotation",
        "12.5",
    )
    found = told(capsys, model, *typed)
    assert found["placement"]["rotation"] == 12.5
    assert found["verdict"].startswith("Stands by the project's own placement")


def test_a_model_far_from_the_city_is_told_so_and_offered_what_brings_it_there(
    model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    city = str(Path(__file__).resolve().parents[3] / "sample_models" / "delft.city.json")
    far = ("--crs", "EPSG:28992", "--easting", "200000", "--northing", "500000")
    found = told(capsys, model, city, *far)
    codes = [item["code"] for item in found["findings"]]
    assert codes[0] == "siting.astray"
    assert found["candidates"][0]["key"] == "swapped"
    assert found["candidates"][0]["nearest_metres"] < 5000
