"""Laws of lengths, angles and areas: motions change nothing, other formulas agree."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Polygon

from twin.measuring.lines import Side, angle_at, angle_of_sides, area_of, between, length_of

ORIGIN = np.array([84_500.0, 447_600.0, 2.0])
numbers = st.floats(-100, 100, allow_nan=False, width=32)
places = st.tuples(numbers, numbers, numbers).map(np.array)
angles = st.floats(-np.pi, np.pi)


def turned(points: np.ndarray, yaw: float, tilt: float) -> np.ndarray:
    a = np.array([[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
    b = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    return np.asarray(points @ (a @ b).T)


@given(st.lists(places, min_size=2, max_size=8), angles)
def test_a_length_is_the_same_from_both_ends_and_wherever_north_is(
    points: list[np.ndarray], yaw: float
) -> None:
    here = np.stack(points)
    found, back = length_of(here), length_of(here[::-1])
    moved = length_of(turned(here, yaw, 0.0) + ORIGIN)
    assert back.space == pytest.approx(found.space)
    assert back.rise == pytest.approx(-found.rise)
    assert moved.space == pytest.approx(found.space, abs=1e-8)
    assert moved.plan == pytest.approx(found.plan, abs=1e-8)
    assert found.plan <= found.space + 1e-9
    assert found.space >= np.linalg.norm(here[-1] - here[0]) - 1e-9


def test_a_length_of_three_four_twelve() -> None:
    found = length_of(np.array([[0, 0, 0], [3, 4, 12]]) + ORIGIN)
    assert (found.space, found.plan, found.rise) == pytest.approx((13, 5, 12))
    assert found.slope == pytest.approx(np.degrees(np.arctan2(12, 5)))


def test_a_plumb_line_rises_ninety_degrees_and_a_point_has_no_slope() -> None:
    assert length_of(np.array([[1.0, 2, 3], [1, 2, 9]])).slope == 90.0
    assert np.isnan(length_of(np.array([[1.0, 2, 3], [1, 2, 3]])).slope)


@given(places, places, places)
def test_the_angles_of_a_triangle_make_half_a_turn(
    a: np.ndarray, b: np.ndarray, c: np.ndarray
) -> None:
    sides = [np.linalg.norm(x - y) for x, y in ((a, b), (b, c), (c, a))]
    if min(sides) < 1e-3:
        return
    total = angle_at(a, b, c) + angle_at(b, c, a) + angle_at(c, a, b)
    assert total == pytest.approx(180.0, abs=1e-6)


@given(places, places)
def test_an_angle_agrees_with_its_cosine(a: np.ndarray, b: np.ndarray) -> None:
    if min(np.linalg.norm(a), np.linalg.norm(b)) < 1e-3:
        return
    cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    assert np.cos(np.radians(between(a, b))) == pytest.approx(cosine, abs=1e-9)


@given(st.floats(5, 175), st.booleans(), st.booleans(), angles, angles)
def test_the_angle_of_two_faces_is_that_of_a_folded_sheet_whichever_way_the_normals_look(
    fold: float, first_up: bool, second_up: bool, yaw: float, tilt: float
) -> None:
    """A sheet folded along y: one half runs along +x, the other is turned up by ``fold`` from it."""
    way = np.array([np.cos(np.radians(fold)), 0, np.sin(np.radians(fold))])
    normals = np.array([[0.0, 0, 1], [-way[2], 0, way[0]]])
    normals *= np.array([[1.0 if first_up else -1.0], [1.0 if second_up else -1.0]])
    spots = np.stack([np.array([2.0, 5, 0]), 3 * way + np.array([0, -7, 0])])
    normals, spots = turned(normals, yaw, tilt), turned(spots, yaw, tilt) + ORIGIN
    found = angle_of_sides(Side(spots[0], normals[0]), Side(spots[1], normals[1]))
    assert found == pytest.approx(fold, abs=1e-6)


def test_parallel_faces_have_no_angle_and_an_edge_stands_upright_on_a_face() -> None:
    up, spot = np.array([0.0, 0, 1]), np.zeros(3)
    assert angle_of_sides(Side(spot, up), Side(spot + 5, -up)) == 0.0
    edge = Side(spot, np.array([0.0, 0, -3]), face=False)
    assert angle_of_sides(edge, Side(spot, up)) == pytest.approx(90.0)
    slanted = Side(spot, np.array([-1.0, 0, 1]), face=False)
    assert angle_of_sides(edge, slanted) == pytest.approx(45.0)


@given(st.lists(st.tuples(numbers, numbers), min_size=3, max_size=9, unique=True), angles)
def test_the_area_of_a_star_agrees_with_geos_and_tilting_changes_the_plan_only(
    corners: list[tuple[float, float]], tilt: float
) -> None:
    flat = np.array(corners)
    middle = flat.mean(axis=0)
    flat = flat[np.argsort(np.arctan2(*(flat - middle).T))]
    polygon = Polygon(flat)
    if not polygon.is_valid or polygon.area < 1:
        return
    points = np.column_stack([flat, np.zeros(len(flat))])
    found = area_of(turned(points, 0.3, tilt) + ORIGIN)
    assert found.space == pytest.approx(polygon.area, rel=1e-9)
    assert found.plan == pytest.approx(polygon.area * abs(np.cos(tilt)), rel=1e-6, abs=1e-6)
    assert found.perimeter == pytest.approx(polygon.length, rel=1e-9)
    assert found.bent < 1e-6


def test_a_bent_polygon_says_how_far() -> None:
    square = np.array([[0.0, 0, 0], [2, 0, 0], [2, 2, 0.4], [0, 2, 0]])
    assert area_of(square).bent > 0.05
    assert area_of(np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]])).space == 0.0
