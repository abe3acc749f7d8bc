"""Garbage is collected on the window's own thread, and nowhere else.

Python collects on whichever thread happens to make the next object. A worker that reads a file then takes
widgets and graphics objects apart that belong to the window's thread, and Qt or VTK end the program (seen: a
crash while a worker listed the cache). So collection by itself is off while a window stands; its tick does it.
"""

import gc
import time

PAUSE = 10.0
"""Seconds between two collections of everything: they take longest."""


class Garbage:
    """Collects by Python's own limits whenever ``step`` is called."""

    def __init__(self) -> None:
        """Take over from Python."""
        self._was = gc.isenabled()
        self._whole = time.monotonic()
        gc.disable()

    def step(self, *, still: bool) -> None:
        """Collect what is due; everything only while the picture is ``still``."""
        young, middle, _ = gc.get_count()
        limits = gc.get_threshold()
        if still and middle > limits[1] and time.monotonic() - self._whole > PAUSE:
            gc.collect()
            self._whole = time.monotonic()
        elif young > limits[0]:
            gc.collect(1 if middle > limits[1] else 0)

    def end(self) -> None:
        """Collect what the window left, here and now, and give back to Python."""
        gc.collect()
        if self._was:
            gc.enable()
