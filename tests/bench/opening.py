"""A session that opens one file as the window does, and tells as JSON what that took.

Memory is that of this process and its workers together, less what stood before. Run as a process of
its own: ``python -m tests.bench.opening FILE SMALL``; the small file is opened first, so that loaders
and libraries are not counted.
"""

import json
import sys
import time
from contextlib import suppress
from typing import Any

import psutil

from twin.session import Session
from twin.settings import Settings


def memory(process: psutil.Process) -> int:
    """Return the resident bytes of a process and of all that it started."""
    total: int = process.memory_info().rss
    for child in process.children(recursive=True):
        with suppress(psutil.Error):
            total += child.memory_info().rss
    return total


def workers(process: psutil.Process) -> int:
    """Return how many worker processes there are (the tracker of multiprocessing is none)."""
    found = 0
    for child in process.children(recursive=True):
        with suppress(psutil.Error):
            found += any("spawn_main" in word for word in child.cmdline())
    return found


def opened(path: str, small: str) -> dict[str, Any]:
    process, session = psutil.Process(), Session(Settings())
    session.open(small)
    session.finish()
    time.sleep(0.3)
    before = peak = memory(process)
    begun = time.perf_counter()
    session.open(path)
    while len(session.twin.layers) < 2 and not session.errors:
        session.drain(0.004)
        peak = max(peak, memory(process))
        time.sleep(0.005)
    stands = time.perf_counter() - begun
    session.index()
    whole = time.perf_counter() - begun
    limit = time.perf_counter() + 5.0
    while workers(process) and time.perf_counter() < limit:
        session.drain()
        time.sleep(0.02)
    found = {
        "peak": peak - before,
        "after": memory(process) - before,
        "workers": workers(process),
        "stands": stands,
        "whole": whole,
        "objects": len(list(session.twin.layers.values())[-1].features),
    }
    session.close()
    return found


if __name__ == "__main__":
    print(json.dumps(opened(sys.argv[1], sys.argv[2])), flush=True)
