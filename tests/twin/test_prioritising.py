"""The choice of buildings for BIM over an open city: asked again, by hand, kept in the project, shown as a column."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from twin.errors import UsageError
from twin.maintenance.bim import read_method
from twin.maintenance.bim.answers import Question
from twin.maintenance.bim.records import BimInput, BimSettings
from twin.prioritising import BIM_COLUMN, Prioritising, Typed, shown_edit
from twin.replacing import Thing, replace_edit
from twin.session import Session

METHOD = read_method()


@pytest.fixture
def session(tiny: Path) -> Iterator[Session]:
    found = Session()
    found.open(str(tiny / "delft_tiny.city.json"))
    found.finish()
    found.index()
    yield found
    found.close()


def asked(session: Session, question: Question, typed: Typed | None = None) -> Prioritising:
    session.prioritise(question, typed or {}, METHOD)
    work = session.priority
    assert work is not None
    while not work.done:
        session.drain()
        session.finish()
    assert work.error is None
    assert work.found is not None
    assert work.known is not None
    return work


def test_what_a_person_typed_counts_and_a_second_question_needs_no_second_look(
    session: Session,
) -> None:
    first = asked(session, Question(1000, 5.0))
    assert first.found is not None
    assert first.known is not None
    key = str(first.known.uids[0])
    before = float(first.found.scores.low[0])
    known = first.known
    again = asked(session, Question(1000, 5.0), {key: {"occupancy": 5000.0, "cost": 70.0}})
    assert again.known is known
    assert again.found is not None
    assert again.found.scores.low[0] == pytest.approx(before + 20)
    assert again.found.found["cost"][0] == 70
    assert again.found.found.sources["occupancy"][0] == "by hand"


def test_the_view_shows_the_choice_and_follows_the_next_answer(session: Session) -> None:
    work = asked(session, Question(None, 5.0))
    session.do("bim.show", shown_edit(work, session.twin))
    layer = next(iter(session.twin.layers.values()))
    kinds = layer.features["kind"]
    states = layer.features[BIM_COLUMN]
    assert set(states[kinds == "Building"].tolist()) == {"chosen"}
    assert session.twin.color_by.column == BIM_COLUMN
    asked(session, Question(None, 99.0))
    layer = next(iter(session.twin.layers.values()))
    assert "chosen" not in layer.features[BIM_COLUMN].tolist()
    assert session.undo() == "bim.show"
    assert session.twin.color_by.column == "freshness"


def test_a_layer_that_is_gone_starts_anew(session: Session) -> None:
    work = asked(session, Question(None, 5.0))
    session.run("layers.remove", layer=next(iter(session.twin.layers)))
    assert work.lost()
    session.prioritise(Question(), {}, METHOD)
    assert session.priority is not work


def test_questions_and_data_are_commands_that_can_be_undone_and_kept(
    session: Session, tmp_path: Path, tiny: Path
) -> None:
    session.run("bim.set", budget="1800", packs="HK,CN", min_score="35")
    session.run("bim.enter", uid="u-1", values="occupancy=300;cost=250")
    session.run("bim.enter", uid="u-1", values="cost=")
    session.run("bim.stand", uid="u-1,u-2", how="must")
    settings = BimSettings(budget=1800, min_score=35.0, packs=("HK", "CN"))
    inputs = {
        "u-1": BimInput("u-1", {"occupancy": 300.0}, "must"),
        "u-2": BimInput("u-2", stand="must"),
    }
    assert session.twin.records["bim_settings"] == {"bim": settings}
    assert session.twin.records["bim_inputs"] == inputs
    session.save_as(tmp_path / "city.twin.gpkg")
    other = Session()
    other.open_project(tmp_path / "city.twin.gpkg")
    other.finish()
    assert other.twin.records["bim_settings"] == {"bim": settings}
    assert other.twin.records["bim_inputs"] == inputs
    other.close()
    session.undo()
    assert session.twin.records["bim_inputs"]["u-1"].stand == ""


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("bim.set", {"budget": "much"}),
        ("bim.set", {"min_score": "101"}),
        ("bim.set", {"packs": "Atlantis"}),
        ("bim.set", {"method": "[weights]\ngfa = 2"}),
        ("bim.enter", {"uid": "", "values": "cost=1"}),
        ("bim.enter", {"uid": "u", "values": "colour=1"}),
        ("bim.enter", {"uid": "u", "values": "gap=2"}),
        ("bim.stand", {"uid": "u", "how": "perhaps"}),
    ],
)
def test_what_makes_no_sense_is_refused(
    session: Session, name: str, arguments: dict[str, str]
) -> None:
    with pytest.raises((UsageError, Exception), match=r".+"):
        session.run(name, **arguments)
    assert not session.twin.records["bim_inputs"]


def test_nothing_to_choose_from_is_an_answer_too() -> None:
    session = Session()
    work = asked(session, Question(100))
    assert work.found is not None
    assert len(work.found.scores) == 0
    assert np.isfinite(work.found.choice.chosen.total)
    session.close()


def test_a_model_in_the_place_of_a_building_fills_its_gap_and_is_no_candidate_itself(
    session: Session, tiny: Path
) -> None:
    before = asked(session, Question(None, 5.0))
    assert before.known is not None
    count = len(before.known.row)
    layer, row = before.known.place(0)
    assert before.known.found["gap"][0] == METHOD.gap["none"]
    session.open(str(tiny / "simple_wall.ifc"))
    session.finish()
    session.index()
    model = next(key for key in session.twin.layers if key != layer)
    kinds = session.twin.layer(model).features["kind"]
    building = int(np.flatnonzero(kinds == "IfcBuilding")[0])
    session.priority = None
    both = asked(session, Question(None, 5.0))
    assert both.known is not None
    assert len(both.known.row) == count + 1
    step = replace_edit(session.twin, Thing(model, building), Thing(layer, row))
    session.do("models.replace", step)
    session.priority = None
    after = asked(session, Question(None, 5.0))
    assert after.known is not None
    assert len(after.known.row) == count
    place = after.known.row.tolist().index(row)
    assert after.known.found["gap"][place] == METHOD.gap["outdated"]  # nobody dated the model


def test_measuring_that_a_person_cancels_ends_and_can_be_asked_for_again(session: Session) -> None:
    session.prioritise(Question(None, 5.0), {}, METHOD)
    work = session.priority
    assert work is not None
    while not session.jobs_running():
        session.drain()
    for job in session.jobs_running():
        session.cancel(job.id)
    while work.error is None and work.found is None:
        session.drain()
    again = asked(session, Question(None, 5.0))
    assert again.found is not None
