"""Coordinate systems found by name, those of the place first."""

import pytest

from twin.georeference.registry import search

DELFT, BEIJING, BERLIN = (4.36, 52.01), (116.39, 39.91), (13.4, 52.5)


@pytest.mark.parametrize(
    ("words", "place", "code"),
    [
        ("RD New", DELFT, "EPSG:28992"), ("rd new", None, "EPSG:28992"), ("Amersfoort", DELFT, "EPSG:28992"),
        ("UTM 33N", BERLIN, "EPSG:25833"), ("utm zone 33n wgs 84", None, "EPSG:32633"), ("CGCS2000", BEIJING, "EPSG:4548"),
        ("国家2000 高斯 117", BEIJING, "EPSG:4548"), ("28992", None, "EPSG:28992"), ("wgs 84 pseudo-mercator", DELFT, "EPSG:3857"),
        ("ETRS89 Germany UTM 32", (8.0, 50.0), "EPSG:25832"),
    ],
)  # fmt: skip
def test_what_is_meant_is_among_the_first(
    words: str, place: tuple[float, float] | None, code: str
) -> None:
    assert code in [item.code for item in search(words, place)[:8]]


def test_systems_of_the_place_stand_first_and_say_their_unit_and_area() -> None:
    found = search("UTM 33N", BERLIN)
    here = [item.covers(BERLIN) for item in found]
    assert here == sorted(here, reverse=True)
    assert here[0]
    (rd,) = [item for item in search("rd new", DELFT) if item.code == "EPSG:28992"]
    assert rd.unit == "metre"
    assert "Netherlands" in rd.area_name
    assert search("  ", DELFT) == search("no such system at all", None) == []
    assert len(search("e" * 100_000, None)) == 0
