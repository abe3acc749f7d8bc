"""What memory holds for any tree, camera and budget: never too much, never a hole, always an end."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.test_select import ancestors, looking_down, quad, trees, views
from twin.budget import Budget
from twin.features import FeatureTable
from twin.geometry import Image, Material, Mesh, Points
from twin.jobs import Jobs, Outcome
from twin.ledger import Ledger, Tokens
from twin.observations import Observations
from twin.ports import Content, Feedback, Growth, Lane, Opened
from twin.records import About
from twin.selection import in_view
from twin.streaming import Fetched, Stream
from twin.tiles import TileTree, View
from twin.weighing import bounded, picture_weight, weight


@dataclass(frozen=True, slots=True)
class Weights:
    """A source whose tiles weigh what a list says (bytes of a point's arrays, about)."""

    tree: TileTree
    sizes: tuple[int, ...]
    lane: Lane = Lane.THREAD

    def open(self, feedback: Feedback) -> Opened:
        empty = FeatureTable.empty(), Observations.empty()
        return Opened("w", About("w"), self.tree, *empty)

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | Growth | None:
        count = self.sizes[tile]
        points = Points(
            self.tree.center[tile], np.zeros((count, 3), np.float32), np.zeros(count, np.int32)
        )
        return Content((points,))


class Watched:
    """Some layers in memory under one budget, frame by frame."""

    def __init__(self, trees: list[TileTree], seed: int, limit: int) -> None:
        rng = np.random.default_rng(seed)
        self.jobs, self.limit = Jobs(inline=True), limit
        self.streams = {}
        for number, tree in enumerate(trees):
            sizes = tuple(rng.integers(1, 2000, len(tree)).tolist())
            source = Weights(tree, sizes)
            key = f"layer {number}"
            self.streams[key] = Stream(key, source, tree, (), self.jobs)
        self.budget = Budget(self.streams)
        self.tick, self.most = 0, 0

    def arrived(self, key: str) -> Any:
        def came(tile: int, found: Fetched, outcome: Outcome) -> None:
            self.streams[key].settle(tile, found, found.numbers)
            self.most = max(self.most, self.budget.held)

        return came

    def frame(self, view: View) -> bool:
        self.tick += 1
        self.budget.begin(self.streams, view, self.limit)
        self.error = self.budget.select(view, 16.0, self.tick)
        self.budget.fit()
        done = self.budget.request(self.arrived)
        self.most = max(self.most, self.budget.held)
        return done

    def settle(self, view: View) -> int:
        """Look until nothing more comes; return how many frames that took."""
        for number in range(2000):
            if self.frame(view):
                return number
            self.jobs.drain(1e-9)
        raise AssertionError("it never ends")


limits = st.integers(40_000, 4_000_000)
seeds = st.integers(0, 2**31)
walks = st.lists(views(), min_size=1, max_size=6)
few = settings(max_examples=25, deadline=None)


@few
@given(st.lists(trees(), min_size=1, max_size=2), walks, seeds, limits)
def test_memory_never_holds_more_than_a_tenth_above_the_budget(
    some: list[TileTree], walk: list[View], seed: int, limit: int
) -> None:
    watched = Watched(some, seed, limit)
    for view in walk:
        for _ in range(4):
            watched.frame(view)
            watched.jobs.drain(1e-9)
    assert watched.most <= 1.1 * limit


@few
@given(trees(), walks, seeds, limits)
def test_a_still_camera_always_comes_to_an_end_and_stays_there(
    tree: TileTree, walk: list[View], seed: int, limit: int
) -> None:
    watched = Watched([tree], seed, limit)
    for view in walk:
        watched.settle(view)
    error, drawn = watched.error, watched.streams["layer 0"].drawn.tolist()
    for _ in range(3):
        assert watched.frame(walk[-1])
        assert not watched.streams["layer 0"].pending
    assert watched.error == error
    assert watched.streams["layer 0"].drawn.tolist() == drawn


@few
@given(trees(), views(), seeds)
def test_with_room_for_everything_the_error_is_the_one_asked_for(
    tree: TileTree, view: View, seed: int
) -> None:
    watched = Watched([tree], seed, 1 << 40)
    watched.settle(view)
    assert watched.error == 16.0


def covered(tree: TileTree, drawn: set[int], view: View) -> set[int]:
    """The leaves in view over which something is drawn."""
    leaves = np.flatnonzero(tree.count == 0).astype(np.int32)
    leaves = leaves[in_view(tree, leaves, view)]
    return {leaf for leaf in leaves.tolist() if {leaf, *ancestors(tree, leaf)} & drawn}


@few
@given(trees(adds=False), walks, seeds, limits, st.integers(1, 12))
def test_where_something_was_drawn_there_is_never_a_hole(
    tree: TileTree, walk: list[View], seed: int, limit: int, frames: int
) -> None:
    watched = Watched([tree], seed, limit)
    before: set[int] = set()
    for view in walk:
        for _ in range(frames):
            watched.frame(view)
            stream = watched.streams["layer 0"]
            now = covered(tree, set(stream.drawn.tolist()), view)
            leaves = np.array(sorted(before), np.int32)
            still = set(leaves[in_view(tree, leaves, view)].tolist())
            assert still <= now
            before = now
            watched.jobs.drain(1e-9)


def test_what_a_hidden_layer_holds_goes_first() -> None:
    watched = Watched([quad(), quad()], 1, 400_000)
    view = looking_down(500, 500, 700)
    watched.settle(view)
    watched.limit = watched.budget.held
    hidden = watched.streams.pop("layer 1")
    shown = dict(watched.streams)
    watched.streams["layer 1"] = hidden
    watched.budget.begin(shown, view, 1)
    watched.budget.fit()
    assert hidden.nbytes == 0
    assert watched.streams["layer 0"].nbytes > 0


def test_a_coming_view_is_fetched_for_once_nothing_else_is_missing() -> None:
    watched = Watched([quad()], 1, 1 << 30)
    stream = watched.streams["layer 0"]
    watched.settle(looking_down(120, 120, 200))
    assert not stream.ledger.here[4]
    watched.budget.request(watched.arrived, {"layer 0": np.array([4], np.int32)})
    watched.jobs.drain()
    assert stream.ledger.here[4]


def test_tokens_come_back_by_tile_however_they_arrived() -> None:
    tokens = Tokens(("a", "b"))
    tokens.add(5, range(100, 200))
    tokens.add(105, "xyz")
    assert [tokens[k] for k in (0, 1, 2, 5, 104, 106)] == ["a", "b", None, 100, 199, "y"]


def test_what_was_never_seen_is_thought_to_weigh_the_mean() -> None:
    ledger = Ledger(3)
    ledger.weigh(0, 100)
    ledger.weigh(1, 300)
    ledger.weigh(1, 500)
    assert ledger.expected(np.arange(3, dtype=np.int32)).tolist() == [100, 500, 300]


def textured(side: int) -> Mesh:
    picture = Image("p", np.full((side, side, 3), 7, np.uint8))
    corners = np.zeros((3, 3), np.float32)
    return Mesh(
        np.zeros(3), corners, np.array([[0, 1, 2]], np.int32), np.zeros(3, np.int32),
        Material(image=picture), np.zeros((3, 2), np.float32),
    )  # fmt: skip


def test_a_picture_is_counted_once_however_many_meshes_wear_it() -> None:
    mesh = textured(256)
    assert weight((mesh, mesh)) - weight((mesh,)) < 1000
    assert mesh.material.image is not None
    assert picture_weight(mesh.material.image) == pytest.approx(256 * 256 * (3 + 16 / 3), rel=0.01)


@given(st.integers(1, 300), st.integers(1, 300), st.integers(16, 200_000))
def test_pictures_give_up_levels_until_they_fit(width: int, height: int, most: int) -> None:
    mesh = textured(1)
    picture = Image("p", np.full((height, width, 3), 9, np.uint8))
    worn = Mesh(mesh.origin, mesh.positions, mesh.triangles, mesh.feature, Material(image=picture))
    found = bounded((worn, worn), most)
    images = [item.material.image for item in found if isinstance(item, Mesh)]
    assert images[0] is images[1]
    assert images[0] is not None
    assert images[0].pixels is not None
    assert (images[0].pixels == 9).all()
    assert picture_weight(images[0]) <= most or min(images[0].pixels.shape[:2]) == 1
