"""Broken files, many: a loader answers with a TwinError or with what it could read, soon and in little memory.

``python -m tests.fuzz --mutations 500 [--loader NAME] [--file FILE] [--first N] [--keep FOLDER]``:
``--file`` breaks a real file of that format instead of the sample. Each case runs
in a worker process with a time limit. A worker that dies is what ``WorkerCrashed`` is for where the
loader runs in a process of its own; anywhere else it is a failure.
"""

import argparse
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil

from tests.mutations import broken
from twin.errors import TwinError
from twin.opening import recognise
from twin.ports import SILENT, Growth, Lane, Loader, Options, registered

DATA = Path(__file__).resolve().parent / "data"
SAMPLES = {
    "pointcloud": DATA / "town.laz",
    "terrain": DATA / "slope.tif",
    "citygml": DATA / "tiny_town.gml",
    "cityjson": DATA / "delft_tiny.city.json",
    "i3s": DATA / "blocks.slpk",
    "ifc": DATA / "simple_wall.ifc",
    "osgb": DATA / "tiny_block" / "Data" / "Tile_+000_+000" / "Tile_+000_+000.osgb",
    "tiles3d": DATA / "delft_tiny_tileset" / "tileset.json",
    "footprints": DATA / "outlines.geojson",
}
SECONDS = 20.0
START_SECONDS = 60.0
MEGABYTES = 1500.0
MOST_TILES = 40


@dataclass(frozen=True)
class Verdict:
    """What came of one case. ``kind``: opened, error, crashed, hung, raised, memory."""

    number: int
    name: str
    kind: str
    detail: str = ""
    seconds: float = 0.0

    @property
    def lawful(self) -> bool:
        return self.kind in ("opened", "error")


def read_all(loader: Loader, location: Path) -> str:
    """Open a location with a loader and fetch its tiles; return what was read, or raise."""
    source = loader.source(str(location), Options())
    opened = source.open(SILENT)
    problems = len(opened.problems)
    failed = 0
    for tile in opened.tree.content.nonzero()[0].tolist()[:MOST_TILES]:
        if tile in opened.ready:
            continue
        token = opened.tokens[tile] if opened.tokens else None
        try:
            content = source.fetch(tile, token, SILENT)
        except TwinError:
            failed += 1
            continue
        if content is not None and not isinstance(content, Growth):
            problems += len(content.problems)
    return f"{len(opened.features)} objects, {problems} problems, {failed} tiles refused"


def attempt(loaders: dict[str, Loader], name: str, location: Path) -> tuple[str, str]:
    """Recognise as the product does, then read with the loader the case is about."""
    try:
        with suppress(TwinError):
            recognise(str(location), loaders)
        return "opened", read_all(loaders[name], location)
    except TwinError as error:
        return "error", f"{error.full_code}: {error}"[:300]
    except BaseException:  # noqa: BLE001  # whatever is raised is the finding
        return "raised", traceback.format_exc(limit=-4)


def serve(pipe: Connection, name: str) -> None:
    """Answer one location after another until told to stop."""
    loaders = dict(registered("citytwin.loaders"))
    read_all(loaders[name], SAMPLES[name])
    pipe.send(("ready", ""))
    while (location := pipe.recv()) is not None:
        pipe.send(attempt(loaders, name, Path(location)))


class Worker:
    """One process that is started again whenever it has died or was killed."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.process: Any = None
        self.pipe: Any = None

    def start(self) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, self.name), daemon=True)
        self.process.start()
        theirs.close()
        if not self.pipe.poll(START_SECONDS):
            raise RuntimeError(f"the worker for {self.name} did not start")
        assert self.pipe.recv()[0] == "ready"

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.pipe.close()
            self.process = None

    def run(self, location: Path) -> tuple[str, str]:
        """Return kind and detail of one case."""
        if self.process is None:
            self.start()
        before = psutil.Process(self.process.pid).memory_info().rss
        self.pipe.send(str(location))
        ends = time.monotonic() + SECONDS
        try:
            while not self.pipe.poll(0.1):
                used = (psutil.Process(self.process.pid).memory_info().rss - before) / 1e6
                if used > MEGABYTES:
                    self.stop()
                    return "memory", f"{used:.0f} MB"
                if time.monotonic() > ends:
                    self.stop()
                    return "hung", f"more than {SECONDS:g} s"
            answer: tuple[str, str] = self.pipe.recv()
        except (EOFError, OSError, psutil.Error):
            self.process.join()
            code = self.process.exitcode
            self.stop()
            return "crashed", f"exit code {code}"
        return answer


def cases(
    name: str, numbers: range, folder: Path, sample: Path | None = None
) -> Iterator[Verdict]:
    """Run mutations of one loader's sample, or of another file; yield what came of each."""
    loader = registered("citytwin.loaders")[name]
    apart = loader.source(str(SAMPLES[name]), Options()).lane is Lane.PROCESS
    worker = Worker(name)
    try:
        for number in numbers:
            own = folder / f"{name}_{number}"
            own.mkdir(parents=True)
            location, title = broken(sample or SAMPLES[name], number, own)
            begun = time.monotonic()
            kind, detail = worker.run(location)
            if kind == "crashed" and apart:
                kind, detail = "error", f"worker.crashed: {detail}"
            yield Verdict(number, title, kind, detail, time.monotonic() - begun)
    finally:
        worker.stop()


def main() -> int:
    """Run, and print every case that broke the law."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=500)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--loader", choices=sorted(SAMPLES), action="append")
    parser.add_argument("--file", type=Path, help="a real file in the place of the sample")
    parser.add_argument("--keep", type=Path, help="write the broken files here")
    arguments = parser.parse_args()
    guilty = 0
    numbers = range(arguments.first, arguments.first + arguments.mutations)
    for name in arguments.loader or sorted(SAMPLES):
        with tempfile.TemporaryDirectory() as scratch:
            counted: Counter[str] = Counter()
            slowest = 0.0
            for verdict in cases(name, numbers, arguments.keep or Path(scratch), arguments.file):
                code = verdict.detail.split(":")[0] if verdict.kind == "error" else verdict.kind
                counted[code] += 1
                slowest = max(slowest, verdict.seconds)
                if not verdict.lawful:
                    guilty += 1
                    print(f"{name} {verdict.number} {verdict.name}: {verdict.kind}")
                    print(verdict.detail)
        print(f"{name}: {sum(counted.values())} cases, slowest {slowest:.1f} s: {dict(counted)}")
    return int(guilty > 0)


if __name__ == "__main__":
    sys.exit(main())
