"""The verb ``check``: the gate of a delivery and rules for building models."""

import json
from pathlib import Path

import pytest

from tests.conftest import DATA, REPO
from ui.cli import main

HOUSE, RULES = str(DATA / "simple_wall.ifc"), str(DATA / "walls.ids")
Capture = pytest.CaptureFixture[str]


def test_a_check_is_one_document_with_gate_and_rules(capsys: Capture) -> None:
    assert main(["check", HOUSE, "--ids", RULES, "--json", "--at", "2026-11-23"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    document = json.loads(out)
    assert document["at"] == "2026-11-23T00:00:00Z"
    assert [one["checker"] for one in document["checks"]] == ["delivery", "ids"]
    rules = {rule["name"]: rule for rule in document["checks"][1]["specifications"]}
    assert {name: rule["status"] for name, rule in rules.items()} == {
        "Walls are named": "passed",
        "Walls are rated": "failed",
        "No lifts": "passed",
    }
    failed = rules["Walls are rated"]["requirements"][0]["failed"]
    assert {one["kind"] for one in failed} == {"IfcWallStandardCase", "IfcWallType"}


def test_fail_on_fail_ends_with_one_and_still_tells(capsys: Capture) -> None:
    arguments = ["check", HOUSE, "--ids", RULES, "--no-gate", "--fail-on", "fail"]
    assert main([*arguments, "--lang", "zh"]) == 1
    assert "未通过" in capsys.readouterr().out
    assert main([*arguments[:-1], "sometimes"]) == 2


@pytest.mark.parametrize("form", ["html", "csv", "xlsx", "bcf"])
def test_equal_inputs_give_equal_files(form: str, tmp_path: Path, capsys: Capture) -> None:
    found = []
    for name in ("a", "b"):
        out = tmp_path / f"{name}.{form}"
        arguments = ["check", HOUSE, "--ids", RULES, "--at", "2026-11-23", "--format", form]
        assert main([*arguments, "--out", str(out)]) == 0
        found.append(out.read_bytes())
    assert found[0] == found[1]
    assert len(found[0]) > 500


@pytest.mark.parametrize(
    ("text", "code"), [("<ids>", "broken.ids"), ("", "broken.ids"), (None, "missing.file")]
)
def test_rules_that_cannot_be_used_are_wrong_usage(
    text: str | None, code: str, tmp_path: Path, capsys: Capture
) -> None:
    rules = tmp_path / "r.ids"
    if text is not None:
        rules.write_text(text, "utf-8")
    assert main(["check", HOUSE, "--ids", str(rules)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error[{code}]")


def test_rules_for_models_that_are_not_there_are_wrong_usage(capsys: Capture) -> None:
    city = str(DATA / "delft_tiny.city.json")
    assert main(["check", city, "--ids", RULES]) == 2
    assert "no model" in capsys.readouterr().err


def test_a_city_passes_the_gate_and_a_bad_neighbour_fails_it(
    tmp_path: Path, capsys: Capture
) -> None:
    bad = tmp_path / "bad.ifc"
    bad.write_text("ISO-10303-21;\nnothing", "utf-8")
    city = str(DATA / "delft_tiny.city.json")
    assert main(["check", city, str(bad), "--json", "--fail-on", "fail"]) == 1
    document = json.loads(capsys.readouterr().out)
    opens = {one["model"]: one["specifications"][0]["status"] for one in document["checks"]}
    assert opens == {str(bad): "failed", city: "passed"}


def test_the_rules_beside_the_sample_find_what_they_say(capsys: Capture) -> None:
    folder = REPO / "sample_models"
    arguments = ["check", str(folder / "duplex.ifc"), "--ids", str(folder / "duplex.ids")]
    assert main([*arguments, "--no-gate", "--json"]) == 0
    (check,) = json.loads(capsys.readouterr().out)["checks"]
    assert check["counts"] == {"passed": 3, "failed": 5, "none": 1}
