"""Storeys drawn apart: lifted by their rank, once, and nothing else of a tile changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.exploding import Exploding, levels, lifted_tile
from twin.features import FeatureTable, encode, texts
from twin.geometry import Instances, Mesh
from twin.streaming import Resident

NAMES = st.lists(st.sampled_from(["Cellar", "Ground", "Roof", None]), min_size=1, max_size=20)
HEIGHTS = {"Cellar": -3.0, "Ground": 0.0, "Roof": 6.0, None: -9.0}


def table(names: list[str | None]) -> FeatureTable:
    kind, kinds = encode(["IfcWall"] * len(names))
    low = np.array([HEIGHTS[name] for name in names])
    bounds = np.stack([low * 0, low * 0, low, low * 0 + 1, low * 0 + 1, low + 1], axis=1)
    none = np.full(len(names), -1, np.int32)
    return FeatureTable(
        texts([str(i) for i in range(len(names))]), kind, kinds, none, bounds,
        columns={"Storey": texts(names)},
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(NAMES)
def test_a_storey_stands_as_many_gaps_high_as_there_are_storeys_below_it(
    names: list[str | None],
) -> None:
    there = sorted({name for name in names if name}, key=lambda name: HEIGHTS[name])
    wanted = [there.index(name) if name else 0 for name in names]
    assert levels(table(names)).tolist() == wanted


def tile() -> Resident:
    triangle = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    faces = np.array([[0, 1, 2]], np.int32)
    mesh = Mesh(np.zeros(3), triangle, faces, np.array([1, 1, 1], np.int32))
    loose = Mesh(np.zeros(3), triangle, faces, np.array([-1, -1, -1], np.int32))
    copies = Instances(mesh, np.tile(np.eye(4), (2, 1, 1)), np.array([0, 1], np.int32))
    box = np.array([0.0, 0, 0, 1, 1, 0])
    return Resident((mesh, loose, copies), np.array([5, 7], np.int32), box, 100)


def test_a_tile_is_lifted_object_by_object_and_its_background_stays() -> None:
    lifts = np.zeros(8, np.float32)
    lifts[7] = 4.0
    before = tile()
    after = lifted_tile(before, lifts)
    mesh, loose, copies = after.drawables
    assert isinstance(mesh, Mesh)
    assert isinstance(loose, Mesh)
    assert isinstance(copies, Instances)
    assert mesh.positions[:, 2].tolist() == [4.0, 4.0, 4.0]
    assert loose.positions[:, 2].tolist() == [0.0, 0.0, 0.0]
    assert copies.transforms[:, 2, 3].tolist() == [0.0, 4.0]
    assert after.box[5] == pytest.approx(4.0)
    first = before.drawables[0]
    assert isinstance(first, Mesh)
    assert first.positions[:, 2].max() == 0.0


def test_the_same_tiles_give_the_same_answer_and_what_lies_flat_is_left_alone() -> None:
    lifts = np.zeros(8, np.float32)
    lifts[7] = 4.0
    apart = Exploding(4.0, lifts, table(["Ground"]))
    tiles = {3: tile()}
    first = apart.shown(tiles)
    assert apart.shown(tiles)[3] is first[3]
    assert lifted_tile(tiles[3], np.zeros(8, np.float32)) is tiles[3]
