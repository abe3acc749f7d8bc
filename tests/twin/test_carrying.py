"""Objects written as meshes: what comes back has the same surface, names and colours."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.loaders.ifc_files import Building
from twin.errors import UsageError
from twin.exchange.meshes import Pieces, Scene, write_glb, write_obj
from twin.geometry import F64, Instances, Material, Mesh
from ui.cli import main

RED = Material("paint", (0.8, 0.1, 0.1, 0.5))
CORNERS = np.array([[0, 0, 0], [2, 0, 0], [0, 3, 0]], np.float32)


def triangle(feature: int, material: Material = RED) -> Mesh:
    origin = np.array([85_000.25, 447_000.5, 10.0])
    return Mesh(
        origin, CORNERS, np.array([[0, 1, 2]], np.int32), np.full(3, feature, np.int32), material
    )


def scene(*drawables: Any) -> Scene:
    found = Pieces(np.array([True, False, True]))
    found.add(tuple(drawables), np.array([0, 1, 2], np.int32))
    names = {0: {"id": "a", "kind": "Wall", "name": "Wall 1"}, 2: {"id": "c", "kind": "Door"}}
    return Scene.of(found.pieces(), names, "EPSG:28992")


def opened(content: bytes) -> tuple[dict[str, Any], bytes]:
    """Return document and buffer of a GLB, read as its specification says."""
    magic, version, length = struct.unpack_from("<4sII", content)
    assert (magic, version, length) == (b"glTF", 2, len(content))
    (size,) = struct.unpack_from("<I", content, 12)
    return json.loads(content[20 : 20 + size]), content[28 + size :]


def positions(document: dict[str, Any], buffer: bytes, accessor: int) -> F64:
    found = document["accessors"][accessor]
    view = document["bufferViews"][found["bufferView"]]
    raw = buffer[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]
    return np.frombuffer(raw, "<f4").reshape(-1, 3).astype(np.float64)


def test_a_glb_holds_only_what_is_wanted_with_ids_colours_and_places() -> None:
    made = scene(triangle(0), triangle(1), triangle(2, Material("glass", (1, 1, 1, 1))))
    document, buffer = opened(write_glb(made))
    nodes = [node for node in document["nodes"] if "mesh" in node]
    assert [node["extras"]["id"] for node in nodes] == ["a", "c"]
    assert document["scenes"][0]["extras"]["crs"] == "EPSG:28992"
    assert document["materials"][0]["alphaMode"] == "BLEND"
    part = document["meshes"][0]["primitives"][0]
    found = positions(document, buffer, part["attributes"]["POSITION"])
    placed = found + np.array(document["scenes"][0]["extras"]["origin"])
    assert placed == pytest.approx(CORNERS + triangle(0).origin, abs=1e-3)
    root = document["nodes"][document["scenes"][0]["nodes"][0]]
    turn = np.array(root["matrix"]).reshape(4, 4).T
    assert turn @ np.array([0, 0, 1, 1]) == pytest.approx([0, 1, 0, 1])  # up is y there


def test_instances_are_multiplied_out_and_mirrors_keep_their_outside() -> None:
    moves = np.tile(np.eye(4), (2, 1, 1))
    moves[1, 0, 0] = -1.0
    made = scene(Instances(triangle(0), moves, np.array([0, 2], np.int32)))
    assert [piece.key for piece in made.pieces] == [0, 2]
    normals = [
        np.cross(*(p.positions[p.triangles[0]][1:] - p.positions[p.triangles[0]][0]))
        for p in made.pieces
    ]
    assert normals[0][2] > 0
    assert normals[1][2] > 0


def test_an_obj_counts_vertices_through_and_names_objects() -> None:
    shapes, looks = write_obj(scene(triangle(0), triangle(2)), "a b.mtl")
    lines = shapes.decode().splitlines()
    assert "mtllib a_b.mtl" in lines
    assert [x for x in lines if x.startswith("o ")] == ["o a", "o c"]
    assert [x for x in lines if x.startswith("f ")] == ["f 1 2 3", "f 4 5 6"]
    assert looks.decode().count("newmtl") == 1
    assert "d 0.5000" in looks.decode()


def test_equal_scenes_give_equal_bytes_and_an_empty_one_is_still_a_file() -> None:
    assert write_glb(scene(triangle(0))) == write_glb(scene(triangle(0)))
    document, _ = opened(write_glb(scene()))
    assert document["nodes"] == [{"name": "city"}]


def test_the_verb_writes_what_fulfils_the_condition(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Building()
    made.element("IfcWall", "wall", made.body(made.box(3.0, 0.3, 2.5)), (0.0, 0.0, 0.0))
    made.element("IfcSlab", "slab", made.body(made.box(3.0, 3.0, 0.2)), (0.0, 0.0, 0.0))
    path, out = made.write(tmp_path), tmp_path / "walls.glb"
    assert main(["export", path, "--where", "kind = IfcWall", "--out", str(out)]) == 0
    document, _ = opened(out.read_bytes())
    assert [node["name"] for node in document["nodes"] if "mesh" in node] == ["wall"]
    assert capsys.readouterr().out.startswith("1 objects: ")
    assert main(["export", path, "--out", str(tmp_path / "walls.dwg")]) == 2
    assert "error[usage]" in capsys.readouterr().err
    assert sorted(x.name for x in tmp_path.iterdir()) == ["made.ifc", "walls.glb"]


def test_nothing_selected_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = Building()
    path = made.write(tmp_path)
    assert (
        main(["export", path, "--where", "kind = Nothing", "--out", str(tmp_path / "x.glb")]) == 2
    )
    assert UsageError.code in capsys.readouterr().err
