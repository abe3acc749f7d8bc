"""The verb ``objects`` finds a text in any value and compares attributes that are rare or have blanks."""

import json
from pathlib import Path

import pytest

from tests.loaders.ifc_files import Building
from ui.cli import main
from ui.cli.objects import parse_where

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def location(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CITYTWIN_CACHE_DIR", str(tmp_path / "cache"))
    made = Building()
    body = made.body(made.box(1.0, 1.0, 1.0))
    walls = [made.element("IfcWall", f"W{i}", body, (2.0 * i, 0.0, 0.0)) for i in range(3)]
    made.describe(walls, "Pset_WallCommon", {"FireRating": "R60"})
    made.describe([walls[1]], "Rare", {"Head Height": 10.5, "Note": "Rockwool"})
    return made.write(tmp_path)


def names(capsys: Capture) -> list[tuple[str, str]]:
    found = json.loads(capsys.readouterr().out)["objects"]
    return [(item["kind"], item.get("found", "")) for item in found]


def test_a_text_is_found_in_any_value_and_told(location: str, capsys: Capture) -> None:
    assert main(["objects", location, "--find", "rockWOOL"]) == 0
    assert names(capsys) == [("IfcWall", "Rare.Note = Rockwool")]
    assert main(["objects", location, "--find", "r60", "--where", "kind = IfcWall"]) == 0
    assert names(capsys) == [("IfcWall", "Pset_WallCommon.FireRating = R60")] * 3


def test_a_rare_number_with_a_blank_in_its_name_is_compared_as_a_number(
    location: str, capsys: Capture
) -> None:
    where = '"Rare.Head Height" > 9 and Pset_WallCommon.FireRating = R60'
    assert main(["objects", location, "--where", where, "--columns", "Rare.Head Height"]) == 0
    found = json.loads(capsys.readouterr().out)["objects"]
    assert [item["attributes"] for item in found] == [{"Rare.Head Height": 10.5}]


def test_an_and_within_quotes_joins_nothing() -> None:
    found = parse_where('"Roof and floor" = "a and b" and kind != Wall')
    assert [(x.column, x.op, x.value) for x in found] == [
        ("Roof and floor", "eq", "a and b"), ("kind", "ne", "Wall"),
    ]  # fmt: skip
