"""Where an IFC model stands: every route, and the doubts that are told."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loaders.ifc import LOADER
from tests.loaders.ifc_files import Building
from twin.messages import catalogue
from twin.ports import SILENT, Opened, Options

BOSTON = ((42, 21, 31, 181945), (-71, -3, -24, -263305))
SAN_FRANCISCO = ((37, 47, 42, 0), (-122, -23, -38, -400000))
DELFT = ((52, 0, 36, 0), (4, 21, 0, 0))


def opened(made: Building, folder: Path) -> Opened:
    return LOADER.source(made.write(folder), Options()).open(SILENT)


def codes(found: Opened) -> list[str]:
    return [problem.code for problem in found.problems]


def system(made: Building, name: str = "EPSG:28992", unit: Any = None) -> Any:
    return made.file.create_entity("IfcProjectedCRS", name, None, None, "NAP", None, None, unit)


def convert(made: Building, crs: Any, numbers: tuple[float, ...], scale: float | None) -> None:
    made.file.create_entity("IfcMapConversion", made.context, crs, *numbers, scale)


def moved(found: Opened, point: tuple[float, float, float]) -> list[float]:
    assert found.frame is not None
    return list((found.frame @ np.array([*point, 1.0]))[:3])


def test_a_map_conversion_turns_and_moves_the_model(tmp_path: Path) -> None:
    made = Building()
    convert(made, system(made), (85000.0, 447000.0, 2.0, 0.0, 1.0), 1.0)
    found = opened(made, tmp_path)
    assert (found.about.crs, found.about.vertical) == ("EPSG:28992", "NAP")
    assert moved(found, (10.0, 0.0, 1.0)) == pytest.approx([85000.0, 447010.0, 3.0])
    assert not codes(found)


def test_the_scale_of_a_model_in_millimetres_is_a_unit_factor(tmp_path: Path) -> None:
    made = Building(unit="mm")
    metre = made.file.create_entity("IfcSIUnit", None, "LENGTHUNIT", None, "METRE")
    convert(made, system(made, unit=metre), (85000.0, 447000.0, 0.0, 1.0, 0.0), 0.001)
    found = opened(made, tmp_path)
    assert moved(found, (10.0, 0.0, 0.0)) == pytest.approx([85010.0, 447000.0, 0.0])
    assert not codes(found)


@pytest.mark.parametrize(
    ("east", "scale", "told"),
    [
        (85000.0, None, ["ifc.map_unit", "ifc.scale_missing"]),
        (85000000.0, None, ["ifc.eastings_mm"]),
        (85000.0, 1.0, ["ifc.map_unit", "ifc.scale_units"]),
        (85000.0, 25.4, ["ifc.map_unit", "ifc.scale_odd"]),
    ],
)
def test_millimetres_without_map_unit_are_judged_by_size(
    east: float, scale: float | None, told: list[str], tmp_path: Path
) -> None:
    made = Building(unit="mm")
    north = 447000.0 * east / 85000.0
    convert(made, system(made), (east, north, 0.0, 1.0, 0.0), scale)
    found = opened(made, tmp_path)
    assert moved(found, (10.0, 0.0, 0.0)) == pytest.approx([85010.0, 447000.0, 0.0])
    assert codes(found) == told


def test_eastings_in_millimetres_under_a_map_in_metres_are_told(tmp_path: Path) -> None:
    made = Building()
    metre = made.file.create_entity("IfcSIUnit", None, "LENGTHUNIT", None, "METRE")
    convert(made, system(made, unit=metre), (85000000.0, 447000000.0, 0.0, 1.0, 0.0), 1.0)
    found = opened(made, tmp_path)
    assert "ifc.eastings_mm" in codes(found)
    assert found.frame is not None
    assert found.frame[:2, 3] == pytest.approx([85000.0, 447000.0])


def test_a_system_in_feet_gets_feet(tmp_path: Path) -> None:
    made = Building()
    convert(made, system(made, "EPSG:2240"), (609600.0, 304800.0, 10.0, 1.0, 0.0), 1.0)
    found = opened(made, tmp_path)
    foot = 1200 / 3937
    expected = [609600.0 / foot + 10.0 / foot, 304800.0 / foot, 10.0]
    assert moved(found, (10.0, 0.0, 0.0)) == pytest.approx(expected)


def test_a_rigid_operation_only_moves(tmp_path: Path) -> None:
    made = Building("IFC4X3_ADD2")
    length = [made.file.create_entity("IfcLengthMeasure", v) for v in (85000.0, 447000.0)]
    made.file.create_entity("IfcRigidOperation", made.context, system(made), *length, 5.0)
    found = opened(made, tmp_path)
    assert moved(found, (1.0, 2.0, 3.0)) == pytest.approx([85001.0, 447002.0, 8.0])


def test_a_rigid_operation_in_degrees_is_not_used(tmp_path: Path) -> None:
    made = Building("IFC4X3_ADD2")
    angles = [made.file.create_entity("IfcPlaneAngleMeasure", v) for v in (52.0, 4.0)]
    made.file.create_entity("IfcRigidOperation", made.context, system(made), *angles, 5.0)
    found = opened(made, tmp_path)
    assert found.frame is None
    assert codes(found) == ["ifc.angles"]


def test_property_sets_place_an_old_model(tmp_path: Path) -> None:
    made = Building("IFC2X3")
    made.describe([made.site], "ePSet_ProjectedCRS", {"Name": "EPSG:28992"})
    made.describe(
        [made.site],
        "ePSet_MapConversion",
        {"Eastings": 85000.0, "Northings": 447000.0, "OrthogonalHeight": 1.0, "Scale": 1.0},
    )
    found = opened(made, tmp_path)
    assert found.about.crs == "EPSG:28992"
    assert found.about.fields["georeference"] == "ePset_MapConversion"
    assert moved(found, (0.0, 0.0, 0.0)) == pytest.approx([85000.0, 447000.0, 1.0])


def test_a_site_with_latitude_and_longitude_is_placed_roughly(tmp_path: Path) -> None:
    made = Building()
    made.site.RefLatitude, made.site.RefLongitude = DELFT
    made.site.RefElevation = 3.0
    made.site.ObjectPlacement = made.placement(100.0, 0.0, 0.0)
    found = opened(made, tmp_path)
    assert found.about.crs == "EPSG:32631"
    assert codes(found) == ["ifc.site_only"]
    assert moved(found, (100.0, 0.0, 0.0)) == pytest.approx([592671.0, 5763005.0, 3.0], abs=50.0)
    assert float(found.about.fields["latitude"]) == pytest.approx(52.01)


def test_true_north_turns_a_model_placed_by_its_site(tmp_path: Path) -> None:
    made = Building()
    made.site.RefLatitude, made.site.RefLongitude = DELFT
    made.context.TrueNorth = made.file.create_entity("IfcDirection", (-1.0, 0.0))
    found = opened(made, tmp_path)
    north = np.array(moved(found, (-100.0, 0.0, 0.0))) - moved(found, (0.0, 0.0, 0.0))
    assert north == pytest.approx([0.0, 100.0, 0.0], abs=3.0)


@pytest.mark.parametrize("place", [BOSTON, SAN_FRANCISCO, ((0, 0, 0), (0, 0, 0))])
def test_a_programs_default_place_is_not_believed(place: Any, tmp_path: Path) -> None:
    made = Building()
    made.site.RefLatitude, made.site.RefLongitude = place
    found = opened(made, tmp_path)
    assert (found.about.crs, found.frame) == ("", None)
    assert codes(found) == ["ifc.site_default"]


def test_a_site_far_from_the_map_conversion_is_told(tmp_path: Path) -> None:
    made = Building()
    convert(made, system(made), (85000.0, 447000.0, 2.0, 1.0, 0.0), 1.0)
    made.site.RefLatitude, made.site.RefLongitude = (41, 52, 27, 840000), (-87, -38, -21, 0)
    found = opened(made, tmp_path)
    assert codes(found) == ["ifc.site_conflict"]
    assert found.about.crs == "EPSG:28992"


def test_conversions_that_differ_are_told(tmp_path: Path) -> None:
    made = Building()
    convert(made, system(made), (85000.0, 447000.0, 2.0, 1.0, 0.0), 1.0)
    made.describe([made.site], "ePSet_MapConversion", {"Eastings": 1.0, "TargetCRS": "EPSG:28992"})
    assert codes(opened(made, tmp_path)) == ["ifc.routes_differ"]


@pytest.mark.parametrize(
    ("name", "told"), [("", "ifc.crs_missing"), ("EPSG:12invalid", "ifc.crs_unknown")]
)
def test_a_conversion_without_a_usable_system_is_told(
    name: str, told: str, tmp_path: Path
) -> None:
    made = Building()
    convert(made, system(made, name), (85000.0, 447000.0, 2.0, 1.0, 0.0), 1.0)
    found = opened(made, tmp_path)
    assert codes(found) == [told]
    assert moved(found, (0.0, 0.0, 0.0)) == pytest.approx([85000.0, 447000.0, 2.0])


def test_a_model_that_says_nothing_stays_where_it_is(tmp_path: Path) -> None:
    found = opened(Building(), tmp_path)
    assert (found.about.crs, found.about.vertical, found.frame) == ("", "", None)
    assert not found.problems


def test_every_problem_stands_in_both_languages() -> None:
    english = {key for key in catalogue("en").texts if key.startswith("problem.ifc.")}
    assert english
    assert all(catalogue("zh").has(key) for key in english)
