"""Numbers behind what is painted over the picture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF

from tests.ui.viewport.frames import ORIGIN, city, over_the_roofs
from twin.geometry import Mesh
from twin.picking import pick
from ui.viewport.extent import outermost_points
from ui.viewport.overlays import (
    Label,
    label_plate,
    length_text,
    nice_length,
    projected,
    scale_bar,
    spread,
)


@given(st.floats(0.01, 1e6))
def test_a_nice_length_is_one_two_or_five_and_fits(longest: float) -> None:
    found = nice_length(longest)
    assert found <= longest * (1 + 1e-6)
    assert longest < found * 2.5 * (1 + 1e-6)
    assert round(found / 10.0 ** np.floor(np.log10(found) + 1e-9), 6) in (1.0, 2.0, 5.0)


def test_lengths_have_units() -> None:
    assert [length_text(x) for x in (0.2, 5.0, 200.0, 5000.0)] == ["20 cm", "5 m", "200 m", "5 km"]


@given(st.floats(5, 5000), st.sampled_from([1.0, 1.5, 2.0]))
def test_the_scale_bar_is_right_at_its_depth(depth: float, ratio: float) -> None:
    pose = over_the_roofs()
    view = pose.view((640, 480))
    metres, length = scale_bar(view, depth, ratio)
    at = pose.eye + pose.forward * depth
    ends = projected(view, np.stack([at, at + pose.right * metres]))
    assert (ends[1, 0] - ends[0, 0]) / ratio == pytest.approx(length, rel=1e-6)
    assert 40 < length <= 130.001


@given(st.floats(0, 320), st.floats(0, 240), st.floats(1, 900))
def test_projection_is_the_inverse_of_the_ray(x: float, y: float, distance: float) -> None:
    view = over_the_roofs().view((320, 240))
    place = projected(view, view.eye + view.ray(x, y) * distance)[0]
    assert place[:2] == pytest.approx([x, y], abs=1e-4)
    assert 0 < place[2] <= distance * (1 + 1e-9)


def test_pins_that_would_cover_each_other_are_thinned_and_those_outside_left_out() -> None:
    places = np.array([[10.0, 10, 50], [12, 11, 20], [200, 50, 30], [-5, 10, 10], [40, 40, -3]])
    assert spread(places, QRectF(0, 0, 320, 240)) == [1, 2]


def test_the_outermost_points_reach_as_far_as_the_vertices_that_are_shown() -> None:
    frame = city(2, 40)
    frame.layers["a"].state[0, 3] = 0
    points = outermost_points(frame)
    assert 10 < len(points) < 400
    shown = []
    for tile in frame.layers["a"].tiles.values():
        for mesh in tile.drawables:
            assert isinstance(mesh, Mesh)
            seen = tile.rows[mesh.feature] != 0
            shown.append((mesh.positions + mesh.origin)[seen])
    every = np.concatenate(shown)
    for side in ([1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]):
        assert (points @ side).max() == pytest.approx((every @ side).max(), abs=1e-3)


def test_a_label_stands_where_its_object_is_picked() -> None:
    frame = city(2, 40)
    view = over_the_roofs().view((320, 240))
    hit = next(
        h for y in range(100, 240, 9) for x in range(0, 320, 9) if (h := pick(frame, view, x, y))
    )
    x, y, _ = projected(view, hit.world)[0]
    again = pick(frame, view, float(x), float(y))
    assert again is not None
    assert again.distance == pytest.approx(hit.distance, rel=1e-6)
    assert np.linalg.norm(again.world - ORIGIN) < 1000


@pytest.mark.qt
@pytest.mark.usefixtures("qapp")
def test_a_label_keeps_clear_of_what_stands_over_the_picture() -> None:
    area, legend = QRectF(0, 0, 620, 280), QRectF(374, 14, 232, 250)
    label = Label("Jewish Historical Museum", "overdue by 412 days", "#CD410C", "#FF8A5C", ORIGIN)
    for at in (QPointF(500, 150), QPointF(360, 90), QPointF(600, 20), QPointF(100, 200)):
        plate = label_plate(area, label, at, True, [legend])
        assert area.contains(plate)
        assert not plate.intersects(legend)
        other = label_plate(area, label, at, False, [legend, plate])
        assert not other.intersects(plate)


@pytest.mark.qt
@pytest.mark.usefixtures("qapp")
def test_a_label_with_no_room_anywhere_stays_where_it_belongs() -> None:
    area = QRectF(0, 0, 300, 60)
    label = Label("House", "fresh", "#3393CD", "#6DB6E4", ORIGIN)
    at = QPointF(150, 50)
    assert label_plate(area, label, at, True, [area]) == label_plate(area, label, at, True)
