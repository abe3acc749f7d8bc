"""Tilesets to trees, contents to drawables and objects, whatever is wrong to problems."""

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loaders.tiles3d import LOADER
from loaders.tiles3d.tileset import Token
from tests.loaders import gltf_files as make
from twin.errors import BrokenFile, NotFound, OpenError
from twin.geometry import Instances, Mesh, Points, box_of, triangle_count
from twin.observations import LEVELS
from twin.ports import SILENT, Content, Growth, Opened, Options, Probe
from twin.tiles import ADD, REPLACE, TileTree

BOX = (30, 0, 5, 40, 10, 10)
DELFT = [3924000.0, 299000.0, 5001900.0]
"""A point in Delft, geocentric metres."""


def opened(folder: Path, files: dict[str, bytes], **options: Any) -> tuple[Any, Opened]:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    source = LOADER.source(str(folder / next(iter(files))), Options(**options))
    return source, source.open(SILENT)


def content_of(folder: Path, name: str, data: bytes, **options: Any) -> Content:
    files = {"tileset.json": make.tileset(make.tile(BOX, name)), name: data}
    source, found = opened(folder, files, **options)
    content = source.fetch(0, found.tokens[0], SILENT)
    assert isinstance(content, Content)
    return content


def grown(source: Any, found: Opened) -> tuple[TileTree, list[Token], dict[int, Content]]:
    """Return the whole tree, its tokens and contents."""
    tree, tokens, contents = found.tree, list(found.tokens), {}
    tile = 0
    while tile < len(tree):
        if tree.content[tile]:
            got = source.fetch(tile, tokens[tile], SILENT)
            if isinstance(got, Growth):
                tree = tree.grown(tile, got.tree)
                tokens += got.tokens
            elif got is not None:
                contents[tile] = got
        tile += 1
    return tree, tokens, contents


def codes(problems: Any) -> list[str]:
    return sorted(problem.code for problem in problems if problem.code != "crs.missing")


def test_a_tileset_becomes_a_tree_with_its_children_together(tmp_path: Path) -> None:
    leaf = make.tile(BOX, "a.glb")
    root = make.tile(
        BOX,
        refine="add",
        geometricError=50,
        children=[
            make.tile(BOX, "b.glb", geometricError=9, children=[leaf, leaf], refine="REPLACE"),
            make.tile(BOX, "c.glb", children=None),
        ],
    )
    _, found = opened(tmp_path, {"tileset.json": make.tileset(root)})
    tree = found.tree
    assert tree.parent.tolist() == [-1, 0, 0, 1, 1]
    assert (tree.first[0], tree.count[0], tree.first[1], tree.count[1]) == (1, 2, 3, 2)
    assert tree.refine.tolist() == [ADD, REPLACE, ADD, REPLACE, REPLACE]
    assert tree.error.tolist() == [50, 9, 0, 0, 0]
    assert tree.content.tolist() == [False, True, True, True, True]
    assert found.tokens[3].contents == ("a.glb",)


def test_transforms_multiply_down_the_tree_and_scale_errors(tmp_path: Path) -> None:
    turn = [0, 1, 0, 0, -1, 0, 0, 0, 0, 0, 1, 0, *DELFT, 1]
    double = [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 10, 0, 0, 1]
    child = make.tile((1, 0, 0, 1, 2, 3), "a.b3dm", transform=double, geometricError=7)
    _, found = opened(
        tmp_path, {"tileset.json": make.tileset(make.tile(BOX, children=[child], transform=turn))}
    )
    first = np.array(turn, float).reshape(4, 4).T
    both = first @ np.array(double, float).reshape(4, 4).T
    assert np.array_equal(found.tokens[1].matrix, both)
    assert np.allclose(found.tree.center[1], both[:3, :3] @ [1, 0, 0] + both[:3, 3])
    assert np.allclose(found.tree.axes[1], np.diag([1, 2, 3]) @ both[:3, :3].T)
    assert found.tree.error[1] == 14


def test_geocentric_tilesets_say_so_and_local_ones_are_told(tmp_path: Path) -> None:
    place = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, *DELFT, 1]
    _, found = opened(tmp_path, {"a.json": make.tileset(make.tile(BOX, transform=place))})
    assert found.about.crs == "EPSG:4978"
    assert not found.problems
    _, found = opened(tmp_path, {"b.json": make.tileset(make.tile(BOX))})
    assert found.about.crs == ""
    assert [problem.code for problem in found.problems] == ["crs.missing"]
    _, found = opened(tmp_path, {"b.json": make.tileset(make.tile(BOX))}, crs="EPSG:28992")
    assert found.about.crs == "EPSG:28992"
    assert not found.problems


def test_a_b3dm_brings_its_triangles_and_its_features(tmp_path: Path) -> None:
    batch = {
        "name": ["a", "b", "c", None],
        "height": [1, 2.5, 3, 4],
        "use": [1, "x", None, {"y": 2}],
    }
    content = content_of(tmp_path, "town.b3dm", make.b3dm_town(4, batch))
    (mesh,) = content.drawables
    assert isinstance(mesh, Mesh)
    assert triangle_count(content.drawables) == 48
    assert mesh.feature.tolist() == np.repeat(np.arange(4), 8).tolist()
    table = content.features
    assert table is not None
    assert table.id.tolist() == [f"town.b3dm#{i}" for i in range(4)]
    assert table["height"].tolist() == [1, 2.5, 3, 4]
    assert table["use"].tolist() == ["1", "x", None, '{"y":2}']
    assert table.name is not None
    assert table.name.tolist() == ["a", "b", "c", None]
    assert np.allclose(
        table.bounds[1], [15, -5, 0, 25, 5, 10], atol=1e-4
    )  # z up, boxes stand on 0
    assert not content.problems


def test_the_z_up_axis_and_the_rtc_centre_are_heeded(tmp_path: Path) -> None:
    box = np.array([[0.0, 0.0, 5.0]])
    positions, triangles, number = make.boxes(box, 5.0)
    made = make.Builder()
    attributes = {
        "POSITION": made.accessor(positions),
        "_BATCHID": made.accessor(number.astype("<u2")),
    }
    made.mesh({"attributes": attributes, "indices": made.accessor(triangles)})
    made.json["extensions"] = {"CESIUM_RTC": {"center": [0, 0, 100]}}
    data = make.legacy(b"b3dm", made.glb(), {"BATCH_LENGTH": 1, "RTC_CENTER": DELFT})
    root = make.tile(BOX, "a.b3dm")
    files = {
        "tileset.json": make.tileset(root, asset={"version": "1.0", "gltfUpAxis": "z"}),
        "a.b3dm": data,
    }
    source, found = opened(tmp_path, files)
    content = source.fetch(0, found.tokens[0], SILENT)
    low = np.array(DELFT) + np.array([-5, -5, 100])
    assert np.allclose(box_of(content.drawables[0])[:3], low, atol=1e-4)


def test_external_tilesets_grow_the_tree_and_inherit_matrix_and_up_axis(tmp_path: Path) -> None:
    move = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1000, 0, 0, 1]
    inner = make.tile(BOX, "../far/town.b3dm", transform=move)
    files = {
        "tileset.json": make.tileset(
            make.tile(BOX, "far/tileset.json", transform=move),
            asset={"version": "1.0", "gltfUpAxis": "Z"},
        ),
        "far/tileset.json": make.tileset(inner),
        "far/town.b3dm": make.b3dm_town(2),
    }
    source, found = opened(tmp_path, files)
    tree, tokens, contents = grown(source, found)
    assert len(tree) == 2
    assert tree.error[0] == np.inf
    assert tokens[1].matrix[0, 3] == 2000
    low = box_of(contents[1].drawables[0])[:3]
    assert np.allclose(low, [2000 - 5, 0, -5])  # the file is y up, and the root said z: not turned


def test_a_tileset_that_contains_itself_ends_with_a_problem(tmp_path: Path) -> None:
    files = {"tileset.json": make.tileset(make.tile(BOX, "tileset.json"))}
    source, found = opened(tmp_path, files)
    with pytest.raises(BrokenFile, match="contains itself"):
        source.fetch(0, found.tokens[0], SILENT)


def test_several_contents_are_drawn_together_and_trees_among_them_grow(tmp_path: Path) -> None:
    contents = [{"uri": "a.b3dm"}, {"url": "b.b3dm"}, {"uri": "more.json"}]
    files = {
        "tileset.json": make.tileset(make.tile(BOX, contents=contents)),
        "a.b3dm": make.b3dm_town(2),
        "b.b3dm": make.b3dm_town(3),
        "more.json": make.tileset(make.tile(BOX, "a.b3dm")),
    }
    source, found = opened(tmp_path, files)
    tree, _, held = grown(source, found)
    assert len(tree) == 4
    assert sorted(triangle_count(c.drawables) for c in held.values()) == [24, 60]
    both = next(c for c in held.values() if triangle_count(c.drawables) == 60)
    assert both.features is not None
    assert both.features.id.tolist() == [
        *(f"a.b3dm#{i}" for i in range(2)),
        *(f"b.b3dm#{i}" for i in range(3)),
    ]
    assert set(np.concatenate([d.feature for d in both.drawables]).tolist()) == set(range(5))


def test_children_beside_an_external_tileset_are_kept(tmp_path: Path) -> None:
    root = make.tile(BOX, "more.json", children=[make.tile(BOX, "a.b3dm")])
    files = {
        "tileset.json": make.tileset(root),
        "more.json": make.tileset(make.tile(BOX, "a.b3dm")),
        "a.b3dm": make.b3dm_town(2),
    }
    source, found = opened(tmp_path, files)
    _, _, held = grown(source, found)
    assert [triangle_count(c.drawables) for c in held.values()] == [24, 24]


def test_missing_and_broken_contents_are_problems_and_neighbours_stay(tmp_path: Path) -> None:
    contents = [{"uri": "gone.b3dm"}, {"uri": "half.b3dm"}, {"uri": "a.b3dm"}, {"uri": "x.vctr"}]
    files = {
        "tileset.json": make.tileset(make.tile(BOX, contents=contents)),
        "half.b3dm": make.b3dm_town(2)[:300],
        "a.b3dm": make.b3dm_town(2),
        "x.vctr": b"vctr" + bytes(60),
    }
    source, found = opened(tmp_path, files)
    content = source.fetch(0, found.tokens[0], SILENT)
    assert codes(content.problems) == ["broken.3dtiles", "missing.file", "not_supported"]
    assert triangle_count(content.drawables) == 24


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"geometricError": None}, "tiles3d.geometric_error"),
        ({"refine": "OTHER"}, "tiles3d.refine"),
        ({"boundingVolume": {"box": [1, 2]}}, "tiles3d.volume"),
        ({"boundingVolume": None}, "tiles3d.volume"),
        ({"boundingVolume": {"sphere": [0, 0, 0, -1]}}, "tiles3d.volume"),
        ({"transform": [1, 2, 3]}, "tiles3d.transform"),
        ({"children": 5}, "tiles3d.children"),
        ({"children": [None, 3]}, "tiles3d.children"),
        ({"content": {"uri": 7}}, "tiles3d.content"),
        ({"content": {"uri": "../secret.glb"}}, "outside.root"),
        ({"content": {"uri": "file:///etc/passwd"}}, "outside.root"),
        ({"viewerRequestVolume": {"sphere": [1]}}, "tiles3d.request_volume"),
        ({"implicitTiling": {}}, "tiles3d.implicit"),
        ({"extensions": {"3DTILES_implicit_tiling": {}}}, "tiles3d.implicit"),
    ],
)
def test_a_tile_with_something_wrong_is_listed_and_its_neighbour_loads(
    tmp_path: Path, change: dict[str, Any], code: str
) -> None:
    bad = {**make.tile(BOX), **change}
    root = make.tile(BOX, children=[bad, make.tile(BOX, "a.b3dm")])
    files = {"tileset.json": make.tileset(root), "a.b3dm": make.b3dm_town(2)}
    source, found = opened(tmp_path, files)
    assert set(codes(found.problems)) == {code}
    assert triangle_count(source.fetch(2, found.tokens[2], SILENT).drawables) == 24
    assert np.isfinite(found.tree.center).all()
    assert np.isfinite(found.tree.axes).all()


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"{}", b'{"root": 3}', b"\0" * 40, b'{"asset":{"version":"1.0"}}']
)
def test_what_is_no_tileset_is_an_open_error(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(OpenError):
        opened(tmp_path, {"tileset.json": data})


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        LOADER.source(str(tmp_path / "tileset.json"), Options()).open(SILENT)
    with pytest.raises(NotFound):
        LOADER.source(str(tmp_path), Options()).open(SILENT)


def test_instances_points_and_composites_are_read(tmp_path: Path) -> None:
    places = np.array([[0, 0, 0], [100, 0, 0], [0, 50, 0]], "<f4")
    trees = make.legacy(
        b"i3dm",
        make.box_town(1, ids="").glb(),
        {"INSTANCES_LENGTH": 3, "POSITION": {"byteOffset": 0}},
        places.tobytes(),
        {"kind": ["oak", "elm", "yew"]},
        extra=b"\1\0\0\0",
    )
    colors = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255]], "u1")
    points = make.legacy(
        b"pnts",
        b"",
        {"POINTS_LENGTH": 3, "POSITION": {"byteOffset": 0}, "RGB": {"byteOffset": 36}},
        places.tobytes() + colors.tobytes(),
    )
    content = content_of(tmp_path, "all.cmpt", make.cmpt([trees, points, make.b3dm_town(2)]))
    several, cloud, town = content.drawables
    assert isinstance(several, Instances)
    assert several.transforms[:, :3, 3].tolist() == places.tolist()
    assert isinstance(cloud, Points)
    assert cloud.colors is not None
    assert cloud.colors[:, :3].tolist() == colors.tolist()
    assert np.allclose(cloud.positions + cloud.origin, places)
    table = content.features
    assert table is not None
    assert table["kind"].tolist()[:4] == ["Feature", "Feature", "Feature", "Tile"]
    assert len(table) == 6
    assert table.columns["kind"].tolist() == ["oak", "elm", "yew", None, None, None]
    assert np.allclose(table.bounds[1], [95, -5, 0, 105, 5, 10], atol=1e-4)
    assert set(town.feature.tolist()) == {4, 5}


def test_ids_come_from_a_property_when_they_are_unique_and_more_than_a_count(
    tmp_path: Path,
) -> None:
    def ids(batch: dict[str, Any], **options: Any) -> list[str]:
        content = content_of(tmp_path, "t.b3dm", make.b3dm_town(3, batch), **options)
        assert content.features is not None
        return [str(key) for key in content.features.id]

    weak = ["t.b3dm#0", "t.b3dm#1", "t.b3dm#2"]
    assert ids({"GlobalId": ["x", "y", "z"]}) == ["x", "y", "z"]
    assert ids({"id": [7, 9, 8]}) == ["7", "9", "8"]
    assert ids({"id": [0, 1, 2]}) == weak
    assert ids({"id": [7, 7, 8]}) == weak
    assert ids({"gml_id": ["x", None, "z"]}) == ["x", "t.b3dm#1", "z"]
    assert ids({"building": ["x", "y", "z"]}) == weak


def test_well_known_dates_are_observed_for_objects_tiles_and_the_tileset(tmp_path: Path) -> None:
    said_of_tile = {"properties": {"captureDate": "2020-05", "checkDate": "2017"}}
    root = make.tile(BOX, metadata=said_of_tile)
    root["content"] = {"uri": "t.b3dm", "group": 0, "metadata": {"properties": {}}}
    group = {"properties": {"checkDate": "2021"}}
    released = {"properties": {"releaseDate": "2022-03-21"}}
    files = {
        "tileset.json": make.tileset(root, metadata=released, groups=[group]),
        "t.b3dm": make.b3dm_town(2, {"creationDate": ["2019-01-02", "2018-01-02"]}),
    }
    source, found = opened(tmp_path, files)
    whole = found.observations
    assert whole.row.tolist() == [-1]
    assert whole.paths == ("metadata.properties.releaseDate",)
    content = source.fetch(0, found.tokens[0], SILENT)
    said = sorted(
        (LEVELS[level], int(row), str(lo)[:10])
        for level, row, lo in zip(
            content.observations.level,
            content.observations.row,
            content.observations.t_lo,
            strict=True,
        )
    )
    assert said == [
        ("object", 0, "2019-01-02"),
        ("object", 1, "2018-01-02"),
        ("tile", 0, "2020-05-01"),
        ("tile", 0, "2021-01-01"),
        ("tile", 1, "2020-05-01"),
        ("tile", 1, "2021-01-01"),
    ]
    assert content.features.created is not None


def test_property_tables_give_features_and_attributes(tmp_path: Path) -> None:
    made = make.box_town(3, ids="_FEATURE_ID_0")
    words = ["een", "twee", "drie"]
    offsets = np.cumsum([0, *map(len, words)]).astype("<u4")
    properties = {
        "identificatie": {
            "values": made.view("".join(words).encode()),
            "stringOffsets": made.view(offsets.tobytes()),
        },
        "year": {"values": made.view(np.array([1900, -1, 2000], "<i2").tobytes())},
    }
    described = {
        "identificatie": {"type": "STRING"},
        "year": {"type": "SCALAR", "componentType": "INT16", "noData": -1},
    }
    made.json["extensions"] = {
        "EXT_structural_metadata": {
            "schema": {"classes": {"Pand": {"properties": described}}},
            "propertyTables": [{"class": "Pand", "count": 3, "properties": properties}],
        }
    }
    made.json["meshes"][0]["primitives"][0]["extensions"] = {
        "EXT_mesh_features": {
            "featureIds": [{"featureCount": 3, "attribute": 0, "propertyTable": 0}]
        }
    }
    table = content_of(tmp_path, "t.glb", made.glb()).features
    assert table is not None
    assert table.id.tolist() == words
    assert table.kinds == ("Pand",)
    assert table["year"].tolist()[::2] == [1900, 2000]
    assert np.isnan(table["year"][1])


def test_a_content_without_features_is_one_object(tmp_path: Path) -> None:
    content = content_of(tmp_path, "a/t.glb", make.box_town(3, ids="").glb())
    assert content.features is not None
    assert content.features.id.tolist() == ["a/t.glb"]
    assert content.features.kinds == ("Tile",)
    assert set(content.drawables[0].feature.tolist()) == {0}


def test_vertices_of_features_that_do_not_exist_belong_to_no_object(tmp_path: Path) -> None:
    data = make.legacy(b"b3dm", make.box_town(3).glb(), {"BATCH_LENGTH": 2})
    content = content_of(tmp_path, "t.b3dm", data)
    assert codes(content.problems) == ["tiles3d.feature_range"]
    assert content.drawables[0].feature.min() == -1
    assert content.drawables[0].feature.max() == 1


def test_a_single_content_opens_as_one_tile_that_is_ready(tmp_path: Path) -> None:
    _, found = opened(tmp_path, {"t.b3dm": make.b3dm_town(3, RTC_CENTER=DELFT)})
    assert found.about.crs == "EPSG:4978"
    assert triangle_count(found.ready[0].drawables) == 36
    assert len(found.tree) == 1


def test_source_tokens_and_answers_cross_a_process(tmp_path: Path) -> None:
    files = {"tileset.json": make.tileset(make.tile(BOX, "t.b3dm")), "t.b3dm": make.b3dm_town(2)}
    source, found = opened(tmp_path, files)
    again = pickle.loads(pickle.dumps(source))
    assert again == source
    content = again.fetch(0, pickle.loads(pickle.dumps(found)).tokens[0], SILENT)
    assert triangle_count(pickle.loads(pickle.dumps(content)).drawables) == 24


@pytest.mark.parametrize(
    ("probe", "mine"),
    [
        (Probe("a/tileset.json", b'{"asset":{"version":"1.0"},"root":{}}'), True),
        (
            Probe(
                "a/other.json", b'{"asset": {"version": "1.1"}, "geometricError": 4, "root": {}}'
            ),
            True,
        ),
        (Probe("a/x.b3dm", b"b3dm\1\0\0\0"), True),
        (Probe("a/unnamed", b"pnts\1\0\0\0"), True),
        (Probe("a", is_folder=True, names=("readme.md", "tileset.json")), True),
        (Probe("a/city.json", b'{"type":"CityJSON","version":"2.0"}'), False),
        (
            Probe(
                "a/city.city.json", b'{"CityObjects":{},"type":"CityJSON","asset":{},"root":{}}'
            ),
            False,
        ),
        (Probe("a/x.ifc", b"ISO-10303-21;"), False),
        (Probe("a/map.geojson", b'{"type":"FeatureCollection"}'), False),
        (Probe("a", is_folder=True, names=("readme.md",)), False),
        (Probe("a/empty.json"), False),
    ],
)
def test_it_recognises_its_own_and_leaves_the_rest(probe: Probe, mine: bool) -> None:
    assert (LOADER.recognise(probe) >= 50) is mine


def test_the_facts_of_a_tileset_are_told(tmp_path: Path) -> None:
    data = json.loads(make.tileset(make.tile(BOX)))
    data["asset"] = {"version": "1.0", "generatetool": "cesiumlab", "tilesetVersion": "7"}
    data["extras"] = {"attribution": "Harbour Survey"}
    data["extensionsUsed"] = ["VENDOR_secret", "KHR_draco_mesh_compression", 5]
    data["extensionsRequired"] = ["VENDOR_secret"]
    _, found = opened(tmp_path / "harbour", {"tileset.json": json.dumps(data).encode()})
    assert found.title == "harbour"
    assert found.about.version == "1.0"
    assert found.about.fields["generatetool"] == "cesiumlab"
    assert found.about.fields["tileset_version"] == "7"
    assert found.about.fields["attribution"] == "Harbour Survey"
    assert found.about.fields["extensions_used"] == "VENDOR_secret, KHR_draco_mesh_compression"
    assert found.about.fields["unsupported"] == found.about.fields["extensions_required"]
    assert codes(found.problems) == ["tiles3d.extension", "tiles3d.rule"]
    assert "weak" in found.about.fields["ids"]


def test_a_tile_is_seen_from_within_its_request_volume_alone(tmp_path: Path) -> None:
    ball = {"sphere": [1, 2, 3, 4]}
    gated = make.tile(BOX, "a.b3dm", viewerRequestVolume=make.tile(BOX)["boundingVolume"])
    double = [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 100, 0, 0, 1]
    root = make.tile(
        BOX,
        transform=double,
        children=[make.tile(BOX), {**gated, "viewerRequestVolume": ball}, gated],
    )
    _, found = opened(tmp_path, {"tileset.json": make.tileset(root)})
    gates = found.tree.gates
    assert gates.tile.tolist() == [2, 3]
    assert gates.ball.tolist() == [True, False]
    assert np.allclose(gates.center[0], [102, 4, 6])
    assert np.allclose(np.linalg.norm(gates.axes[0, 0]), 8)
    assert np.allclose(gates.center[1], found.tree.center[3])
    assert gates.open_to(np.array([160.0, 0, 10])).tolist() == [False, True]


@pytest.mark.parametrize(
    ("middle", "half", "code"),
    [
        ((13_523_000, 3_663_000, 20), 500, "tiles3d.mercator"),
        ((-8_240_000, 4_970_000, 20), 500, "tiles3d.mercator"),
        ((85_000, 447_000, 10), 500, "tiles3d.grid"),
        ((500_000, 3_400_000, 10), 500, "tiles3d.grid"),
        ((38_501_000, 2_488_000, 10), 500, "tiles3d.grid"),
        ((4.36, 52.01, 10), 0.01, "tiles3d.degrees"),
        ((10, 20, 10), 100, ""),
        ((3_924_000, 299_000, 5_001_900), 500, "earth"),
        ((500_000, 6_330_000, 10), 500, "tiles3d.grid"),
    ],
)
def test_coordinates_that_are_not_geocentric_are_told_by_how_they_look(
    tmp_path: Path, middle: tuple[float, ...], half: float, code: str
) -> None:
    root = make.tile((*middle, half, half, 30))
    _, found = opened(tmp_path, {"tileset.json": make.tileset(root)})
    if code == "earth":
        assert found.about.crs == "EPSG:4978"
        assert not found.problems
        return
    assert found.about.crs == ""
    assert [p.code for p in found.problems] == ["crs.missing", *([code] if code else [])]
    _, given = opened(tmp_path, {"tileset.json": make.tileset(root)}, crs="EPSG:3857")
    assert given.about.crs == "EPSG:3857"
    assert not given.problems


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"asset": {"version": "7"}}, "asset.version"),
        ({"asset": {"version": "1.1", "tilesetVersion": 3}}, "tilesetVersion"),
        ({"extensionsUsed": []}, "is empty"),
        ({"extensionsUsed": "a"}, "not a list"),
        ({"extensionsUsed": ["KHR_a", "KHR_a"]}, "twice"),
        ({"extensions": {"KHR_a": {}}}, "does not name KHR_a"),
        ({"geometricError": None}, "geometricError"),
        ({"schema": {}, "schemaUri": "s.json"}, "both"),
        ({"root": make.tile(BOX, children=[make.tile(BOX, geometricError=5)])}, "larger"),
    ],
)
def test_a_broken_rule_is_named_and_the_tileset_loads(
    tmp_path: Path, change: dict[str, Any], rule: str
) -> None:
    document = json.loads(make.tileset(make.tile(BOX, "a.b3dm"))) | change
    files = {"tileset.json": json.dumps(document).encode(), "s.json": b"{}"}
    _, found = opened(tmp_path, files)
    assert codes(found.problems) == ["tiles3d.rule"]
    assert any(rule in problem.text for problem in found.problems)
    assert len(found.tree) >= 1
