"""Bundles: what a project shows goes along with it, opens elsewhere without a network, and is whole or not there."""

import json
import shutil
import struct
import zipfile
from pathlib import Path

import pytest

from tests.twin.serving import serving
from twin.bundling import PROJECT, bundle, is_bundle, unpacked
from twin.errors import Cancelled, NotFound, NotSaved, TwinError, UsageError
from twin.jobs import Jobs
from twin.referring import references
from twin.session import Session
from twin.settings import Settings

DATA = Path(__file__).resolve().parents[1] / "data"
NAMES = ("delft_tiny.city.json", "delft_tiny_tileset/tileset.json")


def opened(folder: Path, *locations: str) -> Session:
    city = Session(Settings(cache_folder=str(folder / "cache")), Jobs(inline=True))
    for location in locations:
        city.open(location)
    city.finish()
    return city


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A saved project of two sources beside one another."""
    shutil.copytree(DATA / "delft_tiny_tileset", tmp_path / "data" / "delft_tiny_tileset")
    shutil.copy(DATA / "delft_tiny.city.json", tmp_path / "data")
    city = opened(tmp_path, *(str(tmp_path / "data" / name) for name in NAMES))
    city.save_as(tmp_path / "city.twin.gpkg")
    city.close()
    return tmp_path / "city.twin.gpkg"


def test_a_bundle_opens_where_nothing_else_is(project: Path, tmp_path: Path) -> None:
    done = bundle(project, tmp_path / "out" / "b.twin.zip")
    assert (done.sources, done.left) == (2, [])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move(tmp_path / "out" / "b.twin.zip", elsewhere / "b.twin.zip")
    shutil.rmtree(tmp_path / "data")
    project.unlink()
    found = unpacked(elsewhere / "b.twin.zip")
    assert found == elsewhere / "b" / PROJECT
    assert unpacked(elsewhere / "b.twin.zip") == found  # once unpacked it stays
    city = opened(elsewhere, str(found))
    assert len(city.twin.layers) == 2
    assert not city.errors
    paths = [Path(x.source.path) for x in city.twin.layers.values()]
    assert all(x.is_relative_to(elsewhere / "b" / "sources") for x in paths)
    city.close()


def test_the_same_project_gives_the_same_files(project: Path, tmp_path: Path) -> None:
    names = []
    for name in ("one", "two"):
        bundle(project, tmp_path / f"{name}.twin.zip")
        with zipfile.ZipFile(tmp_path / f"{name}.twin.zip") as archive:
            names.append({x.filename: x.CRC for x in archive.infolist() if x.filename != PROJECT})
    assert names[0] == names[1]
    assert any(name.endswith(".b3dm") or name.endswith(".glb") for name in names[0])


def test_what_is_gone_is_said_and_the_rest_goes_along(project: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "delft_tiny.city.json").unlink()
    done = bundle(project, tmp_path / "folder")
    assert done.sources == 1
    assert len(done.left) == 1
    assert "no such file" in done.left[0].why
    assert (tmp_path / "folder" / PROJECT).is_file()


def test_what_is_cancelled_or_refused_leaves_nothing(project: Path, tmp_path: Path) -> None:
    class Stops:
        calls = 0

        def progress(self, done: float, what: str = "") -> None:
            pass

        def check(self) -> None:
            self.calls += 1
            if self.calls > 3:
                raise Cancelled(what="bundle")

    before = sorted(tmp_path.iterdir())
    with pytest.raises(Cancelled):
        bundle(project, tmp_path / "c.twin.zip", Stops())
    with pytest.raises(UsageError):
        bundle(project, tmp_path / "data")
    with pytest.raises(NotFound):
        bundle(tmp_path / "gone.twin.gpkg", tmp_path / "c.twin.zip")
    assert sorted(tmp_path.iterdir()) == before


def test_tiles_of_a_server_are_fetched_and_opened_without_it(tmp_path: Path) -> None:
    with serving() as server:
        server.folder(DATA / "delft_tiny_tileset")
        city = opened(tmp_path, f"{server.base}tileset.json")
        assert not city.errors
        city.save_as(tmp_path / "web.twin.gpkg")
        city.close()
        done = bundle(tmp_path / "web.twin.gpkg", tmp_path / "web.twin.zip")
    assert (done.sources, done.left) == (1, [])
    city = opened(tmp_path, str(unpacked(tmp_path / "web.twin.zip")))
    layer = next(iter(city.twin.layers.values()))
    assert "://" not in layer.source.path
    city.close()


def test_implicit_tiles_of_a_folder_go_along(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "delft_tiny_tileset"
    (folder / "0" / "1").mkdir(parents=True)
    (folder / "0" / "1" / "2.glb").write_bytes(b"glTF")
    document = json.loads((folder / "tileset.json").read_text())
    document["extras"] = {"uri": "{level}/{x}/{y}.glb"}
    (folder / "tileset.json").write_text(json.dumps(document))
    done = bundle(project, tmp_path / "folder")
    assert done.left == []
    assert len(list((tmp_path / "folder" / "sources").rglob("0/1/2.glb"))) == 1


# -- what a document refers to -----------------------------------------------------------------


def test_references_of_documents_and_of_tiles() -> None:
    tileset = {
        "root": {"content": {"uri": "a.b3dm"}, "children": [{"contents": [{"uri": "b.glb"}]}]}
    }
    assert references(json.dumps(tileset).encode(), "tileset.json") == ["a.b3dm", "b.glb"]
    scene = json.dumps(
        {"images": [{"uri": "x.png"}, {"uri": "data:image/png;base64,AA"}]}
    ).encode()
    glb = b"glTF" + struct.pack("<4I", 2, 20 + len(scene), len(scene), 0x4E4F534A) + scene
    assert references(glb, "a.glb") == ["x.png"]
    assert references(b"b3dm" + b"\0" * 24 + glb, "a.b3dm") == ["x.png"]
    gml = b"<app:imageURI> tex/a.jpg </app:imageURI>"
    assert references(gml, "city.gml") == ["tex/a.jpg"]


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[" * 100_000, b"glTF", b"glTF" + b"\xff" * 16, b"\0" * 9]
)
def test_damaged_documents_refer_to_nothing(data: bytes) -> None:
    assert references(data, "x.json" if data[:1] in b"{[" and data else "x.b3dm") == []


# -- hostile archives --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "C:/evil", "a\\..\\evil"])
def test_an_archive_cannot_write_outside_of_its_folder(tmp_path: Path, name: str) -> None:
    path = tmp_path / "in" / "x.twin.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(PROJECT, b"")
        archive.writestr(zipfile.ZipInfo(name), b"evil")
    with pytest.raises(TwinError):
        unpacked(path)
    assert [x.name for x in path.parent.iterdir()] == ["x.twin.zip"]
    assert not (tmp_path / "evil").exists()


def test_archives_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.twin.zip").write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(NotSaved):
        unpacked(tmp_path / "a.twin.zip")
    with zipfile.ZipFile(tmp_path / "b.twin.zip", "w") as archive:
        archive.writestr("readme.txt", b"")
    with pytest.raises(UsageError):
        unpacked(tmp_path / "b.twin.zip")
    assert is_bundle("F.TWIN.zip")
    assert not is_bundle("https://x.example/a.twin.zip")
    assert not list(tmp_path.glob(".*"))
