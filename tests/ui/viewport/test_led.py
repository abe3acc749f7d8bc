"""A camera that is led: pictures when they are due, no gap where gaps are waited for; what a gap is."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from tests.ui.viewport.frames import city, over_the_roofs
from twin.selection import gaps
from twin.settings import Settings
from twin.tiles import TileTree
from ui import theme
from ui.viewport.camera import Pose, pose_of_view
from ui.viewport.widget import ViewWidget

SIZE = (320, 240)
leans = st.floats(-170, 170)
poses = st.builds(
    Pose,
    st.tuples(*[st.floats(-500, 500)] * 3).map(np.array),
    st.floats(0, 359.9),
    st.floats(-89, 89),
    st.floats(20, 90),
    st.floats(5, 2000),
    leans,
)


@given(poses)
def test_a_view_tells_the_pose_that_made_it(pose: Pose) -> None:
    view = pose.view(SIZE)
    again = pose_of_view(view, pose.focus).view(SIZE)
    assert again.forward == pytest.approx(view.forward, abs=1e-9)
    assert again.up == pytest.approx(view.up, abs=1e-6)


def test_a_quarter_to_the_right_leans_the_picture_s_up_to_the_right() -> None:
    view = Pose(np.zeros(3), 0.0, 0.0, roll=90.0).view(SIZE)
    assert view.up == pytest.approx([1.0, 0.0, 0.0])


@pytest.mark.parametrize("yaw", [0.0, 90.0, 250.0])
def test_straight_down_keeps_its_north(yaw: float) -> None:
    view = Pose(np.zeros(3), yaw, -90.0).view(SIZE)
    assert pose_of_view(view).view(SIZE).up == pytest.approx(view.up, abs=1e-9)


def tree_of(parents: list[int]) -> TileTree:
    flat = TileTree.flat(np.zeros((len(parents) - 1, 6)))
    return replace(flat, parent=np.array(parents, np.int32))


@given(st.data())
def test_a_gap_is_where_neither_a_tile_above_nor_below_stands(data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 12))
    parents = [-1, *(data.draw(st.integers(0, n)) for n in range(count - 1))]
    tree = tree_of(parents)
    wanted = np.array(sorted(data.draw(st.sets(st.integers(0, count - 1)))), np.int32)
    standing = set(data.draw(st.sets(st.integers(0, count - 1))))

    def above(tile: int) -> set[int]:
        return set() if tile < 0 else {tile} | above(parents[tile])

    bare = [
        int(t)
        for t in wanted
        if not above(t) & standing and not any(int(t) in above(s) for s in standing)
    ]
    assert gaps(tree, wanted, np.array(sorted(standing), np.int32)).tolist() == bare


@pytest.fixture
def widget(qtbot: QtBot) -> Iterator[ViewWidget]:
    made = ViewWidget(lambda *_: None, theme.DARK)
    made.resize(160, 120)
    made.apply_settings(Settings(reduced_motion=True))
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close_canvas()


@pytest.mark.qt
@pytest.mark.render
def test_a_led_view_draws_when_its_picture_is_due(widget: ViewWidget) -> None:
    frame, pose = city(1, 10), over_the_roofs()
    lead = widget.lead(1 / 30)
    told = [widget.due]
    for step in range(3):
        widget.stand(replace(pose, yaw=pose.yaw + step))
        told.append(widget.due)
        assert widget.show_frame(frame)
        told.append(widget.due)
    assert told == [False, *[True, False] * 3]
    assert lead.pictures == 3
    assert widget.moving
    widget.release()
    assert widget.due


@pytest.mark.qt
@pytest.mark.render
def test_a_gap_is_waited_for_or_counted(widget: ViewWidget) -> None:
    frame, pose = city(1, 10), over_the_roofs()
    lead = widget.lead(1 / 30)
    widget.stand(pose)
    widget.show_frame(frame)
    widget.gaps = lambda standing: True
    widget.stand(replace(pose, yaw=pose.yaw + 1))
    assert not widget.show_frame(frame)
    assert (lead.waiting, lead.gaps) == (True, 0)
    lead.patient = False
    widget.stand(replace(pose, yaw=pose.yaw + 2))
    assert widget.show_frame(frame)
    assert (lead.waiting, lead.gaps) == (False, 1)


@pytest.mark.qt
@pytest.mark.render
def test_settings_changed_meanwhile_leave_the_pace(widget: ViewWidget) -> None:
    widget.lead(0.1)
    widget.apply_settings(Settings(moving_frame_ms=5.0))
    assert widget._wished_ms == pytest.approx(45.0)
    widget.release()
    assert widget._wished_ms == 5.0
