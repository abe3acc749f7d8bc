"""GeoPackages that are handed on: GDAL reads them, SQLite finds them whole, equal tables give equal bytes."""

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from twin.errors import NotSaved
from twin.store.packages import PackageLayer, PackageNote, packaged, write_package

AT = np.datetime64("2025-10-27T00:00:00", "ms")


def shapes() -> Any:
    found = np.empty(4, object)
    found[:2] = shapely.box([100, 120], [200, 220], [110, 125], [210, 240])
    found[3] = shapely.Polygon()
    return found


def layer(name: str = "freshness", crs: str = "EPSG:2326") -> PackageLayer:
    columns: dict[str, Any] = {
        "id": ["a", "b", None, 'd"'],
        "due": np.array(["2025-01-02", "NaT", "2024-01-01", "NaT"], "M8[ms]"),
        "age": [1, None, 3, 4],
        "n": np.arange(4, dtype=np.int32),
        "ratio": np.array([0.5, np.nan, 1, 2], np.float32),
        "suspect": np.array([True, False, True, False]),
        "GEOM": ["x", "y", "z", "ä中"],
        'od"d; name': [1, 2, 3, 4],
    }
    return PackageLayer(name, crs, columns, shapes())


def test_gdal_reads_layers_columns_system_and_shapes(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    table = PackageLayer("gpkg_totals", "", {"key": ["fresh"], "count": [3]})
    write_package(path, [layer(), table], AT)
    assert pyogrio.list_layers(path).tolist() == [
        ["freshness", "Polygon"],
        ["t_gpkg_totals", None],
    ]
    meta, _, geometry, fields = pyogrio.raw.read(path, layer="freshness")
    assert meta["crs"] == "EPSG:2326"
    assert meta["fields"].tolist() == [
        "id", "due", "age", "n", "ratio", "suspect", "GEOM_2", 'od"d; name'
    ]  # fmt: skip
    found = dict(zip(meta["fields"], fields, strict=True))
    assert found["id"].tolist() == ["a", "b", None, 'd"']
    assert str(found["due"][0]).startswith("2025-01-02")
    assert np.isnat(found["due"][1])
    assert found["age"].tolist()[::2] == [1.0, 3.0]
    assert found["suspect"].tolist() == [True, False, True, False]
    assert found["GEOM_2"].tolist()[3] == "ä中"
    back = shapely.from_wkb(geometry)
    assert shapely.equals(back[:2], shapes()[:2]).all()
    assert back[2] is None
    assert back[3].is_empty
    assert pyogrio.read_info(path, layer="freshness")["total_bounds"] == (100, 200, 125, 240)


def test_the_file_is_whole_and_says_what_the_standard_asks(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    note = PackageNote("freshness", "<a/>", (0, 2))
    write_package(path, [layer()], AT, [note, PackageNote("freshness", "<b/>")])
    sql = sqlite3.connect(path)

    def ask(text: str) -> list[Any]:
        return sql.execute(text).fetchall()

    try:
        assert ask("PRAGMA application_id") == [(0x47504B47,)]
        assert ask("PRAGMA user_version") == [(10400,)]
        assert ask("PRAGMA integrity_check") == [("ok",)]
        assert ask("PRAGMA foreign_key_check") == []
        assert ask("SELECT last_change, min_x, max_y, srs_id FROM gpkg_contents") == [
            ("2025-10-27T00:00:00.000Z", 100.0, 240.0, 2326)
        ]
        (wkt,) = ask("SELECT definition FROM gpkg_spatial_ref_sys WHERE srs_id = 2326")[0]
        assert wkt.startswith("PROJCS[")
        assert {row[0] for row in ask("SELECT srs_id FROM gpkg_spatial_ref_sys")} >= {-1, 0, 4326}
        assert ask("SELECT md_scope, metadata FROM gpkg_metadata") == [
            ("feature", "<a/>"),
            ("dataset", "<b/>"),
        ]
        assert ask(
            "SELECT reference_scope, row_id_value, timestamp FROM gpkg_metadata_reference"
        ) == [
            ("row", 1, "2025-10-27T00:00:00.000Z"),
            ("row", 3, "2025-10-27T00:00:00.000Z"),
            ("table", None, "2025-10-27T00:00:00.000Z"),
        ]
        assert len(ask("SELECT 1 FROM gpkg_extensions")) == 2
    finally:
        sql.close()


def test_equal_tables_give_equal_bytes(tmp_path: Path) -> None:
    n = 20_000
    big = PackageLayer(
        "big", "EPSG:28992", {"id": [f"object {i}" for i in range(n)]}, np.asarray(shapely.points(np.arange(2.0 * n).reshape(n, 2)))
    )  # fmt: skip
    for number in range(2):
        write_package(tmp_path / f"{number}.gpkg", [big, layer()], AT)
    first = (tmp_path / "0.gpkg").read_bytes()
    assert first == (tmp_path / "1.gpkg").read_bytes()
    assert packaged([big, layer()], AT) == packaged([big, layer()], AT)


def test_heights_systems_without_a_number_and_none_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    tilted = shapely.force_3d(shapely.box([1, 2], [1, 2], [3, 4], [3, 4]), 7.0)
    rings = np.array([shapely.LinearRing([(0, 0), (1, 0), (1, 1)])], object)
    custom = "+proj=tmerc +lat_0=22 +lon_0=114 +ellps=WGS84"
    layers = [
        PackageLayer("solid", "", {}, tilted),
        PackageLayer("ring", custom, {}, rings),
        PackageLayer("same", custom, {}, rings),
    ]
    write_package(path, layers, AT)
    assert pyogrio.read_info(path, layer="solid")["geometry_type"] == "Polygon Z"
    assert pyogrio.read_info(path, layer="ring")["geometry_type"] == "LineString"
    assert "Transverse" in pyogrio.read_info(path, layer="same")["crs"]


def test_a_layer_of_nothing_is_a_layer(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    none = np.full(2, None, object)
    write_package(
        path, [PackageLayer("a", "EPSG:28992", {"x": []}, none[:0]), PackageLayer("b", "", {}, none)], AT
    )  # fmt: skip
    assert pyogrio.read_info(path, layer="a")["features"] == 0
    assert pyogrio.read_info(path, layer="b")["features"] == 2


def test_a_failed_writing_leaves_nothing_and_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"old")
    bad = PackageLayer("x", "", {"a": [1, 2], "b": [1]})
    with pytest.raises(ValueError, match="zip"):
        write_package(path, [bad], AT)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.gpkg"]
    assert path.read_bytes() == b"old"
    with pytest.raises(NotSaved):
        write_package(tmp_path / "no" / "such" / "a.gpkg", [layer()], AT)
