"""How near a flight comes to what stands there, and the flight lifted over it: asked of the finest geometry.

The question is answered by workers; until then the flight is as it was drawn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from twin.analyses.answering import Question
from twin.analyses.passage import MARK, Passage
from twin.errors import TwinError
from twin.flythrough.clearance import LEAST, cleared, places
from twin.flythrough.flight import Flight
from twin.geometry import F64
from twin.session import Session

KEY = "route"
SAMPLES = 400


@dataclass(frozen=True, slots=True)
class Clearance:
    """What was found of ``flown``: the flight ``lifted``, how near it comes (metres; None = nothing is below) and when."""

    flown: Flight
    lifted: Flight
    least: float | None
    t: float
    warnings: tuple[str, ...] = ()


class Clearing:
    """Asks about one flight at a time."""

    def __init__(self, session: Session, language: str, changed: Callable[[], None]) -> None:
        self.session, self.language, self.changed = session, language, changed
        self.found: Clearance | None = None
        self._asked: tuple[Flight, F64, Any] | None = None

    def ask(self, flown: Flight) -> None:
        """Begin to ask about a flight, unless it is known or asked about already."""
        known = self.found is not None and self.found.flown.route is flown.route
        if known or self._asked is not None or flown.duration <= 0:
            return
        at, plan = places(flown)
        asked = Passage(tuple((float(x), float(y)) for x, y in plan))
        try:
            inquiry = self.session.ask(Question(KEY, flown.route.title, asked))
        except TwinError:
            return
        self._asked = (flown, at, inquiry)

    def pass_time(self) -> None:
        """Take in the answer when it is there. Called every tick."""
        if self._asked is None or not self._asked[2].done:
            return
        flown, at, inquiry = self._asked
        self._asked = None
        self.session.answers.pop(KEY, None)
        if inquiry.error is None and inquiry.result is not None:
            marks = inquiry.result.answer({}).marks
            found = next((mark.places[:, 0, 2] for mark in marks if mark.name == MARK), None)
            if found is not None and len(found) == len(at):
                self.found = clearance(flown, at, np.asarray(found, np.float64), self.language)
                self.changed()

    def lifted(self, flown: Flight) -> Flight:
        """Return the flight over what stands in its way, as far as that is known."""
        known = self.found
        return known.lifted if known is not None and known.flown.route is flown.route else flown


def clearance(flown: Flight, at: F64, surface: F64, language: str = "en") -> Clearance:
    """Return how near a flight comes to a surface f64(n) at its ``places``, and the flight lifted over it."""
    lifted, told = cleared(flown, at, surface, LEAST)
    t = np.linspace(flown.start, max(flown.end - 1e-6, flown.start), SAMPLES)
    length = lifted.pace(t)[:, 0] if lifted.way is None else lifted.way.at(t)
    known = np.isfinite(surface)
    least, when = None, flown.start
    if known.any():
        gap = lifted.height(length)[:, 0] - np.interp(length, at[known], surface[known])
        number = int(np.argmin(gap))
        least, when = float(gap[number]), float(t[number])
    return Clearance(flown, lifted, least, when, tuple(x.said(language) for x in told))
