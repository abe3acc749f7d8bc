"""Sections on the stage, pixel by pixel: what is cut away is gone, faces fill the cut, and the pick agrees."""

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
)
from twin.capping import Capping
from twin.geometry import F64, Lines, Points
from twin.jobs import Jobs
from twin.picking import pick
from twin.records import Section
from twin.sections import box_planes, equations
from twin.streaming import OWN_COLOR, SELECTED, VISIBLE, Frame, LayerFrame, Resident, state_of
from twin.tiles import View
from ui.viewport.canvas import Canvas, finished, picture_of, settle
from ui.viewport.extent import outermost_points
from ui.viewport.look import DARK, LIGHT, Look, Tones, rgb
from ui.viewport.shaders import Kind

pytestmark = pytest.mark.render
SIZE = (320, 240)
FLAT = Look(flat=True)
HALF = np.array([0.0, 0.0, 1.0, ORIGIN[2] + 4.0])
"""Cuts away what is more than four metres above the ground."""


@pytest.fixture
def canvas() -> Iterator[Canvas]:
    found = Canvas(Look(background="plain", edges=False))
    yield found
    found.close()


def cut(frame: Frame, *planes: F64) -> Frame:
    jobs = Jobs(inline=True)
    capping = Capping(jobs)
    capping.completed(frame, np.array(planes).reshape(-1, 4))
    jobs.finish()
    return capping.completed(frame, np.array(planes).reshape(-1, 4))


def boxed(frame: Frame, box: F64, turned: float = 0.0) -> Frame:
    return cut(frame, *equations([Section("a", "A", box_planes(box, turned))]))


def upright(frame: Frame, turn: float) -> F64:
    box = box_of_frame(frame)
    normal = np.array([np.cos(turn), np.sin(turn), 0.0])
    return np.array([*normal, normal @ (box[:3] + box[3:]) / 2])


def with_state(frame: Frame, state: np.ndarray, version: int = 2) -> Frame:
    part = replace(frame.layers["a"], state=state, version=version)
    return replace(frame, layers={"a": part})


def identified(frame: Frame) -> Frame:
    return with_state(frame, identities(len(frame.layers["a"].state)))


def sections(frame: Frame) -> dict[str, Frame]:
    box = box_of_frame(frame)
    inner = np.concatenate([box[:3] * 0.7 + box[3:] * 0.3, box[:3] * 0.2 + box[3:] * 0.8])
    inner[5] = ORIGIN[2] + 6.0
    return {
        "level": cut(frame, HALF),
        "upright": cut(frame, upright(frame, -1.9)),
        "both": cut(frame, HALF, upright(frame, -1.9)),
        "box": boxed(frame, inner, 20.0),
    }


@pytest.mark.parametrize("kind", ["level", "upright", "both", "box"])
def test_pixels_show_what_the_pick_meets(kind: str) -> None:
    frame = sections(identified(city(3, 60)))[kind]
    view = over_the_roofs().view(SIZE)
    shown = rows_of(picture_of(frame, view, FLAT))
    chance = np.random.default_rng(3)
    spots = np.stack([chance.integers(0, SIZE[0], 300), chance.integers(0, SIZE[1], 300)], 1)
    wrong = 0
    for x, y in spots.tolist():
        hit = pick(frame, view, x + 0.5, y + 0.5)
        row = -1 if hit is None else hit.row
        # a pixel on an edge may go to the one or the other side
        wrong += row not in shown[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
    assert (shown >= 0).any()
    assert wrong <= 3


def test_a_lifted_layer_is_cut_where_it_is_shown() -> None:
    frame = identified(city(2, 40))
    part = replace(frame.layers["a"], lift=30.0)
    lifted = cut(replace(frame, layers={"a": part}), HALF + np.array([0, 0, 0, 30.0]))
    view = over_the_roofs().view(SIZE)
    up = replace(view, eye=view.eye + np.array([0, 0, 30.0]))
    here = rows_of(picture_of(cut(frame, HALF), view, FLAT))
    there = rows_of(picture_of(lifted, up, FLAT))
    assert (here == there).mean() > 0.999


def test_without_a_section_the_picture_is_the_very_same_as_before(canvas: Canvas) -> None:
    frame, view = city(2, 40), over_the_roofs().view(SIZE)
    before = finished(canvas, frame, view).copy()
    during = finished(canvas, cut(frame, HALF), view).copy()
    after = finished(canvas, frame, view)
    assert (before == after).all()
    assert (before != during).any()
    for tile in canvas.stage._tiles.values():
        assert tile.caps == []
        assert {part.variant.cuts for part in tile.drawn if part.variant} == {0}


def test_only_tiles_that_a_plane_goes_through_get_another_shader(canvas: Canvas) -> None:
    frame, view = city(3, 40), over_the_roofs().view(SIZE)
    boxes = np.stack([tile.box for tile in frame.layers["a"].tiles.values()])
    middle = np.sort(boxes[:, 3])[len(boxes) // 2] - 0.01
    finished(canvas, cut(frame, np.array([1.0, 0, 0, middle])), view)
    cuts = [tile.parts[0].variant.cuts for tile in canvas.stage._tiles.values()]  # type: ignore[union-attr]
    gone = [tile.parts[0].gone for tile in canvas.stage._tiles.values()]
    assert sorted(set(cuts)) == [0, 1]
    assert any(gone)
    seen = [bool(tile.parts[0].actor.GetVisibility()) for tile in canvas.stage._tiles.values()]
    assert seen == [not whole for whole in gone]


@pytest.mark.parametrize(("dark", "tones"), [(False, LIGHT), (True, DARK)])
def test_faces_are_ink_or_wear_their_material(dark: bool, tones: Tones) -> None:
    frame = city(2, 40)
    own = np.tile(np.array([255, 0, 0, VISIBLE | OWN_COLOR], np.uint8), (160, 1))
    frame = cut(with_state(frame, own), HALF)
    above = over_the_roofs()
    view = replace(
        above.view(SIZE), eye=box_middle(frame) + np.array([0, 0, 120.0]), forward=np.array([0.0, 0, -1]),
        up=np.array([0.0, 1, 0]),
    )  # fmt: skip
    look = Look(dark=dark, background="plain", edges=False)
    ink = np.round(np.array(rgb(tones.cut_face)) * 255)
    clay = np.array([205, 195, 188])

    def near(picture: np.ndarray, color: np.ndarray) -> float:
        return float((np.abs(picture[..., :3] - color).max(axis=-1) < 12).mean())

    solid = picture_of(frame, view, replace(look, caps="solid"), fine=False).astype(int)
    plain = picture_of(frame, view, replace(look, caps="material"), fine=False).astype(int)
    hatched = picture_of(frame, view, replace(look, caps="hatch"), fine=False).astype(int)
    assert near(solid, ink) > 0.1
    assert near(plain, ink) < 0.01
    assert near(plain, clay) > 0.1
    assert 0.1 * near(plain, clay) < near(hatched, clay) < 0.9 * near(plain, clay)


def box_middle(frame: Frame) -> F64:
    box = box_of_frame(frame)
    return np.array([*((box[:2] + box[3:5]) / 2), box[2]])


def test_hidden_objects_have_no_faces(canvas: Canvas) -> None:
    frame = cut(identified(city(2, 40)), HALF)
    view = over_the_roofs().view(SIZE)
    flat = Canvas(FLAT)
    shown = rows_of(finished(flat, frame, view))
    row = int(np.bincount(shown[shown >= 0]).argmax())
    state = frame.layers["a"].state.copy()
    state[row, 3] = 0
    hidden = with_state(frame, state, 9)
    assert not (rows_of(finished(flat, hidden, view)) == row).any()
    flat.close()


def test_a_selected_face_is_outlined(canvas: Canvas) -> None:
    frame, view = cut(city(2, 40), HALF), over_the_roofs().view(SIZE)
    before = finished(canvas, frame, view, fine=False).copy()
    state = frame.layers["a"].state.copy()
    state[:, 3] |= SELECTED
    after = finished(canvas, with_state(frame, state, 9), view, fine=False)
    line = np.round(np.array(rgb(LIGHT.outline)) * 255)
    assert not (before[..., :3] == line).all(axis=-1).any()
    assert (after[..., :3] == line).all(axis=-1).sum() > 200


def test_lines_points_and_outlines_are_cut_as_well() -> None:
    ends = np.stack([np.linspace(0, 40, 200), np.zeros(200), np.zeros(200)], 1).astype(np.float32)
    pairs = np.arange(200, dtype=np.int32).reshape(-1, 2)
    feature = np.zeros(200, np.int32)
    box = np.array([*ORIGIN, *(ORIGIN + np.array([40, 0.1, 0.1]))])
    middle = np.array([1.0, 0, 0, ORIGIN[0] + 20])
    view = View(
        ORIGIN + np.array([20, -50, 0]), np.array([0.0, 1, 0]), np.array([0.0, 0, 1]), 45.0, SIZE
    )
    for item in (Lines(ORIGIN, ends, pairs, feature), Points(ORIGIN, ends, feature)):
        tile = Resident((item,), np.zeros(1, np.int32), box, 0)
        frame = Frame({"a": LayerFrame({0: tile}, state_of(1), 1)})
        whole = picture_of(frame, view, Look(background="plain"), fine=False)[..., :3].astype(int)
        half = picture_of(cut(frame, middle), view, Look(background="plain"), fine=False)
        there = np.abs(whole - whole[5, 5]).max(axis=-1) > 20
        kept = np.abs(half[..., :3].astype(int) - whole[5, 5]).max(axis=-1) > 20
        assert there[:, 170:].any()
        assert not kept[:, 164:].any()
        assert (kept[:, :156] == there[:, :156]).all()


def test_outlines_of_surfaces_end_at_the_cut() -> None:
    view = over_the_roofs().view(SIZE)
    frame = cut(identified(city(2, 40)), np.array([1.0, 0, 0, ORIGIN[0] + 20.0]))
    look = Look(background="plain", edges=True)
    with_edges = picture_of(frame, view, look, fine=False)
    without = picture_of(frame, view, replace(look, edges=False), fine=False)
    sky = (without == without[2, 2]).all(axis=-1)
    changed = (with_edges != without).any(axis=-1)
    # a line may reach a pixel beyond its surface, not farther
    beyond = changed & sky
    grown = np.zeros_like(sky)
    for dy in (-2, -1, 0, 1, 2):
        for dx in (-2, -1, 0, 1, 2):
            grown |= np.roll(np.roll(~sky, dy, 0), dx, 1)
    assert changed.any()
    assert not (beyond & ~grown).any()


def test_stand_ins_of_a_moving_camera_are_cut(canvas: Canvas) -> None:
    frame, view = cut(city(2, 40), HALF), over_the_roofs().view(SIZE)
    settle(canvas.stage, frame, view)
    canvas.stage.show(frame, view, 1000.0, triangle_budget=300)
    coarse = [c for t in canvas.stage._tiles.values() for p in t.parts for c in p.coarse.values()]
    assert coarse
    assert {part.variant.cuts for part in coarse if part.variant} == {1}


def test_a_tile_beneath_others_is_cut_where_it_seems_to_stand(canvas: Canvas) -> None:
    frame, view = cut(city(2, 40), HALF), over_the_roofs().view(SIZE)
    above = finished(canvas, frame, view, fine=False).copy()
    part = frame.layers["a"]
    under = replace(part, under=frozenset(part.tiles))
    below = finished(canvas, replace(frame, layers={"a": under}), view, fine=False)
    assert (np.abs(above.astype(int) - below).max(axis=-1) > 24).mean() < 0.02
    faces = [c for t in canvas.stage._tiles.values() for c in t.caps if c.batch.kind is Kind.CAPS]
    assert {round(c.actor.GetScale()[0]) for c in faces} == {30}


def test_faces_are_built_a_few_milliseconds_at_a_time(canvas: Canvas) -> None:
    frame, view = city(3, 40), over_the_roofs().view(SIZE)
    settle(canvas.stage, frame, view)
    sectioned, turns = cut(frame, HALF), 0
    while True:
        assert canvas.stage.show(sectioned, view, upload_ms=0.0)
        turns += 1
        if canvas.stage.settled:
            break
    assert turns == 9


def test_the_camera_is_fitted_to_what_is_left() -> None:
    frame = city(2, 40)
    points = outermost_points(cut(frame, HALF))
    assert points[:, 2].max() == pytest.approx(ORIGIN[2] + 4.0, abs=0.01)
    assert outermost_points(frame)[:, 2].max() > ORIGIN[2] + 8
