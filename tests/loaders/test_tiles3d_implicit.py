"""Implicit tiling: bits to tiles, tiles to tokens, whatever is wrong to problems."""

import json
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from loaders.tiles3d import LOADER
from loaders.tiles3d.implicit import grow
from loaders.tiles3d.tokens import Implicit, SubtreeTokens, Token
from tests.loaders import gltf_files as make
from tests.loaders import reading_implicit as slow
from twin.errors import OpenError
from twin.ports import SILENT, Growth, Options

BOX = {"box": [10, 20, 30, 8, 0, 0, 0, 8, 0, 0, 0, 8]}
REGION = {"region": [0.1, 0.8, 0.2, 0.9, 0, 100]}


def packed(bits: NDArray[np.bool_]) -> bytes:
    return np.packbits(bits, bitorder="little").tobytes()


def subtree(
    tiles: NDArray[np.bool_], children: NDArray[np.bool_] | int, *contents: Any, **more: Any
) -> bytes:
    """Return a binary subtree; an availability is bits or a constant."""
    body, views = b"", []

    def said(bits: Any) -> dict[str, Any]:
        nonlocal body
        if not isinstance(bits, np.ndarray):
            return {"constant": int(bits)}
        body += b"\0" * (-len(body) % 8)
        views.append({"buffer": 0, "byteOffset": len(body), "byteLength": len(packed(bits))})
        body += packed(bits)
        return {"bitstream": len(views) - 1}

    document = {
        "tileAvailability": said(tiles),
        "contentAvailability": [said(bits) for bits in contents],
        "childSubtreeAvailability": said(children),
        **more,
    }
    body += more.pop("binary", b"")
    document.pop("binary", None)
    document |= {"buffers": [{"byteLength": len(body)}], "bufferViews": views}
    text = make.padded(json.dumps(document).encode(), b" ", 8)
    body = make.padded(body, b"\0", 8)
    return struct.pack("<4sIQQ", b"subt", 1, len(text), len(body)) + text + body


def root(scheme: str = "QUADTREE", span: int = 2, levels: int = 4, **more: Any) -> dict[str, Any]:
    return {
        "boundingVolume": BOX,
        "geometricError": 64,
        "refine": "REPLACE",
        "content": {"uri": "c/{level}/{x}/{y}/{z}.glb"},
        "implicitTiling": {
            "subdivisionScheme": scheme,
            "subtreeLevels": span,
            "availableLevels": levels,
            "subtrees": {"uri": "s/{level}/{x}/{y}/{z}.subtree"},
        },
        **more,
    }


def implicit(axes: int, span: int, levels: int) -> Token:
    held = Implicit(
        axes, span, levels, "s/{level}/{x}/{y}/{z}", ("c/{level}/{x}/{y}/{z}",), ((),),
        BOX, 64.0, 0, {},
    )  # fmt: skip
    return Token("t.json", ("s",), np.eye(4), "Y", (), (), held)


def nothing(reference: str) -> bytes:
    raise AssertionError(reference)


@st.composite
def subtrees(draw: st.DrawFn) -> tuple[int, int, bytes]:
    """A scheme, its levels and a subtree of it in which every tile has its parent."""
    axes = draw(st.sampled_from([2, 3]))
    span = draw(st.integers(1, 4 if axes == 2 else 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    levels = [np.ones(1, np.bool_)]
    for _ in range(span):
        above = np.repeat(levels[-1], 1 << axes)
        levels.append(above & (rng.random(len(above)) < 0.6))
    tiles = np.concatenate(levels[:-1])
    content = tiles & (rng.random(len(tiles)) < 0.5)
    return axes, span, subtree(tiles, levels[-1], content)


@given(subtrees())
def test_a_subtree_becomes_the_tiles_that_a_slow_reading_finds(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[int, int, bytes]
) -> None:
    axes, span, data = made
    folder = tmp_path_factory.mktemp("subtree")
    (folder / "s/0/0/0").mkdir(parents=True)
    (folder / "s/0/0/0/0.subtree").write_bytes(data)
    node = root("OCTREE" if axes == 3 else "QUADTREE", span, 52)
    grown = grow(data, implicit(axes, span, 52), "a", nothing)
    expected = sorted((tile.at, bool(tile.contents)) for tile in slow.tiles(folder, node))
    own = len(grown.tokens) - grown.tokens.roots  # type: ignore[attr-defined]
    found = [
        (token.at, tile < own and bool(token.contents)) for tile, token in enumerate(grown.tokens)
    ]
    assert sorted(found) == expected
    assert grown.tree.content.tolist() == [c or i >= own for i, (_, c) in enumerate(found)]
    tree, places = grown.tree, [token.at for token in grown.tokens]
    for tile, (level, *place) in enumerate(places):
        below = range(tree.first[tile], tree.first[tile] + tree.count[tile])
        assert (tree.parent[below.start : below.stop] == tile).all()
        assert all(places[child][0] == level + 1 for child in below)
        assert all([v >> 1 for v in places[child][1:]] == place for child in below)
        assert tree.error[tile] == 64.0 * 0.5**level
    assert (tree.count == 0)[tree.first == 0].all()


@given(subtrees())
def test_children_fill_their_parents_box(made: tuple[int, int, bytes]) -> None:
    axes, span, data = made
    tree = grow(data, implicit(axes, span, 52), "a", nothing).tree
    boxes = tree.boxes()
    inside = tree.parent >= 0
    parents = boxes[tree.parent[inside]]
    assert (boxes[inside][:, :3] >= parents[:, :3] - 1e-5).all()
    assert (boxes[inside][:, 3:] <= parents[:, 3:] + 1e-5).all()
    half = tree.axes[tree.parent[inside]][:, [0, 1, 2], [0, 1, 2]]
    own = tree.axes[inside][:, [0, 1, 2], [0, 1, 2]]
    assert np.allclose(own * [2, 2, 2 if axes == 3 else 1], half)


def opened(folder: Path, node: dict[str, Any], files: dict[str, bytes], **more: Any) -> Any:
    for name, data in {"tileset.json": make.tileset(node, **more), **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    source = LOADER.source(str(folder / "tileset.json"), Options())
    found = source.open(SILENT)
    return source, found


def test_a_subtree_is_fetched_only_when_it_is_asked_for(tmp_path: Path) -> None:
    below = np.zeros(16, np.bool_)
    below[3] = True
    files = {
        "s/0/0/0/0.subtree": subtree(np.ones(5, np.bool_), below, 1),
        "s/2/1/1/0.subtree": subtree(np.array([1, 0, 0, 0, 1], np.bool_), 0, 1),
    }
    source, found = opened(tmp_path, root(), files)
    assert len(found.tree) == 1
    assert found.tree.content.tolist() == [True]
    first = source.fetch(0, found.tokens[0], SILENT)
    assert isinstance(first, Growth)
    assert len(first.tree) == 6
    assert first.tokens[1].contents == ("c/1/0/0/0.glb",)
    assert first.tokens[-1].contents == ("s/2/1/1/0.subtree",)
    second = source.fetch(5, pickle.loads(pickle.dumps(first.tokens[-1])), SILENT)
    assert isinstance(second, Growth)
    assert [token.contents for token in second.tokens] == [
        ("c/2/1/1/0.glb",), ("c/3/3/3/0.glb",)
    ]  # fmt: skip
    assert np.allclose(second.tree.center[1], [10 - 1, 20 - 1, 30])


def test_regions_are_halved_in_radians(tmp_path: Path) -> None:
    files = {"s/0/0/0/0.subtree": subtree(np.ones(5, np.bool_), 0, 1)}
    source, found = opened(tmp_path, root(boundingVolume=REGION), files)
    grown = source.fetch(0, found.tokens[0], SILENT)
    explicit = make.tileset(
        make.tile((0, 0, 0, 1, 1, 1), boundingVolume={"region": [0.1, 0.85, 0.15, 0.9, 0, 100]})
    )
    (tmp_path / "one.json").write_bytes(explicit)
    one = LOADER.source(str(tmp_path / "one.json"), Options()).open(SILENT).tree
    assert np.allclose(grown.tree.center[3], one.center[0])
    assert np.allclose(grown.tree.axes[3], one.axes[0])


def test_the_draft_of_2021_is_read_too(tmp_path: Path) -> None:
    node = root()
    tiling = node.pop("implicitTiling")
    tiling["maximumLevel"] = tiling.pop("availableLevels") - 1
    template = node.pop("content")
    node["extensions"] = {
        "3DTILES_implicit_tiling": tiling,
        "3DTILES_multiple_contents": {"content": [template, {"uri": "d/{level}/{x}/{y}.b3dm"}]},
    }
    several = [{"constant": 1}, {"constant": 1}]
    document = {
        "tileAvailability": {"constant": 1},
        "childSubtreeAvailability": {"constant": 0},
        "extensions": {"3DTILES_multiple_contents": {"contentAvailability": several}},
    }
    files = {"s/0/0/0/0.subtree": json.dumps(document).encode()}
    source, found = opened(tmp_path, node, files)
    grown = source.fetch(0, found.tokens[0], SILENT)
    assert len(grown.tree) == 5
    assert grown.tokens[4].contents == ("c/1/1/1/0.glb", "d/1/1/1.b3dm")
    assert not grown.problems


def test_what_a_subtree_says_of_its_tiles_travels_with_them(tmp_path: Path) -> None:
    schema = {"classes": {"t": {"properties": {
        "name": {"type": "STRING"},
        "high": {"type": "SCALAR", "componentType": "FLOAT64", "semantic": "TILE_MAXIMUM_HEIGHT"},
    }}}}  # fmt: skip
    names, ends = b"abcdde", np.array([0, 1, 2, 6], "<u4").tobytes()
    heights = np.array([5.0, 6.0, 7.0], "<f8").tobytes()
    tiles = np.array([1, 1, 0, 0, 1], np.bool_)
    external = heights + ends + names
    table = {"class": "t", "count": 3, "properties": {
        "name": {"values": 2, "stringOffsets": 1}, "high": {"values": 0}}}  # fmt: skip
    document = {
        "tileAvailability": {"bitstream": 3},
        "contentAvailability": {"constant": 1},
        "childSubtreeAvailability": {"constant": 0},
        "buffers": [
            {"byteLength": len(external), "uri": "m.bin"},
            {"byteLength": 1, "uri": "data:application/octet-stream;base64,Ew=="},
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": 24},
            {"buffer": 0, "byteOffset": 24, "byteLength": 16},
            {"buffer": 0, "byteOffset": 40, "byteLength": 6},
            {"buffer": 1, "byteOffset": 0, "byteLength": 1},
        ],
        "propertyTables": [table],
        "tileMetadata": 0,
        "subtreeMetadata": {"class": "s", "properties": {"author": "us"}},
    }  # fmt: skip
    assert packed(tiles) == b"\x13"
    files = {"s/0/0/0/0.subtree": json.dumps(document).encode(), "s/0/0/0/m.bin": external}
    node = root(boundingVolume=REGION)
    source, found = opened(tmp_path, node, files, schema=schema)
    grown = source.fetch(0, found.tokens[0], SILENT)
    assert not grown.problems
    assert dict(grown.tokens[2].metadata) == {"author": "us", "name": "cdde", "high": "7.0"}
    with pytest.raises(OpenError):  # the subtree is no content
        source.fetch(0, found.tokens[0]._replace(implicit=None), SILENT)
    top = np.linalg.norm(grown.tree.center[2]) - np.linalg.norm(grown.tree.center[1])
    assert abs(top) < 20_000


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda d: d[:20], "a subtree of 20 bytes"),
        (lambda d: b"nope" + d[4:], "neither a subtree nor JSON"),
        (lambda d: d[:4] + b"\2" + d[5:], "subtree version 2"),
        (lambda d: d[:-8], "the header declares"),
        (lambda d: d.replace(b'0, "byteLength": 1}', b'0, "byteLength": 0}'), "need 1 bytes"),
        (lambda d: d.replace(b"tileAvailability", b"tileAvailabilitx"), "no tileAvailability"),
        (lambda d: d.replace(b'"constant": 0', b'"constant": 7'), "constant"),
        (lambda d: d.replace(b'"bitstream": 0', b'"bitstream": 9'), "bufferViews[9]"),
    ],
)
def test_a_broken_subtree_is_named(tmp_path: Path, change: Any, reason: str) -> None:
    data = subtree(np.ones(5, np.bool_), 0, 1)
    source, found = opened(tmp_path, root(), {"s/0/0/0/0.subtree": change(data)})
    with pytest.raises(OpenError, match=r"s/0/0/0/0\.subtree") as raised:
        source.fetch(0, found.tokens[0], SILENT)
    assert reason in str(raised.value)


@pytest.mark.parametrize(
    "change",
    [
        {"subdivisionScheme": "BINARY"}, {"subtreeLevels": 0}, {"availableLevels": True},
        {"subtrees": {}}, {"subtrees": {"uri": "../../x{level}"}}, {"subtreeLevels": 99},
    ],
)  # fmt: skip
def test_a_tile_that_cannot_divide_itself_is_a_problem(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    node = root()
    node["implicitTiling"] |= change
    _, found = opened(tmp_path, node, {})
    assert "tiles3d.implicit" in [problem.code for problem in found.problems]
    assert found.tree.content.tolist() == [False]


def test_a_sphere_cannot_be_subdivided(tmp_path: Path) -> None:
    _, found = opened(tmp_path, root(boundingVolume={"sphere": [0, 0, 0, 5]}), {})
    assert "tiles3d.implicit" in [problem.code for problem in found.problems]


def test_too_many_tiles_are_refused_before_they_take_memory(tmp_path: Path) -> None:
    for span in (12, 26):
        data = subtree(1, 1, 1)  # type: ignore[arg-type]
        source, found = opened(tmp_path, root(span=span, levels=52), {"s/0/0/0/0.subtree": data})
        with pytest.raises(OpenError, match="tiles"):
            source.fetch(0, found.tokens[0], SILENT)


def test_tiles_without_a_parent_are_said_and_left_out(tmp_path: Path) -> None:
    data = subtree(np.array([1, 0, 1, 0, 0], np.bool_), np.ones(16, np.bool_), 1)
    source, found = opened(tmp_path, root(), {"s/0/0/0/0.subtree": data})
    grown = source.fetch(0, found.tokens[0], SILENT)
    assert len(grown.tree) == 2 + 4
    bits = np.ones(16, np.bool_)
    bits[0] = False
    source, found = opened(
        tmp_path,
        root(),
        {"s/0/0/0/0.subtree": subtree(np.array([1, 0, 1, 0, 0], np.bool_), bits, 1)},
    )
    grown = source.fetch(0, found.tokens[0], SILENT)
    assert [problem.code for problem in grown.problems] == ["tiles3d.subtree"]
    assert len(grown.tree) == 2 + 4


def test_an_s2_cell_is_quartered(tmp_path: Path) -> None:
    cell = {"token": "1", "minimumHeight": 0, "maximumHeight": 1000}
    volume = {"extensions": {"3DTILES_bounding_volume_S2": cell}}
    files = {"s/0/0/0/0.subtree": subtree(np.ones(5, np.bool_), 0, 1)}
    source, found = opened(tmp_path, root(boundingVolume=volume), files)
    grown = source.fetch(0, found.tokens[0], SILENT)
    assert np.allclose(grown.tree.center[0], found.tree.center[0])
    assert (grown.tree.center[1:, 0] > 0).all()  # face 0 lies around longitude and latitude 0
    sides = np.sign(grown.tree.center[1:, 1:]).tolist()
    assert sides == [[-1, -1], [1, -1], [-1, 1], [1, 1]]
    quarter = {**cell, "token": "14"}  # the curve starts in the corner of small i and j
    one = root(boundingVolume={"extensions": {"3DTILES_bounding_volume_S2": quarter}})
    one.pop("implicitTiling")
    _, single = opened(tmp_path, one, {})
    at = np.argmin(np.linalg.norm(grown.tree.center - single.tree.center[0], axis=1))
    assert np.allclose(grown.tree.center[at], single.tree.center[0])


def test_tokens_of_a_million_tiles_are_made_on_demand() -> None:
    tokens = SubtreeTokens(
        implicit(2, 12, 12), np.full(1 << 20, 10, np.uint8), np.arange(1 << 20, dtype=np.uint32),
        np.ones((1 << 20, 1), np.bool_), 0, np.full((1 << 20, 1), -1, np.int32),
    )  # fmt: skip
    assert tokens[-1].contents == ("c/10/1023/1023/0",)
    assert tokens[:2][1].at == (10, 1, 0, 0)
