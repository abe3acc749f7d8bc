"""Section planes: what they cut away, and the faces they leave."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from twin.geometry import F64, Instances, Material, Mesh, Points
from twin.records import Section
from twin.sections import (
    NO_PLANES,
    Cap,
    box_planes,
    cap_of,
    crossing,
    cut_away,
    equations,
    flipped,
    gone,
    is_box,
    lowered,
    plane_through,
)

LEVEL = np.array([0.0, 0.0, 1.0, 1.0])
"""Cuts away what is above one metre."""
NEAR = np.zeros(3)
coordinate = st.floats(-500, 500)
angle = st.floats(0, 2 * np.pi)


def solid(shape: shapely.Polygon, low: float = 0.0, high: float = 3.0, feature: int = 0) -> Mesh:
    """A closed prism over a polygon, as a soup of triangles that turn outwards."""
    shape = shapely.geometry.polygon.orient(shape)
    corners: list[list[list[float]]] = []
    for piece in shapely.get_parts(shapely.constrained_delaunay_triangles(shape)):
        flat = shapely.get_coordinates(shapely.geometry.polygon.orient(piece))[:3]
        corners.append([[x, y, high] for x, y in flat])
        corners.append([[x, y, low] for x, y in flat[::-1]])
    for ring in (shape.exterior, *shape.interiors):
        line = shapely.get_coordinates(ring)
        for (x, y), (u, v) in pairwise(line):
            corners.append([[x, y, low], [u, v, low], [u, v, high]])
            corners.append([[x, y, low], [u, v, high], [x, y, high]])
    points = np.array(corners, np.float32).reshape(-1, 3)
    cells = np.arange(len(points), dtype=np.int32).reshape(-1, 3)
    return Mesh(np.zeros(3), points, cells, np.full(len(points), feature, np.int32))


def changed(mesh: Mesh, cells: NDArray[np.integer] | None = None, **values: Any) -> Mesh:
    if cells is not None:
        values["triangles"] = np.asarray(cells, np.int32)
    return replace(mesh, **values)


def cut(*meshes: Mesh | Instances, plane: Sequence[float] | F64 = LEVEL) -> Cap:
    found = cap_of(meshes, np.asarray(plane, np.float64), NEAR)
    assert found is not None
    return found


def meshed_area(cap: Cap) -> float:
    corners = cap.mesh.positions.astype(np.float64)[cap.mesh.triangles]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return float(np.linalg.norm(across, axis=1).sum() / 2)


SQUARE = shapely.box(0, 0, 4, 3)
RING = shapely.Polygon([(0, 0), (6, 0), (6, 5), (0, 5)], [[(1, 1), (2, 1), (2, 4), (1, 4)]])
L_SHAPE = shapely.Polygon([(0, 0), (5, 0), (5, 2), (2, 2), (2, 6), (0, 6)])


@st.composite
def stars(draw: st.DrawFn) -> shapely.Polygon:
    """A star-shaped polygon, with a hole round its middle now and then."""
    reaches = draw(st.lists(st.floats(2.0, 9.0), min_size=4, max_size=12))
    turn = np.linspace(0, 2 * np.pi, len(reaches), endpoint=False)
    line = np.stack([np.cos(turn), np.sin(turn)], 1) * np.array(reaches)[:, None]
    holes = [line * 0.3] if draw(st.booleans()) else []
    return shapely.Polygon(line.round(3), [hole.round(3) for hole in holes])


@given(stars())
@settings(max_examples=60, deadline=None)
def test_a_level_cut_through_a_prism_is_its_ground_plan(shape: shapely.Polygon) -> None:
    cap = cut(solid(shape))
    assert cap.area == pytest.approx([shape.area], rel=1e-4)
    assert meshed_area(cap) == pytest.approx(shape.area, rel=1e-4)
    assert not cap.open.any()


@given(stars(), st.floats(-0.15, 0.15), angle)
@settings(max_examples=40, deadline=None)
def test_a_tilted_cut_is_as_much_larger_as_it_is_tilted(
    shape: shapely.Polygon, tilt: float, turn: float
) -> None:
    normal = np.array([np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn), np.cos(tilt)])
    cap = cut(solid(shape, -3.0, 3.0), plane=[*normal, 0.0])
    assert cap.area.sum() * np.cos(tilt) == pytest.approx(shape.area, rel=1e-3)


@given(stars(), angle, st.floats(-1.5, 1.5))
@settings(max_examples=40, deadline=None)
def test_both_sides_of_a_plane_have_the_same_face(
    shape: shapely.Polygon, turn: float, offset: float
) -> None:
    plane = np.array([np.cos(turn), np.sin(turn), 0.0, offset + 1e-3])
    mesh = solid(shape)
    assert cut(mesh, plane=plane).area == pytest.approx(cut(mesh, plane=-plane).area, abs=1e-3)


@given(stars(), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_triangles_and_shared_corners_change_nothing(
    shape: shapely.Polygon, random: Random
) -> None:
    mesh = solid(shape)
    order = np.random.default_rng(random.randint(0, 2**31)).permutation(len(mesh.triangles))
    points, where = np.unique(mesh.positions, axis=0, return_inverse=True)
    shared = changed(
        mesh,
        where.reshape(-1)[mesh.triangles[order]],
        positions=points,
        feature=np.zeros(len(points), np.int32),
    )
    assert cut(shared).area == pytest.approx(cut(mesh).area, rel=1e-6)


@pytest.mark.parametrize("shape", [SQUARE, RING, L_SHAPE])
def test_surfaces_wound_inside_out_are_solid_all_the_same(shape: shapely.Polygon) -> None:
    mesh = solid(shape)
    cap = cut(changed(mesh, mesh.triangles[:, ::-1]))
    if shape is RING:  # only the outermost of a nested pair can be told
        assert cap.area.sum() >= shape.area * 0.9
    else:
        assert cap.area == pytest.approx([shape.area])


@pytest.mark.parametrize("shape", [SQUARE, RING, L_SHAPE])
def test_surfaces_given_twice_both_ways_round_are_solid(shape: shapely.Polygon) -> None:
    mesh = solid(shape)
    cap = cut(changed(mesh, np.concatenate([mesh.triangles, mesh.triangles[:, ::-1]])))
    assert cap.area == pytest.approx([shape.area], rel=1e-3)


def test_a_solid_given_twice_counts_once() -> None:
    mesh = solid(RING)
    cap = cut(changed(mesh, np.concatenate([mesh.triangles, mesh.triangles])))
    assert cap.area == pytest.approx([RING.area], rel=1e-3)


def test_a_surface_with_a_gap_stays_an_open_outline() -> None:
    mesh = solid(SQUARE)
    cap = cut(changed(mesh, mesh.triangles[:-1]))
    assert cap.open.tolist() == [True]
    assert cap.area.tolist() == [0.0]
    assert cap.mesh.edges is not None
    assert len(cap.mesh.edges) == 7


def test_a_gap_narrower_than_the_tolerance_closes() -> None:
    mesh = solid(SQUARE)
    points = mesh.positions.copy()
    points[-3:] += np.float32(0.0008)
    cap = cut(changed(mesh, positions=points))
    assert not cap.open.any()
    assert cap.area == pytest.approx([12.0], rel=1e-3)


def test_layers_that_touch_keep_their_own_colours() -> None:
    brick = changed(solid(shapely.box(0, 0, 1, 4)), material=Material(color=(1, 0, 0, 1)))
    wool = changed(solid(shapely.box(1, 0, 3, 4)), material=Material(color=(0, 0, 1, 1)))
    cap = cut(brick, wool)
    assert cap.area == pytest.approx([12.0])
    corners = cap.mesh.positions[cap.mesh.triangles].astype(np.float64)
    assert cap.mesh.colors is not None
    red = cap.mesh.colors[cap.mesh.triangles[:, 0], 0] > 200
    along = corners @ np.array([1.0, 0, 0]) + cap.mesh.origin[0]
    assert along[red].max() <= 1 + 1e-6
    assert along[~red].min() >= 1 - 1e-6


def test_a_surface_in_several_parts_closes_across_them() -> None:
    mesh = solid(L_SHAPE)
    half = len(mesh.triangles) // 2
    cap = cut(changed(mesh, mesh.triangles[:half]), changed(mesh, mesh.triangles[half:]))
    assert not cap.open.any()
    assert cap.area == pytest.approx([L_SHAPE.area])


def test_solids_that_share_a_wall_are_both_solid() -> None:
    mesh = solid(shapely.box(0, 0, 1, 1))
    other = solid(shapely.box(1, 0, 2, 1))
    both = np.concatenate([mesh.positions, other.positions])
    cells = np.arange(len(both), dtype=np.int32).reshape(-1, 3)
    cap = cut(Mesh(NEAR, both, cells, np.zeros(len(both), np.int32)))
    assert cap.area == pytest.approx([2.0], rel=1e-3)
    assert not cap.open.any()


def test_each_object_has_a_face_of_its_own() -> None:
    parts = [solid(shapely.box(5 * i, 0, 5 * i + 1 + i, 1), feature=i) for i in range(4)]
    cap = cut(*parts)
    assert cap.feature.tolist() == [0, 1, 2, 3]
    assert cap.area == pytest.approx([1, 2, 3, 4])


def test_background_is_capped_too_and_belongs_to_nobody() -> None:
    cap = cut(solid(RING, feature=-1))
    assert cap.feature.tolist() == [-1]
    assert cap.area == pytest.approx([RING.area])


def test_instances_are_cut_where_they_stand() -> None:
    moves = np.tile(np.eye(4), (3, 1, 1))
    moves[1, :3, 3] = (20, 0, 0)
    moves[2, :3, 3] = (0, 0, 50)  # above the plane
    moves[1, 0, 0] = -1.0  # mirrored
    cap = cut(Instances(solid(L_SHAPE), moves, np.array([7, 8, 9], np.int32)))
    assert cap.feature.tolist() == [7, 8]
    assert cap.area == pytest.approx([L_SHAPE.area, L_SHAPE.area])


def test_a_face_that_lies_in_the_plane_is_kept_and_needs_no_cap() -> None:
    assert cap_of((solid(SQUARE, -2.0, 1.0),), LEVEL, NEAR) is None
    below = cut(solid(SQUARE, 1.0, 2.0))
    assert below.area == pytest.approx([12.0])


def test_what_another_plane_cuts_away_altogether_gets_no_cap() -> None:
    parts = (solid(SQUARE, feature=0), solid(shapely.box(20, 0, 24, 3), feature=1))
    beyond = np.array([[1.0, 0, 0, 10.0]])
    cap = cap_of(parts, LEVEL, NEAR, beyond)
    assert cap is not None
    assert cap.feature.tolist() == [0]


def test_points_and_tiles_off_the_plane_have_no_cap() -> None:
    dots = Points(NEAR, np.zeros((4, 3), np.float32), np.zeros(4, np.int32))
    assert cap_of((dots, solid(SQUARE, 5.0, 8.0)), LEVEL, NEAR) is None


def test_coordinates_far_from_zero_cost_no_precision() -> None:
    far = np.array([4_000_000.0, 5_200_000.0, 300.0])
    mesh = changed(solid(RING), origin=far)
    cap = cap_of((mesh,), np.array([0, 0, 1.0, 301.0]), far)
    assert cap is not None
    assert cap.area == pytest.approx([RING.area], rel=1e-5)


@given(st.lists(st.tuples(coordinate, coordinate, coordinate), min_size=1, max_size=20), angle)
def test_a_box_keeps_its_inside_and_nothing_else(
    points: list[tuple[float, float, float]], turn: float
) -> None:
    box = np.array([-100.0, -50, 0, 100, 80, 60])
    planes = equations([Section("a", "A", box_planes(box, float(np.degrees(turn))))])
    place = np.array(points)
    middle, back = np.array([0, 15, 30.0]), place - np.array([0, 15, 30.0])
    turned = np.stack(
        [
            back[:, 0] * np.cos(turn) + back[:, 1] * np.sin(turn),
            back[:, 1] * np.cos(turn) - back[:, 0] * np.sin(turn),
            back[:, 2],
        ],
        1,
    )
    outside = (np.abs(turned) - np.array([100, 65, 30])).max(axis=1)
    sure = np.abs(outside) > 1e-6
    assert (cut_away(place, planes) == (outside > 0))[sure].all()
    assert not cut_away(middle, planes).any()


@given(st.tuples(coordinate, coordinate, coordinate), angle, st.floats(-50, 50))
def test_a_box_of_a_tile_is_never_called_gone_while_a_corner_is_kept(
    corner: tuple[float, float, float], turn: float, offset: float
) -> None:
    plane = np.array([[np.cos(turn), np.sin(turn), 0, offset]])
    box = np.array([[*corner, *np.add(corner, (30, 20, 10))]])
    corners = np.array([[box[0, 3 * (i >> k & 1) + k] for k in range(3)] for i in range(8)])
    away = cut_away(corners, plane)
    assert bool(gone(box, plane)[0]) <= bool(away.all())
    if away.any() and not away.all():
        assert crossing(box, plane)[0, 0]


def test_hidden_sections_cut_nothing_and_several_all_cut() -> None:
    one = plane_through((0, 0, 5), (0, 0, 2))
    two = plane_through((3, 0, 0), (1, 0, 0))
    both = [Section("a", "A", (one,)), Section("b", "B", (two,), visible=False)]
    assert equations(both).tolist() == [[0, 0, 1, 5]]
    assert equations([]).shape == NO_PLANES.shape
    assert cut_away(np.array([4.0, 0, 0]), equations([both[0], Section("b", "B", (two,))]))[0]


def test_a_lifted_layer_is_cut_lower_in_its_own_heights() -> None:
    assert lowered(LEVEL[None], 10.0).tolist() == [[0, 0, 1, -9]]


def test_a_flipped_plane_keeps_what_it_cut() -> None:
    plane = plane_through((1, 2, 3), (0, 3, 4))
    there = equations([Section("a", "A", (plane,))])
    back = equations([Section("a", "A", (flipped(plane),))])
    assert np.allclose(there, -back)


@pytest.mark.parametrize("normal", [(0, 0, 0), (np.nan, 0, 1), (np.inf, 0, 0)])
def test_a_plane_without_direction_is_refused(normal: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="normal"):
        plane_through((0, 0, 0), normal)


def test_only_an_upright_box_is_called_a_box() -> None:
    planes = box_planes(np.array([0.0, 0, 0, 1, 2, 3]), 30.0)
    assert is_box(Section("a", "A", planes))
    assert not is_box(Section("a", "A", planes[:5]))
    assert not is_box(Section("a", "A", (*planes[:5], plane_through((0, 0, 0), (0, 1, 1)))))


UPRIGHT = np.array([0.0, 1.0, 0.0, 1.0])


def without_floor(mesh: Mesh) -> Mesh:
    corners = mesh.positions[mesh.triangles]
    return changed(mesh, mesh.triangles[(corners[..., 2] > 0).any(axis=1)])


def test_a_building_without_a_floor_is_closed_along_its_feet() -> None:
    cap = cut(without_floor(solid(RING)), plane=[0.0, 1.0, 0.0, 0.5])
    assert cap.area == pytest.approx([18.0])
    assert cap.footed.tolist() == [True]
    assert not cap.open.any()


def test_walls_round_a_courtyard_each_stand_on_their_feet() -> None:
    cap = cut(without_floor(solid(RING)), plane=[0.0, 1.0, 0.0, 2.0])
    assert cap.area == pytest.approx([15.0])


def test_a_level_cut_or_a_hill_is_never_closed_along_feet() -> None:
    gap = solid(SQUARE)
    assert not cut(changed(gap, gap.triangles[:-1])).footed.any()
    line = np.array([[0, 0, 0], [5, 0, 2], [10, 0, 0]], np.float32)
    points = np.concatenate([line, line + np.array([0, 3, 0], np.float32)])
    cells = np.array([[0, 1, 4], [0, 4, 3], [1, 2, 5], [1, 5, 4]], np.int32)
    hill = cut(Mesh(NEAR, points, cells, np.zeros(6, np.int32)), plane=UPRIGHT)
    assert hill.area.tolist() == [0.0]
    assert hill.open.tolist() == [True]
    assert not hill.footed.any()
