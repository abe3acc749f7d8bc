"""Bad rules through the command line: everything is used as far as it can be, named and listed."""

import json
from pathlib import Path

import pytest

from ui.cli import main

CITY = str(Path(__file__).resolve().parents[3] / "sample_models" / "kiosk.city.json")
POLICY = """
policy = [{id = "A", kind = "Building", frequency = "annually"},
          {id = "B", kind = "Building", frequency = "P5Y"}]
zone = [{id = "z", name = "Bow", polygon = "POLYGON ((0 0, 9 9, 9 0, 0 9, 0 0))"}]
"""
CUSTODIANS = """
party = [{id = "a", name = "Water", aliases = ["W1"]}, {id = "a", name = "Roads"},
         {id = "b", name = "water", aliases = ["W1"]}]
responsibility = [{party = "a", scope = "area", polygon = "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0))"},
                  {party = "b", scope = "area", polygon = "POLYGON ((0 0, 9 9, 9 0, 0 9, 0 0))"}]
absence = [{party = "a", substitute = "b", from = "2026", to = "2027"},
           {party = "b", substitute = "a", from = "2026", to = "2027"}]
"""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_contradictions_doubles_circles_and_crossed_areas_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    files = {"policy": POLICY, "custodians": CUSTODIANS}
    options = ["--at", "2026-11-23", "--lang", language, "--format", "json"]
    for name, text in files.items():
        path = tmp_path / f"{name}.toml"
        path.write_text(text, "utf-8")
        options += [f"--{name}", str(path)]
    assert main(["audit", CITY, *options]) == 0
    told = json.loads(capsys.readouterr().out)["problems"]
    codes = sorted(item["code"] for item in told if not item["code"].startswith("cityjson"))
    assert codes == [
        "absence.cycle", "absence.cycle", "area.mended", "area.mended", "area.overlap",
        "party.alias", "party.twice", "party.twice", "policy.contradicts",
    ]  # fmt: skip
    assert all(item["text"] and "<" not in item["text"] for item in told)
