"""``citytwin plan frequency``: the document, the words, the errors, and rates from deliveries."""

import json
from pathlib import Path

import pytest

from ui.cli import main
from ui.cli.plan import spread

ORDINARY = ["--rate", "0.018", "--objects", "10000", "--stale-cost", "50", "--survey-cost", "120000"]  # fmt: skip


def plan(capfd: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["plan", "frequency", *words]) == 0
    said: str = capfd.readouterr().out
    return said


def test_the_document_holds_the_answer_and_the_alternatives(
    capfd: pytest.CaptureFixture[str],
) -> None:
    found = json.loads(plan(capfd, *ORDINARY, "--max-out-of-date", "0.1", "--json"))
    assert found["interval_years"] == pytest.approx(5.331143)
    assert found["kappa"] == pytest.approx(0.00432)
    assert found["event_driven"] is False
    assert found["expected_stale_share"] == pytest.approx(0.046482, abs=1e-6)
    assert found["cost_per_year"] == pytest.approx(45750.08)
    assert (found["code"], found["duration"]) == ("periodic", "P5Y")
    costs = {one["duration"]: one["cost_per_year"] for one in found["alternatives"]}
    assert costs["P5Y"] == pytest.approx(45839.92)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_people_are_told_in_words(capfd: pytest.CaptureFixture[str], language: str) -> None:
    said = plan(capfd, *ORDINARY, "--lang", language, "--currency", "EUR")
    assert "P5Y" in said
    assert "EUR" in said


def test_no_schedule_is_said_with_nulls(capfd: pytest.CaptureFixture[str]) -> None:
    words = ["--rate", "2", "--objects", "10", "--stale-cost", "1", "--survey-cost", "9000"]
    found = json.loads(plan(capfd, *words, "--json"))
    assert found["event_driven"] is True
    assert found["interval_years"] is None
    assert (found["code"], found["duration"]) == ("asNeeded", None)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--rate", "nan"], "plan.input"), (["--rate=-1"], "plan.input"), (["--objects", "0"], "plan.input"),
        (["--max-out-of-date", "1"], "plan.input"), (["--survey-cost", "inf"], "plan.input"),
        (["--rate", "often"], "usage"), (["--lang", "fr"], "usage"),
    ],
)  # fmt: skip
def test_nonsense_ends_with_one_line(
    capfd: pytest.CaptureFixture[str], words: list[str], code: str
) -> None:
    assert main(["plan", "frequency", *ORDINARY, *words, "--json"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith(f"error[{code}]")
    assert err.count("\n") == 1


def test_what_is_missing_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "frequency", "--rate", "0.1"]) == 2
    assert "--objects, --stale-cost, --survey-cost" in capfd.readouterr().err


def test_history_takes_all_words_up_to_the_next_option() -> None:
    assert spread(["new", "--history", "a", "b", "--json"]) == [
        "new", "--history", "a", "--history", "b", "--json",
    ]  # fmt: skip
    assert spread(["--history", "a", "new"]) == ["--history", "a", "new"]
    assert spread(["--lang", "zh", "--history", "a", "new"]) == [
        "--lang", "zh", "--history", "a", "new",
    ]  # fmt: skip


def deliveries(folder: Path) -> list[str]:
    """Write two deliveries of Delft: in the second one house has another roof and one is gone."""
    source = Path(__file__).parents[2] / "data" / "delft_tiny.city.json"
    model = json.loads(source.read_text("utf-8"))
    model.setdefault("metadata", {})["referenceDate"] = "2020-01-01"
    old = folder / "old.city.json"
    old.write_text(json.dumps(model), "utf-8")
    model["metadata"]["referenceDate"] = "2025-01-01"
    for object_ in list(model["CityObjects"].values()):
        object_.setdefault("attributes", {})["name"] = "again"
    roots = [key for key, item in model["CityObjects"].items() if not item.get("parents")]
    gone = roots[0]
    for child in model["CityObjects"][gone].get("children", []):
        del model["CityObjects"][child]
    del model["CityObjects"][gone]
    new = folder / "new.city.json"
    new.write_text(json.dumps(model), "utf-8")
    return [str(new), "--history", str(old)]


def test_a_rate_comes_from_two_deliveries(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = deliveries(tmp_path)
    found = json.loads(plan(capfd, *words, "--json"))
    assert found["changed"] == 1
    assert found["ci95"][0] < found["rate"] < found["ci95"][1]
    assert [x["date"][:10] for x in found["deliveries"]] == ["2020-01-01", "2025-01-01"]
    assert sum(x["objects"] for x in found["by_class"]) == found["objects"]
    assert "interval_years" not in found
    costs = ["--stale-cost", "50", "--survey-cost", "1000"]
    assert "interval_years" in json.loads(plan(capfd, *words, *costs, "--json"))
    assert "2020-01-01" in plan(capfd, *words)


def test_a_rate_without_dates_asks_for_them(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = deliveries(tmp_path)
    assert main(["plan", "frequency", *words, "--dates", "2024-01-01,2024-01-01"]) == 2
    assert "--dates" in capfd.readouterr().err


@pytest.mark.shared
def test_six_of_forty_six_houses_in_hamburg_changed_in_five_years(
    capfd: pytest.CaptureFixture[str], shared_data: Path
) -> None:
    folder = shared_data / "citygml" / "tum-gis_citymodel-compare" / "hamburg"
    new, old = (str(folder / year / "LoD2_576_5950_1_HH.xml") for year in ("2022", "2016"))
    found = json.loads(plan(capfd, new, "--history", old, "--json"))
    assert (found["changed"], found["objects"]) == (6, 46)
    assert [x["date"][:10] for x in found["deliveries"]] == ["2016-11-22", "2022-01-30"]
    assert found["rate"] == pytest.approx(0.026938284671518063, abs=1e-9)
    assert found["bias_reduced"] == pytest.approx(0.02662765758845302, abs=1e-9)
    assert found["naive"] == pytest.approx(0.025140529998852818, abs=1e-9)
    assert found["few"] is True


CLASSES = """class,rate,objects,stale_cost,survey_cost
ordinary,.018,10000,50,120000
redeveloped,.12,800,400,9000
landmarks,.03,120,3000,15000
"""


def test_a_budget_is_shared_out_over_a_table(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = tmp_path / "classes.csv"
    table.write_text(CLASSES, "utf-8")
    found = json.loads(plan(capfd, "--table", str(table), "--budget", "30000", "--json"))
    assert found["mu"] == pytest.approx(2.1090999)
    assert [x["interval_years"] for x in found["classes"]] == pytest.approx(
        [7.859435, 1.036156, 2.481070], abs=1e-6
    )
    assert [x["duration"] for x in found["classes"]] == ["P8Y", "P2Y", "P3Y"]
    assert found["spend"] == pytest.approx(30000)
    table.write_text(CLASSES + "markets,50,100,1,1\n", "gb18030")
    said = plan(capfd, "--table", str(table), "--budget", "3000", "--lang", "zh")
    assert "markets" in said


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("markets,often,1,1,1", "line 5"),
        ("markets,.1,0,1,1", "line 5"),
        ("markets,.1,1.5,1,1", "line 5"),
        ("markets,.1,1,-1,1", "line 5"),
        ("markets", "line 5"),
    ],
)
def test_a_wrong_line_of_the_table_is_named(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, line: str, told: str
) -> None:
    table = tmp_path / "classes.csv"
    table.write_text(CLASSES + line + "\n", "utf-8")
    assert main(["plan", "frequency", "--table", str(table), "--budget", "30000"]) == 2
    assert told in capfd.readouterr().err


def test_a_table_needs_its_columns_and_a_budget(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = tmp_path / "classes.csv"
    table.write_text("class,rate\na,1\n", "utf-8")
    for words in (["--table", str(table)], ["--budget", "5"]):
        assert main(["plan", "frequency", *words]) == 2
        assert "--table and --budget" in capfd.readouterr().err
    assert main(["plan", "frequency", "--table", str(table), "--budget", "5"]) == 2
    assert "objects" in capfd.readouterr().err
    assert main(["plan", "frequency", "--table", str(table), "--budget", "nan"]) == 2
    missing = str(tmp_path / "none.csv")
    assert main(["plan", "frequency", "--table", missing, "--budget", "5"]) == 2


def test_sheets_are_compared_with_older_ones_of_their_names(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    new, _, old = deliveries(tmp_path)
    sheets: dict[str, list[str]] = {"old": [], "new": []}
    for name in ("a.city.json", "b.city.json"):
        for when, source in (("old", old), ("new", new)):
            (tmp_path / when).mkdir(exist_ok=True)
            path = tmp_path / when / name
            path.write_bytes(Path(source).read_bytes())
            sheets[when].append(str(path))
    single = json.loads(plan(capfd, new, "--history", old, "--json"))
    both = json.loads(plan(capfd, *sheets["new"], "--history", *sheets["old"], "--json"))
    assert both["changed"] == 2 * single["changed"]
    assert both["object_years"] == pytest.approx(2 * single["object_years"])
    assert both["rate"] == pytest.approx(single["rate"])
    assert main(["plan", "frequency", *sheets["new"], "--history", sheets["old"][0]]) == 2
    assert "b.city.json" in capfd.readouterr().err
