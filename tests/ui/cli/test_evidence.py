"""Evidence of change on the command line: read, listed, dismissed, used, kept in the project."""

import json
from pathlib import Path
from typing import Any

import pytest

from twin.records import Evidence
from twin.session import Session
from twin.settings import load
from ui.cli import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def project(tmp_path: Path, tiny: Path) -> Path:
    path = tmp_path / "city.twin.gpkg"
    session = Session(load({}))
    session.open(str(tiny / "delft_tiny.city.json"))
    session.finish()
    session.save_as(path)
    session.close()
    return path


def building(project: Path) -> str:
    session = Session(load({}))
    session.open(str(project))
    session.finish()
    (layer,) = session.twin.layers.values()
    found = str(layer.features.id[layer.features["kind"] == "Building"][0])
    session.close()
    return found


def said(capsys: Capture, *words: str) -> Any:
    assert main(["evidence", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_table_is_read_listed_and_its_hints_moved(
    project: Path, tmp_path: Path, capsys: Capture
) -> None:
    key = building(project)
    path = tmp_path / "permits.csv"
    path.write_bytes(
        f"许可证号;类型;对象;竣工日期\nA1;竣工;{key};2024-05\nA2;投诉;gone;2024\nA3;投诉;;43831\n".encode(
            "gbk"
        )
    )
    found = said(capsys, "add", str(project), str(path), "--map", "object=对象")
    counts = {
        name: found[name]
        for name in ("count", "new", "known", "open", "no_place", "unknown_object", "no_date")
    }
    assert counts == {
        "count": 3, "new": 3, "known": 0, "open": 3, "no_place": 1, "unknown_object": 1, "no_date": 0,
    }  # fmt: skip
    codes = [problem["code"] for problem in found["problems"]]
    assert {"vector.encoding_guessed", "vector.separator", "dates.serial"} <= set(codes)
    listed = {item["id"]: item for item in said(capsys, "list", str(project))["evidence"]}
    assert listed["A1"]["kind"] == "permit_completed"
    assert listed["A1"]["event_hi"] == "2024-06-01T00:00:00Z"
    assert [listed[x]["missing"] for x in ("A1", "A2", "A3")] == [
        [],
        ["unknown_object"],
        ["no_place"],
    ]
    assert main(["evidence", "dismiss", str(project), "A2"]) == 2
    assert "note" in capsys.readouterr().err
    assert main(["evidence", "dismiss", str(project), "A2", "A9", "--note", "x"]) == 2
    capsys.readouterr()
    moved = said(capsys, "dismiss", str(project), "A2", "--note", "another town")["evidence"]
    assert moved == [{"id": "A2", "status": "dismissed", "note": "another town"}]
    said(capsys, "consume", str(project), "A1")
    again = said(capsys, "add", str(project), str(path), "--map", "object=对象")
    assert (again["new"], again["known"], again["open"]) == (0, 3, 1)
    assert [
        x["id"] for x in said(capsys, "list", str(project), "--status", "open")["evidence"]
    ] == ["A3"]
    assert main(["evidence", "list", str(project), "--lang", "zh"]) == 0
    listed_zh = capsys.readouterr().out
    assert "投诉" in listed_zh
    assert "未处理" in listed_zh
    assert main(["journal", "verify", str(project)]) == 0


def test_one_hint_makes_an_object_suspect(project: Path, capsys: Capture) -> None:
    key = building(project)
    capsys.readouterr()
    words = ("--kind", "demolition", "--object", key, "--event", "2025-01")
    (record,) = said(capsys, "add", str(project), *words)["evidence"]
    assert (record["p_change"], record["missing"]) == (0.95, [])
    assert main(["audit", str(project), "--format", "json", "--at", "2025-10-27"]) == 0
    assert json.loads(capsys.readouterr().out)["totals"]["suspect"] > 0
    assert main(["evidence", "add", str(project), "--kind", "complaint"]) == 2
    assert (
        main(["evidence", "add", str(project), "--kind", "complaint", "--object", key, "--p", "7"])
        == 2
    )
    assert main(["evidence", "list", str(project) + "x"]) == 2


def test_reading_a_file_without_changing_anything(
    project: Path, tmp_path: Path, capsys: Capture
) -> None:
    path = tmp_path / "e.csv"
    path.write_text("date\n2024\n")
    assert said(capsys, "add", str(project), str(path), "--dry-run")["dry_run"] is True
    assert said(capsys, "list", str(project))["evidence"] == []


def test_commands_change_state_and_can_be_undone(tmp_path: Path) -> None:
    session = Session(load({}))
    path = tmp_path / "demolitions.csv"
    path.write_text("id,object_id,date\nD1,a,2024-01-01\nD2,b,2024-01-02\n")
    session.run("evidence.import", path=str(path))
    records: Any = session.twin.records["evidence"]
    assert {(r.id, r.kind) for r in records.values()} == {
        ("D1", "demolition"),
        ("D2", "demolition"),
    }
    session.run("evidence.dismiss", id="D1,D2", note="same site")
    assert {r.status for r in records.values()} == {"dismissed"}
    session.undo()
    assert {r.status for r in records.values()} == {"open"}
    session.run("evidence.consume", id="D1")
    session.run("evidence.reopen", id="D1", note="wrong")
    assert isinstance(records["D1"], Evidence)
    assert (records["D1"].status, records["D1"].note) == ("open", "wrong")
    session.close()


def outlines(path: Path, boxes: list[tuple[str, float, float, float]]) -> Path:
    features = [
        {
            "type": "Feature", "properties": {"building_id": key, "surveydate": "2025-03-01", "height": 9},
            "geometry": {"type": "Polygon", "coordinates": [
                [[5e5 + x, 57e5], [5e5 + x + w, 57e5], [5e5 + x + w, 57e5 + h], [5e5 + x, 57e5 + h], [5e5 + x, 57e5]]
            ]},
        }
        for key, x, w, h in boxes
    ]  # fmt: skip
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}
    path.write_text(
        json.dumps(
            {"type": "FeatureCollection", "name": "buildings", "crs": crs, "features": features}
        )
    )
    return path


def test_newer_outlines_become_evidence(tmp_path: Path, capsys: Capture) -> None:
    old = outlines(
        tmp_path / "old.geojson",
        [("a", 0, 10, 10), ("b", 20, 10, 10), ("c", 40, 10, 10), ("far", 900, 10, 10)],
    )
    new = outlines(
        tmp_path / "new.geojson", [("n1", 0, 10, 10), ("n2", 20, 10, 16), ("n4", 60, 10, 10)]
    )
    project = tmp_path / "p.twin.gpkg"
    assert main(["import", str(old), "--project", str(project)]) == 0
    capsys.readouterr()
    found = said(capsys, "newer", str(project), str(new))
    assert found["buckets"] == {"removed": 1, "new": 1, "footprint_modified": 1}
    assert (found["count"], found["new"], found["beyond"]) == (3, 3, 1)
    listed = {item["object_id"]: item for item in said(capsys, "list", str(project))["evidence"]}
    assert sorted(listed) == ["", "b", "c"]
    assert listed["c"]["aspect"] == "existence"
    assert listed["b"]["event_lo"] == "2025-03-01T00:00:00Z"
    assert listed[""]["polygon"].startswith("POLYGON")
    assert said(capsys, "newer", str(project), str(new))["new"] == 0
    assert main(["evidence", "newer", str(project), str(new), "--layer", "x"]) == 2
