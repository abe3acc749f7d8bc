"""Sections in hand: moved, turned, stretched, written down and read again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.commands.sections import parse_planes
from twin.records import Section
from twin.sections import (
    box_planes,
    cut_away,
    equations,
    extent_of,
    is_box,
    moved,
    plane_through,
    position,
    positioned,
    turned,
    written,
)

BOX = np.array([-3.0, -2, 0, 5, 6, 4])
MIDDLE = np.array([1.0, 2, 2])
angle = st.floats(-180, 180)
step = st.floats(-20, 20)


def box(turn: float = 0.0) -> Section:
    return Section("b", "B", box_planes(BOX, turn))


def upright(turn: float = 30.0) -> Section:
    normal = (np.cos(np.radians(turn)), np.sin(np.radians(turn)), 0)
    return Section("p", "P", (plane_through((1, 2, 3), normal),))


@given(angle)
def test_a_box_is_found_again_in_its_planes(turn: float) -> None:
    found = extent_of(box(turn))
    assert found.size == pytest.approx([8, 8, 4])
    assert found.middle == pytest.approx(MIDDLE)
    assert np.allclose(equations([Section("b", "B", found.planes)]), equations([box(turn)]))
    assert not cut_away(found.corners, equations([box(turn)]), 1e-6).any()
    assert cut_away(found.corners * 1.01 - MIDDLE * 0.01, equations([box(turn)])).all()


@given(st.integers(0, 5), step, angle)
def test_a_side_moves_alone_and_never_past_the_opposite_one(
    index: int, by: float, turn: float
) -> None:
    before, after = box(turn), moved(box(turn), index, by)
    assert is_box(after)
    others = [i for i in range(6) if i != index]
    assert np.allclose(equations([after])[others], equations([before])[others])
    assert (extent_of(after).size >= 0.1 - 1e-9).all()
    if extent_of(before).size[index // 2] + by > 0.1:
        assert equations([after])[index, 3] == pytest.approx(equations([before])[index, 3] + by)


@given(angle, step)
def test_turning_keeps_the_middle_and_back_is_where_it_was(turn: float, by: float) -> None:
    for section in (box(by), upright(by)):
        there = turned(section, turn)
        back = turned(there, -turn)
        assert np.allclose(equations([back]), equations([section]), atol=1e-9)
        assert is_box(there) == is_box(section)


@given(step, st.integers(0, 5))
def test_a_typed_number_is_where_the_plane_then_stands(value: float, index: int) -> None:
    plane = positioned(upright(), 0, value, MIDDLE)
    assert position(plane, 0, MIDDLE) == pytest.approx(value)
    wanted = abs(value) + 5.0 if index != 4 else -abs(value)
    side = positioned(box(20.0), index, wanted, MIDDLE)
    assert position(side, index, MIDDLE) == pytest.approx(wanted)


def test_a_level_plane_says_its_height_whichever_side_it_cuts() -> None:
    for up in (1.0, -1.0):
        section = Section("p", "P", (plane_through((0, 0, 7.5), (0, 0, up)),))
        assert position(section, 0, MIDDLE) == 7.5
        assert positioned(section, 0, 3.25, MIDDLE).planes[0].point[2] == 3.25


@given(angle)
def test_what_is_written_is_read_as_the_very_same_planes(turn: float) -> None:
    for section in (box(turn), upright(turn)):
        assert np.allclose(
            equations([Section("x", "X", parse_planes(written(section.planes)))]),
            equations([section]),
            rtol=0,
            atol=1e-12,
        )


def test_a_plane_is_no_box() -> None:
    with pytest.raises(ValueError, match="not a box"):
        extent_of(upright())
