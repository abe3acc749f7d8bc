"""How fast a point cloud comes: opened with the tree made for it, and its first picture's tiles, against laspy's bare reading."""

from pathlib import Path
from time import perf_counter

import laspy
import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from loaders.pointcloud import LOADER, clouds
from tests.loaders.cloud_files import town
from twin.geometry import point_count
from twin.ports import SILENT, Content, Options

pytestmark = pytest.mark.bench
COUNT = 10_000_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town of ten million points in strips as a plane measures them, LAZ, about 100 MB."""
    path = tmp_path_factory.mktemp("cloud") / "large.laz"
    header = laspy.LasHeader(version="1.4", point_format=6)
    header.scales, header.offsets = [0.01] * 3, [84_000.0, 447_500.0, 0.0]
    with laspy.open(str(path), mode="w", header=header) as out:
        for strip in range(20):
            places, kind = town(COUNT // 20, strip, 1000.0)
            places[:, 1] = 447_500 + 50 * strip + (places[:, 1] - 447_500) / 20
            points = laspy.ScaleAwarePointRecord.zeros(len(kind), header=header)
            points.x, points.y, points.z = places[np.argsort(places[:, 0])].T
            points.classification = kind[np.argsort(places[:, 0])]
            out.write_points(points)
    return path


def _bare(path: Path) -> float:
    start = perf_counter()
    with laspy.open(str(path)) as cloud:
        count = sum(len(points) for points in cloud.chunk_iterator(1_000_000))
    assert count == COUNT
    return perf_counter() - start


def _first(path: Path, cache: Path) -> int:
    """Open as a worker does, and fetch what a first picture of the whole shows; return its points."""
    clouds.forget()
    source = LOADER.source(str(path), Options(cache=str(cache)))
    found = source.open(SILENT)
    total = 0
    for tile in range(min(85, len(found.tree))):
        content = source.fetch(tile, None, SILENT)
        if isinstance(content, Content):
            total += point_count(content.drawables)
    return total


def test_bench_opening_a_large_cloud(
    benchmark: BenchmarkFixture, large: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bare = min(_bare(large) for _ in range(2))
    folders = iter(tmp_path_factory.mktemp(f"cache{n}") for n in range(99))
    points = benchmark.pedantic(lambda: _first(large, next(folders)), rounds=2)  # type: ignore[no-untyped-call]
    assert points > 300_000
    if benchmark.stats is not None:
        ratio = float(benchmark.stats.stats.min) / bare
        benchmark.extra_info["times laspy's bare reading"] = round(ratio, 2)
        assert ratio <= 2.5


def test_bench_opening_it_again(
    benchmark: BenchmarkFixture, large: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache = tmp_path_factory.mktemp("kept")
    _first(large, cache)
    bare = _bare(large)
    benchmark(_first, large, cache)
    if benchmark.stats is not None:
        ratio = float(benchmark.stats.stats.min) / bare
        benchmark.extra_info["times laspy's bare reading"] = round(ratio, 3)
        assert ratio <= 0.5
