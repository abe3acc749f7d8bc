"""What is put right while an IFC is read: archives, texts in other encodings, numbers that are none."""

import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import ifcopenshell
import inflate64
import pytest

from loaders.ifc import LOADER
from loaders.ifc.mending import mended
from loaders.ifc.salvaging import lost_statements
from loaders.ifc.spelling import CHINESE, UTF8, WESTERN, encoding_of
from tests.conftest import DATA
from tests.loaders.ifc_files import Building
from tests.loaders.test_ifc import contents, rows_drawn
from twin.errors import BrokenFile, NotSupported, TooLarge
from twin.ports import SILENT, Opened, Options

WALL = DATA / "simple_wall.ifc"


def opened(location: str | Path) -> Opened:
    return LOADER.source(str(location), Options()).open(SILENT)


def codes(found: Opened) -> list[str]:
    """Return what reading says, the place of the model left out."""
    return [item.code for item in found.problems if not item.code.startswith("ifc.site")]


def deflate64_zip(path: Path, name: str, data: bytes, **lies: int) -> Path:
    """Write an archive as Windows' archiver does; ``lies`` replace its size, sum or packed bytes."""
    deflater = inflate64.Deflater()
    packed = deflater.deflate(data) + deflater.flush()
    packed = packed[: lies.get("cut", len(packed))]
    size, total = lies.get("size", len(data)), lies.get("crc", zlib.crc32(data))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), packed)
    made = bytearray(stream.getvalue())
    central = made.index(b"PK\1\2")
    for at, method in ((0, 8), (central, 10)):
        struct.pack_into("<H", made, at + method, 9)
        struct.pack_into("<I", made, at + method + 6, total)
        struct.pack_into("<I", made, at + method + 14, size)
    path.write_bytes(made)
    return path


def test_an_archive_packed_with_deflate64_is_the_same_model(tmp_path: Path) -> None:
    packed = deflate64_zip(tmp_path / "wall.ifczip", "inner/wall.ifc", WALL.read_bytes())
    with zipfile.ZipFile(packed) as archive, pytest.raises(NotImplementedError):
        archive.read("inner/wall.ifc")
    assert opened(packed).features.id.tolist() == opened(WALL).features.id.tolist()


@pytest.mark.parametrize(
    ("lies", "error", "words"),
    [
        ({"size": 1000}, TooLarge, "declares"),
        ({"size": 1 << 31}, TooLarge, "declares"),
        ({"size": 300_000}, BrokenFile, "cut off or damaged"),
        ({"crc": 1}, BrokenFile, "cut off or damaged"),
        ({"cut": 5000}, BrokenFile, "cut off or damaged"),
    ],
)
def test_a_deflate64_archive_that_lies_is_refused(
    lies: dict[str, int], error: type[Exception], words: str, tmp_path: Path
) -> None:
    packed = deflate64_zip(tmp_path / "a.ifczip", "a.ifc", WALL.read_bytes(), **lies)
    with pytest.raises(error, match=words):
        opened(packed)


def test_bytes_that_are_no_deflate64_are_refused(tmp_path: Path) -> None:
    packed = deflate64_zip(tmp_path / "a.ifczip", "a.ifc", WALL.read_bytes())
    data = packed.read_bytes()
    packed.write_bytes(data[:60] + b"\xff" * 100 + data[160:])
    with pytest.raises(BrokenFile, match="Deflate64"):
        opened(packed)


def test_of_several_models_in_an_archive_the_first_is_shown_and_the_others_named(
    tmp_path: Path,
) -> None:
    path = tmp_path / "two.ifczip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("__MACOSX/._a.ifc", b"shadow")
        archive.write(WALL, "a.ifc")
        archive.write(WALL, "b.ifc")
    found = opened(path)
    (said,) = [item for item in found.problems if item.code == "ifc.zip_several"]
    assert said.params == {"count": 2, "shown": "a.ifc", "others": "b.ifc"}


def test_an_archive_behind_a_password_is_not_supported(tmp_path: Path) -> None:
    path = deflate64_zip(tmp_path / "a.ifczip", "a.ifc", WALL.read_bytes())
    data = bytearray(path.read_bytes())
    for at in (6, data.index(b"PK\1\2") + 8):
        data[at] |= 1
    path.write_bytes(data)
    with pytest.raises(NotSupported, match="password"):
        opened(path)


def named(folder: Path, raw: bytes) -> Opened:
    """Return a model whose project is called so, byte for byte."""
    data = WALL.read_bytes()
    changed = re.sub(
        rb"(IFCPROJECT\('[^']*',#\d+,)'[^']*'", lambda m: m.group(1) + b"'" + raw + b"'", data
    )
    assert changed != data
    path = folder / "named.ifc"
    path.write_bytes(changed)
    return opened(path)


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        (rb"\X2\57CE5E02\X0\ A", "城市 A"),
        (rb"\X2\57ce\X0\\X4\00020000\X0\ ", "城𠀀 "),
        (rb"\X2\57CED840DC00\X0\ ", "城𠀀 "),
        (rb"\X2\D840\X0\ ", "\N{REPLACEMENT CHARACTER} "),
        (rb"\S\D\X\E4 it''s", "Ää it's"),
        (rb"\PE\\S\P", "а"),
        ("城市 \\X2\\5EFA\\X0\\ é 𠀀".encode(), "城市 建 é 𠀀"),
    ],
)
def test_names_spelled_in_the_ways_of_the_standard_and_in_utf8_come_out_right(
    raw: bytes, title: str, tmp_path: Path
) -> None:
    found = named(tmp_path, raw)
    assert found.title == title
    assert "ifc.encoding" not in codes(found)


@pytest.mark.parametrize(
    ("title", "encoding"),
    [
        ("城市建筑信息模型", "gb18030"),
        ("外墙:許功蓋誠 'A'", "gb18030"),
        ("𠀀㐀城市", "gb18030"),
        ("Außenwände für Büro", "windows-1252"),
        ("Façade côté école", "windows-1252"),
    ],
)
def test_names_in_raw_bytes_of_another_encoding_come_out_right_and_are_told(
    title: str, encoding: str, tmp_path: Path
) -> None:
    found = named(tmp_path, title.replace("'", "''").encode(encoding))
    assert found.title == title
    (said,) = [item for item in found.problems if item.code == "ifc.encoding"]
    assert said.params["encoding"].lower() == encoding
    assert said.params["count"] == 1
    assert title[:2] in said.said("zh")


def test_the_encoding_of_raw_texts_is_heard_from_all_of_them() -> None:
    walls = ["墙体".encode("gb18030"), "墙".encode("gb18030"), "幕墙嵌板".encode("gb18030")]
    assert encoding_of(walls) == CHINESE
    assert encoding_of(["墙体".encode(), b"plain"]) == UTF8
    assert encoding_of(["Tür".encode("latin1"), "Fenster größer".encode("latin1")]) == WESTERN
    assert encoding_of([b"'\x81'"]) == WESTERN


def test_a_sound_file_is_read_where_it_lies(tmp_path: Path) -> None:
    with mended(str(WALL), "wall") as found:
        assert (found.path, found.problems, found.wrong) == (str(WALL), (), ())
    raw = tmp_path / "raw.ifc"
    raw.write_bytes(WALL.read_bytes().replace(b"Base Constraint", "墙体".encode("gb18030")))
    before = raw.read_bytes()
    with mended(str(raw), "raw") as found:
        copy = Path(found.path)
        assert copy != raw
        assert rb"'\X2\5899\X0" in copy.read_bytes()
    assert not copy.exists()
    assert raw.read_bytes() == before


def test_what_is_built_on_a_number_that_is_none_is_told_and_the_rest_drawn(tmp_path: Path) -> None:
    made = Building()
    good = made.element("IfcWall", "Good", made.body(made.box(4.0, 0.2, 3.0)), (1.0, 2.0, 0.0))
    deep = made.element("IfcWall", "Deep", made.body(made.box(7.5, 0.2, 3.0)), (0.0, 0.0, 0.0))
    far = made.element("IfcWall", "Far", made.body(made.box(1.0, 0.2, 3.0)), (8.25, 0.0, 0.0))
    made.describe([good], "Made", {"Width": 9.75, "Text": "a; (nan, inf)"})
    path = Path(made.write(tmp_path))
    text = path.read_text()
    for before, after in ((",7.5,", ",-1.#IND,"), ("(8.25,", "(1e999,"), ("(9.75)", "( NaN )")):
        assert text.count(before) == 1
        text = text.replace(before, after)
    path.write_text(text)
    found = opened(path)
    assert codes(found) == ["ifc.not_numbers", "ifc.not_a_number", "ifc.not_a_number"]
    assert found.problems[0].params["count"] == 3
    assert {p.feature: p.params["word"] for p in found.problems[1:]} == {
        deep.GlobalId: "-1.#IND",
        far.GlobalId: "1e999",
    }
    line = text[: text.index("1e999")].count("\n") + 1
    assert {p.params["line"] for p in found.problems} >= {line}
    row = found.features.row_of(good.GlobalId)
    assert rows_drawn(contents(str(path), found)) == {row}
    assert found.features.bounds[0] == pytest.approx([1, 2, 0, 5, 2.2, 3])
    extra = json.loads(str(found.features["_extra"][row]))
    assert extra["Made.Text"] == "a; (nan, inf)"
    assert "Made.Width" not in extra


def damaged(folder: Path, change: Callable[[bytes], bytes]) -> Path:
    """Return a copy of the wall with some bytes changed."""
    data = WALL.read_bytes()
    path = folder / "damaged.ifc"
    path.write_bytes(change(data))
    assert path.read_bytes() != data
    return path


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"'Base Constraint'", b"'Base \\X2\\57CE'", 1),
        lambda data: data.replace(b"'Base Constraint'", b"'Base\0Constraint',\1", 1),
        lambda data: data.replace(b"'Base Constraint',$", b"'Base Constraint',1" + b"0" * 400, 1),
    ],
)
def test_one_statement_that_is_none_is_left_out_told_and_the_rest_is_read(
    change: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    path = damaged(tmp_path, change)
    found = opened(path)
    (said,) = [item for item in found.problems if item.code == "ifc.statements_dropped"]
    line = WALL.read_bytes()[: WALL.read_bytes().index(b"'Base Constraint'")].count(b"\n") + 1
    assert said.params == {"count": 1, "lines": str(line)}
    whole = opened(WALL)
    assert found.features.id.tolist() == whole.features.id.tolist()
    assert rows_drawn(contents(str(path), found)) == rows_drawn(contents(str(WALL), whole))


def test_a_file_of_nothing_but_errors_is_refused_by_its_first_line(tmp_path: Path) -> None:
    path = damaged(tmp_path, lambda data: data.replace(b"$,", b"\1,"))
    with pytest.raises(BrokenFile, match=r"line \d+: "):
        opened(path)


def test_statements_that_a_parser_loses_without_a_word_are_found() -> None:
    steps = ifcopenshell.open(str(WALL)).entity_names()
    assert not lost_statements(str(WALL), steps)
    text = WALL.read_bytes()
    (lost,) = lost_statements(str(WALL), [step for step in steps if step != 943])
    assert text[lost.start :].startswith(b"#943=")
    assert lost.line == text[: lost.start].count(b"\n") + 1
