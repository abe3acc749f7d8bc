"""Batches say the same as the drawables they come from."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ui.viewport.frames import ORIGIN, city, over_the_roofs, street
from twin.geometry import Image, Instances, Lines, Material, Mesh, Points
from twin.streaming import Resident
from twin.tiles import View
from ui.viewport.actors import spacing_of
from ui.viewport.batches import batches, biggest, creases, outlines, srgb
from ui.viewport.detail import RESOLUTIONS, SHARES, Pace, inside, levels, resolution
from ui.viewport.shaders import Kind


def mesh_of(resident: Resident) -> Mesh:
    mesh = resident.drawables[0]
    assert isinstance(mesh, Mesh)
    return mesh


def with_drawables(resident: Resident, *drawables: Mesh | Instances | Lines | Points) -> Resident:
    return replace(resident, drawables=drawables)


def test_plain_materials_become_one_batch_with_their_colours_in_the_vertices() -> None:
    tile = street(1, 4, ORIGIN)
    mesh = mesh_of(tile)
    red = replace(mesh, material=Material(color=(1.0, 0.0, 0.0, 1.0)), origin=ORIGIN + 7.0)
    (batch,) = batches(with_drawables(tile, mesh, red))
    count = len(mesh.positions)
    assert len(batch.cells) == 2 * len(mesh.triangles)
    assert batch.colors[-1].tolist() == [255, 0, 0, 255]
    assert batch.colors[0].tolist() == srgb((0.6, 0.55, 0.5, 1.0)).tolist()
    world = batch.positions.astype(np.float64) + batch.origin
    assert world[:count] == pytest.approx(mesh.positions + mesh.origin, abs=1e-3)
    assert world[count:] == pytest.approx(mesh.positions + mesh.origin + 7.0, abs=1e-3)


def test_pictures_and_see_through_materials_stay_apart_and_equal_ones_merge() -> None:
    tile = street(1, 2, ORIGIN)
    mesh = mesh_of(tile)
    uv = np.zeros((len(mesh.positions), 2), np.float32)
    image = Image("roof", pixels=np.zeros((2, 2, 3), np.uint8))
    dressed = replace(mesh, material=Material(image=image), uv=uv)
    glass = replace(mesh, material=Material(color=(1, 1, 1, 0.3), alpha_mode="blend"))
    found = batches(with_drawables(tile, mesh, dressed, dressed, glass))
    assert len(found) == 3
    assert sorted(len(b.cells) for b in found) == [28, 28, 56]
    assert sum(b.uv is not None for b in found) == 1


def test_instances_are_multiplied_out_where_their_matrices_say() -> None:
    tile = street(1, 1, ORIGIN)
    mesh = mesh_of(tile)
    transforms = np.tile(np.eye(4), (3, 1, 1))
    transforms[:, 0, 3] = [0.0, 100.0, 200.0]
    item = Instances(mesh, transforms, np.array([4, 5, 6], np.int32))
    (batch,) = batches(with_drawables(tile, item))
    world = batch.positions.astype(np.float64) + batch.origin
    wanted = mesh.positions + mesh.origin + [200.0, 0.0, 0.0]
    assert world[-len(mesh.positions) :] == pytest.approx(wanted, abs=1e-3)
    assert batch.feature[:: len(mesh.positions)].tolist() == [4, 5, 6]
    assert len(batch.cells) == 3 * len(mesh.triangles)


def test_lines_and_points_keep_their_kind() -> None:
    tile = street(1, 1, ORIGIN)
    ends = np.zeros((2, 3), np.float32)
    line = Lines(ORIGIN, ends, np.array([[0, 1]], np.int32), np.zeros(2, np.int32))
    cloud = Points(ORIGIN, ends, np.zeros(2, np.int32))
    found = batches(with_drawables(tile, line, cloud))
    assert [b.kind for b in found] == [Kind.LINES, Kind.POINTS]
    assert [b.cells.shape for b in found] == [(1, 2), (2, 1)]


def test_a_house_has_its_creases_and_no_diagonals() -> None:
    mesh = mesh_of(street(3, 1, ORIGIN))
    edges = {
        tuple(sorted(e)) for e in creases(mesh.positions, mesh.triangles, mesh.feature).tolist()
    }
    walls = {(0, 1), (1, 2), (2, 3), (0, 3), (0, 4), (1, 5), (2, 6), (3, 7)}
    roof = {(4, 8), (5, 8), (6, 9), (7, 9), (8, 9), (5, 6), (4, 7)}
    assert edges == walls | roof


def test_split_vertices_make_no_edges_of_their_own() -> None:
    mesh = mesh_of(street(3, 1, ORIGIN))
    split = mesh.positions[mesh.triangles.ravel()]
    triangles = np.arange(len(split), dtype=np.int32).reshape(-1, 3)
    again = creases(split, triangles, np.zeros(len(split), np.int32))
    assert len(again) == len(creases(mesh.positions, mesh.triangles, mesh.feature))


def test_outlines_use_the_edges_that_a_mesh_brings() -> None:
    tile = street(3, 2, ORIGIN)
    own = np.array([[0, 1], [10, 11]], np.int32)
    found = outlines(with_drawables(tile, replace(mesh_of(tile), edges=own)))
    assert found is not None
    assert len(found.cells) == 2
    assert found.feature.tolist() == [0, 0, 1, 1]


def test_the_biggest_triangles_are_the_ones_with_the_largest_area() -> None:
    (batch,) = batches(street(5, 20, ORIGIN))
    kept = biggest(batch, 0.25)
    corners = batch.positions[batch.cells]
    area = np.linalg.norm(
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
    )
    limit = np.sort(area)[-len(kept)]
    assert len(kept) == round(len(area) * 0.25)
    assert {tuple(c) for c in kept.tolist()} <= {
        tuple(c) for c in batch.cells[area >= limit * (1 - 1e-6)].tolist()
    }


@settings(deadline=None)
@given(st.floats(1.0, 1e6), st.integers(0, 2**31))
def test_the_detail_keeps_the_budget_where_the_coarsest_allows_and_never_coarsens_near_before_far(
    budget: float, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    low = chance.uniform(-500, 500, (30, 3))
    boxes = np.concatenate([low, low + 50], axis=1)
    triangles = chance.integers(1, 20_000, 30)
    view = city_view()
    chosen = levels(view, boxes, triangles, budget)
    seen = inside(view, boxes)
    spent = float((triangles * chosen)[seen].sum())
    assert spent <= budget * (1 + 1e-9) + SHARES[-1] * triangles[seen].sum()
    assert (chosen[~seen] == 1).all()
    gap = np.maximum(np.maximum(boxes[:, :3] - view.eye, view.eye - boxes[:, 3:]), 0)
    near = np.argsort(np.linalg.norm(gap[seen], axis=1), kind="stable")
    assert (np.diff(chosen[seen][near]) <= 0).all()


def city_view() -> View:
    return replace(over_the_roofs(), eye=np.zeros(3)).view((320, 240))


def test_the_pace_learns_how_fast_the_machine_is() -> None:
    pace = Pace()
    for _ in range(30):
        pace = pace.observed(1e6, 205.0)
    assert pace.budget(105.0) == pytest.approx(0.5e6, rel=0.05)
    assert pace.coarser(0.4e6, 105.0) == 1.0
    assert pace.coarser(2e6, 105.0) == pytest.approx(2.0, rel=0.05)


@given(st.sampled_from(RESOLUTIONS), st.floats(0.5, 200), st.floats(5, 100))
def test_a_picture_gets_coarser_only_when_late_and_finer_only_with_room(
    now: float, took: float, wished: float
) -> None:
    then = resolution(now, took, wished)
    assert then in RESOLUTIONS
    if then < now:
        assert took > wished
    if then > now:
        assert took * (then / now) ** 2 < wished
        assert resolution(then, took * (then / now) ** 2, wished) >= then  # it does not flicker


def test_the_batches_of_a_city_hold_every_triangle_once() -> None:
    for tile in city().layers["a"].tiles.values():
        assert sum(len(b.cells) for b in batches(tile)) == len(mesh_of(tile).triangles)


def test_points_lie_as_far_apart_as_their_grid() -> None:
    x, y = np.meshgrid(np.arange(100), np.arange(50))
    grid = np.stack([x.ravel() * 0.5, y.ravel() * 0.5, x.ravel() * 0], axis=1).astype(np.float32)
    assert abs(spacing_of(grid) - 0.5) < 0.02
    assert spacing_of(grid[:1]) == 0.0
