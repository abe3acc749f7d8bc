"""Volumes of contents: inside their tile's nothing is said, outside of it they are named."""

import json
from collections.abc import Mapping

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from loaders.tiles3d import tileset
from tests.loaders import gltf_files as make
from twin.files import open_root
from twin.ports import SILENT

BOX = (30.0, 0.0, 5.0, 40.0, 10.0, 10.0)
ROOT = open_root(".")[0]
SHARE = st.floats(-1, 1)


def said(volume: object, tile: Mapping[str, object] | None = None) -> list[str]:
    """Return the problems of a tileset whose only tile has a content with a volume."""
    root = {
        **make.tile(BOX),
        **(tile or {}),
        "transform": [0, 2, 0, 0, -2, 0, 0, 0, 0, 0, 2, 0, 9, 9, 9, 1],
    }
    root["content"] = {"uri": "a.glb", "boundingVolume": volume}
    made = json.loads(make.tileset(root))
    above = tileset.Above(np.eye(4))
    found = tileset.parse(made, ROOT, "tileset.json", above, SILENT)
    return [problem.code for problem in found.problems]


def box(x: float, y: float, z: float, a: float, b: float, c: float) -> dict[str, list[float]]:
    return {"box": [x, y, z, a, 0, 0, 0, b, 0, 0, 0, c]}


@given(SHARE, SHARE, SHARE, st.floats(0, 1))
def test_a_box_inside_the_tile_is_not_named(u: float, v: float, w: float, size: float) -> None:
    x, y, z, a, b, c = BOX
    room = 1 - size
    inside = (x + u * a * room, y + v * b * room, z + w * c * room)
    assert said(box(*inside, a * size, b * size, c * size)) == []


@given(st.integers(0, 2), st.sampled_from((-1, 1)), st.floats(0.05, 50))
def test_a_box_that_stands_out_on_any_side_is_named(axis: int, sign: int, far: float) -> None:
    moved = list(BOX)
    moved[axis] += sign * far * BOX[3]
    assert said(box(*moved)) == ["tiles3d.content_outside"]


@given(SHARE, st.floats(0.001, 1))
def test_a_ball_is_measured_by_its_radius(u: float, size: float) -> None:
    radius = 10 * size
    at = 30 + u * (40 - radius)
    assert said({"sphere": [at, 0, 5, radius]}) == []
    assert said({"sphere": [at, 0, 5, 11 + radius]}) == ["tiles3d.content_outside"]


def test_regions_are_compared_as_regions() -> None:
    whole = {"boundingVolume": {"region": [0.1, 0.5, 0.2, 0.6, 0, 100]}}
    assert said({"region": [0.1, 0.5, 0.2, 0.6, 0, 100]}, whole) == []
    assert said({"region": [0.15, 0.55, 0.2, 0.6, 50, 60]}, whole) == []
    assert said({"region": [0.05, 0.5, 0.2, 0.6, 0, 100]}, whole) == ["tiles3d.content_outside"]
    assert said({"region": [0.1, 0.5, 0.2, 0.6, 0, 150]}, whole) == ["tiles3d.content_outside"]
    across = {"boundingVolume": {"region": [3.1, 0.5, -3.1, 0.6, 0, 100]}}
    assert said({"region": [3.1, 0.5, 3.12, 0.6, 0, 100]}, across) == []


def test_a_volume_that_is_none_is_named() -> None:
    assert said({"sphere": [1]}) == ["tiles3d.content_volume"]
    assert said(7) == ["tiles3d.content_volume"]
