"""Acceptance 2: what ``citytwin info`` says of real sets is what an independent reading counts.

A fixed choice always; every CityJSON, IFC and explicit 3D Tiles set with ``CITYTWIN_ALL=1`` (minutes).
"""

import json
import os
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import ifcopenshell
import pytest

from tests.conftest import REPO
from tests.loaders.reading_cityjson import DEPTH, documents, surfaces
from tests.loaders.test_tiles3d_shared import Counts, declared_bytes
from ui.cli.info import described
from ui.cli.opening import Opening

pytestmark = [pytest.mark.shared, pytest.mark.slow]
ALL = bool(os.environ.get("CITYTWIN_ALL"))
DATA = Path(os.environ.get("CITYTWIN_SHARED", REPO.parent / "shared")) / "data"
CITYJSON = (
    "cityjson/cityjson_cjio/delft.json",
    "cityjson/cityjson_cjio/zurich/zurich_subset_lod2.json",
    "cityjson/cityjson_cjio/multi_lod.json",
    "cityjson/cityjson_cjdb/extension.city.jsonl",
    "cityjson/cityjson_cjdb/vienna.jsonl",
    "cityjson/dtcc-core/tests/data/cityjson/DenHaag_01.city.json.zip",
    "cityjson/BeatriceVaienti_dhCityModeler/tests/export/3d_cityjson_hip_test.json",
    "cityjson/safesoftware_fme-CityJSON/textures_building/msurface_buildings_semsrf_attributes.json",
    "cityjson/safesoftware_fme-CityJSON/geometry_template_lod3.json",
    "cityjson/cityjson_duckdb/unknown_crs.city.json",
    "malformed/cityjson_cjval/cube_20.jsonl",
    "malformed/cityjson_cjval/japanese.city.json",
)
IFC = (
    "Duplex_A",
    "TallBuilding",
    "LargeBuilding",
    "Brienenoord",
    "ROOT-staal",
    "fail-grf004-invalid_epsg_code.",
)
TILES = (
    "3dtiles/NASA_3DTilesRendererJS/example/public/data/tileset.json",
    "3dtiles/NASA_3DTilesRendererJS/example/public/data/tileset-external.json",
    "3dtiles/Flying-Fish-1_taicang/js_3dtiles/tileset.json",
    "3dtiles/CesiumGS_3d-tiles-samples/1.0/TilesetWithRequestVolume/tileset.json",
    "3dtiles/cesium-specs/Cesium3DTiles/Hierarchy/BatchTableHierarchy/tileset.json",
    "3dtiles/cesium-specs/Cesium3DTiles/Tilesets/TilesetOfTilesets/tileset.json",
    "3dtiles/cesium-specs/Cesium3DTiles/Tilesets/TilesetReplacement1/tileset.json",
    "3dtiles/visgl_loaders.gl/modules/3d-tiles/test/data/CesiumJS/VNext/agi-ktx2/tileset.json",
)  # fmt: skip
PLACES = {
    "cityjson_cjio/delft": (4.3, 51.9, 4.4, 52.1),
    "zurich": (8.4, 47.3, 8.7, 47.5),
    "DenHaag": (4.2, 52.0, 4.4, 52.2),
    "dhCityModeler": (35.2, 31.7, 35.3, 31.8),
    "msurface": (4.4, 51.9, 4.5, 52.0),
    "japanese": (139.3, 35.8, 139.5, 36.0),
    "Duplex_A": (6.0, 49.5, 6.3, 49.7),
    "Brienenoord": (4.5, 51.8, 4.6, 52.0),
    "ROOT-": (5.3, 52.1, 5.4, 52.2),
    "taicang": (121.1, 31.4, 121.2, 31.5),
    "cesium-specs/Cesium3DTiles/Hierarchy": (-75.7, 40.0, -75.5, 40.1),
}
"""Where the catalogue says that a set lies: west, south, east, north."""
NOT_CITIES = ("case.json", "invariants.json", "acquisition.json", "profile.json", "cases.json")
FLAT = {"cityjson.degenerate", "cityjson.torn", "cityjson.vertex"}
"""Problems of surfaces without area or with corners that do not exist: nothing is drawn of them."""


class Found(NamedTuple):
    """One source of ``info --json``, or the code of the error that kept it out."""

    source: dict[str, Any]
    error: str


def info(path: Path) -> Found:
    document = described([str(path)], Opening())
    if not document["sources"]:
        return Found({}, document["errors"][0]["code"])
    (source,) = document["sources"]
    for name, place in PLACES.items():
        if name in str(path):
            west, south, east, north = source["bbox_wgs84"]
            assert place[0] <= west <= east <= place[2]
            assert place[1] <= south <= north <= place[3]
    dated = source["observed"]
    assert dated["known"] + dated["unknown"] == source["objects"]
    assert (dated["earliest"] is None) == (dated["known"] == 0)
    assert sum(source["kinds"].values()) == source["objects"]
    assert sum(source["custodians"].values()) <= source["objects"]
    assert not [p for p in source["problems"] if p["code"] == "tile.failed"]
    return Found(source, "")


# --- CityJSON: plain json -------------------------------------------------------------------------


class Plain(NamedTuple):
    """What a CityJSON file holds. ``own``: objects with any geometry; ``most``: triangles of all
    surfaces of the best level, n - 2 + 2 for each hole."""

    kinds: Counter[str]
    own: int
    drawn: int
    most: int
    points: int


def plain(path: Path) -> Plain:
    docs = documents(path)
    header, kinds = docs[0], Counter[str]()
    own = drawn = triangles = points = 0
    for doc in docs:
        if doc is not header and doc.get("type") != "CityJSONFeature":
            continue
        objects = doc.get("CityObjects", {})
        for said in objects.values():
            kinds[said["type"]] += 1
            geometries = said.get("geometry") or []
            own += any(holds(geometry) for geometry in geometries)
            best = max((level(geometry, header) for geometry in geometries), default=0.0)
            if 0 <= best < 1 and parts_are_better(said, objects, header):
                continue  # a footprint under a drawn building
            shown = [g for g in geometries if level(g, header) == best]
            drawn += any(holds(geometry) for geometry in shown)
            triangles += sum(count(geometry, header) for geometry in shown)
            points += sum(points_of(geometry, header) for geometry in shown)
    return Plain(kinds, own, drawn, triangles, points)


def holds(geometry: dict[str, Any]) -> bool:
    return bool(json.dumps(geometry["boundaries"]).strip("[], "))


def level(geometry: dict[str, Any], header: dict[str, Any]) -> float:
    said = geometry.get("lod")
    if said is None and geometry["type"] == "GeometryInstance":
        said = header["geometry-templates"]["templates"][geometry["template"]].get("lod")
    try:
        return float(said)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return -1.0


def parts_are_better(
    said: dict[str, Any], objects: dict[str, Any], header: dict[str, Any]
) -> bool:
    for part in (objects.get(key, {}) for key in said.get("children", [])):
        levels = [level(geometry, header) for geometry in part.get("geometry") or []]
        if max(levels, default=0.0) >= 1 or parts_are_better(part, objects, header):
            return True
    return False


def count(geometry: dict[str, Any], header: dict[str, Any]) -> int:
    if geometry["type"] == "GeometryInstance":
        template: dict[str, Any] = header["geometry-templates"]["templates"][geometry["template"]]
        return count(template, header)
    if geometry["type"] not in DEPTH:
        return 0
    total = 0
    for rings in surfaces(geometry["boundaries"], DEPTH[geometry["type"]]):
        if rings and len(rings[0]) >= 3:
            total += sum(map(len, rings)) - 2 + 2 * (len(rings) - 1)
    return total


def points_of(geometry: dict[str, Any], header: dict[str, Any]) -> int:
    if geometry["type"] == "GeometryInstance":
        template: dict[str, Any] = header["geometry-templates"]["templates"][geometry["template"]]
        return points_of(template, header)
    return len(geometry["boundaries"]) if geometry["type"] == "MultiPoint" else 0


def cities() -> Iterator[Path]:
    if not ALL:
        yield from (DATA / name for name in CITYJSON)
        return
    for folder in (DATA / "cityjson", DATA / "malformed" / "cityjson_cjval"):
        for path in sorted(folder.rglob("*")):
            wanted = path.suffix in (".json", ".jsonl") or path.name.endswith(".json.zip")
            if wanted and path.is_file() and path.name not in NOT_CITIES:
                yield path


@pytest.mark.parametrize("path", list(cities()), ids=lambda path: path.name)
def test_a_cityjson_set_is_what_plain_json_counts(path: Path, shared_data: Path) -> None:
    source, error = info(path)
    if error:
        assert ALL
        assert error in ("broken.cityjson", "not_supported")
        return
    expected = plain(path)
    assert source["format"] == "cityjson"
    assert source["kinds"] == dict(expected.kinds)
    assert source["objects"] == expected.kinds.total()
    assert source["points"] == expected.points
    assert source["triangles"] <= expected.most
    told = {problem["code"] for problem in source["problems"]}
    if not told & FLAT:
        assert source["objects_with_geometry"] == expected.drawn
        assert source["triangles"] >= 0.96 * expected.most  # corners on a line need none
    elif not ALL:
        assert source["objects_with_geometry"] == expected.drawn
        assert source["triangles"] >= 0.93 * expected.most  # textured boxes have flat faces


# --- IFC: ifcopenshell ----------------------------------------------------------------------------


def models() -> Iterator[Path]:
    folders = (DATA / "ifc", DATA / "malformed" / "buildingSMART_ifc-gherkin-rules")
    for path in sorted(path for folder in folders for path in folder.rglob("*")):
        if path.suffix.lower() in (".ifc", ".ifczip") and (
            ALL or any(n in path.name for n in IFC)
        ):
            yield path


def read_model(path: Path) -> Any:
    if path.suffix.lower() != ".ifczip":
        return ifcopenshell.open(str(path))
    with zipfile.ZipFile(path) as archive:
        (name,) = [name for name in archive.namelist() if name.lower().endswith(".ifc")]
        return ifcopenshell.file.from_string(archive.read(name).decode("latin1"))


@pytest.mark.parametrize("path", list(models()), ids=lambda path: path.name)
def test_an_ifc_model_is_what_ifcopenshell_counts(path: Path, shared_data: Path) -> None:
    source, error = info(path)
    if error:
        assert ALL
        assert error == "not_supported"
        return
    file = read_model(path)
    kinds = Counter(item.is_a() for item in file.by_type("IfcProduct"))
    assert source["kinds"] == dict(+kinds)
    assert source["objects"] == kinds.total()
    hidden = ("IfcSpace", "IfcOpeningElement", "IfcAnnotation", "IfcGrid", "IfcVirtualElement")
    shaped = [
        item
        for item in file.by_type("IfcProduct")
        if item.Representation and not any(item.is_a(name) for name in hidden)
        and not item.is_a().startswith("IfcAlignment")
    ]  # fmt: skip
    cut = sum(problem["code"] == "ifc.all_cut" for problem in source["problems"])
    assert source["objects_with_geometry"] + cut == len(shaped)


# --- 3D Tiles: the tileset's own JSON and headers -------------------------------------------------


def finest(location: Path, refine: str = "REPLACE") -> Counts:
    """Return tiles, triangles and points of the finest content, and the features of all tiles."""
    total = Counts()
    stack = [(json.loads(location.read_text("utf-8-sig"))["root"], refine)]
    while stack:
        node, above = stack.pop()
        rule = (node.get("refine") or above).upper()
        stack += [(child, rule) for child in node.get("children") or []]
        several = (node.get("extensions") or {}).get("3DTILES_multiple_contents") or {}
        entries = [node.get("content"), *(node.get("contents") or [])]
        entries += several.get("content") or several.get("contents") or []
        named = [e.get("uri", e.get("url")) for e in entries if e]
        paths = [location.parent / unquote(uri.partition("?")[0]) for uri in named]
        deeper = [p for p in paths if p.suffix == ".json" and p.is_file()]
        for path in deeper:
            total = total.plus(finest(path, rule))
        for path in set(paths) - set(deeper):
            if path.is_file():
                found = declared_bytes(path.read_bytes(), path.parent)
                last = rule == "ADD" or not (node.get("children") or deeper)
                total = total.plus(found if last else Counts(features=found.features))
    return total


@pytest.mark.parametrize("name", TILES)
def test_a_tileset_is_what_its_headers_declare(name: str, shared_data: Path) -> None:
    source, error = info(shared_data / name)
    assert not error
    expected = finest(shared_data / name)
    assert source["triangles"] == expected.triangles
    assert source["points"] == expected.points
    assert source["objects"] == expected.features
    assert source["objects_with_geometry"] == expected.features
