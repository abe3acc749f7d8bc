"""Ctrl+C while pictures are drawn: it waits until the step is over.

An exception that rises inside an observer of VTK ends the program on the spot, with words of VTK's own.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stoppable() -> Iterator[Callable[[], None]]:
    """Yield what to call between steps: it raises KeyboardInterrupt once Ctrl+C was pressed. Main thread only."""
    pressed = False

    def press(_number: int, _frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True

    def check() -> None:
        if pressed:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, press)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)
