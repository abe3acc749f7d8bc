"""The sample city is what its SOURCES.md says: readings of its own, without any loader."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray
from pyproj import Transformer

F64 = NDArray[np.float64]
GEOID_AT_DELFT = 43.3
"""Height of EGM96 above the ellipsoid at Delft, metres (NGA's table), good to 0.3 here."""


def read_b3dm(path: Path) -> tuple[dict[str, list[Any]], F64, F64]:
    """Return batch table, positions f64(n, 3) and batch numbers f64(n) of a b3dm of ours."""
    data = path.read_bytes()
    magic, version, size, features, _, batch, _ = struct.unpack_from("<4s6I", data)
    assert (magic, version, size) == (b"b3dm", 1, len(data))
    table: dict[str, list[Any]] = orjson.loads(data[28 + features : 28 + features + batch])
    at = 28 + features + batch
    _, _, _, length = struct.unpack_from("<4sIII", data, at)
    document = orjson.loads(data[at + 20 : at + 20 + length])
    blob = at + 20 + length + 8

    def array(number: int, width: int) -> F64:
        accessor = document["accessors"][number]
        view = document["bufferViews"][accessor["bufferView"]]
        count = accessor["count"] * width
        found = np.frombuffer(data, "<f4", count, blob + view["byteOffset"])
        return found.reshape(-1, width).astype(np.float64)

    parts = [p["attributes"] for p in document["meshes"][0]["primitives"]]
    positions = np.concatenate([array(p["POSITION"], 3) for p in parts])
    numbers = np.concatenate([array(p["_BATCHID"], 1)[:, 0] for p in parts])
    return table, positions, numbers


@pytest.fixture(scope="module")
def tileset(sample_models: Path) -> dict[str, Any]:
    text = (sample_models / "delft_tileset" / "tileset.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.fixture(scope="module")
def city(sample_models: Path) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads((sample_models / "delft.city.json").read_bytes())
    return found


def to_ecef(tileset: dict[str, Any], y_up: F64) -> F64:
    matrix = np.array(tileset["root"]["transform"]).reshape(4, 4).T
    local = np.c_[y_up[:, 0], -y_up[:, 2], y_up[:, 1]]
    return np.asarray(local @ matrix[:3, :3].T + matrix[:3, 3], np.float64)


def test_the_tileset_names_every_object_of_the_city_once(
    sample_models: Path, tileset: dict[str, Any], city: dict[str, Any]
) -> None:
    found: list[str] = []
    for child in tileset["root"]["children"]:
        table, _, numbers = read_b3dm(sample_models / "delft_tileset" / child["content"]["uri"])
        assert set(numbers.astype(int)) == set(range(len(table["id"])))
        found += table["id"]
    assert sorted(found) == sorted(city["CityObjects"])


def test_the_tiles_stand_where_the_city_stands_to_a_centimetre(
    sample_models: Path, tileset: dict[str, Any], city: dict[str, Any]
) -> None:
    transform = city["transform"]
    vertices = np.array(city["vertices"]) * transform["scale"] + transform["translate"]
    known = {tuple(v) for v in np.round(vertices[:, :2], 1)}
    to_lonlat = Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True)
    to_rd = Transformer.from_crs("EPSG:4326", "EPSG:28992", always_xy=True)
    uri = tileset["root"]["children"][0]["content"]["uri"]
    _, positions, _ = read_b3dm(sample_models / "delft_tileset" / uri)
    ecef = to_ecef(tileset, positions)
    lon, lat, height = to_lonlat.transform(ecef[:, 0], ecef[:, 1], ecef[:, 2])
    x, y = to_rd.transform(lon, lat)
    nearest = [
        any(
            (round(a + i, 1), round(b + j, 1)) in known
            for i in (0, -0.05, 0.05)
            for j in (0, -0.05, 0.05)
        )
        for a, b in zip(x[::50], y[::50], strict=True)
    ]
    assert all(nearest)
    assert vertices[:, 2].min() + GEOID_AT_DELFT - 0.3 < height.min()
    assert height.max() < vertices[:, 2].max() + GEOID_AT_DELFT + 0.3


def test_boxes_and_the_region_hold_their_tiles(
    sample_models: Path, tileset: dict[str, Any]
) -> None:
    to_lonlat = Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True)
    west, south, east, north, low, high = tileset["root"]["boundingVolume"]["region"]
    for child in tileset["root"]["children"]:
        _, y_up, _ = read_b3dm(sample_models / "delft_tileset" / child["content"]["uri"])
        box = np.array(child["boundingVolume"]["box"])
        reach = np.abs(np.c_[y_up[:, 0], -y_up[:, 2], y_up[:, 1]] - box[:3])
        assert (reach <= box[[3, 7, 11]]).all()
        ecef = to_ecef(tileset, y_up)
        lon, lat, height = to_lonlat.transform(ecef[:, 0], ecef[:, 1], ecef[:, 2])
        lon, lat = np.radians(lon), np.radians(lat)
        assert west <= lon.min() <= lon.max() <= east
        assert south <= lat.min() <= lat.max() <= north
        assert low <= height.min() <= height.max() <= high


def test_the_sample_city_is_small_and_every_file_is_credited(sample_models: Path) -> None:
    files = [path for path in sample_models.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 25e6
    credits = (sample_models / "SOURCES.md").read_text(encoding="utf-8")
    uncredited = [
        name
        for path in files
        if (name := path.relative_to(sample_models).parts[0]) not in credits
        and name != "SOURCES.md"
    ]
    assert not uncredited
