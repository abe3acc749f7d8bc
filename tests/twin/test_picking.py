"""Laws of the pick: an independent computation agrees, and nothing hidden is ever met."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.geometry import Drawable, Instances, Lines, Material, Mesh, Points, box_of
from twin.picking import Hit, box_entry, meet_triangles, pick, ray_of, rows_in_rect
from twin.streaming import GHOST, VISIBLE, Frame, LayerFrame, Resident, state_of
from twin.tiles import View

BOX = np.array(
    [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]], float
)
SIDES = np.array(
    [
        [0, 2, 1], [0, 3, 2], [4, 5, 6], [4, 6, 7], [0, 1, 5], [0, 5, 4],
        [1, 2, 6], [1, 6, 5], [2, 3, 7], [2, 7, 6], [3, 0, 4], [3, 4, 7],
    ]
)  # fmt: skip
ORIGIN = np.array([84_500.0, 447_600.0, 2.0])


def boxes_mesh(places: np.ndarray, sizes: np.ndarray, origin: np.ndarray = ORIGIN) -> Mesh:
    corners = BOX[None] * sizes[:, None, :] + places[:, None, :]
    n = len(places)
    triangles = (SIDES[None] + 8 * np.arange(n)[:, None, None]).reshape(-1, 3)
    feature = np.repeat(np.arange(n), 8)
    return Mesh(
        origin,
        corners.reshape(-1, 3).astype(np.float32),
        triangles.astype(np.int32),
        feature.astype(np.int32),
    )


def resident(*drawables: Drawable, first_row: int = 0, count: int | None = None) -> Resident:
    boxes = np.stack([box_of(item) for item in drawables])
    box = np.concatenate([boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0)])
    count = int(max(item.feature.max() for item in drawables)) + 1 if count is None else count
    return Resident(drawables, np.arange(first_row, first_row + count, dtype=np.int32), box, 0)


def one_layer(*tiles: Resident) -> Frame:
    rows = max(int(tile.rows.max()) for tile in tiles) + 1
    return Frame({"a": LayerFrame(dict(enumerate(tiles)), state_of(rows), 1)})


def looking(eye: tuple[float, float, float], target: tuple[float, float, float]) -> View:
    start = np.array(eye) + ORIGIN
    forward = np.array(target) + ORIGIN - start
    forward /= np.linalg.norm(forward)
    side = np.cross(forward, [0.0, 0.0, 1.0])
    up = np.cross(side / np.linalg.norm(side), forward)
    return View(start, forward, up, 45.0, (320, 240))


def with_flags(frame: Frame, row: int, flags: int) -> Frame:
    part = frame.layers["a"]
    state = part.state.copy()
    state[row, 3] = flags
    return replace(frame, layers={"a": replace(part, state=state)})


def three_in_a_row() -> tuple[Frame, View]:
    places = np.array([[0.0, 0, 0], [0.0, 5, 0], [0.0, 10, 0]])
    frame = one_layer(resident(boxes_mesh(places, np.full((3, 3), 2.0))))
    return frame, looking((1.0, -20.0, 1.0), (1.0, 0.0, 1.0))


def slowly(frame: Frame, view: View, x: float, y: float) -> tuple[float, int]:
    """Meet every triangle by its plane and three sides, in plain float64: another formula."""
    eye, ray = view.eye, view.ray(x, y)
    best, row = np.inf, -1
    for tile in frame.layers["a"].tiles.values():
        for mesh in tile.drawables:
            assert isinstance(mesh, Mesh)
            points = mesh.positions.astype(np.float64) + mesh.origin
            for triangle in mesh.triangles:
                a, b, c = points[triangle]
                normal = np.cross(b - a, c - a)
                slope = normal @ ray
                if abs(slope) < 1e-12:
                    continue
                t = normal @ (a - eye) / slope
                p = eye + t * ray
                sides = [np.cross(q - s, p - s) @ normal for s, q in ((a, b), (b, c), (c, a))]
                if t > 0 and t < best and min(sides) >= -1e-9:
                    best, row = t, int(tile.rows[mesh.feature[triangle[0]]])
    return best, row


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**31), x=st.floats(0, 320), y=st.floats(0, 240))
def test_the_pick_is_the_nearest_triangle_by_another_formula(
    seed: int, x: float, y: float
) -> None:
    chance = np.random.default_rng(seed)
    places = chance.uniform(0, 60, (14, 3)) * [1, 1, 0.1]
    tiles = [
        resident(boxes_mesh(places[:7], chance.uniform(1, 12, (7, 3)))),
        resident(boxes_mesh(places[7:], chance.uniform(1, 12, (7, 3)), ORIGIN + 3), first_row=7),
    ]
    frame = one_layer(*tiles)
    view = looking((*chance.uniform(-60, -5, 2), chance.uniform(2, 50)), (30.0, 30.0, 3.0))
    distance, row = slowly(frame, view, x, y)
    hit = pick(frame, view, x, y)
    if hit is None:
        assert row == -1
    else:
        assert hit.row == row
        assert hit.distance == pytest.approx(distance, rel=1e-9)
        assert hit.world == pytest.approx(view.eye + view.ray(x, y) * distance, abs=1e-6)


def test_the_first_of_three_is_met_and_the_hit_says_where() -> None:
    frame, view = three_in_a_row()
    hit = pick(frame, view, 160, 120)
    assert isinstance(hit, Hit)
    assert (hit.layer, hit.row, hit.tile) == ("a", 0, 0)
    assert hit.distance == pytest.approx(20.0)
    assert hit.world - ORIGIN == pytest.approx([1.0, 0.0, 1.0])


@pytest.mark.parametrize("flags", [0, VISIBLE | GHOST])
def test_what_is_hidden_or_ghosted_is_looked_through(flags: int) -> None:
    frame, view = three_in_a_row()
    hit = pick(with_flags(frame, 0, flags), view, 160, 120)
    assert hit is not None
    assert hit.row == 1


def test_rows_that_do_not_pass_are_looked_through() -> None:
    frame, view = three_in_a_row()
    hit = pick(frame, view, 160, 120, {"a": np.array([False, False, True])})
    assert hit is not None
    assert hit.row == 2


@pytest.mark.parametrize("lift", [-400.0, -0.4, 0.0, 2.5, 1e4])
def test_what_is_lifted_is_picked_where_it_is_shown(lift: float) -> None:
    frame, view = three_in_a_row()
    up = np.array([0.0, 0.0, lift])
    higher = Frame({"a": replace(frame.layers["a"], lift=lift)})
    plain, found = (
        pick(frame, view, 150, 118),
        pick(higher, replace(view, eye=view.eye + up), 150, 118),
    )
    assert plain is not None
    assert found is not None
    assert (found.row, found.tile) == (plain.row, plain.tile)
    assert found.world == pytest.approx(plain.world + up, abs=1e-6)


def test_a_ray_into_the_sky_meets_nothing() -> None:
    frame, view = three_in_a_row()
    assert pick(frame, view, 160, 1) is None
    assert pick(Frame(), view, 160, 120) is None


def test_what_lies_behind_the_eye_is_not_met() -> None:
    frame, _ = three_in_a_row()
    assert pick(frame, looking((1.0, -20.0, 1.0), (1.0, -40.0, 1.0)), 160, 120) is None


def test_background_is_met_and_belongs_to_no_object() -> None:
    ground = boxes_mesh(np.array([[-50.0, -50, -1]]), np.array([[100.0, 100, 1]]))
    ground = replace(ground, feature=np.full(8, -1, np.int32))
    tile = Resident((ground,), np.zeros(0, np.int32), box_of(ground), 0)
    frame = Frame({"a": LayerFrame({0: tile}, state_of(0), 1)})
    hit = pick(frame, looking((0.0, -10.0, 10.0), (0.0, 0.0, 0.0)), 160, 120)
    assert hit is not None
    assert hit.row == -1
    assert hit.world - ORIGIN == pytest.approx([0.0, 0.0, 0.0], abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_instances_are_met_like_the_meshes_they_stand_for(seed: int) -> None:
    chance = np.random.default_rng(seed)
    mesh = boxes_mesh(np.zeros((1, 3)), np.ones((1, 3)), np.array([0.5, 0.0, 0.0]))
    transforms, meshes = [], []
    for k in range(5):
        matrix = np.eye(4)
        matrix[:3, :3] = np.linalg.qr(chance.normal(size=(3, 3)))[0] * chance.uniform(1, 6)
        matrix[:3, 3] = ORIGIN + chance.uniform(0, 25, 3)
        transforms.append(matrix)
        points = (mesh.positions + mesh.origin) @ matrix[:3, :3].T + matrix[:3, 3] - ORIGIN
        meshes.append(
            Mesh(ORIGIN, points.astype(np.float32), mesh.triangles, np.full(8, k, np.int32))
        )
    instances = Instances(mesh, np.stack(transforms), np.arange(5, dtype=np.int32))
    one, many = one_layer(resident(instances)), one_layer(resident(*meshes))
    view = looking((-20.0, -20.0, 25.0), (12.0, 12.0, 8.0))
    for x, y in chance.uniform(0, 1, (12, 2)) * [320, 240]:
        found, wanted = pick(one, view, x, y), pick(many, view, x, y)
        assert (found is None) == (wanted is None)
        if found is not None and wanted is not None:
            assert found.row == wanted.row
            assert found.distance == pytest.approx(wanted.distance, abs=1e-4)


def test_points_and_lines_are_met_within_a_few_pixels_and_not_farther() -> None:
    view = looking((0.0, -100.0, 0.0), (0.0, 0.0, 0.0))
    pixel = 2 * np.tan(np.radians(22.5)) / 240 * 100
    feature = np.array([0], np.int32)
    point = Points(ORIGIN, np.zeros((1, 3), np.float32), feature)
    ends = np.array([[0, 0, -9], [0, 0, 9]], np.float32)
    line = Lines(ORIGIN, ends, np.array([[0, 1]], np.int32), np.zeros(2, np.int32))
    for item in (point, line):
        frame = one_layer(resident(item))
        assert pick(frame, view, 163, 120) is not None
        assert pick(frame, view, 166, 120) is None
    hit = pick(one_layer(resident(line)), view, 160, 120 - 5 / pixel)
    assert hit is not None
    assert hit.world - ORIGIN == pytest.approx([0, 0, 5], abs=0.05)


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_a_box_is_entered_where_its_nearest_triangle_is_met(seed: int) -> None:
    chance = np.random.default_rng(seed)
    low, size = chance.uniform(-20, 20, 3), chance.uniform(0.5, 10, 3)
    view = looking((40.0, 0.0, 5.0), (0.0, 0.0, 0.0))
    ray = ray_of(view, *(chance.uniform(0, 1, 2) * [320, 240]))
    corners = (BOX * size + low + ORIGIN)[SIDES]
    wanted = meet_triangles(corners, ray.eye, ray.direction).min()
    found = box_entry(np.concatenate([low, low + size])[None] + np.tile(ORIGIN, 2), ray)[0]
    assert found == pytest.approx(wanted, rel=1e-6) or (np.isinf(found) and np.isinf(wanted))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_a_rubber_band_holds_exactly_the_objects_with_a_projected_vertex_inside(seed: int) -> None:
    chance = np.random.default_rng(seed)
    mesh = boxes_mesh(chance.uniform(-40, 40, (12, 3)), chance.uniform(1, 6, (12, 3)))
    frame = with_flags(one_layer(resident(mesh)), 3, 0)
    view = looking((5.0, -50.0, 40.0), (0.0, 0.0, 0.0))
    rect = tuple(chance.uniform(0, 1, 4) * [320, 240, 320, 240])
    points = mesh.positions.astype(np.float64) + mesh.origin - view.eye
    depth = points @ view.forward
    scale = 120 / np.tan(np.radians(22.5)) / depth
    x, y = 160 + points @ view.right * scale, 120 - points @ view.up * scale
    inside = (depth > 0) & (x >= min(rect[::2])) & (x <= max(rect[::2]))
    inside &= (y >= min(rect[1::2])) & (y <= max(rect[1::2]))
    wanted = sorted(set(mesh.feature[inside].tolist()) - {3})
    found = rows_in_rect(frame, view, (rect[0], rect[1], rect[2], rect[3]))
    assert found.get("a", np.zeros(0)).tolist() == wanted


def test_material_makes_no_difference_to_the_pick() -> None:
    frame, view = three_in_a_row()
    part = frame.layers["a"]
    tile = part.tiles[0]
    item = tile.drawables[0]
    assert isinstance(item, Mesh)
    clear = replace(tile, drawables=(replace(item, material=Material(color=(1, 1, 1, 0.2))),))
    hit = pick(Frame({"a": replace(part, tiles={0: clear})}), view, 160, 120)
    assert hit is not None
    assert hit.row == 0
