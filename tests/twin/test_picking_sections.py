"""What a section cuts away is looked through, and its faces are met."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.test_picking import boxes_mesh, looking, one_layer, resident, three_in_a_row
from twin.capping import Capping
from twin.geometry import Instances, Lines, Points
from twin.jobs import Jobs
from twin.picking import pick, rows_in_rect
from twin.sections import cut_away
from twin.streaming import Frame
from twin.tiles import View

ORIGIN = np.array([84_500.0, 447_600.0, 2.0])
MIDDLE = (160.5, 120.5)


def plane(normal: tuple[float, float, float], point: tuple[float, float, float]) -> np.ndarray:
    direction = np.array(normal, np.float64)
    return np.array([*direction, direction @ (np.array(point) + ORIGIN)])


def sectioned(frame: Frame, *planes: np.ndarray) -> Frame:
    jobs = Jobs(inline=True)
    capping = Capping(jobs)
    capping.completed(frame, np.array(planes))
    jobs.finish()
    return capping.completed(frame, np.array(planes))


def seen(frame: Frame, view: View) -> tuple[int, float] | None:
    hit = pick(frame, view, *MIDDLE)
    return None if hit is None else (hit.row, round(float((hit.world - ORIGIN)[1]), 3))


def test_what_is_cut_away_is_looked_through() -> None:
    frame, view = three_in_a_row()
    assert seen(frame, view) == (0, 0.0)
    assert seen(sectioned(frame, plane((0, -1, 0), (0, 3, 0))), view) == (1, 5.0)


def test_the_face_of_a_cut_is_met_and_gives_its_object() -> None:
    frame, view = three_in_a_row()
    cut = sectioned(frame, plane((0, -1, 0), (0, 6, 0)))
    assert seen(cut, view) == (1, 6.0)
    bare = sectioned(frame, plane((0, -1, 0), (0, 6, 0)))
    inside = Frame(bare.layers, planes=bare.planes)  # without its face one sees the wall behind
    assert seen(inside, view) == (1, 7.0)


def test_nothing_is_met_where_everything_is_cut_away() -> None:
    frame, view = three_in_a_row()
    assert seen(sectioned(frame, plane((0, -1, 0), (0, 50, 0))), view) is None
    beside = sectioned(
        frame, plane((1, 0, 0), (-5, 0, 0))
    )  # the ray runs along it on the cut side
    assert seen(beside, view) is None
    between = sectioned(frame, plane((0, -1, 0), (0, 6, 0)), plane((0, 1, 0), (0, 5.5, 0)))
    assert seen(between, view) is None


def test_an_eye_on_the_cut_side_sees_into_the_box_and_not_beyond() -> None:
    frame, view = three_in_a_row()
    box = sectioned(frame, plane((0, -1, 0), (0, 7.5, 0)), plane((0, 1, 0), (0, 9.5, 0)))
    assert seen(box, view) is None
    box = sectioned(frame, plane((0, -1, 0), (0, 7.5, 0)), plane((0, 1, 0), (0, 11, 0)))
    assert seen(box, view) == (2, 10.0)


def test_lines_points_and_instances_are_cut_as_well() -> None:
    view = looking((0.0, -20.0, 0.0), (0.0, 0.0, 0.0))
    spots = np.array([[0, 0, 0], [0, 5, 0]], np.float32)
    dots = resident(Points(ORIGIN, spots, np.arange(2, dtype=np.int32)))
    ends = np.array([[-1, 0, 0], [1, 0, 0], [-1, 5, 0], [1, 5, 0]], np.float32)
    pairs = np.array([[0, 1], [2, 3]], np.int32)
    lines = resident(Lines(ORIGIN, ends, pairs, np.array([0, 0, 1, 1], np.int32)))
    moves = np.tile(np.eye(4), (2, 1, 1))
    moves[1, 1, 3] = 5
    cube = boxes_mesh(np.array([[-1.0, 0, -1]]), np.full((1, 3), 2.0))
    twice = resident(Instances(cube, moves, np.arange(2, dtype=np.int32)))
    for tile in (dots, lines, twice):
        frame = one_layer(tile)
        assert pick(frame, view, *MIDDLE) is not None
        found = pick(sectioned(frame, plane((0, -1, 0), (0, 3.0, 0))), view, *MIDDLE)
        assert found is not None
        assert found.row == 1


@given(
    st.floats(0, 2 * np.pi),
    st.floats(-1.4, 1.4),
    st.floats(-2, 14),
    st.floats(40, 280),
    st.floats(40, 200),
)
def test_no_hit_ever_lies_on_the_cut_side(
    turn: float, tilt: float, offset: float, x: float, y: float
) -> None:
    frame, view = three_in_a_row()
    normal = (np.cos(turn) * np.cos(tilt), np.sin(turn) * np.cos(tilt), np.sin(tilt))
    cut = sectioned(frame, plane(normal, (1.0, offset, 1.0)))
    hit = pick(cut, view, x, y)
    whole = pick(frame, view, x, y)
    if hit is not None:
        assert not cut_away(hit.world, cut.planes, 0.02).any()
    if whole is not None and not cut_away(whole.world, cut.planes, -1e-6).any():
        assert hit is not None
        assert hit.distance == pytest.approx(whole.distance, abs=0.02)


def test_a_rubber_band_leaves_out_what_is_cut_away() -> None:
    frame, view = three_in_a_row()
    cut = sectioned(frame, plane((0, -1, 0), (0, 6, 0)))
    rows = rows_in_rect(cut, view, (0, 0, 320, 240))
    assert {key: found.tolist() for key, found in rows.items()} == {"a": [1, 2]}
