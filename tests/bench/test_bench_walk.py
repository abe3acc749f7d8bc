"""A walk of a minute with too little memory: the budget holds, no frame stalls, nothing tears open.

Each walk is a process of its own, so that nothing else is in its memory. Pictures a minute are ratios
to the walk's own median.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scripts.make_textured_tileset import write
from twin.selection import select
from twin.tiles import GrowingTree, TileTree, View

pytestmark = pytest.mark.bench
ROOT = Path(__file__).resolve().parents[2]


def walked(location: Path, *options: str) -> dict[str, Any]:
    """Return what a walk tells."""
    said = subprocess.run(
        [sys.executable, "-m", "tests.bench.walk", str(location), *options],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=400,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "LIBGL_ALWAYS_SOFTWARE": "1"},
    )  # fmt: skip
    found: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
    print(f"\n{found}")
    return found


def test_two_gigabytes_of_pictures_are_walked_through_with_256_megabytes(tmp_path: Path) -> None:
    write(tmp_path, 2048, 6)
    found = walked(tmp_path / "tileset.json", "--budget-mb", "256")
    assert found["most_share_of_budget"] <= 1.1
    assert found["holes"] == 0
    assert found["p99_over_median"] <= 3.0


@pytest.mark.shared
def test_the_largest_tileset_is_walked_through_with_a_quarter_of_its_size(
    shared_data: Path,
) -> None:
    folder = shared_data / "3dtiles" / "NASA_3DTilesRendererJS" / "example" / "public" / "data"
    found = walked(folder / "tileset.json")
    assert found["most_share_of_budget"] <= 1.1
    assert found["holes"] == 0
    assert found["p99_over_median"] <= 3.0


def quadtree(levels: int) -> TileTree:
    """Return a full REPLACE quadtree over 100 km as arrays."""
    starts = np.cumsum([0, *(4**k for k in range(levels))])
    n = int(starts[-1])
    center, half, error = np.zeros((n, 3)), np.zeros(n), np.zeros(n, np.float32)
    parent, first, count = np.full(n, -1, np.int32), np.zeros(n, np.int32), np.zeros(n, np.int32)
    half[0], error[0] = 50_000, 2000
    for k in range(1, levels):
        rows, above = np.arange(starts[k], starts[k + 1]), np.arange(starts[k - 1], starts[k])
        parent[rows] = np.repeat(above, 4)
        half[rows] = 50_000 / 2**k
        error[rows] = 2000 / 2**k if k + 1 < levels else 0
        corner = np.tile([[-1, -1], [1, -1], [-1, 1], [1, 1]], (len(above), 1))
        center[rows, :2] = center[parent[rows], :2] + corner * half[rows, None]
        first[above], count[above] = starts[k] + 4 * np.arange(len(above)), 4
    axes = np.zeros((n, 3, 3), np.float32)
    axes[:, 0, 0] = axes[:, 1, 1] = half
    axes[:, 2, 2] = 50
    flags = np.zeros(n, np.uint8)
    return TileTree(center, axes, error, parent, first, count, flags, np.ones(n, np.bool_))


@pytest.mark.parametrize("levels", [5, 11])
def test_bench_selecting_in_a_tree(benchmark: Any, levels: int) -> None:
    """341 tiles, and 1.4 million."""
    tree = quadtree(levels)
    forward = np.array([0.0, 0.8, -0.6])
    view = View(np.array([0.0, 0, 800]), forward, np.array([0.0, 0.6, 0.8]), 45.0, (1280, 720))
    found = benchmark(select, tree, view, tree.content, np.zeros(0, np.int32))
    print(f"\n{len(tree)} tiles, {len(found.draw)} drawn")
    if benchmark.stats is not None:
        assert benchmark.stats.stats.min <= 0.010


@pytest.mark.parametrize("n", [1000, 4000, 16000])
def test_bench_growing_by_n_tiles(benchmark: Any, n: int) -> None:
    box = np.array([[0.0, 0, 0, 1, 1, 1]])
    tree, more = TileTree.flat(np.repeat(box, n, axis=0)), TileTree.single(box[0])

    def grow() -> GrowingTree:
        found = GrowingTree(tree)
        for tile in range(1, n):
            found.grow(tile, more)
        return found

    assert len(benchmark.pedantic(grow, rounds=3).tree) == 2 * n
    if benchmark.stats is not None:
        benchmark.extra_info["us a tile"] = round(1e6 * benchmark.stats.stats.min / n, 1)
