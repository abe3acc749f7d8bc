"""CityJSON file to renderable arrays with object ids, beside ``orjson.loads`` of the same file.

Targets: at most 5 times its time (collector off); peak memory at most 12 times the file, and back to
at most 3 times after loading. Real district files, repeated to 40 MB and 200 MB.
"""

import gc
import json
import math
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from loaders.cityjson import LOADER
from twin.ports import SILENT, Options

pytestmark = [pytest.mark.bench, pytest.mark.shared]
DISTRICTS = {
    "delft": "cityjson/cityjson_cjio/delft.json",
    "denhaag": "cityjson/dtcc-core/tests/data/cityjson/DenHaag_01.city.json.zip",
}
TIME, PEAK, AFTER = 5.0, 12.0, 3.0

MEASURE = """
import json, sys
def status(name):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))
from loaders.cityjson import LOADER
from twin.ports import SILENT, Options
LOADER.source(sys.argv[1], Options()).open(SILENT)
before = status("VmRSS:")
opened = LOADER.source(sys.argv[2], Options()).open(SILENT)
print(json.dumps([status("VmHWM:") - before, status("VmRSS:") - before, len(opened.features)]))
"""


def shifted(boundaries: Any, by: int) -> Any:
    """Return nested boundaries with every vertex number moved."""
    if boundaries and isinstance(boundaries[0], int):
        return [index + by for index in boundaries]
    return [shifted(part, by) for part in boundaries]


def repeated(document: dict[str, Any], copies: int) -> dict[str, Any]:
    """Return a district laid out side by side ``copies`` times, every copy with ids of its own."""
    vertices, objects = document["vertices"], document["CityObjects"]
    side = math.ceil(math.sqrt(copies))
    reach = [max(v[k] for v in vertices) - min(v[k] for v in vertices) + 1000 for k in (0, 1)]
    many: dict[str, Any] = {}
    places: list[list[int]] = []
    for copy in range(copies):
        dx, dy = copy % side * reach[0], copy // side * reach[1]
        places += [[x + dx, y + dy, z] for x, y, z in vertices]
        for key, said in objects.items():
            own = dict(said)
            own["geometry"] = [
                {**g, "boundaries": shifted(g["boundaries"], copy * len(vertices))}
                for g in said.get("geometry", [])
            ]
            for link in ("parents", "children"):
                if link in said:
                    own[link] = [f"{other}-{copy}" for other in said[link]]
            many[f"{key}-{copy}"] = own
    return {**document, "CityObjects": many, "vertices": places}


@pytest.fixture(scope="module", params=[(d, s) for d in DISTRICTS for s in (40, 200)], ids=str)
def large(
    request: pytest.FixtureRequest, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a real district, repeated to a size in megabytes."""
    name, size = request.param
    path = shared_data / DISTRICTS[name]
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            document = orjson.loads(archive.read(archive.namelist()[0]))
    else:
        document = orjson.loads(path.read_bytes())
    copies = max(round(size * 1e6 / len(orjson.dumps(document))), 1)
    target = tmp_path_factory.mktemp("large") / f"{name}.city.json"
    target.write_bytes(orjson.dumps(repeated(document, copies)))
    return target


def _parsed(path: Path) -> float:
    """Return the seconds of processor time that parsing alone takes, the collector off."""

    data = path.read_bytes()
    gc.collect()
    gc.disable()
    try:
        begin = time.process_time()
        orjson.loads(data)
        return time.process_time() - begin
    finally:
        gc.enable()


def test_opening_takes_at_most_five_times_the_parsing(
    large: Path, benchmark: BenchmarkFixture
) -> None:

    parsing, opening = [], []

    def once() -> None:
        parsing.append(_parsed(large))
        begin = time.process_time()
        LOADER.source(str(large), Options()).open(SILENT)
        opening.append(time.process_time() - begin)

    benchmark.pedantic(once, rounds=3, warmup_rounds=0)  # type: ignore[no-untyped-call]
    ratio = min(opening) / min(parsing)
    benchmark.extra_info.update(ratio=ratio, target=TIME, megabytes=large.stat().st_size / 1e6)
    assert ratio <= TIME


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_memory_stays_below_twelve_times_the_file_and_falls_back_to_three(
    large: Path, tmp_path: Path, benchmark: BenchmarkFixture
) -> None:
    small = tmp_path / "small.city.json"
    empty = {"type": "CityJSON", "version": "2.0", "CityObjects": {}, "vertices": []}
    small.write_text(json.dumps(empty))

    def once() -> str:
        command = [sys.executable, "-c", MEASURE, str(small), str(large)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    peak, after, objects = json.loads(benchmark.pedantic(once, rounds=1))  # type: ignore[no-untyped-call]
    size = large.stat().st_size
    benchmark.extra_info.update(peak=peak / size, after=after / size, objects=objects)
    assert peak <= PEAK * size
    assert after <= AFTER * size
