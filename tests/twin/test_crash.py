"""A worker that dies while it loads takes nobody along: the other sources open, the error is said."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from twin.errors import WorkerCrashed
from twin.features import FeatureTable
from twin.jobs import Jobs
from twin.observations import Observations
from twin.ports import Content, Feedback, Growth, Lane, Opened, Options, Probe, registered
from twin.records import About
from twin.session import Session
from twin.settings import Settings
from twin.tiles import TileTree, View


@dataclass(frozen=True, slots=True)
class Dying:
    """A source whose worker process ends in the middle: while opening, or with its first tile."""

    location: str
    late: bool
    lane: Lane = Lane.PROCESS

    def open(self, feedback: Feedback) -> Opened:
        if not self.late:
            os._exit(3)
        tree = TileTree.single(np.array([85000.0, 447500, 0, 85100, 447600, 10]))
        nobody = FeatureTable.single("a", "Thing")
        return Opened("dying", About("dying"), tree, nobody, Observations.empty())

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | Growth | None:
        os._exit(3)


@dataclass(frozen=True, slots=True)
class Loading:
    """Recognises ``*.dying`` (at once) and ``*.dying-late`` (with the first tile)."""

    format: str = "dying"
    suffixes: tuple[str, ...] = ("dying",)
    version: str = "1"

    def recognise(self, probe: Probe) -> int:
        return 90 if probe.suffix.startswith("dying") else 0

    def source(self, location: str, options: Options) -> Dying:
        return Dying(location, location.endswith("late"))


def test_a_worker_that_dies_is_said_and_the_neighbours_live(tmp_path: Path, tiny: Path) -> None:
    for name in ("a.dying", "b.dying-late"):
        (tmp_path / name).write_text("x")
    loaders = {**registered("citytwin.loaders"), "dying": Loading()}
    city = Session(Settings(cache_folder=str(tmp_path / "cache")), Jobs(2), loaders)
    for location in (
        tmp_path / "a.dying",
        tiny / "delft_tiny.city.json",
        tmp_path / "b.dying-late",
    ):
        city.open(str(location))
    assert city.finish(120)
    assert [type(error) for _, error in city.errors] == [WorkerCrashed]
    assert set(city.twin.layers) == {"delft_tiny", "b"}
    down, north = np.array([0.0, 0, -1]), np.array([0.0, 1, 0])
    above = View(np.array([85050.0, 447550, 500]), down, north, 60, (400, 400))
    frame = city.settle(above)
    assert frame.complete
    problems = [problem.code for problem in city.twin.layer("b").problems]
    assert problems.count("tile.failed") == 1
    city.index()
    assert city.audit().totals["objects"] == len(city.twin.layer("delft_tiny").features) + 1
    city.close()
