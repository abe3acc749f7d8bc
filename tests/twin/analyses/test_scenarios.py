"""Scenarios: edits applied to studies, blocks with hand-computed volumes, commands that are undone."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.analyses.studies import study_of
from twin.analyses.heights import Heights
from twin.analyses.massing import Block, body_of, checked_ring
from twin.analyses.scenarios import Scenario, ScenarioEdit, applied, left_out
from twin.commands import Context, make
from twin.edits import History
from twin.errors import UsageError
from twin.jobs import SILENT
from twin.scene import Twin

ROW = [(0.0, 0, 0, 10, 8, 6), (20.0, 0, 0, 30, 8, 9), (40.0, 0, 1, 50, 8, 4)]
L_SHAPE = ((0.0, 0.0), (20.0, 0.0), (20.0, 10.0), (10.0, 10.0), (10.0, 20.0), (0.0, 20.0))


def volume(corners: Any, faces: Any) -> float:
    a, b, c = (corners[faces[:, k]] for k in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6.0)


def test_heights_of_boxes_are_those_one_computes_by_hand() -> None:
    found = Heights().run(study_of(ROW), SILENT)
    assert found.figures["objects"] == 3
    assert found.figures["highest"] == pytest.approx(9.0)
    assert found.figures["volume"] == pytest.approx(10 * 8 * (6 + 9 + 3))
    assert found.notes == ("no_ground",)


def test_footprints_without_heights_are_told() -> None:
    found = Heights().run(study_of([(0.0, 0, 2, 10, 8, 2), *ROW]), SILENT)
    assert found.figures["flat"] == 1
    assert found.notes == ("no_ground", "flat")


def test_heights_count_from_the_terrain_where_there_is_one() -> None:
    ground = (-100.0, -100.0, -5.0, 100.0, 100.0, -2.0)
    found = Heights().run(study_of([*ROW, ground], ["Building"] * 3 + ["TINRelief"]), SILENT)
    assert found.figures["objects"] == 3
    assert found.figures["highest"] == pytest.approx(11.0)
    assert found.notes == ()


def test_a_block_with_a_corner_inwards_is_closed_and_has_its_volume() -> None:
    corners, faces = body_of(Block("E1", "", checked_ring(L_SHAPE), 5.0, 30.0))
    assert volume(corners - corners.mean(axis=0), faces) == pytest.approx(300.0 * 30.0)
    edges = np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    assert (np.unique(edges, axis=0, return_counts=True)[1] == 2).all()


def test_a_ring_that_crosses_itself_is_refused() -> None:
    with pytest.raises(UsageError):
        checked_ring(((0, 0), (10, 10), (10, 0), (0, 10)))
    with pytest.raises(UsageError):
        checked_ring(((0, 0), (1, 0), (2, 0)))


def test_edits_hide_move_and_build() -> None:
    variant = Scenario("S1", "A", (
        ScenarioEdit("E1", "hide", "city", ("b0",)),
        ScenarioEdit("E2", "move", "city", ("b1",), shift=(0.0, 100.0, 3.0), turn=90.0),
        ScenarioEdit("E3", "block", ring=L_SHAPE, base=0.0, height=30.0),
    ))  # fmt: skip
    before = study_of(ROW)
    after = applied(before, variant)
    found = Heights().run(after, SILENT)
    assert found.figures["objects"] == 3
    assert found.figures["volume"] == pytest.approx(10 * 8 * (9 + 3) + 9000.0)
    assert after.layers[0].features.bounds[1] == pytest.approx([21, 99, 3, 29, 109, 12])
    moved = after.bodies.only(after.of(0, np.array([1], np.int32)))
    assert np.concatenate(moved.box()) == pytest.approx([21, 99, 3, 29, 109, 12], abs=1e-4)
    assert variant.balance == (1, 1)
    assert before.layers[0].there.all()


@given(st.tuples(*[st.floats(-500, 500)] * 3), st.floats(-360, 360))
def test_a_move_back_brings_everything_back(shift: Any, turn: float) -> None:
    edit = ScenarioEdit("E1", "move", "city", ("b1",), shift=shift, turn=turn)
    there = applied(study_of(ROW), Scenario("S", "", (edit,)))
    back = replace(edit, id="E2", shift=tuple(-x for x in shift), turn=0.0)
    home = applied(there, Scenario("S", "", (back,)))
    final = applied(home, Scenario("S", "", (replace(edit, shift=(0.0, 0.0, 0.0), turn=-turn),)))
    assert np.abs(final.bodies.positions - study_of(ROW).bodies.positions).max() < 0.01


def test_what_replaces_objects_stands_only_in_its_scenario() -> None:
    one = Scenario("S1", "A", (ScenarioEdit("E1", "replace", "city", ("b0",), "new"),))
    two = Scenario("S2", "B", (ScenarioEdit("E1", "replace", "city", ("b0",), "other"),))
    assert left_out([one, two], None) == {"new", "other"}
    assert left_out([one, two], one) == {"other"}


# -- commands ---------------------------------------------------------------------------------------

STEPS = [
    ("scenarios.add", {"title": "A", "id": "A"}),
    ("scenarios.block", {"ring": "0,0;10,0;10,10;0,10", "height": "18x3", "title": "Tower"}),
    ("scenarios.block", {"ring": "0,0;10,0;10,10", "height": "12.5", "base": "-1"}),
    ("scenarios.change", {"edit": "E1", "what": "height", "value": "60"}),
    ("scenarios.change", {"edit": "E2", "what": "ring", "value": "0,0;0,5;5,5"}),
    ("scenarios.order", {"edit": "E2", "place": "1"}),
    ("scenarios.copy", {"id": "A", "title": "B", "to": "B"}),
    ("scenarios.drop", {"edit": "E1", "id": "B"}),
    ("scenarios.show", {"id": ""}),
    ("scenarios.rename", {"id": "B", "title": "C"}),
    ("scenarios.remove", {"id": "A"}),
]


def test_every_step_is_undone_exactly() -> None:
    twin = Twin()
    history = History(twin)
    states = []
    for name, arguments in STEPS:
        states.append((dict(twin.records["scenarios"]), twin.scenario))
        history.do(name, make(name, Context(twin), arguments))
    last = (dict(twin.records["scenarios"]), twin.scenario)
    assert list(twin.records["scenarios"]) == ["B"]
    assert [e.id for e in twin.records["scenarios"]["B"].edits] == ["E2"]
    for state in reversed(states):
        history.undo()
        assert (dict(twin.records["scenarios"]), twin.scenario) == state
    for _ in STEPS:
        history.redo()
    assert (dict(twin.records["scenarios"]), twin.scenario) == last


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("scenarios.add", {"title": " "}),
        ("scenarios.block", {"ring": "0,0;10,0;10,10", "height": "9"}),
        ("scenarios.show", {"id": "nope"}),
        ("scenarios.hide", {}),
        ("results.keep", {"id": "R1"}),
        ("results.remove", {"id": "R1"}),
    ],
)
def test_what_cannot_be_done_is_refused(name: str, arguments: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        make(name, Context(Twin()), arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"ring": "0,0;10,0", "height": "9"},
        {"ring": "0,0;10,0;nan,10", "height": "9"},
        {"ring": "0,0;10,0;10,10", "height": "-1"},
        {"ring": "0,0;10,0;10,10", "height": "x"},
        {"ring": "0,0;10,0;10,10", "height": "inf"},
        {"ring": "0,0;10,0;10,10", "height": "9", "base": "1e9"},
        {"ring": "0,0;10,10;10,0;0,10", "height": "9"},
        {"ring": "a,b;c", "height": "9"},
    ],
)
def test_blocks_that_make_no_sense_are_refused(arguments: dict[str, str]) -> None:
    twin = Twin()
    History(twin).do("x", make("scenarios.add", Context(twin), {"title": "A"}))
    with pytest.raises(UsageError):
        make("scenarios.block", Context(twin), arguments)
