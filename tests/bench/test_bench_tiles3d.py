"""How fast tiles come: plain b3dm to arrays against reading the file and one pass of numpy over it."""

from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from loaders.tiles3d import LOADER
from tests.loaders import gltf_files as make
from twin.geometry import triangle_count
from twin.ports import SILENT, Content, Options

pytestmark = pytest.mark.bench
BOXES = 60_000
PLACE = [0.0, 1.0, 0, 0, -1.0, 0, 0, 0, 0, 0, 1.0, 0, 3.924e6, 2.99e5, 5.0e6, 1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A b3dm of 720,000 triangles with normals under a rotating transform, about 24 MB."""
    made = tmp_path_factory.mktemp("tiles")
    centers = np.random.default_rng(1).uniform(-500, 500, (BOXES, 3))
    positions, triangles, number = make.boxes(centers, 4.0)
    wide = (
        triangles.astype("<u4").reshape(BOXES, 36) % 8 + np.arange(BOXES, dtype="<u4")[:, None] * 8
    )
    tile = make.Builder()
    attributes = {
        "POSITION": tile.accessor(positions),
        "NORMAL": tile.accessor(np.tile(np.array([[0, 0, 1]], "<f4"), (len(positions), 1))),
        "_BATCHID": tile.accessor(number.astype("<u4")),
    }
    tile.mesh({"attributes": attributes, "indices": tile.accessor(wide.reshape(-1))})
    data = make.legacy(b"b3dm", tile.glb(), {"BATCH_LENGTH": BOXES})
    (made / "town.b3dm").write_bytes(data)
    root = make.tile((0, 0, 0, 600, 600, 600), "town.b3dm", transform=PLACE)
    (made / "tileset.json").write_bytes(make.tileset(root))
    return made


def test_bench_fetch_of_a_plain_b3dm(benchmark: BenchmarkFixture, folder: Path) -> None:
    source = LOADER.source(str(folder / "tileset.json"), Options())
    token = source.open(SILENT).tokens[0]
    bare = min(_bare(folder / "town.b3dm") for _ in range(7))
    content = benchmark(source.fetch, 0, token, SILENT)
    assert isinstance(content, Content)
    assert triangle_count(content.drawables) == BOXES * 12
    if benchmark.stats is not None:
        fastest = float(benchmark.stats.stats.min)
        size = (folder / "town.b3dm").stat().st_size / 1e6
        benchmark.extra_info["MB/s"] = round(size / fastest)
        benchmark.extra_info["times the bare reading"] = round(fastest / bare, 1)
        assert fastest <= 15 * bare


def _bare(path: Path) -> float:
    """Return the seconds of reading the file and going once over its numbers with numpy."""
    start = perf_counter()
    data = path.read_bytes()
    numbers = np.frombuffer(data, "<f4", len(data) // 4)
    np.add(numbers.view("<i4"), 1)
    return perf_counter() - start


def test_bench_open_of_a_hundred_thousand_tiles(
    benchmark: BenchmarkFixture, tmp_path: Path
) -> None:
    leaves = [
        make.tile((i % 300 * 10, i // 300 * 10, 0, 5, 5, 5), f"{i}.glb") for i in range(100_000)
    ]
    root = make.tile((1500, 1500, 0, 1500, 1700, 10), children=leaves)
    (tmp_path / "tileset.json").write_bytes(make.tileset(root))
    source = LOADER.source(str(tmp_path / "tileset.json"), Options())
    found = benchmark(source.open, SILENT)
    assert len(found.tree) == 100_001
