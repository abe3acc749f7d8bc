"""Live play in the real window, in a process of its own: times between pictures, what each took, gaps.

Run: ``python -m tests.bench.play demo|grid|LOCATION [--seconds 12] [--buildings 100000]``. ``grid`` is a made
city of houses under a coarse tile, fetched tile by tile. Gaps are counted, never waited for.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QTimer

from twin.features import FeatureTable, texts
from twin.flythrough.records import Keyframe, Route
from twin.geometry import F64, Mesh
from twin.observations import Observations
from twin.ports import Content, Feedback, Growth, Lane, Opened, Options, Probe
from twin.records import About
from twin.session import Session
from twin.settings import load
from twin.tiles import REPLACE, TileTree
from ui.app import App
from ui.flythrough.control import Flythrough
from ui.flythrough.panel import FlythroughPanel

ACROSS = 20
"""Houses along a side of a tile."""
PITCH = 18.0
HOUSE = np.array(
    [
        [0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1],
        [0.5, 0, 1.4], [0.5, 1, 1.4],
    ]
)  # fmt: skip
FACES = np.array(
    [
        [0, 1, 5], [0, 5, 4], [4, 5, 8], [1, 2, 6], [1, 6, 5], [2, 3, 7], [2, 7, 6], [6, 7, 9],
        [3, 0, 4], [3, 4, 7], [5, 6, 9], [5, 9, 8], [7, 4, 8], [7, 8, 9],
    ]
)  # fmt: skip


def houses(places: F64, sizes: F64, first: int) -> Mesh:
    """Return houses at places f64(n, 2) of sizes f64(n, 3); the rows count from ``first``."""
    number = np.arange(len(places))
    origin = np.array([*places.min(axis=0), 0.0])
    at = np.column_stack([places - origin[:2], np.zeros(len(places))])
    points = (HOUSE[None] * sizes[:, None] + at[:, None]).reshape(-1, 3).astype(np.float32)
    triangles = (FACES[None] + 10 * number[:, None, None]).reshape(-1, 3).astype(np.int32)
    return Mesh(origin, points, triangles, np.repeat(number + first, 10).astype(np.int32))


@dataclass(frozen=True, slots=True)
class Suburb:
    """``side`` x ``side`` tiles of ACROSS x ACROSS houses under one tile with every eighth of them."""

    location: str
    side: int
    lane: Lane = Lane.THREAD

    def places(self, tile: int) -> F64:
        """Return where the houses of a tile stand f64(n, 2)."""
        row, column = divmod(tile, self.side)
        grid = np.stack(np.meshgrid(np.arange(ACROSS), np.arange(ACROSS)), -1).reshape(-1, 2)
        return np.asarray((grid + np.array([column, row]) * ACROSS) * PITCH, np.float64)

    def sizes(self, tile: int) -> F64:
        """Return width, depth and height of its houses f64(n, 3)."""
        chance = np.random.default_rng(tile)
        return chance.uniform([6, 8, 5], [12, 13, 14], (ACROSS * ACROSS, 3))

    def open(self, feedback: Feedback) -> Opened:
        """Return the tree and the table of all houses."""
        tiles, each = self.side * self.side, ACROSS * ACROSS
        wide = ACROSS * PITCH
        low = np.array([[n % self.side * wide, n // self.side * wide, 0.0] for n in range(tiles)])
        tree = TileTree.flat(np.column_stack([low, low + np.array([wide, wide, 20.0])]))
        tree.content[0], tree.refine[0], tree.error[0] = True, REPLACE, 40.0
        places = np.concatenate([self.places(n) for n in range(tiles)])
        sizes = np.concatenate([self.sizes(n) for n in range(tiles)])
        flat = np.column_stack([places, np.zeros(len(places))])
        bounds = np.column_stack([flat, flat + sizes * [1, 1, 1.4]])
        count = tiles * each
        table = FeatureTable(
            id=texts([f"h{n}" for n in range(count)]),
            kind=np.zeros(count, np.uint16),
            kinds=("Building",),
            parent=np.full(count, -1, np.int32),
            bounds=bounds,
        )
        return Opened(
            "suburb", About("suburb", crs="EPSG:28992"), tree, table, Observations.empty()
        )

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | Growth | None:
        """Return the houses of a tile; the coarse one has some of each."""
        each = ACROSS * ACROSS
        if tile:
            number = tile - 1
            mesh = houses(self.places(number), self.sizes(number), number * each)
            return Content((mesh,))
        some = np.arange(0, each, 8)
        return Content(
            tuple(
                houses(self.places(n)[[k]], self.sizes(n)[[k]], n * each + int(k))
                for n in range(0, self.side * self.side, 6)
                for k in some[:6]
            )
        )


@dataclass(frozen=True, slots=True)
class Suburbs:
    """The loader of the made city: a file holds the number of houses."""

    format: str = "suburb"
    suffixes: tuple[str, ...] = ("suburb",)
    version: str = "1"

    def recognise(self, probe: Probe) -> int:
        """Return whether it is one."""
        return 90 if probe.suffix == "suburb" else 0

    def source(self, location: str, options: Options) -> Suburb:
        """Return the city."""
        count = int(Path(location).read_text())
        return Suburb(location, max(round((count / (ACROSS * ACROSS)) ** 0.5), 2))


def opened(what: str, folder: Path, buildings: int) -> App:
    """Return the window with the city opened or opening."""
    settings = load({"theme": "dark", "workspace": "presenter", "cache_folder": str(folder)})
    if what != "grid":
        app = App(settings)
        app.show()
        if what == "demo":
            app.window.handlers.open_demo()
        else:
            app.window.handlers.open_path(what)
        return app
    path = folder / "a.suburb"
    path.write_text(str(buildings))
    app = App(settings, Session(settings, loaders={"suburb": Suburbs()}))
    app.show()
    app.window.handlers.open_path(str(path))
    return app


def route_over(app: App) -> Route:
    """Return a bow over the city: from above its edge down to the roofs, along them, and up again."""
    box = app.session.twin.bounds
    middle, half = (box[:3] + box[3:]) / 2, (box[3:] - box[:3]) / 2
    reach = min(float(half[:2].min()), 900.0)
    keys = []
    for step, (x, y, up) in enumerate(
        [
            (-1.1, -1.0, 0.5),
            (-0.5, -0.4, 0.14),
            (0.1, -0.1, 0.1),
            (0.5, 0.4, 0.12),
            (0.2, 1.0, 0.45),
        ]
    ):
        eye = middle + np.array([x * reach, y * reach, 0.0])
        eye[2] = box[2] + max(up * reach, 35.0)
        aside = [0.25 * reach * np.cos(step), 0.3 * reach * np.sin(step), 0.0]
        target = middle + np.array(aside)
        target[2] = box[2]
        keys.append(Keyframe(6.0 * step, tuple(eye.tolist()), tuple(target.tolist())))
    return Route("r", "Bow", tuple(keys))


def control_of(app: App) -> Flythrough:
    """Return the fly-through of the window."""
    found = next(x for x in app.window.desk.panels if isinstance(x, FlythroughPanel))
    assert found.control is not None
    return found.control


def measured(app: App, seconds: float) -> Callable[[], dict[str, Any]]:
    """Begin to play and return what tells how it went."""
    app.window.desk.act("flythrough.hand", route_over(app))
    control = control_of(app)
    control.hold(False)
    app.window.show_panel("flythrough")
    control.toggle()

    def told() -> dict[str, Any]:
        player = control.player
        gaps = player.told.gaps
        between, work = np.array(player.told.intervals), np.array(player.told.work)
        return {
            "pictures": len(between),
            "median_ms": round(1000 * float(np.median(between)), 1),
            "p95_ms": round(1000 * float(np.percentile(between, 95)), 1),
            "ratio": round(float(np.percentile(between, 95) / np.median(between)), 3),
            "work_median_ms": round(1000 * float(np.median(work)), 1),
            "work_p95_ms": round(1000 * float(np.percentile(work, 95)), 1),
            "worst_ms": round(1000 * float(between.max()), 1),
            "period_ms": round(1000 * player.clock.period, 1),
            "gaps": gaps,
            "waited_s": round(player.told.waited, 1),
            "load": round(os.getloadavg()[0], 1),
        }

    return told


def main() -> None:
    """Open, wait until the city stands, play, tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what")
    parser.add_argument("--seconds", type=float, default=14.0)
    parser.add_argument("--buildings", type=int, default=100_000)
    parser.add_argument("--size", default="1280x720")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CITYTWIN_CONFIG_DIR"] = os.environ["CITYTWIN_AUTOSAVE_FOLDER"] = folder
        app = opened(asked.what, Path(folder), asked.buildings)
        app.window.resize(*(int(side) for side in asked.size.split("x")))
        found: dict[str, Any] = {}

        def begin() -> None:
            still = app.view.still() and not app.session.jobs.pending
            if not still or not app.session.twin.layers or app.window.stale:
                QTimer.singleShot(100, begin)
                return
            told = measured(app, asked.seconds)
            QTimer.singleShot(round(1000 * (asked.seconds + 4.0)), lambda: end(told))

        def end(told: Callable[[], dict[str, Any]]) -> None:
            control_of(app).player.pause()
            found.update(told())
            app.qt.quit()

        QTimer.singleShot(500, begin)
        app.qt.exec()
        print(json.dumps({"what": asked.what, **found}), flush=True)
        os._exit(0)


if __name__ == "__main__":
    main()
