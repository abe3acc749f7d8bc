"""How near a flight comes to what stands there, and the flight lifted over it: asked of the finest geometry.

The question is answered by workers. What must not begin on a way that is only drawn (play, a film) is handed
to ``when_known``: it begins with the answer.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from twin.analyses.answering import Question
from twin.analyses.passage import MARK, Passage
from twin.errors import NothingToStudy, TwinError
from twin.flythrough.clearance import LEAST, cleared, places
from twin.flythrough.flight import Flight
from twin.flythrough.naming import layers_flown
from twin.geometry import F64
from twin.scene import LayerId
from twin.studying import Inquiry
from ui.flythrough.acting import Acting

City = tuple[tuple[object, ...], ...]
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


@dataclass(frozen=True, slots=True)
class Asked:
    """A question under way: of which flight over which city, at which lengths f64(n) of its way."""

    flown: Flight
    city: City
    at: F64
    inquiry: Inquiry


class Clearing:
    """Asks about one flight at a time."""

    def __init__(self, acting: Acting, language: str, changed: Callable[[], None]) -> None:
        self.acting, self.session = acting, acting.session
        self.language, self.changed = language, changed
        self.found: Clearance | None = None
        self.told: Callable[[TwinError], None] = lambda error: None
        """Called with the reason why nothing could be found out, once a flight."""
        self.title: Callable[[str], str] = lambda title: title
        """Returns the words for the work on a route of a title."""
        self._city: City = ()
        self._asked: Asked | None = None
        self._refused: tuple[Flight, City] | None = None
        self._then: Callable[[], None] | None = None

    @property
    def waiting(self) -> bool:
        """Return whether something begins with the answer."""
        return self._then is not None

    @property
    def progress(self) -> float | None:
        """Return how much of the geometry is there, 0..1; None while that is not known."""
        job = None if self._asked is None else self._asked.inquiry.job
        return None if job is None else job.progress

    def known(self, flown: Flight) -> bool:
        """Return whether there is no more to find out about a flight over the city as it is now."""
        city = self._now(flown)
        found, refused = self.found, self._refused
        return (
            flown.duration <= 0
            or (found is not None and found.flown.route is flown.route and self._city == city)
            or (refused is not None and refused[0].route is flown.route and refused[1] == city)
        )

    def ask(self, flown: Flight) -> None:
        """Begin to ask about a flight, unless it is known or asked about already."""
        if self.known(flown):
            return
        asked, city = self._asked, self._now(flown)
        if asked is not None:
            if asked.flown.route is flown.route and asked.city == city:
                return
            asked.inquiry.cancel()
        before = self.acting.before
        if before and (before.as_of, before.known_at) != (
            self.session.as_of,
            self.session.known_at,
        ):
            self.acting.end()  # asked is the city as it is, not as the route shows it at the moment
        at, plan = places(flown)
        passage = Passage(tuple((float(x), float(y)) for x, y in plan))
        try:
            question = Question(
                KEY, self.title(flown.route.title), passage, layers=self._layers(flown)
            )
            inquiry = self.session.ask(question)
        except TwinError as error:
            self._asked = None
            self._refuse(flown, error)
            return
        self._asked = Asked(flown, city, at, inquiry)

    def when_known(self, flown: Flight, then: Callable[[], None]) -> bool:
        """Let something begin once a flight is known; return whether that was at once."""
        self.ask(flown)
        if self.known(flown):
            self._then = None
            then()
            return True
        self._then = then
        return False

    def give_up(self) -> None:
        """Let what waits for the answer not begin; the question is dropped."""
        if self._then is not None and self._asked is not None:
            self._asked.inquiry.cancel()
            self._asked = None
        self._then = None

    def pass_time(self, flown: Flight | None) -> None:
        """Take in the answer when it is there, and begin what waits for it. Called every tick with the flight in hand."""
        asked = self._asked
        if asked is not None and asked.inquiry.done:
            self._asked = None
            self._taken(asked)
        if self._then is None:
            return
        if flown is None:
            self.give_up()
            self.changed()
        elif self.known(flown):
            then, self._then = self._then, None
            then()
        else:  # the route or the city was changed meanwhile
            self.ask(flown)

    def _taken(self, asked: Asked) -> None:
        inquiry = asked.inquiry
        self.session.answers.pop(KEY, None)
        if inquiry.error is not None:
            self._refuse(asked.flown, inquiry.error)
        elif inquiry.result is None:  # a person has cancelled it
            self._then = None
        else:
            marks = inquiry.result.answer({}).marks
            found = next((mark.places[:, 0, 2] for mark in marks if mark.name == MARK), None)
            if found is None or len(found) != len(asked.at):
                self._refused = (asked.flown, asked.city)
            else:
                heights = np.asarray(found, np.float64)
                self.found = clearance(asked.flown, asked.at, heights, self.language)
                self._city = asked.city
        self.changed()

    def _refuse(self, flown: Flight, error: TwinError) -> None:
        """Note that nothing can be found out; where there is nothing, nothing stands in the way."""
        self._refused = (flown, self._now(flown))
        if not isinstance(error, NothingToStudy):
            self.told(error)

    def _layers(self, flown: Flight) -> tuple[LayerId, ...]:
        """Return the layers of the city that the flight goes through, whatever it shows at the moment."""
        twin, before = self.session.twin, self.acting.before
        seen = before.visible if before else {x.id: x.visible for x in twin.layers.values()}
        return layers_flown(flown.route, twin, seen)

    def _now(self, flown: Flight) -> City:
        """Return what tells one city from another: its layers, where they lie, what they hide, the instants."""
        session, before = self.session, self.acting.before
        streams, layers = session.screen.streams, session.twin.layers
        when = before or session
        shown = [layers[key] for key in self._layers(flown) if key in layers]
        return (
            (str(when.as_of), str(when.known_at)),
            *((x.id, id(streams.get(x.id)), x.display.height_offset, id(x.hidden)) for x in shown),
        )

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
