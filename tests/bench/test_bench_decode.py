"""Decoding: plain glb from disk to drawables, one thread and two, beside a copy of the same bytes.

Rates are megabytes of the file a second. The floor is reading the files and copying them once.
"""

from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from loaders._gltf import read_model
from loaders._gltf.assembly import UP, assemble
from tests.loaders import gltf_files as make
from twin.geometry import Drawable, point_count, triangle_count
from twin.jobs import Feedback, Jobs, Lane, Outcome

pytestmark = pytest.mark.bench
FILES, BOXES = 16, 8_000
REAL = {
    "plain": "3dtiles/Geodan_pg2b3dm/**/*.glb",
    "Draco": "3dtiles/Geodan_pg2b3dm/**/delaware/**/*.b3dm",
    "meshopt": "3dtiles/visgl_loaders.gl/**/helsinki-glb-8-meshopt/**/*.glb",
    "pictures": "3dtiles/NASA_3DTilesRendererJS/**/*.b3dm",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen plain glb of 96,000 triangles each with normals and uv, about 50 MB together."""
    made = tmp_path_factory.mktemp("plain")
    for number in range(FILES):
        random = np.random.default_rng(number)
        corners = random.uniform(-500, 500, (BOXES * 8, 3)).astype("<f4")
        triangles = random.integers(0, len(corners), BOXES * 36).astype("<u4")
        tile = make.Builder()
        attributes = {
            "POSITION": tile.accessor(corners),
            "NORMAL": tile.accessor(np.tile(np.array([[0, 0, 1]], "<f4"), (len(corners), 1))),
            "TEXCOORD_0": tile.accessor(random.uniform(0, 1, (len(corners), 2)).astype("<f4")),
        }
        tile.mesh({"attributes": attributes, "indices": tile.accessor(triangles)})
        (made / f"{number}.glb").write_bytes(tile.glb())
    return made


def decoded(path: Path, _feedback: Feedback | None = None) -> list[Drawable]:
    """Return what a glb, or the glb in a b3dm, draws."""
    data = memoryview(path.read_bytes())
    if path.suffix == ".b3dm":
        data = data[bytes(data).index(b"glTF") :]
    model = read_model(data, path.name, lambda uri: (path.parent / uri).read_bytes())
    return assemble(model, UP["Y"], lambda _: None, 0)


def seconds_of(paths: list[Path], threads: int) -> float:
    """Return the best of three runs over all files."""
    jobs, best = Jobs(threads), np.inf
    for _ in range(3):
        came: list[Outcome] = []
        started = perf_counter()
        for path in paths:
            jobs.submit(partial(decoded, path), came.append, Lane.THREAD)
        jobs.finish()
        best = min(best, perf_counter() - started)
        assert all(outcome.error is None for outcome in came)
    jobs.close()
    return best


def bare(paths: list[Path]) -> float:
    """Return the seconds of reading the files and copying their numbers once."""
    started = perf_counter()
    for path in paths:
        data = path.read_bytes()
        np.frombuffer(data, "<f4", len(data) // 4).copy()
    return perf_counter() - started


def test_bench_plain_glb_by_one_thread_and_by_two(
    benchmark: BenchmarkFixture, folder: Path
) -> None:
    paths = sorted(folder.glob("*.glb"))
    size = sum(path.stat().st_size for path in paths) / 1e6
    floor = min(bare(paths) for _ in range(3))
    benchmark(lambda: [decoded(path) for path in paths])
    if benchmark.stats is not None:
        alone = float(benchmark.stats.stats.min)
        one, two = seconds_of(paths, 1), seconds_of(paths, 2)
        benchmark.extra_info.update(
            {
                "MB": round(size),
                "MB/s": round(size / alone),
                "times the floor": round(alone / floor, 1),
                "two threads to one": round(one / two, 2),
            }
        )


@pytest.mark.shared
@pytest.mark.parametrize("kind", sorted(REAL))
def test_bench_real_contents(benchmark: BenchmarkFixture, shared_data: Path, kind: str) -> None:
    paths = sorted(shared_data.glob(REAL[kind]))[:40]
    if not paths:
        pytest.skip("no such files")
    size = sum(path.stat().st_size for path in paths) / 1e6
    drawn = tuple(item for path in paths for item in decoded(path))
    benchmark(lambda: [decoded(path) for path in paths])
    if benchmark.stats is not None:
        fastest = float(benchmark.stats.stats.min)
        benchmark.extra_info.update(
            {
                "MB/s": round(size / fastest, 1),
                "million triangles/s": round(triangle_count(drawn) / fastest / 1e6, 2),
                "million points/s": round(point_count(drawn) / fastest / 1e6, 2),
            }
        )
