"""The verbs on the sample city: what is printed where, and the exit codes."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ui.cli import VERBS, main

SAMPLES = Path(__file__).resolve().parents[3] / "sample_models"
CITY = str(SAMPLES / "delft.city.json")
Capture = pytest.CaptureFixture[str]


def test_info_says_every_field_the_specification_names(capsys: Capture) -> None:
    assert main(["info", CITY, "--json"]) == 0
    out, err = capsys.readouterr()
    source = json.loads(out)["sources"][0]
    assert err == ""
    assert set(source) == {
        "path", "format", "version", "crs", "vertical_datum", "objects", "objects_with_geometry",
        "kinds", "triangles", "points", "tiles", "bbox", "bbox_wgs84", "observed", "custodians",
        "problems", "seconds", "peak_mb", "weak_ids", "mapping", "proposed_mapping",
    }  # fmt: skip
    raw = json.loads(Path(CITY).read_text("utf-8"))
    assert source["objects"] == len(raw["CityObjects"]) == sum(source["kinds"].values())
    assert source["observed"]["known"] + source["observed"]["unknown"] == source["objects"]
    west, south, east, north = source["bbox_wgs84"]
    assert 4.3 < west < east < 4.4
    assert 52.0 < south < north < 52.1


def test_the_audit_of_the_sample_reconciles_and_uses_its_own_rules(capsys: Capture) -> None:
    assert main(["audit", str(SAMPLES), "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["at"] == "2026-11-23T00:00:00Z"
    statuses = ("fresh", "due_soon", "in_grace", "stale", "unknown", "event_driven", "retired")
    for totals in (document["totals"], document["totals_units"]):
        assert sum(totals[key] for key in statuses) == totals["objects"]
    owned = sum(row["objects"] for row in document["by_custodian"])
    assert owned + document["totals"]["orphans"] == document["totals"]["objects"]


def test_fail_on_ends_with_one_when_there_are_findings(capsys: Capture) -> None:
    assert main(["audit", str(SAMPLES), "--fail-on", "stale"]) == 1
    assert main(["audit", str(SAMPLES), "--fail-on", "conflict"]) == 0
    assert main(["audit", str(SAMPLES), "--fail-on", "nonsense"]) == 2
    assert capsys.readouterr().err.startswith("error[usage] ")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["audit", "nowhere.city.json"], "missing.file"),
        (["audit"], "usage"),
        (["info", "nowhere.json"], "missing.file"),
        (["objects", CITY, "--format", "gpkg"], "usage"),
        (["objects", CITY, "--where", "height >"], ""),
        (["fly"], "usage"),
        (["journal", "verify", "nowhere.twin.gpkg"], ""),
    ],
)
def test_what_cannot_be_done_is_one_line_on_stderr(
    arguments: list[str], code: str, capsys: Capture
) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error[{code}" if code else "error[")
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in err


def test_good_inputs_are_used_and_bad_ones_reported(capsys: Capture) -> None:
    assert main(["info", CITY, "nowhere.json", "--json"]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert len(document["sources"]) == 1
    assert document["errors"][0]["code"] == "missing.file"
    assert err.startswith("error[missing.file] ")


def test_objects_fulfil_the_condition_in_every_format(capsys: Capture) -> None:
    assert main(["objects", CITY, "--where", "kind = Bridge"]) == 0
    found = json.loads(capsys.readouterr().out)["objects"]
    assert {item["kind"] for item in found} == {"Bridge"}
    assert main(["objects", CITY, "--where", "kind = Bridge", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["id"] for row in rows] == [item["id"] for item in found]
    assert main(["objects", CITY, "--where", "kind = Bridge", "--format", "geojson"]) == 0
    features = json.loads(capsys.readouterr().out)["features"]
    assert len(features) == len(found)
    longitude, latitude = features[0]["geometry"]["coordinates"][0][0]
    assert 4.3 < longitude < 4.4
    assert 52.0 < latitude < 52.1


def test_a_project_takes_sources_and_its_journal_is_whole(tmp_path: Path, capsys: Capture) -> None:
    project = tmp_path / "city.twin.gpkg"
    assert main(["import", CITY, "--project", str(project)]) == 0
    assert main(["journal", "verify", str(project), "--json"]) == 0
    lines = capsys.readouterr().out.strip().splitlines()
    chain = json.loads(lines[-1])
    assert chain["entries"] >= 1
    assert chain["broken_at"] is None
    assert main(["info", str(project), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sources"][0]["objects"] == 570


def test_a_script_runs_named_commands_line_by_line(tmp_path: Path, capsys: Capture) -> None:
    script = tmp_path / "audit.twin"
    script.write_text(
        f"# a comment\nopen path={CITY}\nat date=2026-11-23\naudit format=json out=report.json\n",
        "utf-8",
    )
    assert main(["run", str(script)]) == 0
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert report["totals"]["objects"] == 570
    script.write_text("nonsense x=1\n", "utf-8")
    assert main(["run", str(script)]) == 2
    assert f"{script}:1" in capsys.readouterr().err


def test_help_names_every_verb_and_loads_none(capsys: Capture) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(verb in out for verb in VERBS)


@pytest.mark.slow
@pytest.mark.render
def test_the_demo_without_a_display_writes_a_picture_and_the_audit(tmp_path: Path) -> None:
    import os

    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    bare["PYTHONPATH"] = str(SAMPLES.parent)
    if sys.platform in ("win32", "darwin"):
        pytest.skip("there is always a display")
    done = subprocess.run(
        [sys.executable, "-m", "ui", "demo"], cwd=tmp_path, env=bare, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "There is no display" in done.stderr
    assert "Freshness audit" in done.stdout
    assert (tmp_path / "citytwin-demo.png").stat().st_size > 20_000
