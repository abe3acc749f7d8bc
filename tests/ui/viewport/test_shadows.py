"""Shadows of the sun against shadows reckoned by hand, and what casts none."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.ui.viewport.frames import city, over_the_roofs
from twin.geometry import F64, U8, Mesh
from twin.streaming import GHOST, OUTLINE, VISIBLE, Frame, LayerFrame, Resident
from twin.tiles import View
from ui.viewport.camera import pose_of
from ui.viewport.canvas import Canvas, finished
from ui.viewport.detail import GRADES, LAVISH, Quality, inside
from ui.viewport.look import Look, Sun
from ui.viewport.shadows import power
from ui.viewport.sunlight import Fit, basis, enough, fitted

ORIGIN = np.array([85_000.0, 447_000.0, 1.5])
SIZE = (480, 360)
BOX = np.array([-10.0, -6.0, 0.0, 10.0, 6.0, 24.0])
REACH = 120.0
DATES = {  # place 52.0 N 4.4 E: azimuth and height of the sun, degrees, as published (NOAA)
    "summer noon": (180.0, 61.4),
    "spring morning": (112.0, 27.5),
    "winter noon": (180.0, 14.6),
    "autumn evening": (256.0, 9.0),
}
Mask = NDArray[np.bool_]


def sun_at(azimuth: float, height: float) -> Sun:
    turn, rise = np.radians(azimuth), np.radians(height)
    return (
        float(np.sin(turn) * np.cos(rise)),
        float(np.cos(turn) * np.cos(rise)),
        float(np.sin(rise)),
    )


def solid(box: F64, number: int) -> tuple[F64, F64, F64]:
    corner = np.array([[i & 1, (i >> 1) & 1, i >> 2] for i in range(8)]) * (box[3:] - box[:3])
    sides = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    points = np.concatenate([(corner + box[:3])[list(side)] for side in sides])
    first = np.arange(6)[:, None, None] * 4
    triangles = (first + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3)
    return points, triangles, np.full(len(points), number)


def scene(boxes: F64, flags: int = VISIBLE) -> Frame:
    """Return a level ground (object 0) with boxes f64(n, 6) on it, all of one grey."""
    ground = np.array([[-1.0, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]) * REACH
    parts = [(ground, np.array([[0, 1, 2], [0, 2, 3]]), np.zeros(4))]
    parts += [solid(box, number + 1) for number, box in enumerate(boxes)]
    starts = np.cumsum([0, *(len(part[0]) for part in parts[:-1])])
    mesh = Mesh(
        ORIGIN,
        np.concatenate([part[0] for part in parts]).astype(np.float32),
        np.concatenate([p[1] + s for p, s in zip(parts, starts, strict=True)]).astype(np.int32),
        np.concatenate([part[2] for part in parts]).astype(np.int32),
    )
    state = np.full((len(parts), 4), 200, np.uint8)
    state[:, 3] = flags
    state[0, 3] = VISIBLE
    box = np.concatenate([mesh.positions.min(axis=0), mesh.positions.max(axis=0)])
    rows = np.arange(len(parts), dtype=np.int32)
    tile = Resident((mesh,), rows, box + np.tile(ORIGIN, 2), mesh.nbytes)
    return Frame({"a": LayerFrame({0: tile}, state, 1)})


@pytest.fixture
def canvas() -> Iterator[Canvas]:
    found = Canvas(Look(background="plain", edges=False))
    yield found
    found.close()


def drawn(canvas: Canvas, frame: Frame, view: View, sun: Sun | None) -> U8:
    canvas.stage.set_look(replace(canvas.stage.look, sun=sun))
    return finished(canvas, frame, view, fine=False)[..., :3]


def from_above() -> View:
    return pose_of(ORIGIN + np.array([15.0, -90.0, 150.0]), ORIGIN).view(SIZE)


def rays(view: View) -> F64:
    """Return the direction f64(h, w, 3) through the middle of each pixel."""
    width, height = view.size
    half = np.tan(np.radians(view.fov_y) / 2)
    x = ((np.arange(width) + 0.5) / width * 2 - 1) * half * width / height
    y = (1 - (np.arange(height) + 0.5) / height * 2) * half
    up = np.cross(view.right, view.forward)
    return np.asarray(view.forward + x[None, :, None] * view.right + y[:, None, None] * up)


def meets(start: F64, way: F64, box: F64) -> Mask:
    """Return which rays f64(..., 3) meet a box in front of their start."""
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = (box[:3] - start) / way, (box[3:] - start) / way
    enter, leave = np.minimum(a, b).max(axis=-1), np.maximum(a, b).min(axis=-1)
    return np.asarray((enter < leave) & (leave > 1e-6))


def near_edge(mask: Mask, pixels: int) -> Mask:
    """Return the pixels within so many of a border of the mask."""
    found = np.zeros_like(mask)
    for down in range(-pixels, pixels + 1):
        for right in range(-pixels, pixels + 1):
            found |= np.roll(mask, (down, right), (0, 1)) != mask
    return found


@pytest.mark.render
@pytest.mark.parametrize("date", DATES)
def test_the_shadow_of_a_box_lies_where_it_is_reckoned(canvas: Canvas, date: str) -> None:
    view, sun = from_above(), sun_at(*DATES[date])
    picture = drawn(canvas, scene(BOX[None]), view, sun).mean(axis=2)
    ray = rays(view)
    down = (ORIGIN[2] - view.eye[2]) / ray[..., 2]
    there = view.eye + ray * down[..., None] - ORIGIN
    ground = (np.abs(there[..., :2]) < REACH - 2).all(axis=-1)
    ground &= ~meets(np.broadcast_to(view.eye - ORIGIN, ray.shape), ray, BOX)
    shaded = meets(there, np.broadcast_to(np.array(sun), there.shape), BOX)
    # the tip of the shadow: height over the tangent of the sun's height, away from the sun
    azimuth, height = DATES[date]
    length = BOX[5] / np.tan(np.radians(height))
    away = np.radians(azimuth + 180)
    tip = np.array([np.sin(away), np.cos(away)]) * length
    assert shaded[ground].any()
    lit, dark = picture[ground & ~shaded].max(), picture[ground & shaded].min()
    assert lit - dark > 25
    wrong = ground & ((picture < (lit + dark) / 2) != shaded)
    assert not (wrong & ~near_edge(shaded, 2) & ~near_edge(ground, 2)).any()
    corner = tip + BOX[[3, 4]] * np.where(tip >= 0, 1, -1)
    if (np.abs(corner) < REACH - 2).all():
        reach = np.abs(there[..., :2] * np.where(tip >= 0, 1, -1))[ground & shaded].max(axis=0)
        assert reach == pytest.approx(np.abs(corner), abs=2.0)


@pytest.mark.render
@pytest.mark.parametrize("height", [3, 10, 30, 60, 89.9])
def test_faces_do_not_shade_themselves(canvas: Canvas, height: float) -> None:
    sun = sun_at(217.0, height)
    view = pose_of(ORIGIN + np.array([-60.0, -70.0, 60.0]), ORIGIN).view(SIZE)
    alone = drawn(canvas, scene(BOX[None]), view, sun).astype(int)
    ray = rays(view)
    start = np.broadcast_to(view.eye - ORIGIN, ray.shape)
    box = meets(start, ray, BOX)
    at = (
        start
        + ray
        * np.minimum((BOX[:3] - start) / ray, (BOX[3:] - start) / ray).max(axis=-1)[..., None]
    )
    for axis, side in ((2, BOX[5]), (0, BOX[0]), (1, BOX[1])):
        face = box & (np.abs(at[..., axis] - side) < 1e-6)
        face &= ~near_edge(face, 2)
        assert face.sum() > 100
        assert np.ptp(alone[face], axis=0).max() <= 3


@pytest.mark.render
@pytest.mark.parametrize("flags", [0, VISIBLE | GHOST, VISIBLE | OUTLINE])
def test_what_is_hidden_casts_no_shadow(canvas: Canvas, flags: int) -> None:
    view = from_above()
    picture = drawn(canvas, scene(BOX[None], flags), view, sun_at(215, 30))
    there = view.eye + rays(view) * ((ORIGIN[2] - view.eye[2]) / rays(view)[..., 2])[..., None]
    ground = (np.abs(there - ORIGIN)[..., :2] < REACH - 2).all(axis=-1)
    ground &= ~meets(np.broadcast_to(view.eye - ORIGIN, there.shape), rays(view), BOX)
    ground &= ~near_edge(ground, 2)
    assert np.ptp(picture[ground].astype(int), axis=0).max() <= 3


@pytest.mark.render
def test_hiding_and_cutting_take_a_shadow_away_and_bring_it_back(canvas: Canvas) -> None:
    view, sun = from_above(), sun_at(215, 30)
    frame = scene(BOX[None])
    whole = drawn(canvas, frame, view, sun)
    layer = frame.layers["a"]
    state = layer.state.copy()
    state[1, 3] = 0
    hidden = Frame({"a": replace(layer, state=state, version=2)})
    without = drawn(canvas, hidden, view, sun)
    ghostly = drawn(canvas, scene(BOX[None], 0), view, sun)
    assert (without == ghostly).all()
    again = drawn(canvas, Frame({"a": replace(layer, version=3)}), view, sun)
    assert (again == whole).all()
    plane = np.array([[0.0, 0.0, 1.0, ORIGIN[2] + 2.0]])
    cut = drawn(canvas, replace(frame, planes=plane), view, sun)
    dark = np.abs(cut.astype(int) - without).max(axis=2) > 20
    assert dark.sum() < 0.4 * (np.abs(whole.astype(int) - without).max(axis=2) > 20).sum()


@pytest.mark.render
def test_shadows_keep_hues_and_the_sun_is_taken_away_again(canvas: Canvas) -> None:
    view, frame = from_above(), scene(BOX[None])
    state = frame.layers["a"].state.copy()
    state[:, :3] = (205, 65, 12)
    frame = Frame({"a": replace(frame.layers["a"], state=state)})
    even = drawn(canvas, frame, view, None)
    picture = drawn(canvas, frame, view, sun_at(215, 30)).astype(float)
    shown = (even != even[0, 0]).any(axis=2)
    share = picture[shown] / np.array([205, 65, 12])
    assert np.ptp(share[:, :2], axis=1).max() < 0.02
    assert share[:, 0].min() >= 0.54
    assert share[:, 0].max() <= 1.06
    assert (drawn(canvas, frame, view, None) == even).all()


@pytest.mark.render
def test_a_sun_below_the_horizon_casts_nothing(canvas: Canvas) -> None:
    assert power(sun_at(300, -4)) == 0.0
    assert power(sun_at(300, 10)) == 1.0
    view = from_above()
    dusk = drawn(canvas, scene(BOX[None]), view, sun_at(300, -4))
    bare = drawn(canvas, scene(BOX[None], 0), view, sun_at(300, -4))
    outside = ~meets(np.broadcast_to(view.eye - ORIGIN, (*dusk.shape[:2], 3)), rays(view), BOX)
    outside &= ~near_edge(outside, 1)
    assert (dusk[outside] == bare[outside]).all()


@pytest.mark.render
def test_shadows_fall_where_the_city_brings_no_ground(canvas: Canvas) -> None:
    frame, view, sun = scene(BOX[None]), from_above(), sun_at(215, 30)
    tile = frame.layers["a"].tiles[0]
    mesh = tile.drawables[0]
    assert isinstance(mesh, Mesh)
    alone = replace(mesh, triangles=mesh.triangles[2:])
    box = np.concatenate([BOX[:3], BOX[3:]]) + np.tile(ORIGIN, 2)
    bare = Resident((alone,), tile.rows, box, alone.nbytes)
    frame = Frame({"a": replace(frame.layers["a"], tiles={0: bare})})
    picture = drawn(canvas, frame, view, sun).astype(int)
    even = drawn(canvas, frame, view, None).astype(int)
    ray = rays(view)
    there = view.eye - ORIGIN + ray * ((ORIGIN[2] - view.eye[2]) / ray[..., 2])[..., None]
    ground = ~meets(np.broadcast_to(view.eye - ORIGIN, ray.shape), ray, BOX)
    ground &= ~near_edge(ground, 2)
    shaded = meets(there, np.broadcast_to(np.array(sun), there.shape), BOX)
    dark = (even - picture).max(axis=2) > 20
    assert not (ground & (dark != shaded) & ~near_edge(shaded, 2)).any()


@pytest.mark.render
def test_a_sun_under_way_has_one_map_and_rests_in_the_picture_it_would_have_had(
    canvas: Canvas,
) -> None:
    frame, view = (
        scene(BOX[None]),
        pose_of(ORIGIN + np.array([0.0, -110.0, 3.0]), ORIGIN).view(SIZE),
    )
    drawn(canvas, frame, view, sun_at(200, 30))
    shadows = canvas.stage.lighting.shadows
    maps = []
    for thrift in (GRADES["low"].thrift(Quality()), LAVISH):
        canvas.stage.thrift = thrift
        rested = drawn(canvas, frame, view, sun_at(215, 30))
        assert shadows.light is not None
        assert shadows.light.fit is not None
        maps.append(len(shadows.light.fit.maps))
    fresh = Canvas(canvas.stage.look)
    assert maps == [1, 4]
    assert (rested == finished(fresh, frame, view, fine=False)[..., :3]).all()
    fresh.close()


@pytest.mark.render
def test_thin_shadows_of_a_sun_under_way_are_whole_again_at_rest(canvas: Canvas) -> None:
    houses = city(1, 40)
    view = over_the_roofs().view(SIZE)
    drawn(canvas, houses, view, sun_at(200, 30))
    canvas.stage.thrift = GRADES["low"].thrift(Quality())
    canvas.stage.set_look(replace(canvas.stage.look, sun=sun_at(215, 30)))
    assert canvas.stage.show(houses, view, triangle_budget=50)
    thin = canvas.draw(houses, view)[..., :3]
    canvas.stage.thrift = LAVISH
    rested = drawn(canvas, houses, view, sun_at(215, 30))
    fresh = Canvas(canvas.stage.look)
    assert (thin != rested).any()
    assert (rested == finished(fresh, houses, view, fine=False)[..., :3]).all()
    fresh.close()


suns = st.builds(sun_at, st.floats(0, 360), st.floats(0.5, 90))
places = st.tuples(*[st.floats(-1500, 1500)] * 2, st.floats(2, 900))


@given(sun=suns, eye=places, target=places, seed=st.integers(0, 99), one=st.booleans())
def test_whatever_is_in_view_lies_in_a_map(
    sun: Sun, eye: tuple[float, ...], target: tuple[float, ...], seed: int, one: bool
) -> None:
    chance = np.random.default_rng(seed)
    low = chance.uniform(-1000, 1000, (30, 3)) * [1, 1, 0.01]
    boxes = np.concatenate([low, low + chance.uniform(1, 60, (30, 3))], axis=1)
    view = pose_of(np.array(eye), np.array(target)).view((400, 300))
    points = chance.uniform(boxes[:, None, :3], boxes[:, None, 3:], (30, 40, 3)).reshape(-1, 3)
    seen = points[inside(view, np.tile(points, 2))]
    seen = seen[(seen - view.eye) @ view.forward > 2.0]
    fit = fitted(sun, view, boxes, 1024, one)
    if fit is None or not len(seen):
        assert not inside(view, boxes).any() or not len(seen)
        return
    assert len(fit.maps) == 1 or not one
    assert enough(fit, view, boxes, fit)
    lit = seen @ basis(sun).T
    assert (lit[:, 2] > fit.low).all()
    assert (lit[:, 2] < fit.high).all()
    assert held(fit, lit, (seen - view.eye) @ view.forward).all()


def held(fit: Fit, lit: F64, depth: F64) -> Mask:
    """Return which places lie in the map of their slice of depths."""
    chosen = np.searchsorted(np.array(fit.ends), depth) if fit.ends else np.zeros(len(lit), int)
    found = np.zeros(len(lit), np.bool_)
    for number, square in enumerate(fit.maps):
        at = (lit[:, :2] - square.low) / square.texel
        found |= (chosen == number) & ((at > 1) & (at < fit.side - 1)).all(axis=1)
    return found
