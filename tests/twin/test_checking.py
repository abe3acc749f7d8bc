"""Checks of what is open: work for workers, results as a column, what is outdated and what can be undone."""

from dataclasses import replace
from pathlib import Path
from shutil import copyfile

import numpy as np
import pytest

from tests.conftest import DATA
from twin.checking import COLUMN, Part, rows_of, split
from twin.checks.gate import gate, refused
from twin.errors import NotFound, NotSupported
from twin.exchange.check_topics import Told
from twin.jobs import Jobs
from twin.records import Problem
from twin.session import Session
from twin.topics.changes import imported
from twin.topics.places import place_of


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Open a small house with workers that run in line."""
    house = tmp_path / "house.ifc"
    copyfile(DATA / "simple_wall.ifc", house)
    made = Session(jobs=Jobs(inline=True))
    made.open(str(house))
    made.finish()
    return made


RULES = str(DATA / "walls.ids")


def test_results_arrive_as_a_column_and_colour_the_view(session: Session) -> None:
    assert session.checks.start(RULES) == 1
    assert list(session.checks.running) == ["house"]
    session.finish()
    layer = session.twin.layer("house")
    found = [str(x) for x in layer.features[COLUMN]]
    walls = [k.startswith("IfcWall") for k in map(str, layer.features["kind"])]
    assert [x == "failed" for x in found] == walls
    assert session.twin.color_by.column == COLUMN
    entries = {entry.key: entry.count for entry in session.painting().entries}
    assert entries["failed"] == sum(walls)
    assert entries["not_checked"] == len(walls) - sum(walls)


def test_the_column_follows_the_part_that_is_looked_at(session: Session) -> None:
    session.checks.start(RULES)
    session.finish()
    session.checks.show(Part(0))
    states = {str(x) for x in session.twin.layer("house").features[COLUMN]}
    assert states == {"passed", "not_checked"}
    session.checks.show(Part(1, 0))
    assert "failed" in {str(x) for x in session.twin.layer("house").features[COLUMN]}


def test_results_can_be_undone_and_forgotten(session: Session) -> None:
    before = session.twin.color_by
    session.checks.start(RULES)
    session.finish()
    assert session.undo() == "checks.show"
    assert session.twin.layer("house").features.get(COLUMN) is None
    assert session.twin.color_by == before
    session.redo()
    session.checks.clear()
    assert session.twin.layer("house").features.get(COLUMN) is None
    assert session.checks.results == {}


def test_a_model_that_changed_makes_its_result_outdated(session: Session) -> None:
    session.checks.start(RULES)
    session.finish()
    assert not session.checks.outdated("house")
    path = Path(session.twin.layer("house").source.path)
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    assert session.checks.outdated("house")
    session.checks.again()
    session.finish()
    assert not session.checks.outdated("house")


def test_rules_that_cannot_be_read_are_reported(session: Session, tmp_path: Path) -> None:
    bad = tmp_path / "bad.ids"
    bad.write_text("<ids>", "utf-8")
    session.checks.start(str(bad))
    session.finish()
    assert [error.full_code for _, error in session.errors] == ["broken.ids"]
    assert session.checks.results == {}


def test_files_that_are_no_rules_are_refused(session: Session) -> None:
    with pytest.raises(NotSupported):
        session.checks.start("rules.toml")


def test_cancelled_checks_leave_no_result(session: Session) -> None:
    session.checks.start(RULES)
    session.checks.cancel()
    session.finish()
    assert session.checks.results == {}
    assert [layer.id for layer in session.checks.unchecked()] == ["house"]


def test_objects_of_a_part_are_split_by_outcome(session: Session) -> None:
    session.checks.start(RULES)
    session.finish()
    report = session.checks.results["house"].report
    passed, failed = split(report, Part(1))
    layer = session.twin.layer("house")
    assert len(passed) == 0
    kinds = [report.objects[i].kind for i in failed]
    rows = rows_of(layer, report, failed)  # a type is no row
    assert len(rows) == len([kind for kind in kinds if not kind.endswith("Type")]) > 0


def test_the_gate_blames_objects_and_sources(session: Session) -> None:
    layer = session.twin.layer("house")
    key = str(layer.features.id[0])
    double = Problem("ifc.id_duplicate", "twice", key, {"id": key, "shown": key})
    report = gate(replace(layer, problems=(*layer.problems, double)))
    states = {rule.name: rule.status for rule in report.results}
    assert states["opens"] == "passed"
    assert states["ids"] == "failed"
    assert states["heights"] == "failed"
    ids = next(rule for rule in report.results if rule.name == "ids")
    assert [report.objects[i].id for i in ids.failed] == [key]
    assert ids.passing == len(layer.features) - 1
    assert np.array_equal(ids.demands[0].failed, ids.failed)


def test_a_source_that_does_not_open_fails_the_gate() -> None:
    report = refused("a.ifc", NotFound(location="a.ifc"))
    assert report.status == "failed"
    assert report.results[0].why is not None
    assert "a.ifc" in report.results[0].why.said("zh")


def test_failed_requirements_become_topics_with_a_camera_on_their_objects(
    session: Session,
) -> None:
    session.checks.start(RULES)
    session.finish()
    told = Told("2026-11-23T00:00:00Z", "me@example.org")
    (topic,) = session.checks.topics(told, session.georeference).topics
    scene = topic.viewpoints[0].scene
    assert scene is not None
    assert scene.perspective is not None
    layer = session.twin.layer("house")
    wall = layer.features["kind"].tolist().index("IfcWallStandardCase")
    assert str(layer.features.id[wall]) in {item.ifc_guid for item in scene.selection}
    away = np.array(scene.perspective.point)
    towards = np.array(scene.perspective.direction)
    place = place_of(session.twin, "house", session.georeference)
    box = layer.features.bounds[wall]
    middle = place.back((box[:3] + box[3:]) / 2) - away
    assert middle @ towards / np.linalg.norm(middle) > 0.9
    session.do(
        "topics.import", imported(session.twin, session.checks.topics(told, session.georeference))
    )
    assert list(session.twin.records["topics"]) == [topic.guid]
