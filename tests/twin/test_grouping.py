"""Objects of several layers under the values of a column; a group is hidden and shown by one edit."""

from dataclasses import replace

import numpy as np

from twin.edits import History
from twin.features import FeatureTable, encode, texts
from twin.geometry import Rows
from twin.grouping import Group, grouped, hidden, is_shown, isolated, natural
from twin.observations import Assessment, Observations
from twin.records import About, SourceRef
from twin.scene import Aspect, Layer, Twin
from twin.tiles import TileTree


def layer(key: str, kinds: list[str], low: list[float], **columns: list[str | None]) -> Layer:
    n = len(kinds)
    kind, names = encode(kinds)
    bounds = np.zeros((n, 6))
    bounds[:, 2] = low
    table = FeatureTable(
        texts([f"{key}{i}" for i in range(n)]), kind, names, np.full(n, -1, np.int32), bounds,
        columns={name: texts(values) for name, values in columns.items()},
    )  # fmt: skip
    return Layer(
        key, SourceRef("memory"), key, About("test"), TileTree.single(np.zeros(6)), table,
        Observations.empty(), Assessment.unknown(n),
    )  # fmt: skip


def city() -> Twin:
    twin = Twin()
    first = layer(
        "a", ["Wall", "Door", "Wall"], [3.0, 0.0, 3.0],
        Storey=["Upper", "Ground", "Upper"], Material=["Brick | Air", None, "Brick"],
    )  # fmt: skip
    second = layer("b", ["Wall", "Slab"], [0.0, -1.0], Storey=["Ground", None])
    for one in (first, second, layer("c", ["Tree"], [0.0])):
        twin.put_layer(one, Aspect.LAYERS)
    return twin


def told(groups: list[Group]) -> dict[str | None, dict[str, list[int]]]:
    return {x.value: {key: rows.tolist() for key, rows in x.rows.items()} for x in groups}


def test_groups_of_several_layers_join_and_storeys_stand_by_their_height() -> None:
    found = grouped(city().layers.values(), "Storey")
    assert told(found) == {
        "Ground": {"a": [1], "b": [0]}, "Upper": {"a": [0, 2]}, None: {"b": [1]},
    }  # fmt: skip
    assert [x.value for x in found] == ["Ground", "Upper", None]
    assert [x.count for x in found] == [2, 2, 1]


def test_an_object_of_several_materials_stands_under_each() -> None:
    found = grouped(city().layers.values(), "Material")
    assert told(found) == {"Air": {"a": [0]}, "Brick": {"a": [0, 2]}, None: {"a": [1]}}


def test_classes_are_there_in_every_layer_and_a_search_narrows_them() -> None:
    twin = city()
    assert [x.value for x in grouped(twin.layers.values(), "kind")] == [
        "Door", "Slab", "Tree", "Wall",
    ]  # fmt: skip
    masks = {key: np.zeros(len(x.features), np.bool_) for key, x in twin.layers.items()}
    masks["a"][2] = True
    assert told(grouped(twin.layers.values(), "kind", masks)) == {"Wall": {"a": [2]}}


def test_rows_that_another_layer_counts_are_left_out() -> None:
    one = replace(city().layers["a"], counted_elsewhere=np.array([True, False, False]))
    assert told(grouped([one], "kind")) == {"Door": {"a": [1]}, "Wall": {"a": [2]}}


def test_a_group_is_hidden_in_all_layers_by_one_step_and_undone_by_one() -> None:
    twin = city()
    history = History(twin)
    ground = grouped(twin.layers.values(), "Storey")[0]
    history.do("objects.hide", hidden(ground, True))
    shown: dict[str, list[bool]] = {
        key: [not x.is_hidden(row) for row in range(len(x.features))]
        for key, x in twin.layers.items()
    }
    assert shown == {"a": [True, False, True], "b": [False, True], "c": [True]}
    assert not is_shown(twin.layers, ground)
    history.undo()
    assert is_shown(twin.layers, ground)
    history.do("objects.isolate", isolated(twin.layers, ground))
    rows: Rows = np.flatnonzero(~np.asarray(twin.layers["a"].hidden)).astype(np.int32)
    assert rows.tolist() == [1]
    assert twin.layers["c"].is_hidden(0)


def test_numbers_in_names_sort_as_numbers() -> None:
    names = ["Level 10", "level 2", "Level 1", "楼层3", ""]
    assert sorted(names, key=natural) == ["", "Level 1", "level 2", "Level 10", "楼层3"]
