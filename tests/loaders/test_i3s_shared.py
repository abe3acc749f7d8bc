"""Real scene layers: counts, places and values beside an independent reading of their own bytes."""

import gzip
import json
import shutil
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pyproj import Transformer

from loaders.i3s import LOADER
from loaders.i3s.attributes import read_column
from loaders.i3s.draco import read_draco
from loaders.i3s.layer import layer_of
from loaders.i3s.package import Package
from tests.loaders import i3s_files as made
from tests.loaders.test_i3s import Walk
from twin.errors import BrokenFile
from twin.files import Folder
from twin.geometry import Mesh
from twin.ports import SILENT, Options

pytestmark = pytest.mark.shared

JPEG = [{"name": "0", "format": "jpg"}]
PLAIN = made.layer()["geometryDefinitions"][0]["geometryBuffers"][0]
DRACO = {"compressedAttributes": {"encoding": "draco", "attributes": ["position", "uv0"]}}
TEXTURED = [
    {
        "pbrMetallicRoughness": {"baseColorTexture": {"textureSetDefinitionId": 0}},
        "doubleSided": True,
    }
]
PAGES = {"nodesPerPage": 64, "lodSelectionMetricType": "maxScreenThresholdSQ"}


@pytest.fixture(scope="module")
def real(shared_data: Path) -> Path:
    return shared_data.joinpath("i3s", "visgl_loaders.gl", "modules", "i3s", "test", "data")


@pytest.fixture(scope="module")
def package(real: Path) -> dict[str, bytes]:
    """Return the members of the real package, unpacked by the standard library."""
    with zipfile.ZipFile(real / "DA12_subset.slpk") as archive:
        return {
            name.removesuffix(".gz"): gzip.decompress(archive.read(name))
            for name in archive.namelist()
            if name.endswith(".gz")
        }


@pytest.fixture(scope="module")
def walked(real: Path) -> Walk:
    return Walk(real / "DA12_subset.slpk")


def page(package: dict[str, bytes]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(package["nodepages/0.json"])["nodes"]
    return found


def test_the_package_has_the_nodes_vertices_and_features_its_pages_declare(
    package: dict[str, bytes], walked: Walk
) -> None:
    nodes = page(package)
    meshes = [n["mesh"]["geometry"] for n in nodes if "mesh" in n]
    drawn = [d for c in walked.contents.values() for d in c.drawables if isinstance(d, Mesh)]
    assert len(walked.tree) == len(nodes) == 32
    assert len(walked.contents) == len(meshes) == 31
    assert sum(len(d.positions) for d in drawn) == sum(g["vertexCount"] for g in meshes)
    assert len(walked.ids) == sum(g["featureCount"] for g in meshes)
    assert len(set(walked.ids)) == 158
    assert not walked.problems


def test_every_attribute_value_is_the_one_in_its_buffer(
    package: dict[str, bytes], walked: Walk
) -> None:
    kinds = {
        "OBJECTID": ("f_0", "<u4", 4),
        "BIN": ("f_1", "<i4", 4),
        "SOURCE_ID": ("f_3", "<f8", 8),
    }
    for name, (key, dtype, at) in kinds.items():
        want: list[Any] = []
        for node in page(package):
            if "mesh" in node:
                home = f"nodes/{node['mesh']['attribute']['resource']}"
                data = package[f"{home}/attributes/{key}/0.bin"]
                want += np.frombuffer(data, dtype, struct.unpack_from("<I", data)[0], at).tolist()
        assert walked.column(name) == want


def test_every_vertex_lies_in_its_node_and_where_the_package_says(
    package: dict[str, bytes], walked: Walk
) -> None:
    west, south, east, north = json.loads(package["3dSceneLayer.json"])["store"]["extent"]
    points = walked.points
    assert west - 1e-4 < points[:, 0].min() <= points[:, 0].max() < east + 1e-4
    assert south - 1e-4 < points[:, 1].min() <= points[:, 1].max() < north + 1e-4
    assert -5.0 < points[:, 2].min() < points[:, 2].max() < 560.0  # One World Trade Center: 541 m
    for tile, content in walked.contents.items():
        axes = walked.tree.axes[tile].astype(np.float64)
        for item in content.drawables:
            assert isinstance(item, Mesh)
            away = item.positions.astype(np.float64) + item.origin - walked.tree.center[tile]
            assert np.abs(np.linalg.solve(axes.T, away.T)).max() < 1.01


def test_boxes_agree_with_proj(package: dict[str, bytes], walked: Walk) -> None:
    to_world = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    back = Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True)
    for tile, node in enumerate(page(package)):
        box = node["obb"]
        corner = np.array(to_world.transform(*box["center"]))
        x, y, z, w = box["quaternion"]
        spin, local = np.array([x, y, z]), np.array(box["halfSize"])
        corner = corner + local + 2 * np.cross(spin, np.cross(spin, local) + w * local)
        away = np.array(back.transform(*corner)) - walked.tree.center[tile]
        inside = np.linalg.solve(walked.tree.axes[tile].astype(np.float64).T, away)
        assert np.abs(inside - 1.0).max() < 0.01


def test_draco_agrees_with_the_plain_buffer_feature_by_feature(package: dict[str, bytes]) -> None:
    layer = layer_of(Package(Folder(".")), json.loads(package["3dSceneLayer.json"]))
    assert layer.per_page == 64
    unit = made.degree(40.71)
    seen = 0
    for name, data in package.items():
        if not name.endswith("geometries/1.bin"):
            continue
        raw = package[name.replace("/1.bin", "/0.bin")]
        count, features = struct.unpack_from("<II", raw)
        positions = np.frombuffer(raw, "<f4", count * 3, 8).reshape(-1, 3)
        ids = np.frombuffer(raw, "<u8", features, 8 + count * 36)
        ranges = np.frombuffer(raw, "<u4", features * 2, 8 + count * 36 + features * 8)
        found = read_draco(data, name)
        assert found.ids is not None
        assert found.feature is not None
        assert found.ids.tolist() == ids.tolist()
        for row, (first, last) in enumerate(ranges.reshape(-1, 2).tolist()):
            plain = positions[first * 3 : last * 3 + 3] * unit
            packed = found.positions[found.feature == row] * unit
            assert np.abs(plain.min(axis=0) - packed.min(axis=0)).max() < 0.05
            assert np.abs(plain.max(axis=0) - packed.max(axis=0)).max() < 0.05
            seen += 1
    assert seen == 158


def test_half_a_package_says_so(real: Path, tmp_path: Path) -> None:
    data = (real / "DA12_subset.slpk").read_bytes()
    half = tmp_path / "half.slpk"
    half.write_bytes(data[: len(data) // 2])
    with pytest.raises(Exception, match=r"half\.slpk"):
        LOADER.source(str(half), Options()).open(SILENT)


def montreal(real: Path, path: Path, buffers: list[Any], formats: list[Any] = JPEG) -> Path:
    """Return the real node of Montreal below a layer document made from what its server said."""
    home = real / "Montreal_3DObjects_subset_1_v17_ktx2"
    shutil.copytree(home / "SceneServer" / "layers" / "0", path)
    said = json.loads((home / "i3s-content-loader-options.json").read_text())["_tilesetOptions"]
    doc = made.layer(
        store=said["store"],
        fields=[],
        attributeStorageInfo=[],
        nodePages=PAGES,
        materialDefinitions=TEXTURED,
        textureSetDefinitions=[{"formats": formats}],
        geometryDefinitions=[{}, {"geometryBuffers": buffers}],
    )
    (path / "index.json").write_bytes(made.dumped(doc))
    return path


def test_montreal_is_textured_and_its_loop_of_nodes_is_told(real: Path, tmp_path: Path) -> None:
    found = Walk(montreal(real, tmp_path / "m", [PLAIN, DRACO]))
    assert [p.code for p in found.problems] == ["i3s.cycle"]
    (content,) = found.contents.values()
    (mesh,) = content.drawables
    assert isinstance(mesh, Mesh)
    assert (len(mesh.positions), len(mesh.triangles)) == (168, 56)
    assert mesh.material.image is not None
    lon, lat, _ = found.points.mean(axis=0)
    assert (round(lon, 3), round(lat, 3)) == (-73.566, 45.504)


def test_montreal_in_draco_stands_where_the_plain_one_stands(real: Path, tmp_path: Path) -> None:
    plain = Walk(montreal(real, tmp_path / "a", [PLAIN])).points
    (tmp_path / "b").parent.mkdir(exist_ok=True)
    path = montreal(real, tmp_path / "b", [DRACO])
    shutil.move(str(path / "nodes/1/geometries/1"), str(path / "nodes/1/geometries/0"))
    packed = Walk(path).points
    unit = made.degree(45.5)
    assert np.abs((plain.min(axis=0) - packed.min(axis=0)) * unit).max() < 0.05
    assert np.abs((plain.max(axis=0) - packed.max(axis=0)) * unit).max() < 0.05


def test_a_ktx2_picture_is_the_jpeg_one_again(real: Path, tmp_path: Path) -> None:
    shown = []
    for name, kind in (("0", "jpg"), ("2", "ktx2")):
        path = montreal(real, tmp_path / kind, [PLAIN], [{"name": name, "format": kind}])
        (mesh,) = next(iter(Walk(path).contents.values())).drawables
        assert isinstance(mesh, Mesh)
        assert mesh.material.image is not None
        assert mesh.material.image.pixels is not None
        shown.append(mesh.material.image.pixels[:, :, :3].astype(np.float64))
    assert shown[0].shape == shown[1].shape
    assert np.abs(shown[0] - shown[1]).mean() < 8.0


def test_san_francisco_has_122_objects_with_ids_and_names(real: Path, tmp_path: Path) -> None:
    home = real / "SanFrancisco_3DObjects_1_7" / "SceneServer" / "layers" / "0"
    path = tmp_path / "sf"
    shutil.copytree(home, path)
    doc = json.loads((real / "SanFrancisco_Bldgs/SceneServer/layers/0").read_text())
    doc.update(nodePages=PAGES, geometryDefinitions=[{"geometryBuffers": [PLAIN]}])
    doc.update(materialDefinitions=TEXTURED, textureSetDefinitions=[{"formats": JPEG}])
    (path / "index.json").write_bytes(made.dumped(doc))
    node = json.loads((real / "SanFrancisco_Bldgs_nodes/SceneServer/layers/0/nodes/1").read_text())
    center = node["mbs"][:3]
    geometry = {"definition": 0, "resource": 1, "vertexCount": 25638, "featureCount": 122}
    mesh = {"geometry": geometry, "attribute": {"resource": 1}}
    mesh["material"] = {"definition": 0, "resource": 1}
    box = {"center": center, "halfSize": [1500.0] * 3, "quaternion": [0.0, 0.0, 0.0, 1.0]}
    root = {"index": 0, "lodThreshold": 0, "obb": box, "mesh": mesh}
    (path / "nodepages" / "0").write_bytes(made.dumped(made.page([root])))
    found = Walk(path)
    raw = (home / "nodes/1/attributes/f_0/0/index.bin").read_bytes()
    assert found.ids == [str(v) for v in np.frombuffer(raw, "<u4", 122, 4).tolist()]
    assert all(len(name) == 23 for name in found.column("NAME"))
    assert [len(d.positions) for c in found.contents.values() for d in c.drawables] == [25638]  # type: ignore[union-attr]
    assert not found.problems


def test_frankfurt_s_page_is_a_tree_over_frankfurt(real: Path, tmp_path: Path) -> None:
    source = real / "SanFrancisco_3DObjects_1_7" / "SceneServer" / "layers" / "0" / "nodepages"
    path = tmp_path / "f"
    shutil.copytree(source, path / "nodepages")
    doc = made.layer(layerType="IntegratedMesh", nodePages=PAGES, attributeStorageInfo=[])
    (path / "index.json").write_bytes(made.dumped(doc))
    opened = LOADER.source(str(path), Options()).open(SILENT)
    nodes = json.loads((source / "0").read_text())["nodes"]
    assert len(opened.tree) == len(nodes) == 16
    assert int(opened.tree.content.sum()) == 15
    lon, lat, height = opened.tree.center[0]
    assert (round(lon, 2), round(lat, 2), round(height)) == (8.68, 50.11, 189)
    error = opened.tree.error
    inner = np.flatnonzero(opened.tree.count > 0)[1:]
    sizes: list[float] = [n["lodThreshold"] for n in nodes]
    radius = [float(np.linalg.norm(n["obb"]["halfSize"])) for n in nodes]
    for tile in inner.tolist():
        assert error[tile] == pytest.approx(32 * radius[tile] / np.sqrt(4 * sizes[tile] / np.pi))
    assert (np.diff(error[inner]) < 0).all()


def test_the_real_attribute_buffers_hold_what_their_heads_declare(real: Path) -> None:
    layer = layer_of(Package(Folder(".")), {"layerType": "3DObject"})
    home = real / "attributes"
    storages = {"f_0": "Oid32", "f_1": "String", "f_2": "Float64"}
    for key, kind in storages.items():
        data = (home / key / "0" / "index.bin").read_bytes()
        found = read_column(data, made.stored(key, key, kind), layer, key)
        assert len(found) == struct.unpack_from("<I", data)[0] == 2290
    numbers: NDArray[Any] = read_column(
        (home / "f_2/0/index.bin").read_bytes(), made.stored("f_2", "f_2", "Float64"), layer, "x"
    )
    assert np.isfinite(numbers).all()
    wrong = (home / "f_1" / "0" / "wrong-buffer.bin").read_bytes()
    assert read_column(wrong, made.stored("f_1", "f_1", "String"), layer, "x").tolist() == [""]
    with pytest.raises(BrokenFile):
        read_column(wrong, made.stored("f_2", "f_2", "Float64"), layer, "x")


def test_the_1_6_layer_without_its_nodes_names_what_is_missing(real: Path) -> None:
    place = real / "SanFrancisco_Bldgs" / "SceneServer" / "layers" / "0"
    with pytest.raises(Exception, match="nodes"):
        LOADER.source(str(place), Options()).open(SILENT)
