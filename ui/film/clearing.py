"""A flight lifted over the finest geometry of the city, before it is filmed."""

from collections.abc import Callable

import numpy as np

from twin.analyses.answering import Question
from twin.analyses.passage import MARK, Passage
from twin.errors import NothingToStudy, TwinError
from twin.flythrough.clearance import cleared, places
from twin.flythrough.faults import warning
from twin.flythrough.flight import Flight
from twin.flythrough.naming import layers_flown
from twin.problems import Problem
from twin.session import Session

KEY = "flight"


def lifted(
    session: Session, flown: Flight, least: float, wait: Callable[[], None] = lambda: None
) -> tuple[Flight, tuple[Problem, ...]]:
    """Return the flight ``least`` metres above whatever it flies over, and warnings; blocks.

    Where the city is too large to be looked at whole, or has nothing to look at, the flight stays as it is
    and that is said. ``wait`` is called while one waits.
    """
    at, plan = places(flown)
    asked = Passage(tuple((float(x), float(y)) for x, y in plan))
    seen = {layer.id: layer.visible for layer in session.twin.layers.values()}
    layers = layers_flown(flown.route, session.twin, seen)
    try:
        inquiry = session.ask(Question(KEY, flown.route.title, asked, layers=layers))
        while not inquiry.done:
            wait()
            session.finish(0.05)
            session.drain()
        if inquiry.error is not None:
            raise inquiry.error
    except NothingToStudy:  # where nothing is, nothing stands in the way
        return flown, ()
    except TwinError as error:
        return flown, (warning("not_cleared", reason=str(error)),)
    finally:
        session.answers.pop(KEY, None)
    if inquiry.result is None:
        return flown, ()
    marks = inquiry.result.answer({}).marks
    found = next((mark.places[:, 0, 2] for mark in marks if mark.name == MARK), None)
    if found is None or len(found) != len(at):
        return flown, ()
    return cleared(flown, at, np.asarray(found, np.float64), least)
