"""GCJ-02: the known pairs, the way back, and nothing outside of its rectangle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.georeference.gcj02 import from_gcj02, to_gcj02
from twin.imagery import datum_of, with_datum

PAIRS = (  # the tests of eviltransform: WGS 84, GCJ-02
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
)
METRES = 111_320.0


@pytest.mark.parametrize(("true", "shifted"), PAIRS)
def test_places_lie_where_others_have_them(
    true: tuple[float, float], shifted: tuple[float, float]
) -> None:
    assert np.abs(to_gcj02(np.array(true)) - shifted).max() < 1e-12
    assert np.abs(from_gcj02(np.array(shifted)) - true).max() * METRES < 1e-3


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.floats(73.5, 135), st.floats(18, 53.6)), min_size=1, max_size=30))
def test_there_and_back_is_the_same_place(places: list[tuple[float, float]]) -> None:
    true = np.array(places)
    shifted = to_gcj02(true)
    assert (np.abs(shifted - true).max(axis=1) > 1e-6).all()
    assert np.abs(from_gcj02(shifted) - true).max() * METRES < 1e-3  # half a metre is asked for


@settings(max_examples=40, deadline=None)
@given(st.floats(-180, 180), st.floats(-90, 90))
def test_elsewhere_nothing_moves(lon: float, lat: float) -> None:
    if 72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271:
        lon = -lon
    place = np.array([lon, lat])
    assert to_gcj02(place).tolist() == place.tolist()
    assert from_gcj02(place).tolist() == place.tolist()


@given(st.sampled_from(["a.tif", "https://h/{z}/{x}/{y}.png", "caps.xml#ortho", "/x/y"]))
def test_an_address_says_its_datum_and_gives_it_back(address: str) -> None:
    marked = with_datum(address, "gcj02")
    assert datum_of(marked) == (address, "gcj02")
    assert with_datum(marked, "") == with_datum(address, "") == address
    assert with_datum(marked, "gcj02") == marked
    assert datum_of(address) == (address, "")
