"""Caps come from workers, a bounded piece at a time, and follow tiles and planes."""

from dataclasses import replace

import numpy as np
import pytest

from tests.twin.test_picking import boxes_mesh, one_layer, resident
from twin import capping
from twin.capping import Capping, areas, tasks_of
from twin.jobs import Jobs
from twin.sections import NO_PLANES
from twin.streaming import Frame

AT_ONE = np.array([[0.0, 0.0, 1.0, 3.0]])
"""One metre above the boxes' ground, in the project frame."""


def street(tiles: int = 3, tall: float = 2.0) -> Frame:
    made = []
    for i in range(tiles):
        places = np.array([[10.0 * i, 0, 0], [10.0 * i, 5, 0]])
        sizes = np.array([[2.0, 3.0, tall], [2.0, 2.0, tall]])
        made.append(resident(boxes_mesh(places, sizes), first_row=2 * i))
    return one_layer(*made)


@pytest.fixture(autouse=True)
def never_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capping, "AT_ONCE", 0.0)


@pytest.fixture
def jobs() -> Jobs:
    return Jobs(inline=True)


def test_without_planes_the_frame_is_left_alone(jobs: Jobs) -> None:
    frame = street()
    assert Capping(jobs).completed(frame, NO_PLANES) is frame
    assert not jobs.pending


def test_caps_come_a_turn_later_and_stay_while_nothing_changes(jobs: Jobs) -> None:
    keeper, frame = Capping(jobs), street()
    first = keeper.completed(frame, AT_ONE)
    assert first.planes is AT_ONE
    assert first.caps == {}
    assert keeper.waiting == 3
    jobs.drain()
    second = keeper.completed(frame, AT_ONE)
    assert set(second.caps) == {("a", 0), ("a", 1), ("a", 2)}
    assert keeper.waiting == 0
    assert not jobs.pending
    assert keeper.completed(frame, AT_ONE).caps["a", 0] is second.caps["a", 0]
    assert areas(second.caps) == (30.0, 6, 0)


def test_only_tiles_that_the_plane_goes_through_are_cut() -> None:
    frame = street()
    across = np.array([[1.0, 0, 0, 84_500.0 + 11]])
    assert [task.key for task in tasks_of(frame, across)] == [("a", 1)]
    above = np.array([[0.0, 0, 1, 500.0]])
    assert tasks_of(frame, above) == []
    both = np.concatenate([AT_ONE, [[-1.0, 0, 0, -84_500.0 - 15]]])  # all but the last is cut away
    assert [task.key for task in tasks_of(frame, both)] == [("a", 2)]


def test_a_lifted_layer_is_cut_at_the_height_where_it_is_shown(jobs: Jobs) -> None:
    frame = street()
    lifted = replace(frame, layers={"a": replace(frame.layers["a"], lift=100.0)})
    assert tasks_of(lifted, AT_ONE) == []
    keeper, plane = Capping(jobs), AT_ONE + np.array([0, 0, 0, 100.0])
    keeper.completed(lifted, plane)
    jobs.drain()
    cap = keeper.completed(lifted, plane).caps["a", 0][0]
    assert cap.mesh.origin[2] == pytest.approx(3.0)


def test_work_is_asked_for_in_bounded_pieces(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capping, "MOST", 30)
    keeper, frame = Capping(jobs), street()
    found = []
    for _ in range(4):
        found.append(len(keeper.completed(frame, AT_ONE).caps))
        assert jobs.pending <= 1
        jobs.drain()
    assert found == [0, 1, 2, 3]


def test_while_a_plane_moves_the_caps_before_stay(jobs: Jobs) -> None:
    keeper, frame = Capping(jobs), street()
    keeper.completed(frame, AT_ONE)
    jobs.drain()
    old = keeper.completed(frame, AT_ONE).caps["a", 0]
    moved = AT_ONE + np.array([0, 0, 0, 0.5])
    assert keeper.completed(frame, moved).caps["a", 0] is old
    jobs.drain()
    assert keeper.completed(frame, moved).caps["a", 0] is not old


def test_caps_of_a_section_that_is_gone_are_gone_at_once(jobs: Jobs) -> None:
    keeper, frame = Capping(jobs), street()
    both = np.concatenate([AT_ONE, [[1.0, 0, 0, 84_501.0]]])
    keeper.completed(frame, both)
    jobs.drain()
    assert keeper.completed(frame, both).caps
    assert keeper.completed(frame, AT_ONE).caps == {}


def test_a_tile_that_came_again_is_cut_again_and_one_that_left_is_forgotten(jobs: Jobs) -> None:
    keeper, frame = Capping(jobs), street(2)
    keeper.completed(frame, AT_ONE)
    jobs.drain()
    keeper.completed(frame, AT_ONE)
    again = street(1)
    assert keeper.completed(again, AT_ONE).caps == {}
    assert set(keeper.known) == {("a", 0)}
    jobs.drain()
    assert set(keeper.completed(again, AT_ONE).caps) == {("a", 0)}


def test_what_is_quickly_cut_moves_with_the_plane(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper, frame = Capping(jobs), street()
    monkeypatch.setattr(capping, "AT_ONCE", 60.0)
    assert keeper.completed(frame, AT_ONE).caps == {}  # how long it takes is not known yet
    jobs.drain()
    moved = AT_ONE + np.array([0, 0, 0, 0.5])
    caps = keeper.completed(frame, moved).caps
    assert {cap.plane[3] for found in caps.values() for cap in found} == {3.5}
    assert not jobs.pending


def test_whoever_asked_is_told_when_caps_came(jobs: Jobs) -> None:
    told: list[str] = []
    keeper = Capping(jobs, told=lambda: told.append("came"))
    keeper.completed(street(), AT_ONE)
    assert told == []
    jobs.drain()
    assert told == ["came"]
