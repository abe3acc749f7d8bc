"""Live play in a real window: times between pictures against their own median, and no picture with a gap.

The window runs in a process of its own (``tests.bench.play``); the floor is the median of the same run, so
a slow machine is slow on both sides. Other programs only ever add: the steadier of two runs counts.
"""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

pytestmark = [pytest.mark.bench]
WORST_RATIO = 1.5


def played(what: str, *more: str) -> dict[str, Any]:
    """Return what a window tells of its play."""
    command = [sys.executable, "-m", "tests.bench.play", what, *more]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=dict(os.environ), timeout=300
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"\n{found}")
    return found


@pytest.mark.parametrize("city", ["demo", "grid"])
def test_pictures_come_at_a_steady_rate_and_without_a_gap(city: str) -> None:
    runs = [played(city), played(city)]
    assert all(run["gaps"] == 0 for run in runs)
    assert min(run["ratio"] for run in runs) <= WORST_RATIO
