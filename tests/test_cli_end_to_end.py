"""The command line from argument to exit code: what it prints, where, and what it never does."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.conftest import REPO
from ui.cli import main

AT = "2026-11-23T00:00:00Z"
STATUSES = ("fresh", "due_soon", "in_grace", "stale", "unknown", "event_driven", "retired")


@dataclass(frozen=True)
class Said:
    """What a command left: exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def errors(self) -> list[str]:
        return self.err.splitlines()


Run = Callable[..., Said]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*words: object) -> Said:
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return command


@pytest.fixture
def city(tiny: Path) -> Path:
    return tiny / "delft_tiny.city.json"


# --- bad input ------------------------------------------------------------------------------------


def missing(folder: Path, tiny: Path) -> Path:
    return folder / "missing.city.json"


def empty(folder: Path, tiny: Path) -> Path:
    (folder / "empty.city.json").write_bytes(b"")
    return folder / "empty.city.json"


def empty_ifc(folder: Path, tiny: Path) -> Path:
    (folder / "empty.ifc").write_bytes(b"")
    return folder / "empty.ifc"


def bare_folder(folder: Path, tiny: Path) -> Path:
    (folder / "bare").mkdir()
    return folder / "bare"


def no_model(folder: Path, tiny: Path) -> Path:
    (folder / "notes.ifc").write_text("a letter, not a model")
    return folder / "notes.ifc"


def truncated_city(folder: Path, tiny: Path) -> Path:
    (folder / "cut.city.json").write_bytes((tiny / "delft_tiny.city.json").read_bytes()[:3000])
    return folder / "cut.city.json"


def truncated_ifc(folder: Path, tiny: Path) -> Path:
    (folder / "cut.ifc").write_bytes((tiny / "simple_wall.ifc").read_bytes()[:9000])
    return folder / "cut.ifc"


def truncated_tileset(folder: Path, tiny: Path) -> Path:
    whole = (tiny / "delft_tiny_tileset" / "tileset.json").read_bytes()
    (folder / "tileset.json").write_bytes(whole[:300])
    return folder / "tileset.json"


def a_list(folder: Path, tiny: Path) -> Path:
    (folder / "list.json").write_text("[1, 2]")
    return folder / "list.json"


def two_lines_in_its_name(folder: Path, tiny: Path) -> Path:
    (folder / "two\nlines.city.json").write_text("{")
    return folder / "two\nlines.city.json"


BAD = (
    (missing, "missing.file"),
    (empty, "broken.cityjson"),
    (empty_ifc, "broken.ifc"),
    (bare_folder, "unknown.format"),
    (no_model, "broken.ifc"),
    (truncated_city, "broken.cityjson"),
    (truncated_ifc, "broken.ifc"),
    (truncated_tileset, "broken.3dtiles"),
    (a_list, "broken.cityjson"),
)


@pytest.mark.parametrize("verb", ["info", "audit"])
@pytest.mark.parametrize(("make", "code"), BAD, ids=[make.__name__ for make, _ in BAD])
def test_a_bad_input_is_one_line_with_its_code_and_name_and_exit_2(
    make: Callable[[Path, Path], Path], code: str, verb: str, run: Run, tmp_path: Path, tiny: Path
) -> None:
    path = make(tmp_path, tiny)
    said = run(verb, path)
    assert said.code == 2
    (line,) = said.errors
    assert line.startswith(f"error[{code}] {path}: ")
    assert line.endswith(".")
    assert not said.out


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_line_break_in_a_name_does_not_break_the_line(
    run: Run, tmp_path: Path, tiny: Path
) -> None:
    said = run("info", two_lines_in_its_name(tmp_path, tiny))
    assert said.code == 2
    assert len(said.errors) == 1


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="nothing is unreadable to this user"
)
def test_an_unreadable_file_is_said(run: Run, tmp_path: Path, city: Path) -> None:
    locked = tmp_path / "locked.city.json"
    shutil.copy(city, locked)
    locked.chmod(0)
    said = run("info", locked)
    assert said.code == 2
    assert said.err.startswith(f"error[unreadable.file] {locked}: ")


def test_good_inputs_survive_bad_ones(run: Run, tmp_path: Path, tiny: Path, city: Path) -> None:
    bad = [missing(tmp_path, tiny), truncated_ifc(tmp_path, tiny)]
    said = run("info", bad[0], city, bad[1], "--json")
    assert said.code == 0
    assert [source["path"] for source in said.document["sources"]] == [str(city)]
    assert [e["path"] for e in said.document["errors"]] == [str(path) for path in bad]
    assert [e["code"] for e in said.document["errors"]] == ["missing.file", "broken.ifc"]
    assert len(said.errors) == 2
    alone = run("audit", city, "--at", AT, "--format", "json")
    beside = run("audit", *bad, city, "--at", AT, "--format", "json")
    assert beside.code == 0
    assert beside.out == alone.out
    assert len(beside.errors) == 2


def test_a_folder_gives_what_is_good_in_it(run: Run, tmp_path: Path, tiny: Path) -> None:
    truncated_city(tmp_path, tiny)
    no_extension = tmp_path / "really_a_city.ifc"
    shutil.copy(tiny / "delft_tiny.city.json", no_extension)
    said = run("info", tmp_path, "--json")
    assert said.code == 0
    (source,) = said.document["sources"]
    assert (source["path"], source["format"], source["objects"]) == (
        str(no_extension), "cityjson", 21,
    )  # fmt: skip
    assert [e["code"] for e in said.document["errors"]] == ["broken.cityjson"]


def test_json_of_nothing_readable_is_still_one_document(run: Run, tmp_path: Path) -> None:
    said = run("info", tmp_path / "missing.ifc", "--json")
    assert said.code == 2
    assert said.document["sources"] == []
    assert [e["code"] for e in said.document["errors"]] == ["missing.file"]


def test_a_system_that_nobody_knows_in_a_file_is_a_problem_of_a_source_that_opens(
    run: Run, tmp_path: Path, city: Path
) -> None:
    strange = tmp_path / "strange.city.json"
    strange.write_text(city.read_text("utf-8").replace("EPSG/0/7415", "EPSG/0/999999"), "utf-8")
    said = run("info", strange, "--json")
    assert said.code == 0
    (source,) = said.document["sources"]
    assert source["objects"] == source["objects_with_geometry"] == 21
    assert source["bbox_wgs84"] is None
    assert source["vertical_datum"] is None
    assert "crs.unknown" in {problem["code"] for problem in source["problems"]}
    assert not said.err


@pytest.mark.parametrize(
    "words",
    [
        ["info"],
        ["info", "CITY", "--nonsense"],
        ["info", "CITY", "--crs", "EPSG:999999"],
        ["info", "CITY", "--crs", "potato"],
        ["audit", "CITY", "--vertical", "EPSG:999999"],
        ["audit", "CITY", "--lang", "fr"],
        ["audit", "CITY", "--at", "yesterday"],
        ["audit", "CITY", "--at", "2026-13-45"],
        ["audit", "CITY", "--as-of", "soon"],
        ["audit", "CITY", "--fail-on", "old"],
        ["audit", "CITY", "--format", "doc"],
        ["audit", "CITY", "--policy", "nowhere.toml"],
        ["audit", "CITY", "--policy", "CITY"],
        ["audit", "CITY", "--out", "no/such/folder/audit.json"],
        ["objects", "CITY", "--where", "height >"],
        ["objects", "CITY", "--where", "nothing_like_it > 3"],
        ["objects", "CITY", "--columns", "nothing_like_it"],
        ["objects", "CITY", "--format", "gpkg"],
        ["journal", "verify", "nowhere.twin.gpkg"],
        ["journal", "verify", "CITY"],
        ["import", "CITY", "--project", "wrong_name.gpkg"],
        ["run", "nowhere.twin"],
        ["run", "CITY"],
        ["dance"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_one_short_line_and_exit_2(words: list[str], run: Run, city: Path) -> None:
    said = run(*[str(city) if word == "CITY" else word for word in words])
    assert said.code == 2
    assert not said.out
    (line,) = said.errors
    assert line.startswith("error[")
    assert len(line) < 500
    assert "Traceback" not in said.err


def test_an_import_of_nothing_leaves_no_project(run: Run, tmp_path: Path) -> None:
    project = tmp_path / "p.twin.gpkg"
    said = run("import", tmp_path / "missing.ifc", "--project", project)
    assert said.code == 2
    assert len(said.errors) == 1
    assert not list(tmp_path.iterdir())


def test_a_bug_shows_its_trace_only_when_asked(
    run: Run, city: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr("ui.cli.info.described", broken)
    said = run("info", city)
    assert said.code == 2
    (line,) = said.errors
    assert line.startswith("error[internal] ZeroDivisionError: on purpose")
    assert "Traceback" in run("info", city, "--debug").err


# --- what is printed, and where -------------------------------------------------------------------


def elsewhere(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """Run the program as a process of its own, without a display."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    plain = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        [sys.executable, "-m", "ui", *map(str, words)],
        cwd=folder,
        env={**plain, "PYTHONPATH": str(REPO), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_a_process_prints_one_document_and_nothing_else(tmp_path: Path, tiny: Path) -> None:
    samples = [
        tiny / name for name in ("delft_tiny.city.json", "simple_wall.ifc", "delft_tiny_tileset")
    ]
    done = elsewhere(tmp_path, "info", *samples, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert [source["objects"] for source in document["sources"]] == [21, 6, 21]
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.render
@pytest.mark.skipif(
    sys.platform in ("win32", "darwin"), reason="these systems always have a display"
)
def test_the_demo_without_a_display_is_a_picture_and_the_audit(tmp_path: Path) -> None:
    done = elsewhere(tmp_path, "demo")
    assert done.returncode == 0, done.stderr
    (line,) = done.stderr.splitlines()
    assert "no display" in line
    assert done.stdout.startswith(f"Freshness audit at {AT}")
    assert done.stdout.endswith("citytwin-demo.png\n")
    picture = np.asarray(Image.open(tmp_path / "citytwin-demo.png"))
    assert picture.shape == (720, 1280, 3)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 1000


def test_both_languages_speak(run: Run, tmp_path: Path, city: Path) -> None:
    english = run("audit", city, "--at", AT, "--lang", "en")
    chinese = run("audit", city, "--at", AT, "--lang", "zh")
    assert "Freshness audit" in english.out
    assert "现势性审计" in chinese.out
    assert not any(word in chinese.out for word in ("Fresh", "Stale", "objects  "))
    assert "没有这个文件" in run("info", tmp_path / "x.ifc", "--lang", "zh").err


# --- the audit ------------------------------------------------------------------------------------


def reconciled(document: dict[str, Any]) -> None:
    """Totals add up, in rows and in units, by status and by custodian; the list says the same."""
    rows = document["objects"]
    for totals, parties in (("totals", "by_custodian"), ("totals_units", "by_custodian_units")):
        total = document[totals]
        assert sum(total[name] for name in STATUSES) == total["objects"]
        assert all(entry["custodian"] for entry in document[parties])
        for entry in document[parties]:
            assert sum(entry[name] for name in STATUSES) == entry["objects"]
        named = sum(entry["objects"] for entry in document[parties])
        assert named + total["orphans"] == total["objects"]
    assert len({(row["source"], row["id"]) for row in rows}) == len(rows)
    assert len(rows) == document["totals"]["objects"]
    for name in STATUSES:
        assert sum(row["status"] == name for row in rows) == document["totals"][name]
    assert sum(row["custodian"] is None for row in rows) == document["totals"]["orphans"]
    assert sum(row["suspect"] for row in rows) == document["totals"]["suspect"]
    assert document["totals_units"]["objects"] == len(
        {(row["source"], row["unit"]) for row in rows}
    )


@pytest.mark.parametrize("ruled", [False, True], ids=["without policy", "with policy"])
@pytest.mark.parametrize(
    "name", ["delft.city.json", "delft_tileset/tileset.json", "duplex.ifc", "kiosk.city.json"]
)
def test_the_audit_of_one_source_adds_up(
    name: str, ruled: bool, run: Run, sample_models: Path
) -> None:
    rules: list[object] = ["--policy", sample_models / "policy.toml"] if ruled else []
    rules += ["--custodians", sample_models / "custodians.toml"] if ruled else []
    said = run("audit", sample_models / name, *rules, "--at", AT, "--format", "json")
    assert said.code == 0
    assert said.document["at"] == AT
    reconciled(said.document)
    assert ruled or said.document["totals"]["stale"] == 0


def test_the_audit_of_the_sample_city_adds_up_and_counts_no_building_twice(
    run: Run, sample_models: Path
) -> None:
    document = run("audit", sample_models, "--format", "json").document
    reconciled(document)
    assert all(document["totals"][name] > 0 for name in STATUSES)
    assert document["totals"]["objects"] == 570 + 295 + 1


@pytest.mark.parametrize(
    ("finding", "code"),
    [("stale", 1), ("unknown,conflict", 1), ("conflict", 0), ("orphan", 0), ("in_grace", 1)],
)
def test_fail_on_decides_the_exit_code_and_the_report_comes_all_the_same(
    finding: str, code: int, run: Run, sample_models: Path
) -> None:
    rules = ["--policy", sample_models / "policy.toml"]
    rules += ["--custodians", sample_models / "custodians.toml"]
    city = sample_models / "delft.city.json"
    said = run("audit", city, *rules, "--at", AT, "--fail-on", finding, "--format", "json")
    assert said.code == code
    assert not said.err
    reconciled(said.document)


@pytest.mark.parametrize("form", ["json", "csv", "text"])
def test_equal_inputs_give_equal_bytes(form: str, run: Run, tmp_path: Path, city: Path) -> None:
    found = []
    for name in ("one", "two"):
        said = run("audit", city, "--at", AT, "--format", form, "--out", tmp_path / name)
        assert (said.code, said.out, said.err) == (0, "", "")
        found.append((tmp_path / name).read_bytes())
    assert found[0] == found[1]
    shown = run("audit", city, "--at", AT, "--format", form).out
    assert shown.encode() == found[0].replace(b"\r\n", b"\n") or shown.encode() == found[0]


# --- objects --------------------------------------------------------------------------------------


def test_objects_by_condition_are_those_of_a_plain_reading(run: Run, city: Path) -> None:
    plain = json.loads(city.read_text("utf-8"))["CityObjects"]
    every = run("objects", city).document["objects"]
    assert {thing["id"]: thing["kind"] for thing in every} == {
        key: said["type"] for key, said in plain.items()
    }
    houses = run("objects", city, "--where", "kind = Building and measuredHeight > 2.5")
    assert {thing["id"] for thing in houses.document["objects"]} == {
        key
        for key, said in plain.items()
        if said["type"] == "Building" and said["attributes"].get("measuredHeight", 0) > 2.5
    }
    (one,) = run(
        "objects", city, "--where", "bgt_type = stuw", "--columns", "bronhouder"
    ).document["objects"]
    assert one["attributes"] == {"bronhouder": "W0372"}
    assert one["kind"] == "GenericCityObject"


def test_objects_as_csv_and_geojson_hold_the_same_rows_and_equal_bytes(
    run: Run, city: Path
) -> None:
    wanted = ("objects", city, "--where", "kind = Road", "--at", AT, "--format")
    table, again = run(*wanted, "csv").out, run(*wanted, "csv").out
    assert table == again
    lines = table.splitlines()
    assert lines[0].startswith("id,kind,parent,source,bounds,observed,status,custodian,")
    collection = run(*wanted, "geojson").document
    assert collection == run(*wanted, "geojson").document
    assert collection["type"] == "FeatureCollection"
    assert sorted(line.partition(",")[0] for line in lines[1:]) == sorted(
        feature["id"] for feature in collection["features"]
    )
    for feature in collection["features"]:
        (ring,) = feature["geometry"]["coordinates"]
        assert ring[0] == ring[-1]
        assert all(4.35 < x < 4.38 and 52.0 < y < 52.02 for x, y in ring)


# --- projects -------------------------------------------------------------------------------------


def test_an_imported_project_gives_the_same_audit_and_a_sound_journal(
    run: Run, tmp_path: Path, tiny: Path, sample_models: Path, city: Path
) -> None:
    project = tmp_path / "p.twin.gpkg"
    before = city.read_bytes()
    rules = ["--policy", sample_models / "policy.toml"]
    rules += ["--custodians", sample_models / "custodians.toml"]
    said = run("import", city, "--project", project, *rules)
    assert (said.code, said.err) == (0, "")
    direct = run("audit", city, *rules, "--at", AT, "--format", "json").document
    stored = run("audit", project, "--at", AT, "--format", "json").document
    reconciled(stored)
    assert direct["totals"]["stale"] > 0
    assert {**stored, "problems": []} == {**direct, "problems": []}
    assert run("import", tiny / "simple_wall.ifc", "--project", project).code == 0
    both = run("info", project, "--json").document
    assert sorted(source["objects"] for source in both["sources"]) == [6, 21]
    chain = run("journal", "verify", project, "--json")
    assert chain.code == 0
    assert chain.document["entries"] >= 2
    assert chain.document["broken_at"] is None
    assert city.read_bytes() == before


# --- scripts --------------------------------------------------------------------------------------


SCRIPTS = sorted((REPO / "tests" / "scripts").glob("*.twin"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_prints_what_stands_beside_it(script: Path, run: Run) -> None:
    said = run("run", script)
    wanted = json.loads(script.with_suffix(".json").read_text("utf-8"))
    assert said.code == wanted["code"]
    assert all(line in said.out for line in wanted["out"])
    assert len(said.errors) == (1 if wanted["err"] else 0)
    assert wanted["err"] in said.err
