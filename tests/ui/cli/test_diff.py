"""The verb ``diff`` on files made for it: what was done to a model is what is found, and nothing else."""

import json
from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.guid
import pytest

from tests.loaders.ifc_files import Building
from ui.cli import main

Capture = pytest.CaptureFixture[str]
CITY = Path(__file__).resolve().parents[3] / "tests/data/delft_tiny.city.json"


def model(folder: Path) -> Path:
    made = Building()
    for i in range(6):
        made.element(
            "IfcWall", f"wall {i}", made.body(made.box(3.0, 0.3, 2.5)), (4.0 * i, 0.0, 0.0)
        )
    return Path(made.write(folder, "old.ifc"))


def diff(old: Path, new: Path, capsys: Capture, *more: str) -> dict[str, Any]:
    assert main(["diff", str(old), str(new), "--format", "json", *more]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    for side in ("old", "new"):
        assert sum(found["counts"][side].values()) == found["compared"][side]
        assert sum(len(line[side]) for line in found["objects"]) == found["compared"][side]
    return found


def changed(found: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted(
        (line["bucket"], line["kind"])
        for line in found["objects"]
        if line["bucket"] != "unchanged"
    )


def test_what_was_done_to_a_model_is_found_and_nothing_else(
    tmp_path: Path, capsys: Capture
) -> None:
    old = model(tmp_path)
    file = ifcopenshell.open(str(old))
    walls = {wall.Name: wall for wall in file.by_type("IfcWall")}
    place = walls["wall 1"].ObjectPlacement.RelativePlacement.Location
    place.Coordinates = (place.Coordinates[0], 0.25, 0.0)
    walls["wall 2"].Name = "renamed"
    file.remove(walls["wall 3"])
    new = tmp_path / "new.ifc"
    file.write(str(new))
    found = diff(old, new, capsys)
    assert changed(found) == [
        ("attr_changed", "IfcWall"), ("removed", "IfcWall"), ("shape_changed", "IfcWall"),
    ]  # fmt: skip
    moved = next(line for line in found["objects"] if line["bucket"] == "shape_changed")
    assert moved["shape"] == ["moved"]
    assert moved["moved"] == pytest.approx(0.25, abs=1e-4)
    assert {spot["what"] for spot in found["not_compared"]} >= {"Owner history", "Relations"}


def test_keys_made_anew_change_nothing(tmp_path: Path, capsys: Capture) -> None:
    old = model(tmp_path)
    file = ifcopenshell.open(str(old))
    for item in file.by_type("IfcRoot"):
        item.GlobalId = ifcopenshell.guid.new()
    new = tmp_path / "new.ifc"
    file.write(str(new))
    found = diff(old, new, capsys)
    assert found["keys_made_anew"]
    assert [line for line in changed(found) if line[1] == "IfcWall"] == []


def test_the_same_inputs_give_the_same_bytes_in_every_format(
    tmp_path: Path, capsys: Capture
) -> None:
    old = model(tmp_path)
    for form in ("json", "text", "csv"):
        outs = []
        for _ in range(2):
            assert main(["diff", str(old), str(old), "--format", form]) in (0, 2)
            outs.append(capsys.readouterr().out)
        assert outs[0] == outs[1]


def test_a_city_is_compared_unit_by_unit(capsys: Capture) -> None:
    found = diff(CITY, CITY.parent / "delft_tiny_tileset", capsys)
    assert found["compared"]["old"] > 0


@pytest.mark.parametrize(
    "wrong", [["--format", "pdf"], ["--tolerance", "-1"], ["--key", "nobody"]]
)
def test_wrong_usage_is_one_line(wrong: list[str], tmp_path: Path, capsys: Capture) -> None:
    old = model(tmp_path)
    new = tmp_path / "new.ifc"
    new.write_bytes(old.read_bytes())
    assert main(["diff", str(old), str(new), *wrong]) == 2
    assert capsys.readouterr().err.startswith("error[usage] ")
