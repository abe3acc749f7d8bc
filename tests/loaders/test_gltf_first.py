"""glTF 1.0: what is written in it is drawn as what is written in 2.0."""

import base64
import contextlib
import copy
import io
import json
import struct
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Picture

from loaders._gltf.assembly import Z_UP, assemble
from loaders._gltf.model import Model, read_model
from loaders.tiles3d import legacy
from tests.loaders.gltf_files import box_town, padded
from tests.loaders.gltf_files import legacy as tile_of
from twin.errors import BrokenFile, NotSupported, OpenError
from twin.geometry import Mesh

TECHNIQUE = {"parameters": {"diffuse": {"type": 35678}}, "states": {"enable": [2929, 2884]}}


def nothing(uri: str) -> bytes:
    raise AssertionError(uri)


def first(made: Mapping[str, Any], binary: bytes) -> bytes:
    """Return a GLB of version 1."""
    text = padded(json.dumps(made).encode(), b" ", 4)
    head = struct.pack("<4sIIII", b"glTF", 1, 20 + len(text) + len(binary), len(text), 0)
    return head + text + binary


def town(n: int = 3, gap: int = 0, lengths: bool = True) -> tuple[dict[str, Any], bytes]:
    """Return ``box_town`` in glTF 1.0: one interleaved view, ``gap`` bytes between the vertices."""
    made = box_town(n)
    views, binary = made.json["bufferViews"], made.binary
    runs = [binary[v["byteOffset"] : v["byteOffset"] + v["byteLength"]] for v in views]
    count = 8 * n
    rows = [
        runs[0][12 * i : 12 * i + 12] + runs[1][2 * i : 2 * i + 2] + b"\7" * gap
        for i in range(count)
    ]
    vertices, stride = b"".join(rows), 14 + gap
    body = vertices + runs[2]
    views_of = {
        "v": {"buffer": "binary_glTF", "byteOffset": 0, "byteLength": len(vertices)},
        "i": {"buffer": "binary_glTF", "byteOffset": len(vertices), "byteLength": len(runs[2])},
    }
    if not lengths:
        for view in views_of.values():
            del view["byteLength"]
    found: dict[str, Any] = {
        "asset": {"version": "1.0"},
        "extensionsUsed": ["KHR_binary_glTF"],
        "buffers": {"binary_glTF": {"uri": "data:,", "type": "arraybuffer"}},
        "bufferViews": views_of,
        "accessors": {
            "p": accessor("v", 0, stride, 5126, count, "VEC3"),
            "b": accessor("v", 12, stride, 5123, count, "SCALAR"),
            "i": accessor("i", 0, 0, 5123, len(runs[2]) // 2, "SCALAR"),
        },
        "meshes": {
            "m": {
                "primitives": [{"attributes": {"POSITION": "p", "BATCHID": "b"}, "indices": "i"}]
            }
        },
        "nodes": {"n": {"meshes": ["m"], "children": []}},
        "scenes": {"s": {"nodes": ["n"]}},
        "scene": "s",
    }
    return found, body


def accessor(view: str, at: int, stride: int, kind: int, count: int, shape: str) -> dict[str, Any]:
    return {
        "bufferView": view, "byteOffset": at, "byteStride": stride, "componentType": kind,
        "count": count, "type": shape,
    }  # fmt: skip


def drawn(model: Model) -> list[Mesh]:
    found = assemble(model, Z_UP, lambda part: part.numbers.get("BATCHID"), 0)
    return [mesh for mesh in found if isinstance(mesh, Mesh)]


def codes(model: Model) -> list[str]:
    return [problem.code for problem in model.document.problems]


def png() -> bytes:
    held = io.BytesIO()
    Picture.new("RGB", (4, 4), (10, 200, 30)).save(held, "PNG")
    return held.getvalue()


@given(st.integers(1, 6), st.integers(0, 9), st.booleans())
def test_a_town_in_version_1_is_the_town_in_version_2(n: int, gap: int, lengths: bool) -> None:
    old = read_model(first(*town(n, gap, lengths)), "x", nothing)
    new = read_model(box_town(n, ids="BATCHID").glb(), "x", nothing)
    (a,), (b,) = drawn(old), drawn(new)
    assert codes(old) == []
    assert np.array_equal(a.origin, b.origin)
    assert np.array_equal(a.positions, b.positions)
    assert np.array_equal(a.triangles, b.triangles)
    assert np.array_equal(a.feature, b.feature)


def test_a_b3dm_carries_version_1() -> None:
    data = tile_of(b"b3dm", first(*town(3)), {"BATCH_LENGTH": 3})
    model = read_model(legacy.cut(memoryview(data), "x").payload, "x", nothing)
    assert np.unique(drawn(model)[0].feature).tolist() == [0, 1, 2]


def test_text_with_buffers_beside_it_is_read_too() -> None:
    made, body = town(2)
    made["buffers"]["binary_glTF"] = {"byteLength": len(body)}
    made["buffers"] = {"b": {"uri": "b.bin"}}
    for view in made["bufferViews"].values():
        view["buffer"] = "b"
    model = read_model(json.dumps(made).encode(), "x", {"b.bin": body}.__getitem__)
    assert len(drawn(model)[0].triangles) == 24


def test_a_node_with_two_meshes_draws_both_where_it_stands() -> None:
    made, body = town(1)
    made["meshes"]["other"] = made["meshes"]["m"]
    move = {"translation": [0, 5, 0], "meshes": ["m", "other"]}
    made["nodes"] = {"root": {"matrix": [*np.eye(4).ravel()], "children": ["n"]}, "n": move}
    made["scenes"]["s"]["nodes"] = ["root"]
    model = read_model(first(made, body), "x", nothing)
    assert [matrix[:3, 3].tolist() for _, matrix in model.parts] == [[0, 5, 0]] * 2


def test_the_centre_of_cesium_rtc_is_kept() -> None:
    made, body = town(1)
    made["extensions"] = {"CESIUM_RTC": {"center": [1e6, 2e6, 3e6]}}
    assert read_model(first(made, body), "x", nothing).offset.tolist() == [1e6, 2e6, 3e6]


def with_material(material: Mapping[str, Any], **more: Any) -> tuple[Model, Mesh]:
    made, body = town(1)
    made["meshes"]["m"]["primitives"][0]["material"] = "paint"
    made |= {"materials": {"paint": dict(material)}, "techniques": {"t": TECHNIQUE}, **more}
    model = read_model(first(made, body), "x", nothing)
    return model, drawn(model)[0]


@pytest.mark.parametrize(
    ("material", "color", "mode", "unlit"),
    [
        ({"technique": "t", "values": {"diffuse": [1, 0.5, 0, 1]}}, (1, 0.5, 0, 1), "opaque", False),
        ({"technique": "t", "values": {"u_color": [0, 1, 0]}}, (0, 1, 0, 1), "opaque", False),
        (
            {"extensions": {"KHR_materials_common": {
                "technique": "CONSTANT", "transparent": True,
                "values": {"diffuse": [0, 0, 1, 1], "transparency": 0.5},
            }}},
            (0, 0, 1, 0.5), "blend", True,
        ),
        ({}, (1, 1, 1, 1), "opaque", False),
    ],
)  # fmt: skip
def test_the_diffuse_colour_is_the_base_colour(
    material: Any, color: Any, mode: str, unlit: bool
) -> None:
    model, mesh = with_material(material)
    assert codes(model) == []
    assert mesh.material.color == color
    assert (mesh.material.alpha_mode, mesh.material.unlit) == (mode, unlit)
    assert not mesh.material.double_sided


def test_the_diffuse_texture_is_the_picture() -> None:
    uri = "data:image/png;base64," + base64.b64encode(png()).decode()
    model, mesh = with_material(
        {"technique": "t", "values": {"diffuse": "tex"}},
        textures={"tex": {"sampler": "s", "source": "img"}},
        samplers={"s": {"wrapS": 33071}},
        images={"img": {"uri": uri}},
    )
    assert codes(model) == []
    assert mesh.material.image is not None
    assert mesh.material.wrap == "clamp"


def test_a_picture_lies_in_the_binary_part() -> None:
    made, body = town(1)
    image = {"bufferView": "pic", "mimeType": "image/png", "width": 4, "height": 4}
    made["bufferViews"]["pic"] = {
        "buffer": "binary_glTF", "byteOffset": len(body), "byteLength": len(png()),
    }  # fmt: skip
    made["images"] = {"img": {"uri": "data:,", "extensions": {"KHR_binary_glTF": image}}}
    made["textures"] = {"tex": {"source": "img"}}
    made["materials"] = {"paint": {"values": {"tex": ["tex"]}}}
    made["meshes"]["m"]["primitives"][0]["material"] = "paint"
    model = read_model(first(made, body + png()), "x", nothing)
    assert drawn(model)[0].material.image is not None
    assert codes(model) == []


@pytest.mark.parametrize("material", [{"technique": "t"}, {"technique": "t", "values": {"n": 3}}])
def test_a_shader_alone_is_a_listed_problem_and_the_mesh_is_drawn(material: Any) -> None:
    model, mesh = with_material(material)
    assert codes(model) == ["gltf.shader"]
    assert mesh.material.color == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("where", "value", "code"),
    [
        (("accessors", "p", "count"), 1 << 40, "gltf.primitive"),
        (("accessors", "p", "byteOffset"), 1 << 60, "gltf.primitive"),
        (("accessors", "p", "type"), "VEC9", "gltf.primitive"),
        (("accessors", "p", "bufferView"), "lost", "gltf.primitive"),
        (("accessors", "p", "bufferView"), None, "gltf.primitive"),
        (("accessors", "p", "byteStride"), 4, "gltf.primitive"),
        (("accessors", "p", "byteStride"), -1, "broken"),
        (("accessors", "p"), 3, "gltf.primitive"),
        (("bufferViews", "v", "byteLength"), 1 << 50, "gltf.primitive"),
        (("bufferViews", "v", "buffer"), "lost", "gltf.primitive"),
        (("bufferViews", "v"), [], "gltf.primitive"),
        (("buffers", "binary_glTF", "byteLength"), 1 << 50, "gltf.primitive"),
        (("meshes", "m", "primitives", 0, "indices"), "lost", "gltf.primitive"),
        (("meshes", "m", "primitives", 0, "material"), "lost", "gltf.shader"),
        (("meshes", "m", "primitives"), 3, "broken"),
        (("nodes", "n", "meshes"), ["lost"], "broken"),
        (("nodes", "n", "meshes"), "m", "broken"),
        (("nodes", "n", "children"), ["n"], "gltf.node"),
        (("scene",), "lost", "broken"),
        (("nodes",), [], "broken"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_version_1_is_a_problem_or_an_error(
    where: tuple[Any, ...], value: Any, code: str
) -> None:
    made, body = town(2)
    holder: Any = made
    for step in where[:-1]:
        holder = holder[step]
    holder[where[-1]] = value
    try:
        found = codes(read_model(first(made, body), "x", nothing))
    except BrokenFile:
        found = ["broken"]
    assert found == [code]


@given(st.integers(0, 3000))
def test_half_a_glb_of_version_1_is_a_broken_file(cut: int) -> None:
    data = first(*town(1))
    with pytest.raises(BrokenFile):
        read_model(data[: min(cut, len(data) - 1)], "x", nothing)


@pytest.mark.parametrize(("size", "kind"), [(1 << 31, 0), (0, 0), (8, 1)])
def test_a_header_of_version_1_that_lies_is_a_broken_file(size: int, kind: int) -> None:
    data = struct.pack("<4sIIII", b"glTF", 1, 28, size, kind) + b"{}      "
    with pytest.raises(BrokenFile):
        read_model(data, "x", nothing)


def test_quantised_attributes_of_version_1_are_refused_by_name() -> None:
    made, body = town(1)
    made["accessors"]["p"]["extensions"] = {"WEB3D_quantized_attributes": {}}
    with pytest.raises(NotSupported, match="WEB3D_quantized_attributes"):
        read_model(first(made, body), "x", nothing)


def places(held: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value in a JSON text."""
    inside = held.items() if isinstance(held, dict) else enumerate(held)
    for key, value in inside:
        yield (*above, key)
        if isinstance(value, dict | list):
            yield from places(value, (*above, key))


@pytest.mark.parametrize("value", [None, 3, -1, 1 << 62, "m", [], {}, [None], [{}], ["n", "n"]])
def test_no_single_wrong_value_is_a_traceback(value: Any) -> None:
    made, body = town(1)
    image = {"extensions": {"KHR_binary_glTF": {"bufferView": "i"}}}
    paint = {"technique": "t", "values": {"diffuse": "tex", "transparency": 0.5}}
    made |= {"materials": {"paint": paint}, "textures": {"tex": {"source": "img", "sampler": "s"}}}
    made |= {"images": {"img": image}, "samplers": {"s": {}}, "techniques": {"t": TECHNIQUE}}
    made["meshes"]["m"]["primitives"][0]["material"] = "paint"
    for where in places(made):
        changed = copy.deepcopy(made)
        holder: Any = changed
        for step in where[:-1]:
            holder = holder[step]
        holder[where[-1]] = value
        with contextlib.suppress(OpenError):
            drawn(read_model(first(changed, body), "x", lambda _: b""))
