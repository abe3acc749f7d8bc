"""What would go wrong with a film, found before it is made: missing tiles, what is not there offline, names gone."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from twin.flythrough.flight import Flight
from twin.flythrough.naming import missing
from twin.flythrough.state import state
from twin.problems import Problem
from twin.session import Session
from ui.film.plan import Plan
from ui.flythrough.acting import Acting

EVERY = 1.0
"""Seconds of the route between two places that are looked at."""
MOST = 600
"""Places that are looked at."""
REMOTE = ("http://", "https://")


@dataclass
class Preflight:
    """Goes along a flight and has every tile come once; nothing is drawn. ``step`` until ``finished``."""

    session: Session
    flown: Flight
    plan: Plan
    warnings: tuple[Problem, ...] = ()
    done: int = 0
    most_tiles: int = 0
    most_bytes: int = 0
    coarser: float = 0.0
    failed: dict[str, Problem] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the places to look at."""
        count = max(2, min(MOST, round(self.flown.duration / EVERY) + 1))
        self.times = np.linspace(self.flown.start, self.flown.end, count)
        self._acting = Acting(self.session)
        self.warnings = (*self.warnings, *missing(self.flown.route, self.session.twin))

    @property
    def finished(self) -> bool:
        """Return whether the whole route was looked at."""
        return self.done >= len(self.times)

    def step(self, seconds: float = 0.0) -> bool:
        """Look at the next place; wait for its tiles for at most about ``seconds``; return whether it is done."""
        if self.finished:
            return False
        scene = state(self.flown, float(self.times[self.done]))
        self._acting.act(scene)
        frame = self.session.frame(scene.view(self.plan.size), self.plan.sse)
        if not frame.complete:
            self.session.finish(max(seconds, 0.001))
            return False
        self.session.drain()
        self.done += 1
        self.most_tiles = max(self.most_tiles, frame.drawn)
        self.most_bytes = max(self.most_bytes, frame.resident_bytes)
        self.coarser = max(self.coarser, frame.sse_used / self.plan.sse)
        return True

    def close(self) -> None:
        """Show again what was there before, and note what failed."""
        self._acting.end()
        for layer in self.session.twin.layers.values():
            for problem in layer.problems:
                if problem.code.startswith("tile."):
                    self.failed[f"{layer.title}: {problem.feature}"] = problem

    def report(self) -> dict[str, Any]:
        """Return what was found, as ``--json`` prints it. ``offline`` None = only a run offline can tell."""
        layers = self.session.twin.layers.values()
        remote = [x.title for x in layers if x.source.path.lower().startswith(REMOTE)]
        lost = self.missing
        offline = self.session.settings.offline
        return {
            "places": self.done,
            "duration": round(self.flown.duration, 3),
            "frames": len(self.plan.times(self.flown)),
            "tiles_most": self.most_tiles,
            "bytes_most": self.most_bytes,
            "tiles_missing": lost,
            "coarser": round(max(self.coarser, 1.0), 2),
            "remote": remote,
            "offline": (not lost if offline else None) if remote else True,
            "warnings": [{"code": x.code, "text": x.text} for x in self.warnings],
            "missing": [{"tile": name, "text": x.text} for name, x in self.failed.items()],
        }

    @property
    def missing(self) -> int:
        """Return how many tiles could not be had."""
        return sum(len(stream.failed) for stream in self.session.screen.streams.values())
