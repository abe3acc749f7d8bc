"""A walk through one location with a fixed path, a picture a frame: what memory, time and gaps did.

Run as a process of its own: ``python -m tests.bench.walk LOCATION --budget-mb N [--frames 1800] [--out DIR]``.
A frame does what a turn of the window does: take in what came, select, upload for a few milliseconds,
draw. ``--out`` keeps the pictures.
"""

import argparse
import json
import os
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from twin.geometry import F64, Rows
from twin.selection import in_view, screen_error
from twin.session import Session
from twin.settings import Settings
from twin.streaming import Frame
from twin.tiles import TileTree, View
from ui.viewport.canvas import Canvas
from ui.viewport.look import Look

SECONDS = 60.0
DRAIN, UPLOAD_MS = 0.004, 8.0
SIZE = (800, 500)


@dataclass
class Told:
    """What was seen of each frame."""

    milliseconds: list[float] = field(default_factory=list)
    parts: list[tuple[float, float, float]] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    drawn: list[int] = field(default_factory=list)
    holes: int = 0
    blurs: int = 0
    unfinished: int = 0


class Walk:
    """One session, one canvas, one path."""

    def __init__(self, location: str, budget: float, folder: str, error: float = 16.0) -> None:
        self.session = Session(Settings(memory_mb=1, cache_folder=folder, autosave_folder=folder))
        self.budget = budget
        self.session.settings = Settings(
            memory_mb=max(1, round(budget)), cache_folder=folder, autosave_folder=folder
        )
        self.session.open(location)
        self.session.finish()
        assert not self.session.errors, self.session.errors
        self.session.run("view.color_by", column="")
        self.error, self.told = error, Told()
        self.canvas = Canvas(Look(edges=False))
        self.covered: dict[str, set[int]] = {}
        self.drawn: dict[str, Rows] = {}

    @property
    def place(self) -> tuple[F64, F64]:
        """Return the middle f64(3) of all layers and their half axes f64(3, 3), the flattest one last.

        A location without a system need not have its up along z: the way lies along its flat sides.
        """
        trees = [layer.tree for layer in self.session.twin.layers.values()]
        if len(trees) == 1:
            middle, axes = trees[0].center[0], trees[0].axes[0].astype(np.float64)
        else:
            boxes = np.array([tree.boxes()[0] for tree in trees])
            low, high = boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0)
            middle, axes = (low + high) / 2, np.diag((high - low) / 2)
        order = np.argsort(-np.linalg.norm(axes, axis=1), kind="stable")
        axes = axes[order]
        axes[2] *= np.sign(axes[2].sum()) or 1.0
        return middle, axes

    def view(self, share: float) -> View:
        """Return the camera at 0..1 of the way: a bow over the place, low, then high, looking about."""
        middle, axes = self.place
        reach = np.linalg.norm(axes, axis=1)
        frame = axes / reach[:, None]
        turn = 2 * np.pi * share
        above = reach[0] * (0.06 + 0.5 * max(0.0, np.sin(3 * turn)) ** 3)
        offset = [*(0.7 * reach[:2] * [np.sin(2 * turn), np.cos(turn)]), reach[2] + above]
        heading, down = turn * 2.5, 0.35 + 0.3 * np.sin(1.5 * turn) ** 2
        forward = np.array([np.sin(heading), np.cos(heading), -down]) @ frame
        forward /= np.linalg.norm(forward)
        side = np.cross(forward, frame[2])
        side /= np.linalg.norm(side)
        return View(middle + offset @ frame, forward, np.cross(side, forward), 50.0, SIZE)

    def frame(self, view: View, pace: float) -> Any:
        """Live through one frame of at least ``pace`` seconds; return the picture."""
        begun = time.perf_counter()
        self.session.drain(DRAIN)
        drained = time.perf_counter()
        frame = self.session.frame(view, self.error)
        chosen = time.perf_counter()
        stage = self.canvas.stage
        stage.show(frame, view, UPLOAD_MS)
        shown = time.perf_counter()
        picture = self.canvas.draw(frame, view)
        ended = time.perf_counter()
        told = self.told
        told.milliseconds.append(1000 * (ended - begun))
        told.parts.append(
            (1000 * (drained - begun), 1000 * (chosen - drained), 1000 * (shown - chosen))
        )
        told.held.append(frame.resident_bytes)
        told.errors.append(frame.sse_used)
        told.drawn.append(frame.drawn)
        told.unfinished += not frame.complete
        self._look_for_holes(frame, view)
        self._look_for_blurs(frame, view)
        time.sleep(max(0.0, pace - (time.perf_counter() - begun)))
        return picture

    def _look_for_holes(self, frame: Frame, view: View) -> None:
        """Count the regions that were drawn a frame ago, are in view, and show nothing now.

        What stands on the stage counts, not only what the frame says: a tile still to be uploaded
        leaves a hole too.
        """
        standing = set(self.canvas.stage._tiles)
        for key in self.session.twin.layers:
            tree = self.session.screen.streams[key].tree
            rows = np.array(sorted(t for k, t in standing if k == key), np.int32)
            covered = _covered(tree, rows)
            before = np.array(sorted(self.covered.get(key, set())), np.int32)
            ends = before[(tree.count[before] == 0) & in_view(tree, before, view)]
            self.told.holes += len(set(ends.tolist()) - set(covered.tolist()))
            seen = covered[in_view(tree, covered, view)]
            self.covered[key] = set(seen.tolist())

    def _look_for_blurs(self, frame: Frame, view: View) -> None:
        """Count the frames in which something coarser took a fine tile's place though fine is wanted."""
        blurred = False
        for key, part in frame.layers.items():
            stream = self.session.screen.streams[key]
            tree, now = stream.tree, np.array(sorted(set(part.tiles) - part.under), np.int32)
            coarse = now[screen_error(tree, now, view) > frame.sse_used * stream.coarser]
            coarse = coarse[tree.count[coarse] > 0]
            gone = np.setdiff1d(self.drawn.get(key, now), now)
            above = tree.parent[gone[in_view(tree, gone, view)]]
            while len(above):
                blurred |= bool(np.isin(above, coarse).any())
                above = tree.parent[above[above >= 0]]
            self.drawn[key] = now
        self.told.blurs += blurred

    def run(self, frames: int, seconds: float, out: Path | None) -> dict[str, Any]:
        """Begin once the first picture stands, then walk."""
        first, standing = self.view(0.0), False
        while not standing:
            self.session.drain(0.01)
            frame = self.session.frame(first, self.error)
            self.canvas.stage.show(frame, first, UPLOAD_MS)
            self.canvas.draw(frame, first)
            standing = frame.complete and self.canvas.stage.settled
        for number in range(frames):
            picture = self.frame(self.view(number / frames), seconds / frames)
            if out is not None:
                Image.fromarray(picture[..., :3]).save(out / f"{number:04d}.png")
        times, told = np.array(self.told.milliseconds), self.told
        worst = int(times.argmax())
        return {
            "frames": frames,
            "budget_mb": self.budget,
            "most_share_of_budget": round(max(told.held) / (round(self.budget) * 2**20), 3),
            "median_ms": round(float(np.median(times)), 1),
            "p95_ms": round(float(np.percentile(times, 95)), 1),
            "p99_ms": round(float(np.percentile(times, 99)), 1),
            "p99_over_median": round(float(np.percentile(times, 99) / np.median(times)), 2),
            "worst": [worst, round(float(times[worst]), 1), *np.round(told.parts[worst], 1).tolist()],
            "holes": told.holes,
            "blurred_frames": told.blurs,
            "unfinished_frames": told.unfinished,
            "sse_used": [round(min(told.errors), 1), round(float(np.median(told.errors)), 1),
                         round(max(told.errors), 1)],
            "tiles_drawn": [min(told.drawn), max(told.drawn)],
        }  # fmt: skip


def _covered(tree: TileTree, drawn: Rows) -> Rows:
    """Return the tiles without children that something is drawn over."""
    found, rows = [drawn[:0]], drawn
    while len(rows):
        found.append(rows[tree.count[rows] == 0])
        parts = rows[tree.count[rows] > 0]
        counts = tree.count[parts]
        if not len(parts):
            break
        starts = np.repeat(tree.first[parts] - (np.cumsum(counts) - counts), counts)
        rows = (starts + np.arange(int(counts.sum()))).astype(np.int32)
    return np.unique(np.concatenate(found)).astype(np.int32)


def decoded_mb(location: str, folder: str) -> float:
    """Return the megabytes that everything of a location takes in memory."""
    walk = Session(Settings(memory_mb=262144, cache_folder=folder, autosave_folder=folder))
    walk.open(location)
    walk.index()
    found = 0
    for key, stream in walk.screen.streams.items():
        for tile in np.flatnonzero(stream.tree.content).tolist():
            stream.fetch(tile, walk.intake.arrived(key))
        walk.finish()
        found += stream.nbytes
    walk.close()
    return found / 2**20


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("location")
    parser.add_argument("--budget-mb", type=float, default=0.0, help="0: a quarter of all of it")
    parser.add_argument("--frames", type=int, default=1800)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--error", type=float, default=16.0)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    if asked.out is not None:
        asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        whole = 0.0 if asked.budget_mb else decoded_mb(asked.location, folder)
        walk = Walk(asked.location, asked.budget_mb or whole / 4, folder, asked.error)
        found = walk.run(asked.frames, asked.seconds, asked.out)
    print(
        json.dumps(
            {"location": Path(asked.location).parent.name, "whole_mb": round(whole), **found}
        )
    )
    os._exit(0)


if __name__ == "__main__":
    main()
