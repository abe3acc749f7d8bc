"""How fast terrain comes: a large elevation model opened and first shown, against reading all of it."""

from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
import rasterio
from pytest_benchmark.fixture import BenchmarkFixture
from rasterio import Affine

from loaders.terrain import LOADER
from loaders.terrain.raster import forget
from twin.geometry import F64, triangle_count
from twin.ground import Surface
from twin.ports import SILENT, Content, Options

pytestmark = [
    pytest.mark.bench,
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]
SIDE = 6144


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An elevation model of 38 million cells with overviews, deflated, about 110 MB."""
    path = tmp_path_factory.mktemp("dem") / "large.tif"
    rng = np.random.default_rng(5)
    x = np.linspace(0, 60, SIDE, dtype=np.float32)
    heights = 300 * np.sin(x)[None, :] * np.cos(x / 3)[:, None]
    heights += rng.normal(0, 0.2, (SIDE, SIDE)).astype(np.float32)
    said = {"driver": "GTiff", "width": SIDE, "height": SIDE, "count": 1, "dtype": "float32"}
    placed = {"crs": "EPSG:28992", "transform": Affine(0.5, 0, 80_000, 0, -0.5, 450_000)}
    packed = {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate"}
    with rasterio.open(path, "w", **said, **placed, **packed, nodata=-9999) as grid:
        grid.write(heights.astype(np.float32), 1)
        grid.build_overviews([2, 4, 8, 16, 32], rasterio.enums.Resampling.average)
    return path


def _bare(path: Path) -> float:
    start = perf_counter()
    with rasterio.open(path) as grid:
        grid.read(1)
    return perf_counter() - start


def _first(path: Path) -> int:
    """Open as a worker does, and fetch what the first picture shows; return its triangles."""
    forget()
    source = LOADER.source(str(path), Options())
    found = source.open(SILENT)
    total = 0
    for tile in range(min(21, len(found.tokens))):
        content = found.ready.get(tile) or source.fetch(tile, found.tokens[tile], SILENT)
        if isinstance(content, Content):
            total += triangle_count(content.drawables)
    return total


def test_bench_opening_a_large_elevation_model(benchmark: BenchmarkFixture, large: Path) -> None:
    bare = min(_bare(large) for _ in range(2))
    triangles = benchmark(_first, large)
    assert triangles > 100_000
    if benchmark.stats is not None:
        fastest = float(benchmark.stats.stats.min)
        benchmark.extra_info["times the bare reading"] = round(fastest / bare, 2)
        assert fastest <= bare


def test_bench_heights_of_a_million_places(benchmark: BenchmarkFixture) -> None:
    side = 129
    x, y = np.meshgrid(np.arange(side, dtype=np.float64), np.arange(side, dtype=np.float64))
    points = np.stack([x, y, np.sin(x) * np.cos(y)], axis=-1)
    a, b, c, d = points[:-1, :-1], points[:-1, 1:], points[1:, :-1], points[1:, 1:]
    triangles = np.concatenate([np.stack([a, b, c], 2), np.stack([b, d, c], 2)]).reshape(-1, 3, 3)
    places: F64 = np.random.default_rng(2).uniform(0, side - 1, (1_000_000, 2))
    surface = Surface(triangles)
    surface.heights(places[:1])
    start = perf_counter()
    np.sort(places[:, 0])
    floor = perf_counter() - start
    found = benchmark(surface.heights, places)
    assert not np.isnan(found).any()
    if benchmark.stats is not None:
        benchmark.extra_info["times sorting them"] = round(
            float(benchmark.stats.stats.min) / floor, 1
        )
