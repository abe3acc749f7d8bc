from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.twin.analyses.scenes import ORIGIN, at, box, flat, study
from twin.analyses.building_heights import BuildingHeights
from twin.analyses.cut_fill import CutFill
from twin.analyses.flood import FloodLevel
from twin.analyses.heights import Heights
from twin.analyses.study import Study
from twin.analyses.volumes import FloorArea
from twin.errors import UsageError
from twin.features import FeatureTable, texts
from twin.geometry import F64
from twin.jobs import SILENT
from twin.observations import Assessment

SLOPE = np.array([[[-200, -200, -20], [200, -200, 20], [0, 600, 0]]], np.float64)
"""A ground of z = x / 10."""


def gabled() -> F64:
    """A house of 10 m by 8 m, eaves at 5 m, ridge at 9 m: walls and two roofs, no floor."""
    walls = box(0, 0, 0, 10, 8, 5)[4:]
    a, b, c, d = [0, 0, 5], [10, 0, 5], [10, 8, 5], [0, 8, 5]
    e, f = [0, 4, 9], [10, 4, 9]
    roofs = np.array(
        [[a, b, f], [a, f, e], [c, d, e], [c, e, f], [a, e, d], [b, c, f]], np.float64
    )
    return np.concatenate([walls, roofs])


def with_column(city: Study, name: str, values: np.ndarray) -> Study:
    """A city whose buildings have an attribute."""
    first = city.layers[0]
    layer = replace(first, features=first.features.with_column(name, values))
    return replace(city, layers=(layer, *city.layers[1:]))


def test_base_eaves_and_ridge_of_a_house_on_a_slope() -> None:
    moved = gabled() + np.array([100.0, 0, 9.5])
    found = BuildingHeights().run(study([moved, box(-110, 0, -12, -100, 9, 3)], SLOPE), SILENT)
    house, block = found.sheets[0].rows[1], found.sheets[0].rows[0]
    assert house[0] == "b0"
    assert house[3:] == pytest.approx((9.5, 14.5, 18.5, 10.0, 8.5, 4.5), abs=1e-4)
    assert block[3:] == (pytest.approx(-12), None, pytest.approx(3), pytest.approx(-11, abs=1e-4),
                         pytest.approx(14, abs=1e-4), None)  # fmt: skip
    mean = BuildingHeights("mean").run(study([moved], SLOPE), SILENT)
    assert mean.sheets[0].rows[0][6] == pytest.approx(10.5, abs=1e-4)
    assert found.values[0].numbers == pytest.approx([8.5, 14], abs=1e-3)


def test_without_terrain_heights_are_those_above_the_own_base() -> None:
    found = BuildingHeights().run(study([box(0, 0, 7, 9, 9, 19)]), SILENT)
    assert found.figures["highest"] == 12
    assert "own_base" in found.notes


def test_flat_objects_and_none_at_all_are_said() -> None:
    found = BuildingHeights().run(study([flat(0, 9, 3.0)]), SILENT)
    assert "flat_objects" in found.notes
    assert BuildingHeights().run(study([]), SILENT).notes == ("no_bodies",)
    assert FloorArea().run(study([]), SILENT).notes == ("no_bodies",)


def test_volume_is_exact_for_a_closed_body_and_estimated_for_an_open_one() -> None:
    found = FloorArea().run(
        study([box(0, 0, 0, 10, 8, 12), gabled() + np.array([50.0, 0, 0])]), SILENT
    )
    block, house = found.sheets[0].rows
    assert block[3:] == (
        pytest.approx(80),
        12,
        4,
        "height",
        pytest.approx(320),
        pytest.approx(960),
        "body",
    )
    assert house[3:] == (pytest.approx(80), 9, 3, "height", pytest.approx(240), pytest.approx(720),
                         "estimate")  # fmt: skip
    assert set(found.notes) == {"storeys_estimated", "volume_estimated"}


def test_storeys_of_the_file_come_first() -> None:
    city = study([box(0, 0, 0, 10, 8, 12), box(20, 0, 0, 30, 8, 12)])
    told = with_column(city, "storeysAboveGround", np.array([3, np.nan]))
    rows = FloorArea().run(told, SILENT).sheets[0].rows
    assert [row[5:8] for row in rows] == [(3, "attribute", 240), (4, "height", 320)]
    words = with_column(city, "楼层数", texts(["5", "many"]))
    assert [row[5] for row in FloorArea().run(words, SILENT).sheets[0].rows] == [5, 4]


def test_sums_by_zone() -> None:
    city = study([box(0, 0, 0, 10, 8, 12), box(20, 0, 0, 30, 8, 3), box(90, 0, 0, 99, 9, 3)])
    x, y = float(ORIGIN[0]), float(ORIGIN[1])
    west = f"POLYGON(({x - 9} {y - 9},{x + 26} {y - 9},{x + 26} {y + 50},{x - 9} {y + 50},{x - 9} {y - 9}))"
    found = FloorArea(areas=(("west", west),)).run(city, SILENT)
    assert found.sheets[0].name == "zones"
    assert [row[:2] for row in found.sheets[0].rows] == [("west", 2), (None, 1)]
    assert found.sheets[0].rows[0][3] == pytest.approx(320 + 80)
    for wrong in ("POLYGON((", "POLYGON((0 0,1 1,2 2,0 0))"):
        with pytest.raises(UsageError):
            FloorArea(areas=(("west", wrong),)).run(city, SILENT)


def test_zones_come_from_a_file(tmp_path: Path) -> None:
    x, y = float(ORIGIN[0]), float(ORIGIN[1])
    ring = [[x - 9, y - 9], [x + 50, y - 9], [x + 50, y + 50], [x - 9, y + 50], [x - 9, y - 9]]
    file = tmp_path / "zones.geojson"
    text = (
        '{"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": '
        '"urn:ogc:def:crs:EPSG::28992"}}, "features": [{"type": "Feature", "properties": {"name": '
        f'"Old town"}}, "geometry": {{"type": "Polygon", "coordinates": [{ring}]}}}}]}}'
    )
    file.write_text(text)
    found = FloorArea(zones=str(file)).run(study([box(0, 0, 0, 10, 8, 12)]), SILENT)
    assert found.sheets[0].rows[0][:2] == ("Old town", 1)


def test_water_over_a_slope() -> None:
    city = study([box(-100, 0, -11, -90, 9, 3), box(50, 0, 4, 60, 9, 12)], SLOPE)
    area = (at(-100, -50, 0), at(100, -50, 0), at(100, 50, 0), at(-100, 50, 0))
    found = FloodLevel(2.0, area, grid=1).run(city, SILENT)
    # wet up to x = 20: 120 m by 100 m, deepest 12 m at the western edge, on average 6 m
    assert found.figures["area_wet"] == pytest.approx(12_000)
    assert found.figures["volume_water"] == pytest.approx(72_000, rel=1e-4)
    assert found.figures["deepest"] == pytest.approx(12, abs=0.06)
    assert [(row[0], round(row[4], 3)) for row in found.sheets[0].rows] == [("b0", 12)]


def test_water_stays_behind_a_dyke_where_it_must_come_from_somewhere() -> None:
    river, polder = flat(-50, 0), flat(10, 60)
    river[:, :, 0] -= 0
    dyke = np.array([[[0, -50, 0], [5, -50, 9], [0, 60, 0]], [[5, -50, 9], [5, 60, 9], [0, 60, 0]],
                     [[5, -50, 9], [10, -50, 0], [5, 60, 9]], [[10, -50, 0], [10, 60, 0], [5, 60, 9]]], np.float64)  # fmt: skip
    city = study([box(20, 20, 0, 30, 30, 9)], np.concatenate([river, dyke, polder]))
    area = (at(-50, 10, 0), at(60, 10, 0), at(60, 50, 0), at(-50, 50, 0))
    dry = FloodLevel(2.0, area, (at(-20, 20, 0),), 2).run(city, SILENT)
    assert dry.figures["objects_wet"] == 0
    assert FloodLevel(2.0, area, (), 2).run(city, SILENT).figures["objects_wet"] == 1
    with pytest.raises(UsageError):
        FloodLevel(2.0, area, (at(999, 0, 0),), 2).run(city, SILENT)


def test_flood_without_terrain_tells_depths_at_bases_alone() -> None:
    found = FloodLevel(5.0).run(study([box(0, 0, 3, 9, 9, 9), box(20, 0, 7, 29, 9, 9)]), SILENT)
    assert found.figures == {
        "objects": 2, "objects_wet": 1, "buildings": 2, "buildings_wet": 1, "deepest_object": 2,
    }  # fmt: skip
    assert {"own_base", "no_terrain_water"} <= set(found.notes)


def test_cut_and_fill_to_a_level() -> None:
    area = (at(-100, -50, 0), at(100, -50, 0), at(100, 50, 0), at(-100, 50, 0))
    found = CutFill(area, level=0.0).run(study([], SLOPE), SILENT)
    # triangles of 100 m by 10 m, 100 m deep, to both sides
    assert found.figures["cut"] == pytest.approx(50_000, rel=1e-4)
    assert found.figures["fill"] == pytest.approx(50_000, rel=1e-4)
    assert found.figures["balance"] == pytest.approx(0, abs=1)


def test_cut_and_fill_of_a_slanted_polygon_between_two_grounds() -> None:
    city = study([flat(-99, 99, 3.0)], flat(-99, 99, 1.0))
    area = (at(0, 0, 0), at(30, 10, 0), at(0, 20, 0))
    found = CutFill(area, after="city").run(city, SILENT)
    assert found.figures["fill"] == pytest.approx(300 * 2)
    assert found.figures["cut"] == 0
    back = CutFill(area, before="city", after="ground").run(city, SILENT)
    assert back.figures["cut"] == pytest.approx(600)


def test_ground_that_is_not_there_is_said() -> None:
    area = (at(0, 0, 0), at(30, 0, 0), at(0, 20, 0))
    half = CutFill((at(90, 0, 0), at(110, 0, 0), at(110, 20, 0), at(90, 20, 0))).run(
        study([], flat(-99, 100)), SILENT
    )
    assert half.figures["area_unknown"] == pytest.approx(200)
    for asked in (CutFill(area), CutFill(area, before="gone"), CutFill(())):
        with pytest.raises(UsageError):
            asked.run(study([]), SILENT)


def house_of_elements() -> Study:
    """A building model of 10 m by 8 m and 6 m: two slabs and a roof, two storeys with rooms, one without."""
    slabs = [box(0, 0, z, 10, 8, z + 0.5) for z in (0, 3, 5.5)]
    city = study(slabs)
    kinds = ("IfcBuilding", "IfcBuildingStorey", "IfcSpace", "IfcSlab")
    kind = np.array([0, 1, 1, 1, 2, 2, 3, 3, 3], np.uint16)
    parent = np.array([-1, 0, 0, 0, 1, 2, 1, 2, 3], np.int32)
    n = len(kind)
    table = FeatureTable(texts([f"g{x}" for x in range(n)]), kind, kinds, parent, np.zeros((n, 6)))
    table = table.with_column("Storey", texts(["Level 1"] * n))
    told = replace(Assessment.unknown(n), unit=np.zeros(n, np.int32))
    first = replace(city.layers[0], features=table, assessment=told, there=np.ones(n, np.bool_))
    bodies = replace(city.bodies, row=(city.bodies.row + 6).astype(np.int32))
    return replace(city, layers=(first, *city.layers[1:]), bodies=bodies)


def test_the_walls_and_slabs_of_a_building_model_are_no_volume_of_the_building() -> None:
    figures = Heights().run(house_of_elements(), SILENT).figures
    assert (figures["volume"], figures["open"]) == (0.0, 1.0)
    row = FloorArea().run(house_of_elements(), SILENT).sheets[0].rows[0]
    assert row[3:] == (
        pytest.approx(80), 6, 2, "attribute", pytest.approx(160), pytest.approx(480), "estimate",
    )  # fmt: skip


def test_what_is_no_building_is_counted_as_what_it_is() -> None:
    city = study([box(0, 0, 0, 9, 9, 9), box(20, 0, 0, 29, 9, 9)])
    layer = city.layers[0]
    table = replace(layer.features, kinds=("Bridge",))
    bridges = replace(layer, id="c", title="C", features=table)
    bodies = city.bodies
    only = replace(city, layers=(bridges,))
    found = FloodLevel(5.0).run(only, SILENT)  # a layer without buildings: all that stands
    assert (found.figures["objects_wet"], "buildings" in found.figures) == (2, False)
    assert [row[1] for row in found.sheets[0].rows] == ["Bridge", "Bridge"]
    kinds = replace(table, kinds=("Bridge", "Building"))
    mixed = replace(only, layers=(replace(bridges, features=kinds),), bodies=bodies)
    codes = np.array([0, 1], kinds.kind.dtype)
    mixed = replace(only, layers=(replace(bridges, features=replace(kinds, kind=codes)),))
    found = FloodLevel(5.0).run(mixed, SILENT)
    assert (found.figures["objects"], found.figures["buildings"]) == (1, 1)
    drawn = mixed.bodies.only(mixed.bodies.row == 0)  # its building is drawn by another layer
    assert FloodLevel(5.0).run(replace(mixed, bodies=drawn), SILENT).figures["objects"] == 0
