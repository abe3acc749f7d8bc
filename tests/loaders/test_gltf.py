"""GLB and glTF to drawables: every topology, packing and way of placing, against plain arithmetic."""

import base64
import json
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Picture

from loaders._gltf import read_model
from loaders._gltf.assembly import UP, Z_UP, assemble, extent, instances
from loaders._gltf.primitives import FAN, LINE_LOOP, STRIP, topology
from tests.loaders.gltf_files import Builder, box_town
from twin.errors import BrokenFile, TooLarge, TwinError
from twin.geometry import Drawable, Image, Instances, Lines, Mesh, Points

TRIANGLE = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], "<f4")


def nothing(uri: str) -> bytes:
    raise AssertionError(f"asked for {uri}")


def drawn(data: bytes, world: NDArray[np.float64] = Z_UP) -> list[Drawable]:
    return assemble(read_model(data, "x.glb", nothing), world, lambda _: None, 0)


def one(data: bytes, world: NDArray[np.float64] = Z_UP) -> Mesh:
    (found,) = drawn(data, world)
    assert isinstance(found, Mesh)
    return found


def world_of(mesh: Mesh | Points | Lines) -> NDArray[np.float64]:
    return mesh.positions.astype(np.float64) + mesh.origin


def png(color: tuple[int, int, int] = (255, 0, 0)) -> bytes:
    stream = BytesIO()
    Picture.new("RGB", (2, 2), color).save(stream, "PNG")
    return stream.getvalue()


@given(st.lists(st.floats(-1e3, 1e3), min_size=16, max_size=16), st.integers(1, 300))
def test_the_chain_of_node_matrices_equals_their_product(values: list[float], n: int) -> None:
    translation, scale = values[:3], [abs(v) % 3 + 0.5 for v in values[3:6]]
    turn = np.array(values[6:10]) + np.array([0, 0, 0, 1e-3])
    turn = (
        turn / (np.linalg.norm(turn) or 1.0)
        if np.linalg.norm(turn) > 1e-2
        else np.array([0, 0, 0, 1])
    )
    local = np.random.default_rng(n).uniform(-50, 50, (n * 3, 3)).astype("<f4")
    made = Builder()
    node = {"translation": translation, "rotation": turn.tolist(), "scale": scale}
    made.mesh({"attributes": {"POSITION": made.accessor(local)}}, node)
    made.json["nodes"].append({"children": [0], "translation": [1.0, 2.0, 3.0]})
    made.json["scenes"] = [{"nodes": [1]}]
    world = np.eye(4)
    world[:3, 3] = [3.9e6, 3.3e5, 5.0e6]
    mesh = one(made.glb(), world @ UP["Y"])
    x, y, z, w = turn
    r = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    placed = (local * np.array(scale)) @ r.T + translation + [1.0, 2.0, 3.0]
    expected = np.stack([placed[:, 0], -placed[:, 2], placed[:, 1]], axis=1) + world[:3, 3]
    assert np.abs(world_of(mesh) - expected).max() < 1e-3


def test_far_coordinates_keep_millimetres() -> None:
    made = Builder()
    made.mesh(
        {"attributes": {"POSITION": made.accessor(TRIANGLE)}}, {"translation": [4e6, 3e5, -5e6]}
    )
    mesh = one(made.glb())
    assert np.abs(world_of(mesh) - (TRIANGLE + np.array([4e6, 3e5, -5e6]))).max() < 1e-6


def test_a_mirroring_matrix_turns_the_triangles() -> None:
    made = Builder()
    made.mesh({"attributes": {"POSITION": made.accessor(TRIANGLE)}}, {"scale": [-1, 1, 1]})
    mesh = one(made.glb())
    a, b, c = world_of(mesh)[mesh.triangles[0]]
    assert np.cross(b - a, c - a)[2] > 0


@pytest.mark.parametrize("mode", [STRIP, FAN])
@given(n=st.integers(0, 40))
def test_strips_and_fans_cover_the_same_surface_as_their_triangles(mode: int, n: int) -> None:
    found = topology(np.arange(n), mode)
    if mode == FAN:
        expected = [{0, i, i + 1} for i in range(1, n - 1)]
    else:
        expected = [{i, i + 1, i + 2} for i in range(n - 2)]
    assert [set(row.tolist()) for row in found] == expected


def test_strips_keep_one_side_up_and_drop_degenerate_triangles() -> None:
    zigzag = np.array([[i // 2, i % 2, 0] for i in range(6)], np.float64)
    for a, b, c in zigzag[topology(np.arange(6), STRIP)]:
        assert np.cross(b - a, c - a)[2] < 0
    assert len(topology(np.array([0, 1, 1, 2]), STRIP)) == 0


def test_lines_loops_and_points_become_lines_and_points() -> None:
    assert topology(np.arange(3), LINE_LOOP).tolist() == [[0, 1], [1, 2], [2, 0]]
    made = Builder()
    made.mesh({"attributes": {"POSITION": made.accessor(TRIANGLE)}, "mode": 3})
    made.mesh(
        {
            "attributes": {"POSITION": made.accessor(TRIANGLE)},
            "indices": made.accessor(np.array([2, 0], "<u1")),
            "mode": 0,
        }
    )
    lines, points = drawn(made.glb())
    assert isinstance(lines, Lines)
    assert lines.segments.tolist() == [[0, 1], [1, 2]]
    assert isinstance(points, Points)
    assert np.allclose(world_of(points), TRIANGLE[[2, 0]])


def test_interleaved_and_sparse_accessors_are_read() -> None:
    made = Builder()
    mixed = np.zeros(3, [("p", "<f4", 3), ("n", "<f4", 3)])
    mixed["p"], mixed["n"] = TRIANGLE, [0, 0, 1]
    view = made.view(mixed.tobytes(), stride=24)
    kind = {"componentType": 5126, "count": 3, "type": "VEC3"}
    positions = made.add_accessor({**kind, "bufferView": view})
    normals = made.add_accessor({**kind, "bufferView": view, "byteOffset": 12})
    made.mesh({"attributes": {"POSITION": positions, "NORMAL": normals}})
    mesh = one(made.glb())
    assert np.allclose(world_of(mesh), TRIANGLE)
    assert mesh.normals is not None
    assert np.allclose(mesh.normals, [0, 0, 1])
    sparse = {
        "count": 1,
        "indices": {
            "bufferView": made.view(np.array([1], "<u2").tobytes()),
            "componentType": 5123,
        },
        "values": {"bufferView": made.view(np.array([[7, 8, 9]], "<f4").tobytes())},
    }
    made.json["accessors"][positions]["sparse"] = sparse
    assert np.allclose(world_of(one(made.glb()))[1], [7, 8, 9])
    del made.json["accessors"][positions]["bufferView"]
    assert world_of(one(made.glb())).round(5).tolist() == [[0, 0, 0], [7, 8, 9], [0, 0, 0]]


def test_quantised_positions_and_normalised_colours_are_decoded() -> None:
    made = Builder()
    quantised = made.accessor(
        np.array([[0, 0, 0], [32767, 0, 0], [0, -32767, 0]], "<i2"), normalized=True
    )
    colors = made.accessor(
        np.array([[65535, 0, 0], [0, 32768, 0], [0, 0, 0]], "<u2"), normalized=True
    )
    made.mesh({"attributes": {"POSITION": quantised, "COLOR_0": colors}}, {"scale": [10, 10, 10]})
    mesh = one(made.glb())
    assert np.allclose(world_of(mesh), [[0, 0, 0], [10, 0, 0], [0, -10, 0]], atol=1e-5)
    assert mesh.colors is not None
    assert mesh.colors.tolist() == [[255, 0, 0, 255], [0, 128, 0, 255], [0, 0, 0, 255]]


def textured(transform: dict[str, Any] | None, data: bytes, **material: Any) -> Builder:
    made = Builder()
    uv = np.array([[0, 0], [1, 0], [0, 0.25]], "<f4")
    reference: dict[str, Any] = {"index": 0}
    if transform is not None:
        reference["extensions"] = {"KHR_texture_transform": transform}
    made.json["images"] = [{"bufferView": made.view(data), "mimeType": "image/png"}]
    made.json["samplers"] = [{"wrapS": 33071}]
    made.json["textures"] = [{"source": 0, "sampler": 0}]
    physical = {"baseColorTexture": reference, "baseColorFactor": [0.5, 1, 1, 0.25]}
    made.json["materials"] = [{"pbrMetallicRoughness": physical, **material}]
    attributes = {"POSITION": made.accessor(TRIANGLE), "TEXCOORD_0": made.accessor(uv)}
    made.mesh({"attributes": attributes, "material": 0})
    return made


def colors_of(image: Image | None) -> list[list[int]]:
    """Return the different colours of a picture."""
    assert image is not None
    assert image.pixels is not None
    found: list[list[int]] = np.unique(
        image.pixels.reshape(-1, image.pixels.shape[2]), axis=0
    ).tolist()
    return found


def test_a_material_has_its_picture_decoded_and_its_settings() -> None:
    mesh = one(
        textured(
            None,
            png(),
            alphaMode="BLEND",
            doubleSided=True,
            extensions={"KHR_materials_unlit": {}},
        ).glb()
    )
    material = mesh.material
    assert colors_of(material.image) == [[255, 0, 0]]
    assert material.color == (0.5, 1.0, 1.0, 0.25)
    assert (material.alpha_mode, material.double_sided, material.unlit) == ("blend", True, True)
    assert material.wrap == "clamp"
    assert mesh.uv is not None
    assert mesh.uv.tolist() == [[0, 1], [1, 1], [0, 0.75]]  # v grows upwards here


def test_a_picture_that_shines_on_a_black_base_is_drawn_without_light() -> None:
    made = textured(None, png())
    physical = made.json["materials"][0].pop("pbrMetallicRoughness")
    made.json["materials"][0] |= {
        "pbrMetallicRoughness": {"baseColorFactor": [0, 0, 0, 0]},
        "emissiveFactor": [1, 1, 0.5],
        "emissiveTexture": physical["baseColorTexture"],
    }
    material = one(made.glb()).material
    assert colors_of(material.image) == [[255, 0, 0]]
    assert (material.color, material.unlit) == ((1.0, 1.0, 0.5, 1.0), True)


def test_a_texture_transform_moves_the_coordinates() -> None:
    move = {"offset": [0.5, 0.25], "scale": [2, 4], "rotation": np.pi / 2}
    mesh = one(textured(move, png()).glb())
    # the extension's own matrix: T * R * S, rows of the specification's example
    c, s = np.cos(np.pi / 2), np.sin(np.pi / 2)
    matrix = (
        np.array([[1, 0, 0.5], [0, 1, 0.25], [0, 0, 1]])
        @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
        @ np.diag([2.0, 4.0, 1.0])
    )
    uv = np.array([[0, 0, 1], [1, 0, 1], [0, 0.25, 1]]) @ matrix.T
    assert mesh.uv is not None
    assert np.allclose(mesh.uv, np.stack([uv[:, 0], 1 - uv[:, 1]], axis=1), atol=1e-6)


def test_a_picture_that_is_cut_off_is_a_problem_and_the_shape_stays() -> None:
    model = read_model(textured(None, b"\xabKTX 20\xbb\r\n\x1a\n").glb(), "x", nothing)
    (mesh,) = assemble(model, Z_UP, lambda _: None, 0)
    assert isinstance(mesh, Mesh)
    assert mesh.material.image is None
    assert [problem.code for problem in model.document.problems] == ["gltf.image"]


def test_buffers_and_pictures_beside_the_document_are_asked_for_by_their_name() -> None:
    made = textured(None, png())
    document = made.document()
    document["buffers"][0]["uri"] = "a%20b.bin"
    document["images"] = [{"uri": "roof.png"}]
    asked = []

    def read(uri: str) -> bytes:
        asked.append(uri)
        return made.binary if uri.endswith(".bin") else png((0, 255, 0))

    model = read_model(json.dumps(document).encode(), "x.gltf", read)
    (mesh,) = assemble(model, Z_UP, lambda _: None, 0)
    assert isinstance(mesh, Mesh)
    assert sorted(asked) == ["a%20b.bin", "roof.png"]
    assert colors_of(mesh.material.image) == [[0, 255, 0]]


def test_data_uris_are_read() -> None:
    made = box_town(1)
    document = made.document()
    text = base64.b64encode(made.binary).decode()
    document["buffers"][0]["uri"] = f"data:application/octet-stream;base64,{text}"
    assert len(one(json.dumps(document).encode()).triangles) == 12


def test_parts_of_one_material_become_one_mesh_about_one_origin() -> None:
    made = box_town(3)
    made.json["nodes"].append({"mesh": 0, "translation": [0, 0, -100]})
    made.json["scenes"][0]["nodes"].append(1)
    mesh = one(made.glb(), UP["Y"])
    assert len(mesh.triangles) == 72
    apart = world_of(mesh)
    assert np.allclose(apart[24:] - apart[:24], [0, 100, 0], atol=1e-4)
    assert np.array_equal(mesh.triangles[36:], mesh.triangles[:36] + 24)


def test_draco_gives_the_shape_it_was_made_of() -> None:
    DracoPy = pytest.importorskip("DracoPy")  # noqa: N806
    made = box_town(2)
    plain = one(made.glb())
    data = DracoPy.encode(
        plain.positions + plain.origin.astype("<f4"), plain.triangles, quantization_bits=16
    )
    packed = Builder()
    kind = {"componentType": 5126, "count": len(plain.positions), "type": "VEC3"}
    draco = {"bufferView": packed.view(data), "attributes": {"POSITION": 0}}
    packed.mesh(
        {
            "attributes": {"POSITION": packed.add_accessor(kind)},
            "extensions": {"KHR_draco_mesh_compression": draco},
        }
    )
    mesh = one(packed.glb())

    def middles(of: Mesh) -> NDArray[np.float64]:
        found: NDArray[np.float64] = world_of(of)[of.triangles].mean(axis=1)
        return found[np.lexsort(found.round(1).T)]

    assert np.allclose(middles(mesh), middles(plain), atol=0.01)


def test_instancing_stays_instanced() -> None:
    made = box_town(1, ids="")
    places = np.array([[0, 0, 0], [10, 0, 0]], "<f4")
    made.json["nodes"][0]["extensions"] = {
        "EXT_mesh_gpu_instancing": {"attributes": {"TRANSLATION": made.accessor(places)}}
    }
    model = read_model(made.glb(), "x", nothing)
    assert not model.parts
    (item,) = model.instanced
    (found,) = instances(model, [(item.part, np.eye(4))], item.matrices, item.numbers)
    assert isinstance(found, Instances)
    assert found.transforms[:, :3, 3].tolist() == places.tolist()


def test_a_node_that_holds_itself_ends() -> None:
    made = box_town(1)
    made.json["nodes"][0]["children"] = [0]
    model = read_model(made.glb(), "x", nothing)
    assert len(model.parts) == 1
    assert [p.code for p in model.document.problems] == ["gltf.node"]


def test_vertices_that_are_not_finite_lose_their_triangles_only() -> None:
    made = Builder()
    local = np.concatenate([TRIANGLE, [[np.nan, 0, 0]], TRIANGLE[1:] + 1]).astype("<f4")
    made.mesh({"attributes": {"POSITION": made.accessor(local)}})
    model = read_model(made.glb(), "x", nothing)
    (mesh,) = assemble(model, Z_UP, lambda _: None, 0)
    assert isinstance(mesh, Mesh)
    assert mesh.triangles.tolist() == [[0, 1, 2]]
    assert np.isfinite(mesh.positions).all()
    assert [p.code for p in model.document.problems] == ["gltf.not_finite"]


@pytest.mark.parametrize(
    ("where", "value", "error"),
    [
        (("accessors", 0, "count"), 1 << 40, "gltf.primitive"),
        (("accessors", 0, "byteOffset"), 1 << 60, "gltf.primitive"),
        (("accessors", 0, "componentType"), 9999, "gltf.primitive"),
        (("accessors", 0, "type"), "VEC9", "gltf.primitive"),
        (("bufferViews", 0, "byteLength"), 1 << 50, "gltf.primitive"),
        (("bufferViews", 0, "buffer"), 7, "gltf.primitive"),
        (("accessors", 2, "bufferView"), 0, "gltf.primitive"),
        (("meshes", 0, "primitives"), [3], "gltf.primitive"),
        (("meshes", 0, "primitives"), 3, "broken.gltf"),
        (("nodes", 0, "mesh"), 5, "broken.gltf"),
        (("nodes", 0, "matrix"), [1, 2], "broken.gltf"),
        (("asset", "version"), "3.0", "broken.gltf"),
        (("asset", "version"), "1.0", "broken.gltf"),
    ],
)
def test_what_is_wrong_is_a_problem_or_an_error(
    where: tuple[Any, ...], value: Any, error: str
) -> None:
    made = box_town(2)
    holder: Any = made.json
    for step in where[:-1]:
        holder = holder[step]
    holder[where[-1]] = value
    try:
        model = read_model(made.glb(), "x", nothing)
        codes = [problem.code for problem in model.document.problems]
    except TwinError as raised:
        codes = [raised.full_code]
    assert codes == [error]


def test_a_declared_size_without_data_is_not_allocated() -> None:
    made = Builder()
    made.add_accessor({"componentType": 5126, "count": 1 << 40, "type": "VEC3"})
    made.mesh({"attributes": {"POSITION": 0}})
    model = read_model(made.glb(), "x", nothing)
    assert [p.code for p in model.document.problems] == ["gltf.primitive"]


def test_a_mesh_repeated_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders._gltf.model.MAX_VERTICES", 100)
    made = box_town(4)
    made.json["nodes"] = [{"mesh": 0}] * 4
    made.json["scenes"] = [{"nodes": [0, 1, 2, 3]}]
    with pytest.raises(TooLarge):
        read_model(made.glb(), "x", nothing)


@pytest.mark.parametrize("cut", [0, 3, 12, 19, 40, 200])
def test_half_a_glb_is_a_broken_file(cut: int) -> None:
    with pytest.raises(BrokenFile):
        read_model(box_town(2).glb()[:cut], "x", nothing)


@given(st.integers(0, 400), st.integers(0, 5))
def test_the_extent_is_the_plain_minimum_and_maximum(n: int, seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(n + 1, 3)).astype("<f4")
    low, high = extent(points)
    assert np.array_equal(low, points.min(axis=0))
    assert np.array_equal(high, points.max(axis=0))
