"""Laws of clearance, faces and volumes: samples and other formulas agree, a missing triangle is noticed."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.test_picking import BOX, ORIGIN, SIDES, boxes_mesh, one_layer, resident
from twin.geometry import Instances
from twin.measuring.bodies import box_of_triangles, triangles_of, unseen_tiles
from twin.measuring.nearest import clearance, gaps, nearest_on
from twin.measuring.surfaces import face_at, solid_of
from twin.measuring.welding import weld

seeds = st.integers(0, 2**32 - 1)
GRID = np.array(
    [(i / 40, j / 40) for i in range(41) for j in range(41 - i)]
)  # shares of two sides of a triangle


def spots_on(triangle: np.ndarray) -> np.ndarray:
    a, b, c = triangle
    return np.asarray(a + GRID[:, :1] * (b - a) + GRID[:, 1:] * (c - a))


def box_triangles(size: tuple[float, float, float] = (1, 1, 1), at: float = 0.0) -> np.ndarray:
    return np.asarray((BOX * np.array(size) + at)[SIDES])


def any_motion(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return turn * np.sign(np.linalg.det(turn)), rng.uniform(-50, 50, 3)


@given(seeds)
@settings(max_examples=15)
def test_no_two_samples_of_two_triangles_are_nearer_than_the_distance_said(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, 3, 3))
    b = b + rng.normal(size=3) * 2
    distance, here, there = (x[0] for x in gaps(a[None], b[None]))
    apart = np.linalg.norm(spots_on(a)[:, None] - spots_on(b)[None], axis=2)
    longest = max(np.linalg.norm(t[i] - t[j]) for t in (a, b) for i, j in ((0, 1), (1, 2), (2, 0)))
    assert distance <= apart.min() + 1e-9
    assert apart.min() - distance <= longest / 40 * 2
    assert np.linalg.norm(here - there) == pytest.approx(distance, abs=1e-9)
    for point, triangle in ((here, a), (there, b)):
        assert np.linalg.norm(nearest_on(point[None], triangle[None])[0] - point) < 1e-7


def test_triangles_that_pass_through_each_other_or_share_a_plane_are_nowhere_apart() -> None:
    flat = np.array([[0.0, 0, 0], [4, 0, 0], [0, 4, 0]])
    through = np.array([[1.0, 1, -1], [1, 1, 1], [1.2, 1, 1]])
    inside = np.array([[0.5, 0.5, 0], [1, 0.5, 0], [0.5, 1, 0]])
    beyond = flat + np.array([0, 0, 0.25])
    distance, _, _ = gaps(np.stack([flat] * 3), np.stack([through, inside, beyond]))
    assert distance == pytest.approx([0, 0, 0.25], abs=1e-12)


@given(seeds)
@settings(max_examples=25)
def test_the_clearance_of_two_bodies_is_the_least_of_all_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(40, 1, 3)) * 4 + rng.normal(size=(40, 3, 3)) * 0.5
    b = rng.normal(size=(35, 1, 3)) * 4 + rng.normal(size=(35, 3, 3)) * 0.5 + rng.uniform(0, 12, 3)
    pairs = list(itertools.product(range(40), range(35)))
    every = gaps(a[[i for i, _ in pairs]], b[[j for _, j in pairs]])[0]
    found = clearance(a + ORIGIN, b + ORIGIN)
    assert found is not None
    assert found.distance == pytest.approx(every.min(), abs=1e-7)
    turn, shift = any_motion(seed)
    moved = clearance(b @ turn.T + shift, a @ turn.T + shift)
    assert moved is not None
    assert moved.distance == pytest.approx(found.distance, abs=1e-7)


def test_nothing_has_no_clearance() -> None:
    assert clearance(np.zeros((0, 3, 3)), box_triangles()) is None


@given(seeds, st.tuples(*[st.floats(0.2, 30)] * 3))
@settings(max_examples=40)
def test_the_volume_of_a_box_is_its_sides_multiplied_however_it_lies(
    seed: int, size: tuple[float, float, float]
) -> None:
    turn, shift = any_motion(seed)
    body = (box_triangles(size) @ turn.T).astype(np.float32) + shift + ORIGIN
    x, y, z = size
    found = solid_of(body)
    assert found.closed
    assert found.volume == pytest.approx(x * y * z, rel=1e-4)
    assert found.surface == pytest.approx(2 * (x * y + y * z + z * x), rel=1e-4)


@given(st.integers(0, 11))
def test_a_body_with_a_triangle_missing_or_turned_is_not_closed(which: int) -> None:
    body = box_triangles((3, 4, 5))
    assert not solid_of(np.delete(body, which, axis=0)).closed
    turned = body.copy()
    turned[which] = turned[which][::-1]
    assert not solid_of(turned).closed
    assert solid_of(turned).volume == 0.0


def test_a_room_in_a_block_is_taken_off_its_volume() -> None:
    outer, inner = box_triangles((10, 10, 10)), box_triangles((2, 3, 4), at=3.0)[:, ::-1]
    assert solid_of(np.concatenate([outer, inner])).volume == pytest.approx(1000 - 24)


def test_the_face_of_a_box_is_both_its_triangles_and_no_more() -> None:
    face = face_at(box_triangles((4, 3, 2)) + ORIGIN, np.array([1.0, 1.0, 2.0]) + ORIGIN)
    assert face is not None
    assert (face.area, face.plan, face.perimeter) == pytest.approx((12, 12, 14))
    assert face.normal == pytest.approx([0, 0, 1])
    side = face_at(box_triangles((4, 3, 2)), np.array([2.0, 0.0, 1.0]))
    assert side is not None
    assert (side.area, side.plan) == pytest.approx((8, 0))


def test_a_face_drawn_twice_counts_once_and_another_in_its_plane_does_not() -> None:
    body = box_triangles((4, 3, 2))
    beside = box_triangles((4, 3, 2)) + np.array([10.0, 0, 0])
    face = face_at(np.concatenate([body, body, beside]), np.array([1.0, 1.0, 2.0]))
    assert face is not None
    assert face.area == pytest.approx(12)
    assert face.perimeter == pytest.approx(14)


@given(seeds)
@settings(max_examples=40)
def test_points_nearer_than_half_the_tolerance_are_one_and_those_far_apart_are_not(
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    knots = rng.integers(0, 50, (30, 3)) * 0.01 + ORIGIN
    which = rng.integers(0, 30, 200)
    spread = rng.uniform(-1, 1, (200, 3))
    spread *= (0.00024 / np.maximum(np.linalg.norm(spread, axis=1), 1))[:, None]
    label = weld(knots[which] + spread, 0.001)
    _, same = np.unique(knots, axis=0, return_inverse=True)
    expected = same.ravel()[which]
    assert np.array_equal(label[:, None] == label, expected[:, None] == expected)


def test_triangles_of_rows_are_those_on_the_screen_with_lift_and_instances() -> None:
    mesh = boxes_mesh(np.array([[0.0, 0, 0], [5, 0, 0]]), np.full((2, 3), 2.0))
    copies = np.stack([np.eye(4)] * 3)
    copies[:, 0, 3] = [0, 20, 40]
    frame = one_layer(
        resident(mesh),
        resident(Instances(mesh, copies, np.arange(3, dtype=np.int32)), first_row=2),
    )
    part = frame.layers["a"]
    one = triangles_of(part, np.array([1], np.int32))
    assert box_of_triangles(one - ORIGIN) == pytest.approx([5, 0, 0, 7, 2, 2])
    copy = triangles_of(part, np.array([3], np.int32))
    assert box_of_triangles(copy - ORIGIN) == pytest.approx([20, 0, 0, 27, 2, 2])
    assert len(triangles_of(part, np.array([9], np.int32))) == 0


def test_an_object_is_all_there_when_each_of_its_tiles_or_one_above_or_below_is_drawn() -> None:
    """Tiles 1, 2 below the root 0, and 3, 4 below 1: the row stands in all of them."""
    mesh = boxes_mesh(np.zeros((1, 3)), np.full((1, 3), 2.0))
    parent = np.array([-1, 0, 0, 1, 1], np.int32)
    row = np.array([0], np.int32)
    geometry = dict.fromkeys(range(5), row)
    whole = one_layer(resident(mesh)).layers["a"]
    tile = whole.tiles[0]

    def unseen(*drawn: int) -> frozenset[int]:
        part = replace(whole, tiles=dict.fromkeys(drawn, tile))
        return unseen_tiles(part, geometry, parent, row)

    assert unseen(0) == frozenset()
    assert unseen(1, 2) == frozenset()
    assert unseen(3, 2) == {4}
    assert unseen(3, 4) == {2}
    assert unseen() == {0, 1, 2, 3, 4}
    beside = {tile: np.array([7], np.int32) for tile in range(5)}
    assert unseen_tiles(replace(whole, tiles={}), beside, parent, row) == frozenset()
