"""Laws of snapping: real corners and edges draw the cursor, inner edges and hidden things never do."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.test_picking import (
    BOX,
    ORIGIN,
    boxes_mesh,
    looking,
    one_layer,
    resident,
    three_in_a_row,
    with_flags,
)
from twin.geometry import Instances, Lines, Material, Mesh, Points
from twin.picking import pick, ray_of
from twin.snapping import Snap, Snapper, gathering, locked, runs_of
from twin.snapping.edges import pixels
from twin.streaming import GHOST, VISIBLE, Frame
from twin.tiles import View

EYE = (9.0, -14.0, 11.0)
CUBE = one_layer(resident(boxes_mesh(np.zeros((1, 3)), np.full((1, 3), 4.0))))
VIEW = looking(EYE, (2.0, 2.0, 2.0))
CORNERS = BOX * 4.0
HIDDEN_CORNER = np.array([0.0, 4.0, 0.0])
"""The one corner of the cube that its own faces hide from EYE."""
EDGES = [
    (a, b)
    for i, a in enumerate(CORNERS)
    for b in CORNERS[i + 1 :]
    if np.linalg.norm(a - b) == pytest.approx(4.0)
]


def spot(place: np.ndarray, view: View = VIEW) -> tuple[float, float]:
    x, y = pixels(view, place + ORIGIN)[0]
    return float(x), float(y)


def snapped(
    at: tuple[float, float], frame: Frame = CUBE, view: View = VIEW, radius: float = 6.0
) -> Snap | None:
    return Snapper().snap(frame, view, at, radius)


def place_of(found: Snap | None) -> np.ndarray:
    assert found is not None
    return np.asarray(found.world - ORIGIN)


@pytest.mark.parametrize("corner", [c for c in CORNERS if not np.array_equal(c, HIDDEN_CORNER)])
def test_a_seen_corner_draws_the_cursor(corner: np.ndarray) -> None:
    x, y = spot(corner)
    found = snapped((x + 2.5, y - 2.0))
    assert found is not None
    assert (found.kind, found.layer, found.row) == ("vertex", "a", 0)
    assert place_of(found) == pytest.approx(corner, abs=1e-5)
    assert found.pixels == pytest.approx(np.hypot(2.5, 2.0), abs=0.01)


def test_a_hidden_corner_does_not() -> None:
    found = snapped(spot(HIDDEN_CORNER))
    assert found is not None
    assert np.linalg.norm(place_of(found) - HIDDEN_CORNER) > 0.5


@pytest.mark.parametrize(
    ("a", "b"), [e for e in EDGES if not any(np.array_equal(c, HIDDEN_CORNER) for c in e)]
)
def test_the_middle_of_an_edge_comes_before_the_edge(a: np.ndarray, b: np.ndarray) -> None:
    found = snapped(spot((a + b) / 2))
    assert found is not None
    assert found.kind == "midpoint"
    assert place_of(found) == pytest.approx((a + b) / 2, abs=1e-5)
    along = snapped(spot(a + (b - a) * 0.27))
    assert along is not None
    assert along.kind == "edge"
    assert place_of(along) == pytest.approx(a + (b - a) * 0.27, abs=1e-4)
    assert np.abs(np.cross(along.way, b - a)).max() < 1e-3


def test_the_diagonal_of_a_flat_face_draws_nothing() -> None:
    """The middle of the top is the middle of the diagonal that cuts it in two triangles."""
    found = snapped(spot(np.array([2.0, 2.0, 4.0])))
    assert found is not None
    assert found.kind == "face"
    assert place_of(found) == pytest.approx([2, 2, 4], abs=1e-6)
    assert found.normal == pytest.approx([0, 0, 1])


def test_a_face_drawn_twice_still_has_no_inner_edge() -> None:
    mesh = CUBE.layers["a"].tiles[0].drawables[0]
    frame = one_layer(resident(mesh, mesh, count=1))
    found = snapped(spot(np.array([2.0, 2.0, 4.0])), frame)
    assert found is not None
    assert found.kind == "face"
    rim = snapped(spot(np.array([1.0, 0.0, 4.0])), frame)
    assert rim is not None
    assert rim.kind == "edge"


def test_the_common_edge_of_two_objects_in_one_plane_is_real() -> None:
    mesh = boxes_mesh(np.array([[0.0, 0, 0], [4.0, 0, 0]]), np.full((2, 3), 4.0))
    found = snapped(spot(np.array([4.0, 1.0, 4.0])), one_layer(resident(mesh)))
    assert found is not None
    assert found.kind == "edge"


@given(st.floats(1, 319), st.floats(1, 239))
@settings(max_examples=60)
def test_without_a_radius_it_is_the_pick(x: float, y: float) -> None:
    hit, found = pick(CUBE, VIEW, x, y), snapped((x, y), radius=0.0)
    assert (hit is None) == (found is None)
    if hit is not None and found is not None:
        assert found.kind == "face"
        assert found.world == pytest.approx(hit.world, abs=1e-9)


@given(st.integers(0, 2**32 - 1), st.floats(20, 300), st.floats(20, 220))
@settings(max_examples=60)
def test_what_is_found_lies_on_its_object_within_the_radius_and_is_seen(
    seed: int, x: float, y: float
) -> None:
    rng = np.random.default_rng(seed)
    mesh = boxes_mesh(rng.uniform(-12, 12, (30, 3)), rng.uniform(1, 6, (30, 3)))
    frame = one_layer(resident(mesh))
    found = snapped((x, y), frame, radius=8.0)
    if found is None:
        assert pick(frame, VIEW, x, y) is None
        return
    at = pixels(VIEW, found.world)[0]
    assert np.hypot(at[0] - x, at[1] - y) <= 8.0 + 1e-6
    corners = mesh.positions[8 * found.row : 8 * found.row + 8] + ORIGIN
    low, high = corners.min(axis=0), corners.max(axis=0)
    assert (found.world >= low - 1e-3).all()
    assert (found.world <= high + 1e-3).all()
    far = np.linalg.norm(found.world - VIEW.eye)
    hit = pick(frame, VIEW, *at)
    assert hit is None or hit.distance >= far - 0.02


@pytest.mark.parametrize("flags", [0, VISIBLE | GHOST])
def test_hidden_and_ghosted_objects_are_looked_through(flags: int) -> None:
    frame, view = three_in_a_row()
    front = np.array([0.0, 0.0, 2.0])
    seen = snapped(spot(front, view), frame, view)
    assert seen is not None
    assert seen.row == 0
    behind = snapped(spot(front, view), with_flags(frame, 0, flags), view)
    assert behind is None or behind.row != 0


def test_strokes_points_and_copies_draw_the_cursor_too() -> None:
    ends = np.array([[0, 0, 0], [6, 0, 3]], np.float32)
    lines = Lines(ORIGIN, ends, np.array([[0, 1]], np.int32), np.zeros(2, np.int32))
    found = snapped(spot(np.array([6.0, 0, 3])), one_layer(resident(lines)))
    assert found is not None
    assert found.kind == "vertex"
    middle = snapped(spot(np.array([3.0, 0, 1.5])), one_layer(resident(lines)))
    assert middle is not None
    assert middle.kind == "midpoint"
    cloud = Points(ORIGIN, np.array([[1, 1, 1], [3, 2, 2]], np.float32), np.zeros(2, np.int32))
    point = snapped(spot(np.array([3.0, 2, 2])), one_layer(resident(cloud)))
    assert place_of(point) == pytest.approx([3, 2, 2], abs=1e-5)
    mesh = CUBE.layers["a"].tiles[0].drawables[0]
    assert isinstance(mesh, Mesh)
    copies = np.stack([np.eye(4), np.eye(4)])
    copies[1, 0, 3] = -6.0
    frame = one_layer(resident(Instances(mesh, copies, np.arange(2, dtype=np.int32))))
    corner = snapped(spot(np.array([-6.0, 0.0, 4.0])), frame)
    assert corner is not None
    assert (corner.kind, corner.row) == ("vertex", 1)


def test_a_lifted_layer_is_met_where_it_is_shown() -> None:
    lifted = replace(CUBE, layers={"a": replace(CUBE.layers["a"], lift=3.0)})
    found = snapped(spot(np.array([4.0, 0.0, 7.0])), lifted)
    assert place_of(found) == pytest.approx([4, 0, 7], abs=1e-5)


def cut_at(height: float, frame: Frame = CUBE) -> Frame:
    """Everything above a height, metres over ORIGIN, is cut away."""
    return replace(frame, planes=np.array([[0.0, 0.0, 1.0, ORIGIN[2] + height]]))


def test_a_cut_solid_has_a_face_edges_and_corners_where_it_is_cut() -> None:
    cut = cut_at(1.5)

    def at(place: list[float]) -> Snap:
        found = Snapper().snap(cut, VIEW, spot(np.array(place)), 6.0)
        assert found is not None
        return found

    face = at([2.0, 2.2, 1.5])
    assert face.kind == "section"
    assert place_of(face) == pytest.approx([2.0, 2.2, 1.5], abs=1e-6)
    assert face.row == 0
    assert place_of(at([4.0, 0.0, 1.5])) == pytest.approx([4, 0, 1.5], abs=1e-5)
    assert at([4.0, 0.0, 1.5]).kind == "vertex"
    rim = at([1.1, 0.0, 1.5])
    assert rim.kind == "edge"
    assert place_of(rim) == pytest.approx([1.1, 0, 1.5], abs=1e-3)
    assert place_of(at([4.0, 0.0, 0.0])) == pytest.approx([4, 0, 0], abs=1e-5)


def test_what_is_cut_away_draws_nothing_and_what_the_cut_face_hides_does_not_either() -> None:
    cut = cut_at(1.5)
    gone = Snapper().snap(cut, VIEW, spot(np.array([0.0, 4.0, 4.0])), 6.0)
    assert gone is None
    inner = Snapper().snap(cut, VIEW, spot(HIDDEN_CORNER), 6.0)
    assert inner is not None
    assert inner.kind in ("section", "edge")
    assert place_of(inner)[2] == pytest.approx(1.5, abs=1e-4)


def test_a_one_sided_face_is_looked_through_from_behind() -> None:
    mesh = CUBE.layers["a"].tiles[0].drawables[0]
    assert isinstance(mesh, Mesh)
    inside_out = replace(
        mesh, triangles=mesh.triangles[:, ::-1], material=Material(double_sided=False)
    )
    at = spot(np.array([2.0, 2.0, 4.0]))
    found = snapped(at, one_layer(resident(inside_out)), radius=0.0)
    hit = pick(one_layer(resident(inside_out)), VIEW, *at)
    assert found is not None
    assert hit is not None
    assert found.world == pytest.approx(hit.world, abs=1e-9)
    assert place_of(found)[2] < 3.9
    shown = replace(inside_out, triangles=mesh.triangles)
    assert place_of(snapped(at, one_layer(resident(shown)), radius=0.0))[2] == pytest.approx(4.0)


def test_an_open_surface_has_no_cut_face() -> None:
    roof = Mesh(
        ORIGIN,
        np.array([[-9, -9, 0], [9, -9, 0], [0, 12, 0]], np.float32),
        np.array([[0, 1, 2]], np.int32),
        np.zeros(3, np.int32),
    )
    frame = cut_at(2.0, one_layer(resident(roof)))
    found = Snapper().snap(frame, VIEW, spot(np.array([0.0, 0, 0])), 0.0)
    assert found is not None
    assert found.kind == "face"
    assert place_of(found)[2] == pytest.approx(0.0, abs=1e-9)


def test_locks_keep_to_the_axis_the_level_and_the_length() -> None:
    start, ray = ORIGIN + np.array([1.0, 2, 3]), ray_of(VIEW, 200.0, 90.0)
    met = start + np.array([2.0, -1, 5])
    for name, expected in (
        ("x", [2, 0, 0]),
        ("y", [0, -1, 0]),
        ("z", [0, 0, 5]),
        ("level", [2, -1, 0]),
    ):
        found = locked(start, ray, met, name)
        assert found is not None
        assert found - start == pytest.approx(expected, abs=1e-9)
    typed = locked(start, ray, met, "level", 10.0)
    assert typed is not None
    assert np.linalg.norm(typed - start) == pytest.approx(10.0)
    assert locked(start, ray, None) is None


@given(st.floats(20, 300), st.floats(120, 230), st.sampled_from(["x", "y", "z", "level"]))
def test_over_nothing_the_lock_takes_the_point_nearest_to_the_ray(
    x: float, y: float, lock: str
) -> None:
    start, ray = ORIGIN + np.array([2.0, 2, 0]), ray_of(VIEW, x, y)
    found = locked(start, ray, None, lock)
    if found is None:
        return

    def miss(place: np.ndarray) -> float:
        way = place - ray.eye
        return float(np.linalg.norm(way - ray.direction * (way @ ray.direction)))

    axes = {"x": [[1, 0, 0]], "y": [[0, 1, 0]], "z": [[0, 0, 1]], "level": [[1, 0, 0], [0, 1, 0]]}
    for axis in np.array(axes[lock], float):
        for step in (-0.01, 0.01):
            assert miss(found) <= miss(found + axis * step) + 1e-9


def test_a_big_tile_answers_before_and_after_its_runs_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gathering, "AT_ONCE", 4)
    snapper, at = Snapper(), spot(np.array([4.0, 0.0, 4.0]))
    before = snapper.snap(CUBE, VIEW, spot(np.array([1.0, 3.2, 4.0])), 40.0)
    assert before is not None
    assert before.kind == "face"
    owed = snapper.owed()
    assert len(owed) == 1
    assert snapper.owed() == ()
    snapper.learn(owed, runs_of(owed))
    after = snapper.snap(CUBE, VIEW, at, 6.0)
    assert place_of(after) == pytest.approx([4, 0, 4], abs=1e-5)
    assert snapper.owed() == ()
