"""``citytwin plan bim``: the document of the contract, the words, the errors, and candidates from models."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.twin.maintenance.bim.making import COLUMNS, EIGHT
from ui.cli import main

BUDGET = ["--budget", "1800"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "candidates.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", *COLUMNS])
        rows.writerows(
            [name, *("" if cell != cell else cell for cell in row)] for name, row in EIGHT.items()
        )
    return path


def told(capfd: pytest.CaptureFixture[str], *words: object) -> Any:
    assert main(["plan", "bim", *map(str, words), "--json"]) == 0
    return json.loads(capfd.readouterr().out)


def test_the_document_is_that_of_the_contract(
    capfd: pytest.CaptureFixture[str], table: Path
) -> None:
    found = told(capfd, "--table", table, *BUDGET)
    scores = {one["id"]: one for one in found["scores"]}
    assert scores["B1 city hospital"]["score"] == pytest.approx(80.7672)
    assert sum(scores["B1 city hospital"]["parts"].values()) == pytest.approx(80.7672)
    town_hall = scores["B8 town hall"]
    assert (town_hall["low"], town_hall["high"]) == (31.2114, 51.2114)
    assert town_hall["missing"] == ["occupancy"]
    assert town_hall["parts"]["occ"] is None
    assert found["selected"] == ["B1 city hospital", "B4 listed museum", "B6 housing slab"]
    assert (found["total"], found["cost"]) == (181.6735, 1700)
    assert found["runner_up"]["cost"] == 1530
    assert found["infeasible"] is None
    assert found["collect"] == ["B8 town hall"]
    assert (found["exact"], found["currency"]) == (True, "kEUR")


def test_forced_ids_and_a_lowest_score(capfd: pytest.CaptureFixture[str], table: Path) -> None:
    forced = ["--force", "B1 city hospital,B2 metro interchange"]
    found = told(capfd, "--table", table, "--budget", 2500, *forced, "--min-score", 40)
    assert (found["total"], found["cost"]) == (209.5979, 2420)
    short = told(capfd, "--table", table, "--budget", 1500, *forced)
    assert (short["infeasible"]["shortage"], short["selected"]) == (500, [])


def test_without_a_budget_all_that_reach_the_score(
    capfd: pytest.CaptureFixture[str], table: Path
) -> None:
    found = told(capfd, "--table", table)
    assert len(found["selected"]) == 6
    assert found["budget"] is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_people_are_told_in_words_and_rules_with_their_warning(
    capfd: pytest.CaptureFixture[str], table: Path, language: str
) -> None:
    words = ["--table", str(table), *BUDGET, "--pack", "HK,singapore", "--lang", language]
    assert main(["plan", "bim", *words]) == 0
    said = capfd.readouterr().out
    assert "181.7" in said
    assert "DEVB TC(W)" in said
    assert ("Check the circular" if language == "en" else "请核对原文") in said


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--table", "none.csv"],
        ["--table", "{table}", "--budget", "-1"],
        ["--table", "{table}", "--pack", "Atlantis"],
        ["--table", "{table}", "--force", "B9"],
        ["--table", "{table}", "--min-score", "140"],
        ["--table", "{table}", "--weights", "none.toml"],
        ["--table", "{table}", "x.json"],
    ],
)
def test_wrong_usage_is_one_line(
    capfd: pytest.CaptureFixture[str], table: Path, words: list[str]
) -> None:
    assert main(["plan", "bim", *(word.format(table=table) for word in words)]) == 2
    assert capfd.readouterr().err.count("\n") == 1


def test_a_bad_cell_is_told_and_the_rest_is_used(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,height_m,cost\na,tall,100\nb,60,100\n", "utf-8")
    assert main(["plan", "bim", "--table", str(path), "--json"]) == 0
    out, err = capfd.readouterr()
    assert "Line 2, height_m of a: tall" in err
    assert len(json.loads(out)["scores"]) == 2


def test_the_workbook_has_equal_bytes_for_equal_inputs(table: Path, tmp_path: Path) -> None:
    files = [tmp_path / "one.xlsx", tmp_path / "two.xlsx"]
    for path in files:
        words = [
            "--table",
            table,
            *BUDGET,
            "--format",
            "xlsx",
            "--at",
            "2025-10-27",
            "--out",
            path,
        ]
        assert main(["plan", "bim", *map(str, words)]) == 0
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_model_says_areas_and_heights_and_no_more(
    capfd: pytest.CaptureFixture[str], tiny: Path
) -> None:
    found = told(capfd, tiny / "delft_tiny.city.json", "--min-score", 5)
    assert found["scores"]
    for one in found["scores"]:
        assert one["parts"]["gap"] == 10
        assert "occupancy" in one["missing"]
        assert one["cost_by_rule"]


def test_a_bim_leaves_no_gap_or_half_of_it(capfd: pytest.CaptureFixture[str], tiny: Path) -> None:
    found = told(capfd, tiny / "simple_wall.ifc")
    assert [one["n"]["gap"] for one in found["scores"]] == [0.5]


def test_a_table_of_parts_opens_as_csv(capfd: pytest.CaptureFixture[str], table: Path) -> None:
    assert main(["plan", "bim", "--table", str(table), *BUDGET, "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capfd.readouterr().out)))
    assert len(rows) == 8
    assert rows[0]["Floor area"] == "25"


def test_real_buildings_are_measured_as_their_file_says(
    capfd: pytest.CaptureFixture[str], shared_data: Path
) -> None:
    vienna = shared_data / "cityjson" / "cityjson_cjdb" / "vienna.jsonl"
    found = told(capfd, vienna, "--budget", 20_000, "--min-score", 20)
    assert len(found["scores"]) == 149
    assert found["cost"] <= 20_000
    largest = found["scores"][0]
    assert largest["n"]["gap"] == 1
    assert largest["missing"] == ["use", "occupancy", "heritage"]
    assert largest["high"] - largest["low"] == pytest.approx(50)
