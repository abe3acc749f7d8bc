"""A source in the project frame: what is drawn stands where the exact path puts it, in its box."""

import pickle
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from twin.features import FeatureTable, texts
from twin.geometry import F64, Drawable, Instances, Lines, Mesh, Points, box_of
from twin.georeference import Georeference, Ground, Placed, ProjectFrame, open_in, parse_crs, stand
from twin.georeference.contents import moved_bounds, moved_content
from twin.georeference.placed import moved_tree
from twin.observations import Observations
from twin.ports import SILENT, Content, Feedback, Growth, Lane, Opened, Options
from twin.records import About, Placement, SourceRef
from twin.tiles import Gates, TileTree

RD_NAP = ProjectFrame.of("EPSG:7415")


def ecef_at(lon: float, lat: float, height: float = 45.0) -> F64:
    there = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    return np.asarray(there.transform(lon, lat, height), np.float64)


def mesh_at(origin: F64, reach: float, seed: int = 0, count: int = 60) -> Mesh:
    rng = np.random.default_rng(seed)
    positions = ((rng.random((count, 3)) - 0.5) * 2 * reach).astype(np.float32)
    triangles = np.arange(count, dtype=np.int32).reshape(-1, 3)
    feature = (np.arange(count) // 30).astype(np.int32)
    normals = np.tile(np.array([0, 0, 1], np.float32), (count, 1))
    return Mesh(origin, positions, triangles, feature, normals=normals)


def points_of(item: Any) -> F64:
    if isinstance(item, Instances):
        own = item.mesh.positions.astype(np.float64) + item.mesh.origin
        moved = np.einsum("kij,vj->kvi", item.transforms[:, :3, :3], own)
        moved = moved + item.transforms[:, None, :3, 3]
        return np.asarray(moved.reshape(-1, 3), np.float64)
    return np.asarray(item.positions.astype(np.float64) + item.origin, np.float64)


def two_rows(bounds: F64) -> FeatureTable:
    n = len(bounds)
    return FeatureTable(
        texts([f"b{i}" for i in range(n)]), np.zeros(n, np.uint16), ("Building",),
        np.full(n, -1, np.int32), bounds,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class OneMesh:
    """A source of one tile for the tests: what it says is what it is given."""

    drawables: tuple[Drawable, ...]
    crs: str = ""
    vertical: str = ""
    frame: F64 | None = None
    lane: Lane = Lane.THREAD

    def open(self, feedback: Feedback) -> Opened:
        boxes = np.stack([box_of(item) for item in self.drawables])
        tree = TileTree.single(np.concatenate([boxes[:, :3].min(0), boxes[:, 3:].max(0)]))
        return Opened(
            "One", About("x", crs=self.crs, vertical=self.vertical), tree, two_rows(boxes),
            Observations.empty(), ready={0: Content(self.drawables)}, frame=self.frame,
        )  # fmt: skip

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | Growth | None:
        if token == "growth":
            return Growth(self.open(feedback).tree, ("t",))
        return Content(self.drawables) if token != "nothing" else None


def inside(points: F64, tree: TileTree, tile: int = 0) -> bool:
    axes = tree.axes[tile].astype(np.float64)
    half = np.linalg.norm(axes, axis=1)
    along = (points - tree.center[tile]) @ (axes / half[:, None]).T
    return bool((np.abs(along) <= half + 1e-3).all())


# Away from 0.25 degree lines the geoid grid is smooth: one map holds. On a line it bends.
SOURCES = st.sampled_from(["EPSG:4978", "EPSG:25831+5783", "EPSG:4979", "EPSG:28992"])


@settings(max_examples=30, deadline=None)
@given(SOURCES, st.floats(1, 3000), st.integers(0, 99), st.sampled_from([51.9, 52.0]))
def test_what_is_drawn_stands_where_the_exact_path_puts_it(
    name: str, reach: float, seed: int, lat: float
) -> None:
    crs = parse_crs(name)
    origin = np.array([4.4, lat, 45.0])
    if crs.kind != "geographic":
        there = Transformer.from_crs("EPSG:4979", crs.horizontal, always_xy=True)
        origin = np.array(there.transform(4.4, lat, 45.0))
    mesh = mesh_at(origin, reach, seed)
    if crs.kind == "geographic":
        mesh = replace(mesh, positions=mesh.positions * np.array([1e-5, 1e-5, 1], np.float32))
    standing = open_in(OneMesh((mesh,), name), Options(), RD_NAP, SILENT)
    shown = standing.opened.ready[0].drawables[0]
    exact = standing.source.georeference.move(points_of(mesh))
    slack = 0.0011 + 4 * reach * 2.0**-24  # a float32 holds 24 bits of the reach
    assert isinstance(shown, Mesh)
    assert shown.positions.dtype == np.float32
    assert np.abs(points_of(shown) - exact).max() < slack
    assert inside(exact, standing.opened.tree)
    bounds = standing.opened.features.bounds[0]
    assert (exact >= bounds[:3] - 0.01).all()
    assert (exact <= bounds[3:] + 0.01).all()


def test_a_fetched_tile_is_moved_like_a_ready_one() -> None:
    mesh = mesh_at(ecef_at(4.4, 51.9), 80.0)
    standing = open_in(OneMesh((mesh,), "EPSG:4978"), Options(), RD_NAP, SILENT)
    fetched = standing.source.fetch(0, None, SILENT)
    assert isinstance(fetched, Content)
    assert np.array_equal(
        points_of(fetched.drawables[0]), points_of(standing.opened.ready[0].drawables[0])
    )


def test_growth_is_moved_and_nothing_stays_nothing() -> None:
    mesh = mesh_at(ecef_at(4.4, 51.9), 80.0)
    source = open_in(OneMesh((mesh,), "EPSG:4978"), Options(), RD_NAP, SILENT).source
    grown = source.fetch(0, "growth", SILENT)
    assert isinstance(grown, Growth)
    assert inside(source.georeference.move(points_of(mesh)), grown.tree)
    assert source.fetch(0, "nothing", SILENT) is None


@given(st.booleans(), st.floats(10, 400), st.integers(0, 2**31))
def test_gates_are_moved_with_their_tree(ball: bool, reach: float, seed: int) -> None:
    mesh = mesh_at(ecef_at(4.4, 51.9), 80.0)
    axes = (np.eye(3) * reach).astype(np.float32)[None]
    gates = Gates(np.zeros(1, np.int32), mesh.origin[None], axes, np.array([ball]))
    source = OneMesh((mesh,), "EPSG:4978")
    moving = open_in(source, Options(), RD_NAP, SILENT).source.georeference
    moved = moved_tree(replace(source.open(SILENT).tree, gates=gates), moving).gates
    eyes = mesh.origin + np.random.default_rng(seed).uniform(-1.5, 1.5, (50, 3)) * reach
    for eye, there in zip(eyes, moving.move(eyes), strict=True):
        away = np.linalg.norm(eye - mesh.origin) if ball else np.abs(eye - mesh.origin).max()
        if abs(away / reach - 1) > 0.02:
            assert moved.open_to(there)[0] == (away < reach)


def test_normals_stay_upright_and_unit() -> None:
    origin = ecef_at(4.4, 51.9)
    up = origin / np.linalg.norm(origin)
    mesh = mesh_at(origin, 20.0)
    mesh = replace(mesh, normals=np.tile(up.astype(np.float32), (len(mesh.positions), 1)))
    shown = open_in(OneMesh((mesh,), "EPSG:4978"), Options(), RD_NAP, SILENT).opened.ready[0]
    normals = getattr(shown.drawables[0], "normals", None)
    assert normals is not None
    assert np.linalg.norm(normals, axis=1) == pytest.approx(1.0)
    assert (normals[:, 2] > 0.99999).all()


def test_lines_and_points_move_like_meshes() -> None:
    mesh = mesh_at(ecef_at(4.4, 51.9), 100.0)
    lines = Lines(mesh.origin, mesh.positions, np.array([[0, 1]], np.int32), mesh.feature)
    cloud = Points(mesh.origin, mesh.positions, mesh.feature)
    georeference = Georeference(parse_crs("EPSG:4978"), RD_NAP)
    moved = moved_content(Content((mesh, lines, cloud)), georeference).drawables
    for item in moved[1:]:
        assert np.array_equal(points_of(item), points_of(moved[0]))


def turned(at: F64, angle: float, size: float = 1.0) -> F64:
    frame = np.eye(4)
    cos, sin = np.cos(angle) * size, np.sin(angle) * size
    frame[:3, :3] = [[cos, -sin, 0], [sin, cos, 0], [0, 0, size]]
    frame[:3, 3] = at
    return frame


@pytest.mark.parametrize("size", [1.0, 400.0])
def test_instances_stand_where_their_own_vertices_would(size: float) -> None:
    """Small ones stay instanced; ones the earth bends under become meshes."""
    origin = ecef_at(4.4, 51.9)
    rng = np.random.default_rng(4)
    transforms = np.stack([turned(origin + rng.normal(size=3) * 200, a, size) for a in range(5)])
    tree = Instances(mesh_at(np.zeros(3), 1.0), transforms, np.arange(5, dtype=np.int32))
    georeference = Georeference(parse_crs("EPSG:4978"), RD_NAP)
    moved = moved_content(Content((tree,)), georeference).drawables
    assert isinstance(moved[0], Instances) == (size == 1.0)
    shown = np.concatenate([points_of(item) for item in moved])
    assert np.abs(shown - georeference.move(points_of(tree))).max() < 0.0015
    if size > 1.0:
        assert [int(np.unique(item.feature)[0]) for item in moved if isinstance(item, Mesh)] == [
            *range(5)
        ]


def test_a_source_in_the_projects_own_system_is_left_alone() -> None:
    mesh = mesh_at(np.array([85000.0, 447000, 0]), 50.0)
    standing = open_in(OneMesh((mesh,), "EPSG:7415"), Options(), RD_NAP, SILENT)
    assert standing.opened.ready[0].drawables[0] is mesh
    assert standing.opened.problems == ()


def test_a_source_without_a_system_is_left_where_it_is_and_says_so() -> None:
    mesh = mesh_at(np.array([10.0, 20, 0]), 5.0)
    standing = open_in(OneMesh((mesh,)), Options(), RD_NAP, SILENT)
    assert standing.opened.ready[0].drawables[0] is mesh
    assert [p.code for p in standing.opened.problems] == ["crs.missing"]


def test_a_source_without_a_system_but_with_a_frame_uses_its_frame() -> None:
    mesh = mesh_at(np.array([10.0, 20, 0]), 5.0)
    frame = turned(np.array([100.0, 0, 0]), np.pi / 2)
    standing = open_in(OneMesh((mesh,), frame=frame), Options(), None, SILENT)
    expected = points_of(mesh) @ frame[:3, :3].T + frame[:3, 3]
    assert np.abs(points_of(standing.opened.ready[0].drawables[0]) - expected).max() < 1e-4
    assert standing.opened.frame is None
    assert standing.project is None


def test_an_unknown_system_is_a_problem_not_the_end() -> None:
    mesh = mesh_at(np.array([10.0, 20, 0]), 5.0)
    standing = open_in(OneMesh((mesh,), "EPSG:9999999"), Options(), None, SILENT)
    assert [p.code for p in standing.opened.problems] == ["crs.unknown"]
    assert standing.opened.ready[0].drawables[0] is mesh


def test_coordinates_that_are_nowhere_in_their_system_are_a_problem_not_the_end() -> None:
    mesh = mesh_at(np.array([1e12, 1e12, 0]), 5.0)
    for project in (None, RD_NAP):
        standing = open_in(OneMesh((mesh,), "EPSG:32631"), Options(), project, SILENT)
        codes = [p.code for p in standing.opened.problems]
        assert set(codes) & {"crs.unknown", "crs.no_place", "crs.outside"}
        assert np.isfinite(standing.opened.tree.center).all()


def test_the_first_source_chooses_the_frame_and_says_so() -> None:
    mesh = mesh_at(ecef_at(4.4, 51.9), 80.0)
    standing = open_in(OneMesh((mesh,), "EPSG:4978"), Options(), None, SILENT)
    assert standing.project == ProjectFrame("EPSG:32631", "ellipsoidal", "geocentric")
    assert [p.code for p in standing.opened.problems] == ["crs.chosen.geocentric"]


def test_a_users_system_and_datum_win_over_the_files_own() -> None:
    mesh = mesh_at(np.array([85000.0, 447000, 0]), 50.0)
    decided = SourceRef("x", crs="EPSG:28992", vertical="NAP")
    standing = open_in(OneMesh((mesh,), "EPSG:32631"), decided, RD_NAP, SILENT)
    assert standing.opened.ready[0].drawables[0] is mesh


def test_an_override_without_heights_keeps_the_files_own_datum() -> None:
    mesh = mesh_at(np.array([85000.0, 447000, 0]), 50.0)
    source = OneMesh((mesh,), "", vertical="EPSG:5709")
    standing = open_in(source, SourceRef("x", crs="EPSG:28992"), RD_NAP, SILENT)
    assert standing.source.georeference.source.vertical == "EPSG:5709"


def test_a_placement_sets_a_model_down_and_heights_are_the_projects() -> None:
    mesh = mesh_at(np.array([5.0, 5, 0]), 4.0)
    placement = Placement(
        "demonstration placement", "EPSG:28992", 85000, 447000, 1.5, anchor=(5, 5, 0)
    )
    standing = open_in(OneMesh((mesh,)), SourceRef("m", placement=placement), RD_NAP, SILENT)
    shown = points_of(standing.opened.ready[0].drawables[0])
    assert np.abs(shown - points_of(mesh) - [84995, 446995, 1.5]).max() < 1e-4
    assert standing.opened.problems == ()


def test_a_flat_tile_and_a_point_keep_a_box_that_holds_them() -> None:
    georeference = Georeference(parse_crs("EPSG:25831+5783"), RD_NAP)
    there = Transformer.from_crs("EPSG:4326", "EPSG:25831", always_xy=True)
    at = np.array([*there.transform(4.4, 51.9), 3.0])
    far = np.array([900.0, 900, 0])
    tree = TileTree.flat(np.stack([np.concatenate([at, at]), np.concatenate([at, at + far])]))
    moved = moved_tree(tree, georeference)
    assert inside(georeference.move(at[None, :]), moved, 1)
    assert inside(georeference.move(np.stack([at, at + far])), moved, 2)


def test_a_box_around_the_whole_earth_stays_a_box_around_everything() -> None:
    tree = TileTree.single(np.array([-6.4e6, -6.4e6, -6.4e6, 6.4e6, 6.4e6, 6.4e6]))
    moved = moved_tree(tree, Georeference(parse_crs("EPSG:4978"), RD_NAP))
    assert np.isfinite(moved.center).all()
    assert np.isfinite(moved.axes).all()
    assert inside(np.array([[85000.0, 447000, 0]]), moved)


def test_rows_without_geometry_stay_empty() -> None:
    box = np.array([[85000.0, 447000, 0, 85010, 447010, 9], [np.inf] * 3 + [-np.inf] * 3])
    moved = moved_bounds(box, Georeference(parse_crs("EPSG:28992"), ProjectFrame("EPSG:25831")))
    assert np.isfinite(moved[0]).all()
    assert (moved[1, :3] == np.inf).all()
    assert (moved[1, 3:] == -np.inf).all()


def test_a_large_object_is_bounded_by_exact_points() -> None:
    box = np.array([[80000.0, 440000, 0, 90000, 450000, 9], [85000, 447000, 0, 85010, 447010, 9]])
    georeference = Georeference(parse_crs("EPSG:28992"), ProjectFrame("EPSG:25831"))
    moved = moved_bounds(box, georeference)
    edge = np.linspace(0, 1, 50)[:, None] * [10000, 0, 0] + box[0, :3]
    exact = georeference.move(edge)
    assert (exact >= moved[0, :3] - 1.0).all()
    assert (exact <= moved[0, 3:] + 1.0).all()


def test_objects_that_come_with_a_tile_are_bounded_by_their_vertices() -> None:
    mesh = mesh_at(ecef_at(4.4, 51.9), 30.0)
    own = points_of(mesh)
    boxes = np.stack([np.concatenate([own[mesh.feature == f].min(0), own[mesh.feature == f].max(0)])
                      for f in (0, 1)])  # fmt: skip
    georeference = Georeference(parse_crs("EPSG:4978"), RD_NAP)
    moved = moved_content(Content((mesh,), two_rows(boxes)), georeference)
    assert moved.features is not None
    exact = georeference.move(own)
    for f in (0, 1):
        want = np.concatenate([exact[mesh.feature == f].min(0), exact[mesh.feature == f].max(0)])
        assert moved.features.bounds[f] == pytest.approx(want, abs=0.002)


def test_a_placed_source_crosses_a_process() -> None:
    mesh = mesh_at(ecef_at(4.4, 51.9), 80.0)
    placed = open_in(OneMesh((mesh,), "EPSG:4978"), Options(), RD_NAP, SILENT).source
    again = pickle.loads(pickle.dumps(placed))
    assert isinstance(again, Placed)
    fetched = again.fetch(0, None, SILENT)
    assert isinstance(fetched, Content)
    assert np.isfinite(points_of(fetched.drawables[0])).all()
    assert again.lane is Lane.THREAD
    assert again.open(SILENT).tree.center == pytest.approx(placed.open(SILENT).tree.center)


def test_a_vertex_that_is_no_number_takes_no_neighbour_with_it() -> None:
    mesh = mesh_at(ecef_at(4.4, 51.9), 30.0)
    positions = mesh.positions.copy()
    positions[4] = np.nan
    georeference = Georeference(parse_crs("EPSG:4978"), RD_NAP)
    moved = moved_content(Content((replace(mesh, positions=positions),)), georeference)
    shown = moved.drawables[0]
    assert isinstance(shown, Mesh)
    assert len(shown.triangles) == len(mesh.triangles) - 1
    assert np.isfinite(shown.positions).all()
    assert [p.code for p in moved.problems] == ["crs.lost"]
    exact = georeference.move(points_of(mesh))
    assert np.abs(np.delete(points_of(shown) - exact, 4, axis=0)).max() < 0.002


def test_what_lies_at_the_centre_of_the_earth_is_moved_all_the_same() -> None:
    flat = mesh_at(np.array([-70.0, -70, 4]), 30.0)
    moved = moved_content(Content((flat,)), Georeference(parse_crs("EPSG:4978"), RD_NAP))
    standing = open_in(OneMesh((flat,), "EPSG:4978"), Options(), None, SILENT)
    for item in (moved.drawables[0], standing.opened.ready[0].drawables[0]):
        assert isinstance(item, Mesh)
        assert len(item.positions) == len(flat.positions)


def test_unnamed_heights_are_explained_by_the_ground_of_other_layers() -> None:
    mesh = mesh_at(np.array([85000.0, 447000, 50]), 5.0)
    source = OneMesh((mesh,), "EPSG:28992")
    standing = stand(source, source.open(SILENT), Options(), RD_NAP, Ground(1.0, "EPSG:5709"))
    codes = [p.code for p in standing.opened.problems]
    assert codes == ["heights.unknown", "heights.look_ellipsoidal.above"]


def test_a_frame_tells_by_how_much_placing_lifted_heights() -> None:
    frame = ProjectFrame("EPSG:25832", "EPSG:5783")
    points = np.array([[576500.0, 5950700.0, 30.0]])
    assert abs(frame.lift(points, "EPSG:7837")[0]) < 0.05
    assert frame.lift(points, "EPSG:5783")[0] == 0.0
    assert frame.lift(points, "")[0] == 0.0
    written = points - np.array([0.0, 0.0, frame.lift(points, "ellipsoidal")[0]])
    assert frame.lonlat(points)[0, 2] == pytest.approx(written[0, 2], abs=1e-6)
