"""Tiled terrain: each height where its tile is, every way of counting tiles, holes filled from above."""

import gzip
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from loaders.terrain import LOADER
from loaders.terrain.grids import GEODETIC, MERCATOR, Numbering, Place
from loaders.terrain.quantized import (
    guessed,
    read_colors,
    read_heightmap,
    read_mesh,
)
from loaders.terrain.surfaces import piece_of, quarter
from loaders.terrain.tiled import Token
from tests.loaders.terrain_tiles import FULL, extension, ranges, slope, tile, write_layer
from twin.errors import BrokenFile, OpenError
from twin.geometry import Mesh
from twin.ground import Surface
from twin.opening import recognise
from twin.ports import SILENT, Content, Growth, Opened, Options, registered

LOADERS = dict(registered("citytwin.loaders"))


def opened(location: str, **values: str) -> Opened:
    return LOADER.source(location, Options(values=values)).open(SILENT)


def walked(location: str, deepest: int = 99, **values: str) -> dict[tuple[str, Place], Content]:
    """Return the contents of all tiles, growing trees followed, by what they are and where."""
    source = LOADER.source(location, Options(values=values))
    todo: list[str] = [x for x in source.open(SILENT).tokens if x]
    found = {}
    while todo:
        text = todo.pop()
        token, got = Token.of(text), source.fetch(0, text, SILENT)
        assert token is not None
        if isinstance(got, Growth):
            todo += [x for x in got.tokens if (t := Token.of(x)) and t.place.z <= deepest]
        elif isinstance(got, Content):
            found["piece" if token.ancestor else "tile", token.place] = got
    return found


def surface(*contents: Content) -> Surface:
    parts = [
        m.positions[m.triangles].astype(float) + m.origin
        for content in contents
        for m in content.drawables
        if isinstance(m, Mesh)
    ]
    return Surface(np.concatenate(parts))


def test_a_mesh_is_read_as_it_was_written() -> None:
    relief = read_mesh(tile(slope(9), -10, 90, side=9), "a")
    expected = -10 + 100 * (relief.u * 2 + relief.v) / 3
    assert np.allclose(relief.heights, expected, atol=200 / FULL)
    assert len(relief.triangles) == 2 * 8 * 8
    assert [len(edge) for edge in relief.ring] == [9] * 4
    assert (relief.u[relief.ring[0]] == 0).all()
    assert (relief.v[relief.ring[3]] == 1).all()


def test_many_vertices_have_wide_indices() -> None:
    count = 65_540
    body = struct.pack("<3d2f4d3d", *[0.0] * 3, 0.0, 9.0, *[0.0] * 7) + struct.pack("<I", count)
    body += b"\0" * (6 * count)
    body += (
        b"\0" * (-len(body) % 4) + struct.pack("<4I", 1, 0, 0, 0) + struct.pack("<4I", 0, 0, 0, 0)
    )
    assert read_mesh(body, "a").triangles.tolist() == [[0, 1, 2]]
    with pytest.raises(BrokenFile):
        read_mesh(body[:-20], "a")


def test_extensions_are_read_and_strange_ones_skipped() -> None:
    up = bytes([128, 128]) * 25
    water = np.zeros((256, 256), np.uint8)
    water[:, 128:] = 255
    told = json.dumps({"geometricerror": 3.5}).encode()
    more = extension(200, b"what?") + extension(1, up) + extension(2, water.tobytes())
    more += extension(4, struct.pack("<I", len(told)) + told)
    relief = read_mesh(tile(slope(), extensions=more), "a")
    assert relief.normals == pytest.approx(np.tile([0.0, 0, 1], (25, 1)), abs=0.02)
    assert relief.metadata == {"geometricerror": 3.5}
    assert relief.water is not None
    assert relief.water.mean() == pytest.approx(127.5)
    lying = struct.pack(">BI", 1, 50) + up
    assert read_mesh(tile(slope(), extensions=lying), "a").normals is None


@given(st.integers(0, 2000), st.integers(0, 99))
def test_a_damaged_tile_is_a_broken_file_or_another_tile(cut: int, seed: int) -> None:
    whole = tile(slope(), extensions=extension(4, b"\2\0\0\0{}"))
    rng = np.random.default_rng(seed)
    data = bytearray(whole[: max(1, len(whole) - cut)] if seed % 2 else whole)
    for _ in range(3):
        data[int(rng.integers(len(data)))] = int(rng.integers(256))
    for read in (read_mesh, read_heightmap):
        try:
            found = read(bytes(data), "a")
        except BrokenFile:
            continue
        assert np.isfinite(found.heights).all()
        assert found.triangles.max(initial=0) < len(found.u)


def test_a_heightmap_counts_in_fifths_of_a_metre_from_the_north() -> None:
    posts = np.full((65, 65), 5000, "<u2")
    posts[0] = 10_000
    relief = read_heightmap(posts.tobytes() + b"\x05\x00", "a")
    assert relief.heights[relief.v == 1] == pytest.approx(1000.0)
    assert relief.heights[relief.v < 0.99] == pytest.approx(0.0)
    assert relief.children == 5


def test_colours_are_heights() -> None:
    terrarium = np.array([[[128, 10, 128], [128, 0, 0]], [[127, 255, 0], [129, 0, 0]]], np.uint8)
    assert read_colors(terrarium, "terrarium").heights == pytest.approx([10.5, 0, -1, 256])
    mapbox = np.array([[[1, 134, 160], [1, 134, 170]], [[0, 0, 0], [1, 137, 136]]], np.uint8)
    assert read_colors(mapbox, "mapbox").heights == pytest.approx([0, 1, -10_000, 74.4])
    assert guessed(np.full((4, 4, 3), 128, np.uint8)) == "terrarium"
    assert guessed(np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)) == ""


@given(st.integers(0, 12), st.data())
def test_a_tile_is_divided_by_the_four_below_it(z: int, data: st.DataObject) -> None:
    for numbering in (Numbering(), Numbering(MERCATOR, False)):
        x = data.draw(st.integers(0, (numbering.across << z) - 1))
        place = Place(z, x, data.draw(st.integers(0, (1 << z) - 1)))
        west, south, east, north = numbering.rectangle(place)
        parts = np.array([numbering.rectangle(part) for part in place.below()])
        assert parts[:, :2].min(axis=0) == pytest.approx([west, south])
        assert parts[:, 2:].max(axis=0) == pytest.approx([east, north])
        assert numbering.named(z, x, numbering.row(place)) == place


def test_a_known_mercator_tile_is_where_it_is() -> None:
    # slippy map 10/511/340 holds Greenwich: https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames
    numbering = Numbering(MERCATOR, False)
    west, south, east, north = numbering.rectangle(numbering.named(10, 511, 340))
    assert (west, east) == pytest.approx((-0.3515625, 0.0))
    assert south < 51.4779 < north


@settings(max_examples=25)
@given(st.integers(0, 3), st.integers(0, 3), st.integers(0, 1000))
def test_the_quarters_of_a_tile_are_the_tile(x: int, y: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    relief = read_mesh(tile(np.round(rng.uniform(0, FULL, (7, 7))), side=7), "a")
    whole = piece_of(relief)
    part = quarter(whole, Place(2, x, y), Place(0, 0, 0))
    flat = part.values[part.triangles]
    one, two = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    assert np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]).sum() / 2 == pytest.approx(1.0)
    inside = rng.uniform(0.01, 0.99, (50, 2))
    before = Surface(whole.values[whole.triangles][:, :, :3])
    after = Surface(flat[:, :, :3])
    expected = before.heights((inside + np.array([x, y])) / 4)
    assert np.allclose(after.heights(inside), expected, atol=1e-6)


def test_a_layer_stands_where_it_says_in_every_way_of_counting(tmp_path: Path) -> None:
    for n, (projection, scheme, row) in enumerate(
        [
            ("EPSG:4326", "tms", 5),
            ("EPSG:4326", "slippyMap", 2),
            ("EPSG:3857", "tms", 5),
            ("EPSG:3857", "slippyMap", 2),
        ]
    ):
        path = write_layer(
            tmp_path / str(n), {f"3/9/{row}" if n < 2 else f"3/4/{row}": tile(slope())}, projection=projection,
            scheme=scheme, available=ranges(None, None, None, (9, row, 9, row) if n < 2 else (4, row, 4, row)),
        )  # fmt: skip
        ((_, place),) = (found := walked(path))
        numbering = Numbering(GEODETIC if n < 2 else MERCATOR)
        west, south, east, north = numbering.rectangle(Place(3, 9 if n < 2 else 4, 5))
        heights = surface(found["tile", place]).heights(
            np.array([[west + 1e-6, south + 1e-6], [east - 1e-6, north - 1e-6]])
        )
        assert heights == pytest.approx([0, 1000], abs=0.1)


def test_a_missing_quarter_is_filled_from_above(tmp_path: Path) -> None:
    tiles = {"4/20/9": tile(slope()), "5/40/18": tile(slope(), 0, 500), "5/41/19": tile(slope())}
    several = ranges(None, None, None, None, (20, 9, 20, 9), (40, 18, 40, 18))
    several[5].append({"startX": 41, "startY": 19, "endX": 41, "endY": 19})
    found = walked(write_layer(tmp_path, tiles, available=several))
    assert sorted(found) == [
        ("piece", Place(5, 40, 19)), ("piece", Place(5, 41, 18)), ("tile", Place(4, 20, 9)),
        ("tile", Place(5, 40, 18)), ("tile", Place(5, 41, 19)),
    ]  # fmt: skip
    west, south, east, north = Numbering().rectangle(Place(5, 41, 18))
    heights = surface(found["piece", Place(5, 41, 18)]).heights(
        np.array([[(west + east) / 2, (south + north) / 2]])
    )
    assert heights == pytest.approx([(0.75 * 2 + 0.25) / 3 * 1000], abs=0.1)


def test_what_lies_below_stands_in_the_tiles_too(tmp_path: Path) -> None:
    told = json.dumps({"available": ranges((40, 18, 41, 19), (82, 38, 82, 38))}).encode()
    more = extension(4, struct.pack("<I", len(told)) + told)
    tiles = {"4/20/9": tile(slope(), extensions=more), "6/82/38": tile(slope())}
    tiles |= {f"5/{x}/{y}": tile(slope()) for x in (40, 41) for y in (18, 19)}
    path = write_layer(
        tmp_path,
        tiles,
        metadataAvailability=2,
        available=ranges(None, None, None, None, (20, 9, 20, 9)),
    )
    found = walked(path)
    assert ("tile", Place(6, 82, 38)) in found
    assert len([what for what, place in found if place.z == 6]) == 4


def test_tiles_of_the_layer_it_stands_on_are_used(tmp_path: Path) -> None:
    write_layer(
        tmp_path / "base",
        {"4/20/9": tile(slope())},
        available=ranges(None, None, None, None, (20, 9, 20, 9)),
    )
    child = write_layer(
        tmp_path, {"5/40/18": tile(slope())}, parentUrl="base", attribution="<b>Survey</b> &c",
        available=ranges(None, None, None, None, None, (40, 18, 40, 18)),
    )  # fmt: skip
    assert ("tile", Place(5, 40, 18)) in walked(child)
    assert ("tile", Place(4, 20, 9)) in walked(child)
    assert opened(child).about.fields["attribution"] == "Survey &c"
    away = write_layer(
        tmp_path / "away",
        {"0/0/0": tile(slope())},
        parentUrl="../../..",
        available=ranges((0, 0, 0, 0)),
    )
    assert len(walked(away, deepest=0)) == 1


def test_numbered_folders_need_no_layer_json(tmp_path: Path) -> None:
    (tmp_path / "5" / "40").mkdir(parents=True)
    center = (4_000_000.0, 3_000_000.0, 4_000_000.0)
    data = gzip.compress(tile(slope(), center=center))
    (tmp_path / "5" / "40" / "18.terrain").write_bytes(data)
    assert recognise(str(tmp_path), LOADERS) is LOADERS["terrain"]
    assert ("tile", Place(5, 40, 18)) in walked(str(tmp_path))
    codes = [problem.code for problem in opened(str(tmp_path)).problems]
    assert codes == ["terrain.numbering"]


def test_pictures_of_heights_are_terrain_and_pictures_of_ground_are_not(tmp_path: Path) -> None:
    folder = tmp_path / "10" / "511"
    folder.mkdir(parents=True)
    colours = np.zeros((64, 64, 3), np.uint8)
    colours[..., 0], colours[..., 1] = 128, 40
    Image.fromarray(colours).save(folder / "340.png")
    found = walked(str(tmp_path))
    west, south, east, north = Numbering(MERCATOR, False).rectangle(Place(10, 511, 683))
    middle = np.array([[(west + east) / 2, (south + north) / 2]])
    assert surface(*found.values()).heights(middle) == pytest.approx([40.0])
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    Image.fromarray(noise).save(folder / "340.png")
    assert opened(str(tmp_path)).about.format == "imagery"


@pytest.mark.parametrize(
    "said",
    ['{"tiles": []}', '{"tiles": ["a"], "format": "quantized-mesh-1.0"}', "[]", "{", '{"tiles": ["{z}/{x}/{y}"]}',
     '{"tiles": ["{z}/{x}/{y}"], "format": "other"}',
     '{"tiles": ["../../{z}/{x}/{y}"], "format": "quantized-mesh-1.0", "available": [[{"startX": "a"}]]}'],
)  # fmt: skip
def test_a_layer_that_says_nonsense_is_an_error_of_the_twin(tmp_path: Path, said: str) -> None:
    (tmp_path / "layer.json").write_text(said)
    with pytest.raises(OpenError) as raised:
        opened(str(tmp_path))
    assert str(tmp_path) in str(raised.value)


@pytest.mark.shared
def test_every_real_tile_opens_or_says_why_not(shared_data: Path) -> None:
    folder = shared_data / "terrain"
    files = [
        x for x in folder.rglob("*") if x.name.endswith((".terrain", ".terrain.gz", ".tile.json"))
    ]
    drawn = 0
    for path in files:
        if "example-tiles" in path.parts:
            continue
        try:
            drawn += bool(walked(str(path), deepest=12))
        except OpenError:
            continue
    assert drawn >= 15
    pyramid: NDArray[Any] = np.array(
        sorted(
            place.z for _, place in walked(str(folder / "heremaps_quantized-mesh/example-tiles"))
        )
    )
    assert set(pyramid.tolist()) == {7, 8, 9, 10}
