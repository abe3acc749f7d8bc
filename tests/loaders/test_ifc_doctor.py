"""The georeference doctor: every wrong place is found, named, measured, and no right one is doubted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loaders.ifc import LOADER
from tests.loaders.ifc_files import Building
from tests.loaders.test_ifc_georeference import codes, convert, opened, system
from twin import cache
from twin.georeference import open_in, site_frame
from twin.ports import SILENT, Options

RULES = "malformed/buildingSMART_ifc-gherkin-rules/GRF"
EXPECTED = {
    "grf001-ifcmapconversion_ifcmapconversion_non_identical": "ifc.contexts_differ",
    "grf001-ifcmapconversion_none": "ifc.context_bare",
    "grf001-ifcmapconversionscaled_ifcmapconversionscaled_non_identical": "ifc.contexts_differ",
    "grf001-ifcrigidoperation_ifcrigidoperation_non_identical": "ifc.contexts_differ",
    "grf001-none_ifcmapconversion": "ifc.context_bare",
    "grf002-invalid_epsg_code": "ifc.crs_unknown",
    "grf002-invalid_epsg_code_invalid_string": "ifc.crs_bare_code",
    "grf002-no_espg_code": "ifc.crs_missing",
    "grf003-scenario01-building_without_georeferencing": "ifc.site_only",
    "grf003-scenario02-facility_without_georeferencing": "crs.missing",
    "grf004-invalid_epsg_code": "ifc.crs_unknown",
    "grf004-invalid_epsg_code_ifc4": "ifc.crs_unknown",
    "grf004-invalid_epsg_code_non_numerical": "ifc.crs_unknown",
    "grf004-invalid_geodetic_datum": "ifc.datum_unknown",
    "grf004-invalid_vertical_datum": "ifc.vertical_unknown",
    "grf006-absent_epsg_and_wkt": "ifc.crs_by_name",
    "grf006-valid_wkt_specification_wrong_name": "ifc.crs_wkt_name",
    "grf006-wkt_in_name_but_no_specification": "ifc.crs_unknown",
    "grf007-invalid_vertical_epsg": "ifc.vertical_unknown",
    "grf007-invalid_vertical_espg_ifc4": "ifc.vertical_unknown",
    "grf008-incorrect_first_coordinate": "ifc.rigid_kind",
    "grf008-incorrect_second_coordinate": "ifc.rigid_kind",
}
"""Each failing file of buildingSMART's rules for georeferencing, and the finding that names its fault."""
HONEST = {
    ("grf006-valid_wkt_specification", "ifc.vertical_unknown"),  # its datum reads 'UTM'
}
"""Findings about passing files that are true though the file's own rule does not ask."""


def rule_files(shared_data: Path, verdict: str) -> list[Path]:
    return sorted((shared_data / RULES).rglob(f"{verdict}-*.ifc"))


def findings(path: Path) -> set[str]:
    found = open_in(LOADER.source(str(path), Options()), Options(), None, SILENT)
    return {problem.code for problem in found.opened.problems}


@pytest.mark.shared
def test_every_failing_rule_file_gives_the_finding_that_names_its_fault(shared_data: Path) -> None:
    files = {path.stem.removeprefix("fail-"): path for path in rule_files(shared_data, "fail")}
    assert set(files) == set(EXPECTED)
    missed = {name for name, code in EXPECTED.items() if code not in findings(files[name])}
    assert not missed


@pytest.mark.shared
def test_no_passing_rule_file_gives_a_finding_of_its_own_rule(shared_data: Path) -> None:
    wrong = set()
    for path in rule_files(shared_data, "pass"):
        stem = path.stem.removeprefix("pass-")
        rule = stem.partition("-")[0]
        own = {code for name, code in EXPECTED.items() if name.startswith(rule)}
        own -= {"ifc.crs_missing"}
        wrong |= {(stem, code) for code in own & findings(path)} - HONEST
    assert not wrong


def wall(made: Building, x: float = 0.0, y: float = 0.0, size: float = 10.0) -> None:
    made.element("IfcWall", "wall", made.body(made.box(size, 1.0, 3.0)), (x, y, 0.0))


def at(made: Building, east: float, north: float, crs: str = "EPSG:28992") -> None:
    metre = made.file.create_entity("IfcSIUnit", None, "LENGTHUNIT", None, "METRE")
    numbers = (east, north, 2.0, 1.0, 0.0)
    convert(made, system(made, crs, metre), numbers, 0.001 if made.unit == "mm" else 1.0)


def exchanged(made: Building) -> None:
    wall(made)
    at(made, 447000.0, 85000.0)


def twice(made: Building) -> None:
    wall(made, 85000.0, 447000.0)
    at(made, 85000.0, 447000.0)


def twice_outside(made: Building) -> None:
    wall(made, 85000.0, 447000.0)
    at(made, 300000.0, 900000.0)


def in_the_world(made: Building) -> None:
    wall(made, 85000.0, 447000.0)


def ten_thousand_km(made: Building) -> None:
    wall(made, 1e7, 0.0)


def strays(made: Building) -> None:
    for number in range(5):
        wall(made, number * 10.0)
    wall(made, 300000.0)
    at(made, 85000.0, 447000.0)


def no_unit(made: Building) -> None:
    made.project.UnitsInContext = None
    wall(made, size=24000.0)


def zero(made: Building) -> None:
    wall(made)
    at(made, 0.0, 0.0)
    made.file.by_type("IfcMapConversion")[0].OrthogonalHeight = 0.0


def degrees(made: Building) -> None:
    wall(made)
    at(made, 4.0, 52.0, "EPSG:4326")


def mercator(made: Building) -> None:
    wall(made)
    at(made, 486000.0, 6800000.0, "EPSG:3857")


def feet_as_metres(made: Building) -> None:
    wall(made)
    at(made, 609600.0, 304800.0, "EPSG:2240")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (exchanged, "ifc.axes_swapped"),
        (twice, "ifc.twice"),
        (twice_outside, "ifc.twice"),
        (in_the_world, "ifc.world_geometry"),
        (ten_thousand_km, "ifc.world_geometry"),
        (strays, "ifc.strays"),
        (no_unit, "ifc.units_mm"),
        (no_unit, "ifc.units_missing"),
        (zero, "ifc.conversion_zero"),
        (degrees, "ifc.crs_degrees"),
        (mercator, "ifc.crs_distorted"),
        (feet_as_metres, "ifc.map_unit_differs"),
    ],
)
def test_a_wrong_place_is_named(
    make: Callable[[Building], None], told: str, tmp_path: Path
) -> None:
    made = Building()
    make(made)
    assert told in codes(opened(made, tmp_path))


def test_a_right_place_is_not_doubted(tmp_path: Path) -> None:
    made = Building(unit="mm")
    wall(made, 1000.0, 2000.0, 30000.0)
    at(made, 85000.0, 447000.0)
    place_site(made, 52.00695, 4.36768)
    found = opened(made, tmp_path)
    assert codes(found) == []
    assert [(route.name, route.state) for route in found.about.routes] == [
        ("IfcMapConversion", "used"),
        ("IfcSite", "agrees"),
    ]
    assert found.about.extent == pytest.approx((1.0, 2.0, 0.0, 31.0, 2.001, 0.003))


def place_site(made: Building, lat: float, lon: float, elevation: float = 0.0) -> None:
    made.site.RefLatitude, made.site.RefLongitude = angle(lat), angle(lon)
    made.site.RefElevation = elevation


def angle(degrees: float) -> tuple[int, int, int, int]:
    whole = round(degrees * 3600e6)
    seconds, parts = divmod(whole, 1_000_000)
    return seconds // 3600, seconds // 60 % 60, seconds % 60, parts


def test_a_site_a_kilometre_away_is_told_with_its_distance(tmp_path: Path) -> None:
    made = Building()
    wall(made)
    at(made, 85000.0, 447000.0)
    place_site(made, 52.01594, 4.36768)
    found = opened(made, tmp_path)
    told = next(p for p in found.problems if p.code == "ifc.site_conflict")
    assert told.params["off"] in {"1000 m", "999 m", "1001 m"}
    assert found.about.routes[1].state == "differs"
    assert found.about.routes[1].off == pytest.approx(1000.0, abs=2.0)


@pytest.mark.parametrize(
    ("elevation", "told"), [(45.3, "elevation_geoid"), (9.0, "elevation_differs")]
)
def test_a_height_that_differs_by_the_geoid_is_called_that(
    elevation: float, told: str, tmp_path: Path
) -> None:
    made = Building()
    wall(made)
    at(made, 85000.0, 447000.0)
    place_site(made, 52.00695, 4.36768, elevation)
    assert codes(opened(made, tmp_path)) == [f"ifc.{told}"]


@pytest.mark.parametrize(
    ("said", "told"), [(30.0, []), (-30.0, ["ifc.rotation_sign"]), (75.0, ["ifc.north_differs"])]
)
def test_a_rotation_against_true_north_is_told(
    said: float, told: list[str], tmp_path: Path
) -> None:
    made = Building()
    wall(made)
    _, frame = site_frame(52.00695, 4.36768, 0.0, -30.0, "EPSG:28992")
    expected = np.degrees(np.arctan2(frame[1, 0], frame[0, 0]))
    turn = np.radians(said if abs(said) != 30.0 else np.sign(said) * expected)
    numbers = (85000.0, 447000.0, 2.0, float(np.cos(turn)), float(np.sin(turn)))
    convert(made, system(made), numbers, 1.0)
    place_site(made, 52.00695, 4.36768)
    north = (float(np.sin(np.radians(30.0))), float(np.cos(np.radians(30.0))))
    made.context.TrueNorth = made.file.create_entity("IfcDirection", north)
    assert codes(opened(made, tmp_path)) == told


def test_routes_survive_the_tile_cache(tmp_path: Path) -> None:
    made = Building()
    wall(made, 85000.0, 447000.0)
    at(made, 85000.0, 447000.0)
    about = opened(made, tmp_path).about
    cache.save(tmp_path / "about.ctc", about)
    again: Any = cache.load(tmp_path / "about.ctc")
    assert repr(again.routes) == repr(about.routes)
    assert again.extent == about.extent
    assert [route.name for route in again.routes] == ["IfcMapConversion", "geometry"]
