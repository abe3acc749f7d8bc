"""I3S: the same blocks from every store; identity, attributes, dates, systems, growth, buildings."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loaders.i3s import LOADER
from tests.conftest import DATA
from tests.loaders import i3s_files as made
from twin.errors import NotSupported
from twin.geometry import Mesh, Points, triangle_count
from twin.opening import probe
from twin.ports import SILENT, Content, Growth, Opened, Options
from twin.records import Problem
from twin.tiles import TileTree


class Walk:
    """Everything behind a location: the whole tree, contents by tile, all problems."""

    def __init__(self, location: object) -> None:
        source = LOADER.source(str(location), Options())
        self.opened: Opened = source.open(SILENT)
        self.tree: TileTree = self.opened.tree
        self.problems: list[Problem] = list(self.opened.problems)
        self.contents: dict[int, Content] = {}
        self.grown = 0
        tokens = list(self.opened.tokens)
        tile = 0
        while tile < len(self.tree):
            if self.tree.content[tile]:
                got = source.fetch(tile, tokens[tile], SILENT)
                if isinstance(got, Growth):
                    self.tree = self.tree.grown(tile, got.tree)
                    tokens += got.tokens
                    self.grown += 1
                    self.problems += got.problems
                elif got is not None:
                    self.contents[tile] = got
                    self.problems += got.problems
            tile += 1

    @property
    def ids(self) -> list[str]:
        tables = [c.features for c in self.contents.values() if c.features is not None]
        return [str(key) for table in tables for key in table.id.tolist()]

    @property
    def points(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        every = [d for c in self.contents.values() for d in c.drawables]
        assert all(isinstance(d, Mesh | Points) for d in every)
        return np.concatenate([d.positions.astype(np.float64) + d.origin for d in every])  # type: ignore[union-attr]

    def column(self, name: str) -> list[Any]:
        tables = [c.features for c in self.contents.values() if c.features is not None]
        return [v for table in tables for v in table.columns[name].tolist()]


def expected() -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return where the blocks' corners must be: degrees and metres, from the builder's own metres."""
    parts = [np.concatenate(made.blocks_of(n)[0]) / made.degree() + made.center(n) for n in (1, 2)]
    return np.concatenate(parts)


def stores(path: Path) -> dict[str, Path]:
    return {
        "package 1.7": made.slpk(path / "a.slpk", made.members()),
        "package 1.6": made.slpk(path / "b.slpk", made.documents()),
        "folder 1.7": made.folder(path / "c", made.members()),
        "folder 1.6": made.folder(path / "d", made.documents()),
        "service": made.folder(
            path / "e" / "SceneServer" / "layers" / "0", made.members()
        ).parents[1],
    }


def test_every_store_gives_the_same_blocks_at_the_same_place(tmp_path: Path) -> None:
    for name, location in stores(tmp_path).items():
        assert LOADER.recognise(probe(str(location))) > 0, name
        found = Walk(location)
        assert not found.problems, name
        assert found.opened.title == "Blocks"
        assert np.abs((found.points - expected()) * made.degree()).max() < 1e-4, name
        assert found.ids == ["10", "11", "11", "21"], name
        assert found.column("NAME") == ["Block 10", "Block 11", "Block 11", "Block 21"]


def test_the_bundled_sample_is_what_its_builder_makes() -> None:
    found = Walk(DATA / "blocks.slpk")
    assert found.ids == ["10", "11", "11", "21"]
    assert np.abs((found.points - expected()) * made.degree()).max() < 1e-4


def test_an_attribute_is_text_number_domain_or_date_as_its_field_says(tmp_path: Path) -> None:
    found = Walk(made.slpk(tmp_path / "a.slpk", made.members()))
    assert found.column("use") == ["dwelling", "office"] * 2
    assert found.column("survey_date")[:2] == ["2020-09-13T12:26:40.000Z", None]
    content = next(iter(found.contents.values()))
    assert content.features is not None
    assert content.observations is not None
    assert content.features.name is not None
    assert content.features.name.tolist() == ["Block 10", "Block 11"]
    assert content.observations.paths == ("attributes.survey_date",)
    assert content.observations.row.tolist() == [0]


def test_the_service_update_is_published_and_concerns_the_whole_layer(tmp_path: Path) -> None:
    said = Walk(made.slpk(tmp_path / "a.slpk", made.members())).opened
    assert said.observations.row.tolist() == [-1]
    assert said.observations.kind.tolist() == [4]
    assert said.observations.t_lo[0] == np.datetime64(made.UPDATED, "ms").astype("datetime64[s]")
    assert said.about.fields["attribution"] == "Nobody"
    assert said.about.fields["aliases"] == "NAME = Name of the block"
    assert (said.about.crs, said.about.vertical) == ("EPSG:4326", "EPSG:5773")


def test_nodes_beyond_the_first_pages_grow(tmp_path: Path) -> None:
    held = made.members(nodePages={"nodesPerPage": 1})
    first = held["nodepages/0.json"]["nodes"]
    template = first[1]
    del held["nodepages/1.json"]
    count = 40
    for number in range(1, count):
        node = {**template, "index": number, "obb": made.obb(made.center(1), [13.0, 4.0, 5.5])}
        node["parentIndex"] = number - 1
        node["children"] = [number + 1] if number + 1 < count else []
        held[f"nodepages/{number}.json"] = made.page([node])
    held["nodepages/0.json"] = made.page([{**first[0], "children": [1]}])
    found = Walk(made.slpk(tmp_path / "a.slpk", held))
    assert found.grown >= 4
    assert len(found.contents) == count - 1
    assert not found.problems


def test_a_building_is_its_sublayers_and_names_what_it_cannot_draw(tmp_path: Path) -> None:
    found = Walk(made.slpk(tmp_path / "a.slpk", made.building()))
    assert sorted(set(found.ids)) == [f"{n}/{i}" for n in (0, 1) for i in (10, 11, 21)]
    kinds = {c.features.kinds for c in found.contents.values() if c.features is not None}
    assert kinds == {("Walls",), ("Doors",)}
    assert [p.code for p in found.problems] == ["not_supported"]
    assert found.problems[0].feature == "air"


def test_points_of_a_feature_document_are_points_with_their_attributes(tmp_path: Path) -> None:
    found = Walk(made.slpk(tmp_path / "a.slpk", made.points()))
    assert found.ids == ["7", "8", "9"]
    assert isinstance(found.contents[0].drawables[0], Points)
    assert np.allclose(found.points[:, 2] - found.points[0, 2], [0, 1, 2], atol=1e-5)


def test_a_point_cloud_is_refused_by_name(tmp_path: Path) -> None:
    held = {"3dSceneLayer.json": made.layer(layerType="PointCloud")}
    with pytest.raises(NotSupported, match="LEPCC"):
        Walk(made.slpk(tmp_path / "a.slpk", held))


def test_draco_gives_what_the_plain_buffer_gives(tmp_path: Path) -> None:
    held = made.members()
    packed = {"compressedAttributes": {"encoding": "draco", "attributes": ["position"]}}
    held["3dSceneLayer.json"]["geometryDefinitions"][0]["geometryBuffers"] = [packed]
    for number in (1, 2):
        shapes, ids = made.blocks_of(number)
        held[f"nodes/{number + 4}/geometries/0.bin"] = made.draco(shapes, ids, made.degree())
    found = Walk(made.slpk(tmp_path / "a.slpk", held))
    assert found.ids == ["10", "11", "11", "21"]
    assert sum(triangle_count(c.drawables) for c in found.contents.values()) == 48
    low, high = found.points.min(axis=0), found.points.max(axis=0)
    want = expected()
    assert np.abs((low - want.min(axis=0)) * made.degree()).max() < 0.01
    assert np.abs((high - want.max(axis=0)) * made.degree()).max() < 0.01
    for content in found.contents.values():
        assert content.features is not None
        sizes = (content.features.bounds[:, 3:] - content.features.bounds[:, :3]) * made.degree()
        assert np.abs(sizes - [8.0, 6.0, 10.0]).max() < 0.01


def test_a_broken_buffer_gives_way_to_the_other_one_and_is_told(tmp_path: Path) -> None:
    held = made.members()
    buffers = held["3dSceneLayer.json"]["geometryDefinitions"][0]["geometryBuffers"]
    buffers.append({"compressedAttributes": {"encoding": "draco", "attributes": ["position"]}})
    for number in (1, 2):
        shapes, ids = made.blocks_of(number)
        held[f"nodes/{number + 4}/geometries/1.bin"] = made.draco(shapes, ids, made.degree())
    held["nodes/5/geometries/0.bin"] = held["nodes/5/geometries/0.bin"][:500]
    found = Walk(made.slpk(tmp_path / "a.slpk", held))
    assert found.ids == ["10", "11", "11", "21"]
    assert [p.code for p in found.problems] == ["broken.i3s"]


def test_a_local_layer_speaks_its_own_system_and_unit(tmp_path: Path) -> None:
    reference = {"wkid": 102100, "latestWkid": 3857}
    heights = {"heightModel": "ellipsoidal", "heightUnit": "foot"}
    held = made.members(spatialReference=reference, heightModelInfo=heights)
    found = Walk(made.slpk(tmp_path / "a.slpk", held))
    assert (found.opened.about.crs, found.opened.about.vertical) == ("EPSG:3857", "ellipsoidal")
    want = expected()[:, 2] * 0.3048
    assert np.abs(found.points[:, 2] - want).max() < 1e-4


def test_an_integrated_mesh_is_one_object_a_node(tmp_path: Path) -> None:
    found = Walk(made.slpk(tmp_path / "a.slpk", made.members(layerType="IntegratedMesh")))
    assert found.ids == ["nodes/5", "nodes/6"]
    assert not found.problems


def test_the_shared_resource_of_1_6_gives_the_colour(tmp_path: Path) -> None:
    found = Walk(made.slpk(tmp_path / "a.slpk", made.documents()))
    mesh = next(iter(found.contents.values())).drawables[0]
    assert isinstance(mesh, Mesh)
    assert mesh.material.color == pytest.approx((1.0, 0.21404, 0.0, 1.0), abs=1e-4)


class Quiet(SimpleHTTPRequestHandler):
    """A server of a mirrored service: a folder's address gives its document."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def send_head(self) -> Any:
        """Answer a folder with the document in it."""
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            if not (path / "index.json").is_file():
                self.send_error(404)
                return None
            self.path = self.path.rstrip("/") + "/index.json"
        return super().send_head()


def test_a_server_gives_the_same_layer(tmp_path: Path) -> None:
    made.folder(tmp_path / "S" / "SceneServer" / "layers" / "0", made.members())
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            address = f"http://127.0.0.1:{server.server_address[1]}/S/SceneServer/layers/0"
            found = Walk(address)
        finally:
            server.shutdown()
            thread.join()
    assert found.ids == ["10", "11", "11", "21"]
    assert not found.problems
