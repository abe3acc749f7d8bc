"""What the stage shows, pixel by pixel: colours, hiding, budgets, outlines, and agreement with the pick."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from tests.ui.viewport.frames import (
    ORIGIN,
    box_of_frame,
    city,
    identities,
    over_the_roofs,
    rows_of,
    street,
)
from twin.geometry import F64, U8, Image, Instances, Lines, Material, Mesh, Points, box_of
from twin.picking import pick
from twin.streaming import (
    GHOST,
    HATCH,
    OUTLINE,
    OWN_COLOR,
    SELECTED,
    VISIBLE,
    Frame,
    LayerFrame,
    Resident,
    state_of,
)
from ui.viewport.camera import Pose, fit, pose_of
from ui.viewport.canvas import Canvas, finished, picture_of, settle
from ui.viewport.look import Look
from ui.viewport.outline import shrunk
from ui.viewport.shaders import BRIGHTEST, DARKEST
from ui.viewport.stage import SINK

pytestmark = pytest.mark.render
SIZE = (320, 240)
FLAT = Look(flat=True)


@pytest.fixture
def canvas() -> Iterator[Canvas]:
    found = Canvas(Look(background="plain", edges=False))
    yield found
    found.close()


def repainted(frame: Frame, state: U8, version: int) -> Frame:
    return Frame({"a": replace(frame.layers["a"], state=state, version=version)})


def nearest_by_hand(frame: Frame, eye: F64, ray: F64) -> tuple[float, int]:
    """Return (distance, row) of the first triangle on a ray by solving three equations for each."""
    best, row = np.inf, -1
    for tile in frame.layers["a"].tiles.values():
        for mesh in tile.drawables:
            assert isinstance(mesh, Mesh)
            corner = mesh.positions[mesh.triangles].astype(np.float64) + mesh.origin
            a, b, c = corner[:, 0], corner[:, 1], corner[:, 2]
            matrix = np.stack([b - a, c - a, np.broadcast_to(-ray, a.shape)], axis=2)
            sound = np.abs(np.linalg.det(matrix)) > 1e-12
            answer = np.full((len(a), 3), np.inf)
            answer[sound] = np.linalg.solve(matrix[sound], (eye - a[sound])[..., None])[..., 0]
            u, v, t = answer.T
            met = (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0) & np.isfinite(t)
            if met.any() and t[met].min() < best:
                first = np.flatnonzero(met)[t[met].argmin()]
                best, row = float(t[first]), int(tile.rows[mesh.feature[mesh.triangles[first, 0]]])
    return best, row


def test_fifty_pixels_show_the_object_that_is_picked_and_is_nearest_on_the_ray() -> None:
    """The pick, an independent computation and an identity picture agree (acceptance 3)."""
    frame = city(3, 60)
    frame = repainted(frame, identities(9 * 60), 1)
    view = over_the_roofs().view(SIZE)
    shown = rows_of(picture_of(frame, view, FLAT))
    chance = np.random.default_rng(20)
    hits = 0
    for _ in range(50):
        x, y = int(chance.integers(0, SIZE[0])), int(chance.integers(60, SIZE[1]))
        hit = pick(frame, view, x + 0.5, y + 0.5)
        distance, row = nearest_by_hand(frame, view.eye, view.ray(x + 0.5, y + 0.5))
        assert (-1 if hit is None else hit.row) == row
        assert shown[y, x] == row
        if hit is not None:
            hits += 1
            assert hit.distance == pytest.approx(distance, rel=1e-9)
    assert hits > 25


def test_hidden_and_ghosted_objects_agree_with_the_pick_too() -> None:
    frame = city(2, 60)
    state = identities(4 * 60)
    state[::3, 3] = 0
    frame = repainted(frame, state, 1)
    view = over_the_roofs().view(SIZE)
    shown = rows_of(picture_of(frame, view, FLAT))
    for y in range(70, SIZE[1], 17):
        for x in range(5, SIZE[0], 17):
            # a tenth of a pixel to each side: on a silhouette either neighbour is right
            around = [
                (x + 0.5 + dx, y + 0.5 + dy) for dx in (-0.1, 0, 0.1) for dy in (-0.1, 0, 0.1)
            ]
            hits = [pick(frame, view, *place) for place in around]
            assert shown[y, x] in {-1 if hit is None else hit.row for hit in hits}
            assert shown[y, x] == -1 or shown[y, x] % 3 != 0


def test_shading_keeps_the_hue_and_stays_in_its_bounds(canvas: Canvas) -> None:
    frame = city(1, 20)
    state = frame.layers["a"].state.copy()
    state[:] = (205, 65, 12, VISIBLE)
    picture = finished(canvas, repainted(frame, state, 1), over_the_roofs().view(SIZE), fine=False)
    plain = picture[0, 0, :3].astype(int)
    shown = picture[..., :3].reshape(-1, 3)[(picture[..., :3] != plain).any(axis=2).ravel()]
    share = shown.astype(float) / [205, 65, 12]
    assert len(shown) > 1000
    assert share[:, 0].min() >= DARKEST - 0.01
    assert share[:, 0].max() <= BRIGHTEST + 0.01
    # haze has not begun this near, so every channel is scaled alike (12 is coarse: one step is 8 %)
    assert np.abs(share[:, 1] - share[:, 0]).max() < 0.02
    assert len(np.unique(shown[:, 0])) >= 3, "walls and roofs differ"


def test_recolouring_touches_no_geometry_and_showing_twice_asks_for_nothing(
    canvas: Canvas,
) -> None:
    frame = city()
    view = over_the_roofs().view(SIZE)
    settle(canvas.stage, frame, view)
    assert not canvas.stage.show(frame, view)
    before = canvas.draw(frame, view)
    state = frame.layers["a"].state.copy()
    state[:, :3] = (0, 200, 0)
    state[:, 3] = VISIBLE
    again = repainted(frame, state, 2)
    assert canvas.stage.show(again, view)
    after = canvas.draw(again, view)
    assert (after[..., 1].astype(int) - before[..., 1] > 20).mean() > 0.1
    assert not canvas.stage.show(again, view)


def test_the_upload_budget_spreads_tiles_over_frames(canvas: Canvas) -> None:
    frame = city(4, 30)
    view = over_the_roofs().view(SIZE)
    assert canvas.stage.show(frame, view, upload_ms=0.0)
    assert canvas.stage.counts.pending == 15
    steps = 1
    while not canvas.stage.settled:
        canvas.stage.show(frame, view, upload_ms=0.0)
        steps += 1
    assert steps == 16
    assert canvas.stage.counts.tiles == 16


def test_tiles_that_are_replaced_stay_until_their_successors_stand(canvas: Canvas) -> None:
    frame = city(3, 10)
    tiles = frame.layers["a"].tiles
    coarse = Frame({"a": replace(frame.layers["a"], tiles={0: tiles[0]})})
    fine = Frame({"a": replace(frame.layers["a"], tiles={1: tiles[1], 2: tiles[2]})})
    view = over_the_roofs().view(SIZE)
    canvas.stage.show(coarse, view)
    canvas.stage.show(fine, view, upload_ms=0.0)
    assert canvas.stage.counts.tiles == 2, "the old one and the first of the new"
    canvas.stage.show(fine, view, upload_ms=0.0)
    assert canvas.stage.counts.tiles == 2, "both new ones"
    canvas.stage.show(Frame(), view)
    assert canvas.stage.counts.tiles == 0


def test_a_tile_that_was_seen_comes_back_as_it_was_while_memory_holds_it(canvas: Canvas) -> None:
    part, view = city(2, 20).layers["a"], over_the_roofs().view(SIZE)
    whole = Frame({"a": replace(part, kept=part.tiles)})
    one = Frame({"a": replace(part, tiles={0: part.tiles[0]}, kept=part.tiles)})
    forgotten = Frame({"a": replace(part, tiles={0: part.tiles[0]}, kept={0: part.tiles[0]})})
    settle(canvas.stage, whole, view)
    first, built = canvas.draw(whole, view).copy(), dict(canvas.stage._tiles)
    settle(canvas.stage, one, view)
    assert (canvas.draw(one, view) != first).any()
    settle(canvas.stage, whole, view)
    assert {key: id(tile) for key, tile in canvas.stage._tiles.items()} == {
        key: id(tile) for key, tile in built.items()
    }
    assert np.array_equal(canvas.draw(whole, view), first)
    settle(canvas.stage, one, view)
    settle(canvas.stage, repainted(one, forgotten.layers["a"].state | np.uint8(HATCH), 7), view)
    settle(canvas.stage, forgotten, view)
    assert not canvas.stage._parking.tiles
    settle(canvas.stage, whole, view)
    assert np.array_equal(canvas.draw(whole, view), first)


def test_what_lies_beneath_looks_the_same_from_everywhere(canvas: Canvas) -> None:
    frame = city(2, 20)
    part = frame.layers["a"]
    sunken = Frame({"a": replace(part, under=frozenset(part.tiles))})
    there = over_the_roofs()
    for pose in (
        there,
        replace(there, eye=there.eye + np.array([5.0, 3, 20]), yaw=there.yaw + 7.0),
    ):
        view = pose.view(SIZE)
        shapes = []
        for shown in (frame, sunken):
            settle(canvas.stage, shown, view)
            picture = canvas.draw(shown, view)
            shapes.append((picture != picture[0, 0]).any(axis=2))
        assert (shapes[0] != shapes[1]).sum() <= 5
        assert shapes[0].sum() > 5000


def test_outlines_that_come_later_stand_as_far_away_as_their_tile() -> None:
    canvas = Canvas(Look(background="plain"))
    part, view = city(2, 20).layers["a"], over_the_roofs().view(SIZE)
    sunken = Frame({"a": replace(part, under=frozenset(part.tiles))})
    while not canvas.stage.settled or not canvas.stage.counts.tiles:
        canvas.stage.show(sunken, view, upload_ms=0.0)
    outlines = [tile.edges for tile in canvas.stage._tiles.values() if tile.edges is not None]
    assert len(outlines) == 4
    assert {edges.actor.GetScale()[0] for edges in outlines} == {SINK}
    canvas.close()


def test_what_lies_beneath_is_hidden_by_everything_else() -> None:
    part, view = city(2, 20).layers["a"], over_the_roofs().view(SIZE)
    one, *others = part.tiles
    above = {key: part.tiles[key] for key in others}
    top = picture_of(Frame({"a": replace(part, tiles=above)}), view, FLAT)
    mixed = Frame({"a": replace(part, under=frozenset({one}))})
    found = picture_of(mixed, view, FLAT)
    shown = (top != picture_of(Frame(), view, FLAT)).any(axis=2)
    assert (found[shown] == top[shown]).all()
    assert (found != top).any()


def test_a_camera_that_comes_before_its_tiles_cuts_none_of_them_off(canvas: Canvas) -> None:
    frame = city(3, 30)
    view = over_the_roofs().view(SIZE)
    tiles = frame.layers["a"].tiles
    far = Frame({"a": replace(frame.layers["a"], tiles={8: tiles[8]})})
    canvas.stage.show(far, view)
    canvas.draw(far, view)
    late = finished(canvas, frame, view, fine=False)
    assert (late == picture_of(frame, view, canvas.stage.look, fine=False)).all()


@pytest.mark.parametrize("offset", [0.0, 1e5, 6.4e6])
def test_coordinates_far_from_zero_make_the_same_picture(offset: float) -> None:
    shift = np.array([offset, -offset, offset / 100])
    tile = street(4, 20, ORIGIN + shift)
    frame = Frame({"a": LayerFrame({0: tile}, identities(20), 1)})
    pose = fit(Pose(np.zeros(3), 20.0, -30.0), tile.box, SIZE)
    base = street(4, 20, ORIGIN)
    still = Frame({"a": LayerFrame({0: base}, identities(20), 1)})
    other = fit(Pose(np.zeros(3), 20.0, -30.0), base.box, SIZE)
    shown = rows_of(picture_of(frame, pose.view(SIZE), FLAT))
    wanted = rows_of(picture_of(still, other.view(SIZE), FLAT))
    assert (shown != wanted).mean() < 0.001


def test_flags_show_hatch_ghost_outline_and_own_colour(canvas: Canvas) -> None:
    frame = city(1, 1)
    tile = frame.layers["a"].tiles[0]
    view = fit(Pose(np.zeros(3), 20.0, -60.0), tile.box, SIZE).view(SIZE)

    def shown(r: int, g: int, b: int, flags: int) -> U8:
        state = np.array([[r, g, b, flags]], np.uint8)
        shown.version += 1  # type: ignore[attr-defined]
        again = repainted(frame, state, shown.version)  # type: ignore[attr-defined]
        return finished(canvas, again, view, fine=False)[..., :3]

    shown.version = 1  # type: ignore[attr-defined]
    plain = shown(110, 116, 123, VISIBLE)
    nothing = shown(110, 116, 123, 0)
    covered = (plain != nothing).any(axis=2)
    assert covered.mean() > 0.15
    hatched = shown(110, 116, 123, VISIBLE | HATCH)
    light = (hatched[covered].astype(int) - plain[covered]).max(axis=1) > 25
    assert 0.15 < light.mean() < 0.5
    ghost = shown(110, 116, 123, VISIBLE | GHOST)
    assert 0.2 <= (ghost != nothing).any(axis=2)[covered].mean() < 0.45
    bare = shown(110, 116, 123, VISIBLE | OUTLINE)
    assert 0.005 < (bare != nothing).any(axis=2).mean() < 0.5 * covered.mean()
    own = shown(0, 255, 0, VISIBLE | OWN_COLOR)
    assert own[covered][:, 0].mean() > own[covered][:, 2].mean() > 60


def test_the_selection_gets_its_outline_and_keeps_its_fill(canvas: Canvas) -> None:
    canvas.stage.set_look(Look(dark=True, background="plain", edges=False))
    frame = city(1, 1)
    tile = frame.layers["a"].tiles[0]
    view = fit(Pose(np.zeros(3), 20.0, -40.0), tile.box, SIZE, margin=1.4).view(SIZE)
    before = finished(canvas, frame, view, fine=False)
    state = frame.layers["a"].state.copy()
    state[0, 3] |= SELECTED
    after = finished(canvas, repainted(frame, state, 2), view, fine=False)
    white = (after[..., :3] == 255).all(axis=2)
    assert 300 < white.sum() < 3000
    inside = (before[..., :3] != before[0, 0, :3]).any(axis=2)
    assert (after[inside][:, :3] == before[inside][:, :3]).mean() > 0.98


def test_pictures_are_worn_by_their_own_colour_and_give_way_to_a_status(canvas: Canvas) -> None:
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:4] = (250, 20, 20)
    pixels[4:] = (20, 20, 250)
    corners = np.array([[0, 0, 0], [40, 0, 0], [40, 0, 40], [0, 0, 40]], np.float32)
    uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    mesh = Mesh(
        ORIGIN, corners, np.array([[0, 1, 2], [0, 2, 3]], np.int32), np.zeros(4, np.int32),
        Material(image=Image("flag", pixels=pixels), unlit=True), uv,
    )  # fmt: skip
    tile = Resident((mesh,), np.zeros(1, np.int32), box_of(mesh), 0)
    view = pose_of(
        ORIGIN + np.array([20.0, -60.0, 20.0]), ORIGIN + np.array([20.0, 0.0, 20.0])
    ).view(SIZE)
    frame = Frame({"a": LayerFrame({0: tile}, state_of(1), 1)})
    picture = finished(canvas, frame, view, fine=False)
    assert picture[70, 160, :3].tolist() == pytest.approx([250, 20, 20], abs=2), "first row on top"
    assert picture[170, 160, :3].tolist() == pytest.approx([20, 20, 250], abs=2)
    status = np.array([[51, 147, 205, VISIBLE]], np.uint8)
    picture = finished(canvas, repainted(frame, status, 2), view, fine=False)
    share = picture[70, 160, :3] / np.array([51, 147, 205])
    assert share.max() - share.min() < 0.03


@pytest.mark.parametrize("worn", [Material(), Material(unlit=True), Material(alpha_mode="mask")])
def test_surfaces_without_states_look_as_they_do_among_those_with(
    canvas: Canvas, worn: Material
) -> None:
    """A tile all of whose objects are in their own colour gets a shader that knows no states."""
    house = street(2, 20, ORIGIN).drawables[0]
    assert isinstance(house, Mesh)
    checks = np.zeros((8, 8, 4), np.uint8)
    checks[..., 0], checks[::2, :, 1], checks[..., 3] = 200, 150, 255
    checks[:, ::4, 3] = 0 if worn.alpha_mode == "mask" else 255
    uv = (house.positions[:, :2] / 10).astype(np.float32)
    dressed = replace(worn, image=Image("checks", pixels=checks))
    mesh = replace(house, material=dressed, uv=uv)
    tile = Resident((mesh,), np.arange(20, dtype=np.int32), box_of(mesh), 0)
    frame, view = Frame({"a": LayerFrame({0: tile}, state_of(20), 1)}), over_the_roofs().view(SIZE)
    plain = finished(canvas, frame, view, fine=False)
    for actors in canvas.stage._tiles.values():
        assert actors.stood[2]
        for part in actors.parts:
            part.stand(0.0, 1.0, False)
    assert np.abs(canvas.draw(frame, view).astype(int) - plain).max() <= 2
    assert (plain[..., :3] != plain[0, 0, :3]).any(axis=2).sum() > 1000
    ghosted = state_of(20)
    ghosted[:, 3] |= GHOST
    assert (finished(canvas, repainted(frame, ghosted, 2), view, fine=False) != plain).any()


def test_every_kind_of_drawable_is_drawn_and_see_through_is_see_through(canvas: Canvas) -> None:
    house = street(1, 1, ORIGIN).drawables[0]
    assert isinstance(house, Mesh)
    moves = np.tile(np.eye(4), (2, 1, 1))
    moves[:, 0, 3] = (15.0, 30.0)
    glass = replace(
        house,
        material=Material(color=(1.0, 1.0, 1.0, 0.4), alpha_mode="blend"),
        origin=ORIGIN + np.array([-15, 0, 0]),
    )
    top = np.array([[0, 0, 25], [40, 0, 25]], np.float32)
    items = (
        Instances(house, moves, np.array([0, 1], np.int32)),
        glass,
        Lines(
            ORIGIN,
            top,
            np.array([[0, 1]], np.int32),
            np.zeros(2, np.int32),
            Material(color=(1, 0, 0, 1)),
        ),
        Points(
            ORIGIN,
            top - np.array([0, 0, 3], np.float32),
            np.zeros(2, np.int32),
            Material(color=(0, 1, 0, 1)),
        ),
    )
    box = np.concatenate([ORIGIN - 15, ORIGIN + 45])
    frame = Frame(
        {
            "a": LayerFrame(
                {0: Resident(items, np.arange(2, dtype=np.int32), box, 0)}, state_of(2), 1
            )
        }
    )
    view = pose_of(
        ORIGIN + np.array([15.0, -70.0, 25.0]), ORIGIN + np.array([15.0, 0.0, 10.0])
    ).view(SIZE)
    picture = finished(canvas, frame, view, fine=False)[..., :3].astype(int)
    red = (picture[..., 0] > 200) & (picture[..., 1] < 60)
    green = (picture[..., 1] > 200) & (picture[..., 0] < 60)
    assert red.sum() > 50
    assert green.sum() >= 2
    left, middle = picture[130:160, 60:130], picture[130:160, 170:260]
    ground = picture[0, 0]
    assert 5 < np.abs(left - ground).max() < np.abs(middle - ground).max()


def test_a_moving_camera_draws_fewer_triangles_and_a_still_one_all(canvas: Canvas) -> None:
    frame = city(4, 40)
    view = over_the_roofs().view(SIZE)
    settle(canvas.stage, frame, view)
    whole = canvas.stage.drawn_triangles
    canvas.stage.show(frame, view, triangle_budget=whole * 0.4)
    assert canvas.stage.drawn_triangles <= whole * 0.43
    coarse = canvas.draw(frame, view)
    assert canvas.stage.show(frame, view)
    assert canvas.stage.drawn_triangles == whole
    assert (canvas.draw(frame, view) != coarse).any()


@pytest.mark.parametrize("size", [(320, 240), (321, 243)])
@pytest.mark.parametrize("chosen", [False, True])
def test_a_fine_picture_in_blocks_is_the_large_picture_averaged(
    size: tuple[int, int], chosen: bool
) -> None:
    frame = city(4, 40)
    state = frame.layers["a"].state.copy()
    state[::3, 3] |= HATCH
    state[1::5, 3] |= GHOST
    if chosen:
        state[2::7, 3] |= SELECTED
    frame = repainted(frame, state, 2)
    pose, look = over_the_roofs(), Look(grid=True, edges=False)
    fine = picture_of(frame, pose.view(size), look)
    canvas = Canvas(look)
    large = replace(pose.view(size), size=(2 * size[0], 2 * size[1]))
    settle(canvas.stage, frame, large, 2.0)
    plain = shrunk(canvas.draw(frame, large, pixel_ratio=2.0))
    canvas.close()
    assert fine.shape == plain.shape
    apart = np.abs(fine[..., :3].astype(int) - plain[..., :3]).max(axis=2)
    assert (apart > 8).mean() < 0.002  # the edges of a pixel may fall to either side


@pytest.mark.parametrize("background", ["sky", "light", "plain"])
@pytest.mark.parametrize("dark", [False, True])
def test_backgrounds_are_as_dark_as_their_theme(background: str, dark: bool) -> None:
    view = pose_of(ORIGIN, ORIGIN + np.array([100.0, 0.0, 0.0])).view(SIZE)
    picture = picture_of(Frame(), view, Look(dark=dark, background=background))
    assert picture.shape == (240, 320, 4)
    assert (picture[..., 3] == 255).all()
    assert (picture[..., :3].mean() < 80) == dark
    if background == "sky":
        assert np.abs(np.diff(picture[:, 160, :3].astype(int), axis=0)).max() <= 6, "no steps"


def test_the_ground_grid_is_drawn_when_wanted() -> None:
    frame = city(1, 4)
    view = pose_of(
        ORIGIN + np.array([-40.0, -50.0, 60.0]), ORIGIN + np.array([40.0, 30.0, 0.0])
    ).view(SIZE)
    without = picture_of(frame, view, Look(background="plain"))
    assert (picture_of(frame, view, Look(background="plain", grid=True)) != without).any(
        axis=2
    ).mean() > 0.01


def test_the_whole_city_fits_the_picture() -> None:
    frame = city(2, 40)
    pose = fit(Pose(np.zeros(3), 30.0, -35.0), box_of_frame(frame), SIZE)
    state = identities(160)
    shown = rows_of(picture_of(repainted(frame, state, 1), pose.view(SIZE), FLAT)) >= 0
    assert not shown[0].any()
    assert not shown[-1].any()
    assert not shown[:, 0].any()
    assert not shown[:, -1].any()
    assert shown.mean() > 0.15


def test_a_layer_seen_through_keeps_its_share_of_the_pixels_and_a_lifted_one_stands_higher(
    canvas: Canvas,
) -> None:
    frame, view = city(1), over_the_roofs().view(SIZE)
    settle(canvas.stage, frame, view)
    nothing = canvas.draw(Frame(), view)[0, 0]
    whole = (canvas.draw(frame, view) != nothing).any(axis=2).sum()

    def shown(version: int, lift: float = 0.0, opacity: float = 1.0) -> U8:
        part = frame.layers["a"]
        changed = Frame({"a": LayerFrame(part.tiles, part.state, version, lift, opacity)})
        settle(canvas.stage, changed, view)
        return canvas.draw(changed, view)

    half = (shown(2, opacity=0.5) != nothing).any(axis=2).sum()
    assert half / whole == pytest.approx(0.5, abs=0.03)
    solid = shown(3)
    assert (solid != nothing).any(axis=2).sum() == whole
    higher = shown(4, lift=300.0)
    assert not np.array_equal(higher, solid)
    moved = Frame({"a": replace(frame.layers["a"], version=5, lift=300.0)})
    up = replace(view, eye=view.eye + np.array([0.0, 0.0, 300.0]))
    settle(canvas.stage, moved, up)
    assert np.array_equal(canvas.draw(moved, up), solid)
