"""Bytes from anywhere, and never from anywhere else."""

import gzip
import pickle
import threading
import unicodedata
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import BrokenFile, NotFound, NotReadable, OutsideRoot, TooLarge
from twin.files import Archive, Folder, Server, open_root, read_reference, resolve, unpacked, use
from twin.files.access import Access

HERE = Folder("/somewhere")


@pytest.mark.parametrize(
    ("document", "reference", "address"),
    [
        ("tileset.json", "a.b3dm", "a.b3dm"),
        ("tileset.json", "./tiles/./0/1.b3dm", "tiles/0/1.b3dm"),
        ("deep/down/tileset.json", "../up.b3dm", "deep/up.b3dm"),
        ("deep/tileset.json", "a/../b.glb?v=2#x", "deep/b.glb"),
        ("tileset.json", "tiles\\0\\1.b3dm", "tiles/0/1.b3dm"),
        ("tileset.json", "建筑/一.glb", "建筑/一.glb"),
    ],
)
def test_references_resolve_beside_their_document(
    document: str, reference: str, address: str
) -> None:
    assert resolve(HERE, document, reference) == address


@pytest.mark.parametrize(
    "reference",
    [
        "../secret",
        "a/../../secret",
        "%2e%2e/secret",
        "..%2fsecret",
        "..\\secret",
        "%2e%2e%5csecret",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "C:/Windows/win.ini",
        "C%3A/Windows/win.ini",
        "file:///etc/passwd",
        "http://elsewhere/x.b3dm",
        "a\0b",
        "a%00b",
        "",
    ],
)
def test_references_that_leave_the_root_are_refused(reference: str) -> None:
    with pytest.raises(OutsideRoot):
        resolve(HERE, "tileset.json", reference)


@given(st.text(alphabet="./\\%2eEfF:ab建", max_size=24), st.sampled_from(["t.json", "a/b/t.json"]))
def test_whatever_a_reference_says_it_stays_inside_or_is_refused(
    reference: str, document: str
) -> None:
    try:
        address = resolve(HERE, document, reference)
    except OutsideRoot:
        return
    for spelling in HERE.names(address):
        parts = spelling.replace("\\", "/").split("/")
        depth = 0
        for part in parts:
            depth += -1 if part == ".." else part not in ("", ".")
            assert depth >= 0
        assert not spelling.startswith("/")


def test_encoded_and_literal_names_are_both_found(tmp_path: Path) -> None:
    (tmp_path / "a b+c.bin").write_bytes(b"decoded")
    (tmp_path / "x%2By.bin").write_bytes(b"literal")
    (tmp_path / unicodedata.normalize("NFC", "é.bin")).write_bytes(b"accent")
    root = Folder(str(tmp_path))
    assert read_reference(root, resolve(root, "t.json", "a%20b+c.bin")) == b"decoded"
    assert read_reference(root, resolve(root, "t.json", "x%2By.bin")) == b"literal"
    apart = unicodedata.normalize("NFD", "é.bin")
    assert read_reference(root, resolve(root, "t.json", apart)) == b"accent"


def test_a_link_that_leads_outside_is_refused(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    try:
        (inside / "link").symlink_to(tmp_path / "secret")
    except OSError:
        pytest.skip("links cannot be made here")
    with pytest.raises(OutsideRoot):
        Folder(str(inside)).read("link")


def test_missing_large_and_folders_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "folder").mkdir()
    root = Folder(str(tmp_path))
    with pytest.raises(NotFound):
        root.read("b")
    with pytest.raises(NotFound):
        root.read("folder")
    with pytest.raises(TooLarge):
        root.read("a", limit=4)


def test_members_of_an_archive_are_read_below_their_folder(tmp_path: Path) -> None:
    path = tmp_path / "city.3tz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tileset.json", b"{}")
        archive.writestr("sub/建.b3dm", b"b3dm")
        archive.writestr("zeros", b"\0" * 1_000_000)
    root, name = open_root(str(path))
    assert (root, name) == (Archive(str(path)), "")
    assert read_reference(root, resolve(root, "sub/t.json", "%E5%BB%BA.b3dm")) == b"b3dm"
    below, name = open_root(str(path / "sub" / "t.json"))
    assert name == "t.json"
    assert below.read("建.b3dm") == b"b3dm"
    with pytest.raises(TooLarge):
        root.read("zeros", limit=1000)
    with pytest.raises(NotFound):
        root.read("nothing")


def test_a_broken_archive_is_told_as_broken(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(BrokenFile):
        open_root(str(path))[0].read("a")


def test_gzip_is_unpacked_but_never_beyond_the_limit(tmp_path: Path) -> None:
    packed = gzip.compress(b"x" * 100_000)
    (tmp_path / "a").write_bytes(packed)
    assert read_reference(Folder(str(tmp_path)), "a") == b"x" * 100_000
    with pytest.raises(TooLarge):
        unpacked(packed, "a", limit=99_999)
    with pytest.raises(NotReadable):
        unpacked(packed[:50], "a")


def test_a_location_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        open_root(str(tmp_path / "nothing" / "tileset.json"))


def test_roots_cross_a_process() -> None:
    for root in (HERE, Archive("a.zip", "b/"), Server("http://a/b/")):
        assert pickle.loads(pickle.dumps(root)) == root


def test_a_servers_references_stay_on_that_server() -> None:
    root, name = open_root("https://a.example/x/tileset.json?key=1")
    assert (root, name) == (Server("https://a.example/x/"), "tileset.json?key=1")
    assert resolve(root, name, "0/1.b3dm?key=1") == "https://a.example/x/0/1.b3dm?key=1"
    assert resolve(root, name, "../y.b3dm") == "https://a.example/y.b3dm?key=1"
    for reference in ("https://b.example/y", "file:///etc/passwd", "//b.example/y"):
        with pytest.raises(OutsideRoot):
            resolve(root, name, reference)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "a.bin").write_bytes(b"12345")
    use(Access())  # whatever a command of an earlier test left behind
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path))) as server:
        worker = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        worker.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        worker.join()


def test_a_server_is_read_with_its_errors_told_apart(served: str) -> None:
    root, name = open_root(served + "a.bin")
    assert read_reference(root, name) == b"12345"
    with pytest.raises(TooLarge):
        root.read("a.bin", limit=4)
    with pytest.raises(NotFound):
        root.read("b.bin")
    with pytest.raises(NotReadable):
        Server("http://127.0.0.1:1/").read("a")
