"""Vector files as layers: closed blocks with the heights that are said, ids, classes, dates, options."""

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from loaders.footprints import LOADER
from loaders.footprints.blocks import drawn, parts_of
from loaders.footprints.heights import AUTO, Wanted, heights, metres
from tests.conftest import DATA
from tests.loaders.test_vector_tables import SQUARE, write
from twin.features import texts
from twin.geometry import Lines, Mesh, Points, triangle_count
from twin.maintenance.telling import Told
from twin.opening import probe
from twin.ports import SILENT, Opened, Options
from twin.records import FieldMapping


def opened(path: Path, **values: str) -> Opened:
    return LOADER.source(str(path), Options(values=values)).open(SILENT)


def volume(mesh: Mesh) -> float:
    """Return the volume f64 that triangles turned outwards enclose."""
    at = mesh.positions.astype(np.float64)[mesh.triangles]
    return float(np.einsum("ij,ij->i", at[:, 0], np.cross(at[:, 1], at[:, 2])).sum() / 6)


def closed(mesh: Mesh) -> bool:
    """Return whether every edge of a triangle is met by one the other way round."""
    sides = mesh.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    there = {(int(a), int(b)) for a, b in sides}
    return len(there) == len(sides) and all((b, a) in there for a, b in there)


boxes = st.tuples(
    st.floats(-1e3, 1e3),
    st.floats(-1e3, 1e3),
    st.floats(1, 50),
    st.floats(1, 50),
    st.floats(1, 99),
)


@given(st.lists(boxes, min_size=1, max_size=5), st.booleans())
def test_blocks_are_closed_and_hold_area_times_height(found: list[Any], holed: bool) -> None:
    shapes = np.array([shapely.box(x, y, x + w, y + h) for x, y, w, h, _ in found], object)
    if holed:
        shapes = shapely.difference(shapes, shapely.buffer(shapely.centroid(shapes), 0.3))
    height = np.array([top for *_, top in found])
    (mesh,) = drawn(parts_of(shapes), np.full(len(found), 5.0), height)
    assert isinstance(mesh, Mesh)
    assert closed(mesh)
    expected = float((shapely.area(shapes) * height).sum())
    assert volume(mesh) == pytest.approx(expected, rel=1e-3)
    assert mesh.positions[:, 2].min() + mesh.origin[2] == pytest.approx(5.0, abs=1e-4)


def test_outlines_without_heights_lie_flat_and_face_up() -> None:
    shapes = np.array([shapely.from_wkt(SQUARE)], object)
    (mesh,) = drawn(parts_of(shapes), np.full(1, np.nan), np.full(1, np.nan))
    assert isinstance(mesh, Mesh)
    a, b, c = mesh.positions[mesh.triangles[0]].astype(np.float64)
    assert len(mesh.triangles) == 2
    assert np.cross(b - a, c - a)[2] > 0


def test_all_geometries_are_drawn_by_their_kind() -> None:
    said = [
        "MULTIPOLYGON (((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))", "LINESTRING (0 0, 1 1, 2 0)",
        "MULTIPOINT (1 1, 2 2)", "GEOMETRYCOLLECTION (POINT (9 9), LINESTRING (0 0, 9 9))",
    ]  # fmt: skip
    shapes = np.array([shapely.from_wkt(text) for text in said], object)
    mesh, lines, points = drawn(parts_of(shapes), np.zeros(4), np.full(4, np.nan))
    assert isinstance(mesh, Mesh)
    assert isinstance(lines, Lines)
    assert isinstance(points, Points)
    assert len(lines.segments) == 3
    assert points.feature.tolist() == [2, 2, 3]
    assert sorted(set(lines.feature.tolist())) == [1, 3]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.5", 12.5),
        ("12,5 m", 12.5),
        ("~9米", 9.0),
        ("30 ft", 9.144),
        ("6层", 18.0),
        ("6F", 18.0),
        (" 7 ", 7.0),
    ],
)
def test_heights_are_read_from_texts(text: str, value: float) -> None:
    assert metres(texts([text]), False, None, Told()).tolist() == [pytest.approx(value)]


def test_what_is_no_height_is_told_by_row() -> None:
    told = Told()
    columns = {"height": texts(["12", "tall", None, "-3", "99999"])}
    found = heights(columns, 5, Wanted(), np.arange(1, 6), told)
    assert np.isnan(found.height).tolist() == [False, True, True, True, True]
    assert [(p.code, p.feature) for p in told.problems()] == [
        ("vector.height_text", "2"), ("vector.height_range", "4"), ("vector.height_range", "5"),
    ]  # fmt: skip


def test_storeys_count_three_metres_and_heights_come_first() -> None:
    columns: dict[str, Any] = {"层数": texts(["6", "2"]), "h": np.array([1.0, 2.0])}
    found = heights(columns, 2, Wanted(), np.arange(2), Told())
    assert (found.height.tolist(), found.by_storeys) == ([18.0, 6.0], True)
    assert heights(
        columns, 2, Wanted("h", "none", "storeys"), np.arange(2), Told()
    ).height.tolist() == [3.0, 6.0]
    columns["Height"] = np.array([20.0, 8.0])
    assert heights(columns, 2, Wanted(AUTO), np.arange(2), Told()).field == "Height"


def test_the_sample_says_everything() -> None:
    found = opened(DATA / "outlines.geojson")
    table = found.features
    assert table.kinds == ("Building",)
    assert table.id[0] == "B-001"
    assert table.lods[int(table.lod[0])] == "1"  # type: ignore[index]
    assert table.name is not None
    assert table.name[12] == "Court"
    assert table.bounds[13, 5] == 8.0
    assert table["height m"][1] == 9.0
    assert [p.code for p in found.problems] == ["vector.no_place"]
    assert found.about.crs == "EPSG:25832"
    captured = found.observations.raw[found.observations.row >= 0].tolist()
    assert len(captured) == 15
    assert found.observations.parties == ("Survey Office", "Land Registry")


def test_a_level_without_blocks_and_a_height_of_a_mapping() -> None:
    path = str(DATA / "outlines.geojson")
    flat = LOADER.source(path, Options(lod="0")).open(SILENT)
    assert flat.features.box[5] == 0.0
    none = opened(DATA / "outlines.geojson", height="none")
    assert "vector.flat" in [p.code for p in none.problems]
    mapped = LOADER.source(path, Options(fields=FieldMapping(height="use"))).open(SILENT)
    assert "vector.height_text" in [p.code for p in mapped.problems]


def test_a_base_lifts_the_block(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", [SQUARE], ground=[100.0], h=[7.5])
    found = opened(path, height="h", base="ground")
    assert found.features.bounds[0, [2, 5]].tolist() == [100.0, 107.5]
    assert {option.name for option in found.about.options} == {"height", "height_unit", "base"}


def test_ids_fall_back_to_places_where_no_column_tells_rows_apart(tmp_path: Path) -> None:
    path = write(tmp_path / "plots.gpkg", [SQUARE, SQUARE], id=["a", "a"], use=["x", "y"])
    found = opened(path)
    assert found.features.id.tolist() == ["plots.1", "plots.2"]
    assert found.features.kinds == ("plots",)
    assert "vector.id_twice" in [p.code for p in found.problems]
    path = write(tmp_path / "b.gpkg", [SQUARE, SQUARE], id=["a", "a"], uuid=["u", None])
    assert opened(path).features.id.tolist() == ["u", "b.2"]


def test_keys_with_leading_zeros_stay_text(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.gpkg", [SQUARE], code=["0363"], floor_area=["120.5"], built=["1987"]
    )
    columns = opened(path).features.columns
    assert columns["code"].tolist() == ["0363"]
    assert columns["floor_area"].tolist() == [120.5]


def test_another_layer_is_chosen_by_option(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    binary = np.array([shapely.to_wkb(shapely.from_wkt(SQUARE))], object)
    for name in ("plots", "buildings"):
        pyogrio.raw.write(
            path, binary, [], [], crs="EPSG:25832", geometry_type="Polygon", layer=name, append=path.exists()
        )  # fmt: skip
    assert opened(path).features.kinds == ("Building",)
    found = opened(path, layer="plots")
    assert found.features.kinds == ("plots",)
    assert found.about.options[0].choices == ("buildings", "plots")
    assert "gpkg_contents.last_change" in found.observations.paths


def test_a_project_and_other_json_are_not_recognised(tmp_path: Path) -> None:
    write(tmp_path / "a.gpkg", [SQUARE], name=["a"]).rename(tmp_path / "a.twin.gpkg")
    assert LOADER.recognise(probe(str(tmp_path / "a.twin.gpkg"))) == 0
    for name, text in (("a.json", '{"type": "CityJSON"}'), ("b.json", '{"asset": {}}')):
        (tmp_path / name).write_text(text)
        assert LOADER.recognise(probe(str(tmp_path / name))) == 0
    (tmp_path / "c.json").write_text('{"type":"FeatureCollection","features":[]}', "utf-16")
    assert LOADER.recognise(probe(str(tmp_path / "c.json"))) == 92


@pytest.mark.shared
def test_suzhou_stands_up_from_heights_as_texts(shared_data: Path) -> None:
    path = next((shared_data / "footprints").rglob("buildings.geojson"))
    found = opened(path)
    meta, _, binary, values = pyogrio.raw.read(path)
    said = [float(x) for x in values[list(meta["fields"]).index("height")]]
    assert len(found.features) == len(said) == 7172
    assert np.allclose(found.features.bounds[:, 5] - found.features.bounds[:, 2], said)
    rings = shapely.get_rings(shapely.get_parts(shapely.from_wkb(binary)))
    corners = int((shapely.get_num_coordinates(rings) - 1).sum())
    polygons = shapely.get_parts(shapely.from_wkb(binary))
    holes = int(shapely.get_num_interior_rings(polygons).sum())
    faces = corners - 2 * len(polygons) + 2 * holes
    drawn_ = sum(triangle_count(content.drawables) for content in found.ready.values())
    assert abs(drawn_ - (2 * faces + 2 * corners)) < 0.001 * drawn_
    assert found.about.crs == "EPSG:4490"


@pytest.mark.shared
def test_bubenec_is_flat_and_says_so(shared_data: Path) -> None:
    found = opened(next((shared_data / "footprints").rglob("bubenec.gpkg")))
    assert (len(found.features), found.features.kinds) == (144, ("Building",))
    assert [p.code for p in found.problems] == ["vector.layers", "vector.flat"]
    mesh = found.ready[0].drawables[0]
    assert isinstance(mesh, Mesh)
    at = mesh.positions.astype(np.float64)[mesh.triangles]
    area = np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0])[:, 2].sum() / 2
    binary = pyogrio.raw.read(
        next((shared_data / "footprints").rglob("bubenec.gpkg")), layer="buildings"
    )[2]
    assert area == pytest.approx(float(shapely.area(shapely.from_wkb(binary)).sum()), rel=1e-5)


def test_milliseconds_of_programs_are_dates_in_known_columns(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.gpkg", [SQUARE, SQUARE], last_edited_date=[1577836800000, 1577923200000]
    )
    found = opened(path)
    assert [p.code for p in found.problems if p.code.startswith("dates")] == ["dates.epoch_ms"]
    seen = found.observations.t_lo[found.observations.row >= 0]
    assert [str(t)[:10] for t in seen] == ["2020-01-01", "2020-01-02"]
