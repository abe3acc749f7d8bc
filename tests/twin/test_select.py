"""The promises of ``select``, on generated trees, memories and cameras."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from twin.geometry import Rows
from twin.selection import in_view, screen_error, select
from twin.tiles import ADD, NO_GATES, REPLACE, Gates, GrowingTree, TileTree, View

Bool = NDArray[np.bool_]
NOTHING = np.zeros(0, np.int32)


@st.composite
def trees(draw: st.DrawFn, adds: bool = True) -> TileTree:
    """A quadtree over 1024 m, some branches cut off, some tiles without content, some ADD."""
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    depth = draw(st.integers(1, 3))
    rows: list[tuple[float, float, float, int, int]] = [(512.0, 512.0, 512.0, -1, 0)]
    first, count = [0], [0]
    start = 0
    for level in range(depth):
        stop = len(rows)
        for tile in range(start, stop):
            x, y, half, _, _ = rows[tile]
            if level and rng.random() < 0.3:
                continue
            first[tile], count[tile] = len(rows), 4
            for dx in (-0.5, 0.5):
                for dy in (-0.5, 0.5):
                    rows.append((x + dx * half, y + dy * half, half / 2, tile, level + 1))
                    first.append(0)
                    count.append(0)
        start = stop
    n = len(rows)
    table = np.array([row[:3] for row in rows])
    axes = np.zeros((n, 3, 3), np.float32)
    axes[:, 0, 0] = axes[:, 1, 1] = table[:, 2]
    axes[:, 2, 2] = 20
    counts = np.array(count, np.int32)
    content = rng.random(n) < 0.85
    content[counts == 0] = True
    levels = np.array([row[4] for row in rows])
    error = np.where(counts > 0, 40.0 / 2.0**levels, 0.0).astype(np.float32)
    error[(~content) & (counts > 0)] = np.inf
    refine = np.where(rng.random(n) < 0.25, ADD, REPLACE) if adds else np.full(n, REPLACE)
    return TileTree(
        np.column_stack([table[:, :2], np.zeros(n)]), axes, error,
        np.array([row[3] for row in rows], np.int32), np.array(first, np.int32), counts,
        refine.astype(np.uint8), content,
    )  # fmt: skip


@st.composite
def views(draw: st.DrawFn) -> View:
    """A camera somewhere above the square, looking down at it."""
    number = st.floats(0, 1024)
    eye = np.array([draw(number), draw(number), draw(st.floats(30, 3000))])
    aim = np.array([draw(number), draw(number), 0.0])
    forward = (aim - eye) / np.linalg.norm(aim - eye)
    side = np.cross(forward, [0.0, 0.0, 1.0] if abs(forward[2]) < 0.999 else [0.0, 1.0, 0.0])
    up = np.cross(side / np.linalg.norm(side), forward)
    return View(eye, forward, up, 45.0, (800, 600))


def memory(tree: TileTree, seed: int, share: float) -> Bool:
    rng = np.random.default_rng(seed)
    return (rng.random(len(tree)) < share) & tree.content


def ideal(tree: TileTree, view: View) -> set[int]:
    """An independent, recursive reading of the ideal cut."""
    found: set[int] = set()

    def walk(tile: int) -> None:
        one = np.array([tile], np.int32)
        if not in_view(tree, one, view)[0]:
            return
        refined = screen_error(tree, one, view)[0] > 16.0 and tree.count[tile] > 0
        if tree.content[tile] and (not refined or tree.refine[tile] == ADD):
            found.add(tile)
        if refined:
            for child in range(tree.first[tile], tree.first[tile] + tree.count[tile]):
                walk(child)

    walk(0)
    return found


def ancestors(tree: TileTree, tile: int) -> list[int]:
    found = []
    while tree.parent[tile] >= 0:
        tile = int(tree.parent[tile])
        found.append(tile)
    return found


shares = st.floats(0, 1)
seeds = st.integers(0, 2**31)


@given(trees(), views(), seeds, shares)
def test_draws_only_what_is_in_memory_and_fetches_only_what_is_not(
    tree: TileTree, view: View, seed: int, share: float
) -> None:
    resident = memory(tree, seed, share)
    found = select(tree, view, resident, NOTHING)
    assert resident[found.draw].all()
    assert not resident[found.fetch].any()
    assert tree.content[found.draw].all()
    assert tree.content[found.fetch].all()
    assert len(set(found.draw.tolist())) == len(found.draw)
    assert len(set(found.fetch.tolist())) == len(found.fetch)


@given(trees(), views(), views(), seeds, shares)
def test_never_draws_a_tile_over_its_replacement(
    tree: TileTree, before: View, view: View, seed: int, share: float
) -> None:
    resident = memory(tree, seed, share)
    drawn = select(tree, before, resident, NOTHING).draw
    found = set(select(tree, view, resident, drawn).draw.tolist())
    for tile in found:
        for above in ancestors(tree, tile):
            assert above not in found or tree.refine[above] == ADD


@given(trees(), views())
def test_with_everything_in_memory_it_draws_the_ideal_cut(tree: TileTree, view: View) -> None:
    found = select(tree, view, tree.content, NOTHING)
    assert set(found.draw.tolist()) == ideal(tree, view)
    assert not len(found.fetch)


@given(trees(adds=False), views(), seeds, shares)
def test_a_resident_root_leaves_no_holes(
    tree: TileTree, view: View, seed: int, share: float
) -> None:
    resident = memory(tree, seed, share)
    resident[0] = tree.content[0] = True
    tree.error[0] = min(float(tree.error[0]), 40.0)
    found = set(select(tree, view, resident, NOTHING).draw.tolist())
    for wanted in ideal(tree, view):
        if not {wanted, *ancestors(tree, wanted)} & found:
            below = {tile for tile in found if wanted in ancestors(tree, tile)}
            assert below, f"nothing is drawn where tile {wanted} should be"


@given(trees(), views(), seeds, shares)
def test_a_still_camera_settles(tree: TileTree, view: View, seed: int, share: float) -> None:
    resident = memory(tree, seed, share)
    first = select(tree, view, resident, NOTHING)
    second = select(tree, view, resident, first.draw)
    third = select(tree, view, resident, second.draw)
    assert set(second.draw.tolist()) == set(third.draw.tolist())


@settings(max_examples=50)
@given(trees(), views(), seeds, shares)
def test_loading_what_is_asked_reaches_the_ideal(
    tree: TileTree, view: View, seed: int, share: float
) -> None:
    resident = memory(tree, seed, share)
    drawn: Rows = NOTHING
    for _ in range(3 * len(tree) + 3):
        found = select(tree, view, resident, drawn)
        drawn = found.draw
        if not len(found.fetch):
            break
        resident[found.fetch[0]] = True
    assert set(select(tree, view, resident, drawn).draw.tolist()) == ideal(tree, view)


@given(trees(), views(), seeds, shares)
def test_what_is_on_screen_and_still_wanted_stays_in_memory(
    tree: TileTree, view: View, seed: int, share: float
) -> None:
    resident = memory(tree, seed, share)
    found = select(tree, view, resident, NOTHING)
    keep = set(found.keep.tolist())
    assert set(found.draw.tolist()) <= keep
    assert {tile for tile in ideal(tree, view) if resident[tile]} <= keep


def quad() -> TileTree:
    """A root of 1 km with four children of 500 m."""
    boxes = np.array([[x, y, 0, x + 500, y + 500, 20] for x in (0, 500) for y in (0, 500)], float)
    tree = TileTree.flat(boxes)
    tree.content[0], tree.refine[0], tree.error[0] = True, REPLACE, 30.0
    return tree


def looking_down(x: float, y: float, height: float) -> View:
    down, north = np.array([0.0, 0.0, -1.0]), np.array([0.0, 1.0, 0.0])
    return View(np.array([x, y, height]), down, north, 45.0, (600, 600))


def test_panning_onto_a_missing_tile_shows_the_coarse_one_until_it_arrives() -> None:
    tree = quad()
    resident = np.array([True, True, False, True, True])
    near = select(tree, looking_down(120, 120, 200), resident, NOTHING)
    assert near.draw.tolist() == [1]
    moved = select(tree, looking_down(120, 480, 200), resident, near.draw)
    assert moved.draw.tolist() == [0]
    assert moved.fetch.tolist() == [2]
    resident[2] = True
    assert set(select(tree, looking_down(120, 480, 200), resident, moved.draw).draw) == {1, 2}


def deep_quad() -> TileTree:
    """The quad whose first child has four of 250 m, without content of its own."""
    tree, boxes = quad(), [[x, y, 0, x + 250, y + 250, 20] for x in (0, 250) for y in (0, 250)]
    return tree.grown(1, TileTree.flat(np.array(boxes, float)))


def test_panning_onto_a_missing_tile_keeps_what_is_far_finer_and_lays_the_coarse_one_beneath() -> (
    None
):
    tree = deep_quad()
    resident = tree.content & (np.arange(len(tree)) != 2)
    near = select(tree, looking_down(120, 350, 200), resident, NOTHING)
    assert near.draw.tolist() == [7]
    moved = select(tree, looking_down(120, 480, 200), resident, near.draw)
    assert (moved.draw.tolist(), moved.under.tolist()) == ([7], [0])
    assert moved.fetch.tolist() == [2]
    resident[2] = True
    there = select(tree, looking_down(120, 480, 200), resident, moved.draw)
    assert (set(there.draw), there.under.tolist()) == ({2, 7}, [])


def test_what_is_just_outside_of_the_picture_may_come_ahead() -> None:
    tree = quad()
    resident = np.array([True, True, False, True, True])
    far = select(tree, looking_down(120, 120, 200), resident, NOTHING)
    assert (far.spare.tolist(), far.rim.tolist()) == ([], [])
    near = select(tree, looking_down(400, 400, 200), resident, NOTHING)
    assert (near.spare.tolist(), set(near.rim)) == ([2], {3, 4})
    assert not len(near.fetch)


@given(trees(), views(), views(), seeds, shares)
def test_what_lies_beneath_is_in_memory_and_above_something_missing(
    tree: TileTree, before: View, view: View, seed: int, share: float
) -> None:
    resident = memory(tree, seed, share)
    drawn = select(tree, before, tree.content, NOTHING).draw
    found = select(tree, view, resident, drawn)
    assert resident[found.under].all()
    assert not set(found.under.tolist()) & set(found.draw.tolist())
    assert set(found.under.tolist()) <= set(found.keep.tolist())
    for tile in found.under.tolist():
        assert any(tile in ancestors(tree, lacking) for lacking in found.fetch.tolist())


@given(trees(adds=False), views(), views(), seeds, shares)
def test_a_resident_root_leaves_no_holes_after_another_view(
    tree: TileTree, before: View, view: View, seed: int, share: float
) -> None:
    resident = memory(tree, seed, share)
    resident[0] = tree.content[0] = True
    tree.error[0] = min(float(tree.error[0]), 40.0)
    drawn = select(tree, before, resident, NOTHING).draw
    chosen = select(tree, view, resident, drawn)
    found = {*chosen.draw.tolist(), *chosen.under.tolist()}
    for wanted in ideal(tree, view):
        if not {wanted, *ancestors(tree, wanted)} & found:
            assert {tile for tile in found if wanted in ancestors(tree, tile)}


def test_zooming_out_keeps_the_fine_tiles_until_the_coarse_one_is_here() -> None:
    tree = quad()
    resident = np.array([False, True, True, True, True])
    near = select(tree, looking_down(500, 500, 700), resident, NOTHING)
    assert set(near.draw) == {1, 2, 3, 4}
    far = select(tree, looking_down(500, 500, 9000), resident, near.draw)
    assert set(far.draw) == {1, 2, 3, 4}
    assert far.fetch.tolist() == [0]
    resident[0] = True
    assert select(tree, looking_down(500, 500, 9000), resident, far.draw).draw.tolist() == [0]


def test_an_external_tileset_hangs_under_its_tile_and_always_refines() -> None:
    tree = TileTree.single(np.array([0.0, 0, 0, 100, 100, 10]))
    more = TileTree.flat(np.array([[0.0, 0, 0, 50, 50, 10], [50, 50, 0, 100, 100, 10]]))
    grown = tree.grown(0, more)
    assert grown.parent.tolist() == [-1, 0, 1, 1]
    assert not grown.content[0]
    found = select(grown, looking_down(50, 50, 5000), grown.content, NOTHING)
    assert set(found.draw) == {2, 3}


@given(trees(), views(), views(), seeds, shares)
def test_history_never_brings_back_what_is_gone_nor_draws_twice(
    tree: TileTree, before: View, view: View, seed: int, share: float
) -> None:
    drawn = select(tree, before, tree.content, NOTHING).draw
    resident = memory(tree, seed, share)
    found = select(tree, view, resident, drawn)
    assert resident[found.draw].all()
    assert len(set(found.draw.tolist())) == len(found.draw)


@given(trees(), views(), seeds, shares)
def test_only_the_ideal_cut_and_coarse_tiles_above_it_are_asked_for(
    tree: TileTree, view: View, seed: int, share: float
) -> None:
    found = select(tree, view, memory(tree, seed, share), NOTHING)
    wanted = ideal(tree, view)
    above = {tile for one in wanted for tile in ancestors(tree, one)}
    for tile in found.fetch.tolist():
        assert tile in wanted or tile in above
        if tile not in wanted:
            covering = [one for one in ancestors(tree, tile) if tree.refine[one] == REPLACE]
            assert not any(tree.content[one] for one in covering)


def test_from_nothing_the_coarse_tile_comes_first() -> None:
    tree = quad()
    found = select(tree, looking_down(500, 500, 700), np.zeros(5, np.bool_), NOTHING)
    assert found.fetch[0] == 0
    assert set(found.fetch[1:]) == {1, 2, 3, 4}


def test_a_resident_coarse_tile_is_not_asked_for_again_below() -> None:
    tree = quad()
    inner = TileTree.flat(np.array([[0.0, 0, 0, 250, 250, 20], [250, 250, 0, 500, 500, 20]]))
    inner.content[0], inner.refine[0], inner.error[0] = True, REPLACE, 25.0
    tree = tree.grown(1, inner)
    found = select(tree, looking_down(120, 120, 200), tree.content & (np.arange(8) < 1), NOTHING)
    assert 5 not in found.fetch
    assert 6 in found.fetch


def test_what_is_near_and_ahead_is_asked_for_first() -> None:
    boxes = np.array([[x, 0, 0, x + 100, 100, 20] for x in range(0, 1000, 100)], float)
    tree = TileTree.flat(boxes, error=5.0)
    east = np.array([1.0, 0.0, -0.2]) / np.sqrt(1.04)
    view = View(np.array([-50.0, 50, 60]), east, np.array([0.0, 0, 1]), 45, (800, 600))
    found = select(tree, view, np.zeros(len(tree), np.bool_), NOTHING).fetch
    assert found.tolist() == sorted(found.tolist())
    assert len(found) > 3


def test_the_screen_error_is_measured_to_the_box_not_to_its_centre() -> None:
    tree = TileTree.single(np.array([0.0, 0, 0, 1000, 1000, 20]), error=10.0)
    one = np.zeros(1, np.int32)
    above = screen_error(tree, one, looking_down(500, 500, 220))[0]
    aside = screen_error(tree, one, looking_down(10, 10, 220))[0]
    expected = 10.0 * 600 / (2 * 200 * np.tan(np.radians(22.5)))
    assert np.isclose(above, expected)
    assert np.isclose(aside, expected)
    assert screen_error(tree, one, looking_down(500, 500, 10))[0] > 1e5


def adding() -> TileTree:
    tree = quad()
    tree.refine[0] = ADD
    return tree


def test_an_adding_tile_shows_its_children_as_they_come() -> None:
    resident = np.array([True, True, False, False, True])
    found = select(adding(), looking_down(500, 500, 700), resident, NOTHING)
    assert set(found.draw) == {0, 1, 4}
    assert set(found.fetch) == {2, 3}


def test_an_adding_child_replaces_its_parent_before_its_own_children_are_here() -> None:
    tree = TileTree.single(np.array([0.0, 0, 0, 1000, 1000, 20]), error=60.0).grown(0, adding())
    tree.content[0], tree.error[0] = True, 60.0
    resident = np.array([True, True, True, False, False, False])
    found = select(tree, looking_down(500, 500, 700), resident, NOTHING)
    assert set(found.draw) == {1, 2}


def test_stepping_back_one_level_draws_the_coarser_tiles_alone() -> None:
    """The root is missing, its children are here, grandchildren were drawn before."""
    tree = quad()
    inner = TileTree.flat(np.array([[0.0, 0, 0, 250, 500, 20], [250, 0, 0, 500, 500, 20]]))
    inner.content[0], inner.refine[0], inner.error[0] = True, REPLACE, 12.0
    tree = tree.grown(1, inner)
    resident = tree.content & (np.arange(len(tree)) > 0)
    near = select(tree, looking_down(250, 250, 200), resident, NOTHING)
    assert {6, 7} <= set(near.draw)
    back = select(tree, looking_down(500, 500, 900), resident, near.draw)
    assert set(back.draw) == {5, 2, 3, 4}


@st.composite
def gated(draw: st.DrawFn) -> TileTree:
    """A tree some of whose tiles are seen from inside a box or a ball only."""
    tree = draw(trees())
    rng = np.random.default_rng(draw(seeds))
    rows = np.flatnonzero(rng.random(len(tree)) < 0.3).astype(np.int32)
    axes = np.zeros((len(rows), 3, 3), np.float32)
    axes[:, [0, 1, 2], [0, 1, 2]] = rng.uniform(50, 2500, (len(rows), 1))
    center = tree.center[rows] + rng.uniform(-50, 50, (len(rows), 3))
    return replace(tree, gates=Gates(rows, center, axes, rng.random(len(rows)) < 0.5))


def shut_out(tree: TileTree, view: View) -> set[int]:
    """An independent reading: the tiles behind a gate that the eye is outside of."""
    found = set()
    for tile, center, axes, ball in zip(
        tree.gates.tile, tree.gates.center, tree.gates.axes, tree.gates.ball, strict=True
    ):
        reach, away = float(axes[0, 0]), np.abs(view.eye - center)
        outside = np.linalg.norm(away) > reach if ball else (away > reach).any()
        if outside:
            found.add(int(tile))
    return {tile for tile in range(len(tree)) if found & {tile, *ancestors(tree, tile)}}


@given(gated(), views(), views(), seeds, shares)
def test_a_gated_tile_is_drawn_and_asked_for_only_from_inside_its_volume(
    tree: TileTree, before: View, view: View, seed: int, share: float
) -> None:
    drawn = select(replace(tree, gates=NO_GATES), before, tree.content, NOTHING).draw
    found = select(tree, view, memory(tree, seed, share), drawn)
    assert not shut_out(tree, view) & {*found.draw.tolist(), *found.fetch.tolist()}
    assert not shut_out(tree, view) & {*found.need.tolist(), *found.spare.tolist()}


@given(gated(), views())
def test_open_gates_change_nothing(tree: TileTree, view: View) -> None:
    wide = replace(tree.gates, axes=tree.gates.axes * 0 + np.eye(3, dtype=np.float32) * 1e6)
    opened = select(replace(tree, gates=wide), view, tree.content, NOTHING)
    assert opened.draw.tolist() == select(
        replace(tree, gates=NO_GATES), view, tree.content, NOTHING
    ).draw.tolist()  # fmt: skip


def test_a_tile_stays_while_all_that_would_replace_it_is_seen_from_elsewhere() -> None:
    tree = quad()
    box = np.tile(np.eye(3, dtype=np.float32), (4, 1, 1))
    away = Gates(np.arange(1, 5, dtype=np.int32), np.full((4, 3), 1e5), box, np.zeros(4, np.bool_))
    found = select(replace(tree, gates=away), looking_down(500, 500, 700), tree.content, NOTHING)
    assert found.draw.tolist() == [0]


@given(trees(), st.lists(st.tuples(trees(), shares), max_size=6))
def test_growing_in_place_gives_the_same_tree_and_leaves_what_it_grew_from(
    tree: TileTree, growths: list[tuple[TileTree, float]]
) -> None:
    whole, given_tree = tree, replace(tree, center=tree.center.copy(), first=tree.first.copy())
    growing = GrowingTree(tree)
    for more, share in growths:
        leaves = np.flatnonzero(whole.count == 0)
        tile = int(leaves[round(share * (len(leaves) - 1))])
        whole = whole.grown(tile, more)
        growing.grow(tile, more)
    for name in ("center", "axes", "error", "parent", "first", "count", "refine", "content"):
        assert np.array_equal(getattr(whole, name), getattr(growing.tree, name)), name
        assert name not in ("center", "first") or np.array_equal(
            getattr(tree, name), getattr(given_tree, name)
        )
    starts = np.flatnonzero(whole.count)
    for tile in starts.tolist():
        below = whole.parent[whole.first[tile] : whole.first[tile] + whole.count[tile]]
        assert (below == tile).all()


def test_a_gate_goes_along_when_its_tree_grows_under_another() -> None:
    tree = quad()
    inner = replace(quad(), gates=Gates(
        np.array([2], np.int32), np.zeros((1, 3)), np.eye(3, dtype=np.float32)[None],
        np.ones(1, np.bool_),
    ))  # fmt: skip
    assert tree.grown(1, inner).grown(2, inner).gates.tile.tolist() == [7, 12]
