"""The verb ``bcf``: what it lists, converts and exports, and what it refuses."""

import json
from pathlib import Path

import pytest

from tests.twin.exchange import bcf_files as made
from tests.twin.exchange.bcf_files import OTHER, TOPIC, VIEW
from twin.exchange.bcf.reading import read
from twin.jobs import Jobs
from twin.session import Session
from twin.settings import Settings
from ui.cli import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def older(tmp_path: Path) -> Path:
    markup = made.topic_2("<AssignedTo>c@example.com</AssignedTo>", made.view_list_2(VIEW))
    return made.file_2(tmp_path / "a.bcfzip", markup, {VIEW: made.CAMERA_2})


@pytest.fixture
def project(older: Path, tmp_path: Path) -> Path:
    session = Session(Settings(cache_folder=str(tmp_path)), Jobs(inline=True))
    session.keeper.create(tmp_path / "p.twin.gpkg")
    session.run("bcf.import", path=str(older))
    session.run("topics.add", title="Another", guid=OTHER)
    session.close()
    return tmp_path / "p.twin.gpkg"


def test_the_topics_of_a_file_are_listed(older: Path, capsys: Capture) -> None:
    assert main(["bcf", "list", str(older)]) == 0
    out = capsys.readouterr().out
    assert f"{TOPIC[:8]}  Open  Structural  -  -  c@example.com  A column stands in the way" in out
    assert main(["bcf", "list", str(older), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["version"], [x["guid"] for x in found["topics"]]) == ("2.1", [TOPIC])
    assert found["topics"][0]["viewpoints"][0]["guid"] == VIEW


def test_an_older_file_is_converted_byte_for_byte_the_same_each_time(
    older: Path, tmp_path: Path, capsys: Capture
) -> None:
    for name in ("b.bcf", "c.bcf"):
        assert (
            main(["bcf", "convert", str(older), str(tmp_path / name), "--at", "2026-01-01"]) == 0
        )
    assert (tmp_path / "b.bcf").read_bytes() == (tmp_path / "c.bcf").read_bytes()
    assert capsys.readouterr().out.count("1 topics, BCF 3.0") == 2
    assert read(str(tmp_path / "b.bcf")).topics == read(str(older)).topics


def test_a_project_gives_all_its_topics_or_those_named(
    project: Path, tmp_path: Path, capsys: Capture
) -> None:
    assert main(["bcf", "list", str(project), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["topics"]) == 2
    out = tmp_path / "out.bcf"
    assert main(["bcf", "export", str(project), str(out), "--topic", TOPIC[:5], "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"path": str(out), "version": "3.0", "topics": 1}
    assert [x.guid for x in read(str(out)).topics] == [TOPIC]


def test_problems_of_a_file_stand_on_stderr(tmp_path: Path, capsys: Capture) -> None:
    path = made.file_2(tmp_path / "a.bcf", made.topic_2(beside=made.view_list_2(VIEW)))
    assert main(["bcf", "list", str(path)]) == 0
    assert capsys.readouterr().err.startswith("problem[bcf.missing] ")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["list", "nowhere.bcf"], "missing.file"),
        (["convert", "{file}", "out.zip"], "usage"),
        (["convert", "{file}", "{file}"], "usage"),
        (["convert", "{file}", "out.bcf", "--at", "soon"], "usage"),
        (["export", "{project}", "out.bcf", "--topic", "none"], "usage"),
        (["export", "{file}", "out.bcf"], "store.unknown"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    older: Path, project: Path, capsys: Capture, arguments: list[str], code: str
) -> None:
    words = [x.format(file=older, project=project) for x in arguments]
    before = older.read_bytes()
    assert main(["bcf", *words]) == 2
    assert capsys.readouterr().err.startswith(f"error[{code}] ")
    assert older.read_bytes() == before
