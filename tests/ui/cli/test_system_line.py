"""The line of ``citytwin info`` that names a coordinate system is a line."""

from pyproj import CRS

from ui.cli.info import _system


def test_a_definition_is_told_by_its_number_or_title() -> None:
    wkt = CRS.from_epsg(28992).to_wkt("WKT1_GDAL")
    assert _system(wkt) == "EPSG:28992 Amersfoort / RD New"
    assert _system("") == "none named"
    assert _system("EPSG:4979") == "EPSG:4979"
    assert _system('LOCAL_CS["site grid",UNIT["metre",1]]') == "site grid"
    unnamed = wkt.replace('"Amersfoort / RD New"', '""').replace("155000", "155001")
    assert _system(unnamed) == "a system without a name"
