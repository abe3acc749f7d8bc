"""The ground looked up from above: exact on triangles, by brute force and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.conftest import DATA
from twin.geometry import F64
from twin.ground import Surface
from twin.jobs import Jobs
from twin.session import Session
from twin.tiles import View


def brute(triangles: F64, xy: F64) -> NDArray[np.float64]:
    found = np.full(len(xy), np.nan)
    for n, (x, y) in enumerate(xy):
        for a, b, c in triangles:
            m = np.array([[b[0] - a[0], c[0] - a[0]], [b[1] - a[1], c[1] - a[1]]])
            if abs(np.linalg.det(m)) < 1e-9:
                continue
            u, v = np.linalg.solve(m, [x - a[0], y - a[1]])
            if u >= -1e-9 and v >= -1e-9 and u + v <= 1 + 1e-9:
                found[n] = np.fmax(found[n], a[2] + u * (b[2] - a[2]) + v * (c[2] - a[2]))
    return found


def test_a_slope_by_hand() -> None:
    plane = np.array([[[0.0, 0, 0], [10, 0, 5], [0, 10, 0]]])
    found = Surface(plane).heights(np.array([[0.0, 0], [4, 2], [10, 0], [6, 6]]))
    assert found[:3] == pytest.approx([0.0, 2.0, 5.0])
    assert np.isnan(found[3])


def test_walls_and_broken_triangles_are_no_ground() -> None:
    wall = [[0.0, 0, 0], [10, 0, 0], [5, 0, 9]]
    broken = [[0.0, 0, 0], [np.nan, 0, 0], [5, 5, 9]]
    assert np.isnan(Surface(np.array([wall, broken])).heights(np.array([[5.0, 0.0]]))).all()
    assert np.isnan(Surface(np.zeros((0, 3, 3))).heights(np.array([[5.0, 0.0]]))).all()


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 30))
def test_it_is_the_highest_of_all_triangles_under_a_place(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    triangles = rng.uniform(-20, 20, (count, 3, 3)) + np.array([5e5, 5e6, 0])
    xy = rng.uniform(-22, 22, (30, 2)) + np.array([5e5, 5e6])
    assert np.allclose(
        Surface(triangles).heights(xy), brute(triangles, xy), atol=1e-6, equal_nan=True
    )


def test_a_session_knows_its_ground_as_it_is_shown() -> None:
    session = Session(jobs=Jobs(inline=True))
    session.open(str(DATA / "slope.tif"))
    session.finish()
    box = session.twin.bounds
    middle = (box[:3] + box[3:]) / 2
    eye = middle + np.array([0.0, 0.0, 300.0])
    down = View(eye, np.array([0.0, 0, -1]), np.array([0.0, 1, 0]), 60.0, (640, 480))
    session.settle(down, 1.0)
    place = middle[None, :2]
    found = session.ground(place)
    assert box[2] < found[0] < box[5]
    (layer,) = session.twin.layers
    session.run("layers.display", layer=layer, height_offset="7")
    assert session.ground(place) == pytest.approx(found + 7)
    assert np.isnan(session.ground(place + 10_000)).all()
    session.run("layers.hide", layer=layer)
    assert np.isnan(session.ground(place)).all()
    session.close()
