"""Opening 40 MB of CityJSON the whole way: worker process, tile cache, placing, layer, every tile seen.

Targets: memory of all processes together at most 12 times the file and back to at most 3 times, no
worker left; the second opening, from the cache, at most 0.1 times the first. The way to the layer is
told beside ``orjson.loads`` of the same file.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.bench.test_bench_cityjson import DISTRICTS, _parsed, repeated
from tests.bench.zipped import document_of

pytestmark = [
    pytest.mark.bench,
    pytest.mark.shared,
    pytest.mark.skipif(sys.platform != "linux", reason="memory is compared on Linux"),
]
PEAK, AFTER, AGAIN = 12.0, 3.0, 0.1
KIOSK = Path(__file__).parents[2] / "sample_models" / "kiosk.city.json"


def opened(path: Path, home: Path) -> dict[str, Any]:
    """Return what a session in a process of its own tells of opening a file."""
    there = {**os.environ}
    there.update({f"XDG_{kind}_HOME": str(home) for kind in ("CONFIG", "CACHE", "DATA")})
    command = [sys.executable, "-m", "tests.bench.opening", str(path), str(KIOSK)]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=there, timeout=180
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", DISTRICTS)
def test_a_large_district_is_opened_within_its_memory_and_again_from_the_cache(
    name: str, shared_data: Path, tmp_path: Path
) -> None:
    document = document_of(shared_data / DISTRICTS[name])
    path = tmp_path / f"{name}.city.json"
    copies = max(round(40e6 / len(orjson.dumps(document))), 1)
    path.write_bytes(orjson.dumps(repeated(document, copies)))
    size = path.stat().st_size
    parsing = min(_parsed(path) for _ in range(3))
    firsts = [opened(path, tmp_path / f"cache{number}") for number in range(2)]
    again = min((opened(path, tmp_path / "cache0") for _ in range(2)), key=lambda x: x["stands"])
    first = min(firsts, key=lambda x: x["stands"])
    print(
        f"\n{name} {size / 1e6:.0f} MB, {first['objects']} objects: peak {first['peak'] / size:.1f} x,"
        f" after {first['after'] / size:.1f} x, workers left {first['workers']};"
        f" parsed {parsing:.2f} s, layer {first['stands']:.2f} s ({first['stands'] / parsing:.1f} x),"
        f" whole {first['whole']:.2f} s; again {again['stands']:.2f} s"
        f" ({again['stands'] / first['stands']:.2f} x)"
    )
    assert first["workers"] == 0
    assert max(found["peak"] for found in firsts) <= PEAK * size
    assert max(found["after"] for found in firsts) <= AFTER * size
    assert again["stands"] <= AGAIN * first["stands"]
