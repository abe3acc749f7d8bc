"""Vector files and tables of text: rows beside plain pyogrio, code pages, bad geometry, hostile files."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from loaders.footprints import csv_rows, gdal, spelling
from twin.errors import BrokenFile, NotFound, NotSupported, OpenError, TooLarge, UsageError
from twin.features import texts
from twin.jobs import Jobs, Lane, Outcome
from twin.maintenance.vector_files import Reading, read_vector, typed

SQUARE = "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))"
BOW = "POLYGON ((0 0, 10 10, 10 0, 0 10, 0 0))"


def write(
    path: Path, shapes: list[Any], crs: str | None = "EPSG:25832", **columns: list[Any]
) -> Path:
    """Write a vector file by pyogrio itself."""
    binary = np.array(
        [None if s is None else shapely.to_wkb(shapely.from_wkt(s)) for s in shapes], object
    )
    data = [
        np.array(v, object if any(isinstance(x, str) or x is None for x in v) else None)
        for v in columns.values()
    ]
    kind = "Unknown" if path.suffix != ".shp" else "Polygon"
    pyogrio.raw.write(
        path, binary, data, list(columns), crs=crs, geometry_type=kind, layer=None,
        **({"encoding": "UTF-8"} if path.suffix == ".shp" else {}),
    )  # fmt: skip
    return path


def codes(table: Any) -> list[str]:
    return [problem.code for problem in table.problems]


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp", "fgb"])
def test_rows_are_those_that_were_written(suffix: str, tmp_path: Path) -> None:
    crs = "EPSG:4326" if suffix == "geojson" else "EPSG:25832"
    path = write(
        tmp_path / f"a.{suffix}", [SQUARE, SQUARE], crs, name=["Zoë", "建筑"], size=[1.5, 2.5]
    )
    table = read_vector(str(path))
    assert table.columns["name"].tolist() == ["Zoë", "建筑"]
    assert table.columns["size"].tolist() == [1.5, 2.5]
    assert table.crs == crs
    assert table.geometry is not None
    assert shapely.area(table.geometry).tolist() == [100.0, 100.0]
    assert codes(table) == []


def test_bad_geometry_is_listed_by_row_and_mended(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.gpkg", [SQUARE, BOW, None, "POLYGON EMPTY"], name=["a", "b", "c", "d"]
    )
    table = read_vector(str(path))
    assert table.geometry is not None
    assert [(p.code, p.feature) for p in table.problems] == [
        ("vector.no_place", "3"), ("vector.empty", "4"), ("vector.mended", "2"),
    ]  # fmt: skip
    assert table.geometry[1].is_valid
    assert table.geometry[1].area == pytest.approx(50)
    assert table.geometry[2] is None
    assert len(table) == 4


def test_layers_are_named_and_chosen(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    binary = np.array([shapely.to_wkb(shapely.from_wkt(SQUARE))], object)
    for name in ("plots", "buildings"):
        pyogrio.raw.write(
            path,
            binary,
            [],
            [],
            crs="EPSG:25832",
            geometry_type="Polygon",
            layer=name,
            append=path.exists(),
        )
    assert read_vector(str(path)).layer == "buildings"
    assert codes(read_vector(str(path))) == ["vector.layers"]
    assert read_vector(str(path), "plots").layer == "plots"
    with pytest.raises(UsageError, match="layers: plots, buildings"):
        read_vector(str(path), "roads")


def test_a_shapefile_in_gbk_is_read_with_its_cpg_and_without_any(tmp_path: Path) -> None:
    path = tmp_path / "城.shp"
    binary = np.array([shapely.to_wkb(shapely.from_wkt(SQUARE))], object)
    pyogrio.raw.write(
        path,
        binary,
        [np.array(["苏州北站"], object)],
        ["名称"],
        crs="EPSG:4490",
        geometry_type="Polygon",
        encoding="GBK",
    )
    assert read_vector(str(path)).columns["名称"].tolist() == ["苏州北站"]
    path.with_suffix(".cpg").write_text("936")
    assert read_vector(str(path)).columns["名称"].tolist() == ["苏州北站"]
    path.with_suffix(".cpg").unlink()
    path.with_suffix(".prj").unlink()
    table = read_vector(str(path))
    assert table.columns["名称"].tolist() == ["苏州北站"]
    assert codes(table) == ["vector.encoding_guessed", "vector.no_crs"]
    path.with_suffix(".dbf").unlink()
    assert "vector.no_table" in codes(read_vector(str(path)))


def test_a_geojson_in_another_code_page_is_read(tmp_path: Path) -> None:
    text = '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"名":"苏州","d":"2020"},"geometry":null}]}'
    for encoding, code in (
        ("gbk", ["vector.encoding_guessed"]),
        ("utf-16", []),
        ("utf-8-sig", []),
    ):
        path = tmp_path / "a.geojson"
        path.write_bytes(text.encode(encoding))
        table = read_vector(str(path))
        assert table.columns["名"].tolist() == ["苏州"]
        assert table.columns["d"].tolist() == ["2020"]  # a date stays as it was written
        assert [c for c in codes(table) if c != "vector.no_place"] == code


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":"<OGRVRTDataSource><OGRVRTLayer name=\\"x\\"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"}',
        b'{"type":"gdal_streamed_alg","command_line":"gdal vector read /vsicurl/http://example.org/a.gpkg"}',
    ],
)
def test_a_document_that_names_other_files_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_bytes(data)
    with pytest.raises(NotSupported):
        read_vector(str(path))


@pytest.mark.parametrize(
    "location",
    [
        "/vsicurl/http://example.org/a.gpkg",
        "http://example.org/a.gpkg",
        "zip://a.gpkg",
        "a!b.gpkg",
    ],
)
def test_only_plain_files_are_read(location: str) -> None:
    with pytest.raises(NotSupported):
        gdal.read(location)


def test_what_is_no_vector_file_says_so(tmp_path: Path) -> None:
    for name, data in (
        ("a.gpkg", b"GPKG"),
        ("a.shp", b""),
        ("a.fgb", b"x" * 99),
        ("a.geojson", b"[1]"),
        ("b.geojson", b"{}"),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(BrokenFile) as raised:
            read_vector(str(path))
        assert str(raised.value).startswith(str(path))
    with pytest.raises(NotFound):
        read_vector(str(tmp_path / "none.gpkg"))
    with pytest.raises(OpenError):
        read_vector(str(tmp_path / "none.xyz"))


def test_more_rows_than_bytes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        gdal._limit("a", 1000, 2**31, 3)
    with pytest.raises(TooLarge):
        gdal._limit("a", 2**40, 19_000_000, 4000)


def test_a_worker_process_reads_too(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", [SQUARE], name=["a"])
    jobs = Jobs()
    answers: list[Outcome] = []
    jobs.submit(Reading(str(path)), answers.append, Lane.PROCESS, key="tables")
    assert jobs.finish(120)
    jobs.close()
    assert answers[0].error is None
    assert answers[0].value.columns["name"].tolist() == ["a"]


# --- tables of text -------------------------------------------------------------------------------


def table_of(path: Path, data: bytes) -> Any:
    path.write_bytes(data)
    return read_vector(str(path))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gbk", "gb18030"]
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_code_page_and_separator_are_found_out(
    encoding: str, separator: str, tmp_path: Path
) -> None:
    rows = [["编号", "日期", "备注"], ["A1", "2020年3月", "竣工"], ["A2", "2021/4", '"a, b; c"']]
    text = "\r\n".join(separator.join(row) for row in rows)
    table = table_of(tmp_path / "a.csv", text.encode(encoding))
    assert list(table.columns) == ["编号", "日期", "备注"]
    assert table.columns["备注"].tolist() == ["竣工", "a, b; c"]
    assert ("vector.encoding_guessed" in codes(table)) == (
        encoding in ("utf-16-le", "gbk", "gb18030")
    )
    assert ("vector.separator" in codes(table)) == (separator != ",")


def test_rows_of_other_length_and_columns_of_one_name_are_told(tmp_path: Path) -> None:
    table = table_of(tmp_path / "a.csv", b"id,id,\n1,2,3\n\n4\n5,6,7,8\n")
    assert list(table.columns) == ["id", "id#2", "column 3"]
    assert [(p.code, p.feature) for p in table.problems] == [
        ("vector.column_twice", ""), ("vector.short", "4"), ("vector.long", "5"),
    ]  # fmt: skip
    assert table.keys.tolist() == [2, 4, 5]
    assert table.columns["id#2"].tolist() == ["2", None, "6"]


def test_places_come_from_wkt_or_coordinates(tmp_path: Path) -> None:
    table = table_of(
        tmp_path / "a.csv", f'id,wkt\n1,"SRID=28992;{SQUARE}"\n2,"{BOW}"\n3,\n4,x\n'.encode()
    )
    assert table.crs == "EPSG:28992"
    assert [g is None for g in table.geometry] == [False, False, True, True]
    assert codes(table) == ["vector.no_place", "vector.unreadable", "vector.mended"]
    table = table_of(tmp_path / "b.csv", "名,经度,纬度\na,120.5,31.4\nb,,\nc,nan,3\n".encode())
    assert table.crs == "EPSG:4326"
    assert [g is None for g in table.geometry] == [False, True, True]
    assert table_of(tmp_path / "c.csv", b"id,date\n1,2020\n").geometry is None


def test_a_workbook_and_an_endless_cell_are_no_tables(tmp_path: Path) -> None:
    for data in (b"PK\x03\x04xl/workbook", b"", b'a,b\n"' + b"x" * (2 << 20)):
        with pytest.raises(BrokenFile):
            table_of(tmp_path / "a.csv", data)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    try:
        table = table_of(path, data)
    except OpenError:
        return
    assert all(len(column) == len(table) for column in table.columns.values())


@given(st.text(max_size=80).filter(lambda t: "\x00" not in t and "\r" not in t))
def test_utf8_text_comes_back_and_is_no_guess(text: str) -> None:
    found = spelling.decoded(text.encode("utf-8-sig"))
    assert (found.text, found.guessed) == (text, False)


def test_chinese_that_was_read_as_latin_is_put_right() -> None:
    wrong = "苏州北站".encode("gb2312").decode("latin-1")
    assert spelling.put_right([wrong, "G524", None]) == (["苏州北站", "G524", None], 1)
    assert spelling.put_right(["ÖPMARK", "Ägare"]) == (["ÖPMARK", "Ägare"], 0)


def test_numbers_in_text_are_numbers_unless_they_are_keys() -> None:
    assert typed(texts(["1", "2.5", None])).dtype.kind == "f"
    assert typed(texts(["0363", "12"])).dtype.kind == "T"
    assert typed(texts(["0.5", "0"])).tolist() == [0.5, 0.0]
    assert typed(texts(["12 m"])).dtype.kind == "T"


def test_every_separator_is_tried() -> None:
    assert csv_rows._separator("a|b|c\n1|2|3\n") == "|"
    assert csv_rows._separator("sep=;\na;b\n") == ";"
    assert csv_rows._separator("only\none\n") == ","


@pytest.mark.shared
def test_real_files_have_the_rows_that_pyogrio_counts(shared_data: Path) -> None:
    seen = 0
    for path in sorted((shared_data / "footprints").rglob("*")):
        if path.suffix not in (".geojson", ".gpkg", ".shp"):
            continue
        for name, _ in pyogrio.list_layers(path):
            table = read_vector(str(path), name)
            info = pyogrio.read_info(path, layer=name, force_feature_count=True)
            assert len(table) == info["features"]
            assert list(table.columns) == info["fields"].tolist()
            assert table.crs == (info["crs"] or "")
            seen += 1
    assert seen >= 13
    roads = read_vector(str(next((shared_data / "footprints").rglob("roads0.geojson"))))
    assert roads.columns["Name"][0] == "苏州北站高架路"
    assert "GDAL_SKIP" in os.environ
