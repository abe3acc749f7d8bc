"""What units cover, and how much of it areas cover: all at once is what one at a time gives."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from twin.geometry import F64
from twin.maintenance.footings import CORNERS, covered, footprints


def star(random: np.random.Generator, corners: int) -> shapely.Polygon:
    """Return an area round a random place, with dents."""
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    far = random.uniform(5, 60, corners)
    x, y = random.uniform(0, 100, 2)
    return shapely.Polygon(np.column_stack([x + far * np.cos(angle), y + far * np.sin(angle)]))


@given(st.integers(0, 10_000), st.sampled_from([5, CORNERS, 400]))
def test_shares_are_those_of_one_pair_at_a_time(seed: int, corners: int) -> None:
    random = np.random.default_rng(seed)
    areas = np.array([star(random, corners) for _ in range(3)], object)
    low = random.uniform(-50, 150, (40, 2))
    things = footprints(np.hstack([low, low + random.uniform(0, 30, (40, 2))]))
    found = covered(things, areas)
    wanted: F64 = np.array(
        [[shapely.area(shapely.intersection(t, a)) / t.area for a in areas] for t in things]
    )
    got = np.zeros((40, 3))
    got[found.thing, found.area] = found.share
    assert got == pytest.approx(wanted, abs=1e-9)
    assert (found.share > 0).all()


def test_what_has_no_place_is_covered_by_nothing() -> None:
    things = footprints(np.array([[np.nan] * 4, [0, 0, 0, 0]]))
    found = covered(things, np.array([shapely.box(-1, -1, 1, 1)], object))
    assert found.thing.tolist() == [1]
    assert found.share.tolist() == [1.0]
