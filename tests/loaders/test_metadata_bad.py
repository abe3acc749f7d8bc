"""Broken metadata is a listed problem: the geometry and all other properties stay."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.tiles3d.content import gather
from loaders.tiles3d.gathering import Gathering
from loaders.tiles3d.objects import observations_of, table_of
from tests.loaders import metadata_files as made
from twin.errors import NotFound
from twin.features import FeatureTable
from twin.geometry import triangle_count

Change = Callable[[dict[str, Any]], object]
DEEP: list[Any] = []
for _ in range(400):
    DEEP = [DEEP]
ODD: tuple[Any, ...] = (
    None, "", "x", "ARRAY", [], {}, [[]], [None], {"": None}, True, False, -1, 0, 1, 3, 1.5, 1e308, 2**31 - 1, 2**31,
    2**32, 2**53, 2**62, 2**63, 2**64 - 1, -(2**63), [2**63], DEEP, "é\u0000", [1, 2, 3],
)  # fmt: skip


def missing(uri: str) -> bytes:
    raise NotFound(location=uri)


def read(data: bytes) -> tuple[Gathering, FeatureTable]:
    """Read one content as a fetched tile is read."""
    found = Gathering(np.eye(4), "Y", "t", "t")
    gather(found, memoryview(data), missing)
    table = table_of(found)
    observations_of(table.columns, (), None)
    return found, table


def codes(found: Gathering) -> list[str]:
    return sorted({problem.code for problem in found.problems})


def metadata(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["extensions"]["EXT_structural_metadata"]
    return found


def row(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = metadata(document)["propertyTables"][0]["properties"][name]
    return found


def kind(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = metadata(document)["schema"]["classes"]["House"]["properties"][name]
    return found


def ids(document: dict[str, Any], mesh: int) -> dict[str, Any]:
    primitive = document["meshes"][mesh]["primitives"][0]
    found: dict[str, Any] = primitive["extensions"]["EXT_mesh_features"]["featureIds"][0]
    return found


def view(document: dict[str, Any], name: str, key: str = "values") -> dict[str, Any]:
    found: dict[str, Any] = document["bufferViews"][row(document, name)[key]]
    return found


def test_what_is_whole_is_read_whole() -> None:
    found, table = read(made.rich_town().glb())
    assert not found.problems
    assert triangle_count(tuple(found.drawables)) == made.TRIANGLES
    assert {name: table[name].tolist() for name in table.columns if name[:1] != "_"} == {
        "name": ["één", None, "drie", "vier"],
        "year": [1900, 1000, 2000, 2020],
        "height": [1.5, 2, 2.5, 3],
        "roof": ["flat", "gable", "gable", "flat"],
        "inside": [True, False, True, False],
        "color": [f"[{','.join(str(v / 255) for v in range(i, i + 3))}]" for i in (0, 3, 6, 9)],
        "pair": ["[0.0,1.0]", "[2.0,3.0]", "[4.0,5.0]", "[6.0,7.0]"],
        "tags": ['["a","b"]', "[]", '["c"]', '["d","e"]'],
        "use": ["unknown"] * 4,
    }
    assert table.kinds == ("House",)
    assert set(found.drawables[0].feature.tolist()) <= {0, 1, 2, 3}


def test_a_whole_batch_table_is_read_whole() -> None:
    found, table = read(made.batch_town(*made.rich_batch()))
    assert not found.problems
    assert table["area"].tolist() == [0, 1, 2, 3]
    assert table["normal"].tolist()[1] == "[3.0,4.0,5.0]"
    assert table["label"].tolist() == ["a", "b", None, "d"]
    assert table.kinds == ("Window",)
    assert table["pane"].tolist() == [1, 2, 3, 4]  # its own, not the street's
    assert table["owner"].tolist() == ["x", "x", "y", "y"]
    assert table["street"].tolist() == ["Lane"] * 4


@pytest.mark.parametrize(
    ("change", "code", "lost"),
    [
        (lambda d: view(d, "year").update(byteOffset=2**40), "gltf.property", {"year"}),
        (lambda d: view(d, "year").update(byteLength=3), "gltf.property", {"year"}),
        (lambda d: view(d, "year").update(buffer=7), "gltf.property", {"year"}),
        (lambda d: row(d, "height").update(values=999), "gltf.property", {"height"}),
        (lambda d: row(d, "inside").update(values=-1), "gltf.property", {"inside"}),
        (lambda d: view(d, "name", "stringOffsets").update(byteLength=4), "gltf.property", {"name"}),
        (lambda d: row(d, "name").update(stringOffsets=row(d, "color")["values"]), "gltf.property", {"name"}),
        (lambda d: row(d, "name").update(stringOffsetType="FLOAT32"), "gltf.property", {"name"}),
        (lambda d: row(d, "tags").update(arrayOffsets=row(d, "pair")["values"]), "gltf.property", {"tags"}),
        (lambda d: kind(d, "pair").update(count=2**62), "gltf.property", {"pair"}),
        (lambda d: kind(d, "pair").update(count=2**64 - 1), "gltf.property", {"pair"}),
        (lambda d: kind(d, "pair").update(count=10**7), "gltf.property", {"pair"}),
        (lambda d: kind(d, "roof").update(enumType="Dome"), "gltf.property", {"roof"}),
        (lambda d: kind(d, "roof").update(enumType=["Roof"]), "gltf.property", {"roof"}),
        (lambda d: kind(d, "year").update(componentType="INT128"), "gltf.property", {"year"}),
        (lambda d: kind(d, "year").update(type=["SCALAR"]), "gltf.property", {"year"}),
    ],
)  # fmt: skip
def test_one_broken_property_is_listed_and_all_others_stay(
    change: Change, code: str, lost: set[str]
) -> None:
    town = made.rich_town()
    change(town.json)
    found, table = read(town.glb())
    whole = set(read(made.rich_town().glb())[1].columns)
    assert [said for said in codes(found) if said != "gltf.rule"] == [code]
    assert whole - set(table.columns) == lost
    assert len(table) == made.COUNT
    assert triangle_count(tuple(found.drawables)) == made.TRIANGLES


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: metadata(d)["propertyTables"][0].update({"class": "Tree"}), "gltf.property"),
        (lambda d: metadata(d)["propertyTables"][0].update(count=2**40), "gltf.property"),
        (lambda d: metadata(d)["propertyTables"][0].update(count=-4), "gltf.property"),
        (lambda d: metadata(d)["propertyTables"][0].update(count=10**8), "gltf.property"),
        (lambda d: metadata(d)["propertyTables"][0].update(count=2), "tiles3d.feature_range"),
        (lambda d: metadata(d).update(schema=None, schemaUri="gone.json"), "gltf.schema"),
        (lambda d: ids(d, 0).update(attribute=5), "gltf.attribute"),
        (lambda d: ids(d, 1)["texture"].update(channels=[0, 9]), "gltf.feature_texture"),
        (lambda d: ids(d, 1)["texture"].update(channels=[]), "gltf.feature_texture"),
        (lambda d: ids(d, 1)["texture"].update(texCoord=3), "gltf.feature_texture"),
        (lambda d: ids(d, 1)["texture"].update(index=4), "gltf.feature_texture"),
        (lambda d: d["images"][0].update(bufferView=0), "gltf.feature_texture"),
        (lambda d: d.update(images=[{"uri": "gone.png"}]), "gltf.feature_texture"),
    ],
)
def test_what_breaks_a_table_or_a_set_of_numbers_is_listed_and_the_geometry_stays(
    change: Change, code: str
) -> None:
    town = made.rich_town()
    change(town.json)
    found, _ = read(town.glb())
    assert code in codes(found)
    assert triangle_count(tuple(found.drawables)) == made.TRIANGLES


def rise(table: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = table["extensions"]["3DTILES_batch_table_hierarchy"]
    return found


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        (lambda t: t["area"].update(byteOffset=2**40), {"area"}),
        (lambda t: t["area"].update(byteOffset=60), {"area"}),
        (lambda t: t["area"].update(byteOffset=-8), {"area"}),
        (lambda t: t["area"].update(componentType="HALF"), {"area"}),
        (lambda t: t["area"].update(componentType=["DOUBLE"]), {"area"}),
        (lambda t: t["normal"].update(type="MAT9"), {"normal"}),
        (lambda t: t["label"].append("e"), {"label"}),
        (lambda t: t.update(depth=5), {"depth"}),
        (lambda t: t.update(depth=[DEEP] * 4), {"depth"}),
        (lambda t: rise(t).update(instancesLength=2), {"pane", "owner", "street"}),
        (lambda t: rise(t).update(instancesLength=2**40), {"pane", "owner", "street"}),
        (lambda t: rise(t).update(classIds=[0, 0, 0, 0, 1, 1, 3]), {"pane", "owner", "street"}),
        (lambda t: rise(t).update(classIds=[0, 1]), {"pane", "owner", "street"}),
        (lambda t: rise(t).update(parentIds=[4, 4, 5, 5, 6, 99]), {"pane", "owner", "street"}),
        (lambda t: rise(t).update(parentIds=[4, 4]), {"pane", "owner", "street"}),
        (lambda t: rise(t).update(parentCounts=[-1, 2, 1, 1, 1, 2, 0]), {"pane", "owner", "street"}),
        (lambda t: rise(t)["classes"][0].update(length=3), {"pane", "owner", "street"}),
        (lambda t: rise(t)["classes"][1]["instances"].update(owner=["x"]), {"pane", "owner", "street"}),
    ],
)  # fmt: skip
def test_a_broken_part_of_a_batch_table_is_listed_and_the_rest_stays(
    change: Change, lost: set[str]
) -> None:
    table, body = made.rich_batch()
    change(table)
    found, rows = read(made.batch_town(table, body))
    whole = set(read(made.batch_town(*made.rich_batch()))[1].columns)
    assert codes(found) == ["tiles3d.batch_table"]
    assert whole - set(rows.columns) == lost
    assert triangle_count(tuple(found.drawables)) == 12 * made.COUNT


def test_a_hierarchy_that_goes_in_a_circle_ends() -> None:
    table, body = made.rich_batch()
    rise(table).update(parentCounts=[1] * 7, parentIds=[4, 4, 5, 5, 6, 6, 4])
    found, rows = read(made.batch_town(table, body))
    assert not found.problems
    assert rows["owner"].tolist() == ["x", "x", "y", "y"]
    assert rows["street"].tolist() == ["Lane"] * 4


def test_a_feature_with_endless_parents_looks_at_a_few() -> None:
    table, body = made.rich_batch()
    many = 300_000
    rise(table).update(parentCounts=[many, 1, 1, 1, 1, 1, 0], parentIds=[4] * (many + 5))
    _, rows = read(made.batch_town(table, body))
    assert rows["owner"].tolist() == ["x"] * 4


def test_whole_numbers_of_several_contents_stay_whole() -> None:
    found = Gathering(np.eye(4), "Y", "t", "t")
    large = 2**53 + 1
    for key in (large, large + 2):
        table = {"key": [key + i for i in range(made.COUNT)], "on": [True] * made.COUNT}
        gather(found, memoryview(made.batch_town(table, b"")), missing)
    rows = table_of(found)
    assert rows["key"].tolist() == [large + i for i in (0, 1, 2, 3, 2, 3, 4, 5)]
    assert rows["on"].tolist() == [True] * 8


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value in a JSON tree."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    found: list[tuple[Any, ...]] = []
    for key, value in items:
        found.append((*path, key))
        if isinstance(value, dict | list):
            found += places(value, (*path, key))
    return found


def changed(tree: Any, path: tuple[Any, ...], value: Any, gone: bool) -> None:
    for key in path[:-1]:
        tree = tree[key]
    if gone:
        del tree[path[-1]]
    else:
        tree[path[-1]] = value


RICH = made.rich_town()
SPOTS = [
    *[("extensions", *path) for path in places(RICH.json["extensions"])],
    *[
        ("meshes", i, "primitives", 0, "extensions", *path)
        for i in (0, 1)
        for path in places(RICH.json["meshes"][i]["primitives"][0]["extensions"])
    ],
    *[("images", *path) for path in places(RICH.json["images"])],
    *[("textures", *path) for path in places(RICH.json["textures"])],
]
BATCH, BODY = made.rich_batch()


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(SPOTS), st.sampled_from(ODD), st.booleans()),
        min_size=1, max_size=2, unique_by=lambda item: item[0],
    )
)  # fmt: skip
def test_no_change_of_metadata_costs_a_triangle(
    changes: list[tuple[tuple[Any, ...], Any, bool]],
) -> None:
    town = made.rich_town()
    for path, value, gone in changes:
        try:
            changed(town.json, path, value, gone)
        except (KeyError, IndexError, TypeError):  # the change before took it away
            continue
    found, _ = read(town.glb())
    assert triangle_count(tuple(found.drawables)) == made.TRIANGLES


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_change_of_the_bytes_behind_metadata_costs_a_triangle(data: st.DataObject) -> None:
    town = made.rich_town()
    first = town.json["bufferViews"][town.json["images"][0]["bufferView"]]["byteOffset"]
    binary = bytearray(town.binary)
    for _ in range(data.draw(st.integers(1, 20))):
        binary[data.draw(st.integers(first, len(binary) - 1))] = data.draw(st.integers(0, 255))
    town.binary = bytes(binary)
    found, _ = read(town.glb())
    assert triangle_count(tuple(found.drawables)) == made.TRIANGLES


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(places(BATCH)), st.sampled_from(ODD), st.booleans())
def test_no_change_of_a_batch_table_costs_a_triangle(
    path: tuple[Any, ...], value: Any, gone: bool
) -> None:
    table = copy.deepcopy(BATCH)
    changed(table, path, value, gone)
    found, _ = read(made.batch_town(table, BODY))
    assert triangle_count(tuple(found.drawables)) == 12 * made.COUNT
