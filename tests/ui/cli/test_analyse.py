"""The verb ``analyse``: an answer with its stamp in every format."""

import csv
import io
import json
import sqlite3
import zipfile
from pathlib import Path

import pytest

from ui.cli import main

SAMPLES = Path(__file__).resolve().parents[3] / "sample_models"
CITY = str(SAMPLES / "delft.city.json")
Capture = pytest.CaptureFixture[str]
RING = "84700,447500;84730,447500;84730,447520;84700,447520"


def test_a_scenario_is_asked_about_and_compared(capsys: Capture) -> None:
    steps = ["scenarios.add title=A", f'scenarios.block ring="{RING}" height=18x3']
    words = [word for step in steps for word in ("--run", step)]
    assert (
        main(["analyse", "heights", CITY, "lowest=30", *words, "--against", "base", "--json"]) == 0
    )
    found = json.loads(capsys.readouterr().out)
    assert (found["scenario"], found["against"]) == ("S1", "")
    assert found["sheets"][0]["objects"] == [["scenario", "E1"]]
    assert found["figures"]["volume"] == pytest.approx(600 * 54, rel=1e-4)


def test_every_format_has_the_stamp_in_it(tmp_path: Path, capsys: Capture) -> None:
    found = {}
    for form in ("json", "csv", "xlsx", "gpkg", "geojson"):
        out = tmp_path / f"a.{form}"
        assert main(["analyse", "heights", CITY, "kind=Building", "--out", str(out)]) == 0
        found[form] = out.read_bytes()
    print_ = json.loads(found["json"])["stamp"]["fingerprint"]
    assert json.loads(found["geojson"])["stamp"]["fingerprint"] == print_
    rows = list(csv.reader(io.StringIO(found["csv"].decode())))
    assert any(print_ in row[0] for row in rows)
    assert len([row for row in rows if row[0][:1] != "#"]) == 1 + len(
        json.loads(found["json"])["sheets"][0]["rows"]
    )
    book = zipfile.ZipFile(io.BytesIO(found["xlsx"]))
    assert any(print_.encode() in book.read(name) for name in book.namelist())
    with sqlite3.connect(tmp_path / "a.gpkg") as sql:
        assert print_ in sql.execute("SELECT metadata FROM gpkg_metadata").fetchone()[0]
        assert sql.execute("SELECT count(*) FROM objects WHERE geom IS NOT NULL").fetchone()[0] > 0
    assert "Trust:" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        [], ["heights"], ["nope", CITY], ["heights", CITY, "x=1"], ["heights", CITY, "--out", "a.doc"],
        ["heights", CITY, "--scenario", "S9"],
        ["heights", "/nowhere.city.json"],
    ],
)  # fmt: skip
def test_wrong_words_end_with_2(words: list[str], capsys: Capture) -> None:
    assert main(["analyse", *words]) == 2
    assert capsys.readouterr().err.startswith("error[")


def test_the_list_names_settings(capsys: Capture) -> None:
    assert main(["analyse", "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {
        "name": "heights",
        "title": "Heights and volumes",
        "settings": {"kind": "", "lowest": 0.0},
    } in listed
