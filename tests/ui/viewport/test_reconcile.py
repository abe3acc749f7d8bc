"""The plan is the difference, and nothing but the difference."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.ui.viewport.frames import city
from twin.streaming import Frame
from ui.viewport.reconcile import Key, Shown, plan

WHOLE = city(3, 5)
TILES = WHOLE.layers["a"].tiles
subsets = st.sets(st.sampled_from(sorted(TILES)))


def part(numbers: set[int], version: int = 1) -> Frame:
    layer = WHOLE.layers["a"]
    return Frame({"a": replace(layer, tiles={n: TILES[n] for n in numbers}, version=version)})


def standing(numbers: set[int], version: int = 1) -> dict[Key, Shown]:
    return {("a", n): Shown(TILES[n], version) for n in numbers}


@given(subsets, subsets, st.integers(1, 2))
def test_carrying_out_the_plan_shows_the_frame_and_then_there_is_nothing_left(
    before: set[int], after: set[int], version: int
) -> None:
    shown, frame = standing(before), part(after, version)
    todo = plan(shown, frame)
    for key in (*todo.drop, *todo.linger):
        del shown[key]
    for key in (*todo.add, *todo.paint):
        shown[key] = Shown(frame.layers["a"].tiles[key[1]], version)
    assert shown == standing(after, version)
    assert plan(shown, frame).empty


@given(subsets, subsets)
def test_a_tile_lingers_while_its_layer_waits_for_tiles_and_only_then(
    before: set[int], after: set[int]
) -> None:
    todo = plan(standing(before), part(after))
    assert {n for _, n in todo.add} == after - before
    assert {n for _, n in (*todo.drop, *todo.linger)} == before - after
    assert not (todo.drop if after - before else todo.linger)


def test_another_tile_under_the_same_number_is_built_again() -> None:
    shown = {("a", 0): Shown(TILES[1], 1)}
    assert plan(shown, part({0})).add == (("a", 0),)


def test_a_layer_that_is_gone_is_dropped_at_once() -> None:
    assert plan(standing({0, 1}), Frame()).drop == (("a", 0), ("a", 1))
