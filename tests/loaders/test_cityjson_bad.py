"""Bad CityJSON: a broken object is a listed problem, a broken file an error with its place, never more."""

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.cityjson import LOADER, reading
from tests.loaders.test_cityjson import (
    CUBE,
    FACES,
    Json,
    area,
    building,
    city,
    codes,
    open_city,
    solid,
)
from twin.errors import TwinError
from twin.ports import SILENT, Opened, Options

__all__ = ["open_city"]

JUNK: list[Any] = [None, 5, -1, 1.5, "x", True, [], {}, [[]], [[[None]]], 1e308, 2**70, [1, "a"]]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        ({"boundaries": None}, "cityjson.geometry"),
        ({"boundaries": "abc"}, "cityjson.geometry"),
        ({"boundaries": 4_611_686_018_000_000_000}, "cityjson.geometry"),
        ({"boundaries": [[[[0, 1, 1.5]]]]}, "cityjson.geometry"),
        ({"boundaries": [[[[0, 1, "2"]]]]}, "cityjson.geometry"),
        ({"boundaries": [[[[0, 1, 2**40]]]]}, "cityjson.geometry"),
        ({"boundaries": [[[0, 1, 2]]]}, "cityjson.geometry"),
        ({"boundaries": [[[[[0, 1, 2]]]]]}, "cityjson.geometry"),
        ({"boundaries": [[[[0, 1, 8]]]]}, "cityjson.vertex"),
        ({"boundaries": [[[[0, 1, -1]]]]}, "cityjson.vertex"),
        ({"boundaries": [[[[0, 1, 1]]]]}, "cityjson.degenerate"),
        ({"boundaries": [[[[0]], [[]], []]]}, "cityjson.degenerate"),
        ({"type": "Sphere"}, "cityjson.geometry"),
        ({"type": 5}, "cityjson.geometry"),
        ({"semantics": {"surfaces": [], "values": [[0] * 6]}}, "cityjson.semantics"),
        ({"semantics": {"surfaces": [{"type": "Roof"}], "values": [[0]]}}, "cityjson.semantics"),
        ({"semantics": {"surfaces": [{"type": "Roof"}], "values": [[-1] * 6]}}, "cityjson.semantics"),
        ({"semantics": 7}, "cityjson.semantics"),
        ({"material": {"x": {"value": 3}}}, "cityjson.material"),
        ({"material": {"x": {"values": [[0, 0]]}}}, "cityjson.material"),
        ({"texture": {"x": {"values": [[[[0, 1, 2]]] * 6]}}}, "cityjson.texture.values"),
    ],
)  # fmt: skip
def test_a_broken_geometry_is_listed_by_its_id_and_its_neighbours_stay(
    open_city: Any, spoil: Json, code: str
) -> None:
    objects = {"good": building(solid()), "bad": building({**solid(), **spoil}), "last": building(solid())}  # fmt: skip
    opened = open_city(city(objects))
    assert opened.features.id.tolist() == ["good", "bad", "last"]
    assert code in codes(opened)
    assert {problem.feature for problem in opened.problems} == {"bad"}
    assert area(opened) >= 12 - 1e-6


@pytest.mark.parametrize("said", [None, 5, "x", [], {}, {"type": None}, {"type": 3}])
def test_what_is_no_object_is_left_out_and_listed(open_city: Any, said: Any) -> None:
    opened = open_city(city({"bad": said, "good": building(solid())}))
    assert opened.features.id.tolist() == ["good"]
    assert codes(opened) == ["cityjson.object"]
    assert opened.problems[0].feature == "bad"


def test_circles_of_parents_are_cut_and_listed(open_city: Any) -> None:
    objects = {
        "a": {"type": "Building", "parents": ["c"]},
        "b": {"type": "Building", "parents": ["a"]},
        "c": {"type": "Building", "parents": ["b"]},
        "self": {"type": "Building", "parents": ["self"]},
        "under": {"type": "BuildingPart", "parents": ["a"], "geometry": [solid()]},
    }
    opened = open_city(city(objects))
    assert codes(opened).count("cityjson.cycle") == 4
    table = opened.features
    assert (table.parent < np.arange(len(table))).all()
    assert table.id[table.parent[table.row_of("under")]] == "a"


def test_a_chain_of_ten_thousand_parents_is_followed(open_city: Any) -> None:
    objects: Json = {
        f"o{k}": {"type": "Building", "parents": [f"o{k + 1}"]} for k in range(10_000)
    }
    objects["o0"]["geometry"] = [solid()]
    objects["o10000"] = {"type": "Building"}
    table = open_city(city(objects)).features
    assert table.id[0] == "o10000"
    assert table.bounds[0].tolist() == [84000, 447000, 0, 84001, 447001, 1]


def test_references_to_nobody_are_listed(open_city: Any) -> None:
    objects = {
        "a": {"type": "BuildingPart", "parents": ["gone"]},
        "b": {"type": "Building", "children": ["lost", 5]},
    }
    opened = open_city(city(objects))
    assert sorted(codes(opened)) == ["cityjson.dangling", "cityjson.dangling"]
    assert {problem.params["other"] for problem in opened.problems} == {"gone", "lost"}


@pytest.mark.parametrize("vertex", [None, [1, 2], [1, "2", 3], [None, 1, 2], "abc", [1, 2, 3, 4]])
def test_a_vertex_that_is_none_costs_only_the_surfaces_on_it(open_city: Any, vertex: Any) -> None:
    vertices = [*CUBE[:7], vertex, *CUBE]
    boundaries = [[[i + 8 for i in ring] for ring in face] for face in FACES]
    objects = {"bad": building(solid()), "good": building(solid(boundaries=[boundaries]))}
    opened = open_city({**city(objects), "vertices": vertices})
    assert codes(opened) == ["cityjson.vertex"]
    assert opened.problems[0].feature == "bad"
    assert opened.problems[0].params["count"] == 3
    assert area(opened) == pytest.approx(9)


def test_numbers_that_json_does_not_know_are_read_as_missing(open_city: Any) -> None:
    text = json.dumps(
        city({"a": building(solid()), "b": building(attributes={"h": float("nan")})})
    )
    opened = open_city(text.replace("[0, 0, 0]", "[NaN, 0, -Infinity]", 1))
    assert sorted(codes(opened)) == ["cityjson.nan", "cityjson.vertex"]
    assert area(opened) == pytest.approx(3)


@pytest.mark.parametrize("place", ["template", "boundaries", "transformationMatrix"])
@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_an_instance_of_nothing_is_listed(open_city: Any, place: str, junk: Any) -> None:
    matrix = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    instance = {
        "type": "GeometryInstance",
        "template": 0,
        "boundaries": [0],
        "transformationMatrix": matrix,
    }
    templates = {"templates": [solid()], "vertices-templates": CUBE}
    objects = {"bad": building({**instance, place: junk}), "good": building(solid())}
    opened = open_city({**city(objects), "geometry-templates": templates})
    assert len(opened.features) == 2
    assert {problem.feature for problem in opened.problems} <= {"bad", "geometry-templates/templates/0"}  # fmt: skip
    assert opened.problems or place == "template"


@pytest.mark.parametrize(
    "key", ["metadata", "appearance", "geometry-templates", "extensions", "version", "vertices"]
)
@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_any_member_may_be_of_any_type(open_city: Any, key: str, junk: Any) -> None:
    document = city({"a": building(solid(material={"x": {"value": 0}}))})
    try:
        opened = open_city({**document, key: junk})
    except TwinError:
        return
    assert opened.features.id.tolist() == ["a"]


def _rich() -> bytes:
    """Return a city with everything in it."""
    semantics = {"surfaces": [{"type": "RoofSurface"}], "values": [[0, *[None] * 5]]}
    texture = {"t": {"values": [[[[0, 0, 1, 2, 3]], *[[[None]]] * 5]]}}
    rich = solid("2.2", semantics=semantics, texture=texture, material={"m": {"value": 0}})
    instance = {"type": "GeometryInstance", "template": 0, "boundaries": [3],
                "transformationMatrix": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]}  # fmt: skip
    hole = {"type": "MultiSurface", "lod": 1, "boundaries": [[[0, 1, 2, 3], [4, 5, 6]]]}
    objects = {
        "a": building(rich, attributes={"creationDate": "2014-07-09", "h": 3.5}, children=["p"]),
        "p": {"type": "BuildingPart", "parents": ["a"], "geometry": [hole, solid()]},
        "t": {"type": "SolitaryVegetationObject", "geometry": [instance]},
        "l": {"type": "Road", "geometry": [{"type": "MultiLineString", "lod": "0", "boundaries": [[0, 1]]}]},
        "m": {"type": "Road", "geometry": [{"type": "MultiPoint", "lod": "0", "boundaries": [0, 1]}]},
    }  # fmt: skip
    appearance = {
        "materials": [{"diffuseColor": [1, 0, 0]}],
        "textures": [{"image": "none.png"}],
        "vertices-texture": [[0, 0], [1, 0], [1, 1], [0, 1]],
    }
    templates = {"templates": [solid()], "vertices-templates": copy.deepcopy(CUBE)}
    return json.dumps(
        {**city(objects, appearance=appearance), "geometry-templates": templates}
    ).encode()


RICH = _rich()
LINES = b"\n".join(
    json.dumps(line).encode()
    for line in (
        city({}),
        {"type": "CityJSONFeature", "id": "a", "CityObjects": {"a": building(solid())}, "vertices": CUBE},
        {"type": "CityJSONFeature", "id": "b", "CityObjects": {"b": building(solid())}, "vertices": CUBE},
    )
)  # fmt: skip


def _open(folder: Path, content: bytes) -> Opened | None:
    """Open bytes; an error of ours is an answer, any other is not caught."""
    path = folder / "a.city.json"
    path.write_bytes(content)
    try:
        return LOADER.source(str(path), Options()).open(SILENT)
    except TwinError:
        return None


def test_half_a_city_is_an_error_wherever_it_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for small in (0, reading.SMALL):
        monkeypatch.setattr(reading, "SMALL", small)
        for end in range(0, len(RICH) - 1, 23):
            assert _open(tmp_path, RICH[:end]) is None
    assert _open(tmp_path, RICH) is not None


def test_half_a_sequence_keeps_the_features_before_the_cut(tmp_path: Path) -> None:
    for end in range(0, len(LINES), 29):
        opened = _open(tmp_path, LINES[:end])
        whole = LINES[:end].count(b"\n")
        assert opened is None or whole - 1 <= len(opened.features) <= whole


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), sequence=st.booleans(), cut=st.booleans())
def test_any_bytes_changed_give_an_error_of_ours_or_a_city(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: st.DataObject, sequence: bool, cut: bool
) -> None:
    monkeypatch.setattr(reading, "SMALL", 0 if cut else 2**20)
    content = bytearray(LINES if sequence else RICH)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        junk = data.draw(st.sampled_from([b"0", b"9", b"-", b"[", b"]", b"{", b'"', b",", b"null", b"", b"1e9", b"\xff"]))  # fmt: skip
        content[at : at + data.draw(st.integers(0, 3))] = junk
    opened = _open(tmp_path, bytes(content))
    if opened is not None:
        assert len(set(opened.features.id.tolist())) == len(opened.features)
        rows = [d.feature.max(initial=-1) for c in opened.ready.values() for d in c.drawables]
        assert all(row < len(opened.features) for row in rows)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict):
        for key, item in value.items():
            found += _places(item, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value[:3]):
            found += _places(item, (*path, at))
    return found


PLACES = [place for place in _places(json.loads(RICH)) if place]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=st.sampled_from(PLACES), junk=st.sampled_from(JUNK), cut=st.booleans())
def test_any_value_of_any_type_anywhere_gives_an_error_of_ours_or_a_city(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: tuple[Any, ...], junk: Any, cut: bool
) -> None:
    monkeypatch.setattr(reading, "SMALL", 0 if cut else 2**20)
    document = json.loads(RICH)
    target = document
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = junk
    _open(tmp_path, json.dumps(document).encode())
