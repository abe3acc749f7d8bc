"""Side-cars in a session: laid over layers, undone, kept in the project, gone when taken away."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twin.errors import NotFound, UsageError
from twin.session import Session
from twin.settings import load
from ui.cli import main


@pytest.fixture
def session(tiny: Path) -> Any:
    found = Session(load({}))
    found.open(str(tiny / "delft_tiny.city.json"))
    found.finish()
    yield found
    found.close()


def layer_of(session: Session) -> Any:
    (layer,) = session.twin.layers.values()
    return layer


@pytest.fixture
def survey(session: Session, tmp_path: Path) -> Path:
    table = layer_of(session).features
    ids = table.id[table.parent < 0].tolist()
    path = tmp_path / "survey.csv"
    lines = [f"{key};2025-0{1 + n % 9};{n};Survey Office" for n, key in enumerate(ids)]
    path.write_text("\n".join(["key;surveyed;storeys;holder", *lines, "gone;2024;1;x"]), "utf-8")
    return path


def test_a_table_gives_dates_attributes_and_custodians(session: Session, survey: Path) -> None:
    session.set_instants(np.datetime64("2025-10-27", "ms"))
    before = layer_of(session)
    session.run("sidecar.add", path=str(survey), dates="surveyed:captured", custodian="holder")
    session.finish()
    layer = layer_of(session)
    assert "storeys" in layer.features.columns
    assert [p.code for p in layer.problems if p.code.startswith("sidecar")] == [
        "sidecar.unmatched",
        "sidecar.unmatched_row",
    ]
    tops = np.flatnonzero(layer.features.parent < 0)
    assert (layer.assessment.t_eff[tops] >= np.datetime64("2025-01-01")).all()
    assert set(layer.assessment.custodians) >= {"Survey Office"}
    session.undo()
    session.finish()
    again = layer_of(session)
    assert list(again.features.columns) == list(before.features.columns)
    assert len(again.observations) == len(before.observations)
    assert again.problems == before.problems
    session.redo()
    session.finish()
    assert "storeys" in layer_of(session).features.columns


def test_it_comes_back_with_the_project(session: Session, survey: Path, tmp_path: Path) -> None:
    session.run("sidecar.add", path=str(survey), dates="surveyed:captured")
    session.finish()
    path = tmp_path / "city.twin.gpkg"
    session.save_as(path)
    session.finish()
    session.close()
    other = Session(load({}))
    other.open(str(path))
    other.finish()
    assert "storeys" in layer_of(other).features.columns
    other.run("sidecar.set", id="S001", attributes="")
    other.finish()
    assert "storeys" not in layer_of(other).features.columns
    assert len(layer_of(other).observations.paths) > 1
    other.run("sidecar.remove", id="S001")
    other.finish()
    assert not [p for p in layer_of(other).problems if p.code.startswith("sidecar")]
    other.close()


def test_what_cannot_be_joined_is_refused_or_reported(
    session: Session, survey: Path, tmp_path: Path
) -> None:
    with pytest.raises(NotFound):
        session.run("sidecar.add", path=str(tmp_path / "none.csv"))
    for wrong in ({"by": "x"}, {"dates": "a:x"}, {"dates": "a:captured:x"}, {"layer": "x"}):
        with pytest.raises(UsageError):
            session.run("sidecar.add", path=str(survey), **wrong)
    broken = tmp_path / "b.gpkg"
    broken.write_bytes(b"nothing")
    session.run("sidecar.add", path=str(broken))
    session.finish()
    assert [error.full_code for _, error in session.errors] == ["broken.gpkg"]
    session.run("sidecar.add", path=str(survey))
    with pytest.raises(UsageError, match="joined so already"):
        session.run("sidecar.add", path=str(survey))
    session.finish()


def test_the_command_line_joins_tables_too(
    tiny: Path, survey: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(tiny / "delft_tiny.city.json"), "--sidecar", str(survey)]
    assert main(["info", *words, "--json"]) == 0
    (source,) = json.loads(capsys.readouterr().out)["sources"]
    assert "sidecar.unmatched" in [problem["code"] for problem in source["problems"]]
    assert main(["audit", *words, "--format", "json", "--at", "2025-10-27"]) == 0
    assert json.loads(capsys.readouterr().out)["totals"]["objects"] > 0
