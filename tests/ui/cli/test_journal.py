"""The journal on the command line: exported with names or without, erased without breaking the chain."""

import csv
import io
import json
import sqlite3
from pathlib import Path

import pytest

from twin.errors import TwinError
from twin.records import Party
from twin.session import Session
from twin.settings import load
from twin.store.project_file import open_project
from ui.cli import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def project(tmp_path: Path, tiny: Path) -> Path:
    """Return a project in which Ada changed a policy twice, one step and one step taken back."""
    path = tmp_path / "city.twin.gpkg"
    session = Session(load({"author": "Ada Lovelace"}))
    session.open(str(tiny / "delft_tiny.city.json"))
    session.finish()
    session.save_as(path)
    rules = tmp_path / "policy.toml"
    rules.write_text(
        'version = 1\n[[policy]]\nid = "P-1"\nkind = "Building"\nfrequency = "annually"\n'
        '[[policy]]\nid = "P-2"\nkind = "Road"\nfrequency = "biennially"\n'
    )
    session.run("rules.policy", path=str(rules))
    session.undo()
    session.close()
    return path


def exported(project: Path, capsys: Capture, *more: str) -> str:
    assert main(["journal", "export", str(project), *more]) == 0
    return capsys.readouterr().out


def test_every_change_of_a_step_is_a_line_with_from_and_to(project: Path, capsys: Capture) -> None:
    lines = list(csv.DictReader(io.StringIO(exported(project, capsys, "--format", "csv"))))
    what = [line["What"] for line in lines]
    assert what.count("policy rule added") == 2
    assert what.count("policy rule removed (by undo)") == 2
    added = lines[what.index("policy rule added")]
    assert added["Object"] == "P-1"
    assert not added["From"]
    assert "frequency: annually; id: P-1" in added["To"]
    assert "zone" not in added["To"]
    assert "policy rule" not in exported(project, capsys, "--lang", "zh")


def test_names_are_shown_where_asked_for_and_erased_for_good(
    project: Path, capsys: Capture
) -> None:
    assert "Ada" not in exported(project, capsys, "--format", "csv")
    assert "Ada Lovelace" in exported(project, capsys, "--format", "csv", "--names")
    store = open_project(project)
    who = next(x for x in store.load().records["parties"].values() if isinstance(x, Party))
    store.close()
    assert main(["journal", "erase", str(project), who.id]) == 0
    assert main(["journal", "erase", str(project), who.id]) == 2
    capsys.readouterr()
    assert "Ada" not in exported(project, capsys, "--format", "csv", "--names")
    assert b"Lovelace" not in project.read_bytes()
    assert main(["journal", "verify", str(project)]) == 0


def test_equal_journals_give_equal_bytes(project: Path, tmp_path: Path, capsys: Capture) -> None:
    files = [tmp_path / f"{n}.xlsx" for n in (1, 2)]
    for path in files:
        exported(project, capsys, "--format", "xlsx", "--out", str(path), "--at", "2026-01-01")
    assert files[0].read_bytes() == files[1].read_bytes()


def test_the_first_altered_line_is_found(project: Path, capsys: Capture) -> None:
    connection = sqlite3.connect(project)
    connection.execute("DROP TRIGGER journal_stays")
    connection.execute(
        "UPDATE journal SET canonical = replace(canonical, 'annually', 'weekly') WHERE seq = 3"
    )
    connection.commit()
    connection.close()
    assert main(["journal", "verify", str(project), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["broken_at"] == 3


def test_what_is_no_project_is_said(tmp_path: Path, capsys: Capture) -> None:
    with pytest.raises(TwinError):
        open_project(tmp_path / "no.twin.gpkg")
    assert main(["journal", "export", str(tmp_path / "no.twin.gpkg")]) == 2
    assert "error[" in capsys.readouterr().err
