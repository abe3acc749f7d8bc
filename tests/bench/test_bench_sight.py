"""Viewshed of a million rays among 10,000 buildings, beside the bare caster with rays as long.

The floor is Embree alone: as many rays between the same places, built tree and prepared arrays.
"""

from collections.abc import Callable
from functools import partial
from time import perf_counter

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.twin.analyses.scenes import ORIGIN, at, box, flat, study
from twin.analyses.findings import Findings
from twin.analyses.rays import Caster
from twin.analyses.sky import SkyView
from twin.analyses.study import Study
from twin.analyses.viewshed import Viewshed
from twin.jobs import SILENT

pytestmark = pytest.mark.bench
RAYS = 1_000_000
CAP = 1_150_000
"""The most rays that are asked for: samples are spread so that fewer are cast."""
MOST_S = 20.0
SIDE, PITCH = 100, 25.0
"""Buildings along one side of the city, metres between their corners."""


@pytest.fixture(scope="module")
def city() -> Study:
    """Return 10,000 boxes of 12 m by 16 m and 6 to 40 m high on a level ground."""
    random = np.random.default_rng(5)
    half = SIDE * PITCH / 2
    places = [(x * PITCH - half, y * PITCH - half) for x in range(SIDE) for y in range(SIDE)]
    heights = random.uniform(6, 40, len(places))
    boxes = [box(x, y, 0, x + 12, y + 16, h) for (x, y), h in zip(places, heights, strict=True)]
    return study(boxes, flat(-half - 99, half + 99))


def floor_seconds(city: Study, count: int) -> float:
    """Return how long the bare caster takes for rays from one eye over the roofs to the whole city."""
    random = np.random.default_rng(6)
    caster = Caster(city.bodies)
    eye = np.array(at(0, 0, 60))
    places = ORIGIN + random.uniform([-1250, -1250, 0], [1250, 1250, 40], (count, 3))
    eyes = np.tile(eye, (count, 1))
    ways = places - eyes
    caster.hits(eyes[:1], ways[:1])
    start = perf_counter()
    caster.hits(eyes, ways, np.linalg.norm(ways, axis=1))
    return perf_counter() - start


def seconds(work: Callable[[], Findings]) -> tuple[float, Findings]:
    """Return how long work takes, and what it found."""
    start = perf_counter()
    found = work()
    return perf_counter() - start, found


def test_viewshed_of_a_million_rays(benchmark: BenchmarkFixture, city: Study) -> None:
    asked = Viewshed((at(0, 0, 0),), eye_height=60, radius=1_240, spacing=2.5, grid=2.5, rays=CAP)
    work = partial(asked.run, city, SILENT)
    took, found = benchmark.pedantic(seconds, (work,), rounds=1)  # type: ignore[no-untyped-call]
    rays = int(found.figures["rays"])
    floor = floor_seconds(city, rays)
    benchmark.extra_info |= {
        "rays": rays,
        "seconds": took,
        "floor_s": floor,
        "ratio": took / floor,
    }
    print(f"\nviewshed {took:.2f} s, {rays} rays alone {floor:.2f} s, ratio {took / floor:.1f}")
    assert rays >= RAYS
    assert took <= MOST_S


def test_sky_of_five_hundred_points(benchmark: BenchmarkFixture, city: Study) -> None:
    points = tuple(at(x * 40 - 480, y * 40 - 400, 0) for x in range(25) for y in range(20))
    work = partial(SkyView(points, rays=2_000).run, city, SILENT)
    took, _ = benchmark.pedantic(seconds, (work,), rounds=1)  # type: ignore[no-untyped-call]
    floor = floor_seconds(city, RAYS)
    benchmark.extra_info |= {"seconds": took, "floor_s": floor, "ratio": took / floor}
    print(f"\nsky view {took:.2f} s, {RAYS} rays alone {floor:.2f} s, ratio {took / floor:.1f}")
