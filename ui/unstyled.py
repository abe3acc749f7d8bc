"""Hidden panels get their style while the start page stands, so that a city that arrives finds them ready.

Styling every panel in the turn in which a city arrives took the window's thread 40 ms and more.
"""

import time
from collections.abc import Iterable

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid


class Unstyled:
    """Widgets that Qt has not polished yet, a few of which are polished at each call."""

    def __init__(self, parents: Iterable[QWidget]) -> None:
        """Remember everything inside the parents."""
        self._left = [inner for parent in parents for inner in parent.findChildren(QWidget)]

    def style_some(self, seconds: float) -> None:
        """Polish widgets for at most about this time; those deleted meanwhile are passed over."""
        until = time.monotonic() + seconds
        while self._left and time.monotonic() < until:
            inner = self._left.pop()
            if isValid(inner):
                inner.ensurePolished()
