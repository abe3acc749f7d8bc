"""A film in the making: one frame a step on the owner's thread, so that a command line and a window drive it alike.

Each frame waits until every tile it needs is there and nothing that colours it is under way; only then is it
drawn, lettered, hashed and handed on. What the route shows is no edit and ends with the film.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from twin.explaining import credits_of
from twin.flythrough.captions import strength, words
from twin.flythrough.flight import Flight
from twin.flythrough.state import State, state
from twin.geometry import U8
from twin.records import Instant
from twin.session import Session
from twin.streaming import Frame
from twin.tiles import View
from ui.cli.credit_line import with_credits
from ui.film.faults import HalfLoaded
from ui.film.frames import Sink
from ui.film.lettering import caption, note
from ui.film.plan import Plan
from ui.flythrough.acting import Acting
from ui.viewport.canvas import Canvas, finished
from ui.viewport.look import Look, look_of
from ui.viewport.outline import shrunk

AHEAD = (0.5, 1.5)
"""Seconds ahead whose tiles are asked for while a frame is drawn."""
PATIENCE = 120.0
"""Seconds without anything new after which the tiles of a frame are given up."""


@dataclass
class Seconds:
    """Where the time went: waiting for tiles, drawing with reading back, lettering and hashing, handing on."""

    stream: float = 0.0
    draw: float = 0.0
    letter: float = 0.0
    encode: float = 0.0


@dataclass
class Film:
    """Makes the film of a flight from an open session. Call ``step`` until ``finished``, then ``finish``.

    ``dark`` is the theme of the pictures. ``preview`` is told every finished picture.
    """

    session: Session
    flown: Flight
    plan: Plan
    sink: Sink
    dark: bool = False
    preview: Callable[[U8], None] = lambda picture: None
    spent: Seconds = field(default_factory=Seconds)
    failed: int = 0
    """Tiles that could not be had, at most at once."""

    def __post_init__(self) -> None:
        """Open the canvas; the first frame to make is the one after those that are there."""
        self.times = self.plan.times(self.flown)
        self._look = look_of(self.session.settings, dark=self.dark)
        self._canvas = Canvas(self._look)
        self._acting = Acting(self.session)
        self._acting.shine = self._shine
        self._waiting = 0.0
        self._near_is_here, self._looked = False, 0.0

    @property
    def done(self) -> int:
        """Return how many frames are finished."""
        return self.sink.done

    @property
    def total(self) -> int:
        """Return how many frames the film has."""
        return len(self.times)

    @property
    def finished(self) -> bool:
        """Return whether every frame is there."""
        return self.done >= self.total

    def step(self, seconds: float = 0.0) -> bool:
        """Make the next frame, or wait for its tiles for at most about ``seconds``; return whether it is made.

        With 0 it never waits: call it again from a timer. Raises FilmError; finished frames stay.
        """
        if self.finished or not self._ready(seconds):
            return False
        t = float(self.times[self.done])
        scene = state(self.flown, t)
        self._acting.act(scene)
        view = scene.view(self._drawn_size)
        frame = self._complete(view, t, seconds)
        if frame is None:
            return False
        picture = self._picture(frame, view, scene, t)
        started = time.perf_counter()
        self.sink.put(picture)
        self.spent.encode += time.perf_counter() - started
        self.preview(picture)
        return True

    def finish(self) -> Path:
        """Put everything together and return the film. Raises FilmError; call ``close`` in any case."""
        started = time.perf_counter()
        found = self.sink.finish()
        self.spent.encode += time.perf_counter() - started
        return found

    def close(self) -> None:
        """Show again what was there before, and let go; frames that are done stay for ``resume``."""
        self._acting.end()
        self._canvas.close()
        if not self.finished:
            self.sink.stop()

    # -- a frame --------------------------------------------------------------------------------

    @property
    def _drawn_size(self) -> tuple[int, int]:
        width, height = self.plan.size
        return (2 * width, 2 * height) if self.plan.supersample == 4 else (width, height)

    def _ready(self, seconds: float) -> bool:
        started = time.perf_counter()
        while not (room := self.sink.room()) and time.perf_counter() - started < seconds:
            time.sleep(0.002)
        self.spent.encode += time.perf_counter() - started
        return room

    def _complete(self, view: View, t: float, seconds: float) -> Frame | None:
        """Return the frame once nothing of it is missing, None while something is. Raises HalfLoaded."""
        started = time.perf_counter()
        ahead = self._ahead(view, t)
        while True:
            frame = self.session.frame(view, self._error, ahead)
            came = self.session.drain()
            again = self.session.frame(view, self._error, ahead) if came else frame
            if self._whole(again) and _same(frame, again):  # what came may colour what is there
                self._waiting = 0.0
                self.failed = max(self.failed, frame.failed)
                self.spent.stream += time.perf_counter() - started
                return again
            gone = time.perf_counter() - started
            self._waiting = 0.0 if came else self._waiting
            if gone >= seconds:
                break
            self.session.finish(0.005)
        self._waiting += max(gone, 0.01)
        self.spent.stream += gone
        if self._waiting > PATIENCE:
            raise HalfLoaded(location=str(self.flown.route.title), frame=self.done + 1)
        return None

    def _ahead(self, view: View, t: float) -> list[View]:
        """Return the views whose tiles are asked for beforehand; none while all of them were there lately."""
        waiting = self.session.jobs.pending > 0
        if not waiting and self._near_is_here and self._looked <= t < self._looked + AHEAD[0] / 2:
            return []
        self._near_is_here, self._looked = not waiting, t
        return [state(self.flown, t + more).view(view.size) for more in AHEAD]

    @property
    def _error(self) -> float:
        """Return the error in pixels at the size that is drawn: finer drawing asks for no finer tiles."""
        return self.plan.sse * (2.0 if self.plan.supersample == 4 else 1.0)

    def _whole(self, frame: Frame) -> bool:
        return frame.complete and not self.session.sectioning.capping.waiting

    def _picture(self, frame: Frame, view: View, scene: State, t: float) -> U8:
        started = time.perf_counter()
        drawn = finished(self._canvas, frame, view, self.plan.supersample > 1)
        if self.plan.supersample == 4:
            drawn = shrunk(drawn)
        middle = time.perf_counter()
        picture = np.ascontiguousarray(drawn[..., :3])
        said = words(scene, self.plan.language) if self.plan.language else ""
        for sign, strong in (
            (caption(said, self.plan.size), strength(self.flown, t)),
            (note(self.plan.note, self.plan.size), 1.0),
        ):
            if sign is not None:
                sign.over(picture, strong)
        found = with_credits(picture, credits_of(self.session.twin.layers, frame))
        self.spent.draw += middle - started
        self.spent.letter += time.perf_counter() - middle
        return found

    def _shine(self, sun: Instant | None) -> None:
        direction = self.session.sun_direction(sun)
        look: Look = replace(self._look, sun=direction)
        self._canvas.stage.set_look(look)


def _same(one: Frame, other: Frame) -> bool:
    """Return whether two frames show the same tiles in the same colours."""
    if one is other:
        return True
    if one.layers.keys() != other.layers.keys():
        return False
    for key, part in one.layers.items():
        after = other.layers[key]
        if part.version != after.version or part.tiles.keys() != after.tiles.keys():
            return False
        if any(tile is not after.tiles[number] for number, tile in part.tiles.items()):
            return False
    return True
