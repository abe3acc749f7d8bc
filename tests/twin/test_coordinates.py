import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.errors import UsageError
from twin.georeference import ProjectFrame
from twin.georeference.coordinates import notations, placed, read_coordinates

RD = ProjectFrame.of("EPSG:28992", "EPSG:5709")
AMERSFOORT = (155_000.0, 463_000.0)
"""The middle of the Dutch grid: 52°09'18.6" N, 5°23'14.1" E on WGS 84 (Kadaster, about)."""


@pytest.mark.parametrize(
    ("text", "x", "y", "degrees"),
    [
        ("52.0116, 4.3571", 4.3571, 52.0116, True), ("52.0116 4.3571", 4.3571, 52.0116, True),
        ("52,0116; 4,3571", 4.3571, 52.0116, True), ("84731 447512", 84731, 447512, False),
        ("84731.5, 447512.25", 84731.5, 447512.25, False), ("geo:52.0116,4.3571", 4.3571, 52.0116, True),
        ("POINT(84731 447512)", 84731, 447512, False), ("EPSG:28992;POINT(84731 447512)", 84731, 447512, False),
        ("52°00'41.76\"N 4°21'25.56\"E", 4.3571, 52.0116, True),
        ("4°21'25.56\"E 52°00'41.76\"N", 4.3571, 52.0116, True),
        ("33°51′S 151°12′E", 151.2, -33.85, True), ("E84731 N447512", 84731, 447512, False),
    ],
)  # fmt: skip
def test_what_people_type_is_read(text: str, x: float, y: float, degrees: bool) -> None:
    found = read_coordinates(text)
    assert (found.x, found.y) == pytest.approx((x, y), abs=1e-9)
    assert found.degrees is degrees


@pytest.mark.parametrize(
    "text",
    ["", "Delft", "1", "1 2 3 4", "52°N", "91° 0'N 4°E", "52°61'N 4°E", "nan nan", "9" * 500],
)
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read_coordinates(text)


def test_a_known_place_in_two_systems() -> None:
    place = placed(read_coordinates("52°09'18.62\"N 5°23'14.31\"E"), RD)
    assert place[:2] == pytest.approx(AMERSFOORT, abs=20)
    assert np.isnan(place[2])


@settings(max_examples=20)
@given(st.floats(10_000, 270_000), st.floats(320_000, 600_000))
def test_what_is_written_is_read_again(x: float, y: float) -> None:
    place = np.array([x, y, 3.0])
    told = notations(place, RD, "EPSG:25831")
    for code, near in (
        ("project", 1e-3),
        ("degrees", 0.02),
        ("dms", 0.4),
        ("geo", 0.02),
        ("wkt", 1e-3),
    ):
        found = placed(read_coordinates(told[code]), RD)
        assert np.abs(found[:2] - place[:2]).max() < near
    other = placed(read_coordinates("EPSG:25831;" + told["other"].partition(" ")[2]), RD)
    assert np.abs(other[:2] - place[:2]).max() < 0.02


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(UsageError):
        read_coordinates(text)
