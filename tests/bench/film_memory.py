"""A film of many frames in a process of its own: its memory after each lap past the same things, as one JSON line.

Software GL keeps the pictures that its threads have not finished, 13 MB each and more of them the busier the
machine is. Without threads of its own (LP_NUM_THREADS=0) there is one, and what grows is a leak.
"""

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import psutil

from twin.flythrough.flight import Flight, flight
from twin.flythrough.placing import in_frame
from twin.flythrough.reading import read_route
from twin.geometry import U8
from twin.session import Session
from twin.settings import Settings
from ui.film.making import Film
from ui.film.plan import Plan

PLAN = Plan((48, 32), 30.0, 1, language="")


class Nowhere:
    """A sink that keeps only the count."""

    def __init__(self) -> None:
        self.done = 0
        self.hashes: list[str] = []

    def room(self) -> bool:
        return True

    def put(self, picture: U8) -> None:
        self.done += 1

    def finish(self) -> Path:
        return Path()

    def stop(self) -> None:
        return


def laps(city: Session, models: Path, count: int, frames: int) -> Flight:
    """Return a flight there and back again, as often as there are laps: the same views in each."""
    plain, _ = read_route(models / "routes" / "welcome.json")
    placed, _ = in_frame(plain, city.project)
    short = [replace(key, sun=None) for key in placed.keyframes if 5 <= key.t <= 9]
    first, last = short[0].t, short[-1].t
    there = [(key.t - first) / (last - first) / 2 for key in short]
    lap = [*zip(there, short, strict=True)]
    lap += [(1 - share, key) for share, key in lap[-2:0:-1]]
    seconds = frames / PLAN.fps
    keys = [replace(key, t=(n + share) * seconds) for n in range(count) for share, key in lap]
    return flight(replace(placed, keyframes=(*keys, replace(short[0], t=count * seconds))))


def main() -> None:
    """Fly ``LAPS`` laps of ``FRAMES`` frames over the city of a folder (the three arguments)."""
    models, count, frames = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as cache:
        city = Session(Settings(cache_folder=cache))
        city.open_demo()
        city.finish()
        city.index()
        film = Film(city, laps(city, models, count, frames), PLAN, Nowhere())
        process, sizes = psutil.Process(), list[float]()
        while not film.finished:
            if film.step(5.0) and film.done % frames == 0:
                sizes.append(round(process.memory_info().rss / 2**20, 1))
        film.close()
        city.close()
    print(json.dumps(sizes))


if __name__ == "__main__":
    main()
