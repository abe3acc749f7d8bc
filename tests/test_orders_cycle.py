"""Stale, ordered, delivered anew, proposed, accepted, closed: the whole loop through the command line."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ui.cli import main

Capture = pytest.CaptureFixture[str]
RULES = """version = 1
[[party]]
id = "city"
[[party]]
id = "firm"
[[party]]
id = "audit"
[[responsibility]]
party = "city"
scope = "default"
[[responsibility]]
party = "audit"
role = "auditor"
scope = "default"
"""
EVIDENCE = """version = 1
[[evidence]]
id = "E-1"
kind = "demolition"
object_id = "F"
event = "2023-05-01"
"""
OLD = {name: (f"2019-0{1 + n % 9}-01", 6.0) for n, name in enumerate("ABCDEFGHIJKLMNOP")}
"""Name -> (date, height): sixteen houses on a grid of four by four, row by row."""


def city(path: Path, houses: dict[str, tuple[str, float]], prefix: str = "") -> Path:
    """Write a CityJSON file of blocks of ten by ten metres, twenty metres apart."""
    objects: dict[str, Any] = {}
    vertices: list[list[float]] = []
    for name, (date, height) in houses.items():
        n = ord(name) - ord("A")
        x, y, first = 20 * (n % 4), 20 * (n // 4), len(vertices)
        plan = [(x, y), (x + 10, y), (x + 10, y + 10), (x, y + 10)]
        vertices += [[a, b, z] for z in (0, round(height * 1000) / 1000) for a, b in plan]
        faces = [
            [0, 3, 2, 1],
            [4, 5, 6, 7],
            [0, 1, 5, 4],
            [1, 2, 6, 5],
            [2, 3, 7, 6],
            [3, 0, 4, 7],
        ]
        shell = [[[first + i for i in face]] for face in faces]
        objects[prefix + name] = {
            "type": "Building",
            "attributes": {"tijdstipregistratie": date},
            "geometry": [{"type": "Solid", "lod": "2.2", "boundaries": [shell]}],
        }
    file = {
        "type": "CityJSON", "version": "2.0", "CityObjects": objects,
        "transform": {"scale": [0.001] * 3, "translate": [84000, 447000, 0]},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/7415"},
        "vertices": [[round(v * 1000) for v in place] for place in vertices],
    }  # fmt: skip
    path.write_text(json.dumps(file))
    return path


def run(capsys: Capture, *words: object, code: int = 0) -> Any:
    """Run the command line and return its document, or what it says where it has none."""
    capsys.readouterr()
    assert main([str(word) for word in words]) == code
    said = capsys.readouterr()
    return json.loads(said.out) if "--json" in words and not code else said.out + said.err


@pytest.fixture
def project(tmp_path: Path, capsys: Capture) -> Path:
    """Return a project of the old delivery with an order for each house."""
    (tmp_path / "c.toml").write_text(RULES)
    (tmp_path / "p.toml").write_text('version = 1\n[[policy]]\nid = "P"\nfrequency = "annually"\n')
    (tmp_path / "e.toml").write_text(EVIDENCE)
    path, first = tmp_path / "t.twin.gpkg", city(tmp_path / "first.city.json", OLD)
    rules = ("--policy", tmp_path / "p.toml", "--custodians", tmp_path / "c.toml")
    run(
        capsys,
        "import",
        first,
        "--project",
        path,
        "--dataset",
        "town",
        *rules,
        "--at",
        "2020-01-01",
    )
    audit = run(
        capsys,
        "audit",
        path,
        "--at",
        "2023-06-01",
        "--format",
        "json",
        "--evidence",
        tmp_path / "e.toml",
    )
    assert json.loads(audit)["totals"]["stale"] == len(OLD)
    issued = run(capsys, "orders", "issue", path, "--at", "2023-06-01", "--group", "", "--evidence",
                 tmp_path / "e.toml", "--json")  # fmt: skip
    assert len(issued["raised"]) == len(OLD)
    return path


def delivered(project: Path, capsys: Capture) -> dict[str, str]:
    """Import the new delivery and return the proposal for each house that has one."""
    new = dict(OLD)
    new["A"] = ("2023-07-01", 9.0)  # changed, and dated later
    new["B"] = ("2023-07-02", 6.0)  # dated later, unchanged
    new["C"] = (OLD["C"][0], 9.0)  # changed without a later date
    del new["F"], new["G"]  # gone from the middle: F was demolished
    del new["P"]  # gone from a corner, which the delivery does not cover
    second = city(project.parent / "second.city.json", new)
    told = run(
        capsys, "import", second, "--project", project, "--dataset", "town", "--at", "2023-08-01"
    )
    assert "town/2" in told
    return proposed(project, capsys)


def proposed(project: Path, capsys: Capture) -> dict[str, str]:
    found = run(capsys, "orders", "proposals", project, "--at", "2023-08-02", "--json")
    names = {x["id"]: x["objects"][0]["id"] for x in listed(project, capsys)}
    assert found["notes"] == []
    return {names[x["order"]]: x["proposal"] for x in found["proposals"]}


def listed(project: Path, capsys: Capture, *more: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run(capsys, "orders", "list", project, *more, "--json")["orders"]
    return found


def number(project: Path, capsys: Capture, house: str) -> int:
    """Return the number of the order for a house."""
    found = [x["number"] for x in listed(project, capsys) if x["objects"][0]["id"] == house]
    return int(found[0])


def accepted(project: Path, capsys: Capture, house: str, by: str = "city") -> dict[str, Any]:
    which = number(project, capsys, house)
    found: dict[str, Any] = run(
        capsys, "orders", "accept", project, which, "--by", by, "--at", "2023-08-02", "--json"
    )
    return found


def test_a_newer_delivery_proposes_by_the_table_and_a_person_closes(
    project: Path, capsys: Capture
) -> None:
    before = listed(project, capsys)
    assert delivered(project, capsys) == {
        "A": "close", "B": "unchanged", "C": "date_missing", "F": "close", "G": "lost",
    }  # fmt: skip
    states = [(x["id"], x["state"], x["transitions"]) for x in before]
    assert [(x["id"], x["state"], x["transitions"]) for x in listed(project, capsys)] == states

    closed = accepted(project, capsys, "A")["order"]
    assert [x["state"] for x in closed["transitions"]] == [
        "raised", "assigned", "in_progress", "delivered", "verified", "closed",
    ]  # fmt: skip
    assert (closed["state"], closed["delivery"], closed["result"]) == ("closed", "town/2", "close")
    assert accepted(project, capsys, "F")["order"]["state"] == "closed"
    assert accepted(project, capsys, "B", "audit")["order"]["state"] == "verified"
    back = accepted(project, capsys, "C")["order"]
    assert (back["state"], back["assignee"]) == ("rejected", "city")
    lost = accepted(project, capsys, "G")["orders"]
    assert [(x["state"], x["reason"]) for x in lost] == [("raised", "stale"), ("raised", "lost")]
    assert run(capsys, "orders", "accept", project, number(project, capsys, "D"), "--by", "city",
               code=2).count("\n") == 1  # fmt: skip
    assert proposed(project, capsys) == {"B": "unchanged", "C": "date_missing", "G": "lost"}
    assert {x["objects"][0]["id"] for x in listed(project, capsys, "--state", "closed")} == {
        "A",
        "F",
    }
    info = run(capsys, "info", project, "--json")
    assert [Path(x["path"]).name for x in info["sources"]] == ["second.city.json"]  # drawn once
    assert "unbroken" in run(capsys, "journal", "verify", project)


def test_whoever_delivered_does_not_accept(project: Path, capsys: Capture) -> None:
    which = number(project, capsys, "A")
    for words in (("assigned",), ("in_progress",), ("delivered", "--delivery", "town/2")):
        run(capsys, "orders", "move", project, which, *words, "--by", "city", "--at", "2023-07-30")
    assert delivered(project, capsys)["A"] == "close"
    refused = run(capsys, "orders", "accept", project, which, "--by", "city", code=2)
    assert "four eyes" in refused
    assert accepted(project, capsys, "A", "audit")["order"]["state"] == "closed"


def test_an_old_delivery_written_again_proposes_nothing(project: Path, capsys: Capture) -> None:
    again = {name: ("2023-07-01", height) for name, (_, height) in OLD.items()}
    second = city(project.parent / "second.city.json", again)
    run(capsys, "import", second, "--project", project, "--dataset", "town", "--at", "2023-08-01")
    found = run(capsys, "orders", "proposals", project, "--json")
    assert found["proposals"] == []
    assert [note["code"] for note in found["notes"]] == ["re_export"]


def test_the_same_file_again_is_no_new_delivery(project: Path, capsys: Capture) -> None:
    first = project.parent / "first.city.json"
    told = run(capsys, "import", first, "--project", project, "--dataset", "town")
    assert "town/1" in told
    assert run(capsys, "orders", "proposals", project, "--json") == {"proposals": [], "notes": []}


def test_orders_find_their_objects_in_a_project_that_was_moved(
    project: Path, tmp_path: Path, capsys: Capture
) -> None:
    delivered(project, capsys)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for name in ("t.twin.gpkg", "first.city.json", "second.city.json"):
        shutil.move(tmp_path / name, folder / name)
    assert proposed(folder / "t.twin.gpkg", capsys)["A"] == "close"


@pytest.mark.shared
def test_hamburg_closes_six_of_forty_six(
    tmp_path: Path, shared_data: Path, capsys: Capture
) -> None:
    tiles = shared_data / "citygml" / "tum-gis_citymodel-compare" / "hamburg"
    (tmp_path / "p.toml").write_text(
        'version = 1\n[[policy]]\nid = "P"\nfrequency = "biennially"\n'
    )
    (tmp_path / "c.toml").write_text(RULES)
    path, name = tmp_path / "h.twin.gpkg", "LoD2_576_5950_1_HH.xml"
    rules = ("--policy", tmp_path / "p.toml", "--custodians", tmp_path / "c.toml")
    run(
        capsys,
        "import",
        tiles / "2016" / name,
        "--project",
        path,
        "--dataset",
        "hh",
        *rules,
        "--at",
        "2017-01-01",
    )
    run(capsys, "orders", "issue", path, "--at", "2020-01-01", "--group", "")
    run(
        capsys,
        "import",
        tiles / "2022" / name,
        "--project",
        path,
        "--dataset",
        "hh",
        "--at",
        "2022-03-01",
    )
    found = run(capsys, "orders", "proposals", path, "--at", "2022-03-02", "--json")["proposals"]
    verdicts = [x["proposal"] for x in found]
    assert (verdicts.count("close"), verdicts.count("unchanged")) == (6, 40)
