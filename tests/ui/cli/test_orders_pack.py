"""An exchange pack: handed out, filled in by somebody without the program, merged back value by value."""

import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest

from twin.exchange.bcf.reading import read
from twin.maintenance.orders.packs import Difference, alike, differences
from twin.maintenance.vector_files import read_vector
from ui.cli import main

Capture = pytest.CaptureFixture[str]
RULES = """version = 1
[[party]]
id = "delft"
aliases = ["G0503", "W0372"]
[[responsibility]]
party = "delft"
scope = "default"
"""
AT = ("--at", "2025-10-27")


@pytest.fixture
def project(tmp_path: Path, tiny: Path) -> Path:
    (tmp_path / "c.toml").write_text(RULES)
    (tmp_path / "p.toml").write_text('version = 1\n[[policy]]\nid = "P"\nfrequency = "annually"\n')
    path = tmp_path / "city.twin.gpkg"
    rules = ["--policy", str(tmp_path / "p.toml"), "--custodians", str(tmp_path / "c.toml")]
    assert (
        main(["import", str(tiny / "delft_tiny.city.json"), "--project", str(path), *rules]) == 0
    )
    assert main(["orders", "issue", str(path), *AT]) == 0
    return path


def filled_in(pack: Path, *statements: str) -> Path:
    """Return the pack with its tables changed as a GIS would change them."""
    members = {name: zipfile.ZipFile(pack).read(name) for name in zipfile.ZipFile(pack).namelist()}
    tables = pack.parent / "edited.gpkg"
    tables.write_bytes(members["objects.gpkg"])
    sql = sqlite3.connect(tables)
    for statement in statements:
        sql.execute(statement)
    sql.commit()
    sql.close()
    members["objects.gpkg"] = tables.read_bytes()
    back = pack.parent / "back.zip"
    with zipfile.ZipFile(back, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return back


def merged(capsys: Capture, project: Path, pack: Path, *more: str) -> Any:
    capsys.readouterr()
    words = ["orders", "merge", str(project), str(pack), "--by", "delft", "--json", *more]
    assert main(words) == 0
    return json.loads(capsys.readouterr().out)


def test_a_pack_goes_out_and_comes_back(project: Path, tmp_path: Path, capsys: Capture) -> None:
    pack = tmp_path / "pack.zip"
    for _ in range(2):
        before = pack.read_bytes() if pack.exists() else b""
        assert (
            main(["orders", "export", str(project), "--format", "pack", "--out", str(pack), *AT])
            == 0
        )
    assert pack.read_bytes() == before
    zipfile.ZipFile(pack).extract("objects.gpkg", tmp_path)
    zipfile.ZipFile(pack).extract("orders.bcf", tmp_path)
    objects = read_vector(str(tmp_path / "objects.gpkg"), "objects")
    assert len(objects) == 20
    assert objects.crs == "EPSG:28992"
    assert len(read(str(tmp_path / "orders.bcf")).topics) == len(
        read_vector(str(tmp_path / "objects.gpkg"), "orders")
    )

    first, second = (str(x) for x in objects.columns["id"][:2])
    back = filled_in(
        pack,
        "UPDATE objects SET bronhouder = 'firm' WHERE fid = 1",
        "UPDATE objects SET bronhouder = 'theirs', status = 'fresh' WHERE fid = 2",
        "UPDATE orders SET state = 'assigned', note = 'we take it' WHERE number = 1",
        "UPDATE orders SET state = 'closed' WHERE number = 2",
    )
    script = tmp_path / "s.txt"
    script.write_text(
        f'open path="{project.name}"\nattributes.set layer=delft_tiny id={second} column=bronhouder value=mine\n'
    )
    assert main(["run", str(script)]) == 0
    plan = merged(capsys, project, back, "--dry-run")
    done = merged(capsys, project, back, *AT)
    assert plan["conflicts"] == done["conflicts"]
    assert [(x["column"], x["mine"], x["theirs"]) for x in done["conflicts"]] == [
        ("bronhouder", "mine", "theirs")
    ]
    assert {(x["column"], x["theirs"]) for x in done["taken"]} == {
        ("bronhouder", "firm"), ("state", "assigned"), ("note", "we take it"),
    }  # fmt: skip
    assert ["cannot become closed" in x["reason"] for x in done["refused"]] == [True]
    capsys.readouterr()
    assert main(["objects", str(project), "--columns", "bronhouder", "--format", "json"]) == 0
    said = {
        x["id"]: x["attributes"]["bronhouder"]
        for x in json.loads(capsys.readouterr().out)["objects"]
    }
    assert (said[first], said[second]) == ("firm", "mine")
    assert main(["orders", "list", str(project), "--state", "assigned", "--json"]) == 0
    (order,) = json.loads(capsys.readouterr().out)["orders"]
    assert [x["what"] for x in order["transitions"]] == [None, "note", None]
    assert merged(capsys, project, back)["taken"] == []


def test_what_is_no_pack_is_refused(project: Path, tmp_path: Path, capsys: Capture) -> None:
    bad = tmp_path / "bad.zip"
    for members in ({}, {"base.json": "[]", "objects.gpkg": ""}, {"base.json": "{"}):
        with zipfile.ZipFile(bad, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        capsys.readouterr()
        assert main(["orders", "merge", str(project), str(bad), "--by", "delft"]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_values_that_tables_spell_otherwise_are_alike() -> None:
    for first, second in ((None, ""), (1, 1.0), ("5", 5), (float("nan"), None), (True, 1)):
        assert alike(first, second)
        assert alike(second, first)
    for first, second in (("a", "b"), ("", 0), (1, 2), ("01", "1"), (None, "x")):
        assert not alike(first, second)


def test_only_what_both_changed_to_different_values_is_a_conflict() -> None:
    base = {"u": {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}}
    mine = {"u": {"a": 1, "b": 2, "c": 2, "d": 2, "e": 1}}
    theirs = {"u": {"a": 3, "b": 1, "c": 2, "d": 3}, "stranger": {"a": 5}}
    found = differences("objects", base, mine, theirs)
    assert [(x.column, x.conflict) for x in found] == [("a", False), ("d", True)]
    assert Difference("t", "k", "c", 1, 1, 2).conflict is False
