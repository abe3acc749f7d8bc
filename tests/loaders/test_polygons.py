"""Laws of triangulation: triangles cover exactly what the rings enclose, in any plane."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from loaders._polygons import BLOCK, Triangulated, triangulate
from loaders._rings import newell
from twin.geometry import F64

Ints = NDArray[np.int32]


def _star(radii: list[float], clockwise: bool = False) -> F64:
    """Return a ring f64(n, 3) in the plane z = 0, star-shaped about the origin."""
    angle = np.arange(len(radii)) * 2 * math.pi / len(radii)
    ring = np.stack([np.cos(angle) * radii, np.sin(angle) * radii, np.zeros(len(radii))], axis=1)
    return ring[::-1] if clockwise else ring


def _plane(seed: int) -> tuple[F64, F64]:
    """Return a random rotation and a shift as large as national coordinates."""
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return turn, rng.uniform(-1, 1, 3) * 1e3


def _measured(points: F64, found: Triangulated) -> F64:
    corner = points[found.triangles]
    cross = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    return np.asarray(np.linalg.norm(cross, axis=1) / 2, np.float64)


def _ring_area(ring: F64) -> float:
    vector = newell(ring, np.array([len(ring)], np.int32))
    return float(np.linalg.norm(vector[0]) / 2)


radii = st.lists(st.floats(2.0, 9.0), min_size=3, max_size=40)
hole_radii = st.lists(st.floats(0.2, 0.45), min_size=3, max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    outer=radii, hole=st.none() | hole_radii, clockwise=st.booleans(), seed=st.integers(0, 2**16)
)
def test_triangles_cover_a_star_shaped_polygon_less_its_hole_in_any_plane(
    outer: list[float], hole: list[float] | None, clockwise: bool, seed: int
) -> None:
    rings = [_star(outer)]
    if hole is not None:
        inner = math.cos(math.pi / len(outer)) * min(outer)
        rings.append(_star([r * inner for r in hole], clockwise))
    turn, shift = _plane(seed)
    points = np.concatenate(rings) @ turn.T + shift
    size = np.array([len(ring) for ring in rings], np.int32)
    found = triangulate(points, size, np.array([len(rings)], np.int32))
    expected = _ring_area(rings[0]) - sum(_ring_area(ring) for ring in rings[1:])
    assert _measured(points, found).sum() == pytest.approx(expected, rel=1e-7)
    assert found.area[0] == pytest.approx(expected, rel=1e-7)
    assert not found.degenerate[0]
    assert not found.torn[0]


@settings(max_examples=25, deadline=None)
@given(outer=radii, seed=st.integers(0, 2**16), reverse=st.booleans())
def test_triangles_turn_the_way_their_ring_turns(
    outer: list[float], seed: int, reverse: bool
) -> None:
    turn, shift = _plane(seed)
    points = _star(outer, reverse) @ turn.T + shift
    found = triangulate(points, np.array([len(points)], np.int32), np.array([1], np.int32))
    corner = points[found.triangles]
    cross = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    assert (cross @ found.normal[0] > -1e-9).all()


@settings(max_examples=25, deadline=None)
@given(counts=st.lists(st.integers(0, 9), min_size=0, max_size=8), seed=st.integers(0, 2**16))
def test_many_polygons_at_a_time_give_what_each_gives_alone(counts: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    rings = [_star(list(rng.uniform(1, 5, n))) + 20.0 * k for k, n in enumerate(counts)]
    points = np.concatenate([np.zeros((0, 3)), *rings])
    size = np.array(counts, np.int32)
    together = triangulate(points, size, np.ones(len(counts), np.int32))
    area = np.bincount(together.polygon, _measured(points, together), minlength=len(counts))
    for k, ring in enumerate(rings):
        assert area[k] == pytest.approx(_ring_area(ring), abs=1e-9)
        assert together.degenerate[k] == (len(ring) < 3)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 6), max_size=6), max_size=5),
    st.lists(
        st.tuples(*[st.sampled_from([0.0, 1.0, -2.0, 1e9, math.nan, math.inf])] * 3),
        min_size=7,
        max_size=7,
    ),
)
def test_any_rings_at_all_give_an_answer(
    rings: list[list[int]], vertices: list[tuple[float, float, float]]
) -> None:
    places = np.array(vertices)
    flat = [index for ring in rings for index in ring]
    points = places[np.array(flat, np.int64)].reshape(-1, 3)
    size = np.array([len(ring) for ring in rings], np.int32)
    found = triangulate(points, size, np.array([len(rings)], np.int32))
    assert found.triangles.min(initial=0) >= 0
    assert found.triangles.max(initial=-1) < max(len(points), 1)


def test_a_closed_ring_is_read_as_an_open_one() -> None:
    square = np.array([[0, 0, 0], [4, 0, 0], [4, 3, 0], [0, 3, 0], [0, 0, 0]], float)
    found = triangulate(square, np.array([5], np.int32), np.array([1], np.int32))
    assert _measured(square, found).sum() == pytest.approx(12)
    assert len(found.triangles) == 2


@pytest.mark.parametrize(
    "ring",
    [
        [[0, 0, 0], [1, 1, 1], [2, 2, 2]],
        [[0, 0, 0], [1, 1, 1], [2, 2, 2], [3, 3, 3], [5, 5, 5]],
        [[1, 2, 3], [1, 2, 3], [1, 2, 3]],
        [[1, 2, 3], [4, 5, 6]],
        [[1, 2, 3]],
        [],
    ],
)
def test_a_ring_that_encloses_nothing_is_told_and_draws_nothing(ring: list[list[float]]) -> None:
    points = np.array(ring, float).reshape(-1, 3)
    found = triangulate(points, np.array([len(ring)], np.int32), np.array([1], np.int32))
    assert found.degenerate.tolist() == [True]
    assert len(found.triangles) == 0


def test_a_ring_that_crosses_itself_is_told() -> None:
    bow = np.array([[0, 0, 0], [4, 4, 0], [4, 0, 0], [0, 1, 0], [-3, 2, 0]], float)
    found = triangulate(bow, np.array([5], np.int32), np.array([1], np.int32))
    assert found.torn.tolist() == [True]


def test_a_hole_that_is_no_ring_is_told_and_the_rest_is_drawn() -> None:
    points = np.array([[0, 0, 0], [4, 0, 0], [4, 4, 0], [0, 4, 0], [1, 1, 0], [2, 2, 0]], float)
    found = triangulate(points, np.array([4, 2], np.int32), np.array([2], np.int32))
    assert found.torn.tolist() == [True]
    assert _measured(points, found).sum() == pytest.approx(16)


def test_more_corners_than_a_block_holds_are_all_triangulated() -> None:
    count = BLOCK // 4 + 100
    square = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], float)
    points = np.tile(square, (count, 1))
    points[:, 2] = np.repeat(np.arange(count), 4)
    found = triangulate(points, np.full(count, 4, np.int32), np.ones(count, np.int32))
    assert (np.bincount(found.polygon, minlength=count) == 2).all()
    assert _measured(points, found).sum() == pytest.approx(count)
    assert (points[found.triangles[:, 0], 2] == found.polygon).all()


def test_no_polygons_give_no_triangles() -> None:
    nothing = np.zeros(0, np.int32)
    assert len(triangulate(np.zeros((0, 3)), nothing, nothing).triangles) == 0
