"""The film in the making in the window: a frame at a turn of the event loop, shown as it is made, cancelled at will.

While it lasts the view shows the film's frames and asks for nothing itself: both would fetch from one memory.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from twin.errors import TwinError
from twin.flythrough.flight import Flight
from twin.geometry import U8
from twin.jobs import Job, Lane
from ui.city_view import CityView
from ui.desk import Desk
from ui.film.encoding import Movie, ffmpeg
from ui.film.frames import Pictures, Sink
from ui.film.limits import check_room
from ui.film.making import Film
from ui.film.plan import Plan
from ui.film.preflight import Preflight
from ui.flythrough.axis import clock

SHOWN_EVERY = 0.2
"""Seconds between two frames that the view shows while a film is made."""
LONG, REST = 0.4, 0.04
"""Seconds of a frame from which on the window gets some seconds for itself before the next, and how many."""
STALL = 1.0
"""Seconds of a frame from which on people are told that the window answers between frames only."""
SLICE = 0.03
"""Seconds of a turn of the event loop that the check of a route may take."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the film goes: a file for H.264, a folder for numbered pictures; ``resume`` what is there."""

    path: Path
    movie: bool = True
    resume: bool = True
    dark: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of a route found: of which flight, tiles missing, ready offline (None = unknown)."""

    flown: Flight
    missing: int
    offline: bool | None
    remote: tuple[str, ...]
    warnings: tuple[str, ...]


class Filming:
    """Makes one film, or checks one route, at a time."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view = desk, view
        self.film: Film | None = None
        self.look: Preflight | None = None
        self.checked: Checked | None = None
        self.changed: Callable[[], None] = lambda: None
        self._job: Job | None = None
        self._name = ""
        self._shown = 0.0
        self._began, self._first = 0.0, 0
        self._took, self._rested = 0.0, 0.0

    @property
    def busy(self) -> bool:
        """Return whether a film is being made or a route checked."""
        return self.film is not None or self.look is not None

    def check(self, flown: Flight, plan: Plan) -> None:
        """Begin to look along a route for what would go wrong."""
        if not self.busy:
            self.look = Preflight(self.desk.session, flown, plan)
            self._begin(self.desk.say("flythrough.checking"))

    def make(self, flown: Flight, plan: Plan, target: Target) -> bool:
        """Begin a film; return whether it could be begun."""
        if self.busy:
            return False
        try:
            check_room(plan, self.desk.session)
            sink = sink_for(flown, plan, target)
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return False
        self.film = Film(self.desk.session, flown, plan, sink, target.dark, self._show)
        self._name = target.path.name
        self._began, self._first, self._took = time.monotonic(), self.film.done, 0.0
        self._begin(self.desk.say("flythrough.filming", name=self._name))
        return True

    def _begin(self, title: str) -> None:
        self._job = Job(-1, title, _nothing, _nothing, Lane.THREAD, progress=0.0)
        self.desk.session.by_hand.append(self._job)
        self.view.canvas.lead(0.1)  # nothing is due: the view rests
        self.changed()

    def pass_time(self) -> None:
        """Make the next frame, or look at the next place. Called every tick."""
        job = self._job
        if job is None:
            return
        if job.cancelled:
            self._cancelled()
            return
        try:
            self._step(job)
        except TwinError as error:
            self._end()
            self.desk.tell(self.desk.error_text(error), "error")

    def _step(self, job: Job) -> None:
        film, look, until = self.film, self.look, time.monotonic() + SLICE
        if look is not None:
            while not look.finished and time.monotonic() < until:
                look.step()
            job.progress = look.done / len(look.times)
            if look.finished:
                self._checked(look)
        elif film is not None:
            self._frame(film)
            job.progress = film.done / film.total
            job.title = self._frame_words(film)
            if film.finished:
                path = film.finish()
                self._end()
                self.desk.tell(self.desk.say("flythrough.filmed", name=path.name), "info")

    def _frame(self, film: Film) -> None:
        """Make the next frame; after a long one the window paints and answers first."""
        now, done = time.monotonic(), film.done
        if film.finished or (self._took > LONG and now - self._rested < REST):
            return
        film.step()
        if film.done > done:
            stalls, self._rested = self._took > STALL, time.monotonic()
            self._took = self._rested - now
            if stalls or self._took > STALL:
                self.changed()

    def _frame_words(self, film: Film) -> str:
        count, made = self.desk.words.count, film.done - self._first
        words = self.desk.say(
            "flythrough.frame_of", done=count(film.done), total=count(film.total)
        )
        gone = time.monotonic() - self._began
        if made < 2 or gone < 2.0:
            return words
        left = clock(gone / made * (film.total - film.done))
        return f"{words} · {self.desk.say('flythrough.time_left', time=left)}"

    def stall_words(self) -> str:
        """Return the words for a film whose frames take long; '' while none does."""
        if self.film is None or self._took <= STALL:
            return ""
        return self.desk.say("flythrough.stalls", seconds=f"{self._took:.0f}")

    def _checked(self, look: Preflight) -> None:
        self._end()
        told = look.report()
        self.checked = Checked(
            look.flown,
            int(told["tiles_missing"]),
            told["offline"],
            tuple(told["remote"]),
            tuple(x.said(self.desk.words.language) for x in look.warnings),
        )
        self.changed()
        if self.checked.warnings:
            self.desk.tell(" ".join(self.checked.warnings[:3]), "info")

    def _cancelled(self) -> None:
        film = self.film
        done = film.done if film is not None else 0
        self._end()
        if film is not None:
            words = self.desk.words.count(done)
            self.desk.tell(self.desk.say("flythrough.film_stopped", count=words), "info")

    def _end(self) -> None:
        """Let go of everything; the view is itself again."""
        job, film, look = self._job, self.film, self.look
        self._job = self.film = self.look = None
        if job is not None:
            self.desk.session.by_hand.remove(job)
        for one in (film, look):
            if one is not None:
                self._closed(one)
        self.view.canvas.show_picture(None)
        self.view.canvas.release()
        self.changed()

    def _closed(self, one: Film | Preflight) -> None:
        try:
            one.close()
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")

    def _show(self, picture: U8) -> None:
        """Show a frame in the view, as large as it fits."""
        now = time.monotonic()
        if now - self._shown < SHOWN_EVERY:
            return
        self._shown = now
        self.view.canvas.show_picture(letterboxed(picture, self.view.canvas.size().toTuple()))

    # -- words --------------------------------------------------------------------------------

    def words(self, flown: Flight | None) -> str:
        """Return what the last check of a flight found, in words; '' when it was not checked like that."""
        found, say = self.checked, self.desk.say
        if found is None or flown is None or found.flown.route is not flown.route:
            return ""
        if found.missing:
            return say("flythrough.checked_missing", count=self.desk.words.count(found.missing))
        ready = {True: "ready", False: "not_ready", None: "online"}[found.offline]
        return f"{say('flythrough.checked')} · {say(f'flythrough.offline_{ready}')}"


def sink_for(flown: Flight, plan: Plan, target: Target) -> Sink:
    """Return where the frames go. Raises FilmError."""
    mark = plan.fingerprint(flown)
    program = ffmpeg() if target.movie else ""
    if program:
        return Movie(target.path, plan, mark, program, target.resume)
    return Pictures(target.path, mark, target.resume)


def letterboxed(picture: U8, size: tuple[int, int]) -> QImage:
    """Return a picture u8(h, w, 3) in the middle of a dark one of a size in pixels."""
    height, width = picture.shape[:2]
    whole = np.ascontiguousarray(picture)
    own = QImage(whole.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    mode = Qt.TransformationMode.SmoothTransformation
    fitted = own.scaled(*size, Qt.AspectRatioMode.KeepAspectRatio, mode)
    made = QImage(*size, QImage.Format.Format_RGB32)
    made.fill(QColor("#12161B"))
    painter = QPainter(made)
    left, top = (size[0] - fitted.width()) // 2, (size[1] - fitted.height()) // 2
    painter.drawImage(QRect(left, top, fitted.width(), fitted.height()), fitted)
    painter.end()
    return made


def _nothing(_: Any) -> None:
    """Do nothing: the window works by hand."""
