"""Whether a film of a size can be drawn on this machine: found out before the first frame."""

import numpy as np
import psutil

from twin.session import Session
from ui.film.faults import NoRoom, TooFine
from ui.film.plan import Plan
from ui.viewport.canvas import largest_side

BYTES = 80
"""Bytes of memory for a pixel that is drawn at once, buffers of the graphics library and copies included:
measured with a software renderer, which holds everything in main memory (68 to 76)."""
EASY = 4096
"""Pixels of a side that every graphics library draws."""
SPARED = 0.9
"""Share of the free memory that a film may take."""


def drawn_at_once(plan: Plan, points: bool) -> tuple[int, int]:
    """Return the pixels of the largest picture that is drawn in one piece.

    Fine pictures are drawn in four blocks as large as themselves, with points in one.
    """
    factor = 2 if plan.supersample == 4 else 1
    if points and plan.supersample > 1:
        factor *= 2
    return factor * plan.size[0], factor * plan.size[1]


def check_room(plan: Plan, session: Session) -> None:
    """Raise TooFine where the graphics library, NoRoom where the memory cannot hold such a frame."""
    streams = session.screen.streams.values()
    points = any(bool(np.any(stream.ledger.points > 0)) for stream in streams)
    width, height = drawn_at_once(plan, points)
    said = {"width": plan.size[0], "height": plan.size[1], "samples": plan.supersample}
    if max(width, height) > EASY and max(width, height) > (most := largest_side()):
        raise TooFine(**said, drawn=f"{width} x {height}", limit=most)
    needed = BYTES * width * height
    free = int(psutil.virtual_memory().available * SPARED)
    if needed > free:
        raise NoRoom(**said, needed=needed >> 20, free=free >> 20)
