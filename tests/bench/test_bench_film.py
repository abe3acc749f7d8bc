"""Films: what the export costs beside drawing and encoding alone, and that memory stays flat.

Targets: at most 1.2 times (drawing with reading back + encoding, each measured apart in the same run);
after the first of twenty laps of 500 frames, each past the same things, no more than 4 MB.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from twin.flythrough.flight import Flight, flight
from twin.flythrough.placing import in_frame
from twin.flythrough.reading import read_route
from twin.flythrough.records import Keyframe, Route
from twin.flythrough.state import state
from twin.geometry import U8
from twin.jobs.pipe import Pipe
from twin.session import Session
from twin.settings import Settings
from ui.film.encoding import Movie, ffmpeg
from ui.film.making import Film
from ui.film.plan import Plan
from ui.viewport.canvas import Canvas, finished
from ui.viewport.look import look_of

pytestmark = pytest.mark.bench
TIMES = 1.2
GROWN_MB = 4.0
FRAMES = 48
LAPS, LAP = 20, 500
PLAN = Plan((640, 360), 12.0, 1, language="")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, sample_models: Path) -> Iterator[Session]:
    made = Session(Settings(cache_folder=str(tmp_path_factory.mktemp("cache"))))
    made.open_demo()
    made.finish()
    made.index()
    yield made
    made.close()


def welcome(city: Session, sample_models: Path) -> Flight:
    """Return four seconds of the sample's route, without its steps: the same picture for both sides."""
    plain, _ = read_route(sample_models / "routes" / "welcome.json")
    placed, _ = in_frame(plain, city.project)
    keys = [k for k in placed.keyframes if 5 <= k.t <= 9]
    return flight(Route("b", "b", tuple(Keyframe(k.t, k.eye, k.target, k.fov) for k in keys)))


def both(city: Session, flown: Flight, out: Path) -> tuple[float, float, list[U8], Film]:
    """Return the seconds of a film, those of drawing and reading back alone, and the pictures.

    Frame by frame in turn, so that whatever else the machine does falls on both.
    """
    film = Film(city, flown, PLAN, Movie(out, PLAN, PLAN.fingerprint(flown), ffmpeg()))
    canvas, pictures, draw, whole = Canvas(look_of(city.settings)), [], 0.0, 0.0
    for t in PLAN.times(flown).tolist():
        started = time.perf_counter()
        while not film.step(5.0):
            pass
        middle = time.perf_counter()
        view = state(flown, t).view(PLAN.size)
        picture = finished(canvas, city.screen.frame, view, fine=False)
        ended = time.perf_counter()
        pictures.append(np.ascontiguousarray(picture[..., :3]))
        if len(pictures) > 1:  # with the first one everything is uploaded and outlined
            whole, draw = whole + middle - started, draw + ended - middle
    started = time.perf_counter()
    film.finish()
    whole += time.perf_counter() - started
    film.close()
    canvas.close()
    return whole, draw, pictures, film


def encoded(pictures: list[U8], folder: Path) -> float:
    """Return the seconds of the encoder alone."""
    movie = Movie(folder / "floor.mp4", PLAN, "floor", ffmpeg())
    started = time.perf_counter()
    pipe = Pipe(movie._encoding(0))
    for picture in pictures:
        while not pipe.offer(picture.data.cast("B"), 1.0):
            pass
    pipe.finish()
    return time.perf_counter() - started


@pytest.mark.skipif(not ffmpeg(), reason="no ffmpeg here")
def test_a_film_costs_little_more_than_drawing_and_encoding(
    city: Session, sample_models: Path, tmp_path: Path
) -> None:
    flown = welcome(city, sample_models)
    ratios = []
    for turn in range(3):
        whole, draw, pictures, film = both(city, flown, tmp_path / f"{turn}.mp4")
        encode = encoded(pictures, tmp_path)
        ratios.append(whole / (draw + encode))
        spent = film.spent
        print(
            f"\nfilm {whole:.2f} s, draw {draw:.2f} s + encode {encode:.2f} s: {ratios[-1]:.2f} times"
            f" (in it: tiles {spent.stream:.2f}, draw {spent.draw:.2f}, letter {spent.letter:.2f}, encode {spent.encode:.2f})"
        )
    assert len(pictures) == FRAMES
    assert float(np.median(ratios)) <= TIMES


def test_memory_is_flat_over_ten_thousand_frames(sample_models: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "tests.bench.film_memory",
        str(sample_models),
        str(LAPS),
        str(LAP),
    ]
    alone = {**os.environ, "LP_NUM_THREADS": "0"}
    ran = subprocess.run(words, capture_output=True, text=True, check=True, env=alone)
    sizes = json.loads(ran.stdout.splitlines()[-1])
    print(f"\nMB after each lap of {LAP} frames: {' '.join(f'{size:.0f}' for size in sizes)}")
    assert len(sizes) >= LAPS
    assert max(sizes[1:]) - sizes[0] <= GROWN_MB
