"""Archives as roots: whatever packed them, a member comes whole or its error says why not."""

import gzip
import hashlib
import sqlite3
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.errors import BrokenFile, NotFound, NotSupported, OpenError, TooLarge
from twin.files import Archive, Package, asking, open_document, open_root, read_reference
from twin.files.directory import INDEX
from twin.jobs import SILENT
from twin.opening import recognise
from twin.ports import registered


def packed(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def with_index(path: Path, members: dict[str, bytes], *, wrong: int = 0) -> Path:
    """Write a .3tz whose index is off by ``wrong`` bytes."""
    packed(path, members)
    with zipfile.ZipFile(path, "a") as archive:
        records = [
            hashlib.md5(item.filename.encode()).digest()
            + struct.pack("<Q", item.header_offset + wrong)
            for item in archive.infolist()
        ]
        archive.writestr(INDEX, b"".join(sorted(records)))
    return path


def a_package(
    path: Path, schema: str = "CREATE TABLE media (key TEXT PRIMARY KEY, content)"
) -> Path:
    with sqlite3.connect(path) as database:
        database.execute(schema)
        database.execute("INSERT INTO media VALUES ('tileset.json', ?)", (b"{}",))
        database.execute("INSERT INTO media VALUES ('a/b.glb', ?)", (gzip.compress(b"glTF"),))
        database.execute("INSERT INTO media VALUES ('text', 'no octets')")
    database.close()
    return path


def test_an_index_finds_members_without_the_directory(tmp_path: Path) -> None:
    path = with_index(tmp_path / "city.3tz", {"tileset.json": b"{}", "a/一.glb": b"glTF"})
    whole = bytearray(path.read_bytes())
    place = whole.index(b"PK\x01\x02")
    whole[place : place + 4] = b"gone"
    path.write_bytes(whole)
    with asking(SILENT) as told:
        assert Archive(str(path)).read("a/一.glb") == b"glTF"
    assert told == []


def test_a_wrong_index_is_told_and_the_directory_used(tmp_path: Path) -> None:
    path = with_index(tmp_path / "city.3tz", {"tileset.json": b"{}", "b": b"12"}, wrong=3)
    with asking(SILENT) as told:
        assert Archive(str(path)).read("b") == b"12"
    assert [problem.code for problem in told] == ["archive.index"]


def test_a_directory_is_read_once_and_again_when_the_file_changed(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a": b"1"})
    assert Archive(str(path)).read("a") == b"1"
    packed(path, {"a": b"22", "b": b"3"})
    assert Archive(str(path)).read("a") == b"22"
    assert Archive(str(path)).read("b") == b"3"


def test_a_tileset_in_a_folder_of_a_zip_archive_is_found(tmp_path: Path) -> None:
    members = {"city/tiles/tileset.json": b"{}", "city/tileset.json": b"{1}", "city/x": b"x"}
    root, name = open_document(str(packed(tmp_path / "a.zip", members)), "tileset.json")
    assert (root, name) == (Archive(str(tmp_path / "a.zip"), "city/"), "tileset.json")
    assert root.read("x") == b"x"
    loaders = registered("citytwin.loaders")
    assert recognise(str(tmp_path / "a.zip"), loaders).format == "tiles3d"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_data_before_the_archive_and_long_comments_do_not_matter(
    tmp_path: Path, method: int
) -> None:
    path = packed(tmp_path / "a.zip", {"x": b"x" * 500, "y": b""}, method)
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"c" * 60_000
    path.write_bytes(b"in front" + path.read_bytes())
    assert Archive(str(path)).read("x") == b"x" * 500
    assert Archive(str(path)).read("y") == b""


def test_names_in_the_packagers_own_encoding_are_found(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"AABB/t": b"1", "back/CCDD": b"2"})
    data = path.read_bytes().replace(b"AABB", "建筑".encode("gbk"))
    path.write_bytes(data.replace(b"back/CCDD", b"back\\CCDD"))
    assert Archive(str(path)).read("建筑/t") == b"1"
    assert Archive(str(path)).read("back/CCDD") == b"2"


@pytest.mark.parametrize(
    ("flags", "method", "word"),
    [(1, 0, "encrypted"), (0, 9, "Deflate64"), (0, 12, "BZIP2"), (0, 77, "method 77")],
)
def test_what_cannot_be_unpacked_is_named(
    tmp_path: Path, flags: int, method: int, word: str
) -> None:
    path = packed(tmp_path / "a.zip", {"x": b"x"})
    data = bytearray(path.read_bytes())
    struct.pack_into("<2H", data, data.index(b"PK\x01\x02") + 8, flags, method)
    path.write_bytes(data)
    with pytest.raises(NotSupported, match=word):
        Archive(str(path)).read("x")


def test_a_bomb_is_stopped_at_what_it_declares(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"x": b"\0" * 5_000_000}, zipfile.ZIP_DEFLATED)
    with pytest.raises(TooLarge):
        Archive(str(path)).read("x", limit=1000)
    data = bytearray(path.read_bytes())
    struct.pack_into("<L", data, data.index(b"PK\x01\x02") + 24, 10)
    path.write_bytes(data)
    with pytest.raises(BrokenFile, match="unpacks to 11"):
        Archive(str(path)).read("x", limit=1000)


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, 400), at=st.integers(0, 400), value=st.integers(0, 255))
def test_whatever_is_damaged_a_member_is_whole_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, cut: int, at: int, value: int
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    members = {"tileset.json": b"{}", "x": b"x" * 40}
    path = with_index(folder / "a.3tz", members)
    data = bytearray(path.read_bytes())
    data[at % len(data)] = value
    path.write_bytes(data[: len(data) - cut] if cut < 200 else data)
    try:
        found = Archive(str(path)).read("x")
    except OpenError:
        return
    assert found == members["x"]


def test_a_package_in_sqlite_gives_its_contents(tmp_path: Path) -> None:
    path = a_package(tmp_path / "city.3dtiles")
    root, name = open_root(str(path))
    assert (root, name) == (Package(str(path)), "")
    assert read_reference(root, "tileset.json") == b"{}"
    assert read_reference(root, "a/b.glb") == b"glTF"
    with pytest.raises(NotFound):
        root.read("' OR 1=1 --")
    with pytest.raises(BrokenFile, match="text"):
        root.read("text")
    with pytest.raises(TooLarge):
        root.read("tileset.json", limit=1)


def test_a_package_with_another_schema_is_refused_in_words(tmp_path: Path) -> None:
    no_content = "CREATE TABLE media (key TEXT PRIMARY KEY, other)"
    with pytest.raises(BrokenFile, match="lacks the column content"):
        Package(str(a_package(tmp_path / "a.3dtiles", no_content))).read("tileset.json")
    other = tmp_path / "b.3dtiles"
    with sqlite3.connect(other) as database:
        database.execute("CREATE VIEW media AS SELECT 'k' AS key, x'00' AS content")
    database.close()
    with pytest.raises(BrokenFile, match="no table"):
        Package(str(other)).read("k")
    other.write_bytes(b"no database at all" * 100)
    with pytest.raises(BrokenFile, match="SQLite"):
        Package(str(other)).read("k")
    with pytest.raises(NotFound):
        Package(str(tmp_path / "none.3dtiles")).read("k")


@pytest.mark.shared
def test_packages_of_the_tools_open_or_say_why_not(shared_data: Path) -> None:
    folder = shared_data / "3dtiles" / "CesiumGS_3d-tiles-tools" / "packages"
    refused = set()
    for path in sorted(folder.glob("*.3*")):
        try:
            root, _ = open_root(str(path))
            name = "tileset.json"
            if isinstance(root, Archive):
                name = root.listed()[0]
            assert read_reference(root, name).startswith(b"{")
        except BrokenFile:
            refused.add(path.name)
        except NotFound as error:
            refused.add(f"{path.name} {error}")
    assert {name.partition(".")[0] for name in refused} == {
        "invalidColumnName0", "invalidColumnName1", "invalidColumnType1", "invalidTableName",
        "missingColumn", "invalidColumnType0",
    }  # fmt: skip
