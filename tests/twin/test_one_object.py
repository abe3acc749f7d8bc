"""One object seen in several tiles and levels is one row: one passport, hidden and selected once."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.tiles3d import LOADER
from tests.loaders import gltf_files as make
from twin.jobs import Jobs
from twin.records import SourceRef
from twin.session import Session
from twin.settings import Settings
from twin.streaming import SELECTED, VISIBLE, Frame
from twin.tiles import View

MAPPING = """
id = "key"
custodian = "holder"
[[date]]
field = "seen"
kind = "captured"
"""
WHOLE = (30.0, 0.0, 5.0, 40.0, 10.0, 10.0)
LEFT, RIGHT = (10.0, 0.0, 5.0, 20.0, 10.0, 10.0), (50.0, 0.0, 5.0, 20.0, 10.0, 10.0)
KEYS = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4)
DAYS = {key: f"20{10 + place}-03-04" for place, key in enumerate("abcdef")}
FAR, NEAR = 6000.0, 60.0


def town(keys: list[str], *without: str) -> bytes:
    batch: dict[str, list[Any]] = {
        "key": list(keys),
        "seen": [DAYS[key] for key in keys],
        "holder": [f"office {key}" for key in keys],
        "floors": [ord(key) for key in keys],
    }
    for name in without:
        del batch[name]
    return make.b3dm_town(len(keys), batch)


def opened(folder: Path, contents: dict[str, bytes]) -> Session:
    """Open a tileset of a root over two children in a session, with a mapping file."""
    children = [make.tile(LEFT, "left.b3dm"), make.tile(RIGHT, "right.b3dm")]
    root = make.tile(WHOLE, "root.b3dm", geometricError=50, refine="REPLACE", children=children)
    for name, data in contents.items():
        (folder / f"{name}.b3dm").write_bytes(data)
    (folder / "tileset.json").write_bytes(make.tileset(root))
    (folder / "map.toml").write_text(MAPPING)
    city = Session(Settings(cache_folder=""), Jobs(inline=True), {"tiles3d": LOADER})
    place = str(folder / "tileset.json")
    city.open(place, SourceRef(place, crs="EPSG:28992", mapping=str(folder / "map.toml")))
    city.finish()
    assert city.errors == []
    return city


def down(height: float) -> View:
    ahead, up = np.array([0.0, 0, -1]), np.array([0.0, 1, 0])
    return View(np.array([30.0, 0, height]), ahead, up, 60, (600, 600))


def drawn(city: Session, frame: Frame) -> dict[int, Counter[str]]:
    """Return how many triangles each id has in each tile that is drawn."""
    (key,) = frame.layers
    ids = city.twin.layer(key).features.id.tolist()
    found: dict[int, Counter[str]] = {}
    for tile, part in frame.layers[key].tiles.items():
        found[tile] = Counter()
        for mesh in part.drawables:
            assert hasattr(mesh, "triangles")
            first = mesh.feature[mesh.triangles[:, 0]]
            found[tile].update(str(ids[row]) for row in part.rows[first].tolist())
    return found


@settings(max_examples=25, deadline=None)
@given(KEYS, KEYS, KEYS, st.permutations((FAR, NEAR)), st.booleans())
def test_an_id_is_one_row_whichever_tiles_bring_it_in_whichever_order(
    tmp_path_factory: pytest.TempPathFactory,
    root: list[str],
    left: list[str],
    right: list[str],
    heights: list[float],
    whole: bool,
) -> None:
    tiles = {"root": root, "left": left, "right": right}
    folder = tmp_path_factory.mktemp("town")
    city = opened(folder, {name: town(keys) for name, keys in tiles.items()})
    if whole:
        city.index()
    frames = [city.settle(down(height)) for height in heights]
    (key,) = city.twin.layers
    layer = city.twin.layer(key)
    ids = [str(one) for one in layer.features.id]
    assert sorted(ids) == sorted({*root, *left, *right})
    # attributes, dates and holders: of every object its own, once
    assert layer.features["floors"].tolist() == [ord(one) for one in ids]
    said = layer.observations
    assert sorted(said.row.tolist()) == list(range(len(ids)))
    for row, day in zip(said.row.tolist(), said.t_lo, strict=True):
        assert str(day)[:10] == DAYS[ids[row]]
    assert sorted(said.party_row.tolist()) == list(range(len(ids)))
    # parts: each tile draws all boxes of an id, and counts them to its row
    places = {0: root, 1: left, 2: right}
    for frame in frames:
        for tile, triangles in drawn(city, frame).items():
            assert triangles == {one: 12 * n for one, n in Counter(places[tile]).items()}
    # hidden and selected once, wherever it is drawn
    row = ids.index(root[0])
    city.select({key: np.array([row], np.int32)})
    for height in heights:
        state = city.settle(down(height)).layers[key].state
        assert np.flatnonzero(state[:, 3] & SELECTED).tolist() == [row]
    city.run("objects.hide")
    for height in heights:
        state = city.settle(down(height)).layers[key].state
        assert np.flatnonzero(state[:, 3] & VISIBLE == 0).tolist() == [row]
    assert len(city.twin.layer(key).features) == len(ids)
    city.close()


@pytest.mark.parametrize("heights", [(FAR, NEAR), (NEAR, FAR)])
def test_what_only_one_level_says_of_an_object_is_in_its_passport_whichever_came_first(
    tmp_path: Path, heights: tuple[float, float]
) -> None:
    contents = {
        "root": town(["a", "b"], "seen", "floors"),
        "left": town(["a"], "holder"),
        "right": town(["b"], "holder"),
    }
    city = opened(tmp_path, contents)
    for height in heights:
        city.settle(down(height))
    (key,) = city.twin.layers
    layer = city.twin.layer(key)
    ids = [str(one) for one in layer.features.id]
    assert sorted(ids) == ["a", "b"]
    assert layer.features["floors"].tolist() == [ord(one) for one in ids]
    assert layer.features["holder"].tolist() == [f"office {one}" for one in ids]
    assert sorted(layer.observations.row.tolist()) == [0, 1]
    assert sorted(layer.observations.party_row.tolist()) == [0, 1]
    for row, one in enumerate(ids):
        values = {entry.value for entry in city.passport(key, row)}
        assert f"office {one}" in values
        assert any(DAYS[one] in value for value in values)
    city.close()


@pytest.mark.shared
def test_buildings_of_a_real_tileset_that_repeat_over_five_tiles_are_ten_rows(
    shared_data: Path, tmp_path: Path
) -> None:
    place = shared_data / "3dtiles/cesium-specs/Cesium3DTiles/Tilesets/TilesetReplacement1"
    (tmp_path / "map.toml").write_text('id = "id"\nheight = "Height"\n')
    rows = []
    for mapping in ("", str(tmp_path / "map.toml")):
        city = Session(Settings(cache_folder=""), Jobs(inline=True), {"tiles3d": LOADER})
        location = str(place / "tileset.json")
        city.open(location, SourceRef(location, mapping=mapping))
        city.finish()
        city.index()
        (key,) = city.twin.layers
        layer = city.twin.layer(key)
        rows.append(len(layer.features))
        if mapping:
            assert sorted(layer.features.id.tolist()) == [str(i) for i in range(10)]
            assert set(layer.features["_id_field"].tolist()) == {"id"}
            assert np.isfinite(layer.features["height"].astype(float)).all()
            assert len(layer.assessment) == 10
        city.close()
    assert rows == [50, 10]
